//! Rows of the database to rows of the projections. What does not parse was not written by us: the store is corrupt.

use super::encode::NEVER_MATCHED;
use crate::domain::beneficiary::event::Cohort;
use crate::domain::beneficiary::identity::IdentityStatus;
use crate::domain::desk::DayCash;
use crate::domain::ids::{ApprovalId, BeneficiaryId, DeskId, FigureId, PaymentId, RecoveryId};
use crate::domain::money::{Currency, Money};
use crate::domain::payment::AttemptState;
use crate::domain::period::Month;
use crate::projections::Checkpoint;
use crate::projections::beneficiaries::BeneficiaryRow;
use crate::projections::block::Between;
use crate::projections::cell::Tally;
use crate::projections::desks::{DeskDayRow, DeskRow};
use crate::projections::figures::CellRow;
use crate::projections::identity::IdentityCell;
use crate::projections::oversight::{ApprovalRow, CitedRow, RecoveryRow};
use crate::projections::payments::{LiveRow, PaymentRow, Provider};
use crate::store::StoreError;
use crate::store::decode::StoreRow;
use crate::store::views::FoundAttempt;
use crate::store::views::kept::State;
use serde::de::DeserializeOwned;
use serde::de::value::StrDeserializer;
use uuid::Uuid;

/// Reads a row's columns from left to right.
pub(super) struct Columns<'r, R> {
    row: &'r R,
    next: usize,
}

impl<'r, R: StoreRow> Columns<'r, R> {
    pub(super) const fn of(row: &'r R) -> Self {
        Self { row, next: 0 }
    }

    const fn step(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    pub(super) fn maybe_number(&mut self) -> Result<Option<i64>, StoreError> {
        let column = self.step();
        self.row.number(column)
    }

    pub(super) fn number(&mut self) -> Result<i64, StoreError> {
        self.maybe_number()?.ok_or_else(missing)
    }

    pub(super) fn unsigned(&mut self) -> Result<u64, StoreError> {
        u64::try_from(self.number()?).map_err(corrupt)
    }

    pub(super) fn maybe_unsigned(&mut self) -> Result<Option<u64>, StoreError> {
        self.maybe_number()?.map(u64::try_from).transpose().map_err(corrupt)
    }

    fn small(&mut self) -> Result<u32, StoreError> {
        u32::try_from(self.number()?).map_err(corrupt)
    }

    pub(super) fn flag(&mut self) -> Result<bool, StoreError> {
        Ok(self.number()? != 0)
    }

    pub(super) fn text(&mut self) -> Result<&'r str, StoreError> {
        self.maybe()?.ok_or_else(missing)
    }

    pub(super) fn maybe(&mut self) -> Result<Option<&'r str>, StoreError> {
        let column = self.step();
        self.row.text(column)
    }

    pub(super) fn bytes(&mut self) -> Result<&'r [u8], StoreError> {
        let column = self.step();
        self.row.bytes(column)?.ok_or_else(missing)
    }

    pub(super) fn id(&mut self) -> Result<Uuid, StoreError> {
        Uuid::from_slice(self.bytes()?).map_err(corrupt)
    }

    /// A code, month or word that serialises as text.
    pub(super) fn word<T: DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        word(self.text()?)
    }

    pub(super) fn maybe_word<T: DeserializeOwned>(&mut self) -> Result<Option<T>, StoreError> {
        self.maybe()?.map(word).transpose()
    }

    pub(super) fn json<T: DeserializeOwned>(&mut self) -> Result<Option<T>, StoreError> {
        self.maybe()?.map(|text| serde_json::from_str(text).map_err(corrupt)).transpose()
    }

    fn provider(&mut self) -> Result<Provider, StoreError> {
        Ok(Provider { channel: self.word()?, agent: self.word()?, bank: self.maybe_word()? })
    }

    /// The columns of `payments`.
    pub(super) fn payment(&mut self) -> Result<PaymentRow, StoreError> {
        Ok(PaymentRow {
            payment_id: PaymentId::from_uuid(self.id()?),
            reference: self.word()?,
            beneficiary_id: BeneficiaryId::from_uuid(self.id()?),
            benefit_type: self.word()?,
            benefit_months: self.months()?,
            cycle: self.word()?,
            amount: Money { minor: self.number()?, currency: self.word::<Currency>()? },
            unit_key: self.word()?,
            unit_code_as_received: self.text()?.to_owned(),
            urban: self.flag()?,
            kind: self.word()?,
            state: self.word::<AttemptState>()?,
            held: self.maybe()?.map(str::to_owned),
            attempt: self.small()?,
            provider: self.provider()?,
            first_provider: self.provider()?,
            end_to_end_id: self.word()?,
            due_on: self.word()?,
            settled_on: self.maybe_word()?,
            returned_on: self.maybe_word()?,
            outcome: self.json()?,
            payee: self.word()?,
            collected_by: self.maybe_word()?,
            past_attempts: self.json()?.unwrap_or_default(),
            revision: self.unsigned()?,
            instructed_position: self.unsigned()?,
            last_position: self.unsigned()?,
            instructed_at_us: self.number()?,
            updated_at_us: self.number()?,
            contradicted: self.flag()?,
        })
    }

    /// The columns of `payment_attempts`.
    pub(super) fn found_attempt(&mut self) -> Result<FoundAttempt, StoreError> {
        let (end_to_end_id, payment_id) = (self.word()?, PaymentId::from_uuid(self.id()?));
        Ok(FoundAttempt { end_to_end_id, payment_id, attempt: self.small()? })
    }

    /// The columns of `live_payments`.
    pub(super) fn live(&mut self) -> Result<LiveRow, StoreError> {
        Ok(LiveRow {
            cycle: self.word()?,
            beneficiary_id: BeneficiaryId::from_uuid(self.id()?),
            payment_id: PaymentId::from_uuid(self.id()?),
            valid_from_position: self.unsigned()?,
            valid_to_position: self.maybe_unsigned()?,
            unit_key: self.word()?,
            urban: self.flag()?,
            benefit_type: self.word()?,
            channel: self.word()?,
            agent: self.word()?,
            bank: self.maybe_word()?,
            cashless: self.flag()?,
            amount_minor: self.number()?,
        })
    }

    /// The columns of `beneficiaries`.
    pub(super) fn beneficiary(&mut self) -> Result<BeneficiaryRow, StoreError> {
        let beneficiary_id = BeneficiaryId::from_uuid(self.id()?);
        // The latest unit is repeated for the index alone.
        self.text()?;
        Ok(BeneficiaryRow {
            beneficiary_id,
            units: self.json()?.unwrap_or_default(),
            methods: self.json()?.unwrap_or_default(),
            died_on: self.maybe_word()?,
            cohort: Cohort {
                birth_decade: self.maybe_number()?.map(i16::try_from).transpose().map_err(corrupt)?,
                sex: self.maybe_word()?,
            },
            revision: self.unsigned()?,
            registered_position: self.unsigned()?,
            last_position: self.unsigned()?,
            updated_at_us: self.number()?,
            more: self.json()?.unwrap_or_default(),
            counted_position: self.unsigned()?,
        })
    }

    /// The columns of the figures of identity.
    pub(super) fn identity_cell(&mut self) -> Result<IdentityCell, StoreError> {
        let unit = self.word()?;
        let channel = self.text()?;
        let channel = if channel.is_empty() { None } else { Some(word(channel)?) };
        let status = self.text()?;
        Ok(IdentityCell {
            unit,
            channel,
            status: if status == NEVER_MATCHED {
                None
            } else {
                Some(IdentityStatus::parse(status).ok_or_else(|| corrupt(format!("there is no status {status}")))?)
            },
            people: self.unsigned()?,
            refused: self.unsigned()?,
        })
    }

    fn months(&mut self) -> Result<Vec<Month>, StoreError> {
        self.text()?.split(',').map(|month| Month::parse(month).map_err(corrupt)).collect()
    }

    /// The columns of `recoveries`.
    pub(super) fn recovery(&mut self) -> Result<RecoveryRow, StoreError> {
        Ok(RecoveryRow {
            recovery_id: RecoveryId::from_uuid(self.id()?),
            payment_id: PaymentId::from_uuid(self.id()?),
            attempt: self.small()?,
            beneficiary_id: BeneficiaryId::from_uuid(self.id()?),
            benefit_type: self.word()?,
            unit_key: self.word()?,
            ground: self.word()?,
            months: self.months()?,
            amount: Money { minor: self.number()?, currency: self.word::<Currency>()? },
            state: self.word()?,
            received_minor: self.number()?,
            written_off_minor: self.number()?,
            refund_minor: self.number()?,
            found_on: self.word()?,
            demanded_on: self.maybe_word()?,
            due_on: self.maybe_word()?,
            revision: self.unsigned()?,
            found_position: self.unsigned()?,
            last_position: self.unsigned()?,
            updated_at_us: self.number()?,
        })
    }

    /// The columns of `desks`.
    pub(super) fn desk(&mut self) -> Result<DeskRow, StoreError> {
        Ok(DeskRow {
            desk_id: DeskId::from_uuid(self.id()?),
            code: self.word()?,
            kind: self.word()?,
            unit_key: self.word()?,
            agent: self.word()?,
            liquidated_to: self.maybe_word()?,
            revision: self.unsigned()?,
            registered_position: self.unsigned()?,
            last_position: self.unsigned()?,
            updated_at_us: self.number()?,
        })
    }

    /// The columns of `approvals`.
    pub(super) fn approval(&mut self) -> Result<ApprovalRow, StoreError> {
        Ok(ApprovalRow {
            approval_id: ApprovalId::from_uuid(self.id()?),
            action: self.word()?,
            object: self.text()?.to_owned(),
            unit_key: self.maybe_word()?,
            amount: {
                let (minor, currency) = (self.maybe_number()?, self.maybe_word::<Currency>()?);
                minor.zip(currency).map(|(minor, currency)| Money { minor, currency })
            },
            state: self.word()?,
            requested_by: self.text()?.to_owned(),
            decided_by: self.maybe()?.map(str::to_owned),
            failure: self.maybe()?.map(str::to_owned),
            requested_at_us: self.number()?,
            expires_at_us: self.number()?,
            revision: self.unsigned()?,
            requested_position: self.unsigned()?,
            last_position: self.unsigned()?,
            updated_at_us: self.number()?,
        })
    }

    /// The columns of `cited_figures`.
    pub(super) fn cited(&mut self) -> Result<CitedRow, StoreError> {
        Ok(CitedRow {
            figure_id: FigureId::from_uuid(self.id()?),
            definition: self.text()?.to_owned(),
            title: self.text()?.to_owned(),
            unit_key: self.maybe_word()?,
            asked: self.json()?.ok_or_else(missing)?,
            as_of_position: self.unsigned()?,
            digest: self.text()?.to_owned(),
            cited_by: self.text()?.to_owned(),
            cited_at_us: self.number()?,
            cited_position: self.unsigned()?,
        })
    }

    /// The only column of `beneficiaries_dead.sql`.
    pub(super) fn beneficiary_id(&mut self) -> Result<BeneficiaryId, StoreError> {
        self.id().map(BeneficiaryId::from_uuid)
    }

    /// The columns of `desk_days`.
    pub(super) fn desk_day(&mut self) -> Result<DeskDayRow, StoreError> {
        Ok(DeskDayRow {
            desk_id: DeskId::from_uuid(self.id()?),
            day: self.word()?,
            cash: DayCash {
                advanced: self.number()?,
                paid: self.number()?,
                paid_count: self.number()?,
                handed_back: self.number()?,
                unclaimed: self.number()?,
                unclaimed_count: self.number()?,
            },
        })
    }

    /// The columns of the figures' statements.
    pub(super) fn cell(&mut self) -> Result<CellRow, StoreError> {
        let tally = self.text()?;
        Ok(CellRow {
            tally: Tally::parse(tally).ok_or_else(|| corrupt(format!("there is no tally {tally}")))?,
            value: self.text()?.to_owned(),
            cycle: self.text()?.to_owned(),
            unit: self.text()?.to_owned(),
            benefit: self.text()?.to_owned(),
            channel: self.text()?.to_owned(),
            agent: self.text()?.to_owned(),
            bank: self.text()?.to_owned(),
            urban: self.text()?.to_owned(),
            count: self.number()?,
            amount_minor: self.number()?,
        })
    }
}

impl<R: StoreRow> Columns<'_, R> {
    /// The columns of `projections_get.sql`.
    pub(super) fn state(&mut self) -> Result<(State, Checkpoint), StoreError> {
        let checkpoint = Checkpoint { position: self.unsigned()?, recorded_at_us: self.number()? };
        let _error = (self.maybe_unsigned()?, self.maybe()?);
        Ok((State { generation: self.number()?, position: checkpoint.position }, checkpoint))
    }

    /// The columns of `figure_cycles_get.sql`.
    pub(super) fn cycle_change(&mut self) -> Result<(Month, u64), StoreError> {
        Ok((self.word()?, self.unsigned()?))
    }

    /// The columns of `figure_cells_before.sql`, with what came after those days.
    pub(super) fn cell_before(&mut self, later: &Between) -> Result<CellRow, StoreError> {
        let mut cell = self.cell()?;
        let sum = later.of(self.number()?);
        cell.count += sum.count;
        cell.amount_minor += sum.amount_minor;
        Ok(cell)
    }
}

pub(super) fn word<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    T::deserialize(StrDeserializer::<serde::de::value::Error>::new(text)).map_err(corrupt)
}

pub(super) fn missing() -> StoreError {
    StoreError::Corrupt("a value is missing".to_owned())
}

pub(super) fn corrupt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(error.to_string())
}

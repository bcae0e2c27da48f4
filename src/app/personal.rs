//! A person's data as the vault holds them: seen masked, revealed for a purpose, handed out whole, destroyed. Each but the first is an event.

use crate::app::App;
use crate::app::access::{Action, Principal};
use crate::app::aggregate::{beneficiary_stream, payment_stream, personal_stream};
use crate::app::beneficiaries::PersonView;
use crate::app::error::AppError;
use crate::app::execute::{Begin, Beside, RequestKey, WriteRequest, Written};
use crate::app::identifiers::{Validity, validity};
use crate::app::queries::{Page, PaymentFilter, PaymentRow};
use crate::app::sight::{Occasion, Sight, seen, sight};
use crate::domain::beneficiary::event::PersonalDataErased;
use crate::domain::beneficiary::{Beneficiary, BeneficiaryCommand, BeneficiaryRefusal};
use crate::domain::claims::{self, ClaimChange};
use crate::domain::disclosure::{DataKind, DisclosureCommand, Disclosures, PersonalDataRevealed, Purpose};
use crate::domain::envelope::Source;
use crate::domain::ids::{BeneficiaryId, VaultRef};
use crate::domain::payment::Payment;
use crate::domain::recovery::overpaid;
use crate::projections::Projection;
use crate::vault::holdings::Holdings;
use jiff::civil::Date;

/// A repeat of a reveal answers again only for so long: later it would be another look, which is another event.
const REVEAL_REPEATS_US: i64 = 15 * 60 * 1_000_000;
const PAGE_PAYMENTS: u32 = 1_000;

/// A reveal as asked.
#[derive(Debug, Clone)]
pub struct RevealInput {
    pub kinds: Vec<DataKind>,
    pub purpose: Purpose,
    /// The reader's own words; they go to the vault.
    pub note: Option<String>,
}

/// One value as a caller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenValue {
    pub kind: DataKind,
    /// The vault's record; an account's is what payout methods name it by.
    pub record_ref: VaultRef,
    /// Of an identifier.
    pub scheme: Option<String>,
    /// Of an account.
    pub bank: Option<String>,
    pub value: String,
    /// Of an identifier.
    pub validity: Option<Validity>,
}

/// What a caller sees of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenPerson {
    pub beneficiary_id: BeneficiaryId,
    pub erased: bool,
    pub values: Vec<SeenValue>,
}

impl App {
    /// What is held on a person, masked as the caller's role has it.
    pub async fn personal(&self, principal: &Principal, id: BeneficiaryId) -> Result<SeenPerson, AppError> {
        let view = self.read_person_as(principal, Action::ReadPersonal, id).await?;
        let held = self.vault.holdings(id.as_uuid()).await?.unwrap_or_default();
        let mut values = self.seen_of(principal, &DataKind::REVEALED, Occasion::Reading, &held);
        self.date(&view, &mut values);
        Ok(SeenPerson { beneficiary_id: id, erased: view.person.erased, values })
    }

    /// Shows data in full, once the look is recorded.
    pub async fn reveal(
        &self,
        request: &WriteRequest,
        id: BeneficiaryId,
        input: &RevealInput,
    ) -> Result<(Written<Disclosures>, SeenPerson), AppError> {
        let principal = &request.principal;
        let view = self.read_person_as(principal, Action::RevealPersonal, id).await?;
        let in_full = |kind: &DataKind| sight(principal.role, *kind, Occasion::Revealing) == Sight::Full;
        if !input.kinds.iter().all(in_full) {
            return Err(AppError::Forbidden {
                code: "role-not-allowed",
                message: "your key's role does not see this kind of data in full",
            });
        }
        let erased = view.person.erased;
        let held = self.vault.holdings(id.as_uuid()).await?.filter(|_| !erased);
        let held = held.ok_or(AppError::Beneficiary(BeneficiaryRefusal::Erased))?;
        let (purpose_ref, vault) = match &input.note {
            Some(note) => {
                let (purpose_ref, row) = self.vault.seal_purpose(id.as_uuid(), note).await?;
                (Some(VaultRef::from_uuid(purpose_ref)), vec![row])
            }
            None => (None, Vec::new()),
        };
        let event = PersonalDataRevealed {
            beneficiary_id: id,
            kinds: input.kinds.clone(),
            purpose: input.purpose,
            purpose_ref,
        };
        let command = DisclosureCommand::Reveal { event, erased };
        let beside = Beside { claims: Vec::new(), vault };
        let stream = personal_stream(id);
        let written =
            self.execute((&stream, Begin::Existing), request, beside, |_: &Disclosures| Ok(command.clone())).await?;
        if written.replayed {
            let first = self.recorded_at(written.position).await?.unwrap_or(0);
            if self.clock.now_us() - first > REVEAL_REPEATS_US {
                return Err(AppError::Forbidden {
                    code: "reveal-expired",
                    message: "this reveal was answered some time ago; look again with a new Idempotency-Key, which is recorded anew",
                });
            }
        }
        let mut values = self.seen_of(principal, &input.kinds, Occasion::Revealing, &held);
        self.date(&view, &mut values);
        Ok((written, SeenPerson { beneficiary_id: id, erased: false, values }))
    }

    /// Says of the identifiers from when to when they are the person's.
    fn date(&self, view: &PersonView, values: &mut [SeenValue]) {
        let today = self.profile.business_day(self.clock.now_us());
        for seen in values {
            let held = seen.scheme.as_deref().map(|scheme| (seen.record_ref, scheme));
            seen.validity = held.map(|held| validity(&self.profile, &view.person, held, today));
        }
    }

    fn seen_of(
        &self,
        principal: &Principal,
        kinds: &[DataKind],
        occasion: Occasion,
        held: &Holdings,
    ) -> Vec<SeenValue> {
        let mut values = Vec::new();
        let mut add =
            |kind: DataKind, record_ref: uuid::Uuid, (scheme, bank): (Option<&str>, Option<&str>), value: &str| {
                let sight = if kinds.contains(&kind) { sight(principal.role, kind, occasion) } else { Sight::Nothing };
                if let Some(value) = seen(&self.profile, sight, (kind, scheme), value) {
                    values.push(SeenValue {
                        kind,
                        record_ref: VaultRef::from_uuid(record_ref),
                        scheme: scheme.map(str::to_owned),
                        bank: bank.map(str::to_owned),
                        value,
                        validity: None,
                    });
                }
            };
        for name in &held.names {
            add(DataKind::Name, name.record_ref, (None, None), &name.value);
        }
        for held in &held.identifiers {
            add(DataKind::Identifier, held.record_ref, (Some(&held.value.scheme), None), &held.value.value);
        }
        for held in &held.accounts {
            add(DataKind::Account, held.record_ref, (None, held.value.bank.as_deref()), &held.value.number);
        }
        values
    }

    /// Destroys what is held on a person. Whoever must be asked first (a second person, say) is asked before this is called: it is the
    /// one place that erases.
    pub async fn erase_now(
        &self,
        request: &WriteRequest,
        id: BeneficiaryId,
        event: &PersonalDataErased,
    ) -> Result<Written<Beneficiary>, AppError> {
        let view = self.read_person_as(&request.principal, Action::ErasePersonal, id).await?;
        let command = self.erasure(id, &view, event).await?;
        let mut keys: Vec<Vec<u8>> = Vec::new();
        for (_, key) in self.vault.identifier_keys_of_all(&[id.as_uuid()]).await? {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        let release = |key| ClaimChange { kind: claims::IDENTIFIER, key, take: false };
        let beside = Beside { claims: keys.into_iter().map(release).collect(), vault: Vec::new() };
        let stream = beneficiary_stream(id);
        let written =
            self.execute((&stream, Begin::Existing), request, beside, |_: &Beneficiary| Ok(command.clone())).await?;
        // Also when nothing was new: the time before may have broken off between the event and this.
        if written.state.registered.as_ref().is_some_and(|person| person.erased) {
            self.vault.destroy(id.as_uuid()).await?;
        }
        Ok(written)
    }

    /// The command that erases, with what is known of the person's payments now.
    pub(super) async fn erasure(
        &self,
        id: BeneficiaryId,
        view: &PersonView,
        event: &PersonalDataErased,
    ) -> Result<BeneficiaryCommand, AppError> {
        let (open_payments, open_recoveries) =
            if view.person.erased { (0, 0) } else { self.still_needed(id, view.person.died_on).await? };
        Ok(BeneficiaryCommand::Erase { event: event.clone(), open_payments, open_recoveries })
    }

    /// How many of the person's payments are under way or wait for somebody, and how many recoveries are open, or will be once what follows
    /// from the log is done.
    async fn still_needed(&self, id: BeneficiaryId, died_on: Option<Date>) -> Result<(u64, u64), AppError> {
        let filter = PaymentFilter { beneficiary: Some(id), ..PaymentFilter::default() };
        let (mut payments, mut recoveries) = (0, 0);
        for row in self.all_payments(&filter).await? {
            payments += u64::from(!row.state.is_final() || row.waits());
            let found = self.load::<Payment>(&payment_stream(row.payment_id)).await?;
            let Some(payment) = found.and_then(|(state, _)| state.instructed) else { continue };
            let known = self.recoveries_of(&payment).await?;
            let is_known = |id| known.iter().any(|found| found.recovery_id == id);
            recoveries += known.iter().filter(|found| found.state.is_open()).count() as u64;
            let due = overpaid(&payment, died_on);
            recoveries += due.iter().filter(|overpayment| !is_known(overpayment.recovery_id())).count() as u64;
        }
        Ok((payments, recoveries))
    }

    /// All payments that a filter finds, as of the log's head. For filters that name a person: nobody has very many.
    pub(super) async fn all_payments(&self, filter: &PaymentFilter) -> Result<Vec<PaymentRow>, AppError> {
        let head = self.store.head().await?.position;
        self.follow_up_to(Projection::Payments, head).await?;
        let mut rows: Vec<PaymentRow> = Vec::new();
        loop {
            let after = rows.last().map_or(0, |row| row.instructed_position);
            let page = self.views.list_payments(filter, Page { after, limit: PAGE_PAYMENTS }).await?.answer;
            let full = page.len() >= PAGE_PAYMENTS as usize;
            rows.extend(page);
            if !full {
                return Ok(rows);
            }
        }
    }

    /// The person behind an id, for what only some may do.
    pub(super) async fn person_for(
        &self,
        principal: &Principal,
        action: Action,
        id: BeneficiaryId,
    ) -> Result<PersonView, AppError> {
        self.read_person_as(principal, action, id).await
    }

    /// A request of our own making, for what is recorded beside a read: each is its own.
    pub fn own_request(&self, principal: &Principal, deed: &str) -> WriteRequest {
        let idempotency_key = format!("{deed}-{}", self.clock.opaque_id());
        let input_hash = self.vault.input_hash(&[idempotency_key.as_bytes()]);
        WriteRequest {
            principal: principal.clone(),
            source: Source::Api,
            idempotency: RequestKey { caller: principal.key_id.clone(), idempotency_key, input_hash },
            if_match: None,
            occurred_at: None,
        }
    }
}

//! Whether a statement adds up: its balances against its entries, an entry against its details.

use super::camt::{side, told};
use super::error::ReadError;
use super::item::{Amount, Finding, Side, StatementSummary};
use super::xml::Leaves;
use rust_decimal::Decimal;

const FINDINGS_MAX: usize = 1_000;
/// ISO 20022: at most 18 digits.
const LENGTH_MAX: usize = 20;

/// A statement while it is read.
#[derive(Default)]
pub(super) struct StatementSums {
    pub summary: StatementSummary,
    /// Entries as the statement's own summary counts them.
    pub stated_entries: Option<u64>,
    entries: u64,
    opening: Option<Decimal>,
    closing: Option<Decimal>,
    /// Credits less debits.
    moved: Decimal,
}

/// An amount of plain digits.
pub(super) fn decimal(amount: &Amount, item: u64, path: &'static str) -> Result<Decimal, ReadError> {
    number(&amount.text).ok_or(ReadError::BadValue { item, path, expected: "an amount of at most 18 digits" })
}

fn number(text: &str) -> Option<Decimal> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if text.len() > LENGTH_MAX || !plain { None } else { Decimal::from_str_exact(text).ok() }
}

impl StatementSums {
    /// A balance. Of those in between, of a statement in pages, nothing can be concluded.
    pub fn balance(&mut self, leaves: &Leaves) -> Result<(), ReadError> {
        let when = told(leaves, &["Dt/Dt", "Dt/DtTm"])?;
        let slot = match leaves.text("Tp/CdOrPrtry/Cd")? {
            Some("OPBD") => {
                self.summary.opening_on = when;
                &mut self.opening
            }
            // Of the day before.
            Some("PRCD") => &mut self.opening,
            Some("CLBD") => {
                self.summary.closing_on = when;
                &mut self.closing
            }
            _ => return Ok(()),
        };
        let (Some(text), Some(indicator)) = (leaves.text("Amt")?, leaves.text("CdtDbtInd")?) else { return Ok(()) };
        let invalid =
            ReadError::BadValue { item: leaves.item, path: "Bal/Amt", expected: "an amount of at most 18 digits" };
        let amount = number(text).ok_or(invalid)?;
        *slot = Some(signed(side(indicator, leaves.item, "Bal/CdtDbtInd")?, amount));
        Ok(())
    }

    /// An entry; only a booked one moves the balance.
    pub fn add(&mut self, side: Side, amount: Decimal, booked: bool) -> Result<(), ReadError> {
        self.entries += 1;
        if !booked {
            return Ok(());
        }
        self.summary.entries += 1;
        let too_large =
            ReadError::BadValue { item: self.entries, path: "Ntry/Amt", expected: "an amount that can be added" };
        self.moved = self.moved.checked_add(signed(side, amount)).ok_or(too_large)?;
        Ok(())
    }

    /// An entry whose details are all known.
    pub fn compare_details(&mut self, sum: Decimal, amount: Decimal, item: u64) {
        if sum != amount {
            self.find(Finding::DetailsDiffer { item });
        }
    }

    fn find(&mut self, finding: Finding) {
        if self.summary.findings.len() < FINDINGS_MAX {
            self.summary.findings.push(finding);
        }
    }

    /// The statement at its end.
    pub fn summary(mut self) -> StatementSummary {
        if let (Some(opening), Some(closing)) = (self.opening, self.closing) {
            let difference = closing - opening - self.moved;
            if !difference.is_zero() {
                self.find(Finding::BalanceDiffers { difference: difference.normalize().to_string() });
            }
        }
        if let Some(stated) = self.stated_entries.filter(|stated| *stated != self.entries) {
            self.find(Finding::CountDiffers { stated, found: self.entries });
        }
        self.summary
    }
}

fn signed(side: Side, amount: Decimal) -> Decimal {
    match side {
        Side::Debit => -amount,
        Side::Credit => amount,
    }
}

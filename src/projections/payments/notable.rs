//! What changes figures that were told already, or asks a chief clerk to look: one row for each such event. Pure.

use crate::domain::ids::{BenefitType, ChannelCode, PaymentId, UnitKey};
use crate::domain::payment::{AttemptState, PaymentEvent};
use crate::domain::period::Month;
use crate::projections::fact::Fact;
use crate::projections::payments::row::PaymentRow;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What happened, as a chief clerk asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Ordered after the day due: a file that came late.
    OrderedLate,
    /// Recorded as settled after the cycle's month, when its figures were told.
    SettledAfterMonth,
    /// Money of an attempt that was given up went out after all.
    LateMoney,
    /// Settled money came back.
    Returned,
    /// The agent had accepted, then rejected.
    RejectedAfterAcceptance,
    /// A field was mended.
    Corrected,
    /// A report of another amount.
    Contradicted,
    /// A person said what is true of such a report.
    ContradictionResolved,
    /// Called off, also by the reversal of an import.
    Cancelled,
    /// Money was found to be out beyond what is owed.
    RecoveryFound,
    /// A death was reported; told with the payment that was ordered last for the person.
    DeathReported,
}

impl ChangeKind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::OrderedLate,
        Self::SettledAfterMonth,
        Self::LateMoney,
        Self::Returned,
        Self::RejectedAfterAcceptance,
        Self::Corrected,
        Self::Contradicted,
        Self::ContradictionResolved,
        Self::Cancelled,
        Self::RecoveryFound,
        Self::DeathReported,
    ];

    /// The word in answers and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OrderedLate => "ordered_late",
            Self::SettledAfterMonth => "settled_after_month",
            Self::LateMoney => "late_money",
            Self::Returned => "returned",
            Self::RejectedAfterAcceptance => "rejected_after_acceptance",
            Self::Corrected => "corrected",
            Self::Contradicted => "contradicted",
            Self::ContradictionResolved => "contradiction_resolved",
            Self::Cancelled => "cancelled",
            Self::RecoveryFound => "recovery_found",
            Self::DeathReported => "death_reported",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// One such event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    pub position: u64,
    /// In microseconds since the Unix epoch.
    pub recorded_at_us: i64,
    pub kind: ChangeKind,
    pub payment_id: PaymentId,
    pub cycle: Month,
    /// As the payment stands after the event.
    pub unit_key: UnitKey,
    pub benefit_type: BenefitType,
    pub channel: ChannelCode,
    pub amount_minor: i64,
}

/// The row of a payment's event, if it is of a kind. `day` is the business day of recording, `before` how the payment stood.
#[must_use]
pub fn of_payment(
    fact: &Fact,
    event: &PaymentEvent,
    (before, after): (Option<AttemptState>, &PaymentRow),
    day: Date,
) -> Option<ChangeRow> {
    kind(event, (before, after), day).map(|kind| row(fact, kind, after, after.amount.minor))
}

/// The row of what happened elsewhere and concerns a payment.
#[must_use]
pub fn row(fact: &Fact, kind: ChangeKind, payment: &PaymentRow, amount_minor: i64) -> ChangeRow {
    ChangeRow {
        position: fact.position,
        recorded_at_us: fact.recorded_at_us,
        kind,
        payment_id: payment.payment_id,
        cycle: payment.cycle,
        unit_key: payment.unit_key.clone(),
        benefit_type: payment.benefit_type.clone(),
        channel: payment.provider.channel.clone(),
        amount_minor,
    }
}

fn kind(event: &PaymentEvent, (before, after): (Option<AttemptState>, &PaymentRow), day: Date) -> Option<ChangeKind> {
    match event {
        PaymentEvent::Instructed(_) => (day > after.due_on).then_some(ChangeKind::OrderedLate),
        PaymentEvent::Settled(_) => (Month::of(day) > after.cycle).then_some(ChangeKind::SettledAfterMonth),
        PaymentEvent::SettledLate(_) => Some(ChangeKind::LateMoney),
        PaymentEvent::Returned(_) => Some(ChangeKind::Returned),
        PaymentEvent::Rejected(_) => {
            (before == Some(AttemptState::Accepted)).then_some(ChangeKind::RejectedAfterAcceptance)
        }
        PaymentEvent::Corrected(_) => Some(ChangeKind::Corrected),
        PaymentEvent::Contradicted(_) => Some(ChangeKind::Contradicted),
        PaymentEvent::ContradictionResolved(_) => Some(ChangeKind::ContradictionResolved),
        PaymentEvent::Cancelled(_) => Some(ChangeKind::Cancelled),
        PaymentEvent::Accepted(_)
        | PaymentEvent::Failed(_)
        | PaymentEvent::Held(_)
        | PaymentEvent::Released(_)
        | PaymentEvent::Reissued(_)
        | PaymentEvent::Recalled(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_reads_back_from_its_word() {
        for kind in ChangeKind::ALL {
            assert_eq!(ChangeKind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}

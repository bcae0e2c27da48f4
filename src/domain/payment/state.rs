//! A payment as folded from its events.

use crate::domain::ids::{
    AgentCode, BankId, BeneficiaryId, BenefitType, ChannelCode, EndToEndId, PaymentId, PaymentReference, UnitKey,
    VaultRef,
};
use crate::domain::money::Money;
use crate::domain::payment::event::{Correction, Evidence, Payee, PaymentContradicted};
use crate::domain::payment::kind::PaymentKind;
use crate::domain::period::Month;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where one attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    Instructed,
    Accepted,
    Settled,
    Rejected,
    Failed,
    Returned,
    Cancelled,
}

impl AttemptState {
    /// All states, in the order of the transition table.
    pub const ALL: [Self; 7] = [
        Self::Instructed,
        Self::Accepted,
        Self::Settled,
        Self::Rejected,
        Self::Failed,
        Self::Returned,
        Self::Cancelled,
    ];

    /// The word used in JSON, SQL and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Instructed => "instructed",
            Self::Accepted => "accepted",
            Self::Settled => "settled",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Returned => "returned",
            Self::Cancelled => "cancelled",
        }
    }

    /// No answer is outstanding in this state.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Instructed | Self::Accepted)
    }
}

impl fmt::Display for AttemptState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// 1 for the first.
    pub number: u32,
    pub state: AttemptState,
    /// Waiting for a person; possible while instructed or accepted.
    pub held: bool,
    pub channel: ChannelCode,
    pub agent: AgentCode,
    pub bank: Option<BankId>,
    pub account_ref: Option<VaultRef>,
    pub end_to_end_id: EndToEndId,
    pub due_on: Date,
    pub payee: Payee,
    pub settled_on: Option<Date>,
    /// What its settlement paid: the payment's amount, but for money that went out beside another attempt's.
    pub paid: Option<Money>,
    /// The proof of the settlement, to tell a repeat from a second settlement.
    pub settlement: Option<Evidence>,
    pub returned_on: Option<Date>,
    pub rejected_on: Option<Date>,
    /// The proof of the return: a recovery that was received is one.
    pub return_proof: Option<Evidence>,
}

impl Attempt {
    /// It was given up, and its money went out all the same and has not come back.
    #[must_use]
    pub const fn has_late_money(&self) -> bool {
        matches!(self.state, AttemptState::Rejected | AttemptState::Failed | AttemptState::Cancelled)
            && self.settlement.is_some()
            && self.returned_on.is_none()
    }

    /// Its money is with the beneficiary, by whatever way.
    #[must_use]
    pub const fn is_out(&self) -> bool {
        matches!(self.state, AttemptState::Settled) || self.has_late_money()
    }
}

/// An instructed payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instructed {
    pub payment_id: PaymentId,
    pub reference: PaymentReference,
    pub beneficiary_id: BeneficiaryId,
    pub benefit_type: BenefitType,
    pub benefit_months: Vec<Month>,
    pub cycle: Month,
    pub amount: Money,
    /// What was ordered: a report of another amount that is true changes what the payment pays, and not this.
    pub ordered_minor: i64,
    pub unit_key: UnitKey,
    pub urban: bool,
    pub kind: PaymentKind,
    /// Nobody else may have its months as this kind of payment.
    pub holds_months: bool,
    /// Never empty; the last is the latest.
    pub attempts: Vec<Attempt>,
    /// Number of the attempt that the payment stands on; see [`Instructed::standing`].
    pub standing: u32,
    /// Cancelled as a whole: its benefit months are free for another payment.
    pub called_off: bool,
    /// A report of another amount, which waits for a person.
    pub contradiction: Option<PaymentContradicted>,
    /// Reports of another amount that a person found to be wrong: they may come again.
    pub dismissed: Vec<PaymentContradicted>,
    /// What was paid more than was ordered, or less, by a report that was found to be true: it is recovered, or paid as a supplement. The
    /// amount is what was paid.
    pub made_good_minor: i64,
    /// The amount of a report that was just found to be true: the correction that comes with it is not a clerical one.
    pub true_minor: Option<i64>,
    /// Clerical corrections in the order made, to tell a repeated correction from one that changes nothing.
    pub corrections: Vec<Correction>,
}

impl Instructed {
    /// The attempt that the payment stands on: the latest, or an earlier one whose late money is out while the latest came to nothing.
    #[must_use]
    pub fn standing(&self) -> &Attempt {
        self.attempts.iter().find(|attempt| attempt.number == self.standing).unwrap_or_else(|| self.latest())
    }

    /// The attempt with the highest number.
    #[must_use]
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "an instructed payment is built with attempt 1 and attempts are only added"
    )]
    pub fn latest(&self) -> &Attempt {
        self.attempts.last().expect("an instructed payment has an attempt")
    }

    /// An attempt by its number; the one that the payment stands on when none is named.
    #[must_use]
    pub fn attempt(&self, number: Option<u32>) -> Option<&Attempt> {
        match number {
            None => Some(self.standing()),
            Some(number) => self.attempts.iter().find(|attempt| attempt.number == number),
        }
    }

    /// The attempt that an end-to-end id belongs to.
    #[must_use]
    pub fn attempt_by_end_to_end_id(&self, id: &EndToEndId) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.end_to_end_id == *id)
    }

    /// The attempt whose money is with the beneficiary: settled and not returned. There is never a second one.
    #[must_use]
    pub fn live_attempt(&self) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.state == AttemptState::Settled)
    }

    /// An attempt that was given up and settled all the same, beside the one that the payment stands on. While its money is out, nothing
    /// more may be paid.
    #[must_use]
    pub fn late_attempt(&self) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.has_late_money())
    }

    /// The attempts whose money is with the beneficiary beyond what is owed: all that are out but the one that the payment stands on, or
    /// all when it was called off.
    pub fn surplus(&self) -> impl Iterator<Item = &Attempt> {
        let owed = (!self.called_off).then(|| self.owed_attempt()).flatten();
        self.attempts.iter().filter(move |attempt| attempt.is_out() && Some(attempt.number) != owed)
    }

    /// Which of the attempts that are out pays what is owed: the settled one; while it is open yet, the first late one of its amount.
    fn owed_attempt(&self) -> Option<u32> {
        self.live_attempt().or_else(|| self.paying_late_attempt()).map(|attempt| attempt.number)
    }

    /// The late attempt that pays the payment if none does. Money of another amount than the payment's never does: it is beyond what is
    /// owed as a whole, and nobody need split it.
    #[must_use]
    pub fn paying_late_attempt(&self) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.has_late_money() && attempt.paid == Some(self.amount))
    }

    /// What an attempt paid; what it is to pay while it paid nothing.
    #[must_use]
    pub fn amount_of(&self, attempt: Option<u32>) -> Money {
        self.attempt(attempt).and_then(|attempt| attempt.paid).unwrap_or(self.amount)
    }

    /// What is with the beneficiary beyond what is owed.
    #[must_use]
    pub fn overpaid_minor(&self) -> i64 {
        let paid = |attempt: &Attempt| attempt.paid.unwrap_or(self.amount).minor;
        self.surplus().map(paid).fold(0, i64::saturating_add)
    }

    /// It waits for a person: held, or of a report that contradicts its order.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.standing().held || self.contradiction.is_some()
    }

    /// The attempt whose money came back by this very evidence.
    #[must_use]
    pub fn returned_by(&self, evidence: &Evidence) -> Option<u32> {
        let of_it = |attempt: &&Attempt| attempt.return_proof.as_ref() == Some(evidence);
        self.attempts.iter().find(of_it).map(|attempt| attempt.number)
    }

    /// Money moved at some time, whether or not it came back.
    #[must_use]
    pub fn was_ever_settled(&self) -> bool {
        self.attempts.iter().any(|attempt| attempt.settlement.is_some() || attempt.returned_on.is_some())
    }
}

/// A payment's state: nothing yet, or instructed with its attempts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Payment {
    pub instructed: Option<Instructed>,
}

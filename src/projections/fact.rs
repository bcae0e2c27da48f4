//! One recorded event as a projection sees it: decoded, with its place in the log and the object that it is about.

use crate::domain::beneficiary::BeneficiaryEvent;
use crate::domain::ids::{BeneficiaryId, PaymentId};
use crate::domain::payment::PaymentEvent;

/// A recorded event of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its place in the log.
    pub position: u64,
    /// Its place in its stream, from 0.
    pub revision: u64,
    /// Microseconds since the Unix epoch.
    pub recorded_at_us: i64,
    /// What happened to whom.
    pub subject: Subject,
}

/// What happened to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// To a payment.
    Payment(PaymentId, PaymentEvent),
    /// To a beneficiary.
    Beneficiary(BeneficiaryId, BeneficiaryEvent),
}

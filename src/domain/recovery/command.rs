//! What can be asked of a recovery. Every fact that a rule needs stands in the command.

use crate::domain::ids::ApprovalId;
use crate::domain::money::Money;
use crate::domain::payment::event::Evidence;
use crate::domain::recovery::overpaid::Overpayment;
use jiff::civil::Date;

/// A command to one recovery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecoveryCommand {
    /// So much is overpaid, as of now.
    Find {
        overpayment: Box<Overpayment>,
        found_on: Date,
    },
    /// Nothing is overpaid any more.
    Lapse {
        lapsed_on: Date,
    },
    Demand {
        demanded_on: Date,
        due_on: Option<Date>,
        reference: String,
    },
    Receive {
        amount: Money,
        received_on: Date,
        evidence: Evidence,
    },
    WriteOff {
        written_off_on: Date,
        reason: String,
        approval_id: Option<ApprovalId>,
    },
}

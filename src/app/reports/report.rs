//! What can be reported or asked of an ordered payment: no decision.

use crate::app::access::Action;
use crate::app::inputs::ReissueInput;
use crate::app::reasons::ReportedReason;
use crate::domain::approval::RequestedCorrection;
use crate::domain::money::Money;
use crate::domain::payment::command::SeenReport;
use crate::domain::payment::event::{Evidence, FailureCause, Payee, Resolution};
use jiff::Timestamp;
use jiff::civil::Date;

/// What can be reported or asked of an ordered payment. `attempt: None` is the latest; a missing amount is the instructed one.
#[derive(Debug, Clone)]
pub enum Report {
    Accept {
        attempt: Option<u32>,
        agent_ref: Option<String>,
        raw_status: Option<String>,
        accepted_at: Option<Timestamp>,
    },
    Settle {
        attempt: Option<u32>,
        settled_on: Date,
        amount: Option<Money>,
        evidence: Evidence,
        collected_by: Option<Payee>,
    },
    Reject {
        attempt: Option<u32>,
        reason: ReportedReason,
        rejected_on: Option<Date>,
    },
    Return {
        attempt: Option<u32>,
        returned_on: Date,
        amount: Option<Money>,
        reason: ReportedReason,
        evidence: Evidence,
    },
    Fail {
        attempt: Option<u32>,
        cause: FailureCause,
        deadline: Option<Date>,
    },
    Hold {
        cause: String,
        note: Option<String>,
    },
    Release {
        note: Option<String>,
    },
    Reissue(ReissueInput),
    Cancel {
        reason: String,
        recall_confirmed: bool,
    },
    Correct {
        correction: RequestedCorrection,
        ground: String,
    },
    /// `seen`: the report as it was read, and what is made good. `months_free`: no other payment has the months of a cancelled one.
    Resolve {
        resolution: Resolution,
        reason: String,
        seen: Box<SeenReport>,
        months_free: bool,
    },
}

impl Report {
    /// The attempt that the report is about; `None` is the latest.
    #[must_use]
    pub const fn attempt(&self) -> Option<u32> {
        match self {
            Self::Accept { attempt, .. }
            | Self::Settle { attempt, .. }
            | Self::Reject { attempt, .. }
            | Self::Return { attempt, .. }
            | Self::Fail { attempt, .. } => *attempt,
            Self::Hold { .. }
            | Self::Release { .. }
            | Self::Reissue(_)
            | Self::Cancel { .. }
            | Self::Correct { .. }
            | Self::Resolve { .. } => None,
        }
    }

    /// Why the agent says so.
    pub(super) const fn reason(&self) -> Option<&ReportedReason> {
        match self {
            Self::Reject { reason, .. } | Self::Return { reason, .. } => Some(reason),
            Self::Accept { .. }
            | Self::Settle { .. }
            | Self::Fail { .. }
            | Self::Hold { .. }
            | Self::Release { .. }
            | Self::Reissue(_)
            | Self::Cancel { .. }
            | Self::Correct { .. }
            | Self::Resolve { .. } => None,
        }
    }

    /// The action that the caller must be allowed.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Accept { .. }
            | Self::Settle { .. }
            | Self::Reject { .. }
            | Self::Return { .. }
            | Self::Fail { .. } => Action::ReportOutcome,
            Self::Hold { .. } | Self::Release { .. } | Self::Reissue(_) | Self::Cancel { .. } => Action::ManagePayment,
            Self::Correct { .. } | Self::Resolve { .. } => Action::CorrectPayment,
        }
    }
}

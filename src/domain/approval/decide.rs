//! What a command to an approval brings about. Pure.

use crate::domain::approval::error::ApprovalRefusal;
use crate::domain::approval::event::{
    ApprovalDeclined, ApprovalEvent, ApprovalFailed, ApprovalGranted, ApprovalRequested, ApprovalUsed,
};
use crate::domain::approval::state::{Approval, ApprovalState, Requested};
use crate::domain::decision::Decision;
use jiff::Timestamp;

/// A command to one approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApprovalCommand {
    Request(Box<ApprovalRequested>),
    /// `same_person`: the two keys differ, but what is known of their holders says that they are one person's.
    Grant {
        granted_by: String,
        same_person: bool,
        note: Option<String>,
    },
    Decline {
        declined_by: String,
        reason: String,
    },
    /// The command was carried out.
    Use(ApprovalUsed),
    /// The command was not possible.
    Fail {
        code: String,
    },
}

/// What deciding about an approval answers.
pub type ApprovalDecision = Decision<ApprovalEvent, ApprovalRefusal>;

/// Decides about a command.
#[must_use]
pub fn decide(state: &Approval, command: &ApprovalCommand, now: Timestamp) -> ApprovalDecision {
    let Some(requested) = &state.requested else {
        return match command {
            ApprovalCommand::Request(request) => one(ApprovalEvent::Requested(request.clone())),
            ApprovalCommand::Grant { .. }
            | ApprovalCommand::Decline { .. }
            | ApprovalCommand::Use(_)
            | ApprovalCommand::Fail { .. } => Decision::Refused(ApprovalRefusal::NotFound),
        };
    };
    let at = requested.state_at(now);
    match command {
        ApprovalCommand::Request(request) if **request == requested.request => Decision::NoOp,
        ApprovalCommand::Request(_) => Decision::Refused(ApprovalRefusal::Exists),
        ApprovalCommand::Grant { granted_by, same_person, note } => {
            grant(requested, at, (granted_by, *same_person, note.as_ref()))
        }
        ApprovalCommand::Decline { declined_by, reason } => decline(at, declined_by, reason),
        ApprovalCommand::Use(used) => ended(at, ApprovalEvent::Used(used.clone())),
        ApprovalCommand::Fail { code } => ended(at, ApprovalEvent::Failed(ApprovalFailed { code: code.clone() })),
    }
}

fn one(event: ApprovalEvent) -> ApprovalDecision {
    Decision::Events(vec![event])
}

fn grant(
    requested: &Requested,
    at: ApprovalState,
    (granted_by, same_person, note): (&str, bool, Option<&String>),
) -> ApprovalDecision {
    match at {
        ApprovalState::Pending if same_person || requested.request.requested_by == granted_by => {
            Decision::Refused(ApprovalRefusal::SecondPersonRequired)
        }
        ApprovalState::Pending => {
            one(ApprovalEvent::Granted(ApprovalGranted { granted_by: granted_by.to_owned(), note: note.cloned() }))
        }
        ApprovalState::Granted | ApprovalState::Used => Decision::NoOp,
        ApprovalState::Expired => Decision::Refused(ApprovalRefusal::Expired),
        state @ (ApprovalState::Failed | ApprovalState::Declined) => {
            Decision::Refused(ApprovalRefusal::Closed { state })
        }
    }
}

/// Whoever asked may take it back, so that declining needs no second person.
fn decline(at: ApprovalState, declined_by: &str, reason: &str) -> ApprovalDecision {
    match at {
        ApprovalState::Pending => {
            let (declined_by, reason) = (declined_by.to_owned(), reason.to_owned());
            one(ApprovalEvent::Declined(ApprovalDeclined { declined_by, reason }))
        }
        ApprovalState::Declined => Decision::NoOp,
        ApprovalState::Expired => Decision::Refused(ApprovalRefusal::Expired),
        state @ (ApprovalState::Granted | ApprovalState::Used | ApprovalState::Failed) => {
            Decision::Refused(ApprovalRefusal::Closed { state })
        }
    }
}

/// Only what was granted ends by its command, and once.
fn ended(at: ApprovalState, event: ApprovalEvent) -> ApprovalDecision {
    match at {
        ApprovalState::Granted => one(event),
        ApprovalState::Used | ApprovalState::Failed => Decision::NoOp,
        state @ (ApprovalState::Pending | ApprovalState::Declined | ApprovalState::Expired) => {
            Decision::Refused(ApprovalRefusal::Closed { state })
        }
    }
}

//! An approval as folded from its events.

use crate::domain::approval::event::{ApprovalEvent, ApprovalRequested, ApprovalUsed};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where an approval stands. That it expired is told by the time, not by an event: see [`Requested::state_at`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalState {
    /// Waits for another person.
    Pending,
    /// Consent was given; the command is being carried out.
    Granted,
    /// The command was carried out.
    Used,
    /// The command was not possible any more.
    Failed,
    Declined,
    Expired,
}

impl ApprovalState {
    /// All states.
    pub const ALL: [Self; 6] = [Self::Pending, Self::Granted, Self::Used, Self::Failed, Self::Declined, Self::Expired];

    /// The word in JSON, SQL and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Granted => "granted",
            Self::Used => "used",
            Self::Failed => "failed",
            Self::Declined => "declined",
            Self::Expired => "expired",
        }
    }
}

impl fmt::Display for ApprovalState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An approval that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requested {
    pub request: ApprovalRequested,
    /// As recorded; whether it expired depends on the time.
    pub recorded: ApprovalState,
    /// Who consented or declined.
    pub decided_by: Option<String>,
    pub used: Option<ApprovalUsed>,
    /// Why the command was not possible.
    pub failure: Option<String>,
}

impl Requested {
    /// Where it stands at a time.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> ApprovalState {
        match self.recorded {
            ApprovalState::Pending if now > self.request.expires_at => ApprovalState::Expired,
            state => state,
        }
    }
}

/// An approval's state: nothing yet, or asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Approval {
    pub requested: Option<Requested>,
}

impl Approval {
    /// Applies one event; one that does not fit what came before changes nothing.
    pub fn evolve(&mut self, event: &ApprovalEvent) {
        match (&mut self.requested, event) {
            (None, ApprovalEvent::Requested(request)) => {
                self.requested = Some(Requested {
                    request: (**request).clone(),
                    recorded: ApprovalState::Pending,
                    decided_by: None,
                    used: None,
                    failure: None,
                });
            }
            (Some(requested), event) => requested.apply(event),
            (
                None,
                ApprovalEvent::Granted(_)
                | ApprovalEvent::Declined(_)
                | ApprovalEvent::Used(_)
                | ApprovalEvent::Failed(_),
            ) => {}
        }
    }
}

impl Requested {
    fn apply(&mut self, event: &ApprovalEvent) {
        match event {
            ApprovalEvent::Requested(_) => {}
            ApprovalEvent::Granted(e) => {
                self.recorded = ApprovalState::Granted;
                self.decided_by = Some(e.granted_by.clone());
            }
            ApprovalEvent::Declined(e) => {
                self.recorded = ApprovalState::Declined;
                self.decided_by = Some(e.declined_by.clone());
            }
            ApprovalEvent::Used(e) => {
                self.recorded = ApprovalState::Used;
                self.used = Some(e.clone());
            }
            ApprovalEvent::Failed(e) => {
                self.recorded = ApprovalState::Failed;
                self.failure = Some(e.code.clone());
            }
        }
    }
}

//! Of what endpoints are told, by the words that they read it by.

use crate::domain::payment::PaymentEvent;
use crate::domain::recovery::RecoveryEvent;
use serde::{Deserialize, Serialize};

/// A kind of message. For ever: a new meaning needs a new word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum MessageKind {
    Instructed,
    Accepted,
    Settled,
    SettledLate,
    Rejected,
    Failed,
    Returned,
    Held,
    Released,
    Reissued,
    Cancelled,
    Recalled,
    Corrected,
    Contradicted,
    ContradictionResolved,
    RecoveryFound,
    RecoveryDemanded,
    RecoveryReceived,
    RecoveryWrittenOff,
    RecoveryLapsed,
    /// Somebody tries the endpoint.
    Ping,
}

impl MessageKind {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::Instructed,
        Self::Accepted,
        Self::Settled,
        Self::SettledLate,
        Self::Rejected,
        Self::Failed,
        Self::Returned,
        Self::Held,
        Self::Released,
        Self::Reissued,
        Self::Cancelled,
        Self::Recalled,
        Self::Corrected,
        Self::Contradicted,
        Self::ContradictionResolved,
        Self::RecoveryFound,
        Self::RecoveryDemanded,
        Self::RecoveryReceived,
        Self::RecoveryWrittenOff,
        Self::RecoveryLapsed,
        Self::Ping,
    ];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Instructed => "payment.instructed",
            Self::Accepted => "payment.accepted",
            Self::Settled => "payment.settled",
            Self::SettledLate => "payment.settled_late",
            Self::Rejected => "payment.rejected",
            Self::Failed => "payment.failed",
            Self::Returned => "payment.returned",
            Self::Held => "payment.held",
            Self::Released => "payment.released",
            Self::Reissued => "payment.reissued",
            Self::Cancelled => "payment.cancelled",
            Self::Recalled => "payment.recalled",
            Self::Corrected => "payment.corrected",
            Self::Contradicted => "payment.contradicted",
            Self::ContradictionResolved => "payment.contradiction_resolved",
            Self::RecoveryFound => "recovery.found",
            Self::RecoveryDemanded => "recovery.demanded",
            Self::RecoveryReceived => "recovery.received",
            Self::RecoveryWrittenOff => "recovery.written_off",
            Self::RecoveryLapsed => "recovery.lapsed",
            Self::Ping => "webhook.ping",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// What an event of a payment is told as.
    #[must_use]
    pub const fn of(event: &PaymentEvent) -> Self {
        match event {
            PaymentEvent::Instructed(_) => Self::Instructed,
            PaymentEvent::Accepted(_) => Self::Accepted,
            PaymentEvent::Settled(_) => Self::Settled,
            PaymentEvent::SettledLate(_) => Self::SettledLate,
            PaymentEvent::Rejected(_) => Self::Rejected,
            PaymentEvent::Failed(_) => Self::Failed,
            PaymentEvent::Returned(_) => Self::Returned,
            PaymentEvent::Held(_) => Self::Held,
            PaymentEvent::Released(_) => Self::Released,
            PaymentEvent::Reissued(_) => Self::Reissued,
            PaymentEvent::Cancelled(_) => Self::Cancelled,
            PaymentEvent::Recalled(_) => Self::Recalled,
            PaymentEvent::Corrected(_) => Self::Corrected,
            PaymentEvent::Contradicted(_) => Self::Contradicted,
            PaymentEvent::ContradictionResolved(_) => Self::ContradictionResolved,
        }
    }
}

impl MessageKind {
    /// What an event of a recovery is told as.
    #[must_use]
    pub const fn of_recovery(event: &RecoveryEvent) -> Self {
        match event {
            RecoveryEvent::Found(_) => Self::RecoveryFound,
            RecoveryEvent::Demanded(_) => Self::RecoveryDemanded,
            RecoveryEvent::Received(_) => Self::RecoveryReceived,
            RecoveryEvent::WrittenOff(_) => Self::RecoveryWrittenOff,
            RecoveryEvent::Lapsed(_) => Self::RecoveryLapsed,
        }
    }

    /// It is told of a recovery.
    #[must_use]
    pub const fn is_of_recovery(self) -> bool {
        matches!(
            self,
            Self::RecoveryFound
                | Self::RecoveryDemanded
                | Self::RecoveryReceived
                | Self::RecoveryWrittenOff
                | Self::RecoveryLapsed
        )
    }
}

impl From<MessageKind> for String {
    fn from(kind: MessageKind) -> Self {
        kind.as_str().to_owned()
    }
}

impl TryFrom<String> for MessageKind {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("there is no kind {text}"))
    }
}

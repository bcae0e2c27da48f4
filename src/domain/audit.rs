//! What is told of the use of the log itself, as stored in streams `audit-<business day>`: ids of keys, roles, operations, codes, counts. No
//! names, no addresses, no paths with ids in them.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One event of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditEvent {
    Refused(AccessRefused),
    KeyUsed(KeyUsed),
    Acted(OperatorActed),
}

/// Somebody was turned away, so many times within a minute or so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRefused {
    pub status: u16,
    /// The code of the answers.
    pub code: String,
    /// The operation's id, or a page's method and path template; absent where many were refused at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Whose key it was, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// A keyed hash of the address, by which refusals of one address are known as such: without the log's key it leads to no address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_hash: Option<String>,
    pub count: u64,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
}

/// A key was used. The first use of a day is told at once, more of them by the hour; the sum over the day's events is how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUsed {
    pub key_id: String,
    pub role: String,
    /// The business day of the first of these uses.
    pub on: Date,
    pub count: u64,
}

/// Who runs the log did something with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorActed {
    pub act: Act,
    /// A key's id, or `command-line`: whoever may read the master key.
    pub by: String,
    /// The key, projection or file kind that it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// What else is to be known, such as a key's role and unit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub about: BTreeMap<String, String>,
    pub at: Timestamp,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    KeyCreated,
    KeyRotated,
    /// A second operator consented to a key's next secret, which is made when it is taken.
    KeyRotationGranted,
    /// Whoever asked for a key took its first secret.
    KeySecretTaken,
    KeyRevoked,
    ServerStarted,
    ServerStopped,
    ProjectionRebuilt,
    BackupWritten,
    LogExported,
    /// The whole log was checked, and what was found.
    LogVerified,
    MasterKeyRotated,
    MasterKeyRetired,
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::KeyCreated,
        Self::KeyRotated,
        Self::KeyRotationGranted,
        Self::KeySecretTaken,
        Self::KeyRevoked,
        Self::ServerStarted,
        Self::ServerStopped,
        Self::ProjectionRebuilt,
        Self::BackupWritten,
        Self::LogExported,
        Self::LogVerified,
        Self::MasterKeyRotated,
        Self::MasterKeyRetired,
    ];

    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeyCreated => "key_created",
            Self::KeyRotated => "key_rotated",
            Self::KeyRotationGranted => "key_rotation_granted",
            Self::KeySecretTaken => "key_secret_taken",
            Self::KeyRevoked => "key_revoked",
            Self::ServerStarted => "server_started",
            Self::ServerStopped => "server_stopped",
            Self::ProjectionRebuilt => "projection_rebuilt",
            Self::BackupWritten => "backup_written",
            Self::LogExported => "log_exported",
            Self::LogVerified => "log_verified",
            Self::MasterKeyRotated => "master_key_rotated",
            Self::MasterKeyRetired => "master_key_retired",
        }
    }
}

/// What a line of the audit is of: these events, and those of other streams that tell who did what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AuditKind {
    Refusal,
    KeyUse,
    OperatorAct,
    PersonalRead,
    PersonalExport,
    Erasure,
    BankChange,
    WebhookChange,
}

impl AuditKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Refusal,
        Self::KeyUse,
        Self::OperatorAct,
        Self::PersonalRead,
        Self::PersonalExport,
        Self::Erasure,
        Self::BankChange,
        Self::WebhookChange,
    ];

    /// The word in JSON and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refusal => "refusal",
            Self::KeyUse => "key_use",
            Self::OperatorAct => "operator_act",
            Self::PersonalRead => "personal_read",
            Self::PersonalExport => "personal_export",
            Self::Erasure => "erasure",
            Self::BankChange => "bank_change",
            Self::WebhookChange => "webhook_change",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// The stream of a day.
#[must_use]
pub fn stream_of(day: Date) -> String {
    format!("audit-{day}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_act_and_kind_reads_back_from_its_word() {
        for act in Act::ALL {
            assert_eq!(serde_json::to_value(act).unwrap(), act.as_str());
        }
        for kind in AuditKind::ALL {
            assert_eq!(AuditKind::parse(kind.as_str()), Some(kind));
        }
    }
}

//! What is told of a group: its settings, how far it is, and who consumes.

use super::settings::{GroupName, GroupSettings};

/// A group as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupInfo {
    pub name: GroupName,
    pub settings: GroupSettings,
    /// All up to it is settled, as written down.
    pub checkpoint: Option<u64>,
    /// The last event that was read for it.
    pub known: Option<u64>,
    pub members: Vec<MemberInfo>,
    pub total: u64,
    /// Since somebody last asked.
    pub since_asked: u64,
    pub per_second: u64,
    /// Read, to be handed out for the first time and again, and with consumers.
    pub fresh: usize,
    pub again: usize,
    pub in_flight: usize,
    pub parked: u64,
}

/// One consumer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberInfo {
    pub from: String,
    pub username: String,
    pub connection_name: String,
    pub buffer: usize,
    pub in_flight: usize,
    pub total: u64,
    pub since_asked: u64,
    pub per_second: u64,
}

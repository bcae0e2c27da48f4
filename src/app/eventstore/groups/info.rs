//! What is told of a group: its settings, how far it is, and who consumes.

use super::runner::Runner;
use super::settings::{GroupName, GroupSettings};
use tokio::time::Instant;

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

impl Runner {
    /// What is to be told of it now.
    pub(super) fn info(&mut self) -> GroupInfo {
        let per_second = |total: u64, since: Instant| total / since.elapsed().as_secs().max(1);
        let mut members = Vec::with_capacity(self.members.len());
        for consumer in &mut self.machine.consumers {
            let Some(member) = self.members.get(&consumer.id) else { continue };
            members.push(MemberInfo {
                from: member.who.from.clone(),
                username: member.who.username.clone(),
                connection_name: member.who.connection_name.clone(),
                buffer: consumer.buffer,
                in_flight: consumer.in_flight.len(),
                total: consumer.total,
                since_asked: std::mem::take(&mut consumer.since_asked),
                per_second: per_second(consumer.total, member.since),
            });
        }
        let (fresh, again) = self.machine.waiting();
        let written = self.machine.progress.written();
        GroupInfo {
            name: self.name.clone(),
            settings: self.machine.settings.clone(),
            checkpoint: written.checked_sub(1).filter(|_| written > self.first),
            known: self.machine.progress.next().checked_sub(1),
            members,
            total: self.machine.total,
            since_asked: std::mem::take(&mut self.machine.since_asked),
            per_second: per_second(self.machine.total, self.began),
            fresh,
            again,
            in_flight: self.machine.in_flight(),
            parked: self.places.parked_next().saturating_sub(self.machine.replay.before()),
        }
    }
}

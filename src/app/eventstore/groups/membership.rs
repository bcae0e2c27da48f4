//! A consumer's end of a group: what it is handed, and what it says of it. It leaves when this is dropped.

use super::handed::Handed;
use super::machine::Nack;
use super::runner::Command;
use super::{ConsumerId, GroupError};
use std::sync::{Arc, OnceLock};
use tokio::sync::mpsc::{Receiver, Sender};
use uuid::Uuid;

/// Who joins.
#[derive(Debug, Clone)]
pub struct Joining {
    pub from: String,
    pub username: String,
    pub connection_name: String,
    /// As many events as it has at most.
    pub buffer: usize,
}

/// An event for a consumer, and how often it was handed out before.
pub type Given = (Arc<Handed>, u32);

/// A consumer of a group.
pub struct Membership {
    pub settling: Settling,
    given: Receiver<Given>,
    ended: Arc<OnceLock<GroupError>>,
    _leaving: Leaving,
}

/// How a consumer says what became of events.
#[derive(Clone)]
pub struct Settling {
    id: ConsumerId,
    group: Sender<Command>,
}

struct Leaving(Settling);

impl Drop for Leaving {
    fn drop(&mut self) {
        let Settling { id, group } = self.0.clone();
        // A group with a full queue is told as soon as it has room.
        if let Err(tokio::sync::mpsc::error::TrySendError::Full(command)) = group.try_send(Command::Leave(id)) {
            tokio::spawn(async move { group.send(command).await });
        }
    }
}

impl Membership {
    pub(super) fn new(
        id: ConsumerId,
        group: Sender<Command>,
        (given, ended): (Receiver<Given>, Arc<OnceLock<GroupError>>),
    ) -> Self {
        let settling = Settling { id, group };
        Self { _leaving: Leaving(settling.clone()), settling, given, ended }
    }

    /// The next event; waits when there is none. The reason when there will be none any more.
    pub async fn next(&mut self) -> Result<Given, GroupError> {
        match self.given.recv().await {
            Some(given) => Ok(given),
            None => Err(self.ended.get().cloned().unwrap_or(GroupError::Stopped)),
        }
    }
}

impl Settling {
    pub async fn ack(&self, ids: Vec<Uuid>) {
        self.say(Command::Ack(self.id, ids)).await;
    }

    pub async fn nack(&self, ids: Vec<Uuid>, nack: Nack, reason: String) {
        self.say(Command::Nack(self.id, ids, nack, reason)).await;
    }

    /// No more events.
    pub async fn stop(&self) {
        self.say(Command::Stop(self.id)).await;
    }

    /// A group that has ended needs not be told: its consumer hears of it.
    async fn say(&self, command: Command) {
        let _ended = self.group.send(command).await;
    }
}

//! What a group is told at its beginning: of what, from where, how events are handed out, and when its place is written down. Pure.

use crate::app::eventstore::StreamsError;
use crate::app::eventstore::filter::{Filter, Part};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The source whose name stands for the whole log.
pub const ALL: &str = "$all";
/// The most consumers that any group has.
pub const SUBSCRIBERS_MAX: usize = 1000;
/// The most events that a group holds and has not handed out.
pub const BUFFER_MAX: u32 = 10_000;

/// A group's name: of a stream, or of the whole log by the name `$all`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GroupName {
    pub source: String,
    pub group: String,
}

impl GroupName {
    /// Whether it is of the whole log.
    #[must_use]
    pub fn is_of_log(&self) -> bool {
        self.source == ALL
    }

    fn own_stream(&self, kind: &str) -> String {
        format!("{OWN_STREAMS}-{}::{}-{kind}", self.source, self.group)
    }

    /// The stream that holds its place.
    #[must_use]
    pub fn checkpoint_stream(&self) -> String {
        self.own_stream("checkpoint")
    }

    /// The stream that holds links to what was parked.
    #[must_use]
    pub fn parked_stream(&self) -> String {
        self.own_stream("parked")
    }

    /// What consumers know it by.
    #[must_use]
    pub fn subscription_id(&self) -> String {
        format!("{}::{}", self.source, self.group)
    }
}

/// How the names of all streams begin that groups keep for themselves.
pub const OWN_STREAMS: &str = "$persistentsubscription";

/// Who gets an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Strategy {
    /// The first who has room.
    DispatchToSingle,
    /// One after the other.
    RoundRobin,
    /// Events of a stream go to one consumer while it stays.
    Pinned,
    /// Events of one correlation do.
    PinnedByCorrelation,
}

impl Strategy {
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::DispatchToSingle, Self::RoundRobin, Self::Pinned, Self::PinnedByCorrelation]
            .into_iter()
            .find(|strategy| strategy.to_string() == text)
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Where a group begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StartFrom {
    Start,
    End,
    /// With the event at this revision or position.
    At(u64),
}

/// What of the whole log a group wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupFilter {
    /// By event type, otherwise by stream.
    pub by_type: bool,
    pub regex: String,
    pub prefixes: Vec<String>,
}

impl GroupFilter {
    pub fn compiled(&self) -> Result<Filter, StreamsError> {
        let part = if self.by_type { Part::Type } else { Part::Stream };
        Filter::new(part, &self.regex, self.prefixes.clone())
    }
}

/// How a group works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSettings {
    pub start_from: StartFrom,
    pub resolve_links: bool,
    pub extra_statistics: bool,
    /// 0: events are waited for however long it takes.
    pub message_timeout_ms: u32,
    pub max_retry_count: u32,
    pub min_checkpoint_count: u32,
    pub max_checkpoint_count: u32,
    pub checkpoint_after_ms: u32,
    /// 0: as many as a server lets.
    pub max_subscriber_count: u32,
    pub live_buffer_size: u32,
    pub read_batch_size: u32,
    pub history_buffer_size: u32,
    pub strategy: Strategy,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<GroupFilter>,
}

impl Default for GroupSettings {
    /// What published clients send when nothing is said.
    fn default() -> Self {
        Self {
            start_from: StartFrom::Start,
            resolve_links: false,
            extra_statistics: false,
            message_timeout_ms: 30_000,
            max_retry_count: 10,
            min_checkpoint_count: 10,
            max_checkpoint_count: 1000,
            checkpoint_after_ms: 2000,
            max_subscriber_count: 0,
            live_buffer_size: 500,
            read_batch_size: 20,
            history_buffer_size: 500,
            strategy: Strategy::RoundRobin,
            filter: None,
        }
    }
}

impl GroupSettings {
    /// Why they cannot be.
    pub fn check(&self) -> Result<(), String> {
        if self.history_buffer_size <= self.read_batch_size {
            return Err(format!(
                "The history buffer size ({}) must be greater than the read batch size ({})",
                self.history_buffer_size, self.read_batch_size
            ));
        }
        if self.max_checkpoint_count < self.min_checkpoint_count {
            return Err(format!(
                "The largest checkpoint count ({}) must not be below the smallest ({})",
                self.max_checkpoint_count, self.min_checkpoint_count
            ));
        }
        Ok(())
    }

    /// How many events it holds at most that are not handed out.
    #[must_use]
    pub fn buffer(&self) -> usize {
        self.history_buffer_size.max(self.live_buffer_size).clamp(1, BUFFER_MAX) as usize
    }

    /// How many consumers it has at most.
    #[must_use]
    pub fn subscribers_max(&self) -> usize {
        match self.max_subscriber_count {
            0 => SUBSCRIBERS_MAX,
            count => (count as usize).min(SUBSCRIBERS_MAX),
        }
    }

    /// How long a consumer may have an event.
    #[must_use]
    pub fn message_timeout_us(&self) -> Option<i64> {
        (self.message_timeout_ms > 0).then(|| i64::from(self.message_timeout_ms) * 1000)
    }

    #[must_use]
    pub fn checkpoint_after_us(&self) -> i64 {
        i64::from(self.checkpoint_after_ms) * 1000
    }
}

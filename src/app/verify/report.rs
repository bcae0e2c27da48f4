//! What a verification answers: what it saw, what is wrong and where.

use super::money::CurrencyTotals;
use crate::store::{Head, RecordedEvent};
use std::collections::BTreeMap;

/// How many findings of one check are kept; all are counted.
const KEPT_MAX: usize = 20;

/// One thing that must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// From 1 to the head without a gap.
    Positions,
    /// Every stored leaf hash is the one of its event.
    Leaves,
    /// Times of recording never decrease along the log.
    Times,
    /// Every event of ours can be read, in a stream of its kind.
    Events,
    /// In each stream from 0 without a gap, in the order of the positions.
    Revisions,
    /// The stored claims are those that events and vault give.
    Claims,
    /// Each signed checkpoint has the root of the events as they are.
    Checkpoints,
    /// What was instructed is what stands in all states, by the events and in the figures.
    Money,
    /// Banks' messages are kept to the byte, and every item of a judged one has its verdict.
    Messages,
}

impl Check {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 9] = [
        Self::Positions,
        Self::Leaves,
        Self::Times,
        Self::Events,
        Self::Revisions,
        Self::Claims,
        Self::Checkpoints,
        Self::Money,
        Self::Messages,
    ];

    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Positions => "positions",
            Self::Leaves => "leaf_hashes",
            Self::Times => "times",
            Self::Events => "events",
            Self::Revisions => "revisions",
            Self::Claims => "claims",
            Self::Checkpoints => "checkpoints",
            Self::Money => "money",
            Self::Messages => "messages",
        }
    }
}

/// Something that does not hold, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub check: Check,
    pub position: Option<u64>,
    pub stream: Option<String>,
    pub message: String,
}

impl Finding {
    /// A finding without a place of its own.
    #[must_use]
    pub const fn of(check: Check, message: String) -> Self {
        Self { check, position: None, stream: None, message }
    }

    /// A finding about an event.
    #[must_use]
    pub fn at(check: Check, event: &RecordedEvent, message: String) -> Self {
        Self { check, position: Some(event.position), stream: Some(event.stream.clone()), message }
    }

    /// A finding about a stream.
    #[must_use]
    pub fn in_stream(check: Check, stream: &str, message: String) -> Self {
        Self { check, position: None, stream: Some(stream.to_owned()), message }
    }
}

/// The findings of one check: how many, and the first of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct OfCheck {
    count: u64,
    first: Vec<Finding>,
}

/// All findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    checks: BTreeMap<Check, OfCheck>,
}

impl Findings {
    /// Adds one.
    pub fn add(&mut self, finding: Finding) {
        let of_check = self.checks.entry(finding.check).or_default();
        of_check.count += 1;
        if of_check.first.len() < KEPT_MAX {
            of_check.first.push(finding);
        }
    }

    /// Adds another collection's findings of one check.
    pub fn take(&mut self, check: Check, other: &Self) {
        let Some(of_other) = other.checks.get(&check) else { return };
        let of_check = self.checks.entry(check).or_default();
        of_check.count += of_other.count;
        let room = KEPT_MAX.saturating_sub(of_check.first.len());
        of_check.first.extend(of_other.first.iter().take(room).cloned());
    }

    /// How many a check has.
    #[must_use]
    pub fn count(&self, check: Check) -> u64 {
        self.checks.get(&check).map_or(0, |of_check| of_check.count)
    }

    /// The first ones of a check.
    #[must_use]
    pub fn first(&self, check: Check) -> &[Finding] {
        self.checks.get(&check).map_or(&[], |of_check| &of_check.first)
    }

    /// Nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.checks.is_empty()
    }
}

/// What a verification saw.
#[derive(Debug, Clone)]
pub struct Verification {
    /// Up to where it looked.
    pub head: Head,
    pub events: u64,
    pub streams: u64,
    /// SHA-256 over all leaf hashes in order, as they are by the events.
    pub log_digest: [u8; 32],
    /// By currency, at `figures_position`.
    pub money: Vec<CurrencyTotals>,
    /// The position that the figures are of.
    pub figures_position: u64,
    /// How many claims are stored.
    pub claims: u64,
    /// How many stored checkpoints were compared.
    pub checkpoints: u64,
    pub findings: Findings,
}

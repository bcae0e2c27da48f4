//! Cells of the cube of figures and the signed differences that events make to them.

use crate::domain::period::Month;
use crate::projections::block::block_of;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What a cell counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tally {
    /// People with a live payment; value `cashless`, `cash` or `mixed`. The only tally with cells at inner nodes: see
    /// [`crate::projections::people`].
    People,
    /// Payments and their amount; value is the state of the latest attempt. The sum over all values is what was instructed,
    /// `settled` is what is live, and the states without an open attempt are final.
    State,
    /// Payments held and their amount; value is empty.
    Held,
    /// Payments with an open attempt and their amount; value is the date due.
    Open,
    /// Live payments and their amount; value is `due|settled`, two dates.
    Lag,
    /// Attempts and their amount; value is empty, or `kind|class|system|code` of an attempt that came to nothing.
    Attempt,
    /// Payments that stand on another attempt than their first, where that attempt is; value is its state. With [`Self::State`] it gives
    /// those that stand on their first, at the price of the few that don't.
    Later,
    /// The same payments where their first attempt was; value is `state|channel` of the attempt that they stand on.
    First,
    /// Live payments that somebody else received; value is who.
    Recipient,
}

impl Tally {
    /// All tallies.
    pub const ALL: [Self; 9] = [
        Self::People,
        Self::State,
        Self::Held,
        Self::Open,
        Self::Lag,
        Self::Attempt,
        Self::Later,
        Self::First,
        Self::Recipient,
    ];

    /// The word in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::State => "state",
            Self::Held => "held",
            Self::Open => "open",
            Self::Lag => "lag",
            Self::Attempt => "attempt",
            Self::Later => "later",
            Self::First => "first",
            Self::Recipient => "recipient",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tally| tally.as_str() == word)
    }
}

/// A node in each of the dimensions of the cube. Empty text is a dimension's root.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Month of the payment run; cycles have no tree, since people are asked for by cycle.
    pub cycle: Month,
    /// A unit's key, at any level.
    pub unit: Box<str>,
    /// A benefit type, or `@` and a group: a type and a group may have one name.
    pub benefit: Box<str>,
    /// A channel.
    pub channel: Box<str>,
    /// An agent; empty with its bank in the node of a whole channel.
    pub agent: Box<str>,
    /// A bank; empty when the payment goes to none.
    pub bank: Box<str>,
    /// `1` urban, `0` rural.
    pub urban: &'static str,
}

/// The text of a benefit group's node.
#[must_use]
pub fn group_node(group: &str) -> String {
    format!("@{group}")
}

/// The text of an urban or a rural node.
#[must_use]
pub const fn urban_node(urban: bool) -> &'static str {
    if urban { "1" } else { "0" }
}

/// A cell: what is counted, where, and of which value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CellKey {
    /// What is counted.
    pub tally: Tally,
    /// Where.
    pub place: Arc<Place>,
    /// The tally's value; see [`Tally`].
    pub value: Arc<str>,
}

/// A signed difference of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Difference {
    /// People, payments or attempts.
    pub count: i64,
    /// Minor units; 0 for people.
    pub amount_minor: i64,
}

impl Difference {
    /// The sum of two.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { count: self.count + other.count, amount_minor: self.amount_minor + other.amount_minor }
    }

    /// The opposite.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self { count: -self.count, amount_minor: -self.amount_minor }
    }

    /// Nothing changes.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.count == 0 && self.amount_minor == 0
    }
}

/// The differences of one event, merged by cell, in the order in which its cells first appear.
#[derive(Debug, Default)]
pub struct EventDifferences {
    entries: Vec<(CellKey, Difference)>,
}

impl EventDifferences {
    /// Adds to a cell. An event touches a handful of cells, so a walk beats a map.
    pub fn add(&mut self, key: CellKey, difference: Difference) {
        match self.entries.iter_mut().find(|(known, _)| *known == key) {
            Some((_, sum)) => *sum = sum.plus(difference),
            None => self.entries.push((key, difference)),
        }
    }

    /// Its cells with their differences.
    pub fn into_entries(self) -> impl Iterator<Item = (CellKey, Difference)> {
        self.entries.into_iter()
    }
}

/// A difference of one cell at one position. `cell` is an index into [`CellChanges::cells`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PositionDifference {
    /// The event's place in the log.
    pub position: u64,
    /// Which cell.
    pub cell: usize,
    /// By how much.
    pub difference: Difference,
}

/// What a batch changes in the cube. The order of cells is the order in which the log first names them, so that the store's
/// numbering of cells does not depend on batches.
#[derive(Debug, Default)]
pub struct CellChanges {
    /// The cells that the batch touches, in order of first appearance in it.
    pub cells: Vec<CellKey>,
    /// The differences, in order of position.
    pub differences: Vec<PositionDifference>,
    index: HashMap<CellKey, usize>,
}

impl CellChanges {
    /// Takes in one event's differences. Cells that end as they began are left out: nothing can tell that they were touched.
    pub fn record(&mut self, position: u64, event: EventDifferences) {
        for (key, difference) in event.entries {
            if !difference.is_zero() {
                let cell = self.cell(key);
                self.differences.push(PositionDifference { position, cell, difference });
            }
        }
    }

    /// Sum of the batch's differences, one for each cell.
    #[must_use]
    pub fn totals(&self) -> Vec<Difference> {
        let mut totals = vec![Difference::default(); self.cells.len()];
        for entry in &self.differences {
            totals[entry.cell] = totals[entry.cell].plus(entry.difference);
        }
        totals
    }

    /// The position of the batch's last change of each cycle that it changes.
    #[must_use]
    pub fn cycles(&self) -> BTreeMap<Month, u64> {
        self.differences.iter().map(|entry| (self.cells[entry.cell].place.cycle, entry.position)).collect()
    }

    /// The blocks that the batch's changes of each cycle lie in.
    #[must_use]
    pub fn cycle_blocks(&self) -> BTreeSet<(Month, u64)> {
        let of = |entry: &PositionDifference| (self.cells[entry.cell].place.cycle, block_of(entry.position));
        self.differences.iter().map(of).collect()
    }

    fn cell(&mut self, key: CellKey) -> usize {
        if let Some(known) = self.index.get(&key) {
            return *known;
        }
        let next = self.cells.len();
        self.cells.push(key.clone());
        self.index.insert(key, next);
        next
    }
}

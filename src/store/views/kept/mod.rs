//! Figures from slices of the cube that are kept in memory: a question about cycles that did not change reads nothing of the database but
//! how far the rows are.
//!
//! A slice is kept under what makes it: the building of the rows (they may be built anew), tally, cycle, and the position that it is of. The
//! database says in each read's own snapshot which position that is, so that no server answers of another state than its rows have.

use super::StoreError;
use super::decode::corrupt;
use crate::domain::period::Month;
use crate::projections::cell::Tally;
use crate::projections::figures::slice::{Gathered, Slice};
use crate::projections::figures::{AsOf, CellRow, FigureRead, Source};
use async_trait::async_trait;
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// What slices may take. A province's cycle has some 100 KB of them for adoption.
const KEPT_BYTES_MAX: usize = 32 << 20;
/// Cycles that one read has in hand at a time, however many it asks for.
const CYCLES_AT_ONCE: usize = 16;

/// The state of the rows: which building of them, and how far they have read the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct State {
    pub generation: i64,
    pub position: u64,
}

/// The position of each cycle's last change.
pub(super) type Changes = BTreeMap<Month, u64>;

/// Cells of a cycle: tally, cycle, and their rows, whose units and benefits are nodes.
pub(super) type Cells = HashMap<(Tally, Month), Vec<CellRow>>;

/// The cube in the database, in one snapshot.
#[async_trait]
pub(super) trait Cube: Send {
    /// The position of each cycle's last change.
    async fn changes(&mut self) -> Result<Changes, StoreError>;

    /// The last position recorded up to a day.
    async fn last_of(&mut self, day: Date) -> Result<u64, StoreError>;

    /// Cells of these cycles as they are.
    async fn cells(&mut self, tallies: &[Tally], cycles: &[Month]) -> Result<Cells, StoreError>;

    /// Cells of these cycles as they were at a position.
    async fn cells_at(&mut self, tallies: &[Tally], cycles: &[Month], position: u64) -> Result<Cells, StoreError>;
}

/// Puts rows of cells under their tally and cycle.
pub(super) fn by_cycle(rows: impl IntoIterator<Item = Result<CellRow, StoreError>>) -> Result<Cells, StoreError> {
    let mut cells = Cells::new();
    let mut months: HashMap<String, Month> = HashMap::new();
    for row in rows {
        let row = row?;
        let month = if let Some(known) = months.get(&row.cycle) {
            *known
        } else {
            let month = Month::parse(&row.cycle).map_err(corrupt)?;
            months.insert(row.cycle.clone(), month);
            month
        };
        cells.entry((row.tally, month)).or_default().push(row);
    }
    Ok(cells)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    generation: i64,
    tally: Tally,
    cycle: Month,
    position: u64,
}

#[derive(Debug)]
struct Entry {
    slice: Arc<Slice>,
    bytes: usize,
    used: AtomicU64,
}

/// What is kept.
#[derive(Debug)]
pub(in crate::store) struct Kept {
    inner: RwLock<Inner>,
    bytes_max: usize,
    /// Counts uses: the oldest go first.
    uses: AtomicU64,
}

#[derive(Debug, Default)]
struct Inner {
    slices: HashMap<Key, Entry>,
    bytes: usize,
    changes: Option<(State, Arc<Changes>)>,
}

impl Default for Kept {
    fn default() -> Self {
        Self::bounded(KEPT_BYTES_MAX)
    }
}

impl Kept {
    fn bounded(bytes_max: usize) -> Self {
        Self { inner: RwLock::default(), bytes_max, uses: AtomicU64::new(0) }
    }

    /// Answers from memory alone; `None` where anything is missing.
    pub(super) fn remembered(&self, state: State, reads: &[FigureRead]) -> Option<Vec<Vec<CellRow>>> {
        let changes = self.changes(state)?;
        reads.iter().map(|read| self.remembered_one((state, &changes), read)).collect()
    }

    fn remembered_one(&self, (state, changes): (State, &Changes), read: &FigureRead) -> Option<Vec<CellRow>> {
        if read.source != Source::Cells {
            return None;
        }
        let position = match read.as_of {
            AsOf::Now => state.position,
            AsOf::Position(position) | AsOf::Instant { position, .. } => position,
            AsOf::Day(_) => return None,
        };
        let mut gathered = Gathered::new(read);
        for (cycle, last) in cycles(changes, read) {
            for tally in &read.tallies {
                let slice = self.slice(key(state, *tally, (cycle, last), position))?;
                gathered.add(*tally, cycle, &slice);
            }
        }
        Some(gathered.finish())
    }

    fn changes(&self, state: State) -> Option<Arc<Changes>> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        inner.changes.as_ref().filter(|(of, _)| *of == state).map(|(_, changes)| Arc::clone(changes))
    }

    fn slice(&self, key: Key) -> Option<Arc<Slice>> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let entry = inner.slices.get(&key)?;
        entry.used.store(self.uses.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        Some(Arc::clone(&entry.slice))
    }

    /// Keeps a slice, and lets go of those used longest ago where it gets too much.
    fn keep(&self, key: Key, slice: &Arc<Slice>) {
        let bytes = slice.bytes() + size_of::<(Key, Entry)>();
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let used = AtomicU64::new(self.uses.fetch_add(1, Ordering::Relaxed));
        inner.bytes += bytes;
        if let Some(other) = inner.slices.insert(key, Entry { slice: Arc::clone(slice), bytes, used }) {
            inner.bytes -= other.bytes;
        }
        if inner.bytes > self.bytes_max {
            inner.shrink(self.bytes_max / 4 * 3);
        }
    }

    fn keep_changes(&self, state: State, changes: &Arc<Changes>) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        // A reader that began earlier must not undo what a later one found.
        let is_older =
            |(of, _): &(State, Arc<Changes>)| of.generation == state.generation && of.position > state.position;
        if !inner.changes.as_ref().is_some_and(is_older) {
            inner.changes = Some((state, Arc::clone(changes)));
        }
    }
}

impl Inner {
    fn shrink(&mut self, bytes_max: usize) {
        let mut by_use: Vec<(u64, Key)> =
            self.slices.iter().map(|(key, entry)| (entry.used.load(Ordering::Relaxed), *key)).collect();
        by_use.sort_unstable_by_key(|(used, _)| *used);
        for (_, key) in by_use {
            if self.bytes <= bytes_max {
                break;
            }
            if let Some(gone) = self.slices.remove(&key) {
                self.bytes -= gone.bytes;
            }
        }
    }
}

/// The slice that holds a cycle's state: of its last change, unless an earlier state is asked for.
fn key(state: State, tally: Tally, (cycle, last): (Month, u64), position: u64) -> Key {
    Key { generation: state.generation, tally, cycle, position: last.min(position) }
}

/// Cycles that a read asks for and that have any cells, with their last change.
fn cycles<'c>(changes: &'c Changes, read: &FigureRead) -> impl Iterator<Item = (Month, u64)> + use<'c> {
    let (from, to) = read.cycles;
    let asked = move |cycle: &Month| from.is_none_or(|from| *cycle >= from) && to.is_none_or(|to| *cycle <= to);
    changes.iter().map(|(cycle, last)| (*cycle, *last)).filter(move |(cycle, _)| asked(cycle))
}

/// Answers a read of cells: from what is kept, and from the database what is not.
pub(super) async fn answer(
    kept: &Kept,
    state: State,
    read: &FigureRead,
    cube: &mut dyn Cube,
) -> Result<Vec<CellRow>, StoreError> {
    let changes = if let Some(changes) = kept.changes(state) {
        changes
    } else {
        let changes = Arc::new(cube.changes().await?);
        kept.keep_changes(state, &changes);
        changes
    };
    let position = match read.as_of {
        AsOf::Now => state.position,
        AsOf::Position(position) | AsOf::Instant { position, .. } => position.min(state.position),
        AsOf::Day(day) => cube.last_of(day).await?.min(state.position),
    };
    let mut gathered = Gathered::new(read);
    let cycles: Vec<(Month, u64)> = cycles(&changes, read).collect();
    for some in cycles.chunks(CYCLES_AT_ONCE) {
        let mut missing = Vec::new();
        for (cycle, last) in some {
            let of = |tally: &Tally| (*tally, kept.slice(key(state, *tally, (*cycle, *last), position)));
            let found: Vec<(Tally, Option<Arc<Slice>>)> = read.tallies.iter().map(of).collect();
            if found.iter().any(|(_, slice)| slice.is_none()) {
                missing.push((*cycle, *last));
                continue;
            }
            for (tally, slice) in found {
                gathered.add(tally, *cycle, &slice.unwrap_or_default());
            }
        }
        load((kept, state, position), (read, &missing), cube, &mut gathered).await?;
    }
    Ok(gathered.finish())
}

/// Reads the slices of cycles, keeps them and adds them to the answer.
async fn load(
    (kept, state, position): (&Kept, State, u64),
    (read, missing): (&FigureRead, &[(Month, u64)]),
    cube: &mut dyn Cube,
    gathered: &mut Gathered<'_>,
) -> Result<(), StoreError> {
    let of = |past: bool| -> Vec<Month> {
        missing.iter().filter(|(_, last)| (*last > position) == past).map(|(cycle, _)| *cycle).collect()
    };
    let (as_it_is, earlier) = (of(false), of(true));
    let mut cells = Cells::new();
    if !as_it_is.is_empty() {
        cells.extend(cube.cells(&read.tallies, &as_it_is).await?);
    }
    if !earlier.is_empty() {
        cells.extend(cube.cells_at(&read.tallies, &earlier, position).await?);
    }
    for (cycle, last) in missing {
        for tally in &read.tallies {
            // A cycle without such cells has a slice too: that there are none is worth knowing.
            let slice = Arc::new(Slice::new(cells.remove(&(*tally, *cycle)).unwrap_or_default()));
            gathered.add(*tally, *cycle, &slice);
            kept.keep(key(state, *tally, (*cycle, *last), position), &slice);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;

//! What was read and decided of published cycles: a cycle is published once, so that what was read of it stays true while the process lives.

use crate::domain::period::Month;
use crate::projections::figures::outcomes::{OpenOutcomes, Outcomes};
use crate::projections::figures::privacy::{Breakdown, Nodes, Open};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// How many rows are kept at most; then all are read anew.
const ROWS_MAX: usize = 100_000;

/// The outcomes of a cycle's nodes, and what may be told of them.
pub(super) type OutcomesOfCycle = (BTreeMap<String, Outcomes>, OpenOutcomes);

#[derive(Default)]
struct Known {
    points: HashMap<Month, u64>,
    tables: HashMap<(Month, Breakdown), Arc<Nodes>>,
    open: HashMap<(Month, Breakdown), Arc<Open>>,
    outcomes: HashMap<Month, Arc<OutcomesOfCycle>>,
    rows: usize,
}

impl Known {
    fn make_room(&mut self, rows: usize) {
        if self.rows + rows > ROWS_MAX {
            self.tables.clear();
            self.open.clear();
            self.outcomes.clear();
            self.rows = 0;
        }
        self.rows += rows;
    }
}

/// Positions of publications, and tables.
#[derive(Default)]
pub struct KnownTables(Mutex<Known>);

impl KnownTables {
    pub(super) fn point(&self, cycle: Month) -> Option<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).points.get(&cycle).copied()
    }

    pub(super) fn put_point(&self, cycle: Month, position: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).points.insert(cycle, position);
    }

    pub(super) fn table(&self, key: (Month, Breakdown)) -> Option<Arc<Nodes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).tables.get(&key).map(Arc::clone)
    }

    /// Which nodes are open, decided once.
    pub(super) fn open(&self, key: (Month, Breakdown), decide: impl FnOnce() -> Open) -> Arc<Open> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).open.get(&key).map(Arc::clone);
        if let Some(open) = known {
            return open;
        }
        let open = Arc::new(decide());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).open.insert(key, Arc::clone(&open));
        open
    }

    pub(super) fn put_table(&self, key: (Month, Breakdown), table: &Arc<Nodes>) {
        let rows: usize = table.values().map(BTreeMap::len).sum();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.make_room(rows);
        known.tables.insert(key, Arc::clone(table));
    }

    pub(super) fn outcomes(&self, cycle: Month) -> Option<Arc<OutcomesOfCycle>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).outcomes.get(&cycle).map(Arc::clone)
    }

    pub(super) fn put_outcomes(&self, cycle: Month, found: &Arc<OutcomesOfCycle>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.make_room(found.0.len());
        known.outcomes.insert(cycle, Arc::clone(found));
    }
}

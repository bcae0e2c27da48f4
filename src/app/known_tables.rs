//! What was read of published cycles: a cycle is published once, so that what was read of it stays true while the process lives.

use crate::domain::period::Month;
use crate::projections::figures::privacy::{Breakdown, Nodes};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How many rows are kept at most; then all are read anew.
const ROWS_MAX: usize = 100_000;

#[derive(Default)]
struct Known {
    points: HashMap<Month, u64>,
    tables: HashMap<(Month, Breakdown), Arc<Nodes>>,
    rows: usize,
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

    pub(super) fn put_table(&self, key: (Month, Breakdown), table: &Arc<Nodes>) {
        let rows: usize = table.values().map(std::collections::BTreeMap::len).sum();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.rows + rows > ROWS_MAX {
            known.tables.clear();
            known.rows = 0;
        }
        known.rows += rows;
        known.tables.insert(key, Arc::clone(table));
    }
}

//! How the rate of a bulk load holds while the log grows, beside the bare table's own.

use super::events::{Maker, bare_event};
use super::figures::{Measured, Target, median, per_second, thousandths};
use super::place::Engine;
use super::yardsticks::Bare;
use super::{BenchError, Run};
use crate::store::SharedStore;
use std::sync::Arc;
use std::time::Instant;

/// Events that are handed over, or inserted, together.
const BATCH: u64 = 1_000;
/// Batches that are on the way at once, as an import has them.
const AHEAD: usize = 4;

/// Our log and the bare table, filled alike.
struct Both {
    store: SharedStore,
    maker: Arc<Maker>,
    bare: Bare,
    filled: u64,
}

impl Both {
    /// Fills both by so many events; the rate of each.
    async fn fill(&mut self, events: u64) -> Result<(u64, u64), BenchError> {
        let begun = Instant::now();
        load(&self.store, &self.maker, events).await?;
        let ours = per_second(events, begun.elapsed());
        let begun = Instant::now();
        for _ in 0..events.div_ceil(BATCH) {
            let rows: Vec<_> = (self.filled + 1..=self.filled + BATCH).map(bare_event).collect();
            self.bare.page(&rows).await?;
            self.filled += BATCH;
        }
        Ok((ours, per_second(events, begun.elapsed())))
    }

    /// Fills both to a size, and measures the last stretch there, several times.
    async fn rates_at(&mut self, run: &Run<'_>, size: u64) -> Result<(u64, u64), BenchError> {
        let window = run.plan.growth_window;
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        while self.filled + window * run.plan.rounds < size {
            let rest = size - self.filled - window * run.plan.rounds;
            self.fill(rest.min(100_000)).await?;
        }
        for _ in 0..run.plan.rounds {
            let rates = self.fill(window).await?;
            ours.push(rates.0);
            bare.push(rates.1);
        }
        run.tell(&format!("growth, at {} events: {ours:?} and bare {bare:?} events/s", self.filled));
        Ok((median(ours), median(bare)))
    }
}

type Given = tokio::task::JoinHandle<Vec<Result<crate::store::WriteResult, crate::store::AppendError>>>;

async fn taken(batch: Option<Given>) -> Result<(), BenchError> {
    let Some(batch) = batch else { return Ok(()) };
    for answer in batch.await? {
        answer?;
    }
    Ok(())
}

/// Appends so many events as an import does: batches of a thousand, some of them on the way at once.
pub async fn load(store: &SharedStore, maker: &Maker, events: u64) -> Result<(), BenchError> {
    let mut given = std::collections::VecDeque::new();
    let mut left = events;
    while left > 0 {
        let some = left.min(BATCH);
        left -= some;
        if given.len() >= AHEAD {
            taken(given.pop_front()).await?;
        }
        let (store, appends) = (Arc::clone(store), maker.appends(some));
        given.push_back(tokio::spawn(async move { store.append_batch(appends).await }));
    }
    while let Some(batch) = given.pop_front() {
        taken(Some(batch)).await?;
    }
    Ok(())
}

pub async fn growth(run: &Run<'_>, engine: &Engine) -> Result<Vec<Measured>, BenchError> {
    let (place, bare_place) = (run.place(engine, "growth").await?, run.place(engine, "growth_bare").await?);
    let mut both = Both {
        store: place.store().await?,
        maker: Arc::new(Maker::of_files()),
        bare: Bare::open(&bare_place.url).await?,
        filled: 0,
    };
    let (small, large) = run.plan.growth;
    let at_small = both.rates_at(run, small).await?;
    let at_large = both.rates_at(run, large).await?;
    both.store.close().await;
    both.bare.close().await?;
    place.remove().await?;
    bare_place.remove().await?;
    let held = |of: (u64, u64)| of.1.saturating_mul(1000) / of.0.max(1);
    let (ours, bare) = (held((at_small.0, at_large.0)), held((at_small.1, at_large.1)));
    let mut measured = Measured::new("growth", "the rate of appends to a grown log", (at_large.0, at_small.0), {
        // Never below 0.6, and not below what the bare table holds.
        Target::AtLeast(bare.clamp(600, 1_000))
    });
    measured.ratio = ours;
    let note = format!("{large} events and {small}; the bare table holds {}", thousandths(bare));
    Ok(vec![measured.of("events/s", "its own on the young log").noted(note)])
}

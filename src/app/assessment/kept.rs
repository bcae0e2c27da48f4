//! Overviews that were computed, for those who look at the same one: at most so many, each with the position that it is of. One that the log
//! has gone beyond is shown once more while the next is computed, and says which position it is of.

use super::overview::{Overview, OverviewQuery};
use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::AppError;
use crate::domain::ids::UnitKey;
use crate::projections::Projection;
use crate::projections::figures::AsOf;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many are kept, the last used ones. One of a province is some hundred kilobytes.
const KEPT_MAX: usize = 100;
/// One that the log has gone beyond is shown no longer than this after it was computed.
const SHOWN_FOR: Duration = Duration::from_mins(1);

/// Who sees the same, and what is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    is_published: bool,
    unit: Option<UnitKey>,
    query: OverviewQuery,
}

/// One question with its answer, once there is one.
#[derive(Debug)]
struct Slot {
    key: Key,
    answer: Mutex<Option<Answer>>,
    /// Held by the one that computes.
    turn: tokio::sync::Mutex<()>,
    is_renewed: AtomicBool,
}

#[derive(Debug, Clone)]
struct Answer {
    overview: Arc<Overview>,
    /// How far the log's figures were.
    of: u64,
    at: Instant,
}

/// The overviews of one log.
#[derive(Debug, Default)]
pub struct KeptOverviews {
    slots: Mutex<HashMap<String, (u64, Arc<Slot>)>>,
}

impl KeptOverviews {
    fn slot(&self, key: Key) -> Arc<Slot> {
        // A name that tells two questions apart.
        let name = format!("{key:?}");
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = slots.values().map(|(used, _)| *used).max().unwrap_or(0) + 1;
        if let Some((used, slot)) = slots.get_mut(&name) {
            *used = newest;
            return Arc::clone(slot);
        }
        if slots.len() >= KEPT_MAX
            && let Some(oldest) = slots.iter().min_by_key(|(_, (used, _))| *used).map(|(name, _)| name.clone())
        {
            slots.remove(&oldest);
        }
        let slot = Arc::new(Slot {
            key,
            answer: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            is_renewed: AtomicBool::new(false),
        });
        slots.insert(name, (newest, Arc::clone(&slot)));
        slot
    }
}

impl Slot {
    fn answer(&self) -> Option<Answer> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, answer: Answer) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
    }
}

impl App {
    /// The overview of a cycle and unit. Not older than the log's figures, or of a position that it names and computed within a minute.
    pub async fn overview(
        self: &Arc<Self>,
        principal: &Principal,
        query: &OverviewQuery,
    ) -> Result<Arc<Overview>, AppError> {
        let key = Key {
            is_published: self.reads_published(principal),
            unit: principal.unit.clone(),
            // Which position it must include is not part of the question.
            query: OverviewQuery { min_position: None, ..query.clone() },
        };
        let slot = self.overviews.slot(key);
        self.wait_for(Projection::Payments, query.min_position).await?;
        let of = self.views.progress(Projection::Payments).await?.checkpoint.position;
        if let Some(found) = slot.answer() {
            // A state of the log that is named by its position does not move.
            if found.of == of || matches!(query.as_of, AsOf::Position(_)) {
                return Ok(found.overview);
            }
            let includes = query.min_position.is_none_or(|position| position <= found.of);
            if includes && found.at.elapsed() < SHOWN_FOR {
                self.renew(principal, &slot);
                return Ok(found.overview);
            }
        }
        let _turn = slot.turn.lock().await;
        // Somebody else had the turn before.
        if let Some(found) = slot.answer().filter(|found| found.of >= of) {
            return Ok(found.overview);
        }
        self.compute_into(principal, (&slot, of), query.min_position).await
    }

    async fn compute_into(
        &self,
        principal: &Principal,
        (slot, of): (&Slot, u64),
        min_position: Option<u64>,
    ) -> Result<Arc<Overview>, AppError> {
        let query = OverviewQuery { min_position, ..slot.key.query.clone() };
        let overview = Arc::new(self.compute_overview(principal, &query).await?);
        slot.put(Answer { overview: Arc::clone(&overview), of, at: Instant::now() });
        Ok(overview)
    }

    /// Computes it anew beside whoever is answered now, once at a time.
    fn renew(self: &Arc<Self>, principal: &Principal, slot: &Arc<Slot>) {
        if slot.is_renewed.swap(true, Ordering::AcqRel) {
            return;
        }
        let (app, principal, slot) = (Arc::clone(self), principal.clone(), Arc::clone(slot));
        tokio::spawn(async move {
            let _turn = slot.turn.lock().await;
            let renewed = async {
                let of = app.views.progress(Projection::Payments).await?.checkpoint.position;
                app.compute_into(&principal, (&slot, of), None).await
            };
            if let Err(error) = renewed.await {
                tracing::warn!(%error, "an overview could not be computed anew");
            }
            slot.is_renewed.store(false, Ordering::Release);
        });
    }
}

//! Whether a projection is what its log gives: a replay from zero into another database, compared table by table.

use super::Tell;
use crate::app::App;
use crate::app::error::AppError;
use crate::app::runner::stopped;
use crate::projections::{Checkpoint, Projection};
use crate::store::Direction;
use crate::store::views::{TableDigest, ViewStore, advance};

/// Events of one step of the replay.
const BATCH_EVENTS: u32 = 4_000;

/// One table, as stored and as replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableCheck {
    pub table: &'static str,
    pub stored: TableDigest,
    pub replayed: TableDigest,
}

impl TableCheck {
    /// The two are the same, byte for byte.
    #[must_use]
    pub fn same(&self) -> bool {
        self.stored == self.replayed
    }
}

/// What a replay of one projection came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    pub projection: Projection,
    /// The position that both are of.
    pub position: u64,
    pub tables: Vec<TableCheck>,
}

impl Replay {
    /// The first table that differs.
    #[must_use]
    pub fn first_difference(&self) -> Option<&TableCheck> {
        self.tables.iter().find(|table| !table.same())
    }
}

impl App {
    /// Replays the log into `scratch`, which is empty, up to where the stored projection stands, and compares the two.
    /// The stored one is read first, in one snapshot: what a server appends meanwhile changes nothing.
    pub async fn check_projection(
        &self,
        projection: Projection,
        scratch: &dyn ViewStore,
        tell: Tell<'_>,
    ) -> Result<Replay, AppError> {
        let stored = self.views.digests(projection).await?;
        let end = stored.checkpoint;
        let mut at = Checkpoint::default();
        while at.position < end.position {
            let mut page = self.store.read_all(Some(at.position), Direction::Forwards, BATCH_EVENTS).await?;
            page.retain(|event| event.position <= end.position);
            let next = advance(scratch, projection, at, &page, self.profile.as_ref()).await;
            let next = next.map_err(|error| stopped(projection, error))?;
            if next == at {
                let place = format!(
                    "the log ends at {}, the projection {} stands at {}",
                    at.position,
                    projection.name(),
                    end.position
                );
                return Err(AppError::Internal(place));
            }
            at = next;
            tell(at.position, end.position);
        }
        let replayed = scratch.digests(projection).await?.answer;
        let tables = stored.answer.into_iter().zip(replayed);
        let tables = tables.map(|(stored, replayed)| TableCheck { table: stored.table, stored, replayed }).collect();
        Ok(Replay { projection, position: end.position, tables })
    }
}

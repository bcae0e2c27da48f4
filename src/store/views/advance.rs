//! One step of a projection: load what a page of events needs, fold it, write rows and checkpoint together. No rules.

use super::{Step, ViewStore};
use crate::projections::desks::{self, DeskRows};
use crate::projections::oversight::{self, OversightRows};
use crate::projections::payments::{self, Loaded};
use crate::projections::{
    Cause, Checkpoint, Fact, Projection, ProjectionError, Recorded, Reference, beneficiaries, inbox, lists,
};
use crate::proof::tile;
use crate::store::{RecordedEvent, StoreError, leaf};
use std::borrow::Borrow;

/// Why a step was not made. Nothing of it is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdvanceError {
    /// The projection cannot handle an event; it is to stop and say so.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
    /// The store failed; the same step may succeed later.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes a projection over a page of the log, which begins right after `from`. Gives the checkpoint reached.
pub async fn advance<S: ViewStore + ?Sized, E: Borrow<RecordedEvent> + Sync>(
    store: &S,
    projection: Projection,
    from: Checkpoint,
    page: &[E],
    reference: &dyn Reference,
) -> Result<Checkpoint, AdvanceError> {
    let Some(last) = page.last().map(E::borrow) else { return Ok(from) };
    let step = Step { from, to: Checkpoint { position: last.position, recorded_at_us: last.recorded_at_us } };
    match projection {
        Projection::Payments => {
            let facts = facts(projection, page)?;
            let mut rows = store.payments(&payments::payment_ids(&facts)).await?;
            rows.extend(store.payments_ordered_last(&payments::the_dead(&facts)).await?);
            let live = store.live_payments(&payments::people(&facts, &rows)).await?;
            let changes = payments::fold(&facts, Loaded { rows, live }, reference)?;
            store.apply_payments(&changes, step).await?;
        }
        Projection::Beneficiaries => {
            let facts = facts(projection, page)?;
            let loaded = store.beneficiaries(&beneficiaries::ids(&facts)).await?;
            let folded = beneficiaries::fold(&facts, loaded)?;
            store.apply_beneficiaries(&folded, step).await?;
        }
        Projection::Oversight => {
            let facts = facts(projection, page)?;
            let (recoveries, approvals) = oversight::ids(&facts);
            let recoveries = store.recoveries(&recoveries).await?;
            let approvals = store.approvals(&approvals).await?;
            let rows = oversight::fold(&facts, OversightRows { recoveries, approvals, ..OversightRows::default() })?;
            store.apply_oversight(&rows, step).await?;
        }
        Projection::Tree => grow_tree(store, page, step).await?,
        Projection::Desks => {
            let facts = facts(projection, page)?;
            let ids = desks::ids(&facts);
            let loaded = DeskRows { desks: store.desks(&ids).await?, days: store.desk_days(&ids).await? };
            store.apply_desks(&desks::fold(&facts, loaded)?, step).await?;
        }
        Projection::Lists => {
            let facts = facts(projection, page)?;
            let loaded = store.lists(&lists::ids(&facts)).await?;
            let changes = lists::fold(&facts, loaded)?;
            store.apply_lists(&changes, step).await?;
        }
        Projection::Inbox => {
            let facts = facts(projection, page)?;
            let loaded = store.bank_messages(&inbox::ids(&facts)).await?;
            store.apply_inbox(&inbox::fold(&facts, loaded)?, step).await?;
        }
    }
    Ok(step.to)
}

/// Adds the page's leaf hashes to the tree, each computed from its event: what somebody changed does not get in.
async fn grow_tree<S: ViewStore + ?Sized>(
    store: &S,
    page: &[impl Borrow<RecordedEvent> + Sync],
    step: Step,
) -> Result<(), AdvanceError> {
    let (log_id, size) = (store.log_number(), step.from.position);
    let mut leaves = Vec::with_capacity(page.len());
    for (expected, event) in (size + 1..).zip(page.iter().map(Borrow::borrow)) {
        let hash = leaf::of_recorded(log_id, event);
        if hash != event.leaf_hash || event.position != expected {
            return Err(Cause::ChangedEvent.at(expected).into());
        }
        leaves.push(hash);
    }
    let begun = store.tree_tiles(&tile::needed(size)).await?;
    let tiles = tile::grow(size, begun, leaves);
    let tiles = tiles.map_err(|broken| Cause::BrokenTree(broken.to_string()).at(size + 1))?;
    Ok(store.apply_tree(&tiles, step).await?)
}

impl RecordedEvent {
    /// As projections read it.
    #[must_use]
    pub fn recorded(&self) -> Recorded<'_> {
        Recorded {
            position: self.position,
            stream: &self.stream,
            revision: self.revision,
            recorded_at_us: self.recorded_at_us,
            event_type: &self.event_type,
            schema_version: self.schema_version,
            data: &self.data,
            metadata: &self.metadata,
        }
    }
}

/// The page's events that concern the projection: others' are not even decoded.
fn facts(projection: Projection, page: &[impl Borrow<RecordedEvent>]) -> Result<Vec<Fact>, ProjectionError> {
    let read = |event: &RecordedEvent| match projection {
        Projection::Oversight => Fact::overseen(event.recorded()).transpose(),
        _ => Fact::read(event.recorded()).transpose(),
    };
    let page = page.iter().map(Borrow::borrow);
    page.filter(|event| projection.concerns(&event.stream, &event.event_type)).filter_map(read).collect()
}

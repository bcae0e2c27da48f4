//! One step of a projection: load what a page of events needs, fold it, write rows and checkpoint together. No rules.

use super::{Step, ViewStore};
use crate::projections::oversight::{self, OversightRows};
use crate::projections::payments::{self, Loaded};
use crate::projections::{Checkpoint, Fact, Projection, ProjectionError, Recorded, Reference, beneficiaries};
use crate::store::{RecordedEvent, StoreError};

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
pub async fn advance<S: ViewStore + ?Sized>(
    store: &S,
    projection: Projection,
    from: Checkpoint,
    page: &[RecordedEvent],
    reference: &dyn Reference,
) -> Result<Checkpoint, AdvanceError> {
    let Some(last) = page.last() else { return Ok(from) };
    let step = Step { from, to: Checkpoint { position: last.position, recorded_at_us: last.recorded_at_us } };
    let facts = facts(projection, page)?;
    match projection {
        Projection::Payments => {
            let rows = store.payments(&payments::payment_ids(&facts)).await?;
            let live = store.live_payments(&payments::people(&facts, &rows)).await?;
            let changes = payments::fold(&facts, Loaded { rows, live }, reference)?;
            store.apply_payments(&changes, step).await?;
        }
        Projection::Beneficiaries => {
            let loaded = store.beneficiaries(&beneficiaries::ids(&facts)).await?;
            let rows = beneficiaries::fold(&facts, loaded)?;
            store.apply_beneficiaries(&rows, step).await?;
        }
        Projection::Oversight => {
            let (recoveries, approvals) = oversight::ids(&facts);
            let recoveries = store.recoveries(&recoveries).await?;
            let approvals = store.approvals(&approvals).await?;
            let rows = oversight::fold(&facts, OversightRows { recoveries, approvals })?;
            store.apply_oversight(&rows, step).await?;
        }
    }
    Ok(step.to)
}

/// The page's events that concern the projection: others' are not even decoded.
fn facts(projection: Projection, page: &[RecordedEvent]) -> Result<Vec<Fact>, ProjectionError> {
    let read = |event: &RecordedEvent| {
        Fact::read(Recorded {
            position: event.position,
            stream: &event.stream,
            revision: event.revision,
            recorded_at_us: event.recorded_at_us,
            event_type: &event.event_type,
            schema_version: event.schema_version,
            data: &event.data,
        })
        .transpose()
    };
    page.iter().filter(|event| projection.concerns(&event.stream)).filter_map(read).collect()
}

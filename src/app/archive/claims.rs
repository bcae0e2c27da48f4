//! The claims that a log gives: its streams are folded one after the other, as the store did when they grew.

use crate::app::aggregate::{decode_own, list_of_stream};
use crate::app::imports::{import_of_stream, run};
use crate::domain::bank::Bank;
use crate::domain::claims::{self, ClaimChange};
use crate::domain::codec::{self, DomainEvent};
use crate::domain::desk::Desk;
use crate::domain::import::ImportStarted;
use crate::domain::list::PaymentList;
use crate::domain::payment::Payment;
use crate::domain::webhook::Webhook;
use crate::store::archive::{Cell, Row};
use crate::store::{RecordedEvent, StoreError};
use std::collections::BTreeSet;

/// What the stream is about, with what its next event needs to know.
enum Kind {
    Payment(Box<Payment>),
    Import(Option<Box<ImportStarted>>),
    Desk,
    Bank,
    Webhook,
    List,
    /// People's identifiers are claimed from the vault, which a log does not hold; other programs' streams claim nothing.
    Other,
}

/// One stream and the claims that it holds so far.
pub(super) struct StreamClaims {
    stream: String,
    next_revision: u64,
    kind: Kind,
    held: BTreeSet<(&'static str, Vec<u8>)>,
}

impl StreamClaims {
    pub fn begin(stream: &str) -> Self {
        let kind = if stream.starts_with("payment-") {
            Kind::Payment(Box::default())
        } else if import_of_stream(stream).is_some() {
            Kind::Import(None)
        } else if stream.starts_with("desk-") {
            Kind::Desk
        } else if stream.starts_with("bank-") {
            Kind::Bank
        } else if stream.starts_with("webhook-") {
            Kind::Webhook
        } else if list_of_stream(stream).is_some() {
            Kind::List
        } else {
            Kind::Other
        };
        Self { stream: stream.to_owned(), next_revision: 0, kind, held: BTreeSet::new() }
    }

    pub fn is_of(&self, stream: &str) -> bool {
        self.stream == stream
    }

    /// Applies the stream's next event.
    pub fn event(&mut self, event: &RecordedEvent) -> Result<(), StoreError> {
        if event.revision != self.next_revision {
            return Err(StoreError::Corrupt(format!(
                "the event at position {} has revision {} in {}, where {} should follow",
                event.position, event.revision, self.stream, self.next_revision
            )));
        }
        self.next_revision += 1;
        let changes = match &mut self.kind {
            Kind::Payment(state) => {
                let read = decode_own::<Payment>(event)?;
                let changes = claims::of_payment_event(state, &read);
                state.evolve(&read);
                changes
            }
            Kind::Import(started) => import_changes(event, started)?,
            Kind::Desk => claims::of_desk_event(&decode_own::<Desk>(event)?),
            Kind::Bank => claims::of_bank_event(&decode_own::<Bank>(event)?),
            Kind::Webhook => claims::of_webhook_event(&decode_own::<Webhook>(event)?),
            Kind::List => claims::of_list_event(&decode_own::<PaymentList>(event)?),
            Kind::Other => Vec::new(),
        };
        for change in changes {
            self.apply(change);
        }
        Ok(())
    }

    fn apply(&mut self, change: ClaimChange) {
        let claim = (change.kind, change.key);
        _ = if change.take { self.held.insert(claim) } else { self.held.remove(&claim) };
    }

    /// The stream ends here: its claims as rows.
    pub fn end(self) -> impl Iterator<Item = Row> {
        let Self { stream, held, .. } = self;
        held.into_iter()
            .map(move |(kind, key)| vec![Cell::Text(kind.to_owned()), Cell::Bytes(key), Cell::Text(stream.clone())])
    }
}

fn import_changes(
    event: &RecordedEvent,
    started: &mut Option<Box<ImportStarted>>,
) -> Result<Vec<ClaimChange>, StoreError> {
    let read = codec::decode(&event.event_type, event.schema_version, &event.data)
        .map_err(|error| StoreError::Corrupt(format!("event at position {}: {error}", event.position)))?;
    let Some(DomainEvent::Import(read)) = read else { return Ok(Vec::new()) };
    Ok(run::claim_changes(read, started))
}

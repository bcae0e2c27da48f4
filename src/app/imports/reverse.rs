//! Taking an import back by events: the payments that it ordered are cancelled, as far as each one's state allows.

use super::ids::reversal_event_id;
use super::run::release;
use super::{ImportOrder, import_stream};
use crate::app::App;
use crate::app::access::Principal;
use crate::app::aggregate::{Aggregate, decode_own, payment_of_stream};
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::{WriteRequest, append_error, event_data};
use crate::domain::decision::Decision;
use crate::domain::envelope::Envelope;
use crate::domain::ids::ImportId;
use crate::domain::import::{ImportEvent, ImportKind, ImportReversed, ImportStarted};
use crate::domain::payment::{self, Payment, PaymentCommand};
use crate::store::{Append, AppendError, Direction, RecordedEvent, StreamState};
use std::collections::HashMap;

/// How many events are looked through at a time.
const PAGE_EVENTS: u32 = 5_000;

/// What a reversal did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reversal {
    pub cancelled: u64,
    /// Payments that are past cancelling (accepted, settled ...).
    pub kept: u64,
}

impl App {
    /// Reverses an import of payments.
    pub async fn reverse_import(
        &self,
        request: &WriteRequest,
        id: ImportId,
        reason: &str,
    ) -> Result<Reversal, AppError> {
        let state = self.import_state(id).await?.ok_or(AppError::NotFound("import"))?;
        if state.started.kind != ImportKind::Payments {
            return Err(AppError::Invalid(vec![FieldIssue::new(
                "id",
                "not-reversible",
                "only imports of payments can be reversed; an outcome or a registration is mended by its own event",
                "chỉ có thể đảo bút toán nhập danh sách chi trả; kết quả và đăng ký phải được sửa bằng sự kiện riêng",
            )]));
        }
        if state.reversed {
            return Ok(Reversal::default());
        }
        let order = order_of(&request.principal, &state.started);
        let done = self.cancel_payments_of(&order, &state.started).await?;
        let event = ImportEvent::Reversed(ImportReversed {
            reason: reason.to_owned(),
            cancelled_payments: done.cancelled,
            kept_payments: done.kept,
        });
        let revision = StreamState::Revision(state.revision);
        let mut append = Append::events(import_stream(id), revision, vec![self.import_event(&order, id, &event)]);
        append.claims = vec![release(&state.started)];
        append.request = Some(request.idempotency.clone());
        match self.store.append_to_stream(append).await {
            Ok(_) | Err(AppendError::RequestRecorded(_)) => Ok(done),
            Err(error) => Err(append_error(error)),
        }
    }

    /// Cancels every payment that the import ordered and that can still be cancelled.
    pub(super) async fn cancel_payments_of(
        &self,
        order: &ImportOrder,
        started: &ImportStarted,
    ) -> Result<Reversal, AppError> {
        let mut done = Reversal::default();
        if started.kind != ImportKind::Payments {
            return Ok(done);
        }
        let begun = self.read_whole_stream(&import_stream(started.import_id)).await?;
        let mut at = begun.first().map_or(0, |event| event.position);
        let end = begun.get(1).map_or(self.store.head().await?.position, |event| event.position);
        while at < end {
            let page = self.store.read_all(Some(at), Direction::Forwards, PAGE_EVENTS).await?;
            let Some(last) = page.last() else { break };
            at = last.position;
            let own: Vec<String> =
                page.iter().filter(|event| belongs(event, started)).map(|event| event.stream.clone()).collect();
            self.cancel_streams(order, (started.import_id, own), &mut done).await?;
        }
        Ok(done)
    }

    async fn cancel_streams(
        &self,
        order: &ImportOrder,
        (import, streams): (ImportId, Vec<String>),
        done: &mut Reversal,
    ) -> Result<(), AppError> {
        let mut states: HashMap<String, (Payment, u64)> = HashMap::new();
        for event in self.store.read_streams(&streams).await? {
            let (state, revision) = states.entry(event.stream.clone()).or_default();
            state.evolve(&decode_own::<Payment>(&event)?);
            *revision = event.revision;
        }
        let mut appends = Vec::new();
        for stream in streams {
            let (Some((state, revision)), Some(id)) = (states.remove(&stream), payment_of_stream(&stream)) else {
                continue;
            };
            let command = PaymentCommand::Cancel {
                reason: format!("import {import} reversed"),
                by: "import_reversal".to_owned(),
                recall_confirmed: false,
            };
            let Decision::Events(events) = payment::decide(&state, &command, self.clock.now()) else {
                done.kept += 1;
                continue;
            };
            let mut append = Append::events(stream, StreamState::Revision(revision), Vec::new());
            let metadata = self.reversal_envelope(order, import).to_bytes();
            for event in &events {
                append.claims.extend(Aggregate::claims(&state, event));
                append.events.push(event_data::<Payment>(
                    event,
                    reversal_event_id(import, id.as_uuid()),
                    metadata.clone(),
                ));
            }
            appends.push(append);
        }
        for answer in self.store.append_batch(appends).await {
            match answer {
                Ok(_) => done.cancelled += 1,
                Err(AppendError::Store(error)) => return Err(error.into()),
                Err(_) => done.kept += 1,
            }
        }
        Ok(())
    }

    fn reversal_envelope(&self, order: &ImportOrder, import: ImportId) -> Envelope {
        Envelope {
            occurred_at: self.clock.now(),
            actor: order.principal.key_id.clone(),
            source: crate::domain::envelope::Source::Import,
            correlation_id: import.as_uuid(),
            causation_id: None,
            config_version: self.profile.version.clone(),
        }
    }
}

/// An event that this import recorded as the first of a payment.
fn belongs(event: &RecordedEvent, started: &ImportStarted) -> bool {
    let correlated = || {
        serde_json::from_slice::<Envelope>(&event.metadata)
            .is_ok_and(|e| e.correlation_id == started.import_id.as_uuid())
    };
    event.revision == 0 && event.stream.starts_with("payment-") && correlated()
}

fn order_of(principal: &Principal, started: &ImportStarted) -> ImportOrder {
    ImportOrder {
        principal: principal.clone(),
        kind: started.kind,
        mode: started.mode,
        dry_run: false,
        control_count: None,
        control_sum_minor: None,
        request: None,
    }
}

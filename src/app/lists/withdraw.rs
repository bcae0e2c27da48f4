//! Taking items off a list, or the whole list back: payments that the list ordered are cancelled, others are free for another list.

use super::inputs::Step;
use super::plan::{Course, Gathered};
use super::preparation::payment_id;
use super::steps::standing;
use super::{STREAMS_AT_ONCE, Stepped};
use crate::app::App;
use crate::app::aggregate::{Aggregate, Decided, decode_own, list_stream, payment_stream};
use crate::app::error::AppError;
use crate::app::execute::{Begin, Beside, WriteRequest, Written, append_error, event_data};
use crate::domain::claims;
use crate::domain::codec;
use crate::domain::ids::{ListId, PaymentId};
use crate::domain::list::event::Origin;
use crate::domain::list::outcome::{Fate, fate};
use crate::domain::list::state::Opened;
use crate::domain::list::{CHUNK_ITEMS_MAX, ListCommand, PaymentList, Stage};
use crate::domain::money::Money;
use crate::domain::payment::{Payment, PaymentCommand, PaymentEvent};
use crate::store::{Append, StreamState};
use std::collections::HashMap;
use uuid::Uuid;

/// A cancellation that was decided: the payment, its revision, the event and its claims.
struct Cancellation {
    id: PaymentId,
    revision: u64,
    state: Payment,
    event: PaymentEvent,
}

/// How much comes off.
#[derive(Clone, Copy)]
enum Extent {
    Items,
    /// Everything, and the list itself, with the money that came back.
    Whole(Option<Money>),
}

impl App {
    pub(super) async fn shorten_list(
        &self,
        request: &WriteRequest,
        id: ListId,
        step: &Step,
        course: &Course,
    ) -> Result<Stepped<Written<PaymentList>>, AppError> {
        let principal = &request.principal;
        let key = &request.idempotency;
        let repeated =
            *course != Course::Plan && self.store.find_request(&key.caller, &key.idempotency_key).await?.is_some();
        let position = self.store.head().await?.position;
        let (list, _) = self.list_for(principal, step.action(), id).await?;
        let (payments, reason, extent) = match step {
            Step::Remove { payments, reason } => (payments.clone(), reason.as_str(), Extent::Items),
            Step::Withdraw { reason, handed_back } => {
                (list.items.keys().copied().collect(), reason.as_str(), Extent::Whole(*handed_back))
            }
            _ => return Err(AppError::Internal("another step shortens no list".to_owned())),
        };
        if !repeated {
            let (after, gathered) = self.judge_removal(request, &list, &payments, (reason, extent)).await?;
            let plan = match course {
                Course::Go => None,
                Course::Plan => Some(false),
                Course::GoAsPlanned(token) => (gathered.digest() != token.digest).then_some(true),
            };
            if let Some(changed) = plan {
                let plan = Box::new(self.plan(principal, standing(&after)?, gathered, position).await?);
                return if changed { Err(AppError::PlanChanged(plan)) } else { Ok(Stepped::Planned(plan)) };
            }
        }
        if let Extent::Whole(handed_back) = extent {
            return self.withdraw_list(request, id, (reason, handed_back), !repeated).await.map(Stepped::Done);
        }
        if !repeated && list.origin == Origin::Ordered {
            self.cancel(request, id, &payments, reason).await?;
        }
        let paid = if repeated { None } else { self.first_paid(&list, &payments).await? };
        let (reason, by) = (reason.to_owned(), principal.key_id.clone());
        let command = ListCommand::RemoveItems { payments, paid, reason, by };
        let stream = list_stream(id);
        let written = self
            .execute((&stream, Begin::Existing), request, Beside::default(), |_: &PaymentList| Ok(command.clone()))
            .await?;
        Ok(Stepped::Done(written))
    }

    /// All that a removal would append; every refusal before anything is recorded.
    async fn judge_removal(
        &self,
        request: &WriteRequest,
        list: &Opened,
        payments: &[PaymentId],
        (reason, extent): (&str, Extent),
    ) -> Result<(PaymentList, Gathered), AppError> {
        let by = request.principal.key_id.clone();
        let mut state = PaymentList { opened: Some(list.clone()) };
        let mut gathered = Gathered::default();
        let stream = list_stream(list.list_id);
        let mut decide = |command: &ListCommand, gathered: &mut Gathered| -> Result<(), AppError> {
            if let Decided::Events(events) = Aggregate::decide(&state, command, self.clock.now())? {
                for event in &events {
                    state.evolve(event);
                    gathered.add(&stream, &codec::encode_list(event));
                }
            }
            Ok(())
        };
        // A step that takes more than a chunk is refused by the rule, not cut.
        let size = if matches!(extent, Extent::Whole(_)) { CHUNK_ITEMS_MAX } else { payments.len().max(1) };
        for part in payments.chunks(size) {
            let (payments, paid) = (part.to_vec(), self.first_paid(list, part).await?);
            let command = ListCommand::RemoveItems { payments, paid, reason: reason.to_owned(), by: by.clone() };
            let mut removal = Gathered::default();
            decide(&command, &mut removal)?;
            if list.origin == Origin::Ordered {
                for cancelled in self.decide_cancellations(part, reason).await? {
                    gathered.add(&payment_stream(cancelled.id), &codec::encode_payment(&cancelled.event));
                }
            }
            gathered.append(removal);
        }
        if let Extent::Whole(handed_back) = extent {
            for cancelled in self.orphans(list, reason).await? {
                gathered.add(&payment_stream(cancelled.id), &codec::encode_payment(&cancelled.event));
            }
            decide(&ListCommand::Withdraw { reason: reason.to_owned(), handed_back, by }, &mut gathered)?;
        }
        Ok((state, gathered))
    }

    /// Takes a list back that could not be finished.
    pub(super) async fn take_back(&self, request: &WriteRequest, id: ListId, reason: &str) -> Result<(), AppError> {
        let own = self.own_request(&request.principal, "list-taken-back");
        self.withdraw_list(&own, id, (reason, None), true).await.map(|_| ())
    }

    /// Everything off the list chunk by chunk, then the list itself. Broken off, the same request goes on.
    async fn withdraw_list(
        &self,
        request: &WriteRequest,
        id: ListId,
        (reason, handed_back): (&str, Option<Money>),
        fresh: bool,
    ) -> Result<Written<PaymentList>, AppError> {
        if fresh {
            self.empty_list(request, id, reason).await?;
        }
        let (reason, by) = (reason.to_owned(), request.principal.key_id.clone());
        let command = ListCommand::Withdraw { reason, handed_back, by };
        let stream = list_stream(id);
        self.execute((&stream, Begin::Existing), request, Beside::default(), |_: &PaymentList| Ok(command.clone()))
            .await
    }

    async fn empty_list(&self, request: &WriteRequest, id: ListId, reason: &str) -> Result<(), AppError> {
        let stream = list_stream(id);
        while let Some((state, last)) = self.load::<PaymentList>(&stream).await? {
            let Some(list) = state.opened.as_ref().filter(|list| list.stage != Stage::Withdrawn) else { break };
            let part: Vec<PaymentId> = list.items.keys().copied().take(CHUNK_ITEMS_MAX).collect();
            let Some(first) = part.first().copied() else {
                let orphans = self.orphans(list, reason).await?;
                return self.append_cancellations(request, id, orphans).await;
            };
            let paid = self.first_paid(list, &part).await?;
            if list.origin == Origin::Ordered && paid.is_none() {
                self.cancel(request, id, &part, reason).await?;
            }
            let by = request.principal.key_id.clone();
            let command = ListCommand::RemoveItems { payments: part, paid, reason: reason.to_owned(), by };
            let Decided::Events(events) = Aggregate::decide(&state, &command, self.clock.now())? else { break };
            for event in &events {
                let name = [b"removed".as_slice(), first.as_uuid().as_bytes()].concat();
                let event_id = Uuid::new_v5(&id.as_uuid(), &name);
                let data = event_data::<PaymentList>(event, event_id, self.envelope(request).to_bytes());
                let mut append = Append::events(stream.as_str(), StreamState::Revision(last.revision), vec![data]);
                append.claims = claims::of_list_event(event);
                self.store.append_to_stream(append).await.map_err(append_error)?;
            }
        }
        Ok(())
    }

    /// The first of these items that was paid by the list's attempt.
    async fn first_paid(&self, list: &Opened, payments: &[PaymentId]) -> Result<Option<PaymentId>, AppError> {
        for part in payments.chunks(STREAMS_AT_ONCE) {
            let streams: Vec<String> = part.iter().map(|id| payment_stream(*id)).collect();
            let states = self.load_many::<Payment>(&streams).await?;
            for (id, stream) in part.iter().zip(&streams) {
                let payment = states.get(stream).and_then(|payment| payment.instructed.as_ref());
                let fate = payment.zip(list.items.get(id)).map(|(payment, item)| fate(payment, item.attempt));
                if fate == Some(Fate::Paid) {
                    return Ok(Some(*id));
                }
            }
        }
        Ok(None)
    }

    /// Payments that a preparation ordered right before it broke off: they are on no list.
    async fn orphans(&self, list: &Opened, reason: &str) -> Result<Vec<Cancellation>, AppError> {
        if list.stage != Stage::Preparing || list.origin != Origin::Ordered {
            return Ok(Vec::new());
        }
        let first = u64::from(list.chunks) * CHUNK_ITEMS_MAX as u64;
        let ids: Vec<PaymentId> =
            (first..first + CHUNK_ITEMS_MAX as u64).map(|row| payment_id(list.list_id, row)).collect();
        self.decide_cancellations(&ids, reason).await
    }

    async fn cancel(
        &self,
        request: &WriteRequest,
        list: ListId,
        payments: &[PaymentId],
        reason: &str,
    ) -> Result<(), AppError> {
        let cancellations = self.decide_cancellations(payments, reason).await?;
        self.append_cancellations(request, list, cancellations).await
    }

    /// What cancelling would append. Payments that are not there or cancelled already need nothing.
    async fn decide_cancellations(&self, ids: &[PaymentId], reason: &str) -> Result<Vec<Cancellation>, AppError> {
        let mut decided = Vec::new();
        for part in ids.chunks(STREAMS_AT_ONCE) {
            let names: Vec<String> = part.iter().map(|id| payment_stream(*id)).collect();
            let mut states: HashMap<String, (Payment, u64)> = HashMap::new();
            for event in self.store.read_streams(&names).await? {
                let read = decode_own::<Payment>(&event)?;
                let (state, revision) = states.entry(event.stream).or_default();
                state.evolve(&read);
                *revision = event.revision;
            }
            for (id, name) in part.iter().zip(&names) {
                let Some((state, revision)) = states.remove(name) else { continue };
                let command = PaymentCommand::Cancel {
                    reason: reason.to_owned(),
                    by: "agency".to_owned(),
                    recall_confirmed: false,
                };
                let Decided::Events(events) = Aggregate::decide(&state, &command, self.clock.now())? else { continue };
                let event = events.into_iter().next();
                decided.extend(event.map(|event| Cancellation { id: *id, revision, state, event }));
            }
        }
        Ok(decided)
    }

    async fn append_cancellations(
        &self,
        request: &WriteRequest,
        list: ListId,
        cancellations: Vec<Cancellation>,
    ) -> Result<(), AppError> {
        let metadata = self.envelope(request).to_bytes();
        let appends = cancellations.into_iter().map(|cancelled| {
            let name = [b"cancelled".as_slice(), cancelled.id.as_uuid().as_bytes()].concat();
            let event_id = Uuid::new_v5(&list.as_uuid(), &name);
            let data = event_data::<Payment>(&cancelled.event, event_id, metadata.clone());
            let expected = StreamState::Revision(cancelled.revision);
            let mut append = Append::events(payment_stream(cancelled.id), expected, vec![data]);
            append.claims = claims::of_payment_event(&cancelled.state, &cancelled.event);
            append
        });
        for answer in self.store.append_batch(appends.collect()).await {
            answer.map_err(append_error)?;
        }
        Ok(())
    }
}

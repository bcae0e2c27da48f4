//! Putting a list together: judged as a whole before anything is recorded, then recorded chunk by chunk, with ids that a repeat makes again.

use super::plan::{Course, PlanToken, Standing};
use super::preparation::{Judged, Preparation, add, leave_out};
use super::source::{Row, Rows};
use super::{Plan, PrepareInput, Stepped};
use crate::app::App;
use crate::app::aggregate::{list_of_stream, list_stream, payment_stream};
use crate::app::error::AppError;
use crate::app::execute::{WriteRequest, Written, append_error, check_same_input, event_data};
use crate::domain::claims;
use crate::domain::codec;
use crate::domain::ids::{ListId, PaymentId};
use crate::domain::list::event::Origin;
use crate::domain::list::{CHUNK_ITEMS_MAX, ListCommand, ListEvent, PaymentList, Stage};
use crate::domain::payment::event::PaymentInstructed;
use crate::domain::payment::{Payment, PaymentEvent};
use crate::store::{Append, AppendError, EventData, StreamState};
use std::collections::HashSet;
use uuid::Uuid;

impl App {
    /// Prepares a list, or shows what preparing it would do.
    pub async fn prepare_list(
        &self,
        request: &WriteRequest,
        input: &PrepareInput,
        course: &Course,
    ) -> Result<Stepped<Written<PaymentList>>, AppError> {
        if *course == Course::Plan {
            let list_id = ListId::from_uuid(self.clock.time_ordered_id());
            return self.plan_list(request, input, list_id).await.map(Stepped::Planned);
        }
        let _running = self.running.begin(&request.idempotency)?;
        let key = &request.idempotency;
        if let Some(first) = self.store.find_request(&key.caller, &key.idempotency_key).await? {
            check_same_input(key, &first)?;
            let list_id = list_of_stream(&first.stream).ok_or(AppError::NotFound("list"))?;
            return self.resume_list(request, input, list_id).await.map(Stepped::Done);
        }
        let token = if let Course::GoAsPlanned(token) = course { Some(token) } else { None };
        let list_id = token.map_or_else(|| ListId::from_uuid(self.clock.time_ordered_id()), |token| token.list_id);
        self.begin_list(request, input, (list_id, token)).await.map(Stepped::Done)
    }

    async fn plan_list(
        &self,
        request: &WriteRequest,
        input: &PrepareInput,
        list_id: ListId,
    ) -> Result<Box<Plan>, AppError> {
        let position = self.store.head().await?.position;
        let rows = self.list_rows(&request.principal, input, &HashSet::new()).await?;
        let preparation = self.judge_list(request, input, (list_id, &rows)).await?;
        self.plan_of(preparation, position).await
    }

    async fn plan_of(&self, preparation: Preparation<'_>, position: u64) -> Result<Box<Plan>, AppError> {
        let list = preparation.state.opened.as_ref().ok_or(AppError::NotFound("list"))?;
        let standing = Standing {
            list_id: list.list_id,
            cycle: list.cycle,
            item_count: list.item_count(),
            control_sum: list.control_sum(),
        };
        self.plan(&preparation.request.principal, standing, preparation.gathered, position).await.map(Box::new)
    }

    /// The first pass: all events as they would be, and every refusal, before anything is recorded.
    async fn judge_list<'a>(
        &self,
        request: &'a WriteRequest,
        input: &'a PrepareInput,
        (list_id, rows): (ListId, &'a Rows),
    ) -> Result<Preparation<'a>, AppError> {
        let mut preparation = Preparation::new(request, input, (list_id, rows), PaymentList::default());
        let opening = ListCommand::Open(preparation.opening(self));
        preparation.decide(self, &opening)?;
        while let Some((chunk, judged)) = self.next_chunk(&preparation).await? {
            preparation.orders(&judged.orders);
            preparation.decide(self, &add(chunk, judged))?;
            preparation.digests.push(preparation.gathered.digest());
        }
        preparation.decide(self, &ListCommand::Seal { control: input.control })?;
        Ok(preparation)
    }

    /// Judges the rows after those that the state has.
    async fn next_chunk(&self, preparation: &Preparation<'_>) -> Result<Option<(u32, Judged)>, AppError> {
        let Some(list) = &preparation.state.opened else { return Ok(None) };
        let chunk = list.chunks;
        let from = chunk.saturating_sub(preparation.first_chunk) as usize * CHUNK_ITEMS_MAX;
        let rows = preparation.rows.get(from..).unwrap_or_default();
        let rows = &rows[..rows.len().min(CHUNK_ITEMS_MAX)];
        if rows.is_empty() {
            return Ok(None);
        }
        let (mut orders, mut takes) = (Vec::new(), Vec::new());
        for row in rows {
            match row {
                Row::Order(row) => orders.push(row.clone()),
                Row::Take(id) => takes.push(*id),
            }
        }
        let judged = if orders.is_empty() {
            self.judge_takes(&preparation.work, from as u64, &takes).await?
        } else {
            self.judge_orders(&preparation.work, from as u64, &orders).await?
        };
        Ok(Some((chunk, judged)))
    }

    async fn begin_list(
        &self,
        request: &WriteRequest,
        input: &PrepareInput,
        (list_id, token): (ListId, Option<&PlanToken>),
    ) -> Result<Written<PaymentList>, AppError> {
        let position = self.store.head().await?.position;
        let rows = self.list_rows(&request.principal, input, &HashSet::new()).await?;
        let judged = self.judge_list(request, input, (list_id, &rows)).await?;
        if token.is_some_and(|token| token.digest != judged.gathered.digest()) {
            return Err(AppError::PlanChanged(self.plan_of(judged, position).await?));
        }
        let digests = judged.digests;
        let mut preparation = Preparation::new(request, input, (list_id, &rows), PaymentList::default());
        let opened = preparation.decide(self, &ListCommand::Open(preparation.opening(self)))?;
        let mut append = self.list_append(&preparation, opened.as_ref(), None)?;
        append.request = Some(request.idempotency.clone());
        match self.store.append_to_stream(append).await {
            Ok(_) => {}
            // Only a plan names its list beforehand.
            Err(AppendError::WrongExpectedVersion { .. }) => {
                return Err(AppError::Taken {
                    code: "plan-used",
                    message: "this plan was carried out before".to_owned(),
                    holder: list_id.to_string(),
                });
            }
            Err(error) => return Err(append_error(error)),
        }
        if token.is_some() {
            preparation.digests = digests;
        }
        self.fill_list(preparation).await
    }

    /// Goes on where an earlier try with the same key broke off, or gives its answer again.
    async fn resume_list(
        &self,
        request: &WriteRequest,
        input: &PrepareInput,
        list_id: ListId,
    ) -> Result<Written<PaymentList>, AppError> {
        let found = self.load::<PaymentList>(&list_stream(list_id)).await?;
        let (state, last) = found.ok_or(AppError::NotFound("list"))?;
        let list = state.opened.as_ref().ok_or(AppError::NotFound("list"))?;
        if list.stage != Stage::Preparing {
            return Ok(Written {
                state,
                stream: last.stream,
                revision: last.revision,
                position: last.position,
                appended: true,
                replayed: true,
            });
        }
        let own: HashSet<PaymentId> = list.items.keys().copied().collect();
        let chunks = list.chunks;
        let rows = self.list_rows(&request.principal, input, &own).await?;
        let mut preparation = Preparation::new(request, input, (list_id, &rows), state);
        preparation.work.resumed = true;
        if preparation.origin() == Origin::Existing {
            preparation.first_chunk = chunks;
        }
        self.fill_list(preparation).await
    }

    /// The second pass: records chunk by chunk. What cannot be finished is taken back.
    async fn fill_list(&self, mut preparation: Preparation<'_>) -> Result<Written<PaymentList>, AppError> {
        match self.record_chunks(&mut preparation).await {
            Ok(written) => Ok(written),
            // The store did not answer: the same request goes on later.
            Err(error @ (AppError::Store(_) | AppError::Internal(_) | AppError::Contended)) => Err(error),
            Err(error) => {
                let (request, list_id) = (preparation.request, preparation.work.list_id);
                self.take_back(request, list_id, "could not be prepared").await?;
                Err(error)
            }
        }
    }

    async fn record_chunks(&self, preparation: &mut Preparation<'_>) -> Result<Written<PaymentList>, AppError> {
        let mut done = 0;
        while let Some((chunk, mut judged)) = self.next_chunk(preparation).await? {
            preparation.orders(&judged.orders);
            let refused = self.append_orders(preparation, &judged.orders).await?;
            let changed = !refused.is_empty();
            for (payment, code) in refused {
                leave_out(&mut judged, payment, code);
            }
            let event = preparation.decide(self, &add(chunk, judged))?;
            let moved = preparation.digests.get(done).is_some_and(|digest| *digest != preparation.gathered.digest());
            if !preparation.digests.is_empty() && (moved || changed) {
                return self.changed_meanwhile(preparation).await;
            }
            let append = self.list_append(preparation, event.as_ref(), Some(chunk))?;
            self.store.append_to_stream(append).await.map_err(append_error)?;
            done += 1;
        }
        let control = preparation.input.control;
        let event = preparation.decide(self, &ListCommand::Seal { control })?;
        let append = self.list_append(preparation, event.as_ref(), None)?;
        let written = self.store.append_to_stream(append).await.map_err(append_error)?;
        Ok(Written {
            state: preparation.state.clone(),
            stream: list_stream(preparation.work.list_id),
            revision: written.revision,
            position: written.position,
            appended: true,
            replayed: false,
        })
    }

    /// The log moved between the two passes: the plan that holds now.
    async fn changed_meanwhile(&self, preparation: &Preparation<'_>) -> Result<Written<PaymentList>, AppError> {
        let (request, input) = (preparation.request, preparation.input);
        self.take_back(request, preparation.work.list_id, "the plan had changed").await?;
        let list_id = ListId::from_uuid(self.clock.time_ordered_id());
        Err(AppError::PlanChanged(self.plan_list(request, input, list_id).await?))
    }

    /// Orders the payments of a chunk. Answers which were refused because the log moved.
    async fn append_orders(
        &self,
        preparation: &Preparation<'_>,
        orders: &[PaymentInstructed],
    ) -> Result<Vec<(PaymentId, &'static str)>, AppError> {
        let metadata = self.envelope(preparation.request).to_bytes();
        let list = preparation.work.list_id.as_uuid();
        let appends = orders.iter().map(|order| {
            let event = PaymentEvent::Instructed(order.clone());
            let event_id = Uuid::new_v5(&list, order.payment_id.as_uuid().as_bytes());
            let data = event_data::<Payment>(&event, event_id, metadata.clone());
            let mut append = Append::events(payment_stream(order.payment_id), StreamState::NoStream, vec![data]);
            append.claims = claims::of_payment_event(&Payment::default(), &event);
            append
        });
        let answers = self.store.append_batch(appends.collect()).await;
        let mut refused = Vec::new();
        for (order, answer) in orders.iter().zip(answers) {
            match answer.map_err(append_error) {
                Ok(_) => {}
                Err(AppError::Taken { code, .. }) => refused.push((order.payment_id, code)),
                Err(error) => return Err(error),
            }
        }
        Ok(refused)
    }

    /// An event of the list's own stream. Its id is made from the list and its place: each happens once.
    fn list_append(
        &self,
        preparation: &Preparation<'_>,
        event: Option<&ListEvent>,
        chunk: Option<u32>,
    ) -> Result<Append, AppError> {
        let event = event.ok_or_else(|| AppError::Internal("a step of a preparation was a repeat".to_owned()))?;
        let list_id = preparation.work.list_id;
        let encoded = codec::encode_list(event);
        let name = format!("{}{}", encoded.event_type, chunk.map(|chunk| chunk.to_string()).unwrap_or_default());
        let data = EventData {
            event_id: Uuid::new_v5(&list_id.as_uuid(), name.as_bytes()),
            event_type: encoded.event_type.to_owned(),
            schema_version: encoded.schema_version,
            data: encoded.data,
            metadata: self.envelope(preparation.request).to_bytes(),
        };
        // Opening, then the chunks, then the seal: the place follows from how many chunks there are.
        let expected = match event {
            ListEvent::Opened(_) => StreamState::NoStream,
            ListEvent::ItemsAdded(added) => StreamState::Revision(added.chunk.into()),
            _ => StreamState::Revision(preparation.state.opened.as_ref().map_or(0, |list| list.chunks.into())),
        };
        let mut append = Append::events(list_stream(list_id), expected, vec![data]);
        append.claims = claims::of_list_event(event);
        Ok(append)
    }
}

//! Follows the log and does what follows from its events: recoveries of overpayments, holds after a death, commands that were consented to.
//!
//! It keeps its place in the log like a projection. An event is passed only when all that follows from it is written; what broke off is
//! done again, and is nothing new then.

use super::act::Cause;
use crate::app::App;
use crate::app::aggregate::{beneficiary_of_stream, list_of_stream, payment_of_stream};
use crate::app::error::AppError;
use crate::app::queries::{Page, PaymentFilter};
use crate::app::runner::gather;
use crate::domain::codec::{self, DomainEvent};
use crate::domain::ids::{ApprovalId, BeneficiaryId, ListId, PaymentId};
use crate::domain::payment::PaymentEvent;
use crate::domain::recovery::Recovery;
use crate::projections::{Checkpoint, Projection};
use crate::store::views::{LIST_LIMIT_MAX, Step};
use crate::store::{RecordedEvent, StoreError};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Its name where the places of projections are kept and shown.
pub const REACTIONS: &str = "reactions";

/// How many events it takes at a time.
const BATCH_EVENTS: u32 = 4_000;
/// How long to sleep at most when nothing wakes us.
const RECHECK_AFTER: Duration = Duration::from_secs(1);
/// How soon to look again at what another server does, while it is behind.
const WATCH_AGAIN_AFTER: Duration = Duration::from_millis(25);

/// What one process knows of its way along the log.
#[derive(Default)]
pub struct Way {
    at: Option<Checkpoint>,
    /// Everybody of whom a death is recorded, as of the place.
    dead: HashSet<BeneficiaryId>,
}

impl Way {
    fn position(&self) -> u64 {
        self.at.map_or(0, |at| at.position)
    }
}

/// Runs until told to stop.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut head = app.store.watch_head();
    let mut way = Way::default();
    while !*stop.borrow() {
        let known = *head.borrow_and_update();
        let next_look = match app.react(&mut way).await {
            Ok(at) if at < known => WATCH_AGAIN_AFTER,
            Ok(_) => RECHECK_AFTER,
            Err(error) => {
                way = Way::default();
                tell(&app, &error);
                RECHECK_AFTER
            }
        };
        tokio::select! {
            _ = head.changed(), if next_look >= RECHECK_AFTER => gather(&app, way.position(), &mut stop).await,
            _ = stop.changed() => {}
            () = tokio::time::sleep(next_look) => {}
        }
    }
}

/// What passes by itself is no reason to show red.
fn tell(app: &App, error: &AppError) {
    match error {
        AppError::Store(StoreError::Unavailable(_) | StoreError::Rejected(_))
        | AppError::NotCaughtUp { .. }
        | AppError::Contended => {
            tracing::warn!(error = %error, "what follows from the log waits");
        }
        error => {
            tracing::error!(error = %error, "what follows from the log cannot be done");
            app.progress.stopped(REACTIONS, error.to_string());
        }
    }
}

impl App {
    /// Does what follows from the events up to the log's head as it is now, if this process is the one that does. Answers the position
    /// reached.
    pub async fn react(&self, way: &mut Way) -> Result<u64, AppError> {
        let stored = self.views.marked(REACTIONS).await?;
        self.progress.reached(REACTIONS, stored.position);
        if !self.views.own(Projection::Oversight).await? {
            way.at = None;
            return Ok(stored.position);
        }
        let mut at = stored;
        if way.at != Some(stored) {
            self.follow_up_to(Projection::Beneficiaries, at.position).await?;
            way.dead = self.views.dead_beneficiaries().await?.into_iter().collect();
        }
        loop {
            let page = self.tail.read(&self.store, at.position, BATCH_EVENTS).await?;
            let Some(last) = page.last() else { break };
            let to = Checkpoint { position: last.position, recorded_at_us: last.recorded_at_us };
            self.react_to(&page, way).await?;
            self.views.mark(REACTIONS, Step { from: at, to }).await?;
            at = to;
            way.at = Some(at);
            self.progress.reached(REACTIONS, at.position);
            // A short page was the log's end, unless something followed from it; what came meanwhile may gather.
            if page.len() < BATCH_EVENTS as usize {
                break;
            }
        }
        way.at = Some(at);
        Ok(at.position)
    }

    /// Does all that follows from the log, here and now; for the command line, where nobody follows it.
    pub async fn react_to_all(&self) -> Result<(), AppError> {
        let mut way = Way::default();
        loop {
            let at = self.react(&mut way).await?;
            let head = self.store.head().await?.position;
            if at >= head {
                return Ok(());
            }
            // Another process does it.
            tokio::time::sleep(WATCH_AGAIN_AFTER).await;
        }
    }

    async fn react_to(&self, page: &[Arc<RecordedEvent>], way: &mut Way) -> Result<(), AppError> {
        let mut found = Found::default();
        for event in page {
            found.look_at(event, way)?;
        }
        if found.is_empty() {
            return Ok(());
        }
        // Who died, and what was ordered for them, must be in the rows that are asked below.
        let to = page.last().map_or(0, |event| event.position);
        self.follow_up_to(Projection::Payments, to).await?;
        self.keep_the_deads(&mut found, way).await?;
        for (person, cause) in found.deaths {
            for payment in self.payments_of(person).await? {
                found.payments.entry(payment).or_insert(cause);
            }
        }
        for (stream, cause) in found.recoveries {
            if let Some(found_by) = self.load::<Recovery>(&stream).await?.and_then(|(state, _)| state.found) {
                found.payments.entry(found_by.payment_id).or_insert(cause);
            }
        }
        let payments: Vec<PaymentId> = found.payments.keys().copied().collect();
        let needed = self.to_be_reconciled(&payments).await?;
        for (payment, cause) in found.payments.into_iter().filter(|(payment, _)| needed.contains(payment)) {
            self.reconcile(payment, cause).await?;
        }
        for (approval, cause) in found.approvals {
            self.carry_out(approval, cause).await?;
        }
        if self.profile.lists.accepted_list_accepts_payments {
            for (list, cause) in found.lists {
                self.accept_items(list, cause).await?;
            }
        }
        Ok(())
    }

    /// Of the payments that matter only when their person died, takes those whose person did.
    async fn keep_the_deads(&self, found: &mut Found, way: &Way) -> Result<(), AppError> {
        let asked: Vec<PaymentId> = found.if_dead.keys().copied().collect();
        for row in self.views.payments(&asked).await? {
            if let (true, Some(cause)) = (way.dead.contains(&row.beneficiary_id), found.if_dead.get(&row.payment_id)) {
                found.payments.entry(row.payment_id).or_insert(*cause);
            }
        }
        Ok(())
    }

    async fn payments_of(&self, person: BeneficiaryId) -> Result<Vec<PaymentId>, AppError> {
        let filter = PaymentFilter { beneficiary: Some(person), ..PaymentFilter::default() };
        let (mut ids, mut after) = (Vec::new(), 0);
        loop {
            let page = self.views.list_payments(&filter, Page { after, limit: LIST_LIMIT_MAX }).await?.answer;
            ids.extend(page.iter().map(|row| row.payment_id));
            match page.last() {
                Some(last) if page.len() >= LIST_LIMIT_MAX as usize => after = last.instructed_position,
                _ => return Ok(ids),
            }
        }
    }
}

/// What a page of the log asks to be looked after.
#[derive(Default)]
struct Found {
    payments: BTreeMap<PaymentId, Cause>,
    /// Only if their person died.
    if_dead: BTreeMap<PaymentId, Cause>,
    deaths: BTreeMap<BeneficiaryId, Cause>,
    approvals: BTreeMap<ApprovalId, Cause>,
    /// Streams of recoveries whose payment must hear of it.
    recoveries: BTreeMap<String, Cause>,
    /// Lists whose agent answered.
    lists: BTreeMap<ListId, Cause>,
}

impl Found {
    fn is_empty(&self) -> bool {
        self.payments.is_empty()
            && self.if_dead.is_empty()
            && self.deaths.is_empty()
            && self.approvals.is_empty()
            && self.recoveries.is_empty()
            && self.lists.is_empty()
    }

    /// Most events are none of ours, which their type says before they are read.
    fn look_at(&mut self, event: &RecordedEvent, way: &mut Way) -> Result<(), StoreError> {
        match event.event_type.as_str() {
            "PaymentInstructed" | "PaymentReissued" | "PaymentAccepted" | "PaymentReleased" if way.dead.is_empty() => {}
            "PaymentInstructed" | "PaymentReissued" | "PaymentAccepted" | "PaymentReleased" => {
                self.if_dead.extend(payment_of_stream(&event.stream).map(|id| (id, Cause::of(event))));
            }
            "PaymentSettled" => {
                let first =
                    matches!(read(event)?, Some(DomainEvent::Payment(PaymentEvent::Settled(e))) if e.attempt == 1);
                let Some(id) = payment_of_stream(&event.stream) else { return Ok(()) };
                if !first {
                    self.payments.insert(id, Cause::of(event));
                } else if !way.dead.is_empty() {
                    self.if_dead.insert(id, Cause::of(event));
                }
            }
            "PaymentSettledLate"
            | "PaymentReturned"
            | "PaymentCorrected"
            | "PaymentRecalled"
            | "PaymentContradictionResolved" => {
                self.payments.extend(payment_of_stream(&event.stream).map(|id| (id, Cause::of(event))));
            }
            "BeneficiaryDied" => {
                if let Some(id) = beneficiary_of_stream(&event.stream) {
                    way.dead.insert(id);
                    self.deaths.insert(id, Cause::of(event));
                }
            }
            "RecoveryReceived" | "OverpaymentFound" => {
                self.recoveries.insert(event.stream.clone(), Cause::of(event));
            }
            "ListAcknowledged" => {
                self.lists.extend(list_of_stream(&event.stream).map(|id| (id, Cause::of(event))));
            }
            "ApprovalGranted" => {
                let id = event.stream.strip_prefix("approval-").and_then(|id| ApprovalId::parse(id).ok());
                self.approvals.extend(id.map(|id| (id, Cause::of(event))));
            }
            _ => {}
        }
        Ok(())
    }
}

fn read(event: &RecordedEvent) -> Result<Option<DomainEvent>, StoreError> {
    codec::decode(&event.event_type, event.schema_version, &event.data)
        .map_err(|error| StoreError::Corrupt(format!("event at position {}: {error}", event.position)))
}

//! The line to one endpoint: what it is told next, what comes again when, and how far it is. One line delays no other.

use super::counters::Counted;
use super::message::{self, Message};
use super::sender::{Answer, Outgoing, Sender};
use super::tries::{self, again, begun, remember};
use super::{signature, webhook_stream};
use crate::app::App;
use crate::app::aggregate::decode_own;
use crate::app::error::AppError;
use crate::app::oversight::act::Cause;
use crate::domain::ids::{VaultRef, WebhookId};
use crate::domain::webhook::{
    DisableCause, MessageKind, Registered, Webhook, WebhookCommand, WebhookEvent, WebhookStatus, is_over, next_try,
};
use crate::store::deliveries::{DeliveryState, StoredDelivery, WebhookPlace};
use crate::store::{Direction, RecordedEvent};
use jiff::Timestamp;
use ring::hmac;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tokio::sync::watch;

/// Events that are read at a time.
const PAGE_EVENTS: u32 = 256;
/// Messages that wait for another try, at most: no new ones are sent meanwhile.
const PENDING_MAX: usize = 100;
/// After so many tries in a row that failed, only what waits is tried, when its time comes.
const FAILURES_IN_A_ROW_MAX: u32 = 8;
/// How long a round may take before the line looks again what is asked of it.
const ROUND_US_MAX: i64 = 1_000_000;
/// Deliveries that are written together while the endpoint takes them.
const WRITTEN_TOGETHER: usize = 16;
/// How far a place may be ahead of what is written of it, while nothing is sent.
const UNWRITTEN_EVENTS_MAX: u64 = 10_000;
/// After so many deliveries old ones are taken away.
const TRIM_EVERY: u32 = 500;
const DAY_US: i64 = 86_400_000_000;

/// Why a line ends.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineError {
    #[error("another server writes here")]
    Lost,
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<crate::store::StoreError> for LineError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::App(error.into())
    }
}

/// When to look again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// There is more to do.
    AtOnce,
    /// At an instant, in microseconds since the Unix epoch, or when something is recorded.
    At(i64),
    /// When something is recorded.
    Recorded,
}

/// An endpoint that can be sent to, as it is in this round.
struct Ready<'a> {
    own: &'a Registered,
    keys: Vec<hmac::Key>,
    /// The last thing that was asked of it.
    cause: &'a RecordedEvent,
}

pub(super) struct Line {
    app: Arc<App>,
    sender: Arc<dyn Sender>,
    id: WebhookId,
    place: WebhookPlace,
    written_position: u64,
    pending: BTreeMap<u64, StoredDelivery>,
    unwritten: BTreeMap<u64, StoredDelivery>,
    must_write: bool,
    failures_in_a_row: u32,
    /// Until then the endpoint asked to be left alone.
    quiet_until_us: i64,
    since_trim: u32,
    keys: HashMap<VaultRef, hmac::Key>,
    stop: watch::Receiver<bool>,
    /// Said once.
    has_said_no_secret: bool,
}

impl Line {
    /// Goes on where the line was left, by whomever.
    pub async fn begin(
        (app, sender): (Arc<App>, Arc<dyn Sender>),
        id: WebhookId,
        stop: watch::Receiver<bool>,
    ) -> Result<Self, LineError> {
        let known = app.registry.webhook_place(id.as_uuid()).await?;
        let place = if let Some(place) = known {
            place
        } else {
            let first = app.store.read_stream(&webhook_stream(id), None, Direction::Forwards, 1).await?;
            let position = first.first().map_or(0, |event| event.position);
            WebhookPlace { webhook: id.as_uuid(), position, seen_revision: 0, failing_since_us: None, version: 0 }
        };
        let pending = app.registry.pending_deliveries(id.as_uuid()).await?;
        Ok(Self {
            written_position: place.position,
            pending: pending.into_iter().map(|delivery| (delivery.position, delivery)).collect(),
            app,
            sender,
            id,
            place,
            unwritten: BTreeMap::new(),
            must_write: false,
            failures_in_a_row: 0,
            quiet_until_us: 0,
            since_trim: TRIM_EVERY,
            keys: HashMap::new(),
            stop,
            has_said_no_secret: false,
        })
    }

    /// Sends what is due, then what is new, and answers when to look again.
    pub async fn round(&mut self) -> Result<Next, LineError> {
        let stream = self.app.read_whole_stream(&webhook_stream(self.id)).await.map_err(AppError::Store)?;
        let mut state = Webhook::default();
        for event in &stream {
            state.evolve(&decode_own::<Webhook>(event).map_err(AppError::Store)?);
        }
        let Some(own) = state.registered.filter(|own| own.status == WebhookStatus::Active) else {
            return Ok(Next::Recorded);
        };
        self.heed(&stream).await?;
        let (Some(keys), Some(cause)) = (self.keys(&own).await?, stream.last()) else {
            if !std::mem::replace(&mut self.has_said_no_secret, true) {
                tracing::error!(webhook.id = %self.id, "a webhook's secret cannot be opened; give it another one");
            }
            return Ok(Next::Recorded);
        };
        let ready = Ready { own: &own, keys, cause };
        let more = self.send_due(&ready).await? && self.send_new(&ready).await?;
        self.write_if_due().await?;
        self.trim().await?;
        let quiet = (self.quiet_until_us > self.app.clock.now_us()).then_some(self.quiet_until_us);
        let next = self.pending.values().filter_map(|delivery| delivery.next_try_us).chain(quiet).min();
        Ok(if more { Next::AtOnce } else { next.map_or(Next::Recorded, Next::At) })
    }

    /// What was asked for since the line looked last.
    async fn heed(&mut self, stream: &[RecordedEvent]) -> Result<(), LineError> {
        let (now, seen) = (self.app.clock.now_us(), self.place.seen_revision);
        for event in stream.iter().filter(|event| event.revision > seen) {
            match decode_own::<Webhook>(event).map_err(AppError::Store)? {
                WebhookEvent::Pinged(_) => {
                    let kind = MessageKind::Ping.as_str().to_owned();
                    self.wait(begun((event.position, event.event_id), kind, now));
                }
                WebhookEvent::Rewound(e) => {
                    self.place.position = self.place.position.min(e.from_position.saturating_sub(1));
                    self.written_position = self.written_position.min(self.place.position);
                    self.failures_in_a_row = 0;
                }
                WebhookEvent::DeliveryRepeated(e) => {
                    let known = match self.pending.get(&e.position) {
                        Some(waiting) => Some(waiting.clone()),
                        None => self.app.registry.delivery(self.id.as_uuid(), e.position).await?,
                    };
                    if let Some(known) = known {
                        self.wait(again(known, now));
                    }
                }
                WebhookEvent::Enabled(_) => {
                    (self.place.failing_since_us, self.failures_in_a_row) = (None, 0);
                    self.quiet_until_us = 0;
                    for waiting in self.pending.values().cloned().collect::<Vec<_>>() {
                        self.wait(again(waiting, now));
                    }
                }
                WebhookEvent::Changed(_) => self.failures_in_a_row = 0,
                WebhookEvent::Registered(_)
                | WebhookEvent::SecretRotated(_)
                | WebhookEvent::Disabled(_)
                | WebhookEvent::Removed(_) => {}
            }
            self.place.seen_revision = event.revision;
            self.must_write = true;
        }
        if self.must_write { self.write().await } else { Ok(()) }
    }

    fn wait(&mut self, delivery: StoredDelivery) {
        self.unwritten.insert(delivery.position, delivery.clone());
        self.pending.insert(delivery.position, delivery);
    }

    /// Tries what is due, in the order of the log. False when the endpoint was switched off.
    async fn send_due(&mut self, ready: &Ready<'_>) -> Result<bool, LineError> {
        let now = self.app.clock.now_us();
        let is_due = |delivery: &&StoredDelivery| delivery.next_try_us.is_some_and(|at| at <= now);
        let due: Vec<u64> = self.pending.values().filter(is_due).map(|delivery| delivery.position).collect();
        for position in due {
            if *self.stop.borrow() {
                return Ok(false);
            }
            if self.app.clock.now_us() - now > ROUND_US_MAX {
                return Ok(true);
            }
            match self.message_at(ready.own, position).await? {
                Some(message) => {
                    if !self.send(ready, message, false).await? {
                        return Ok(false);
                    }
                }
                None => self.drop_unheard(position),
            }
        }
        Ok(true)
    }

    /// Tells what is new, as long as the endpoint takes it. Whether there is more.
    async fn send_new(&mut self, ready: &Ready<'_>) -> Result<bool, LineError> {
        if !self.goes_on() {
            return Ok(false);
        }
        let began = self.app.clock.now_us();
        let page = self.app.tail.read(&self.app.store, self.place.position, PAGE_EVENTS).await?;
        let Some(last) = page.last() else { return Ok(false) };
        for message in self.app.messages(ready.own, &page).await? {
            if !self.send(ready, message, true).await? {
                return Ok(false);
            }
            if self.unwritten.len() >= WRITTEN_TOGETHER {
                self.write().await?;
            }
            if !self.goes_on() {
                return Ok(false);
            }
            if self.app.clock.now_us() - began > ROUND_US_MAX {
                return Ok(true);
            }
        }
        self.place.position = last.position;
        Ok(page.len() >= PAGE_EVENTS as usize)
    }

    /// Whether new messages are sent: one at least when nothing waits that could find the endpoint well again.
    fn goes_on(&self) -> bool {
        if *self.stop.borrow() || self.quiet_until_us > self.app.clock.now_us() {
            return false;
        }
        let is_well = self.failures_in_a_row < FAILURES_IN_A_ROW_MAX && self.pending.len() < PENDING_MAX;
        is_well || self.pending.is_empty()
    }

    /// The message of the event at a position, if the endpoint hears of it as it is now.
    async fn message_at(&self, own: &Registered, position: u64) -> Result<Option<Message>, LineError> {
        let found = self.app.store.read_all(Some(position.saturating_sub(1)), Direction::Forwards, 1).await?;
        let Some(event) = found.first().filter(|event| event.position == position) else { return Ok(None) };
        if event.stream == webhook_stream(self.id) {
            return Ok(Some(message::of_ping(event, &self.id.to_string())));
        }
        Ok(self.app.messages(own, std::slice::from_ref(event)).await?.pop())
    }

    /// What the endpoint was told of and is not to hear any more waits no longer.
    fn drop_unheard(&mut self, position: u64) {
        if let Some(mut delivery) = self.pending.remove(&position) {
            (delivery.state, delivery.next_try_us) = (DeliveryState::GivenUp, None);
            self.unwritten.insert(position, delivery);
            self.must_write = true;
        }
    }

    /// One try; of a new message, which moves the place. False when the endpoint was switched off by it.
    async fn send(&mut self, ready: &Ready<'_>, message: Message, is_new: bool) -> Result<bool, LineError> {
        let (position, began) = (message.position, self.app.clock.now());
        let id = message.event_id.to_string();
        let signature = signature::sign(&ready.keys, (&id, began.as_second()), &message.body);
        let (url, body) = (ready.own.settings.url.clone(), message.body);
        let outgoing = Outgoing { url, id, timestamp: began.as_second(), signature, body };
        let answer = self.sender.send(outgoing).await;
        let now = self.app.clock.now();
        let known = self.pending.remove(&position);
        let kind = message.kind.as_str().to_owned();
        let mut delivery = known.unwrap_or_else(|| begun((position, message.event_id), kind, began.as_microsecond()));
        remember(&mut delivery, &answer, (began, now));
        self.since_trim += 1;
        if is_new {
            self.place.position = position;
        }
        if answer.took() {
            self.app.webhooks.counters.add(Counted::Delivered);
            (self.failures_in_a_row, self.place.failing_since_us) = (0, None);
            (delivery.state, delivery.next_try_us) = (DeliveryState::Delivered, None);
            self.unwritten.insert(position, delivery);
            return Ok(true);
        }
        self.app.webhooks.counters.add(Counted::Failed);
        self.failures_in_a_row += 1;
        let since = *self.place.failing_since_us.get_or_insert(now.as_microsecond());
        self.leave_alone(&answer, now);
        self.plan(delivery, now);
        self.write().await?;
        let since = Timestamp::from_microsecond(since).unwrap_or(now);
        let off = match answer.status {
            Some(410) => Some(DisableCause::Gone),
            _ if is_over(since, now) => Some(DisableCause::Failing),
            _ => None,
        };
        let Some(off) = off else { return Ok(true) };
        self.switch_off(off, ready.cause).await?;
        Ok(false)
    }

    /// When a message that was not taken comes again, if it does.
    fn plan(&mut self, mut delivery: StoredDelivery, now: Timestamp) {
        let spread = tries::spread(self.id, &delivery);
        let planned = next_try(delivery.tries, now, spread).map(Timestamp::as_microsecond);
        delivery.next_try_us = planned.map(|planned| planned.max(self.quiet_until_us));
        if delivery.next_try_us.is_some() {
            delivery.state = DeliveryState::Pending;
            self.wait(delivery);
        } else {
            self.app.webhooks.counters.add(Counted::GivenUp);
            delivery.state = DeliveryState::GivenUp;
            self.unwritten.insert(delivery.position, delivery);
        }
    }

    /// Nothing goes out before an instant, but for what a person asks for meanwhile.
    fn leave_alone(&mut self, answer: &Answer, now: Timestamp) {
        let Some(asked) = answer.retry_after else { return };
        self.quiet_until_us = asked.until(now).as_microsecond();
        for mut delivery in self.pending.values().cloned().collect::<Vec<_>>() {
            delivery.next_try_us = delivery.next_try_us.map(|at| at.max(self.quiet_until_us));
            self.wait(delivery);
        }
    }

    async fn switch_off(&self, off: DisableCause, cause: &RecordedEvent) -> Result<(), LineError> {
        let command = |state: &Webhook| {
            let own = state.registered.as_ref().filter(|own| own.status == WebhookStatus::Active);
            own.map(|_| WebhookCommand::Disable(off))
        };
        if self.app.follow::<Webhook>(&webhook_stream(self.id), Cause::of(cause), command).await? {
            self.app.webhooks.counters.add(Counted::SwitchedOff);
            tracing::warn!(webhook.id = %self.id, cause = off.as_str(), "a webhook is switched off: {}", off.as_str());
        }
        Ok(())
    }

    /// The keys that sign now; `None` when the newest secret cannot be opened.
    async fn keys(&mut self, own: &Registered) -> Result<Option<Vec<hmac::Key>>, LineError> {
        let mut keys = Vec::new();
        for secret in own.secrets(self.app.clock.now()) {
            if !self.keys.contains_key(&secret) {
                let text = self.app.webhook_secret(self.id, secret).await?;
                let Some(key) = text.and_then(|text| signature::key(&text)) else { continue };
                self.keys.insert(secret, key);
            }
            keys.extend(self.keys.get(&secret).cloned());
        }
        Ok(Some(keys).filter(|_| self.keys.contains_key(&own.secret)))
    }

    async fn write_if_due(&mut self) -> Result<(), LineError> {
        let is_far = self.place.position - self.written_position >= UNWRITTEN_EVENTS_MAX;
        if self.must_write || is_far || !self.unwritten.is_empty() { self.write().await } else { Ok(()) }
    }

    async fn write(&mut self) -> Result<(), LineError> {
        let next = WebhookPlace { version: self.place.version + 1, ..self.place.clone() };
        let changed: Vec<StoredDelivery> = self.unwritten.values().cloned().collect();
        let (registry, place) = (Arc::clone(&self.app.registry), next.clone());
        // On a task of its own: a line can be ended at any point, and a transaction must not be left in the middle.
        let written = tokio::spawn(async move { registry.put_webhook_place(&place, &changed).await }).await;
        if !written.map_err(|error| AppError::Internal(error.to_string()))?? {
            return Err(LineError::Lost);
        }
        self.place = next;
        self.written_position = self.place.position;
        self.unwritten.clear();
        self.must_write = false;
        Ok(())
    }

    async fn trim(&mut self) -> Result<(), LineError> {
        if self.since_trim < TRIM_EVERY {
            return Ok(());
        }
        self.since_trim = 0;
        let options = self.app.webhooks.options();
        let before = self.app.clock.now_us() - i64::from(options.keep_days) * DAY_US;
        Ok(self.app.registry.trim_deliveries(self.id.as_uuid(), before, options.keep_deliveries).await?)
    }
}

//! What was sent to webhooks' endpoints and what waits, as stored. What an event is to them is not asked here.

use super::StoreError;
use super::decode::{StoreRow, bytes, id, signed_number, text, unsigned};
use async_trait::async_trait;
use uuid::Uuid;

/// How far an endpoint was told what the log holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookPlace {
    pub webhook: Uuid,
    /// Everything up to it was sent, or is among the deliveries.
    pub position: u64,
    /// Of the webhook's own stream.
    pub seen_revision: u64,
    /// Microseconds since the Unix epoch; `None` while the endpoint takes what it is sent.
    pub failing_since_us: Option<i64>,
    /// One more with each write.
    pub version: u64,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// Another try comes.
    Pending,
    Delivered,
    /// No more tries come by themselves.
    GivenUp,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::GivenUp];

    /// The word in SQL and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::GivenUp => "given_up",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// One event on its way to one endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDelivery {
    /// Of the event.
    pub position: u64,
    pub event_id: Uuid,
    /// `payment.settled` and so on.
    pub kind: String,
    pub state: DeliveryState,
    /// How often it was tried in this round.
    pub tries: u32,
    /// Microseconds since the Unix epoch.
    pub next_try_us: Option<i64>,
    /// The last try, or when it was asked for.
    pub updated_at_us: i64,
    /// JSON of the last tries.
    pub answers: Vec<u8>,
}

/// Deliveries of one log. Works beside a running server too.
#[async_trait]
pub trait Deliveries: Send + Sync + 'static {
    /// How far an endpoint is.
    async fn webhook_place(&self, webhook: Uuid) -> Result<Option<WebhookPlace>, StoreError>;

    /// Writes a place with what changed among its deliveries, in one transaction. False, and nothing is written, when the place is not of
    /// the version before it any more.
    async fn put_webhook_place(&self, place: &WebhookPlace, deliveries: &[StoredDelivery]) -> Result<bool, StoreError>;

    /// Those that wait, in the order of the log.
    async fn pending_deliveries(&self, webhook: Uuid) -> Result<Vec<StoredDelivery>, StoreError>;

    /// One of them.
    async fn delivery(&self, webhook: Uuid, position: u64) -> Result<Option<StoredDelivery>, StoreError>;

    /// Those of events before a position, newest first; of one state, or all.
    async fn list_deliveries(
        &self,
        webhook: Uuid,
        (before, state): (u64, Option<DeliveryState>),
        limit: u32,
    ) -> Result<Vec<StoredDelivery>, StoreError>;

    /// Takes away what was last tried before an instant, and all but the newest `keep`; never what waits.
    async fn trim_deliveries(&self, webhook: Uuid, before_us: i64, keep: u32) -> Result<(), StoreError>;

    /// How many deliveries wait, and how many endpoints take nothing.
    async fn delivery_counts(&self) -> Result<(u64, u64), StoreError>;

    /// Takes away all of an endpoint's, and its place.
    async fn forget_deliveries(&self, webhook: Uuid) -> Result<(), StoreError>;
}

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(format!("{what} of a delivery is not what was written"))
}

/// Reads a row of any engine.
pub(super) fn place(row: &impl StoreRow) -> Result<WebhookPlace, StoreError> {
    Ok(WebhookPlace {
        webhook: id(row, 0)?,
        position: unsigned(row, 1)?,
        seen_revision: unsigned(row, 2)?,
        failing_since_us: row.number(3)?,
        version: unsigned(row, 4)?,
    })
}

/// Reads a row of any engine.
pub(super) fn delivery(row: &impl StoreRow) -> Result<StoredDelivery, StoreError> {
    Ok(StoredDelivery {
        position: unsigned(row, 0)?,
        event_id: id(row, 1)?,
        kind: text(row, 2)?,
        state: DeliveryState::parse(&text(row, 3)?).ok_or_else(|| corrupt("the state"))?,
        tries: unsigned(row, 4)?.try_into().map_err(|_| corrupt("the count of tries"))?,
        next_try_us: row.number(5)?,
        updated_at_us: signed_number(row, 6)?,
        answers: bytes(row, 7)?.to_vec(),
    })
}

/// The states that a filter takes, as many as there are.
pub(super) const fn states(asked: Option<DeliveryState>) -> [&'static str; 3] {
    let [first, second, third] = DeliveryState::ALL;
    match asked {
        Some(state) => [state.as_str(); 3],
        None => [first.as_str(), second.as_str(), third.as_str()],
    }
}

/// Reads a row of any engine.
pub(super) fn counts(row: &impl StoreRow) -> Result<(u64, u64), StoreError> {
    Ok((unsigned(row, 0)?, unsigned(row, 1)?))
}

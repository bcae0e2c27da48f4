//! What a step would do: the events that it would append, the figures that it would move, and a token under which exactly these are appended.

use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::{AppError, FieldIssue};
use crate::app::hex::{hex, unhex};
use crate::domain::codec::Encoded;
use crate::domain::ids::ListId;
use crate::domain::money::{CurrencySpec, Money};
use crate::domain::period::Month;
use crate::projections::figures::{AsOf, FigureQuery, Filters};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Events that a plan shows in full; the rest is counted and is in the digest.
const SHOWN_MAX: usize = 200;

/// Whether a step is only planned, or done; with a token: done as it was planned, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Course {
    Plan,
    Go,
    GoAsPlanned(PlanToken),
}

/// What a plan's token says, once its seal was found whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanToken {
    pub list_id: ListId,
    pub position: u64,
    pub digest: [u8; 32],
}

/// An event that would be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedEvent {
    pub stream: String,
    pub event_type: &'static str,
    pub data: Vec<u8>,
}

/// How a figure would move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    pub indicator: &'static str,
    /// (numerator, denominator)
    pub before: (i64, i64),
    pub after: (i64, i64),
}

/// What a step would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub list_id: ListId,
    /// The log's head when it was made.
    pub position: u64,
    pub digest: [u8; 32],
    pub token: String,
    pub event_count: u64,
    /// How many of each type.
    pub types: BTreeMap<&'static str, u64>,
    /// The first of them.
    pub events: Vec<PlannedEvent>,
    /// Items and sum of the list after it.
    pub item_count: u64,
    pub control_sum: Money,
    pub currency: CurrencySpec,
    /// The scope of the figures: the cycle, within the caller's units.
    pub cycle: Month,
    pub figures: Vec<Move>,
}

/// Gathers the events of a plan. Times are in none of them, so that the same facts give the same digest.
#[derive(Debug, Default)]
pub struct Gathered {
    hash: Sha256,
    count: u64,
    types: BTreeMap<&'static str, u64>,
    shown: Vec<PlannedEvent>,
    /// Orders and cancellations, which move completeness.
    instructed: i64,
    cancelled: i64,
}

impl Gathered {
    /// One more event, in order.
    pub fn add(&mut self, stream: &str, encoded: &Encoded) {
        for part in
            [stream.as_bytes(), encoded.event_type.as_bytes(), &encoded.schema_version.to_be_bytes(), &encoded.data]
        {
            self.hash.update((part.len() as u64).to_be_bytes());
            self.hash.update(part);
        }
        self.count += 1;
        *self.types.entry(encoded.event_type).or_default() += 1;
        self.instructed += i64::from(encoded.event_type == "PaymentInstructed");
        self.cancelled += i64::from(encoded.event_type == "PaymentCancelled");
        if self.shown.len() < SHOWN_MAX {
            let (event_type, data) = (encoded.event_type, encoded.data.clone());
            self.shown.push(PlannedEvent { stream: stream.to_owned(), event_type, data });
        }
    }

    /// The events of another one after these.
    pub fn append(&mut self, other: Self) {
        self.hash.update(other.digest());
        self.count += other.count;
        self.instructed += other.instructed;
        self.cancelled += other.cancelled;
        for (event_type, count) in other.types {
            *self.types.entry(event_type).or_default() += count;
        }
        let room = SHOWN_MAX.saturating_sub(self.shown.len());
        self.shown.extend(other.shown.into_iter().take(room));
    }

    /// The digest of all events so far.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }
}

/// What the list is after a plan's events.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    pub list_id: ListId,
    pub cycle: Month,
    pub item_count: u64,
    pub control_sum: Money,
}

impl App {
    /// Makes the plan's answer of what was gathered.
    pub async fn plan(
        &self,
        principal: &Principal,
        standing: Standing,
        gathered: Gathered,
        position: u64,
    ) -> Result<Plan, AppError> {
        let digest = gathered.digest();
        let query = FigureQuery {
            filters: Filters { cycle_from: Some(standing.cycle), cycle_to: Some(standing.cycle), ..Filters::default() },
            group_by: Vec::new(),
            as_of: AsOf::Now,
        };
        let found =
            self.adoption(principal, query, Some(position)).await?.answer.into_iter().next().unwrap_or_default();
        let (closed, instructed) = (found.completeness.numerator, found.completeness.denominator);
        let (live, all) = (found.payments.numerator, found.payments.denominator);
        let figures = vec![
            Move {
                indicator: "C1",
                before: (closed, instructed),
                after: (closed + gathered.cancelled, instructed + gathered.instructed),
            },
            // What was only ordered or called off was never live: the rate of payments stays.
            Move { indicator: "A3", before: (live, all), after: (live, all) },
        ];
        let token = self.plan_token(principal, standing.list_id, position, &digest);
        Ok(Plan {
            list_id: standing.list_id,
            position,
            digest,
            token,
            event_count: gathered.count,
            types: gathered.types,
            events: gathered.shown,
            item_count: standing.item_count,
            control_sum: standing.control_sum,
            currency: self.profile.currency,
            cycle: standing.cycle,
            figures,
        })
    }

    fn seal(&self, principal: &Principal, list_id: ListId, position: u64, digest: &[u8]) -> [u8; 32] {
        let position = position.to_be_bytes();
        self.vault.input_hash(&[
            b"list-plan",
            principal.key_id.as_bytes(),
            list_id.as_uuid().as_bytes(),
            &position,
            digest,
        ])
    }

    fn plan_token(&self, principal: &Principal, list_id: ListId, position: u64, digest: &[u8; 32]) -> String {
        let seal = self.seal(principal, list_id, position, digest);
        format!("{}.{position}.{}.{}", list_id.as_uuid().simple(), hex(digest), hex(&seal[..16]))
    }

    /// Reads a token. Only the key that was shown the plan can use it.
    pub fn read_plan_token(&self, principal: &Principal, text: &str) -> Result<PlanToken, AppError> {
        let invalid = || AppError::Invalid(vec![token_issue()]);
        let parts: Vec<&str> = text.split('.').collect();
        let [list_id, position, digest, seal] = parts.as_slice() else { return Err(invalid()) };
        let list_id = ListId::parse(list_id).map_err(|_| invalid())?;
        let position = position.parse().map_err(|_| invalid())?;
        let digest: [u8; 32] = unhex(digest).and_then(|bytes| bytes.try_into().ok()).ok_or_else(invalid)?;
        let expected = self.seal(principal, list_id, position, &digest);
        if unhex(seal).as_deref() != Some(&expected[..16]) {
            return Err(invalid());
        }
        Ok(PlanToken { list_id, position, digest })
    }
}

fn token_issue() -> FieldIssue {
    FieldIssue::new(
        "plan",
        "plan-invalid",
        "this is not a plan that your key was shown; ask with dry_run=true and send its token unchanged",
        "không phải kế hoạch đã hiển thị cho khóa của bạn; hãy gọi với dry_run=true và gửi nguyên mã nhận được",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(data: &str) -> Encoded {
        Encoded { event_type: "ListClosed", schema_version: 1, data: data.as_bytes().to_vec() }
    }

    #[test]
    fn a_digest_tells_streams_orders_and_contents_apart() {
        let digest = |events: &[(&str, &str)]| {
            let mut gathered = Gathered::default();
            for (stream, data) in events {
                gathered.add(stream, &event(data));
            }
            gathered.digest()
        };
        let one = digest(&[("a", "1"), ("b", "2")]);
        assert_eq!(one, digest(&[("a", "1"), ("b", "2")]));
        for other in
            [&[("b", "2"), ("a", "1")][..], &[("a", "1"), ("b", "3")], &[("a", "1"), ("c", "2")], &[("a", "1")]]
        {
            assert_ne!(one, digest(other));
        }
    }
}

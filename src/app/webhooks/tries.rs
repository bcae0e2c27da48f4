//! One message on its way to one endpoint: not tried yet, tried, and tried again from the beginning. Pure.

use super::sender::Answer;
use crate::domain::ids::WebhookId;
use crate::store::deliveries::{DeliveryState, StoredDelivery};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Tries that are remembered of one delivery.
const ANSWERS_KEPT: usize = 16;

/// How far the next try is put off of what it may be: the same whoever works it out, another one for each endpoint, message and try.
pub(super) fn spread(webhook: WebhookId, delivery: &StoredDelivery) -> u8 {
    let mixed = webhook.as_uuid().as_u128() ^ delivery.event_id.as_u128() ^ u128::from(delivery.tries);
    mixed.to_be_bytes().into_iter().fold(0, |sum: u8, byte| sum.wrapping_mul(31).wrapping_add(byte))
}

/// A delivery that was not tried yet.
pub(super) fn begun((position, event_id): (u64, uuid::Uuid), kind: String, now_us: i64) -> StoredDelivery {
    StoredDelivery {
        position,
        event_id,
        kind,
        state: DeliveryState::Pending,
        tries: 0,
        next_try_us: Some(now_us),
        updated_at_us: now_us,
        answers: b"[]".to_vec(),
    }
}

/// The same, from the beginning.
pub(super) fn again(delivery: StoredDelivery, now_us: i64) -> StoredDelivery {
    StoredDelivery {
        state: DeliveryState::Pending,
        tries: 0,
        next_try_us: Some(now_us),
        updated_at_us: now_us,
        ..delivery
    }
}

/// What came of a try.
pub(super) fn remember(delivery: &mut StoredDelivery, answer: &Answer, (began, ended): (Timestamp, Timestamp)) {
    delivery.tries += 1;
    delivery.updated_at_us = ended.as_microsecond();
    let mut answers: Vec<Value> = serde_json::from_slice(&delivery.answers).unwrap_or_default();
    answers.push(json!({
        "at": began.to_string(),
        "status": answer.status,
        "duration_ms": ended.duration_since(began).as_millis(),
        "answer": answer.text,
        "failure": answer.failure,
    }));
    let from = answers.len().saturating_sub(ANSWERS_KEPT);
    delivery.answers = serde_json::to_vec(&answers[from..]).unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn tried(times: u32) -> StoredDelivery {
        let mut delivery = begun((7, Uuid::from_u128(1)), "payment.settled".to_owned(), 0);
        for number in 0..times {
            let answer = Answer { status: Some(500), text: number.to_string(), ..Answer::default() };
            remember(&mut delivery, &answer, (second(1), second(2)));
        }
        delivery
    }

    fn answers(delivery: &StoredDelivery) -> Vec<Value> {
        serde_json::from_slice(&delivery.answers).unwrap()
    }

    #[test]
    fn a_try_is_remembered_with_its_time_and_answer() {
        let expected =
            json!({"at": "1970-01-01T00:00:01Z", "status": 500, "duration_ms": 1_000, "answer": "0", "failure": null});
        assert_eq!(answers(&tried(1)), [expected]);
    }

    #[test]
    fn the_last_tries_are_remembered_and_no_more() {
        let delivery = tried(20);
        assert_eq!((delivery.tries, answers(&delivery).len()), (20, ANSWERS_KEPT));
        assert_eq!(answers(&delivery)[0]["answer"], "4");
    }

    #[test]
    fn a_repeat_begins_again_and_keeps_what_was_answered() {
        let delivery = StoredDelivery { state: DeliveryState::GivenUp, next_try_us: None, ..tried(8) };
        let repeated = again(delivery, 9);
        assert_eq!((repeated.state, repeated.tries, repeated.next_try_us), (DeliveryState::Pending, 0, Some(9)));
        assert_eq!(answers(&repeated).len(), 8);
    }

    #[test]
    fn endpoints_messages_and_tries_are_spread_apart() {
        let of = |webhook: u128, times| spread(WebhookId::from_uuid(Uuid::from_u128(webhook)), &tried(times));
        assert_eq!(of(3, 2), of(3, 2));
        assert_ne!(of(3, 2), of(4, 2));
        assert_ne!(of(3, 2), of(3, 3));
    }
}

//! One well-known bank with one key, a payment for every end-to-end id, and messages in memory while they are being judged.

use super::PERSON;
use crate::domain::ids::{EndToEndId, PaymentId};
use crate::store::views::FoundAttempt;
use crate::store::{Append, RecordedEvent, WriteResult};
use std::collections::{HashMap, VecDeque};
use uuid::Uuid;

/// The one bank that is registered.
pub const BENCH_BANK: &str = "vcb";
/// The id of its one key.
pub const BENCH_BANK_KEY_ID: &str = "bench";
/// Its public half: that of the first test vector of RFC 8032, so that no two programs need to agree on another one.
pub const BENCH_BANK_KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

const BANK_STREAM: &str = "bank-vcb";
const PAYMENT: &str = "payment-";
const MESSAGE: &str = "inbox-";
/// Messages that are remembered: many more than are judged at a time.
const MESSAGES_MAX: usize = 4_096;

/// `E2E` is an end-to-end id, `ID` the same as the payment's id, `UNIT` a unit of the profile, `PERSON` the one beneficiary.
const INSTRUCTED: &str = r#"{"payment_id":"ID","reference":"PAY-E2E","beneficiary_id":"PERSON","benefit_type":"pension","benefit_months":["2025-08"],"cycle":"2025-08","amount":{"minor":2500000,"currency":"VND"},"unit_key":"UNIT","unit_code_as_received":"20194","urban":false,"attempt":1,"channel":"account","agent":"bank","bank":"vcb","account_ref":"3b241101-e2bb-4255-8caf-4136c566a962","end_to_end_id":"E2E","due_on":"2025-08-05","payee":"self"}"#;

/// Whether what is appended to a stream is remembered.
pub(super) fn is_remembered(stream: &str) -> bool {
    stream.starts_with(MESSAGE)
}

/// An event that was always there.
pub(super) fn event(stream: &str, revision: u64, event_type: &str, data: String) -> RecordedEvent {
    RecordedEvent {
        position: revision + 1,
        stream: stream.to_owned(),
        revision,
        event_id: Uuid::nil(),
        event_type: event_type.to_owned(),
        schema_version: 1,
        recorded_at_us: 0,
        data: data.into_bytes(),
        metadata: b"{}".to_vec(),
        leaf_hash: [0; 32],
    }
}

/// What is known of banks and of what they report on.
pub(super) struct Banks {
    bank: Vec<RecordedEvent>,
    instructed: String,
    messages: HashMap<String, Vec<RecordedEvent>>,
    /// In the order of their coming.
    came: VecDeque<String>,
}

impl Banks {
    pub fn new(unit: &str) -> Self {
        let key = serde_json::json!({"key_id": BENCH_BANK_KEY_ID, "algorithm": "EdDSA", "public_key": BENCH_BANK_KEY});
        let bank = vec![
            event(BANK_STREAM, 0, "BankRegistered", format!(r#"{{"bank":"{BENCH_BANK}"}}"#)),
            event(BANK_STREAM, 1, "BankKeyAdded", key.to_string()),
        ];
        let person = PERSON.trim_start_matches("beneficiary-");
        let instructed = INSTRUCTED.replace("UNIT", unit).replace("PERSON", person);
        Self { bank, instructed, messages: HashMap::new(), came: VecDeque::new() }
    }

    /// The stream of a bank, a message or a payment; `None` for another kind.
    pub fn read(&self, stream: &str) -> Option<Vec<RecordedEvent>> {
        if is_remembered(stream) {
            return Some(self.messages.get(stream).cloned().unwrap_or_default());
        }
        if stream == BANK_STREAM {
            return Some(self.bank.clone());
        }
        let id = Uuid::try_parse(stream.strip_prefix(PAYMENT)?).ok()?;
        Some(vec![self.payment(id)])
    }

    /// The payment with this id. Its end-to-end id has the same digits.
    fn payment(&self, id: Uuid) -> RecordedEvent {
        let data = self.instructed.replace("ID", &id.to_string()).replace("E2E", &id.simple().to_string());
        event(&format!("{PAYMENT}{id}"), 0, "PaymentInstructed", data)
    }

    /// The payment that an end-to-end id names.
    pub fn find(id: &EndToEndId) -> Option<FoundAttempt> {
        let payment_id = PaymentId::from_uuid(Uuid::try_parse(id.as_str()).ok()?);
        Some(FoundAttempt { end_to_end_id: id.clone(), payment_id, attempt: 1 })
    }

    /// Remembers what is appended to a message's stream; the oldest message is forgotten.
    pub fn remember(&mut self, append: &Append, result: &WriteResult) {
        let first_revision = (result.revision + 1).saturating_sub(append.events.len() as u64);
        let events = append.events.iter().zip(0..).map(|(event, offset)| RecordedEvent {
            position: result.first_position + offset,
            stream: append.stream.clone(),
            revision: first_revision + offset,
            event_id: event.event_id,
            event_type: event.event_type.clone(),
            schema_version: event.schema_version,
            recorded_at_us: result.recorded_at_us,
            data: event.data.clone(),
            metadata: event.metadata.clone(),
            leaf_hash: [0; 32],
        });
        if let Some(known) = self.messages.get_mut(&append.stream) {
            known.extend(events);
            return;
        }
        self.messages.insert(append.stream.clone(), events.collect());
        self.came.push_back(append.stream.clone());
        if self.came.len() > MESSAGES_MAX
            && let Some(oldest) = self.came.pop_front()
        {
            self.messages.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::payment::PaymentEvent;
    use crate::projections::fact::{Fact, Recorded, Subject};
    use crate::projections::payments::{PaymentRow, apply};
    use crate::store::StreamState;

    fn append(number: usize) -> Append {
        let event = crate::store::EventData {
            event_id: Uuid::from_u128(number as u128),
            event_type: "BankMessageReceived".to_owned(),
            schema_version: 1,
            data: b"{}".to_vec(),
            metadata: b"{}".to_vec(),
        };
        Append::events(format!("inbox-{number}"), StreamState::NoStream, vec![event])
    }

    fn row(event: &RecordedEvent) -> PaymentRow {
        let RecordedEvent { position, revision, recorded_at_us, schema_version, .. } = *event;
        let (stream, event_type, data) = (event.stream.as_str(), event.event_type.as_str(), event.data.as_slice());
        let recorded =
            Recorded { position, stream, revision, recorded_at_us, event_type, schema_version, data, metadata: b"{}" };
        let fact = Fact::read(recorded).unwrap().unwrap();
        let Subject::Payment(_, PaymentEvent::Instructed(instructed)) = &fact.subject else { panic!("{fact:?}") };
        apply::instructed(&fact, instructed)
    }

    #[test]
    fn every_end_to_end_id_names_a_payment_of_its_own() {
        let banks = Banks::new("C20194@20250701");
        let ids = ["0195a3c01c0070008000000000000001", "0195a3c01c0070008000000000000002"];
        let found = ids.map(|id| Banks::find(&EndToEndId::parse(id).unwrap()).unwrap());
        assert_ne!(found[0].payment_id, found[1].payment_id);
        for (id, found) in ids.iter().zip(found) {
            let stream = banks.read(&format!("payment-{}", found.payment_id)).unwrap();
            let row = row(&stream[0]);
            assert_eq!((found.end_to_end_id.as_str(), row.end_to_end_id.as_str()), (*id, *id));
            assert_eq!((found.attempt, found.payment_id), (row.attempt, row.payment_id));
        }
    }

    #[test]
    fn messages_are_remembered_in_their_order_and_no_more_than_so_many() {
        let mut banks = Banks::new("C20194@20250701");
        let mut result =
            WriteResult { revision: 0, first_position: 1, position: 1, recorded_at_us: 0, already_recorded: false };
        banks.remember(&append(0), &result);
        (result.revision, result.first_position, result.position) = (1, 2, 2);
        banks.remember(&append(0), &result);
        let places: Vec<(u64, u64)> =
            banks.read("inbox-0").unwrap().iter().map(|event| (event.revision, event.position)).collect();
        assert_eq!(places, [(0, 1), (1, 2)]);
        (1..=MESSAGES_MAX).for_each(|number| banks.remember(&append(number), &result));
        assert_eq!((banks.messages.len(), banks.came.len()), (MESSAGES_MAX, MESSAGES_MAX));
        assert_eq!((banks.read("inbox-0"), banks.read("inbox-1").unwrap().len()), (Some(Vec::new()), 1));
    }
}

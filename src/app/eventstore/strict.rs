//! Events of our own types as other programs send them: JSON by the published schema, with nothing beside it.

use super::refusal::Refusal;
use crate::domain::codec::{self, CodecError, DomainEvent};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The schema version that is written now, of every type that is taken.
const VERSION: u16 = 1;

static SCHEMAS: LazyLock<HashMap<String, Value>> = LazyLock::new(|| codec::schemas().into_iter().collect());

/// Reads an event. What the schema does not name could be anything, a person's name too: it is refused and not dropped.
pub fn read(event_type: &str, data: &[u8]) -> Result<DomainEvent, Refusal> {
    let Some(schema) = SCHEMAS.get(&format!("{event_type}.v{VERSION}")) else {
        return Err(Refusal::new(
            "event-unknown",
            format!("{event_type} is no event of this log; their schemas are in openapi/events"),
        ));
    };
    let value: Value = serde_json::from_slice(data)
        .map_err(|error| Refusal::new("not-json", format!("the data of {event_type} are no JSON: {error}")))?;
    if let Some(pointer) = unknown(&value, schema, "") {
        return Err(Refusal::new("unknown-field", format!("{event_type} has no field {pointer}; leave it out")));
    }
    match codec::decode(event_type, VERSION, data) {
        Ok(Some(event)) => Ok(event),
        Ok(None) => Err(Refusal::new("event-unknown", format!("{event_type} is no event of this log"))),
        Err(CodecError::Malformed { problem, .. }) => {
            Err(Refusal::new("invalid-input", format!("{event_type} cannot be read: {problem}")))
        }
        Err(error @ CodecError::UnknownVersion { .. }) => Err(Refusal::new("invalid-input", error.to_string())),
    }
}

/// The JSON pointer of the first member that a schema does not name.
fn unknown(value: &Value, schema: &Value, at: &str) -> Option<String> {
    if let Some(forms) = schema.get("oneOf").and_then(Value::as_array) {
        // Which of the forms it is, is said by a member; one that is none of them cannot be read afterwards.
        return forms.iter().find(|form| is_of(value, form)).and_then(|form| unknown(value, form, at));
    }
    match value {
        Value::Object(members) => {
            let named = schema.get("properties").and_then(Value::as_object);
            members.iter().find_map(|(key, member)| {
                let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                match named.and_then(|named| named.get(key)) {
                    Some(schema) => unknown(member, schema, &at),
                    None => Some(at),
                }
            })
        }
        Value::Array(items) => {
            let schema = schema.get("items")?;
            items.iter().enumerate().find_map(|(number, item)| unknown(item, schema, &format!("{at}/{number}")))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Whether a value has the constants of a form.
fn is_of(value: &Value, form: &Value) -> bool {
    let Some(named) = form.get("properties").and_then(Value::as_object) else { return false };
    named.iter().all(|(key, schema)| schema.get("const").is_none_or(|constant| value.get(key) == Some(constant)))
}

/// Where two JSON values differ first, as a pointer, with what the second has there.
#[must_use]
pub fn difference(ours: &Value, made: &Value, at: &str) -> Option<(String, Value)> {
    if ours == made {
        return None;
    }
    let (Value::Object(left), Value::Object(right)) = (ours, made) else {
        return Some((at.to_owned(), made.clone()));
    };
    let missing = Value::Null;
    let keys = right.keys().chain(left.keys().filter(|key| !right.contains_key(*key)));
    keys.into_iter().find_map(|key| {
        let (ours, made) = (left.get(key).unwrap_or(&missing), right.get(key).unwrap_or(&missing));
        difference(ours, made, &format!("{at}/{key}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLED: &str = r#"{"attempt":1,"settled_on":"2025-03-05","amount":{"minor":5,"currency":"VND"},"evidence":{"kind":"k","reference":"r"}}"#;

    fn code(event_type: &str, data: &str) -> (&'static str, String) {
        let refusal = read(event_type, data.as_bytes()).unwrap_err();
        (refusal.code, refusal.reason)
    }

    #[test]
    fn a_published_event_is_read() {
        assert!(matches!(read("PaymentSettled", SETTLED.as_bytes()), Ok(DomainEvent::Payment(_))));
        let spaced = SETTLED.replace(',', " ,\n");
        assert!(read("PaymentSettled", spaced.as_bytes()).is_ok());
    }

    #[test]
    fn what_the_schema_does_not_name_is_refused_by_its_pointer() {
        for (from, to, pointer) in [
            ("{\"attempt\"", "{\"name\":\"Nguyễn\",\"attempt\"", "/name"),
            ("\"kind\"", "\"who\":null,\"kind\"", "/evidence/who"),
            ("\"minor\"", "\"a/b~c\":false,\"minor\"", "/amount/a~1b~0c"),
        ] {
            let (found, reason) = code("PaymentSettled", &SETTLED.replace(from, to));
            assert_eq!(found, "unknown-field");
            assert!(reason.contains(pointer), "{reason}");
        }
        let result =
            r#"{"result":{"status":"mismatch","fields":["name"],"name":"X"},"source":"s","checked_on":"2025-03-05"}"#;
        let (found, reason) = code("IdentityMatchRecorded", result);
        assert_eq!((found, reason.contains("/result/name")), ("unknown-field", true));
    }

    #[test]
    fn what_cannot_be_read_says_so() {
        assert_eq!(code("PaymentSettled", "no").0, "not-json");
        assert_eq!(code("PaymentSettled", "[]").0, "invalid-input");
        assert_eq!(code("PaymentSettled", &SETTLED.replace("\"attempt\":1", "\"attempt\":\"1\"")).0, "invalid-input");
        assert_eq!(code("Settled", SETTLED).0, "event-unknown");
    }

    #[test]
    fn the_first_difference_is_told_with_what_the_rules_have() {
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let found = difference(&read(r#"{"a":1,"b":{"c":2}}"#), &read(r#"{"a":1,"b":{"c":3},"d":4}"#), "");
        assert_eq!(found, Some(("/b/c".to_owned(), read("3"))));
        assert_eq!(difference(&read(r#"{"a":1}"#), &read("{}"), ""), Some(("/a".to_owned(), Value::Null)));
        assert_eq!(difference(&read("{}"), &read("{}"), ""), None);
    }
}

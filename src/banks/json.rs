//! Our own schema of a bank's report, for banks without ISO 20022: one JSON object, at most 16 MB. What is not in the schema is refused,
//! so that a mistyped field is found by its sender and not by a pensioner.

use super::error::ReadError;
use super::item::{Amount, Head, Item, MessageKind, Report, Scope, StatedReason, When, checked_id};
use super::limits::Limits;
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::io::{BufRead, Read};
use std::marker::PhantomData;

/// The items of a message.
pub(super) struct JsonMessage(std::vec::IntoIter<Item>);

impl JsonMessage {
    pub fn next(&mut self) -> Option<Item> {
        self.0.next()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    message_id: String,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(borrow)]
    items: Items<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reported<'a> {
    end_to_end_id: String,
    status: String,
    #[serde(default)]
    date: Option<String>,
    #[serde(default)]
    amount: Option<String>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default, borrow)]
    reason: Option<&'a RawValue>,
    #[serde(default)]
    agent_ref: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    text: Option<String>,
}

/// At most [`ITEMS_MAX`] items, so that memory is bounded while they are read.
struct Items<'a>(Vec<&'a RawValue>);

const ITEMS_MAX: usize = 50_000;
const TEXT_MAX: usize = 500;

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bounded<'a>(PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Bounded<'a> {
            type Value = Items<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of items")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Items<'a>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    if items.len() <= ITEMS_MAX {
                        items.push(item);
                    }
                }
                Ok(Items(items))
            }
        }
        deserializer.deserialize_seq(Bounded(PhantomData))
    }
}

/// Reads and checks the whole message.
pub(super) fn read<R: BufRead>(input: R, limits: &Limits) -> Result<(Head, JsonMessage), ReadError> {
    let mut bytes = Vec::new();
    let read =
        input.take(limits.json_bytes_max.saturating_add(1)).read_to_end(&mut bytes).map_err(|_| ReadError::Io)?;
    if u64::try_from(read).unwrap_or(u64::MAX) > limits.json_bytes_max {
        return Err(ReadError::TooLarge { max: limits.json_bytes_max });
    }
    let document = std::str::from_utf8(&bytes).map_err(|_| ReadError::Encoding)?;
    let document: Document<'_> = serde_json::from_str(document)
        .map_err(|error| malformed(&error, format!("in line {}, column {}", error.line(), error.column())))?;
    let items_max = limits.json_items_max.min(ITEMS_MAX);
    if document.items.0.len() > items_max {
        return Err(ReadError::TooManyItems { max: u64::try_from(items_max).unwrap_or(u64::MAX) });
    }
    let message_id = checked_id(&document.message_id, 0, "message_id")?;
    let created = document.created_at.as_deref().map(|text| when(text, 0, "created_at")).transpose()?;
    let items: Result<Vec<Item>, ReadError> =
        (1..).zip(document.items.0).map(|(number, raw)| item(number, object(raw, number)?)).collect();
    let head = Head { kind: MessageKind::Json, version: None, message_id, created };
    Ok((head, JsonMessage(items?.into_iter())))
}

fn malformed(error: &serde_json::Error, place: String) -> ReadError {
    match error.classify() {
        serde_json::error::Category::Eof => ReadError::Truncated,
        serde_json::error::Category::Data => ReadError::Malformed {
            place,
            problem: "a field is missing, stands twice, is not in the schema, or is not of its type",
        },
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
            ReadError::Malformed { place, problem: "not JSON" }
        }
    }
}

/// An object of the schema. The parser would take a list of its values for it.
fn object<'a, T: Deserialize<'a>>(raw: &'a RawValue, number: u64) -> Result<T, ReadError> {
    let place = format!("in item {number}");
    if !raw.get().starts_with('{') {
        return Err(ReadError::Malformed { place, problem: "an object was expected" });
    }
    serde_json::from_str(raw.get()).map_err(|error| malformed(&error, place))
}

fn when(text: &str, item: u64, path: &'static str) -> Result<When, ReadError> {
    When::parse(text).ok_or(ReadError::BadValue { item, path, expected: "a date, or date and time" })
}

fn item(number: u64, reported: Reported<'_>) -> Result<Item, ReadError> {
    let bounded = |text: &str, path: &'static str, max: usize| {
        if text.is_empty() || text.chars().count() > max {
            return Err(ReadError::BadValue {
                item: number,
                path,
                expected: "a text, not empty and not longer than allowed",
            });
        }
        Ok(())
    };
    bounded(&reported.end_to_end_id, "end_to_end_id", 35)?;
    bounded(&reported.status, "status", 35)?;
    if let Some(text) = &reported.agent_ref {
        bounded(text, "agent_ref", 128)?;
    }
    let reason = reported.reason.map(|raw| object::<Reason>(raw, number)).transpose()?;
    let reason = reason.map(|reason| StatedReason { code: reason.code, proprietary: None, words: reason.text });
    for text in reason.iter().flat_map(|reason| reason.code.iter().chain(&reason.words)) {
        bounded(text, "reason", TEXT_MAX)?;
    }
    let amount = match (reported.amount, reported.currency) {
        (None, Some(_)) => return Err(ReadError::Missing { item: number, path: "amount" }),
        (amount, currency) => amount.map(|text| Amount { text, currency }),
    };
    let is_word = reported.status.starts_with(|first: char| first.is_ascii_lowercase());
    Ok(Item {
        number,
        scope: Scope::Payment,
        end_to_end_id: Some(reported.end_to_end_id),
        agent_ref: reported.agent_ref,
        report: if is_word { Report::Word(reported.status) } else { Report::Status(reported.status) },
        amount,
        when: reported.date.as_deref().map(|text| when(text, number, "date")).transpose()?,
        reasons: reason.into_iter().collect(),
    })
}

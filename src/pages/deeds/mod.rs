//! What a page can have done: operations of the API as forms, and how a form's fields become an operation's body.

pub mod form;
mod table;

pub use form::{DeedForm, Options};
pub use table::DEEDS;

use serde_json::{Map, Value, json};

/// What a field asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Words of one's own.
    Text,
    /// The same over several lines.
    Note,
    /// A key: lines as they are.
    Lines,
    /// Which kind of number of a person; the field that has the number goes by its name.
    Scheme,
    /// The number of that kind.
    OfScheme,
    Date,
    Month,
    /// Digits, in the currency's major units.
    Amount,
    /// Yes or nothing.
    Flag,
    /// A whole number that the page knows.
    Number,
    Channel,
    Bank,
    /// A reason code of ISO 20022 that the profile knows.
    Reason,
    /// A cash desk in reach.
    Desk,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A whole number.
    Count,
    /// Yes, where the page says so.
    KnownFlag,
    /// A list of the one that the page knows.
    KnownList,
    /// Always this.
    Fixed(&'static str),
    /// What the page knows, as text.
    Known,
}

/// One field of a form.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Where it goes: a member of the body, a member of a member after a point, `path.` for the address, `query.` for its question.
    pub name: &'static str,
    pub ask: Ask,
    pub needed: bool,
}

/// One operation as a form.
#[derive(Debug)]
pub struct Deed {
    /// The operation's id.
    pub operation: &'static str,
    pub fields: &'static [Field],
    /// Takes something away for good.
    pub is_grave: bool,
    /// What it makes has a page of its own: the member of the answer with its id, and where pages of its kind are.
    pub leads_to: Option<(&'static str, &'static str)>,
}

/// The form of an operation, if pages have one.
#[must_use]
pub fn find(operation: &str) -> Option<&'static Deed> {
    DEEDS.iter().find(|deed| deed.operation == operation)
}

impl Deed {
    /// The operation's body, from a form's texts; what is empty stays out.
    pub fn body<'t>(&self, text: impl Fn(&str) -> &'t str) -> Map<String, Value> {
        let mut body = Map::new();
        let scheme = self.fields.iter().find(|field| field.ask == Ask::Scheme).map_or("", |field| text(field.name));
        for field in self.fields {
            let text = text(field.name);
            let is_elsewhere = field.name.starts_with("path.") || field.name.starts_with("query.");
            if text.is_empty() || is_elsewhere || field.ask == Ask::Scheme {
                continue;
            }
            if field.ask == Ask::OfScheme {
                body.insert(scheme.to_owned(), json!(text));
                continue;
            }
            let value = match field.ask {
                Ask::Flag | Ask::KnownFlag => json!(text == "true"),
                Ask::KnownList => json!([text]),
                // What is no number goes on as text, and is refused as such.
                Ask::Number | Ask::Count => text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number)),
                Ask::Lines => json!(text.replace('\r', "")),
                Ask::Text
                | Ask::Note
                | Ask::Date
                | Ask::Month
                | Ask::Amount
                | Ask::Channel
                | Ask::Bank
                | Ask::Reason
                | Ask::Desk
                | Ask::OneOf(_)
                | Ask::Scheme
                | Ask::OfScheme
                | Ask::Fixed(_)
                | Ask::Known => json!(text),
            };
            match field.name.split_once('.') {
                Some((outer, inner)) => {
                    let held = body.entry(outer).or_insert_with(|| json!({}));
                    held[inner] = value;
                }
                None => {
                    body.insert(field.name.to_owned(), value);
                }
            }
        }
        body
    }

    /// The question of the operation's address: its fields that have a text.
    pub fn query<'t>(&self, text: impl Fn(&str) -> &'t str) -> Vec<(&'static str, &'t str)> {
        let asked = self.fields.iter().filter_map(|field| Some((field.name.strip_prefix("query.")?, text(field.name))));
        asked.filter(|(_, text)| !text.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tongue::Tongue;
    use crate::pages::words::words_or;
    use std::collections::BTreeMap;

    fn texts<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> &'a str {
        let map: BTreeMap<&str, &str> = pairs.iter().copied().collect();
        move |name| map.get(name).copied().unwrap_or_default()
    }

    #[test]
    fn a_form_becomes_the_body_of_its_operation() {
        let settle = find("settlePayment").unwrap();
        let given = [("settled_on", "2025-03-04"), ("evidence.kind", "statement"), ("evidence.reference", "E-1")];
        assert_eq!(
            Value::Object(settle.body(texts(&given))),
            json!({"settled_on": "2025-03-04", "evidence": {"kind": "statement", "reference": "E-1"}})
        );
        let cancel = find("cancelPayment").unwrap();
        let given = [("reason", "asked"), ("recall_confirmed", "true"), ("somewhere", "else")];
        assert_eq!(Value::Object(cancel.body(texts(&given))), json!({"reason": "asked", "recall_confirmed": true}));
    }

    #[test]
    fn what_the_address_holds_is_not_in_the_body() {
        let pay = find("payAtDesk").unwrap();
        let given = [("path.id", "d"), ("path.date", "2025-03-04"), ("receipt", "R1"), ("collected_by", "self")];
        assert_eq!(Value::Object(pay.body(texts(&given))), json!({"receipt": "R1", "collected_by": "self"}));
    }

    #[test]
    fn a_number_stays_one_and_what_is_none_is_refused_by_the_operation() {
        let resolve = find("resolveInbox").unwrap();
        assert_eq!(resolve.body(texts(&[("item", "3")]))["item"], json!(3));
        assert_eq!(resolve.body(texts(&[("item", "x")]))["item"], json!("x"));
    }

    #[test]
    fn every_form_has_its_words_in_both_languages() {
        for tongue in [Tongue::Vietnamese, Tongue::English] {
            let has = |key: String| assert_ne!(words_or(tongue, &key, ""), "", "{key}");
            for deed in DEEDS {
                has(format!("deed.{}", deed.operation));
                for field in deed.fields {
                    if !form::is_hidden(field) {
                        has(format!("field.{}", form::word_of(field.name)));
                    }
                    if let Ask::OneOf(choices) = field.ask {
                        for choice in choices {
                            has(format!("choice.{choice}"));
                        }
                    }
                }
            }
        }
    }
}

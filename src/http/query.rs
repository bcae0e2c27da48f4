//! A query string read parameter by parameter: what is unknown or unreadable is an error that names it.

use crate::app::error::{AppError, FieldIssue};
use crate::app::words::{self, Words};
use crate::http::body::Body;
use crate::http::problem::Problem;
use actix_web::HttpRequest;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The parameters of one request. What is not read by the end is unknown.
pub struct Query {
    values: BTreeMap<String, String>,
    issues: Vec<FieldIssue>,
}

/// What `limit` takes.
pub const LIMIT: Words = Words { en: "a whole number from 1 to 1000", vi: "số nguyên từ 1 đến 1000" };
/// What positions take.
pub const POSITION: Words =
    Words { en: "a position: a whole number of 0 or more", vi: "vị trí: số nguyên từ 0 trở lên" };

impl Query {
    /// Reads the query string. A parameter given twice is an error.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let mut query = Self { values: BTreeMap::new(), issues: Vec::new() };
        let pairs = actix_web::web::Query::<Vec<(String, String)>>::from_query(request.query_string());
        let pairs = pairs.map_err(|_| Problem::BadRequest {
            code: "query-invalid",
            detail: "The query string is not of the form name=value&name=value.".to_owned(),
        })?;
        for (name, value) in pairs.into_inner() {
            if query.values.insert(name.clone(), value).is_some() {
                query.issues.push(FieldIssue::new(
                    name,
                    "given-twice",
                    "this parameter is given twice",
                    "tham số được ghi hai lần",
                ));
            }
        }
        Ok(query)
    }

    /// Parameters that were read once before, and are kept as text.
    pub fn of_values(values: BTreeMap<String, String>) -> Self {
        Self { values, issues: Vec::new() }
    }

    /// The members of a JSON object as parameters: a figure is cited with those that it is asked by.
    pub fn of_body(bytes: &[u8]) -> Result<Self, Problem> {
        let mut query = Self::of_values(BTreeMap::new());
        for (name, value) in Body::parse(bytes)?.into_members() {
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text,
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                Value::Array(_) | Value::Object(_) => {
                    query.report(name, &words::TEXT);
                    continue;
                }
            };
            query.values.insert(name, text);
        }
        Ok(query)
    }

    /// Takes a value for a parameter that is not given.
    pub fn put(&mut self, name: &str, value: &impl ToString) {
        self.values.insert(name.to_owned(), value.to_string());
    }

    /// What is not read yet, but for what is empty.
    pub fn given(&self) -> BTreeMap<String, String> {
        self.values
            .iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| (name.clone(), text.clone()))
            .collect()
    }

    /// A parameter that may be absent; an empty one counts as absent.
    pub fn optional<T>(&mut self, name: &'static str, expected: &Words, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.values.remove(name).filter(|text| !text.is_empty())?;
        let value = read(&text);
        if value.is_none() {
            self.report(name, expected);
        }
        value
    }

    /// A parameter that must be there.
    pub fn required<T>(&mut self, name: &'static str, expected: &Words, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        if self.values.get(name).is_none_or(String::is_empty) {
            self.values.remove(name);
            self.issues.push(FieldIssue::new(
                name,
                "missing",
                format!("missing; expected {}", expected.en),
                format!("thiếu; cần {}", expected.vi),
            ));
            return None;
        }
        self.optional(name, expected, read)
    }

    /// A position or another whole number.
    pub fn number(&mut self, name: &'static str) -> Option<u64> {
        self.optional(name, &POSITION, |text| text.parse().ok())
    }

    /// The page size, 1 to 1000.
    pub fn limit(&mut self, default: u32) -> u32 {
        self.optional("limit", &LIMIT, |text| text.parse().ok().filter(|n| (1..=1000).contains(n))).unwrap_or(default)
    }

    /// An issue found by the caller.
    pub fn report(&mut self, name: impl Into<Cow<'static, str>>, expected: &Words) {
        self.issues.push(FieldIssue::new(
            name,
            "invalid-value",
            format!("expected {}", expected.en),
            format!("cần {}", expected.vi),
        ));
    }

    /// Issues that a use case found.
    pub fn push(&mut self, issues: Vec<FieldIssue>) {
        self.issues.extend(issues);
    }

    /// All is read.
    pub fn finish(mut self) -> Result<(), AppError> {
        for name in self.values.into_keys() {
            let (en, vi) = (format!("there is no parameter {name} here"), format!("không có tham số {name}"));
            self.issues.push(FieldIssue::new(name, "unknown-parameter", en, vi));
        }
        if self.issues.is_empty() { Ok(()) } else { Err(AppError::Invalid(self.issues)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::body::Body;
    use crate::http::cursor;
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(256), failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_query_string_is_read_or_refused(text in "[a-z_]{0,8}(=[!-~]{0,12})?(&[!-~]{0,12}){0,4}") {
            let Ok(uri) = format!("/v1/payments?{text}").parse::<actix_web::http::Uri>() else { return Ok(()) };
            let request = TestRequest::with_uri(&uri.to_string()).to_http_request();
            if let Ok(mut query) = Query::of(&request) {
                let limit = query.limit(100);
                prop_assert!((1..=1000).contains(&limit));
                let _ = query.number("min_position");
                let _ = query.optional("cursor", &POSITION, cursor::position);
                let _ = query.finish();
            }
        }

        #[test]
        fn any_text_is_a_cursor_or_none(text in "\\PC{0,30}|p[0-9a-zA-Z]{0,20}") {
            if let Some(position) = cursor::position(&text) {
                prop_assert_eq!(cursor::position(&cursor::of(position)), Some(position));
            }
        }

        #[test]
        fn any_bytes_are_a_body_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[{}\\[\\]\":,a-z0-9.eE+-]{0,120}") {
            for bytes in [&bytes[..], text.as_bytes()] {
                if let Ok(mut body) = Body::parse(bytes) {
                    let _ = body.raw("a");
                    let _ = body.text("b", false);
                    let _ = body.note("c", false);
                    let _ = body.finish();
                }
            }
        }
    }
}

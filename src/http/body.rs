//! A JSON body read field by field, so that one answer lists everything that is wrong with it.

use crate::app::error::{AppError, FieldIssue};
use crate::app::words::{self, Words};
use crate::domain::identifier::has_long_number;
use serde_json::{Map, Value};

/// A JSON object being read. What is not read by the end is an unknown field.
pub struct Body {
    fields: Map<String, Value>,
    /// The fields that were asked for: what the operation takes.
    known: Vec<String>,
    issues: Vec<FieldIssue>,
}

impl Body {
    /// Reads the bytes as one JSON object.
    pub fn parse(bytes: &[u8]) -> Result<Self, AppError> {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Ok(Self { fields, known: Vec::new(), issues: Vec::new() }),
            Ok(_) => Err(AppError::Invalid(vec![issue("", &words::OBJECT)])),
            Err(error) => Err(AppError::Invalid(vec![FieldIssue::new(
                "",
                "not-json",
                format!("the body is not JSON: {error}"),
                format!("nội dung không phải JSON (dòng {}, cột {})", error.line(), error.column()),
            )])),
        }
    }

    /// All members, for a reader of its own.
    pub fn into_members(self) -> Map<String, Value> {
        self.fields
    }

    /// A field that must be there, as text.
    pub fn required<T>(&mut self, field: &str, expected: &Words, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = self.take(field);
        if matches!(value, None | Some(Value::Null)) {
            self.issues.push(missing(field, expected));
            return None;
        }
        self.read(field, value, expected, read)
    }

    /// A field that may be absent or null, as text.
    pub fn optional<T>(&mut self, field: &str, expected: &Words, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = self.take(field);
        if matches!(value, None | Some(Value::Null)) { None } else { self.read(field, value, expected, read) }
    }

    fn read<T>(
        &mut self,
        field: &str,
        value: Option<Value>,
        expected: &Words,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let result = match value {
            Some(Value::String(text)) => read(&text),
            _ => None,
        };
        if result.is_none() {
            self.issues.push(issue(field, expected));
        }
        result
    }

    /// A field that holds text as it is, trimmed, 1 to 500 characters.
    pub fn text(&mut self, field: &str, required: bool) -> Option<String> {
        let read = |text: &str| {
            let text = text.trim();
            let fits = !text.is_empty() && text.chars().count() <= 500 && !text.chars().any(char::is_control);
            fits.then(|| text.to_owned())
        };
        if required { self.required(field, &words::TEXT, read) } else { self.optional(field, &words::TEXT, read) }
    }

    /// A text of our own people that stays in the log for ever: no number of a person or an account may be in it.
    pub fn note(&mut self, field: &str, required: bool) -> Option<String> {
        let text = self.text(field, required)?;
        if has_long_number(&text) {
            self.issues.push(FieldIssue::new(
                field.to_owned(),
                "text-has-a-number",
                "there is a number of 9 digits or more in it; this text is kept for ever, so leave out numbers of persons and accounts",
                "có dãy số từ 9 chữ số trở lên; nội dung này được lưu vĩnh viễn, không ghi số định danh hoặc số tài khoản",
            ));
            return None;
        }
        Some(text)
    }

    /// A field with any JSON value, absent or null as `None`.
    pub fn raw(&mut self, field: &str) -> Option<Value> {
        self.take(field).filter(|value| !value.is_null())
    }

    fn take(&mut self, field: &str) -> Option<Value> {
        if !self.known.iter().any(|known| known == field) {
            self.known.push(field.to_owned());
        }
        self.fields.remove(field)
    }

    /// A boolean; absent is false.
    pub fn flag(&mut self, field: &str) -> bool {
        match self.raw(field) {
            None => false,
            Some(Value::Bool(flag)) => flag,
            Some(_) => {
                self.issues.push(issue(field, &words::BOOLEAN));
                false
            }
        }
    }

    /// A whole number of 1 or more.
    pub fn number(&mut self, field: &str, expected: &Words) -> Option<u32> {
        let value = self.raw(field)?;
        let number = value.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n >= 1);
        if number.is_none() {
            self.issues.push(issue(field, expected));
        }
        number
    }

    /// A list of texts; absent is empty.
    pub fn list<T>(&mut self, field: &str, expected: &Words, read: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let Some(value) = self.raw(field) else { return Vec::new() };
        let texts = value.as_array().map(|items| items.iter().map(|item| item.as_str().and_then(&read)).collect());
        let Some(Some(list)) = texts else {
            self.issues.push(issue(field, expected));
            return Vec::new();
        };
        list
    }

    /// An issue found by the caller.
    pub fn report(&mut self, field: &str, expected: &Words) {
        self.issues.push(issue(field, expected));
    }

    /// A field that is needed here but absent.
    pub fn report_missing(&mut self, field: &str, expected: &Words) {
        self.issues.push(missing(field, expected));
    }

    /// An issue found by the caller, ready made.
    pub fn push(&mut self, issue: FieldIssue) {
        self.issues.push(issue);
    }

    /// All is read: unknown fields and everything reported before are the error.
    pub fn finish(mut self) -> Result<(), AppError> {
        let known = self.known.join(", ");
        for field in self.fields.keys() {
            self.issues.push(FieldIssue::new(
                field.clone(),
                "unknown-field",
                format!("this operation has no field {field}; it has: {known}"),
                format!("không có trường {field}; chỉ có: {known}"),
            ));
        }
        if self.issues.is_empty() { Ok(()) } else { Err(AppError::Invalid(self.issues)) }
    }
}

fn issue(field: &str, expected: &Words) -> FieldIssue {
    FieldIssue::new(
        field.to_owned(),
        "invalid-value",
        format!("expected {}", expected.en),
        format!("cần {}", expected.vi),
    )
}

fn missing(field: &str, expected: &Words) -> FieldIssue {
    FieldIssue::new(
        field.to_owned(),
        "missing",
        format!("missing; expected {}", expected.en),
        format!("thiếu; cần {}", expected.vi),
    )
}

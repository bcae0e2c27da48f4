//! Writes rows as one JSON array of arrays, which `jsonb_each` reads: a statement takes thousands of them in one parameter.

use crate::store::views::encode::RowValues;
use std::fmt::Write;

/// Rows being written.
#[derive(Debug)]
pub(super) struct Rows {
    values: Values,
}

/// The values of one row.
#[derive(Debug)]
pub(super) struct Values {
    text: String,
    first: bool,
}

impl Rows {
    pub(super) fn new() -> Self {
        Self { values: Values { text: "[".to_owned(), first: true } }
    }

    /// All rows as one parameter.
    pub(super) fn of<'a, T: 'a>(rows: impl IntoIterator<Item = &'a T>, write: impl Fn(&T, &mut Values)) -> String {
        let mut all = Self::new();
        for row in rows {
            all.row(|values| write(row, values));
        }
        all.finish()
    }

    /// Adds a row whose values `write` puts in order.
    pub(super) fn row(&mut self, write: impl FnOnce(&mut Values)) {
        let text = &mut self.values.text;
        text.push_str(if text.len() == 1 { "[" } else { ",[" });
        self.values.first = true;
        write(&mut self.values);
        self.values.text.push(']');
    }

    pub(super) fn finish(self) -> String {
        let mut text = self.values.text;
        text.push(']');
        text
    }

    /// An array of plain values.
    pub(super) fn list(write: impl FnOnce(&mut Values)) -> String {
        let mut list = Self::new();
        write(&mut list.values);
        list.finish()
    }
}

impl Values {
    fn next(&mut self) -> &mut String {
        if !self.first {
            self.text.push(',');
        }
        self.first = false;
        &mut self.text
    }
}

impl RowValues for Values {
    fn text(&mut self, value: &str) -> &mut Self {
        let text = self.next();
        text.push('"');
        if value.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
            escape(value, text);
        } else {
            text.push_str(value);
        }
        text.push('"');
        self
    }

    fn maybe(&mut self, value: Option<&str>) -> &mut Self {
        if let Some(value) = value {
            return self.text(value);
        }
        self.next().push_str("null");
        self
    }

    fn number(&mut self, value: impl Into<i128>) -> &mut Self {
        let value: i128 = value.into();
        let text = self.next();
        _ = write!(text, "{value}");
        self
    }

    fn maybe_number(&mut self, value: Option<impl Into<i128>>) -> &mut Self {
        match value {
            Some(value) => self.number(value),
            None => self.maybe(None),
        }
    }

    /// Bytes travel as hex, for `unhex`.
    fn bytes(&mut self, value: &[u8]) -> &mut Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let text = self.next();
        text.push('"');
        for byte in value {
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        text.push('"');
        self
    }
}

fn escape(value: &str, text: &mut String) {
    for c in value.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            c if u32::from(c) < 0x20 => _ = write!(text, "\\u{:04x}", u32::from(c)),
            c => text.push(c),
        }
    }
}

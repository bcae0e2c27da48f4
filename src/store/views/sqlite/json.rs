//! Writes rows as one JSON array of arrays, which `jsonb_each` reads: a statement takes thousands of them in one parameter.

use jiff::civil::Date;
use std::fmt::Write;
use uuid::Uuid;

/// Rows being written.
#[derive(Debug)]
pub(super) struct Rows {
    text: String,
}

impl Rows {
    pub(super) fn new() -> Self {
        Self { text: "[".to_owned() }
    }

    /// Adds a row whose values `write` puts in order.
    pub(super) fn row(&mut self, write: impl FnOnce(&mut Values<'_>)) {
        self.text.push_str(if self.text.len() == 1 { "[" } else { ",[" });
        write(&mut Values { text: &mut self.text, first: true });
        self.text.push(']');
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push(']');
        self.text
    }

    /// An array of plain values.
    pub(super) fn list(write: impl FnOnce(&mut Values<'_>)) -> String {
        let mut text = "[".to_owned();
        write(&mut Values { text: &mut text, first: true });
        text.push(']');
        text
    }
}

/// The values of one row.
pub(super) struct Values<'a> {
    text: &'a mut String,
    first: bool,
}

impl Values<'_> {
    fn next(&mut self) -> &mut String {
        if !self.first {
            self.text.push(',');
        }
        self.first = false;
        self.text
    }

    pub(super) fn text(&mut self, value: &str) -> &mut Self {
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

    pub(super) fn maybe(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    pub(super) fn null(&mut self) -> &mut Self {
        self.next().push_str("null");
        self
    }

    pub(super) fn number(&mut self, value: impl Into<i128>) -> &mut Self {
        let value: i128 = value.into();
        let text = self.next();
        _ = write!(text, "{value}");
        self
    }

    pub(super) fn flag(&mut self, value: bool) -> &mut Self {
        self.next().push(if value { '1' } else { '0' });
        self
    }

    pub(super) fn date(&mut self, value: Option<Date>) -> &mut Self {
        match value {
            Some(date) => {
                let text = self.next();
                _ = write!(text, "\"{date}\"");
                self
            }
            None => self.null(),
        }
    }

    /// Bytes travel as hex, for `unhex`.
    pub(super) fn bytes(&mut self, value: &[u8]) -> &mut Self {
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

    pub(super) fn id(&mut self, value: Uuid) -> &mut Self {
        self.bytes(value.as_bytes())
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

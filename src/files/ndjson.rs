//! NDJSON lines to rows: one object on each line, values as text, numbers exactly as written.

use super::columns::{Columns, ERROR_COLUMN, excerpt};
use super::error::FileError;
use super::problem::Problem;
use super::record::{CELL_BYTES_MAX, RECORD_BYTES_MAX, Row};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;

/// An NDJSON file read line by line.
pub(super) struct NdjsonLines<R> {
    source: BufReader<R>,
    line: Vec<u8>,
    number: u64,
}

impl<R: Read + Seek> NdjsonLines<R> {
    pub(super) fn open(source: R) -> Self {
        Self { source: BufReader::with_capacity(64 * 1024, source), line: Vec::new(), number: 0 }
    }

    /// Starts again at the first line.
    pub(super) fn rewind(&mut self) -> Result<(), FileError> {
        self.source.seek(SeekFrom::Start(0))?;
        self.number = 0;
        Ok(())
    }

    /// The next line that is not blank, with its number; `None` at the end.
    pub(super) fn next_line(&mut self) -> Result<Option<(u64, &[u8])>, FileError> {
        loop {
            if !self.read_line()? {
                return Ok(None);
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(Some((self.number, self.line.trim_ascii())));
            }
        }
    }

    fn read_line(&mut self) -> Result<bool, FileError> {
        self.line.clear();
        self.number += 1;
        let most = u64::try_from(RECORD_BYTES_MAX).unwrap_or(u64::MAX);
        let read = self.source.by_ref().take(most + 1).read_until(b'\n', &mut self.line)?;
        if self.line.len() > RECORD_BYTES_MAX {
            return Err(FileError::record_too_long(self.number, 1, RECORD_BYTES_MAX));
        }
        if self.number == 1 && self.line.starts_with(b"\xef\xbb\xbf") {
            self.line.drain(..3);
        }
        Ok(read > 0)
    }

    /// Fills the row with the next object; false at the end.
    pub(super) fn next_row(&mut self, row: &mut Row, columns: &Arc<Columns>) -> Result<bool, FileError> {
        let Some((number, line)) = self.next_line()? else { return Ok(false) };
        row.begin(number, columns);
        let Ok(text) = std::str::from_utf8(line) else {
            row.problem(None, not_an_object());
            return Ok(true);
        };
        let mut seen = vec![false; columns.names().len()];
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let visitor = ObjectVisitor { row, columns, seen: &mut seen };
        let read = deserializer.deserialize_map(visitor).and_then(|()| deserializer.end());
        if read.is_err() {
            row.problem(None, not_an_object());
        } else if let Some(group) = columns.missing_group(|index| seen[index]) {
            row.problem(None, columns.missing_column(group));
        }
        Ok(true)
    }
}

struct ObjectVisitor<'a> {
    row: &'a mut Row,
    columns: &'a Columns,
    seen: &'a mut [bool],
}

impl<'de> Visitor<'de> for ObjectVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((key, value)) = map.next_entry::<JsonText<'de>, &'de RawValue>()? {
            if key.0 == ERROR_COLUMN {
                continue;
            }
            let Some(index) = self.columns.find(&key.0) else {
                self.row.problem(None, self.columns.unknown_columns(&[&key.0]));
                continue;
            };
            if std::mem::replace(&mut self.seen[index], true) {
                self.row.problem(Some(index), self.columns.repeated_column(index, &excerpt(&key.0)));
                continue;
            }
            match text_of(value.get()) {
                Ok(text) if text.len() <= CELL_BYTES_MAX => self.row.cell(index).push_str(&text),
                Ok(_) | Err(()) => self.row.problem(Some(index), not_a_value()),
            }
        }
        Ok(())
    }
}

/// A JSON string that borrows from the line where it has no escapes.
#[derive(serde::Deserialize)]
pub(super) struct JsonText<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// The text of one JSON value. Numbers keep their digits; a list of months or codes is joined by commas.
fn text_of(json: &str) -> Result<Cow<'_, str>, ()> {
    match json.as_bytes().first() {
        Some(b'"') => serde_json::from_str::<JsonText<'_>>(json).map(|text| text.0).map_err(|_| ()),
        Some(b'n') => Ok(Cow::Borrowed("")),
        Some(b'-' | b'0'..=b'9') if !json.contains(['e', 'E']) => Ok(number_text(json)),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(json).map_err(|_| ())?;
            let texts = items.iter().map(|item| flat_text(item.get())).collect::<Result<Vec<_>, ()>>()?;
            Ok(Cow::Owned(texts.join(",")))
        }
        _ => Err(()),
    }
}

/// A JSON number has one reading; with three decimals its text would have two, so it gets a fourth.
fn number_text(json: &str) -> Cow<'_, str> {
    match json.split_once('.') {
        Some((_, decimals)) if decimals.len() == 3 => Cow::Owned(format!("{json}0")),
        _ => Cow::Borrowed(json),
    }
}

fn flat_text(json: &str) -> Result<Cow<'_, str>, ()> {
    if json.starts_with(['[', 'n']) { Err(()) } else { text_of(json) }
}

pub(super) fn not_an_object() -> Problem {
    Problem::new(
        "line-not-an-object",
        "one JSON object in UTF-8 on each line",
        "The line is not a JSON object.",
        "Dòng này không phải một đối tượng JSON.",
    )
}

fn not_a_value() -> Problem {
    Problem::new(
        "value-not-readable",
        "a text, a plain number, null or a list of texts",
        "The value is an object, true, false, too long, or a number with an exponent. Write it as text.",
        "Giá trị là đối tượng, true, false, quá dài hoặc số có số mũ. Hãy ghi dưới dạng văn bản.",
    )
}

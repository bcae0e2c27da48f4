//! The same file back with a column of errors: what was sent, row by row, so that a clerk mends it in place.

use super::columns::{Columns, ERROR_COLUMN, Layout};
use super::csv::CsvRecords;
use super::error::FileError;
use super::format::Format;
use super::ndjson::{JsonText, NdjsonLines};
use super::problem::Language;
use super::record::Record;
use super::report::RowIssue;
use super::table::{Cell, TableWriter};
use super::xlsx::XlsxFile;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::io::{Read, Seek, Write};
use std::iter::Peekable;

/// Copies a file in its own format and writes each row's messages into the column `_errors`. The issues come in the order
/// of rows. CSV comes back as UTF-8 with its own separator; blank rows are left out.
pub fn annotate<R, W, I>(
    source: R,
    format: Format,
    columns: &Columns,
    issues: I,
    to: (W, Language),
) -> Result<W, FileError>
where
    R: Read + Seek,
    W: Write,
    I: IntoIterator<Item = RowIssue>,
{
    let (out, language) = to;
    let notes = Notes { issues: issues.into_iter().peekable(), language };
    match format {
        Format::Csv => annotate_csv(CsvRecords::open(source, columns)?, columns, notes, out),
        Format::Xlsx => annotate_xlsx(XlsxFile::open(source, columns)?, notes, out),
        Format::Ndjson => annotate_ndjson(NdjsonLines::open(source), notes, out),
    }
}

/// The messages of the rows, taken as the rows come by.
struct Notes<I: Iterator<Item = RowIssue>> {
    issues: Peekable<I>,
    language: Language,
}

impl<I: Iterator<Item = RowIssue>> Notes<I> {
    /// The messages of one row; those of rows that were passed over are dropped.
    fn of(&mut self, row: u64) -> Vec<String> {
        let mut messages = Vec::new();
        while let Some(issue) = self.issues.next_if(|issue| issue.row <= row) {
            if issue.row == row {
                let message = issue.message_in(self.language);
                messages.push(match &issue.column {
                    Some(column) => format!("{column}: {message}"),
                    None => message.to_owned(),
                });
            }
        }
        messages
    }
}

/// A record's cells without an old column of errors, and the new one at the end of the header's cells.
fn cells_with<'a>(record: &'a Record, layout: &Layout, note: &'a str) -> Vec<Cell<'a>> {
    let is_old = |place: usize| layout.error_column == Some(place);
    let width = layout.columns.len();
    let cell = |place: usize| record.cells().get(place).map_or(Cell::Empty, |text| Cell::Text(text));
    let own = (0..width).filter(|place| !is_old(*place)).map(cell);
    let beyond = (width..record.cells().len()).map(cell);
    own.chain([Cell::Text(note)]).chain(beyond).collect()
}

fn header_with<'a>(header: &'a Record, layout: &Layout) -> Vec<&'a str> {
    let is_old = |place: &usize| layout.error_column == Some(*place);
    let own = (0..header.cells().len()).filter(|place| !is_old(place)).map(|place| header.cells()[place].as_str());
    own.chain([ERROR_COLUMN]).collect()
}

fn annotate_csv<R, W, I>(
    mut records: CsvRecords<R>,
    columns: &Columns,
    mut notes: Notes<I>,
    out: W,
) -> Result<W, FileError>
where
    R: Read + Seek,
    W: Write,
    I: Iterator<Item = RowIssue>,
{
    let mut header = Record::default();
    if !records.next_record(&mut header)? {
        return Err(FileError::empty());
    }
    let layout = columns.resolve(header.cells())?;
    let separator = char::from(records.separator());
    let mut table = TableWriter::csv(out, separator, &header_with(&header, &layout))?;
    let mut record = Record::default();
    while records.next_record(&mut record)? {
        let note = notes.of(record.number).join(" | ");
        table.write_row(&cells_with(&record, &layout, &note))?;
    }
    Ok(table.finish()?)
}

fn annotate_xlsx<R, W, I>(mut file: XlsxFile<R>, mut notes: Notes<I>, out: W) -> Result<W, FileError>
where
    R: Read + Seek,
    W: Write,
    I: Iterator<Item = RowIssue>,
{
    let layout = file.layout.clone();
    let name = file.sheet_name().to_owned();
    let header: Vec<String> = header_with(&file.header, &layout).into_iter().map(str::to_owned).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut records = file.records()?;
    let mut table = TableWriter::new(out, Format::Xlsx, &name, &header)?;
    let mut record = Record::default();
    while records.next_record(&mut record)? {
        let note = notes.of(record.number).join(" | ");
        table.write_row(&cells_with(&record, &layout, &note))?;
    }
    Ok(table.finish()?)
}

fn annotate_ndjson<R, W, I>(mut lines: NdjsonLines<R>, mut notes: Notes<I>, mut out: W) -> Result<W, FileError>
where
    R: Read + Seek,
    W: Write,
    I: Iterator<Item = RowIssue>,
{
    while let Some((number, line)) = lines.next_line()? {
        let messages = notes.of(number);
        let members = std::str::from_utf8(line).ok().and_then(|text| members_of(text).ok());
        let annotated = match members {
            Some(members) => object_with(&members, &messages),
            None => object_with(&[("_line".to_owned(), text_json(&String::from_utf8_lossy(line)))], &messages),
        };
        out.write_all(annotated.as_bytes())?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(out)
}

fn object_with(members: &[(String, String)], messages: &[String]) -> String {
    let mut parts: Vec<String> = members
        .iter()
        .filter(|(key, _)| key != ERROR_COLUMN)
        .map(|(key, value)| format!("{}:{value}", text_json(key)))
        .collect();
    if !messages.is_empty() {
        let messages: Vec<String> = messages.iter().map(|message| text_json(message)).collect();
        parts.push(format!("\"{ERROR_COLUMN}\":[{}]", messages.join(",")));
    }
    format!("{{{}}}", parts.join(","))
}

fn text_json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The members of an object in their order, values as they are written.
fn members_of(text: &str) -> serde_json::Result<Vec<(String, String)>> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(String, String)>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a JSON object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some((key, value)) = map.next_entry::<JsonText<'de>, &'de RawValue>()? {
                members.push((key.0.into_owned(), value.get().to_owned()));
            }
            Ok(members)
        }
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let members = deserializer.deserialize_map(Members)?;
    deserializer.end()?;
    Ok(members)
}

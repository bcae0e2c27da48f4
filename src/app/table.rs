//! A table of results in the form that the reader asked for: JSON values to CSV, XLSX, NDJSON or Parquet bytes.

use crate::app::error::AppError;
use crate::files::table::{Cell, TableWriter};
use crate::files::{ColumnKind, parquet};
use serde_json::Value;

/// Which kind of file.
pub use crate::files::Format;

/// Which texts of a table are numbers: their columns' names end like this.
const DECIMAL_SUFFIXES: [&str; 5] = ["amount", "ratio", "numerator", "denominator", "points"];

/// Rows under a header.
#[derive(Debug, Clone)]
pub struct Table {
    pub header: Vec<String>,
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    /// An empty table.
    #[must_use]
    pub fn new<S: AsRef<str>>(header: &[S]) -> Self {
        Self { header: header.iter().map(|name| name.as_ref().to_owned()).collect(), rows: Vec::new() }
    }

    /// One more row, of as many values as the header has names.
    pub fn push(&mut self, row: Vec<Value>) {
        self.rows.push(row);
    }

    /// The table as a file. Cells that a spreadsheet would run are escaped.
    pub fn to_bytes(&self, format: Format, name: &str) -> Result<Vec<u8>, AppError> {
        let header: Vec<&str> = self.header.iter().map(String::as_str).collect();
        let write = || -> std::io::Result<Vec<u8>> {
            let mut writer = TableWriter::new(Vec::new(), format, name, &header)?;
            for row in &self.rows {
                let texts: Vec<String> = row.iter().map(text).collect();
                writer.write_row(&self.cells(row, &texts))?;
            }
            writer.finish()
        };
        write().map_err(|error| AppError::Internal(format!("a table could not be written: {error}")))
    }

    /// The table as Parquet.
    pub fn to_parquet(&self) -> Result<Vec<u8>, AppError> {
        let texts: Vec<Vec<String>> = self.rows.iter().map(|row| row.iter().map(text).collect()).collect();
        let rows: Vec<Vec<Cell<'_>>> =
            self.rows.iter().zip(&texts).map(|(row, texts)| self.cells(row, texts)).collect();
        let kind = |place: usize| {
            let cells = || rows.iter().filter_map(|row| row.get(place));
            let digits = |cell: &Cell<'_>| match cell {
                Cell::Decimal(text) => text.split_once('.').map_or(0, |(_, digits)| digits.len()),
                _ => 0,
            };
            if cells().any(|cell| matches!(cell, Cell::Text(_))) {
                ColumnKind::Text
            } else if cells().any(|cell| matches!(cell, Cell::Decimal(_))) {
                ColumnKind::Decimal(u32::try_from(cells().map(digits).max().unwrap_or(0)).unwrap_or(0))
            } else if cells().any(|cell| matches!(cell, Cell::Integer(_))) {
                ColumnKind::Integer
            } else {
                ColumnKind::Text
            }
        };
        let columns: Vec<(&str, ColumnKind)> =
            self.header.iter().enumerate().map(|(place, name)| (name.as_str(), kind(place))).collect();
        parquet(&columns, &rows).map_err(|error| AppError::Internal(format!("a table could not be written: {error}")))
    }

    fn cells<'a>(&self, row: &[Value], texts: &'a [String]) -> Vec<Cell<'a>> {
        row.iter().zip(texts).zip(&self.header).map(|((value, text), name)| cell(value, text, name)).collect()
    }

    /// The table as JSON objects.
    #[must_use]
    pub fn to_objects(&self) -> Vec<Value> {
        let object =
            |row: &Vec<Value>| self.header.iter().cloned().zip(row.iter().cloned()).collect::<serde_json::Map<_, _>>();
        self.rows.iter().map(|row| Value::Object(object(row))).collect()
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

fn cell<'a>(value: &Value, text: &'a str, name: &str) -> Cell<'a> {
    let numeric = || {
        DECIMAL_SUFFIXES.iter().any(|suffix| name.ends_with(suffix)) && text.parse::<rust_decimal::Decimal>().is_ok()
    };
    match value {
        Value::Null => Cell::Empty,
        Value::Number(number) => number.as_i64().map_or(Cell::Text(text), Cell::Integer),
        Value::String(_) if numeric() => Cell::Decimal(text),
        _ => Cell::Text(text),
    }
}

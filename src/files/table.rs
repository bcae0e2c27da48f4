//! Tables to CSV, XLSX or NDJSON, row by row, safe to open in a spreadsheet program. Knows no queries.

use super::format::Format;
use super::xlsx_writer::XlsxWriter;
use jiff::civil::Date;
use std::borrow::Cow;
use std::io::{self, Write};

/// One value of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// No value.
    Empty,
    /// Text. A beginning that a spreadsheet would take for a formula is made harmless.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// A decimal number in plain digits: an amount in major units, a ratio.
    Decimal(&'a str),
    /// A calendar date.
    Date(Date),
}

/// Writes a table.
pub struct TableWriter<W: Write> {
    output: Output<W>,
}

enum Output<W: Write> {
    Csv { out: W, separator: char, line: String },
    Xlsx(Box<XlsxWriter<W>>),
    Ndjson { out: W, keys: Vec<String>, line: String },
}

impl<W: Write> TableWriter<W> {
    /// Begins a table with its header. The name is that of the sheet. CSV is written with `,` and a byte order mark, by
    /// which spreadsheet programs know UTF-8.
    pub fn new(out: W, format: Format, name: &str, header: &[&str]) -> io::Result<Self> {
        match format {
            Format::Csv => Self::csv(out, ',', header),
            Format::Xlsx => {
                Ok(Self { output: Output::Xlsx(Box::new(XlsxWriter::new(out, name, &escaped_header(header))?)) })
            }
            Format::Ndjson => {
                let keys = header.iter().map(|key| json_text(key)).collect::<io::Result<_>>()?;
                Ok(Self { output: Output::Ndjson { out, keys, line: String::new() } })
            }
        }
    }

    /// A CSV table with a separator of choice.
    pub fn csv(mut out: W, separator: char, header: &[&str]) -> io::Result<Self> {
        out.write_all(b"\xef\xbb\xbf")?;
        let mut table = Self { output: Output::Csv { out, separator, line: String::new() } };
        let cells: Vec<Cell<'_>> = header.iter().map(|text| Cell::Text(text)).collect();
        table.write_row(&cells)?;
        Ok(table)
    }

    /// Writes one row; cells in the header's order.
    pub fn write_row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        match &mut self.output {
            Output::Csv { out, separator, line } => {
                line.clear();
                for (place, cell) in cells.iter().enumerate() {
                    if place > 0 {
                        line.push(*separator);
                    }
                    push_csv(line, cell, *separator);
                }
                line.push_str("\r\n");
                out.write_all(line.as_bytes())
            }
            Output::Xlsx(writer) => {
                let escaped: Vec<Cow<'_, str>> = cells.iter().map(|cell| harmless(text_of(cell))).collect();
                let shown: Vec<Cell<'_>> = cells
                    .iter()
                    .zip(&escaped)
                    .map(|(cell, text)| if matches!(cell, Cell::Text(_)) { Cell::Text(text) } else { *cell })
                    .collect();
                writer.row(&shown)
            }
            Output::Ndjson { out, keys, line } => {
                line.clear();
                for (place, (key, cell)) in keys.iter().zip(cells).enumerate() {
                    line.push(if place == 0 { '{' } else { ',' });
                    line.push_str(key);
                    line.push(':');
                    push_json(line, cell)?;
                }
                line.push_str(if line.is_empty() { "{}\n" } else { "}\n" });
                out.write_all(line.as_bytes())
            }
        }
    }

    /// Ends the table and gives the stream back.
    pub fn finish(self) -> io::Result<W> {
        match self.output {
            Output::Csv { mut out, .. } | Output::Ndjson { mut out, .. } => {
                out.flush()?;
                Ok(out)
            }
            Output::Xlsx(writer) => writer.finish(),
        }
    }
}

/// Text with an apostrophe before a beginning that a spreadsheet program would run as a formula.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    match text.chars().next() {
        Some(first) if matches!(first, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') || first.is_control() => {
            Cow::Owned(format!("'{text}"))
        }
        _ => Cow::Borrowed(text),
    }
}

fn escaped_header<'a>(header: &[&'a str]) -> Vec<&'a str> {
    header.iter().map(|text| text.trim_start_matches(['=', '+', '-', '@'])).collect()
}

const fn text_of<'a>(cell: &Cell<'a>) -> &'a str {
    match cell {
        Cell::Text(text) => text,
        Cell::Empty | Cell::Integer(_) | Cell::Decimal(_) | Cell::Date(_) => "",
    }
}

fn push_csv(line: &mut String, cell: &Cell<'_>, separator: char) {
    let text = match cell {
        Cell::Empty => return,
        Cell::Text(text) => harmless(text),
        Cell::Integer(number) => Cow::Owned(number.to_string()),
        Cell::Decimal(digits) => Cow::Borrowed(*digits),
        Cell::Date(date) => Cow::Owned(date.to_string()),
    };
    if text.contains(['"', '\r', '\n', ',', ';', '\t', separator]) || text.starts_with(' ') || text.ends_with(' ') {
        line.push('"');
        line.push_str(&text.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(&text);
    }
}

fn push_json(line: &mut String, cell: &Cell<'_>) -> io::Result<()> {
    match cell {
        Cell::Empty => line.push_str("null"),
        Cell::Text(text) | Cell::Decimal(text) => line.push_str(&json_text(text)?),
        Cell::Integer(number) => line.push_str(&number.to_string()),
        Cell::Date(date) => line.push_str(&json_text(&date.to_string())?),
    }
    Ok(())
}

fn json_text(text: &str) -> io::Result<String> {
    serde_json::to_string(text).map_err(io::Error::from)
}

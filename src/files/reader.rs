//! One way to read the three formats: a file, its rows one after another. Knows no rule of what the rows mean.

use super::columns::{Columns, Layout};
use super::csv::CsvRecords;
use super::error::FileError;
use super::format::Format;
use super::ndjson::NdjsonLines;
use super::record::{Record, Row};
use super::xlsx::{XlsxFile, XlsxRecords};
use std::io::{BufReader, Read, Seek};
use std::sync::Arc;

/// An opened file whose header fits the columns.
pub struct OfficeFile<R> {
    columns: Arc<Columns>,
    content: Content<R>,
}

enum Content<R> {
    Csv(Box<CsvRecords<R>>, Layout),
    Xlsx(Box<XlsxFile<R>>),
    Ndjson(Box<NdjsonLines<R>>),
}

/// The rows of a file. A row that is wrong is answered with its problems; only what makes reading on senseless is an error.
pub struct RowReader<'a, R: Read + Seek> {
    columns: Arc<Columns>,
    rows: Rows<'a, R>,
    record: Record,
    rows_read: u64,
}

enum Rows<'a, R: Read + Seek> {
    Csv(&'a mut CsvRecords<R>, &'a Layout),
    Xlsx(Box<XlsxRecords<'a, BufReader<R>>>, Layout),
    Ndjson(&'a mut NdjsonLines<R>),
}

impl<R: Read + Seek> OfficeFile<R> {
    /// Opens a file and matches its header. A workbook is scanned whole before anything of it is held in memory.
    pub fn open(source: R, format: Format, columns: Arc<Columns>) -> Result<Self, FileError> {
        let content = match format {
            Format::Csv => {
                let mut records = CsvRecords::open(source, &columns)?;
                let mut header = Record::default();
                if !records.next_record(&mut header)? {
                    return Err(FileError::empty());
                }
                let layout = columns.resolve(header.cells())?;
                Content::Csv(Box::new(records), layout)
            }
            Format::Xlsx => Content::Xlsx(Box::new(XlsxFile::open(source, &columns)?)),
            Format::Ndjson => Content::Ndjson(Box::new(NdjsonLines::open(source))),
        };
        Ok(Self { columns, content })
    }

    /// The rows from the first one; each call starts again.
    pub fn rows(&mut self) -> Result<RowReader<'_, R>, FileError> {
        let rows = match &mut self.content {
            Content::Csv(records, layout) => {
                records.rewind()?;
                records.next_record(&mut Record::default())?;
                Rows::Csv(records, layout)
            }
            Content::Xlsx(file) => {
                let layout = file.layout.clone();
                Rows::Xlsx(Box::new(file.records()?), layout)
            }
            Content::Ndjson(lines) => {
                lines.rewind()?;
                Rows::Ndjson(lines)
            }
        };
        Ok(RowReader { columns: Arc::clone(&self.columns), rows, record: Record::default(), rows_read: 0 })
    }
}

impl<R: Read + Seek> RowReader<'_, R> {
    /// Fills the row with the next one that is not blank; false after the last. A file without any row is refused.
    pub fn next_row(&mut self, row: &mut Row) -> Result<bool, FileError> {
        let found = match &mut self.rows {
            Rows::Csv(records, layout) => {
                let found = records.next_record(&mut self.record)?;
                if found {
                    row.fill(&mut self.record, layout, &self.columns);
                }
                found
            }
            Rows::Xlsx(records, layout) => {
                let found = records.next_record(&mut self.record)?;
                if found {
                    // A row of a sheet ends at its last filled cell: the cells that are not there are blank.
                    self.record.at(layout.columns.len() - 1);
                    row.fill(&mut self.record, layout, &self.columns);
                }
                found
            }
            Rows::Ndjson(lines) => lines.next_row(row, &self.columns)?,
        };
        if found {
            self.rows_read += 1;
            return Ok(true);
        }
        match (self.rows_read, &self.rows) {
            (0, Rows::Ndjson(_)) => Err(FileError::empty()),
            (0, _) => Err(FileError::header_only()),
            _ => Ok(false),
        }
    }
}

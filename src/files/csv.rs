//! CSV bytes to records with fixed buffers: whatever the file holds, memory stays flat. No meaning of columns here.

use super::columns::{COLUMNS_MAX, Columns};
use super::error::FileError;
use super::fields::normalise;
use super::problem::Problem;
use super::record::{RECORD_BYTES_MAX, Record};
use csv_core::ReadRecordResult;
use encoding_rs::WINDOWS_1258;
use std::io::{Read, Seek, SeekFrom};

const BUFFER_BYTES: usize = 64 * 1024;
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// How a file's text is encoded. Decided by the first record that is not plain ASCII, then held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Undecided,
    Utf8,
    Windows1258,
}

/// A CSV file read record by record.
pub(super) struct CsvRecords<R> {
    source: R,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    at_end: bool,
    parser: csv_core::Reader,
    separator: u8,
    output: Box<[u8]>,
    ends: Box<[usize]>,
    encoding: Encoding,
    line: u64,
    after_return: bool,
}

impl<R: Read + Seek> CsvRecords<R> {
    /// Finds separator and encoding mark. The columns decide where a header holds more than one kind of separator.
    pub(super) fn open(source: R, columns: &Columns) -> Result<Self, FileError> {
        let mut records = Self {
            source,
            buffer: vec![0; BUFFER_BYTES].into(),
            start: 0,
            end: 0,
            at_end: false,
            parser: csv_core::Reader::new(),
            separator: b',',
            output: vec![0; RECORD_BYTES_MAX].into(),
            ends: vec![0; COLUMNS_MAX + 1].into(),
            encoding: Encoding::Undecided,
            line: 1,
            after_return: false,
        };
        let mut header = Record::default();
        let mut fits = Vec::with_capacity(SEPARATORS.len());
        let mut failures = Vec::new();
        for separator in SEPARATORS {
            records.separator = separator;
            records.rewind()?;
            match records.next_record(&mut header) {
                Ok(false) => return Err(FileError::empty()),
                Ok(true) if header.cells().len() > 1 => fits.push((columns.fit(header.cells()), separator)),
                Ok(true) => {}
                Err(error) => failures.push(error),
            }
        }
        if failures.len() == SEPARATORS.len() {
            return failures.pop().map_or_else(|| Err(FileError::empty()), Err);
        }
        records.separator = chosen(&fits)?;
        records.rewind()?;
        Ok(records)
    }

    /// Starts again before the header.
    pub(super) fn rewind(&mut self) -> Result<(), FileError> {
        self.source.seek(SeekFrom::Start(0))?;
        (self.start, self.end, self.at_end) = (0, 0, false);
        (self.line, self.after_return) = (1, false);
        self.encoding = Encoding::Undecided;
        self.parser = csv_core::ReaderBuilder::new().delimiter(self.separator).build();
        self.refill()?;
        self.refuse_what_is_not_text()?;
        if self.buffer[..self.end].starts_with(b"\xef\xbb\xbf") {
            self.start = 3;
            self.encoding = Encoding::Utf8;
        }
        Ok(())
    }

    /// The separator between cells.
    pub(super) const fn separator(&self) -> u8 {
        self.separator
    }

    /// Fills the record with the next one that is not blank; false at the end.
    pub(super) fn next_record(&mut self, record: &mut Record) -> Result<bool, FileError> {
        loop {
            self.skip_line_ends()?;
            if self.start == self.end {
                return Ok(false);
            }
            record.begin(self.line);
            let (bytes, cells) = self.parse_record()?;
            self.decode(record, bytes, cells)?;
            record.check_lengths();
            if !record.is_blank() {
                return Ok(true);
            }
        }
    }

    /// Fills the buffer as far as the source gives. Only called when all of it is used up.
    fn refill(&mut self) -> Result<(), FileError> {
        (self.start, self.end) = (0, 0);
        while self.end < self.buffer.len() && !self.at_end {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.at_end = true,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn refuse_what_is_not_text(&self) -> Result<(), FileError> {
        let first = &self.buffer[..self.end];
        let utf_16 = first.starts_with(b"\xff\xfe") || first.starts_with(b"\xfe\xff");
        if utf_16 || first.contains(&0) {
            return Err(FileError::refused(Problem::new(
                "file-not-text",
                "text in UTF-8 or Windows-1258",
                "The file is not plain text, or it is Unicode text of another kind. Save it as \"CSV UTF-8\".",
                "Tệp không phải văn bản thuần hoặc dùng bảng mã khác. Hãy lưu tệp dưới dạng \"CSV UTF-8\".",
            )));
        }
        Ok(())
    }

    /// Steps over line ends before a record, so that the record's own first line is known.
    fn skip_line_ends(&mut self) -> Result<(), FileError> {
        loop {
            while self.start < self.end && matches!(self.buffer[self.start], b'\r' | b'\n') {
                self.count_lines(self.start + 1);
            }
            if self.start < self.end || self.at_end {
                return Ok(());
            }
            self.refill()?;
        }
    }

    /// Counts the line ends up to a place in the buffer and goes there. CR, LF and CRLF each end one line.
    fn count_lines(&mut self, up_to: usize) {
        for byte in &self.buffer[self.start..up_to] {
            let ends_line = *byte == b'\r' || (*byte == b'\n' && !self.after_return);
            self.line += u64::from(ends_line);
            self.after_return = *byte == b'\r';
        }
        self.start = up_to;
    }

    /// Parses one record into `output` and `ends`; answers how much of each is used.
    fn parse_record(&mut self) -> Result<(usize, usize), FileError> {
        let first_line = self.line;
        let (mut bytes, mut cells) = (0, 0);
        loop {
            if self.start == self.end && !self.at_end {
                self.refill()?;
            }
            let input = &self.buffer[self.start..self.end];
            let (result, read, written, ended) =
                self.parser.read_record(input, &mut self.output[bytes..], &mut self.ends[cells..]);
            self.count_lines(self.start + read);
            bytes += written;
            cells += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record | ReadRecordResult::End => return Ok((bytes, cells)),
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    return Err(FileError::record_too_long(first_line, cells + 1, RECORD_BYTES_MAX));
                }
            }
        }
    }

    fn decode(&mut self, record: &mut Record, bytes: usize, cells: usize) -> Result<(), FileError> {
        let output = &self.output[..bytes];
        let ends = &self.ends[..cells];
        let utf_8 = std::str::from_utf8(output).ok().filter(|text| ends.iter().all(|end| text.is_char_boundary(*end)));
        let is_ascii = output.is_ascii();
        if self.encoding == Encoding::Undecided && !is_ascii {
            self.encoding = if utf_8.is_some() { Encoding::Utf8 } else { Encoding::Windows1258 };
        }
        let mut start = 0;
        for end in ends {
            let cell = record.push();
            match utf_8 {
                Some(text) => cell.push_str(&text[start..*end]),
                None if self.encoding == Encoding::Windows1258 => {
                    let (text, _) = WINDOWS_1258.decode_without_bom_handling(&output[start..*end]);
                    // The encoding has tone marks of their own; composed they compare equal to other files' text.
                    cell.push_str(&normalise(&text));
                }
                None => cell.push_str(&String::from_utf8_lossy(&output[start..*end])),
            }
            start = *end;
        }
        match (self.encoding, utf_8) {
            (Encoding::Windows1258, Some(_)) if !is_ascii => Err(mixed_encodings(record.number)),
            (Encoding::Utf8, None) => {
                record.problems.push((None, broken_text()));
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// The separator, from how well the header fits with each that occurs in it.
fn chosen(fits: &[(u8, u8)]) -> Result<u8, FileError> {
    let best = fits.iter().map(|(fit, _)| *fit).max().unwrap_or(0);
    let mut candidates = fits.iter().filter(|(fit, _)| *fit == best).map(|(_, separator)| *separator);
    match (candidates.next(), candidates.next()) {
        // A file of one column has no separator.
        (None, _) => Ok(b','),
        (Some(separator), None) => Ok(separator),
        (Some(_), Some(_)) => Err(FileError::refused_at(
            1,
            Problem::new(
                "separator-ambiguous",
                "one of , ; or tab between cells",
                "The header row has more than one kind of separator. Use one only: , or ; or tab.",
                "Dòng tiêu đề có nhiều loại dấu phân cách. Hãy chỉ dùng một loại: , hoặc ; hoặc tab.",
            ),
        )),
    }
}

fn mixed_encodings(row: u64) -> FileError {
    FileError::refused_at(
        row,
        Problem::new(
            "mixed-encodings",
            "one encoding in the whole file",
            format!("Row {row} is UTF-8, rows before it are not. Save the file as \"CSV UTF-8\"."),
            format!("Dòng {row} dùng UTF-8 nhưng các dòng trước thì không. Hãy lưu tệp dưới dạng \"CSV UTF-8\"."),
        ),
    )
}

fn broken_text() -> Problem {
    Problem::new(
        "text-not-utf8",
        "text in UTF-8 like the rows before",
        "Letters of this row cannot be read. Type them again and save the file as \"CSV UTF-8\".",
        "Không đọc được chữ trong dòng này. Hãy nhập lại và lưu tệp dưới dạng \"CSV UTF-8\".",
    )
}

//! Office files made for a test, and sources that misbehave.

use chitra::app::access::Principal;
use chitra::app::imports::source::ReadSeek;
use chitra::app::imports::{ImportOrder, Source};
use chitra::domain::import::{ImportKind, ImportMode};
use chitra::files::Format;
use rust_xlsxwriter::Workbook;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};

/// A table of texts: its first row is the header.
pub type Rows<'a> = Vec<Vec<&'a str>>;

/// Rows from lines of words between bars, the header first.
pub fn rows(text: &str) -> Rows<'_> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| line.split('|').map(str::trim).collect())
        .collect()
}

pub fn csv(text: &str) -> Vec<u8> {
    rows(text).iter().map(|row| row.join(",") + "\n").collect::<String>().into_bytes()
}

pub fn xlsx(text: &str) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (number, row) in (0..).zip(rows(text)) {
        for (column, cell) in (0..).zip(row) {
            sheet.write_string(number, column, cell).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

pub fn ndjson(text: &str) -> Vec<u8> {
    let rows = rows(text);
    let object = |row: &Vec<&str>| {
        let members = rows[0].iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        let object: Map<String, Value> = members.map(|(name, cell)| ((*name).to_owned(), Value::from(*cell))).collect();
        Value::Object(object).to_string() + "\n"
    };
    rows[1..].iter().map(object).collect::<String>().into_bytes()
}

/// A file in memory.
pub fn source(bytes: Vec<u8>, format: Format) -> Source {
    let digest: [u8; 32] = Sha256::digest(&bytes).into();
    let bytes: Arc<[u8]> = bytes.into();
    Source::new(Arc::new(move || Ok(Box::new(Cursor::new(Arc::clone(&bytes))) as Box<dyn ReadSeek>)), format, digest)
}

/// A file whose disk fails: the reading with this number (from 1) breaks off after so many bytes.
pub fn failing_source(bytes: Vec<u8>, reading: u64, after: u64) -> Source {
    let digest: [u8; 32] = Sha256::digest(&bytes).into();
    let bytes: Arc<[u8]> = bytes.into();
    let opened = AtomicU64::new(0);
    let open = move || {
        let fails = opened.fetch_add(1, Ordering::SeqCst) + 1 == reading;
        let file = Cursor::new(Arc::clone(&bytes));
        Ok(Box::new(Failing { file, end: if fails { after } else { u64::MAX } }) as Box<dyn ReadSeek>)
    };
    Source::new(Arc::new(open), Format::Csv, digest)
}

/// A file whose reading with this number (from 1) begins when so many others are as far.
pub fn meeting_source(bytes: Vec<u8>, reading: u64, meeting: &Arc<Barrier>) -> Source {
    let digest: [u8; 32] = Sha256::digest(&bytes).into();
    let bytes: Arc<[u8]> = bytes.into();
    let (opened, meeting) = (AtomicU64::new(0), Arc::clone(meeting));
    let open = move || {
        if opened.fetch_add(1, Ordering::SeqCst) + 1 == reading {
            meeting.wait();
        }
        Ok(Box::new(Cursor::new(Arc::clone(&bytes))) as Box<dyn ReadSeek>)
    };
    Source::new(Arc::new(open), Format::Csv, digest)
}

struct Failing {
    file: Cursor<Arc<[u8]>>,
    end: u64,
}

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.end.saturating_sub(self.file.position());
        if left == 0 {
            return Err(io::Error::other("the disk is gone"));
        }
        let wanted = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.file.read(&mut buffer[..wanted])
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// A header and then one line of so many bytes, none of them in memory.
pub fn endless_line(header: &'static [u8], bytes: u64) -> Source {
    let open =
        move || Ok(Box::new(EndlessLine { header, bytes: header.len() as u64 + bytes, at: 0 }) as Box<dyn ReadSeek>);
    Source::new(Arc::new(open), Format::Csv, [7; 32])
}

struct EndlessLine {
    header: &'static [u8],
    bytes: u64,
    at: u64,
}

impl Read for EndlessLine {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let header_left = self.header.get(usize::try_from(self.at).unwrap()..).unwrap_or(&[]);
        let read = if header_left.is_empty() {
            let read = buffer.len().min(usize::try_from(self.bytes - self.at).unwrap());
            buffer[..read].fill(b'7');
            read
        } else {
            let read = buffer.len().min(header_left.len());
            buffer[..read].copy_from_slice(&header_left[..read]);
            read
        };
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for EndlessLine {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
            SeekFrom::End(by) => self.bytes.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}

/// An order as the command line gives it.
pub fn order(kind: ImportKind, mode: ImportMode) -> ImportOrder {
    ImportOrder {
        principal: Principal::local("cli"),
        kind,
        mode,
        dry_run: false,
        control_count: None,
        control_sum_minor: None,
        request: None,
    }
}

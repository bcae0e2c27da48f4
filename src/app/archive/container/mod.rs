//! The archive's file: gzip over a header line, tables of rows, a closing statement, and the SHA-256 of all that.
//!
//! | part | bytes, inside the gzip |
//! |---|---|
//! | header | one line of JSON: format, version, log, program, the tables with their columns |
//! | a table begins | 0x01, then u32 length and the table's name |
//! | a row | 0x02, then u32 length and its cells |
//! | the end | 0x03, then u32 length and the closing statement as JSON |
//! | SHA-256 | 32 bytes, over everything before |
//!
//! Written and read once from front to back, so that neither memory nor a second pass is needed. Lengths are big-endian.

use super::{ArchiveError, cells};
use crate::store::LogId;
use crate::store::archive::{ArchiveTable, Cell, Row};
use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

/// Of the layout and of the tables' columns. A program that adds a column reads the versions before it too.
pub const FORMAT_VERSION: u32 = 5;
const FORMAT: &str = "chitra archive";

const TABLE: u8 = 1;
const ROW: u8 = 2;
const END: u8 = 3;

/// The longest header or closing statement, and the longest row: an import's report is the largest there is.
const STATEMENT_BYTES_MAX: u64 = 64 * 1024;
const ROW_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// What stands before the rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    format: String,
    version: u32,
    pub log_id: LogId,
    /// The log's head: how much there is to read.
    pub position: u64,
    program: String,
    tables: BTreeMap<String, Vec<String>>,
}

impl Header {
    pub fn of(log_id: LogId, position: u64) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: FORMAT_VERSION,
            log_id,
            position,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            tables: tables(FORMAT_VERSION),
        }
    }
}

/// The tables of a version, with their columns.
fn tables(version: u32) -> BTreeMap<String, Vec<String>> {
    let columns = |table: ArchiveTable| table.columns_of(version).iter().map(|(name, _)| (*name).to_owned()).collect();
    let of_version = ArchiveTable::ALL.into_iter().filter(|table| table.since() <= version);
    of_version.map(|table| (table.name().to_owned(), columns(table))).collect()
}

/// What stands behind the rows: what was written, to be compared with what is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// Position of the log's last event.
    pub position: u64,
    /// When it was recorded, or a little later than that.
    pub recorded_at_us: i64,
    /// SHA-256 over all leaf hashes in order.
    pub log_digest: String,
    /// Rows of each table.
    pub rows: BTreeMap<String, u64>,
}

/// Hashes what passes.
struct Hashing<T> {
    inner: T,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        Ok(read)
    }
}

/// Writes an archive.
pub(super) struct ArchiveWriter<W: Write> {
    out: BufWriter<Hashing<GzEncoder<W>>>,
    row: Vec<u8>,
}

impl<W: Write> ArchiveWriter<W> {
    pub fn begin(out: W, header: &Header) -> io::Result<Self> {
        let gzip = GzEncoder::new(out, Compression::fast());
        let mut out = BufWriter::with_capacity(1 << 16, Hashing { inner: gzip, hash: Sha256::new() });
        serde_json::to_writer(&mut out, header)?;
        out.write_all(b"\n")?;
        Ok(Self { out, row: Vec::new() })
    }

    pub fn table(&mut self, table: ArchiveTable) -> io::Result<()> {
        self.frame(TABLE, table.name().as_bytes())
    }

    pub fn row(&mut self, row: &Row) -> io::Result<()> {
        let mut bytes = std::mem::take(&mut self.row);
        bytes.clear();
        if !cells::write(row, &mut bytes) || bytes.len() as u64 > ROW_BYTES_MAX {
            return Err(io::Error::other(format!("a row is longer than {ROW_BYTES_MAX} bytes")));
        }
        self.frame(ROW, &bytes)?;
        self.row = bytes;
        Ok(())
    }

    /// Ends the archive, and gives back what it was written to.
    pub fn end(mut self, closing: &Closing) -> io::Result<W> {
        let closing = serde_json::to_vec(closing)?;
        self.frame(END, &closing)?;
        let mut hashing = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        let digest = hashing.hash.finalize();
        hashing.inner.write_all(&digest)?;
        hashing.inner.finish()
    }

    fn frame(&mut self, kind: u8, bytes: &[u8]) -> io::Result<()> {
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        self.out.write_all(&[kind])?;
        self.out.write_all(&length.to_be_bytes())?;
        self.out.write_all(bytes)
    }
}

/// What is read next.
pub(super) enum Item {
    Row(ArchiveTable, Row),
    /// The end, and the archive is whole.
    End(Closing),
}

/// Reads an archive.
pub(super) struct ArchiveReader<R: BufRead> {
    input: Hashing<BufReader<GzDecoder<R>>>,
    table: Option<ArchiveTable>,
    version: u32,
}

fn refused(problem: impl Into<String>) -> ArchiveError {
    ArchiveError::Archive(problem.into())
}

/// A failure to decompress is the archive's, and any other the disk's.
fn unreadable(error: io::Error) -> ArchiveError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => refused("it ends too early; it was cut off"),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => refused(format!("it is damaged: {error}")),
        _ => error.into(),
    }
}

impl<R: BufRead> ArchiveReader<R> {
    /// Reads the header, and takes only what this program can read.
    pub fn begin(input: R) -> Result<(Self, Header), ArchiveError> {
        let input = BufReader::with_capacity(1 << 16, GzDecoder::new(input));
        let mut reader =
            Self { input: Hashing { inner: input, hash: Sha256::new() }, table: None, version: FORMAT_VERSION };
        let line = reader.header_line()?;
        let not_ours = || refused("it does not begin as an archive of `chitra backup` does");
        let value: serde_json::Value = serde_json::from_slice(&line).map_err(|_| not_ours())?;
        if value["format"] != FORMAT {
            return Err(not_ours());
        }
        if !value["version"].as_u64().is_some_and(|version| (1..=u64::from(FORMAT_VERSION)).contains(&version)) {
            return Err(refused(format!(
                "it has version {}, and this program reads versions 1 to {FORMAT_VERSION}",
                value["version"]
            )));
        }
        let header: Header = serde_json::from_value(value).map_err(|error| refused(error.to_string()))?;
        if header.tables != tables(header.version) {
            return Err(refused("its tables have other columns than this program's"));
        }
        reader.version = header.version;
        Ok((reader, header))
    }

    fn header_line(&mut self) -> Result<Vec<u8>, ArchiveError> {
        let mut line = Vec::new();
        let mut byte = [0];
        while line.len() as u64 <= STATEMENT_BYTES_MAX {
            match self.input.read_exact(&mut byte) {
                Ok(()) if byte[0] == b'\n' => return Ok(line),
                Ok(()) => line.push(byte[0]),
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                    return Err(refused("it is no gzip file, as those of `chitra backup` are"));
                }
                Err(error) => return Err(unreadable(error)),
            }
        }
        Err(refused("its first line is too long for a header"))
    }

    /// The next row, or the end.
    pub fn next(&mut self) -> Result<Item, ArchiveError> {
        loop {
            let mut kind = [0];
            self.input.read_exact(&mut kind).map_err(unreadable)?;
            match kind[0] {
                TABLE => {
                    let name = self.frame(STATEMENT_BYTES_MAX)?;
                    let table = std::str::from_utf8(&name).ok().and_then(ArchiveTable::of_name);
                    self.table =
                        Some(table.ok_or_else(|| refused("it holds a table that this program does not know"))?);
                }
                ROW => {
                    let row = cells::read(&self.frame(ROW_BYTES_MAX)?);
                    let (Some(table), Some(mut row)) = (self.table, row) else {
                        return Err(refused("a row cannot be read"));
                    };
                    if row.len() == table.columns_of(self.version).len() {
                        row.resize(table.columns().len(), Cell::Null);
                    }
                    if !table.fits(&row) {
                        return Err(refused(format!("a row of {} has other columns than the table", table.name())));
                    }
                    return Ok(Item::Row(table, row));
                }
                END => return self.end().map(Item::End),
                _ => return Err(refused("it holds something that is neither table nor row")),
            }
        }
    }

    fn frame(&mut self, limit: u64) -> Result<Vec<u8>, ArchiveError> {
        let mut length = [0; 4];
        self.input.read_exact(&mut length).map_err(unreadable)?;
        let length = u64::from(u32::from_be_bytes(length));
        if length > limit {
            return Err(refused(format!("a part of it claims to be {length} bytes long")));
        }
        // Grows with what is there, not with what is claimed.
        let mut bytes = Vec::new();
        (&mut self.input).take(length).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 == length { Ok(bytes) } else { Err(refused("it ends too early; it was cut off")) }
    }

    fn end(&mut self) -> Result<Closing, ArchiveError> {
        let closing = self.frame(STATEMENT_BYTES_MAX)?;
        let expected: [u8; 32] = self.input.hash.clone().finalize().into();
        let mut stated = [0; 32];
        self.input.inner.read_exact(&mut stated).map_err(unreadable)?;
        if stated != expected {
            return Err(refused("its SHA-256 is not the one that it states; it was changed or damaged"));
        }
        let mut behind = [0];
        if self.input.inner.read(&mut behind).map_err(unreadable)? > 0 {
            return Err(refused("something stands behind its end"));
        }
        serde_json::from_slice(&closing).map_err(|error| refused(format!("its closing statement: {error}")))
    }
}

#[cfg(test)]
mod tests;

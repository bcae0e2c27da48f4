//! Finds what stands twice in one file, whatever its size: keys go to a temporary file by parts, each part is sorted in memory.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

/// Parts that the keys are spread over. 10 million keys make parts of about 4 MB.
const PARTS: usize = 64;
/// More repeats than this are not collected: memory stays flat.
pub const REPEATS_MAX: usize = 500_000;
/// A key's digest (16 bytes), the row's number (8 bytes) and the kind of key (1 byte).
const ENTRY_BYTES: usize = 25;

/// What a key is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    Reference = 0,
    BenefitMonth = 1,
    Identifier = 2,
}

/// Keys that are kept in memory (25 MB) before the temporary files are opened: most office files never need them.
const ENTRIES_IN_MEMORY: usize = 1_000_000;

type Entry = [u8; ENTRY_BYTES];

/// Collects the keys of a file's rows.
#[derive(Default)]
pub struct Duplicates {
    entries: Vec<Entry>,
    /// Empty until the keys are too many for memory.
    parts: Vec<BufWriter<File>>,
}

/// A later row that repeats a key of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repeat {
    pub row: u64,
    pub first_row: u64,
    pub kind: KeyKind,
}

impl Duplicates {
    /// Notes a key of a row. Only a digest is written: the temporary files hold nothing personal.
    pub fn add(&mut self, kind: KeyKind, key: &[u8], row: u64) -> io::Result<()> {
        let digest = Sha256::digest(key);
        let mut entry = [0_u8; ENTRY_BYTES];
        entry[..16].copy_from_slice(&digest[..16]);
        entry[16..24].copy_from_slice(&row.to_be_bytes());
        entry[24] = kind as u8;
        self.entries.push(entry);
        if self.entries.len() >= ENTRIES_IN_MEMORY { self.spill() } else { Ok(()) }
    }

    /// Moves the keys to unnamed temporary files, by the first byte of their digest.
    fn spill(&mut self) -> io::Result<()> {
        if self.parts.is_empty() {
            let part = |_| tempfile::tempfile().map(|file| BufWriter::with_capacity(8 * 1024, file));
            self.parts = (0..PARTS).map(part).collect::<io::Result<_>>()?;
        }
        for entry in self.entries.drain(..) {
            self.parts[usize::from(entry[0]) % PARTS].write_all(&entry)?;
        }
        Ok(())
    }

    /// All repeats, by row: each row that repeats an earlier one. With more than [`REPEATS_MAX`] the file is beyond mending row by
    /// row, and the rest is not looked for.
    pub fn finish(mut self) -> io::Result<BTreeMap<u64, Repeat>> {
        let mut repeats = BTreeMap::new();
        if self.parts.is_empty() {
            collect(&mut self.entries, &mut repeats);
            return Ok(repeats);
        }
        self.spill()?;
        for part in self.parts {
            let mut file = part.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.seek(SeekFrom::Start(0))?;
            let mut bytes = Vec::new();
            BufReader::new(file).read_to_end(&mut bytes)?;
            let (entries, _) = bytes.as_chunks_mut::<ENTRY_BYTES>();
            collect(entries, &mut repeats);
        }
        Ok(repeats)
    }
}

/// Adds the repeats among some keys, up to the bound.
fn collect(entries: &mut [Entry], repeats: &mut BTreeMap<u64, Repeat>) {
    // Digest and kind first, then the row: repeats stand together, the earliest row first.
    entries.sort_unstable_by_key(|e| (<[u8; 16]>::try_from(&e[..16]).unwrap_or_default(), e[24], row_of(e)));
    for (first, later) in groups(entries) {
        if repeats.len() >= REPEATS_MAX {
            return;
        }
        let kind = match later[24] {
            0 => KeyKind::Reference,
            1 => KeyKind::BenefitMonth,
            _ => KeyKind::Identifier,
        };
        let row = row_of(later);
        repeats.entry(row).or_insert(Repeat { row, first_row: row_of(first), kind });
    }
}

fn row_of(entry: &Entry) -> u64 {
    u64::from_be_bytes(<[u8; 8]>::try_from(&entry[16..24]).unwrap_or_default())
}

/// Pairs of (first entry of a key, each later entry of it from another row).
fn groups(entries: &[Entry]) -> impl Iterator<Item = (&Entry, &Entry)> {
    entries.chunk_by(|a, b| a[..16] == b[..16] && a[24] == b[24]).flat_map(|group| {
        let first = &group[0];
        group[1..].iter().filter(move |later| row_of(later) != row_of(first)).map(move |later| (first, later))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collected(spilled: bool) -> Duplicates {
        let mut duplicates = Duplicates::default();
        for row in 2..5000_u64 {
            duplicates.add(KeyKind::Reference, format!("key {row}").as_bytes(), row).unwrap();
        }
        if spilled {
            duplicates.spill().unwrap();
        }
        duplicates.add(KeyKind::Reference, b"key 7", 6000).unwrap();
        duplicates.add(KeyKind::BenefitMonth, b"key 8", 6001).unwrap();
        duplicates
    }

    #[test]
    fn a_key_that_stands_twice_is_reported_for_the_later_row() {
        let expected = Repeat { row: 6000, first_row: 7, kind: KeyKind::Reference };
        for spilled in [false, true] {
            let repeats = collected(spilled).finish().unwrap();
            assert_eq!(repeats.into_values().collect::<Vec<_>>(), [expected], "spilled: {spilled}");
        }
    }
}

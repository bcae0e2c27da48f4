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

/// Collects the keys of a file's rows.
pub struct Duplicates {
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
    /// Opens the parts as unnamed temporary files.
    pub fn new() -> io::Result<Self> {
        let parts = (0..PARTS).map(|_| tempfile::tempfile().map(|file| BufWriter::with_capacity(8 * 1024, file)));
        Ok(Self { parts: parts.collect::<io::Result<_>>()? })
    }

    /// Notes a key of a row. Only a digest is written: the temporary files hold nothing personal.
    pub fn add(&mut self, kind: KeyKind, key: &[u8], row: u64) -> io::Result<()> {
        let digest = Sha256::digest(key);
        let mut entry = [0_u8; ENTRY_BYTES];
        entry[..16].copy_from_slice(&digest[..16]);
        entry[16..24].copy_from_slice(&row.to_be_bytes());
        entry[24] = kind as u8;
        self.parts[usize::from(digest[16]) % PARTS].write_all(&entry)
    }

    /// All repeats, by row: each row that repeats an earlier one. With more than [`REPEATS_MAX`] the file is beyond mending row by
    /// row, and the rest is not looked for.
    pub fn finish(self) -> io::Result<BTreeMap<u64, Repeat>> {
        let mut repeats = BTreeMap::new();
        for part in self.parts {
            let mut file = part.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.seek(SeekFrom::Start(0))?;
            let mut bytes = Vec::new();
            BufReader::new(file).read_to_end(&mut bytes)?;
            let (entries, _) = bytes.as_chunks_mut::<ENTRY_BYTES>();
            // Digest and kind first, then the row: repeats stand together, the earliest row first.
            entries.sort_unstable_by_key(|e| (<[u8; 16]>::try_from(&e[..16]).unwrap_or_default(), e[24], row_of(e)));
            for (first, later) in groups(entries) {
                if repeats.len() >= REPEATS_MAX {
                    return Ok(repeats);
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
        Ok(repeats)
    }
}

fn row_of(entry: &[u8; ENTRY_BYTES]) -> u64 {
    u64::from_be_bytes(<[u8; 8]>::try_from(&entry[16..24]).unwrap_or_default())
}

/// Pairs of (first entry of a key, each later entry of it from another row).
fn groups(entries: &[[u8; ENTRY_BYTES]]) -> impl Iterator<Item = (&[u8; ENTRY_BYTES], &[u8; ENTRY_BYTES])> {
    entries.chunk_by(|a, b| a[..16] == b[..16] && a[24] == b[24]).flat_map(|group| {
        let first = &group[0];
        group[1..].iter().filter(move |later| row_of(later) != row_of(first)).map(move |later| (first, later))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_stands_twice_is_reported_for_the_later_row() {
        let mut duplicates = Duplicates::new().unwrap();
        for row in 2..5000_u64 {
            duplicates.add(KeyKind::Reference, format!("ref-{row}").as_bytes(), row).unwrap();
        }
        duplicates.add(KeyKind::Reference, b"ref-7", 6000).unwrap();
        duplicates.add(KeyKind::BenefitMonth, b"ref-8", 6001).unwrap();
        let repeats = duplicates.finish().unwrap();
        let expected = Repeat { row: 6000, first_row: 7, kind: KeyKind::Reference };
        assert_eq!(repeats.into_values().collect::<Vec<_>>(), [expected]);
    }
}

//! A look through a workbook's archive before the workbook library opens it: everything is inflated once, in one small
//! buffer, and what would fill memory later is refused by name. Understands tags, not sheets.
//!
//! The library keeps shared strings, styles and relationships in memory and trusts their counts; it holds one text run or
//! tag at a time of a sheet. So these are bounded here, by what is in the parts and not by their names.

use super::columns::excerpt;
use super::error::FileError;
use super::problem::Problem;
use std::io::{BufReader, Read, Seek, SeekFrom};
use zip::ZipArchive;

mod tags;

use tags::{TagCounts, TagScanner};

const ENTRIES_MAX: usize = 1000;
const INFLATED_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;
/// An entry may be inflated this many times over once it is larger than [`RATIO_FREE_BYTES`].
const RATIO_MAX: u64 = 200;
const RATIO_FREE_BYTES: u64 = 10 * 1024 * 1024;
const SHARED_STRINGS_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Styles, relationships, the workbook part and whatever is no XML at all (pictures).
const PART_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// Refuses an archive that is no workbook, or that would not stay small when it is read.
pub(super) fn scan<R: Read + Seek>(source: &mut R) -> Result<(), FileError> {
    refuse_long_directory(source)?;
    source.seek(SeekFrom::Start(0))?;
    let buffered = BufReader::with_capacity(64 * 1024, source);
    let mut archive =
        ZipArchive::new(buffered).map_err(|_| FileError::not_readable("it is not a complete zip archive"))?;
    if archive.len() > ENTRIES_MAX {
        return Err(bomb("the archive", "it has too many entries"));
    }
    if archive.has_duplicate_names() {
        return Err(bomb("the archive", "two entries have the same name"));
    }
    let mut scan = Scan { total: 0, counts: TagCounts::default(), buffer: vec![0; 64 * 1024] };
    for index in 0..archive.len() {
        scan.entry(&mut archive, index)?;
    }
    Ok(())
}

/// Reads the archive's end record. The zip library holds the whole directory in memory, so its length is looked at before.
/// An archive with a comment or a 64-bit directory has no use for a workbook, and either could hide a second directory.
fn refuse_long_directory<R: Read + Seek>(source: &mut R) -> Result<(), FileError> {
    const LOCATOR: usize = 20;
    const END: usize = 22;
    let incomplete = || FileError::not_readable("it is not a complete zip archive");
    let length = source.seek(SeekFrom::End(0))?;
    let tail_length = i64::try_from(LOCATOR + END).unwrap_or(0);
    if length < u64::try_from(LOCATOR + END).unwrap_or(u64::MAX) {
        return Err(incomplete());
    }
    source.seek(SeekFrom::End(-tail_length))?;
    let mut tail = [0_u8; LOCATOR + END];
    source.read_exact(&mut tail)?;
    let (locator, end) = tail.split_at(LOCATOR);
    let number = |at: usize| u64::from(u32::from_le_bytes([end[at], end[at + 1], end[at + 2], end[at + 3]]));
    let directory_fits = number(12) + number(16) + 22 == length;
    if !end.starts_with(b"PK\x05\x06") || end[4..8] != [0; 4] || end[20..] != [0, 0] || !directory_fits {
        return Err(incomplete());
    }
    let entries = usize::from(u16::from_le_bytes([end[10], end[11]]));
    if locator.starts_with(b"PK\x06\x07") || entries > ENTRIES_MAX {
        return Err(bomb("the archive", &format!("it has more than {ENTRIES_MAX} entries")));
    }
    Ok(())
}

struct Scan {
    total: u64,
    counts: TagCounts,
    buffer: Vec<u8>,
}

impl Scan {
    fn entry<R: Read + Seek>(&mut self, archive: &mut ZipArchive<R>, index: usize) -> Result<(), FileError> {
        let unreadable = |_| FileError::not_readable("an entry of its archive cannot be opened");
        let mut entry = archive.by_index(index).map_err(unreadable)?;
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let compressed = entry.compressed_size().max(1);
        let mut size = 0_u64;
        let mut scanner: Option<TagScanner> = None;
        loop {
            let read = match entry.read(&mut self.buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(_) => return Err(FileError::not_readable("an entry of its archive is damaged")),
            };
            let chunk = &self.buffer[..read];
            let read = u64::try_from(read).unwrap_or(u64::MAX);
            let first_chunk = size == 0;
            size += read;
            self.total += read;
            if first_chunk {
                scanner = looks_like_xml(chunk).then(TagScanner::default);
            }
            // The library finds its tables by these names: they must be what they say.
            if first_chunk && scanner.is_none() && is_named_xml(&name) {
                return Err(bomb(&name, "it is no XML"));
            }
            let refusal = match &mut scanner {
                Some(scanner) => scanner.feed(chunk, &mut self.counts).err(),
                None => None,
            };
            let refusal = refusal.or_else(|| too_large(size, compressed, self.total, scanner.as_ref()));
            if let Some(why) = refusal {
                return Err(bomb(&name, why));
            }
        }
    }
}

fn looks_like_xml(chunk: &[u8]) -> bool {
    let text = chunk.strip_prefix(b"\xef\xbb\xbf").unwrap_or(chunk).trim_ascii_start();
    text.first() == Some(&b'<')
}

fn is_named_xml(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".xml", ".rels", ".vml"].iter().any(|ending| name.ends_with(ending))
}

fn too_large(size: u64, compressed: u64, total: u64, scanner: Option<&TagScanner>) -> Option<&'static str> {
    if size > RATIO_FREE_BYTES && size / compressed > RATIO_MAX {
        return Some("it inflates to more than 200 times its size");
    }
    if total > INFLATED_BYTES_MAX {
        return Some("the workbook inflates to more than 2 GiB");
    }
    let (most, why) = match scanner {
        Some(scanner) if scanner.is_sheet() => return None,
        Some(scanner) if scanner.is_shared_strings() => {
            (SHARED_STRINGS_BYTES_MAX, "its shared strings are larger than 64 MiB")
        }
        _ => (PART_BYTES_MAX, "it is larger than 32 MiB and no sheet"),
    };
    (size > most).then_some(why)
}

fn bomb(entry: &str, why: &str) -> FileError {
    let entry = excerpt(entry);
    FileError::refused(Problem::new(
        "workbook-refused",
        "an ordinary workbook",
        format!("The workbook is refused because of {entry}: {why}. Copy the rows into a new workbook, or send CSV."),
        format!(
            "Tệp bảng tính bị từ chối: phần {entry} quá lớn hoặc bất thường. Hãy chép dữ liệu sang tệp mới hoặc gửi tệp CSV."
        ),
    ))
}

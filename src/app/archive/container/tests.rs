//! Archives that are whole, and every way in which one is not.

use super::*;
use crate::store::archive::Cell;

fn meta(name: &str) -> Row {
    vec![Cell::Text(name.to_owned()), Cell::Bytes(vec![1, 2, 3])]
}

fn closing() -> Closing {
    Closing { position: 0, recorded_at_us: 0, log_digest: "d".to_owned(), rows: BTreeMap::new() }
}

fn archive() -> Vec<u8> {
    let mut writer = ArchiveWriter::begin(Vec::new(), &Header::of(1, 0)).unwrap();
    writer.table(ArchiveTable::Events).unwrap();
    writer.table(ArchiveTable::VaultMeta).unwrap();
    for name in ["a", "b"] {
        writer.row(&meta(name)).unwrap();
    }
    writer.end(&closing()).unwrap()
}

fn read(bytes: &[u8]) -> Result<(Vec<(ArchiveTable, Row)>, Closing), ArchiveError> {
    let (mut reader, _) = ArchiveReader::begin(bytes)?;
    let mut rows = Vec::new();
    loop {
        match reader.next()? {
            Item::Row(table, row) => rows.push((table, row)),
            Item::End(closing) => return Ok((rows, closing)),
        }
    }
}

fn unzipped(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain
}

fn zipped(plain: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(plain).unwrap();
    gzip.finish().unwrap()
}

#[test]
fn rows_and_closing_come_back() {
    let (rows, end) = read(&archive()).unwrap();
    assert_eq!(rows, [(ArchiveTable::VaultMeta, meta("a")), (ArchiveTable::VaultMeta, meta("b"))]);
    assert_eq!(end, closing());
}

#[test]
fn a_key_of_an_archive_from_before_keys_had_an_end_has_none() {
    let plain = unzipped(&{
        let mut writer =
            ArchiveWriter::begin(Vec::new(), &Header { version: 4, tables: tables(4), ..Header::of(1, 0) }).unwrap();
        writer.table(ArchiveTable::ApiKeys).unwrap();
        let text = |text: &str| Cell::Text(text.to_owned());
        let bytes = Cell::Bytes(vec![7; 32]);
        writer
            .row(&vec![text("k"), bytes, text("clerk"), Cell::Null, Cell::Null, text(""), Cell::Integer(1), Cell::Null])
            .unwrap();
        writer.end(&closing()).unwrap()
    });
    let (rows, _) = read(&zipped(&plain)).unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].1.len(), ArchiveTable::ApiKeys.columns().len());
    assert_eq!(rows[0].1[8..], [Cell::Null, Cell::Null, Cell::Null, Cell::Null]);
}

#[test]
fn an_archive_that_is_cut_anywhere_is_refused() {
    let plain = unzipped(&archive());
    for length in 0..plain.len() {
        assert!(read(&zipped(&plain[..length])).is_err(), "cut to {length} of {} bytes", plain.len());
    }
    let whole = archive();
    for length in 0..whole.len() - 8 {
        assert!(read(&whole[..length]).is_err(), "cut to {length} of {} bytes", whole.len());
    }
}

#[test]
fn an_archive_with_any_byte_changed_is_refused() {
    let plain = unzipped(&archive());
    for at in 0..plain.len() {
        let mut changed = plain.clone();
        changed[at] ^= 1;
        assert!(read(&zipped(&changed)).is_err(), "byte {at} of {}", plain.len());
    }
}

#[test]
fn what_stands_behind_the_end_is_refused() {
    let mut plain = unzipped(&archive());
    plain.push(0);
    assert!(read(&zipped(&plain)).unwrap_err().to_string().contains("behind its end"));
}

#[test]
fn other_files_and_other_versions_are_told_apart() {
    let says = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
    assert!(says(b"PK\x03\x04 this is a workbook").contains("no gzip file"));
    assert!(says(&zipped(b"{\"some\":\"json\"}\n")).contains("does not begin as an archive"));
    assert!(says(&zipped(b"{\"format\":\"chitra archive\",\"version\":6}\n")).contains("version 6"));
    let text = String::from_utf8_lossy(&unzipped(&archive())).replace("wrapped_key", "wrapped_lock");
    assert!(says(&zipped(text.as_bytes())).contains("other columns"));
}

#[test]
fn a_part_that_claims_to_be_huge_takes_no_memory() {
    let mut plain = unzipped(&archive());
    let header = plain.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    plain.truncate(header);
    plain.extend_from_slice(&[ROW, 255, 255, 255, 255]);
    assert!(read(&zipped(&plain)).unwrap_err().to_string().contains("4294967295 bytes"));
}

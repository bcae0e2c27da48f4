//! The rules of reading CSV.

use super::{code, columns, read, row};
use crate::files::{FileError, Format, Language, OfficeFile, Row};
use proptest::prelude::*;
use std::io::{Cursor, Read, Result, Seek, SeekFrom};

fn csv(text: &str) -> super::Rows {
    read(text.as_bytes(), Format::Csv).unwrap()
}

#[test]
fn comma_semicolon_and_tab_separate_cells() {
    for separator in [",", ";", "\t"] {
        let text = "reference|amount|name\nA1|5|Tám\n".replace('|', separator);
        assert_eq!(csv(&text), [row(2, ["A1", "5", "Tám"])], "{separator}");
    }
}

#[test]
fn a_header_with_two_kinds_of_separator_is_read_if_only_one_reading_fits() {
    assert_eq!(csv("reference;\"Số, tiền\"\nA1;5\n"), [row(2, ["A1", "5", ""])]);
    assert_eq!(code(b"a;b,c\nA1;5\n", Format::Csv), "separator-ambiguous");
}

#[test]
fn a_byte_order_mark_and_any_line_end_make_no_difference() {
    for end in ["\n", "\r\n", "\r"] {
        let text = format!("\u{feff}Mã chi trả,SO TIEN{end}A1,5{end}A2,6");
        assert_eq!(csv(&text), [row(2, ["A1", "5", ""]), row(3, ["A2", "6", ""])], "{end:?}");
    }
}

#[test]
fn windows_1258_is_read_and_composed() {
    // "Nguyễn Tám" and "đ": tone marks follow their letters as combining bytes.
    let bytes = b"reference,amount,name\nA1,5,Nguy\xea\xden T\xe1m\nA2,5 \xf0,T\xe2\xcc\n";
    assert_eq!(read(bytes, Format::Csv).unwrap(), [row(2, ["A1", "5", "Nguyễn Tám"]), row(3, ["A2", "5 đ", "Tầ"])]);
}

#[test]
fn one_file_has_one_encoding() {
    let mut bytes = b"reference,amount,name\nA1,5,Nguy\xea\xdfn\n".to_vec();
    bytes.extend_from_slice("A2,6,Nguyễn\n".as_bytes());
    let error = read(&bytes, Format::Csv).unwrap_err();
    assert_eq!((error.code(), matches!(error, FileError::Refused { row: Some(3), .. })), ("mixed-encodings", true));

    let mut bytes = "reference,amount,name\nA1,5,Nguyễn\n".as_bytes().to_vec();
    bytes.extend_from_slice(b"A2,6,Nguy\xea\xdfn\nA3,7,x\n");
    let rows = read(&bytes, Format::Csv).unwrap();
    assert_eq!(rows[1].2, ["text-not-utf8"]);
    assert_eq!(rows[2], row(4, ["A3", "7", "x"]));
}

#[test]
fn unicode_of_another_kind_is_refused_with_the_remedy() {
    let bytes: Vec<u8> = "\u{feff}reference".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(code(&bytes, Format::Csv), "file-not-text");
    assert_eq!(code(b"ref\0erence,amount\n", Format::Csv), "file-not-text");
}

#[test]
fn quoted_cells_hold_separators_quotes_and_line_breaks_and_rows_count_lines() {
    let text = "reference,amount,name\n\"A,1\",5,\"said \"\"x\"\"\"\nA2,6,\"two\nlines\"\nA3,7,\n";
    assert_eq!(
        csv(text),
        [row(2, ["A,1", "5", "said \"x\""]), row(3, ["A2", "6", "two\nlines"]), row(5, ["A3", "7", ""])]
    );
}

#[test]
fn blank_rows_are_passed_over_but_counted() {
    assert_eq!(csv("\n\nreference;amount\n\n;\nA1;5\n\n;;\n \n"), [row(6, ["A1", "5", ""])]);
}

#[test]
fn a_row_with_another_number_of_cells_is_reported_and_reading_goes_on() {
    let rows = csv("reference,amount\nA1\nA2,6\nA3,7,x\nA4,8,,\n");
    assert_eq!(rows[0].2, ["wrong-number-of-cells"]);
    assert_eq!(rows[1], row(3, ["A2", "6", ""]));
    assert_eq!(rows[2].2, ["wrong-number-of-cells"]);
    assert_eq!(rows[3], row(5, ["A4", "8", ""]));
}

#[test]
fn a_value_under_a_blank_header_is_reported() {
    assert_eq!(csv("reference,,amount\nA1,,5\nA2,x,6\n")[1].2, ["cell-without-header"]);
}

#[test]
fn a_cell_that_is_too_long_is_reported_and_reading_goes_on() {
    let rows = csv(&format!("reference,amount\n{},5\nA2,6\n", "x".repeat(5000)));
    assert_eq!((rows[0].2.as_slice(), rows[1].1[0].as_str()), (["cell-too-long"].as_slice(), "A2"));
}

#[test]
fn files_without_rows_are_refused() {
    assert_eq!(code(b"", Format::Csv), "file-empty");
    assert_eq!(code(b"\xef\xbb\xbf\r\n\n", Format::Csv), "file-empty");
    assert_eq!(code(b"reference,amount\n\n,\n", Format::Csv), "file-has-no-rows");
}

#[test]
fn unknown_and_missing_columns_are_refused() {
    assert_eq!(code(b"reference,amount,colour\nA1,5,red\n", Format::Csv), "unknown-column");
    assert_eq!(code(b"reference,name\nA1,x\n", Format::Csv), "missing-column");
    assert_eq!(code(b"reference\nA1\n", Format::Csv), "missing-column");
}

#[test]
fn rows_can_be_read_again_from_the_first() {
    let source = Cursor::new("reference,amount\nA1,5\nA2,6\n");
    let mut file = OfficeFile::open(source, Format::Csv, columns()).unwrap();
    let mut row = Row::default();
    for _ in 0..2 {
        let mut rows = file.rows().unwrap();
        assert!(rows.next_row(&mut row).unwrap());
        assert_eq!((row.number, row.get("reference")), (2, "A1"));
    }
}

/// A header, then bytes without end that are never held anywhere.
struct Endless {
    header: &'static [u8],
    filler: u8,
    length: u64,
    position: u64,
    read: u64,
}

impl Read for &mut Endless {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let rest = usize::try_from(self.length - self.position).unwrap_or(usize::MAX).min(buffer.len());
        for byte in &mut buffer[..rest] {
            let place = usize::try_from(self.position).unwrap_or(usize::MAX);
            *byte = self.header.get(place).copied().unwrap_or(self.filler);
            self.position += 1;
        }
        self.read += u64::try_from(rest).unwrap();
        Ok(rest)
    }
}

impl Seek for &mut Endless {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        if let SeekFrom::Start(position) = to {
            self.position = position;
        }
        Ok(self.position)
    }
}

#[test]
fn a_line_of_two_gigabytes_is_refused_by_row_and_column_after_a_few_buffers() {
    for (header, filler, at) in
        [(b"reference,amount\nA1,5\nA2,".as_slice(), b'x', 3), (b"reference,amount\n\"".as_slice(), b'\n', 2)]
    {
        let mut source = Endless { header, filler, length: 2 << 30, position: 0, read: 0 };
        let mut file = OfficeFile::open(&mut source, Format::Csv, columns()).unwrap();
        let mut rows = file.rows().unwrap();
        let mut row = Row::default();
        let error = loop {
            match rows.next_row(&mut row) {
                Ok(more) => assert!(more),
                Err(error) => break error,
            }
        };
        assert_eq!(error.code(), "row-too-long");
        assert!(matches!(error, FileError::Refused { row: Some(row), .. } if row == at), "{error}");
        assert!(error.message_in(Language::English).contains("column"));
        drop(rows);
        drop(file);
        assert!(source.read < 1 << 20, "{} bytes were read", source.read);
    }
}

#[test]
fn a_header_of_two_gigabytes_is_refused_after_a_few_buffers() {
    let mut source = Endless { header: b"reference", filler: b'x', length: 2 << 30, position: 0, read: 0 };
    let error = OfficeFile::open(&mut source, Format::Csv, columns()).err().unwrap();
    assert_eq!(error.code(), "row-too-long");
    assert!(source.read < 1 << 20);
}

proptest! {
    #[test]
    fn any_cells_written_as_csv_read_back(cells in prop::collection::vec("[a-zđ\",;\t\n ]{0,8}x", 1..60)) {
        let mut text = "reference,amount\n".to_owned();
        for cell in &cells {
            text.extend(["\"", &cell.replace('"', "\"\""), "\",1\n"]);
        }
        let rows = csv(&text);
        let read: Vec<&str> = rows.iter().map(|row| row.1[0].as_str()).collect();
        prop_assert_eq!(read, cells);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), text in "[ab,;\"\n\r\t]{0,80}") {
        let _ = read(&bytes, Format::Csv);
        let mut behind = b"reference,amount\n".to_vec();
        behind.extend_from_slice(&bytes);
        behind.extend_from_slice(text.as_bytes());
        let _ = read(&behind, Format::Csv);
        let _ = read(&behind, Format::Ndjson);
    }
}

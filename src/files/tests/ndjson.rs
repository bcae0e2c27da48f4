//! The rules of reading NDJSON.

use super::{code, read, row};
use crate::files::Format;

fn lines(text: &str) -> super::Rows {
    read(text.as_bytes(), Format::Ndjson).unwrap()
}

#[test]
fn each_line_is_an_object_and_blank_lines_are_counted() {
    let text = "\u{feff}{\"reference\":\"A1\",\"Số tiền\":\"5\"}\r\n\n{\"amount\":null,\"reference\":\"A\\u0032\"}";
    assert_eq!(lines(text), [row(1, ["A1", "5", ""]), row(3, ["A2", "", ""])]);
}

#[test]
fn numbers_keep_their_digits() {
    let text = "{\"reference\":900719925474099312345,\"amount\":5000000.10}\n{\"reference\":1,\"amount\":1.234}\n";
    assert_eq!(lines(text), [row(1, ["900719925474099312345", "5000000.10", ""]), row(2, ["1", "1.2340", ""])]);
}

#[test]
fn a_list_is_joined_by_commas() {
    assert_eq!(lines("{\"reference\":[\"2025-01\",\"2025-02\"],\"amount\":1}")[0].1[0], "2025-01,2025-02");
}

#[test]
fn a_wrong_line_is_reported_and_reading_goes_on() {
    let text = "[1]\n{\"reference\":\"A1\",\"amount\":1\n{\"reference\":\"A1\",\"amount\":1} x\n{\"reference\":\"A2\",\"amount\":2}\n";
    let rows = lines(text);
    for row in &rows[..3] {
        assert!(row.2.contains(&"line-not-an-object"), "{row:?}");
    }
    assert_eq!(rows[3], row(4, ["A2", "2", ""]));
}

#[test]
fn unknown_repeated_missing_and_unreadable_members_are_reported() {
    let problems = |text: &str| lines(text)[0].2.clone();
    assert_eq!(problems("{\"reference\":1,\"amount\":1,\"colour\":1}"), ["unknown-column"]);
    assert_eq!(problems("{\"reference\":1,\"amount\":1,\"Amount\":2}"), ["repeated-column"]);
    assert_eq!(problems("{\"reference\":1}"), ["missing-column"]);
    for value in ["true", "{}", "1e3", "[[1]]", "[null]"] {
        assert_eq!(problems(&format!("{{\"reference\":1,\"amount\":{value}}}")), ["value-not-readable"], "{value}");
    }
}

#[test]
fn bytes_that_are_no_utf8_are_reported() {
    let bytes = b"{\"reference\":\"\xea\",\"amount\":1}\n";
    assert_eq!(read(bytes, Format::Ndjson).unwrap()[0].2, ["line-not-an-object"]);
}

#[test]
fn an_empty_file_and_an_endless_line_are_refused() {
    assert_eq!(code(b"\n \n", Format::Ndjson), "file-empty");
    assert_eq!(code(&vec![b'{'; 70_000], Format::Ndjson), "row-too-long");
    assert_eq!(
        read(&[b"{\"name\":".as_slice(), &vec![b'['; 60_000]].concat(), Format::Ndjson).unwrap()[0].2,
        ["line-not-an-object"]
    );
}

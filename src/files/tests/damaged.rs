//! Office files torn apart and put together again: whatever comes, it is read or refused, in all three formats. `PROPTEST_CASES` makes the
//! search longer.

use super::xlsx::{END, SHEET, around};
use super::*;
use proptest::prelude::*;

const CSV: &str = "\u{feff}Mã chi trả;Số tiền;Họ tên\r\nA1;\"1.234.567\";\"Đặng \"\"Tám\"\"\"\r\nA2;5;x\n";
const NDJSON: &str =
    "{\"reference\":\"A1\",\"amount\":\"5\",\"name\":\"T\\u00e1m\"}\n{\"reference\":\"A2\",\"amount\":\"6\"}\n";
const ROWS: &str = "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>A1</t></is></c><c r=\"B2\"><v>1234567</v></c></row><row r=\"3\"><c r=\"A3\" t=\"str\"><v>A2</v></c><c r=\"B3\" t=\"b\"><v>1</v></c></row>";
const TOKENS: &[&str] = &[
    ",",
    ";",
    "\t",
    "\"",
    "\n",
    "\r",
    "\0",
    "{",
    "}",
    "[",
    ":",
    "\\u",
    "\\ud800",
    "null",
    "1e999",
    "<row>",
    "</row>",
    "<c",
    "r=\"XFD1048577\"",
    "t=\"s\"",
    "<v>",
    "</v>",
    "&#x0;",
    "&a;",
    "<!DOCTYPE x>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "99999999999999999999",
    "-",
    "é",
    "\u{feff}",
    "reference",
    "amount",
];

fn damaged(text: &[u8], damages: &[(u16, u8, u8)]) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for (at, how, what) in damages {
        let at = usize::from(*at) % bytes.len().max(1);
        let end = (at + usize::from(*what)).min(bytes.len());
        match how % 4 {
            0 if at < bytes.len() => bytes[at] ^= what.max(&1),
            1 => drop(bytes.drain(at.min(end)..end)),
            2 => {
                let part = bytes[at.min(end)..end].to_vec();
                bytes.splice(end..end, part);
            }
            _ => {
                let token = TOKENS[usize::from(*what) % TOKENS.len()];
                bytes.splice(at.min(end)..at.min(end), token.bytes());
            }
        }
    }
    bytes
}

fn damages() -> impl Strategy<Value = Vec<(u16, u8, u8)>> {
    prop::collection::vec((any::<u16>(), any::<u8>(), any::<u8>()), 1..10)
}

/// Read to its end, or refused with a code; rows are numbered upwards.
fn judge(bytes: &[u8], format: Format) -> std::result::Result<(), TestCaseError> {
    match read(bytes, format) {
        Ok(rows) => prop_assert!(rows.is_sorted_by(|one, next| one.0 < next.0), "{rows:?}"),
        Err(error) => prop_assert!(!error.code().is_empty()),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(256), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_csv_is_read_or_refused(damages in damages()) {
        judge(&damaged(CSV.as_bytes(), &damages), Format::Csv)?;
    }

    #[test]
    fn damaged_lines_of_json_are_read_or_refused(damages in damages()) {
        judge(&damaged(NDJSON.as_bytes(), &damages), Format::Ndjson)?;
    }

    #[test]
    fn damaged_workbooks_are_read_or_refused(inside in damages(), outside in damages(), whole in any::<bool>()) {
        let sheet = damaged(format!("{SHEET}{ROWS}{END}").as_bytes(), &inside);
        let book = around(&sheet, &[]);
        judge(&book, Format::Xlsx)?;
        if whole {
            judge(&damaged(&book, &outside), Format::Xlsx)?;
        }
    }
}

#[test]
fn the_files_to_start_from_are_good() {
    assert_eq!(read(CSV.as_bytes(), Format::Csv).unwrap().len(), 2);
    assert_eq!(read(NDJSON.as_bytes(), Format::Ndjson).unwrap().len(), 2);
    let book = around(format!("{SHEET}{ROWS}{END}").as_bytes(), &[]);
    assert_eq!(read(&book, Format::Xlsx).unwrap().len(), 2);
}

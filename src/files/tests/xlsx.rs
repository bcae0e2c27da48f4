//! The rules of reading workbooks.

use super::{code, columns, read, row};
use crate::files::{Cell, FileError, Format, Language, OfficeFile, TableWriter};
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Formula, Workbook, Worksheet};
use std::io::{Cursor, Write};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const HEADER: [&str; 3] = ["Mã chi trả", "Số tiền", "Họ tên"];

fn workbook(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, text) in (0..).zip(HEADER) {
        sheet.write_string(0, column, text).unwrap();
    }
    fill(sheet);
    workbook.save_to_buffer().unwrap()
}

fn xlsx(fill: impl FnOnce(&mut Worksheet)) -> super::Rows {
    read(&workbook(fill), Format::Xlsx).unwrap()
}

/// A workbook made of raw parts: name and content.
fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A minimal workbook around one sheet's XML, with further parts.
pub(super) fn around(sheet: &[u8], more: &[(&str, &[u8])]) -> Vec<u8> {
    let root = format!(
        "<Relationships><Relationship Id=\"r1\" Type=\"{RELATIONSHIPS}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let book = "<workbook xmlns:r=\"x\"><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>";
    let links = format!(
        "<Relationships><Relationship Id=\"r1\" Type=\"{RELATIONSHIPS}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
    );
    let mut parts = vec![
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", links.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    parts.extend_from_slice(more);
    archive(&parts)
}

pub(super) const SHEET: &str = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"str\"><v>reference</v></c><c r=\"B1\" t=\"str\"><v>amount</v></c></row>";
pub(super) const END: &str = "</sheetData></worksheet>";

fn sheet(rows: &str) -> Vec<u8> {
    around(format!("{SHEET}{rows}{END}").as_bytes(), &[])
}

fn refusal(bytes: &[u8]) -> String {
    let error = read(bytes, Format::Xlsx).unwrap_err();
    assert_eq!(error.code(), "workbook-refused", "{error}");
    error.message_in(Language::English).to_owned()
}

#[test]
fn text_keeps_its_zeros_and_whole_numbers_become_plain_digits() {
    let rows = xlsx(|sheet| {
        sheet.write_string(1, 0, "00123").unwrap();
        sheet.write_number(1, 1, 1_234_567).unwrap();
        sheet.write_string(1, 2, "Nguyễn & <Tám>").unwrap();
        sheet.write_number(2, 0, 999_999_999_999_999_f64).unwrap();
        sheet.write_number(2, 1, -5).unwrap();
    });
    assert_eq!(rows, [row(2, ["00123", "1234567", "Nguyễn & <Tám>"]), row(3, ["999999999999999", "-5", ""])]);
}

#[test]
fn numbers_that_a_spreadsheet_rounded_are_reported() {
    for number in [1e15, 1.23e18, -4e20] {
        let rows = xlsx(|sheet| {
            sheet.write_number(1, 0, number).unwrap();
            sheet.write_number(1, 1, 5).unwrap();
        });
        assert_eq!(rows[0].2, ["excel-turned-number"], "{number}");
    }
}

#[test]
fn fractions_are_read_to_the_digits_that_a_spreadsheet_shows() {
    for (number, text) in
        [(0.1 + 0.2, "0.3"), (1234.56, "1234.56"), (0.05, "0.05"), (1.234, "1.2340"), (12345.6789, "12345.6789")]
    {
        let rows = xlsx(|sheet| {
            sheet.write_string(1, 0, "A1").unwrap();
            sheet.write_number(1, 1, number).unwrap();
        });
        assert_eq!(rows[0].1[1], text);
    }
}

#[test]
fn date_cells_become_dates() {
    let rows = xlsx(|sheet| {
        let style = Style::new().set_num_format("dd/mm/yyyy");
        let day = ExcelDateTime::from_ymd(2025, 3, 1).unwrap();
        sheet.write_datetime_with_format(1, 0, &day, &style).unwrap();
        let moment = ExcelDateTime::from_ymd(2025, 3, 1).unwrap().and_hms(10, 30, 0).unwrap();
        sheet.write_datetime_with_format(1, 1, &moment, &style).unwrap();
    });
    assert_eq!(rows, [row(2, ["2025-03-01", "2025-03-01 10:30:00", ""])]);
}

#[test]
fn formulas_give_their_value_and_their_errors_are_reported() {
    let rows = xlsx(|sheet| {
        sheet.write_string(1, 0, "A1").unwrap();
        sheet.write_formula(1, 1, Formula::new("=2+3").set_result("5")).unwrap();
        sheet.write_string(2, 0, "A2").unwrap();
        sheet.write_formula(2, 1, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    });
    assert_eq!(rows[0], row(2, ["A1", "5", ""]));
    assert_eq!((rows[1].1[1].as_str(), rows[1].2.as_slice()), ("#DIV/0!", ["formula-error"].as_slice()));
}

#[test]
fn blank_rows_and_formats_without_values_are_passed_over() {
    let rows = xlsx(|sheet| {
        let style = Style::new().set_bold();
        sheet.write_blank(1, 0, &style).unwrap();
        sheet.write_blank(1, 3, &style).unwrap();
        sheet.write_string(4, 0, "A1").unwrap();
        sheet.write_string(4, 1, "5").unwrap();
        sheet.write_blank(4, 1000, &style).unwrap();
        sheet.write_blank(9, 2, &style).unwrap();
    });
    assert_eq!(rows, [row(5, ["A1", "5", ""])]);
}

#[test]
fn a_value_outside_the_table_is_reported() {
    for column in [3, 5, 2000] {
        let rows = xlsx(|sheet| {
            sheet.write_string(1, 0, "A1").unwrap();
            sheet.write_string(1, column, "x").unwrap();
        });
        assert_eq!(rows[0].2.len(), 1, "{column}");
    }
}

#[test]
fn the_sheet_with_the_known_header_is_read_wherever_it_stands() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().write_string(0, 0, "Hướng dẫn").unwrap();
    workbook.add_worksheet();
    let sheet = workbook.add_worksheet();
    for (column, text) in (0..).zip(HEADER) {
        sheet.write_string(2, column, text).unwrap();
        sheet.write_string(3, column, "x").unwrap();
    }
    let bytes = workbook.save_to_buffer().unwrap();
    assert_eq!(read(&bytes, Format::Xlsx).unwrap(), [row(4, ["x", "x", "x"])]);
}

#[test]
fn files_without_rows_or_header_are_refused() {
    assert_eq!(code(&Workbook::new().save_to_buffer().unwrap(), Format::Xlsx), "file-empty");
    assert_eq!(code(&workbook(|_| ()), Format::Xlsx), "file-has-no-rows");
}

#[test]
fn what_is_no_workbook_is_refused_as_unreadable() {
    for bytes in [b"".as_slice(), b"PK\x03\x04", b"reference,amount\n", &[0; 100]] {
        assert_eq!(code(bytes, Format::Xlsx), "file-not-readable");
    }
    assert_eq!(code(&archive(&[("a.txt", b"x")]), Format::Xlsx), "file-not-readable");
    let whole = workbook(|_| ());
    assert_eq!(code(&whole[..whole.len() - 1], Format::Xlsx), "file-not-readable");
}

#[test]
fn a_minimal_workbook_is_read() {
    let bytes = sheet("<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>A1</t></is></c><c r=\"B2\"><v>5</v></c></row>");
    assert_eq!(read(&bytes, Format::Xlsx).unwrap(), [row(2, ["A1", "5", ""])]);
}

#[test]
fn rows_and_cells_out_of_order_are_refused() {
    let cell = |place: &str| format!("<c r=\"{place}\"><v>5</v></c>");
    let rows = format!("<row r=\"3\">{}</row><row r=\"2\">{}</row>", cell("A3"), cell("A2"));
    assert_eq!(code(&sheet(&rows), Format::Xlsx), "file-not-readable");
    let twice = format!("<row r=\"2\">{}{}</row>", cell("A2"), cell("A2"));
    assert_eq!(code(&sheet(&twice), Format::Xlsx), "file-not-readable");
}

#[test]
fn what_makes_the_workbook_library_stumble_is_refused_as_unreadable() {
    for place in ["A99999999999999999999", "ZZZZZZZZZZZZZZ1", "1", ""] {
        let bytes = sheet(&format!("<row r=\"2\"><c r=\"{place}\"><v>5</v></c></row>"));
        assert_eq!(code(&bytes, Format::Xlsx), "file-not-readable", "{place}");
    }
}

#[test]
fn a_zip_bomb_is_refused_by_name() {
    let zeros = vec![0; 200_000_000];
    let bomb = around(format!("{SHEET}{END}").as_bytes(), &[("xl/media/image1.png", &zeros)]);
    assert!(bomb.len() < 1 << 20);
    assert!(refusal(&bomb).contains("xl/media/image1.png: it is larger than 32 MiB"));
    let rows = format!("{SHEET}{}{END}", "<row></row>".repeat(4 << 20));
    assert!(
        refusal(&around(rows.as_bytes(), &[])).contains("xl/worksheets/sheet1.xml: it inflates to more than 200 times")
    );
}

#[test]
fn shared_strings_are_bounded_in_size_and_in_what_they_announce() {
    let announced = b"<sst uniqueCount=\"100000000000000\"></sst>";
    assert!(
        refusal(&around(b"<worksheet/>", &[("xl/sharedStrings.xml", announced)]))
            .contains("announces too many strings")
    );
    let hidden = b"<sst xuniqueCount=\"1\" uniqueCount=\"100000000000000\"></sst>";
    assert!(
        refusal(&around(b"<worksheet/>", &[("xl/sharedStrings.xml", hidden)])).contains("announces too many strings")
    );
    let behind = [b"GIF89a".as_slice(), announced].concat();
    assert!(refusal(&around(b"<worksheet/>", &[("xl/sharedStrings.xml", &behind)])).contains("it is no XML"));
    let quoted = [b"<sst></a \">".as_slice(), announced].concat();
    assert!(
        refusal(&around(b"<worksheet/>", &[("xl/sharedStrings.xml", &quoted)])).contains("announces too many strings")
    );
    let mut large = b"<sst>".to_vec();
    let mut seed = 1_u32;
    while large.len() < 65 << 20 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        large.extend_from_slice(format!("<si><t>{seed}{}</t></si>", "x".repeat(60)).as_bytes());
    }
    assert!(refusal(&around(b"<worksheet/>", &[("xl/sharedStrings.xml", &large)])).contains("larger than 64 MiB"));
}

#[test]
fn long_runs_deep_nesting_and_endless_cells_are_refused() {
    let long = format!("<row r=\"2\"><c r=\"A2\" t=\"str\"><v>{}</v></c></row>", "x".repeat(70_000));
    assert!(refusal(&sheet(&long)).contains("more than 64 KiB"));
    let tag = format!("<row r=\"2\" x=\"{}\"></row>", "x>".repeat(35_000));
    assert!(refusal(&sheet(&tag)).contains("more than 64 KiB"));
    let deep = "<x>".repeat(200);
    assert!(refusal(&sheet(&deep)).contains("nest too deeply"));
    let pieces = format!("<row r=\"2\"><c r=\"A2\" t=\"str\"><v>{}</v></c></row>", "&amp;<!---->".repeat(30_000));
    assert!(refusal(&sheet(&pieces)).contains("cell of more than 256 KiB"));
}

#[test]
fn document_types_and_entities_are_refused() {
    for declaration in ["<!DOCTYPE x [<!ENTITY a \"b\">]>", "<!ENTITY a \"b\">", "<!doctype x>"] {
        let bytes = around(format!("{declaration}{SHEET}{END}").as_bytes(), &[]);
        assert!(refusal(&bytes).contains("declares a document type or entities"), "{declaration}");
    }
}

#[test]
fn too_many_entries_are_refused() {
    let names: Vec<String> = (0..1001).map(|number| format!("{number}")).collect();
    let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
    assert!(refusal(&archive(&parts)).contains("more than 1000 entries"));
}

#[test]
fn damaged_workbooks_never_panic() {
    let whole = workbook(|sheet| {
        sheet.write_string(1, 0, "A1").unwrap();
        sheet.write_number(1, 1, 5).unwrap();
    });
    for place in (0..whole.len()).step_by(7) {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x55;
        let _ = read(&damaged, Format::Xlsx);
    }
}

#[test]
fn a_written_table_reads_back() {
    let mut table = TableWriter::new(Vec::new(), Format::Xlsx, "Chi trả [1]", &HEADER).unwrap();
    let day = jiff::civil::date(2025, 3, 1);
    table.write_row(&[Cell::Text("00123 _x0041_"), Cell::Integer(-5), Cell::Date(day)]).unwrap();
    table.write_row(&[Cell::Integer(i64::MAX), Cell::Decimal("0.854396"), Cell::Text(" a<b>&\"\n\u{1} ")]).unwrap();
    table.write_row(&[Cell::Text("=1+1"), Cell::Empty, Cell::Empty]).unwrap();
    let bytes = table.finish().unwrap();
    assert_eq!(
        read(&bytes, Format::Xlsx).unwrap(),
        [
            row(2, ["00123 _x0041_", "-5", "2025-03-01"]),
            row(3, ["9223372036854775807", "0.854396", " a<b>&\"\n\u{fffd} "]),
            row(4, ["'=1+1", "", ""]),
        ]
    );
}

#[test]
fn errors_of_the_source_are_not_the_files_fault() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("disk"))
        }
    }
    impl std::io::Seek for Broken {
        fn seek(&mut self, _: std::io::SeekFrom) -> std::io::Result<u64> {
            Ok(100)
        }
    }
    for format in [Format::Csv, Format::Xlsx] {
        let error = OfficeFile::open(Broken, format, columns()).err().unwrap();
        assert!(matches!(error, FileError::Io(_)));
    }
}

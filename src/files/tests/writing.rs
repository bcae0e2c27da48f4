//! The rules of what is written: reports, tables, the file back with its errors, the template.

use super::{columns, read, row};
use crate::files::report::{ISSUES_KEPT_MAX, shown};
use crate::files::template::{CodeList, TemplateColumn, TemplateSheet, template};
use crate::files::{
    Cell, Format, IssueCollector, Language, Problem, RowIssue, RowProblem, Sensitivity, Severity, TableWriter, annotate,
};
use std::io::Cursor;

fn problem(column: Option<&str>, found: &str) -> RowProblem {
    RowProblem {
        column: column.map(str::to_owned),
        found: found.to_owned(),
        problem: Problem::new("amount-invalid", "an amount", "Not an amount, \"x\".", "Không phải số tiền."),
    }
}

fn issue(number: u64, column: Option<&str>) -> RowIssue {
    RowIssue::new(number, Severity::Error, &problem(column, "x"), Sensitivity::Open)
}

fn annotated(bytes: &[u8], format: Format, issues: Vec<RowIssue>) -> Vec<u8> {
    annotate(Cursor::new(bytes), format, &columns(), issues, (Vec::new(), Language::English)).unwrap()
}

#[test]
fn personal_values_are_masked_and_others_are_made_printable() {
    assert_eq!(shown("049123456712", Sensitivity::Personal), "***6712");
    assert_eq!(shown("1234567", Sensitivity::Personal), "***");
    assert_eq!(shown("", Sensitivity::Personal), "");
    assert_eq!(shown("a\n5", Sensitivity::Open), "a5");
}

#[test]
fn a_collector_keeps_the_first_issues_and_counts_all() {
    let mut collector = IssueCollector::new();
    for number in 0..20_000 {
        collector.add(number, Severity::Error, &problem(Some("amount"), "1"), Sensitivity::Open);
    }
    collector.add(20_001, Severity::Warning, &problem(None, ""), Sensitivity::Open);
    assert_eq!((collector.issues().len(), collector.errors(), collector.warnings()), (ISSUES_KEPT_MAX, 20_000, 1));
    assert_eq!(collector.counts()["amount-invalid"], 20_001);
    let mut json = Vec::new();
    collector.write_json(&mut json).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!((&report["truncated"], &report["errors"]), (&serde_json::json!(true), &serde_json::json!(20_000)));
    assert_eq!(report["issues"][5]["row"], 5);
    assert_eq!(report["issues"][5]["severity"], "error");
}

#[test]
fn a_report_as_csv_quotes_and_defuses_its_cells() {
    let mut collector = IssueCollector::new();
    collector.add(2, Severity::Error, &problem(Some("amount"), "=1+1"), Sensitivity::Open);
    let csv = String::from_utf8(collector.write_table(Vec::new(), Format::Csv).unwrap()).unwrap();
    let line = csv.lines().nth(1).unwrap();
    assert_eq!(line, "2,amount,error,amount-invalid,\"Not an amount, \"\"x\"\".\",Không phải số tiền.,an amount,'=1+1");
}

#[test]
fn text_that_begins_like_a_formula_is_defused_in_csv_and_xlsx() {
    for text in ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "＝1"] {
        let mut table = TableWriter::new(Vec::new(), Format::Csv, "A", &["a"]).unwrap();
        table.write_row(&[Cell::Text(text)]).unwrap();
        let csv = String::from_utf8(table.finish().unwrap()).unwrap();
        let cell = csv.strip_prefix("\u{feff}a\r\n").unwrap().trim_start_matches('"');
        assert!(cell.starts_with('\''), "{csv:?}");
        let mut table = TableWriter::new(Vec::new(), Format::Xlsx, "A", &["reference", "amount"]).unwrap();
        table.write_row(&[Cell::Text(text), Cell::Integer(-1)]).unwrap();
        let rows = read(&table.finish().unwrap(), Format::Xlsx).unwrap();
        assert!(rows[0].1[0].starts_with('\'') && rows[0].1[1] == "-1", "{rows:?}");
    }
}

#[test]
fn numbers_and_dates_keep_their_type_in_each_format() {
    let day = jiff::civil::date(2025, 3, 1);
    let cells = [Cell::Integer(-5), Cell::Decimal("-0.5"), Cell::Date(day), Cell::Empty, Cell::Text("a\"b")];
    let write = |format| {
        let mut table = TableWriter::new(Vec::new(), format, "A", &["a", "b", "c", "d", "e"]).unwrap();
        table.write_row(&cells).unwrap();
        String::from_utf8(table.finish().unwrap()).unwrap()
    };
    assert_eq!(write(Format::Csv), "\u{feff}a,b,c,d,e\r\n-5,-0.5,2025-03-01,,\"a\"\"b\"\r\n");
    assert_eq!(write(Format::Ndjson), "{\"a\":-5,\"b\":\"-0.5\",\"c\":\"2025-03-01\",\"d\":null,\"e\":\"a\\\"b\"}\n");
}

#[test]
fn a_csv_file_comes_back_with_its_errors_beside_the_rows() {
    let text = "Mã chi trả;Số tiền\r\nA1;x\r\n\r\nA2;6\r\n=A3;y\r\n";
    let issues = vec![issue(2, Some("amount")), issue(2, None), issue(3, None), issue(5, Some("amount"))];
    let back = String::from_utf8(annotated(text.as_bytes(), Format::Csv, issues)).unwrap();
    let message = "amount: Not an amount, \"\"x\"\".";
    assert_eq!(
        back,
        format!(
            "\u{feff}Mã chi trả;Số tiền;_errors\r\nA1;x;\"{message} | Not an amount, \"\"x\"\".\"\r\nA2;6;\r\n'=A3;y;\"{message}\"\r\n"
        )
    );
}

#[test]
fn a_workbook_comes_back_with_its_errors_beside_the_rows() {
    let mut table = TableWriter::new(Vec::new(), Format::Xlsx, "Chi", &["reference", "amount"]).unwrap();
    table.write_row(&[Cell::Text("001"), Cell::Integer(5)]).unwrap();
    table.write_row(&[Cell::Text("002"), Cell::Text("x")]).unwrap();
    let back = annotated(&table.finish().unwrap(), Format::Xlsx, vec![issue(3, Some("amount"))]);
    assert_eq!(read(&back, Format::Xlsx).unwrap(), [row(2, ["001", "5", ""]), row(3, ["002", "x", ""])]);
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(back)).unwrap();
    let range = calamine::Reader::worksheet_range(&mut book, "Chi").unwrap();
    assert_eq!(range.get_value((0, 2)).unwrap().to_string(), "_errors");
    assert_eq!(range.get_value((2, 2)).unwrap().to_string(), "amount: Not an amount, \"x\".");
}

#[test]
fn ndjson_comes_back_with_its_errors_as_a_member() {
    let text = "{\"reference\":\"A1\", \"amount\":1.50}\n\nnot json\n{}\n";
    let back =
        String::from_utf8(annotated(text.as_bytes(), Format::Ndjson, vec![issue(3, None), issue(4, None)])).unwrap();
    let lines: Vec<&str> = back.lines().collect();
    assert_eq!(lines[0], "{\"reference\":\"A1\",\"amount\":1.50}");
    assert_eq!(lines[1], "{\"_line\":\"not json\",\"_errors\":[\"Not an amount, \\\"x\\\".\"]}");
    assert_eq!(lines[2], "{\"_errors\":[\"Not an amount, \\\"x\\\".\"]}");
}

#[test]
fn a_file_that_came_back_is_read_again_and_its_old_errors_go() {
    for format in [Format::Csv, Format::Ndjson] {
        let text = match format {
            Format::Csv => "reference,amount\nA1,x\n",
            Format::Xlsx | Format::Ndjson => "{\"reference\":\"A1\",\"amount\":\"x\"}\n",
        };
        let first = annotated(text.as_bytes(), format, vec![issue(if format == Format::Csv { 2 } else { 1 }, None)]);
        assert_eq!(read(&first, format).unwrap()[0].1, ["A1", "x", ""]);
        assert!(read(&first, format).unwrap()[0].2.is_empty());
        let second = String::from_utf8(annotated(&first, format, Vec::new())).unwrap();
        assert!(!second.contains("Not an amount"), "{second}");
    }
}

#[test]
fn the_template_is_a_workbook_that_the_import_itself_reads() {
    let column = |header: &str, example: &str| TemplateColumn {
        header: header.to_owned(),
        note: "Ghi chú".to_owned(),
        example: example.to_owned(),
    };
    let sheet = TemplateSheet {
        name: "Chi trả".to_owned(),
        columns: vec![column("Mã chi trả", "00123"), column("Số tiền", "5.000.000")],
    };
    let list = CodeList {
        name: "Kênh".to_owned(),
        header: vec!["code".to_owned(), "label".to_owned()],
        rows: vec![vec!["account".to_owned(), "Tài khoản".to_owned()]],
    };
    let bytes = template(&[sheet], &[list]).unwrap();
    assert_eq!(read(&bytes, Format::Xlsx).unwrap(), [row(2, ["00123", "5.000.000", ""])]);
}

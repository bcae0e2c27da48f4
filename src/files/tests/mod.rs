//! The rules of reading whole files, for all three formats; sources that are never materialised stand for huge ones.

mod csv;
mod damaged;
mod ndjson;
mod writing;
mod xlsx;

use super::*;
use std::io::Cursor;
use std::sync::Arc;

pub(super) fn columns() -> Arc<Columns> {
    Arc::new(Columns::new(
        &[("reference", &["Mã chi trả"]), ("amount", &["Số tiền"]), ("name", &["Họ tên"])],
        &[&["reference"], &["amount"]],
    ))
}

/// Number, cells and the codes of problems of each row.
pub(super) type Rows = Vec<(u64, [String; 3], Vec<&'static str>)>;

pub(super) fn read(bytes: &[u8], format: Format) -> Result<Rows, FileError> {
    let mut file = OfficeFile::open(Cursor::new(bytes), format, columns())?;
    let mut rows = file.rows()?;
    let (mut row, mut all) = (Row::default(), Vec::new());
    while rows.next_row(&mut row)? {
        let cells = ["reference", "amount", "name"].map(|name| row.get(name).to_owned());
        all.push((row.number, cells, row.problems.iter().map(|found| found.problem.code).collect()));
    }
    Ok(all)
}

pub(super) fn row(number: u64, cells: [&str; 3]) -> (u64, [String; 3], Vec<&'static str>) {
    (number, cells.map(str::to_owned), Vec::new())
}

pub(super) fn code(bytes: &[u8], format: Format) -> &'static str {
    read(bytes, format).unwrap_err().code()
}

/// Imports run on threads of their own.
#[test]
fn a_spooled_file_can_be_handed_to_another_thread() {
    const fn is_send<T: Send>() {}
    is_send::<OfficeFile<SpoolReader>>();
    is_send::<RowReader<'static, SpoolReader>>();
    is_send::<SpoolWriter>();
    is_send::<IssueCollector>();
}

#[test]
fn a_spooled_workbook_is_read_like_any_other() {
    use std::io::Write;
    let mut table = TableWriter::new(Vec::new(), Format::Xlsx, "A", &["reference", "amount"]).unwrap();
    for number in 0..20_000 {
        table.write_row(&[Cell::Text("A1"), Cell::Integer(number * 7919)]).unwrap();
    }
    let bytes = table.finish().unwrap();
    let mut writer = SpoolWriter::new(&std::env::temp_dir(), [3; 32], u64::MAX).unwrap();
    writer.write_all(&bytes).unwrap();
    let spool = writer.finish().unwrap();
    assert!(spool.length > 2 * 64 * 1024, "more than one chunk");
    let mut file = OfficeFile::open(spool.reader(), Format::Xlsx, columns()).unwrap();
    let mut rows = file.rows().unwrap();
    let (mut row, mut count) = (Row::default(), 0);
    while rows.next_row(&mut row).unwrap() {
        assert_eq!(row.get("amount"), (count * 7919).to_string());
        count += 1;
    }
    assert_eq!(count, 20_000);
}

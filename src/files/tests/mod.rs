//! The rules of reading whole files, for all three formats; sources that are never materialised stand for huge ones.

mod csv;
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

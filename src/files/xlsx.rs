//! XLSX cells to records, streamed from the zip archive. Numbers become exact text, or a problem where a spreadsheet rounded them.

use super::columns::{COLUMNS_MAX, Columns, Layout};
use super::error::FileError;
use super::fields::turned_by_excel;
use super::problem::Problem;
use super::record::Record;
use super::xlsx_scan;
use calamine::{DataRef, ExcelDateTime, Reader, SheetType, Xlsx, XlsxCellReader, XlsxError};
use std::fmt::Write;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A workbook, with the sheet that holds the rows.
pub(super) struct XlsxFile<R> {
    workbook: Xlsx<BufReader<R>>,
    sheet: String,
    /// The header's row.
    pub(super) header: Record,
    pub(super) layout: Layout,
}

impl<R: Read + Seek> XlsxFile<R> {
    /// Scans the archive for bombs, opens it and finds the sheet whose header the columns know.
    pub(super) fn open(mut source: R, columns: &Columns) -> Result<Self, FileError> {
        xlsx_scan::scan(&mut source)?;
        source.seek(SeekFrom::Start(0))?;
        let buffered = BufReader::with_capacity(64 * 1024, source);
        let mut workbook: Xlsx<_> = guarded(|| Xlsx::new(buffered))?;
        let (sheet, header) = find_sheet(&mut workbook, columns)?;
        let layout = columns.resolve(header.cells())?;
        Ok(Self { workbook, sheet, header, layout })
    }

    /// The rows under the header, from the first.
    pub(super) fn records(&mut self) -> Result<XlsxRecords<'_, BufReader<R>>, FileError> {
        let mut records = XlsxRecords::open(&mut self.workbook, &self.sheet)?;
        records.first_row = self.header.number + 1;
        Ok(records)
    }

    pub(super) fn sheet_name(&self) -> &str {
        &self.sheet
    }
}

/// The one sheet whose header resolves; the first of several; else the first sheet that holds anything, for its error.
fn find_sheet<RS: Read + Seek>(workbook: &mut Xlsx<RS>, columns: &Columns) -> Result<(String, Record), FileError> {
    let is_worksheet = |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet;
    let names: Vec<String> = workbook.sheets_metadata().iter().filter(is_worksheet).map(|s| s.name.clone()).collect();
    let mut first = None;
    for name in names {
        let mut header = Record::default();
        let mut records = XlsxRecords::open(workbook, &name)?;
        if !records.next_record(&mut header)? {
            continue;
        }
        if columns.fit(header.cells()) == 2 {
            return Ok((name, header));
        }
        first.get_or_insert((name, header));
    }
    first.ok_or_else(FileError::empty)
}

/// The rows of one sheet.
pub(super) struct XlsxRecords<'a, RS: Read + Seek> {
    cells: XlsxCellReader<'a, RS>,
    /// The first cell of the row after the one that was answered last.
    pending: Option<(u32, u32, DataRef<'a>)>,
    /// Rows before this one are passed over.
    first_row: u64,
    last_row: Option<u32>,
    /// The library takes reading on after the last cell for an error.
    at_end: bool,
}

impl<'a, RS: Read + Seek> XlsxRecords<'a, RS> {
    fn open(workbook: &'a mut Xlsx<RS>, sheet: &str) -> Result<Self, FileError> {
        let cells = guarded(|| workbook.worksheet_cells_reader(sheet))?;
        Ok(Self { cells, pending: None, first_row: 0, last_row: None, at_end: false })
    }

    /// Fills the record with the next row that is not blank; false at the end.
    pub(super) fn next_record(&mut self, record: &mut Record) -> Result<bool, FileError> {
        while self.read_row(record)? {
            if record.number >= self.first_row && !record.is_blank() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn read_row(&mut self, record: &mut Record) -> Result<bool, FileError> {
        let first = match self.pending.take() {
            Some(cell) => Some(cell),
            None => self.next_cell()?,
        };
        let Some((row, mut last_column, value)) = first else { return Ok(false) };
        if self.last_row.is_some_and(|last| row <= last) {
            return Err(FileError::not_readable("its rows are not in order"));
        }
        self.last_row = Some(row);
        record.begin(u64::from(row) + 1);
        put(record, last_column, &value);
        loop {
            match self.next_cell()? {
                Some((same, column, value)) if same == row => {
                    if column <= last_column {
                        return Err(FileError::not_readable("its cells are not in order"));
                    }
                    last_column = column;
                    put(record, column, &value);
                }
                next => {
                    self.pending = next;
                    break;
                }
            }
        }
        record.check_lengths();
        Ok(true)
    }

    fn next_cell(&mut self) -> Result<Option<(u32, u32, DataRef<'a>)>, FileError> {
        if self.at_end {
            return Ok(None);
        }
        let cell = guarded(|| self.cells.next_cell())?;
        self.at_end = cell.is_none();
        Ok(cell.map(|cell| {
            let (row, column) = cell.get_position();
            (row, column, cell.get_value().clone())
        }))
    }
}

/// Runs the workbook library. It was written for honest files: what makes it panic is refused like any other unreadable file.
fn guarded<T>(read: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, FileError> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(XlsxError::Io(error))) => Err(error.into()),
        Ok(Err(XlsxError::Password)) => Err(FileError::not_readable("it has a password")),
        Ok(Err(_)) | Err(_) => Err(FileError::not_readable("its parts do not fit together")),
    }
}

fn put(record: &mut Record, column: u32, value: &DataRef<'_>) {
    let place = usize::try_from(column).unwrap_or(usize::MAX);
    if place >= COLUMNS_MAX {
        // Far cells are most often formats without values.
        if *value != DataRef::Empty && record.problems.is_empty() {
            record.problems.push((None, cell_far_out()));
        }
        return;
    }
    let cell = record.at(place);
    let problem = match value {
        DataRef::Empty => None,
        DataRef::String(text) | DataRef::DurationIso(text) => append(cell, text),
        DataRef::SharedString(text) => append(cell, text),
        DataRef::Bool(true) => append(cell, "TRUE"),
        DataRef::Bool(false) => append(cell, "FALSE"),
        DataRef::Int(number) => append(cell, &number.to_string()),
        DataRef::Float(number) => put_number(cell, *number),
        DataRef::DateTime(moment) => put_moment(cell, moment),
        DataRef::DateTimeIso(text) => append(cell, text.strip_suffix("T00:00:00").unwrap_or(text)),
        DataRef::Error(error) => {
            let _ = write!(cell, "{error}");
            Some(formula_error())
        }
    };
    if let Some(problem) = problem {
        record.problems.push((Some(place), problem));
    }
}

fn append(cell: &mut String, text: &str) -> Option<Problem> {
    cell.push_str(text);
    None
}

/// A number as a spreadsheet holds it: 15 significant digits. A longer one has lost digits already.
fn put_number(cell: &mut String, number: f64) -> Option<Problem> {
    const EXPECTED: &str = "a text cell for numbers of more than 15 digits";
    let scientific = format!("{number:.14e}");
    let parts = scientific.split_once('e').and_then(|(mantissa, power)| Some((mantissa, power.parse::<i32>().ok()?)));
    let Some((mantissa, power)) = parts.filter(|(_, power)| (-20..15).contains(power)) else {
        let _ = write!(cell, "{number}");
        return Some(turned_by_excel(EXPECTED));
    };
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let (whole, decimals) = if power < 0 {
        let zeros = "0".repeat(usize::try_from(-power - 1).unwrap_or(0));
        ("0".to_owned(), format!("{zeros}{digits}"))
    } else {
        let (whole, decimals) = digits.split_at(usize::try_from(power + 1).unwrap_or(1));
        (whole.to_owned(), decimals.to_owned())
    };
    cell.push_str(sign);
    cell.push_str(&whole);
    let decimals = decimals.trim_end_matches('0');
    if !decimals.is_empty() {
        cell.push('.');
        cell.push_str(decimals);
        // As text "1.234" would have two readings; this number has one, so it gets a fourth decimal.
        if decimals.len() == 3 {
            cell.push('0');
        }
    }
    None
}

fn put_moment(cell: &mut String, moment: &ExcelDateTime) -> Option<Problem> {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let _ = write!(cell, "{year:04}-{month:02}-{day:02}");
    if moment.is_duration() || year < 1900 || (hour, minute, second) != (0, 0, 0) {
        let _ = write!(cell, " {hour:02}:{minute:02}:{second:02}");
    }
    None
}

fn formula_error() -> Problem {
    Problem::new(
        "formula-error",
        "a value",
        "The cell's formula has an error. Mend the formula or type the value.",
        "Công thức trong ô bị lỗi. Hãy sửa công thức hoặc nhập giá trị.",
    )
}

fn cell_far_out() -> Problem {
    Problem::new(
        "cell-without-header",
        "an empty cell",
        "There is a value far to the right of the table. Remove it.",
        "Có giá trị ở xa bên phải bảng. Hãy xóa giá trị đó.",
    )
}

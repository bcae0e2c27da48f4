//! Buffers that readers fill again and again: a record as it stands in the file, a row as the columns order it.

use super::columns::{Columns, Layout};
use super::problem::{Problem, RowProblem};
use std::sync::Arc;

/// The longest text of one cell that is read. Names, accounts and reasons are far shorter.
pub const CELL_BYTES_MAX: usize = 4 * 1024;
/// The longest row that is read; a longer one ends the file.
pub const RECORD_BYTES_MAX: usize = 64 * 1024;

/// One record in the file's own order of cells. Strings are kept between records, so that reading allocates nothing.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// Line or row as a person counts it, from 1.
    pub number: u64,
    cells: Vec<String>,
    length: usize,
    /// Problems with the cell they are about.
    pub problems: Vec<(Option<usize>, Problem)>,
}

impl Record {
    pub(super) fn begin(&mut self, number: u64) {
        self.number = number;
        self.length = 0;
        self.problems.clear();
    }

    /// A new empty cell at the end.
    pub(super) fn push(&mut self) -> &mut String {
        if self.length == self.cells.len() {
            self.cells.push(String::new());
        }
        self.length += 1;
        let cell = &mut self.cells[self.length - 1];
        cell.clear();
        cell
    }

    /// The cell at a place; cells before it that were not there are empty.
    pub(super) fn at(&mut self, place: usize) -> &mut String {
        while self.length <= place {
            self.push();
        }
        &mut self.cells[place]
    }

    pub(super) fn cells(&self) -> &[String] {
        &self.cells[..self.length]
    }

    pub(super) fn is_blank(&self) -> bool {
        self.problems.is_empty() && self.cells().iter().all(|cell| cell.trim().is_empty())
    }

    /// Notes cells that are too long and empties them: nothing so long is worth reporting whole.
    pub(super) fn check_lengths(&mut self) {
        for (place, cell) in self.cells[..self.length].iter_mut().enumerate() {
            if cell.len() > CELL_BYTES_MAX {
                cell.clear();
                self.problems.push((Some(place), cell_too_long()));
            }
        }
    }
}

fn cell_too_long() -> Problem {
    let kib = CELL_BYTES_MAX / 1024;
    Problem::new(
        "cell-too-long",
        format!("at most {kib} KiB in a cell"),
        "The cell is too long to be read.",
        "Nội dung ô quá dài, không thể đọc.",
    )
}

/// One row in the order of the [`Columns`]. Filled again for each row.
#[derive(Debug, Default)]
pub struct Row {
    /// Line (CSV, NDJSON) or row (XLSX) as a person sees it in the file, from 1.
    pub number: u64,
    /// What the reader found wrong. A row with problems must not be recorded; the file goes on after it.
    pub problems: Vec<RowProblem>,
    columns: Option<Arc<Columns>>,
    cells: Vec<String>,
}

impl Row {
    /// The text of a column by its canonical name; empty when the cell is blank or the file has no such column.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.columns.as_ref().and_then(|columns| columns.index(name)).map_or("", |index| self.at(index))
    }

    /// The text of a column by its place in [`Columns::names`].
    #[must_use]
    pub fn at(&self, index: usize) -> &str {
        self.cells.get(index).map_or("", String::as_str)
    }

    pub(super) fn begin(&mut self, number: u64, columns: &Arc<Columns>) {
        let same = self.columns.as_ref().is_some_and(|own| Arc::ptr_eq(own, columns));
        if !same {
            self.columns = Some(Arc::clone(columns));
            self.cells.resize_with(columns.names().len(), String::new);
        }
        self.number = number;
        self.problems.clear();
        self.cells.iter_mut().for_each(String::clear);
    }

    pub(super) fn cell(&mut self, index: usize) -> &mut String {
        &mut self.cells[index]
    }

    pub(super) fn problem(&mut self, column: Option<usize>, problem: Problem) {
        let name = column.and_then(|index| self.columns.as_ref()?.names().get(index).cloned());
        let found = column.map_or_else(String::new, |index| self.cells[index].clone());
        self.problems.push(RowProblem { column: name, found, problem });
    }

    /// Takes the cells of a record to their columns by swapping buffers.
    pub(super) fn fill(&mut self, record: &mut Record, layout: &Layout, columns: &Arc<Columns>) {
        self.begin(record.number, columns);
        let wanted = layout.columns.len();
        let extra = record.cells().iter().skip(wanted).any(|cell| !cell.trim().is_empty());
        let found = record.length;
        for (place, column) in layout.columns.iter().take(found).enumerate() {
            match column {
                Some(index) => std::mem::swap(&mut self.cells[*index], &mut record.cells[place]),
                None if layout.error_column == Some(place) || record.cells[place].trim().is_empty() => {}
                None => self.problem(None, cell_without_header(place)),
            }
        }
        for (place, problem) in std::mem::take(&mut record.problems) {
            let column = place.and_then(|place| layout.columns.get(place).copied().flatten());
            self.problem(column, problem);
        }
        if extra || found < wanted {
            self.problem(None, wrong_number_of_cells(wanted, found));
        }
    }
}

fn cell_without_header(place: usize) -> Problem {
    let column = place + 1;
    Problem::new(
        "cell-without-header",
        "an empty cell",
        format!("There is a value in column {column}, which has no header. Remove it or give the column a name."),
        format!("Có giá trị ở cột {column} nhưng cột này không có tiêu đề. Hãy xóa giá trị hoặc đặt tên cột."),
    )
}

fn wrong_number_of_cells(wanted: usize, found: usize) -> Problem {
    Problem::new(
        "wrong-number-of-cells",
        format!("{wanted} cells"),
        format!("The row has {found} cells, the header has {wanted}. Is a separator missing, or one too many?"),
        format!("Dòng có {found} ô, trong khi tiêu đề có {wanted} ô. Có thể thiếu hoặc thừa dấu phân cách?"),
    )
}

//! Why a whole file is refused. What is wrong with one row is a [`super::problem::RowProblem`] and does not end the file.

use super::problem::{Language, Problem};

/// A file-level error: reading ends here.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file is refused for what it holds. The clerk can mend it.
    #[error("{problem}")]
    Refused {
        /// Where, as a person counts; `None` when it is not one row.
        row: Option<u64>,
        /// What is wrong.
        problem: Box<Problem>,
    },
    /// The bytes could not be read or written. Not the file's fault.
    #[error("the file could not be read or written")]
    Io(#[from] std::io::Error),
}

impl FileError {
    /// Stable name, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused { problem, .. } => problem.code,
            Self::Io(_) => "file-io",
        }
    }

    /// The message in a language.
    #[must_use]
    pub fn message_in(&self, language: Language) -> &str {
        match (self, language) {
            (Self::Refused { problem, .. }, _) => problem.message_in(language),
            (Self::Io(_), Language::English) => "The file could not be read or written.",
            (Self::Io(_), Language::Vietnamese) => "Không thể đọc hoặc ghi tệp.",
        }
    }

    pub(super) fn refused(problem: Problem) -> Self {
        Self::Refused { row: None, problem: Box::new(problem) }
    }

    pub(super) fn refused_at(row: u64, problem: Problem) -> Self {
        Self::Refused { row: Some(row), problem: Box::new(problem) }
    }

    pub(super) fn empty() -> Self {
        Self::refused(Problem::new(
            "file-empty",
            "a header row and at least one row",
            "The file is empty. Is it the right one, and was it saved? It needs its header and at least one row.",
            "Tệp không có dữ liệu.",
        ))
    }

    pub(super) fn header_only() -> Self {
        Self::refused(Problem::new(
            "file-has-no-rows",
            "at least one row under the header",
            "The file has a header but no rows.",
            "Tệp chỉ có dòng tiêu đề, không có dòng dữ liệu nào.",
        ))
    }

    /// A row or line longer than any honest one. Most often a quotation mark was opened and never closed.
    pub(super) fn record_too_long(row: u64, column: usize, bytes_max: usize) -> Self {
        let kib = bytes_max / 1024;
        Self::refused_at(
            row,
            Problem::new(
                "row-too-long",
                format!("at most {kib} KiB in a row"),
                format!("Row {row} is longer than {kib} KiB (in column {column}). Is a quotation mark never closed?"),
                format!("Dòng {row} dài hơn {kib} KiB (ở cột {column}). Có thể thiếu dấu ngoặc kép đóng?"),
            ),
        )
    }

    pub(super) fn not_readable(what: &str) -> Self {
        Self::refused(Problem::new(
            "file-not-readable",
            "an XLSX workbook without a password",
            format!(
                "The workbook cannot be read: {what}. Open it in a spreadsheet program and save it again as .xlsx."
            ),
            "Không đọc được tệp bảng tính: tệp bị hỏng hoặc có mật khẩu. Hãy mở tệp và lưu lại dưới dạng .xlsx.",
        ))
    }
}

//! What an import found, row by row: collected with a bound, written as JSON or as a table. Values of persons are masked here.

use super::format::Format;
use super::problem::{Language, RowProblem};
use super::table::{Cell, TableWriter};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Issues that are kept whole; more are only counted.
pub const ISSUES_KEPT_MAX: usize = 10_000;

/// Whether the row may be recorded all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The row cannot be recorded.
    Error,
    /// The row can be recorded; a person should look.
    Warning,
}

/// Whether a column's values belong to persons and are masked in reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensitivity {
    /// Shown as found.
    Open,
    /// At most the last four characters are shown.
    Personal,
}

/// One thing found in one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowIssue {
    /// Line or row as a person counts it, from 1.
    pub row: u64,
    /// The canonical column; `None` when the row as a whole is meant.
    pub column: Option<String>,
    /// Whether the row may be recorded all the same.
    pub severity: Severity,
    /// Stable name, for programs.
    pub code: &'static str,
    /// What is wrong and how to mend it, in English.
    pub message: String,
    /// The same in Vietnamese.
    pub message_vi: String,
    /// What would have been accepted.
    pub expected: String,
    /// What stands there; masked in columns about persons.
    pub found: String,
}

impl RowIssue {
    /// An issue from a problem of a row.
    #[must_use]
    pub fn new(row: u64, severity: Severity, found: &RowProblem, sensitivity: Sensitivity) -> Self {
        Self {
            row,
            column: found.column.clone(),
            severity,
            code: found.problem.code,
            message: found.problem.message.clone().into_owned(),
            message_vi: found.problem.message_vi.clone().into_owned(),
            expected: found.problem.expected.clone().into_owned(),
            found: shown(&found.found, sensitivity),
        }
    }

    /// The message in a language.
    #[must_use]
    pub fn message_in(&self, language: Language) -> &str {
        match language {
            Language::English => &self.message,
            Language::Vietnamese => &self.message_vi,
        }
    }
}

/// A found value as a report may show it: `***1234`, nothing of a short one; an open value without control characters.
#[must_use]
pub fn shown(found: &str, sensitivity: Sensitivity) -> String {
    const FOUND_CHARACTERS_MAX: usize = 80;
    let length = found.chars().count();
    match sensitivity {
        Sensitivity::Open => found.chars().filter(|c| !c.is_control()).take(FOUND_CHARACTERS_MAX).collect(),
        Sensitivity::Personal if length == 0 => String::new(),
        Sensitivity::Personal if length < 8 => "***".to_owned(),
        Sensitivity::Personal => {
            let end: String = found.chars().skip(length - 4).filter(|c| !c.is_control()).collect();
            format!("***{end}")
        }
    }
}

/// Collects issues: keeps the first [`ISSUES_KEPT_MAX`], counts all.
#[derive(Debug, Default)]
pub struct IssueCollector {
    kept: Vec<RowIssue>,
    errors: u64,
    warnings: u64,
    counts: BTreeMap<&'static str, u64>,
}

impl IssueCollector {
    /// A collector without issues.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an issue from a problem of a row. Beyond the bound nothing is copied.
    pub fn add(&mut self, row: u64, severity: Severity, found: &RowProblem, sensitivity: Sensitivity) {
        if self.count(severity, found.problem.code) {
            self.kept.push(RowIssue::new(row, severity, found, sensitivity));
        }
    }

    /// Adds an issue that was made elsewhere.
    pub fn push(&mut self, issue: RowIssue) {
        if self.count(issue.severity, issue.code) {
            self.kept.push(issue);
        }
    }

    fn count(&mut self, severity: Severity, code: &'static str) -> bool {
        match severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
        }
        *self.counts.entry(code).or_insert(0) += 1;
        self.kept.len() < ISSUES_KEPT_MAX
    }

    /// The issues kept, in the order they were added.
    #[must_use]
    pub fn issues(&self) -> &[RowIssue] {
        &self.kept
    }

    /// All errors, kept or not.
    #[must_use]
    pub const fn errors(&self) -> u64 {
        self.errors
    }

    /// All warnings, kept or not.
    #[must_use]
    pub const fn warnings(&self) -> u64 {
        self.warnings
    }

    /// How often each code occurred, kept or not.
    #[must_use]
    pub const fn counts(&self) -> &BTreeMap<&'static str, u64> {
        &self.counts
    }

    /// The whole report as one JSON object.
    pub fn write_json<W: Write>(&self, out: W) -> io::Result<()> {
        let report = JsonReport {
            errors: self.errors,
            warnings: self.warnings,
            counts: &self.counts,
            truncated: self.errors + self.warnings > u64::try_from(self.kept.len()).unwrap_or(u64::MAX),
            issues: &self.kept,
        };
        serde_json::to_writer(out, &report).map_err(io::Error::from)
    }

    /// The issues as a table, one row each.
    pub fn write_table<W: Write>(&self, out: W, format: Format) -> io::Result<W> {
        const HEADER: [&str; 8] = ["row", "column", "severity", "code", "message", "message_vi", "expected", "found"];
        let mut table = TableWriter::new(out, format, "Report", &HEADER)?;
        for issue in &self.kept {
            let severity = match issue.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            table.write_row(&[
                Cell::Integer(i64::try_from(issue.row).unwrap_or(i64::MAX)),
                issue.column.as_deref().map_or(Cell::Empty, Cell::Text),
                Cell::Text(severity),
                Cell::Text(issue.code),
                Cell::Text(&issue.message),
                Cell::Text(&issue.message_vi),
                Cell::Text(&issue.expected),
                Cell::Text(&issue.found),
            ])?;
        }
        table.finish()
    }
}

#[derive(Serialize)]
struct JsonReport<'a> {
    errors: u64,
    warnings: u64,
    counts: &'a BTreeMap<&'static str, u64>,
    /// More was found than is listed.
    truncated: bool,
    issues: &'a [RowIssue],
}

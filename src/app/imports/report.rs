//! What an import did and found: counts, sums and issues by row, in JSON that a program and a clerk can read.

use super::verdict::{JudgedRow, Verdict};
use super::{ImportOrder, kind_word};
use crate::domain::ids::ImportId;
use crate::domain::import::{ImportKind, ImportMode};
use crate::domain::profile::Profile;
use crate::files::report::{IssueCollector, RowIssue, Sensitivity, Severity};
use crate::files::{Problem, RowProblem};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Columns whose values a report masks, beside the profile's identifiers.
const PERSONAL: [&str; 5] = ["name", "account", "reason", "authorised_name", "authorised_id"];

/// How an import stands or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    /// Only checked, as asked.
    Checked,
    /// Being checked or recorded.
    Running,
    /// Nothing was recorded: a row, a control figure or the file is wrong.
    Refused,
    /// All that was let through is recorded.
    Completed,
    /// Recorded and then reversed by events.
    Reversed,
}

/// The answer of an import.
#[derive(Debug, Clone)]
pub struct ImportReport {
    pub import_id: ImportId,
    pub kind: ImportKind,
    pub mode: ImportMode,
    pub status: ImportStatus,
    pub dry_run: bool,
    /// The same file was recorded before; this is what it did then.
    pub replayed: bool,
    pub rows: u64,
    pub recorded_rows: u64,
    pub unchanged_rows: u64,
    pub refused_rows: u64,
    /// Sum of the amounts of all readable rows, and of those recorded, in minor units.
    pub sum_minor: i64,
    pub recorded_sum_minor: i64,
    /// Position of the last event recorded.
    pub position: Option<u64>,
    pub errors: u64,
    pub warnings: u64,
    pub counts: BTreeMap<String, u64>,
    pub issues: Vec<RowIssue>,
}

impl ImportReport {
    /// As JSON, amounts in major units.
    #[must_use]
    pub fn to_json(&self, profile: &Profile) -> Value {
        json!({
            "import_id": self.import_id,
            "kind": kind_word(self.kind),
            "mode": self.mode,
            "status": self.status,
            "dry_run": self.dry_run,
            "rows": self.rows,
            "recorded_rows": self.recorded_rows,
            "unchanged_rows": self.unchanged_rows,
            "refused_rows": self.refused_rows,
            "sum": profile.currency.format(self.sum_minor),
            "recorded_sum": profile.currency.format(self.recorded_sum_minor),
            "currency": profile.currency.currency,
            "position": self.position,
            "errors": self.errors,
            "warnings": self.warnings,
            "counts": self.counts,
            "issues_truncated": self.errors + self.warnings > self.issues.len() as u64,
            "issues": self.issues,
        })
    }

    /// Whether the file did all that was asked of it.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.errors == 0 && !matches!(self.status, ImportStatus::Refused)
    }
}

/// Gathers what the passes find.
pub struct ReportBuilder {
    /// Columns whose values are masked.
    personal: Vec<String>,
    issues: IssueCollector,
    rows: u64,
    good_rows: u64,
    unchanged_rows: u64,
    sum_minor: i64,
    /// Of pass 2.
    recorded_rows: u64,
    recorded_sum_minor: i64,
    refused_in_pass_2: u64,
    position: Option<u64>,
    /// Rows that pass 1 refused, one bit each: ten million rows take little more than a megabyte.
    told: Vec<u64>,
}

impl ReportBuilder {
    #[must_use]
    pub fn new(profile: &Profile) -> Self {
        let identifiers = profile.identifiers.iter().map(|scheme| scheme.code.as_str());
        Self {
            personal: identifiers.chain(PERSONAL).map(str::to_owned).collect(),
            issues: IssueCollector::new(),
            rows: 0,
            good_rows: 0,
            unchanged_rows: 0,
            sum_minor: 0,
            recorded_rows: 0,
            recorded_sum_minor: 0,
            refused_in_pass_2: 0,
            position: None,
            told: Vec::new(),
        }
    }

    fn tell(&mut self, row: u64) {
        let word = usize::try_from(row / 64).unwrap_or(usize::MAX - 1);
        if word >= self.told.len() {
            self.told.resize(word + 1, 0);
        }
        self.told[word] |= 1 << (row % 64);
    }

    fn is_told(&self, row: u64) -> bool {
        let word = usize::try_from(row / 64).unwrap_or(usize::MAX);
        self.told.get(word).is_some_and(|bits| bits & (1 << (row % 64)) != 0)
    }

    /// Rows seen in pass 1.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Errors found so far.
    #[must_use]
    pub const fn errors(&self) -> u64 {
        self.issues.errors()
    }

    /// Rows that pass 1 let through.
    #[must_use]
    pub const fn good_rows(&self) -> u64 {
        self.good_rows
    }

    /// Sum of the amounts of all readable rows.
    #[must_use]
    pub const fn sum_minor(&self) -> i64 {
        self.sum_minor
    }

    /// Rows recorded and refused in pass 2.
    #[must_use]
    pub const fn pass_2(&self) -> (u64, u64) {
        (self.recorded_rows, self.refused_in_pass_2)
    }

    /// Sum of the amounts recorded.
    #[must_use]
    pub const fn recorded_sum_minor(&self) -> i64 {
        self.recorded_sum_minor
    }

    /// Rows that say what the log says already.
    #[must_use]
    pub const fn unchanged_rows(&self) -> u64 {
        self.unchanged_rows
    }

    fn add(&mut self, row: u64, severity: Severity, problem: &RowProblem) {
        let personal = problem.column.as_deref().is_some_and(|column| self.personal.iter().any(|name| name == column));
        let sensitivity = if personal { Sensitivity::Personal } else { Sensitivity::Open };
        self.issues.add(row, severity, problem, sensitivity);
    }

    /// One row of pass 1.
    pub fn count(&mut self, row: &JudgedRow) {
        self.rows += 1;
        self.sum_minor = self.sum_minor.saturating_add(row.amount_minor.unwrap_or(0));
        for warning in &row.warnings {
            self.add(row.number, Severity::Warning, warning);
        }
        match &row.verdict {
            Verdict::Record(_) | Verdict::Later | Verdict::Unchanged => self.good_rows += 1,
            Verdict::Refused(problems) => {
                self.tell(row.number);
                for problem in problems {
                    self.add(row.number, Severity::Error, problem);
                }
            }
        }
    }

    /// A row that pass 1 let through repeats an earlier one.
    pub fn strike(&mut self, row: u64, problem: &RowProblem) {
        // A row that was refused for another reason is not counted twice.
        if !self.is_told(row) {
            self.good_rows = self.good_rows.saturating_sub(1);
            self.tell(row);
        }
        self.add(row, Severity::Error, problem);
    }

    /// The control figures, after pass 1.
    pub fn end_of_check(&mut self, order: &ImportOrder) {
        if let Some(count) = order.control_count.filter(|count| *count != self.rows) {
            self.control("control-count-differs", ("rows", "số dòng"), (&count.to_string(), self.rows.to_string()));
        }
        if let Some(sum) = order.control_sum_minor.filter(|sum| *sum != self.sum_minor) {
            self.control(
                "control-sum-differs",
                ("minor units in all", "tổng tiền"),
                (&sum.to_string(), self.sum_minor.to_string()),
            );
        }
    }

    fn control(&mut self, code: &'static str, (what, what_vi): (&str, &str), (expected, found): (&str, String)) {
        let problem = Problem::new(
            code,
            expected.to_owned(),
            format!(
                "The control figure says {expected} {what}, the file has {found}. Is it the right file, and whole?"
            ),
            format!("Số kiểm soát ghi {what_vi} {expected}, tệp có {found}. Có đúng tệp và đủ dòng không?"),
        );
        self.add(0, Severity::Error, &RowProblem { column: None, found, problem });
    }

    /// Pass 2 recorded a row.
    pub fn recorded(&mut self, _row: u64, amount_minor: Option<i64>, position: u64) {
        self.recorded_rows += 1;
        self.recorded_sum_minor = self.recorded_sum_minor.saturating_add(amount_minor.unwrap_or(0));
        self.position = self.position.max(Some(position));
    }

    /// Pass 2 found the row in the log already.
    pub fn unchanged(&mut self, _row: u64) {
        self.unchanged_rows += 1;
    }

    /// Pass 2 could not record a row. What pass 1 told already is not told again.
    pub fn refused(&mut self, row: u64, problems: &[RowProblem]) {
        let told = self.is_told(row);
        self.refused_in_pass_2 += u64::from(!told);
        if !told {
            for problem in problems {
                self.add(row, Severity::Error, problem);
            }
        }
    }

    /// The report.
    #[must_use]
    pub fn finish(self, order: &ImportOrder, import_id: ImportId, status: ImportStatus) -> ImportReport {
        let done = self.recorded_rows + self.unchanged_rows;
        let refused_rows = match status {
            ImportStatus::Checked | ImportStatus::Refused => self.rows - self.good_rows.min(self.rows),
            ImportStatus::Running | ImportStatus::Completed | ImportStatus::Reversed => self.rows - done.min(self.rows),
        };
        let mut issues = self.issues.issues().to_vec();
        issues.sort_by_key(|issue| issue.row);
        ImportReport {
            import_id,
            kind: order.kind,
            mode: order.mode,
            status,
            dry_run: order.dry_run,
            replayed: false,
            rows: self.rows,
            recorded_rows: self.recorded_rows,
            unchanged_rows: self.unchanged_rows,
            refused_rows,
            sum_minor: self.sum_minor,
            recorded_sum_minor: self.recorded_sum_minor,
            position: self.position,
            errors: self.issues.errors(),
            warnings: self.issues.warnings(),
            counts: self.issues.counts().iter().map(|(code, count)| ((*code).to_owned(), *count)).collect(),
            issues,
        }
    }
}

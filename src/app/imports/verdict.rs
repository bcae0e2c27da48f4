//! What becomes of one row of a file, and the problems that only the passes find.

use super::duplicates::{KeyKind, Repeat};
use crate::app::error::FieldIssue;
use crate::domain::money::Money;
use crate::domain::payment::state::Instructed;
use crate::files::{Problem, RowProblem};
use crate::store::{Append, AppendError};

/// What becomes of one row.
#[derive(Debug)]
pub enum Verdict {
    /// To be appended (empty in a pass that makes nothing).
    Record(Box<Append>),
    /// Good, but made when it is recorded: it brings something that is not to be drawn before.
    Later,
    /// The log says so already.
    Unchanged,
    Refused(Vec<RowProblem>),
}

/// A row with its verdict.
#[derive(Debug)]
pub struct JudgedRow {
    pub number: u64,
    pub verdict: Verdict,
    /// The row's amount, for sums.
    pub amount_minor: Option<i64>,
    /// What looks odd but is no error.
    pub warnings: Vec<RowProblem>,
    /// Keys that may stand only once in the file.
    pub keys: Vec<(KeyKind, Vec<u8>)>,
}

impl JudgedRow {
    /// A row with nothing but its verdict.
    #[must_use]
    pub const fn of(number: u64, verdict: Verdict) -> Self {
        Self { number, verdict, amount_minor: None, warnings: Vec::new(), keys: Vec::new() }
    }

    /// A row that is refused.
    #[must_use]
    pub const fn refused(number: u64, problems: Vec<RowProblem>) -> Self {
        Self::of(number, Verdict::Refused(problems))
    }
}

/// A row that was good in pass 1 but no longer when it was its turn.
#[must_use]
pub fn moved(error: &AppendError) -> RowProblem {
    let problem = match error {
        AppendError::ClaimTaken { stream, .. } => Problem::new(
            "recorded-meanwhile",
            "a payment or person that is not in the log yet",
            format!("While the file was being recorded, {stream} took this reference, month or identifier."),
            format!("Trong lúc ghi tệp, {stream} đã dùng số tham chiếu, tháng hưởng hoặc định danh này."),
        ),
        _ => return changed_meanwhile(),
    };
    RowProblem { column: None, found: String::new(), problem }
}

/// A row that rests on what is no longer so.
#[must_use]
pub fn changed_meanwhile() -> RowProblem {
    let problem = Problem::new(
        "changed-meanwhile",
        "a payment as it was when the file was checked",
        "While the file was being recorded, someone else recorded on the same payment. Check it and send the row again.",
        "Trong lúc ghi tệp, người khác đã ghi nhận trên khoản chi này. Hãy kiểm tra và gửi lại dòng này.",
    );
    RowProblem { column: None, found: String::new(), problem }
}

/// A row that repeats an earlier one.
#[must_use]
pub fn repeat_problem(repeat: &Repeat, identifier: &str) -> RowProblem {
    let (column, code, what, what_vi) = match repeat.kind {
        KeyKind::Reference => ("payment_reference", "repeated-in-file", "payment reference", "mã chi trả"),
        KeyKind::BenefitMonth => (
            "benefit_months",
            "duplicate-benefit-month",
            "beneficiary, benefit type and month",
            "người hưởng, loại chế độ và tháng",
        ),
        KeyKind::Identifier => (identifier, "repeated-in-file", "identifier", "số định danh"),
    };
    let first = repeat.first_row;
    let problem = Problem::new(
        code,
        format!("each {what} once in a file"),
        format!("Row {first} has the same {what}. Keep one of the two."),
        format!("Dòng {first} đã có cùng {what_vi}. Hãy giữ lại một dòng."),
    );
    RowProblem { column: Some(column.to_owned()), found: String::new(), problem }
}

/// An issue of a use case as a row's problem.
#[must_use]
pub fn row_problem(issue: FieldIssue, found: String) -> RowProblem {
    let column = (!issue.field.is_empty()).then(|| issue.field.into_owned());
    let problem = Problem::new(issue.code, "", issue.message, issue.message_vi);
    RowProblem { column, found, problem }
}

/// A row that cannot follow what is recorded.
#[must_use]
pub fn contradiction(code: &'static str, payment: &Instructed) -> RowProblem {
    let latest = payment.standing();
    let (number, state) = (latest.number, latest.state);
    let problem = Problem::new(
        code,
        "a report that can follow what is recorded",
        format!(
            "Attempt {number} is {state} already; the row says something that cannot follow. Look at the payment before you go on."
        ),
        format!(
            "Lần chi {number} đang ở trạng thái {state}; dòng này mâu thuẫn với dữ liệu đã ghi. Hãy kiểm tra khoản chi trước."
        ),
    );
    RowProblem { column: Some("status".to_owned()), found: String::new(), problem }
}

/// The report is recorded; the payment is not settled by it.
#[must_use]
pub fn contradicted(payment: &Instructed, reported: Option<Money>) -> RowProblem {
    let (ordered, currency) = (payment.amount.minor, payment.amount.currency);
    let problem = Problem::new(
        "amount-differs",
        format!("{ordered} {currency} (minor units), as ordered"),
        format!(
            "{ordered} {currency} (minor units) were ordered. The row is recorded as a contradiction; the payment waits in the worklist until somebody resolves it (POST /v1/payments/{{id}}/resolve)."
        ),
        format!(
            "Lệnh chi là {ordered} {currency}. Dòng này được ghi nhận là mâu thuẫn; khoản chi nằm trong danh sách việc cho đến khi có người giải quyết (POST /v1/payments/{{id}}/resolve)."
        ),
    );
    let found = reported.map(|amount| amount.minor.to_string()).unwrap_or_default();
    RowProblem { column: Some("amount".to_owned()), found, problem }
}

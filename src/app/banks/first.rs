//! What must be recorded of a payment before what a bank reports of it, as the payment stands when that is decided; or why it must not be.

use crate::app::error::{AppError, FieldIssue};
use crate::app::reports::Report;
use crate::domain::ids::BankId;
use crate::domain::payment::state::{AttemptState, Instructed};

/// The payment goes through another bank.
pub(super) const NOT_YOURS: &str = "not-your-payment";

/// What must be recorded first, as the payment stands when the report is decided: others may have written to it since it was found. Or why
/// it must not be: the agency's own hand records what the bank says of a hold, so that the attempt is still the bank's is asked here.
pub(super) fn comes_first(
    (bank, attempt): (&BankId, u32),
    report: &Report,
    payment: &Instructed,
) -> Result<Vec<Report>, &'static str> {
    let found = payment.attempt(Some(attempt)).filter(|found| found.bank.as_ref() == Some(bank)).ok_or(NOT_YOURS)?;
    if let Some(cause) = out_of_place(report, payment, attempt) {
        return Err(cause);
    }
    // Money that comes back was taken on before, whoever forgot to say so.
    if found.state == AttemptState::Instructed && matches!(report, Report::Return { .. }) {
        let (agent_ref, raw_status, accepted_at) = (None, None, None);
        return Ok(vec![Report::Accept { attempt: Some(attempt), agent_ref, raw_status, accepted_at }]);
    }
    Ok(Vec::new())
}

/// The same, as the use case takes it.
pub(super) fn before(of: (&BankId, u32), report: &Report, payment: &Instructed) -> Result<Vec<Report>, AppError> {
    comes_first(of, report, payment).map_err(must_wait)
}

/// As a refusal of the use case.
fn must_wait(cause: &'static str) -> AppError {
    let (en, vi) = ("the payment has moved on; a person looks at it", "khoản chi trả đã thay đổi; cần người xử lý");
    AppError::Invalid(vec![FieldIssue::new("end_to_end_id", cause, en, vi)])
}

/// A hold or a cancellation is of the whole payment: one that names an attempt which it no longer stands on is for a person, and so is
/// one of money that is out.
fn out_of_place(report: &Report, payment: &Instructed, attempt: u32) -> Option<&'static str> {
    let cause = match report {
        Report::Hold { .. } => super::said::HELD_BY_BANK,
        Report::Cancel { .. } => super::said::CANCELLED_BY_BANK,
        Report::Accept { .. }
        | Report::Settle { .. }
        | Report::Reject { .. }
        | Report::Return { .. }
        | Report::Fail { .. }
        | Report::Release { .. }
        | Report::Reissue(_)
        | Report::Correct { .. }
        | Report::Resolve { .. } => return None,
    };
    let standing = payment.standing();
    let fits = standing.number == attempt && !standing.state.is_final();
    (!fits).then_some(cause)
}

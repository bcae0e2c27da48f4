//! Statuses of what the rules of single registers refuse, for the map in `mod.rs`.

use crate::domain::approval::ApprovalRefusal;
use crate::domain::bank::BankRefusal;
use crate::domain::figure::FigureRefusal;
use crate::domain::inbox::InboxRefusal;
use crate::domain::target::TargetRefusal;
use crate::domain::webhook::WebhookRefusal;
use actix_web::http::StatusCode;

/// Status, stable code and title of each problem.
pub(super) struct Kind {
    pub status: StatusCode,
    pub code: &'static str,
    pub title: &'static str,
}

pub(super) const fn kind(status: StatusCode, code: &'static str, title: &'static str) -> Kind {
    Kind { status, code, title }
}

/// What the registry of banks refuses.
pub(super) fn of_bank(refusal: &BankRefusal) -> Kind {
    let status = match refusal {
        BankRefusal::NotRegistered | BankRefusal::NoSuchKey => StatusCode::NOT_FOUND,
        BankRefusal::KeyIdTaken
        | BankRefusal::KeyRegistered
        | BankRefusal::TooManyKeys
        | BankRefusal::NoOrders
        | BankRefusal::Changed => StatusCode::CONFLICT,
        BankRefusal::ValidityEmpty | BankRefusal::TooManyExpected | BankRefusal::NoAccount => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    kind(status, refusal.code(), "The bank's entry does not allow this")
}

pub(super) fn of_webhook(refusal: WebhookRefusal) -> Kind {
    let status = match refusal {
        WebhookRefusal::NotRegistered => StatusCode::NOT_FOUND,
        WebhookRefusal::Removed | WebhookRefusal::Disabled | WebhookRefusal::TooMany => StatusCode::CONFLICT,
    };
    kind(status, refusal.code(), "The webhook does not allow this")
}

pub(super) fn of_figure(refusal: &FigureRefusal) -> Kind {
    let status = by_state(matches!(refusal, FigureRefusal::AlreadyCited));
    kind(status, refusal.code(), "The figure cannot be cited")
}

pub(super) fn of_target(refusal: &TargetRefusal) -> Kind {
    kind(refused(refusal.code(), refusal.is_by_state()), refusal.code(), "The targets do not allow this")
}

pub(super) fn of_inbox(refusal: InboxRefusal) -> Kind {
    let status = match refusal {
        InboxRefusal::NotReceived => StatusCode::NOT_FOUND,
        InboxRefusal::NotQuarantined => StatusCode::CONFLICT,
        InboxRefusal::NotAStatement => StatusCode::UNPROCESSABLE_ENTITY,
    };
    kind(status, refusal.code(), "The message does not allow this")
}

pub(super) const fn approval_status(refusal: &ApprovalRefusal) -> StatusCode {
    match refusal {
        ApprovalRefusal::NotFound => StatusCode::NOT_FOUND,
        ApprovalRefusal::SecondPersonRequired => StatusCode::FORBIDDEN,
        ApprovalRefusal::Exists
        | ApprovalRefusal::Expired
        | ApprovalRefusal::Closed { .. }
        | ApprovalRefusal::AskerRevoked
        | ApprovalRefusal::NotUsed { .. } => StatusCode::CONFLICT,
    }
}

/// The status of a rule's refusal: there is no such object, its state does not allow it, or a fact does not.
pub(super) fn refused(code: &str, is_by_state: bool) -> StatusCode {
    match code {
        "payment-not-found"
        | "beneficiary-not-found"
        | "recovery-not-found"
        | "desk-not-found"
        | "target-not-found" => StatusCode::NOT_FOUND,
        _ => by_state(is_by_state),
    }
}

pub(super) const fn by_state(is_by_state: bool) -> StatusCode {
    if is_by_state { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY }
}

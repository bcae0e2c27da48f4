//! What a problem says beyond what every one has: its sentence in Vietnamese, who holds what, where things stand.

use crate::app::error::AppError;
use crate::app::refusals::error_vi;
use crate::http::problem::Problem;
use serde_json::{Value, json};

impl Problem {
    /// What is wrong and how to mend it. `None` where the issues of the fields say it, and for what was not foreseen.
    #[must_use]
    pub fn detail_vi(&self) -> Option<String> {
        let text = match self {
            Self::App(error) => return error_vi(error),
            Self::BadRequest { .. } | Self::IdempotencyKey(_) => return None,
            Self::Unauthenticated => "Cần khóa hợp lệ: gửi `Authorization: Bearer <khóa>`.".into(),
            Self::KeyExpired => "Khóa đã hết hạn; hãy xin người đã cấp khóa cấp lại.".into(),
            Self::NoSuchPath => "Không có đường dẫn này; xem /docs.".into(),
            Self::MethodNotAllowed => "Đường dẫn này không nhận phương thức đó; xem /docs.".into(),
            Self::NotAcceptable => "Không có định dạng đã yêu cầu; hãy chọn định dạng khác.".into(),
            Self::TooLarge { limit_bytes } | Self::MessageTooLarge { limit_bytes } => {
                format!("Nội dung gửi lên quá lớn: tối đa {limit_bytes} byte.")
            }
            Self::TooSlow => "Dữ liệu gửi đến quá chậm; hãy gửi lại.".into(),
            Self::TooManyMessages => "Có quá nhiều thông điệp cùng lúc; hãy gửi lại đúng nội dung này.".into(),
            Self::ComeAgain { why, after_seconds } => why.detail_vi(*after_seconds),
        };
        Some(text)
    }

    /// Members beyond those that every problem has.
    pub(super) fn add_members(&self, body: &mut Value) {
        if let Some(text) = self.detail_vi() {
            body["detail_vi"] = json!(text);
        }
        match self {
            Self::App(AppError::Taken { holder, .. }) => body["held_by"] = json!(holder),
            Self::App(AppError::IdempotencyKeyReused { first_object }) => body["first_object"] = json!(first_object),
            Self::App(AppError::RevisionMoved { current }) => body["current_revision"] = json!(current),
            Self::App(AppError::NotSignedYet { size: at, .. } | AppError::NotCaughtUp { at, .. }) => {
                body["as_of_position"] = json!(at);
            }
            Self::App(AppError::PlanChanged(plan)) => {
                body["plan"] = crate::http::list_answers::plan(plan);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::limits::Turned;
    use crate::domain::bank::BankRefusal;

    #[test]
    fn a_refusal_by_state_is_told_in_vietnamese_too() {
        for problem in [
            Problem::App(AppError::Bank(BankRefusal::NoSuchKey)),
            Problem::App(AppError::RevisionMoved { current: 3 }),
            Problem::App(AppError::Forbidden { code: "out-of-your-units", message: "x" }),
            Problem::ComeAgain { why: Turned::Overloaded, after_seconds: 2 },
        ] {
            let text = problem.detail_vi().unwrap_or_default();
            assert!(text.chars().any(|letter| "ạảãàáâậầấẩẫăđêệềếìíôộồốơợờớởưựừứùúụủýỳ".contains(letter)), "{text}");
            assert_eq!(problem.told("r", None).1["detail_vi"], text);
        }
        assert_eq!(Problem::App(AppError::Invalid(Vec::new())).detail_vi(), None);
    }
}

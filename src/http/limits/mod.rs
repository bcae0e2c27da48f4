//! Which requests need a place, and how one that is turned away is told so.

pub mod pace;

use crate::app::limits::{ComeAgain, Need, Turned};
use crate::http::operation::{Effect, Input, Operation};
use crate::http::problem::Problem;
use actix_web::http::StatusCode;

/// Health and documents are answered in any case; a bank's messages share a room of their own.
pub const fn need_of(operation: &Operation) -> Option<Need> {
    match (operation.action, operation.effect, operation.input) {
        (None, _, _) | (_, Effect::Signed, _) => None,
        (_, Effect::Import, _) | (_, _, Input::File) => Some(Need::Upload),
        _ => Some(Need::Work),
    }
}

pub const fn status_of(why: Turned) -> StatusCode {
    match why {
        Turned::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
        Turned::RateLimited | Turned::TooManyFailures => StatusCode::TOO_MANY_REQUESTS,
    }
}

impl From<ComeAgain> for Problem {
    fn from(ComeAgain { why, after_seconds }: ComeAgain) -> Self {
        Self::ComeAgain { why, after_seconds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_be_answered_needs_no_place() {
        let of =
            |id: &str| crate::http::routes::OPERATIONS.iter().find(|operation| operation.id == id).and_then(need_of);
        assert_eq!((of("alive"), of("takeBankMessage")), (None, None));
        assert_eq!((of("listPayments"), of("importFile")), (Some(Need::Work), Some(Need::Upload)));
    }
}

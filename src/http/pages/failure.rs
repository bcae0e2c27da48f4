//! A problem as a page.

use super::visitor::Visitor;
use crate::app::App;
use crate::app::tongue::Tongue;
use crate::http::problem::Problem;
use crate::pages;
use crate::pages::error::{Failure, Issue};
use actix_web::HttpResponse;
use actix_web::http::header::RETRY_AFTER;
use serde_json::Value;

/// The page that says what is wrong, with the status, code and words of the API's answer.
#[must_use]
pub fn answer(problem: &Problem, around: (&App, &Visitor), request_id: &str) -> HttpResponse {
    answer_of_form(problem, around, (request_id, None))
}

/// The same for a form, with the way back to its page.
#[must_use]
pub fn answer_of_form(
    problem: &Problem,
    (app, visitor): (&App, &Visitor),
    (request_id, back): (&str, Option<&str>),
) -> HttpResponse {
    let (status, told) = problem.told(request_id, Some(app.profile.currency));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let message = if visitor.tongue == Tongue::Vietnamese { "message_vi" } else { "message" };
    let issue = |issue: &Value| Issue {
        field: text(&issue["pointer"]).trim_start_matches('/').to_owned(),
        message: text(&issue[message]),
    };
    let issues: Vec<Issue> = told["errors"].as_array().into_iter().flatten().map(issue).collect();
    // What was not foreseen is told in English alone, below.
    let reason = if visitor.tongue == Tongue::Vietnamese { &told["detail_vi"] } else { &told["detail"] };
    let reason = reason.as_str().filter(|_| issues.is_empty() && status.is_client_error());
    let page = Failure {
        page: &visitor.frame(app),
        status: status.as_u16(),
        code: &text(&told["code"]),
        detail: &text(&told["detail"]),
        reason,
        issues,
        request_id,
        back,
    };
    let mut answer = HttpResponse::build(status);
    if let Some(seconds) = problem.retry_after() {
        answer.insert_header((RETRY_AFTER, seconds));
    }
    let body = pages::render(&page).unwrap_or_else(|_| status.to_string());
    answer.content_type("text/html; charset=utf-8").body(body)
}

//! What only a sandbox answers: its banks are played. No other server has these paths, so that they stand in no contract.

use crate::app::access::Action;
use crate::app::sandbox::{Played, PlayedReport};
use crate::app::words;
use crate::domain::ids::PaymentId;
use crate::http::banks;
use crate::http::body::Body;
use crate::http::context::{Caller, SharedApp, path_id, write_request};
use crate::http::operation::{Operation, write};
use crate::http::problem::Problem;
use actix_web::{HttpRequest, HttpResponse, web, web::Bytes};

/// Its operations.
pub(super) const SANDBOX: &[Operation] = &[write(
    "playBank",
    "/v1/sandbox/payments/{id}/{deed}",
    Action::ReportOutcome,
    ("SandboxReport", "InboxMessage"),
    || web::post().to(play),
)];

/// Registers them.
pub fn configure(config: &mut web::ServiceConfig) {
    for operation in SANDBOX {
        config.route(operation.path, (operation.route)());
    }
}

/// `POST /v1/sandbox/payments/{id}/settle`, `/reject`, `/return`
async fn play(app: SharedApp, caller: Caller, request: HttpRequest, bytes: Bytes) -> Result<HttpResponse, Problem> {
    let played = match request.match_info().get("deed") {
        Some("settle") => Played::Settled,
        Some("reject") => Played::Rejected,
        Some("return") => Played::Returned,
        _ => return Err(Problem::NoSuchPath),
    };
    let id = path_id(&request, "payment", |text| PaymentId::parse(text).ok())?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = if bytes.is_empty() { Body::parse(b"{}")? } else { Body::parse(&bytes)? };
    let date = body.optional("date", &words::DATE, |text| text.parse().ok());
    let (amount, reason) = (body.text("amount", false), body.text("reason", false));
    body.finish()?;
    let report = PlayedReport { date, amount, reason };
    let message_id = &write.idempotency.idempotency_key;
    let view = app.play_bank((&caller.0, message_id), id, (played, &report)).await?;
    banks::answer(&app, &view, HttpResponse::Accepted()).await
}

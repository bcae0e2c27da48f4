//! Is it alive, is it ready: open to everybody, tells nothing of payments.

use crate::http::context::SharedApp;
use crate::http::format;
use crate::http::problem::Problem;
use crate::openapi::Contract;
use crate::pages::assets;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

/// `GET /healthz`: the process answers.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

/// `GET /readyz`: the store answers and each projection follows; 503 when one stopped.
pub async fn ready(app: SharedApp) -> Result<HttpResponse, Problem> {
    let Ok(head) = app.store.head().await else {
        return Ok(HttpResponse::ServiceUnavailable().json(json!({"status": "store unavailable"})));
    };
    let mut stopped = false;
    let projections: Vec<Value> = app
        .progress
        .snapshot()
        .into_iter()
        .map(|p| {
            stopped |= p.error.is_some();
            json!({"name": p.name, "position": p.position, "lag_events": head.position.saturating_sub(p.position),
                "error": p.error.map(|_| "stopped; see the server's log")})
        })
        .collect();
    let body = json!({"status": if stopped { "projection stopped" } else { "ready" }, "head_position": head.position,
        "head_time": format::instant(head.recorded_at_us), "projections": projections, "version": env!("CARGO_PKG_VERSION")});
    Ok(if stopped { HttpResponse::ServiceUnavailable().json(body) } else { HttpResponse::Ok().json(body) })
}

/// `GET /openapi.json`
pub async fn openapi(contract: web::Data<Contract>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(contract.text().to_owned())
}

/// `GET /docs`: the operations on one page, made from the same document. In a sandbox they can be tried there.
pub async fn docs(app: SharedApp, contract: web::Data<Contract>) -> HttpResponse {
    let style = contract.page_style_digest();
    let begin = format!("default-src 'none'; style-src '{style}'; base-uri 'none'; frame-ancestors 'none'");
    let mut answer = HttpResponse::Ok();
    answer.content_type("text/html; charset=utf-8").insert_header(("X-Content-Type-Options", "nosniff"));
    if !app.is_sandbox {
        answer.insert_header(("Content-Security-Policy", format!("{begin}; form-action 'none'")));
        return answer.body(contract.page().to_owned());
    }
    let policy = format!("{begin}; script-src 'self'; connect-src 'self'; form-action 'self'");
    let script = format!("<script src=\"{}\" defer></script>\n</head>", assets::try_script());
    answer.insert_header(("Content-Security-Policy", policy));
    answer.body(contract.page().replacen("</head>", &script, 1))
}

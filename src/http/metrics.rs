//! What the server counts, for Prometheus: open to everybody, tells nothing of payments.

use crate::app::limits::{Limits, Turned};
use crate::app::webhooks::counters::Counted;
use crate::http::context::SharedApp;
use crate::http::problem::Problem;
use crate::http::server::Shown;
use actix_web::{HttpResponse, web};
use std::fmt::Write;

/// One metric: its name, kind, what it is, and its values with their labels.
type Metric<'a> = (&'a str, &'a str, &'a str, &'a [(String, u64)]);

/// The text form 0.0.4.
fn text(metrics: &[Metric<'_>]) -> String {
    let mut text = String::new();
    for (name, kind, about, values) in metrics {
        // A String takes whatever is written.
        let _always = writeln!(text, "# HELP {name} {about}\n# TYPE {name} {kind}");
        for (labels, value) in *values {
            let _always = writeln!(text, "{name}{labels} {value}");
        }
    }
    text
}

/// `GET /metrics`
pub async fn metrics(
    app: SharedApp,
    limits: web::Data<Limits>,
    shown: web::Data<Shown>,
) -> Result<HttpResponse, Problem> {
    let head = app.store.head().await.map_err(crate::app::error::AppError::Store)?.position;
    let (pending, failing) = app.registry.delivery_counts().await.map_err(crate::app::error::AppError::Store)?;
    let of = |name: &str, value: &str| format!("{{{name}=\"{value}\"}}");
    let all = app.progress.snapshot();
    let positions: Vec<_> = all.iter().map(|one| (of("projection", one.name), one.position)).collect();
    let stopped: Vec<_> = all.iter().map(|one| (of("projection", one.name), u64::from(one.error.is_some()))).collect();
    let one = |value: u64| vec![(String::new(), value)];
    let counted = |what: Counted| app.webhooks.counters.get(what);
    let tries = vec![
        (of("outcome", "taken"), counted(Counted::Delivered)),
        (of("outcome", "not_taken"), counted(Counted::Failed)),
    ];
    let turned: Vec<_> = Turned::ALL.iter().map(|why| (of("code", why.code()), limits.turned(*why))).collect();
    let (gauge, counter) = ("gauge", "counter");
    let text = text(&[
        ("chitra_head_position", gauge, "Position of the log's last event.", &one(head)),
        ("chitra_requests_turned_away_total", counter, "Requests that this process had no room for.", &turned),
        (
            "chitra_tls_certificate_refused",
            gauge,
            "1 while the certificate on disk cannot be used, and the one before is shown on.",
            &one(shown.0.iter().filter(|one| one.is_refused()).count() as u64),
        ),
        ("chitra_projection_position", gauge, "How far each projection has come.", &positions),
        ("chitra_projection_stopped", gauge, "1 for a projection that stopped.", &stopped),
        ("chitra_webhook_deliveries_pending", gauge, "Messages that wait for another try.", &one(pending)),
        ("chitra_webhooks_failing", gauge, "Endpoints that take nothing.", &one(failing)),
        ("chitra_webhook_tries_total", counter, "Tries of this process.", &tries),
        (
            "chitra_webhook_given_up_total",
            counter,
            "Messages given up by this process.",
            &one(counted(Counted::GivenUp)),
        ),
        (
            "chitra_webhooks_switched_off_total",
            counter,
            "Endpoints switched off by this process, since they were gone or took nothing for five days.",
            &one(counted(Counted::SwitchedOff)),
        ),
    ]);
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}

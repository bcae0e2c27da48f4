//! The audit as a page: who used the log, who was turned away, what those did who run it, by day, kind, key and operation.

use super::gate::encoded;
use super::html;
use super::visitor::Visitor;
use crate::app::audit::read::{AuditFilter, AuditKind};
use crate::app::words;
use crate::http::audit::{self, KIND, NAME};
use crate::http::context::SharedApp;
use crate::http::cursor;
use crate::http::format::instant;
use crate::http::lists::CURSOR;
use crate::http::payments::date;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::pages::audit::{AuditPage, Wanted};
use actix_web::{HttpRequest, HttpResponse};

/// Lines of one page.
const PAGE: u32 = 100;

/// `GET /audit`
pub async fn list(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let mut given = query.given();
    let (from, until) = (query.optional("from", &words::DATE, date), query.optional("until", &words::DATE, date));
    let day = |day: jiff::civil::Date| app.profile.start_of_day(day).as_microsecond();
    let filter = AuditFilter {
        from_us: from.map(day),
        // People mean the whole of the last day.
        until_us: until.map(|last| last.tomorrow().map_or(i64::MAX, day)),
        kind: query.optional("kind", &KIND, AuditKind::parse),
        actor: query.optional("actor", &NAME, audit::name),
        operation: query.optional("operation", &NAME, audit::name),
    };
    let before = query.optional("cursor", &CURSOR, cursor::position);
    let min_position = query.number("min_position");
    query.finish()?;
    let found = app.audit_lines(visitor.principal()?, &filter, (before, PAGE), min_position).await?;
    given.retain(|name, _| !matches!(name.as_str(), "cursor" | "min_position"));
    let next = found.answer.next_before.map(|before| format!("/audit?{}cursor={}", asked(&given), cursor::of(before)));
    let of = |name: &str| given.get(name).cloned().unwrap_or_default();
    let wanted = Wanted {
        from: of("from"),
        until: of("until"),
        kind: of("kind"),
        actor: of("actor"),
        operation: of("operation"),
    };
    // The file asks for instants, as the API does.
    for (name, at) in [("from", filter.from_us), ("until", filter.until_us)] {
        if let Some(at) = at {
            given.insert(name.to_owned(), instant(at));
        }
    }
    html(&AuditPage {
        page: &visitor.frame(&app),
        profile: &app.profile,
        wanted,
        is_first: before.is_none(),
        rows: &found.answer.rows,
        next,
        file: format!("/download/audit?{}", asked(&given)),
    })
}

/// What was asked, as the beginning of a query.
fn asked(given: &std::collections::BTreeMap<String, String>) -> String {
    given.iter().fold(String::new(), |asked, (name, value)| asked + name + "=" + &encoded(value) + "&")
}

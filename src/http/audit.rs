//! The audit over HTTP: lines of who used the log, who was turned away, and what those did who run it.

use crate::app::audit::read::{AuditFilter, AuditKind, AuditRow};
use crate::app::table::Table;
use crate::app::words::{self, Words};
use crate::http::context::{Caller, SharedApp};
use crate::http::cursor;
use crate::http::format::instant;
use crate::http::lists::{CURSOR, with_next};
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table;
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The kinds, as a wrong one is told.
pub const KIND: Words = Words {
    en: "refusal, key_use, operator_act, personal_read, personal_export, erasure, bank_change or webhook_change",
    vi: "refusal, key_use, operator_act, personal_read, personal_export, erasure, bank_change hoặc webhook_change",
};
/// A key's id or an operation, as a wrong one is told.
pub const NAME: Words = words::TEXT;
/// The longest name that is asked for.
const NAME_LENGTH_MAX: usize = 100;

const HEADER: [&str; 10] =
    ["position", "recorded_at", "kind", "actor", "operation", "code", "object", "purpose", "count", "about"];

/// A key's id or an operation as it is asked for.
pub fn name(text: &str) -> Option<String> {
    let fits = (1..=NAME_LENGTH_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

fn instant_us(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_microsecond)
}

/// `GET /v1/audit`
pub async fn list(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let filter = AuditFilter {
        from_us: query.optional("from", &words::INSTANT, instant_us),
        until_us: query.optional("until", &words::INSTANT, instant_us),
        kind: query.optional("kind", &KIND, AuditKind::parse),
        actor: query.optional("actor", &NAME, name),
        operation: query.optional("operation", &NAME, name),
    };
    let limit = query.limit(100);
    let before = query.optional("cursor", &CURSOR, cursor::position);
    let min_position = query.number("min_position");
    query.finish()?;
    let found = app.audit_lines(&caller.0, &filter, (before, limit), min_position).await?;
    let mut table = Table::new(&HEADER);
    found.answer.rows.iter().for_each(|row| table.push(cells(row)));
    with_next(&request, (&table, form, "entries"), (found.answer.next_before, &found))
}

fn cells(row: &AuditRow) -> Vec<Value> {
    let line = &row.line;
    let about: Vec<String> = line.about.iter().map(|(name, value)| format!("{name}={value}")).collect();
    vec![
        json!(row.position),
        json!(instant(row.recorded_at_us)),
        json!(line.kind.as_str()),
        json!(line.actor),
        json!(line.operation),
        json!(line.code),
        json!(line.object),
        json!(line.purpose),
        json!(line.count),
        json!(about.join("&")),
    ]
}

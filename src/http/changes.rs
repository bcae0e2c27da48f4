//! What changed since a position, over HTTP.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::figures::{self, Adoption, Share, points};
use crate::app::queries::{Answer, Page};
use crate::app::since::{ChangeKind, ChangeRow, CycleMoved, Kinds, Moved, SinceQuery};
use crate::app::table::Table;
use crate::app::words::{self, Words};
use crate::domain::ids::UnitKey;
use crate::domain::period::Month;
use crate::http::context::{Caller, SharedApp};
use crate::http::cursor;
use crate::http::figures::{mixed, money_share, scope, share};
use crate::http::format::instant;
use crate::http::lists::{CURSOR, with_link};
use crate::http::problem::Problem;
use crate::http::query::{POSITION, Query};
use crate::http::table::{self, Form};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

const KIND: Words = Words {
    en: "kinds of change, each once, joined by commas: ordered_late, settled_after_month, late_money, returned, rejected_after_acceptance, corrected, contradicted, contradiction_resolved, cancelled, recovery_found, death_reported",
    vi: "các loại thay đổi, cách nhau bằng dấu phẩy: ordered_late, settled_after_month, late_money, returned, rejected_after_acceptance, corrected, contradicted, contradiction_resolved, cancelled, recovery_found, death_reported",
};

const HEADER: [&str; 9] =
    ["position", "recorded_at", "kind", "payment_id", "cycle", "unit", "benefit_type", "channel", "amount"];

fn kinds(text: &str) -> Option<Vec<ChangeKind>> {
    let kinds: Vec<ChangeKind> = text.split(',').map(|word| ChangeKind::parse(word.trim())).collect::<Option<_>>()?;
    let repeated = kinds.iter().enumerate().any(|(place, one)| kinds[..place].contains(one));
    (!repeated).then_some(kinds)
}

/// `GET /v1/changes`
pub async fn changes(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let since = query.required("since", &POSITION, |text| text.parse().ok());
    let unit = scope(&app, &mut query)?;
    let cycle = query.optional("cycle", &words::MONTH, |text| Month::parse(text).ok());
    let kinds = query.optional("kind", &KIND, kinds).unwrap_or_default();
    let mixed = mixed(&app, &mut query);
    let limit = query.limit(100);
    let after = query.optional("cursor", &CURSOR, cursor::position).unwrap_or(0);
    let min_position = query.number("min_position");
    query.finish()?;
    let since = since.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    let asked = SinceQuery { since, unit, cycle, kinds };
    let found = app.moved_since(&caller.0, &asked, Page { after, limit }, min_position).await?;
    let next = found.answer.next_after.map(cursor::of);
    let mut about = about(&asked, &found, next.as_deref());
    let mut table = Table::new(&HEADER);
    found.answer.rows.iter().for_each(|row| table.push(cells(&app, row)));
    if form == Form::Json {
        about["kinds"] = sums(&app, &found.answer.kinds);
        about["cycles"] =
            found.answer.cycles.iter().map(|(cycle, moved)| cycle_json(&app, *cycle, moved, mixed)).collect();
        about["units"] = found.answer.units.iter().map(|(unit, kinds)| unit_json(&app, unit, kinds)).collect();
    }
    let response = table::respond(&table, form, "changes", &about)?;
    Ok(with_link(&request, response, next.as_deref()))
}

fn about(asked: &SinceQuery, found: &Answer<Moved>, next: Option<&str>) -> Value {
    json!({"since": asked.since, "since_time": found.answer.since_us.map(instant), "unit": asked.unit,
        "cycle": asked.cycle, "next_cursor": next, "as_of_position": found.as_of_position,
        "as_of_time": instant(found.as_of_time_us)})
}

fn cells(app: &App, row: &ChangeRow) -> Vec<Value> {
    vec![
        json!(row.position),
        json!(instant(row.recorded_at_us)),
        json!(row.kind.as_str()),
        json!(row.payment_id),
        json!(row.cycle),
        json!(row.unit_key),
        json!(row.benefit_type),
        json!(row.channel),
        json!(app.profile.currency.format(row.amount_minor)),
    ]
}

fn sums(app: &App, kinds: &Kinds) -> Value {
    let amount = |minor| app.profile.currency.format(minor);
    kinds
        .iter()
        .map(|(kind, sum)| json!({"kind": kind.as_str(), "payments": sum.count, "amount": amount(sum.amount_minor)}))
        .collect()
}

fn unit_json(app: &App, unit: &UnitKey, kinds: &Kinds) -> Value {
    let name = app.profile.units.get(unit.as_str()).map(|unit| unit.name.as_str());
    json!({"unit": unit, "unit_name": name, "kinds": sums(app, kinds)})
}

fn cycle_json(app: &App, cycle: Month, moved: &CycleMoved, mixed: bool) -> Value {
    let rates = |one: &Adoption| {
        json!({"people": figures::people(one.people, mixed), "amount": money_share(app, one.amount),
            "payments": share(one.payments), "completeness": share(one.completeness)})
    };
    let (before, now) = (&moved.before, &moved.now);
    let difference = |before: Share, now: Share| points(now.points_since(before));
    json!({"cycle": cycle, "kinds": sums(app, &moved.kinds), "before": rates(before), "now": rates(now),
        "points": {"people": difference(before.people.share(mixed), now.people.share(mixed)),
            "amount": difference(before.amount, now.amount), "payments": difference(before.payments, now.payments)}})
}

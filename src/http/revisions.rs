//! The revision triangle over HTTP: how the figures of a cycle changed after they were first published.

use crate::app::App;
use crate::app::figures::{self, Adoption, Share};
use crate::app::queries::Answer;
use crate::app::revisions::{Revised, Revision, RevisionQuery, Triangle};
use crate::app::table::Table;
use crate::app::words::{self, Words};
use crate::domain::period::Month;
use crate::http::context::{Caller, SharedApp};
use crate::http::figures::{members, mixed, money_share, share, ungrouped_query};
use crate::http::format;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table::{self, Form};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

const MONTHS: Words = Words { en: "a whole number of months", vi: "số tháng, số nguyên" };
const ONE_OR_RANGE: Words =
    Words { en: "either cycle, or cycle_from and cycle_to", vi: "chỉ cycle, hoặc cycle_from và cycle_to" };

/// `GET /v1/adoption/revisions`
pub async fn revisions(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let mut figures = ungrouped_query(&app, &mut query).await?;
    let from = query.optional("cycle_from", &words::MONTH, |text| Month::parse(text).ok());
    let to = query.optional("cycle_to", &words::MONTH, |text| Month::parse(text).ok());
    if figures.filters.cycle_from.is_some() && (from.is_some() || to.is_some()) {
        query.report("cycle", &ONE_OR_RANGE);
    }
    figures.filters.cycle_from = figures.filters.cycle_from.or(from);
    figures.filters.cycle_to = figures.filters.cycle_to.or(to);
    let months = query.optional("months", &MONTHS, |text| text.parse().ok());
    let mixed = mixed(&app, &mut query);
    let min_position = query.number("min_position");
    query.finish()?;
    let asked = RevisionQuery { figures, months };
    let found = app.revisions(&caller.0, &asked, min_position).await?;
    let about = about(&asked, &found, mixed);
    match form {
        Form::Json => {
            let mut about = about;
            about["cycles"] = found.answer.rows.iter().map(|row| row_json(&app, row, mixed)).collect();
            Ok(HttpResponse::Ok().json(about))
        }
        Form::File(_) | Form::Parquet => {
            table::respond(&triangle(&app, &found.answer, mixed), form, "adoption-revisions", &about)
        }
    }
}

fn about(asked: &RevisionQuery, found: &Answer<Triangle>, mixed: bool) -> Value {
    let mut about = members(&asked.figures, found);
    if let Some(filters) = about["filters"].as_object_mut() {
        filters.remove("cycle");
    }
    about["group_by"] = json!(["cycle", "months_after"]);
    about["cycle_from"] = json!(found.answer.cycles.0);
    about["cycle_to"] = json!(found.answer.cycles.1);
    about["months"] = json!(found.answer.months);
    about["mixed_as_cashless"] = json!(mixed);
    about["indicators"] = json!({"people": "A1", "amount": "A2", "payments": "A3", "completeness": "C1"});
    about
}

/// People, amount and payments of a revision, in the order of the table.
fn shares(adoption: &Adoption, mixed: bool) -> [(&'static str, Share); 3] {
    [("people", adoption.people.share(mixed)), ("amount", adoption.amount), ("payments", adoption.payments)]
}

/// The figures with those of the column before, if there is one.
fn pairs(row: &Revised) -> impl Iterator<Item = (&Revision, Option<&Adoption>)> {
    let before = std::iter::once(None).chain(row.revisions.iter().map(|one| Some(&one.adoption)));
    row.revisions.iter().zip(before)
}

fn row_json(app: &App, row: &Revised, mixed: bool) -> Value {
    let one = |(now, before): (&Revision, Option<&Adoption>)| {
        json!({"months_after": now.months_after, "day": now.day.to_string(), "closed": now.is_closed,
            "as_of_position": now.position, "as_of_time": (now.position > 0).then(|| format::instant(now.time_us)),
            "people": figures::people(now.adoption.people, mixed), "amount": money_share(app, now.adoption.amount),
            "payments": share(now.adoption.payments), "completeness": share(now.adoption.completeness),
            "change": before.map(|before| change_json(app, (&now.adoption, before), mixed))})
    };
    json!({"cycle": row.cycle, "revisions": pairs(row).map(one).collect::<Vec<_>>()})
}

fn change_json(app: &App, (now, before): (&Adoption, &Adoption), mixed: bool) -> Value {
    let mut change = json!({});
    for ((name, now), (_, before)) in shares(now, mixed).into_iter().zip(shares(before, mixed)) {
        let [numerator, denominator] = differences(app, name, (now, before));
        let points = figures::points(now.points_since(before));
        change[name] = json!({"numerator": numerator, "denominator": denominator, "points": points});
    }
    change
}

/// Of numerators and of denominators; money as text in major units.
fn differences(app: &App, name: &str, (now, before): (Share, Share)) -> [Value; 2] {
    [now.numerator - before.numerator, now.denominator - before.denominator].map(|difference| {
        if name == "amount" { json!(app.profile.currency.format(difference)) } else { json!(difference) }
    })
}

fn triangle(app: &App, found: &Triangle, mixed: bool) -> Table {
    let mut header: Vec<String> =
        ["cycle", "months_after", "day", "closed", "as_of_position", "as_of_time"].map(str::to_owned).to_vec();
    for name in ["people", "amount", "payments"] {
        header.extend(["numerator", "denominator", "ratio"].map(|part| format!("{name}_{part}")));
        header.extend(["numerator", "denominator"].map(|part| format!("{name}_change_{part}")));
        header.push(format!("{name}_change_points"));
    }
    header.extend(["numerator", "denominator", "ratio"].map(|part| format!("completeness_{part}")));
    let mut table = Table::new(&header);
    for row in &found.rows {
        for (now, before) in pairs(row) {
            let mut cells = vec![
                json!(row.cycle),
                json!(now.months_after),
                json!(now.day.to_string()),
                json!(now.is_closed),
                json!(now.position),
                json!((now.position > 0).then(|| format::instant(now.time_us))),
            ];
            for (index, (name, part)) in shares(&now.adoption, mixed).into_iter().enumerate() {
                let whole = if name == "amount" { money_share(app, part) } else { share(part) };
                cells.extend(["numerator", "denominator", "ratio"].map(|member| whole[member].clone()));
                let before = before.and_then(|before| shares(before, mixed).get(index).map(|(_, share)| *share));
                let changes = before.map(|before| differences(app, name, (part, before)));
                cells.extend(changes.unwrap_or([Value::Null, Value::Null]));
                cells.push(json!(before.and_then(|before| figures::points(part.points_since(before)))));
            }
            let complete = share(now.adoption.completeness);
            cells.extend(["numerator", "denominator", "ratio"].map(|member| complete[member].clone()));
            table.push(cells);
        }
    }
    table
}

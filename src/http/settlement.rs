//! Settlement over HTTP: how far payments are from their beneficiaries.

use crate::app::App;
use crate::app::figures::{Dimension, Settlement};
use crate::app::table::Table;
use crate::app::words;
use crate::domain::payment::AttemptState;
use crate::http::context::{Caller, SharedApp};
use crate::http::figures::{cohort_query, group, group_cells, group_header, members, share};
use crate::http::payments::date;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::remembered::Asked;
use crate::http::table::{self, Form};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

/// `GET /v1/settlement`
pub async fn settlement(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let figures = cohort_query(&app, &mut query).await?;
    let today = query.optional("today", &words::DATE, date);
    let min_position = query.number("min_position");
    query.finish()?;
    let asked = Asked::of_figures((&app, &caller), &request, (&figures, form), min_position).await?;
    if let Some(response) = Asked::remembered(asked.as_ref(), &app) {
        return Ok(response);
    }
    let found = app.settlement(&caller.0, figures.clone(), today, min_position).await?;
    let (today, groups) = &found.answer;
    let mut members = members(&figures, &found);
    members["today"] = json!(today.to_string());
    members["currency"] = json!(app.profile.currency.currency);
    members["indicators"] = json!({"reasons": "S2", "timeliness": "S4", "ageing": "S5", "completeness": "C1"});
    match form {
        Form::Json => {
            members["groups"] = groups.iter().map(|s| settlement_json(&app, &figures.group_by, s)).collect();
            Asked::respond(asked, &app, (&members, found.as_of_position))
        }
        Form::File(_) | Form::Parquet => {
            table::respond(&settlement_table(&app, &figures.group_by, groups), form, "settlement", &members)
        }
    }
}

fn settlement_json(app: &App, group_by: &[Dimension], s: &Settlement) -> Value {
    let spec = &app.profile.currency;
    let sum = |count: i64, minor: i64| json!({"payments": count, "amount": spec.format(minor)});
    let funnel: serde_json::Map<String, Value> =
        s.states.iter().map(|(state, total)| ((*state).to_owned(), sum(total.count, total.amount_minor))).collect();
    let ageing: Vec<Value> = s
        .ageing
        .iter()
        .map(|age| json!({"from_days": age.from_days, "to_days": age.to_days, "payments": age.open.count, "amount": spec.format(age.open.amount_minor)}))
        .collect();
    let by_day: Vec<Value> =
        s.settled_by_day.iter().map(|(day, part)| json!({"day": day, "settled": share(*part)})).collect();
    let reasons: Vec<Value> = s
        .reasons
        .iter()
        .map(|(r, total)| {
            json!({"kind": r.kind, "class": r.class, "system": r.system, "code": r.code, "attempts": total.count,
            "amount": spec.format(total.amount_minor)})
        })
        .collect();
    json!({
        "group": group(app, group_by, &s.key),
        "instructed": sum(s.instructed.count, s.instructed.amount_minor),
        "funnel": funnel,
        "held": sum(s.held.count, s.held.amount_minor),
        "ageing": ageing,
        "timeliness": {"settled_by_day": by_day, "days_median": s.days_median, "days_p90": s.days_p90},
        "attempts": s.attempts.count,
        "rates": {"rejected": share(s.rate("rejected")), "returned": share(s.rate("returned")), "failed": share(s.rate("failed"))},
        "reasons": reasons,
        "completeness": share(s.completeness),
    })
}

fn settlement_table(app: &App, group_by: &[Dimension], groups: &[Settlement]) -> Table {
    let mut header: Vec<String> = group_header(group_by).into_iter().map(str::to_owned).collect();
    header.extend(["all_payments", "all_amount"].map(str::to_owned));
    for state in AttemptState::ALL {
        header.extend([format!("{state}_payments"), format!("{state}_amount")]);
    }
    header.extend(
        ["days_median", "days_p90", "completeness_numerator", "completeness_denominator", "completeness_ratio"]
            .map(str::to_owned),
    );
    let mut table = Table::new(&header);
    let spec = &app.profile.currency;
    for s in groups {
        let mut row = group_cells(app, group_by, &s.key);
        row.extend([json!(s.instructed.count), json!(spec.format(s.instructed.amount_minor))]);
        for state in AttemptState::ALL {
            let total = s.states.get(state.as_str()).copied().unwrap_or_default();
            row.extend([json!(total.count), json!(spec.format(total.amount_minor))]);
        }
        let c = s.completeness;
        row.extend([
            json!(s.days_median),
            json!(s.days_p90),
            json!(c.numerator),
            json!(c.denominator),
            json!(c.ratio()),
        ]);
        table.push(row);
    }
    table
}

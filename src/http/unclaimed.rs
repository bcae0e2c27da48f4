//! Unclaimed cash over HTTP: the figure S6 and the people for whom paying is halted.

use crate::app::App;
use crate::app::table::Table;
use crate::app::unclaimed::Unclaimed;
use crate::http::context::{Caller, SharedApp};
use crate::http::figures::{cohort_query, group, group_cells, group_header, members, money_share, share};
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table::{self, Form};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

/// `GET /v1/unclaimed`
pub async fn unclaimed(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let figures = cohort_query(&app, &mut query).await?;
    let min_position = query.number("min_position");
    query.finish()?;
    let found = app.unclaimed(&caller.0, figures.clone(), min_position).await?;
    let mut about = members(&figures, &found);
    about["indicators"] = json!({"attempts": "S6", "amount": "S6"});
    about["unclaimed_months_max"] = json!(app.profile.desks.unclaimed_months_max);
    about["people_halted"] = json!(found.answer.people_halted);
    if form == Form::Json {
        let one = |u: &Unclaimed| {
            json!({"group": group(&app, &figures.group_by, &u.key), "attempts": share(u.attempts),
                "amount": money_share(&app, u.amount)})
        };
        about["groups"] = found.answer.groups.iter().map(one).collect();
        return Ok(HttpResponse::Ok().json(about));
    }
    let mut header = group_header(&figures.group_by);
    header.extend(["attempts_numerator", "attempts_denominator", "attempts_ratio"]);
    header.extend(["amount_numerator", "amount_denominator", "amount_ratio"]);
    let mut table = Table::new(&header);
    for u in &found.answer.groups {
        let mut row = group_cells(&app, &figures.group_by, &u.key);
        row.extend(cells(&app, u));
        table.push(row);
    }
    table::respond(&table, form, "unclaimed", &about)
}

fn cells(app: &App, u: &Unclaimed) -> [Value; 6] {
    let money = |minor: i64| json!(app.profile.currency.format(minor));
    [
        json!(u.attempts.numerator),
        json!(u.attempts.denominator),
        json!(u.attempts.ratio()),
        money(u.amount.numerator),
        money(u.amount.denominator),
        json!(u.amount.ratio()),
    ]
}

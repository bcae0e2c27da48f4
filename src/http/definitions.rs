//! The definition switch over HTTP: one month under different published definitions, and why they differ.

use crate::app::App;
use crate::app::definitions::{Area, DefinedFigure, Definitions, DefinitionsQuery, Difference};
use crate::app::error::AppError;
use crate::app::figures::{Share, points};
use crate::app::movers::{Flow, Standing};
use crate::app::queries::Answer;
use crate::app::table::Table;
use crate::app::words;
use crate::domain::period::Month;
use crate::http::context::{Caller, SharedApp};
use crate::http::figures::{as_of, mixed, money_share, scope, share};
use crate::http::format;
use crate::http::payments::date;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::remembered::{Asked, ToldBy};
use crate::http::table::{self, Form};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

/// `GET /v1/adoption/definitions`
pub async fn definitions(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let cycle = query.required("cycle", &words::MONTH, |text| Month::parse(text).ok());
    let unit = scope(&app, &mut query)?;
    let as_of = as_of(&app, &mut query).await?;
    let urban_on = query.optional("urban_on", &words::DATE, date);
    let base = query.optional("base", &words::TEXT, |text| Some(text.to_owned()));
    let mixed_as_cashless = mixed(&app, &mut query);
    let min_position = query.number("min_position");
    query.finish()?;
    let cycle = cycle.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    let repeated = Asked::of((&app, &caller), &request, (as_of, form, ToldBy::Payments), min_position).await?;
    if let Some(response) = Asked::remembered(repeated.as_ref(), &app) {
        return Ok(response);
    }
    let asked = DefinitionsQuery { cycle, unit, as_of, urban_on, base, mixed_as_cashless };
    let found = app.definitions(&caller.0, &asked, min_position).await?;
    let mut about = about(&asked, &found);
    if form == Form::Json {
        about["definitions"] = found.answer.figures.iter().map(|one| figure_json(&app, one)).collect();
        return Asked::respond(repeated, &app, (&about, found.as_of_position));
    }
    table::respond(&figures_table(&app, &found.answer), form, "adoption-definitions", &about)
}

fn about(asked: &DefinitionsQuery, found: &Answer<Definitions>) -> Value {
    json!({"cycle": asked.cycle, "unit": asked.unit, "urban_on": asked.urban_on.map(|day| day.to_string()),
        "base": found.answer.base, "mixed_as_cashless": asked.mixed_as_cashless, "unit_basis": "as_paid",
        "as_of_position": found.as_of_position, "as_of_time": format::instant(found.as_of_time_us)})
}

const fn area(area: &Area) -> &'static str {
    match area {
        Area::All => "all",
        Area::Urban => "urban_when_due",
        Area::UrbanOn(_) => "urban_on",
    }
}

fn told(app: &App, indicator: &str, part: Share) -> Value {
    if indicator == "A2" { money_share(app, part) } else { share(part) }
}

fn figure_json(app: &App, one: &DefinedFigure) -> Value {
    let defined = &one.defined;
    json!({"id": defined.id, "indicator": defined.indicator, "benefit_groups": defined.groups,
        "benefit_types": one.benefit_types, "area": area(&defined.area), "share": told(app, defined.indicator, one.share),
        "difference": one.difference.as_ref().map(difference_json)})
}

/// All pairs but that of people who are in neither.
fn pairs() -> impl Iterator<Item = (Standing, Standing)> {
    let all = Standing::ALL.into_iter().flat_map(|base| Standing::ALL.map(|here| (base, here)));
    all.filter(|(base, here)| *base != Standing::None || *here != Standing::None)
}

fn difference_json(difference: &Difference) -> Value {
    let people = difference.people.as_ref().map(|flow: &Flow| -> Vec<Value> {
        let cell = |(base, here): (Standing, Standing)| {
            json!({"base": base.as_str(), "here": here.as_str(), "people": flow.people(base, here)})
        };
        pairs().map(cell).collect()
    });
    json!({"points": points(difference.points), "benefits_added": difference.benefits_added,
        "benefits_left_out": difference.benefits_left_out, "people": people})
}

fn figures_table(app: &App, found: &Definitions) -> Table {
    let mut header: Vec<String> =
        ["id", "indicator", "benefit_groups", "area", "numerator", "denominator", "ratio", "difference_points"]
            .map(str::to_owned)
            .to_vec();
    header.extend(["benefits_added", "benefits_left_out"].map(str::to_owned));
    header.extend(pairs().map(|(base, here)| format!("{}_to_{}", base.as_str(), here.as_str())));
    let mut table = Table::new(&header);
    for one in &found.figures {
        let json = figure_json(app, one);
        let part = &json["share"];
        let difference = &json["difference"];
        let mut row = vec![
            json["id"].clone(),
            json["indicator"].clone(),
            json["benefit_groups"].clone(),
            json["area"].clone(),
            part["numerator"].clone(),
            part["denominator"].clone(),
            part["ratio"].clone(),
            difference["points"].clone(),
            difference["benefits_added"].clone(),
            difference["benefits_left_out"].clone(),
        ];
        let flow = one.difference.as_ref().and_then(|difference| difference.people.as_ref());
        row.extend(pairs().map(|(base, here)| json!(flow.map(|flow| flow.people(base, here)))));
        table.push(row);
    }
    table
}

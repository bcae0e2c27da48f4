//! The assessment of a cycle over HTTP: a page to be printed, or the same as JSON, CSV, XLSX or NDJSON.

use crate::app::assessment::{AssessmentQuery, SMOOTHING_MAX, page, rows};
use crate::app::table::Format;
use crate::app::tongue::Tongue;
use crate::app::words::{self, Words};
use crate::domain::period::Month;
use crate::domain::place::UnitBasis;
use crate::http::context::{Caller, SharedApp};
use crate::http::figures::{as_of, scope};
use crate::http::format;
use crate::http::payments::date;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table::{self, Form};
use actix_web::http::header::ACCEPT;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

const LANGUAGE: Words = Words { en: "vi or en", vi: "vi hoặc en" };
const FORM: Words =
    Words { en: "html, json, csv, xlsx, ndjson or parquet", vi: "html, json, csv, xlsx, ndjson hoặc parquet" };

const SMOOTHING: Words = Words { en: "people, 1 to 100000", vi: "số người, từ 1 đến 100000" };

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Page,
    Data(Form),
}

fn shape(request: &HttpRequest, query: &mut Query) -> Result<Shape, Problem> {
    let asked = query.optional("format", &FORM, |text| match text {
        "html" => Some(Shape::Page),
        "json" => Some(Shape::Data(Form::Json)),
        "csv" => Some(Shape::Data(Form::File(Format::Csv))),
        "xlsx" => Some(Shape::Data(Form::File(Format::Xlsx))),
        "ndjson" => Some(Shape::Data(Form::File(Format::Ndjson))),
        "parquet" => Some(Shape::Data(Form::Parquet)),
        _ => None,
    });
    if let Some(shape) = asked {
        return Ok(shape);
    }
    // Browsers name HTML first.
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.trim_start().starts_with("text/html") {
        return Ok(Shape::Page);
    }
    table::form(request, query).map(Shape::Data)
}

/// `GET /v1/assessment`
pub async fn assessment(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let shape = shape(&request, &mut query)?;
    let cycle = query.required("cycle", &words::MONTH, |text| Month::parse(text).ok());
    let unit = scope(&app, &mut query)?;
    let level = query.optional("level", &words::TEXT, |text| Some(text.to_owned()));
    let tongue = query.optional("lang", &LANGUAGE, Tongue::parse);
    let as_of = as_of(&app, &mut query).await?;
    let since = query.optional("since", &words::DATE, date).map(crate::app::figures::AsOf::Day);
    let smoothing = query.optional("smoothing", &SMOOTHING, |text| {
        text.parse().ok().filter(|people| (1..=SMOOTHING_MAX).contains(people))
    });
    let min_position = query.number("min_position");
    query.finish()?;
    let Some(cycle) = cycle else { return Err(Problem::App(crate::app::error::AppError::Invalid(Vec::new()))) };
    let asked = AssessmentQuery {
        cycle,
        unit,
        level,
        benefit_groups: Vec::new(),
        basis: UnitBasis::AsPaid,
        as_of,
        since,
        min_position,
        smoothing,
    };
    let found = app.assess(&caller.0, &asked).await?;
    let stamp = json!({"as_of_position": found.position, "as_of_time": format::instant(found.time_us)});
    match shape {
        Shape::Page => {
            let tongue = tongue.unwrap_or_else(|| Tongue::of(&app.profile));
            let body = page::page(&found, &app.profile, tongue);
            Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(body))
        }
        Shape::Data(Form::Json) => Ok(HttpResponse::Ok().json(rows::document(&found, &app.profile))),
        Shape::Data(form) => table::respond(&rows::table(&found, &app.profile), form, "assessment", &stamp),
    }
}

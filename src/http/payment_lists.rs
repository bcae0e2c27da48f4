//! Payment lists over HTTP: prepare, each step with its dry run, read, print.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::execute::Written;
use crate::app::lists::read::ListFilter;
use crate::app::lists::{Course, Step, Stepped};
use crate::app::queries::Page;
use crate::app::words::{self, Words};
use crate::domain::ids::{AgentCode, ChannelCode, ListId};
use crate::domain::list::{PaymentList, Stage};
use crate::domain::period::Month;
use crate::http::body::Body;
use crate::http::context::{Caller, SharedApp, path_id, write_request, written_answer};
use crate::http::figures::scope;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::{cursor, format, list_answers, list_inputs};
use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use serde_json::{Value, json};

const CURSOR: Words = Words { en: "a cursor that an earlier page gave", vi: "con trỏ do trang trước trả về" };
pub(super) const STAGE: Words = Words {
    en: "preparing, prepared, approved, submitted, acknowledged, reconciled, closed or withdrawn",
    vi: "preparing, prepared, approved, submitted, acknowledged, reconciled, closed hoặc withdrawn",
};
const PLAN: Words =
    Words { en: "the plan of a dry run, unchanged", vi: "mã kế hoạch do lần chạy thử trả về" };

/// `dry_run` and `plan`: at most one of them.
fn course(app: &App, caller: &Caller, request: &HttpRequest) -> Result<Course, Problem> {
    let mut query = Query::of(request)?;
    let dry_run = query.optional("dry_run", &words::BOOLEAN, |text| text.parse::<bool>().ok()).unwrap_or(false);
    let plan = query.optional("plan", &PLAN, |text| Some(text.to_owned()));
    if dry_run && plan.is_some() {
        query.report("plan", &PLAN);
    }
    query.finish()?;
    match plan {
        _ if dry_run => Ok(Course::Plan),
        Some(text) => Ok(Course::GoAsPlanned(app.read_plan_token(&caller.0, &text)?)),
        None => Ok(Course::Go),
    }
}

fn answer(app: &App, stepped: &Stepped<Written<PaymentList>>, more: Option<Value>, created: bool) -> HttpResponse {
    let currency = app.profile.currency;
    let mut members = match stepped {
        Stepped::Planned(plan) => list_answers::plan(plan),
        Stepped::Done(written) => {
            written.state.opened.as_ref().map_or_else(|| json!({}), |list| list_answers::opened(currency, list))
        }
    };
    if let Some(found) = more {
        members["check"] = found;
    }
    match stepped {
        Stepped::Planned(_) => HttpResponse::Ok().json(members),
        Stepped::Done(written) => {
            let location = written.state.opened.as_ref().map(|list| format!("/v1/lists/{}", list.list_id));
            written_answer(written, created, location, members)
        }
    }
}

/// `POST /v1/lists`
pub async fn prepare(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let write = write_request(&app, &caller, &request, &bytes)?;
    let course = course(&app, &caller, &request)?;
    let mut body = Body::parse(&bytes)?;
    let input = list_inputs::prepare(&app, &mut body);
    body.finish()?;
    let input = input.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    let stepped = app.prepare_list(&write, &input, &course).await?;
    Ok(answer(&app, &stepped, None, true))
}

fn list_id(request: &HttpRequest) -> Result<ListId, Problem> {
    path_id(request, "list", |text| ListId::parse(text).ok())
}

async fn step(
    (app, caller): (SharedApp, Caller),
    request: HttpRequest,
    bytes: Bytes,
    read: fn(&App, &mut Body) -> Option<Step>,
) -> Result<HttpResponse, Problem> {
    let id = list_id(&request)?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let course = course(&app, &caller, &request)?;
    let mut body = Body::parse(if bytes.is_empty() { b"{}" } else { &bytes })?;
    let step = read(&app, &mut body);
    body.finish()?;
    let step = step.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    let (stepped, report) = app.list_step(&write, id, &step, &course).await?;
    Ok(answer(&app, &stepped, report.as_ref().map(list_answers::findings), false))
}

macro_rules! step {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub async fn $name(app: SharedApp, caller: Caller, request: HttpRequest, bytes: Bytes) -> Result<HttpResponse, Problem> {
            step((app, caller), request, bytes, list_inputs::$name).await
        }
    };
}

step!(
    /// `POST /v1/lists/{id}/check`
    check
);
step!(
    /// `POST /v1/lists/{id}/approve`
    approve
);
step!(
    /// `POST /v1/lists/{id}/submit`
    submit
);
step!(
    /// `POST /v1/lists/{id}/acknowledge`
    acknowledge
);
step!(
    /// `POST /v1/lists/{id}/reconcile`
    reconcile
);
step!(
    /// `POST /v1/lists/{id}/close`
    close
);
step!(
    /// `POST /v1/lists/{id}/remove`
    remove
);
step!(
    /// `POST /v1/lists/{id}/withdraw`
    withdraw
);

/// `GET /v1/lists`
pub async fn list(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let unit = scope(&app, &mut query)?;
    let filter = ListFilter {
        cycle: query.optional("cycle", &words::MONTH, |text| Month::parse(text).ok()),
        stage: query.optional("status", &STAGE, Stage::parse),
        channel: query.optional("channel", &words::CHANNEL, |text| ChannelCode::parse(text).ok()),
        agent: query.optional("agent", &words::AGENT, |text| AgentCode::parse(text).ok()),
    };
    let limit = query.limit(100);
    let after = query.optional("cursor", &CURSOR, cursor::position).unwrap_or(0);
    let min_position = query.number("min_position");
    query.finish()?;
    let found = app.list_lists(&caller.0, (unit.as_ref(), &filter), Page { after, limit }, min_position).await?;
    let currency = app.profile.currency;
    Ok(HttpResponse::Ok().json(json!({
        "lists": found.answer.lists.iter().map(|row| list_answers::row(currency, row)).collect::<Vec<_>>(),
        "next_cursor": found.answer.next_after.map(cursor::of),
        "as_of_position": found.as_of_position,
        "as_of_time": format::instant(found.as_of_time_us),
    })))
}

/// `GET /v1/lists/{id}`
pub async fn read(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let id = list_id(&request)?;
    let mut query = Query::of(&request)?;
    let limit = query.limit(100);
    let after = query.optional("cursor", &CURSOR, cursor::position).unwrap_or(0);
    let min_position = query.number("min_position");
    query.finish()?;
    let found = app.read_list(&caller.0, id, Page { after, limit }, min_position).await?;
    let (view, currency) = (&found.answer, app.profile.currency);
    let mut answer = list_answers::row(currency, &view.list);
    answer["funnel"] = json!(list_answers::funnel(currency, &view.funnel));
    answer["page"] = view.items.iter().map(|item| list_answers::item(currency, item)).collect();
    answer["left_out_page"] = view.left_out.iter().map(|row| list_answers::left_out(currency, row)).collect();
    answer["next_cursor"] = json!(view.next_after.map(cursor::of));
    answer["as_of_position"] = json!(found.as_of_position);
    answer["as_of_time"] = json!(format::instant(found.as_of_time_us));
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", view.list.revision))).json(answer))
}

//! Payment lists through pages: all, one with its steps, and each step as a plan first.

use super::desk::may_do;
use super::form::Form;
use super::gate::encoded;
use super::html;
use super::visitor::Visitor;
use crate::app::App;
use crate::app::access::{Action, Reach};
use crate::app::error::AppError;
use crate::app::execute::{RequestKey, WriteRequest};
use crate::app::lists::check::CheckReport;
use crate::app::lists::read::{ListFilter, ListView};
use crate::app::lists::{Course, Plan, Step, Stepped};
use crate::app::queries::Page;
use crate::app::words;
use crate::domain::envelope::Source;
use crate::domain::ids::ListId;
use crate::domain::list::Stage;
use crate::domain::payment::AttemptState;
use crate::domain::period::Month;
use crate::http::body::Body;
use crate::http::context::{SharedApp, path_id};
use crate::http::payment_lists::STAGE;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::{cursor, list_inputs, lists};
use crate::pages::deeds::{self, Deed, DeedForm, Options};
use crate::pages::lists::{ListPage, ListsPage, PlanPage, may_shorten, possible};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

/// Lines of one page.
const PAGE: u32 = 50;
/// Where steps are planned.
pub const PLAN: &str = "/lists/plan";

/// What a flash message says is no question.
fn without_told(query: &mut Query) {
    for told in ["recorded", "waits"] {
        query.optional(told, &lists::CURSOR, |text| Some(text.to_owned()));
    }
}

/// `GET /lists`
pub async fn list(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let principal = visitor.principal()?;
    let mut query = Query::of(&request)?;
    let given = query.given();
    let of = |name: &str| given.get(name).cloned().unwrap_or_default();
    let filter = ListFilter {
        cycle: query.optional("cycle", &words::MONTH, |text| Month::parse(text).ok()),
        stage: query.optional("status", &STAGE, Stage::parse),
        ..ListFilter::default()
    };
    let after = query.optional("cursor", &lists::CURSOR, cursor::position).unwrap_or(0);
    let min_position = query.number("min_position");
    without_told(&mut query);
    query.finish()?;
    let found = app.list_lists(principal, (None, &filter), Page { after, limit: PAGE }, min_position).await?;
    let asked = [("cycle", of("cycle")), ("status", of("status"))];
    let asked = asked.iter().filter(|(_, text)| !text.is_empty());
    let asked: Vec<String> = asked.map(|(name, text)| format!("{name}={}", encoded(text))).collect();
    let from = |after: u64| {
        let cursor = format!("cursor={}", cursor::of(after));
        format!("/lists?{}", [asked.as_slice(), &[cursor]].concat().join("&"))
    };
    let frame = visitor.frame(&app);
    let form_id = app.visitor_token();
    let today = app.profile.business_day(app.clock.now_us());
    let around = Options { page: &frame, profile: &app.profile, today, form_id: &form_id, back: "/lists", desks: &[] };
    let prepare = deeds::find("prepareList").filter(|deed| may_do(principal, deed.operation)).map(|deed| DeedForm {
        action: PLAN,
        known: vec![("open_payments", "true".to_owned()), ("cycle", Month::of(today).to_string())],
        ..DeedForm::new(around, deed, 0)
    });
    html(&ListsPage {
        page: &frame,
        profile: &app.profile,
        cycle: of("cycle"),
        status: of("status"),
        rows: &found.answer.lists,
        next: found.answer.next_after.map(from),
        prepare,
    })
}

/// `GET /lists/{id}`
pub async fn read(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let principal = visitor.principal()?;
    let id = path_id(&request, "list", |text| ListId::parse(text).ok())?;
    let mut query = Query::of(&request)?;
    let after = query.optional("cursor", &lists::CURSOR, cursor::position).unwrap_or(0);
    let min_position = query.number("min_position");
    without_told(&mut query);
    query.finish()?;
    let found = app.read_list(principal, id, Page { after, limit: PAGE }, min_position).await?;
    let view = &found.answer;
    let frame = visitor.frame(&app);
    let form_id = app.visitor_token();
    let back = format!("/lists/{id}");
    let today = app.profile.business_day(app.clock.now_us());
    let around = Options { page: &frame, profile: &app.profile, today, form_id: &form_id, back: &back, desks: &[] };
    let allowed = possible(&app.profile, &view.list).into_iter().filter(|step| may_do(principal, step));
    let one = |(number, step): (usize, &str)| {
        Some(DeedForm {
            action: PLAN,
            known: known(&app, view, step),
            is_first: number == 0,
            ..DeedForm::new(around, deeds::find(step)?, number)
        })
    };
    let shorten =
        deeds::find("shortenList").filter(|_| may_shorten(view.list.stage) && may_do(principal, "shortenList"));
    let removes = view.items.iter().enumerate().map(|(number, item)| {
        let deed = shorten.filter(|_| item.item.removed.is_none())?;
        Some(DeedForm {
            action: PLAN,
            known: vec![("path.id", id.to_string()), ("payments", item.item.payment_id.to_string())],
            ..DeedForm::new(around, deed, 100 + number)
        })
    });
    html(&ListPage {
        page: &frame,
        profile: &app.profile,
        view,
        removes: removes.collect(),
        steps: allowed.enumerate().filter_map(one).collect(),
        next: view.next_after.map(|after| format!("{back}?cursor={}", cursor::of(after))),
        may_reveal: principal.reach(Action::RevealPersonal) != Reach::Nothing,
    })
}

/// What the page knows of a step's fields: the money that must come back, the list that a new one follows on.
fn known(app: &App, view: &ListView, step: &str) -> Vec<(&'static str, String)> {
    let list = &view.list;
    let major = |minor: i64| app.profile.currency.format(minor);
    let id = list.list_id.to_string();
    match step {
        "prepareList" => {
            vec![("from_lists", id), ("cycle", list.cycle.plus(1).to_string()), ("channel", list.channel.to_string())]
        }
        "submitList" => vec![("path.id", id), ("advanced", major(list.sum_minor))],
        "reconcileList" => {
            let settled = view.funnel.iter().filter(|row| row.status == Some(AttemptState::Settled));
            let paid: i64 = settled.map(|row| row.tally.sum_minor).sum();
            let back = list.advanced_minor.unwrap_or(list.sum_minor).saturating_sub(paid);
            vec![("path.id", id), ("handed_back", major(back.max(0)))]
        }
        _ => vec![("path.id", id)],
    }
}

/// `POST /lists/plan`: what a step would do, with the form that does exactly that.
pub async fn plan(
    app: SharedApp,
    visitor: Visitor,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let principal = visitor.principal()?;
    let form = Form::of_session(&request, &visitor, &bytes)?;
    let deed = deeds::find(form.text("operation")).ok_or(Problem::NoSuchPath)?;
    if !may_do(principal, deed.operation) {
        return Err(Problem::App(AppError::Forbidden {
            code: "role-not-allowed",
            message: "your key's role does not allow this",
        }));
    }
    let body = Value::Object(deed.body(|name| form.text(name))).to_string();
    let write = WriteRequest {
        principal: principal.clone(),
        source: Source::Api,
        idempotency: RequestKey {
            caller: principal.key_id.clone(),
            idempotency_key: format!("page-plan-{}", app.visitor_token()),
            input_hash: app.vault.input_hash(&[PLAN.as_bytes(), body.as_bytes()]),
        },
        if_match: None,
        occurred_at: None,
    };
    let (planned, found) = planned(&app, &write, (deed, &form, body.as_bytes())).await?;
    let back = super::sign_in::own_path(form.text("back")).unwrap_or("/lists").to_owned();
    let fields = deed.fields.iter().map(|field| (field.name, form.text(field.name).to_owned()));
    let fields = fields.filter(|(name, text)| !text.is_empty() && *name != "query.plan");
    let mut fields: Vec<(&'static str, String)> = fields.collect();
    fields.push(("query.plan", planned.token.clone()));
    html(&PlanPage {
        page: &visitor.frame(&app),
        profile: &app.profile,
        plan: &planned,
        found: found.as_ref(),
        deed,
        fields,
        form_id: app.visitor_token(),
        done: format!("/lists/{}", planned.list_id),
        back,
    })
}

async fn planned(
    app: &App,
    write: &WriteRequest,
    (deed, form, body): (&Deed, &Form, &[u8]),
) -> Result<(Box<Plan>, Option<CheckReport>), Problem> {
    let nothing = || Problem::App(AppError::Invalid(Vec::new()));
    let mut body = Body::parse(body)?;
    if deed.operation == "prepareList" {
        let input = list_inputs::prepare(app, &mut body);
        body.finish()?;
        return match app.prepare_list(write, &input.ok_or_else(nothing)?, &Course::Plan).await? {
            Stepped::Planned(plan) => Ok((plan, None)),
            Stepped::Done(_) => Err(nothing()),
        };
    }
    let read: fn(&App, &mut Body) -> Option<Step> = match deed.operation {
        "checkList" => list_inputs::check,
        "approveList" => list_inputs::approve,
        "submitList" => list_inputs::submit,
        "acknowledgeList" => list_inputs::acknowledge,
        "reconcileList" => list_inputs::reconcile,
        "closeList" => list_inputs::close,
        "shortenList" => list_inputs::remove,
        "withdrawList" => list_inputs::withdraw,
        _ => return Err(Problem::NoSuchPath),
    };
    let id = ListId::parse(form.text("path.id")).map_err(|_| Problem::App(AppError::NotFound("list")))?;
    let step = read(app, &mut body);
    body.finish()?;
    let (stepped, found) = app.list_step(write, id, &step.ok_or_else(nothing)?, &Course::Plan).await?;
    match stepped {
        Stepped::Planned(plan) => Ok((plan, found)),
        Stepped::Done(_) => Err(nothing()),
    }
}

//! The integrators' pages: keys and the first callback, the inbox, endpoints and what they were sent. Each shows what its reader's role reaches.

use super::desk::may_do;
use super::visitor::Visitor;
use super::{cookie, html};
use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::error::AppError;
use crate::app::queries::{Page, PaymentFilter};
use crate::app::webhooks::DeliveryState;
use crate::app::webhooks::deliveries::WebhookView;
use crate::app::words::{self, Words};
use crate::domain::bank::Bank;
use crate::domain::ids::{BankId, WebhookId};
use crate::domain::payment::AttemptState;
use crate::domain::webhook::WebhookStatus;
use crate::http::banks::inbox_id;
use crate::http::context::{SharedApp, path_id};
use crate::http::cursor;
use crate::http::lists::CURSOR;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::pages::deeds::{self, DeedForm, Options};
use crate::pages::integration::{BankPart, DeliveryLine, EndpointPage, IntegrationPage, MessagePage, Recipe};
use actix_web::http::header::HOST;
use actix_web::{HttpRequest, HttpResponse};

/// Lines of one page.
const PAGE: u32 = 30;

const STATES: Words =
    Words { en: "one of pending, delivered, given_up", vi: "một trong: pending, delivered, given_up" };

/// What a form left in the address is for the frame alone.
fn told(query: &mut Query) -> Option<u64> {
    for name in ["recorded", "waits"] {
        query.optional(name, &CURSOR, |text| Some(text.to_owned()));
    }
    query.number("min_position")
}

/// `GET /integration`
pub async fn overview(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let principal = visitor.principal()?;
    let mut query = Query::of(&request)?;
    let banks = app.banks_in_sight(principal).await?;
    let known = |text: &str| banks.iter().position(|(id, _)| id.as_str() == text);
    let chosen = query.optional("bank", &words::BANK, known).unwrap_or(0);
    let before = query.optional("cursor", &CURSOR, cursor::position);
    let min_position = told(&mut query);
    query.finish()?;
    let sees_messages = match principal.reach(Action::ReadInbox) {
        Reach::NoUnit | Reach::Nothing => false,
        Reach::Units => principal.unit.is_none(),
        Reach::Bank | Reach::WholeLog | Reach::Everything => true,
    };
    let messages = if sees_messages {
        Some(app.newest_messages(principal, (before, PAGE), min_position).await?.answer)
    } else {
        None
    };
    let mut webhooks = Vec::new();
    for own in app.list_webhooks(principal).await?.iter().filter_map(|state| state.registered.as_ref()) {
        webhooks.push(app.webhook_view(principal, own.webhook_id).await?);
    }
    let frame = visitor.frame(&app);
    let form_id = app.visitor_token();
    let back = banks.get(chosen).map_or_else(|| "/integration".to_owned(), |(id, _)| format!("/integration?bank={id}"));
    let around = around(&app, &frame, (&form_id, &back));
    let bank = match banks.get(chosen) {
        Some((id, state)) => {
            let recipe = recipe(&app, principal, (&request, id, state)).await?;
            Some(bank_part(principal, around, (id, state, recipe)))
        }
        None => None,
    };
    let registers = deeds::find("registerBank").filter(|_| may_do(principal, "registerBank"));
    html(&IntegrationPage {
        page: &frame,
        profile: &app.profile,
        now: app.clock.now(),
        banks: &banks,
        bank,
        registers: registers.map(|deed| DeedForm::new(around, deed, 90)),
        next: messages
            .as_ref()
            .and_then(|found| found.next_after)
            .map(|before| format!("/integration?cursor={}", cursor::of(before))),
        messages: messages.as_ref().map(|found| found.rows.as_slice()),
        webhooks,
    })
}

fn around<'a>(app: &'a App, page: &'a crate::pages::Frame, (form_id, back): (&'a str, &'a str)) -> Options<'a> {
    let today = app.profile.business_day(app.clock.now_us());
    Options { page, profile: &app.profile, today, form_id, back, desks: &[] }
}

fn bank_part<'a>(
    principal: &Principal,
    around: Options<'a>,
    (id, state, recipe): (&'a BankId, &'a Bank, Recipe),
) -> BankPart<'a> {
    let form = |operation: &str, number: usize, key: Option<&str>| {
        let deed = deeds::find(operation).filter(|_| may_do(principal, operation))?;
        let mut known = vec![("path.bank", id.to_string())];
        known.extend(key.map(|key| ("key_id", key.to_owned())));
        Some(DeedForm { known, ..DeedForm::new(around, deed, number) })
    };
    let disables = state.keys.iter().enumerate().map(|(place, key)| {
        form("disableBankKey", 100 + place, Some(key.key.key_id.as_str())).filter(|_| !key.disabled)
    });
    BankPart { id, state, disables: disables.collect(), adds: form("addBankKey", 91, None), recipe }
}

/// The first callback's values: the newest key in force, and an open payment where the reader may know one.
async fn recipe(
    app: &App,
    principal: &Principal,
    (request, id, state): (&HttpRequest, &BankId, &Bank),
) -> Result<Recipe, AppError> {
    let now = app.clock.now();
    let key = state.keys.iter().rev().find(|key| key.is_in_force(now)).map(|key| &key.key);
    let open = if principal.reach(Action::ReadPayment) == Reach::Bank {
        let states = vec![AttemptState::Instructed, AttemptState::Accepted];
        let filter = PaymentFilter { states, held: Some(false), ..PaymentFilter::default() };
        let found = app.list_payments(principal, (None, filter), Page { after: 0, limit: 1 }, None).await?;
        found.answer.payments.first().map(|row| row.end_to_end_id.to_string())
    } else {
        None
    };
    Ok(Recipe {
        server: server(request),
        bank: id.to_string(),
        key_id: key.map_or_else(|| format!("{id}-1"), |key| key.key_id.clone()),
        algorithm: key.map_or("EdDSA", |key| key.algorithm.as_str()).to_owned(),
        end_to_end_id: open,
        is_sandbox: app.is_sandbox,
    })
}

/// Scheme and host as the reader's browser has them; nothing that a shell would read as more than a word.
pub(super) fn server(request: &HttpRequest) -> String {
    let host = request.headers().get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:-[]".contains(&byte));
    let host = if is_plain && !host.is_empty() { host } else { "localhost" };
    let scheme = if cookie::is_local(request.headers()) { "http" } else { "https" };
    format!("{scheme}://{host}")
}

/// `GET /integration/messages/{id}`
pub async fn message(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let principal = visitor.principal()?;
    let view = app.read_inbox(principal, inbox_id(&request)?).await?;
    html(&MessagePage {
        page: &visitor.frame(&app),
        profile: &app.profile,
        view: &view,
        links_payments: principal.reach(Action::ReadPayment) != Reach::Nothing,
    })
}

/// `GET /integration/webhooks/{id}`
pub async fn endpoint(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let principal = visitor.principal()?;
    let id = path_id(&request, "webhook", |text| WebhookId::parse(text).ok())?;
    let mut query = Query::of(&request)?;
    let state = query.optional("status", &STATES, DeliveryState::parse);
    let before = query.optional("cursor", &CURSOR, cursor::position);
    told(&mut query);
    query.finish()?;
    let view = app.webhook_view(principal, id).await?;
    let found = app.webhook_deliveries(principal, id, (before, state, PAGE)).await?;
    let frame = visitor.frame(&app);
    let form_id = app.visitor_token();
    let status = state.map_or("", DeliveryState::as_str);
    let here = format!("/integration/webhooks/{id}?status={status}");
    let around = around(&app, &frame, (&form_id, &here));
    let is_active = view.own.status == WebhookStatus::Active;
    let resend = deeds::find("resendDelivery").filter(|_| is_active && may_do(principal, "resendDelivery"));
    let lines = found.iter().enumerate().map(|(place, stored)| DeliveryLine {
        stored,
        resend: resend.map(|deed| DeedForm {
            known: vec![("path.id", id.to_string()), ("position", stored.position.to_string())],
            ..DeedForm::new(around, deed, 10 + place)
        }),
    });
    let next = found.last().filter(|_| found.len() == PAGE as usize);
    html(&EndpointPage {
        page: &frame,
        profile: &app.profile,
        view: &view,
        status: status.to_owned(),
        deeds: endpoint_deeds(principal, around, &view),
        deliveries: lines.collect(),
        next: next.map(|last| format!("{here}&cursor={}", cursor::of(last.position))),
    })
}

/// What may be done to an endpoint as it stands.
fn endpoint_deeds<'a>(principal: &Principal, around: Options<'a>, view: &WebhookView) -> Vec<DeedForm<'a>> {
    let names: &[&str] = match view.own.status {
        WebhookStatus::Active => &["pingWebhook", "replayWebhook", "disableWebhook", "removeWebhook"],
        WebhookStatus::Disabled(_) => &["enableWebhook", "replayWebhook", "removeWebhook"],
        WebhookStatus::Removed => &[],
    };
    let allowed = names.iter().filter(|name| may_do(principal, name)).enumerate();
    let one = |(place, name): (usize, &&str)| {
        let around = if *name == "removeWebhook" { Options { back: "/integration", ..around } } else { around };
        Some(DeedForm {
            known: vec![("path.id", view.own.webhook_id.to_string())],
            is_first: place == 0,
            ..DeedForm::new(around, deeds::find(name)?, place)
        })
    };
    allowed.filter_map(one).collect()
}

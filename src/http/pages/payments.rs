//! Payments as pages: the list, the search for a person by a number, one payment, and personal data revealed for a purpose.

use super::desk::may_do;
use super::form::Form;
use super::gate::encoded;
use super::visitor::Visitor;
use super::{html, see};
use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::error::AppError;
use crate::app::execute::{RequestKey, WriteRequest};
use crate::app::inputs::PersonName;
use crate::app::payments::PaymentView;
use crate::app::personal::{RevealInput, SeenPerson};
use crate::app::queries::{Page, PaymentFilter};
use crate::app::words;
use crate::app::worklist::{WorkItem, next_step};
use crate::domain::disclosure::{DataKind, Purpose};
use crate::domain::envelope::Source;
use crate::domain::ids::PaymentId;
use crate::http::context::{SharedApp, path_id};
use crate::http::cursor;
use crate::http::lists;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::pages::deeds::{DeedForm, Options};
use crate::pages::payments::{PaymentPage, PaymentsPage, Wanted, possible};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// Lines of one page.
const PAGE: u32 = 50;

/// `GET /payments`
pub async fn list(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    show(&app, &visitor, (&request, false)).await
}

async fn show(
    app: &SharedApp,
    visitor: &Visitor,
    (request, nobody): (&HttpRequest, bool),
) -> Result<HttpResponse, Problem> {
    let principal = visitor.principal()?;
    let mut query = if nobody { Query::of_values(std::collections::BTreeMap::new()) } else { Query::of(request)? };
    let given = query.given();
    let of = |name: &str| given.get(name).cloned().unwrap_or_default();
    let (unit, filter, end_to_end_id) = lists::filter(app, &mut query)?;
    let after = query.optional("cursor", &lists::CURSOR, cursor::position).unwrap_or(0);
    let min_position = query.number("min_position");
    query.finish()?;
    let wanted = Wanted {
        cycle: of("cycle"),
        unit: unit.as_ref().map_or_else(String::new, ToString::to_string),
        status: of("status"),
        payment_reference: of("payment_reference"),
        end_to_end_id: of("end_to_end_id"),
        beneficiary_id: of("beneficiary_id"),
        list: of("list"),
    };
    let found = match end_to_end_id {
        Some(id) => app.payment_by_end_to_end_id(principal, &id, min_position).await?,
        None => app.list_payments(principal, (unit, filter), Page { after, limit: PAGE }, min_position).await?,
    };
    let kept: Vec<String> = given
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "cursor" | "min_position"))
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    let sign = if kept.is_empty() { "" } else { "&" };
    let kept = kept.join("&");
    let next = found.answer.next_after.map(|after| format!("/payments?{kept}{sign}cursor={}", cursor::of(after)));
    let mut answer = html(&PaymentsPage {
        page: &visitor.frame(app),
        profile: &app.profile,
        wanted,
        rows: &found.answer.payments,
        next,
        file: format!("/download/payments?{kept}{sign}"),
        may_search: principal.reach(Action::ReadBeneficiary) != Reach::Nothing,
        nobody,
    })?;
    if nobody {
        *answer.status_mut() = StatusCode::NOT_FOUND;
    }
    Ok(answer)
}

/// `POST /payments/find`: the number stands in no address, and in no log.
pub async fn find(
    app: SharedApp,
    visitor: Visitor,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let form = Form::of_session(&request, &visitor, &bytes)?;
    let scheme = app.profile.identifier(form.text("scheme")).map(|spec| spec.code.clone());
    let Some(scheme) = scheme else { return show(&app, &visitor, (&request, true)).await };
    let person = PersonName::Identifier { scheme, value: form.text("number").to_owned() };
    match app.search_person(visitor.principal()?, &person).await {
        Ok(found) => Ok(see(&format!("/payments?beneficiary_id={}", found.person.beneficiary_id))),
        Err(AppError::NotFound(_) | AppError::Invalid(_)) => show(&app, &visitor, (&request, true)).await,
        Err(error) => Err(error.into()),
    }
}

fn payment_id(request: &HttpRequest) -> Result<PaymentId, Problem> {
    path_id(request, "payment", |text| PaymentId::parse(text).ok())
}

/// `GET /payments/{id}`
pub async fn read(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let principal = visitor.principal()?;
    let view = app.read_payment(principal, payment_id(&request)?).await?;
    let person = if principal.reach(Action::ReadPersonal) == Reach::Nothing {
        None
    } else {
        Some(app.personal(principal, view.payment.beneficiary_id).await?)
    };
    page(&app, &visitor, (&view, person.as_ref(), false)).await
}

async fn page(
    app: &App,
    visitor: &Visitor,
    (view, person, is_revealed): (&PaymentView, Option<&SeenPerson>, bool),
) -> Result<HttpResponse, Problem> {
    let principal = visitor.principal()?;
    let frame = visitor.frame(app);
    let next = next(app, principal, view).await?;
    let form_id = app.visitor_token();
    let desks = if pays_at_desks(app, principal, view) {
        app.list_desks(principal, None, Page { after: 0, limit: 100 }, None).await?.answer
    } else {
        Vec::new()
    };
    let back = format!("/payments/{}", view.payment.payment_id);
    let around = Options {
        page: &frame,
        profile: &app.profile,
        today: app.profile.business_day(app.clock.now_us()),
        form_id: &form_id,
        back: &back,
        desks: &desks,
    };
    html(&PaymentPage {
        page: &frame,
        profile: &app.profile,
        view,
        deeds: deeds(principal, view, (around, next.as_ref())),
        adds_number: crate::pages::deeds::find("addIdentifier").filter(|deed| may_do(principal, deed.operation)).map(
            |deed| DeedForm {
                known: vec![("path.id", view.payment.beneficiary_id.to_string())],
                ..DeedForm::new(around, deed, 80)
            },
        ),
        next,
        person,
        is_revealed,
        may_reveal: principal.reach(Action::RevealPersonal) != Reach::Nothing,
        form_id: form_id.clone(),
    })
}

/// Whether the payment may be paid at a desk by whoever looks.
fn pays_at_desks(app: &App, principal: &Principal, view: &PaymentView) -> bool {
    let channel = app.profile.channel(view.payment.standing().channel.as_str());
    channel.is_some_and(|spec| spec.requires_presence) && principal.reach(Action::WorkDesk) != Reach::Nothing
}

/// The forms of what the payment's state and the reader's role allow; what the playbook names goes first and stands open.
fn deeds<'a>(
    principal: &Principal,
    view: &PaymentView,
    (around, next): (Options<'a>, Option<&WorkItem>),
) -> Vec<DeedForm<'a>> {
    let plays = next.and_then(|item| around.profile.playbook.get(item.play)).map_or(&[][..], |play| &play.operations);
    let allowed = possible(&view.payment).iter().copied().filter(|id| may_do(principal, id));
    let mut allowed: Vec<&str> = allowed.filter(|id| *id != "payAtDesk" || !around.desks.is_empty()).collect();
    let first = allowed.iter().position(|id| plays.first().is_some_and(|play| play == id));
    if let Some(place) = first {
        allowed[..=place].rotate_right(1);
    }
    let one = |(number, id): (usize, &str)| {
        Some(DeedForm {
            known: vec![
                ("path.id", if id == "payAtDesk" { String::new() } else { view.payment.payment_id.to_string() }),
                ("payment_id", view.payment.payment_id.to_string()),
            ],
            revision: (id != "payAtDesk").then_some(view.revision),
            is_first: number == 0 && first.is_some(),
            ..DeedForm::new(around, crate::pages::deeds::find(id)?, number)
        })
    };
    allowed.into_iter().enumerate().filter_map(one).collect()
}

/// What must be done next, by the list of payments as it stands with the payment's last event.
async fn next(app: &App, principal: &Principal, view: &PaymentView) -> Result<Option<WorkItem>, Problem> {
    let reference = Some(view.payment.reference.clone());
    let filter = PaymentFilter { reference, ..PaymentFilter::default() };
    let page = Page { after: 0, limit: 1 };
    let found = app.list_payments(principal, (None, filter), page, Some(view.position)).await?;
    Ok(found.answer.payments.first().and_then(|row| next_step(&app.profile, row)))
}

/// `POST /payments/{id}/reveal`
pub async fn reveal(
    app: SharedApp,
    visitor: Visitor,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let form = Form::of_session(&request, &visitor, &bytes)?;
    let principal = visitor.principal()?;
    let view = app.read_payment(principal, payment_id(&request)?).await?;
    let purpose = Purpose::parse(form.text("purpose"));
    let note = Some(form.text("note").to_owned()).filter(|note| !note.is_empty());
    let mut missing = Query::of_values(std::collections::BTreeMap::new());
    if purpose.is_none() {
        missing.report("purpose", &words::PURPOSE);
    }
    if purpose == Some(Purpose::Other) && note.is_none() {
        missing.report("note", &words::TEXT);
    }
    if note.as_deref().is_some_and(|note| note.chars().count() > 500) {
        missing.report("note", &words::TEXT);
    }
    missing.finish()?;
    let Some(purpose) = purpose else { return Err(Problem::App(AppError::Invalid(Vec::new()))) };
    let input = RevealInput { kinds: DataKind::REVEALED.to_vec(), purpose, note };
    let write = WriteRequest {
        principal: principal.clone(),
        source: Source::Api,
        idempotency: RequestKey {
            caller: principal.key_id.clone(),
            idempotency_key: format!("page-{}", form.text("form_id")),
            input_hash: app.vault.input_hash(&[
                request.path().as_bytes(),
                form.text("purpose").as_bytes(),
                form.text("note").as_bytes(),
            ]),
        },
        if_match: None,
        occurred_at: None,
    };
    let (_, person) = app.reveal(&write, view.payment.beneficiary_id, &input).await?;
    page(&app, &visitor, (&view, Some(&person), true)).await
}

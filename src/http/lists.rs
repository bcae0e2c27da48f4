//! The list of payments over HTTP: filters, pages, and the same as a file.

use crate::app::App;
use crate::app::queries::{Answer, Page, PaymentFilter, PaymentRow};
use crate::app::table::Table;
use crate::app::words::{self, Words};
use crate::domain::ids::{BeneficiaryId, BenefitType, ChannelCode, EndToEndId, ListId, PaymentReference, UnitKey};
use crate::domain::payment::{AttemptState, PaymentKind};
use crate::domain::period::Month;
use crate::http::context::{Caller, SharedApp};
use crate::http::cursor;
use crate::http::figures::{bank, code, scope};
use crate::http::format;
use crate::http::payments::date;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table;
use actix_web::http::header::LINK;
use actix_web::{HttpRequest, HttpResponse};
use jiff::civil::Date;
use serde_json::{Value, json};

const STATUS: Words = Words {
    en: "instructed, accepted, settled, rejected, failed, returned or cancelled",
    vi: "instructed, accepted, settled, rejected, failed, returned hoặc cancelled",
};
pub(super) const CURSOR: Words =
    Words { en: "a cursor that an earlier page gave", vi: "con trỏ do trang trước trả về" };

/// `GET /v1/payments`
pub async fn payments(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let (unit, filter, end_to_end_id) = filter(&app, &mut query)?;
    let limit = query.limit(100);
    let after = query.optional("cursor", &CURSOR, cursor::position).unwrap_or(0);
    let min_position = query.number("min_position");
    query.finish()?;
    let found = match end_to_end_id {
        Some(id) => app.payment_by_end_to_end_id(&caller.0, &id, min_position).await?,
        None => app.list_payments(&caller.0, (unit, filter), Page { after, limit }, min_position).await?,
    };
    let mut table = Table::new(&PAYMENT_HEADER);
    for row in &found.answer.payments {
        table.push(payment_cells(&app, row));
    }
    with_next(&request, (&table, form, "payments"), (found.answer.next_after, &found))
}

/// What of a list is asked for: a unit with all below it, the filters, and a payment by the id that banks know it by.
pub(super) fn filter(
    app: &App,
    query: &mut Query,
) -> Result<(Option<UnitKey>, PaymentFilter, Option<EndToEndId>), Problem> {
    let unit = scope(app, query)?;
    let p = &app.profile;
    let filter = PaymentFilter {
        units: None,
        benefit_types: code(
            query,
            "benefit_type",
            &words::BENEFIT_TYPE,
            |t| BenefitType::parse(t).ok(),
            |c| p.benefit_type(c).is_some(),
        )
        .into_iter()
        .collect(),
        states: query
            .optional("status", &STATUS, |text| AttemptState::ALL.into_iter().find(|state| state.as_str() == text))
            .into_iter()
            .collect(),
        channels: code(query, "channel", &words::CHANNEL, |t| ChannelCode::parse(t).ok(), |c| p.channel(c).is_some())
            .into_iter()
            .collect(),
        banks: bank(app, query).into_iter().collect(),
        cycle: query.optional("cycle", &words::MONTH, |text| Month::parse(text).ok()),
        reference: query.optional("payment_reference", &words::REFERENCE, |text| PaymentReference::parse(text).ok()),
        due_before: query.optional("due_before", &words::DATE, date),
        beneficiary: query.optional("beneficiary_id", &words::UUID, |text| BeneficiaryId::parse(text).ok()),
        held: query.optional("held", &words::BOOLEAN, |text| match text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }),
        in_trouble: false,
        kinds: query.optional("kind", &words::PAYMENT_KIND, PaymentKind::parse).into_iter().collect(),
        list: query.optional("list", &words::UUID, |text| ListId::parse(text).ok()),
        troubled: false,
    };
    let end_to_end_id = query.optional("end_to_end_id", &words::UUID, |text| EndToEndId::parse(text).ok());
    Ok((unit, filter, end_to_end_id))
}

/// A page of a list, with where the next one begins.
pub fn with_next<T>(
    request: &HttpRequest,
    (table, form, name): (&Table, table::Form, &str),
    (next_after, found): (Option<u64>, &Answer<T>),
) -> Result<HttpResponse, Problem> {
    let next = next_after.map(cursor::of);
    let members = json!({"next_cursor": next, "as_of_position": found.as_of_position, "as_of_time": format::instant(found.as_of_time_us)});
    let response = table::respond(table, form, name, &members)?;
    Ok(with_link(request, response, next.as_deref()))
}

/// The answer with the link to the next page, if there is one.
pub(super) fn with_link(request: &HttpRequest, mut response: HttpResponse, cursor: Option<&str>) -> HttpResponse {
    if let Some(cursor) = cursor {
        let link = next_link(request.path(), request.query_string(), cursor);
        if let Ok(value) = actix_web::http::header::HeaderValue::from_str(&link) {
            response.headers_mut().insert(LINK, value);
        }
    }
    response
}

/// The header that leads to the next page.
pub(super) fn next_link(path: &str, query: &str, cursor: &str) -> String {
    let mut parts: Vec<&str> =
        query.split('&').filter(|part| !part.is_empty() && !part.starts_with("cursor=")).collect();
    let own = format!("cursor={cursor}");
    parts.push(&own);
    format!("<{path}?{}>; rel=\"next\"", parts.join("&"))
}

const PAYMENT_HEADER: [&str; 25] = [
    "payment_id",
    "payment_reference",
    "beneficiary_id",
    "benefit_type",
    "benefit_months",
    "cycle",
    "amount",
    "currency",
    "unit",
    "urban",
    "status",
    "held",
    "attempt",
    "channel",
    "agent",
    "bank",
    "end_to_end_id",
    "due_on",
    "settled_on",
    "returned_on",
    "reason_class",
    "reason_code",
    "revision",
    "last_position",
    "kind",
];

fn day(date: Option<Date>) -> Value {
    json!(date.map(|date| date.to_string()))
}

fn payment_cells(app: &App, row: &PaymentRow) -> Vec<Value> {
    let outcome = row.outcome.as_ref();
    vec![
        json!(row.payment_id),
        json!(row.reference),
        json!(row.beneficiary_id),
        json!(row.benefit_type),
        json!(row.benefit_months),
        json!(row.cycle),
        json!(app.profile.currency.format(row.amount.minor)),
        json!(row.amount.currency),
        json!(row.unit_key),
        json!(row.urban),
        json!(row.state.as_str()),
        json!(row.waits()),
        json!(row.attempt),
        json!(row.provider.channel),
        json!(row.provider.agent),
        json!(row.provider.bank),
        json!(row.end_to_end_id),
        json!(row.due_on.to_string()),
        day(row.settled_on),
        day(row.returned_on),
        json!(outcome.map(|o| o.class)),
        json!(outcome.map(|o| o.code.as_str())),
        json!(row.revision),
        json!(row.last_position),
        json!(row.kind),
    ]
}

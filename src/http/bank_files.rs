//! Files for banks over HTTP: orders of a list, notes that recall, and how a bank takes them.

use crate::app::banks::arrangement::NewArrangement;
use crate::app::banks::consent::BankChange;
use crate::app::error::AppError;
use crate::app::lists::bank_file::{BankFile, FileKind, OrderAsk, RecallAsk, is_reason};
use crate::app::table::Format;
use crate::app::words::{self, Words};
use crate::domain::bank::{OrderCharset, OrderForm};
use crate::domain::ids::{ListId, PaymentId};
use crate::http::bank_registry::{bank_of, changed};
use crate::http::body::Body;
use crate::http::context::{Caller, SharedApp, path_id, write_request};
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use serde_json::Value;

const TABLE: Words = Words { en: "csv or xlsx", vi: "csv hoặc xlsx" };
const FORM: Words = Words {
    en: "one of pain.001.001.03, pain.001.001.09, pain.001.001.11, table",
    vi: "một trong: pain.001.001.03, pain.001.001.09, pain.001.001.11, table",
};
const CHARSET: Words = Words { en: "utf8 or latin", vi: "utf8 hoặc latin" };
const REASON: Words = Words {
    en: "an ISO 20022 reason of a cancellation: 1 to 4 capital letters and digits, for example CUST or DUPL",
    vi: "mã lý do hủy ISO 20022 gồm 1 đến 4 chữ in hoa hoặc chữ số, ví dụ CUST hoặc DUPL",
};
const PAYMENTS: Words = Words {
    en: "up to 500 payment ids, joined by commas",
    vi: "tối đa 500 mã khoản chi, cách nhau bằng dấu phẩy",
};

const PAYMENTS_MAX: usize = 500;

/// `GET /v1/lists/{id}/order`
pub async fn order(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let id = path_id(&request, "list", |text| ListId::parse(text).ok())?;
    let mut query = Query::of(&request)?;
    let bank = query.required("bank", &words::BANK, |text| app.profile.bank_by_name(text).map(|spec| spec.id.clone()));
    let table = query.optional("format", &TABLE, |text| match text {
        "csv" => Some(Format::Csv),
        "xlsx" => Some(Format::Xlsx),
        _ => None,
    });
    let without_stopped = query.optional("without_stopped", &words::BOOLEAN, |text| text.parse().ok()).unwrap_or(false);
    let instead = query.optional("instead", &words::BOOLEAN, |text| text.parse().ok()).unwrap_or(false);
    query.finish()?;
    let bank = bank.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    let file = app.order_file(&caller.0, id, &OrderAsk { bank, table, without_stopped, instead }).await?;
    Ok(answer(&app, file))
}

/// `GET /v1/lists/{id}/recall`
pub async fn recall(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let id = path_id(&request, "list", |text| ListId::parse(text).ok())?;
    let mut query = Query::of(&request)?;
    let bank = query.required("bank", &words::BANK, |text| app.profile.bank_by_name(text).map(|spec| spec.id.clone()));
    let reason = query.required("reason", &REASON, |text| is_reason(text).then(|| text.to_owned()));
    let payments = query.optional("payments", &PAYMENTS, |text| {
        let ids = text.split(',').map(|id| PaymentId::parse(id.trim()).ok());
        ids.collect::<Option<std::collections::BTreeSet<_>>>().filter(|ids| ids.len() <= PAYMENTS_MAX)
    });
    query.finish()?;
    let (Some(bank), Some(reason)) = (bank, reason) else {
        return Err(Problem::App(AppError::Invalid(Vec::new())));
    };
    let ask = RecallAsk { bank, reason, payments: payments.unwrap_or_default() };
    Ok(answer(&app, app.recall_file(&caller.0, id, &ask).await?))
}

/// The file, with what it adds up to: it is compared before it is sent. Nothing of it is kept on the way.
fn answer(app: &SharedApp, file: BankFile) -> HttpResponse {
    let mut response = match file.kind {
        FileKind::Table(format) => table::file(format, &file.name, file.bytes),
        FileKind::Xml => HttpResponse::Ok()
            .content_type("application/xml")
            .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}.xml\"", file.name)))
            .body(file.bytes),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("x-control-count"), HeaderValue::from(file.total.items));
    if let Ok(sum) = HeaderValue::from_str(&app.profile.currency.format(file.total.sum_minor)) {
        headers.insert(HeaderName::from_static("x-control-sum"), sum);
    }
    response
}

/// `POST /v1/banks/{bank}/orders`
pub async fn arrange(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let bank = bank_of(&app, &request)?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let form = body.required("form", &FORM, OrderForm::parse);
    let payer = body.text("payer", true);
    let account = body.text("account", false);
    let bank_code = body.text("bank_code", false);
    let charset = body.optional("charset", &CHARSET, OrderCharset::parse).unwrap_or_default();
    let batch_booking = body.flag("batch_booking");
    let columns = match body.raw("columns") {
        None => None,
        Some(Value::String(text)) => Some(text),
        Some(_) => {
            body.report("columns", &words::TEXT);
            None
        }
    };
    body.finish()?;
    let (Some(form), Some(payer)) = (form, payer) else {
        return Err(Problem::App(AppError::Invalid(Vec::new())));
    };
    let new = NewArrangement { form, payer, account, bank_code, charset, batch_booking, columns };
    Ok(changed(&app, &bank, &app.change_bank(&write, &bank, BankChange::Arrange(new)).await?))
}

//! Items of banks' messages judged again over HTTP: what that would come to, and doing it.

use crate::app::words::Words;
use crate::domain::inbox::{ItemJudgedAgain, QuarantinedItem};
use crate::http::banks::{inbox, inbox_id};
use crate::http::body::Body;
use crate::http::context::{Caller, SharedApp, write_request, written_answer};
use crate::http::problem::Problem;
use crate::http::query::Query;
use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Items of one request.
const ITEMS_MAX: usize = 1_000;
const ITEMS: Words = Words {
    en: "1 to 1000 numbers of items that wait: [2, 5] in a body, 2,5 in a query",
    vi: "1 đến 1000 số thứ tự của các mục đang chờ: [2, 5] trong nội dung, 2,5 trong truy vấn",
};

fn checked(items: Option<BTreeSet<u64>>) -> Option<BTreeSet<u64>> {
    items.filter(|items| (1..=ITEMS_MAX).contains(&items.len()))
}

/// `GET /v1/inbox/{id}/judge`
pub async fn rehearse(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let id = inbox_id(&request)?;
    let mut query = Query::of(&request)?;
    let read = |text: &str| checked(text.split(',').map(|item| item.trim().parse().ok()).collect());
    let items = query.optional("items", &ITEMS, read);
    query.finish()?;
    let again = app.rehearse_again(&caller.0, id, items.as_ref()).await?;
    let one = |one: &ItemJudgedAgain| json!({"item": one.item, "verdict": one.verdict});
    let anew = |part: &QuarantinedItem| json!({"of_item": part.of_item, "cause": part.cause, "payment_id": part.payment_id, "unit": part.unit_key});
    let items: Vec<Value> = again.items.iter().map(one).collect();
    let mut waiting_anew: Vec<Value> = again.parts.iter().map(anew).collect();
    for judged in again.rests.iter().map(|(_, judged)| judged) {
        // Those keep their own places.
        let own = |item: &QuarantinedItem| QuarantinedItem { of_item: Some(item.item), ..item.clone() };
        waiting_anew.extend(judged.quarantined.iter().map(|item| anew(&own(item))));
        waiting_anew.extend(judged.parts.iter().map(anew));
    }
    Ok(HttpResponse::Ok().json(json!({"inbox_id": id, "items": items, "waiting_anew": waiting_anew})))
}

/// `POST /v1/inbox/{id}/judge`
pub async fn judge(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let id = inbox_id(&request)?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let items = body.raw("items").map(|value| {
        let read = |values: &Vec<Value>| checked(values.iter().map(Value::as_u64).collect());
        let items = value.as_array().and_then(read);
        if items.is_none() {
            body.report("items", &ITEMS);
        }
        items.unwrap_or_default()
    });
    body.finish()?;
    let written = app.judge_again(&write, id, items.as_ref()).await?;
    Ok(written_answer(&written, false, None, inbox(id, &written.state)))
}

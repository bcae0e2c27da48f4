//! The log's key, its checkpoints and its proofs. The first two are for everybody: a checkpoint that not everybody sees proves little.

use crate::app::error::AppError;
use crate::app::proofs::{Hash, to_base64};
use crate::app::words::Words;
use crate::domain::ids::PaymentId;
use crate::http::context::{Caller, SharedApp, path_id};
use crate::http::problem::Problem;
use crate::http::query::{POSITION, Query};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

const TEXT: &str = "text/plain; charset=utf-8";
const BOOLEAN: Words = Words { en: "true or false", vi: "true hoặc false" };

/// `GET /v1/log/vkey`
pub async fn vkey(app: SharedApp) -> Result<HttpResponse, Problem> {
    let signer = app.log_signer().await?;
    let line = format!("{}\n", signer.verifier().to_text());
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, TEXT)).body(line))
}

/// `GET /v1/log/checkpoint`
pub async fn checkpoint(app: SharedApp, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let cosigned = query.optional("cosigned", &BOOLEAN, |text| text.parse().ok());
    query.finish()?;
    let checkpoint = app.checkpoint(cosigned.unwrap_or(false)).await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, TEXT)).insert_header((CACHE_CONTROL, "no-store"));
    Ok(response.body(checkpoint.note))
}

fn hashes(all: &[Hash]) -> Vec<Value> {
    all.iter().map(|hash| json!(to_base64(hash))).collect()
}

fn number(text: &str) -> Option<u64> {
    text.parse().ok()
}

/// `GET /v1/log/proof/inclusion`
pub async fn inclusion(app: SharedApp, _caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let (position, size) = (query.required("position", &POSITION, number), query.number("size"));
    query.finish()?;
    let proof = app.inclusion_proof(position.unwrap_or(0), size).await?;
    Ok(HttpResponse::Ok().json(json!({
        "position": proof.position,
        "size": proof.size,
        "leaf_hash": to_base64(&proof.leaf_hash),
        "root": to_base64(&proof.root),
        "hashes": hashes(&proof.hashes),
    })))
}

/// `GET /v1/log/proof/consistency`
pub async fn consistency(app: SharedApp, _caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let (from, to) = (query.required("from", &POSITION, number), query.required("to", &POSITION, number));
    query.finish()?;
    let proof = app.consistency_proof(from.unwrap_or(0), to.unwrap_or(0)).await?;
    Ok(HttpResponse::Ok().json(json!({
        "from": proof.from,
        "to": proof.to,
        "from_root": to_base64(&proof.from_root),
        "to_root": to_base64(&proof.to_root),
        "hashes": hashes(&proof.hashes),
    })))
}

/// `GET /v1/payments/{id}/receipt`
pub async fn receipt(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let id = path_id(&request, "payment", |text| PaymentId::parse(text).ok())?;
    let receipt = app.receipt(&caller.0, id).await?;
    let name = format!("attachment; filename=\"receipt-{id}.json\"");
    let text = serde_json::to_string_pretty(&receipt).map_err(|error| AppError::Internal(error.to_string()))?;
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, "application/json")).insert_header((CONTENT_DISPOSITION, name));
    Ok(response.body(text))
}

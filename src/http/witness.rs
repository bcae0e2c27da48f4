//! A witness's door (C2SP tlog-witness): `add-checkpoint`, its key, and the last checkpoints that it cosigned. Open to everybody: what it
//! takes is signed by a log that it watches, and what it gives is for everybody to compare.

use crate::app::witness::{Refusal, Unsigned, Witness};
use crate::http::server::Serving;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{App as HttpApp, HttpResponse, HttpServer, web};
use serde::Deserialize;
use std::net::TcpListener;
use std::sync::Arc;

/// A request is a proof of 63 hashes at most and a note.
const BODY_BYTES_MAX: usize = 96 * 1024;
const TEXT: &str = "text/plain; charset=utf-8";
/// What the protocol names the answer that holds the size that the witness saw.
const SIZE: &str = "text/x.tlog.size";

/// Binds and serves. The caller runs `server` and stops it by its handle.
pub fn serve(witness: Arc<Witness>, listener: TcpListener, workers: usize) -> std::io::Result<Serving> {
    let address = listener.local_addr()?;
    let data = web::Data::from(witness);
    let server = HttpServer::new(move || {
        HttpApp::new()
            .app_data(data.clone())
            .app_data(web::PayloadConfig::new(BODY_BYTES_MAX))
            .route("/add-checkpoint", web::post().to(add_checkpoint))
            .route("/checkpoint", web::get().to(checkpoint))
            .route("/vkey", web::get().to(vkey))
    })
    .workers(workers)
    .disable_signals()
    .shutdown_timeout(10)
    .listen(listener)?
    .run();
    Ok(Serving { server, address })
}

fn text(status: StatusCode, body: impl Into<String>) -> HttpResponse {
    HttpResponse::build(status).insert_header((CONTENT_TYPE, TEXT)).body(body.into())
}

async fn add_checkpoint(witness: web::Data<Witness>, body: web::Bytes) -> HttpResponse {
    // Keeping it means waiting for the disk.
    let added = web::block(move || match std::str::from_utf8(&body) {
        Ok(body) => witness.add(body),
        Err(_) => Err(Unsigned::Refused(Refusal::Malformed)),
    });
    match added.await {
        Ok(Ok(line)) => text(StatusCode::OK, line),
        Ok(Err(Unsigned::Refused(refusal))) => refused(refusal),
        Ok(Err(Unsigned::Failed(error))) => failed(&error.to_string()),
        Err(error) => failed(&error.to_string()),
    }
}

fn failed(error: &str) -> HttpResponse {
    tracing::error!(error, "a checkpoint was not kept, and so not cosigned");
    text(StatusCode::INTERNAL_SERVER_ERROR, "the witness could not keep the checkpoint\n")
}

/// The statuses of the protocol.
fn refused(refusal: Refusal) -> HttpResponse {
    match refusal {
        Refusal::Malformed => text(
            StatusCode::BAD_REQUEST,
            "expected: old SIZE, lines of proof, an empty line, a signed checkpoint of at least that size\n",
        ),
        Refusal::UnknownLog => text(StatusCode::NOT_FOUND, "this witness watches no log of that name\n"),
        Refusal::NotSigned => text(StatusCode::FORBIDDEN, "no key of the log signed the checkpoint\n"),
        Refusal::OtherSize(size) => {
            HttpResponse::Conflict().insert_header((CONTENT_TYPE, SIZE)).body(format!("{size}\n"))
        }
        Refusal::OtherRoot(size) => text(
            StatusCode::CONFLICT,
            format!("another tree of {size} events was cosigned: the log shows two histories\n"),
        ),
        Refusal::NotAnExtension => text(
            StatusCode::UNPROCESSABLE_ENTITY,
            "the proof does not lead from what was cosigned to the checkpoint: the log shows two histories\n",
        ),
    }
}

#[derive(Deserialize)]
struct Origin {
    origin: String,
}

async fn checkpoint(witness: web::Data<Witness>, query: web::Query<Origin>) -> HttpResponse {
    match witness.last(&query.origin) {
        Some(note) => text(StatusCode::OK, note),
        None => text(StatusCode::NOT_FOUND, "nothing of a log of that name was cosigned\n"),
    }
}

async fn vkey(witness: web::Data<Witness>) -> HttpResponse {
    text(StatusCode::OK, format!("{}\n", witness.verifier().to_text()))
}

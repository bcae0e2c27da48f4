//! Answers that go on as there is something new (`text/event-stream`), until whoever asked goes, or the server stops.

use crate::app::App;
use crate::http::problem::Problem;
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::Bytes;
use futures_util::stream::{Stream, StreamExt};

/// An answer of frames.
pub fn following(app: &App, frames: impl Stream<Item = Result<Bytes, Problem>> + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(frames.take_until(app.stopping.begun()))
}

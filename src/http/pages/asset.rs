//! Style, script and mark: at an address that changes with their bytes, kept by browsers for ever.

use crate::http::problem::Problem;
use crate::pages::assets::{self, Asset};
use actix_web::{HttpRequest, HttpResponse};

/// `GET /assets/{digest}/{name}`
pub async fn asset(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let asset = assets::at(request.path()).ok_or(Problem::NoSuchPath)?;
    let kept = if Asset::is_fixed() { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut answer = HttpResponse::Ok();
    Ok(answer.content_type(asset.content_type).insert_header(("Cache-Control", kept)).body(asset.bytes().into_owned()))
}

//! Cited figures as pages: the address that a report names, and the list of them.

use super::html;
use super::integration::server;
use super::visitor::Visitor;
use crate::app::queries::Page;
use crate::http::citations::call_up;
use crate::http::context::SharedApp;
use crate::http::cursor;
use crate::http::figures::scope;
use crate::http::lists::CURSOR;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::pages::cited::{CitedFiguresPage, CitedPage};
use actix_web::{HttpRequest, HttpResponse};

/// Lines of one page.
const PAGE: u32 = 50;

/// `GET /figures/{id}`
pub async fn read(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let found = call_up(&app, visitor.principal()?, &request).await?;
    html(&CitedPage {
        page: &visitor.frame(&app),
        profile: &app.profile,
        view: &found.view,
        is_verified: found.is_verified(),
        server: server(&request),
    })
}

/// `GET /figures`
pub async fn list(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let unit = scope(&app, &mut query)?;
    let after = query.optional("cursor", &CURSOR, cursor::position).unwrap_or(0);
    let min_position = query.number("min_position");
    query.finish()?;
    let asked = unit.as_ref().map_or_else(String::new, |unit| format!("unit={unit}&"));
    let page = Page { after, limit: PAGE };
    let found = app.cited_figures(visitor.principal()?, unit, page, min_position).await?;
    let next = found.answer.next_after.map(|after| format!("/figures?{asked}cursor={}", cursor::of(after)));
    html(&CitedFiguresPage { page: &visitor.frame(&app), profile: &app.profile, rows: &found.answer.rows, next })
}

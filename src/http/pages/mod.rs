//! The pages over HTTP: their table, who may open which, cookies, forms and headers. What a page shows is made in `pages`.

pub mod act;
pub mod asset;
pub mod audit;
pub mod cookie;
pub mod desk;
pub mod failure;
pub mod figures;
pub mod form;
pub mod gate;
pub mod integration;
pub mod lists;
pub mod live;
pub mod multipart;
pub mod oidc;
pub mod operations;
pub mod overview;
pub mod payments;
pub mod sign_in;
pub mod uploads;
pub mod visitor;

use crate::app::access::{Action, Role};
use crate::app::error::AppError;
use crate::http::problem::Problem;
use crate::http::{assessment, imports, list_print};
use crate::pages;
use crate::pages::frame::Door;
use actix_web::{HttpResponse, Route, web};

/// One page, or what a page sends.
pub struct PageRoute {
    pub method: &'static str,
    pub path: &'static str,
    pub door: Door,
    /// Makes the route with its handler.
    pub route: fn() -> Route,
}

const fn get(path: &'static str, door: Door, route: fn() -> Route) -> PageRoute {
    PageRoute { method: "GET", path, door, route }
}

const fn post(path: &'static str, door: Door, route: fn() -> Route) -> PageRoute {
    PageRoute { method: "POST", path, door, route }
}

/// Every page there is. What is not here does not exist.
pub const ROUTES: &[PageRoute] = &[
    get("/", Door::SignedIn, || web::get().to(sign_in::home)),
    // Never reached: the gate sends the request on to the operation that the form names.
    post(act::PATH, Door::SignedIn, || web::post().to(method_not_allowed)),
    get("/assets/{digest}/{name}", Door::Anybody, || web::get().to(asset::asset)),
    get("/audit", Door::May(Action::ReadAudit), || web::get().to(audit::list)),
    get("/desk", Door::May(Action::ReadWorklist), || web::get().to(desk::desk)),
    get("/download/adoption", Door::May(Action::ReadFigures), || web::get().to(crate::http::figures::adoption)),
    get("/download/assessment", Door::May(Action::ReadFigures), || web::get().to(assessment::assessment)),
    get("/download/payments", Door::May(Action::ReadPayment), || web::get().to(crate::http::lists::payments)),
    get("/download/template", Door::May(Action::ReadReference), || web::get().to(imports::template)),
    get("/figures", Door::May(Action::ReadFigures), || web::get().to(figures::list)),
    get("/figures/{id}", Door::May(Action::ReadFigures), || web::get().to(figures::read)),
    get("/imports/{id}", Door::May(Action::ReadImport), || web::get().to(uploads::earlier)),
    get("/download/audit", Door::May(Action::ReadAudit), || web::get().to(crate::http::audit::list)),
    get("/download/lists/{id}/changes", Door::May(Action::ReadList), || web::get().to(list_print::changes)),
    get("/download/lists/{id}/print", Door::May(Action::ReadList), || web::get().to(list_print::items)),
    get("/integration", Door::May(Action::ReadWebhook), || web::get().to(integration::overview)),
    get("/integration/messages/{id}", Door::May(Action::ReadInbox), || web::get().to(integration::message)),
    get("/integration/webhooks/{id}", Door::May(Action::ReadWebhook), || web::get().to(integration::endpoint)),
    get("/lists", Door::May(Action::ReadList), || web::get().to(lists::list)),
    post(lists::PLAN, Door::May(Action::ManageList), || web::post().to(lists::plan)),
    get("/lists/{id}", Door::May(Action::ReadList), || web::get().to(lists::read)),
    get("/live", Door::SignedIn, || web::get().to(live::live)),
    get("/operations", Door::Roles(&[Role::Operator, Role::Auditor, Role::Supervisor]), || {
        web::get().to(operations::operations)
    }),
    get("/payments", Door::May(Action::ReadPayment), || web::get().to(payments::list)),
    post("/payments/find", Door::May(Action::ReadBeneficiary), || web::post().to(payments::find)),
    get("/payments/{id}", Door::May(Action::ReadPayment), || web::get().to(payments::read)),
    post("/payments/{id}/reveal", Door::May(Action::RevealPersonal), || web::post().to(payments::reveal)),
    get("/overview", Door::May(Action::ReadFigures), || web::get().to(overview::overview)),
    get("/sign-in", Door::Anybody, || web::get().to(sign_in::show)),
    post("/sign-in", Door::Anybody, || web::post().to(sign_in::sign_in)),
    get("/sign-in/oidc", Door::Anybody, || web::get().to(oidc::start)),
    get("/sign-in/oidc/back", Door::Anybody, || web::get().to(oidc::back)),
    get("/uploads", Door::May(Action::ImportFile), || web::get().to(uploads::list)),
    post("/uploads", Door::May(Action::ImportFile), || web::post().to(uploads::send)),
    get("/uploads/{id}", Door::May(Action::ImportFile), || web::get().to(uploads::read)),
    post("/uploads/{id}/confirm", Door::May(Action::ImportFile), || web::post().to(uploads::confirm)),
    get("/uploads/{id}/file", Door::May(Action::ImportFile), || web::get().to(uploads::file)),
    get("/uploads/{id}/live", Door::May(Action::ImportFile), || web::get().to(uploads::live)),
    post("/sign-out", Door::SignedIn, || web::post().to(sign_in::sign_out)),
];

/// The page of a method and a path pattern.
#[must_use]
pub fn find(method: &str, pattern: &str) -> Option<&'static PageRoute> {
    ROUTES.iter().find(|page| page.path == pattern && page.method == method)
}

/// Whether a path pattern is one of the pages'.
#[must_use]
pub fn has(pattern: &str) -> bool {
    ROUTES.iter().any(|page| page.path == pattern)
}

/// Registers every page; other methods on their paths are answered with 405.
pub fn configure(config: &mut web::ServiceConfig) {
    let mut done: Vec<&str> = Vec::new();
    for page in ROUTES {
        if done.contains(&page.path) {
            continue;
        }
        done.push(page.path);
        let mut resource = web::resource(page.path);
        for same in ROUTES.iter().filter(|other| other.path == page.path) {
            resource = resource.route((same.route)());
        }
        config.service(resource.default_service(web::to(method_not_allowed)));
    }
}

async fn method_not_allowed() -> Result<&'static str, Problem> {
    Err(Problem::MethodNotAllowed)
}

/// A page's template as an answer.
pub fn html(template: &impl askama::Template) -> Result<HttpResponse, Problem> {
    let body = pages::render(template).map_err(|error| AppError::Internal(error.to_string()))?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(body))
}

/// Sends the browser on, with GET.
#[must_use]
pub fn see(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header(("Location", path)).finish()
}

//! A form's fields, taken only from a page of ours that was shown to the same browser.

use super::cookie::is_of_this_host;
use super::visitor::Visitor;
use crate::app::error::AppError;
use crate::app::sessions::is_own_form;
use crate::http::problem::Problem;
use actix_web::HttpRequest;
use std::collections::BTreeMap;

/// Fields by name; of one given twice, the last.
#[derive(Debug, Default)]
pub struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads the fields, from anybody.
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let unreadable = || Problem::BadRequest {
            code: "body-unreadable",
            detail: "The form is not of the kind that browsers send.".to_owned(),
        };
        let text = std::str::from_utf8(bytes).map_err(|_| unreadable())?;
        let pairs = actix_web::web::Query::<Vec<(String, String)>>::from_query(text).map_err(|_| unreadable())?;
        Ok(Self(pairs.into_inner().into_iter().collect()))
    }

    /// Fields that were read elsewhere.
    #[must_use]
    pub const fn of_fields(fields: BTreeMap<String, String>) -> Self {
        Self(fields)
    }

    /// Refuses a form that was not shown in this session.
    pub fn check(&self, request: &HttpRequest, visitor: &Visitor) -> Result<(), Problem> {
        let token = visitor.session.as_ref().map(|session| session.form_token.as_str());
        if self.is_own(request, token) { Ok(()) } else { Err(foreign()) }
    }

    /// Reads the fields of a form that was shown in this session.
    pub fn of_session(request: &HttpRequest, visitor: &Visitor, bytes: &[u8]) -> Result<Self, Problem> {
        let form = Self::read(bytes)?;
        form.check(request, visitor)?;
        Ok(form)
    }

    /// Whether it carries what the page gave it, and the browser says that it is of this host.
    #[must_use]
    pub fn is_own(&self, request: &HttpRequest, token: Option<&str>) -> bool {
        let sent = self.0.get("form_token").map_or("", String::as_str);
        token.is_some_and(|token| is_own_form(token, sent)) && is_of_this_host(request.headers())
    }

    /// A field's text without space around it; empty when there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }
}

fn foreign() -> Problem {
    Problem::App(AppError::Forbidden {
        code: "form-not-ours",
        message: "this form was not sent by a page of this session; open the page again and send it from there",
    })
}

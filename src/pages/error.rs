//! What a page says when there is none: no right to it, no such thing, a form that is not taken, or trouble of the server's own.

use super::Frame;
use askama::Template;

/// One thing that is wrong with what was sent.
#[derive(Debug, Clone)]
pub struct Issue {
    pub field: String,
    pub message: String,
}

/// The page.
#[derive(Template)]
#[template(path = "error.html")]
pub struct Failure<'a> {
    pub page: &'a Frame,
    pub status: u16,
    /// The stable code of the refusal.
    pub code: &'a str,
    /// The API's own words, in English.
    pub detail: &'a str,
    /// Why, in the reader's language, where no field says it.
    pub reason: Option<&'a str>,
    pub issues: Vec<Issue>,
    pub request_id: &'a str,
    /// The page of the form that was not taken.
    pub back: Option<&'a str>,
}

impl Failure<'_> {
    fn title(&self) -> &'static str {
        match self.status {
            401 => self.page.t("error.signed_out"),
            403 => self.page.t("error.forbidden"),
            404 => self.page.t("error.not_found"),
            409 => self.page.t("error.conflict"),
            429 | 503 => self.page.t("error.busy"),
            400..=499 => self.page.t("error.unusable"),
            _ => self.page.t("error.broken"),
        }
    }

    fn advice(&self) -> &'static str {
        match self.status {
            401 => self.page.t("error.signed_out_advice"),
            403 => self.page.t("error.forbidden_advice"),
            404 => self.page.t("error.not_found_advice"),
            409 => self.page.t("error.conflict_advice"),
            429 | 503 => self.page.t("error.busy_advice"),
            400..=499 => self.page.t("error.unusable_advice"),
            _ => self.page.t("error.broken_advice"),
        }
    }
}

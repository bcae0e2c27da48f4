//! The API described: an OpenAPI 3.1 document made from the table of operations, and a page for people made from the document.
//! The identifiers of people in it are those of a profile; the committed document has the built-in one's.

mod access_codes;
mod bank_codes;
pub mod codes;
mod document;
mod figure_codes;
mod page;
mod page_codes;
mod problems;
mod schemas;
mod signed;
mod tags;
mod told;
mod webhook_codes;

use crate::domain::profile::Profile;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::{Arc, OnceLock};

/// The contract for one profile, made when it is first asked for.
pub struct Contract {
    profile: Arc<Profile>,
    text: OnceLock<String>,
    page: OnceLock<String>,
}

impl Contract {
    /// The contract of a server with this profile.
    #[must_use]
    pub const fn of(profile: Arc<Profile>) -> Self {
        Self { profile, text: OnceLock::new(), page: OnceLock::new() }
    }

    /// The OpenAPI document as JSON text, the same for every run of one build.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| text(&self.profile))
    }

    /// The page's style by its digest, as a Content-Security-Policy names it.
    #[must_use]
    pub fn page_style_digest(&self) -> String {
        let page = self.page();
        let style = page.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>"));
        let digest = Sha256::digest(style.map_or("", |(style, _)| style).as_bytes());
        format!("sha256-{}", STANDARD.encode(digest))
    }

    /// The document as one HTML page that needs nothing else.
    #[must_use]
    pub fn page(&self) -> &str {
        self.page.get_or_init(|| page::page(&document::document(&self.profile)))
    }
}

/// The OpenAPI document for a profile as JSON text.
#[must_use]
pub fn text(profile: &Profile) -> String {
    pretty(&document::document(profile))
}

/// The JSON Schema of every stored event, by the name of its file without its ending.
#[must_use]
pub fn event_schemas() -> Vec<(String, Value)> {
    crate::domain::codec::schemas()
}

/// All files of the contract for a profile, by their path in `openapi/`.
#[must_use]
pub fn files(profile: &Profile) -> Vec<(String, String)> {
    let mut files = vec![("openapi.json".to_owned(), text(profile))];
    files.extend(event_schemas().into_iter().map(|(name, schema)| (format!("events/{name}.json"), pretty(&schema))));
    files
}

/// Indented, with a line's end, as files of text are.
fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

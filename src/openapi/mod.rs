//! The API described: an OpenAPI 3.1 document made from the table of operations, and a page for people made from the document.

pub mod codes;
mod document;
mod page;
mod schemas;

use serde_json::Value;
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Value> = LazyLock::new(document::document);
static TEXT: LazyLock<String> = LazyLock::new(|| pretty(&DOCUMENT));
static PAGE: LazyLock<String> = LazyLock::new(|| page::page(&DOCUMENT));

/// The OpenAPI document as JSON text, the same for every run of one build.
#[must_use]
pub fn text() -> String {
    TEXT.clone()
}

/// The document as one HTML page that needs nothing else.
#[must_use]
pub fn page() -> String {
    PAGE.clone()
}

/// The JSON Schema of every stored event, by the name of its file without its ending.
#[must_use]
pub fn event_schemas() -> Vec<(String, Value)> {
    crate::domain::codec::schemas()
}

/// All files of the contract, by their path in `openapi/`.
#[must_use]
pub fn files() -> Vec<(String, String)> {
    let mut files = vec![("openapi.json".to_owned(), text())];
    files.extend(event_schemas().into_iter().map(|(name, schema)| (format!("events/{name}.json"), pretty(&schema))));
    files
}

/// Indented, with a line's end, as files of text are.
fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

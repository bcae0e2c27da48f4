//! The OpenAPI document.

/// Text.
pub fn text() -> String { String::new() }
/// Page.
pub fn page() -> String { String::new() }

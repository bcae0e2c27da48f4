//! Codes of the pages for people.

use super::codes::{Code, problem};

pub(super) const PAGES: &[Code] = &[problem(
    "403",
    "form-not-ours",
    "A form of the pages was not sent by a page of the same session, or from another host.",
)];

//! Office files: bytes of CSV, XLSX and NDJSON to rows, and back to tables and reports. No store, no HTTP, no rules of payments.

pub mod fields;
pub mod problem;

pub use problem::{Language, Problem};

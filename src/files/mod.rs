//! Office files: bytes of CSV, XLSX and NDJSON to rows, and back to tables and reports. No store, no HTTP, no rules of payments.

pub mod annotate;
pub mod columns;
mod csv;
pub mod error;
pub mod fields;
pub mod format;
mod ndjson;
pub mod parquet;
pub mod problem;
pub mod reader;
pub mod record;
pub mod report;
pub mod spool;
pub mod table;
pub mod template;
mod xlsx;
mod xlsx_scan;
mod xlsx_writer;

pub use annotate::annotate;
pub use columns::Columns;
pub use error::FileError;
pub use format::Format;
pub use parquet::{ColumnKind, parquet};
pub use problem::{Language, Problem, RowProblem};
pub use reader::{OfficeFile, RowReader};
pub use record::Row;
pub use report::{IssueCollector, RowIssue, Sensitivity, Severity};
pub use spool::{Spool, SpoolReader, SpoolWriter};
pub use table::{Cell, TableWriter};

#[cfg(test)]
mod tests;

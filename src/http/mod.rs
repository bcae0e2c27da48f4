//! The REST API: actix-web lives here and nowhere else. The table in `routes.rs` is what there is.

pub mod beneficiaries;
pub mod body;
pub mod context;
pub mod events;
pub mod format;
pub mod operation;
pub mod payments;
pub mod problem;
pub mod query;

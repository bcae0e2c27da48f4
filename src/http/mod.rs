//! The REST API: actix-web lives here and nowhere else. The table in `routes.rs` is what there is.

pub mod access;
pub mod bank_registry;
pub mod banks;
pub mod beneficiaries;
pub mod body;
pub mod context;
pub mod cursor;
pub mod events;
pub mod figures;
pub mod format;
pub mod health;
pub mod imports;
pub mod lists;
pub mod operation;
pub mod payments;
pub mod personal;
pub mod problem;
pub mod query;
pub mod reference;
pub mod routes;
pub mod server;
pub mod table;

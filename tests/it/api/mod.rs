//! The REST API as callers see it. Each test's name is a sentence of the specification.

mod approvals;
mod assessment;
mod bank_refusals;
mod banks;
mod beneficiaries;
mod calendar;
mod desks;
mod feed;
pub mod figures;
mod idempotency;
mod identifiers;
mod inbox;
mod keys;
mod lists;
mod payment_life;
mod people;
mod personal;
mod reasons;
mod reconciliation;
mod recoveries;
mod refusals;
mod requests;
mod scopes;
mod simulator;
mod unclaimed;
mod worklist;
mod worklist_sources;

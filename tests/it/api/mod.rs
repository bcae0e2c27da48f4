//! The REST API as callers see it. Each test's name is a sentence of the specification.

mod approvals;
mod beneficiaries;
mod calendar;
mod contradictions;
mod desks;
mod feed;
pub mod figures;
mod idempotency;
mod identifiers;
mod identity;
mod keys;
mod kinds;
mod lists;
mod payment_life;
mod people;
mod personal;
mod reasons;
mod recoveries;
mod refusals;
mod refused_people;
mod requests;
mod scopes;
mod unclaimed;
mod worklist;
mod worklist_sources;

//! The rules of benefit payments: pure types, decisions and folds. No IO, no clock, no random source, no async.

pub mod account;
pub mod approval;
pub mod bank;
pub mod beneficiary;
pub mod calendar;
pub mod claims;
pub mod codec;
pub mod decision;
pub mod desk;
pub mod disclosure;
pub mod envelope;
pub mod figure;
pub mod identifier;
pub mod ids;
pub mod import;
pub mod inbox;
pub mod list;
pub mod money;
pub mod name;
pub mod payment;
pub mod period;
pub mod place;
pub mod profile;
pub mod recovery;
pub mod target;
pub mod webhook;

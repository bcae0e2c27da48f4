//! Four eyes: what one person asks for and another must consent to, from the request until the command was carried out once.

pub mod decide;
pub mod error;
pub mod event;
pub mod state;

#[cfg(test)]
mod tests;

pub use decide::{ApprovalCommand, decide};
pub use error::ApprovalRefusal;
pub use event::{ApprovableAction, ApprovableCommand, ApprovalEvent, RequestedCorrection};
pub use state::{Approval, ApprovalState, Requested};

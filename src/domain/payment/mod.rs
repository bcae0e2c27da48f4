//! One payment: one beneficiary, one benefit type, one or more benefit months, 1..n attempts.

pub mod command;
pub mod contradiction;
mod correct;
pub mod decide;
pub mod error;
pub mod event;
mod evolve;
mod instruct;
pub mod kind;
pub mod reason;
pub mod state;
pub mod transition;

#[cfg(test)]
mod tests;

pub use command::PaymentCommand;
pub use decide::decide;
pub use error::PaymentRefusal;
pub use event::PaymentEvent;
pub use kind::PaymentKind;
pub use state::{Attempt, AttemptState, Payment};

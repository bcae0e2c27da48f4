//! One recovery: money that went out beyond what was owed, from its discovery until it is back, written off, or owed after all.

pub mod agreement;
pub mod command;
pub mod decide;
pub mod error;
pub mod event;
mod evolve;
pub mod overpaid;
pub mod state;

#[cfg(test)]
mod tests;

pub use command::RecoveryCommand;
pub use decide::decide;
pub use error::RecoveryRefusal;
pub use event::{Ground, RecoveryEvent};
pub use overpaid::{Overpayment, overpaid};
pub use state::{FoundRecovery, Recovery, RecoveryState};

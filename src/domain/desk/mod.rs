//! A cash desk: a post office's counter, a payment point or a team that pays at home. What cash it was handed, whom it paid, what it gave
//! back, and its liquidation day by day. Pure.

pub mod command;
mod decide;
pub mod error;
pub mod event;
pub mod ledger;
mod state;
pub mod unclaimed;

#[cfg(test)]
mod tests;

pub use command::DeskCommand;
pub use decide::decide;
pub use error::DeskRefusal;
pub use event::DeskEvent;
pub use ledger::{DayCash, Ledger, LedgerLine};
pub use state::{Desk, RegisteredDesk};

//! One payment list: what is sent to one agent, through one channel, in one cycle; from its first item until every item has an outcome.

pub mod command;
pub mod decide;
pub mod error;
pub mod event;
mod evolve;
pub mod outcome;
mod settle;
pub mod state;

#[cfg(test)]
mod tests;

pub use command::ListCommand;
pub use decide::decide;
pub use error::ListRefusal;
pub use event::ListEvent;
pub use state::{PaymentList, Stage};

/// Items of one event at most: a list may have a hundred thousand.
pub const CHUNK_ITEMS_MAX: usize = 500;

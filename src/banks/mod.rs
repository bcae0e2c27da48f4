//! Banks' messages: bytes in, reports out, and the files that banks take, written and read. Stateless; no store, no HTTP, no rules of payments.

mod camt;
pub mod error;
pub mod item;
mod json;
pub mod limits;
pub mod mapping;
mod message;
pub mod order;
pub mod out;
mod pacs004;
mod pain002;
mod reasons;
pub mod signature;
pub mod simulator;
mod sums;
mod xml;

#[cfg(test)]
mod tests;

pub use error::ReadError;
pub use item::{Amount, Finding, Head, Item, Listed, MessageKind, Report, Scope, Side, StatedReason, Summary, When};
pub use limits::Limits;
pub use mapping::{Effect, Mapping, MappingError};
pub use message::{Document, Message, check, open, open_any};
pub use order::{OrderFinding, OrderHead, OrderSummary, OrderedPayment, Orders, check_order};

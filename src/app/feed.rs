//! The log as the doors may read it on: recorded events, and a subscription to those to come.

pub use crate::store::{Direction, RecordedEvent, Subscription};

//! Oversight: what follows from the records without anybody asking, what is asked back, and what needs a second person.

pub(in crate::app) mod act;
pub mod approvals;
pub mod contradictions;
pub mod corrections;
mod erasure;
mod lists;
pub mod reactions;
pub mod reconcile;
pub mod recoveries;

pub use act::Cause;

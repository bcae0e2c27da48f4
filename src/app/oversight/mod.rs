//! Oversight: what follows from the records without anybody asking, what is asked back, and what needs a second person.

mod act;
pub mod approvals;
pub mod corrections;
mod lists;
pub mod reactions;
pub mod reconcile;
pub mod recoveries;

pub use act::Cause;

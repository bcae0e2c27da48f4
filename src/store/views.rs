//! views
pub trait ViewStore: Send + Sync {}

//! The one integration binary.

mod api;
mod store_contract;
mod support;

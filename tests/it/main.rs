//! The one integration binary.

mod api;
mod imports;
mod store_contract;
mod support;

//! The one integration binary.

mod store_contract;
mod support;
mod verify;

//! The one integration binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api;
mod cli;
mod demo;
mod imports;
mod licences;
mod openapi;
mod servers;
mod statements;
mod store_contract;
mod support;
mod tavaria;
mod tidy;
mod verify;

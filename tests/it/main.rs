//! The one integration binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api;
mod archive;
mod bank_processes;
mod banks;
mod cli;
mod demo;
mod durability;
mod grpc;
mod imports;
mod inbox_commands;
mod licences;
mod long_statements;
mod openapi;
mod pages;
mod payment_lists;
mod proofs;
mod reports;
mod rotation;
mod sandbox;
mod servers;
mod sharding;
mod statements;
mod store_contract;
mod support;
mod tavaria;
mod tidy;
mod verify;
mod webhooks;

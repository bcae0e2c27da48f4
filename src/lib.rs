//! chitra: an event-sourced tracker of cashless benefit payments. See ARCHITECTURE.md for the house and who may import whom.

pub mod app;
pub mod banks;
pub mod bench;
pub mod cli;
pub mod clock;
pub mod compose;
pub mod config;
pub mod domain;
pub mod files;
pub mod grpc;
pub mod http;
pub mod openapi;
pub mod pages;
pub mod projections;
pub mod proof;
pub mod store;
pub mod telemetry;
pub mod vault;

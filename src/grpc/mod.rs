//! The event store protocol (EventStoreDB, KurrentDB) over gRPC: tonic lives here and nowhere else. What streams are is `app::eventstore`.

mod append;
mod batch;
mod convert;
mod features;
mod follow;
mod gossip;
mod identity;
mod persistent;
pub mod proto;
mod read;
pub mod server;
mod session;
mod status;
mod streams;
mod tls;

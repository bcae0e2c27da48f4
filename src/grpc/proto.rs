//! What `proto/` says, as Rust: made by `build.rs`, not written.
#![expect(
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::large_enum_variant,
    clippy::pedantic,
    reason = "generated code"
)]

pub use event_store::client;
pub use google::rpc;

/// The first version of the protocol.
pub mod event_store {
    /// What all services share.
    pub mod client {
        tonic::include_proto!("event_store.client");

        /// Streams and the log.
        pub mod streams {
            tonic::include_proto!("event_store.client.streams");
        }
        /// Which methods there are.
        pub mod server_features {
            tonic::include_proto!("event_store.client.server_features");
        }
        /// Who is in the cluster.
        pub mod gossip {
            tonic::include_proto!("event_store.client.gossip");
        }
        /// Persistent subscriptions.
        pub mod persistent_subscriptions {
            tonic::include_proto!("event_store.client.persistent_subscriptions");
        }
    }
}

/// The second version of the protocol, which is for several streams at once.
pub mod v2 {
    /// Streams.
    pub mod streams {
        tonic::include_proto!("kurrentdb.protocol.v2.streams");

        /// Why nothing was written.
        pub mod errors {
            tonic::include_proto!("kurrentdb.protocol.v2.streams.errors");
        }
    }
}

/// What the protocol takes from elsewhere.
pub mod google {
    /// How a batch is refused.
    pub mod rpc {
        tonic::include_proto!("google.rpc");
    }
}

//! Endpoints that are told of payments: who registers them, what they are told, and how it gets there.

pub mod address;
mod aggregate;
pub mod counters;
pub mod deliverer;
pub mod deliveries;
mod line;
mod message;
mod page;
pub mod registry;
pub mod sender;
pub mod signature;
mod tries;

pub use crate::domain::webhook::MessageKind;
pub use crate::store::deliveries::{DeliveryState, StoredDelivery};
pub use aggregate::{webhook_of_stream, webhook_stream};

use address::Network;
use counters::Counters;
use std::sync::OnceLock;
use tokio::sync::watch;

/// How this server sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Networks that endpoints may be in, beside the public one; in these alone without TLS.
    pub networks: Vec<Network>,
    /// For how many days the log of deliveries is kept.
    pub keep_days: u32,
    /// How many deliveries of an endpoint are kept.
    pub keep_deliveries: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { networks: Vec::new(), keep_days: 30, keep_deliveries: 10_000 }
    }
}

/// What requests and the process that sends share.
#[derive(Debug)]
pub struct Webhooks {
    options: OnceLock<Options>,
    woken: watch::Sender<u64>,
    pub counters: Counters,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self { options: OnceLock::new(), woken: watch::Sender::new(0), counters: Counters::default() }
    }
}

impl Webhooks {
    /// Says how this process sends, once, before it serves.
    pub fn configure(&self, options: Options) {
        // A second word changes nothing: what was checked by the first stays checked.
        let _first_word = self.options.set(options);
    }

    /// How this process sends.
    pub fn options(&self) -> &Options {
        self.options.get_or_init(Options::default)
    }

    /// Something is to be done at once.
    pub fn wake(&self) {
        self.woken.send_modify(|count| *count += 1);
    }

    fn woken(&self) -> watch::Receiver<u64> {
        self.woken.subscribe()
    }
}

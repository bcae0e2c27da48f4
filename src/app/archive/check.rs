//! What every event of a log must be, seen one after the other: gapless, in time's order, with its own leaf hash. Sums up the digest.

use crate::app::hex::hex;
use crate::store::{Head, LogId, RecordedEvent, leaf};
use sha2::{Digest, Sha256};

/// A log as far as it was seen.
pub(super) struct LogCheck {
    log_id: LogId,
    head: Head,
    digest: Sha256,
}

impl LogCheck {
    pub fn new(log_id: LogId) -> Self {
        Self { log_id, head: Head { position: 0, recorded_at_us: 0 }, digest: Sha256::new() }
    }

    /// Takes the next event, or says why it cannot be that.
    pub fn take(&mut self, event: &RecordedEvent) -> Result<(), &'static str> {
        if event.position != self.head.position + 1 {
            return Err("it does not follow the position before it");
        }
        if self.head.position > 0 && event.recorded_at_us < self.head.recorded_at_us {
            return Err("it was recorded before the one before it");
        }
        if leaf::of_recorded(self.log_id, event) != event.leaf_hash {
            return Err(
                "its leaf hash is not the one of its fields, so that something in it was changed, or it is of another log",
            );
        }
        self.head = Head { position: event.position, recorded_at_us: event.recorded_at_us };
        self.digest.update(event.leaf_hash);
        Ok(())
    }

    /// The last event taken.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// SHA-256 over all leaf hashes in order: equal logs have equal digests.
    pub fn digest(self) -> String {
        hex(&self.digest.finalize())
    }
}

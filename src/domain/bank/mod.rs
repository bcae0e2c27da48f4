//! A bank that reports to us, as stored in stream `bank-<bank>`: what its codes mean, the keys that its messages are signed with, and how it
//! takes orders.

mod decide;
mod event;
mod orders;

#[cfg(test)]
mod tests;

pub use decide::{BankCommand, BankRefusal, decide};
pub use event::{BankEvent, BankKeyAdded, BankKeyDisabled, BankRegistered, Expected, ExpectedDays};
pub use orders::{BankOrdersArranged, OrderCharset, OrderForm};

use jiff::Timestamp;

/// A bank as its events leave it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bank {
    pub registered: Option<BankRegistered>,
    /// In the order of registration; disabled ones too, so that no id is used twice.
    pub keys: Vec<BankKey>,
    /// How it takes orders; nothing is sent to a bank that did not say.
    pub orders: Option<BankOrdersArranged>,
}

/// A key with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankKey {
    pub key: BankKeyAdded,
    pub disabled: bool,
}

impl BankKey {
    /// Whether a message may be signed with it at an instant.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        let begun = self.key.valid_from.is_none_or(|from| from <= now);
        begun && !self.disabled && self.key.valid_to.is_none_or(|to| now < to)
    }
}

impl Bank {
    /// Applies one event.
    pub fn evolve(&mut self, event: &BankEvent) {
        match event {
            BankEvent::Registered(event) => self.registered = Some(event.clone()),
            BankEvent::OrdersArranged(event) => self.orders = Some(event.clone()),
            BankEvent::KeyAdded(event) => self.keys.push(BankKey { key: event.clone(), disabled: false }),
            BankEvent::KeyDisabled(event) => {
                for key in self.keys.iter_mut().filter(|key| key.key.key_id == event.key_id) {
                    key.disabled = true;
                }
            }
        }
    }
}

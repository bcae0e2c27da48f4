//! Folding a recovery's events. Never refuses, never panics: an event that does not fit what came before changes nothing.

use crate::domain::recovery::event::{OverpaymentFound, RecoveryEvent};
use crate::domain::recovery::state::{FoundRecovery, Recovery, RecoveryState};

impl Recovery {
    /// Applies one event.
    pub fn evolve(&mut self, event: &RecoveryEvent) {
        match (&mut self.found, event) {
            (None, RecoveryEvent::Found(event)) => self.found = Some(FoundRecovery::from_event(event)),
            (Some(found), event) => found.apply(event),
            (
                None,
                RecoveryEvent::Demanded(_)
                | RecoveryEvent::Received(_)
                | RecoveryEvent::WrittenOff(_)
                | RecoveryEvent::Lapsed(_),
            ) => {}
        }
    }

    /// The state after these events.
    #[must_use]
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a RecoveryEvent>) -> Self {
        let mut state = Self::default();
        for event in events {
            state.evolve(event);
        }
        state
    }
}

impl FoundRecovery {
    fn from_event(event: &OverpaymentFound) -> Self {
        Self {
            recovery_id: event.recovery_id,
            payment_id: event.payment_id,
            attempt: event.attempt,
            beneficiary_id: event.beneficiary_id,
            benefit_type: event.benefit_type.clone(),
            unit_key: event.unit_key.clone(),
            months: event.months.clone(),
            amount: event.amount,
            ground: event.ground,
            state: RecoveryState::Found,
            demand: None,
            receipts: Vec::new(),
            written_off_minor: 0,
            refund_minor: 0,
        }
    }

    fn apply(&mut self, event: &RecoveryEvent) {
        match event {
            RecoveryEvent::Found(e) => self.find_again(e),
            RecoveryEvent::Demanded(e) => {
                self.demand = Some(e.clone());
                self.state = RecoveryState::Demanded;
            }
            RecoveryEvent::Received(e) => {
                self.receipts.push(e.clone());
                if self.outstanding_minor() == 0 {
                    self.state = RecoveryState::Received;
                }
            }
            RecoveryEvent::WrittenOff(e) => {
                self.written_off_minor = self.written_off_minor.saturating_add(e.amount.minor);
                self.state = RecoveryState::WrittenOff;
            }
            RecoveryEvent::Lapsed(e) => {
                self.refund_minor = e.refund.map_or(0, |refund| refund.minor);
                self.state = RecoveryState::Lapsed;
            }
        }
    }

    /// After a lapse it begins anew; otherwise the amount changes under what came back.
    fn find_again(&mut self, event: &OverpaymentFound) {
        if self.state == RecoveryState::Lapsed {
            *self = Self::from_event(event);
            return;
        }
        self.months.clone_from(&event.months);
        self.amount = event.amount;
        // What was given up was no more than what turns out to be overpaid.
        let received = self.received_minor();
        let rest = event.amount.minor.saturating_sub(received);
        self.written_off_minor = self.written_off_minor.min(rest.max(0));
        self.refund_minor = rest.saturating_neg().max(0);
        self.state = match (self.outstanding_minor() > 0, self.written_off_minor > 0) {
            (true, _) => RecoveryState::Found,
            (false, true) => RecoveryState::WrittenOff,
            (false, false) => RecoveryState::Received,
        };
    }
}

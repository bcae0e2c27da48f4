//! A desk as folded from its events. Never refuses: an event that does not fit what came before changes nothing.

use crate::domain::desk::event::DeskEvent;
use crate::domain::desk::ledger::Ledger;
use crate::domain::ids::{AgentCode, DeskCode, DeskId, DeskKindCode, PaymentId, UnitKey};
use crate::domain::money::Money;
use crate::domain::payment::event::Evidence;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// A registered desk with its book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredDesk {
    pub desk_id: DeskId,
    pub code: DeskCode,
    pub kind: DeskKindCode,
    pub unit_key: UnitKey,
    pub agent: AgentCode,
    pub ledger: Ledger,
    /// The last day that is closed, with all before it.
    pub liquidated_to: Option<Date>,
    /// What was paid here: payment and attempt.
    pub paid: BTreeSet<(PaymentId, u32)>,
    /// Entries by their evidence, to tell a repeat from a second entry.
    pub entries: Vec<(Evidence, Date, Money)>,
}

/// A desk's state: nothing yet, or registered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Desk {
    pub registered: Option<RegisteredDesk>,
}

impl Desk {
    /// Applies one event.
    pub fn evolve(&mut self, event: &DeskEvent) {
        if let DeskEvent::Registered(e) = event {
            self.registered = Some(RegisteredDesk {
                desk_id: e.desk_id,
                code: e.code.clone(),
                kind: e.kind.clone(),
                unit_key: e.unit_key.clone(),
                agent: e.agent.clone(),
                ledger: Ledger::default(),
                liquidated_to: None,
                paid: BTreeSet::new(),
                entries: Vec::new(),
            });
        } else if let Some(desk) = &mut self.registered {
            desk.apply(event);
        }
    }
}

impl RegisteredDesk {
    fn apply(&mut self, event: &DeskEvent) {
        match event {
            // Applied by the caller, which owns the whole state.
            DeskEvent::Registered(_) => {}
            DeskEvent::Advanced(e) => {
                self.ledger.day(e.day).advanced += e.amount.minor;
                self.entries.push((e.evidence.clone(), e.day, e.amount));
            }
            DeskEvent::Paid(e) => {
                let day = self.ledger.day(e.day);
                day.paid += e.amount.minor;
                day.paid_count += 1;
                self.paid.insert((e.payment_id, e.attempt));
            }
            DeskEvent::HandedBack(e) => {
                self.ledger.day(e.day).handed_back += e.amount.minor;
                self.entries.push((e.evidence.clone(), e.day, e.amount));
            }
            DeskEvent::UnpaidListed(e) => {
                let day = self.ledger.day(e.day);
                day.handed_back += e.amount.minor;
                day.unclaimed += e.amount.minor;
                day.unclaimed_count += i64::try_from(e.payments.len()).unwrap_or(i64::MAX);
                self.entries.push((e.evidence.clone(), e.day, e.amount));
            }
            DeskEvent::Liquidated(e) => self.liquidated_to = self.liquidated_to.max(Some(e.day)),
        }
    }
}

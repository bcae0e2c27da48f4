//! Conservation of what is overpaid: what the payments' own events say is out beyond what is owed stands in recoveries, and nothing else.

use super::report::{Check, Finding, Findings};
use crate::domain::beneficiary::BeneficiaryEvent;
use crate::domain::codec::{self, DomainEvent};
use crate::domain::ids::{BeneficiaryId, RecoveryId};
use crate::domain::payment::Payment;
use crate::domain::recovery::{Recovery, RecoveryState, overpaid};
use crate::store::RecordedEvent;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// An overpayment that must stand in a recovery.
struct Due {
    minor: i64,
    /// The last event that it follows from.
    position: u64,
    payment: String,
}

/// The check. Streams come in the order of their names: people, then payments, then recoveries.
#[derive(Default)]
pub(super) struct RecoveryCheck {
    /// Up to where what follows from the log was done; what is later may be under way.
    reacted: u64,
    dead: BTreeMap<BeneficiaryId, (Date, u64)>,
    due: BTreeMap<RecoveryId, Due>,
}

impl RecoveryCheck {
    pub fn new(reacted: u64) -> Self {
        Self { reacted, ..Self::default() }
    }

    /// One event of a person.
    pub fn person(&mut self, id: BeneficiaryId, event: &RecordedEvent) {
        if event.event_type != "BeneficiaryDied" {
            return;
        }
        let read = codec::decode(&event.event_type, event.schema_version, &event.data);
        if let Ok(Some(DomainEvent::Beneficiary(BeneficiaryEvent::Died(died)))) = read {
            self.dead.insert(id, (died.died_on, event.position));
        }
    }

    /// A payment's stream ends here.
    pub fn payment(&mut self, state: &Payment, last_position: u64) {
        let Some(payment) = &state.instructed else { return };
        let death = self.dead.get(&payment.beneficiary_id).copied();
        for overpayment in overpaid(payment, death.map(|(died_on, _)| died_on)) {
            let position = last_position.max(death.map_or(0, |(_, position)| position));
            let (minor, payment) = (overpayment.amount.minor, payment.payment_id.to_string());
            self.due.insert(overpayment.recovery_id(), Due { minor, position, payment });
        }
    }

    /// A recovery's stream ends here.
    pub fn recovery(&mut self, state: &Recovery, last_position: u64, findings: &mut Findings) {
        let Some(found) = &state.found else { return };
        let mut tell = |message: String| {
            findings.add(Finding { position: Some(last_position), ..Finding::of(Check::Money, message) });
        };
        let covered = found.received_minor() + found.written_off_minor - found.refund_minor;
        if found.state != RecoveryState::Lapsed && covered > found.amount.minor {
            tell(format!("recovery {}: more came back or was given up than was overpaid", found.recovery_id));
        }
        if found.state == RecoveryState::Lapsed {
            return;
        }
        match self.due.remove(&found.recovery_id) {
            Some(due) if due.minor != found.amount.minor && due.position <= self.reacted => tell(format!(
                "recovery {}: {} are overpaid by the payment's events, {} are recovered (minor units)",
                found.recovery_id, due.minor, found.amount.minor
            )),
            None if found.ground.is_automatic() && found.state.is_open() && last_position <= self.reacted => {
                tell(format!("recovery {} is open, and nothing of its payment is overpaid", found.recovery_id));
            }
            Some(_) | None => {}
        }
    }

    /// What no recovery was found for.
    pub fn finish(self, findings: &mut Findings) {
        for (id, due) in self.due.into_iter().filter(|(_, due)| due.position <= self.reacted) {
            let message = format!(
                "payment {}: {} are overpaid (minor units), and there is no recovery {id}",
                due.payment, due.minor
            );
            findings.add(Finding { position: Some(due.position), ..Finding::of(Check::Money, message) });
        }
    }
}

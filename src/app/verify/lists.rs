//! Conservation of each payment list: count and sum are the items', and advanced = paid + handed back as the payments tell it.

use super::report::{Check, Finding, Findings};
use crate::app::App;
use crate::app::aggregate::{decode_own, payment_stream};
use crate::app::error::AppError;
use crate::domain::ids::PaymentId;
use crate::domain::list::command::Outcome;
use crate::domain::list::event::{ListEvent, ListReconciled};
use crate::domain::list::{PaymentList, Stage};
use crate::domain::money::Money;
use crate::domain::payment::Payment;
use crate::store::RecordedEvent;

/// Payments whose streams are read together.
const STREAMS_AT_ONCE: usize = 500;

/// A list as it was reconciled last, to be compared with its payments at that position.
struct Reconciled {
    stream: String,
    position: u64,
    items: Vec<(PaymentId, u32, i64)>,
    event: ListReconciled,
}

/// The check and how far it has come.
#[derive(Default)]
pub(super) struct ListCheck {
    pending: Vec<Reconciled>,
    current: Option<Reconciled>,
}

impl ListCheck {
    /// Applies one event of a list to its state and compares what it claims.
    pub fn event(&mut self, event: &RecordedEvent, state: &mut PaymentList, findings: &mut Findings) -> bool {
        // What cannot be read was reported by the walk by position; nothing after it can be folded.
        let Ok(read) = decode_own::<PaymentList>(event) else { return false };
        state.evolve(&read);
        let mut wrong = |message: String| findings.add(Finding::at(Check::Money, event, message));
        let Some(list) = &state.opened else {
            wrong("the list was never opened".to_owned());
            return true;
        };
        let (count, sum) = (list.item_count(), list.control_sum());
        let mut claimed = |said: (u64, Money)| {
            if said != (count, sum) {
                wrong(format!(
                    "the event says {} items of {} minor units, the items are {count} of {}",
                    said.0, said.1.minor, sum.minor
                ));
            }
        };
        match &read {
            ListEvent::Prepared(e) => claimed((e.item_count, e.control_sum)),
            ListEvent::Checked(e) => claimed((e.item_count, e.control_sum)),
            ListEvent::Approved(e) => claimed((e.item_count, e.control_sum)),
            ListEvent::Submitted(e) => claimed((e.item_count, e.advanced)),
            ListEvent::Reconciled(e) => {
                claimed((e.paid.items + e.unpaid.items, sum));
                // What came off a list that its agent refused took none of its money away.
                if e.advanced != list.advanced.unwrap_or(sum) {
                    wrong("the money advanced is not what went out".to_owned());
                }
                if e.paid.sum_minor.saturating_add(e.handed_back.minor) != e.advanced.minor {
                    wrong("advanced is not paid and handed back".to_owned());
                }
                let items = list.items.iter().map(|(id, item)| (*id, item.attempt, item.amount_minor)).collect();
                let stream = event.stream.clone();
                self.current = Some(Reconciled { stream, position: event.position, items, event: e.clone() });
            }
            ListEvent::Closed(_) if list.reconciled.is_none() => wrong("the list was never reconciled".to_owned()),
            ListEvent::Closed(_)
            | ListEvent::Opened(_)
            | ListEvent::ItemsAdded(_)
            | ListEvent::ItemsRemoved(_)
            | ListEvent::Acknowledged(_)
            | ListEvent::Withdrawn(_)
            | ListEvent::Shown(_) => {}
        }
        if let ListEvent::Withdrawn(e) = &read
            && e.handed_back != list.advanced
        {
            wrong("the list was withdrawn without all of its money".to_owned());
        }
        if list.stage == Stage::Withdrawn && count > 0 {
            wrong(format!("the list was withdrawn with {count} items on it"));
        }
        true
    }

    /// The stream ends here.
    pub fn end(&mut self) {
        self.pending.extend(self.current.take());
    }

    /// Reads the payments of the lists that ended, as they stood when each was reconciled.
    pub async fn flush(&mut self, app: &App, findings: &mut Findings) -> Result<(), AppError> {
        for list in std::mem::take(&mut self.pending) {
            let outcome = outcome_at(app, &list).await?;
            let (paid, unpaid) = (list.event.paid, list.event.unpaid);
            if (outcome.paid, outcome.unpaid, outcome.open.items) != (paid, unpaid, 0) {
                let message = format!(
                    "the list was reconciled at {} with {} paid of {} minor units and {} unpaid; its payments tell {} of {} and {}, {} open",
                    list.position,
                    paid.items,
                    paid.sum_minor,
                    unpaid.items,
                    outcome.paid.items,
                    outcome.paid.sum_minor,
                    outcome.unpaid.items,
                    outcome.open.items
                );
                findings.add(Finding::in_stream(Check::Money, &list.stream, message));
            }
        }
        Ok(())
    }
}

async fn outcome_at(app: &App, list: &Reconciled) -> Result<Outcome, AppError> {
    let mut outcome = Outcome::default();
    for part in list.items.chunks(STREAMS_AT_ONCE) {
        let names: Vec<String> = part.iter().map(|(id, ..)| payment_stream(*id)).collect();
        let events = app.store.read_streams(&names).await?;
        let mut states: std::collections::HashMap<&str, Payment> = std::collections::HashMap::new();
        for event in events.iter().filter(|event| event.position <= list.position) {
            if let Ok(read) = decode_own::<Payment>(event) {
                states.entry(event.stream.as_str()).or_default().evolve(&read);
            }
        }
        for ((_, attempt, minor), name) in part.iter().zip(&names) {
            if let Some(payment) = states.get(name.as_str()).and_then(|state| state.instructed.as_ref()) {
                outcome.add(payment, (*attempt, *minor));
            } else {
                outcome.open.add(0);
            }
        }
    }
    Ok(outcome)
}

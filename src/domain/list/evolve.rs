//! Folding a list's events. Never refuses, never panics: an event that does not fit what came before changes nothing.

use crate::domain::list::event::{ListEvent, ListItemsAdded, ListItemsRemoved, ListOpened};
use crate::domain::list::state::{HeldItem, Opened, PaymentList, Stage};
use std::collections::{BTreeMap, BTreeSet};

impl PaymentList {
    /// Applies one event.
    pub fn evolve(&mut self, event: &ListEvent) {
        if let ListEvent::Opened(event) = event {
            self.opened = Some(Opened::from_event(event));
        } else if let Some(list) = &mut self.opened {
            list.apply(event);
        }
    }

    /// The state after these events.
    #[must_use]
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a ListEvent>) -> Self {
        let mut state = Self::default();
        for event in events {
            state.evolve(event);
        }
        state
    }
}

impl Opened {
    fn from_event(event: &ListOpened) -> Self {
        Self {
            list_id: event.list_id,
            cycle: event.cycle,
            channel: event.channel.clone(),
            agent: event.agent.clone(),
            currency: event.currency,
            origin: event.origin,
            previous: event.previous.clone(),
            stage: Stage::Preparing,
            items: BTreeMap::new(),
            sum_minor: 0,
            chunks: 0,
            left_out: 0,
            hands: BTreeSet::from([event.by.clone()]),
            checked: None,
            approved_by: None,
            advanced: None,
            answer: None,
            reconciled: None,
            handed_back: None,
        }
    }

    fn apply(&mut self, event: &ListEvent) {
        match event {
            // Applied by the caller, which owns the whole state.
            ListEvent::Opened(_) | ListEvent::Shown(_) => {}
            ListEvent::ItemsAdded(e) => self.add(e),
            ListEvent::Prepared(_) => self.stage = Stage::Prepared,
            ListEvent::ItemsRemoved(e) => self.remove(e),
            ListEvent::Checked(e) => self.checked = Some(e.findings.clone()),
            ListEvent::Approved(e) => {
                self.stage = Stage::Approved;
                self.approved_by = Some(e.by.clone());
            }
            ListEvent::Submitted(e) => {
                self.stage = Stage::Submitted;
                self.advanced = Some(e.advanced);
            }
            ListEvent::Acknowledged(e) => {
                self.stage = Stage::Acknowledged;
                self.answer = Some((e.answer, e.agent_ref.clone()));
            }
            ListEvent::Reconciled(e) => {
                self.stage = Stage::Reconciled;
                self.handed_back = Some(e.handed_back);
                self.reconciled = Some(e.clone());
            }
            ListEvent::Closed(_) => self.stage = Stage::Closed,
            ListEvent::Withdrawn(e) => {
                self.stage = Stage::Withdrawn;
                self.handed_back = e.handed_back;
            }
        }
    }

    fn add(&mut self, event: &ListItemsAdded) {
        for item in &event.items {
            let before = self.items.insert(item.payment_id, HeldItem::of(item));
            let before = before.map_or(0, |held| held.amount_minor);
            self.sum_minor = self.sum_minor.saturating_sub(before).saturating_add(item.amount_minor);
        }
        self.left_out += event.left_out.len() as u64;
        self.chunks = event.chunk.saturating_add(1);
    }

    /// What was checked and approved is no longer what the list is.
    fn remove(&mut self, event: &ListItemsRemoved) {
        for item in &event.items {
            if let Some(held) = self.items.remove(&item.payment_id) {
                self.sum_minor = self.sum_minor.saturating_sub(held.amount_minor);
            }
        }
        self.hands.insert(event.by.clone());
        self.checked = None;
        self.approved_by = None;
        if self.stage == Stage::Approved {
            self.stage = Stage::Prepared;
        }
    }
}

//! Folding a payment's events. Never refuses, never panics: an event that does not fit what came before changes nothing.

use crate::domain::payment::event::{Correction, PaymentEvent, PaymentInstructed, PaymentReissued};
use crate::domain::payment::state::{Attempt, AttemptState, Instructed, Payment};

impl Payment {
    /// Applies one event.
    pub fn evolve(&mut self, event: &PaymentEvent) {
        if let PaymentEvent::Instructed(event) = event {
            self.instructed = Some(Instructed::from_event(event));
        } else if let Some(payment) = &mut self.instructed {
            payment.apply(event);
        }
    }

    /// The state after these events.
    #[must_use]
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a PaymentEvent>) -> Self {
        let mut state = Self::default();
        for event in events {
            state.evolve(event);
        }
        state
    }
}

impl Instructed {
    fn from_event(event: &PaymentInstructed) -> Self {
        Self {
            payment_id: event.payment_id,
            reference: event.reference.clone(),
            beneficiary_id: event.beneficiary_id,
            benefit_type: event.benefit_type.clone(),
            benefit_months: event.benefit_months.clone(),
            cycle: event.cycle,
            amount: event.amount,
            unit_key: event.unit_key.clone(),
            urban: event.urban,
            supplement: event.supplement,
            attempts: vec![Attempt {
                number: event.attempt,
                state: AttemptState::Instructed,
                held: false,
                channel: event.channel.clone(),
                agent: event.agent.clone(),
                bank: event.bank.clone(),
                account_ref: event.account_ref,
                end_to_end_id: event.end_to_end_id.clone(),
                due_on: event.due_on,
                payee: event.payee,
                settled_on: None,
                settlement: None,
                returned_on: None,
            }],
            corrections: Vec::new(),
        }
    }

    fn apply(&mut self, event: &PaymentEvent) {
        match event {
            // Applied by the caller, which owns the whole state.
            PaymentEvent::Instructed(_) => {}
            PaymentEvent::Accepted(e) => self.to(e.attempt, AttemptState::Accepted, |_| {}),
            PaymentEvent::Settled(e) => self.to(e.attempt, AttemptState::Settled, |attempt| {
                attempt.settled_on = Some(e.settled_on);
                attempt.settlement = Some(e.evidence.clone());
            }),
            PaymentEvent::SettledLate(e) => {
                self.with(e.attempt, |attempt| {
                    attempt.settled_on = Some(e.settled_on);
                    attempt.settlement = Some(e.evidence.clone());
                });
                if let Some(stopped) = e.stopped_attempt {
                    self.with(stopped, |attempt| attempt.held = !attempt.state.is_final());
                }
            }
            PaymentEvent::Rejected(e) => self.to(e.attempt, AttemptState::Rejected, |_| {}),
            PaymentEvent::Returned(e) => {
                self.to(e.attempt, AttemptState::Returned, |attempt| attempt.returned_on = Some(e.returned_on));
            }
            PaymentEvent::Failed(e) => self.to(e.attempt, AttemptState::Failed, |_| {}),
            PaymentEvent::Held(e) => self.with(e.attempt, |attempt| attempt.held = true),
            PaymentEvent::Released(e) => self.with(e.attempt, |attempt| attempt.held = false),
            PaymentEvent::Reissued(e) => self.open(e),
            PaymentEvent::Cancelled(e) => self.to(e.attempt, AttemptState::Cancelled, |_| {}),
            PaymentEvent::Corrected(e) => self.correct(&e.correction),
        }
    }

    fn with(&mut self, number: u32, change: impl FnOnce(&mut Attempt)) {
        if let Some(attempt) = self.attempts.iter_mut().find(|attempt| attempt.number == number) {
            change(attempt);
        }
    }

    /// A final state ends a hold: there is nothing left to wait for.
    fn to(&mut self, number: u32, state: AttemptState, change: impl FnOnce(&mut Attempt)) {
        self.with(number, |attempt| {
            attempt.state = state;
            attempt.held = attempt.held && !state.is_final();
            change(attempt);
        });
    }

    fn open(&mut self, event: &PaymentReissued) {
        self.attempts.push(Attempt {
            number: event.new_attempt,
            state: AttemptState::Instructed,
            held: false,
            channel: event.to_channel.clone(),
            agent: event.agent.clone(),
            bank: event.bank.clone(),
            account_ref: event.account_ref,
            end_to_end_id: event.end_to_end_id.clone(),
            due_on: event.due_on,
            payee: event.payee,
            settled_on: None,
            settlement: None,
            returned_on: None,
        });
    }

    fn correct(&mut self, correction: &Correction) {
        match correction {
            Correction::Amount { new, .. } => self.amount = *new,
            Correction::BenefitMonths { new, .. } => self.benefit_months.clone_from(new),
            Correction::Unit { new, new_urban, .. } => {
                self.unit_key = new.clone();
                self.urban = *new_urban;
            }
            Correction::DueOn { new, .. } => {
                if let Some(latest) = self.attempts.last_mut() {
                    latest.due_on = *new;
                }
            }
            Correction::Reference { new, .. } => self.reference = new.clone(),
        }
        self.corrections.push(correction.clone());
    }
}

//! Folding a payment's events. Never refuses, never panics: an event that does not fit what came before changes nothing.

use crate::domain::payment::event::{
    Correction, PaymentContradictionResolved, PaymentEvent, PaymentInstructed, PaymentReissued, Resolution,
};
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
            ordered_minor: event.amount.minor,
            unit_key: event.unit_key.clone(),
            urban: event.urban,
            kind: event.kind(),
            holds_months: event.holds_months(),
            standing: event.attempt,
            called_off: false,
            contradiction: None,
            dismissed: Vec::new(),
            made_good_minor: 0,
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
                paid: None,
                settlement: None,
                returned_on: None,
                rejected_on: None,
                return_proof: None,
            }],
            true_minor: None,
            corrections: Vec::new(),
        }
    }

    fn apply(&mut self, event: &PaymentEvent) {
        let true_minor = self.true_minor.take();
        match event {
            // Applied by the caller, which owns the whole state.
            PaymentEvent::Instructed(_) => {}
            PaymentEvent::Accepted(e) => self.to(e.attempt, AttemptState::Accepted, |_| {}),
            PaymentEvent::Settled(e) => self.to(e.attempt, AttemptState::Settled, |attempt| {
                attempt.settled_on = Some(e.settled_on);
                attempt.paid = Some(e.amount);
                attempt.settlement = Some(e.evidence.clone());
            }),
            PaymentEvent::SettledLate(e) => {
                self.with(e.attempt, |attempt| {
                    attempt.settled_on = Some(e.settled_on);
                    attempt.paid = Some(e.amount);
                    attempt.settlement = Some(e.evidence.clone());
                });
                if let Some(stopped) = e.stopped_attempt {
                    self.with(stopped, |attempt| attempt.held = !attempt.state.is_final());
                }
                self.called_off = self.called_off && !e.reinstated;
            }
            PaymentEvent::Rejected(e) => {
                self.to(e.attempt, AttemptState::Rejected, |attempt| attempt.rejected_on = Some(e.rejected_on));
            }
            // What was called off stays so: the money that came back pays nobody again.
            PaymentEvent::Returned(e) => {
                let come_back = |attempt: &mut Attempt| {
                    attempt.returned_on = Some(e.returned_on);
                    attempt.return_proof = Some(e.evidence.clone());
                };
                if self.called_off {
                    self.with(e.attempt, come_back);
                } else {
                    self.to(e.attempt, AttemptState::Returned, come_back);
                }
            }
            PaymentEvent::Failed(e) => self.to(e.attempt, AttemptState::Failed, |_| {}),
            PaymentEvent::Held(e) => self.with(e.attempt, |attempt| attempt.held = true),
            PaymentEvent::Released(e) => self.with(e.attempt, |attempt| attempt.held = false),
            PaymentEvent::Reissued(e) => self.open(e),
            PaymentEvent::Cancelled(e) => {
                self.to(e.attempt, AttemptState::Cancelled, |_| {});
                self.called_off = true;
            }
            PaymentEvent::Recalled(e) => self.to(e.attempt, AttemptState::Cancelled, |_| {}),
            PaymentEvent::Corrected(e) => self.correct(&e.correction, true_minor),
            // It stops the payment by itself: a hold that stands for another reason is not its own to set or to end.
            PaymentEvent::Contradicted(e) => self.contradiction = Some(e.clone()),
            PaymentEvent::ContradictionResolved(e) => self.resolve(e),
        }
        self.promote();
    }

    /// Where the attempt that the payment stands on came to nothing, late money of another is what pays it.
    fn promote(&mut self) {
        let standing = self.standing();
        let pays = !standing.state.is_final() || standing.state == AttemptState::Settled;
        if pays || self.called_off {
            return;
        }
        if let Some(number) = self.paying_late_attempt().map(|late| late.number) {
            self.with(number, |late| late.state = AttemptState::Settled);
            self.standing = number;
        }
    }

    /// Its wait is over; whatever else holds the open attempt stays.
    fn resolve(&mut self, event: &PaymentContradictionResolved) {
        let reported = self.contradiction.take();
        // Money beside what pays the payment differs in nothing: it is too much as a whole.
        let differs = event.difference_minor != 0;
        match event.resolution {
            Resolution::Dismissed => return self.dismissed.extend(reported),
            Resolution::MadeGood if differs => self.made_good_minor = event.difference_minor,
            Resolution::Accepted if differs => self.made_good_minor = 0,
            Resolution::MadeGood | Resolution::Accepted => {}
        }
        self.true_minor = reported.filter(|_| differs).map(|reported| reported.amount.minor);
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
        self.standing = event.new_attempt;
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
            paid: None,
            settlement: None,
            returned_on: None,
            rejected_on: None,
            return_proof: None,
        });
    }

    fn correct(&mut self, correction: &Correction, true_minor: Option<i64>) {
        match correction {
            Correction::Amount { new, .. } => {
                self.amount = *new;
                if true_minor != Some(new.minor) {
                    self.ordered_minor = new.minor;
                }
            }
            Correction::BenefitMonths { new, .. } => self.benefit_months.clone_from(new),
            Correction::Unit { new, new_urban, .. } => {
                self.unit_key = new.clone();
                self.urban = *new_urban;
            }
            Correction::DueOn { new, .. } => {
                self.with(self.standing, |attempt| attempt.due_on = *new);
            }
            Correction::Reference { new, .. } => self.reference = new.clone(),
        }
        self.corrections.push(correction.clone());
    }
}

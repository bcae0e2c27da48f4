//! What happened to a payment, told as one tells it to the pensioner who asks: a sentence for each event, the code beside it.

use super::Frame;
use super::payments::{money, reason_word, way};
use super::words::named;
use crate::domain::ids::{BankId, ChannelCode};
use crate::domain::payment::event::{
    Correction, Evidence, FailureCause, Payee, PaymentContradictionResolved, PaymentEvent, PaymentInstructed,
    PaymentSettled, PaymentSettledLate, Reason, Resolution,
};
use crate::domain::payment::{Attempt, PaymentKind};
use crate::domain::period::Month;
use crate::domain::profile::Profile;
use jiff::civil::Date;

/// One sentence.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sentence {
    pub text: String,
    /// The agent's code, as it came.
    pub code: Option<String>,
    /// What one of our own people wrote.
    pub note: Option<String>,
    /// The proof that it rests on.
    pub proof: Option<String>,
    /// The day on which it happened, where the event says so.
    pub day: Option<Date>,
    /// Which attempt it is about.
    pub attempt: Option<u32>,
    pub class: &'static str,
}

/// What tells a payment's life.
pub struct Teller<'a> {
    pub page: &'a Frame,
    pub profile: &'a Profile,
    pub attempts: &'a [Attempt],
}

impl Teller<'_> {
    fn amount(&self, minor: i64) -> String {
        money(self.profile, self.page.tongue, minor)
    }

    fn day(&self, day: Date) -> String {
        self.page.tongue.day(day)
    }

    fn months(&self, months: &[Month]) -> String {
        months.iter().map(|month| self.page.tongue.month(*month)).collect::<Vec<_>>().join(", ")
    }

    fn way(&self, channel: &ChannelCode, bank: Option<&BankId>) -> String {
        way(self.profile, self.page.tongue, (channel.as_str(), bank.map(BankId::as_str)))
    }

    fn reason(&self, reason: &Reason) -> String {
        reason_word(self.page, (&reason.system, &reason.code), reason.class).to_owned()
    }

    fn who(&self, payee: Payee) -> &'static str {
        match payee {
            Payee::Beneficiary => self.page.t("life.self"),
            Payee::Authorised => self.page.t("life.authorised"),
            Payee::Guardian => self.page.t("life.guardian"),
            Payee::Heir => self.page.t("life.heir"),
        }
    }

    /// The sentence of an event.
    pub fn tell(&self, event: &PaymentEvent) -> Sentence {
        let page = self.page;
        let about = |attempt: u32, text: String| Sentence { text, attempt: Some(attempt), ..Sentence::default() };
        match event {
            PaymentEvent::Instructed(e) => about(e.attempt, self.ordered(e)),
            PaymentEvent::Accepted(e) => Sentence {
                proof: e.agent_ref.clone(),
                code: e.raw_status.clone(),
                ..about(e.attempt, page.t("life.accepted").to_owned())
            },
            PaymentEvent::Settled(e) => self.settled(e),
            PaymentEvent::SettledLate(e) => self.settled_late(e),
            PaymentEvent::Rejected(e) => Sentence {
                code: Some(e.reason.code.clone()),
                day: Some(e.rejected_on),
                class: "bad",
                ..about(e.attempt, page.say("life.rejected", &[("reason", &self.reason(&e.reason))]))
            },
            PaymentEvent::Returned(e) => Sentence {
                code: Some(e.reason.code.clone()),
                proof: Some(e.evidence.reference.clone()),
                day: Some(e.returned_on),
                class: "bad",
                ..about(e.attempt, page.say("life.returned", &[("reason", &self.reason(&e.reason))]))
            },
            PaymentEvent::Failed(e) => Sentence { class: "bad", ..about(e.attempt, self.failed(e.cause).to_owned()) },
            PaymentEvent::Held(e) => {
                let cause = page.code("held", &e.cause);
                Sentence { note: e.note.clone(), ..about(e.attempt, page.say("life.held", &[("cause", cause)])) }
            }
            PaymentEvent::Released(e) => {
                Sentence { note: e.note.clone(), ..about(e.attempt, page.t("life.released").to_owned()) }
            }
            PaymentEvent::Reissued(e) => {
                let way = self.way(&e.to_channel, e.bank.as_ref());
                let text = page.say("life.reissued", &[("way", &way), ("day", &self.day(e.due_on))]);
                Sentence { note: Some(page.code("noted", &e.reason).to_owned()), ..about(e.new_attempt, text) }
            }
            PaymentEvent::Cancelled(e) => {
                let text = page.say("life.cancelled", &[("who", page.code("by", &e.by))]);
                Sentence { note: Some(page.code("noted", &e.reason).to_owned()), ..about(e.attempt, text) }
            }
            PaymentEvent::Recalled(e) => {
                let text = page.say("life.recalled", &[("who", page.code("by", &e.by))]);
                Sentence { note: Some(page.code("noted", &e.reason).to_owned()), ..about(e.attempt, text) }
            }
            PaymentEvent::Corrected(e) => {
                Sentence { text: self.corrected(&e.correction), note: Some(e.ground.clone()), ..Sentence::default() }
            }
            PaymentEvent::Contradicted(e) => Sentence {
                proof: Some(e.evidence.reference.clone()),
                day: Some(e.settled_on),
                class: "bad",
                ..about(e.attempt, page.say("life.contradicted", &[("amount", &self.amount(e.amount.minor))]))
            },
            PaymentEvent::ContradictionResolved(e) => {
                Sentence { note: Some(page.code("noted", &e.reason).to_owned()), ..about(e.attempt, self.resolved(e)) }
            }
        }
    }

    fn ordered(&self, event: &PaymentInstructed) -> String {
        let key = match event.kind() {
            PaymentKind::Regular => named("life.ordered"),
            PaymentKind::Arrears => named("life.ordered_arrears"),
            PaymentKind::Supplement => named("life.ordered_supplement"),
        };
        let (amount, months) = (self.amount(event.amount.minor), self.months(&event.benefit_months));
        let way = self.way(&event.channel, event.bank.as_ref());
        let texts = [("amount", amount.as_str()), ("months", &months), ("way", &way), ("day", &self.day(event.due_on))];
        self.page.say(key, &texts)
    }

    fn settled(&self, event: &PaymentSettled) -> Sentence {
        let attempt = self.attempts.iter().find(|attempt| attempt.number == event.attempt);
        let text = match (event.collected_by, attempt) {
            (Some(payee), _) => self.page.say("life.collected", &[("who", self.who(payee))]),
            (None, Some(attempt)) => {
                self.page.say("life.settled", &[("way", &self.way(&attempt.channel, attempt.bank.as_ref()))])
            }
            (None, None) => self.page.t("payment.waits_settled").to_owned(),
        };
        paid(text, &event.evidence, (event.settled_on, event.attempt))
    }

    fn settled_late(&self, event: &PaymentSettledLate) -> Sentence {
        let mut text = self.page.t("life.settled_late").to_owned();
        if let Some(number) = event.stopped_attempt {
            text.push(' ');
            text.push_str(&self.page.say("life.to_recall", &[("number", &number.to_string())]));
        }
        paid(text, &event.evidence, (event.settled_on, event.attempt))
    }

    fn failed(&self, cause: FailureCause) -> &'static str {
        match cause {
            FailureCause::NoAnswer => self.page.t("life.no_answer"),
            FailureCause::Unclaimed => self.page.t("life.unclaimed"),
            FailureCause::NotSendable => self.page.t("life.not_sendable"),
        }
    }

    fn corrected(&self, correction: &Correction) -> String {
        let (key, old, new) = match correction {
            Correction::Amount { old, new } => {
                (named("life.corrected_amount"), self.amount(old.minor), self.amount(new.minor))
            }
            Correction::BenefitMonths { old, new } => {
                (named("life.corrected_months"), self.months(old), self.months(new))
            }
            Correction::Unit { old, new, .. } => {
                let name = |key: &crate::domain::ids::UnitKey| super::payments::unit_name(self.profile, key).to_owned();
                (named("life.corrected_unit"), name(old), name(new))
            }
            Correction::DueOn { old, new } => (named("life.corrected_due"), self.day(*old), self.day(*new)),
            Correction::Reference { old, new } => (named("life.corrected_reference"), old.to_string(), new.to_string()),
        };
        self.page.say(key, &[("old", &old), ("new", &new)])
    }

    fn resolved(&self, event: &PaymentContradictionResolved) -> String {
        let difference = self.amount(event.difference_minor.saturating_abs());
        let key = match (event.resolution, event.difference_minor) {
            (Resolution::Dismissed, _) => named("life.resolved_dismissed"),
            (Resolution::MadeGood | Resolution::Accepted, 0) => named("life.resolved_all"),
            (Resolution::MadeGood, 1..) => named("life.resolved_over"),
            (Resolution::MadeGood, _) => named("life.resolved_under"),
            (Resolution::Accepted, _) => named("life.resolved_accepted"),
        };
        self.page.say(key, &[("difference", &difference)])
    }
}

/// Money that went out, with what proves it.
fn paid(text: String, evidence: &Evidence, (day, attempt): (Date, u32)) -> Sentence {
    let proof = Some(evidence.reference.clone());
    Sentence { text, proof, day: Some(day), attempt: Some(attempt), class: "good", ..Sentence::default() }
}

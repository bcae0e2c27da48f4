//! Payments: the list with its filters and the search for a person, and one payment with its life in words.

use super::Frame;
use super::deeds::DeedForm;
use super::life::{Sentence, Teller};
use crate::app::payments::{PaymentView, TimelineEntry};
use crate::app::personal::SeenPerson;
use crate::app::queries::PaymentRow;
use crate::app::tongue::Tongue;
use crate::app::worklist::WorkItem;
use crate::domain::disclosure::{DataKind, Purpose};
use crate::domain::ids::UnitKey;
use crate::domain::payment::AttemptState;
use crate::domain::payment::event::ReasonClass;
use crate::domain::payment::state::Instructed;
use crate::domain::profile::Profile;
use askama::Template;

/// What the list's address asks.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub cycle: String,
    pub unit: String,
    pub status: String,
    pub payment_reference: String,
    pub end_to_end_id: String,
    pub beneficiary_id: String,
    pub list: String,
}

/// The list.
#[derive(Template)]
#[template(path = "payments.html")]
pub struct PaymentsPage<'a> {
    pub page: &'a Frame,
    pub profile: &'a Profile,
    pub wanted: Wanted,
    pub rows: &'a [PaymentRow],
    /// Where the list goes on.
    pub next: Option<String>,
    /// The same as a file.
    pub file: String,
    pub may_search: bool,
    /// Nobody has the number that was searched for.
    pub nobody: bool,
}

/// How a state looks.
#[must_use]
pub const fn chip(state: AttemptState, waits: bool) -> &'static str {
    match state {
        _ if waits => "warn",
        AttemptState::Settled => "good",
        AttemptState::Rejected | AttemptState::Failed | AttemptState::Returned => "bad",
        AttemptState::Instructed | AttemptState::Accepted | AttemptState::Cancelled => "",
    }
}

/// A unit's name; its key where there is none.
pub(super) fn unit_name<'a>(profile: &'a Profile, key: &'a UnitKey) -> &'a str {
    profile.units.get(key.as_str()).map_or(key.as_str(), |unit| unit.name.as_str())
}

/// An amount as the language writes it, with its currency.
pub(super) fn money(profile: &Profile, tongue: Tongue, minor: i64) -> String {
    format!("{} {}", tongue.amount(&profile.currency, minor), profile.currency.currency)
}

/// How it is paid, with the bank's name where there is one.
pub(super) fn way(profile: &Profile, tongue: Tongue, (channel, bank): (&str, Option<&str>)) -> String {
    let name = profile.channel(channel).map_or(channel, |spec| spec.labels.get(tongue.code()));
    let bank = bank.map(|id| profile.bank(id).map_or(id, |spec| spec.short_name.as_str()));
    bank.map_or_else(|| name.to_owned(), |bank| format!("{name}, {bank}"))
}

/// An agent's code in words: what the code says where the tables know it, what kind of cause it is otherwise.
pub(super) fn reason_word<'a>(page: &Frame, (system, code): (&str, &'a str), class: ReasonClass) -> &'a str {
    // A bank's own code may have the letters of another's.
    let is_common = matches!(system, "iso20022" | "agency" | "chitra");
    let known = if is_common { page.code("reason", code) } else { code };
    if known == code { page.tongue.class(class.as_str()) } else { known }
}

/// The codes that an agent's refusal may have, with their words.
pub(super) fn reason_words(page: &Frame, profile: &Profile) -> Vec<(String, String)> {
    let named = |code: &str| {
        let words = reason_word(page, ("iso20022", code), profile.reason_class("iso20022", code));
        (code.to_owned(), format!("{code} · {words}"))
    };
    profile.reason_codes("iso20022").into_iter().map(named).collect()
}

impl PaymentsPage<'_> {
    const fn t(&self) -> Tongue {
        self.page.tongue
    }

    fn states(&self) -> Vec<(&'static str, &'static str, bool)> {
        let of = |state: AttemptState| {
            (state.as_str(), self.t().state(state.as_str()), self.wanted.status == state.as_str())
        };
        AttemptState::ALL.into_iter().map(of).collect()
    }

    fn schemes(&self) -> Vec<(&str, &str)> {
        self.profile.identifiers.iter().map(|spec| (spec.code.as_str(), spec.labels.get(self.t().code()))).collect()
    }

    fn unit(&self, row: &PaymentRow) -> String {
        unit_name(self.profile, &row.unit_key).to_owned()
    }

    fn amount(&self, row: &PaymentRow) -> String {
        money(self.profile, self.t(), row.amount.minor)
    }

    fn state(&self, row: &PaymentRow) -> &'static str {
        self.t().state(row.state.as_str())
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn chip(&self, row: &PaymentRow) -> &'static str {
        chip(row.state, row.waits())
    }

    fn way(&self, row: &PaymentRow) -> String {
        let bank = row.provider.bank.as_ref().map(AsRef::as_ref);
        way(self.profile, self.t(), (row.provider.channel.as_str(), bank))
    }

    fn due(&self, row: &PaymentRow) -> String {
        self.t().day(row.due_on)
    }

    fn cycle(&self, row: &PaymentRow) -> String {
        self.t().month(row.cycle)
    }

    fn place(&self) -> Option<String> {
        let unit = UnitKey::parse(&self.wanted.unit).ok()?;
        Some(unit_name(self.profile, &unit).to_owned())
    }
}

/// One step of a payment's life.
pub struct Step<'a> {
    pub day: String,
    pub clock: String,
    pub told: Sentence,
    pub words: Option<&'a str>,
    pub source: &'a str,
    pub actor: &'a str,
    pub position: u64,
}

/// One way that it was tried.
pub struct Try {
    pub number: u32,
    pub state: &'static str,
    pub chip: &'static str,
    pub way: String,
    pub due: String,
    pub end_to_end_id: String,
    pub settled: String,
    pub evidence: String,
}

/// One value of the person.
pub struct Known<'a> {
    pub name: String,
    pub value: &'a str,
}

/// One payment.
#[derive(Template)]
#[template(path = "payment.html")]
pub struct PaymentPage<'a> {
    pub page: &'a Frame,
    pub profile: &'a Profile,
    pub view: &'a PaymentView,
    /// What is to be done next.
    pub next: Option<WorkItem>,
    /// What can be done, by whoever looks.
    pub deeds: Vec<DeedForm<'a>>,
    /// `None` for who sees no personal data at all.
    pub person: Option<&'a SeenPerson>,
    pub is_revealed: bool,
    /// For who may record numbers of people.
    pub adds_number: Option<DeedForm<'a>>,
    pub may_reveal: bool,
    /// Makes a repeat of the same form the same look.
    pub form_id: String,
}

impl PaymentPage<'_> {
    const fn t(&self) -> Tongue {
        self.page.tongue
    }

    fn amount(&self) -> String {
        money(self.profile, self.t(), self.view.payment.amount.minor)
    }

    fn state(&self) -> &'static str {
        self.t().state(self.view.payment.standing().state.as_str())
    }

    fn chip(&self) -> &'static str {
        chip(self.view.payment.standing().state, self.view.payment.waits())
    }

    fn unit(&self) -> &str {
        unit_name(self.profile, &self.view.payment.unit_key)
    }

    fn cycle(&self) -> String {
        self.t().month(self.view.payment.cycle)
    }

    fn months(&self) -> String {
        let months = self.view.payment.benefit_months.iter().map(|month| self.t().month(*month));
        months.collect::<Vec<_>>().join(", ")
    }

    fn benefit(&self) -> &str {
        let code = self.view.payment.benefit_type.as_ref();
        self.profile.benefit_type(code).map_or(code, |spec| spec.labels.get(self.t().code()))
    }

    fn steps(&self) -> Vec<Step<'_>> {
        let teller = Teller { page: self.page, profile: self.profile, attempts: &self.view.payment.attempts };
        self.view.timeline.iter().map(|entry| self.step(&teller, entry)).collect()
    }

    fn step<'s>(&'s self, teller: &Teller<'_>, entry: &'s TimelineEntry) -> Step<'s> {
        let at_us = entry.occurred_at.map_or(entry.recorded_at_us, jiff::Timestamp::as_microsecond);
        let told = teller.tell(&entry.event);
        let recorded_on = self.profile.business_day(at_us);
        let clock = self.profile.clock_time(at_us);
        Step {
            day: self.t().day(told.day.unwrap_or(recorded_on)),
            // The time is that of the record; where the event is of an earlier day, the record's day goes with it.
            clock: match told.day {
                Some(day) if day != recorded_on => format!("{} {clock}", self.t().day(recorded_on)),
                _ => clock,
            },
            told,
            words: entry.words.as_deref(),
            source: entry.source.as_deref().map_or("", |source| self.page.code("codes", source)),
            actor: entry.actor.as_deref().unwrap_or_default(),
            position: entry.position,
        }
    }

    fn tries(&self) -> Vec<Try> {
        let t = self.t();
        let one = |attempt: &crate::domain::payment::Attempt| Try {
            number: attempt.number,
            state: t.state(attempt.state.as_str()),
            chip: chip(attempt.state, attempt.held),
            way: way(self.profile, t, (attempt.channel.as_str(), attempt.bank.as_ref().map(AsRef::as_ref))),
            due: t.day(attempt.due_on),
            end_to_end_id: attempt.end_to_end_id.to_string(),
            settled: attempt.settled_on.map_or_else(|| "–".to_owned(), |day| t.day(day)),
            evidence: attempt.settlement.as_ref().map_or_else(String::new, |proof| proof.reference.clone()),
        };
        self.view.payment.attempts.iter().rev().map(one).collect()
    }

    fn next_told(&self) -> Option<String> {
        let item = self.next.as_ref()?;
        let play = self.profile.playbook.get(item.play)?;
        let due = self.t().day(item.due);
        Some(self.page.say("payment.next_by", &[("who", self.t().actor(play.who)), ("day", &due)]))
    }

    fn next_how(&self) -> Option<&str> {
        let play = self.profile.playbook.get(self.next.as_ref()?.play)?;
        Some(play.labels.get(self.t().code()))
    }

    /// What happens by itself while nobody has to act.
    fn next_waits(&self) -> &'static str {
        match self.view.payment.standing().state {
            AttemptState::Instructed => self.page.t("payment.waits_instructed"),
            AttemptState::Accepted => self.page.t("payment.waits_accepted"),
            AttemptState::Settled => self.page.t("payment.waits_settled"),
            AttemptState::Cancelled => self.page.t("payment.waits_cancelled"),
            AttemptState::Rejected | AttemptState::Failed | AttemptState::Returned => {
                self.page.t("payment.waits_other")
            }
        }
    }

    fn known(&self) -> Vec<Known<'_>> {
        let values = self.person.map_or(&[][..], |person| &person.values);
        let one = |seen: &'_ crate::app::personal::SeenValue| {
            let scheme = seen.scheme.as_deref().and_then(|code| self.profile.identifier(code));
            let bank = seen.bank.as_deref().map(|id| self.profile.bank(id).map_or(id, |spec| &spec.short_name));
            match (seen.kind, scheme, bank) {
                (DataKind::Identifier, Some(scheme), _) => scheme.labels.get(self.t().code()).to_owned(),
                (kind, _, Some(bank)) => format!("{} {bank}", self.page.code("codes", kind.as_str())),
                (kind, ..) => self.page.code("codes", kind.as_str()).to_owned(),
            }
        };
        values.iter().map(|seen| Known { name: one(seen), value: &seen.value }).collect()
    }

    fn purposes(&self) -> Vec<(&'static str, &str)> {
        Purpose::ALL.into_iter().map(|purpose| (purpose.as_str(), self.page.code("codes", purpose.as_str()))).collect()
    }
}

/// The operations that a payment's state allows, the likeliest first.
#[must_use]
pub fn possible(payment: &Instructed) -> &'static [&'static str] {
    let standing = payment.standing();
    if payment.contradiction.is_some() {
        return &["resolvePayment"];
    }
    match standing.state {
        _ if standing.held => &["releasePayment", "cancelPayment"],
        AttemptState::Instructed => &[
            "settlePayment",
            "payAtDesk",
            "rejectPayment",
            "acceptPayment",
            "failPayment",
            "holdPayment",
            "correctPayment",
            "cancelPayment",
        ],
        AttemptState::Accepted => &[
            "settlePayment",
            "payAtDesk",
            "rejectPayment",
            "failPayment",
            "holdPayment",
            "correctPayment",
            "cancelPayment",
        ],
        AttemptState::Settled => &["returnPayment"],
        AttemptState::Rejected | AttemptState::Failed | AttemptState::Returned => {
            &["reissuePayment", "correctPayment", "cancelPayment"]
        }
        AttemptState::Cancelled => &[],
    }
}

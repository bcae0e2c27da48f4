//! A beneficiary as folded from events.

use crate::domain::beneficiary::authorisation::Authorisation;
use crate::domain::beneficiary::event::{AccountChecked, BeneficiaryEvent, BeneficiaryMoved, Cohort};
use crate::domain::beneficiary::identifiers::KnownIdentifier;
use crate::domain::beneficiary::identity::IdentityMatchRecorded;
use crate::domain::beneficiary::suspension::Suspension;
use crate::domain::ids::{AgentCode, BankId, BeneficiaryId, ChannelCode, GroundCode, UnitKey, VaultRef};
use crate::domain::payment::command::BeneficiaryFact;
use crate::domain::payment::event::Payee;
use crate::domain::period::Month;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How a beneficiary is paid from a month on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutMethod {
    pub channel: ChannelCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_ref: Option<VaultRef>,
    pub effective_month: Month,
    pub payee: Payee,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home_ground: Option<GroundCode>,
}

/// A registered person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    pub beneficiary_id: BeneficiaryId,
    /// Unit by first day of effect, oldest first; the first has no day.
    pub units: Vec<(Option<Date>, UnitKey)>,
    /// Methods in the order chosen.
    pub methods: Vec<PayoutMethod>,
    pub died_on: Option<Date>,
    /// Name, identifiers and accounts were destroyed.
    pub erased: bool,
    /// Coarse facts for statistics.
    pub cohort: Cohort,
    /// Identifiers that were added or ended after the registration, in that order.
    pub identifiers: Vec<KnownIdentifier>,
    /// In the order given.
    pub authorisations: Vec<Authorisation>,
    /// In the order recorded, those that are over as well.
    pub suspensions: Vec<Suspension>,
    /// The latest check of each account.
    pub account_checks: Vec<AccountChecked>,
    /// The latest result of matching with the population database.
    pub identity: Option<IdentityMatchRecorded>,
}

/// A beneficiary's state: nothing yet, or registered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Beneficiary {
    pub registered: Option<Registered>,
}

impl Registered {
    /// The unit on a day.
    #[must_use]
    pub fn unit_on(&self, on: Date) -> Option<&UnitKey> {
        let begun = |since: &Option<Date>| since.is_none_or(|since| since <= on);
        self.units.iter().rev().find(|(since, _)| begun(since)).map(|(_, key)| key)
    }

    /// A person of whom no more is known than this.
    #[must_use]
    pub const fn new(beneficiary_id: BeneficiaryId, units: Vec<(Option<Date>, UnitKey)>) -> Self {
        Self {
            beneficiary_id,
            units,
            methods: Vec::new(),
            died_on: None,
            erased: false,
            authorisations: Vec::new(),
            cohort: Cohort { birth_decade: None, sex: None },
            identifiers: Vec::new(),
            suspensions: Vec::new(),
            account_checks: Vec::new(),
            identity: None,
        }
    }

    /// The method in force in a month: of those that have begun, the one chosen last. A later choice also ends earlier choices
    /// that were to begin after it.
    #[must_use]
    pub fn method_in_force(&self, month: Month) -> Option<&PayoutMethod> {
        self.methods.iter().rev().find(|method| method.effective_month <= month)
    }

    /// The next method that will come in force after a month. Choices that a later one ends before they begin are passed over.
    #[must_use]
    pub fn next_method(&self, month: Month) -> Option<&PayoutMethod> {
        let mut later: Vec<Month> =
            self.methods.iter().map(|method| method.effective_month).filter(|first| *first > month).collect();
        later.sort_unstable();
        let in_force = later.into_iter().filter_map(|first| self.method_in_force(first));
        in_force.into_iter().find(|method| method.effective_month > month)
    }

    /// What a payment's decision needs to know, for a payment of one cycle.
    #[must_use]
    pub fn fact(&self, cycle: Month) -> BeneficiaryFact {
        BeneficiaryFact {
            id: self.beneficiary_id,
            died_on: self.died_on,
            method: self.method_in_force(cycle).cloned(),
            next_method: self.next_method(cycle).cloned(),
            suspensions: self.suspensions.clone(),
        }
    }
}

impl Beneficiary {
    /// Applies one event. Never refuses, never panics: an event that does not fit what came before changes nothing.
    pub fn evolve(&mut self, event: &BeneficiaryEvent) {
        match (event, &mut self.registered) {
            (BeneficiaryEvent::Registered(e), registered) => {
                let units = vec![(None, e.unit_key.clone())];
                *registered = Some(Registered { cohort: e.cohort, ..Registered::new(e.beneficiary_id, units) });
            }
            (BeneficiaryEvent::Moved(e), Some(person)) => person.moved(e),
            (BeneficiaryEvent::PayoutMethodChosen(e), Some(person)) => person.methods.push(PayoutMethod {
                channel: e.channel.clone(),
                agent: e.agent.clone(),
                bank: e.bank.clone(),
                account_ref: e.account_ref,
                effective_month: e.effective_month,
                payee: e.payee,
                home_ground: e.home_ground.clone(),
            }),
            (BeneficiaryEvent::Died(e), Some(person)) => person.died_on = Some(e.died_on),
            (BeneficiaryEvent::Erased(_), Some(person)) => person.erased = true,
            (BeneficiaryEvent::IdentifierAdded(e), Some(person)) => person.identifier_added(e),
            (BeneficiaryEvent::IdentifierEnded(e), Some(person)) => person.identifier_ended(e),
            (BeneficiaryEvent::AccountChecked(e), Some(person)) => person.account_checked(e),
            (BeneficiaryEvent::AuthorisationGranted(e), Some(person)) => person.authorisations.push(Authorisation {
                authorised_ref: e.authorised_ref,
                payee: e.payee,
                certified: e.certified,
                valid_from: e.valid_from,
                valid_to: e.valid_to,
                ended_on: None,
            }),
            (BeneficiaryEvent::AuthorisationEnded(e), Some(person)) => {
                let ended = person.authorisations.iter_mut().find(|known| known.authorised_ref == e.authorised_ref);
                if let Some(known) = ended {
                    known.ended_on = Some(e.ended_on);
                }
            }
            (BeneficiaryEvent::Suspended(e), Some(person)) => person.suspensions.push(Suspension {
                benefit_type: e.benefit_type.clone(),
                legal_ground: e.legal_ground.clone(),
                from_month: e.from_month,
                resumed_from: None,
                arrears: false,
            }),
            (BeneficiaryEvent::Resumed(e), Some(person)) => person.resumed(e),
            (BeneficiaryEvent::IdentityMatched(e), Some(person)) => person.identity = Some(e.clone()),
            (
                BeneficiaryEvent::Moved(_)
                | BeneficiaryEvent::PayoutMethodChosen(_)
                | BeneficiaryEvent::Died(_)
                | BeneficiaryEvent::Erased(_)
                | BeneficiaryEvent::IdentifierAdded(_)
                | BeneficiaryEvent::IdentifierEnded(_)
                | BeneficiaryEvent::AccountChecked(_)
                | BeneficiaryEvent::AuthorisationGranted(_)
                | BeneficiaryEvent::AuthorisationEnded(_)
                | BeneficiaryEvent::Suspended(_)
                | BeneficiaryEvent::Resumed(_)
                | BeneficiaryEvent::IdentityMatched(_),
                None,
            ) => {}
        }
    }

    /// The state after these events.
    #[must_use]
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a BeneficiaryEvent>) -> Self {
        let mut state = Self::default();
        for event in events {
            state.evolve(event);
        }
        state
    }

    /// The unit on a day; `None` when not registered.
    #[must_use]
    pub fn unit_on(&self, on: Date) -> Option<&UnitKey> {
        self.registered.as_ref()?.unit_on(on)
    }

    /// What a payment's decision needs to know; `None` when not registered.
    #[must_use]
    pub fn fact(&self, cycle: Month) -> Option<BeneficiaryFact> {
        Some(self.registered.as_ref()?.fact(cycle))
    }
}

impl Registered {
    /// Keeps the units by day; a second move on one day takes the place of the first.
    fn moved(&mut self, event: &BeneficiaryMoved) {
        let day = Some(event.effective_on);
        let place = self.units.partition_point(|(since, _)| *since < day);
        match self.units.get_mut(place) {
            Some(entry) if entry.0 == day => entry.1 = event.to_unit_key.clone(),
            Some(_) | None => self.units.insert(place, (day, event.to_unit_key.clone())),
        }
    }

    /// Only the latest check of an account says anything.
    fn account_checked(&mut self, event: &AccountChecked) {
        self.account_checks.retain(|known| known.account_ref != event.account_ref);
        self.account_checks.push(event.clone());
    }
}

//! Who may receive on a beneficiary's behalf, and when: authorisations and guardianships. Who they are stands in the vault.

use crate::domain::beneficiary::error::BeneficiaryRefusal;
use crate::domain::beneficiary::event::{AuthorisationEnded, AuthorisationGranted, BeneficiaryEvent};
use crate::domain::beneficiary::state::Registered;
use crate::domain::ids::VaultRef;
use crate::domain::payment::event::Payee;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One authorisation or guardianship.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorisation {
    pub authorised_ref: VaultRef,
    pub payee: Payee,
    pub certified: bool,
    pub valid_from: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
    /// The first day on which it no longer holds, when it was ended early.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_on: Option<Date>,
}

impl Authorisation {
    /// The last day on which it holds; `None` while it is open. A day before `valid_from` when it was ended before it began.
    #[must_use]
    pub fn last_day(&self) -> Option<Date> {
        let before_end = self.ended_on.map(|ended| ended.yesterday().unwrap_or(ended));
        match (self.valid_to, before_end) {
            (Some(to), Some(end)) => Some(to.min(end)),
            (one, other) => one.or(other),
        }
    }

    /// Whether it holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.last_day().is_none_or(|last| day <= last)
    }
}

/// Whether somebody may receive for the beneficiary on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is the beneficiary.
    NotNeeded,
    InForce,
    /// The last one has run out.
    Expired {
        last_day: Date,
    },
    /// There is none, or none that has begun.
    Missing,
}

/// What the profile asks of authorisations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthorisationRules {
    pub months_max: i32,
    pub must_be_certified: bool,
    /// Those that began before this day are of the law before: neither limit is asked of them ...
    pub in_force_from: Option<Date>,
    /// ... but they end on this day at the latest.
    pub old_until: Option<Date>,
}

impl AuthorisationRules {
    fn is_old(&self, event: &AuthorisationGranted) -> bool {
        self.in_force_from.is_some_and(|from| event.valid_from < from)
    }

    fn check(&self, event: &AuthorisationGranted) -> Result<(), BeneficiaryRefusal> {
        if event.valid_to.is_some_and(|to| to < event.valid_from) {
            return Err(BeneficiaryRefusal::AuthorisationEndsBeforeItBegins);
        }
        // A court's guardian stays one until the court says otherwise.
        if event.payee == Payee::Guardian {
            return Ok(());
        }
        let latest = if self.is_old(event) {
            self.old_until
        } else {
            // The year of an authorisation ends on its own date: from 1 August to 1 August.
            event.valid_from.checked_add(self.months_max.months()).ok()
        };
        if let Some(latest) = latest.filter(|latest| event.valid_to.is_none_or(|to| to > *latest)) {
            return Err(BeneficiaryRefusal::AuthorisationTooLong { latest });
        }
        if self.must_be_certified && !event.certified && !self.is_old(event) {
            return Err(BeneficiaryRefusal::AuthorisationNotCertified);
        }
        Ok(())
    }
}

impl Registered {
    /// Whether this kind of payee may receive on a day. Nobody acts for the dead: an authorisation ends with its giver.
    #[must_use]
    pub fn standing_of(&self, payee: Payee, day: Date) -> Standing {
        match (payee, self.died_on) {
            (Payee::Beneficiary, _) => return Standing::NotNeeded,
            // Who inherits needs no authorisation by the dead, only the death.
            (Payee::Heir, Some(died_on)) if died_on <= day => return Standing::NotNeeded,
            (Payee::Authorised | Payee::Guardian | Payee::Heir, _) => {}
        }
        let of_kind = || self.authorisations.iter().filter(|known| known.payee == payee && known.valid_from <= day);
        if let Some(died_on) = self.died_on.filter(|died_on| *died_on < day) {
            return if of_kind().next().is_some() {
                Standing::Expired { last_day: died_on }
            } else {
                Standing::Missing
            };
        }
        if of_kind().any(|known| known.holds_on(day)) {
            return Standing::InForce;
        }
        match of_kind().filter_map(Authorisation::last_day).max() {
            Some(last_day) => Standing::Expired { last_day },
            None => Standing::Missing,
        }
    }

    /// The last day on which somebody may still receive on the beneficiary's behalf, of those whose right ends at all and has not
    /// ended by a day.
    #[must_use]
    pub fn next_authorisation_end(&self) -> Option<Date> {
        if self.died_on.is_some() || self.erased {
            return None;
        }
        self.authorisations.iter().filter(|known| known.ended_on.is_none()).filter_map(|known| known.valid_to).max()
    }
}

pub(super) fn grant(
    person: &Registered,
    event: &AuthorisationGranted,
    rules: &AuthorisationRules,
) -> Result<Option<BeneficiaryEvent>, BeneficiaryRefusal> {
    if let Some(died_on) = person.died_on {
        return Err(BeneficiaryRefusal::Deceased { died_on });
    }
    if event.payee == Payee::Beneficiary {
        return Err(BeneficiaryRefusal::AuthorisationOfOneself);
    }
    rules.check(event)?;
    Ok(Some(BeneficiaryEvent::AuthorisationGranted(event.clone())))
}

pub(super) fn end(
    person: &Registered,
    event: &AuthorisationEnded,
) -> Result<Option<BeneficiaryEvent>, BeneficiaryRefusal> {
    let known = person.authorisations.iter().find(|known| known.authorised_ref == event.authorised_ref);
    let Some(known) = known else { return Err(BeneficiaryRefusal::NoSuchAuthorisation) };
    match known.ended_on {
        Some(ended_on) if ended_on == event.ended_on => Ok(None),
        Some(ended_on) => Err(BeneficiaryRefusal::AuthorisationEnded { ended_on }),
        None => Ok(Some(BeneficiaryEvent::AuthorisationEnded(event.clone()))),
    }
}

//! Months for which a benefit is suspended, and what becomes of them when it is resumed.

use crate::domain::beneficiary::error::BeneficiaryRefusal;
use crate::domain::beneficiary::event::{BeneficiaryEvent, BenefitResumed, BenefitSuspended};
use crate::domain::beneficiary::state::Registered;
use crate::domain::ids::{BenefitType, GroundCode};
use crate::domain::period::Month;
use serde::{Deserialize, Serialize};

/// A run of suspended months.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// `None`: all benefits of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefit_type: Option<BenefitType>,
    pub legal_ground: GroundCode,
    pub from_month: Month,
    /// The first month that is payable again; `None` while suspended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumed_from: Option<Month>,
    /// The suspended months are owed and may be paid as arrears.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub arrears: bool,
}

impl Suspension {
    /// Whether it concerns a benefit's month.
    #[must_use]
    pub fn covers(&self, benefit_type: &BenefitType, month: Month) -> bool {
        self.benefit_type.as_ref().is_none_or(|own| own == benefit_type)
            && self.from_month <= month
            && self.resumed_from.is_none_or(|resumed| month < resumed)
    }

    /// Whether its months may be paid as arrears by now.
    #[must_use]
    pub const fn is_owed(&self) -> bool {
        self.resumed_from.is_some() && self.arrears
    }
}

/// The suspension that forbids to pay a month, if one does. Of several the one that forbids most: one that is not owed.
#[must_use]
pub fn forbids<'a>(
    suspensions: &'a [Suspension],
    benefit_type: &BenefitType,
    month: Month,
    as_arrears: bool,
) -> Option<&'a Suspension> {
    let covering = || suspensions.iter().filter(|known| known.covers(benefit_type, month));
    covering().find(|known| !known.is_owed()).or_else(|| covering().next().filter(|_| !as_arrears))
}

pub(super) fn suspend(
    person: &Registered,
    event: &BenefitSuspended,
) -> Result<Option<BeneficiaryEvent>, BeneficiaryRefusal> {
    if let Some(died_on) = person.died_on {
        return Err(BeneficiaryRefusal::Deceased { died_on });
    }
    let open = || person.suspensions.iter().filter(|known| known.resumed_from.is_none());
    let same = |known: &&Suspension| {
        (&known.benefit_type, &known.legal_ground, known.from_month)
            == (&event.benefit_type, &event.legal_ground, event.from_month)
    };
    if open().any(|known| same(&known)) {
        return Ok(None);
    }
    let reaches = |known: &&Suspension| {
        known.from_month <= event.from_month
            && (known.benefit_type.is_none() || known.benefit_type == event.benefit_type)
    };
    match open().find(reaches) {
        Some(known) => Err(BeneficiaryRefusal::AlreadySuspended { from_month: known.from_month }),
        None => Ok(Some(BeneficiaryEvent::Suspended(event.clone()))),
    }
}

pub(super) fn resume(
    person: &Registered,
    event: &BenefitResumed,
) -> Result<Option<BeneficiaryEvent>, BeneficiaryRefusal> {
    let ends = |known: &&Suspension| event.benefit_type.is_none() || known.benefit_type == event.benefit_type;
    let open = || person.suspensions.iter().filter(ends).filter(|known| known.resumed_from.is_none());
    let Some(first) = open().map(|known| known.from_month).min() else {
        let repeats =
            |known: &Suspension| (known.resumed_from, known.arrears) == (Some(event.from_month), event.arrears);
        let last = person.suspensions.iter().rfind(|known| ends(known));
        return if last.is_some_and(repeats) { Ok(None) } else { Err(BeneficiaryRefusal::NotSuspended) };
    };
    if event.from_month < first {
        return Err(BeneficiaryRefusal::ResumedBeforeSuspended { from_month: first });
    }
    Ok(Some(BeneficiaryEvent::Resumed(event.clone())))
}

impl Registered {
    /// The suspension that forbids to pay a benefit's month in the ordinary way.
    #[must_use]
    pub fn suspension_in(&self, benefit_type: &BenefitType, month: Month) -> Option<&Suspension> {
        forbids(&self.suspensions, benefit_type, month, false)
    }

    pub(super) fn resumed(&mut self, event: &BenefitResumed) {
        for known in &mut self.suspensions {
            let meant = event.benefit_type.is_none() || known.benefit_type == event.benefit_type;
            if meant && known.resumed_from.is_none() {
                known.resumed_from = Some(event.from_month.max(known.from_month));
                known.arrears = event.arrears;
            }
        }
    }
}

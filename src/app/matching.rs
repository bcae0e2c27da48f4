//! Who has to be looked into: results of matching, authorisations that run out; and how far matching has come.

use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::error::AppError;
use crate::app::lookup::out_of_reach;
use crate::app::queries::{Answer, Page, published_only};
use crate::domain::beneficiary::identity::IdentityStatus;
use crate::domain::ids::{BenefitType, ChannelCode, UnitKey};
use crate::domain::place::Rolled;
use crate::projections::Projection;
use crate::projections::figures::AsOf;
use crate::projections::identity::IdentityRead;
use crate::store::views::Snapshot;
use jiff::civil::Date;
use std::collections::BTreeMap;

pub use crate::projections::beneficiaries::BeneficiaryRow;
pub use crate::projections::identity::IdentityTally;
pub use crate::store::views::PeopleFilter;

/// A page of people and where the next one begins.
#[derive(Debug, Clone)]
pub struct PeoplePage {
    pub people: Vec<BeneficiaryRow>,
    /// `None` when this page is the last.
    pub next_after: Option<u64>,
}

/// How far matching has come: of whom, in which groups, and as of when.
#[derive(Debug, Clone)]
pub struct IdentityQuery {
    pub unit: Option<UnitKey>,
    pub benefit_types: Vec<BenefitType>,
    pub channel: Option<ChannelCode>,
    pub by_unit: bool,
    pub by_channel: bool,
    pub as_of: AsOf,
    /// With groups by unit: after this one.
    pub after: Option<UnitKey>,
    /// With groups by unit: at most so many units.
    pub limit: usize,
}

/// The values of the groups asked for; `None` for a person without a payout method.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdentityGroup {
    pub unit: Option<UnitKey>,
    pub channel: Option<Option<ChannelCode>>,
}

/// Groups of figures, and the last unit of the page when there may be more.
#[derive(Debug, Clone)]
pub struct IdentityPage {
    pub groups: BTreeMap<IdentityGroup, IdentityTally>,
    pub next_after: Option<UnitKey>,
}

impl App {
    /// A page of people within the caller's reach whom a filter finds; by the unit with the latest day of effect.
    pub async fn list_people(
        &self,
        principal: &Principal,
        (scope, mut filter): (Option<UnitKey>, PeopleFilter),
        page: Page,
        min_position: Option<u64>,
    ) -> Result<Answer<PeoplePage>, AppError> {
        let scopes = self.scopes(principal, Action::ReadBeneficiary, scope)?;
        filter.units = scopes.map(|scopes| self.units_of(&scopes));
        self.wait_for(Projection::Beneficiaries, min_position).await?;
        let Snapshot { checkpoint, answer: people } = self.views.list_beneficiaries(&filter, page).await?;
        let full = people.len() >= page.limit as usize;
        let next_after = people.last().filter(|_| full).map(|row| row.registered_position);
        let answer = PeoplePage { people, next_after };
        Ok(Answer { answer, as_of_position: checkpoint.position, as_of_time_us: checkpoint.recorded_at_us })
    }

    /// The scopes that a question is limited to; `None` is the whole log.
    fn scopes(
        &self,
        principal: &Principal,
        action: Action,
        asked: Option<UnitKey>,
    ) -> Result<Option<Vec<UnitKey>>, AppError> {
        match (asked, principal.reach(action), &principal.unit) {
            (_, Reach::Nothing | Reach::Bank | Reach::NoUnit, _) => Err(out_of_reach()),
            (Some(unit), _, _) => {
                self.check_reach(principal, action, unit.as_str(), None)?;
                Ok(Some(vec![unit]))
            }
            (None, Reach::Units, Some(own)) => Ok(Some(self.profile.units.reach(own.as_str()))),
            (None, _, _) => Ok(None),
        }
    }

    /// Every dated version of a unit that lies under one of the scopes, as it was or as what it has become since.
    fn units_of(&self, scopes: &[UnitKey]) -> Vec<UnitKey> {
        let units = &self.profile.units;
        let within = |key: &UnitKey| scopes.iter().any(|scope| units.covers(scope.as_str(), key.as_str()));
        units.iter().map(|unit| &unit.key).filter(|key| within(key)).cloned().collect()
    }

    /// I1 and I2 for each group asked. People are counted in the unit that theirs has become by the day of the answer.
    pub async fn identity_figures(
        &self,
        principal: &Principal,
        query: &IdentityQuery,
        min_position: Option<u64>,
    ) -> Result<Answer<IdentityPage>, AppError> {
        if self.reads_published(principal) {
            return Err(published_only());
        }
        let scopes = self.scopes(principal, Action::ReadFigures, query.unit.clone())?;
        let asked = min_position.max(query.as_of.position());
        self.wait_for(Projection::Beneficiaries, asked).await?;
        self.wait_for(Projection::Payments, asked).await?;
        let people = self.views.progress(Projection::Beneficiaries).await?.checkpoint;
        let payments = self.views.progress(Projection::Payments).await?.checkpoint;
        // What both have come to: an answer of two projections is of one position.
        let reached = if people.position < payments.position { people } else { payments };
        let (position, at_us) = self.as_of(query.as_of, reached).await?;
        let on = self.profile.business_day(at_us);
        let units = scopes.map(|scopes| self.units_of(&scopes));
        let (units, next_after) = if query.by_unit { self.page_of_units(units, query, on) } else { (units, None) };
        let read = IdentityRead { position, benefit_types: query.benefit_types.clone(), units };
        let cells = self.views.identity_figures(&read).await?;
        let mut groups = BTreeMap::new();
        for cell in cells {
            if query.channel.is_none() || query.channel == cell.channel {
                let group = IdentityGroup {
                    unit: query.by_unit.then(|| self.unit_by(&cell.unit, on)),
                    channel: query.by_channel.then(|| cell.channel.clone()),
                };
                groups.entry(group).or_insert_with(IdentityTally::default).add(&cell);
            }
        }
        if groups.is_empty() && !query.by_unit && !query.by_channel {
            groups.insert(IdentityGroup { unit: None, channel: None }, IdentityTally::default());
        }
        let answer = IdentityPage { groups, next_after };
        Ok(Answer { answer, as_of_position: position, as_of_time_us: at_us })
    }

    /// The units whose people stand on a page, each with all that became it, in the order of their keys; and the last one if there are more.
    fn page_of_units(
        &self,
        units: Option<Vec<UnitKey>>,
        query: &IdentityQuery,
        on: Date,
    ) -> (Option<Vec<UnitKey>>, Option<UnitKey>) {
        let all = || self.profile.units.iter().map(|unit| unit.key.clone()).collect();
        let mut members: BTreeMap<UnitKey, Vec<UnitKey>> = BTreeMap::new();
        for key in units.unwrap_or_else(all) {
            members.entry(self.unit_by(&key, on)).or_default().push(key);
        }
        let mut later = members.into_iter().filter(|(key, _)| query.after.as_ref().is_none_or(|after| key > after));
        let page: Vec<(UnitKey, Vec<UnitKey>)> = later.by_ref().take(query.limit).collect();
        let last = page.last().map(|(key, _)| key.clone()).filter(|_| later.next().is_some());
        (Some(page.into_iter().flat_map(|(_, keys)| keys).collect()), last)
    }

    /// What a unit has become by a day, if it went whole into one.
    fn unit_by(&self, key: &UnitKey, on: Date) -> UnitKey {
        match self.profile.units.roll_forward(key.as_str(), on) {
            Rolled::Whole(unit) => unit.key.clone(),
            Rolled::Parts { .. } | Rolled::Nowhere => key.clone(),
        }
    }
}

/// Those that somebody has to look into, or the one asked for.
#[must_use]
pub fn to_look_into(asked: Option<IdentityStatus>) -> Vec<IdentityStatus> {
    asked.map_or_else(|| IdentityStatus::TO_LOOK_INTO.to_vec(), |status| vec![status])
}

//! Work that people's records make: the right to receive for somebody runs out, or the population database does not agree.

use super::rows::each_row;
use super::{Gathering, WorkItem, WorkKind, WorkScope, WorkSource};
use crate::app::error::AppError;
use crate::domain::beneficiary::authorisation::Standing;
use crate::domain::beneficiary::identity::IdentityStatus;
use crate::domain::payment::event::Payee;
use crate::domain::period::Month;
use crate::domain::profile::Profile;
use crate::domain::profile::playbook::Situation;
use crate::projections::beneficiaries::BeneficiaryRow;
use crate::projections::{Checkpoint, Projection};
use crate::store::views::PeopleFilter;
use async_trait::async_trait;
use jiff::ToSpan;
use jiff::civil::Date;

/// Authorisations that run out, or did while the money still goes that way.
pub(super) struct Authorisations;

/// Whom the population database does not know so.
pub(super) struct Identities;

#[async_trait]
impl WorkSource for Authorisations {
    fn kinds(&self) -> &'static [WorkKind] {
        &[WorkKind::Authorisation]
    }

    fn projection(&self) -> Projection {
        Projection::Beneficiaries
    }

    async fn gather(&self, scope: &WorkScope<'_>, into: &mut Gathering) -> Result<Checkpoint, AppError> {
        let (profile, today) = (&scope.app.profile, scope.today);
        let notice = i64::from(profile.payout.authorisations.notice_days);
        let until = today.checked_add(notice.days()).and_then(Date::tomorrow).unwrap_or(Date::MAX);
        // The calendar's own beginning: dates are compared as texts, which negative years would disturb.
        let filter = PeopleFilter {
            units: scope.units.clone(),
            authorised_until: Some((Date::ZERO, until)),
            ..PeopleFilter::default()
        };
        each_person(scope, &filter, |row| {
            if let Some(item) = authorisation(profile, row, today) {
                into.take(item);
            }
        })
        .await
    }
}

/// One that is over is somebody's matter only while the person's money would still go to whoever held it.
fn authorisation(profile: &Profile, row: &BeneficiaryRow, today: Date) -> Option<WorkItem> {
    let last_day = row.authorised_until()?;
    if last_day < today && !stands_on_nobody(row, today) {
        return None;
    }
    let notice = i64::from(profile.payout.authorisations.notice_days);
    let since = last_day.checked_sub(notice.days()).unwrap_or(last_day);
    let place = (row.latest_unit()?.clone(), since, row.registered_position);
    let item = WorkItem::of(profile, WorkKind::Authorisation, Situation::AuthorisationEnding, place)?;
    Some(WorkItem { beneficiary: Some(row.beneficiary_id), due: last_day, ..item })
}

/// The payout method in force names somebody who may not receive on this day.
fn stands_on_nobody(row: &BeneficiaryRow, today: Date) -> bool {
    let state = row.state();
    let Some(person) = &state.registered else { return false };
    let payee = person.method_in_force(Month::of(today)).map_or(Payee::Beneficiary, |method| method.payee);
    matches!(person.standing_of(payee, today), Standing::Expired { .. } | Standing::Missing)
}

#[async_trait]
impl WorkSource for Identities {
    fn kinds(&self) -> &'static [WorkKind] {
        &[WorkKind::Identity]
    }

    fn projection(&self) -> Projection {
        Projection::Beneficiaries
    }

    async fn gather(&self, scope: &WorkScope<'_>, into: &mut Gathering) -> Result<Checkpoint, AppError> {
        let identity = IdentityStatus::TO_LOOK_INTO.to_vec();
        let filter = PeopleFilter { units: scope.units.clone(), identity, ..PeopleFilter::default() };
        each_person(scope, &filter, |row| {
            if let Some(item) = identity_item(&scope.app.profile, row) {
                into.take(item);
            }
        })
        .await
    }
}

fn identity_item(profile: &Profile, row: &BeneficiaryRow) -> Option<WorkItem> {
    let known = row.more.identity.as_ref()?;
    let situation = match known.result.status() {
        IdentityStatus::DeceasedInPopulationDb => Situation::IdentityDeceased,
        IdentityStatus::Mismatch | IdentityStatus::NotFound | IdentityStatus::Duplicate => Situation::IdentityOpen,
        IdentityStatus::Pending | IdentityStatus::Verified | IdentityStatus::Excluded => return None,
    };
    let place = (row.latest_unit()?.clone(), known.checked_on, row.registered_position);
    let item = WorkItem::of(profile, WorkKind::Identity, situation, place)?;
    Some(WorkItem { beneficiary: Some(row.beneficiary_id), ..item })
}

/// Every person whom a filter finds.
async fn each_person(
    scope: &WorkScope<'_>,
    filter: &PeopleFilter,
    mut take: impl FnMut(&BeneficiaryRow) + Send,
) -> Result<Checkpoint, AppError> {
    let read = |page| scope.app.views.list_beneficiaries(filter, page);
    each_row(read, |row| row.registered_position, |row| take(&row)).await
}

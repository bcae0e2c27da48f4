//! Identifiers of a registered person: added and ended with their dates, found by as long as they were the person's.

use crate::app::App;
use crate::app::access::Action;
use crate::app::aggregate::beneficiary_stream;
use crate::app::beneficiaries::{PersonView, RegisteredPerson};
use crate::app::checks;
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::{Begin, Beside, WriteRequest, Written};
use crate::domain::beneficiary::event::Cohort;
use crate::domain::beneficiary::identifiers::{
    AddIdentifier, EndIdentifier, EndReason, IdentifierAdded, IdentifierEnded,
};
use crate::domain::beneficiary::state::Registered;
use crate::domain::beneficiary::{Beneficiary, BeneficiaryCommand, BeneficiaryRefusal};
use crate::domain::claims::{self, ClaimChange};
use crate::domain::identifier::{self, IdentifierWarning};
use crate::domain::ids::{BeneficiaryId, SchemeCode, VaultRef};
use crate::domain::profile::{HolderFacts, IdentifierScheme, Profile};
use crate::vault::holdings::{Held, HeldIdentifier};
use jiff::civil::Date;

/// An identifier to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIdentifier {
    pub scheme: SchemeCode,
    pub value: String,
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
}

/// An identifier to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentifierToEnd {
    pub identifier_ref: VaultRef,
    pub reason: EndReason,
    /// Today when absent.
    pub valid_to: Option<Date>,
}

/// From when to when an identifier is the person's, and whether it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
    pub in_force: bool,
}

/// What is known of the dates of a person's identifier. A number of a scheme that ended is valid to that day at the longest.
#[must_use]
pub fn validity(profile: &Profile, person: &Registered, held: (VaultRef, &str), today: Date) -> Validity {
    let known = person.identifier(held.0);
    let scheme_end = profile.identifier(held.1).and_then(|scheme| scheme.valid_to);
    let valid_from = known.and_then(|known| known.valid_from);
    let own_end = known.and_then(|known| known.valid_to);
    let valid_to = own_end.map_or(scheme_end, |end| Some(scheme_end.map_or(end, |of_scheme| end.min(of_scheme))));
    let ended_early = known.is_some_and(|known| known.ended == Some(EndReason::RecordedInError));
    let in_force = !ended_early && valid_from.is_none_or(|from| from <= today) && valid_to.is_none_or(|to| today <= to);
    Validity { valid_from, valid_to, in_force }
}

/// A number of a scheme that has ended, without one of the scheme that took its place: worth a look.
#[must_use]
pub fn replaced_warning(profile: &Profile, given: &[SchemeCode], today: Date) -> Vec<FieldIssue> {
    let replaced = |code: &SchemeCode| {
        let scheme = profile.identifier(code.as_str())?;
        let (ended_on, other) = (scheme.valid_to.filter(|to| *to < today)?, scheme.replaced_by.as_ref()?);
        (!given.contains(other)).then(|| {
            FieldIssue::new(
                code.to_string(),
                "identifier-replaced",
                format!("{code} was given out until {ended_on}; record the person's {other} as well"),
                format!("{code} chỉ cấp đến {ended_on}; hãy ghi nhận thêm {other} của người hưởng"),
            )
        })
    };
    given.iter().filter_map(replaced).collect()
}

impl App {
    /// Adds an identifier. The number goes to the vault, its reference, scheme and dates to the log.
    pub async fn add_identifier(
        &self,
        request: &WriteRequest,
        id: BeneficiaryId,
        new: &NewIdentifier,
    ) -> Result<RegisteredPerson, AppError> {
        match self.prepare_identifier(request, id, new).await {
            Ok((command, beside, warnings)) => {
                let written = self.execute_identifier(request, id, (command, beside)).await?;
                Ok(RegisteredPerson { written, warnings })
            }
            Err(error) => {
                let written = self.replay_or::<Beneficiary>(request, error).await?;
                Ok(RegisteredPerson { written, warnings: Vec::new() })
            }
        }
    }

    async fn execute_identifier(
        &self,
        request: &WriteRequest,
        id: BeneficiaryId,
        (command, beside): (BeneficiaryCommand, Beside),
    ) -> Result<Written<Beneficiary>, AppError> {
        let stream = beneficiary_stream(id);
        self.execute((&stream, Begin::Existing), request, beside, |_: &Beneficiary| Ok(command.clone())).await
    }

    async fn prepare_identifier(
        &self,
        request: &WriteRequest,
        id: BeneficiaryId,
        new: &NewIdentifier,
    ) -> Result<(BeneficiaryCommand, Beside, Vec<FieldIssue>), AppError> {
        let view = self.read_person_as(&request.principal, Action::ChangeBeneficiary, id).await?;
        let cohort = view.person.cohort;
        let holder = HolderFacts { sex: cohort.sex, birth_year: None };
        let checked = checks::identifier(&self.profile, &new.scheme, &new.value, holder);
        let (value, mut warnings) = checked.map_err(|issue| AppError::Invalid(vec![issue]))?;
        let scheme = self.profile.identifier(new.scheme.as_str());
        warnings.extend(scheme.and_then(|scheme| decade_warning(scheme, &value, cohort)));
        let held = self.held_identifiers(id, &view).await?;
        let same = held.iter().filter(|held| held.value.scheme == new.scheme.as_str() && held.value.value == value);
        let same_number = same.map(|held| VaultRef::from_uuid(held.record_ref)).collect();
        let (record_ref, row) = self.vault.new_identifier(id.as_uuid(), new.scheme.as_str(), &value).await?;
        let key = self.vault.identifier_key(new.scheme.as_str(), &value);
        let event = IdentifierAdded {
            identifier_ref: VaultRef::from_uuid(record_ref),
            scheme: new.scheme.clone(),
            valid_from: new.valid_from,
            valid_to: new.valid_to,
        };
        let scheme_ended = scheme.and_then(|scheme| Some((scheme.valid_to?, scheme.replaced_by.clone())));
        let beside =
            Beside { claims: vec![ClaimChange { kind: claims::IDENTIFIER, key, take: true }], vault: vec![row] };
        let command = AddIdentifier { event, scheme_ended, same_number };
        Ok((BeneficiaryCommand::AddIdentifier(command), beside, warnings))
    }

    /// The identifiers on file; refused when the person's data were erased.
    async fn held_identifiers(
        &self,
        id: BeneficiaryId,
        view: &PersonView,
    ) -> Result<Vec<Held<HeldIdentifier>>, AppError> {
        let held = self.vault.holdings(id.as_uuid()).await?.filter(|_| !view.person.erased);
        Ok(held.ok_or(AppError::Beneficiary(BeneficiaryRefusal::Erased))?.identifiers)
    }

    /// Ends an identifier. The person is still found by it, unless it was recorded in error: then the number is freed and destroyed.
    pub async fn end_identifier(
        &self,
        request: &WriteRequest,
        id: BeneficiaryId,
        end: &IdentifierToEnd,
    ) -> Result<Written<Beneficiary>, AppError> {
        let written = match self.prepare_end(request, id, end).await {
            Ok(prepared) => self.execute_identifier(request, id, prepared).await?,
            Err(error) => self.replay_or::<Beneficiary>(request, error).await?,
        };
        let known = written.state.registered.as_ref().and_then(|person| person.identifier(end.identifier_ref));
        // Also when nothing was new: the time before may have broken off between the event and this.
        if known.is_some_and(|known| known.ended == Some(EndReason::RecordedInError)) {
            self.vault.destroy_record(id.as_uuid(), end.identifier_ref.as_uuid()).await?;
        }
        Ok(written)
    }

    async fn prepare_end(
        &self,
        request: &WriteRequest,
        id: BeneficiaryId,
        end: &IdentifierToEnd,
    ) -> Result<(BeneficiaryCommand, Beside), AppError> {
        let view = self.read_person_as(&request.principal, Action::ChangeBeneficiary, id).await?;
        let held = self.held_identifiers(id, &view).await?;
        let (own, others): (Vec<_>, Vec<_>) =
            held.iter().partition(|held| held.record_ref == end.identifier_ref.as_uuid());
        let known = view.person.identifier(end.identifier_ref).map(|known| known.scheme.clone());
        let on_file = own.first().and_then(|held| SchemeCode::parse(&held.value.scheme).ok());
        let scheme = known.or(on_file).ok_or(AppError::NotFound("identifier"))?;
        let mut beside = Beside::default();
        for held in own.iter().filter(|_| end.reason == EndReason::RecordedInError) {
            // The same number may be on file a second time, and is then still the person's.
            if !others.iter().any(|other| other.value == held.value) {
                let key = self.vault.identifier_key(&held.value.scheme, &held.value.value);
                beside.claims.push(ClaimChange { kind: claims::IDENTIFIER, key, take: false });
            }
        }
        let today = self.profile.business_day(self.clock.now_us());
        let event = IdentifierEnded {
            identifier_ref: end.identifier_ref,
            scheme,
            valid_to: end.valid_to.unwrap_or(today),
            reason: end.reason,
        };
        let command = EndIdentifier { event, others: others.len() as u64 };
        Ok((BeneficiaryCommand::EndIdentifier(command), beside))
    }
}

/// Of a registered person only the decade of birth is known.
fn decade_warning(scheme: &IdentifierScheme, value: &str, cohort: Cohort) -> Option<FieldIssue> {
    let (decade, year) = (cohort.birth_decade?, identifier::birth_year(scheme, value)?);
    let differs = !(decade..decade + 10).contains(&year);
    differs.then(|| checks::warning(scheme.code.to_string(), IdentifierWarning::BirthYearDiffers))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_old_number_alone_is_worth_a_look_once_another_took_its_place() {
        let profile = Profile::vietnam();
        let (si, personal) = (SchemeCode::parse("si_number").unwrap(), SchemeCode::parse("personal_id").unwrap());
        let codes = |given: &[SchemeCode], on| {
            replaced_warning(&profile, given, on).into_iter().map(|issue| issue.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(std::slice::from_ref(&si), date(2025, 8, 1)), ["identifier-replaced"]);
        assert!(codes(std::slice::from_ref(&si), date(2025, 7, 31)).is_empty());
        assert!(codes(&[si, personal.clone()], date(2025, 8, 1)).is_empty());
        assert!(codes(&[personal], date(2025, 8, 1)).is_empty());
    }
}

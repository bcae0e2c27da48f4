//! Beneficiaries: register a person under a pseudonym, record moves, payout methods and deaths.

use crate::app::App;
use crate::app::access::{Action, Principal};
use crate::app::aggregate::beneficiary_stream;
use crate::app::checks;
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::{Begin, Beside, WriteRequest, Written};
use crate::app::identifiers::replaced_warning;
use crate::app::inputs::{PersonName, RegisterInput};
use crate::app::lookup;
use crate::domain::beneficiary::event::Cohort;
use crate::domain::beneficiary::state::Registered;
use crate::domain::beneficiary::{Beneficiary, BeneficiaryCommand};
use crate::domain::claims::{self, ClaimChange};
use crate::domain::ids::{BeneficiaryId, SchemeCode, VaultRef};
use crate::domain::period::Month;
use crate::domain::profile::HolderFacts;

/// A registration and what must be looked at, though it is no error.
pub struct RegisteredPerson {
    pub written: Written<Beneficiary>,
    pub warnings: Vec<FieldIssue>,
}

/// A person with the stream's place.
#[derive(Debug, Clone)]
pub struct PersonView {
    pub person: Registered,
    pub revision: u64,
    pub position: u64,
    pub as_of_position: u64,
}

/// A checked registration: what goes to the log, and what goes to the vault beside it.
pub struct PreparedRegistration {
    pub id: BeneficiaryId,
    pub commands: Vec<BeneficiaryCommand>,
    pub beside: Beside,
    pub warnings: Vec<FieldIssue>,
}

impl App {
    /// Registers a person.
    pub async fn register(&self, request: &WriteRequest, input: RegisterInput) -> Result<RegisteredPerson, AppError> {
        let id = BeneficiaryId::from_uuid(self.clock.opaque_id());
        let prepared = match self.prepare_registration(&request.principal, id, &input) {
            Ok(prepared) => prepared,
            Err(error) => {
                let written = self.replay_or::<Beneficiary>(request, error).await?;
                return Ok(RegisteredPerson { written, warnings: Vec::new() });
            }
        };
        let PreparedRegistration { commands, beside, warnings, .. } = prepared;
        let stream = beneficiary_stream(id);
        let written =
            self.execute_all((&stream, Begin::New), request, beside, |_: &Beneficiary| Ok(commands.clone())).await?;
        Ok(RegisteredPerson { written, warnings })
    }

    /// Checks a registration and makes its commands, claims and vault rows. `id` is the pseudonym to give.
    pub fn prepare_registration(
        &self,
        principal: &Principal,
        id: BeneficiaryId,
        input: &RegisterInput,
    ) -> Result<PreparedRegistration, AppError> {
        let today = self.profile.business_day(self.clock.now_us());
        let mut issues = Vec::new();
        let mut warnings = Vec::new();
        let identifiers = self.identifiers(input, (&mut issues, &mut warnings));
        // A record that speaks of a month gone by names the unit of that time.
        let month = input.method.as_ref().and_then(|method| method.effective_month);
        let on = month.and_then(|month| month.day(1)).map_or(today, |day| day.min(today));
        let unit = lookup::unit(&self.profile, &input.unit, on).map_err(|issue| issues.push(issue)).ok();
        let method = input.method.as_ref().map(|m| {
            let found = self.method(m, (None, self.stated_birth_year(input)), today);
            found.map_err(|found| issues.extend(found))
        });
        let bank = method.as_ref().and_then(|method| method.as_ref().ok()?.0.bank.clone());
        let account = match input.method.as_ref().and_then(|m| m.route.account.as_deref()) {
            Some(text) => match checks::account(&self.profile, bank.as_ref(), text) {
                Ok((number, odd)) => {
                    warnings.extend(odd);
                    Some(number)
                }
                Err(issue) => {
                    issues.push(issue);
                    None
                }
            },
            None => None,
        };
        let authorised = input.authorisation.as_ref().map(|grant| {
            let found = self.authorised(grant).map_err(|issue| issues.push(authorised_column(issue)));
            found.map(|(authorised, odd)| {
                warnings.extend(odd.into_iter().map(authorised_column));
                (grant, authorised)
            })
        });
        let (Some(unit), true) = (unit, issues.is_empty()) else { return Err(AppError::Invalid(issues)) };
        self.check_reach(principal, Action::RegisterBeneficiary, unit.key.as_str(), None)?;
        let mut beside = Beside::default();
        let person = self.vault.new_person(id.as_uuid())?;
        beside.vault.push(person.key_row);
        for (scheme, value) in identifiers {
            let key = self.vault.identifier_key(scheme.as_str(), &value);
            beside.claims.push(ClaimChange { kind: claims::IDENTIFIER, key, take: true });
            beside.vault.push(self.vault.seal_identifier(&person.key, scheme.as_str(), &value)?);
        }
        if let Some(name) = &input.name {
            beside.vault.push(self.vault.seal_name(&person.key, name)?);
        }
        if let Some(year) = input.birth_year {
            beside.vault.push(self.vault.seal_birth_year(&person.key, year)?);
        }
        let cohort = Cohort { birth_decade: input.birth_year.map(|year| year - year.rem_euclid(10)), sex: input.sex };
        let register = BeneficiaryCommand::Register { beneficiary_id: id, unit, registered_on: on, cohort };
        let mut commands = vec![register];
        if let Some(Ok((grant, authorised))) = authorised {
            let (authorised_ref, row) = self.vault.seal_authorised_by(&person.key, &authorised)?;
            beside.vault.push(row);
            commands.push(self.grant_command(grant, VaultRef::from_uuid(authorised_ref)));
        }
        if let Some(Ok((mut choose, odd))) = method {
            warnings.extend(odd);
            // A registration tells how the person is paid already; the cut-off day is for changes.
            let month = choose.effective_month.unwrap_or_else(|| Month::of(today));
            (choose.effective_month, choose.earliest_month) = (Some(month), month);
            if let Some(number) = account {
                let bank = choose.bank.as_ref().map(|bank| bank.as_str().to_owned());
                let (account_ref, row) = self.vault.seal_account(&person.key, bank.as_deref(), &number)?;
                choose.account_ref = Some(VaultRef::from_uuid(account_ref));
                beside.vault.push(row);
            }
            commands.push(BeneficiaryCommand::ChooseMethod(choose));
        }
        Ok(PreparedRegistration { id, commands, beside, warnings })
    }

    /// Identifiers in their normal form; what is wrong with them and what looks odd.
    fn identifiers(
        &self,
        input: &RegisterInput,
        (issues, warnings): (&mut Vec<FieldIssue>, &mut Vec<FieldIssue>),
    ) -> Vec<(SchemeCode, String)> {
        let mut found = Vec::new();
        for (scheme, text) in &input.identifiers {
            let holder = HolderFacts { sex: input.sex, birth_year: input.birth_year };
            match checks::identifier(&self.profile, scheme, text, holder) {
                Ok((value, odd)) => {
                    warnings.extend(odd);
                    found.push((scheme.clone(), value));
                }
                Err(issue) => issues.push(issue),
            }
        }
        let schemes: Vec<SchemeCode> = found.iter().map(|(scheme, _)| scheme.clone()).collect();
        let today = self.profile.business_day(self.clock.now_us());
        warnings.extend(replaced_warning(&self.profile, &schemes, today));
        if input.identifiers.is_empty() {
            let known = self.profile.identifier_list();
            issues.push(FieldIssue::new(
                self.profile.first_identifier().to_string(),
                "missing",
                format!("missing; at least one of {known} is needed to find the person again"),
                format!("thiếu; cần ít nhất một trong: {known}"),
            ));
        }
        found
    }

    /// One person as the log knows them: pseudonym, unit, methods.
    pub async fn read_person(&self, principal: &Principal, id: BeneficiaryId) -> Result<PersonView, AppError> {
        self.read_person_as(principal, Action::ReadBeneficiary, id).await
    }

    pub(super) async fn read_person_as(
        &self,
        principal: &Principal,
        action: Action,
        id: BeneficiaryId,
    ) -> Result<PersonView, AppError> {
        let head = self.store.head().await?;
        let found = self.load::<Beneficiary>(&beneficiary_stream(id)).await?;
        let (person, last) = found
            .and_then(|(state, last)| state.registered.map(|person| (person, last)))
            .ok_or(AppError::NotFound("beneficiary"))?;
        let today = self.profile.business_day(self.clock.now_us());
        let unit = person.unit_on(today).map(|key| key.as_str().to_owned()).unwrap_or_default();
        self.check_reach(principal, action, &unit, None)?;
        let (revision, position) = (last.revision, last.position);
        Ok(PersonView { person, revision, position, as_of_position: head.position.max(position) })
    }

    /// The pseudonym of the person that an identifier names, if the caller may see that person.
    pub async fn search_person(&self, principal: &Principal, person: &PersonName) -> Result<PersonView, AppError> {
        let id = self.find_person(person).await?;
        self.read_person(principal, id).await
    }
}

/// What is wrong with the number of whoever receives on the person's behalf, not with the person's own.
fn authorised_column(issue: FieldIssue) -> FieldIssue {
    FieldIssue { field: "authorised_id".into(), ..issue }
}

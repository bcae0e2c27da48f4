//! Payout methods: a choice with what the profile says of it, and who is old enough to be paid at home.

use crate::app::App;
use crate::app::error::{AppError, FieldIssue};
use crate::app::inputs::{MethodInput, RegisterInput};
use crate::app::lookup::{self, FoundAccount, FoundRoute};
use crate::domain::beneficiary::Beneficiary;
use crate::domain::beneficiary::command::{ChooseMethod, HomeFact};
use crate::domain::identifier;
use crate::domain::ids::{BeneficiaryId, ChannelCode};
use crate::domain::payment::command::BeneficiaryFact;
use crate::domain::period::Month;
use crate::domain::profile::HolderFacts;
use crate::store::VaultRow;
use jiff::civil::Date;

/// A choice with the vault's rows that it brings and what looks odd about it.
pub struct PreparedMethod {
    pub choose: ChooseMethod,
    pub rows: Vec<VaultRow>,
    pub warnings: Vec<FieldIssue>,
}

impl App {
    /// The command of a payout method, as far as it needs no account, and what looks odd about it. `born`: the year, as far as it is known.
    pub fn method(
        &self,
        input: &MethodInput,
        (fact, born): (Option<&BeneficiaryFact>, Option<i16>),
        today: Date,
    ) -> Result<(ChooseMethod, Vec<FieldIssue>), Vec<FieldIssue>> {
        let FoundRoute { channel, agent, bank, payee, warnings } = lookup::route(&self.profile, &input.route, fact)?;
        let requested_on = input.requested_on.unwrap_or(today);
        let earliest_month = self.profile.earliest_effective_month(requested_on);
        let begins = input.effective_month.unwrap_or(earliest_month);
        let home = self.home_fact(&channel.code, input, (born, begins)).map_err(|issue| vec![issue])?;
        let choose = ChooseMethod {
            channel,
            agent: Some(agent),
            bank,
            account_ref: None,
            requested_on,
            effective_month: input.effective_month,
            earliest_month,
            payee,
            account_payee_allowed: self.profile.payout.allows_account_of(payee, requested_on),
            home,
        };
        Ok((choose, warnings))
    }

    /// The same for a registered person, with the account: the one named, or the one on file for the channel.
    pub async fn prepare_method(
        &self,
        (id, person): (BeneficiaryId, &Beneficiary),
        input: &MethodInput,
        today: Date,
    ) -> Result<PreparedMethod, AppError> {
        let fact = person.fact(Month::of(today));
        let born = if self.may_be_at_home(input, fact.as_ref()) { self.birth_year_of(id).await? } else { None };
        let (mut choose, mut warnings) = self.method(input, (fact.as_ref(), born), today).map_err(AppError::Invalid)?;
        let account = self.find_account(id, choose.bank.as_ref(), input.route.account.as_deref()).await?;
        let FoundAccount { account_ref, rows, warnings: odd } = account;
        warnings.extend(odd);
        let on_file = fact.and_then(|fact| fact.method).filter(|method| method.channel == choose.channel.code);
        choose.account_ref = account_ref.or_else(|| on_file.and_then(|method| method.account_ref));
        Ok(PreparedMethod { choose, rows, warnings })
    }

    /// Whether the age may have to be known.
    fn may_be_at_home(&self, input: &MethodInput, fact: Option<&BeneficiaryFact>) -> bool {
        let in_force = fact.and_then(|fact| fact.method.as_ref()).map(|method| &method.channel);
        let channel = input.route.channel.as_ref().or(in_force);
        channel.is_some_and(|channel| self.profile.payout.home_rule(channel).is_some())
    }

    fn home_fact(
        &self,
        channel: &ChannelCode,
        input: &MethodInput,
        (born, begins): (Option<i16>, Month),
    ) -> Result<Option<HomeFact>, FieldIssue> {
        let Some(rule) = self.profile.payout.home_rule(channel) else {
            return match &input.home_ground {
                None => Ok(None),
                Some(_) => Err(FieldIssue::new(
                    "home_ground",
                    "not-paid-at-home",
                    format!("{channel} does not come to the door; leave home_ground out"),
                    format!("hình thức {channel} không phải chi trả tại nhà; hãy bỏ trường home_ground"),
                )),
            };
        };
        let ground = input.home_ground.as_ref();
        if ground.is_some_and(|ground| !rule.grounds.iter().any(|spec| spec.code == *ground)) {
            return Err(lookup::unknown("home_ground"));
        }
        // The year in which the birthday falls counts as a whole: the day of birth is not kept.
        let age = born.map(|born| begins.year() - i32::from(born));
        Ok(Some(HomeFact {
            from_age: rule.from_age,
            age_ground: rule.age_ground.clone(),
            old_enough: age.is_some_and(|age| age >= i32::from(rule.from_age)),
            ground: ground.cloned(),
            grounds: rule.ground_list(),
        }))
    }

    /// The birth year that a registration says, itself or by an identifier.
    pub(super) fn stated_birth_year(&self, input: &RegisterInput) -> Option<i16> {
        let by_number = || {
            let mut years = input.identifiers.iter().filter_map(|(scheme, text)| {
                let spec = self.profile.identifier(scheme.as_str())?;
                let (value, _) = identifier::validate_identifier(spec, text, HolderFacts::default()).ok()?;
                identifier::birth_year(spec, &value)
            });
            years.next()
        };
        input.birth_year.or_else(by_number)
    }

    /// The birth year as the vault has it, itself or in an identifier; the log has the decade alone.
    async fn birth_year_of(&self, id: BeneficiaryId) -> Result<Option<i16>, AppError> {
        let Some(held) = self.vault.holdings(id.as_uuid()).await? else { return Ok(None) };
        let stated = held.birth_years.last().and_then(|held| held.value.parse().ok());
        let by_number = || {
            let mut years = held.identifiers.iter().filter_map(|held| {
                identifier::birth_year(self.profile.identifier(&held.value.scheme)?, &held.value.value)
            });
            years.next()
        };
        Ok(stated.or_else(by_number))
    }
}

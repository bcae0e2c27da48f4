//! The facts that decisions need, looked up in the profile, the vault's claims and the beneficiary's stream.

use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::aggregate::{beneficiary_of_stream, beneficiary_stream, fold};
use crate::app::checks;
use crate::app::error::{AppError, FieldIssue};
use crate::app::inputs::{PersonName, Route};
use crate::domain::beneficiary::authorisation::Standing;
use crate::domain::beneficiary::{Beneficiary, BeneficiaryRefusal};
use crate::domain::claims;
use crate::domain::ids::{AgentCode, BankId, BeneficiaryId, VaultRef};
use crate::domain::payment::command::{AccountPayee, BeneficiaryFact, ChannelFact, UnitFact};
use crate::domain::payment::event::Payee;
use crate::domain::payment::state::Instructed;
use crate::domain::place::{ResolveError, Rolled};
use crate::domain::profile::{HolderFacts, Profile};
use crate::store::{StoreError, VaultRow};
use jiff::civil::Date;
use std::borrow::Cow;

/// A route with its codes found in the profile.
#[derive(Debug, Clone)]
pub struct FoundRoute {
    pub channel: ChannelFact,
    pub agent: AgentCode,
    pub bank: Option<BankId>,
    pub payee: Payee,
    /// What looks odd, though the profile lets it pass.
    pub warnings: Vec<FieldIssue>,
}

/// An account to be paid into: its vault record, and the rows that make it, if it is new.
#[derive(Debug, Default)]
pub struct FoundAccount {
    pub account_ref: Option<VaultRef>,
    pub rows: Vec<VaultRow>,
    /// What looks odd about the number.
    pub warnings: Vec<FieldIssue>,
}

/// The refusal for an object of other units or another bank.
#[must_use]
pub const fn out_of_reach() -> AppError {
    AppError::Forbidden { code: "out-of-your-units", message: "your key is limited to other units or another bank" }
}

/// Finds a unit by key or code on a day; the issue says what could have been meant.
pub fn unit(profile: &Profile, text: &str, on: Date) -> Result<UnitFact, FieldIssue> {
    match profile.payment_unit(text.trim(), on) {
        Ok(unit) => Ok(unit.fact(text.trim())),
        Err(error) => Err(unit_issue(&error, on)),
    }
}

/// The unit that a person's unit became by a day, if it went whole into one; otherwise the unit itself.
#[must_use]
pub fn unit_now(profile: &Profile, key: &str, on: Date) -> String {
    match profile.units.roll_forward(key, on) {
        Rolled::Whole(unit) => unit.key.as_str().to_owned(),
        Rolled::Parts { .. } | Rolled::Nowhere => key.to_owned(),
    }
}

fn unit_issue(error: &ResolveError, on: Date) -> FieldIssue {
    let (code, vi) = match error {
        ResolveError::Unknown { .. } => ("unit-unknown", "không có đơn vị này; xem GET /v1/units".to_owned()),
        ResolveError::Ambiguous { text, candidates } => {
            ("unit-ambiguous", format!("{text} trùng nhiều đơn vị; hãy gửi một trong các khóa: {}", join(candidates)))
        }
        ResolveError::NotInForce { text, closed_on, successors } => (
            "unit-not-in-force",
            format!("đơn vị {text} hết hiệu lực từ sau ngày {closed_on}; đơn vị kế thừa: {}", join(successors)),
        ),
        ResolveError::NotYetInForce { text, opens_on, predecessors } => {
            ("unit-not-in-force", format!("đơn vị {text} có hiệu lực từ {opens_on}; trước đó: {}", join(predecessors)))
        }
        ResolveError::WrongLevel { text, level, expected } => {
            ("unit-wrong-level", format!("đơn vị {text} thuộc cấp {level}; cần cấp {expected}"))
        }
    };
    let hint = if matches!(error, ResolveError::Unknown { .. }) { "; GET /v1/units lists them" } else { "" };
    FieldIssue::new("unit", code, format!("{error} (on {on}){hint}"), format!("{vi} (ngày {on})"))
}

fn join<T: AsRef<str>>(keys: &[T]) -> String {
    let shown: Vec<&str> = keys.iter().take(8).map(AsRef::as_ref).collect();
    if shown.is_empty() { "none known".to_owned() } else { shown.join(", ") }
}

/// Finds a route's codes; what the route leaves open comes from the method in force, then from the profile.
pub fn route(profile: &Profile, route: &Route, fact: Option<&BeneficiaryFact>) -> Result<FoundRoute, Vec<FieldIssue>> {
    let mut issues = Vec::new();
    let method = fact.and_then(|fact| fact.method.as_ref());
    let code = route.channel.as_ref().or(method.map(|method| &method.channel));
    let spec = code.and_then(|code| profile.channel(code.as_str()));
    let Some(spec) = spec else {
        issues.push(match code {
            Some(_) => unknown("channel"),
            None => FieldIssue::new(
                "channel",
                "missing",
                "missing; the beneficiary has no payout method in force, so the channel must be named",
                "thiếu; người hưởng chưa có hình thức nhận tiền, cần ghi kênh chi trả",
            ),
        });
        return Err(issues);
    };
    let same_channel = method.filter(|method| method.channel == spec.code);
    let agent = route.agent.clone().or_else(|| same_channel.and_then(|m| m.agent.clone()));
    let agent = agent.unwrap_or_else(|| spec.default_agent.clone());
    if profile.agent(agent.as_str()).is_none() {
        issues.push(unknown("agent"));
    }
    let mut warnings = Vec::new();
    let bank = match route.bank.as_deref().map(|text| (text, profile.bank_by_name(text))) {
        Some((_, Some(bank))) => {
            match checks::bank_of_channel(profile, spec, bank) {
                Ok(odd) => warnings.extend(odd),
                Err(issue) => issues.push(issue),
            }
            Some(bank.id.clone())
        }
        Some((_, None)) => {
            issues.push(unknown("bank"));
            None
        }
        None => same_channel.and_then(|method| method.bank.clone()),
    };
    let payee = route.payee.or(same_channel.map(|method| method.payee)).unwrap_or(Payee::Beneficiary);
    if !issues.is_empty() {
        return Err(issues);
    }
    Ok(FoundRoute { channel: spec.fact(), agent, bank, payee, warnings })
}

/// A report must not speak of a day that has not come: a slip of the keyboard would stand in the log for ever.
pub fn not_in_future(field: &'static str, day: Date, today: Date) -> Result<Date, FieldIssue> {
    if day <= today {
        return Ok(day);
    }
    Err(FieldIssue::new(
        field,
        "date-in-future",
        format!("{day} has not come yet; today is {today}. Is the year right?"),
        format!("ngày {day} chưa đến; hôm nay là {today}. Năm có đúng không?"),
    ))
}

/// A code that the profile does not have. It is not repeated: it may be a name or number that slipped into the wrong field.
#[must_use]
pub fn unknown(field: &'static str) -> FieldIssue {
    FieldIssue::new(
        field,
        "code-unknown",
        format!("this is not a {field} of the profile; GET /v1/reference lists the codes"),
        "mã này không có trong cấu hình; xem danh mục tại GET /v1/reference",
    )
}

impl App {
    /// Whether the caller's reach for an action holds this unit and bank.
    pub fn check_reach(
        &self,
        principal: &Principal,
        action: Action,
        unit: &str,
        bank: Option<&BankId>,
    ) -> Result<(), AppError> {
        let within = match principal.reach(action) {
            Reach::Nothing | Reach::NoUnit => false,
            Reach::Everything | Reach::WholeLog => true,
            Reach::Units => principal.unit.as_ref().is_none_or(|scope| self.profile.units.covers(scope.as_str(), unit)),
            Reach::Bank => principal.bank.as_ref().is_some_and(|own| bank == Some(own)),
        };
        if within { Ok(()) } else { Err(out_of_reach()) }
    }

    /// Whether the caller's reach holds this payment. For a bank: any of its attempts goes through that bank.
    pub fn check_payment_reach(
        &self,
        principal: &Principal,
        action: Action,
        payment: &Instructed,
    ) -> Result<(), AppError> {
        let own =
            payment.attempts.iter().map(|attempt| attempt.bank.as_ref()).find(|bank| *bank == principal.bank.as_ref());
        self.check_reach(principal, action, payment.unit_key.as_str(), own.flatten())
    }

    /// Whether the caller may report on this attempt (`None`: the latest). A bank reports on attempts through itself alone, though
    /// later ones may go another way.
    pub fn check_attempt_reach(
        &self,
        principal: &Principal,
        attempt: Option<u32>,
        payment: &Instructed,
    ) -> Result<(), AppError> {
        let bank = payment.attempt(attempt).and_then(|attempt| attempt.bank.as_ref());
        self.check_reach(principal, Action::ReportOutcome, payment.unit_key.as_str(), bank)
    }

    /// The id of the person that a request names.
    pub async fn find_person(&self, person: &PersonName) -> Result<BeneficiaryId, AppError> {
        match person {
            PersonName::Id(id) => Ok(*id),
            PersonName::Identifier { .. } => self.find_registered(person).await.map(|(id, _)| id),
        }
    }

    /// The person that a request names, as registered.
    pub async fn find_registered(&self, person: &PersonName) -> Result<(BeneficiaryId, Beneficiary), AppError> {
        let (scheme, value) = match person {
            PersonName::Id(id) => {
                let person = self.load_person(*id, "beneficiary_id").await?;
                // Nobody can tell any more whom the money would go to.
                if person.registered.as_ref().is_some_and(|person| person.erased) {
                    return Err(BeneficiaryRefusal::Erased.into());
                }
                return Ok((*id, person));
            }
            PersonName::Identifier { scheme, value } => (scheme, value),
        };
        let checked = checks::identifier(&self.profile, scheme, value, HolderFacts::default());
        let (normalised, _) = checked.map_err(|issue| AppError::Invalid(vec![issue]))?;
        let key = self.vault.identifier_key(scheme.as_str(), &normalised);
        let unknown = || AppError::Invalid(vec![person_unknown(scheme.to_string())]);
        match self.people.ask(key.clone()).await {
            Ok(stream) => {
                let stream = stream.unwrap_or_default();
                let id = stream.first().and_then(|event| beneficiary_of_stream(&event.stream)).ok_or_else(unknown)?;
                Ok((id, fold::<Beneficiary>(&stream)?))
            }
            // Too long to be read together with others.
            Err(StoreError::Rejected(_)) => {
                let holder = self.store.find_claims(claims::IDENTIFIER, &[key]).await?.into_iter().flatten().next();
                let id = holder.and_then(|stream| beneficiary_of_stream(&stream)).ok_or_else(unknown)?;
                Ok((id, self.load_person(id, scheme.to_string()).await?))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A registered person with the stream's revision and last position.
    pub async fn load_person(
        &self,
        id: BeneficiaryId,
        field: impl Into<Cow<'static, str>>,
    ) -> Result<Beneficiary, AppError> {
        let found = self.load::<Beneficiary>(&beneficiary_stream(id)).await?;
        found.map(|(state, _)| state).ok_or_else(|| AppError::Invalid(vec![person_unknown(field)]))
    }

    /// Whether money may go into an account of the payee on a day.
    pub fn account_payee(&self, person: &Beneficiary, payee: Payee, on: Date) -> AccountPayee {
        let standing = person.registered.as_ref().map_or(Standing::Missing, |person| person.standing_of(payee, on));
        AccountPayee { allowed: self.profile.payout.allows_account_of(payee, on), standing }
    }

    /// The account's vault record: the one already on file when the number is the same, otherwise a new one.
    pub async fn find_account(
        &self,
        person: BeneficiaryId,
        bank: Option<&BankId>,
        number: Option<&str>,
    ) -> Result<FoundAccount, AppError> {
        let Some(text) = number else { return Ok(FoundAccount::default()) };
        let (number, warnings) =
            checks::account(&self.profile, bank, text).map_err(|issue| AppError::Invalid(vec![issue]))?;
        let (account_ref, rows) = self.vault.account(person.as_uuid(), bank.map(BankId::as_str), &number).await?;
        Ok(FoundAccount { account_ref: Some(VaultRef::from_uuid(account_ref)), rows, warnings })
    }
}

/// Nobody is registered under what a request names.
#[must_use]
pub fn person_unknown(field: impl Into<Cow<'static, str>>) -> FieldIssue {
    FieldIssue::new(
        field,
        "beneficiary-unknown",
        "no beneficiary is registered under this; register the person first (POST /v1/beneficiaries or a beneficiaries file)",
        "chưa đăng ký người hưởng này; hãy đăng ký trước (POST /v1/beneficiaries hoặc tệp người hưởng)",
    )
}

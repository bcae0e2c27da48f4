//! What changes about a registered person: unit, payout method, death, suspensions, authorisations, checks of accounts and of identity.

use crate::app::App;
use crate::app::access::Action;
use crate::app::aggregate::beneficiary_stream;
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::{Begin, Beside, WriteRequest, Written};
use crate::app::inputs::MethodInput;
use crate::app::lookup;
use crate::app::methods::PreparedMethod;
use crate::domain::beneficiary::event::{
    AccountChecked, AuthorisationEnded, AuthorisationGranted, BenefitResumed, BenefitSuspended,
};
use crate::domain::beneficiary::identity::{IdentityMatchRecorded, IdentityResult};
use crate::domain::beneficiary::state::Registered;
use crate::domain::beneficiary::{Beneficiary, BeneficiaryCommand, BeneficiaryRefusal};
use crate::domain::identifier;
use crate::domain::ids::{BeneficiaryId, BenefitType, GroundCode, SchemeCode, VaultRef};
use crate::domain::name::{NameMatch, compare_names};
use crate::domain::payment::event::Payee;
use crate::domain::profile::{GroundSpec, HolderFacts, people};
use crate::vault::service::AuthorisedPerson;
use jiff::Timestamp;
use jiff::civil::Date;

/// What can change about a registered person.
#[derive(Debug, Clone)]
pub enum Change {
    Move { unit: String, effective_on: Date },
    Method(MethodInput),
    Death { died_on: Date, reported_on: Option<Date>, source: String },
    CheckAccount(CheckInput),
    Grant(GrantInput),
    EndAuthorisation { authorised_ref: VaultRef, ended_on: Option<Date>, reason: String },
    Suspend(BenefitSuspended),
    Resume(BenefitResumed),
    Identity(IdentityMatchRecorded),
}

/// What a bank says of an account's holder. It never goes further than the comparison.
#[derive(Debug, Clone)]
pub struct CheckInput {
    /// Absent: the account of the method chosen last.
    pub account_ref: Option<VaultRef>,
    pub answer: HolderAnswer,
    pub source: String,
    pub checked_at: Option<Timestamp>,
}

/// The holder's name, or what the bank made of it itself.
#[derive(Debug, Clone)]
pub enum HolderAnswer {
    Name(String),
    Result(NameMatch),
}

/// Somebody is to receive on a person's behalf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantInput {
    pub payee: Payee,
    pub name: String,
    pub identifier: Option<(SchemeCode, String)>,
    pub certified: bool,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
}

impl Change {
    /// The action that the caller must be allowed.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Identity(_) => Action::RecordIdentity,
            Self::Suspend(_) | Self::Resume(_) => Action::SuspendBenefit,
            Self::Move { .. }
            | Self::Method(_)
            | Self::Death { .. }
            | Self::CheckAccount(_)
            | Self::Grant(_)
            | Self::EndAuthorisation { .. } => Action::ChangeBeneficiary,
        }
    }
}

/// A change's command, what goes beside it, and what looks odd about it.
pub struct Prepared {
    pub command: BeneficiaryCommand,
    pub beside: Beside,
    pub warnings: Vec<FieldIssue>,
}

impl From<BeneficiaryCommand> for Prepared {
    fn from(command: BeneficiaryCommand) -> Self {
        Self { command, beside: Beside::default(), warnings: Vec::new() }
    }
}

impl App {
    /// Records a change. The warnings tell what should be looked at, though it is no error.
    pub async fn change(
        &self,
        request: &WriteRequest,
        id: BeneficiaryId,
        change: Change,
    ) -> Result<(Written<Beneficiary>, Vec<FieldIssue>), AppError> {
        match self.prepare_change(request, id, &change).await {
            Ok(Prepared { command, beside, warnings }) => {
                let stream = beneficiary_stream(id);
                let written =
                    self.execute((&stream, Begin::Existing), request, beside, |_| Ok(command.clone())).await?;
                Ok((written, warnings))
            }
            Err(error) => Ok((self.replay_or::<Beneficiary>(request, error).await?, Vec::new())),
        }
    }

    async fn prepare_change(
        &self,
        request: &WriteRequest,
        id: BeneficiaryId,
        change: &Change,
    ) -> Result<Prepared, AppError> {
        let view = self.read_person_as(&request.principal, change.action(), id).await?;
        self.prepare_change_of(id, view.person, change).await
    }

    /// The same of a person as the caller sees them, whose reach is checked.
    pub(super) async fn prepare_change_of(
        &self,
        id: BeneficiaryId,
        person: Registered,
        change: &Change,
    ) -> Result<Prepared, AppError> {
        let today = self.profile.business_day(self.clock.now_us());
        let invalid = |issue| AppError::Invalid(vec![issue]);
        match change {
            Change::Move { unit, effective_on } => {
                let to_unit = lookup::unit(&self.profile, unit, *effective_on).map_err(invalid)?;
                Ok(BeneficiaryCommand::Move { to_unit, effective_on: *effective_on }.into())
            }
            Change::Death { died_on, reported_on, source } => {
                let reported_on = reported_on.unwrap_or(today);
                Ok(BeneficiaryCommand::ReportDeath { died_on: *died_on, reported_on, source: source.clone() }.into())
            }
            Change::Method(input) => {
                let person = Beneficiary { registered: Some(person) };
                let PreparedMethod { choose, rows, warnings } =
                    self.prepare_method((id, &person), input, today).await?;
                let command = BeneficiaryCommand::ChooseMethod(choose);
                Ok(Prepared { command, beside: Beside { claims: Vec::new(), vault: rows }, warnings })
            }
            Change::CheckAccount(input) => self.prepare_check(&person, input).await,
            Change::Grant(input) => self.prepare_grant(&person, input).await,
            Change::EndAuthorisation { authorised_ref, ended_on, reason } => {
                let ended_on = ended_on.unwrap_or(today);
                let event = AuthorisationEnded { authorised_ref: *authorised_ref, ended_on, reason: reason.clone() };
                Ok(BeneficiaryCommand::EndAuthorisation(event).into())
            }
            Change::Suspend(event) => {
                let ground = (&event.legal_ground, "legal_ground");
                let mut issues = unknown_ground(ground, &self.profile.suspensions.grounds);
                issues.extend(self.unknown_benefit(event.benefit_type.as_ref()));
                if issues.is_empty() {
                    Ok(BeneficiaryCommand::Suspend(event.clone()).into())
                } else {
                    Err(AppError::Invalid(issues))
                }
            }
            Change::Resume(event) => {
                let issues: Vec<FieldIssue> = self.unknown_benefit(event.benefit_type.as_ref()).into_iter().collect();
                if issues.is_empty() {
                    Ok(BeneficiaryCommand::Resume(event.clone()).into())
                } else {
                    Err(AppError::Invalid(issues))
                }
            }
            Change::Identity(event) => {
                self.check_identity(event, today).map_err(AppError::Invalid)?;
                if let IdentityResult::Duplicate { of } = &event.result {
                    self.load_person(*of, "duplicate_of").await?;
                }
                Ok(BeneficiaryCommand::RecordIdentity(event.clone()).into())
            }
        }
    }

    fn unknown_benefit(&self, benefit_type: Option<&BenefitType>) -> Option<FieldIssue> {
        let unknown = benefit_type.is_some_and(|code| self.profile.benefit_type(code.as_str()).is_none());
        unknown.then(|| lookup::unknown("benefit_type"))
    }

    /// What the profile and the calendar say of a result of matching; all that is wrong with it.
    pub fn check_identity(&self, event: &IdentityMatchRecorded, today: Date) -> Result<(), Vec<FieldIssue>> {
        let mut issues = Vec::new();
        if let Err(issue) = lookup::not_in_future("checked_on", event.checked_on, today) {
            issues.push(issue);
        }
        match &event.result {
            IdentityResult::Mismatch { fields } => {
                if fields.iter().any(|field| !self.profile.compares(field.as_str())) {
                    issues.push(lookup::unknown("fields"));
                }
            }
            IdentityResult::Excluded { reason } => {
                issues.extend(unknown_ground((reason, "excluded_reason"), &self.profile.identity.exclusions));
            }
            IdentityResult::Pending
            | IdentityResult::Verified
            | IdentityResult::NotFound
            | IdentityResult::Duplicate { .. }
            | IdentityResult::DeceasedInPopulationDb => {}
        }
        // The question's number is kept for ever; a person's name or number in its place would be as well.
        let schemes = || self.profile.identifiers.iter().filter(|spec| spec.birth_digits.is_some());
        let is_number = |text: &str| {
            schemes().any(|spec| identifier::validate_identifier(spec, text, HolderFacts::default()).is_ok())
        };
        let is_persons = |text: &str| {
            !text.chars().all(|c| c.is_ascii_graphic()) || text.split(|c: char| !c.is_ascii_digit()).any(is_number)
        };
        if event.request_ref.as_deref().is_some_and(is_persons) {
            issues.push(FieldIssue::new(
                "request_ref",
                "request-ref-is-an-identifier",
                "this looks like a person's name or number, not the number of a request (letters, digits and signs without blanks); it is kept for ever, so leave it out",
                "đây có vẻ là tên hoặc số định danh cá nhân, không phải mã yêu cầu (chữ, số và dấu, không có khoảng trắng); nội dung này được lưu vĩnh viễn, hãy bỏ đi",
            ));
        }
        if issues.is_empty() { Ok(()) } else { Err(issues) }
    }

    /// Compares the names here, so that only the result goes on.
    async fn prepare_check(&self, person: &Registered, input: &CheckInput) -> Result<Prepared, AppError> {
        let last = person.methods.iter().rev().find_map(|method| method.account_ref);
        let account_ref = input.account_ref.or(last).ok_or(BeneficiaryRefusal::NoSuchAccount)?;
        let name_match = match &input.answer {
            HolderAnswer::Result(result) => *result,
            HolderAnswer::Name(theirs) => {
                let held = self.vault.holdings(person.beneficiary_id.as_uuid()).await?.unwrap_or_default();
                // A name that was corrected leaves the one before on file: the last is the person's.
                held.names.last().map_or(NameMatch::Unavailable, |ours| compare_names(&ours.value, theirs))
            }
        };
        let checked_at = input.checked_at.unwrap_or_else(|| self.clock.now());
        let event = AccountChecked { account_ref, name_match, checked_at, source: input.source.clone() };
        let warnings = match name_match {
            NameMatch::Different => vec![FieldIssue::new(
                "holder_name",
                "account-holder-differs",
                "the bank names another holder; ask the beneficiary before the next payment. The account stays as it is",
                "tên chủ tài khoản khác với người hưởng; hãy kiểm tra trước kỳ chi tới. Tài khoản vẫn được giữ nguyên",
            )],
            NameMatch::Exact | NameMatch::FoldedEqual | NameMatch::Unavailable => Vec::new(),
        };
        Ok(Prepared { command: BeneficiaryCommand::CheckAccount(event), beside: Beside::default(), warnings })
    }

    /// The right to receive that a person gives, or a court; who has it goes to the vault.
    pub(super) async fn prepare_grant(&self, person: &Registered, input: &GrantInput) -> Result<Prepared, AppError> {
        let (authorised, warnings) = self.authorised(input).map_err(|issue| AppError::Invalid(vec![issue]))?;
        let (authorised_ref, row) = self.vault.seal_authorised(person.beneficiary_id.as_uuid(), &authorised).await?;
        let command = self.grant_command(input, VaultRef::from_uuid(authorised_ref));
        Ok(Prepared { command, beside: Beside { claims: Vec::new(), vault: vec![row] }, warnings })
    }

    /// Who is to receive, as the vault keeps it, and what looks odd about the number.
    pub(super) fn authorised(&self, input: &GrantInput) -> Result<(AuthorisedPerson, Vec<FieldIssue>), FieldIssue> {
        let mut warnings = Vec::new();
        let (scheme, identifier) = match &input.identifier {
            None => (None, None),
            Some((scheme, text)) => {
                let found = crate::app::checks::identifier(&self.profile, scheme, text, HolderFacts::default());
                let (value, odd) = found?;
                warnings.extend(odd);
                (Some(scheme.to_string()), Some(value))
            }
        };
        Ok((AuthorisedPerson { name: input.name.clone(), scheme, identifier }, warnings))
    }

    pub(super) fn grant_command(&self, input: &GrantInput, authorised_ref: VaultRef) -> BeneficiaryCommand {
        let event = AuthorisationGranted {
            authorised_ref,
            payee: input.payee,
            certified: input.certified,
            valid_from: input.valid_from,
            valid_to: input.valid_to,
        };
        BeneficiaryCommand::GrantAuthorisation { event, rules: self.profile.payout.authorisations.rules() }
    }
}

fn unknown_ground((ground, field): (&GroundCode, &'static str), known: &[GroundSpec]) -> Vec<FieldIssue> {
    if known.iter().any(|spec| spec.code == *ground) {
        return Vec::new();
    }
    let codes = people::list(known);
    vec![FieldIssue::new(
        field,
        "code-unknown",
        format!("{ground} is not a {field} of the profile; it has: {codes}"),
        format!("{ground} không có trong cấu hình; chỉ có: {codes}"),
    )]
}

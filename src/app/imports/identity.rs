//! Rows that bring results of matching with the population database: the same rules as the API's, each person once in a file.

use super::beneficiaries::{Known, Record};
use super::duplicates::KeyKind;
use super::parse::{Cells, Fields, ParsedRow, code_unknown, missing, note};
use super::record::Pass;
use super::verdict::{JudgedRow, Verdict, row_problem};
use crate::app::access::Action;
use crate::app::aggregate::beneficiary_stream;
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::Beside;
use crate::app::inputs::PersonName;
use crate::app::lookup::person_unknown;
use crate::domain::beneficiary::BeneficiaryCommand;
use crate::domain::beneficiary::identity::{IdentityMatchRecorded, IdentityResult, IdentityStatus};
use crate::domain::ids::{BeneficiaryId, GroundCode, IdentityField, SchemeCode};
use crate::domain::import::ImportKind;
use crate::files::RowProblem;
use crate::files::fields;
use crate::store::{Append, StreamState};
use jiff::civil::Date;

/// A result of matching with the population database.
#[derive(Debug)]
pub struct IdentityFields {
    pub identifiers: Vec<(SchemeCode, String)>,
    pub status: IdentityStatus,
    /// With a mismatch: what differs.
    pub fields: Vec<IdentityField>,
    /// With a duplicate: the other person, by the first identifier of the profile or by the pseudonym.
    pub duplicate_of: Option<String>,
    pub excluded_reason: Option<GroundCode>,
    pub source: String,
    pub checked_on: Date,
    pub request_ref: Option<String>,
}

impl Cells<'_> {
    /// Reads the columns of a result.
    pub(super) fn identity(&mut self) -> Option<IdentityFields> {
        let identifiers = self.identifiers(ImportKind::Identity);
        let profile = self.profile;
        let status = self.required("status", |text| {
            IdentityStatus::parse(profile.code_of_word("identity", text).unwrap_or(text))
                .ok_or_else(|| code_unknown("status"))
        });
        let field = |text: &str| {
            let text = text.trim();
            IdentityField::parse(profile.code_of_word("identity_field", text).unwrap_or(text)).ok()
        };
        let differing = |text: &str| text.split([',', ';']).map(field).collect::<Option<Vec<_>>>();
        let fields = self.optional("fields", |text| differing(text).ok_or_else(|| code_unknown("fields")));
        let ground = |text: &str| GroundCode::parse(text).map_err(|_| code_unknown("excluded_reason"));
        let excluded_reason = self.optional("excluded_reason", ground);
        let duplicate_of = self.text("duplicate_of");
        let source = self.required("source", note);
        let checked_on = self.required("checked_on", fields::parse_date);
        let request_ref = self.text("request_ref");
        let status = status?;
        if status == IdentityStatus::Duplicate && duplicate_of.is_none() {
            self.problem("duplicate_of", missing("duplicate_of"));
        }
        if status == IdentityStatus::Excluded && excluded_reason.is_none() {
            self.problem("excluded_reason", missing("excluded_reason"));
        }
        Some(IdentityFields {
            identifiers,
            status,
            fields: fields.unwrap_or_default(),
            duplicate_of,
            excluded_reason,
            source: source?,
            checked_on: checked_on?,
            request_ref,
        })
    }
}

impl Pass<'_> {
    /// Judges a chunk of results.
    pub(super) async fn judge_identity(&self, rows: Vec<ParsedRow>, known: Known) -> Result<Vec<JudgedRow>, AppError> {
        let Known { rows: of_rows, people } = known;
        let mut judged = Vec::with_capacity(rows.len());
        for (row, (keys, found)) in rows.into_iter().zip(of_rows) {
            let Some(Fields::Identity(fields)) = row.fields else {
                judged.push(JudgedRow::refused(row.number, row.problems));
                continue;
            };
            let verdict = match found.as_slice() {
                [id] => {
                    let person = self.record_of(*id, &people).await?;
                    self.judge_result(row.number, &fields, person).await?
                }
                [] => refused(vec![person_unknown(name_column(&fields))], &fields),
                _ => refused(vec![several(name_column(&fields))], &fields),
            };
            let own = if self.checking { keys } else { Vec::new() };
            let keys = own.into_iter().map(|key| (KeyKind::Identifier, key)).collect();
            judged.push(JudgedRow { keys, ..JudgedRow::of(row.number, verdict) });
        }
        Ok(judged)
    }

    async fn judge_result(&self, row: u64, fields: &IdentityFields, person: Record) -> Result<Verdict, AppError> {
        let app = self.app;
        let today = app.profile.business_day(app.clock.now_us());
        let unit = person.state.unit_on(today).map(|key| key.as_str().to_owned()).unwrap_or_default();
        if app.check_reach(&self.order.principal, Action::RecordIdentity, &unit, None).is_err() {
            return Ok(refused(vec![super::payments::out_of_units()], fields));
        }
        let result = match self.result(fields).await? {
            Ok(result) => result,
            Err(issue) => return Ok(refused(vec![issue], fields)),
        };
        let event = IdentityMatchRecorded {
            result,
            source: fields.source.clone(),
            checked_on: fields.checked_on,
            request_ref: fields.request_ref.clone(),
        };
        if let Err(issues) = app.check_identity(&event, today) {
            return Ok(refused(issues, fields));
        }
        let Record { id, state, revision } = person;
        let append = Append::events(beneficiary_stream(id), StreamState::Revision(revision), Vec::new());
        let commands = vec![BeneficiaryCommand::RecordIdentity(event)];
        let verdict = self.person_events(row, append, (state, commands), Beside::default())?;
        Ok(verdict.unwrap_or_else(|issue| refused(vec![issue], fields)))
    }

    async fn result(&self, fields: &IdentityFields) -> Result<Result<IdentityResult, FieldIssue>, AppError> {
        Ok(Ok(match fields.status {
            IdentityStatus::Pending => IdentityResult::Pending,
            IdentityStatus::Verified => IdentityResult::Verified,
            IdentityStatus::NotFound => IdentityResult::NotFound,
            IdentityStatus::DeceasedInPopulationDb => IdentityResult::DeceasedInPopulationDb,
            IdentityStatus::Mismatch => IdentityResult::Mismatch { fields: fields.fields.clone() },
            IdentityStatus::Excluded => match &fields.excluded_reason {
                Some(reason) => IdentityResult::Excluded { reason: reason.clone() },
                // The cell was looked for when the row was read.
                None => return Err(AppError::Internal("an exclusion without its reason".to_owned())),
            },
            IdentityStatus::Duplicate => match self.other(fields.duplicate_of.as_deref().unwrap_or_default()).await? {
                Some(of) => IdentityResult::Duplicate { of },
                None => return Ok(Err(person_unknown("duplicate_of"))),
            },
        }))
    }

    /// The person that a cell names: by pseudonym, or by the profile's first identifier.
    async fn other(&self, text: &str) -> Result<Option<BeneficiaryId>, AppError> {
        let name = BeneficiaryId::parse(text).map_or_else(
            |_| PersonName::Identifier { scheme: self.app.profile.first_identifier().clone(), value: text.to_owned() },
            PersonName::Id,
        );
        match self.app.find_registered(&name).await {
            Ok((id, _)) => Ok(Some(id)),
            Err(AppError::Invalid(_) | AppError::Beneficiary(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn name_column(fields: &IdentityFields) -> String {
    fields.identifiers.first().map(|(scheme, _)| scheme.to_string()).unwrap_or_default()
}

fn several(column: String) -> FieldIssue {
    FieldIssue::new(
        column,
        "identifiers-of-several-people",
        "the row's identifiers belong to several registered people; find out which is right",
        "các số định danh trong dòng thuộc nhiều người khác nhau; hãy kiểm tra lại",
    )
}

fn problem(issue: FieldIssue, fields: &IdentityFields) -> RowProblem {
    let found = match &*issue.field {
        "status" => fields.status.as_str().to_owned(),
        "fields" => fields.fields.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        "excluded_reason" => fields.excluded_reason.as_ref().map(ToString::to_string).unwrap_or_default(),
        "checked_on" => fields.checked_on.to_string(),
        scheme => {
            let own = fields.identifiers.iter().find(|(own, _)| own.as_str() == scheme);
            own.map(|(_, value)| value.clone()).unwrap_or_default()
        }
    };
    row_problem(issue, found)
}

fn refused(issues: Vec<FieldIssue>, fields: &IdentityFields) -> Verdict {
    Verdict::Refused(issues.into_iter().map(|issue| problem(issue, fields)).collect())
}

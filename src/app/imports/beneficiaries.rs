//! Rows that register people. Someone who is registered already is left as is, moved, or given the new payout method.

use super::authorised::column_of;
use super::duplicates::KeyKind;
use super::ids::person_uuid;
use super::parse::{BeneficiaryFields, Fields, ParsedRow};
use super::record::Pass;
use super::verdict::{JudgedRow, Verdict, row_problem};
use crate::app::access::Action;
use crate::app::aggregate::{Aggregate, Decided, beneficiary_of_stream, beneficiary_stream};
use crate::app::changes::Prepared;
use crate::app::checks;
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::{Beside, event_data};
use crate::app::inputs::{MethodInput, RegisterInput, Route};
use crate::app::methods::PreparedMethod;
use crate::app::words;
use crate::domain::beneficiary::authorisation::Authorisation;
use crate::domain::beneficiary::command::ChooseMethod;
use crate::domain::beneficiary::{Beneficiary, BeneficiaryCommand};
use crate::domain::claims;
use crate::domain::ids::{BeneficiaryId, SchemeCode};
use crate::domain::profile::HolderFacts;
use crate::files::RowProblem;
use crate::projections::beneficiaries::BeneficiaryRow;
use crate::store::views::ViewStore;
use crate::store::{Append, SharedEventStore, StreamState, VaultRow};
use std::collections::HashMap;
use std::sync::Arc;

/// What a chunk's rows need to know of the log.
pub struct Known {
    /// For each row, the keys of its identifiers and the registered people that hold them, each once.
    pub(super) rows: Vec<(Vec<Vec<u8>>, Vec<BeneficiaryId>)>,
    pub(super) people: HashMap<BeneficiaryId, BeneficiaryRow>,
}

/// Asks the log who holds the keys, and the projection what is known of those people. Borrows nothing of the import, so that a task of
/// its own can do it.
pub async fn look_up(
    (store, views): (SharedEventStore, Arc<dyn ViewStore>),
    keys: Vec<Vec<Vec<u8>>>,
) -> Result<Known, AppError> {
    let asked: Vec<Vec<u8>> = keys.iter().flatten().cloned().collect();
    let mut holders = store.find_claims(claims::IDENTIFIER, &asked).await?.into_iter();
    let mut rows = Vec::with_capacity(keys.len());
    for own in keys {
        let mut people: Vec<BeneficiaryId> = Vec::new();
        for holder in holders.by_ref().take(own.len()).flatten() {
            people.extend(beneficiary_of_stream(&holder).filter(|id| !people.contains(id)));
        }
        rows.push((own, people));
    }
    let mut ids: Vec<BeneficiaryId> = rows.iter().flat_map(|(_, people)| people).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let people = views.beneficiaries(&ids).await?.into_iter().map(|row| (row.beneficiary_id, row)).collect();
    Ok(Known { rows, people })
}

/// A registered person as a row finds it.
pub(super) struct Record {
    pub(super) id: BeneficiaryId,
    pub(super) state: Beneficiary,
    pub(super) revision: u64,
}

impl Pass<'_> {
    /// Judges a chunk of beneficiary rows.
    pub(super) async fn judge_beneficiaries(
        &self,
        rows: Vec<ParsedRow>,
        known: Known,
    ) -> Result<Vec<JudgedRow>, AppError> {
        let Known { rows: of_rows, people } = known;
        let mut judged = Vec::with_capacity(rows.len());
        for (row, (keys, found)) in rows.into_iter().zip(of_rows) {
            let Some(Fields::Beneficiary(fields)) = row.fields else {
                judged.push(JudgedRow::refused(row.number, row.problems));
                continue;
            };
            let (verdict, warnings) = self.judge_person(row.number, &fields, &found, &people).await?;
            let own = if self.checking { keys } else { Vec::new() };
            let keys = own.into_iter().map(|key| (KeyKind::Identifier, key)).collect();
            judged.push(JudgedRow { warnings, keys, ..JudgedRow::of(row.number, verdict) });
        }
        Ok(judged)
    }

    /// A person's record: the projection's, or the stream's when the projection has not come so far.
    pub(super) async fn record_of(
        &self,
        id: BeneficiaryId,
        people: &HashMap<BeneficiaryId, BeneficiaryRow>,
    ) -> Result<Record, AppError> {
        if let Some(row) = people.get(&id) {
            return Ok(Record { id, state: row.state(), revision: row.revision });
        }
        let found = self.app.load::<Beneficiary>(&beneficiary_stream(id)).await?;
        let (state, last) = found.ok_or_else(|| AppError::Internal("an identifier is held by nobody".to_owned()))?;
        Ok(Record { id, state, revision: last.revision })
    }

    /// The keys of the identifiers of each row.
    pub(super) fn identifier_keys(&self, rows: &[ParsedRow]) -> Vec<Vec<Vec<u8>>> {
        let key = |(scheme, text): &(SchemeCode, String)| {
            let (value, _) = checks::identifier(&self.app.profile, scheme, text, HolderFacts::default()).ok()?;
            Some(self.app.vault.identifier_key(scheme.as_str(), &value))
        };
        let keys = |row: &ParsedRow| match &row.fields {
            Some(Fields::Beneficiary(fields)) => fields.identifiers.iter().filter_map(key).collect(),
            Some(Fields::Identity(fields)) => fields.identifiers.iter().filter_map(key).collect(),
            _ => Vec::new(),
        };
        rows.iter().map(keys).collect()
    }

    async fn judge_person(
        &self,
        row: u64,
        fields: &BeneficiaryFields,
        known: &[BeneficiaryId],
        people: &HashMap<BeneficiaryId, BeneficiaryRow>,
    ) -> Result<(Verdict, Vec<RowProblem>), AppError> {
        match known {
            [] => self.register_row(row, fields),
            [id] => self.update_row(row, fields, self.record_of(*id, people).await?).await,
            _ => {
                let issue = FieldIssue::new(
                    self.app.profile.first_identifier().to_string(),
                    "identifiers-of-several-people",
                    "the row's identifiers belong to several registered people; find out which is right",
                    "các số định danh trong dòng thuộc nhiều người khác nhau; hãy kiểm tra lại",
                );
                Ok((Verdict::Refused(vec![row_problem(issue, String::new())]), Vec::new()))
            }
        }
    }

    fn register_row(&self, row: u64, fields: &BeneficiaryFields) -> Result<(Verdict, Vec<RowProblem>), AppError> {
        let id = BeneficiaryId::from_uuid(person_uuid(self.started, row));
        let prepared = match self.app.prepare_registration(&self.order.principal, id, &input_of(fields)) {
            Ok(prepared) => prepared,
            Err(AppError::Invalid(issues)) => return Ok((refused(issues, fields), Vec::new())),
            Err(AppError::Forbidden { .. }) => {
                return Ok((refused(vec![super::payments::out_of_units()], fields), Vec::new()));
            }
            Err(error) => return Err(error),
        };
        let warnings = prepared.warnings.into_iter().map(|issue| problem(issue, fields)).collect();
        let append = Append::events(beneficiary_stream(id), StreamState::NoStream, Vec::new());
        Ok((
            self.person_append((row, fields), append, (Beneficiary::default(), prepared.commands), prepared.beside)?,
            warnings,
        ))
    }

    /// A person who is registered: what the row says anew.
    async fn update_row(
        &self,
        row: u64,
        fields: &BeneficiaryFields,
        person: Record,
    ) -> Result<(Verdict, Vec<RowProblem>), AppError> {
        let app = self.app;
        let today = app.profile.business_day(app.clock.now_us());
        let Record { id, state, revision } = person;
        let unit = match crate::app::lookup::unit(&app.profile, &fields.unit, today) {
            Ok(unit) => unit,
            Err(issue) => return Ok((refused(vec![issue], fields), Vec::new())),
        };
        let own_unit = state.unit_on(today).map(|key| key.as_str().to_owned()).unwrap_or_default();
        for unit in [own_unit.as_str(), unit.key.as_str()] {
            if app.check_reach(&self.order.principal, Action::ChangeBeneficiary, unit, None).is_err() {
                return Ok((refused(vec![super::payments::out_of_units()], fields), Vec::new()));
            }
        }
        let (mut commands, mut beside, mut warnings) = (Vec::new(), Beside::default(), Vec::new());
        if own_unit != unit.key.as_str() {
            commands.push(BeneficiaryCommand::Move { to_unit: unit, effective_on: today });
        }
        match self.new_authorisation(fields, &state).await? {
            Ok(Some(Prepared { command, beside: brought, warnings: odd })) => {
                commands.push(command);
                beside.vault.extend(brought.vault);
                warnings.extend(odd.into_iter().map(|issue| problem(issue, fields)));
            }
            Ok(None) => {}
            Err(issues) => return Ok((refused(issues, fields), Vec::new())),
        }
        match self.new_method(fields, &state, today).await? {
            Ok(Some((choose, rows, odd))) => {
                commands.push(BeneficiaryCommand::ChooseMethod(choose));
                beside.vault.extend(rows);
                warnings.extend(odd.into_iter().map(|issue| problem(issue, fields)));
            }
            Ok(None) => {}
            Err(issues) => return Ok((refused(issues, fields), Vec::new())),
        }
        if commands.is_empty() {
            return Ok((Verdict::Unchanged, Vec::new()));
        }
        // A record of the vault is made when it is recorded: another row of the file may bring the same account.
        let later = self.checking && !beside.vault.is_empty();
        let append = Append::events(beneficiary_stream(id), StreamState::Revision(revision), Vec::new());
        let verdict = self.person_append((row, fields), append, (state, commands), beside)?;
        if later && matches!(verdict, Verdict::Record(_)) {
            return Ok((Verdict::Later, warnings));
        }
        Ok((verdict, warnings))
    }

    /// The authorisation that the row brings, when it is not on record already.
    async fn new_authorisation(
        &self,
        fields: &BeneficiaryFields,
        state: &Beneficiary,
    ) -> Result<Result<Option<Prepared>, Vec<FieldIssue>>, AppError> {
        let (Some(input), Some(person)) = (&fields.authorisation, &state.registered) else { return Ok(Ok(None)) };
        let held = self.app.vault.holdings(person.beneficiary_id.as_uuid()).await?.unwrap_or_default();
        let is_named = |known: &Authorisation| {
            let record = held.authorised.iter().find(|held| held.record_ref == known.authorised_ref.as_uuid());
            record.is_some_and(|held| held.value.name == input.name)
        };
        let same = |known: &&Authorisation| {
            (known.payee, known.certified, known.valid_from, known.valid_to, known.ended_on)
                == (input.payee, input.certified, input.valid_from, input.valid_to, None)
        };
        if person.authorisations.iter().filter(same).any(is_named) {
            return Ok(Ok(None));
        }
        match self.app.prepare_grant(person, input).await {
            Ok(prepared) => Ok(Ok(Some(prepared))),
            Err(AppError::Invalid(issues)) => Ok(Err(issues)),
            Err(error) => Err(error),
        }
    }

    /// The payout method that the row asks for, when it is not the one chosen last.
    async fn new_method(
        &self,
        fields: &BeneficiaryFields,
        state: &Beneficiary,
        today: jiff::civil::Date,
    ) -> Result<Result<Option<NewMethod>, Vec<FieldIssue>>, AppError> {
        let Some(input) = method_of(fields) else { return Ok(Ok(None)) };
        let Some(registered) = state.registered.as_ref() else { return Ok(Ok(None)) };
        let id = registered.beneficiary_id;
        let PreparedMethod { mut choose, rows, warnings } =
            match self.app.prepare_method((id, state), &input, today).await {
                Ok(prepared) => prepared,
                Err(AppError::Invalid(issues)) => return Ok(Err(issues)),
                Err(error) => return Err(error),
            };
        // A file speaks of the method chosen last, whenever it begins.
        let last = registered.methods.last();
        if fields.account.is_none() {
            choose.account_ref = last.filter(|m| m.channel == choose.channel.code).and_then(|m| m.account_ref);
        }
        let same = last.is_some_and(|m| {
            m.channel == choose.channel.code
                && m.bank == choose.bank
                && m.account_ref == choose.account_ref
                && m.payee == choose.payee
        });
        Ok(Ok((!same).then_some((choose, rows, warnings))))
    }

    fn person_append(
        &self,
        (row, fields): (u64, &BeneficiaryFields),
        append: Append,
        given: (Beneficiary, Vec<BeneficiaryCommand>),
        beside: Beside,
    ) -> Result<Verdict, AppError> {
        match self.person_events(row, append, given, beside)? {
            Ok(verdict) => Ok(verdict),
            Err(issue) => Ok(refused(vec![issue], fields)),
        }
    }

    /// What the commands bring about, as one append; or why a rule refuses one of them.
    pub(super) fn person_events(
        &self,
        row: u64,
        mut append: Append,
        (mut state, commands): (Beneficiary, Vec<BeneficiaryCommand>),
        beside: Beside,
    ) -> Result<Result<Verdict, FieldIssue>, AppError> {
        let now = self.app.clock.now();
        let mut ordinal = 0;
        for command in &commands {
            let events = match Aggregate::decide(&state, command, now) {
                Ok(Decided::Events(events)) => events,
                Ok(Decided::NoOp) => continue,
                Err(AppError::Beneficiary(refusal)) => {
                    let field = refusal.field().unwrap_or("");
                    let vi = words::beneficiary_refusal_vi(&refusal);
                    return Ok(Err(FieldIssue::new(field, refusal.code(), refusal.to_string(), vi)));
                }
                Err(error) => return Err(error),
            };
            for event in events {
                Aggregate::evolve(&mut state, &event);
                if self.making {
                    append.events.push(event_data::<Beneficiary>(
                        &event,
                        self.event_id(row, ordinal),
                        self.metadata.clone(),
                    ));
                }
                ordinal += 1;
            }
        }
        if ordinal == 0 {
            return Ok(Ok(Verdict::Unchanged));
        }
        if self.making {
            append.claims = beside.claims;
            append.vault = beside.vault;
        }
        Ok(Ok(Verdict::Record(Box::new(append))))
    }
}

type NewMethod = (ChooseMethod, Vec<VaultRow>, Vec<FieldIssue>);

fn method_of(fields: &BeneficiaryFields) -> Option<MethodInput> {
    let route = Route {
        channel: fields.channel.clone(),
        agent: None,
        bank: fields.bank.clone(),
        account: fields.account.clone(),
        payee: fields.payee,
    };
    let given = route != Route::default() || fields.home_ground.is_some();
    given.then_some(MethodInput {
        route,
        requested_on: None,
        effective_month: fields.effective_month,
        home_ground: fields.home_ground.clone(),
    })
}

fn input_of(fields: &BeneficiaryFields) -> RegisterInput {
    RegisterInput {
        identifiers: fields.identifiers.clone(),
        name: fields.name.clone(),
        sex: fields.sex,
        birth_year: fields.birth_year,
        unit: fields.unit.clone(),
        method: method_of(fields),
        authorisation: fields.authorisation.clone(),
    }
}

fn problem(mut issue: FieldIssue, fields: &BeneficiaryFields) -> RowProblem {
    issue.field = column_of(&issue.field).to_owned().into();
    let found = match &*issue.field {
        "unit" => fields.unit.clone(),
        "bank" => fields.bank.clone().unwrap_or_default(),
        "account" => fields.account.clone().unwrap_or_default(),
        "home_ground" => fields.home_ground.as_ref().map(ToString::to_string).unwrap_or_default(),
        "channel" => fields.channel.as_ref().map(ToString::to_string).unwrap_or_default(),
        scheme => fields
            .identifiers
            .iter()
            .find(|(own, _)| own.as_str() == scheme)
            .map(|(_, value)| value.clone())
            .unwrap_or_default(),
    };
    row_problem(issue, found)
}

fn refused(issues: Vec<FieldIssue>, fields: &BeneficiaryFields) -> Verdict {
    Verdict::Refused(issues.into_iter().map(|issue| problem(issue, fields)).collect())
}

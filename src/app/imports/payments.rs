//! Rows that order payments: judged by the same facts and rules as `POST /v1/payments`, looked up a chunk at a time.

use super::duplicates::KeyKind;
use super::parse::{Fields, ParsedRow, PaymentFields};
use super::record::{JudgedRow, Pass, Verdict, payment_uuid, row_problem};
use crate::app::access::Action;
use crate::app::aggregate::{beneficiary_of_stream, payment_stream};
use crate::app::checks;
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::event_data;
use crate::app::inputs::{InstructInput, PersonName, Route};
use crate::app::lookup::person_unknown;
use crate::app::payments::Facts;
use crate::app::words;
use crate::domain::beneficiary::Beneficiary;
use crate::domain::claims::{self, benefit_month_key, reference_key};
use crate::domain::decision::Decision;
use crate::domain::ids::{BankId, BeneficiaryId, PaymentId, PaymentReference, VaultRef};
use crate::domain::payment::{self, Payment, PaymentCommand, PaymentEvent};
use crate::domain::profile::HolderFacts;
use crate::files::RowProblem;
use crate::projections::payments::PaymentRow;
use crate::store::{Append, StreamState};
use std::collections::HashMap;

/// What a chunk's rows need to know of the log.
#[derive(Default)]
struct Known {
    /// By row: the person that it names, or what is wrong with the name.
    people: HashMap<u64, Result<BeneficiaryId, FieldIssue>>,
    states: HashMap<BeneficiaryId, Beneficiary>,
    /// Streams that hold the references.
    references: HashMap<PaymentReference, String>,
    /// Payments that hold them.
    payments: HashMap<PaymentReference, PaymentRow>,
    /// Streams that hold benefit months.
    months: HashMap<Vec<u8>, String>,
}

impl Pass<'_> {
    /// Judges a chunk of payment rows.
    pub(super) async fn judge_payments(&self, rows: Vec<ParsedRow>) -> Result<Vec<JudgedRow>, AppError> {
        let known = self.look_up_payments(&rows).await?;
        let mut judged = Vec::with_capacity(rows.len());
        for row in rows {
            judged.push(match row.fields {
                Some(Fields::Payment(fields)) if row.problems.is_empty() => {
                    self.judge_payment(row.number, *fields, &known).await?
                }
                _ => JudgedRow::refused(row.number, row.problems),
            });
        }
        Ok(judged)
    }

    async fn look_up_payments(&self, rows: &[ParsedRow]) -> Result<Known, AppError> {
        let wanted: Vec<(u64, &PaymentFields)> = rows
            .iter()
            .filter_map(|row| match &row.fields {
                Some(Fields::Payment(fields)) => Some((row.number, &**fields)),
                _ => None,
            })
            .collect();
        let people = self.find_people(wanted.iter().map(|(row, fields)| (*row, &fields.person))).await?;
        let mut known = Known { people, ..Known::default() };
        known.states = self.load_people(known.people.values().flatten().copied()).await?;
        // Pass 1 has told what the log has already, and the store itself refuses what came in since.
        if self.recording {
            return Ok(known);
        }
        let keys: Vec<Vec<u8>> = wanted.iter().map(|(_, fields)| reference_key(&fields.reference)).collect();
        let holders = self.app.store.find_claims(claims::PAYMENT_REFERENCE, &keys).await?;
        for ((_, fields), holder) in wanted.iter().zip(holders) {
            known.references.extend(holder.map(|stream| (fields.reference.clone(), stream)));
        }
        if !known.references.is_empty() {
            let taken: Vec<PaymentReference> = known.references.keys().cloned().collect();
            let found = self.app.views.payments_by_reference(&taken).await?;
            known.payments = found.into_iter().map(|payment| (payment.reference.clone(), payment)).collect();
        }
        let keys: Vec<Vec<u8>> =
            wanted.iter().flat_map(|(row, fields)| Self::month_keys(*row, fields, &known)).collect();
        let holders = self.app.store.find_claims(claims::BENEFIT_MONTH, &keys).await?;
        known.months = keys.into_iter().zip(holders).filter_map(|(key, holder)| Some((key, holder?))).collect();
        Ok(known)
    }

    fn month_keys(row: u64, fields: &PaymentFields, known: &Known) -> Vec<Vec<u8>> {
        let Some(Ok(person)) = known.people.get(&row) else { return Vec::new() };
        fields.benefit_months.iter().map(|month| benefit_month_key(*month, &fields.benefit_type, *person)).collect()
    }

    /// Finds the people that rows name, all at once.
    pub(super) async fn find_people<'f>(
        &self,
        named: impl Iterator<Item = (u64, &'f PersonName)>,
    ) -> Result<HashMap<u64, Result<BeneficiaryId, FieldIssue>>, AppError> {
        let mut found = HashMap::new();
        let (mut asked, mut keys) = (Vec::new(), Vec::new());
        for (row, person) in named {
            let (scheme, value) = match person {
                PersonName::Id(id) => {
                    found.insert(row, Ok(*id));
                    continue;
                }
                PersonName::Identifier { scheme, value } => (scheme, value),
            };
            match checks::identifier(&self.app.profile, scheme, value, HolderFacts::default()) {
                Ok((normalised, _)) => {
                    keys.push(self.app.vault.identifier_key(scheme.as_str(), &normalised));
                    asked.push((row, scheme));
                }
                Err(issue) => {
                    found.insert(row, Err(issue));
                }
            }
        }
        let holders = self.app.store.find_claims(claims::IDENTIFIER, &keys).await?;
        for ((row, scheme), holder) in asked.into_iter().zip(holders) {
            let id = holder.and_then(|stream| beneficiary_of_stream(&stream));
            found.insert(row, id.ok_or_else(|| person_unknown(scheme.to_string())));
        }
        Ok(found)
    }

    /// The people's records, from the projection that was caught up before the pass began.
    pub(super) async fn load_people(
        &self,
        ids: impl Iterator<Item = BeneficiaryId>,
    ) -> Result<HashMap<BeneficiaryId, Beneficiary>, AppError> {
        let mut ids: Vec<BeneficiaryId> = ids.collect();
        ids.sort_unstable();
        ids.dedup();
        let rows = self.app.views.beneficiaries(&ids).await?;
        Ok(rows.into_iter().map(|row| (row.beneficiary_id, row.state())).collect())
    }

    async fn judge_payment(&self, row: u64, fields: PaymentFields, known: &Known) -> Result<JudgedRow, AppError> {
        let payment_id = PaymentId::from_uuid(payment_uuid(self.started, row));
        let keys = self.keys_of(row, &fields, known);
        let amount_minor = Some(fields.amount.minor);
        let done = |verdict| JudgedRow { number: row, verdict, amount_minor, warnings: Vec::new(), keys };
        let person = match known.people.get(&row) {
            Some(Ok(person)) => *person,
            Some(Err(issue)) => return Ok(done(refused(vec![issue.clone()], &fields))),
            None => return Ok(done(refused(vec![self.nobody()], &fields))),
        };
        if let Some(verdict) = already_there(&fields, (payment_id, person), known) {
            return Ok(done(verdict));
        }
        let Some(state) = known.states.get(&person) else {
            return Ok(done(refused(vec![self.nobody()], &fields)));
        };
        Ok(match self.instruct_row((row, payment_id), &fields, state).await? {
            Ok(append) => done(Verdict::Record(Box::new(append))),
            Err(issues) => done(refused(issues, &fields)),
        })
    }

    fn nobody(&self) -> FieldIssue {
        person_unknown(self.app.profile.first_identifier().to_string())
    }

    fn keys_of(&self, row: u64, fields: &PaymentFields, known: &Known) -> Vec<(KeyKind, Vec<u8>)> {
        if self.recording {
            return Vec::new();
        }
        let mut keys = vec![(KeyKind::Reference, reference_key(&fields.reference))];
        keys.extend(Self::month_keys(row, fields, known).into_iter().map(|key| (KeyKind::BenefitMonth, key)));
        keys
    }

    /// The append of one row, or all that is wrong with it.
    async fn instruct_row(
        &self,
        (row, payment_id): (u64, PaymentId),
        fields: &PaymentFields,
        person: &Beneficiary,
    ) -> Result<Result<Append, Vec<FieldIssue>>, AppError> {
        let app = self.app;
        let input = input_of(fields);
        let (fact, unit, due_on, route) = match app.instruction_facts(&input, person) {
            Ok(facts) => facts,
            Err(AppError::Invalid(issues)) => return Ok(Err(issues)),
            Err(error) => return Err(error),
        };
        let bank = route.bank.as_ref();
        if app.check_reach(&self.order.principal, Action::InstructPayment, unit.key.as_str(), bank).is_err() {
            return Ok(Err(vec![out_of_units()]));
        }
        let account = match fields.account.as_deref().map(|text| checks::account(&app.profile, text)) {
            Some(Err(issue)) => return Ok(Err(vec![issue])),
            Some(Ok(number)) => Some(number),
            None => None,
        };
        let (account_ref, vault) = match account {
            Some(number) if self.recording => {
                let bank = bank.map(BankId::as_str);
                let (account_ref, rows) = app.vault.account(fact.id.as_uuid(), bank, &number).await?;
                (Some(VaultRef::from_uuid(account_ref)), rows)
            }
            // Pass 1 needs to know only that there is one.
            Some(_) => (Some(VaultRef::from_uuid(payment_id.as_uuid())), Vec::new()),
            None => (None, Vec::new()),
        };
        let facts = Facts { payment_id, fact, unit, due_on, route, account_ref };
        let command = PaymentCommand::Instruct(Box::new(app.instruction(input, facts)));
        let events = match payment::decide(&Payment::default(), &command, app.clock.now()) {
            Decision::Events(events) => events,
            Decision::Refused(refusal) => return Ok(Err(vec![refusal_issue(&refusal)])),
            Decision::NoOp | Decision::Quarantine(_) => {
                return Err(AppError::Internal("a new payment was neither ordered nor refused".to_owned()));
            }
        };
        Ok(Ok(self.append_of(row, payment_id, &events, vault)))
    }

    fn append_of(
        &self,
        row: u64,
        payment_id: PaymentId,
        events: &[PaymentEvent],
        vault: Vec<crate::store::VaultRow>,
    ) -> Append {
        let mut append = Append::events(payment_stream(payment_id), StreamState::NoStream, Vec::new());
        if !self.recording {
            return append;
        }
        append.vault = vault;
        let mut state = Payment::default();
        for (ordinal, event) in (0_u32..).zip(events) {
            append.claims.extend(claims::of_payment_event(&state, event));
            append.events.push(event_data::<Payment>(event, self.event_id(row, ordinal), self.metadata.clone()));
            // One event orders a payment; only were there more would the state in between matter.
            if events.len() > 1 {
                state.evolve(event);
            }
        }
        append
    }
}

fn input_of(fields: &PaymentFields) -> InstructInput {
    InstructInput {
        reference: fields.reference.clone(),
        person: fields.person.clone(),
        benefit_type: fields.benefit_type.clone(),
        benefit_months: fields.benefit_months.clone(),
        cycle: fields.cycle,
        amount: fields.amount,
        unit: fields.unit.clone(),
        route: Route {
            channel: fields.channel.clone(),
            agent: fields.agent.clone(),
            bank: fields.bank.clone(),
            account: fields.account.clone(),
            payee: None,
        },
        due_on: fields.due_on,
        supplement: false,
    }
}

/// A reference or month that is in the log already: the very payment again, or another one.
fn already_there(fields: &PaymentFields, (own, person): (PaymentId, BeneficiaryId), known: &Known) -> Option<Verdict> {
    let own_stream = payment_stream(own);
    if let Some(holder) = known.references.get(&fields.reference) {
        let same = |payment: &PaymentRow| {
            payment.beneficiary_id == person
                && payment.benefit_type == fields.benefit_type
                && payment.benefit_months == fields.benefit_months
                && payment.cycle == fields.cycle
                && payment.amount == fields.amount
        };
        if *holder == own_stream || known.payments.get(&fields.reference).is_some_and(same) {
            return Some(Verdict::Unchanged);
        }
        let issue = FieldIssue::new(
            "payment_reference",
            "payment-reference-taken",
            format!(
                "the log has another payment under this reference ({holder}); give this one a reference of its own"
            ),
            format!("số tham chiếu này đã thuộc về khoản chi khác ({holder}); hãy dùng số khác"),
        );
        return Some(refused(vec![issue], fields));
    }
    let taken = fields.benefit_months.iter().find_map(|month| {
        let holder = known.months.get(&benefit_month_key(*month, &fields.benefit_type, person))?;
        (*holder != own_stream).then_some((month, holder))
    });
    let (month, holder) = taken?;
    let issue = FieldIssue::new(
        "benefit_months",
        "duplicate-benefit-month",
        format!(
            "{month} of this benefit is already paid or ordered by {holder}; remove the row, or order arrears as a supplement"
        ),
        format!(
            "tháng {month} của chế độ này đã được lập lệnh bởi {holder}; hãy bỏ dòng này hoặc lập lệnh chi bổ sung"
        ),
    );
    Some(refused(vec![issue], fields))
}

fn refusal_issue(refusal: &crate::domain::payment::PaymentRefusal) -> FieldIssue {
    let field = refusal.field().unwrap_or("");
    FieldIssue::new(field, refusal.code(), refusal.to_string(), words::payment_refusal_vi(refusal))
}

/// A row of units that the caller's key does not reach.
#[must_use]
pub fn out_of_units() -> FieldIssue {
    FieldIssue::new(
        "unit",
        "out-of-your-units",
        "your key is limited to other units; leave this row to the office of that unit",
        "khóa của bạn thuộc đơn vị khác; hãy để đơn vị phụ trách nhập dòng này",
    )
}

fn refused(issues: Vec<FieldIssue>, fields: &PaymentFields) -> Verdict {
    let problems: Vec<RowProblem> = issues
        .into_iter()
        .map(|issue| {
            let found = found(&issue.field, fields);
            row_problem(issue, found)
        })
        .collect();
    Verdict::Refused(problems)
}

/// What the row says in a column, for the report (which masks what is personal).
fn found(column: &str, fields: &PaymentFields) -> String {
    let text = match column {
        "payment_reference" => return fields.reference.to_string(),
        "benefit_type" => return fields.benefit_type.to_string(),
        "benefit_months" => return fields.benefit_months.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        "amount" => return fields.amount.minor.to_string(),
        "unit" => &fields.unit,
        "bank" => &fields.bank,
        "account" => &fields.account,
        "channel" => return fields.channel.as_ref().map(ToString::to_string).unwrap_or_default(),
        _ => match &fields.person {
            PersonName::Identifier { scheme, value } if scheme.as_str() == column => return value.clone(),
            _ => return String::new(),
        },
    };
    text.clone().unwrap_or_default()
}

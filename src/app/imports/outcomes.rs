//! Rows that report outcomes: the same rules as the API's reports, with the payments' streams read a chunk at a time.

use super::parse::{Fields, OutcomeFields, OutcomeStatus, ParsedRow, PaymentName};
use super::record::Pass;
use super::verdict::{JudgedRow, Verdict, contradicted, contradiction, row_problem};
use crate::app::aggregate::{Aggregate, decode_own, payment_of_stream, payment_stream};
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::event_data;
use crate::app::lookup;
use crate::app::oversight::contradictions::contradicts;
use crate::app::payments::payment_unknown;
use crate::app::reasons::{self, ReportedReason};
use crate::app::words;
use crate::domain::beneficiary::Beneficiary;
use crate::domain::beneficiary::authorisation::Standing as Collector;
use crate::domain::claims::{self, reference_key};
use crate::domain::decision::Decision;
use crate::domain::ids::{BeneficiaryId, PaymentId, VaultRef};
use crate::domain::payment::event::{Evidence, FailureCause, Payee};
use crate::domain::payment::reason::{NARRATIVE, is_code};
use crate::domain::payment::state::Instructed;
use crate::domain::payment::{self, Payment, PaymentCommand, PaymentEvent};
use crate::files::RowProblem;
use crate::store::{Append, StreamState, VaultRow};
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The payments of a chunk, as they stand and as its earlier rows leave them.
type States = HashMap<PaymentId, Standing>;

/// What a chunk's rows need to know.
struct Known {
    states: States,
    /// By row: the agent's words, sealed.
    words: HashMap<u64, (Uuid, VaultRow)>,
    /// Those on whose behalf somebody else may have fetched cash.
    people: HashMap<BeneficiaryId, Beneficiary>,
    /// What the row that is judged is told besides.
    warnings: Vec<RowProblem>,
}

/// A payment with its stream's revision and the ids of its events.
#[derive(Default)]
struct Standing {
    state: Payment,
    /// Another payment took the months of this one, which was cancelled.
    months_taken: bool,
    revision: u64,
    event_ids: HashSet<Uuid>,
}

impl Pass<'_> {
    /// Judges a chunk of outcome rows, one after the other: two rows may concern one payment.
    pub(super) async fn judge_outcomes(&self, rows: Vec<ParsedRow>) -> Result<Vec<JudgedRow>, AppError> {
        let found = self.find_payments(&rows).await?;
        let states = self.load_payments(found.values().map(|(id, _)| *id)).await?;
        let words = self.seal_words(&rows, &found, &states).await?;
        let people = self.find_givers(&rows, &found, &states).await?;
        let mut known = Known { states, words, people, warnings: Vec::new() };
        let mut judged = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(Fields::Outcome(fields)) = row.fields else {
                judged.push(JudgedRow::refused(row.number, row.problems));
                continue;
            };
            let amount_minor = fields.amount.map(|amount| amount.minor);
            let verdict = match found.get(&row.number) {
                Some((id, attempt)) => self.judge_outcome(row.number, (*id, *attempt), &fields, &mut known),
                None => Verdict::Refused(vec![row_problem(payment_unknown(name_column(&fields)), name_text(&fields))]),
            };
            judged.push(JudgedRow {
                number: row.number,
                verdict,
                amount_minor,
                warnings: std::mem::take(&mut known.warnings),
                keys: Vec::new(),
            });
        }
        Ok(judged)
    }

    /// The payment and attempt that each row names.
    async fn find_payments(&self, rows: &[ParsedRow]) -> Result<HashMap<u64, (PaymentId, Option<u32>)>, AppError> {
        let (mut by_reference, mut keys) = (Vec::new(), Vec::new());
        let (mut by_id, mut ids) = (Vec::new(), Vec::new());
        for row in rows {
            let Some(Fields::Outcome(fields)) = &row.fields else { continue };
            match &fields.payment {
                PaymentName::Reference(reference) => {
                    by_reference.push(row.number);
                    keys.push(reference_key(reference));
                }
                PaymentName::EndToEndId(id) => {
                    by_id.push((row.number, id));
                    ids.push(id.clone());
                }
            }
        }
        let mut found = HashMap::new();
        let holders = self.app.store.find_claims(claims::PAYMENT_REFERENCE, &keys).await?;
        for (row, holder) in by_reference.into_iter().zip(holders) {
            found.extend(holder.and_then(|stream| payment_of_stream(&stream)).map(|id| (row, (id, None))));
        }
        let attempts = self.app.views.attempts_by_end_to_end_id(&ids).await?;
        let attempts: HashMap<_, _> =
            attempts.into_iter().map(|a| (a.end_to_end_id, (a.payment_id, Some(a.attempt)))).collect();
        found.extend(by_id.into_iter().filter_map(|(row, id)| Some((row, *attempts.get(id)?))));
        Ok(found)
    }

    async fn load_payments(&self, ids: impl Iterator<Item = PaymentId>) -> Result<States, AppError> {
        let mut streams: Vec<String> = ids.map(payment_stream).collect();
        streams.sort_unstable();
        streams.dedup();
        let mut states = States::new();
        for event in self.app.store.read_streams(&streams).await? {
            let Some(id) = payment_of_stream(&event.stream) else { continue };
            let standing = states.entry(id).or_default();
            standing.state.evolve(&decode_own::<Payment>(&event)?);
            standing.revision = event.revision;
            standing.event_ids.insert(event.event_id);
        }
        self.find_months_taken(&mut states).await?;
        Ok(states)
    }

    /// Whose months another payment holds by now, of the payments that were cancelled.
    async fn find_months_taken(&self, states: &mut States) -> Result<(), AppError> {
        let (mut owners, mut keys) = (Vec::new(), Vec::new());
        for (id, standing) in states.iter() {
            let Some(payment) = standing.state.instructed.as_ref().filter(|p| p.called_off) else {
                continue;
            };
            for key in claims::own_month_keys(payment) {
                owners.push(*id);
                keys.push(key);
            }
        }
        if keys.is_empty() {
            return Ok(());
        }
        let holders = self.app.store.find_claims(claims::BENEFIT_MONTH, &keys).await?;
        for (id, _) in owners.into_iter().zip(holders).filter(|(_, holder)| holder.is_some()) {
            states.entry(id).or_default().months_taken = true;
        }
        Ok(())
    }

    fn judge_outcome(
        &self,
        row: u64,
        (id, attempt): (PaymentId, Option<u32>),
        fields: &OutcomeFields,
        known: &mut Known,
    ) -> Verdict {
        let unknown = || Verdict::Refused(vec![row_problem(payment_unknown(name_column(fields)), name_text(fields))]);
        let words = known.words.remove(&row);
        let people = &known.people;
        let Some(Standing { state, revision, event_ids, months_taken }) = known.states.get_mut(&id) else {
            return unknown();
        };
        let Some(payment) = &state.instructed else { return unknown() };
        if self.app.check_attempt_reach(&self.order.principal, attempt, payment).is_err() {
            return Verdict::Refused(vec![row_problem(super::payments::out_of_units(), String::new())]);
        }
        // A resume comes by rows that are in the log, under later rows of the same file.
        if event_ids.contains(&self.event_id(row, 0)) || says_nothing_new(fields, payment) {
            return Verdict::Unchanged;
        }
        let today = self.app.profile.business_day(self.app.clock.now_us());
        if let Err(issue) = lookup::not_in_future("date", fields.date, today) {
            return Verdict::Refused(vec![row_problem(issue, fields.date.to_string())]);
        }
        let words_ref = words.as_ref().map(|(words_ref, _)| VaultRef::from_uuid(*words_ref));
        let collector = self.collector(fields, attempt, (payment, people));
        let command = match self.command(fields, attempt, (payment, words_ref, !*months_taken, collector)) {
            Ok(command) => command,
            Err(issue) => {
                let found = fields.reason.clone().unwrap_or_default();
                return Verdict::Refused(vec![row_problem(issue, found)]);
            }
        };
        let events = match payment::decide(state, &command, self.app.clock.now()) {
            Decision::Events(events) => events,
            Decision::NoOp => return Verdict::Unchanged,
            Decision::Refused(refusal) => {
                let field = refusal.field().unwrap_or("status");
                let issue =
                    FieldIssue::new(field, refusal.code(), refusal.to_string(), words::payment_refusal_vi(&refusal));
                return Verdict::Refused(vec![row_problem(issue, String::new())]);
            }
            Decision::Quarantine(cause) => return Verdict::Refused(vec![contradiction(cause.code(), payment)]),
        };
        if contradicts(&events) {
            known.warnings.push(contradicted(payment, fields.amount));
        }
        let mut append = self.append_outcome(row, (id, *revision), (state, &events));
        append.vault.extend(words.map(|(_, row)| row));
        for event in &events {
            Aggregate::evolve(state, event);
            *revision += 1;
        }
        Verdict::Record(Box::new(append))
    }

    fn command(
        &self,
        fields: &OutcomeFields,
        attempt: Option<u32>,
        (payment, words, months_free, collector): (&Instructed, Option<VaultRef>, bool, Collector),
    ) -> Result<PaymentCommand, FieldIssue> {
        let date = fields.date;
        let amount = fields.amount.unwrap_or_else(|| payment.amount_of(attempt));
        let reason = || reasons::reason(&self.app.profile, &self.reported(fields), words);
        Ok(match fields.status {
            OutcomeStatus::Accepted => PaymentCommand::Accept {
                attempt,
                agent_ref: None,
                // Words about an acceptance say nothing that anybody must act on; they are not kept.
                raw_status: fields.reason.clone().filter(|text| is_code(text)),
                accepted_at: self.app.profile.start_of_day(date),
            },
            OutcomeStatus::Settled => PaymentCommand::Settle {
                attempt,
                settled_on: date,
                amount,
                evidence: evidence(fields, payment),
                collected_by: None,
                months_free,
                collector,
            },
            OutcomeStatus::Rejected => PaymentCommand::Reject { attempt, reason: reason(), rejected_on: date },
            OutcomeStatus::Returned => PaymentCommand::Return {
                attempt,
                returned_on: date,
                amount,
                reason: reason(),
                evidence: evidence(fields, payment),
            },
            OutcomeStatus::Failed => {
                let cause = fields.reason.as_deref().map_or(Ok(FailureCause::Unclaimed), |text| self.failure(text))?;
                PaymentCommand::Fail { attempt, cause, deadline: date }
            }
        })
    }

    /// The people whose cash somebody else may fetch: a file says that it was fetched, hence by whom the payment names.
    async fn find_givers(
        &self,
        rows: &[ParsedRow],
        found: &HashMap<u64, (PaymentId, Option<u32>)>,
        states: &States,
    ) -> Result<HashMap<BeneficiaryId, Beneficiary>, AppError> {
        let mut ids: Vec<BeneficiaryId> = Vec::new();
        for row in rows {
            let Some(Fields::Outcome(fields)) = &row.fields else { continue };
            let Some((id, attempt)) = found.get(&row.number) else { continue };
            let Some(payment) = states.get(id).and_then(|standing| standing.state.instructed.as_ref()) else {
                continue;
            };
            if fields.status == OutcomeStatus::Settled && self.app.fetched_by_another(payment, *attempt) {
                ids.push(payment.beneficiary_id);
            }
        }
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = self.app.views.beneficiaries(&ids).await?;
        Ok(rows.into_iter().map(|row| (row.beneficiary_id, row.into_state())).collect())
    }

    /// Whether whoever fetched the money might on that day.
    fn collector(
        &self,
        fields: &OutcomeFields,
        attempt: Option<u32>,
        (payment, people): (&Instructed, &HashMap<BeneficiaryId, Beneficiary>),
    ) -> Collector {
        if !self.app.fetched_by_another(payment, attempt) {
            return Collector::NotNeeded;
        }
        let payee = payment.attempt(attempt).map_or(Payee::Beneficiary, |attempt| attempt.payee);
        let person = people.get(&payment.beneficiary_id).and_then(|person| person.registered.as_ref());
        person.map_or(Collector::Missing, |person| person.standing_of(payee, fields.date))
    }

    /// A code of ISO 20022 stands for itself, a word of the profile for the agency's code; anything else is words.
    fn reported(&self, fields: &OutcomeFields) -> ReportedReason {
        let text = fields.reason.clone().unwrap_or_else(|| NARRATIVE.to_owned());
        let is_iso = text.len() == 4 && is_code(&text);
        let system = if is_iso { "iso20022" } else { "agency" };
        let code = self.app.profile.code_of_word("reason", &text).map(str::to_owned).unwrap_or(text);
        ReportedReason { system: system.to_owned(), code, text: None }
    }

    /// Seals the words of a chunk's reasons at once; pass 1 needs none.
    async fn seal_words(
        &self,
        rows: &[ParsedRow],
        found: &HashMap<u64, (PaymentId, Option<u32>)>,
        states: &States,
    ) -> Result<HashMap<u64, (Uuid, VaultRow)>, AppError> {
        let (mut numbers, mut words) = (Vec::new(), Vec::new());
        for row in rows.iter().filter(|_| self.making) {
            let Some(Fields::Outcome(fields)) = &row.fields else { continue };
            let has_reason = matches!(fields.status, OutcomeStatus::Rejected | OutcomeStatus::Returned);
            let text = reasons::words(&self.app.profile, &self.reported(fields)).filter(|_| has_reason);
            let person = found.get(&row.number).and_then(|(id, _)| states.get(id)?.state.instructed.as_ref());
            if let (Some(text), Some(payment)) = (text, person) {
                numbers.push(row.number);
                words.push((payment.beneficiary_id.as_uuid(), text));
            }
        }
        if words.is_empty() {
            return Ok(HashMap::new());
        }
        let sealed = self.app.vault.seal_words(&words).await?;
        Ok(numbers.into_iter().zip(sealed).filter_map(|(row, sealed)| Some((row, sealed?))).collect())
    }

    fn failure(&self, text: &str) -> Result<FailureCause, FieldIssue> {
        match self.app.profile.code_of_word("failure", text).unwrap_or(text) {
            "no_answer" => Ok(FailureCause::NoAnswer),
            "unclaimed" => Ok(FailureCause::Unclaimed),
            "not_sendable" => Ok(FailureCause::NotSendable),
            _ => Err(FieldIssue::new(
                "reason",
                "code-unknown",
                "a payment fails because of no_answer, unclaimed or not_sendable: write one of them, or reject it if the agent refused",
                "lý do không thành phải là no_answer, unclaimed hoặc not_sendable; nếu bị từ chối thì ghi trạng thái rejected",
            )),
        }
    }

    fn append_outcome(
        &self,
        row: u64,
        (id, revision): (PaymentId, u64),
        (state, events): (&Payment, &[PaymentEvent]),
    ) -> Append {
        let mut append = Append::events(payment_stream(id), StreamState::Revision(revision), Vec::new());
        if !self.making {
            return append;
        }
        let mut state = state.clone();
        for (ordinal, event) in (0_u32..).zip(events) {
            append.claims.extend(claims::of_payment_event(&state, event));
            append.events.push(event_data::<Payment>(event, self.event_id(row, ordinal), self.metadata.clone()));
            Aggregate::evolve(&mut state, event);
        }
        append
    }
}

/// Settled on the same day for the same amount, by whatever evidence, and perhaps returned since: a file that repeats it is old news.
fn says_nothing_new(fields: &OutcomeFields, payment: &Instructed) -> bool {
    let latest = payment.standing();
    let same_amount = fields.amount.is_none_or(|amount| amount == payment.amount);
    fields.status == OutcomeStatus::Settled
        && same_amount
        && matches!(latest.state, payment::AttemptState::Settled | payment::AttemptState::Returned)
        && latest.settled_on == Some(fields.date)
}

/// The file is the evidence; what it says of the payment is the reference, so that another copy of it is the same evidence.
fn evidence(fields: &OutcomeFields, payment: &Instructed) -> Evidence {
    Evidence { kind: "office_file".to_owned(), reference: format!("{} {}", payment.reference, day(fields.date)) }
}

fn day(date: Date) -> String {
    date.to_string()
}

const fn name_column(fields: &OutcomeFields) -> &'static str {
    match fields.payment {
        PaymentName::Reference(_) => "payment_reference",
        PaymentName::EndToEndId(_) => "end_to_end_id",
    }
}

fn name_text(fields: &OutcomeFields) -> String {
    match &fields.payment {
        PaymentName::Reference(reference) => reference.to_string(),
        PaymentName::EndToEndId(id) => id.to_string(),
    }
}

//! Rows that order payments. Each becomes one append to a stream of its own, with its claims.

use super::duplicates::KeyKind;
use super::ids::payment_uuid;
use super::known::{Known, KnownRow};
use super::parse::{Fields, ParsedRow, PaymentFields};
use super::record::Pass;
use super::verdict::{JudgedRow, Verdict, row_problem};
use crate::app::access::Action;
use crate::app::aggregate::payment_stream;
use crate::app::checks;
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::event_data;
use crate::app::inputs::{InstructInput, PersonName, Route};
use crate::app::lookup::person_unknown;
use crate::app::payments::Facts;
use crate::app::words;
use crate::domain::beneficiary::Beneficiary;
use crate::domain::claims;
use crate::domain::decision::Decision;
use crate::domain::ids::{BankId, BeneficiaryId, PaymentId, VaultRef};
use crate::domain::payment::{self, Payment, PaymentCommand, PaymentEvent};
use crate::files::RowProblem;
use crate::projections::payments::PaymentRow;
use crate::store::{Append, StreamState};
use crate::vault::service::{AskedAccount, FoundAccount};

/// A row's input with its facts, its account's number, and what looks odd about it.
struct Found {
    input: InstructInput,
    facts: Facts,
    account: Option<String>,
    warnings: Vec<FieldIssue>,
}

/// A row whose facts are found and that needs only its account.
struct Prepared {
    number: u64,
    payment_id: PaymentId,
    fields: PaymentFields,
    input: InstructInput,
    facts: Facts,
    /// The account's number in its normal form, when the row names one.
    account: Option<String>,
    warnings: Vec<RowProblem>,
    keys: Vec<(KeyKind, Vec<u8>)>,
}

/// A row that is judged, or that waits for its account.
enum Step {
    Judged(Box<JudgedRow>),
    Prepared(Box<Prepared>),
}

impl Pass<'_> {
    /// Judges a chunk of payment rows.
    pub(super) async fn judge_payments(
        &self,
        rows: Vec<ParsedRow>,
        mut known: Known,
    ) -> Result<Vec<JudgedRow>, AppError> {
        self.uncollected.get_or_try_init(|| self.app.uncollected(None)).await?;
        let mut steps = Vec::with_capacity(rows.len());
        let of_rows = std::mem::take(&mut known.rows);
        for (row, own) in rows.into_iter().zip(of_rows) {
            steps.push(match row.fields {
                Some(Fields::Payment(fields)) if row.problems.is_empty() => {
                    self.prepare(row.number, *fields, own, &known)?
                }
                _ => Step::Judged(Box::new(JudgedRow::refused(row.number, row.problems))),
            });
        }
        let mut accounts = self.find_accounts(&steps).await?.into_iter();
        let mut judged = Vec::with_capacity(steps.len());
        for step in steps {
            judged.push(match step {
                Step::Judged(row) => *row,
                Step::Prepared(row) => {
                    let account = if row.account.is_some() { accounts.next() } else { None };
                    self.decide(*row, account)?
                }
            });
        }
        Ok(judged)
    }

    /// What the vault has of the accounts that rows name, in their order. Nothing where nothing is made.
    async fn find_accounts(&self, steps: &[Step]) -> Result<Vec<FoundAccount>, AppError> {
        if !self.making {
            return Ok(Vec::new());
        }
        let asked: Vec<AskedAccount<'_>> = steps
            .iter()
            .filter_map(|step| match step {
                Step::Prepared(row) => row.asked(),
                Step::Judged(_) => None,
            })
            .collect();
        if asked.is_empty() { Ok(Vec::new()) } else { Ok(self.app.vault.find_accounts(&asked).await?) }
    }

    fn prepare(&self, row: u64, fields: PaymentFields, own: KnownRow, known: &Known) -> Result<Step, AppError> {
        let payment_id = PaymentId::from_uuid(payment_uuid(self.started, row));
        let KnownRow { person, keys } = own;
        let amount_minor = Some(fields.amount.minor);
        let verdict = match person {
            Some(Ok(person)) => match already_there(&fields, (payment_id, person), &keys, known) {
                Some(verdict) => verdict,
                None => match known.states.get(&person) {
                    Some(state) => match self.find_facts(payment_id, &fields, state)? {
                        Ok(Found { input, facts, account, warnings }) => {
                            let number = row;
                            let warnings = problems(warnings, &fields);
                            let row = Prepared { number, payment_id, fields, input, facts, account, warnings, keys };
                            return Ok(Step::Prepared(Box::new(row)));
                        }
                        Err(issues) => refused(issues, &fields),
                    },
                    None => refused(vec![self.nobody()], &fields),
                },
            },
            Some(Err(issue)) => refused(vec![issue], &fields),
            None => refused(vec![self.nobody()], &fields),
        };
        Ok(Step::Judged(Box::new(JudgedRow { number: row, verdict, amount_minor, warnings: Vec::new(), keys })))
    }

    fn nobody(&self) -> FieldIssue {
        person_unknown(self.app.profile.first_identifier().to_string())
    }

    /// What the decision on a row needs, but for its account's record.
    fn find_facts(
        &self,
        payment_id: PaymentId,
        fields: &PaymentFields,
        person: &Beneficiary,
    ) -> Result<Result<Found, Vec<FieldIssue>>, AppError> {
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
        let mut warnings = route.warnings.clone();
        let account = match fields.account.as_deref().map(|text| checks::account(&app.profile, bank, text)) {
            Some(Err(issue)) => return Ok(Err(vec![issue])),
            Some(Ok((number, odd))) => {
                warnings.extend(odd);
                Some(number)
            }
            None => None,
        };
        if !route.channel.cashless
            && let Some(refusal) =
                self.uncollected.get().and_then(|all| app.halted(all, fact.id, &input.benefit_months))
        {
            let vi = words::desk_refusal_vi(&refusal);
            return Ok(Err(vec![FieldIssue::new("channel", refusal.code(), refusal.to_string(), vi)]));
        }
        let account_payee = app.account_payee(person, route.payee, due_on);
        let facts = Facts { payment_id, fact, unit, due_on, route, account_payee, account_ref: None };
        Ok(Ok(Found { input, facts, account, warnings }))
    }

    fn decide(&self, row: Prepared, account: Option<FoundAccount>) -> Result<JudgedRow, AppError> {
        let amount_minor = Some(row.fields.amount.minor);
        // Before the row is recorded it is enough to know that there will be a record.
        let later = self.checking && matches!(account, Some(FoundAccount::New(_)));
        let mut vault = Vec::new();
        let account_ref = match (account, row.asked()) {
            (Some(found), Some(asked)) if !later => {
                let (account_ref, rows) = self.app.vault.file_account(&asked, found)?;
                vault = rows;
                Some(account_ref)
            }
            (_, Some(_)) => Some(row.payment_id.as_uuid()),
            (_, None) => None,
        };
        let Prepared { number, payment_id, fields, input, mut facts, warnings, keys, .. } = row;
        facts.account_ref = account_ref.map(VaultRef::from_uuid);
        let command = PaymentCommand::Instruct(Box::new(self.app.instruction(input, facts)));
        let verdict = match payment::decide(&Payment::default(), &command, self.app.clock.now()) {
            Decision::Events(_) if later => Verdict::Later,
            Decision::Events(events) => Verdict::Record(Box::new(self.append_of(number, payment_id, &events, vault))),
            Decision::Refused(refusal) => refused(vec![refusal_issue(&refusal)], &fields),
            Decision::NoOp | Decision::Quarantine(_) => {
                return Err(AppError::Internal("a new payment was neither ordered nor refused".to_owned()));
            }
        };
        Ok(JudgedRow { number, verdict, amount_minor, warnings, keys })
    }

    fn append_of(
        &self,
        row: u64,
        payment_id: PaymentId,
        events: &[PaymentEvent],
        vault: Vec<crate::store::VaultRow>,
    ) -> Append {
        let mut append = Append::events(payment_stream(payment_id), StreamState::NoStream, Vec::new());
        if !self.making {
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

impl Prepared {
    fn asked(&self) -> Option<AskedAccount<'_>> {
        let number = self.account.as_deref()?;
        let bank = self.facts.route.bank.as_ref().map(BankId::as_str);
        Some(AskedAccount { subject: self.facts.fact.id.as_uuid(), bank, number })
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
fn already_there(
    fields: &PaymentFields,
    (own, person): (PaymentId, BeneficiaryId),
    keys: &[(KeyKind, Vec<u8>)],
    known: &Known,
) -> Option<Verdict> {
    if known.references.is_empty() && known.months.is_empty() {
        return None;
    }
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
    // After the reference's key there is one for each month, in their order.
    let taken = fields.benefit_months.iter().zip(keys.iter().skip(1)).find_map(|(month, (_, key))| {
        let holder = known.months.get(key)?;
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

fn problems(issues: Vec<FieldIssue>, fields: &PaymentFields) -> Vec<RowProblem> {
    let problem = |issue: FieldIssue| {
        let found = found(&issue.field, fields);
        row_problem(issue, found)
    };
    issues.into_iter().map(problem).collect()
}

fn refused(issues: Vec<FieldIssue>, fields: &PaymentFields) -> Verdict {
    Verdict::Refused(problems(issues, fields))
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

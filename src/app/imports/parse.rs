//! One row of an office file to typed fields: cells are read leniently, as offices write them, but never guessed.

use super::identity::IdentityFields;
use crate::app::changes::GrantInput;
use crate::app::inputs::PersonName;
use crate::domain::beneficiary::event::Sex;
use crate::domain::identifier::has_long_number;
use crate::domain::ids::{AgentCode, BenefitType, ChannelCode, EndToEndId, GroundCode, PaymentReference, SchemeCode};
use crate::domain::import::ImportKind;
use crate::domain::money::Money;
use crate::domain::payment::event::Payee;
use crate::domain::payment::kind::PaymentKind;
use crate::domain::period::Month;
use crate::domain::profile::Profile;
use crate::files::fields;
use crate::files::{Problem, Row, RowProblem};
use jiff::civil::Date;

/// A row as read, with what is wrong with it so far.
#[derive(Debug)]
pub struct ParsedRow {
    /// Line or row as a person sees it.
    pub number: u64,
    pub fields: Option<Fields>,
    pub problems: Vec<RowProblem>,
}

/// The typed fields of one kind of row.
#[derive(Debug)]
pub enum Fields {
    Payment(Box<PaymentFields>),
    Outcome(Box<OutcomeFields>),
    Beneficiary(Box<BeneficiaryFields>),
    Identity(Box<IdentityFields>),
}

/// A payment to be ordered.
#[derive(Debug)]
pub struct PaymentFields {
    pub reference: PaymentReference,
    pub person: PersonName,
    pub benefit_type: BenefitType,
    pub benefit_months: Vec<Month>,
    pub cycle: Month,
    pub amount: Money,
    pub unit: Option<String>,
    pub channel: Option<ChannelCode>,
    pub agent: Option<AgentCode>,
    pub bank: Option<String>,
    pub account: Option<String>,
    pub due_on: Option<Date>,
    pub kind: PaymentKind,
}

/// How an outcome row names its payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentName {
    Reference(PaymentReference),
    EndToEndId(EndToEndId),
}

/// What became of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutcomeStatus {
    Accepted,
    Settled,
    Rejected,
    Returned,
    Failed,
}

/// A reported outcome.
#[derive(Debug)]
pub struct OutcomeFields {
    pub payment: PaymentName,
    pub status: OutcomeStatus,
    pub date: Date,
    pub amount: Option<Money>,
    pub reason: Option<String>,
}

/// A person to be registered.
#[derive(Debug)]
pub struct BeneficiaryFields {
    pub identifiers: Vec<(SchemeCode, String)>,
    pub name: Option<String>,
    pub sex: Option<Sex>,
    pub birth_year: Option<i16>,
    pub unit: String,
    pub channel: Option<ChannelCode>,
    pub bank: Option<String>,
    pub account: Option<String>,
    pub effective_month: Option<Month>,
    pub payee: Option<Payee>,
    pub home_ground: Option<GroundCode>,
    /// Who receives on the person's behalf.
    pub authorisation: Option<GrantInput>,
}

pub(super) const NAME_LENGTH_MAX: usize = 200;
const TEXT_LENGTH_MAX: usize = 140;

/// Groups of columns of which at least one must be in the file's header, per kind.
#[must_use]
pub fn required_columns(profile: &Profile, kind: ImportKind) -> Vec<Vec<&str>> {
    let person = || profile.identifier_columns(kind).map(|scheme| scheme.code.as_str()).collect();
    match kind {
        ImportKind::Payments => {
            vec![vec!["payment_reference"], person(), vec!["benefit_type"], vec!["cycle"], vec!["amount"]]
        }
        ImportKind::Outcomes => vec![vec!["payment_reference", "end_to_end_id"], vec!["status"], vec!["date"]],
        ImportKind::Beneficiaries => vec![person(), vec!["unit"]],
        ImportKind::Identity => vec![person(), vec!["status"], vec!["source"], vec!["checked_on"]],
    }
}

/// Reads one row.
#[must_use]
pub fn parse(profile: &Profile, kind: ImportKind, row: &mut Row) -> ParsedRow {
    let mut cells = Cells { profile, row, problems: Vec::new() };
    let fields = match kind {
        ImportKind::Payments => cells.payment().map(|fields| Fields::Payment(Box::new(fields))),
        ImportKind::Outcomes => cells.outcome().map(|fields| Fields::Outcome(Box::new(fields))),
        ImportKind::Beneficiaries => cells.beneficiary().map(|fields| Fields::Beneficiary(Box::new(fields))),
        ImportKind::Identity => cells.identity().map(|fields| Fields::Identity(Box::new(fields))),
    };
    let mut problems = cells.problems;
    problems.append(&mut row.problems);
    ParsedRow { number: row.number, fields: fields.filter(|_| problems.is_empty()), problems }
}

pub(super) struct Cells<'a> {
    pub(super) profile: &'a Profile,
    pub(super) row: &'a Row,
    problems: Vec<RowProblem>,
}

impl Cells<'_> {
    fn payment(&mut self) -> Option<PaymentFields> {
        let reference = self.required("payment_reference", reference);
        let person = self.person();
        let profile = self.profile;
        let benefit_type = self.required("benefit_type", |text| {
            let code = profile.code_of_word("benefit_type", text).unwrap_or(text);
            BenefitType::parse(code).map_err(|_| code_unknown("benefit_type"))
        });
        let cycle = self.required("cycle", fields_month);
        let months = self.optional("benefit_months", fields::parse_months);
        let amount = self.required("amount", |text| fields::parse_amount(text, profile.currency));
        let unit = self.text("unit");
        let (channel, agent) = (self.channel(), self.agent());
        let (bank, account) = (self.text("bank"), self.text("account"));
        let due_on = self.optional("due_on", fields::parse_date);
        let kind = self.optional("kind", |text| {
            PaymentKind::parse(profile.code_of_word("kind", text).unwrap_or(text)).ok_or_else(|| code_unknown("kind"))
        });
        let (cycle, benefit_type) = (cycle?, benefit_type?);
        Some(PaymentFields {
            reference: reference?,
            person: person?,
            benefit_months: months.unwrap_or_else(|| profile.benefit_months(cycle, benefit_type.as_str())),
            benefit_type,
            cycle,
            amount: amount?,
            unit,
            channel,
            agent,
            bank,
            account,
            due_on,
            kind: kind.unwrap_or_default(),
        })
    }

    fn outcome(&mut self) -> Option<OutcomeFields> {
        let by_reference = self.optional("payment_reference", reference).map(PaymentName::Reference);
        let by_id = self.optional("end_to_end_id", |text| {
            EndToEndId::parse(text)
                .map_err(|error| plain("end-to-end-id-invalid", error.expected, "32 chữ số thập lục phân"))
        });
        let payment = by_reference.or(by_id.map(PaymentName::EndToEndId));
        if payment.is_none() && self.problems.is_empty() {
            self.problem("payment_reference", missing("payment_reference"));
        }
        let profile = self.profile;
        let status = self.required("status", |text| status(profile.code_of_word("status", text).unwrap_or(text)));
        let date = self.required("date", fields::parse_date);
        let amount = self.optional("amount", |text| fields::parse_amount(text, profile.currency));
        let reason = self.text("reason");
        Some(OutcomeFields { payment: payment?, status: status?, date: date?, amount, reason })
    }

    /// All identifiers of the row; none is a problem.
    pub(super) fn identifiers(&mut self, kind: ImportKind) -> Vec<(SchemeCode, String)> {
        let mut identifiers = Vec::new();
        for scheme in self.profile.identifier_columns(kind) {
            if let Some(value) = self.text(scheme.code.as_str()) {
                identifiers.push((scheme.code.clone(), value));
            }
        }
        if identifiers.is_empty() {
            self.nobody(kind);
        }
        identifiers
    }

    fn beneficiary(&mut self) -> Option<BeneficiaryFields> {
        let identifiers = self.identifiers(ImportKind::Beneficiaries);
        let name = self.optional("name", |text| fields::parse_text(text, NAME_LENGTH_MAX));
        let profile = self.profile;
        let sex = self.optional("sex", |text| match profile.code_of_word("sex", text).unwrap_or(text) {
            "female" => Ok(Sex::Female),
            "male" => Ok(Sex::Male),
            _ => Err(code_unknown("sex")),
        });
        let birth_year = self.optional("birth_year", |text| fields::parse_whole_number(text, 1880, 2100));
        let unit = self.required("unit", |text| fields::parse_text(text, TEXT_LENGTH_MAX));
        let channel = self.channel();
        let (bank, account) = (self.text("bank"), self.text("account"));
        let effective_month = self.optional("effective_month", fields_month);
        let home_ground = self.optional("home_ground", |text| {
            GroundCode::parse(profile.code_of_word("home_ground", text).unwrap_or(text))
                .map_err(|_| code_unknown("home_ground"))
        });
        let payee = self.payee();
        let authorisation = self.authorisation(payee);
        Some(BeneficiaryFields {
            identifiers,
            name,
            sex,
            birth_year: birth_year.and_then(|year| i16::try_from(year).ok()),
            unit: unit?,
            channel,
            bank,
            account,
            effective_month,
            payee,
            home_ground,
            authorisation,
        })
    }

    /// Whom the row names. With several identifiers the first of the columns' order is used.
    fn person(&mut self) -> Option<PersonName> {
        for scheme in self.profile.identifier_columns(ImportKind::Payments) {
            if let Some(value) = self.text(scheme.code.as_str()) {
                return Some(PersonName::Identifier { scheme: scheme.code.clone(), value });
            }
        }
        self.nobody(ImportKind::Payments);
        None
    }

    /// The row names a person in no way: any of the identifier columns would do.
    fn nobody(&mut self, kind: ImportKind) {
        let columns: Vec<&str> = self.profile.identifier_columns(kind).map(|scheme| scheme.code.as_str()).collect();
        if let Some(first) = columns.first() {
            self.problem(first, missing(&columns.join(" | ")));
        }
    }

    fn channel(&mut self) -> Option<ChannelCode> {
        let profile = self.profile;
        self.optional("channel", |text| {
            let code = profile.code_of_word("channel", text).unwrap_or(text);
            profile.channel(code).map(|spec| spec.code.clone()).ok_or_else(|| code_unknown("channel"))
        })
    }

    fn agent(&mut self) -> Option<AgentCode> {
        let profile = self.profile;
        self.optional("agent", |text| {
            let code = profile.code_of_word("agent", text).unwrap_or(text);
            profile.agent(code).map(|spec| spec.code.clone()).ok_or_else(|| code_unknown("agent"))
        })
    }

    pub(super) fn text(&mut self, column: &str) -> Option<String> {
        self.optional(column, |text| fields::parse_text(text, TEXT_LENGTH_MAX))
    }

    pub(super) fn optional<T>(&mut self, column: &str, read: impl Fn(&str) -> Result<T, Problem>) -> Option<T> {
        let text = self.row.get(column).trim();
        if text.is_empty() {
            return None;
        }
        match read(text) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.problem(column, problem);
                None
            }
        }
    }

    pub(super) fn required<T>(&mut self, column: &str, read: impl Fn(&str) -> Result<T, Problem>) -> Option<T> {
        if self.row.get(column).trim().is_empty() {
            self.problem(column, missing(column));
            return None;
        }
        self.optional(column, read)
    }

    pub(super) fn problem(&mut self, column: &str, problem: Problem) {
        // What the reader found about a cell comes first; an empty cell is then its consequence.
        let told = self.row.problems.iter().any(|known| known.column.as_deref() == Some(column));
        if !told {
            let found = self.row.get(column).to_owned();
            self.problems.push(RowProblem { column: Some(column.to_owned()), found, problem });
        }
    }
}

/// Words that stay in the log for ever: no number of a person may be in them.
pub(super) fn note(text: &str) -> Result<String, Problem> {
    let text = fields::parse_text(text, TEXT_LENGTH_MAX)?;
    if has_long_number(&text) {
        return Err(plain(
            "text-has-a-number",
            "words without numbers of persons or accounts",
            "nội dung không có số định danh hoặc số tài khoản",
        ));
    }
    Ok(text)
}

fn fields_month(text: &str) -> Result<Month, Problem> {
    fields::parse_month(text)
}

fn reference(text: &str) -> Result<PaymentReference, Problem> {
    PaymentReference::parse(text).map_err(|error| {
        plain("payment-reference-invalid", error.expected, "1 đến 64 ký tự ASCII, không có khoảng trắng")
    })
}

fn status(code: &str) -> Result<OutcomeStatus, Problem> {
    match code {
        "accepted" => Ok(OutcomeStatus::Accepted),
        "settled" => Ok(OutcomeStatus::Settled),
        "rejected" => Ok(OutcomeStatus::Rejected),
        "returned" => Ok(OutcomeStatus::Returned),
        "failed" => Ok(OutcomeStatus::Failed),
        _ => Err(code_unknown("status")),
    }
}

fn plain(code: &'static str, expected: &'static str, expected_vi: &'static str) -> Problem {
    Problem::new(code, expected, format!("Expected {expected}."), format!("Cần {expected_vi}."))
}

pub(super) fn missing(column: &str) -> Problem {
    Problem::new(
        "cell-missing",
        "a value",
        format!("The row has no {column}. Fill it in."),
        format!("Dòng này thiếu {column}. Hãy bổ sung."),
    )
}

/// A word that is no code of the profile.
#[must_use]
pub fn code_unknown(column: &'static str) -> Problem {
    Problem::new(
        "code-unknown",
        format!("a {column} of the profile"),
        format!(
            "This is no {column} that the profile knows. The template's code lists show all (GET /v1/imports/template.xlsx)."
        ),
        format!("Không có {column} này trong cấu hình. Xem danh mục trong tệp mẫu (GET /v1/imports/template.xlsx)."),
    )
}

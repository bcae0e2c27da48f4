//! The tables of a profile: what one country decides by data. Read from TOML as they stand here; checked in `load`.

use crate::domain::approval::ApprovableAction;
use crate::domain::beneficiary::event::Sex;
use crate::domain::ids::{AgentCode, BankId, BenefitGroup, BenefitType, ChannelCode, SchemeCode, UnitKey};
use crate::domain::import::ImportKind;
use crate::domain::payment::event::ReasonClass;
use crate::domain::period::Month;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A label by language code.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(transparent)]
pub struct Labels(pub BTreeMap<String, String>);

impl Labels {
    /// The label in a language; any other one when there is none, so that a page never shows a blank.
    #[must_use]
    pub fn get(&self, language: &str) -> &str {
        self.0.get(language).or_else(|| self.0.values().next()).map_or("", String::as_str)
    }
}

/// A group of benefit types, for figures and targets.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupSpec {
    pub code: BenefitGroup,
    pub labels: Labels,
}

/// How often a benefit is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Periodicity {
    Monthly,
    ShortTerm,
    Once,
}

/// What must hold for payment lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListSpec {
    /// Lists above this sum, in minor units, go out only when a second person has approved them. 0: all of them.
    #[serde(default)]
    pub approval_above_minor: i64,
    /// A list that its agent takes on as a whole makes each of its payments accepted; otherwise agents say so of each.
    #[serde(default)]
    pub accepted_list_accepts_payments: bool,
}

/// What must hold for banks' messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BankMessageSpec {
    /// What comes so long after its hour is still that hour's, late; what comes later is the next one's.
    pub late_hours_max: u8,
}

/// A benefit type.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BenefitTypeSpec {
    pub code: BenefitType,
    pub group: BenefitGroup,
    pub periodicity: Periodicity,
    /// ISO 20022 external purpose code; which one is used for what is this profile's choice.
    pub purpose: String,
    /// Who bears it.
    pub payer: String,
    pub labels: Labels,
}

/// What a channel counts as in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountsAs {
    Account,
    Wallet,
    Cash,
}

/// A way of paying.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelSpec {
    pub code: ChannelCode,
    pub cashless: bool,
    pub requires_account: bool,
    pub requires_presence: bool,
    pub counts_as: CountsAs,
    /// Who pays through it when a row names nobody.
    pub default_agent: AgentCode,
    /// Day of the cycle's month on which the money is due; put off to the next working day.
    pub due_day: i8,
    pub labels: Labels,
}

/// Who pays out for the agency.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentSpec {
    pub code: AgentCode,
    pub labels: Labels,
}

/// What holds an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BankKind {
    Bank,
    Wallet,
    DigitalBrand,
}

/// A bank or wallet. Names and numbers change hands; the id is ours.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BankSpec {
    pub id: BankId,
    pub short_name: String,
    pub kind: BankKind,
    /// Issuer number, six digits: the beginning of its card numbers.
    #[serde(default)]
    pub bin: Option<String>,
    #[serde(default)]
    pub swift: Option<String>,
    /// Other names and codes that clerks and banks write.
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// A level of administrative units.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelSpec {
    /// As written in the units' `level` column.
    pub code: String,
    /// 1 is the top.
    pub rank: u8,
    pub labels: Labels,
}

/// Which characters an identifier has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alphabet {
    Digits,
    Alphanumeric,
    Visible,
}

/// Facts about the holder that some schemes write into the number. A contradiction is a warning, never a rejection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BirthDigits {
    /// Place (from 1) of the digit for century and sex: even is male, odd is female, each pair one century.
    pub century_sex_position: usize,
    /// The century of the first pair, for example 1900.
    pub first_century: i16,
    /// Place (from 1) of the two digits of the birth year.
    pub year_position: usize,
}

/// A scheme of personal identifiers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentifierScheme {
    /// Also the name of the field and column.
    pub code: SchemeCode,
    pub alphabet: Alphabet,
    pub length_min: usize,
    pub length_max: usize,
    /// How many characters a mask leaves readable at the beginning and at the end.
    pub mask_first: usize,
    pub mask_last: usize,
    /// A made-up value of the right form, for templates and the API's document.
    pub example: String,
    /// The last day on which the scheme is issued or asked for, if it ended.
    #[serde(default)]
    pub valid_to: Option<Date>,
    /// The scheme that took its place the day after.
    #[serde(default)]
    pub replaced_by: Option<SchemeCode>,
    #[serde(default)]
    pub birth_digits: Option<BirthDigits>,
    pub labels: Labels,
}

/// A part of the month in which some channels pay.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowSpec {
    pub code: String,
    pub from_day: i8,
    pub to_day: i8,
    pub channels: Vec<ChannelCode>,
    pub labels: Labels,
}

/// A day before the cycle by which something must be done.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CutOffSpec {
    pub code: String,
    pub day: i8,
    /// How many months before the cycle's month that day lies.
    pub months_before: u8,
    pub labels: Labels,
}

/// A cycle that pays other months than its own: before a long feast two at once.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaidCycleSpec {
    pub cycle: Month,
    pub benefit_months: Vec<Month>,
    /// The groups that are paid so; the others are paid month by month.
    pub groups_paid: Vec<BenefitGroup>,
    pub labels: Labels,
}

/// Own days of a window, for some cycles, in one unit with all that lies under it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnDaysSpec {
    /// The unit's key, which is dated itself; everywhere when absent.
    #[serde(default)]
    pub unit: Option<UnitKey>,
    pub window: String,
    pub first_cycle: Month,
    pub last_cycle: Month,
    pub from_day: i8,
    pub to_day: i8,
    /// The day on which the window's channels are due there; as elsewhere when absent.
    #[serde(default)]
    pub due_day: Option<i8>,
    /// Why: the notice that set them.
    pub labels: Labels,
}

/// A target with the law that set it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetSpec {
    pub code: String,
    /// The indicator's id, for example `A4`.
    pub indicator: String,
    /// A fraction of 1.
    #[serde(deserialize_with = "super::load::decimal")]
    pub value: Decimal,
    pub by_date: Date,
    pub groups: Vec<BenefitGroup>,
    #[serde(default)]
    pub urban: Option<bool>,
    /// The law or dispatch that sets it.
    pub legal_basis: Labels,
    pub labels: Labels,
}

/// One column of office files and the headers that it is known by.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnSpec {
    /// The name in our API.
    pub name: String,
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// The columns of each kind of file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnTables {
    pub payments: Vec<ColumnSpec>,
    pub outcomes: Vec<ColumnSpec>,
    pub beneficiaries: Vec<ColumnSpec>,
    pub identity: Vec<ColumnSpec>,
}

impl ColumnTables {
    /// The columns of one kind of file.
    #[must_use]
    pub fn of(&self, kind: ImportKind) -> &[ColumnSpec] {
        match kind {
            ImportKind::Payments => &self.payments,
            ImportKind::Outcomes => &self.outcomes,
            ImportKind::Beneficiaries => &self.beneficiaries,
            ImportKind::Identity => &self.identity,
        }
    }
}

/// The words in office files' cells that stand for our codes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordSpec {
    /// The field: `channel`, `agent`, `status`, `sex`, `benefit_type` ...
    pub field: String,
    pub code: String,
    pub words: Vec<String>,
}

/// The reason codes of one system that belong to one class.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonSpec {
    pub system: String,
    pub class: ReasonClass,
    pub codes: Vec<String>,
}

/// What needs a second person's consent, and from which amount.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondPersonSpec {
    pub action: ApprovableAction,
    /// In minor units; 0 is always, and all that is possible where an action is about no amount.
    #[serde(default)]
    pub from_amount_minor: i64,
    /// How many days a request waits for consent.
    pub valid_days: i64,
}

/// How figures are published.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FigureSpec {
    /// Upper bounds of the buckets of days since due; the last bucket is open.
    pub ageing_days: Vec<i32>,
    /// Days of the month by which payments are counted as timely.
    pub timeliness_days: Vec<i8>,
    /// A unit counts as assessed from this completeness (a fraction of 1).
    #[serde(deserialize_with = "super::load::decimal")]
    pub completeness_threshold: Decimal,
    /// Cells with fewer people are not shown to the roles below; 0 shows them to everybody.
    pub smallest_cell: u32,
    /// Roles that read published figures only: see docs/privacy.md.
    #[serde(default = "analysts")]
    pub published_only: Vec<ReaderRole>,
    /// Count people who are paid both ways as cashless.
    #[serde(default)]
    pub mixed_counts_as_cashless: bool,
}

fn analysts() -> Vec<ReaderRole> {
    vec![ReaderRole::Analyst]
}

/// A role of the access table, as profiles name it: a word that is none is refused when the profile is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReaderRole {
    Clerk,
    Supervisor,
    Analyst,
    Auditor,
}

impl ReaderRole {
    /// The role's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Supervisor => "supervisor",
            Self::Analyst => "analyst",
            Self::Auditor => "auditor",
        }
    }
}

/// What is known of an identifier's holder, to compare with the digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HolderFacts {
    pub sex: Option<Sex>,
    pub birth_year: Option<i16>,
}

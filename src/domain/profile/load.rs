//! Reading a profile and checking that its tables agree with each other. Every mistake names its table and field.

use super::check::{bank_names, check, check_units, reasons, word_index};
use super::check_calendar::check_own_days;
use super::desks::DeskTable;
use super::kinds::KindSpec;
use super::people::{IdentitySpec, PayoutSpec, SuspensionSpec};
use super::playbook::PlaySpec;
use super::spec::{
    AgentSpec, BankMessageSpec, BankSpec, BenefitTypeSpec, ChannelSpec, ColumnTables, CutOffSpec, FigureSpec,
    GroupSpec, IdentifierScheme, Labels, LevelSpec, ListSpec, OwnDaysSpec, PaidCycleSpec, ReasonSpec, SecondPersonSpec,
    TargetSpec, WindowSpec, WordSpec,
};
use super::{ByTable, Profile};
use crate::domain::calendar::WorkingDays;
use crate::domain::money::{Currency, CurrencySpec};
use crate::domain::payment::event::ReasonClass;
use crate::domain::place::{PlaceError, Units};
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZoneDatabase;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};
use std::collections::HashMap;

/// Why a profile cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// Not TOML, or a field is missing, unknown or of the wrong kind. The text has line and column.
    #[error("the profile cannot be read: {0}")]
    Syntax(String),
    /// A field names something that is not defined, or is out of its range.
    #[error("profile, {table}, {field}: {problem}")]
    Field { table: &'static str, field: String, problem: String },
    /// The units or successions.
    #[error(transparent)]
    Place(#[from] PlaceError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) languages: Vec<String>,
    pub(super) labels: Labels,
    pub(super) money: MoneyTable,
    pub(super) calendar: CalendarTable,
    pub(super) benefit_groups: Vec<GroupSpec>,
    pub(super) benefit_types: Vec<BenefitTypeSpec>,
    pub(super) channels: Vec<ChannelSpec>,
    pub(super) agents: Vec<AgentSpec>,
    pub(super) banks: Vec<BankSpec>,
    pub(super) levels: Vec<LevelSpec>,
    pub(super) payment_level: String,
    pub(super) identifiers: Vec<IdentifierScheme>,
    pub(super) reasons: Vec<ReasonSpec>,
    pub(super) figures: FigureSpec,
    pub(super) payout: PayoutSpec,
    pub(super) suspensions: SuspensionSpec,
    pub(super) identity: IdentitySpec,
    #[serde(default)]
    pub(super) lists: ListSpec,
    pub(super) bank_messages: BankMessageSpec,
    #[serde(default)]
    pub(super) payment_kinds: Vec<KindSpec>,
    #[serde(default)]
    pub(super) targets: Vec<TargetSpec>,
    #[serde(default)]
    pub(super) second_person: Vec<SecondPersonSpec>,
    pub(super) columns: ColumnTables,
    #[serde(default)]
    pub(super) words: Vec<WordSpec>,
    pub(super) playbook: Vec<PlaySpec>,
    pub(super) desks: DeskTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MoneyTable {
    pub(super) currency: Currency,
    pub(super) exponent: u32,
    pub(super) amount_max_minor: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CalendarTable {
    pub(super) time_zone: String,
    pub(super) cut_off_day: i8,
    pub(super) transfer_start_day: i8,
    pub(super) transfer_complete_day: i8,
    pub(super) weekend: Vec<Day>,
    pub(super) holidays: Vec<Date>,
    pub(super) windows: Vec<WindowSpec>,
    #[serde(default)]
    pub(super) cut_offs: Vec<CutOffSpec>,
    #[serde(default)]
    pub(super) cycles: Vec<PaidCycleSpec>,
    #[serde(default)]
    pub(super) own_days: Vec<OwnDaysSpec>,
    pub(super) unpaid_list_working_days: u8,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Day {
    const fn weekday(self) -> Weekday {
        match self {
            Self::Monday => Weekday::Monday,
            Self::Tuesday => Weekday::Tuesday,
            Self::Wednesday => Weekday::Wednesday,
            Self::Thursday => Weekday::Thursday,
            Self::Friday => Weekday::Friday,
            Self::Saturday => Weekday::Saturday,
            Self::Sunday => Weekday::Sunday,
        }
    }
}

/// Decimals are text in the file: a TOML float would not be exact.
pub(super) fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let text = String::deserialize(deserializer)?;
    Decimal::from_str_exact(&text)
        .map_err(|_| serde::de::Error::custom("a fraction is written as text, for example \"0.60\""))
}

pub(super) fn wrong<T>(
    table: &'static str,
    field: impl Into<String>,
    problem: impl Into<String>,
) -> Result<T, ProfileError> {
    Err(ProfileError::Field { table, field: field.into(), problem: problem.into() })
}

pub(super) fn read(toml: &str, units_csv: &str, successions_csv: &str) -> Result<Profile, ProfileError> {
    let document: Document = toml::from_str(toml).map_err(|error| ProfileError::Syntax(error.to_string()))?;
    let units = Units::from_csv(units_csv, successions_csv)?;
    check(&document)?;
    check_units(&document, &units)?;
    check_own_days(&document.calendar, &units)?;
    let bank_names = bank_names(&document.banks)?;
    let reasons = reasons(&document.reasons)?;
    let word_index = word_index(&document)?;
    build(document, Indexes { units, bank_names, reasons, word_index })
}

/// What is built from the tables for look-up.
struct Indexes {
    units: Units,
    bank_names: HashMap<String, usize>,
    reasons: ByTable<ReasonClass>,
    word_index: ByTable<usize>,
}

fn build(document: Document, indexes: Indexes) -> Result<Profile, ProfileError> {
    let calendar = document.calendar;
    // The bundled zone data, never the machine's: two servers must agree on what day it is.
    let Ok(time_zone) = TimeZoneDatabase::bundled().get(&calendar.time_zone) else {
        return wrong("calendar", "time_zone", format!("{} is not an IANA time zone", calendar.time_zone));
    };
    let mut levels = document.levels;
    levels.sort_by_key(|level| level.rank);
    Ok(Profile {
        name: document.name,
        version: document.version,
        languages: document.languages,
        labels: document.labels,
        currency: CurrencySpec { currency: document.money.currency, exponent: document.money.exponent },
        amount_max_minor: document.money.amount_max_minor,
        time_zone_name: calendar.time_zone,
        time_zone,
        benefit_groups: document.benefit_groups,
        benefit_types: document.benefit_types,
        channels: document.channels,
        agents: document.agents,
        banks: document.banks,
        bank_names: indexes.bank_names,
        levels,
        payment_level: document.payment_level,
        identifiers: document.identifiers,
        cut_off_day: calendar.cut_off_day,
        transfer_start_day: calendar.transfer_start_day,
        transfer_complete_day: calendar.transfer_complete_day,
        windows: calendar.windows,
        cut_offs: calendar.cut_offs,
        paid_cycles: calendar.cycles,
        own_days: calendar.own_days,
        unpaid_list_working_days: calendar.unpaid_list_working_days,
        payout: document.payout,
        suspensions: document.suspensions,
        identity: document.identity,
        working_days: WorkingDays {
            weekend: calendar.weekend.into_iter().map(Day::weekday).collect(),
            holidays: calendar.holidays.into_iter().collect(),
        },
        reasons: indexes.reasons,
        figures: document.figures,
        lists: document.lists,
        bank_messages: document.bank_messages,
        payment_kinds: document.payment_kinds,
        targets: document.targets,
        second_person: document.second_person,
        columns: document.columns,
        words: document.words,
        playbook: document.playbook,
        desks: document.desks,
        word_index: indexes.word_index,
        units: indexes.units,
    })
}

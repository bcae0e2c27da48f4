//! A country's profile: every code, day, limit and label that is data. Parsed from texts that the caller read; reads no file.

mod check;
mod check_calendar;
pub mod cycle;
pub mod desks;
pub mod kinds;
mod load;
pub mod people;
pub mod playbook;
pub mod spec;

#[cfg(test)]
mod tests;

pub use load::ProfileError;
pub use people::{GroundSpec, IdentitySpec, PayoutSpec, Severity, SuspensionSpec};
pub use spec::{
    AgentSpec, Alphabet, BankKind, BankMessageSpec, BankSpec, BenefitTypeSpec, BirthDigits, ChannelSpec, ColumnSpec,
    ColumnTables, CountsAs, CutOffSpec, FigureSpec, GroupSpec, HolderFacts, IdentifierScheme, Labels, LevelSpec,
    ListSpec, OwnDaysSpec, PaidCycleSpec, Periodicity, ReasonSpec, SecondPersonSpec, TargetSpec, WindowSpec, WordSpec,
};

use crate::domain::approval::ApprovableAction;
use crate::domain::calendar::{self, WorkingDays};
use crate::domain::ids::{AgentCode, BenefitGroup, ChannelCode, SchemeCode};
use crate::domain::import::ImportKind;
use crate::domain::money::CurrencySpec;
use crate::domain::payment::command::ChannelFact;
use crate::domain::payment::event::ReasonClass;
use crate::domain::period::Month;
use crate::domain::place::{ResolveError, Unit, Units};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;

/// Something by two texts, the first of which has few values: asked without building a key.
type ByTable<T> = HashMap<String, HashMap<String, T>>;

/// A profile, checked.
#[derive(Debug, Clone)]
pub struct Profile {
    pub name: String,
    /// Written into every event, so that a decision can be explained by the data of its day.
    pub version: String,
    /// Of labels and messages; the first is the default.
    pub languages: Vec<String>,
    pub labels: Labels,
    pub currency: CurrencySpec,
    /// The largest amount of one payment in minor units.
    pub amount_max_minor: i64,
    pub time_zone_name: String,
    time_zone: TimeZone,
    pub benefit_groups: Vec<GroupSpec>,
    pub benefit_types: Vec<BenefitTypeSpec>,
    pub channels: Vec<ChannelSpec>,
    pub agents: Vec<AgentSpec>,
    pub banks: Vec<BankSpec>,
    bank_names: HashMap<String, usize>,
    /// From the top down.
    pub levels: Vec<LevelSpec>,
    /// The level whose units payments name.
    pub payment_level: String,
    pub identifiers: Vec<IdentifierScheme>,
    /// Last day of the month on which a change of method still takes effect in the next month.
    pub cut_off_day: i8,
    /// First day of account transfers, and the day by whose end they are complete.
    pub transfer_start_day: i8,
    pub transfer_complete_day: i8,
    pub windows: Vec<WindowSpec>,
    pub cut_offs: Vec<CutOffSpec>,
    /// Cycles that pay other months than their own.
    pub paid_cycles: Vec<PaidCycleSpec>,
    own_days: Vec<OwnDaysSpec>,
    /// How many working days after the last cash window the list of what nobody collected must be back.
    pub unpaid_list_working_days: u8,
    pub payout: PayoutSpec,
    pub suspensions: SuspensionSpec,
    pub identity: IdentitySpec,
    pub working_days: WorkingDays,
    reasons: ByTable<ReasonClass>,
    pub figures: FigureSpec,
    pub lists: ListSpec,
    pub bank_messages: BankMessageSpec,
    /// Payments beside a month's regular one.
    pub payment_kinds: Vec<kinds::KindSpec>,
    pub targets: Vec<TargetSpec>,
    /// What one person alone must not do.
    pub second_person: Vec<SecondPersonSpec>,
    pub columns: ColumnTables,
    pub words: Vec<WordSpec>,
    word_index: ByTable<usize>,
    /// What to do about each class of reasons and each situation.
    pub playbook: Vec<playbook::PlaySpec>,
    pub desks: desks::DeskTable,
    pub units: Units,
}

impl Profile {
    /// Reads a profile from its three texts.
    pub fn from_toml(toml: &str, units_csv: &str, successions_csv: &str) -> Result<Self, ProfileError> {
        load::read(toml, units_csv, successions_csv)
    }

    /// The profile of Vietnam with the units of Quang Nam and Da Nang, built into the program.
    #[must_use]
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "the texts are part of the program and a test reads them"
    )]
    pub fn vietnam() -> Self {
        Self::from_toml(
            include_str!("../../../config/vietnam.toml"),
            include_str!("../../../config/vietnam/units.csv"),
            include_str!("../../../config/vietnam/successions.csv"),
        )
        .expect("the built-in profile is valid")
    }

    /// The calendar day of an instant (microseconds since the epoch) in the profile's zone.
    #[must_use]
    pub fn business_day(&self, instant_us: i64) -> Date {
        let instant = Timestamp::from_microsecond(instant_us).unwrap_or(Timestamp::UNIX_EPOCH);
        self.time_zone.to_datetime(instant).date()
    }

    /// Hours and minutes of an instant in the profile's zone.
    #[must_use]
    pub fn clock_time(&self, instant_us: i64) -> String {
        let instant = Timestamp::from_microsecond(instant_us).unwrap_or(Timestamp::UNIX_EPOCH);
        let time = self.time_zone.to_datetime(instant).time();
        format!("{:02}:{:02}", time.hour(), time.minute())
    }

    /// The zone of business days.
    #[must_use]
    pub const fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// The first instant of a local calendar day.
    #[must_use]
    pub fn start_of_day(&self, day: Date) -> Timestamp {
        self.time_zone.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// A benefit type by its code.
    #[must_use]
    pub fn benefit_type(&self, code: &str) -> Option<&BenefitTypeSpec> {
        self.benefit_types.iter().find(|spec| spec.code.as_str() == code)
    }

    /// The group of a benefit type.
    #[must_use]
    pub fn group_of(&self, benefit_type: &str) -> Option<&BenefitGroup> {
        self.benefit_type(benefit_type).map(|spec| &spec.group)
    }

    /// A group by its code.
    #[must_use]
    pub fn benefit_group(&self, code: &str) -> Option<&GroupSpec> {
        self.benefit_groups.iter().find(|spec| spec.code.as_str() == code)
    }

    /// A channel by its code.
    #[must_use]
    pub fn channel(&self, code: &str) -> Option<&ChannelSpec> {
        self.channels.iter().find(|spec| spec.code.as_str() == code)
    }

    /// Whether payments through a channel count as cashless.
    #[must_use]
    pub fn is_cashless(&self, channel: &str) -> Option<bool> {
        self.channel(channel).map(|spec| spec.cashless)
    }

    /// An agent by its code.
    #[must_use]
    pub fn agent(&self, code: &str) -> Option<&AgentSpec> {
        self.agents.iter().find(|spec| spec.code.as_str() == code)
    }

    /// A bank by its id.
    #[must_use]
    pub fn bank(&self, id: &str) -> Option<&BankSpec> {
        self.banks.iter().find(|spec| spec.id.as_str() == id)
    }

    /// The bank that a clerk's or another bank's text names: id, short name, issuer number, SWIFT code or alias, in any case and
    /// spacing.
    #[must_use]
    pub fn bank_by_name(&self, text: &str) -> Option<&BankSpec> {
        self.bank_names.get(&fold(text)).map(|index| &self.banks[*index])
    }

    /// A level by its code.
    #[must_use]
    pub fn level(&self, code: &str) -> Option<&LevelSpec> {
        self.levels.iter().find(|spec| spec.code == code)
    }

    /// An identifier scheme by its code.
    #[must_use]
    pub fn identifier(&self, code: &str) -> Option<&IdentifierScheme> {
        self.identifiers.iter().find(|spec| spec.code.as_str() == code)
    }

    /// The identifier schemes that a kind of file has columns for, in the columns' order.
    pub fn identifier_columns(&self, kind: ImportKind) -> impl Iterator<Item = &IdentifierScheme> {
        self.columns(kind).iter().filter_map(|column| self.identifier(&column.name))
    }

    /// The scheme that is asked for when a person is named in no way: the profile's first.
    #[must_use]
    pub fn first_identifier(&self) -> &SchemeCode {
        &self.identifiers[0].code
    }

    /// Whether a field of a mismatch is one that is compared: the profile's fields and its schemes of identifiers.
    #[must_use]
    pub fn compares(&self, field: &str) -> bool {
        self.identity.fields.iter().any(|own| own.as_str() == field) || self.identifier(field).is_some()
    }

    /// The codes of all identifier schemes, for messages.
    #[must_use]
    pub fn identifier_list(&self) -> String {
        self.identifiers.iter().map(|spec| spec.code.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The code that a word of an office file stands for, in any case and spacing: a code stands for itself.
    #[must_use]
    pub fn code_of_word(&self, field: &str, text: &str) -> Option<&str> {
        let index = self.word_index.get(field)?.get(&fold(text))?;
        Some(&self.words[*index].code)
    }

    /// The class of a reason code; `Unknown` when the map does not have it. The code itself is kept verbatim elsewhere.
    #[must_use]
    pub fn reason_class(&self, system: &str, code: &str) -> ReasonClass {
        self.reasons.get(system).and_then(|codes| codes.get(code)).copied().unwrap_or(ReasonClass::Unknown)
    }

    /// The reason codes of a system that the map has, in order.
    #[must_use]
    pub fn reason_codes(&self, system: &str) -> Vec<&str> {
        let mut codes: Vec<&str> =
            self.reasons.get(system).into_iter().flat_map(|codes| codes.keys()).map(String::as_str).collect();
        codes.sort_unstable();
        codes
    }

    /// Whether the map has a reason code.
    #[must_use]
    pub fn knows_reason(&self, system: &str, code: &str) -> bool {
        self.reasons.get(system).is_some_and(|codes| codes.contains_key(code))
    }

    /// The same where one operator does alone what else needs two.
    #[must_use]
    pub fn for_one_operator(mut self) -> Self {
        self.second_person
            .retain(|spec| !matches!(spec.action, ApprovableAction::ChangeBank | ApprovableAction::ChangeKey));
        self
    }

    /// Whether an action of this amount needs a second person.
    #[must_use]
    pub fn second_person(&self, action: ApprovableAction, amount_minor: i64) -> Option<&SecondPersonSpec> {
        self.second_person.iter().find(|spec| spec.action == action && amount_minor >= spec.from_amount_minor)
    }

    /// The columns of one kind of file with the headers they are known by.
    #[must_use]
    pub fn columns(&self, kind: ImportKind) -> &[ColumnSpec] {
        self.columns.of(kind)
    }

    /// What a decision needs to know of a channel.
    #[must_use]
    pub fn channel_fact(&self, code: &str) -> Option<ChannelFact> {
        self.channel(code).map(ChannelSpec::fact)
    }

    /// The unit that a text names for a payment due on a day: of the level at which payments are made.
    pub fn payment_unit(&self, text: &str, due_on: Date) -> Result<&Unit, ResolveError> {
        self.units.resolve_at_level(text, &self.payment_level, due_on)
    }

    /// The day on which a cycle's payments through a channel are due: the channel's day, put off to a working day.
    #[must_use]
    pub fn due_on(&self, cycle: Month, channel: &str) -> Option<Date> {
        self.due_in(cycle, channel, None)
    }

    /// The first month in which a method requested on a day can take effect.
    #[must_use]
    pub fn earliest_effective_month(&self, requested_on: Date) -> Month {
        calendar::earliest_effective_month(requested_on, self.cut_off_day)
    }
}

impl ChannelSpec {
    /// What a decision needs to know of it.
    #[must_use]
    pub fn fact(&self) -> ChannelFact {
        let code: ChannelCode = self.code.clone();
        ChannelFact { code, cashless: self.cashless, requires_account: self.requires_account }
    }

    /// The agent named, or the channel's own.
    #[must_use]
    pub fn agent_or_default(&self, named: Option<&AgentCode>) -> AgentCode {
        named.unwrap_or(&self.default_agent).clone()
    }
}

/// For finding only: capital letters, spaces, dots and hyphens do not matter, nor how tone marks are composed. Tone marks themselves do;
/// they tell names apart.
pub(crate) fn fold(text: &str) -> String {
    let kept = |c: &char| !c.is_whitespace() && !matches!(c, '.' | '-' | '_');
    if text.is_ascii() {
        return text.chars().filter(kept).map(|c| c.to_ascii_lowercase()).collect();
    }
    text.nfc().filter(kept).flat_map(char::to_lowercase).collect()
}

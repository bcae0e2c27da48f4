//! The agreements between a profile's tables. A profile that passes gives every look-up of the rules an answer.

use super::check_calendar::check_calendar;
use super::desks::check_desks;
use super::load::{Document, ProfileError, wrong};
use super::playbook::{self, check_playbook};
use super::spec::{BankSpec, HolderFacts, IdentifierScheme, ReasonSpec};
use super::{ByTable, fold, kinds, people};
use crate::domain::identifier::validate_identifier;
use crate::domain::ids::SchemeCode;
use crate::domain::import::ImportKind;
use crate::domain::payment::event::ReasonClass;
use crate::domain::payment::kind::PaymentKind;
use crate::domain::place::Units;
use rust_decimal::Decimal;
use std::collections::{HashMap, HashSet};

pub(super) type Checked = Result<(), ProfileError>;

pub(super) fn check(document: &Document) -> Checked {
    check_money(document)?;
    check_uniqueness(document)?;
    check_languages(document)?;
    check_references(document)?;
    check_calendar(document)?;
    check_identifiers(document)?;
    check_columns(document)?;
    check_second_person(document)?;
    check_playbook(document)?;
    check_desks(document)?;
    if document.lists.approval_above_minor < 0 {
        return wrong("lists", "approval_above_minor", "must not be negative");
    }
    if document.bank_messages.late_hours_max > 23 {
        return wrong("bank_messages", "late_hours_max", "must be below a day");
    }
    people::check(document)?;
    kinds::check(document)?;
    check_figures(document)
}

fn check_money(document: &Document) -> Checked {
    if document.money.exponent > 4 {
        return wrong("money", "exponent", "no currency has more than 4 decimals");
    }
    if document.money.amount_max_minor <= 0 {
        return wrong("money", "amount_max_minor", "must be more than 0");
    }
    Ok(())
}

fn check_second_person(document: &Document) -> Checked {
    for (index, spec) in document.second_person.iter().enumerate() {
        let action = spec.action.as_str();
        if document.second_person[..index].iter().any(|earlier| earlier.action == spec.action) {
            return wrong("second_person", "action", format!("{action} is used twice"));
        }
        if spec.from_amount_minor < 0 {
            return wrong("second_person", format!("from_amount_minor of {action}"), "must not be negative");
        }
        if spec.from_amount_minor != 0 && !spec.action.has_amount() {
            return wrong(
                "second_person",
                format!("from_amount_minor of {action}"),
                "is about no amount: leave it out",
            );
        }
        if !(1..=366).contains(&spec.valid_days) {
            return wrong("second_person", format!("valid_days of {action}"), "must be 1 to 366");
        }
    }
    Ok(())
}

fn unique<'a>(table: &'static str, codes: impl Iterator<Item = &'a str>) -> Checked {
    let mut seen = HashSet::new();
    for code in codes {
        if !seen.insert(code) {
            return wrong(table, "code", format!("{code} is used twice"));
        }
    }
    if seen.is_empty() { wrong(table, "code", "at least one is needed") } else { Ok(()) }
}

fn check_uniqueness(document: &Document) -> Checked {
    unique("languages", document.languages.iter().map(String::as_str))?;
    unique("benefit_groups", document.benefit_groups.iter().map(|spec| spec.code.as_str()))?;
    unique("benefit_types", document.benefit_types.iter().map(|spec| spec.code.as_str()))?;
    unique("channels", document.channels.iter().map(|spec| spec.code.as_str()))?;
    unique("agents", document.agents.iter().map(|spec| spec.code.as_str()))?;
    unique("banks", document.banks.iter().map(|spec| spec.id.as_str()))?;
    unique("levels", document.levels.iter().map(|spec| spec.code.as_str()))?;
    unique("identifiers", document.identifiers.iter().map(|spec| spec.code.as_str()))?;
    unique("columns.payments", document.columns.payments.iter().map(|spec| spec.name.as_str()))?;
    unique("columns.outcomes", document.columns.outcomes.iter().map(|spec| spec.name.as_str()))?;
    unique("columns.beneficiaries", document.columns.beneficiaries.iter().map(|spec| spec.name.as_str()))?;
    unique("columns.identity", document.columns.identity.iter().map(|spec| spec.name.as_str()))?;
    let ranks: HashSet<u8> = document.levels.iter().map(|level| level.rank).collect();
    if ranks.len() != document.levels.len() {
        return wrong("levels", "rank", "two levels have the same rank");
    }
    Ok(())
}

/// Every label that a page shows stands in every language of the profile.
fn check_languages(document: &Document) -> Checked {
    let groups = document.benefit_groups.iter().map(|spec| ("benefit_groups", spec.code.as_str(), &spec.labels));
    let types = document.benefit_types.iter().map(|spec| ("benefit_types", spec.code.as_str(), &spec.labels));
    let channels = document.channels.iter().map(|spec| ("channels", spec.code.as_str(), &spec.labels));
    let agents = document.agents.iter().map(|spec| ("agents", spec.code.as_str(), &spec.labels));
    let levels = document.levels.iter().map(|spec| ("levels", spec.code.as_str(), &spec.labels));
    let identifiers = document.identifiers.iter().map(|spec| ("identifiers", spec.code.as_str(), &spec.labels));
    let targets = document.targets.iter().map(|spec| ("targets", spec.code.as_str(), &spec.labels));
    let windows = document.calendar.windows.iter().map(|spec| ("calendar.windows", spec.code.as_str(), &spec.labels));
    let calendar = &document.calendar;
    let cut_offs = calendar.cut_offs.iter().map(|spec| ("calendar.cut_offs", spec.code.as_str(), &spec.labels));
    let cycles = calendar.cycles.iter().map(|spec| ("calendar.cycles", "a cycle", &spec.labels));
    let own = calendar.own_days.iter().map(|spec| ("calendar.own_days", spec.window.as_str(), &spec.labels));
    let whole = std::iter::once(("profile", document.name.as_str(), &document.labels));
    let kinds = document.payment_kinds.iter().map(|spec| ("payment_kinds", spec.kind.as_str(), &spec.labels));
    let own = own.chain(kinds);
    let all = whole.chain(groups).chain(types).chain(channels).chain(agents).chain(levels).chain(identifiers);
    for (table, code, labels) in all.chain(targets).chain(windows).chain(cut_offs).chain(cycles).chain(own) {
        if let Some(missing) = document.languages.iter().find(|language| !labels.0.contains_key(*language)) {
            return wrong(table, format!("labels of {code}"), format!("the language {missing} is missing"));
        }
    }
    for play in &document.playbook {
        if let Some(missing) = document.languages.iter().find(|language| !play.labels.0.contains_key(*language)) {
            let field = format!("labels of {}", playbook::name(play));
            return wrong("playbook", field, format!("the language {missing} is missing"));
        }
    }
    Ok(())
}

fn check_references(document: &Document) -> Checked {
    let has_group = |code: &str| document.benefit_groups.iter().any(|spec| spec.code.as_str() == code);
    for spec in &document.benefit_types {
        if !has_group(spec.group.as_str()) {
            return wrong("benefit_types", format!("group of {}", spec.code), format!("{} is not a group", spec.group));
        }
    }
    for spec in &document.channels {
        if !document.agents.iter().any(|agent| agent.code == spec.default_agent) {
            let problem = format!("{} is not an agent", spec.default_agent);
            return wrong("channels", format!("default_agent of {}", spec.code), problem);
        }
        check_day("channels", &format!("due_day of {}", spec.code), spec.due_day)?;
    }
    for spec in &document.targets {
        if let Some(group) = spec.groups.iter().find(|group| !has_group(group.as_str())) {
            return wrong("targets", format!("groups of {}", spec.code), format!("{group} is not a group"));
        }
        check_fraction("targets", &spec.code, spec.value)?;
    }
    if !document.levels.iter().any(|level| level.code == document.payment_level) {
        return wrong("profile", "payment_level", format!("{} is not a level", document.payment_level));
    }
    Ok(())
}

/// The words by field, folded. A word that stands for two codes would be read as either.
pub(super) fn word_index(document: &Document) -> Result<ByTable<usize>, ProfileError> {
    let mut all: ByTable<usize> = HashMap::new();
    for (index, spec) in document.words.iter().enumerate() {
        let code = spec.code.as_str();
        let known = match spec.field.as_str() {
            "channel" => document.channels.iter().any(|channel| channel.code.as_str() == code),
            "agent" => document.agents.iter().any(|agent| agent.code.as_str() == code),
            "kind" => PaymentKind::parse(code).is_some(),
            "benefit_type" => document.benefit_types.iter().any(|benefit| benefit.code.as_str() == code),
            _ => true,
        };
        if !known {
            return wrong("words", format!("code of {}", spec.field), format!("{code} is not defined"));
        }
        let words = all.entry(spec.field.clone()).or_default();
        for word in spec.words.iter().map(String::as_str).chain(std::iter::once(code)) {
            if let Some(other) = words.insert(fold(word), index).filter(|other| document.words[*other].code != code) {
                let problem = format!("{word} stands for {} and for {code}", document.words[other].code);
                return wrong("words", spec.field.clone(), problem);
            }
        }
    }
    Ok(all)
}

pub(super) fn check_day(table: &'static str, field: &str, day: i8) -> Checked {
    if (1..=31).contains(&day) { Ok(()) } else { wrong(table, field, format!("{day} is not a day of a month")) }
}

fn check_fraction(table: &'static str, field: &str, value: Decimal) -> Checked {
    if (Decimal::ZERO..=Decimal::ONE).contains(&value) { Ok(()) } else { wrong(table, field, "must be from 0 to 1") }
}

fn check_identifiers(document: &Document) -> Checked {
    for spec in &document.identifiers {
        if spec.length_min == 0 || spec.length_min > spec.length_max {
            return wrong("identifiers", spec.code.as_str(), "length_min must be from 1 to length_max");
        }
        if spec.mask_first + spec.mask_last >= spec.length_min {
            return wrong("identifiers", spec.code.as_str(), "the mask hides nothing");
        }
        let replaces =
            |other: &SchemeCode| other != &spec.code && document.identifiers.iter().any(|s| s.code == *other);
        if spec.replaced_by.as_ref().is_some_and(|other| !replaces(other) || spec.valid_to.is_none()) {
            return wrong("identifiers", spec.code.as_str(), "replaced_by needs a valid_to, and names another scheme");
        }
        let beyond = |position: usize| position == 0 || position > spec.length_min;
        if spec
            .birth_digits
            .is_some_and(|d| beyond(d.century_sex_position) || beyond(d.year_position) || beyond(d.year_position + 1))
        {
            return wrong("identifiers", spec.code.as_str(), "birth_digits lie outside the identifier");
        }
        if let Err(error) = validate_identifier(spec, &spec.example, HolderFacts::default()) {
            return wrong("identifiers", format!("example of {}", spec.code), error.to_string());
        }
    }
    Ok(())
}

/// Names of the API's fields that no column has: an identifier of such a name could not be sent.
const OTHER_FIELDS: [&str; 4] = ["beneficiary_id", "payee", "requested_on", "supplement"];

/// Every column is one that is read, and each file that names people has a column to name them by.
fn check_columns(document: &Document) -> Checked {
    let scheme = |name: &str| document.identifiers.iter().find(|spec| spec.code.as_str() == name);
    for (table, kind) in [
        ("columns.payments", ImportKind::Payments),
        ("columns.outcomes", ImportKind::Outcomes),
        ("columns.beneficiaries", ImportKind::Beneficiaries),
        ("columns.identity", ImportKind::Identity),
    ] {
        let taken = |spec: &&IdentifierScheme| kind.fields().contains(&spec.code.as_str());
        if let Some(spec) = document.identifiers.iter().find(taken) {
            return wrong("identifiers", spec.code.as_str(), format!("is the name of another field of {table}"));
        }
        let columns = document.columns.of(kind);
        let read = |name: &str| kind.fields().contains(&name) || (kind.names_people() && scheme(name).is_some());
        if let Some(column) = columns.iter().find(|column| !read(&column.name)) {
            return wrong(table, column.name.clone(), "is neither a field of these files nor an identifier");
        }
        if kind.names_people() && !columns.iter().any(|column| scheme(&column.name).is_some()) {
            return wrong(table, "name", "at least one column must be an identifier");
        }
    }
    match document.identifiers.iter().find(|spec| OTHER_FIELDS.contains(&spec.code.as_str())) {
        Some(spec) => wrong("identifiers", spec.code.as_str(), "is the name of another field"),
        None => Ok(()),
    }
}

fn check_figures(document: &Document) -> Checked {
    let figures = &document.figures;
    check_fraction("figures", "completeness_threshold", figures.completeness_threshold)?;
    let rising =
        figures.ageing_days.is_sorted_by(|a, b| a < b) && figures.ageing_days.first().is_none_or(|first| *first >= 0);
    if !rising {
        return wrong("figures", "ageing_days", "the bounds must rise from 0");
    }
    figures.timeliness_days.iter().try_for_each(|day| check_day("figures", "timeliness_days", *day))
}

/// Every unit has a level of the profile; every unit that is paid in says whether it is urban.
pub(super) fn check_units(document: &Document, units: &Units) -> Checked {
    let ranks: HashMap<&str, u8> = document.levels.iter().map(|level| (level.code.as_str(), level.rank)).collect();
    for unit in units.iter() {
        let Some(rank) = ranks.get(unit.level.as_str()) else {
            return wrong("units", format!("level of {}", unit.key), format!("{} is not a level", unit.level));
        };
        let above = units.parent(unit.key.as_str()).and_then(|parent| ranks.get(parent.level.as_str()));
        if above.is_some_and(|above| above >= rank) {
            return wrong("units", format!("parent_key of {}", unit.key), "the parent's level must be a higher one");
        }
        if unit.level == document.payment_level && unit.urban.is_none() {
            return wrong(
                "units",
                format!("urban of {}", unit.key),
                "payments are made here: it must be true or false",
            );
        }
    }
    Ok(())
}

pub(super) fn bank_names(banks: &[BankSpec]) -> Result<HashMap<String, usize>, ProfileError> {
    let mut names = HashMap::new();
    for (index, bank) in banks.iter().enumerate() {
        let bin_fits = |bin: &String| bin.len() == 6 && bin.bytes().all(|b| b.is_ascii_digit());
        if !bank.bin.as_ref().is_none_or(bin_fits) {
            return wrong("banks", format!("bin of {}", bank.id), "must be 6 digits");
        }
        let own =
            [bank.id.as_str(), &bank.short_name].into_iter().chain(bank.bin.as_deref()).chain(bank.swift.as_deref());
        for name in own.chain(bank.aliases.iter().map(String::as_str)) {
            if let Some(other) = names.insert(fold(name), index).filter(|other| *other != index) {
                let problem = format!("{name} also names {}", banks[other].id);
                return wrong("banks", format!("names of {}", bank.id), problem);
            }
        }
    }
    Ok(names)
}

pub(super) fn reasons(specs: &[ReasonSpec]) -> Result<ByTable<ReasonClass>, ProfileError> {
    let mut classes: ByTable<ReasonClass> = HashMap::new();
    for spec in specs {
        for code in &spec.codes {
            if classes.entry(spec.system.clone()).or_default().insert(code.clone(), spec.class).is_some() {
                return wrong("reasons", code.clone(), format!("stands twice for {}", spec.system));
            }
        }
    }
    Ok(classes)
}

//! A cited figure: the digits as they were cited, whether the log still gives them, and the address to name. And the list of them.

use super::Frame;
use super::payments::unit_name;
use crate::app::citations::{CitedRow, CitedView};
use crate::app::figures::{INDICATORS, Share};
use crate::app::tongue::Tongue;
use crate::domain::figure::CitedGroup;
use crate::domain::profile::Profile;
use askama::Template;

/// Definitions that count people; `A2` counts money, the others payments.
const OF_PEOPLE: [&str; 7] = ["A1", "A4", "A5", "A6", "A7", "I1", "I2"];

/// One of them.
#[derive(Template)]
#[template(path = "cited.html")]
pub struct CitedPage<'a> {
    pub page: &'a Frame,
    pub profile: &'a Profile,
    pub view: &'a CitedView,
    pub is_verified: bool,
    /// Scheme and host, as the reader's browser has them.
    pub server: String,
}

/// All of them.
#[derive(Template)]
#[template(path = "cited_figures.html")]
pub struct CitedFiguresPage<'a> {
    pub page: &'a Frame,
    pub profile: &'a Profile,
    pub rows: &'a [CitedRow],
    pub next: Option<String>,
}

impl CitedPage<'_> {
    const fn share(group: &CitedGroup) -> Share {
        Share { numerator: group.numerator, denominator: group.denominator }
    }

    fn indicator(&self) -> &str {
        self.page.code("indicator", &self.view.cited.definition)
    }

    fn meaning(&self) -> &'static str {
        let definition = INDICATORS.iter().find(|definition| definition.id == self.view.cited.definition);
        definition.map_or("", |definition| match self.page.tongue {
            Tongue::Vietnamese => definition.formula_vi,
            Tongue::English => definition.formula,
        })
    }

    fn rate(&self, group: &CitedGroup) -> String {
        self.page.tongue.percent(Self::share(group))
    }

    fn part(&self, number: i64) -> String {
        let definition = self.view.cited.definition.as_str();
        if definition == "A2" {
            let spec = self.profile.currency;
            return format!("{} {}", self.page.tongue.amount(&spec, number), spec.currency);
        }
        let is_of_people = OF_PEOPLE.contains(&definition);
        let unit = if is_of_people { self.page.t("figure.people") } else { self.page.t("figure.payments") };
        format!("{} {unit}", self.page.tongue.number(number))
    }

    fn numerator(&self, group: &CitedGroup) -> String {
        self.part(group.numerator)
    }

    fn denominator(&self, group: &CitedGroup) -> String {
        self.part(group.denominator)
    }

    fn only(&self) -> Option<&CitedGroup> {
        match self.view.cited.groups.as_slice() {
            [only] if only.key.is_empty() => Some(only),
            _ => None,
        }
    }

    /// What was asked, as it is recorded.
    fn asked(&self) -> String {
        let asked: Vec<String> = self.view.cited.asked.iter().map(|(name, value)| format!("{name}={value}")).collect();
        asked.join("&")
    }

    fn place(&self) -> &str {
        let unit = self.view.cited.asked.get("unit").and_then(|text| self.profile.units.get(text));
        unit.map_or_else(|| self.profile.labels.get(self.page.tongue.code()), |unit| unit.name.as_str())
    }

    fn position(&self) -> String {
        self.page.tongue.number(i64::try_from(self.view.cited.position).unwrap_or(i64::MAX))
    }

    fn cited_at(&self) -> String {
        let at = self.view.cited_at_us;
        format!("{} {}", self.page.tongue.day(self.profile.business_day(at)), self.profile.clock_time(at))
    }
}

impl CitedFiguresPage<'_> {
    fn place<'b>(&'b self, row: &'b CitedRow) -> &'b str {
        match &row.unit_key {
            Some(unit) => unit_name(self.profile, unit),
            None => self.profile.labels.get(self.page.tongue.code()),
        }
    }

    fn day(&self, row: &CitedRow) -> String {
        self.page.tongue.day(self.profile.business_day(row.cited_at_us))
    }

    fn position(&self, row: &CitedRow) -> String {
        self.page.tongue.number(i64::try_from(row.as_of_position).unwrap_or(i64::MAX))
    }
}

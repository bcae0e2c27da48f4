//! The overview of a cycle and unit: the headline, how it came, who stands where, what became of the payments, and how good the data are.

mod inner;
mod ranking;

use super::Frame;
use super::figure::{Figure, Measure};
use crate::app::access::{Action, Reach};
use crate::app::assessment::overview::Overview;
use crate::app::assessment::picture::{self, Trend};
use crate::app::cited::OF_PEOPLE;
use crate::app::figures::{Adoption, Share};
use crate::app::outcomes::Told;
use crate::app::outlines::Outlines;
use crate::app::tongue::Tongue;
use crate::domain::ids::UnitKey;
use crate::domain::period::Month;
use crate::domain::profile::Profile;
use askama::Template;

/// Figures of whole cycles, which are published and can be cited as they were.
const PUBLISHED: [&str; 4] = ["A1", "A2", "A3", "C1"];
/// Units that are named as silent.
const SILENT_MAX: usize = 40;

/// What the address asks, as it stands there.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub cycle: String,
    pub unit: String,
    pub benefit_group: String,
    pub unit_basis: String,
    pub as_of: String,
}

impl Asked {
    fn pairs(&self) -> [(&'static str, &str); 5] {
        [
            ("cycle", &self.cycle),
            ("unit", &self.unit),
            ("benefit_group", &self.benefit_group),
            ("unit_basis", &self.unit_basis),
            ("as_of", &self.as_of),
        ]
    }

    /// An address that asks this.
    #[must_use]
    pub fn link(&self, path: &str, more: &[(&str, &str)]) -> String {
        let all = self.pairs().into_iter().chain(more.iter().copied()).filter(|(_, value)| !value.is_empty());
        let pairs: Vec<String> = all.map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
    }
}

/// One choice of a filter.
pub struct Choice {
    pub value: String,
    pub name: String,
    pub is_chosen: bool,
}

/// One target beside the headline.
pub struct Goal {
    pub name: String,
    pub basis: String,
    pub value: String,
    pub reached: String,
    pub gap: String,
    pub is_reached: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "overview.html")]
pub struct OverviewPage<'a> {
    pub page: &'a Frame,
    pub o: &'a Overview,
    pub profile: &'a Profile,
    pub asked: Asked,
    /// What the answer is of, as one reads it.
    pub day: String,
    pub clock: String,
    /// Outlines of units, where some were brought along.
    pub outlines: Option<&'a Outlines>,
    /// Forms of figures carry it.
    pub form_id: String,
}

impl OverviewPage<'_> {
    const fn t(&self) -> Tongue {
        self.page.tongue
    }

    fn title(&self) -> String {
        let place = self.o.place.as_deref().unwrap_or_else(|| self.profile.labels.get(self.t().code()));
        format!("{place}, {} {}", self.page.t("overview.cycle"), self.t().month(self.o.cycle))
    }

    fn place(&self) -> &str {
        self.o.place.as_deref().unwrap_or_else(|| self.profile.labels.get(self.t().code()))
    }

    fn mixed(&self) -> bool {
        self.profile.figures.mixed_counts_as_cashless
    }

    fn people(&self, found: &Adoption) -> Share {
        found.people.share(self.mixed())
    }

    fn position(&self) -> String {
        self.t().number(i64::try_from(self.o.position).unwrap_or(i64::MAX))
    }

    /// The asked page for another unit.
    fn unit_link(&self, unit: &str) -> String {
        let asked = Asked { unit: unit.to_owned(), cycle: self.o.cycle.to_string(), ..self.asked.clone() };
        asked.link("/overview", &[])
    }

    /// This very state of the log, for who wants to cite it.
    fn fixed_link(&self) -> String {
        let as_of = self.o.position.to_string();
        Asked { as_of, cycle: self.o.cycle.to_string(), ..self.asked.clone() }.link("/overview", &[])
    }

    /// What the API is asked for a figure.
    fn question(&self, path: &str, more: &[(&str, &str)]) -> String {
        let as_of = self.o.position.to_string();
        let asked = Asked { as_of: String::new(), cycle: self.o.cycle.to_string(), ..self.asked.clone() };
        let more: Vec<(&str, &str)> = more.iter().copied().chain([("as_of_position", as_of.as_str())]).collect();
        asked.link(path, &more)
    }

    /// A figure with what it is cited by: what it was asked by, as of the position that it is of. Whoever reads published figures cites
    /// those that whole cycles are published of.
    fn citable(&self, figure: Figure) -> Figure {
        let is_published = self.o.inner.is_none();
        if is_published && !PUBLISHED.contains(&figure.id) {
            return figure;
        }
        let is_of_people = OF_PEOPLE.contains(&figure.id);
        let asked = Asked { as_of: String::new(), cycle: self.o.cycle.to_string(), ..self.asked.clone() };
        let pairs = asked.pairs().map(|(name, text)| (name, text.to_owned()));
        let mut cited = vec![("definition", figure.id.to_owned()), ("as_of_position", self.o.position.to_string())];
        cited.extend(pairs.into_iter().filter(|(name, text)| !text.is_empty() && (!is_of_people || *name == "unit")));
        figure.cited(cited)
    }

    fn download(&self, what: &str, format: &str) -> String {
        let by = format!("unit_level:{}", self.o.level);
        let more: &[(&str, &str)] = match what {
            "adoption" => &[("group_by", &by), ("format", format)],
            _ => &[("format", format)],
        };
        // The assessment knows no other units and no part of the benefits.
        let asked = match what {
            "assessment" => Asked { unit_basis: String::new(), benefit_group: String::new(), ..self.asked.clone() },
            _ => self.asked.clone(),
        };
        Asked { cycle: self.o.cycle.to_string(), ..asked }.link(&format!("/download/{what}"), more)
    }

    fn crumbs(&self) -> Vec<(String, &str)> {
        let units = &self.profile.units;
        let own = self.page.who.as_ref().and_then(|who| who.principal.unit.as_ref());
        let within = |key: &UnitKey| own.is_none_or(|own| units.is_under(key.as_str(), own.as_str()));
        let Some(unit) = &self.o.unit else { return Vec::new() };
        let mut above: Vec<_> = units.ancestors(unit.as_str()).filter(|one| within(&one.key)).collect();
        above.reverse();
        above.into_iter().map(|one| (self.unit_link(one.key.as_str()), one.name.as_str())).collect()
    }

    fn cycles(&self) -> Vec<Choice> {
        let chosen = self.o.cycle;
        let mut all = self.o.cycles.clone();
        if !all.contains(&chosen) {
            all.push(chosen);
            all.sort_unstable();
        }
        let of = |cycle: &Month| Choice {
            value: cycle.to_string(),
            name: self.t().month(*cycle),
            is_chosen: *cycle == chosen,
        };
        all.iter().rev().take(60).map(of).collect()
    }

    fn groups(&self) -> Vec<Choice> {
        let of = |code: &str, name: &str| Choice {
            value: code.to_owned(),
            name: name.to_owned(),
            is_chosen: self.asked.benefit_group == code,
        };
        let groups = self.profile.benefit_groups.iter();
        groups.map(|spec| of(spec.code.as_str(), spec.labels.get(self.t().code()))).collect()
    }

    /// The units of the ranking, and what is above them.
    fn units(&self) -> Vec<Choice> {
        let chosen = self.o.unit.as_ref().map_or("", UnitKey::as_str);
        let mut all: Vec<Choice> = Vec::new();
        if let Some(unit) = &self.o.unit {
            let name = self.profile.units.get(unit.as_str()).map_or(unit.as_str(), |unit| unit.name.as_str());
            all.push(Choice { value: unit.to_string(), name: name.to_owned(), is_chosen: true });
        }
        let below = self.o.ranking.iter().filter(|line| line.unit.as_str() != chosen);
        let mut below: Vec<Choice> = below
            .map(|line| Choice { value: line.unit.to_string(), name: line.name.clone(), is_chosen: false })
            .collect();
        below.sort_by(|a, b| a.name.cmp(&b.name));
        all.extend(below);
        all
    }

    fn is_current(&self) -> bool {
        self.asked.unit_basis == "current"
    }

    fn has_date(&self) -> bool {
        self.asked.as_of.contains('-')
    }

    fn headline(&self) -> Figure {
        let people = self.people(&self.o.total);
        let before = self.o.before().map(|(_, found)| self.people(found));
        let figure = Figure::new(self.page, "A1", (people, Measure::People));
        let figure = figure.question(self.question("/v1/adoption", &[]));
        self.citable(figure.change(self.t().change(people, before)))
    }

    fn versus(&self) -> Option<String> {
        let (cycle, found) = self.o.before()?;
        let (now, before) = (self.people(&self.o.total), self.people(found));
        now.hundredths().zip(before.hundredths())?;
        let change = self.t().change(now, Some(before));
        Some(self.page.say("overview.versus", &[("change", &change), ("cycle", &self.t().month(*cycle))]))
    }

    /// The figures beside the headline.
    fn figures(&self) -> Vec<Figure> {
        let total = &self.o.total;
        let adoption = self.question("/v1/adoption", &[]);
        let (page, spec) = (self.page, self.profile.currency);
        let mut all = vec![
            Figure::new(page, "A2", (total.amount, Measure::Money(spec))).question(adoption.clone()),
            Figure::new(page, "A3", (total.payments, Measure::Payments)).question(adoption.clone()),
            Figure::new(page, "C1", (total.completeness, Measure::Payments)).question(adoption),
        ];
        if let Some(inner) = &self.o.inner {
            let first = self.question("/v1/first-attempts", &[]);
            let people = inner.first.people.share(self.mixed());
            all.extend([
                Figure::new(page, "A5", (people, Measure::People)).question(first.clone()),
                Figure::new(page, "S1", (inner.first.success, Measure::Payments)).question(first.clone()),
                Figure::new(page, "S3", (inner.first.fell_back, Measure::Payments)).question(first.clone()),
                Figure::new(page, "S7", (inner.first.through_others, Measure::Payments)).question(first),
                Figure::new(page, "A6", (inner.registered, Measure::People)),
            ]);
        }
        if let Some(told) = &self.o.told {
            all.extend(self.told(told));
        }
        all.into_iter().map(|figure| self.citable(figure)).collect()
    }

    /// What is published of outcomes; what is kept back has no figure.
    fn told(&self, told: &Told) -> Vec<Figure> {
        let question = self.question("/v1/outcomes", &[]);
        let figure = |id, share| Figure::new(self.page, id, (share, Measure::Payments)).question(question.clone());
        let first = told.first.iter().flat_map(|[_, success, fell_back]| [("S1", *success), ("S3", *fell_back)]);
        let others = told.through_others.iter().map(|share| ("S7", *share));
        let mut all: Vec<Figure> = first.chain(others).map(|(id, share)| figure(id, share)).collect();
        for (day, share) in told.settled_by_day.iter().flatten() {
            all.push(figure("S4", *share).named(self.page.say("overview.by_day", &[("day", &day.to_string())])));
        }
        all
    }

    fn goals(&self) -> Vec<Goal> {
        let t = self.t();
        let goal = |line: &crate::app::targets::TargetLine| {
            let gap = line.share.gap_points(line.target.value);
            Goal {
                name: line.target.labels.get(t.code()).to_owned(),
                basis: format!("{}, {}", line.target.legal_basis.get(t.code()), t.day(line.target.by_date)),
                value: t.percent_of(line.target.value),
                reached: t.percent(line.share),
                gap: t.points(gap),
                is_reached: gap.is_some_and(|gap| gap >= 0),
            }
        };
        self.o.targets.iter().map(goal).collect()
    }

    fn trend(&self) -> String {
        let rates: Vec<(Month, Share)> =
            self.o.trend.iter().map(|(cycle, found)| (*cycle, self.people(found))).collect();
        let beside = self.o.inner.as_ref().map_or(&[][..], |inner| &inner.intended);
        let shown = Trend { cycle: self.o.cycle, rates: &rates, beside, targets: &self.o.targets };
        picture::trend(shown, self.t())
    }

    fn assessable(&self) -> String {
        let units = self.o.assessable();
        let (some, all) = (self.t().number(units.numerator), self.t().number(units.denominator));
        let threshold = self.t().percent_of(self.profile.figures.completeness_threshold);
        self.page.say("overview.assessable", &[("some", &some), ("all", &all), ("threshold", &threshold)])
    }

    fn silent(&self) -> Option<String> {
        let names: Vec<&str> = self.o.silent.iter().take(SILENT_MAX).map(|(_, name)| name.as_str()).collect();
        let count = self.o.silent.len().to_string();
        (!names.is_empty()).then(|| self.page.say("overview.silent", &[("n", &count), ("names", &names.join(", "))]))
    }

    /// The way on to single payments, for who may see them.
    fn payments_link(&self) -> Option<String> {
        let who = self.page.who.as_ref()?;
        if who.principal.reach(Action::ReadPayment) == Reach::Nothing {
            return None;
        }
        let asked = Asked {
            cycle: self.o.cycle.to_string(),
            unit: self.o.unit.as_ref().map_or_else(String::new, ToString::to_string),
            ..Asked::default()
        };
        Some(asked.link("/payments", &[]))
    }
}

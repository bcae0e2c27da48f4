//! What is not published: what became of the payments, why, which parts, and how good the data are.

use super::OverviewPage;
use crate::app::assessment::overview::Inner;
use crate::app::assessment::picture;
use crate::app::figures::{Adoption, Share};
use crate::domain::payment::AttemptState;
use crate::pages::figure::{Figure, Measure};

/// Reasons on the page; the table to take away has them all.
const REASONS: usize = 8;

/// One line of the funnel.
pub struct State {
    pub name: &'static str,
    pub bar: String,
    pub count: String,
    pub share: String,
    pub amount: String,
}

/// One reason with who acts.
pub struct Reason {
    pub name: &'static str,
    pub code: String,
    pub kind: &'static str,
    pub count: String,
    pub who: String,
    pub how: String,
}

impl OverviewPage<'_> {
    /// People who moved between cash and account.
    pub(super) fn flows(&self, inner: &Inner) -> Vec<Figure> {
        let Some((before, flow)) = &inner.moved else { return Vec::new() };
        let cycle = self.t().month(*before);
        let question = self.question("/v1/movers", &[]);
        let named = |key, share| {
            let name = self.page.say(key, &[("cycle", &cycle)]);
            self.citable(Figure::new(self.page, "A7", (share, Measure::People)).named(name).question(question.clone()))
        };
        vec![named("overview.to_cashless", flow.to_cashless()), named("overview.to_cash", flow.to_cash())]
    }

    pub(super) fn states(&self, inner: &Inner) -> Vec<State> {
        let (t, s) = (self.t(), &inner.settlement);
        let state = |state: &'static str| {
            let sum = s.states.get(state).copied().unwrap_or_default();
            let share = Share { numerator: sum.count, denominator: s.instructed.count };
            State {
                name: t.state(state),
                bar: picture::bar(share),
                count: t.number(sum.count),
                share: t.percent(share),
                amount: format!(
                    "{} {}",
                    t.amount(&self.profile.currency, sum.amount_minor),
                    self.profile.currency.currency
                ),
            }
        };
        AttemptState::ALL.map(AttemptState::as_str).into_iter().map(state).collect()
    }

    pub(super) fn timeliness(&self, inner: &Inner) -> Vec<Figure> {
        let question = self.question("/v1/settlement", &[]);
        let figure = |(day, share): &(i8, Share)| {
            let name = self.page.say("overview.by_day", &[("day", &day.to_string())]);
            self.citable(
                Figure::new(self.page, "S4", (*share, Measure::Payments)).named(name).question(question.clone()),
            )
        };
        inner.settlement.settled_by_day.iter().map(figure).collect()
    }

    pub(super) fn reasons(&self, inner: &Inner) -> Vec<Reason> {
        let t = self.t();
        let reason = |line: &crate::app::assessment::ReasonLine| {
            let play = line.play.and_then(|index| self.profile.playbook.get(index));
            let who = play.map_or_else(String::new, |play| {
                let days = play.working_days.to_string();
                self.page.say("overview.within", &[("who", t.actor(play.who)), ("days", &days)])
            });
            Reason {
                name: t.class(&line.key.class),
                code: line.key.code.clone(),
                kind: t.kind(&line.key.kind),
                count: t.number(line.sum.count),
                who,
                how: play.map_or_else(String::new, |play| play.labels.get(t.code()).to_owned()),
            }
        };
        inner.reasons.iter().take(REASONS).map(reason).collect()
    }

    pub(super) fn parts(&self, inner: &Inner) -> Vec<(String, String, String, String)> {
        let t = self.t();
        let group = |code: &str| {
            let spec = self.profile.benefit_group(code);
            spec.map_or_else(|| code.to_owned(), |spec| spec.labels.get(t.code()).to_owned())
        };
        let area =
            |urban: bool| if urban { self.page.t("overview.urban") } else { self.page.t("overview.rural") }.to_owned();
        let groups = inner.groups.iter().map(|(code, found)| (group(code), found));
        let areas = inner.urban.iter().map(|(urban, found)| (area(*urban), found));
        let line = |(name, found): (String, &Adoption)| {
            let people = self.people(found);
            (name, picture::bar(people), t.percent(people), t.number(people.denominator))
        };
        groups.chain(areas).map(line).collect()
    }

    pub(super) fn quality(&self, inner: &Inner) -> Vec<Figure> {
        let i = inner.identity;
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let of = |part: u64| Share { numerator: count(part), denominator: count(i.base()) };
        let question = self.question("/v1/identity", &[]);
        vec![
            self.citable(Figure::new(self.page, "I1", (of(i.verified), Measure::People)).question(question.clone())),
            self.citable(Figure::new(self.page, "I2", (of(i.unmatched()), Measure::People)).question(question)),
        ]
    }
}

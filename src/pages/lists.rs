//! Payment lists: all of them, one with its steps, and what a step would do before it is done.

use super::Frame;
use super::deeds::{Deed, DeedForm};
use super::payments::{chip, money, unit_name, way};
use crate::app::lists::Plan;
use crate::app::lists::check::CheckReport;
use crate::app::lists::read::{ListRow, ListView, StandingItem};
use crate::app::tongue::Tongue;
use crate::domain::disclosure::Purpose;
use crate::domain::list::event::AgentAnswer;
use crate::domain::list::state::Stage;
use crate::domain::payment::AttemptState;
use crate::domain::profile::Profile;
use askama::Template;

/// All lists.
#[derive(Template)]
#[template(path = "lists.html")]
pub struct ListsPage<'a> {
    pub page: &'a Frame,
    pub profile: &'a Profile,
    pub cycle: String,
    pub status: String,
    pub rows: &'a [ListRow],
    pub next: Option<String>,
    /// `None` for who prepares none.
    pub prepare: Option<DeedForm<'a>>,
}

/// One list.
#[derive(Template)]
#[template(path = "list.html")]
pub struct ListPage<'a> {
    pub page: &'a Frame,
    pub profile: &'a Profile,
    pub view: &'a ListView,
    pub steps: Vec<DeedForm<'a>>,
    /// By the place of the item: the form that takes it off.
    pub removes: Vec<Option<DeedForm<'a>>>,
    pub next: Option<String>,
    pub may_reveal: bool,
}

/// What a step would do.
#[derive(Template)]
#[template(path = "plan.html")]
pub struct PlanPage<'a> {
    pub page: &'a Frame,
    pub profile: &'a Profile,
    pub plan: &'a Plan,
    pub found: Option<&'a CheckReport>,
    pub deed: &'static Deed,
    /// The form as it was sent, to be sent again with the plan.
    pub fields: Vec<(&'static str, String)>,
    pub form_id: String,
    /// Where one goes when it is done, and when it is not.
    pub done: String,
    pub back: String,
}

/// One step of a list's way.
pub struct WayStep {
    pub name: &'static str,
    pub class: &'static str,
}

fn stage_name(page: &Frame, stage: Stage) -> &str {
    page.code("stage", stage.as_str())
}

const fn stage_chip(stage: Stage, answer: Option<AgentAnswer>) -> &'static str {
    match (stage, answer) {
        (Stage::Closed, _) => "good",
        (Stage::Withdrawn, _) | (Stage::Acknowledged, Some(AgentAnswer::Rejected)) => "bad",
        (Stage::Preparing, _) => "warn",
        (Stage::Prepared | Stage::Approved | Stage::Submitted | Stage::Acknowledged | Stage::Reconciled, _) => "",
    }
}

fn list_way(profile: &Profile, tongue: Tongue, row: &ListRow) -> String {
    way(profile, tongue, (row.channel.as_str(), row.only_bank().map(AsRef::as_ref)))
}

fn places(page: &Frame, profile: &Profile, row: &ListRow) -> String {
    let mut names: Vec<&str> = row.units.keys().take(3).map(|key| unit_name(profile, key)).collect();
    let more = row.units.len().saturating_sub(names.len());
    let rest = page.say("lists.more_units", &[("n", &more.to_string())]);
    if more > 0 {
        names.push(&rest);
    }
    names.join(", ")
}

fn count(page: &Frame, number: u64) -> String {
    page.tongue.number(i64::try_from(number).unwrap_or(i64::MAX))
}

impl ListsPage<'_> {
    fn stages(&self) -> Vec<(&'static str, &str, bool)> {
        let all = [
            Stage::Preparing,
            Stage::Prepared,
            Stage::Approved,
            Stage::Submitted,
            Stage::Acknowledged,
            Stage::Reconciled,
            Stage::Closed,
            Stage::Withdrawn,
        ];
        let one = |stage: Stage| (stage.as_str(), stage_name(self.page, stage), self.status == stage.as_str());
        all.into_iter().map(one).collect()
    }

    fn name(&self, row: &ListRow) -> String {
        let cycle = self.page.tongue.month(row.cycle);
        format!("{cycle} · {}", list_way(self.profile, self.page.tongue, row))
    }

    fn places(&self, row: &ListRow) -> String {
        places(self.page, self.profile, row)
    }

    fn stage(&self, row: &ListRow) -> &str {
        stage_name(self.page, row.stage)
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    const fn chip(&self, row: &ListRow) -> &'static str {
        stage_chip(row.stage, row.answer)
    }

    fn items(&self, row: &ListRow) -> String {
        count(self.page, row.item_count)
    }

    fn sum(&self, row: &ListRow) -> String {
        money(self.profile, self.page.tongue, row.sum_minor)
    }
}

impl ListPage<'_> {
    /// The items, each with the form that takes it off.
    fn lines(&self) -> Vec<(&StandingItem, Option<&DeedForm<'_>>)> {
        self.view.items.iter().zip(self.removes.iter().map(Option::as_ref)).collect()
    }

    fn shortens(&self) -> bool {
        self.removes.iter().any(Option::is_some)
    }

    const fn t(&self) -> Tongue {
        self.page.tongue
    }

    const fn list(&self) -> &ListRow {
        &self.view.list
    }

    fn title(&self) -> String {
        format!("{} · {}", self.t().month(self.list().cycle), list_way(self.profile, self.t(), self.list()))
    }

    fn stage(&self) -> &str {
        stage_name(self.page, self.list().stage)
    }

    const fn chip(&self) -> &'static str {
        stage_chip(self.view.list.stage, self.view.list.answer)
    }

    fn places(&self) -> String {
        places(self.page, self.profile, self.list())
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    fn count(&self, number: &u64) -> String {
        count(self.page, *number)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    fn money(&self, minor: &i64) -> String {
        money(self.profile, self.t(), *minor)
    }

    /// The way of a list: what is behind it, where it is, what is to come.
    fn way(&self) -> Vec<WayStep> {
        let (page, list) = (self.page, self.list());
        let needs_consent = list.sum_minor > self.profile.lists.approval_above_minor;
        let checked = list.blocking == Some(0);
        let stage = list.stage;
        let at_least = |wanted: &[Stage]| wanted.contains(&stage);
        let sent = at_least(&[Stage::Submitted, Stage::Acknowledged, Stage::Reconciled, Stage::Closed]);
        let mut steps = vec![
            (page.t("lists.way_prepared"), stage != Stage::Preparing),
            (page.t("lists.way_checked"), checked || sent || stage == Stage::Approved),
        ];
        if needs_consent {
            steps.push((page.t("lists.way_approved"), sent || stage == Stage::Approved));
        }
        steps.extend([
            (page.t("lists.way_submitted"), sent),
            (page.t("lists.way_acknowledged"), at_least(&[Stage::Acknowledged, Stage::Reconciled, Stage::Closed])),
            (page.t("lists.way_reconciled"), at_least(&[Stage::Reconciled, Stage::Closed])),
            (page.t("lists.way_closed"), stage == Stage::Closed),
        ]);
        let mut is_before = true;
        let one = |(name, is_done): (&'static str, bool)| {
            let class = match (is_done, is_before) {
                (true, _) => "done",
                (false, true) => "here",
                (false, false) => "",
            };
            is_before &= is_done;
            WayStep { name, class }
        };
        steps.into_iter().map(one).collect()
    }

    fn is_withdrawn(&self) -> bool {
        self.list().stage == Stage::Withdrawn
    }

    /// Who has to act, where it is not whoever may.
    fn hint(&self) -> Option<&'static str> {
        let list = self.list();
        let me = self.page.who.as_ref().map(|who| who.principal.key_id.as_str());
        let needs_consent = list.sum_minor > self.profile.lists.approval_above_minor;
        match list.stage {
            Stage::Prepared if list.blocking.is_some_and(|items| items > 0) => Some(self.page.t("lists.blocked")),
            Stage::Prepared if list.blocking.is_none() => Some(self.page.t("lists.to_check")),
            Stage::Prepared if needs_consent && Some(list.prepared_by.as_str()) == me => Some(self.page.t("lists.own")),
            Stage::Prepared if needs_consent => Some(self.page.t("lists.second")),
            Stage::Acknowledged | Stage::Submitted => Some(self.page.t("lists.outcomes")),
            _ => None,
        }
    }

    fn funnel(&self) -> Vec<(String, String, String)> {
        let one = |row: &crate::app::lists::read::FunnelRow| {
            let name = row.status.map_or("–", |state| self.t().state(state.as_str()));
            (name.to_owned(), count(self.page, row.tally.items), self.money(&row.tally.sum_minor))
        };
        self.view.funnel.iter().map(one).collect()
    }

    fn item_chip(&self, item: &StandingItem) -> (&'static str, &'static str) {
        let state = item.status.unwrap_or(AttemptState::Instructed);
        (chip(state, false), self.t().state(state.as_str()))
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn item_reference(&self, item: &StandingItem) -> String {
        let id = || item.item.payment_id.to_string();
        item.reference.as_ref().map_or_else(id, ToString::to_string)
    }

    fn item_unit(&self, item: &StandingItem) -> String {
        unit_name(self.profile, &item.item.unit_key).to_owned()
    }

    fn purposes(&self) -> Vec<(&'static str, &str)> {
        let of_lists = [Purpose::PaymentOrder, Purpose::IdentityCheck, Purpose::Audit];
        of_lists.into_iter().map(|purpose| (purpose.as_str(), self.page.code("codes", purpose.as_str()))).collect()
    }
}

impl PlanPage<'_> {
    fn name(&self) -> &str {
        self.page.code("deed", self.deed.operation)
    }

    fn told(&self) -> String {
        let items = count(self.page, self.plan.item_count);
        let sum = money(self.profile, self.page.tongue, self.plan.control_sum.minor);
        self.page.say("lists.plan_told", &[("items", &items), ("sum", &sum)])
    }

    fn types(&self) -> Vec<(&str, String)> {
        self.plan
            .types
            .iter()
            .map(|(name, number)| (self.page.code("event", name), count(self.page, *number)))
            .collect()
    }

    fn figures(&self) -> Vec<(&str, String, String)> {
        let share = |(some, all): (i64, i64)| {
            let told = self.page.tongue.percent(crate::app::figures::Share { numerator: some, denominator: all });
            format!("{told} ({} / {})", self.page.tongue.number(some), self.page.tongue.number(all))
        };
        let moved = self.plan.figures.iter().filter(|moved| moved.before != moved.after);
        moved
            .map(|moved| (self.page.code("indicator", moved.indicator), share(moved.before), share(moved.after)))
            .collect()
    }

    fn findings(&self) -> Vec<(String, bool, &str, &'static str)> {
        let Some(found) = self.found else { return Vec::new() };
        let one = |finding: &'_ crate::app::lists::check::ItemFinding| {
            (finding.payment_id.to_string(), finding.blocking, finding.code)
        };
        let message = |at: usize| match self.page.tongue {
            Tongue::Vietnamese => found.findings[at].message_vi.as_str(),
            Tongue::English => found.findings[at].message.as_str(),
        };
        let all = found.findings.iter().take(100).enumerate();
        all.map(|(at, finding)| {
            let (id, blocking, code) = one(finding);
            (id, blocking, message(at), code)
        })
        .collect()
    }

    fn blocking(&self) -> u64 {
        self.found.map_or(0, |found| found.blocking_items)
    }
}

/// Whether items may still be taken off.
#[must_use]
pub const fn may_shorten(stage: Stage) -> bool {
    matches!(stage, Stage::Preparing | Stage::Prepared | Stage::Approved)
}

/// The steps that a list's stage allows, the likeliest first.
#[must_use]
pub fn possible(profile: &Profile, list: &ListRow) -> Vec<&'static str> {
    let needs_consent = list.sum_minor > profile.lists.approval_above_minor;
    match list.stage {
        Stage::Preparing => vec!["withdrawList"],
        Stage::Prepared if list.blocking != Some(0) => vec!["checkList", "withdrawList"],
        Stage::Prepared if needs_consent => vec!["approveList", "checkList", "withdrawList"],
        Stage::Prepared | Stage::Approved => vec!["submitList", "checkList", "withdrawList"],
        Stage::Submitted => vec!["acknowledgeList"],
        Stage::Acknowledged if list.answer == Some(AgentAnswer::Rejected) => vec!["withdrawList"],
        Stage::Acknowledged => vec!["reconcileList"],
        Stage::Reconciled => vec!["closeList", "reconcileList"],
        Stage::Closed => vec!["prepareList"],
        Stage::Withdrawn => Vec::new(),
    }
}

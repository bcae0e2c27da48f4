//! The desk: what must be done today, by kind, the most urgent first, each with how it is done and the forms that do it.

use super::Frame;
use super::deeds::{self, DeedForm, Options};
use super::payments::{money, reason_word, unit_name};
use crate::app::oversight::approvals::ApprovalView;
use crate::app::worklist::{WorkCount, WorkItem, WorkKind};
use crate::domain::calendar::days_between;
use crate::domain::profile::Profile;
use askama::Template;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// One thing to do.
pub struct Line<'a> {
    pub around: Options<'a>,
    pub item: &'a WorkItem,
    /// What a second person is asked for.
    pub approval: Option<&'a ApprovalView>,
    pub number: usize,
    /// The operations that the reader may do about it.
    pub deeds: Vec<&'static str>,
}

/// One kind with its count, as a way to its items.
pub struct KindChip {
    pub href: String,
    pub name: String,
    pub items: String,
    pub overdue: u64,
    pub is_here: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "desk.html")]
pub struct DeskPage<'a> {
    pub page: &'a Frame,
    pub profile: &'a Profile,
    pub today: Date,
    pub unit: String,
    pub kind: Option<WorkKind>,
    pub counts: &'a BTreeMap<WorkKind, WorkCount>,
    pub lines: Vec<Line<'a>>,
    pub next: Option<String>,
}

impl Line<'_> {
    const fn page(&self) -> &Frame {
        self.around.page
    }

    /// The payment; of what is no payment's, all those of the person.
    fn reference(&self) -> Option<(String, String)> {
        let Some(id) = self.item.payment else {
            let person = self.item.beneficiary?;
            return Some((format!("/payments?beneficiary_id={person}"), self.page().t("payment.others").to_owned()));
        };
        let named = self.item.reference.as_ref().map(ToString::to_string);
        Some((format!("/payments/{id}"), named.unwrap_or_else(|| self.page().t("desk.payment").to_owned())))
    }

    /// A list has its steps on a page of its own.
    fn list(&self) -> Option<&str> {
        self.item.object.as_deref().filter(|_| self.item.kind == WorkKind::List)
    }

    fn unit(&self) -> Option<&str> {
        self.item.unit.as_ref().map(|unit| unit_name(self.around.profile, unit))
    }

    fn amount(&self) -> Option<String> {
        self.item.amount.map(|amount| money(self.around.profile, self.page().tongue, amount.minor))
    }

    /// Why, in words, and the code beside it.
    fn why(&self) -> Option<(String, &str)> {
        let (system, code) = self.item.reason.as_ref()?;
        let words = match self.item.kind {
            WorkKind::BankItem => {
                let bank = self.around.profile.bank(system).map_or(system.as_str(), |spec| spec.short_name.as_str());
                format!("{bank}: {}", self.page().code("cause", code))
            }
            WorkKind::BankSilent | WorkKind::WebhookOff => system.clone(),
            _ => {
                let class = self.around.profile.reason_class(system, code);
                reason_word(self.page(), (system, code), class).to_owned()
            }
        };
        Some((words, code))
    }

    /// What somebody asks a second person for.
    fn asked(&self) -> Option<String> {
        let request = &self.approval?.approval.request;
        let action = self.page().code("asked", request.command.action().as_str());
        let when = self.page().tongue.day(self.around.profile.business_day(request.expires_at.as_microsecond()));
        Some(self.page().say("desk.asked", &[("what", action), ("who", &request.requested_by), ("day", &when)]))
    }

    /// Nobody consents to one's own request.
    fn is_own(&self) -> bool {
        let me = self.page().who.as_ref().map(|who| who.principal.key_id.as_str());
        self.approval.is_some_and(|view| Some(view.approval.request.requested_by.as_str()) == me)
    }

    /// The command as it was asked for, member by member.
    fn command(&self) -> Vec<(String, String)> {
        self.approval.map(command_of).unwrap_or_default()
    }

    fn due(&self) -> String {
        let today = self.around.today;
        let day = self.page().tongue.day(self.item.due);
        match days_between(self.item.due, today) {
            late @ 1.. => self.page().say("desk.overdue", &[("day", &day), ("days", &late.to_string())]),
            0 => self.page().t("desk.due_today").to_owned(),
            _ => self.page().say("desk.due", &[("day", &day)]),
        }
    }

    fn is_overdue(&self) -> bool {
        self.item.due < self.around.today
    }

    fn who(&self) -> &'static str {
        let play = self.around.profile.playbook.get(self.item.play);
        play.map_or("", |play| self.page().tongue.actor(play.who))
    }

    fn how(&self) -> &str {
        let play = self.around.profile.playbook.get(self.item.play);
        play.map_or("", |play| play.labels.get(self.page().tongue.code()))
    }

    fn forms(&self) -> Vec<DeedForm<'_>> {
        let id_of = |operation: &str| match operation {
            "choosePayoutMethod" | "reportDeath" | "authorise" | "recordIdentity" => {
                self.item.beneficiary.map(|id| id.to_string())
            }
            _ if operation.ends_with("Payment") => self.item.payment.map(|id| id.to_string()),
            _ => self.item.object.clone(),
        };
        let one = |(place, operation): (usize, &&'static str)| {
            if *operation == "grantApproval" && self.is_own() {
                return None;
            }
            let mut known = vec![("path.id", id_of(operation)?)];
            known.extend(self.item.day.map(|day| ("path.date", day.to_string())));
            known.extend(self.item.item.map(|item| ("item", item.to_string())));
            known.extend(self.item.cycle.map(|cycle| ("cycle", cycle.to_string())));
            Some(DeedForm {
                known,
                is_first: place == 0,
                ..DeedForm::new(self.around, deeds::find(operation)?, self.number * 10 + place)
            })
        };
        self.deeds.iter().enumerate().filter_map(one).collect()
    }
}

/// What was asked for, member by member; of a key, what people call it too.
pub(super) fn command_of(view: &ApprovalView) -> Vec<(String, String)> {
    let Ok(serde_json::Value::Object(members)) = serde_json::to_value(&view.approval.request.command) else {
        return Vec::new();
    };
    let flat = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let label = view.label.iter().map(|label| ("label".to_owned(), label.clone()));
    members.iter().map(|(name, value)| (name.clone(), flat(value))).chain(label).collect()
}

impl DeskPage<'_> {
    fn total(&self) -> u64 {
        self.counts.values().map(|count| count.items).sum()
    }

    fn title(&self) -> String {
        let n = self.page.tongue.number(i64::try_from(self.total()).unwrap_or(i64::MAX));
        let late: u64 = self.counts.values().map(|count| count.overdue).sum();
        let late = self.page.tongue.number(i64::try_from(late).unwrap_or(i64::MAX));
        self.page.say("desk.told", &[("n", &n), ("late", &late), ("day", &self.page.tongue.day(self.today))])
    }

    fn href(&self, kind: Option<WorkKind>) -> String {
        let unit = if self.unit.is_empty() { String::new() } else { format!("unit={}", self.unit) };
        let kind = kind.map_or_else(String::new, |kind| format!("kind={}", kind.as_str()));
        let asked: Vec<String> = [unit, kind].into_iter().filter(|part| !part.is_empty()).collect();
        if asked.is_empty() { "/desk".to_owned() } else { format!("/desk?{}", asked.join("&")) }
    }

    fn kinds(&self) -> Vec<KindChip> {
        let has = |(kind, count): &(&WorkKind, &WorkCount)| count.items > 0 || self.kind == Some(**kind);
        let one = |(kind, count): (&WorkKind, &WorkCount)| KindChip {
            href: self.href(Some(*kind)),
            name: self.page.code("kind", kind.as_str()).to_owned(),
            items: self.page.tongue.number(i64::try_from(count.items).unwrap_or(i64::MAX)),
            overdue: count.overdue,
            is_here: self.kind == Some(*kind),
        };
        self.counts.iter().filter(has).map(one).collect()
    }

    /// The page's items by kind, in the order of kinds.
    fn groups(&self) -> Vec<(String, Vec<&Line<'_>>)> {
        let mut groups: BTreeMap<WorkKind, Vec<&Line<'_>>> = BTreeMap::new();
        for line in &self.lines {
            groups.entry(line.item.kind).or_default().push(line);
        }
        groups.into_iter().map(|(kind, lines)| (self.page.code("kind", kind.as_str()).to_owned(), lines)).collect()
    }
}

//! What must be done today: a union of sources, each of which gives items with who acts, by when and how. An item is gone once its cause
//! is. A new source is one more line in `SOURCES`.

mod banks;
mod desks;
mod kind;
mod lists;
mod oversight;
mod payments;
mod people;
mod rows;
mod webhooks;

use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::error::AppError;
use crate::app::queries::Answer;
use crate::domain::ids::{BeneficiaryId, PaymentId, PaymentReference, UnitKey};
use crate::domain::money::Money;
use crate::domain::period::Month;
use crate::domain::profile::Profile;
use crate::projections::{Checkpoint, Projection};
use async_trait::async_trait;
use banks::{BankItems, SilentBanks};
use desks::Desks;
use jiff::civil::Date;
use lists::Lists;
use oversight::{Approvals, Recoveries};
use payments::{InTrouble, Late};
use people::{Authorisations, Identities};
use std::collections::BTreeMap;
use webhooks::WebhooksOff;

pub use crate::domain::profile::playbook::{Actor, PlaySpec, Situation};
pub use kind::WorkKind;
pub use payments::into_trouble as next_step;

/// One thing that somebody must do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkItem {
    pub kind: WorkKind,
    /// `None`: it is the whole log's.
    pub unit: Option<UnitKey>,
    pub payment: Option<PaymentId>,
    pub reference: Option<PaymentReference>,
    pub beneficiary: Option<BeneficiaryId>,
    /// The id of what else the item is about, for operations on it.
    pub object: Option<String>,
    /// Which part of that object: an item of a bank's message.
    pub item: Option<u64>,
    /// The day that operations on it are about.
    pub day: Option<Date>,
    pub cycle: Option<Month>,
    pub amount: Option<Money>,
    /// Whose reason code, and the code.
    pub reason: Option<(String, String)>,
    /// When it came up.
    pub since: Date,
    /// By when somebody must have acted.
    pub due: Date,
    /// What to do: a place in the profile's playbook.
    pub play: usize,
    /// Tells items of one kind apart, for ever.
    pub number: u64,
}

impl WorkItem {
    /// An item that is no payment's, with what the profile says of its situation; `None` only for a profile that says nothing.
    fn of(
        profile: &Profile,
        kind: WorkKind,
        situation: Situation,
        (unit, since, number): (impl Into<Option<UnitKey>>, Date, u64),
    ) -> Option<Self> {
        let play = profile.play_of(situation)?;
        Some(Self {
            kind,
            unit: unit.into(),
            payment: None,
            reference: None,
            beneficiary: None,
            object: None,
            item: None,
            day: None,
            cycle: None,
            amount: None,
            reason: None,
            since,
            due: profile.working_days.after(since, profile.playbook[play].working_days),
            play,
            number,
        })
    }
}

/// Where an item stands in the list.
pub type WorkPlace = (Date, WorkKind, u64);

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkQuery {
    pub unit: Option<UnitKey>,
    pub kind: Option<WorkKind>,
    /// Only what must be done before this day.
    pub due_before: Option<Date>,
    pub after: Option<WorkPlace>,
    pub limit: usize,
}

/// How many items of a kind there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WorkCount {
    pub items: u64,
    /// Of these, whose day is over.
    pub overdue: u64,
}

/// A page of the list, with the counts of the whole list.
#[derive(Debug, Clone, Default)]
pub struct Worklist {
    pub today: Option<Date>,
    pub items: Vec<WorkItem>,
    pub counts: BTreeMap<WorkKind, WorkCount>,
    /// Where the next page begins.
    pub next: Option<WorkPlace>,
}

/// Where a source looks.
pub struct WorkScope<'a> {
    pub app: &'a App,
    /// Exactly these units; all when absent.
    pub units: Option<Vec<UnitKey>>,
    pub today: Date,
    pub kind: Option<WorkKind>,
}

/// Takes items in any order and keeps a page of them, so that memory does not grow with the list.
pub struct Gathering {
    query: WorkQuery,
    today: Date,
    page: BTreeMap<WorkPlace, WorkItem>,
    counts: BTreeMap<WorkKind, WorkCount>,
}

impl Gathering {
    fn new(query: WorkQuery, today: Date) -> Self {
        let kinds = WorkKind::ALL.into_iter().filter(|kind| query.kind.is_none_or(|asked| asked == *kind));
        let counts = kinds.map(|kind| (kind, WorkCount::default())).collect();
        Self { query, today, page: BTreeMap::new(), counts }
    }

    /// Counts an item, and keeps it if it belongs to the page as far as it is known.
    pub fn take(&mut self, item: WorkItem) {
        let asked = self.query.kind.is_none_or(|kind| kind == item.kind)
            && self.query.due_before.is_none_or(|before| item.due < before);
        if !asked {
            return;
        }
        let count = self.counts.entry(item.kind).or_default();
        count.items += 1;
        count.overdue += u64::from(item.due < self.today);
        let place = (item.due, item.kind, item.number);
        if self.query.after.is_none_or(|after| place > after) {
            self.page.insert(place, item);
        }
        // One more than the page, to know whether there is another.
        if self.page.len() > self.query.limit + 1 {
            self.page.pop_last();
        }
    }

    fn finish(mut self) -> Worklist {
        let more = self.page.len() > self.query.limit;
        if more {
            self.page.pop_last();
        }
        let next = self.page.last_key_value().map(|(place, _)| *place).filter(|_| more);
        Worklist { today: Some(self.today), items: self.page.into_values().collect(), counts: self.counts, next }
    }
}

/// Something that items come from.
#[async_trait]
trait WorkSource: Sync {
    /// The kinds that it gives.
    fn kinds(&self) -> &'static [WorkKind];

    /// Whose rows it looks at.
    fn projection(&self) -> Projection;

    /// Gives every item in scope. Answers with the checkpoint that they are of.
    async fn gather(&self, scope: &WorkScope<'_>, into: &mut Gathering) -> Result<Checkpoint, AppError>;
}

const SOURCES: &[&dyn WorkSource] = &[
    &InTrouble,
    &Late,
    &Recoveries,
    &Approvals,
    &Authorisations,
    &Identities,
    &Lists,
    &Desks,
    &BankItems,
    &SilentBanks,
    &WebhooksOff,
];

impl App {
    /// A page of what must be done in the caller's units, the most urgent first.
    pub async fn worklist(
        &self,
        principal: &Principal,
        query: WorkQuery,
        min_position: Option<u64>,
    ) -> Result<Answer<Worklist>, AppError> {
        let units = match (&query.unit, principal.reach(Action::ReadWorklist), &principal.unit) {
            (Some(unit), _, _) => {
                self.check_reach(principal, Action::ReadWorklist, unit.as_str(), None)?;
                Some(vec![unit.clone()])
            }
            (None, Reach::Units, Some(own)) => Some(self.profile.units.reach(own.as_str())),
            (None, _, _) => None,
        };
        // What follows from an event (a recovery, a payment held) is work too.
        let min_position = self.wait_for_reactions(min_position).await?;
        let tree = &self.profile.units;
        let below = |scope: &UnitKey| tree.subtree(scope.as_str()).into_iter().map(|unit| unit.key.clone());
        let units = units.map(|scopes| scopes.iter().flat_map(below).collect());
        let today = self.profile.business_day(self.clock.now_us());
        let scope = WorkScope { app: self, units, today, kind: query.kind };
        let mut gathering = Gathering::new(query, today);
        let mut as_of: Option<Checkpoint> = None;
        for source in SOURCES {
            if scope.kind.is_none_or(|kind| source.kinds().contains(&kind)) {
                self.wait_for(source.projection(), min_position).await?;
                let checkpoint = source.gather(&scope, &mut gathering).await?;
                // The list is at least of the state that the earliest read saw.
                as_of = Some(as_of.filter(|earlier| earlier.position <= checkpoint.position).unwrap_or(checkpoint));
            }
        }
        let as_of = as_of.unwrap_or_default();
        let answer = gathering.finish();
        Ok(Answer { answer, as_of_position: as_of.position, as_of_time_us: as_of.recorded_at_us })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn item(kind: WorkKind, day: i8, number: u64) -> WorkItem {
        WorkItem {
            kind,
            unit: UnitKey::parse("C1").ok(),
            payment: None,
            reference: None,
            beneficiary: None,
            object: None,
            item: None,
            day: None,
            cycle: None,
            amount: None,
            reason: None,
            since: date(2025, 3, 1),
            due: date(2025, 3, day),
            play: 0,
            number,
        }
    }

    fn all() -> Vec<WorkItem> {
        vec![
            item(WorkKind::Held, 9, 1),
            item(WorkKind::Rejected, 9, 7),
            item(WorkKind::Returned, 4, 3),
            item(WorkKind::Rejected, 9, 2),
            item(WorkKind::Held, 12, 5),
        ]
    }

    fn list(query: &WorkQuery) -> Worklist {
        let mut gathering = Gathering::new(query.clone(), date(2025, 3, 9));
        for item in all() {
            gathering.take(item);
        }
        gathering.finish()
    }

    fn numbers(list: &Worklist) -> Vec<u64> {
        list.items.iter().map(|item| item.number).collect()
    }

    #[test]
    fn the_most_urgent_comes_first_and_pages_go_on_where_the_last_ended() {
        let mut query = WorkQuery { limit: 2, ..WorkQuery::default() };
        let mut seen = Vec::new();
        loop {
            let page = list(&query);
            assert!(page.items.len() <= 2);
            seen.extend(numbers(&page));
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        assert_eq!(seen, [3, 2, 7, 1, 5]);
    }

    #[test]
    fn a_last_page_that_is_just_full_has_no_next() {
        assert_eq!(list(&WorkQuery { limit: 5, ..WorkQuery::default() }).next, None);
    }

    #[test]
    fn counts_are_of_the_whole_list_whatever_the_page() {
        let found = list(&WorkQuery { limit: 1, ..WorkQuery::default() });
        assert_eq!(found.counts[&WorkKind::Held], WorkCount { items: 2, overdue: 0 });
        assert_eq!(found.counts[&WorkKind::Returned], WorkCount { items: 1, overdue: 1 });
        assert_eq!(found.counts[&WorkKind::Late], WorkCount::default());
    }

    #[test]
    fn a_kind_and_a_day_narrow_list_and_counts() {
        let held = list(&WorkQuery { limit: 9, kind: Some(WorkKind::Held), ..WorkQuery::default() });
        assert_eq!((numbers(&held), held.counts.len()), (vec![1, 5], 1));
        let soon = list(&WorkQuery { limit: 9, due_before: Some(date(2025, 3, 9)), ..WorkQuery::default() });
        assert_eq!(numbers(&soon), [3]);
        assert_eq!(soon.counts[&WorkKind::Held].items, 0);
    }

    #[test]
    fn each_kind_comes_from_one_source() {
        for kind in WorkKind::ALL {
            let sources = SOURCES.iter().filter(|source| source.kinds().contains(&kind)).count();
            assert_eq!(sources, 1, "{kind:?}");
        }
    }
}

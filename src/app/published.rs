//! Published figures: what readers are answered who may not learn small numbers. Each cycle is published once, as it stood at a month's
//! end, by units and breakdowns that are decided from the whole log: nobody's question changes what is published. See docs/privacy.md.

use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::{AppError, FieldIssue};
use crate::app::queries::Answer;
use crate::domain::ids::UnitKey;
use crate::domain::period::Month;
use crate::projections::Projection;
use crate::projections::figures::adoption::{Adoption, KeptBack, People};
use crate::projections::figures::privacy::{Breakdown, Lattice, Nodes, Open, WHOLE};
use crate::projections::figures::{AsOf, Dimension, FigureQuery, Filters, GroupKey, Share};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many cycles one answer holds at most, the last ones.
const CYCLES_MAX: usize = 60;
/// How many month ends after a cycle its payments may come into the log and still be published.
const MONTHS_MAX: usize = 36;

/// Cycles with the positions of their publications, and the state that an answer of them is of.
pub(super) struct PublishedCycles {
    pub(super) cycles: Vec<(Month, u64)>,
    as_of: (u64, i64),
}

impl PublishedCycles {
    pub(super) const fn answer<T>(&self, answer: T) -> Answer<T> {
        Answer { answer, as_of_position: self.as_of.0, as_of_time_us: self.as_of.1 }
    }
}

/// One cycle's answer in the making.
pub(super) struct Part<'a> {
    pub(super) app: &'a App,
    /// Of this cycle alone, as of its publication.
    pub(super) query: FigureQuery,
    breakdown: Breakdown,
    pub(super) cycle: Month,
    tables: BTreeMap<Breakdown, Arc<Nodes>>,
}

impl App {
    /// Whether the caller's role reads published figures only.
    pub fn reads_published(&self, principal: &Principal) -> bool {
        let figures = &self.profile.figures;
        figures.smallest_cell > 1 && figures.published_only.iter().any(|role| role.as_str() == principal.role.as_str())
    }

    /// Adoption as published, for each group asked. `query` is within the caller's reach.
    pub(super) async fn published_adoption(
        &self,
        query: FigureQuery,
        min_position: Option<u64>,
    ) -> Result<Answer<Vec<Adoption>>, AppError> {
        let breakdown = Breakdown::of(&query).ok_or_else(too_fine)?;
        let published = self.published_cycles(&query, min_position).await?;
        let mut answer = Vec::new();
        for (cycle, point) in &published.cycles {
            let mut part = Part::new(self, &query, (*cycle, *point, breakdown));
            answer.extend(part.answer().await?);
        }
        if answer.is_empty() && query.group_by.is_empty() {
            answer.push(kept(Vec::new()));
        }
        answer.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(published.answer(answer))
    }

    /// The cycles of a question that are published as of the state asked, each with the position of its publication.
    pub(super) async fn published_cycles(
        &self,
        query: &FigureQuery,
        min_position: Option<u64>,
    ) -> Result<PublishedCycles, AppError> {
        let by_cycle = query.group_by.contains(&Dimension::Cycle);
        if !by_cycle && (query.filters.cycle_from.is_none() || query.filters.cycle_from != query.filters.cycle_to) {
            return Err(not_by_cycle());
        }
        self.wait_for(Projection::Payments, min_position.max(query.as_of.position())).await?;
        let checkpoint = self.views.progress(Projection::Payments).await?.checkpoint;
        let (asked, asked_us) = self.as_of(query.as_of, checkpoint).await?;
        let mut cycles = Vec::new();
        for cycle in self.cycles(&query.filters, asked).await? {
            cycles.extend(self.publication(cycle, asked).await?.map(|point| (cycle, point)));
        }
        let latest = cycles.iter().map(|(_, point)| *point).max();
        let as_of = match latest {
            Some(position) => (position, self.recorded_at(position).await?.unwrap_or(0)),
            None => (asked, asked_us),
        };
        Ok(PublishedCycles { cycles, as_of })
    }

    /// Cycles with payments, the last ones, in their order.
    async fn cycles(&self, filters: &Filters, asked: u64) -> Result<Vec<Month>, AppError> {
        let of_cycles = Filters { cycle_from: filters.cycle_from, cycle_to: filters.cycle_to, ..Filters::default() };
        let query = FigureQuery { filters: of_cycles, group_by: vec![Dimension::Cycle], as_of: AsOf::Position(asked) };
        let found = self.adoption_of(&query, None).await?.answer;
        let cycles: Vec<Month> = found.iter().filter_map(|row| Month::parse(row.key.first()?).ok()).collect();
        Ok(cycles[cycles.len().saturating_sub(CYCLES_MAX)..].to_vec())
    }

    /// The position that a cycle was published at: the first month's end, not before its own, by which any of its payments is on record.
    /// `None` while that month is not over, or is not over as of the position asked.
    async fn publication(&self, cycle: Month, asked: u64) -> Result<Option<u64>, AppError> {
        if let Some(known) = self.published.point(cycle) {
            return Ok(Some(known).filter(|position| *position <= asked));
        }
        let Some(first_us) = self.recorded_at(1).await? else { return Ok(None) };
        let today = self.profile.business_day(self.clock.now_us());
        let head = self.store.head().await?.position;
        let mut month = cycle.max(Month::of(self.profile.business_day(first_us)));
        for _ in 0..MONTHS_MAX {
            let Some(end) = month.plus(1).day(1).and_then(|day| day.yesterday().ok()) else { return Ok(None) };
            if end >= today {
                return Ok(None);
            }
            let by_then = |recorded_us| self.profile.business_day(recorded_us) <= end;
            let position = self.last_position_until(head, by_then).await?;
            if position > asked {
                return Ok(None);
            }
            let filters = Filters { cycle_from: Some(cycle), cycle_to: Some(cycle), ..Filters::default() };
            let query = FigureQuery { filters, group_by: Vec::new(), as_of: AsOf::Position(position) };
            let found = self.adoption_of(&query, None).await?.answer;
            if found.iter().any(|row| row.completeness.denominator > 0) {
                self.published.put_point(cycle, position);
                return Ok(Some(position));
            }
            month = month.plus(1);
        }
        Ok(None)
    }
}

impl<'a> Part<'a> {
    pub(super) fn new(app: &'a App, query: &FigureQuery, (cycle, point, breakdown): (Month, u64, Breakdown)) -> Self {
        let filters = Filters { cycle_from: Some(cycle), cycle_to: Some(cycle), ..query.filters.clone() };
        let query = FigureQuery { filters, as_of: AsOf::Position(point), ..query.clone() };
        Self { app, query, breakdown, cycle, tables: BTreeMap::new() }
    }

    /// Reads the tables and decides which nodes are open.
    pub(super) async fn decide(&mut self) -> Result<Arc<Open>, AppError> {
        for breakdown in self.breakdown.closure() {
            let key = (self.cycle, breakdown);
            let known = self.app.published.table(key);
            let table = if let Some(table) = known {
                table
            } else {
                let read = Arc::new(self.table(breakdown).await?);
                self.app.published.put_table(key, &read);
                read
            };
            self.tables.insert(breakdown, table);
        }
        Ok(self.app.published.open((self.cycle, self.breakdown), || self.lattice(|l| l.open(self.breakdown))))
    }

    async fn answer(&mut self) -> Result<Vec<Adoption>, AppError> {
        let decided = self.decide().await?;
        let open: &Open = &decided;
        let found = self.app.adoption_of(&self.query, None).await?.answer;
        let mut answer: Vec<Adoption> = Vec::new();
        for row in found {
            let node = self.node(&row.key);
            // Of a closed node, nobody learns which cells there are: `closed` gives a row for each that there might be.
            if node.as_deref().is_some_and(|node| open.payments.contains(node) || open.people.contains(node)) {
                answer.push(self.masked(row, (node.as_deref(), open)));
            }
        }
        let there: BTreeSet<GroupKey> = answer.iter().map(|row| row.key.clone()).collect();
        answer.extend(self.closed(open).into_iter().filter(|key| !there.contains(key)).map(kept));
        Ok(answer)
    }

    /// The figures of every node of the tree, by the dimensions of a breakdown.
    async fn table(&self, breakdown: Breakdown) -> Result<Nodes, AppError> {
        let filters = Filters { cycle_from: Some(self.cycle), cycle_to: Some(self.cycle), ..Filters::default() };
        let levels = self.app.profile.levels.iter().map(|level| Some(level.code.clone()));
        let mut nodes = Nodes::new();
        for level in std::iter::once(None).chain(levels) {
            let own = level.iter().map(|level| Dimension::UnitLevel(level.clone()));
            let group_by = own.chain(breakdown.dimensions()).collect();
            let query = FigureQuery { filters: filters.clone(), group_by, as_of: self.query.as_of };
            for mut row in self.app.adoption_of(&query, None).await?.answer {
                let node = if level.is_some() { row.key.remove(0) } else { WHOLE.to_owned() };
                nodes.entry(node).or_default().insert(row.key.clone(), row);
            }
        }
        Ok(nodes)
    }

    pub(super) fn lattice<T>(&self, decide: impl FnOnce(&Lattice<'_>) -> T) -> T {
        let profile = &self.app.profile;
        let group_of = |code: &str| profile.group_of(code).map(ToString::to_string).unwrap_or_default();
        let children = |node: &str| self.children(node);
        decide(&Lattice {
            smallest: i64::from(profile.figures.smallest_cell),
            mixed_as_cashless: profile.figures.mixed_counts_as_cashless,
            children: &children,
            group_of: &group_of,
            tables: &self.tables,
        })
    }

    fn is_paid(&self, node: &str) -> bool {
        self.tables.get(&Breakdown::Whole).is_some_and(|table| table.contains_key(node))
    }

    /// The units below a node in which anybody is paid.
    fn children(&self, node: &str) -> Vec<String> {
        let units = &self.app.profile.units;
        let keys: Vec<String> = if node == WHOLE {
            units.roots().map(|unit| unit.key.to_string()).collect()
        } else {
            units.children(node).map(|unit| unit.key.to_string()).collect()
        };
        keys.into_iter().filter(|key| self.is_paid(key)).collect()
    }

    pub(super) fn unit_place(&self) -> Option<usize> {
        self.query.group_by.iter().position(|one| matches!(one, Dimension::Unit | Dimension::UnitLevel(_)))
    }

    /// The node that a group is of: its unit, or the one asked for where that is smaller. `None` where it is of no node, or of what is
    /// paid in an inner unit beside those below it.
    pub(super) fn node(&self, key: &GroupKey) -> Option<String> {
        let units = &self.app.profile.units;
        let label = self.unit_place().and_then(|place| key.get(place));
        let scopes: Vec<&UnitKey> =
            self.query.filters.units.iter().filter(|unit| self.is_paid(unit.as_str())).collect();
        let Some(label) = label else {
            return match scopes.as_slice() {
                [] if self.query.filters.units.is_empty() => Some(WHOLE.to_owned()),
                [one] => Some(one.to_string()),
                _ => None,
            };
        };
        if self.query.group_by.contains(&Dimension::Unit) && !self.children(label).is_empty() {
            return None;
        }
        let below: Vec<&&UnitKey> =
            scopes.iter().filter(|unit| unit.as_str() != label && units.is_under(unit.as_str(), label)).collect();
        match below.as_slice() {
            [] => Some(label.clone()),
            [one] => Some(one.to_string()),
            _ => None,
        }
    }

    fn masked(&self, mut row: Adoption, (node, open): (Option<&str>, &Open)) -> Adoption {
        let shows = |nodes: &BTreeSet<String>| node.is_some_and(|node| nodes.contains(node));
        let filters = &self.query.filters;
        // Whoever is counted once over several benefits tells of those who get no other.
        let over_several = filters.benefit_types.len() + filters.benefit_groups.len() > 1;
        let back = KeptBack {
            people: over_several || !shows(&open.people),
            payments: !shows(&open.payments),
            completeness: !shows(&open.completeness),
        };
        let standings = row.people.share(self.app.profile.figures.mixed_counts_as_cashless);
        row.people =
            People { cashless: standings.numerator, cash: standings.denominator - standings.numerator, mixed: 0 };
        if back.people {
            row.people = People::default();
        }
        if back.payments {
            (row.amount, row.payments) = (Share::default(), Share::default());
        }
        if back.completeness {
            row.completeness = Share::default();
        }
        row.kept_back = Some(back);
        row
    }

    /// A group for each unit that is closed, or may be, and each cell that the whole log has: also where nobody is paid.
    fn closed(&self, open: &Open) -> Vec<GroupKey> {
        let shown = |node: &str| open.payments.contains(node) || open.people.contains(node);
        let labels: Vec<Option<String>> = match self.unit_place() {
            None => {
                let node = self.node(&Vec::new());
                if node.is_some_and(|node| shown(&node)) {
                    return Vec::new();
                }
                vec![None]
            }
            Some(_) => self.units_in_force().into_iter().filter(|unit| !shown(unit)).map(Some).collect(),
        };
        let cells = self.cells_of_the_whole();
        let key = |label: &Option<String>, cell: &BTreeMap<usize, String>| -> GroupKey {
            let value = |(place, one): (usize, &Dimension)| match one {
                Dimension::Unit | Dimension::UnitLevel(_) => label.clone().unwrap_or_default(),
                Dimension::Cycle => self.cycle.to_string(),
                _ => cell.get(&place).cloned().unwrap_or_default(),
            };
            self.query.group_by.iter().enumerate().map(value).collect()
        };
        labels.iter().flat_map(|label| cells.iter().map(move |cell| key(label, cell))).collect()
    }

    /// Units of the level asked that were there in the cycle, in the units asked, under a unit at the top in which anybody is paid.
    pub(super) fn units_in_force(&self) -> Vec<String> {
        let profile = &self.app.profile;
        let level = self.query.group_by.iter().find_map(|one| match one {
            Dimension::UnitLevel(level) => Some(level.clone()),
            Dimension::Unit => Some(profile.payment_level.clone()),
            _ => None,
        });
        let scopes = &self.query.filters.units;
        let within =
            |key: &str| scopes.is_empty() || scopes.iter().any(|scope| profile.units.is_under(key, scope.as_str()));
        let paid_above =
            |key: &str| profile.units.ancestors(key).last().is_some_and(|top| self.is_paid(top.key.as_str()));
        let there = |key: &str, in_force: bool| self.is_paid(key) || (in_force && paid_above(key));
        let day = self.cycle.day(1);
        let units = profile.units.iter().filter(|unit| Some(&unit.level) == level.as_ref());
        let named = units.filter(|unit| within(unit.key.as_str()));
        let found = named.filter(|unit| there(unit.key.as_str(), day.is_some_and(|day| unit.in_force(day))));
        found.map(|unit| unit.key.to_string()).collect()
    }

    /// The values, by their place in the groups asked, of all cells of the whole log that the filters leave.
    fn cells_of_the_whole(&self) -> BTreeSet<BTreeMap<usize, String>> {
        let dimensions = self.breakdown.dimensions();
        let whole = self.tables.get(&self.breakdown).and_then(|table| table.get(WHOLE));
        let mut cells = BTreeSet::new();
        for key in whole.into_iter().flatten().map(|(key, _)| key) {
            let values: Vec<(&Dimension, &String)> = dimensions.iter().zip(key).collect();
            if values.iter().all(|(one, value)| self.admits(one, value)) {
                let mut cell = BTreeMap::new();
                for (place, asked) in self.query.group_by.iter().enumerate() {
                    let own = values.iter().find(|(one, _)| *one == asked).map(|(_, value)| (*value).clone());
                    // A type is asked for, and told by its group.
                    let group = || (*asked == Dimension::BenefitGroup).then(|| self.group_of(&values)).flatten();
                    if let Some(value) = own.or_else(group) {
                        cell.insert(place, value);
                    }
                }
                cells.insert(cell);
            }
        }
        cells
    }

    fn group_of(&self, values: &[(&Dimension, &String)]) -> Option<String> {
        let (_, code) = values.iter().find(|(one, _)| **one == Dimension::BenefitType)?;
        self.app.profile.group_of(code).map(ToString::to_string)
    }

    fn admits(&self, dimension: &Dimension, value: &str) -> bool {
        let filters = &self.query.filters;
        let one_of = |list: Vec<&str>| list.is_empty() || list.contains(&value);
        match dimension {
            Dimension::Channel => one_of(filters.channels.iter().map(AsRef::as_ref).collect()),
            Dimension::Agent => one_of(filters.agents.iter().map(AsRef::as_ref).collect()),
            Dimension::Bank => one_of(filters.banks.iter().map(AsRef::as_ref).collect()),
            Dimension::BenefitType => one_of(filters.benefit_types.iter().map(AsRef::as_ref).collect()),
            Dimension::BenefitGroup => one_of(filters.benefit_groups.iter().map(AsRef::as_ref).collect()),
            Dimension::Urban => filters.urban.is_none_or(|urban| (value == "true") == urban),
            Dimension::Unit | Dimension::UnitLevel(_) | Dimension::Cycle => true,
            // In no table that is published.
            Dimension::Sex | Dimension::BirthDecade | Dimension::BenefitMonth => false,
        }
    }
}

/// A group of which nothing is told.
fn kept(key: GroupKey) -> Adoption {
    let back = KeptBack { people: true, payments: true, completeness: true };
    Adoption { key, kept_back: Some(back), ..Adoption::default() }
}

fn too_fine() -> AppError {
    AppError::Invalid(vec![FieldIssue::new(
        "group_by",
        "too-fine-for-your-role",
        "your role reads published figures: by units and cycles, and by one of channel (with agent and bank), benefit type or group, and urban; urban goes with benefit_group too",
        "vai trò của bạn chỉ xem số liệu đã công bố: theo đơn vị và kỳ, và theo một trong các chiều kênh (cùng agent và bank), loại hoặc nhóm chế độ, urban; urban dùng được cùng benefit_group",
    )])
}

fn not_by_cycle() -> AppError {
    AppError::Invalid(vec![FieldIssue::new(
        "cycle",
        "published-by-cycle",
        "your role reads figures that are published cycle by cycle: give cycle, or group_by=cycle",
        "vai trò của bạn chỉ xem số liệu công bố theo từng kỳ: hãy ghi cycle, hoặc group_by=cycle",
    )])
}

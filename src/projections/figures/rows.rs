//! Figures told from the rows of payments, for what the cube does not hold: the same cells, and people counted one by one. Pure.

use crate::domain::ids::BeneficiaryId;
use crate::domain::payment::state::AttemptState;
use crate::domain::period::Month;
use crate::projections::cell::{CellKey, Difference, EventDifferences, Tally, urban_node};
use crate::projections::figures::slice::{Gathered, Slice};
use crate::projections::figures::{CellRow, FigureRead, Source};
use crate::projections::payments::row::{PaymentRow, Provider};
use crate::projections::payments::tallies;
use crate::projections::people::{STANDINGS, standing};
use crate::projections::reference::Reference;
use std::collections::{BTreeMap, HashMap};

/// What people are told by: cycle, labels of unit and benefit, channel, agent, bank, urban.
type Labels = [String; 7];

/// The place of the unit's label.
const UNIT: usize = 1;

/// Whether a person has anything cashless, and any cash.
type Ways = (bool, bool);

/// The answers of one group of cohorts in the making.
#[derive(Default)]
struct Part {
    cells: HashMap<CellKey, Difference>,
    /// For each read: people by the group that they are in.
    people: Vec<BTreeMap<Labels, HashMap<BeneficiaryId, Ways>>>,
    /// For each read of movers: people by how they were paid.
    moved: Vec<HashMap<BeneficiaryId, Moved>>,
}

/// How a person was paid in two cycles, and in which unit.
#[derive(Default)]
struct Moved {
    before: (Ways, String),
    now: (Ways, String),
}

/// One read with its lists as look-ups.
struct Scope<'r> {
    read: &'r FigureRead,
    units: Option<HashMap<&'r str, &'r str>>,
    benefits: Option<HashMap<&'r str, &'r str>>,
}

/// Answers that grow row by row, for each group of cohorts.
pub struct FromRows<'r> {
    scopes: Vec<Scope<'r>>,
    reference: &'r dyn Reference,
    parts: BTreeMap<Vec<String>, Part>,
}

impl<'r> FromRows<'r> {
    /// Begins with nothing. Reads are of cells, or of people in one state of the log.
    #[must_use]
    pub fn new(reads: &'r [FigureRead], reference: &'r dyn Reference) -> Self {
        let look_up = |nodes: &'r Option<Vec<(String, String)>>| {
            nodes.as_ref().map(|nodes| nodes.iter().map(|(node, label)| (node.as_str(), label.as_str())).collect())
        };
        let scope =
            |read: &'r FigureRead| Scope { read, units: look_up(&read.units), benefits: look_up(&read.benefits) };
        Self { scopes: reads.iter().map(scope).collect(), reference, parts: BTreeMap::new() }
    }

    /// Adds a payment to a group of cohorts.
    pub fn add(&mut self, cohort: Vec<String>, row: &PaymentRow) {
        let part = self.parts.entry(cohort).or_default();
        part.people.resize_with(self.scopes.len(), BTreeMap::new);
        let mut differences = EventDifferences::default();
        tallies::add(row, 1, &mut differences);
        for (key, difference) in differences.into_entries() {
            if self.scopes.iter().any(|scope| scope.read.tallies.contains(&key.tally)) {
                let sum = part.cells.entry(key).or_default();
                *sum = sum.plus(difference);
            }
        }
        part.moved.resize_with(self.scopes.len(), HashMap::new);
        for (place, scope) in self.scopes.iter().enumerate() {
            let Some((labels, cashless)) = scope.person(row, self.reference) else { continue };
            let ways = if let Source::Flow(before) = scope.read.source {
                let person = part.moved[place].entry(row.beneficiary_id).or_default();
                let (ways, unit) = if row.cycle == before { &mut person.before } else { &mut person.now };
                if labels[UNIT] > *unit {
                    unit.clone_from(&labels[UNIT]);
                }
                ways
            } else {
                part.people[place].entry(labels).or_default().entry(row.beneficiary_id).or_default()
            };
            ways.0 |= cashless;
            ways.1 |= !cashless;
        }
    }

    /// For each group of cohorts the answers of the reads, in their order.
    #[must_use]
    pub fn finish(self) -> Vec<(Vec<String>, Vec<Vec<CellRow>>)> {
        let scopes = self.scopes;
        let answers = |part: Part| -> Vec<Vec<CellRow>> {
            let slices = slices(part.cells);
            let people = part.people.into_iter().zip(part.moved);
            let of = |(scope, (people, moved)): (&Scope<'_>, (_, HashMap<BeneficiaryId, Moved>))| {
                if matches!(scope.read.source, Source::Flow(_)) {
                    flows(moved)
                } else if scope.is_of_people() {
                    counted(people)
                } else {
                    gathered(scope.read, &slices)
                }
            };
            scopes.iter().zip(people).map(of).collect()
        };
        self.parts.into_iter().map(|(cohort, part)| (cohort, answers(part))).collect()
    }
}

impl Scope<'_> {
    fn is_of_people(&self) -> bool {
        self.read.tallies == [Tally::People]
    }

    fn has_cycle(&self, cycle: Month) -> bool {
        let (from, to) = self.read.cycles;
        from.is_none_or(|from| cycle >= from) && to.is_none_or(|to| cycle <= to)
    }

    /// The group in which a payment's person counts, and whether the payment is cashless; `None` where it is out of scope.
    fn person(&self, row: &PaymentRow, reference: &dyn Reference) -> Option<(Labels, bool)> {
        if !self.is_of_people() || !self.has_cycle(row.cycle) {
            return None;
        }
        let (provider, cashless) = match self.read.source {
            Source::FirstAttempts if row.state != AttemptState::Cancelled => {
                let channel = row.first_provider.channel.as_str();
                (&row.first_provider, self.read.cashless.iter().any(|one| one == channel))
            }
            Source::Flow(before) if row.cycle != before && Some(row.cycle) != self.read.cycles.1 => return None,
            Source::Cells | Source::Intervals | Source::Flow(_) if row.is_live() => {
                (&row.provider, reference.is_cashless(&row.provider.channel)?)
            }
            Source::FirstAttempts
            | Source::Cells
            | Source::Intervals
            | Source::Flow(_)
            | Source::Cross { .. }
            | Source::FellBack(_)
            | Source::OnFile => return None,
        };
        self.labels(row, provider).map(|labels| (labels, cashless))
    }

    fn labels(&self, row: &PaymentRow, provider: &Provider) -> Option<Labels> {
        let label = |nodes: &Option<HashMap<&str, &str>>, node: &str| match nodes {
            Some(nodes) => nodes.get(node).map(|label| (*label).to_owned()),
            None => Some(String::new()),
        };
        let among = |list: &Option<Vec<String>>, text: &str| {
            list.as_ref().is_none_or(|list| list.iter().any(|one| one == text))
        };
        let (channel, agent) = (provider.channel.as_str(), provider.agent.as_str());
        let bank = provider.bank.as_ref().map_or("", |bank| bank.as_str());
        let read = self.read;
        let is_in = among(&read.channels, channel)
            && among(&read.agents, agent)
            && among(&read.banks, bank)
            && read.urban.is_none_or(|urban| urban == row.urban);
        if !is_in {
            return None;
        }
        let told = |asked: bool, text: &str| if asked { text.to_owned() } else { String::new() };
        let columns = read.columns;
        Some([
            told(columns.cycle, &row.cycle.to_string()),
            label(&self.units, row.unit_key.as_str())?,
            label(&self.benefits, row.benefit_type.as_str())?,
            told(columns.channel, channel),
            told(columns.agent, agent),
            told(columns.bank, bank),
            told(columns.urban, urban_node(row.urban)),
        ])
    }
}

/// Rows of people by their standing before and now. A person's unit is the one of the later cycle, else of the earlier.
fn flows(moved: HashMap<BeneficiaryId, Moved>) -> Vec<CellRow> {
    let word = |(any_cashless, any_cash): Ways| {
        let standing = standing(any_cashless, any_cash);
        STANDINGS.into_iter().zip(standing).find(|(_, count)| *count != 0).map_or("none", |(word, _)| word)
    };
    let mut groups: BTreeMap<(String, String), i64> = BTreeMap::new();
    for Moved { before, now } in moved.into_values() {
        let unit = if now.0 == Ways::default() { before.1 } else { now.1 };
        *groups.entry((format!("{}>{}", word(before.0), word(now.0)), unit)).or_default() += 1;
    }
    let row = |((value, unit), count): ((String, String), i64)| people_row(value, (unit, count));
    groups.into_iter().map(row).collect()
}

fn people_row(value: String, (unit, count): (String, i64)) -> CellRow {
    CellRow {
        tally: Tally::People,
        value,
        cycle: String::new(),
        unit,
        benefit: String::new(),
        channel: String::new(),
        agent: String::new(),
        bank: String::new(),
        urban: String::new(),
        count,
        amount_minor: 0,
    }
}

/// Rows of people by their standing.
fn counted(people: BTreeMap<Labels, HashMap<BeneficiaryId, Ways>>) -> Vec<CellRow> {
    let mut rows = Vec::new();
    for (labels, ways) in people {
        let mut sums = [0; 3];
        for (any_cashless, any_cash) in ways.into_values() {
            for (sum, one) in sums.iter_mut().zip(standing(any_cashless, any_cash)) {
                *sum += one;
            }
        }
        let [cycle, unit, benefit, channel, agent, bank, urban] = labels;
        let row = |(value, count): (&str, i64)| CellRow {
            cycle: cycle.clone(),
            benefit: benefit.clone(),
            channel: channel.clone(),
            agent: agent.clone(),
            bank: bank.clone(),
            urban: urban.clone(),
            ..people_row(value.to_owned(), (unit.clone(), count))
        };
        rows.extend(STANDINGS.into_iter().zip(sums).filter(|(_, count)| *count != 0).map(row));
    }
    rows
}

/// The cells by tally and cycle, as the cube holds them.
fn slices(cells: HashMap<CellKey, Difference>) -> BTreeMap<(Tally, Month), Slice> {
    let mut rows: BTreeMap<(Tally, Month), Vec<CellRow>> = BTreeMap::new();
    for (CellKey { tally, place, value }, sum) in cells {
        rows.entry((tally, place.cycle)).or_default().push(CellRow {
            tally,
            value: value.to_string(),
            cycle: String::new(),
            unit: place.unit.to_string(),
            benefit: place.benefit.to_string(),
            channel: place.channel.to_string(),
            agent: place.agent.to_string(),
            bank: place.bank.to_string(),
            urban: place.urban.to_owned(),
            count: sum.count,
            amount_minor: sum.amount_minor,
        });
    }
    rows.into_iter().map(|(key, rows)| (key, Slice::new(rows))).collect()
}

fn gathered(read: &FigureRead, slices: &BTreeMap<(Tally, Month), Slice>) -> Vec<CellRow> {
    let (from, to) = read.cycles;
    let mut answer = Gathered::new(read);
    for ((tally, cycle), slice) in slices {
        if read.tallies.contains(tally) && from.is_none_or(|from| *cycle >= from) && to.is_none_or(|to| *cycle <= to) {
            answer.add(*tally, *cycle, slice);
        }
    }
    answer.finish()
}

//! Slices of the cube: all cells of one tally and cycle as of one position, and the answers that are sums of them. Pure.
//!
//! A slice never changes, so that it can be kept: whoever keeps it must name the position that it is of.

use crate::domain::period::Month;
use crate::projections::cell::{Difference, Tally};
use crate::projections::figures::{CellRow, FigureRead};
use std::collections::HashMap;

/// Texts of one column, each once.
#[derive(Debug, Default)]
struct Texts {
    texts: Vec<Box<str>>,
}

impl Texts {
    /// The text's number. Neighbours often have the same; else a column has few texts, but for values, which are looked up.
    fn number(&mut self, text: &str, index: &mut HashMap<Box<str>, u32>) -> u32 {
        if let Some(known) = index.get(text) {
            return *known;
        }
        let next = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(text.into());
        index.insert(text.into(), next);
        next
    }

    fn bytes(&self) -> usize {
        self.texts.iter().map(|text| text.len() + size_of::<Box<str>>()).sum()
    }
}

/// Columns of a leaf, in the order of [`Leaf::texts`].
const BENEFIT: usize = 0;
const CHANNEL: usize = 1;
const AGENT: usize = 2;
const BANK: usize = 3;
const URBAN: usize = 4;
const VALUE: usize = 5;

#[derive(Debug, Clone, Copy)]
struct Leaf {
    texts: [u32; 6],
    sum: Difference,
}

/// All cells of one tally and cycle as of one position that are not zero.
#[derive(Debug, Default)]
pub struct Slice {
    columns: [Texts; 6],
    /// Nodes of units in their order, each with the place after its last leaf.
    units: Vec<(Box<str>, usize)>,
    leaves: Vec<Leaf>,
}

impl Slice {
    /// Makes a slice of its cells, whose `unit` and `benefit` are nodes.
    #[must_use]
    pub fn new(mut cells: Vec<CellRow>) -> Self {
        cells.sort_unstable_by(|a, b| a.unit.cmp(&b.unit));
        let mut index: [HashMap<Box<str>, u32>; 6] = Default::default();
        let mut slice = Self::default();
        slice.leaves.reserve_exact(cells.len());
        for cell in &cells {
            let sum = Difference { count: cell.count, amount_minor: cell.amount_minor };
            if sum.is_zero() {
                continue;
            }
            let words = [&cell.benefit, &cell.channel, &cell.agent, &cell.bank, &cell.urban, &cell.value];
            let mut texts = [0; 6];
            for (column, word) in words.into_iter().enumerate() {
                texts[column] = slice.columns[column].number(word, &mut index[column]);
            }
            slice.leaves.push(Leaf { texts, sum });
            let end = slice.leaves.len();
            match slice.units.last_mut() {
                Some((unit, last)) if **unit == *cell.unit => *last = end,
                _ => slice.units.push((cell.unit.as_str().into(), end)),
            }
        }
        slice
    }

    /// The memory that it takes, near enough to bound what is kept.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let units: usize = self.units.iter().map(|(unit, _)| unit.len() + size_of::<(Box<str>, usize)>()).sum();
        let texts: usize = self.columns.iter().map(Texts::bytes).sum();
        size_of::<Self>() + units + texts + self.leaves.len() * size_of::<Leaf>()
    }

    fn leaves_of(&self, place: usize) -> &[Leaf] {
        let from = place.checked_sub(1).map_or(0, |before| self.units[before].1);
        &self.leaves[from..self.units[place].1]
    }

    /// The numbers of a column's texts that a list names; all where there is no list.
    fn among(&self, column: usize, list: Option<&[String]>) -> Vec<bool> {
        let is_named = |text: &str| list.is_none_or(|list| list.iter().any(|one| one == text));
        self.columns[column].texts.iter().map(|text| is_named(text)).collect()
    }
}

/// Nodes with their labels, each label by its number; no nodes at all are everything under one empty label.
struct Labels<'r> {
    of: Option<HashMap<&'r str, u32>>,
    labels: Vec<&'r str>,
}

impl<'r> Labels<'r> {
    fn new(nodes: Option<&'r Vec<(String, String)>>) -> Self {
        let Some(nodes) = nodes else { return Self { of: None, labels: vec![""] } };
        let (mut labels, mut numbers) = (Vec::new(), HashMap::new());
        let mut of = HashMap::with_capacity(nodes.len());
        for (node, label) in nodes {
            let number = *numbers.entry(label.as_str()).or_insert_with(|| {
                labels.push(label.as_str());
                u32::try_from(labels.len() - 1).unwrap_or(u32::MAX)
            });
            of.insert(node.as_str(), number);
        }
        Self { of: Some(of), labels }
    }

    fn number(&self, node: &str) -> Option<u32> {
        match &self.of {
            None => Some(0),
            Some(of) => of.get(node).copied(),
        }
    }

    fn text(&self, number: u32) -> &'r str {
        self.labels.get(number as usize).copied().unwrap_or_default()
    }
}

/// An answer that grows slice by slice.
pub struct Gathered<'r> {
    read: &'r FigureRead,
    units: Labels<'r>,
    benefits: Labels<'r>,
    rows: Vec<CellRow>,
    /// Where cycles are not told apart, rows of one group come from several slices.
    places: HashMap<Vec<String>, usize>,
}

/// What leaves of one slice are told by: labels of unit and benefit, then texts of the slice; those that are not asked for have none.
type Group = [u32; 7];

const NONE: u32 = u32::MAX;

impl<'r> Gathered<'r> {
    /// Begins with nothing.
    #[must_use]
    pub fn new(read: &'r FigureRead) -> Self {
        Self {
            read,
            units: Labels::new(read.units.as_ref()),
            benefits: Labels::new(read.benefits.as_ref()),
            rows: Vec::new(),
            places: HashMap::new(),
        }
    }

    /// Adds what of a slice is in scope.
    pub fn add(&mut self, tally: Tally, cycle: Month, slice: &Slice) {
        let read = self.read;
        let benefits: Vec<u32> =
            slice.columns[BENEFIT].texts.iter().map(|node| self.benefits.number(node).unwrap_or(NONE)).collect();
        let urban = read.urban.map(|urban| vec![crate::projections::cell::urban_node(urban).to_owned()]);
        let kept = [
            (CHANNEL, slice.among(CHANNEL, read.channels.as_deref())),
            (AGENT, slice.among(AGENT, read.agents.as_deref())),
            (BANK, slice.among(BANK, read.banks.as_deref())),
            (URBAN, slice.among(URBAN, urban.as_deref())),
        ];
        let mut sums: HashMap<Group, Difference> = HashMap::new();
        for (place, unit) in self.units_of(slice) {
            for leaf in slice.leaves_of(place) {
                let benefit = benefits[leaf.texts[BENEFIT] as usize];
                if benefit == NONE || !kept.iter().all(|(column, kept)| kept[leaf.texts[*column] as usize]) {
                    continue;
                }
                let told = |asked: bool, column: usize| if asked { leaf.texts[column] } else { NONE };
                let columns = read.columns;
                let group = [
                    unit,
                    benefit,
                    told(columns.channel, CHANNEL),
                    told(columns.agent, AGENT),
                    told(columns.bank, BANK),
                    told(columns.urban, URBAN),
                    leaf.texts[VALUE],
                ];
                let sum = sums.entry(group).or_default();
                *sum = sum.plus(leaf.sum);
            }
        }
        for (group, sum) in sums {
            self.take(self.row((tally, cycle), slice, group, sum));
        }
    }

    /// The slice's units in scope, by place, with their labels. The shorter of the two lists is walked.
    fn units_of(&self, slice: &Slice) -> Vec<(usize, u32)> {
        match &self.units.of {
            Some(of) if of.len() < slice.units.len() / 4 => {
                let place = |node: &str| slice.units.binary_search_by(|(unit, _)| (**unit).cmp(node)).ok();
                of.iter().filter_map(|(node, label)| place(node).map(|place| (place, *label))).collect()
            }
            _ => {
                let labelled = |(place, (unit, _)): (usize, &(Box<str>, usize))| {
                    self.units.number(unit).map(|label| (place, label))
                };
                slice.units.iter().enumerate().filter_map(labelled).collect()
            }
        }
    }

    fn row(&self, (tally, cycle): (Tally, Month), slice: &Slice, group: Group, sum: Difference) -> CellRow {
        let [unit, benefit, channel, agent, bank, urban, value] = group;
        let text = |column: usize, number: u32| {
            slice.columns[column].texts.get(number as usize).map_or_else(String::new, ToString::to_string)
        };
        CellRow {
            tally,
            value: text(VALUE, value),
            cycle: if self.read.columns.cycle { cycle.to_string() } else { String::new() },
            unit: self.units.text(unit).to_owned(),
            benefit: self.benefits.text(benefit).to_owned(),
            channel: text(CHANNEL, channel),
            agent: text(AGENT, agent),
            bank: text(BANK, bank),
            urban: text(URBAN, urban),
            count: sum.count,
            amount_minor: sum.amount_minor,
        }
    }

    fn take(&mut self, row: CellRow) {
        if self.read.columns.cycle {
            self.rows.push(row);
            return;
        }
        let key =
            [row.tally.as_str(), &row.value, &row.unit, &row.benefit, &row.channel, &row.agent, &row.bank, &row.urban];
        let key: Vec<String> = key.into_iter().map(str::to_owned).collect();
        if let Some(place) = self.places.get(&key) {
            let sum = &mut self.rows[*place];
            sum.count += row.count;
            sum.amount_minor += row.amount_minor;
        } else {
            self.places.insert(key, self.rows.len());
            self.rows.push(row);
        }
    }

    /// The rows that are not zero, in no particular order.
    #[must_use]
    pub fn finish(mut self) -> Vec<CellRow> {
        self.rows.retain(|row| row.count != 0 || row.amount_minor != 0);
        self.rows
    }
}

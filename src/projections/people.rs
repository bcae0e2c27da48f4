//! How one person's live payments of a cycle are spread over cells, so that people in any scope are a plain sum of cells.
//!
//! People are not additive: somebody with two payments in two units is one person in their province. The cells hold the
//! Moebius inverse of "is this person cashless, cash or mixed under this node" over the product of four trees (units, benefits,
//! providers, urban). The sum of the cells under a node is then the number of different people under it, for every node.

use crate::projections::cell::{Place, group_node, urban_node};
use crate::projections::error::Cause;
use crate::projections::payments::row::LiveRow;
use crate::projections::reference::Reference;

/// People under a node by standing: cashless, cash, mixed.
pub type Standing = [i64; 3];

/// The value words of the three standings, in order.
pub const STANDINGS: [&str; 3] = ["cashless", "cash", "mixed"];

/// The standing of one person with such payments.
#[must_use]
pub const fn standing(any_cashless: bool, any_cash: bool) -> Standing {
    match (any_cashless, any_cash) {
        (true, false) => [1, 0, 0],
        (false, true) => [0, 1, 0],
        (true, true) => [0, 0, 1],
        (false, false) => [0, 0, 0],
    }
}

/// The cells of one person and cycle: the live payments are all of one person and one cycle. In a fixed order.
pub fn spread(live: &[LiveRow], reference: &dyn Reference) -> Result<Vec<(Place, Standing)>, Cause> {
    let Some(first) = live.first() else { return Ok(Vec::new()) };
    if live.iter().all(|row| row.same_leaf(first)) {
        return Ok(vec![(
            first.place(),
            standing(live.iter().any(|row| row.cashless), live.iter().any(|row| !row.cashless)),
        )]);
    }
    let mut cube = Cube::new(live, reference)?;
    cube.invert();
    Ok(cube.cells(first))
}

/// A node of one tree, in a union of paths to the root.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Node {
    depth: usize,
    /// One text, or channel, agent and bank.
    text: [String; 3],
}

#[derive(Debug, Default)]
struct Axis {
    /// Root first.
    nodes: Vec<Node>,
    /// The parent's index; the root is its own.
    parents: Vec<usize>,
    /// For each payment: whether it lies under the node.
    under: Vec<Vec<bool>>,
}

impl Axis {
    /// `paths`: for each payment its nodes from the root to the leaf.
    fn new(paths: &[Vec<[String; 3]>]) -> Self {
        let mut axis = Self::default();
        for path in paths {
            for (depth, text) in path.iter().enumerate() {
                let node = Node { depth, text: text.clone() };
                if !axis.nodes.contains(&node) {
                    axis.nodes.push(node);
                }
            }
        }
        axis.nodes.sort_unstable();
        for node in &axis.nodes {
            let parent = paths.iter().filter(|path| path.get(node.depth) == Some(&node.text)).find_map(|path| {
                let above = path.get(node.depth.checked_sub(1)?)?;
                axis.nodes.iter().position(|candidate| candidate.depth + 1 == node.depth && candidate.text == *above)
            });
            axis.parents.push(parent.unwrap_or(0));
            axis.under.push(paths.iter().map(|path| path.get(node.depth) == Some(&node.text)).collect());
        }
        axis
    }

    const fn len(&self) -> usize {
        self.nodes.len()
    }
}

struct Cube {
    axes: [Axis; 4],
    values: Vec<Standing>,
}

impl Cube {
    fn new(live: &[LiveRow], reference: &dyn Reference) -> Result<Self, Cause> {
        let paths: Vec<[Vec<[String; 3]>; 4]> =
            live.iter().map(|row| paths(row, reference)).collect::<Result<_, _>>()?;
        let along = |which: usize| Axis::new(&paths.iter().map(|four| four[which].clone()).collect::<Vec<_>>());
        let axes = [along(0), along(1), along(2), along(3)];
        let size = axes.iter().map(Axis::len).product();
        let mut cube = Self { axes, values: vec![[0; 3]; size] };
        for index in 0..size {
            let at = cube.coordinates(index);
            let under = |payment: usize| cube.axes.iter().zip(at).all(|(axis, node)| axis.under[node][payment]);
            let any = |cashless: bool| live.iter().enumerate().any(|(i, row)| row.cashless == cashless && under(i));
            cube.values[index] = standing(any(true), any(false));
        }
        Ok(cube)
    }

    fn coordinates(&self, index: usize) -> [usize; 4] {
        let mut rest = index;
        let mut at = [0; 4];
        for axis in (0..4).rev() {
            at[axis] = rest % self.axes[axis].len();
            rest /= self.axes[axis].len();
        }
        at
    }

    fn index(&self, at: [usize; 4]) -> usize {
        at.iter().zip(&self.axes).fold(0, |index, (node, axis)| index * axis.len() + node)
    }

    /// In a tree the inverse of "sum of all below" is "own value less the children's". Over a product of trees it is done axis by
    /// axis. Indices ascend from the root, so that a child still holds its own value when it is taken from its parent.
    fn invert(&mut self) {
        for axis in 0..4 {
            for index in 0..self.values.len() {
                let at = self.coordinates(index);
                if at[axis] == 0 {
                    continue;
                }
                let mut parent = at;
                parent[axis] = self.axes[axis].parents[at[axis]];
                let parent = self.index(parent);
                let own = self.values[index];
                for (above, below) in self.values[parent].iter_mut().zip(own) {
                    *above -= below;
                }
            }
        }
    }

    fn cells(&self, any: &LiveRow) -> Vec<(Place, Standing)> {
        let mut cells = Vec::new();
        for (index, value) in self.values.iter().enumerate().filter(|(_, value)| **value != [0; 3]) {
            let at = self.coordinates(index);
            let text = |axis: usize, part: usize| Box::from(self.axes[axis].nodes[at[axis]].text[part].as_str());
            let urban = match self.axes[3].nodes[at[3]].text[0].as_str() {
                "1" => "1",
                "0" => "0",
                _ => "",
            };
            let place = Place {
                cycle: any.cycle,
                unit: text(0, 0),
                benefit: text(1, 0),
                channel: text(2, 0),
                agent: text(2, 1),
                bank: text(2, 2),
                urban,
            };
            cells.push((place, *value));
        }
        cells
    }
}

fn paths(row: &LiveRow, reference: &dyn Reference) -> Result<[Vec<[String; 3]>; 4], Cause> {
    let one = |text: &str| [text.to_owned(), String::new(), String::new()];
    let unit = reference.unit_path(&row.unit_key).ok_or_else(|| Cause::UnknownUnit(row.unit_key.to_string()))?;
    let group = reference
        .benefit_group(&row.benefit_type)
        .ok_or_else(|| Cause::UnknownBenefitType(row.benefit_type.to_string()))?;
    let mut units = vec![one("")];
    units.extend(unit.iter().rev().map(|key| one(key.as_str())));
    let benefits = vec![one(""), one(&group_node(group.as_str())), one(row.benefit_type.as_str())];
    let bank = row.bank.as_ref().map_or("", |bank| bank.as_str());
    let leaf = [row.channel.to_string(), row.agent.to_string(), bank.to_owned()];
    let providers = vec![one(""), one(row.channel.as_str()), leaf];
    Ok([units, benefits, providers, vec![one(""), one(urban_node(row.urban))]])
}

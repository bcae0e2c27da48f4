//! Turns a question into reads: which cells lie under the scope asked, and whether the cube holds people for it at all.

use crate::domain::ids::UnitKey;
use crate::domain::place::UnitBasis;
use crate::projections::cell::{Tally, group_node};
use crate::projections::figures::{Columns, Dimension, FigureQuery, FigureRead, Source};
use crate::projections::reference::Reference;

/// The group of payments whose unit was divided, or drawn from several, so that they belong to no one group.
pub const NOT_ATTRIBUTABLE: &str = "not_attributable";

/// A question that has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Two dimensions of one tree at once.
    #[error("figures cannot be broken down by {0} twice")]
    RepeatedDimension(&'static str),
    /// The profile has no unit of this key.
    #[error("the profile has no unit {0}")]
    UnknownUnit(UnitKey),
}

/// Reads of payments, amounts and attempts: sums of leaves, for any filter.
pub fn leaves(
    query: &FigureQuery,
    tallies: &[Tally],
    extra: Columns,
    reference: &dyn Reference,
) -> Result<FigureRead, PlanError> {
    Ok(leaves_of(read(query, reference)?, tallies, extra))
}

fn leaves_of(mut read: FigureRead, tallies: &[Tally], extra: Columns) -> FigureRead {
    read.tallies = tallies.to_vec();
    read.columns = Columns {
        cycle: read.columns.cycle || extra.cycle,
        channel: read.columns.channel || extra.channel,
        agent: read.columns.agent || extra.agent,
        bank: read.columns.bank || extra.bank,
        urban: read.columns.urban || extra.urban,
    };
    read
}

/// The reads of people and of leaves: what units and benefits are in scope is looked up once for both.
pub fn people_and_leaves(
    query: &FigureQuery,
    tallies: &[Tally],
    extra: Columns,
    reference: &dyn Reference,
) -> Result<Vec<FigureRead>, PlanError> {
    let people = people(query, reference)?;
    let both = FigureRead { source: Source::Cells, ..people.clone() };
    Ok(vec![people, leaves_of(both, tallies, extra)])
}

/// A read of people from rows that do not say which channels are cashless, or of more than one cycle.
pub fn people_of(query: &FigureQuery, source: Source, reference: &dyn Reference) -> Result<FigureRead, PlanError> {
    let channels = reference.channels().into_iter().filter(|code| reference.is_cashless(code) == Some(true));
    let cashless = channels.map(ToString::to_string).collect();
    Ok(FigureRead { tallies: vec![Tally::People], source, cashless, ..read(query, reference)? })
}

/// The read of people. Cells answer when each group is a product of subtrees; else people are counted over intervals.
pub fn people(query: &FigureQuery, reference: &dyn Reference) -> Result<FigureRead, PlanError> {
    let mut read = read(query, reference)?;
    read.tallies = vec![Tally::People];
    // On another basis units are no subtrees of the cube's.
    if query.filters.basis != UnitBasis::AsPaid || !is_product_of_subtrees(query) {
        read.source = Source::Intervals;
    }
    Ok(read)
}

fn is_product_of_subtrees(query: &FigureQuery) -> bool {
    let (filters, by) = (&query.filters, &query.group_by);
    let one_cycle =
        by.contains(&Dimension::Cycle) || (filters.cycle_from.is_some() && filters.cycle_from == filters.cycle_to);
    let one_unit = filters.units.len() <= 1 && !by.contains(&Dimension::Unit);
    let one_benefit =
        filters.benefit_types.len() + filters.benefit_groups.len() <= 1 || by.contains(&Dimension::BenefitType);
    let channel = filters.channels.len() == 1 || by.contains(&Dimension::Channel);
    let agent = filters.agents.len() == 1 || by.contains(&Dimension::Agent);
    let bank = filters.banks.len() == 1 || by.contains(&Dimension::Bank);
    let no_more = filters.agents.is_empty() && filters.banks.is_empty() && !agent && !bank;
    let provider = (no_more && (channel || filters.channels.is_empty())) || (channel && agent && bank);
    one_cycle && one_unit && one_benefit && provider
}

fn read(query: &FigureQuery, reference: &dyn Reference) -> Result<FigureRead, PlanError> {
    let filters = &query.filters;
    let by = |dimension: &Dimension| query.group_by.contains(dimension);
    let texts = |list: Vec<String>| if list.is_empty() { None } else { Some(list) };
    Ok(FigureRead {
        source: Source::Cells,
        tallies: Vec::new(),
        cycles: (filters.cycle_from, filters.cycle_to),
        units: units(query, reference)?,
        benefits: benefits(query, reference)?,
        channels: texts(filters.channels.iter().map(ToString::to_string).collect()),
        agents: texts(filters.agents.iter().map(ToString::to_string).collect()),
        banks: texts(filters.banks.iter().map(ToString::to_string).collect()),
        urban: filters.urban,
        columns: Columns {
            cycle: by(&Dimension::Cycle),
            channel: by(&Dimension::Channel),
            agent: by(&Dimension::Agent),
            bank: by(&Dimension::Bank),
            urban: by(&Dimension::Urban),
        },
        cashless: Vec::new(),
        as_of: query.as_of,
    })
}

/// Unit nodes in scope with their labels.
fn units(query: &FigureQuery, reference: &dyn Reference) -> Result<Option<Vec<(String, String)>>, PlanError> {
    let scopes = &query.filters.units;
    if let Some(unknown) = scopes.iter().find(|key| reference.unit_level(key).is_none()) {
        return Err(PlanError::UnknownUnit((*unknown).clone()));
    }
    let is_unit = |dimension: &&Dimension| matches!(dimension, Dimension::Unit | Dimension::UnitLevel(_));
    let mut dimensions = query.group_by.iter().filter(is_unit);
    let dimension = dimensions.next();
    if dimensions.next().is_some() {
        return Err(PlanError::RepeatedDimension("unit"));
    }
    if scopes.is_empty() && dimension.is_none() {
        return Ok(None);
    }
    let mut nodes = Vec::new();
    for key in reference.units() {
        let label = label(key, (query, dimension), reference);
        nodes.extend(label.map(|label| (key.to_string(), label)));
    }
    Ok(Some(nodes))
}

/// What a unit's payments are told by; `None` where they are not in scope, or the unit is above the level asked for.
fn label(
    key: &UnitKey,
    (query, dimension): (&FigureQuery, Option<&Dimension>),
    reference: &dyn Reference,
) -> Option<String> {
    let (scopes, places) = (&query.filters.units, reference.places(key, &query.filters.basis));
    let paths: Vec<Vec<&UnitKey>> = places.iter().map(|place| reference.unit_path(place).unwrap_or_default()).collect();
    let is_inside = |path: &&Vec<&UnitKey>| scopes.is_empty() || path.iter().any(|above| scopes.contains(above));
    let inside = paths.iter().filter(is_inside).count();
    let is_whole = inside == places.len() && inside > 0;
    let Some(dimension) = dimension else { return is_whole.then(String::new) };
    if !is_whole {
        let is_in_part = inside > 0 || (places.is_empty() && scopes.is_empty());
        return is_in_part.then(|| NOT_ATTRIBUTABLE.to_owned());
    }
    let own = |(place, path): (&&UnitKey, &Vec<&UnitKey>)| match dimension {
        Dimension::UnitLevel(level) => {
            path.iter().find(|above| reference.unit_level(above) == Some(level)).map(ToString::to_string)
        }
        _ => Some(place.to_string()),
    };
    let mut labels: Vec<Option<String>> = places.iter().zip(&paths).map(own).collect();
    labels.dedup();
    if labels.len() == 1 { labels.remove(0) } else { Some(NOT_ATTRIBUTABLE.to_owned()) }
}

/// Benefit nodes in scope with their labels. A group's own node holds corrections for people and counts where the group is whole.
fn benefits(query: &FigureQuery, reference: &dyn Reference) -> Result<Option<Vec<(String, String)>>, PlanError> {
    let by_type = query.group_by.iter().filter(|dimension| **dimension == Dimension::BenefitType).count();
    let by_group = query.group_by.iter().filter(|dimension| **dimension == Dimension::BenefitGroup).count();
    if by_type + by_group > 1 {
        return Err(PlanError::RepeatedDimension("benefit"));
    }
    let (types, groups) = (&query.filters.benefit_types, &query.filters.benefit_groups);
    let unfiltered = types.is_empty() && groups.is_empty();
    if unfiltered && by_type + by_group == 0 {
        return Ok(None);
    }
    let mut nodes: Vec<(String, String)> = Vec::new();
    for benefit_type in reference.benefit_types() {
        let Some(group) = reference.benefit_group(benefit_type) else { continue };
        let whole_group = unfiltered || groups.contains(group);
        if !whole_group && !types.contains(benefit_type) {
            continue;
        }
        let label = if by_type == 1 {
            benefit_type.as_str()
        } else if by_group == 1 {
            group.as_str()
        } else {
            ""
        };
        nodes.push((benefit_type.to_string(), label.to_owned()));
        let node = (group_node(group.as_str()), label.to_owned());
        if whole_group && by_type == 0 && !nodes.contains(&node) {
            nodes.push(node);
        }
    }
    Ok(Some(nodes))
}

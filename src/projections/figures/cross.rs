//! The same people under two scopes of one cycle: how each stands in either. What makes two published rates of a month differ. Pure.

use crate::domain::ids::{BenefitType, UnitKey};
use crate::domain::period::Month;
use crate::projections::cell::Tally;
use crate::projections::figures::{AsOf, Columns, FigureRead, Source};
use std::collections::BTreeMap;

/// Whose payments count. `None` is no limit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// Exactly these benefit types.
    pub benefit_types: Option<Vec<BenefitType>>,
    /// Exactly these units, as payments name them.
    pub units: Option<Vec<UnitKey>>,
    /// Urban or rural on the day due.
    pub urban: Option<bool>,
}

/// Labels of what is in the first scope, in the second, and in both.
const FIRST: &str = "1";
const SECOND: &str = "2";
const BOTH: &str = "12";

/// The read of the people of both scopes, by their standing in the first and in the second.
#[must_use]
pub fn read(cycle: Month, (first, second): (&Scope, &Scope), as_of: AsOf) -> FigureRead {
    let texts = |keys: &Option<Vec<UnitKey>>| keys.as_ref().map(|keys| keys.iter().map(ToString::to_string).collect());
    let types =
        |keys: &Option<Vec<BenefitType>>| keys.as_ref().map(|keys| keys.iter().map(ToString::to_string).collect());
    FigureRead {
        source: Source::Cross {
            first_urban: first.urban,
            second_urban: second.urban,
            other_units: unlabelled(first.units.as_ref(), second.units.as_ref()),
            other_benefits: unlabelled(first.benefit_types.as_ref(), second.benefit_types.as_ref()),
        },
        tallies: vec![Tally::People],
        cycles: (Some(cycle), Some(cycle)),
        units: labelled(texts(&first.units), texts(&second.units)),
        benefits: labelled(types(&first.benefit_types), types(&second.benefit_types)),
        channels: None,
        agents: None,
        banks: None,
        urban: None,
        columns: Columns::default(),
        cashless: Vec::new(),
        as_of,
    }
}

/// Each node with the scopes that hold it; `None` when both hold every node. A scope without a limit holds all that the other names, and
/// what neither names has no label: the statement counts it for the scope without a limit.
fn labelled(first: Option<Vec<String>>, second: Option<Vec<String>>) -> Option<Vec<(String, String)>> {
    let mut nodes: BTreeMap<String, &str> = BTreeMap::new();
    match (first, second) {
        (None, None) => return None,
        (Some(first), Some(second)) => {
            nodes.extend(first.into_iter().map(|node| (node, FIRST)));
            for node in second {
                let label = if nodes.contains_key(&node) { BOTH } else { SECOND };
                nodes.insert(node, label);
            }
        }
        (Some(limited), None) | (None, Some(limited)) => nodes.extend(limited.into_iter().map(|node| (node, BOTH))),
    }
    Some(nodes.into_iter().map(|(node, label)| (node, label.to_owned())).collect())
}

/// Which scope holds the nodes that have no label.
#[must_use]
const fn unlabelled<T>(first: Option<&T>, second: Option<&T>) -> &'static str {
    match (first, second) {
        (None, None) => BOTH,
        (None, Some(_)) => FIRST,
        (Some(_), None) => SECOND,
        (Some(_), Some(_)) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_node_is_labelled_with_the_scopes_that_hold_it() {
        let pair = |node: &str, label: &str| (node.to_owned(), label.to_owned());
        let both = labelled(Some(keys(&["a", "b"])), Some(keys(&["b", "c"])));
        assert_eq!(both, Some(vec![pair("a", FIRST), pair("b", BOTH), pair("c", SECOND)]));
        assert_eq!(labelled(None, Some(keys(&["a"]))), Some(vec![pair("a", BOTH)]));
        assert_eq!(labelled(None, None), None);
    }

    #[test]
    fn what_neither_names_is_in_the_scope_without_a_limit() {
        assert_eq!(unlabelled(None, Some(&())), FIRST);
        assert_eq!(unlabelled(Some(&()), None), SECOND);
        assert_eq!(unlabelled(Some(&()), Some(&())), "");
        assert_eq!(unlabelled::<()>(None, None), BOTH);
    }
}

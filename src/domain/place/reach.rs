//! How far a scope reaches through time: what lies under a unit, and what went into what lies under it.

use super::{Succession, Units};
use crate::domain::ids::UnitKey;
use std::collections::HashSet;

impl Units {
    /// Whether a unit is the scope, lies under it, or is a predecessor whose whole territory went there, in one piece or in several. Where
    /// a unit has no successors of its own, it went with the unit above it. A scope that is closed does not reach its successors: they
    /// hold more people than it did.
    #[must_use]
    pub fn covers(&self, scope: &str, unit: &str) -> bool {
        if self.is_under(unit, scope) {
            return true;
        }
        // Each step leads to a unit that began after the one before had ended (checked on load): this ends.
        let Some(links) = self.nearest_successions(unit) else { return false };
        links.iter().all(|link| self.covers(scope, link.successor.as_str()))
    }

    fn nearest_successions(&self, unit: &str) -> Option<Vec<&Succession>> {
        let of_each = self.ancestors(unit).map(|own| self.successors(own.key.as_str()).collect::<Vec<_>>());
        of_each.into_iter().find(|links| !links.is_empty())
    }

    /// The fewest units whose subtrees together are all that the scope covers; none lies under another.
    #[must_use]
    pub fn reach(&self, scope: &str) -> Vec<UnitKey> {
        let covered: HashSet<&str> =
            self.iter().map(|unit| unit.key.as_str()).filter(|key| self.covers(scope, key)).collect();
        let (mut found, mut waiting) = (Vec::new(), self.roots().collect::<Vec<_>>());
        while let Some(unit) = waiting.pop() {
            let whole = self.subtree(unit.key.as_str()).iter().all(|below| covered.contains(below.key.as_str()));
            if whole {
                found.push(unit.key.clone());
            } else {
                waiting.extend(self.children(unit.key.as_str()));
            }
        }
        found.sort_unstable();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNITS: &str = "unit_key,code,level,name,type,parent_key,valid_from,valid_to,urban\n\
        P,1,province,P,,,,2025-06-30,\n\
        D,2,district,D,,P,,2025-06-30,\n\
        E,3,district,E,,P,,2025-06-30,\n\
        D1,11,commune,D1,,D,,2024-12-31,true\n\
        D2,12,commune,D2,,D,,2025-06-30,true\n\
        D3,13,commune,D3,,D,,2025-06-30,true\n\
        D4,14,commune,D4,,D,,2025-06-30,true\n\
        E1,15,commune,E1,,E,,2025-06-30,true\n\
        N,1,province,N,,,2025-07-01,,\n\
        O,9,province,O,,,2025-07-01,,\n\
        N1,11,commune,N1,,N,2025-07-01,,true\n\
        N2,12,commune,N2,,N,2025-07-01,,true\n\
        O1,15,commune,O1,,O,2025-07-01,,true\n";
    /// D1 went into D2 before the reform; D2 whole into N1; D3 in two parts that both lie in N; D4 partly into another province; the
    /// province itself is told as gone whole into N, and E1 as nothing.
    const LINKS: &str = "predecessor_key,successor_key,effective_on,kind\n\
        D1,D2,2025-01-01,whole\n\
        D2,N1,2025-07-01,whole\n\
        D3,N1,2025-07-01,part\n\
        D3,N2,2025-07-01,part-default\n\
        D4,N2,2025-07-01,part-default\n\
        D4,O1,2025-07-01,part\n\
        P,N,2025-07-01,whole\n";

    fn units() -> Units {
        Units::from_csv(UNITS, LINKS).unwrap()
    }

    fn covered(scope: &str) -> Vec<String> {
        let units = units();
        units.iter().map(|unit| unit.key.to_string()).filter(|key| units.covers(scope, key)).collect()
    }

    #[test]
    fn what_went_whole_into_the_scope_is_covered_over_several_steps() {
        assert_eq!(covered("N1"), ["D1", "D2", "N1"]);
    }

    #[test]
    fn a_split_unit_belongs_to_no_part_alone_but_to_the_unit_that_holds_all_parts() {
        assert_eq!(covered("N2"), ["N2"], "D3 and D4 went there in part only, though by default");
        assert!(covered("N").contains(&"D3".to_owned()));
    }

    #[test]
    fn a_part_that_went_elsewhere_keeps_a_unit_out_though_the_unit_above_went_whole() {
        let covered = covered("N");
        assert!(!covered.contains(&"D4".to_owned()), "its own successors say more than its province's");
        assert!(covered.contains(&"E1".to_owned()), "it went with its district's province");
    }

    #[test]
    fn a_closed_scope_does_not_reach_its_successors() {
        assert_eq!(covered("D2"), ["D1", "D2"]);
        assert!(!covered("P").iter().any(|key| key.starts_with('N')));
    }

    #[test]
    fn unknown_keys_cover_nothing() {
        assert_eq!(covered("X"), Vec::<String>::new());
        assert!(!units().covers("N", "X"));
    }

    #[test]
    fn the_reach_is_made_of_whole_subtrees_and_holds_what_is_covered_and_no_more() {
        let units = units();
        let reach = |scope: &str| units.reach(scope).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(reach("N"), ["D1", "D2", "D3", "E", "N"]);
        assert_eq!(reach("P"), ["P"]);
        for scope in units.iter().map(|unit| unit.key.as_str()) {
            let mut held: Vec<&str> = units
                .reach(scope)
                .iter()
                .flat_map(|key| units.subtree(key.as_str()))
                .map(|unit| unit.key.as_str())
                .collect();
            held.sort_unstable();
            let below = |key: &&str| units.children(key).next().is_none();
            let mut leaves: Vec<&str> = units.iter().map(|unit| unit.key.as_str()).filter(below).collect();
            leaves.retain(|key| units.covers(scope, key));
            leaves.sort_unstable();
            assert_eq!(held.into_iter().filter(below).collect::<Vec<_>>(), leaves, "{scope}");
        }
    }
}

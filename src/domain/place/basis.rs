//! Units on another basis than that of the day due: what a unit has become, and which unit of a level its territory lay in.

use super::{Rolled, Unit, Units};

/// By which units payments are told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum UnitBasis {
    /// Units as they were on the day due.
    #[default]
    AsPaid,
    /// What they have become by a day, along successions.
    Current(jiff::civil::Date),
    /// The last units that there were of a level, in which the territory lay.
    Historical(String),
}

impl Units {
    /// The units that a unit's territory is told by: one, or several where it was divided or drawn from several; none where nothing is known.
    #[must_use]
    pub fn places(&self, key: &str, basis: &UnitBasis) -> Vec<&Unit> {
        match basis {
            UnitBasis::AsPaid => self.get(key).into_iter().collect(),
            UnitBasis::Current(on) => match self.roll_forward(key, *on) {
                Rolled::Whole(unit) => vec![unit],
                Rolled::Parts { parts, .. } => parts,
                Rolled::Nowhere => Vec::new(),
            },
            UnitBasis::Historical(level) => {
                let mut found = Vec::new();
                self.add_historical(key, level, &mut found);
                found.sort_by(|a, b| a.key.cmp(&b.key));
                found.dedup_by(|a, b| a.key == b.key);
                found
            }
        }
    }

    /// The unit of the level above a unit as its last successor of that level, else those of all that it was made of.
    fn add_historical<'a>(&'a self, key: &str, level: &str, found: &mut Vec<&'a Unit>) {
        match self.ancestors(key).find(|unit| unit.level == level) {
            Some(unit) => found.extend(self.last_of_level(unit)),
            // Each link leads to an earlier unit (checked on load): this ends.
            None => {
                self.predecessors(key).for_each(|link| self.add_historical(link.predecessor.as_str(), level, found))
            }
        }
    }

    /// What a unit became as long as there were units of its level.
    fn last_of_level<'a>(&'a self, unit: &'a Unit) -> Vec<&'a Unit> {
        let mut last = Vec::new();
        for link in self.successors(unit.key.as_str()) {
            if let Some(next) = self.get(link.successor.as_str()).filter(|next| next.level == unit.level) {
                last.extend(self.last_of_level(next));
            }
        }
        if last.is_empty() {
            last.push(unit);
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::profile::Profile;
    use jiff::civil::date;

    fn places(key: &str, basis: &UnitBasis) -> Vec<String> {
        Profile::vietnam().units.places(key, basis).into_iter().map(|unit| unit.key.to_string()).collect()
    }

    fn district() -> UnitBasis {
        UnitBasis::Historical("district".to_owned())
    }

    #[test]
    fn a_commune_is_told_by_what_it_has_become() {
        let today = UnitBasis::Current(date(2025, 8, 1));
        assert_eq!(places("C20195", &today), ["C20194@20250701"]);
        assert_eq!(places("C20195", &UnitBasis::Current(date(2025, 6, 30))), ["C20195"]);
        assert_eq!(
            places("C20194@20250701", &UnitBasis::Current(date(2025, 6, 30))),
            Vec::<String>::new(),
            "not there yet"
        );
    }

    #[test]
    fn a_divided_commune_has_several_places() {
        assert_eq!(places("C20296", &UnitBasis::Current(date(2025, 8, 1))), ["C20194@20250701", "C20197@20250701"]);
    }

    #[test]
    fn a_new_commune_lies_in_the_district_of_all_that_it_was_made_of() {
        assert_eq!(places("C20341@20250701", &district()), ["D502"]);
        assert_eq!(places("C20341", &district()), ["D502"]);
    }

    #[test]
    fn a_district_that_went_into_another_is_told_by_that_one() {
        assert_eq!(places("D519", &district()), ["D509@20250101"]);
        let all_of_quang_nam = Profile::vietnam();
        let mixed = all_of_quang_nam.units.iter().filter(|unit| {
            unit.key.as_str().ends_with("@20250701")
                && all_of_quang_nam.units.places(unit.key.as_str(), &district()).len() > 1
        });
        assert!(mixed.count() <= 6, "only some wards of the old Da Nang were drawn from several districts");
    }
}

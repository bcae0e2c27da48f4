//! The communes of Quang Nam: where people live, how their codes change with the reform, and how fast cash gives way.

use super::calendar::{CYCLES, FIRST_DAY, REFORM_DAY};
use super::chance::{Chance, What};
use crate::domain::place::Rolled;
use crate::domain::profile::Profile;
use jiff::civil::Date;

/// The province before the reform.
const PROVINCE: &str = "P49";
/// Districts in the mountains: few people, few bank branches.
const MOUNTAINS: [&str; 6] = ["504", "505", "510", "511", "515", "516"];
/// How much of the way from the first to the last rate is gone by each run, in hundredths.
const WAY: [u64; CYCLES] = [0, 22, 40, 66, 84, 100];

/// One commune of 2025-01-01 and the unit that took it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    code_before: String,
    code_after: String,
    /// Key of the unit that it belongs to after the reform.
    pub key_after: String,
    /// People of a thousand who are willing to be paid without cash, in the first run and in the last.
    first_rate: u64,
    last_rate: u64,
}

/// All communes.
#[derive(Debug, Clone)]
pub struct Places {
    all: Vec<Place>,
    /// Sums of the weights up to each place, for drawing one.
    weights: Vec<u64>,
}

impl Places {
    /// The communes of a profile; `None` when it does not have the units of Quang Nam.
    #[must_use]
    pub fn of(profile: &Profile, chance: Chance) -> Option<Self> {
        let units = &profile.units;
        let (mut all, mut weights, mut sum) = (Vec::new(), Vec::new(), 0);
        let communes = units.subtree(PROVINCE).into_iter();
        let communes = communes.filter(|unit| unit.level == profile.payment_level && unit.in_force(FIRST_DAY));
        for (index, unit) in (0..).zip(communes) {
            let Rolled::Whole(after) = units.roll_forward(unit.key.as_str(), REFORM_DAY) else { continue };
            let district = units.parent(unit.key.as_str()).map_or("", |parent| parent.code.as_str());
            let (weight, first, last) = match (unit.urban == Some(true), MOUNTAINS.contains(&district)) {
                (true, false) => (60, 680, 930),
                (true, true) => (20, 520, 820),
                (false, false) => (26, 520, 810),
                (false, true) => (9, 330, 640),
            };
            let noise = chance.below(What::Rate, index, 0, 130);
            sum += weight + chance.below(What::Rate, index, 1, weight);
            weights.push(sum);
            all.push(Place {
                code_before: unit.code.clone(),
                code_after: after.code.clone(),
                key_after: after.key.to_string(),
                first_rate: first + noise - 65,
                last_rate: (last + noise / 2 - 32).min(985),
            });
        }
        (!all.is_empty()).then_some(Self { all, weights })
    }

    /// Draws a place; towns are drawn more often.
    #[must_use]
    pub fn draw(&self, chance: Chance, what: What, index: u32) -> usize {
        let sum = self.weights.last().copied().unwrap_or(1);
        let at = chance.below(what, index, 0, sum);
        self.weights.partition_point(|weight| *weight <= at)
    }

    /// The code that an office writes for the place on a day.
    #[must_use]
    pub fn code(&self, place: usize, on: Date) -> &str {
        self.all.get(place).map_or("", |place| if on < REFORM_DAY { &place.code_before } else { &place.code_after })
    }

    /// People of a thousand who are willing to be paid without cash in a run.
    #[must_use]
    pub fn rate(&self, place: usize, cycle: usize) -> u64 {
        let way = WAY.get(cycle).copied().unwrap_or(100);
        self.all.get(place).map_or(0, |place| place.first_rate + (place.last_rate - place.first_rate) * way / 100)
    }

    /// The unit after the reform to which most of the province's people belong: a good one to show a clerk's key with.
    #[must_use]
    pub fn largest(&self) -> &str {
        let mut sizes = std::collections::BTreeMap::<&str, u64>::new();
        let mut before = 0;
        for (place, sum) in self.all.iter().zip(&self.weights) {
            *sizes.entry(&place.key_after).or_default() += sum - before;
            before = *sum;
        }
        sizes.into_iter().max_by_key(|(_, weight)| *weight).map_or("", |(key, _)| key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_communes_of_quang_nam_and_their_successors_are_those_of_the_reform() {
        let places = Places::of(&Profile::vietnam(), Chance::new(1)).unwrap();
        assert_eq!(places.all.len(), 233);
        let after: std::collections::BTreeSet<_> = places.all.iter().map(|place| &place.key_after).collect();
        assert_eq!(after.len(), 78);
    }

    #[test]
    fn rates_rise_from_run_to_run_and_stay_below_all() {
        let places = Places::of(&Profile::vietnam(), Chance::new(5)).unwrap();
        for place in 0..places.all.len() {
            let rates: Vec<u64> = (0..CYCLES).map(|cycle| places.rate(place, cycle)).collect();
            assert!(rates.is_sorted() && rates[0] > 200 && rates[CYCLES - 1] < 1000, "{rates:?}");
        }
    }
}

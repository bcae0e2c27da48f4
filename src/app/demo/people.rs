//! Who lives in the demo's province: each person is worked out from the seed and a number, so that none needs to be remembered.

use super::calendar::{CYCLES, Calendar, Cycle, SOCIAL_PENSION_FROM};
use super::chance::{Chance, What};
use super::places::Places;
use jiff::civil::Date;

/// A benefit type with its share of people in thousandths and its monthly amounts in thousands of dong.
struct Kind {
    code: &'static str,
    share: u64,
    least: u64,
    spread: u64,
    /// How many runs it is paid in; 0 is every run from the first on.
    runs: usize,
}

/// Shares and amounts are plausible, not published.
const KINDS: [Kind; 13] = [
    Kind { code: "pension", share: 600, least: 2_300, spread: 9_000, runs: 0 },
    Kind { code: "survivor_monthly", share: 90, least: 1_170, spread: 500, runs: 0 },
    Kind { code: "disability", share: 60, least: 2_100, spread: 1_900, runs: 0 },
    Kind { code: "work_injury", share: 25, least: 720, spread: 2_600, runs: 0 },
    Kind { code: "commune_official", share: 25, least: 2_100, spread: 1_100, runs: 0 },
    Kind { code: "social_pension", share: 60, least: 500, spread: 1, runs: 0 },
    Kind { code: "unemployment", share: 60, least: 2_800, spread: 5_200, runs: 3 },
    Kind { code: "sickness", share: 35, least: 350, spread: 3_900, runs: 1 },
    Kind { code: "maternity", share: 20, least: 18_000, spread: 32_000, runs: 1 },
    Kind { code: "convalescence", share: 5, least: 2_100, spread: 1_400, runs: 1 },
    Kind { code: "lump_sum", share: 12, least: 16_000, spread: 190_000, runs: 1 },
    Kind { code: "survivor_lump", share: 4, least: 24_000, spread: 130_000, runs: 1 },
    Kind { code: "funeral", share: 4, least: 23_400, spread: 1, runs: 1 },
];

/// Where `KINDS` has the types that others refer to.
const PENSION: usize = 0;
const SURVIVOR_MONTHLY: usize = 1;
const WORK_INJURY: usize = 3;
const SOCIAL_PENSION: usize = 5;

/// Banks with their shares of accounts in hundredths; a wallet is the last.
const BANKS: [(&str, u64); 8] = [
    ("agribank", 44),
    ("vietinbank", 16),
    ("bidv", 14),
    ("vcb", 11),
    ("lpbank", 8),
    ("mbbank", 4),
    ("sacombank", 2),
    ("momo", 1),
];

/// A death and the day on which the agency hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Death {
    pub died_on: Date,
    pub reported_on: Date,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub index: u32,
    pub female: bool,
    pub birth_year: i16,
    kind: usize,
    second: Option<usize>,
    /// First and last run that pays something.
    pub first: usize,
    pub last: usize,
    home: usize,
    /// The run before which the person moves, and where to.
    pub moves: Option<(usize, usize)>,
    /// How much it takes to give up cash, in thousandths: below a place's rate, a person has an account.
    reluctance: u64,
    pub bank: &'static str,
    pub death: Option<Death>,
}

/// One benefit of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entitlement {
    pub benefit_type: &'static str,
    /// Whole dong for one month.
    pub amount: u64,
    /// Monthly benefits are paid twice for Tet.
    pub monthly: bool,
}

/// The province.
#[derive(Debug, Clone)]
pub struct Population {
    pub chance: Chance,
    pub size: u32,
    pub places: Places,
    pub calendar: Calendar,
}

impl Person {
    /// Where the person lives when a run is paid.
    #[must_use]
    pub fn place(&self, cycle: usize) -> usize {
        self.moves.filter(|(from, _)| *from <= cycle).map_or(self.home, |(_, place)| place)
    }
}

impl Population {
    /// A person by number.
    #[must_use]
    pub fn person(&self, index: u32) -> Person {
        let chance = self.chance;
        let kind = kind_of(chance.below(What::Benefit, index, 0, 1000));
        let (first, last) = self.span(index, kind);
        let birth_year = birth_year(chance, index, kind);
        let home = self.places.draw(chance, What::Home, index);
        let to = 1 + usize::try_from(chance.below(What::Move, index, 1, CYCLES as u64 - 1)).unwrap_or(0);
        let moves = self.seldom((What::Move, index, 0), 600).then(|| (to, self.places.draw(chance, What::Move, index)));
        let second = (kind == PENSION && chance.below(What::Second, index, 0, 1000) < 28)
            .then_some(if chance.below(What::Second, index, 1, 3) == 0 { WORK_INJURY } else { SURVIVOR_MONTHLY });
        Person {
            index,
            female: chance.below(What::Sex, index, 0, 100) < 56,
            birth_year,
            kind,
            second,
            first,
            last,
            home,
            moves: moves.filter(|(cycle, place)| *place != home && *cycle > first),
            reluctance: reluctance(chance, index, (kind, birth_year)),
            bank: bank(chance.below(What::Bank, index, 0, 100)),
            death: if KINDS[kind].runs == 0 { self.death(index, first) } else { None },
        }
    }

    /// Whether something rare happens to a person: so often in 100,000, and a few times even in a small province.
    #[must_use]
    pub fn seldom(&self, (what, index, nth): (What, u32, usize), per_100_000: u64) -> bool {
        let few = 300_000 / u64::from(self.size.max(1));
        self.chance.below(what, index, nth, 100_000) < per_100_000.max(few)
    }

    fn span(&self, index: u32, kind: usize) -> (usize, usize) {
        let last = CYCLES - 1;
        let any = |nth| usize::try_from(self.chance.below(What::First, index, nth, CYCLES as u64)).unwrap_or(0);
        match KINDS[kind].runs {
            0 if kind == SOCIAL_PENSION => (SOCIAL_PENSION_FROM, last),
            0 if self.chance.below(What::First, index, 0, 1000) < 975 => (0, last),
            0 => (any(1), last),
            runs => {
                let first = any(1);
                (first, (first + runs - 1).min(last))
            }
        }
    }

    fn death(&self, index: u32, first: usize) -> Option<Death> {
        let cycle =
            (first..CYCLES).find(|cycle| self.chance.below(What::Death, index, *cycle, 100_000) < self.mortality())?;
        let day = 1 + i8::try_from(self.chance.below(What::DeathDay, index, 0, 28)).unwrap_or(0);
        let died_on = self.calendar.cycles.get(cycle)?.month.day(day)?;
        let heard_on = self.calendar.on_or_after(died_on)?;
        let reported_on = self.calendar.later(heard_on, 1 + self.chance.below(What::DeathReport, index, 0, 28));
        Some(Death { died_on, reported_on })
    }

    /// Of 100,000 in one run: some 3.6 of a hundred in a year, more in a small province to have any.
    fn mortality(&self) -> u64 {
        (400_000 / u64::from(self.size.max(1))).max(300)
    }

    /// Whether a person is paid without cash in a run.
    #[must_use]
    pub fn cashless(&self, person: &Person, cycle: usize) -> bool {
        person.reluctance < self.places.rate(person.home, cycle)
    }

    /// The run with which a person's first account takes effect, if the person was paid in cash before.
    #[must_use]
    pub fn switch(&self, person: &Person) -> Option<usize> {
        (person.first + 1..=person.last)
            .find(|cycle| self.cashless(person, *cycle))
            .filter(|_| !self.cashless(person, person.first))
    }

    /// The channel of a run.
    #[must_use]
    pub fn channel(&self, person: &Person, cycle: usize) -> &'static str {
        match self.cashless(person, cycle) {
            true if person.bank == "momo" => "wallet",
            true => "account",
            // Law 41/2024/QH15, article 10: from 80 on people may ask to be paid at home.
            false if person.birth_year <= 1945 && self.chance.below(What::AtHome, person.index, 0, 100) < 35 => {
                "home_delivery"
            }
            false => "cash_desk",
        }
    }

    /// What a run pays to a person, whatever became of the person.
    pub fn entitlements(&self, person: &Person, cycle: &Cycle) -> impl Iterator<Item = Entitlement> {
        let active = (person.first..=person.last).contains(&cycle.number);
        let kinds = [Some(person.kind), person.second];
        let (chance, index, reluctance) = (self.chance, person.index, person.reluctance);
        kinds.into_iter().flatten().filter(move |_| active).map(move |kind| Entitlement {
            benefit_type: KINDS[kind].code,
            amount: amount(chance, (index, reluctance), kind),
            monthly: KINDS[kind].runs == 0,
        })
    }
}

fn kind_of(roll: u64) -> usize {
    let mut left = roll;
    for (kind, spec) in KINDS.iter().enumerate() {
        if left < spec.share {
            return kind;
        }
        left -= spec.share;
    }
    PENSION
}

fn birth_year(chance: Chance, index: u32, kind: usize) -> i16 {
    let (earliest, years) = match KINDS[kind].code {
        "pension" | "disability" | "commune_official" => (1932, 35),
        "social_pension" => (1930, 20),
        "survivor_monthly" => (1935, 40),
        "maternity" => (1985, 20),
        _ => (1964, 38),
    };
    // The middle of the range is the most common: the mean of two draws.
    let two = chance.below(What::BirthYear, index, 0, years) + chance.below(What::BirthYear, index, 1, years);
    earliest + i16::try_from(two / 2).unwrap_or(0)
}

/// The old give up cash last; employees on short-term benefits and the unemployed have accounts already.
fn reluctance(chance: Chance, index: u32, (kind, birth_year): (usize, i16)) -> u64 {
    let drawn = chance.below(What::Reluctance, index, 0, 1000);
    match KINDS[kind].code {
        "unemployment" | "sickness" | "maternity" | "convalescence" => drawn * 34 / 100,
        "lump_sum" => drawn * 60 / 100,
        _ if birth_year <= 1945 => 1000 - (1000 - drawn) * 80 / 100,
        _ => drawn,
    }
}

fn bank(roll: u64) -> &'static str {
    let mut left = roll;
    for (bank, share) in BANKS {
        if left < share {
            return bank;
        }
        left -= share;
    }
    BANKS[0].0
}

/// Whole hundreds of dong. Small amounts are common and large ones rare; whoever keeps to cash has more, as Hanoi's figures show.
fn amount(chance: Chance, (index, reluctance): (u32, u64), kind: usize) -> u64 {
    let spec = &KINDS[kind];
    let (a, b) = (chance.below(What::Amount, index, kind, 1000), chance.below(What::Amount, index, kind + 64, 1000));
    let drawn = spec.least * 1000 + spec.spread * a * b / 1000;
    let more = if kind == PENSION && reluctance > 700 { drawn * (reluctance - 700) / 700 } else { 0 };
    if spec.spread == 1 { spec.least * 1000 } else { (drawn + more) / 100 * 100 }
}

/// The person's reference at the agency.
#[must_use]
pub fn reference(index: u32) -> String {
    format!("QN-{index:07}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::profile::Profile;

    fn population(size: u32) -> Population {
        let (profile, chance) = (Profile::vietnam(), Chance::new(1));
        let places = Places::of(&profile, chance).unwrap();
        Population { chance, size, places, calendar: Calendar::new(&profile.working_days).unwrap() }
    }

    #[test]
    fn the_shares_are_a_thousand_and_a_hundred() {
        assert_eq!(KINDS.iter().map(|kind| kind.share).sum::<u64>(), 1000);
        assert_eq!(BANKS.iter().map(|(_, share)| share).sum::<u64>(), 100);
    }

    #[test]
    fn the_province_goes_from_half_to_four_fifths_and_nobody_goes_back() {
        let population = population(20_000);
        let (mut cashless, mut all) = ([0_u32; CYCLES], [0_u32; CYCLES]);
        for index in 0..population.size {
            let person = population.person(index);
            let ways: Vec<bool> =
                (person.first..=person.last).map(|cycle| population.cashless(&person, cycle)).collect();
            assert!(ways.is_sorted());
            for cycle in person.first..=person.last {
                all[cycle] += 1;
                cashless[cycle] += u32::from(population.cashless(&person, cycle));
            }
        }
        let shares: Vec<u32> = cashless.iter().zip(all).map(|(part, all)| part * 100 / all).collect();
        assert!(
            shares.is_sorted() && (50..62).contains(&shares[0]) && (76..86).contains(&shares[CYCLES - 1]),
            "{shares:?}"
        );
    }

    #[test]
    fn pensions_lie_between_two_and_twenty_million_and_cash_recipients_have_more() {
        let population = population(20_000);
        let cycle = population.calendar.cycles[0].clone();
        let (mut account, mut cash) = ((0, 0), (0, 0));
        for index in 0..population.size {
            let person = population.person(index);
            let Some(pension) = population.entitlements(&person, &cycle).find(|e| e.benefit_type == "pension") else {
                continue;
            };
            assert!((2_000_000..20_000_000).contains(&pension.amount), "{}", pension.amount);
            let sums = if population.cashless(&person, CYCLES - 1) { &mut account } else { &mut cash };
            *sums = (sums.0 + pension.amount, sums.1 + 1);
        }
        assert!(cash.0 / cash.1 > account.0 / account.1);
    }
}

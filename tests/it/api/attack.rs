//! An attack on small numbers: an analyst asks all there is to ask, and solves the system of all answers for cells of 1 to 4 people.

use crate::api::linear::Space;
use crate::support::app::TestApp;
use crate::support::on_every_durable_engine;
use crate::support::verbs::{by_account, in_cash, pension, returned, with};
use chitra::app::access::Role;
use chitra::domain::profile::Profile;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

on_every_durable_engine!(an_analyst_computes_no_cell_of_few_people);

const CYCLES: [&str; 2] = ["2025-03", "2025-04"];
const BENEFITS: [&str; 3] = ["pension", "disability", "social_pension"];
/// Channel, agent and bank, as they go together.
const WAYS: [[&str; 3]; 3] = [["account", "bank", "vcb"], ["account", "bank", "bidv"], ["cash_desk", "post", ""]];
/// People by commune: two of three in the first are few, the second district has one that is, the third is small as a whole.
const COMMUNES: [(&str, usize); 7] =
    [("20341", 34), ("20359", 21), ("20344", 4), ("20398", 26), ("20401", 13), ("20404", 11), ("20443", 3)];
const SMALLEST: i64 = 5;

/// A payment, or one that might be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Fact {
    cycle: usize,
    unit: String,
    benefit: usize,
    way: usize,
    live: bool,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    Cashless,
    People,
    LiveCashless,
    Live,
    Ended,
    All,
}

/// Filters, and the values of a group.
type Scope = BTreeMap<String, String>;

struct Attack {
    profile: Profile,
    /// By person and cycle: the payments.
    people: Vec<Vec<Fact>>,
    /// Variables: ways in which a person may be paid in a cycle, then payments that there may be.
    kinds: Vec<Vec<Fact>>,
    atoms: Vec<Fact>,
}

impl Attack {
    fn new(people: Vec<Vec<Fact>>, profile: Profile) -> Self {
        let mut atoms = Vec::new();
        for cycle in 0..CYCLES.len() {
            for (code, _) in COMMUNES {
                let places = (0..BENEFITS.len()).flat_map(|benefit| (0..WAYS.len()).map(move |way| (benefit, way)));
                for ((benefit, way), live) in places.flat_map(|place| [(place, true), (place, false)]) {
                    atoms.push(Fact { cycle, unit: format!("C{code}"), benefit, way, live });
                }
            }
        }
        let alone = atoms.iter().map(|atom| vec![atom.clone()]);
        let kinds: BTreeSet<Vec<Fact>> = people.iter().cloned().chain(alone).collect();
        Self { profile, people, kinds: kinds.into_iter().collect(), atoms }
    }

    fn value(&self, fact: &Fact, dimension: &str) -> String {
        let unit = self.profile.units.get(&fact.unit).unwrap();
        match dimension {
            "cycle" => CYCLES[fact.cycle].to_owned(),
            "channel" => WAYS[fact.way][0].to_owned(),
            "agent" => WAYS[fact.way][1].to_owned(),
            "bank" => WAYS[fact.way][2].to_owned(),
            "benefit_type" => BENEFITS[fact.benefit].to_owned(),
            "benefit_group" => self.profile.group_of(BENEFITS[fact.benefit]).unwrap().to_string(),
            "urban" => unit.urban.unwrap_or_default().to_string(),
            other => panic!("{other}"),
        }
    }

    fn inside(&self, fact: &Fact, scope: &Scope) -> bool {
        scope.iter().all(|(dimension, value)| match dimension.as_str() {
            "unit" => self.profile.units.is_under(&fact.unit, value),
            other => self.value(fact, other) == *value,
        })
    }

    /// Whether a person with these payments counts, or a payment.
    fn counts(&self, facts: &[Fact], (measure, scope): (Measure, &Scope)) -> bool {
        let mut inside = facts.iter().filter(|fact| self.inside(fact, scope));
        let cashless = |fact: &Fact| self.profile.is_cashless(WAYS[fact.way][0]) == Some(true);
        match measure {
            Measure::People => inside.any(|fact| fact.live),
            Measure::Cashless => {
                let live: Vec<&Fact> = inside.filter(|fact| fact.live).collect();
                !live.is_empty() && live.into_iter().all(cashless)
            }
            Measure::Live => inside.any(|fact| fact.live),
            Measure::LiveCashless => inside.any(|fact| fact.live && cashless(fact)),
            Measure::Ended => inside.any(|fact| !fact.live),
            Measure::All => inside.next().is_some(),
        }
    }

    fn count(&self, measure: Measure, scope: &Scope) -> i64 {
        let counted = |facts: &[Fact]| self.counts(facts, (measure, scope));
        let number = match measure {
            Measure::Cashless | Measure::People => self.people.iter().filter(|facts| counted(facts)).count(),
            _ => self.people.iter().flatten().filter(|fact| counted(std::slice::from_ref(*fact))).count(),
        };
        i64::try_from(number).unwrap()
    }

    /// The number as a sum of variables.
    fn row(&self, measure: Measure, scope: &Scope) -> Vec<i64> {
        let of_people = matches!(measure, Measure::Cashless | Measure::People);
        let kinds = self.kinds.iter().map(|kind| of_people && self.counts(kind, (measure, scope)));
        let atom = |atom: &Fact| !of_people && self.counts(std::slice::from_ref(atom), (measure, scope));
        kinds.chain(self.atoms.iter().map(atom)).map(i64::from).collect()
    }

    /// Everything that somebody might want to know of few: the number of people, or of payments, in each cell, with its row.
    fn cells(&self) -> Vec<(String, i64, Vec<i64>)> {
        let mut scopes: Vec<Scope> = Vec::new();
        for cycle in CYCLES {
            for unit in ["P49", "D502", "D503", "D504"]
                .map(str::to_owned)
                .into_iter()
                .chain(COMMUNES.map(|(code, _)| format!("C{code}")))
            {
                let base = Scope::from([("cycle".to_owned(), cycle.to_owned()), ("unit".to_owned(), unit)]);
                scopes.push(base.clone());
                for cell in self.atoms.iter().take(BENEFITS.len() * WAYS.len() * 2) {
                    for names in [
                        &["channel"][..],
                        &["bank"],
                        &["benefit_type"],
                        &["benefit_group"],
                        &["urban"],
                        &["urban", "benefit_group"],
                        &["channel", "benefit_type"],
                    ] {
                        let mut scope = base.clone();
                        scope.extend(names.iter().map(|name| ((*name).to_owned(), self.value(cell, name))));
                        scopes.push(scope);
                    }
                }
            }
        }
        scopes.sort();
        scopes.dedup();
        let mut cells = Vec::new();
        for scope in &scopes {
            let mut put = |what: &str, plus: Measure, minus: Option<Measure>| {
                let count = self.count(plus, scope) - minus.map_or(0, |minus| self.count(minus, scope));
                if !(1..SMALLEST).contains(&count) {
                    return;
                }
                let mut row = self.row(plus, scope);
                if let Some(minus) = minus {
                    row.iter_mut().zip(self.row(minus, scope)).for_each(|(a, b)| *a -= b);
                }
                cells.push((format!("{what} {scope:?}"), count, row));
            };
            put("people", Measure::People, None);
            put("cashless people", Measure::Cashless, None);
            put("other people", Measure::People, Some(Measure::Cashless));
            put("live payments", Measure::Live, None);
            put("live cashless payments", Measure::LiveCashless, None);
            put("live cash payments", Measure::Live, Some(Measure::LiveCashless));
            put("ended payments", Measure::Ended, None);
            put("payments", Measure::All, None);
        }
        cells.extend(self.overlaps());
        cells
    }

    /// People who are paid in two communes at once.
    fn overlaps(&self) -> Vec<(String, i64, Vec<i64>)> {
        let mut cells = Vec::new();
        for (place, (one, _)) in COMMUNES.iter().enumerate() {
            for (other, _) in &COMMUNES[place + 1..] {
                for cycle in 0..CYCLES.len() {
                    let there = |facts: &[Fact], code: &str| {
                        facts.iter().any(|fact| fact.live && fact.cycle == cycle && fact.unit == format!("C{code}"))
                    };
                    let both = |facts: &[Fact]| there(facts, one) && there(facts, other);
                    let count = self.people.iter().filter(|facts| both(facts)).count();
                    let kinds = self.kinds.iter().map(|kind| i64::from(both(kind)));
                    let row = kinds.chain(self.atoms.iter().map(|_| 0)).collect();
                    cells.push((format!("in {one} and {other}"), i64::try_from(count).unwrap(), row));
                }
            }
        }
        cells
    }

    /// Cells of few that the answers give away.
    fn broken(&self, answers: &Space) -> Vec<String> {
        let few = self.cells().into_iter().filter(|(_, count, _)| (1..SMALLEST).contains(count));
        few.filter(|(_, _, row)| answers.spans(row)).map(|(name, count, _)| format!("{name} = {count}")).collect()
    }
}

/// All questions of a cycle: filters and groups.
fn questions(cycle: &str) -> Vec<(Scope, Vec<&'static str>)> {
    let by: [&[&str]; 8] = [
        &[],
        &["channel"],
        &["channel", "agent", "bank"],
        &["bank"],
        &["benefit_group"],
        &["benefit_type"],
        &["urban"],
        &["urban", "benefit_group"],
    ];
    let filters: [&[(&str, &str)]; 9] = [
        &[],
        &[("channel", "account")],
        &[("channel", "cash_desk")],
        &[("bank", "bidv")],
        &[("benefit_type", "disability")],
        &[("benefit_group", "monthly")],
        &[("benefit_group", "social_assistance")],
        &[("urban", "true")],
        &[("urban", "false"), ("benefit_group", "monthly")],
    ];
    let mut all = Vec::new();
    for unit in ["", "P49", "D502", "D503", "C20341", "C20398", "C20401"] {
        let base = |more: &[(&str, &str)]| -> Scope {
            let unit = [("unit", unit)].into_iter().filter(|(_, unit)| !unit.is_empty());
            let own = [("cycle", cycle)].into_iter().chain(unit).chain(more.iter().copied());
            own.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        all.extend(filters.iter().map(|filter| (base(filter), Vec::new())));
        if ["", "D502", "C20398"].contains(&unit) {
            all.extend(by.iter().map(|by| (base(&[]), by.to_vec())));
        }
    }
    for level in ["unit_level:commune", "unit_level:district", "unit"] {
        let whole = Scope::from([("cycle".to_owned(), cycle.to_owned())]);
        all.extend(by.iter().map(|by| (whole.clone(), [&[level], *by].concat())));
        let narrow = [("unit", "D502"), ("cycle", cycle)].map(|(name, value)| (name.to_owned(), value.to_owned()));
        all.push((Scope::from(narrow), vec![level]));
    }
    all
}

/// What an answer says: scope, measures with their numbers.
fn told(answer: &Value, (filters, group_by): (&Scope, &[&str])) -> Vec<(Scope, Measure, i64)> {
    let mut all = Vec::new();
    for group in answer["groups"].as_array().unwrap() {
        let mut scope = filters.clone();
        for dimension in group_by {
            let name = if dimension.starts_with("unit") { "unit" } else { dimension };
            scope.insert(name.to_owned(), group["group"][name].as_str().unwrap().to_owned());
        }
        for (figure, part, whole) in [
            ("people", Measure::Cashless, Measure::People),
            ("payments", Measure::LiveCashless, Measure::Live),
            // Everything has an outcome here: what is not live has ended.
            ("completeness", Measure::All, Measure::All),
        ] {
            let share = &group[figure];
            assert_eq!(share["suppressed"] == true, share["numerator"].is_null(), "{group}");
            for (part, measure) in [("numerator", part), ("denominator", whole)] {
                all.extend(share[part].as_i64().map(|number| (scope.clone(), measure, number)));
            }
        }
    }
    all
}

/// Chance that can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// Two cycles of a small province, each with some who move, some who are paid twice, and some whose payment comes back.
async fn province(test: &TestApp) -> Vec<Vec<Fact>> {
    let mut dice = Dice(6);
    let mut all = Vec::new();
    let mut ways: Vec<(String, usize, usize)> = Vec::new();
    for (code, people) in COMMUNES {
        for number in 0..people {
            let reference = format!("{code}-{number}");
            let way = [0, 0, 0, 1, 2, 2][dice.below(6)];
            let benefit = [0, 0, 0, 1, 2][dice.below(5)];
            let person = if way == 2 {
                in_cash(&reference, code)
            } else {
                with(by_account(&reference, code), &json!({"bank": WAYS[way][2]}))
            };
            test.register(&person).await;
            ways.push((reference, way, benefit));
        }
    }
    for (cycle, month) in CYCLES.into_iter().enumerate() {
        for (reference, way, benefit) in &mut ways {
            let code = reference.split('-').next().unwrap().to_owned();
            // In the second cycle some are not paid, and some in another way.
            if cycle == 1 && dice.below(16) == 0 {
                continue;
            }
            if cycle == 1 && *way != 2 && dice.below(12) == 0 {
                *way = 2;
            }
            let mut payments = vec![(code.clone(), *benefit, *way)];
            if dice.below(12) == 0 {
                payments.push((COMMUNES[dice.below(4)].0.to_owned(), (*benefit + 1) % 2, 2));
            }
            let mut facts = Vec::new();
            for (number, (unit, benefit, way)) in payments.into_iter().enumerate() {
                let live = way == 2 || dice.below(14) != 0;
                let body = json!({"cycle": month, "benefit_type": BENEFITS[benefit], "unit": unit, "channel": WAYS[way][0],
                    "benefit_months": [month]});
                let paid =
                    test.instruct(&with(pension(&format!("P{cycle}-{reference}-{number}"), reference), &body)).await;
                test.settle(&paid, &format!("{month}-05")).await.is(201);
                if !live {
                    test.deed(&paid, "return", &returned(&format!("{month}-07"))).await.is(201);
                }
                facts.push(Fact { cycle, unit: format!("C{unit}"), benefit, way, live });
            }
            facts.sort();
            all.push(facts);
        }
        test.days_pass(30);
    }
    all
}

async fn an_analyst_computes_no_cell_of_few_people(test: TestApp) {
    let people = province(&test).await;
    let attack = Attack::new(people, test.app.profile.as_ref().clone());
    let seen = test.head().await;
    let analyst = test.as_role(Role::Analyst);
    let width = attack.kinds.len() + attack.atoms.len();
    let (mut published, mut primary) = (Space::new(width), Space::new(width));
    let mut numbers = 0;
    for (filters, group_by) in CYCLES.iter().flat_map(|cycle| questions(cycle)) {
        let asked: Vec<String> = filters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let path = format!("/v1/adoption?{}&group_by={}&min_position={seen}", asked.join("&"), group_by.join(","));
        let answer = analyst.get(&path).await.json(200);
        for (scope, measure, number) in told(&answer, (&filters, &group_by)) {
            assert_eq!(number, attack.count(measure, &scope), "{path}: {measure:?} of {scope:?}");
            published.add(&attack.row(measure, &scope));
            numbers += 1;
        }
        // The control: the same questions, where each cell is kept back that is small itself, and nothing else is.
        let all = test.supervisor().get(&path).await.json(200);
        for (scope, measure, number) in told(&all, (&filters, &group_by)) {
            let (part, whole) = (attack.count(Measure::LiveCashless, &scope), attack.count(Measure::Live, &scope));
            let few = [number, part, whole - part].iter().any(|number| (1..SMALLEST).contains(number));
            if !few {
                primary.add(&attack.row(measure, &scope));
            }
        }
    }
    assert!(numbers > 200, "{numbers} numbers are too few to say anything");
    assert_eq!(attack.broken(&published), Vec::<String>::new());
    assert!(!attack.broken(&primary).is_empty(), "the control finds nothing: the attack is too weak");
}

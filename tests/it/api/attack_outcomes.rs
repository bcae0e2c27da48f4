//! An attack on the outcomes that are published: all that an analyst is told of them and of adoption, solved for cells of 1 to 4 payments.

use crate::api::linear::Space;
use crate::support::app::TestApp;
use crate::support::on_every_durable_engine;
use crate::support::verbs::{by_account, in_cash, pension, rejected, returned, settled, with};
use chitra::app::access::Role;
use serde_json::{Value, json};

on_every_durable_engine!(an_analyst_computes_no_outcome_of_few_payments);

const SMALLEST: i64 = 5;
/// Payments by commune: three of Tam Ky, of which one is small, two of Hoi An.
const COMMUNES: [(&str, usize); 5] = [("20341", 126), ("20359", 105), ("20344", 9), ("20398", 105), ("20401", 22)];
const NODES: [&str; 9] = ["", "P49", "D502", "D503", "C20341", "C20359", "C20344", "C20398", "C20401"];
const BENEFITS: [&str; 2] = ["pension", "disability"];
const DAYS: [i64; 3] = [5, 10, 25];
const STATES: [&str; 7] = ["instructed", "accepted", "settled", "rejected", "failed", "returned", "cancelled"];

/// What happens to a payment.
#[derive(Debug, Clone, Copy)]
struct Life {
    /// Whether the first attempt, and the one that the payment stands on, is cashless.
    cashless: (bool, bool),
    state: &'static str,
    /// The day of the month on which it is settled, if it is live.
    day: i64,
    /// How attempts came to nothing.
    reasons: &'static [(&'static str, &'static str)],
    by_another: bool,
}

const fn life(cashless: (bool, bool), state: &'static str, reasons: &'static [(&'static str, &'static str)]) -> Life {
    let day = if reasons.is_empty() { 5 } else { 9 };
    Life { cashless, state, day, reasons, by_another: false }
}

const LIVES: [Life; 14] = [
    life((true, true), "settled", &[]),
    Life { day: 8, ..life((true, true), "settled", &[]) },
    life((true, true), "rejected", &[("rejected", "account_data")]),
    life((true, true), "settled", &[("rejected", "account_data")]),
    life((true, false), "settled", &[("rejected", "account_data")]),
    life((true, true), "returned", &[("returned", "account_state")]),
    life((false, false), "settled", &[]),
    Life { day: 8, ..life((false, false), "settled", &[]) },
    life((false, false), "failed", &[("failed", "unclaimed")]),
    Life { by_another: true, ..life((false, false), "settled", &[]) },
    life((true, true), "instructed", &[]),
    life((true, false), "settled", &[("rejected", "account_state")]),
    life((true, true), "cancelled", &[]),
    life((false, true), "settled", &[("failed", "no_answer")]),
];
/// The first commune lives by this, so that much is told of it.
const PATTERN: [usize; 21] = [0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 6, 6, 7, 8, 9, 10, 11, 12, 13];

/// A payment that there may be: unit, benefit and life. A number: how often a payment counts in it.
type Atom = (usize, usize, usize);
type Counted = Box<dyn Fn(&Life) -> i64>;

fn atoms() -> Vec<Atom> {
    let units = 0..COMMUNES.len();
    units
        .flat_map(|unit| (0..2).flat_map(move |benefit| (0..LIVES.len()).map(move |life| (unit, benefit, life))))
        .collect()
}

/// Whether a commune lies under a node.
fn is_under(unit: usize, node: &str) -> bool {
    let code = COMMUNES[unit].0;
    match node {
        "" | "P49" => true,
        "D502" => unit < 3,
        "D503" => unit >= 3,
        commune => commune[1..] == *code,
    }
}

struct Attack(Vec<Atom>);

impl Attack {
    fn row(node: &str, benefit: Option<usize>, counted: &dyn Fn(&Life) -> i64) -> Vec<i64> {
        let weight = |(unit, of, life): &Atom| {
            let inside = is_under(*unit, node) && benefit.is_none_or(|benefit| benefit == *of);
            if inside { counted(&LIVES[*life]) } else { 0 }
        };
        atoms().iter().map(weight).collect()
    }

    fn count(&self, row: &[i64]) -> i64 {
        self.0.iter().map(|(unit, benefit, life)| row[(unit * 2 + benefit) * LIVES.len() + life]).sum()
    }

    /// Cells of 1 to 4 payments that somebody might want to know, of each node.
    fn small_cells(&self) -> Vec<(String, Vec<i64>)> {
        let mut all: Vec<(String, Counted)> = Vec::new();
        let mut put = |name: String, counted: Counted| all.push((name, counted));
        for state in STATES {
            put(state.to_owned(), Box::new(move |life| i64::from(life.state == state)));
            for way in [true, false] {
                put(
                    format!("{state}, first {way}"),
                    Box::new(move |life| i64::from(life.state == state && life.cashless.0 == way)),
                );
                put(
                    format!("{state}, stands {way}"),
                    Box::new(move |life| i64::from(life.state == state && life.cashless.1 == way)),
                );
            }
        }
        for from in [true, false] {
            for to in [true, false] {
                let live = move |life: &Life| life.state == "settled" && life.cashless == (from, to);
                put(format!("live {from} {to}"), Box::new(move |life| i64::from(live(life))));
                put(
                    format!("live {from} {to} at once"),
                    Box::new(move |life| i64::from(live(life) && life.reasons.is_empty())),
                );
                put(
                    format!("live {from} {to} later"),
                    Box::new(move |life| i64::from(live(life) && !life.reasons.is_empty())),
                );
            }
        }
        for kind in ["rejected", "failed", "returned"] {
            let of = move |life: &Life| life.reasons.iter().any(|(one, _)| *one == kind);
            put(format!("some {kind}"), Box::new(move |life| i64::from(of(life))));
            put(format!("{kind}, given up"), Box::new(move |life| i64::from(of(life) && life.state != kind)));
            for class in ["account_data", "account_state", "unclaimed", "no_answer"] {
                let of = move |life: &Life| life.reasons.contains(&(kind, class));
                put(format!("{kind} {class}"), Box::new(move |life| i64::from(of(life))));
                put(
                    format!("{kind} {class}, given up"),
                    Box::new(move |life| i64::from(of(life) && life.state != kind)),
                );
                put(format!("{kind} {class}, stands"), Box::new(move |life| i64::from(of(life) && life.state == kind)));
            }
        }
        for day in [5, 8, 9] {
            let by = move |life: &Life| life.state == "settled" && life.day == day;
            put(format!("on {day}"), Box::new(move |life| i64::from(by(life))));
            for way in [true, false] {
                put(format!("on {day} {way}"), Box::new(move |life| i64::from(by(life) && life.cashless.1 == way)));
            }
        }
        for way in [true, false] {
            put(
                format!("by another {way}"),
                Box::new(move |life| i64::from(life.by_another && life.cashless.1 == way)),
            );
            put(
                format!("by themselves {way}"),
                Box::new(move |life| i64::from(!life.by_another && life.state == "settled" && life.cashless.1 == way)),
            );
        }
        self.of_nodes(&all)
    }

    fn of_nodes(&self, all: &[(String, Counted)]) -> Vec<(String, Vec<i64>)> {
        let mut cells = Vec::new();
        for node in NODES {
            for (name, counted) in all {
                for benefit in [None, Some(0), Some(1)] {
                    let row = Self::row(node, benefit, counted.as_ref());
                    if (1..SMALLEST).contains(&self.count(&row)) {
                        cells.push((format!("{node} {benefit:?} {name}"), row));
                    }
                }
            }
        }
        cells
    }

    fn broken(&self, answers: &Space) -> Vec<String> {
        let cells = self.small_cells();
        assert!(cells.len() > 50, "there is little to find");
        cells.into_iter().filter(|(_, row)| answers.spans(row)).map(|(name, _)| name).collect()
    }
}

/// A count of those that something holds of.
fn those(holds: impl Fn(&Life) -> bool + 'static) -> Counted {
    Box::new(move |life| i64::from(holds(life)))
}

fn live(life: &Life) -> bool {
    life.state == "settled"
}

fn attempts(life: &Life) -> i64 {
    let stands_on_a_reason = life.reasons.iter().any(|(kind, _)| *kind == life.state);
    1 + i64::try_from(life.reasons.len()).unwrap() - i64::from(stands_on_a_reason)
}

fn with_reason(life: &Life, kind: &str, class: Option<&str>) -> i64 {
    let of = |(one, its): &&(&str, &str)| *one == kind && class.is_none_or(|class| class == *its);
    i64::try_from(life.reasons.iter().filter(of).count()).unwrap()
}

/// The numbers of a group, with what each counts.
fn told(group: &Value) -> Vec<(Counted, i64)> {
    let mut all: Vec<(Counted, i64)> = Vec::new();
    let mut put = |number: &Value, counted: Counted| all.extend(number.as_i64().map(|number| (counted, number)));
    let ordered = || those(|life| life.state != "cancelled");
    put(&group["instructed"]["payments"], those(|_| true));
    put(&group["completeness"]["numerator"], those(|life| life.state != "instructed"));
    for one in group["outcomes"].as_array().into_iter().flatten() {
        let states: Vec<String> =
            one["states"].as_array().unwrap().iter().map(|s| s.as_str().unwrap().to_owned()).collect();
        put(&one["payments"], those(move |life| states.iter().any(|state| state == life.state)));
    }
    let first = &group["first_attempts"];
    put(&first["payments"]["numerator"], those(|life| life.state != "cancelled" && life.cashless.0));
    put(&first["payments"]["denominator"], ordered());
    put(&first["success"]["numerator"], those(|life| live(life) && life.cashless.0 && life.reasons.is_empty()));
    put(&first["fell_back"]["numerator"], those(|life| live(life) && life.cashless == (true, false)));
    for (place, day) in DAYS.into_iter().enumerate() {
        let settled = &group["settled_by_day"][place]["settled"];
        put(&settled["numerator"], those(move |life| live(life) && life.day <= day));
        put(&settled["denominator"], ordered());
    }
    let reasons = &group["reasons"];
    put(&reasons["attempts"], Box::new(attempts));
    for kind in ["rejected", "failed", "returned"] {
        put(&reasons["rates"][kind]["numerator"], Box::new(move |life| with_reason(life, kind, None)));
    }
    let classes: Vec<Value> = reasons["classes"].as_array().cloned().unwrap_or_default();
    for one in &classes {
        let kind = one["kind"].as_str().unwrap().to_owned();
        let apart: Vec<String> = classes
            .iter()
            .filter(|other| other["kind"] == kind.as_str())
            .filter_map(|other| other["class"].as_str().map(str::to_owned))
            .collect();
        let class = one["class"].as_str().map(str::to_owned);
        let counted: Counted = Box::new(move |life| match &class {
            Some(class) => with_reason(life, &kind, Some(class)),
            None => {
                with_reason(life, &kind, None)
                    - apart.iter().map(|class| with_reason(life, &kind, Some(class))).sum::<i64>()
            }
        });
        put(&one["attempts"], counted);
    }
    put(&group["through_others"]["numerator"], those(|life| life.by_another));
    put(&group["through_others"]["denominator"], those(live));
    all
}

/// What adoption says of payments, in one benefit or all, by channel.
fn told_of_adoption(group: &Value) -> Vec<(Counted, i64)> {
    let mut all: Vec<(Counted, i64)> = Vec::new();
    let channel = group["group"]["channel"].as_str().map(|channel| channel == "account");
    let of = move |life: &Life| channel.is_none_or(|cashless| cashless == life.cashless.1);
    let mut put = |number: &Value, counted: Counted| all.extend(number.as_i64().map(|number| (counted, number)));
    put(&group["payments"]["numerator"], those(move |life| live(life) && life.cashless.1 && of(life)));
    put(&group["payments"]["denominator"], those(move |life| live(life) && of(life)));
    put(&group["completeness"]["numerator"], those(move |life| life.state != "instructed" && of(life)));
    put(&group["completeness"]["denominator"], those(of));
    all
}

async fn live_it(test: &TestApp, (unit, benefit, life): Atom, number: usize) {
    let (code, what) = (COMMUNES[unit].0, LIVES[life]);
    let person = format!("{code}-{number}");
    test.register(&if what.cashless.0 { by_account(&person, code) } else { in_cash(&person, code) }).await;
    let paid = test.instruct(&with(pension(&person, &person), &json!({"benefit_type": BENEFITS[benefit]}))).await;
    for (kind, class) in what.reasons {
        match (*kind, *class) {
            ("rejected", "account_data") => test.deed(&paid, "reject", &rejected()).await.is(201),
            ("rejected", _) => {
                test.deed(&paid, "reject", &json!({"reason_code": "AC04", "rejected_on": "2025-03-04"})).await.is(201)
            }
            ("failed", cause) => test.deed(&paid, "fail", &json!({"cause": cause})).await.is(201),
            _ => {
                test.settle(&paid, "2025-03-05").await.is(201);
                test.deed(&paid, "return", &returned("2025-03-07")).await.is(201)
            }
        };
    }
    match what.state {
        "cancelled" => _ = test.deed(&paid, "cancel", &json!({"reason": "duplicate"})).await.is(201),
        "settled" => {
            if !what.reasons.is_empty() {
                let mut again =
                    json!({"channel": if what.cashless.1 { "account" } else { "cash_desk" }, "reason": "again"});
                if what.cashless.1 {
                    again = with(again, &json!({"bank": "vcb", "account": format!("9{number:04}{code}")}));
                }
                test.deed(&paid, "reissue", &again).await.is(201);
            }
            let mut body = settled(&format!("2025-03-{:02}", what.day));
            if what.by_another {
                test.allow(&paid, "authorised").await;
                body = with(body, &json!({"collected_by": "authorised"}));
            }
            test.deed(&paid, "settle", &body).await.is(201);
        }
        _ => {}
    }
}

async fn province(test: &TestApp) -> Vec<Atom> {
    let mut paid = Vec::new();
    for (unit, (_, payments)) in COMMUNES.iter().enumerate() {
        for number in 0..*payments {
            // A step that is prime to the pattern's length: the other communes have other parts of it.
            let life = PATTERN[(number * (1 + unit * 4) + unit) % PATTERN.len()];
            let atom = (unit, usize::from(number % 3 == 0), life);
            live_it(test, atom, number).await;
            paid.push(atom);
        }
    }
    paid
}

async fn an_analyst_computes_no_outcome_of_few_payments(test: TestApp) {
    let attack = Attack(province(&test).await);
    test.days_pass(30);
    let (seen, analyst) = (test.head().await, test.as_role(Role::Analyst));
    let mut questions: Vec<String> = NODES.iter().map(|node| format!("unit={node}")).collect();
    questions[0] = String::new();
    questions.extend(["group_by=unit_level:district", "group_by=unit_level:commune"].map(str::to_owned));
    let width = atoms().len();
    let (mut published, mut primary) = (Space::new(width), Space::new(width));
    let mut families = std::collections::BTreeMap::new();
    for question in questions {
        let path = format!("/v1/outcomes?cycle=2025-03&{question}&min_position={seen}");
        let answer = analyst.get(&path).await.json(200);
        assert_eq!(
            answer["groups"],
            test.as_role(Role::Auditor).get(&path).await.json(200)["groups"],
            "the same for everybody"
        );
        for group in answer["groups"].as_array().unwrap() {
            let node = group["group"]["unit"].as_str().unwrap_or_else(|| question.strip_prefix("unit=").unwrap_or(""));
            for family in ["instructed", "outcomes", "first_attempts", "settled_by_day", "reasons", "through_others"] {
                *families.entry(family).or_insert(0) += usize::from(!group[family].is_null());
            }
            for (counted, number) in told(group) {
                let row = Attack::row(node, None, counted.as_ref());
                assert_eq!(attack.count(&row), number, "{path}: {group}");
                published.add(&row);
            }
        }
    }
    assert!(families.values().all(|told| *told > 2), "too little is told to say anything: {families:?}");
    for node in NODES {
        for by in ["", "channel", "benefit_type", "benefit_group"] {
            let unit = if node.is_empty() { String::new() } else { format!("unit={node}&") };
            let answer = analyst
                .get(&format!("/v1/adoption?cycle=2025-03&{unit}group_by={by}&min_position={seen}"))
                .await
                .json(200);
            for group in answer["groups"].as_array().unwrap() {
                let benefit = group["group"]["benefit_type"]
                    .as_str()
                    .and_then(|code| BENEFITS.iter().position(|one| *one == code));
                for (counted, number) in told_of_adoption(group) {
                    let row = Attack::row(node, benefit, counted.as_ref());
                    assert_eq!(attack.count(&row), number, "{group}");
                    published.add(&row);
                }
            }
        }
    }
    assert_eq!(attack.broken(&published), Vec::<String>::new());
    // The control: everything is told that is not small itself.
    let everything = everything();
    for node in NODES {
        for (counted, _) in told(&everything) {
            let row = Attack::row(node, None, counted.as_ref());
            if !(1..SMALLEST).contains(&attack.count(&row)) {
                primary.add(&row);
            }
        }
    }
    assert!(!attack.broken(&primary).is_empty(), "the control finds nothing: the attack is too weak");
}

/// A group in which every number is told.
fn everything() -> Value {
    let share = json!({"numerator": 0, "denominator": 0});
    let classes = [
        ("rejected", "account_data"),
        ("rejected", "account_state"),
        ("failed", "unclaimed"),
        ("returned", "account_state"),
    ];
    json!({
        "instructed": {"payments": 0},
        "completeness": share,
        "outcomes": STATES.map(|state| json!({"states": [state], "payments": 0})),
        "first_attempts": {"payments": share, "success": share, "fell_back": share},
        "settled_by_day": DAYS.map(|day| json!({"day": day, "settled": share})),
        "reasons": {"attempts": 0, "rates": {"rejected": share, "failed": share, "returned": share},
            "classes": classes.map(|(kind, class)| json!({"kind": kind, "class": class, "attempts": 0}))},
        "through_others": share,
    })
}

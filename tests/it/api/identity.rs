//! I1 and I2 against a count of everybody from the events, one by one, as of many positions; and their pages by unit.

use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{COMMUNE, HOI_AN, WARD, by_account, in_cash, pension, rejected, with};
use chitra::app::access::Role;
use chitra::store::RecordedEvent;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

on_every_engine! {
    figures_of_identity_are_what_a_count_of_the_events_gives,
    groups_by_unit_come_in_pages,
    an_auditor_of_one_district_counts_its_people_alone,
}

const UNITS: [&str; 3] = [WARD, COMMUNE, HOI_AN];

/// The same numbers each time, spread as chance would.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % sides).unwrap()
    }
}

/// What one person counts as, by the events alone.
#[derive(Default, Clone)]
struct Person {
    /// By day of effect; the first has none.
    units: Vec<(String, String)>,
    channel: Option<String>,
    status: Option<String>,
    gone: bool,
    refused: bool,
    benefits: BTreeSet<String>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Counted {
    verified: u64,
    base: u64,
    refused: u64,
    excluded: u64,
}

fn text(data: &Value, member: &str) -> String {
    data[member].as_str().unwrap().to_owned()
}

/// Everybody as the events up to a position tell.
fn people(events: &[RecordedEvent], position: u64) -> Vec<Person> {
    let mut people: BTreeMap<String, Person> = BTreeMap::new();
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for event in events.iter().filter(|event| event.position <= position) {
        let data: Value = serde_json::from_slice(&event.data).unwrap();
        let (category, id) = event.stream.split_once('-').unwrap();
        match (category, event.event_type.as_str()) {
            ("payment", "PaymentInstructed") => {
                let person = text(&data, "beneficiary_id");
                people.get_mut(&person).unwrap().benefits.insert(text(&data, "benefit_type"));
                owners.insert(id.to_owned(), person);
            }
            ("payment", "PaymentRejected" | "PaymentReturned") if data["reason"]["class"] == "identity" => {
                people.get_mut(&owners[id]).unwrap().refused = true;
            }
            ("beneficiary", name) => {
                let person = people.entry(id.to_owned()).or_default();
                match name {
                    "BeneficiaryRegistered" => person.units.push((String::new(), text(&data, "unit_key"))),
                    "BeneficiaryMoved" => {
                        person.units.push((text(&data, "effective_on"), text(&data, "to_unit_key")));
                        person.units.sort_by(|a, b| a.0.cmp(&b.0));
                    }
                    "PayoutMethodChosen" => person.channel = Some(text(&data, "channel")),
                    "IdentityMatchRecorded" => person.status = Some(text(&data["result"], "status")),
                    "BeneficiaryDied" => person.gone = true,
                    _ => {}
                }
            }
            _ => {}
        }
    }
    people.into_values().collect()
}

fn count<'a>(people: impl Iterator<Item = &'a Person>) -> Counted {
    let mut counted = Counted::default();
    for person in people.filter(|person| !person.gone) {
        match person.status.as_deref() {
            Some("excluded") => counted.excluded += 1,
            Some("verified") => {
                counted.verified += 1;
                counted.base += 1;
            }
            _ => {
                counted.base += 1;
                counted.refused += u64::from(person.refused);
            }
        }
    }
    counted
}

fn told(group: &Value) -> Counted {
    let number = |share: &str, part: &str| group[share][part].as_u64().unwrap();
    let (verified, base) = (number("verified", "numerator"), number("verified", "denominator"));
    assert_eq!(number("unmatched", "numerator"), base - verified, "{group}");
    assert_eq!(number("refused_for_identity", "denominator"), base - verified, "{group}");
    let excluded = group["people"]["excluded"].as_u64().unwrap();
    Counted { verified, base, refused: number("refused_for_identity", "numerator"), excluded }
}

/// Two dozen people to whom things happen; positions at which a request was done.
async fn scene(test: &TestApp) -> Vec<u64> {
    let (mut dice, mut ids, mut ends) = (Dice(11), Vec::new(), Vec::new());
    for number in 0..24 {
        let (reference, unit) = (format!("TK-{number}"), UNITS[dice.below(3)]);
        let body = if dice.below(2) == 0 { by_account(&reference, unit) } else { in_cash(&reference, unit) };
        ids.push((test.register(&body).await, reference));
        ends.push(test.head().await);
    }
    for step in 0..70 {
        let (person, reference) = ids[dice.below(24)].clone();
        let path = |deed: &str| format!("/v1/beneficiaries/{person}/{deed}");
        let result = |status: &str| json!({"status": status, "source": "population_database", "checked_on": format!("2025-03-{:02}", step / 3 + 1)});
        let (deed, body) = match dice.below(9) {
            0..=2 => ("identity", result("verified")),
            3 => ("identity", with(result("mismatch"), &json!({"fields": ["name"]}))),
            4 => ("identity", result("not_found")),
            5 => ("identity", with(result("excluded"), &json!({"excluded_reason": "armed_forces"}))),
            6 => {
                let day = format!("2025-03-{:02}", dice.below(28) + 1);
                ("move", json!({"unit": UNITS[dice.below(3)], "effective_on": day}))
            }
            7 if dice.below(3) == 0 => ("death", json!({"died_on": "2025-03-30", "source": "family"})),
            _ => {
                let benefit = ["pension", "disability"][dice.below(2)];
                let order = with(
                    pension(&format!("P-{step}"), &reference),
                    &json!({"benefit_type": benefit, "channel": "cash_desk"}),
                );
                let ordered = test.supervisor().post("/v1/payments", &test.fresh(), &order).await;
                if let (201, Some(payment)) = (ordered.status, ordered.body["payment_id"].as_str()) {
                    let code = ["BE01", "AC04"][dice.below(2)];
                    test.deed(payment, "reject", &with(rejected(), &json!({"reason_code": code}))).await.is(201);
                }
                ends.push(test.head().await);
                continue;
            }
        };
        let answer = test.supervisor().post(&path(deed), &test.fresh(), &body).await;
        assert!([200, 201, 409, 422].contains(&answer.status), "{}", answer.text());
        ends.push(test.head().await);
    }
    test.register(&in_cash("TK-99", WARD)).await;
    let payment = test.instruct(&pension("P-99", "TK-99")).await;
    test.deed(&payment, "reject", &with(rejected(), &json!({"reason_code": "BE01"}))).await.is(201);
    ends.push(test.head().await);
    ends
}

async fn figures_of_identity_are_what_a_count_of_the_events_gives(test: TestApp) {
    let ends = scene(&test).await;
    test.read("/v1/identity").await;
    let events = test.events_after(0).await;
    let mut refused = 0;
    for position in ends.iter().copied().step_by(6).chain(ends.last().copied()) {
        let people = people(&events, position);
        let read = async |query: &str| test.read(&format!("/v1/identity?as_of_position={position}{query}")).await;
        let all = read("").await["groups"][0].clone();
        assert_eq!(told(&all), count(people.iter()), "at {position}");
        refused = told(&all).refused;
        let pensions = read("&benefit_type=pension").await["groups"][0].clone();
        let has_pension = people.iter().filter(|person| person.benefits.contains("pension"));
        assert_eq!(told(&pensions), count(has_pension), "pensions at {position}");
        let groups = read("&group_by=unit,channel").await["groups"].as_array().unwrap().clone();
        let mut expected: BTreeSet<(String, String)> = BTreeSet::new();
        for person in people.iter().filter(|person| !person.gone) {
            let unit = person.units.last().unwrap().1.clone();
            expected.insert((unit, person.channel.clone().unwrap_or_default()));
        }
        let of = |group: &Value| (text(&group["group"], "unit"), text(&group["group"], "channel"));
        assert_eq!(groups.iter().map(of).collect::<BTreeSet<_>>(), expected, "at {position}");
        for group in &groups {
            let alike = people.iter().filter(|person| {
                (person.units.last().unwrap().1.clone(), person.channel.clone().unwrap_or_default()) == of(group)
            });
            assert_eq!(told(group), count(alike), "{:?} at {position}", of(group));
        }
    }
    assert!(refused > 0, "the scene shows nothing of I2");
}

async fn groups_by_unit_come_in_pages(test: TestApp) {
    for (number, unit) in UNITS.iter().enumerate() {
        test.register(&in_cash(&format!("TK-{number}"), unit)).await;
    }
    let whole = test.read("/v1/identity?group_by=unit").await;
    assert_eq!((whole["groups"].as_array().unwrap().len(), &whole["next_cursor"]), (3, &Value::Null));
    let (mut cursor, mut pages, mut groups) = (String::new(), 0, Vec::new());
    loop {
        let answer = test.supervisor().get(&format!("/v1/identity?group_by=unit&limit=40{cursor}")).await;
        let link = answer.header("link").to_owned();
        let page = answer.json(200);
        groups.extend(page["groups"].as_array().unwrap().clone());
        pages += 1;
        let Some(next) = page["next_cursor"].as_str() else { break };
        assert!(link.contains(next) && link.contains("group_by=unit"), "{link}");
        cursor = format!("&cursor={next}");
    }
    assert!(pages > 2, "{pages}");
    assert_eq!(json!(groups), whole["groups"]);
    test.supervisor().get("/v1/identity?group_by=unit&cursor=zz").await.refused(422, "invalid-input");
}

async fn an_auditor_of_one_district_counts_its_people_alone(test: TestApp) {
    for (number, unit) in UNITS.iter().enumerate() {
        test.register(&in_cash(&format!("TK-{number}"), unit)).await;
    }
    test.read("/v1/identity").await;
    let key = test.key(Role::Auditor, Some("D502"), None).await;
    let own = test.with_key(&key).get("/v1/identity").await.json(200);
    assert_eq!(own["groups"][0]["verified"]["denominator"], 2);
    test.with_key(&key).get("/v1/identity?unit=D503").await.refused(403, "out-of-your-units");
    test.as_role(Role::Bank).get("/v1/identity").await.refused(403, "role-not-allowed");
    test.nobody().get("/v1/identity").await.refused(401, "unauthenticated");
}

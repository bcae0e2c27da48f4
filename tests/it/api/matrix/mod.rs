//! Who may do what, walked through: every operation of the committed OpenAPI document, asked by every role from every place, with a real
//! object of the unit and the bank. What must come of it is a table of its own, written by hand.

mod callers;
mod others;
mod payments;
mod people;
mod rows;
mod scene;

use crate::support::app::{TestApp, spawn_strict};
use crate::support::client::{Answer, send};
use crate::support::engine::Engine;
use crate::support::on_both_engines;
use callers::{Caller, Place, everybody};
use chitra::app::access::Role;
use chitra::app::proofs::sign::When;
use reqwest::Method;
use rows::{Made, Row, Rule, Scope, Sent, letter};
use scene::{Maker, NAME, OURS, THEIRS, Thing};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

on_both_engines!(
    every_operation_answers_every_role_from_every_place_as_the_table_says,
    a_wrong_expectation_is_found,
    analysts_are_told_no_small_number,
);

/// An operation as the committed document has it.
struct Operation {
    method: Method,
    path: String,
    parameters: BTreeSet<String>,
}

fn document() -> BTreeMap<String, Operation> {
    let text = std::fs::read_to_string(format!("{}/openapi/openapi.json", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let mut all = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let Some(id) = operation["operationId"].as_str() else { continue };
            let named = operation["parameters"].as_array().into_iter().flatten();
            let parameters = named.filter_map(|one| one["name"].as_str().map(str::to_owned)).collect();
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            all.insert(id.to_owned(), Operation { method, path: path.clone(), parameters });
        }
    }
    all
}

fn table() -> impl Iterator<Item = &'static Row> {
    people::ROWS.iter().chain(payments::ROWS).chain(others::ROWS)
}

/// What is not as it was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// Done for somebody who may not.
    Allowed,
    /// Refused to somebody who may.
    Refused,
    /// Neither the one nor the other, or refused in another way.
    Otherwise,
    /// It shows what is out of the caller's reach.
    Shown,
    /// It does not show what is in reach.
    Hidden,
    /// Something was recorded though all were refused.
    Recorded,
}

#[derive(Default)]
struct Tally {
    cells: usize,
    allowed: usize,
    refused: usize,
    faults: Vec<(Fault, String)>,
}

impl Tally {
    fn count(&self, fault: Fault) -> usize {
        self.faults.iter().filter(|(one, _)| *one == fault).count()
    }
}

/// The application with its scene, and whoever asks.
struct Walk<'a> {
    test: &'a TestApp,
    maker: Maker<'a>,
    ours: Thing,
    theirs: Thing,
    callers: Vec<Caller>,
    seen: u64,
}

/// What tells of a unit's or bank's object: everything that is known of it but where it lies.
fn told(thing: &Thing) -> impl Iterator<Item = (&'static str, &String)> {
    let places = ["unit", "code", "bank", "n", "day", "id"];
    thing.iter().filter(move |(name, _)| !places.contains(name)).map(|(name, value)| (*name, value))
}

/// The table's text with what was made in place of names; longer names go first.
fn filled(text: &str, thing: &Thing) -> String {
    let mut names: Vec<&&str> = thing.keys().collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.into_iter().fold(text.to_owned(), |text, name| text.replace(&format!("${name}"), &thing[*name]))
}

impl<'a> Walk<'a> {
    async fn begin(test: &'a TestApp) -> Self {
        let maker = Maker::new(test).await;
        let (ours, theirs) = (maker.scene(OURS).await, maker.scene(THEIRS).await);
        // The month is over and its figures are published.
        test.days_pass(1);
        test.caught_up().await;
        test.read("/v1/recoveries").await;
        test.app.sign_checkpoint(When::Now).await.unwrap();
        let seen = test.head().await;
        Self { test, maker, ours, theirs, callers: everybody(test).await, seen }
    }

    async fn ask(&self, (operation, row): (&Operation, &Row), thing: &Thing, caller: &Caller) -> Answer {
        let of = |name: &str| thing.get(name).map_or("", String::as_str);
        let mut path = operation.path.replace("{id}", of("id")).replace("{bank}", of("bank"));
        path = path.replace("{date}", row.date).replace("{key}", of("key"));
        let mut query = vec![filled(row.query, thing)];
        for (name, value) in [("min_position", self.seen), ("limit", 1_000)] {
            if operation.parameters.contains(name) && row.sent == Sent::Nothing {
                query.push(format!("{name}={value}"));
            }
        }
        query.retain(|part| !part.is_empty());
        let path = format!("{path}?{}", query.join("&"));
        let request = caller.client.request(operation.method.clone(), &path);
        let request = request.header("idempotency-key", self.test.fresh());
        send(match row.sent {
            Sent::Nothing => request,
            Sent::File(content) => request.header("content-type", "text/csv").body(filled(content, thing)),
            Sent::Json(body) => {
                let body = filled(body, thing);
                let body: Value = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"));
                request.json(&body)
            }
        })
        .await
    }

    /// All callers of one row: first those who are refused, on one object that must stay as it is; then each of the others on a new one.
    async fn row(&self, (operation, row): (&Operation, &Row), tally: &mut Tally) {
        let thing = self.maker.make(row.made, &self.ours).await;
        let before = self.test.head().await;
        let (refused, allowed): (Vec<&Caller>, Vec<&Caller>) =
            self.callers.iter().partition(|caller| row.refusal(caller).is_some());
        for caller in refused {
            let answer = self.ask((operation, row), &thing, caller).await;
            self.judge((row, &thing), (caller, &answer), tally);
        }
        let after = self.test.head().await;
        if after != before {
            tally.faults.push((Fault::Recorded, format!("{}: {:?}", row.id, self.test.types_after(before).await)));
        }
        for caller in allowed {
            let thing = match row.made {
                Made::Known(_) if row.sent == Sent::Nothing => thing.clone(),
                made => self.maker.make(made, &self.ours).await,
            };
            let answer = self.ask((operation, row), &thing, caller).await;
            self.judge((row, &thing), (caller, &answer), tally);
            self.tidy_up(&thing, &answer).await;
        }
    }

    fn judge(&self, (row, thing): (&Row, &Thing), (caller, answer): (&Caller, &Answer), tally: &mut Tally) {
        tally.cells += 1;
        let code = answer.body["code"].as_str().unwrap_or_default();
        let mut fault = |fault: Fault, what: &str| {
            let text: String = answer.text().chars().take(300).collect();
            tally.faults.push((fault, format!("{} {caller}: {what}: {} {text}", row.id, answer.status)));
        };
        let is_done = answer.status == row.done || answer.status == 202;
        if let Some((status, expected)) = row.refusal(caller) {
            let text = answer.text();
            if answer.status < 300 {
                fault(Fault::Allowed, "is let in");
            } else if answer.status != status || !(code == expected || row.is_report() && text.contains(expected)) {
                fault(Fault::Otherwise, &format!("is not refused by {status} {expected}"));
            }
            for (name, secret) in [("number", thing.get("number")), ("account", thing.get("account"))] {
                if secret.is_some_and(|secret| text.contains(secret.as_str())) || text.contains(NAME) {
                    fault(Fault::Shown, name);
                }
            }
            tally.refused += 1;
            return;
        }
        tally.allowed += 1;
        if is_done {
            self.look(row, (caller, answer), &mut fault);
        } else if [401, 403, 404].contains(&answer.status) {
            fault(Fault::Refused, "is turned away");
        } else {
            fault(Fault::Otherwise, &format!("is not answered by {}", row.done));
        }
    }

    /// What an answer shows: all that is in reach, nothing else.
    fn look(&self, row: &Row, (caller, answer): (&Caller, &Answer), fault: &mut impl FnMut(Fault, &str)) {
        let Some(role) = caller.role else { return };
        if row.everywhere.contains(letter(role)) || matches!(row.scope, Scope::Keyed) {
            return;
        }
        let text = answer.text();
        let shows = |value: &str| text.contains(value);
        let sees_nobody = matches!(role, Role::Analyst | Role::Operator);
        let may_see = |place: Place| match (caller.place, row.scope) {
            // A figure of one unit is of that unit alone.
            (Place::All, Scope::By(Rule::Any | Rule::Whole, _)) => true,
            (Place::Other, _) => place == Place::Other,
            (Place::Own | Place::Over | Place::All | Place::Nowhere, _) => place == Place::Own,
        };
        for (place, thing) in [(Place::Own, &self.ours), (Place::Other, &self.theirs)] {
            if may_see(place) && !sees_nobody {
                if !row.shows.is_empty() && !shows(&thing[row.shows]) {
                    fault(Fault::Hidden, row.shows);
                }
                continue;
            }
            let marked = thing.get(row.shows).filter(|_| role != Role::Analyst).map(|value| (row.shows, value));
            for (name, value) in told(thing).chain(marked) {
                // Who cites a figure reads it again, analysts too; a unit's target is no person's.
                let is_nobodys = sees_nobody && ["citation", "target"].contains(&name);
                if shows(value) && !is_nobodys {
                    fault(Fault::Shown, name);
                }
            }
        }
    }

    /// There are only so many places for webhooks.
    async fn tidy_up(&self, thing: &Thing, answer: &Answer) {
        let made = answer.body["webhook_id"].as_str().map(str::to_owned);
        let known = self.ours.get("webhook");
        for id in thing.get("webhook").cloned().into_iter().chain(made).filter(|id| Some(id) != known) {
            self.test.webhook_deed(&serde_json::json!({"webhook_id": id}), "remove", &serde_json::json!({})).await;
        }
    }
}

async fn every_operation_answers_every_role_from_every_place_as_the_table_says(engine: Engine) {
    let test = spawn_strict(engine).await;
    let walk = Walk::begin(&test).await;
    let operations = document();
    let mut tally = Tally::default();
    for row in table() {
        walk.row((&operations[row.id], row), &mut tally).await;
    }
    _ = writeln!(
        std::io::stderr(),
        "{engine:?}: {} operations, {} callers, {} cells: {} allowed, {} refused; unexpected allows {}, unexpected refusals {}, other answers {}, shown out of reach {}, hidden in reach {}, recorded though refused {}",
        operations.len(),
        walk.callers.len(),
        tally.cells,
        tally.allowed,
        tally.refused,
        tally.count(Fault::Allowed),
        tally.count(Fault::Refused),
        tally.count(Fault::Otherwise),
        tally.count(Fault::Shown),
        tally.count(Fault::Hidden),
        tally.count(Fault::Recorded),
    );
    let faults: Vec<String> = tally.faults.iter().map(|(fault, what)| format!("{fault:?} {what}")).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What a table that is wrong on purpose comes to.
async fn found(walk: &Walk<'_>, operations: &BTreeMap<String, Operation>, row: &Row) -> BTreeMap<Fault, usize> {
    let mut tally = Tally::default();
    walk.row((&operations[row.id], row), &mut tally).await;
    let faults: BTreeSet<Fault> = tally.faults.iter().map(|(fault, _)| *fault).collect();
    faults.into_iter().map(|fault| (fault, tally.count(fault))).collect()
}

/// The walk itself can fail: each kind of mistake is found as what it is.
async fn a_wrong_expectation_is_found(engine: Engine) {
    let test = spawn_strict(engine).await;
    let mut walk = Walk::begin(&test).await;
    let operations = document();
    let row = |id: &str| *table().find(|row| row.id == id).unwrap();
    let (read, list, accept) = (row("readPayment"), row("listPayments"), row("acceptPayment"));
    assert_eq!(found(&walk, &operations, &read).await, BTreeMap::new());
    let analyst = Row { roles: "CSBAN", ..read };
    let expected = BTreeMap::from([(Fault::Refused, 3), (Fault::Otherwise, 1)]);
    assert_eq!(found(&walk, &operations, &analyst).await, expected, "who may not, elsewhere not for that reason");
    let no_auditor = Row { roles: "CSB", ..read };
    let expected = BTreeMap::from([(Fault::Allowed, 3), (Fault::Otherwise, 1)]);
    assert_eq!(found(&walk, &operations, &no_auditor).await, expected);
    let cut = Row { scope: rows::CUT, ..read };
    assert_eq!(found(&walk, &operations, &cut).await, BTreeMap::from([(Fault::Refused, 4)]), "three roles and a bank");
    let whole = Row { scope: rows::WHOLE, ..list };
    let counted = found(&walk, &operations, &whole).await;
    assert_eq!(counted, BTreeMap::from([(Fault::Allowed, 9)]), "a list that is cut, of keys with a unit");
    let nobody = Row { roles: "CS", ..accept };
    let counted = found(&walk, &operations, &nobody).await;
    assert_eq!(counted[&Fault::Recorded], 1, "the bank did it: {counted:?}");
    std::mem::swap(&mut walk.ours, &mut walk.theirs);
    let counted = found(&walk, &operations, &list).await;
    assert_eq!(counted[&Fault::Hidden], 11, "{counted:?}");
    assert!(counted[&Fault::Shown] >= 11, "{counted:?}");
}

/// Whole numbers of 1 to 4 in an answer.
fn small_numbers(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.values().map(small_numbers).sum(),
        Value::Array(parts) => parts.iter().map(small_numbers).sum(),
        other => usize::from(other.as_u64().is_some_and(|number| (1..5).contains(&number))),
    }
}

async fn analysts_are_told_no_small_number(engine: Engine) {
    let test = spawn_strict(engine).await;
    let walk = Walk::begin(&test).await;
    let questions = [
        "adoption?cycle=2025-03&group_by=unit_level:commune",
        "adoption?cycle=2025-03&group_by=channel",
        "outcomes?cycle=2025-03&group_by=unit_level:commune",
        "outcomes?cycle=2025-03",
    ];
    let mut told = 0;
    for question in questions {
        for caller in &walk.callers {
            let answer = caller.client.get(&format!("/v1/{question}&min_position={}", walk.seen)).await;
            match caller.role {
                Some(Role::Analyst) => {
                    assert_eq!(small_numbers(&answer.json(200)["groups"]), 0, "{caller}: {question}");
                }
                Some(Role::Clerk) => told += small_numbers(&answer.json(200)["groups"]),
                _ => {}
            }
        }
    }
    assert!(told > 20, "there are small numbers to be told: {told}");
}

/// Operations without a row, and rows without an operation.
fn strangers(operations: &BTreeMap<String, Operation>) -> Vec<String> {
    let rows: BTreeSet<&str> = table().map(|row| row.id).collect();
    let without_row = operations.keys().filter(|id| !rows.contains(id.as_str())).cloned();
    let without_operation = rows.iter().filter(|id| !operations.contains_key(**id)).map(|id| (*id).to_owned());
    without_row.chain(without_operation).collect()
}

#[test]
fn every_operation_of_the_document_has_a_row_and_every_row_an_operation() {
    let mut operations = document();
    assert_eq!(strangers(&operations), Vec::<String>::new());
    // A new endpoint, and one that is gone.
    let moved = operations.remove("readPayment").unwrap();
    operations.insert("lookAtPayment".to_owned(), moved);
    assert_eq!(strangers(&operations), ["lookAtPayment", "readPayment"]);
}

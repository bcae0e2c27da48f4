//! Payment lists that do not add up, and changed rows of theirs.

use super::figures::replay;
use super::{Town, failed};
use crate::support::engine::Engine;
use crate::support::on_both_engines;
use chitra::app::verify::{Check, Verification};
use chitra::domain::claims::of_list_event;
use chitra::domain::codec::{DomainEvent, decode};
use chitra::projections::Projection;
use chitra::store::{Append, EventData, StreamState};
use uuid::Uuid;

on_both_engines!(
    a_list_that_adds_up_passes,
    a_control_sum_that_is_not_the_items_is_found,
    a_reconciliation_that_its_payments_contradict_is_found,
    money_that_vanished_between_advance_and_hand_back_is_found,
    a_changed_row_of_a_list_is_found_by_a_replay,
);

const STREAM: &str = "list-01960000-0000-7000-8000-00000000000a";

const ENVELOPE: &str = r#"{"occurred_at":"2026-12-01T00:00:00Z","actor":"x","source":"api","correlation_id":"00000000-0000-4000-8000-000000000001","config_version":"1"}"#;

/// What is said of the money, and of nothing else.
fn money(verification: &Verification) -> String {
    assert_eq!(failed(verification), [Check::Money], "{:?}", verification.findings);
    verification.findings.first(Check::Money).iter().map(|finding| finding.message.clone()).collect()
}

fn sample(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/events");
    std::fs::read_to_string(format!("{folder}/{name}.v1.json")).unwrap().trim_end().to_owned()
}

/// Appends events as another program with the database in its hands would: nothing decides.
async fn append(town: &Town, events: &[(&str, String)]) {
    for (number, (name, data)) in events.iter().enumerate() {
        let Ok(Some(DomainEvent::List(read))) = decode(name, 1, data.as_bytes()) else { panic!("{name}: {data}") };
        let event = EventData {
            event_id: Uuid::from_u128(900 + number as u128),
            event_type: (*name).to_owned(),
            schema_version: 1,
            data: data.clone().into_bytes(),
            metadata: ENVELOPE.as_bytes().to_vec(),
        };
        let mut append = Append::events(STREAM, StreamState::Any, vec![event]);
        append.claims = of_list_event(&read);
        town.app.store.append_to_stream(append).await.unwrap();
    }
    town.app.catch_up().await.unwrap();
}

fn prepared() -> Vec<(&'static str, String)> {
    ["ListOpened", "ListItemsAdded", "ListPrepared"].map(|name| (name, sample(name))).to_vec()
}

async fn a_list_that_adds_up_passes(engine: Engine) {
    let town = Town::new(engine).await;
    append(&town, &prepared()).await;
    assert_eq!(failed(&town.verify().await), []);
}

async fn a_control_sum_that_is_not_the_items_is_found(engine: Engine) {
    let town = Town::new(engine).await;
    let mut events = prepared();
    events[2].1 = events[2].1.replace("3200000", "3200001");
    append(&town, &events).await;
    assert!(money(&town.verify().await).contains("3200001"));
}

async fn a_reconciliation_that_its_payments_contradict_is_found(engine: Engine) {
    let town = Town::new(engine).await;
    let mut events = prepared();
    // No such payment was ever settled.
    events.extend(["ListSubmitted", "ListReconciled"].map(|name| (name, sample(name))));
    append(&town, &events).await;
    assert!(money(&town.verify().await).contains("reconciled"));
}

async fn money_that_vanished_between_advance_and_hand_back_is_found(engine: Engine) {
    let town = Town::new(engine).await;
    let mut events = prepared();
    events.push(("ListSubmitted", sample("ListSubmitted")));
    let short = sample("ListReconciled").replace("\"handed_back\":{\"minor\":0", "\"handed_back\":{\"minor\":-1");
    events.push(("ListReconciled", short));
    append(&town, &events).await;
    assert!(money(&town.verify().await).contains("advanced is not paid"));
}

async fn a_changed_row_of_a_list_is_found_by_a_replay(engine: Engine) {
    for (table, change) in
        [("lists", "sum_minor = 1"), ("list_items", "removed = 'x'"), ("list_left_out", "reason = 'other'")]
    {
        let town = Town::new(engine).await;
        append(&town, &prepared()).await;
        assert_eq!(replay(&town.app, Projection::Lists).await.first_difference(), None);
        town.sql(&format!("UPDATE {table} SET {change}")).await;
        let difference = replay(&town.app, Projection::Lists).await.first_difference().map(|table| table.table);
        assert_eq!(difference, Some(table));
    }
}

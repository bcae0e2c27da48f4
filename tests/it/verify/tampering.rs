//! The log itself changed behind the program's back: each column, rows removed, rows swapped, and with the leaf hash made to fit.

use super::{Town, failed};
use crate::support::engine::Engine;
use crate::support::on_both_engines;
use chitra::app::verify::{Check, Verification};
use chitra::store::{Direction, RecordedEvent, leaf};

on_both_engines!(
    a_change_of_any_column_of_any_row_is_found,
    a_missing_row_is_found_wherever_it_stood,
    swapped_rows_are_found,
    a_row_that_cannot_be_read_is_named_and_the_rest_is_checked,
    an_event_added_beyond_the_head_is_found,
    a_time_that_goes_back_is_found_though_the_leaf_hash_fits,
    a_gap_in_a_stream_is_found_though_the_leaf_hash_fits,
    an_event_of_ours_that_cannot_be_read_is_found_though_the_leaf_hash_fits,
    an_amount_that_was_changed_is_found_though_the_leaf_hash_fits,
    a_settled_amount_that_was_not_ordered_is_found_though_the_leaf_hash_fits,
    a_correction_of_what_did_not_stand_breaks_the_sum,
);

/// What to do to a row's column, and the check that must find it.
const COLUMNS: [(&str, &str, Check); 11] = [
    ("log_id", "log_id = 9", Check::Positions),
    ("position", "position = position + 100000", Check::Positions),
    ("stream_id", "stream_id = stream_id || 'x'", Check::Leaves),
    ("revision", "revision = revision + 7", Check::Leaves),
    ("event_id", "event_id = randomblob(16)", Check::Leaves),
    ("event_type", "event_type = event_type || 'x'", Check::Leaves),
    ("schema_version", "schema_version = schema_version + 1", Check::Leaves),
    ("recorded_at_us", "recorded_at_us = recorded_at_us + 1", Check::Leaves),
    ("data", "data = CAST(replace(CAST(data AS TEXT), '\"', ' \"') AS BLOB)", Check::Leaves),
    ("metadata", "metadata = CAST(CAST(metadata AS TEXT) || ' ' AS BLOB)", Check::Leaves),
    ("leaf_hash", "leaf_hash = randomblob(32)", Check::Leaves),
];

fn names(verified: &Verification, check: Check, position: u64) -> bool {
    verified.findings.first(check).iter().any(|finding| finding.position == Some(position))
}

async fn event(town: &Town, position: u64) -> RecordedEvent {
    town.app.store.read_all(Some(position - 1), Direction::Forwards, 1).await.unwrap().remove(0)
}

/// Gives an event the leaf hash that fits it.
async fn sign(town: &Town, position: u64) {
    let hash = chitra::app::hex::hex(&leaf::of_recorded(1, &event(town, position).await));
    town.sql(&format!("UPDATE events SET leaf_hash = x'{hash}' WHERE position = {position}")).await;
}

/// The position of the first event of a type whose data holds a text.
async fn find(town: &Town, event_type: &str, text: &str) -> u64 {
    let events = town.app.store.read_all(Some(0), Direction::Forwards, 10_000).await.unwrap();
    let is_it =
        |event: &&RecordedEvent| event.event_type == event_type && String::from_utf8_lossy(&event.data).contains(text);
    events.iter().find(is_it).unwrap().position
}

async fn a_change_of_any_column_of_any_row_is_found(engine: Engine) {
    let town = Town::new(engine).await;
    let head = town.verify().await.head.position;
    for (number, (column, change, check)) in COLUMNS.into_iter().enumerate() {
        for position in [1, 2 + number as u64 * 3, head / 2 + number as u64, head] {
            town.run("DROP TABLE IF EXISTS kept").await;
            town.run(&format!("CREATE TABLE kept AS SELECT * FROM events WHERE position = {position}")).await;
            town.sql(&format!("UPDATE events SET {change} WHERE position = {position}")).await;
            let verified = town.verify().await;
            let found = verified.findings.count(check) > 0;
            assert!(found, "{column} at {position}: {:?}", verified.findings);
            if check == Check::Leaves {
                assert!(names(&verified, check, position), "{column} at {position}: {:?}", verified.findings);
            }
            town.sql(&format!("DELETE FROM events WHERE position IN ({position}, {position} + 100000)")).await;
            town.sql("INSERT INTO events SELECT * FROM kept").await;
        }
    }
    town.run("DROP TABLE kept").await;
    assert_eq!(failed(&town.verify().await), []);
}

async fn a_missing_row_is_found_wherever_it_stood(engine: Engine) {
    for which in ["1", "(SELECT max(position) / 2 FROM events)", "(SELECT max(position) FROM events)"] {
        let town = Town::new(engine).await;
        town.sql(&format!("DELETE FROM events WHERE position = {which}")).await;
        let verified = town.verify().await;
        assert!(verified.findings.count(Check::Positions) > 0, "{which}: {:?}", verified.findings);
    }
}

async fn swapped_rows_are_found(engine: Engine) {
    let town = Town::new(engine).await;
    for (from, to) in [("20", "-1"), ("30", "20"), ("-1", "30")] {
        town.sql(&format!("UPDATE events SET position = {to} WHERE position = {from}")).await;
    }
    let verified = town.verify().await;
    assert!(names(&verified, Check::Leaves, 20) && names(&verified, Check::Leaves, 30), "{:?}", verified.findings);
}

async fn a_row_that_cannot_be_read_is_named_and_the_rest_is_checked(engine: Engine) {
    let town = Town::new(engine).await;
    town.sql("UPDATE events SET leaf_hash = x'00' WHERE position = 21").await;
    town.sql("UPDATE events SET leaf_hash = randomblob(32) WHERE position = 33").await;
    let verified = town.verify().await;
    assert!(names(&verified, Check::Leaves, 21) && names(&verified, Check::Leaves, 33), "{:?}", verified.findings);
    assert_eq!(verified.events, verified.head.position - 1);
}

async fn an_event_added_beyond_the_head_is_found(engine: Engine) {
    let town = Town::new(engine).await;
    town.sql("INSERT INTO events SELECT log_id, 5000, 'other-1', 0, event_id, 'Noted', 1, recorded_at_us, data, metadata, leaf_hash FROM events WHERE position = 1").await;
    let verified = town.verify().await;
    assert!(names(&verified, Check::Positions, 5000), "{:?}", verified.findings);
}

async fn a_time_that_goes_back_is_found_though_the_leaf_hash_fits(engine: Engine) {
    let town = Town::new(engine).await;
    town.sql("UPDATE events SET recorded_at_us = recorded_at_us - 86400000000 WHERE position = 20").await;
    sign(&town, 20).await;
    let verified = town.verify().await;
    assert_eq!(failed(&verified), [Check::Times], "{:?}", verified.findings);
    assert!(names(&verified, Check::Times, 20));
}

async fn a_gap_in_a_stream_is_found_though_the_leaf_hash_fits(engine: Engine) {
    let town = Town::new(engine).await;
    let position = find(&town, "PaymentCancelled", "").await;
    town.sql(&format!("UPDATE events SET revision = 5 WHERE position = {position}")).await;
    sign(&town, position).await;
    let verified = town.verify().await;
    assert_eq!(failed(&verified), [Check::Revisions], "{:?}", verified.findings);
    assert!(names(&verified, Check::Revisions, position));
}

async fn an_event_of_ours_that_cannot_be_read_is_found_though_the_leaf_hash_fits(engine: Engine) {
    let town = Town::new(engine).await;
    let position = find(&town, "ImportCompleted", "").await;
    town.sql(&format!("UPDATE events SET data = CAST('{{}}' AS BLOB) WHERE position = {position}")).await;
    sign(&town, position).await;
    let verified = town.verify().await;
    assert_eq!(failed(&verified), [Check::Events], "{:?}", verified.findings);
    assert!(names(&verified, Check::Events, position));
}

async fn an_amount_that_was_changed_is_found_though_the_leaf_hash_fits(engine: Engine) {
    let town = Town::new(engine).await;
    let position = find(&town, "PaymentInstructed", "1000011").await;
    let change = "data = CAST(replace(CAST(data AS TEXT), '1000011', '1000012') AS BLOB)";
    town.sql(&format!("UPDATE events SET {change} WHERE position = {position}")).await;
    sign(&town, position).await;
    let verified = town.verify().await;
    assert_eq!(failed(&verified), [Check::Money], "{:?}", verified.findings);
}

async fn a_settled_amount_that_was_not_ordered_is_found_though_the_leaf_hash_fits(engine: Engine) {
    let town = Town::new(engine).await;
    let position = find(&town, "PaymentSettled", "1000001").await;
    let change = "data = CAST(replace(CAST(data AS TEXT), '1000001', '1000002') AS BLOB)";
    town.sql(&format!("UPDATE events SET {change} WHERE position = {position}")).await;
    sign(&town, position).await;
    let verified = town.verify().await;
    assert!(names(&verified, Check::Money, position), "{:?}", verified.findings);
}

async fn a_correction_of_what_did_not_stand_breaks_the_sum(engine: Engine) {
    let town = Town::new(engine).await;
    let position = find(&town, "PaymentCorrected", "1000006").await;
    let change = "data = CAST(replace(CAST(data AS TEXT), '1000006', '1000007') AS BLOB)";
    town.sql(&format!("UPDATE events SET {change} WHERE position = {position}")).await;
    sign(&town, position).await;
    let verified = town.verify().await;
    assert_eq!(failed(&verified), [Check::Money], "{:?}", verified.findings);
}

//! An import that broke off goes on where it stopped, and ends as if it had never stopped.

use super::import;
use crate::support::app::TestApp;
use crate::support::files::{failing_source, meeting_source, order, source};
use crate::support::{on_engine, on_every_engine};
use chitra::app::imports::{ImportAnswer, ImportStatus, Stage};
use chitra::domain::import::{ImportKind, ImportMode};
use chitra::files::Format;
use chitra::store::{Append, EventData, StreamState};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::{Arc, Barrier};
use tokio::sync::Notify;
use uuid::Uuid;

on_every_engine! {
    payments_are_complete_and_once_after_a_break,
    a_report_that_was_not_written_is_told_by_the_stream,
}

// The rules of these rows know nothing of the engine, and thousands of them take their time.
on_engine!(
    memory,
    SqliteMemory,
    people_are_complete_and_once_after_a_break,
    outcomes_are_complete_and_once_after_a_break,
    two_that_resume_one_file_have_one_effect
);

/// More than one chunk of rows. A row has some 90 bytes: what is read before the break holds the whole first chunk.
const ROWS: usize = 2_500;

fn person(row: usize) -> String {
    format!("TK-{row:055}")
}

fn people() -> String {
    let mut content = "beneficiary_ref,unit,channel,bank,account\n".to_owned();
    for row in 0..ROWS {
        writeln!(content, "{},20341,account,vcb,00{row:08}", person(row)).unwrap();
    }
    content
}

fn payments() -> String {
    let mut content = "payment_reference,beneficiary_ref,benefit_type,cycle,amount\n".to_owned();
    for row in 0..ROWS {
        writeln!(content, "P-{row:04},{},pension,2025-03,{}", person(row), 1_000_000 + row).unwrap();
    }
    content
}

/// Each payment settles; every tenth comes back within the same file.
fn outcomes() -> String {
    let mut content = "payment_reference,status,date,reason\n".to_owned();
    for row in 0..ROWS {
        writeln!(content, "P-{row:04},settled,2025-03-05,{}", "as the bank wrote ".repeat(3)).unwrap();
        if row % 10 == 0 {
            writeln!(content, "P-{row:04},returned,2025-03-07,AC04").unwrap();
        }
    }
    content
}

/// Abandons an import after a first chunk was recorded, as the end of a process would, then imports the same file again.
async fn abandon_and_resume(test: &TestApp, kind: ImportKind, content: String) {
    let before = test.head().await;
    let order = order(kind, ImportMode::All);
    let first = source(content.clone().into_bytes(), Format::Csv);
    let recording = Notify::new();
    let tell = |stage| {
        if matches!(stage, Stage::Recording { .. }) {
            recording.notify_one();
        }
    };
    tokio::select! {
        biased;
        () = recording.notified() => {}
        _ = test.app.import(&order, &first, &tell) => panic!("the import ended before it could be abandoned"),
    }
    all_on_their_way_are_in(test).await;
    let started = test.types_after(before).await;
    assert!(started.contains(&"ImportStarted".to_owned()) && !started.contains(&"ImportCompleted".to_owned()));
    resume(test, kind, content).await;
}

/// Waits for the chunks that the abandoned import had handed over: the committer takes appends in their order.
async fn all_on_their_way_are_in(test: &TestApp) {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    let event = EventData {
        event_id: Uuid::from_u128(1),
        event_type: "Noticed".to_owned(),
        schema_version: 1,
        data: b"{}".to_vec(),
        metadata: b"{}".to_vec(),
    };
    test.app.store.append_to_stream(Append::events("another-1", StreamState::Any, vec![event])).await.unwrap();
}

/// Breaks off in pass 2 after a first chunk was recorded, then imports the same file again.
async fn break_and_resume(test: &TestApp, kind: ImportKind, content: String) {
    let before = test.head().await;
    let order = order(kind, ImportMode::All);
    // The first opening is pass 1, the second is pass 2.
    let broken = failing_source(content.clone().into_bytes(), 2, content.len() as u64 * 98 / 100);
    let error = test.app.import(&order, &broken, &|_| {}).await.unwrap_err();
    assert!(error.to_string().contains("the disk is gone"), "{error}");
    let at_break = test.types_after(before).await;
    assert!(at_break.len() > 1 && !at_break.contains(&"ImportCompleted".to_owned()), "{} events", at_break.len());
    resume(test, kind, content).await;
}

async fn resume(test: &TestApp, kind: ImportKind, content: String) {
    let order = order(kind, ImportMode::All);
    let report = import(test, &order, &source(content.into_bytes(), Format::Csv)).await;
    assert_eq!(
        (report.status, report.errors, report.refused_rows),
        (ImportStatus::Completed, 0, 0),
        "{:?}",
        report.issues.first()
    );
    assert_eq!(report.recorded_rows + report.unchanged_rows, report.rows);
}

/// How many events of a type there are, and in how many streams.
async fn count(test: &TestApp, event_type: &str) -> (usize, usize) {
    let events = test.events_after(0).await.into_iter().filter(|event| event.event_type == event_type);
    let streams: Vec<String> = events.map(|event| event.stream).collect();
    (streams.len(), streams.into_iter().collect::<BTreeSet<_>>().len())
}

async fn people_are_complete_and_once_after_a_break(test: TestApp) {
    abandon_and_resume(&test, ImportKind::Beneficiaries, people()).await;
    assert_eq!(count(&test, "BeneficiaryRegistered").await, (ROWS, ROWS));
    assert_eq!(count(&test, "PayoutMethodChosen").await, (ROWS, ROWS));
    assert_eq!(count(&test, "ImportCompleted").await, (1, 1));
}

async fn payments_are_complete_and_once_after_a_break(test: TestApp) {
    import(&test, &order(ImportKind::Beneficiaries, ImportMode::All), &source(people().into_bytes(), Format::Csv))
        .await;
    abandon_and_resume(&test, ImportKind::Payments, payments()).await;
    assert_eq!(count(&test, "PaymentInstructed").await, (ROWS, ROWS));
    assert_eq!(count(&test, "PaymentCancelled").await, (0, 0));
}

async fn outcomes_are_complete_and_once_after_a_break(test: TestApp) {
    for (kind, content) in [(ImportKind::Beneficiaries, people()), (ImportKind::Payments, payments())] {
        import(&test, &order(kind, ImportMode::All), &source(content.into_bytes(), Format::Csv)).await;
    }
    break_and_resume(&test, ImportKind::Outcomes, outcomes()).await;
    assert_eq!(count(&test, "PaymentSettled").await, (ROWS, ROWS));
    assert_eq!(count(&test, "PaymentReturned").await, (ROWS / 10, ROWS / 10));
}

/// Abandons an import when its start is in the log and nothing else.
async fn begin_only(test: &TestApp, kind: ImportKind, content: &str) {
    let mut head = test.app.store.watch_head();
    head.borrow_and_update();
    let (order, file) = (order(kind, ImportMode::All), source(content.as_bytes().to_vec(), Format::Csv));
    tokio::select! {
        biased;
        _ = head.changed() => {}
        _ = test.app.import(&order, &file, &|_| {}) => panic!("the import ended before it could be abandoned"),
    }
}

/// A first try ends before its first chunk is recorded; then two processes resume the file at the same time.
async fn two_that_resume_one_file_have_one_effect(test: TestApp) {
    for (kind, content) in
        [(ImportKind::Beneficiaries, people()), (ImportKind::Payments, payments()), (ImportKind::Outcomes, outcomes())]
    {
        let order = order(kind, ImportMode::All);
        let before = test.head().await;
        begin_only(&test, kind, &content).await;
        assert_eq!(test.types_after(before).await, ["ImportStarted"]);
        let twin = test.twin().await;
        // Both begin to read, or with outcomes to record, at the same time.
        let reading = if kind == ImportKind::Outcomes { 2 } else { 1 };
        let meeting = Arc::new(Barrier::new(2));
        let file = || meeting_source(content.clone().into_bytes(), reading, &meeting);
        let (one, other) = (file(), file());
        let (one, other) = tokio::join!(test.app.import(&order, &one, &|_| {}), twin.import(&order, &other, &|_| {}));
        for answer in [one.unwrap(), other.unwrap()] {
            match answer {
                ImportAnswer::Report(report) => {
                    assert_eq!(
                        (report.status, report.errors),
                        (ImportStatus::Completed, 0),
                        "{:?}",
                        report.issues.first()
                    );
                }
                ImportAnswer::Replayed(_, report) => assert_eq!(report["status"], "completed", "{report}"),
            }
        }
    }
    for (event_type, expected) in [
        ("BeneficiaryRegistered", ROWS),
        ("PayoutMethodChosen", ROWS),
        ("PaymentInstructed", ROWS),
        ("PaymentCancelled", 0),
        ("PaymentSettled", ROWS),
        ("PaymentReturned", ROWS / 10),
        ("ImportStarted", 3),
        ("ImportCompleted", 3),
    ] {
        assert_eq!(count(&test, event_type).await, (expected, expected), "{event_type}");
    }
}

/// A process that stops between its last event and its report leaves the report of a running import behind.
async fn a_report_that_was_not_written_is_told_by_the_stream(test: TestApp) {
    let content = "beneficiary_ref,unit\nTK-1,20341\nTK-2,20341\n";
    let (order, file) =
        (order(ImportKind::Beneficiaries, ImportMode::All), source(content.as_bytes().to_vec(), Format::Csv));
    let id = import(&test, &order, &file).await.import_id;
    let mut stored = test.app.registry.import_report(id.as_uuid()).await.unwrap().unwrap();
    let mut report: Value = serde_json::from_slice(&stored.report).unwrap();
    (report["status"], report["recorded_rows"], report["rows"]) = (json!("running"), json!(0), json!(0));
    stored.report = report.to_string().into_bytes();
    test.app.registry.put_import_report(&stored).await.unwrap();

    let told = |report: &Value| (report["status"].clone(), report["rows"].clone(), report["recorded_rows"].clone());
    let expected = (json!("completed"), json!(2), json!(2));
    assert_eq!(told(&test.supervisor().get(&format!("/v1/imports/{id}")).await.json(200)), expected);
    let ImportAnswer::Replayed(_, again) = test.app.import(&order, &file, &|_| {}).await.unwrap() else {
        panic!("the same file was recorded again");
    };
    assert_eq!(told(&again), expected);
}

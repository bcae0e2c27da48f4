//! An import that broke off goes on where it stopped, and ends as if it had never stopped.

use super::import;
use crate::support::app::TestApp;
use crate::support::files::{failing_source, order, source};
use crate::support::{on_engine, on_every_engine};
use chitra::app::imports::{ImportStatus, Stage};
use chitra::domain::import::{ImportKind, ImportMode};
use chitra::files::Format;
use chitra::store::{Append, EventData, StreamState};
use std::collections::BTreeSet;
use std::fmt::Write;
use tokio::sync::Notify;
use uuid::Uuid;

on_every_engine! {
    payments_are_complete_and_once_after_a_break,
}

// The rules of these rows know nothing of the engine, and thousands of them take their time.
on_engine!(
    memory,
    SqliteMemory,
    people_are_complete_and_once_after_a_break,
    outcomes_are_complete_and_once_after_a_break
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

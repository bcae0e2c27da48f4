//! Exported lines: every byte of every event, in and out; anything else is refused by the number of its line.

use super::{beside, empty, quietly, rows, some_life};
use crate::support::app::TestApp;
use crate::support::engine::Engine;
use crate::support::on_every_durable_engine;
use chitra::app::archive::{ArchiveError, export, import_log};
use chitra::compose::Bare;
use chitra::domain::claims::IDENTIFIER;
use chitra::store::archive::{ArchiveTable, Cell, Row};
use chitra::store::{Append, EventData, StreamState};
use std::collections::BTreeSet;

on_every_durable_engine!(
    an_imported_log_has_the_same_bytes_digest_and_claims,
    bytes_that_are_no_json_go_over_too,
    a_line_that_is_wrong_is_named_and_nothing_is_recorded,
    an_export_may_begin_later,
    a_log_of_another_digest_is_refused,
);

async fn exported(log: &Bare, from: u64) -> (String, export::Exported) {
    let mut bytes = Vec::new();
    let done = export::write((log.store.as_ref(), log.archives.log_id()), from, &mut bytes, &quietly).await.unwrap();
    (String::from_utf8(bytes).unwrap(), done)
}

fn but_identifiers(claims: Vec<Row>) -> BTreeSet<String> {
    let identifier = Cell::Text(IDENTIFIER.to_owned());
    claims.into_iter().filter(|row| row[0] != identifier).map(|row| format!("{row:?}")).collect()
}

async fn an_imported_log_has_the_same_bytes_digest_and_claims(test: TestApp) {
    some_life(&test).await;
    let source = beside(&test.home).await;
    let (text, done) = exported(&source, 1).await;
    assert_eq!((done.events, text.lines().count() as u64), (test.head().await, test.head().await));
    for engine in [Engine::SqliteFile, Engine::SqliteMemory, Engine::Postgres] {
        let (_home, target) = empty(engine).await;
        let read = import_log::read(target.to_fill(), text.as_bytes(), done.log_digest.as_deref(), &quietly);
        let read = read.await.unwrap();
        assert_eq!((Some(read.log_digest), read.events), (done.log_digest.clone(), done.events));
        assert_eq!(rows(&target, ArchiveTable::Events).await, rows(&source, ArchiveTable::Events).await);
        let stored = but_identifiers(rows(&source, ArchiveTable::Claims).await);
        assert!(
            stored.iter().any(|row| row.contains("benefit-month")) && stored.iter().any(|row| row.contains("import"))
        );
        assert_eq!(but_identifiers(rows(&target, ArchiveTable::Claims).await), stored);
        for table in [ArchiveTable::Requests, ArchiveTable::VaultKeys, ArchiveTable::ApiKeys] {
            assert_eq!(rows(&target, table).await, Vec::<Row>::new());
        }
        assert_eq!(target.store.head().await.unwrap().position, source.store.head().await.unwrap().position);
    }
}

async fn bytes_that_are_no_json_go_over_too(test: TestApp) {
    let odd: [&[u8]; 6] = [b"", b"\xff\x00\n", b"{ \"a\" : 1.0 }", b"{}\n", b"null", b"\"\\ud83d\""];
    let event = |(number, data): (u128, &[u8])| EventData {
        event_id: uuid::Uuid::from_u128(number),
        event_type: "Foreign".to_owned(),
        schema_version: 9,
        data: data.to_vec(),
        metadata: data.to_vec(),
    };
    let events = (1..).zip(odd).map(event).collect();
    test.app.store.append_to_stream(Append::events("other/1", StreamState::NoStream, events)).await.unwrap();
    let source = beside(&test.home).await;
    let (text, done) = exported(&source, 1).await;
    assert_eq!(text.lines().count(), odd.len());
    for engine in [Engine::SqliteFile, Engine::Postgres] {
        let (_home, target) = empty(engine).await;
        let read = import_log::read(target.to_fill(), text.as_bytes(), None, &quietly).await.unwrap();
        assert_eq!(Some(read.log_digest), done.log_digest);
        assert_eq!(rows(&target, ArchiveTable::Events).await, rows(&source, ArchiveTable::Events).await);
        let (back, _) = exported(&target, 1).await;
        assert_eq!(back, text, "{engine:?} exports other lines");
    }
}

async fn a_line_that_is_wrong_is_named_and_nothing_is_recorded(test: TestApp) {
    some_life(&test).await;
    let (text, _) = exported(&beside(&test.home).await, 1).await;
    let lines: Vec<&str> = text.lines().collect();
    let other = |number: usize, line: String| {
        let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        lines[number - 1] = line;
        lines.join("\n")
    };
    let without = |number: usize| {
        let mut lines = lines.clone();
        lines.remove(number - 1);
        lines.join("\n")
    };
    let swapped = {
        let mut lines = lines.clone();
        lines.swap(6, 7);
        lines.join("\n")
    };
    let cases = [
        (other(3, lines[2].replace("\"position\":3", "\"position\":4")), 3, "does not follow"),
        (other(4, lines[3].replacen("\"data\":{", "\"data\":{ ", 1)), 4, "leaf hash"),
        (other(5, lines[4].replace("\"log_id\":1", "\"log_id\":2")), 5, "log 2"),
        (other(6, lines[5][..40].to_owned()), 6, "no event"),
        (other(7, String::new()), 7, "no event"),
        (without(8), 8, "does not follow"),
        (swapped, 7, "does not follow"),
        (format!("{text}{}", lines[0]), lines.len() as u64 + 1, "does not follow"),
        (format!("{{\"a\":\"{}\"}}", "x".repeat(9_000_000)), 1, "longer than"),
    ];
    let (_home, target) = empty(if test.home.database.is_some() { Engine::Postgres } else { Engine::SqliteFile }).await;
    for (text, at, says) in cases {
        let refused = import_log::read(target.to_fill(), text.as_bytes(), None, &quietly).await.unwrap_err();
        let ArchiveError::Line { line, problem } = &refused else { panic!("{refused}") };
        assert_eq!(*line, at, "{problem}");
        assert!(problem.contains(says), "{problem}");
        assert_eq!(rows(&target, ArchiveTable::Events).await, Vec::<Row>::new(), "{refused}");
    }
}

async fn an_export_may_begin_later(test: TestApp) {
    some_life(&test).await;
    let source = beside(&test.home).await;
    let (whole, _) = exported(&source, 1).await;
    let (later, done) = exported(&source, 5).await;
    assert_eq!(whole.lines().skip(4).collect::<Vec<_>>(), later.lines().collect::<Vec<_>>());
    assert_eq!((done.events, done.log_digest), (test.head().await - 4, None));
    let (_home, target) = empty(Engine::SqliteFile).await;
    let refused = import_log::read(target.to_fill(), later.as_bytes(), None, &quietly).await.unwrap_err();
    assert!(matches!(refused, ArchiveError::Line { line: 1, .. }), "{refused}");
    assert_eq!(exported(&source, test.head().await + 1).await.0, "");
}

async fn a_log_of_another_digest_is_refused(test: TestApp) {
    some_life(&test).await;
    let (text, done) = exported(&beside(&test.home).await, 1).await;
    // A log that was cut at a line's end is a log: only its digest tells.
    let cut: String = text.lines().take(6).flat_map(|line| [line, "\n"]).collect();
    let (_home, target) = empty(Engine::SqliteFile).await;
    let refused = import_log::read(target.to_fill(), cut.as_bytes(), done.log_digest.as_deref(), &quietly).await;
    assert!(matches!(refused, Err(ArchiveError::Digest { .. })), "{refused:?}");
    assert_eq!(rows(&target, ArchiveTable::Events).await, Vec::<Row>::new());
}

//! Backups: whole, of one position, and restored only when they are what was backed up.

use super::{beside, empty, quietly, rows, some_life};
use crate::support::app::TestApp;
use crate::support::engine::Engine;
use crate::support::on_engine;
use chitra::app::archive::{ArchiveError, backup, restore};
use chitra::compose::Bare;
use chitra::store::archive::{ArchiveTable, Cell};
use chitra::store::{Append, EventData, StreamState};
use flate2::read::GzDecoder;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

on_engine!(
    sqlite_file,
    SqliteFile,
    a_restored_log_has_every_row,
    a_backup_taken_while_many_write_is_of_one_position,
    a_damaged_log_is_not_backed_up,
    no_personal_value_is_in_a_backup_in_clear,
    a_backup_that_was_changed_leaves_nothing,
    a_log_that_is_not_empty_is_not_filled,
);

/// Where backups go: not always the engine that they come from.
const TARGETS: [Engine; 2] = [Engine::SqliteFile, Engine::SqliteMemory];

async fn backed_up(log: &Bare) -> Vec<u8> {
    backup::write(log.archives.as_ref(), Vec::new(), &quietly).await.unwrap().0
}

async fn a_restored_log_has_every_row(test: TestApp) {
    some_life(&test).await;
    let source = beside(&test.home).await;
    let (bytes, closing) = backup::write(source.archives.as_ref(), Vec::new(), &quietly).await.unwrap();
    assert_eq!(closing.position, test.head().await);
    for engine in TARGETS {
        let (_home, target) = empty(engine).await;
        assert_eq!(restore::read(target.to_fill(), bytes.as_slice(), &quietly).await.unwrap(), closing);
        for table in ArchiveTable::ALL {
            let expected = rows(&source, table).await;
            assert!(!expected.is_empty(), "{} shows nothing", table.name());
            assert_eq!(rows(&target, table).await, expected, "{}", table.name());
            assert_eq!(closing.rows[table.name()], expected.len() as u64);
        }
        assert_eq!(target.store.head().await.unwrap(), source.store.head().await.unwrap());
    }
}

fn event(number: u128) -> EventData {
    EventData {
        event_id: uuid::Uuid::from_u128(number),
        event_type: "Noted".to_owned(),
        schema_version: 1,
        data: b"{}".to_vec(),
        metadata: b"{}".to_vec(),
    }
}

async fn a_backup_taken_while_many_write_is_of_one_position(test: TestApp) {
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..8_u128)
        .map(|writer| {
            let (app, stop) = (Arc::clone(&test.app), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut number = 0;
                while !stop.load(Ordering::Relaxed) {
                    number += 1;
                    let events = vec![event(writer << 64 | number << 1), event(writer << 64 | number << 1 | 1)];
                    let append = Append::events(format!("note-{writer}"), StreamState::Any, events);
                    app.store.append_to_stream(append).await.unwrap();
                }
            })
        })
        .collect();
    let source = beside(&test.home).await;
    let mut positions = Vec::new();
    let mut seen = test.app.store.watch_head();
    for _ in 0..3 {
        // Later than the backup before by a commit at least.
        seen.changed().await.unwrap();
        let before = test.head().await;
        let (bytes, closing) = backup::write(source.archives.as_ref(), Vec::new(), &quietly).await.unwrap();
        assert!(closing.position >= before, "what was committed before the backup is in it");
        assert!(closing.position.is_multiple_of(2), "an append is in it whole or not at all");
        let (_home, target) = empty(Engine::SqliteFile).await;
        restore::read(target.to_fill(), bytes.as_slice(), &quietly).await.unwrap();
        assert_eq!(target.store.head().await.unwrap().position, closing.position);
        positions.push(closing.position);
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
    let after = test.head().await;
    assert!(positions.is_sorted() && positions[0] < after, "nobody wrote meanwhile: {positions:?}, then {after}");
}

async fn a_damaged_log_is_not_backed_up(test: TestApp) {
    some_life(&test).await;
    test.home.execute("UPDATE events SET data = CAST('{}' AS BLOB) WHERE position = 5").await;
    let source = beside(&test.home).await;
    let refused = backup::write(source.archives.as_ref(), Vec::new(), &quietly).await.unwrap_err();
    assert!(matches!(refused, ArchiveError::Damaged { position: 5, .. }), "{refused}");
    test.home.execute("DELETE FROM events WHERE position = 3").await;
    let refused = backup::write(source.archives.as_ref(), Vec::new(), &quietly).await.unwrap_err();
    assert!(matches!(refused, ArchiveError::Damaged { position: 4, .. }), "{refused}");
}

async fn no_personal_value_is_in_a_backup_in_clear(test: TestApp) {
    some_life(&test).await;
    let mut plain = Vec::new();
    GzDecoder::new(backed_up(&beside(&test.home).await).await.as_slice()).read_to_end(&mut plain).unwrap();
    let holds = |value: &str| plain.windows(value.len()).any(|window| window == value.as_bytes());
    for value in ["Planted", "049155012345", &crate::support::verbs::account_of("QN-C")] {
        assert!(!holds(value), "{value} stands in the backup");
    }
    assert!(holds("PaymentInstructed"), "the scan would find a value");
}

async fn a_backup_that_was_changed_leaves_nothing(test: TestApp) {
    some_life(&test).await;
    let bytes = backed_up(&beside(&test.home).await).await;
    let (_home, target) = empty(Engine::SqliteFile).await;
    let mut wrong: Vec<Vec<u8>> = (1..20).map(|part| bytes[..bytes.len() * part / 20].to_vec()).collect();
    for part in 1..20 {
        let mut changed = bytes.clone();
        changed[bytes.len() * part / 20] ^= 0x10;
        wrong.push(changed);
    }
    for archive in wrong {
        let refused = restore::read(target.to_fill(), archive.as_slice(), &quietly).await.unwrap_err();
        assert!(matches!(refused, ArchiveError::Archive(_)), "{refused:?}");
        for table in ArchiveTable::ALL {
            assert_eq!(rows(&target, table).await, Vec::<Vec<Cell>>::new(), "{} after {refused}", table.name());
        }
    }
    restore::read(target.to_fill(), bytes.as_slice(), &quietly).await.unwrap();
}

async fn a_log_that_is_not_empty_is_not_filled(test: TestApp) {
    some_life(&test).await;
    let bytes = backed_up(&beside(&test.home).await).await;
    let (home, target) = empty(Engine::SqliteFile).await;
    home.execute("INSERT INTO api_keys VALUES (1, 'k', x'00', 'clerk', NULL, NULL, '', 0, NULL)").await;
    let refused = restore::read(target.to_fill(), bytes.as_slice(), &quietly).await.unwrap_err();
    assert!(matches!(&refused, ArchiveError::NotEmpty { table } if table == "api_keys"), "{refused}");
    assert_eq!(target.store.head().await.unwrap().position, 0);
    home.execute("DELETE FROM api_keys").await;
    restore::read(target.to_fill(), bytes.as_slice(), &quietly).await.unwrap();
    let again = restore::read(target.to_fill(), bytes.as_slice(), &quietly).await.unwrap_err();
    assert!(matches!(&again, ArchiveError::NotEmpty { table } if table == "events"), "{again}");
}

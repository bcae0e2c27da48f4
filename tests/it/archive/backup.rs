//! Backups: whole, of one position, and restored only when they are what was backed up.

use super::{beside, empty, quietly, rows, some_life};
use crate::support::app::TestApp;
use crate::support::engine::Engine;
use crate::support::on_every_durable_engine;
use chitra::app::archive::{ArchiveError, backup, restore};
use chitra::compose::Bare;
use chitra::store::archive::{ArchiveTable, Cell};
use chitra::store::registry::ApiKey;
use chitra::store::{Append, EventData, OpenMode, StreamState};
use flate2::read::GzDecoder;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

on_every_durable_engine!(
    a_restored_log_has_every_row,
    a_backup_taken_while_many_write_is_of_one_position,
    a_damaged_log_is_not_backed_up,
    no_personal_value_is_in_a_backup_in_clear,
    a_backup_that_was_changed_leaves_nothing,
    a_log_that_is_not_empty_is_not_filled,
    a_backup_that_went_through_the_other_engine_is_the_same_to_the_byte,
);

/// Where backups go: not always the engine that they come from.
const TARGETS: [Engine; 3] = [Engine::SqliteFile, Engine::SqliteMemory, Engine::Postgres];

/// The same engine again.
fn engine_of(test: &TestApp) -> Engine {
    if test.home.database.is_some() { Engine::Postgres } else { Engine::SqliteFile }
}

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
    for engine in TARGETS {
        // Later than the backup before by a commit at least.
        seen.changed().await.unwrap();
        let before = test.head().await;
        let (bytes, closing) = backup::write(source.archives.as_ref(), Vec::new(), &quietly).await.unwrap();
        assert!(closing.position >= before, "what was committed before the backup is in it");
        assert!(closing.position.is_multiple_of(2), "an append is in it whole or not at all");
        let (_home, target) = empty(engine).await;
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
    test.home.execute("UPDATE events SET data = metadata WHERE position = 5").await;
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
    let (_home, target) = empty(engine_of(&test)).await;
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
    for engine in TARGETS.into_iter().filter(|engine| *engine != Engine::SqliteMemory) {
        only_what_is_empty_is_filled(engine, &bytes).await;
    }
}

async fn only_what_is_empty_is_filled(engine: Engine, bytes: &[u8]) {
    let (home, target) = empty(engine).await;
    let key = ApiKey {
        key_id: "k".to_owned(),
        secret_hash: [0; 32],
        role: "clerk".to_owned(),
        unit_key: None,
        bank: None,
        label: String::new(),
        created_at_us: 0,
        revoked_at_us: None,
        expires_at_us: None,
        used_at_us: None,
        former: None,
    };
    assert!(home.open_as(OpenMode::Beside).await.unwrap().insert_api_key(&key).await.unwrap());
    let refused = restore::read(target.to_fill(), bytes, &quietly).await.unwrap_err();
    assert!(matches!(&refused, ArchiveError::NotEmpty { table } if table == "api_keys"), "{refused}");
    assert_eq!(target.store.head().await.unwrap().position, 0);
    home.execute("DELETE FROM api_keys").await;
    restore::read(target.to_fill(), bytes, &quietly).await.unwrap();
    let again = restore::read(target.to_fill(), bytes, &quietly).await.unwrap_err();
    assert!(matches!(&again, ArchiveError::NotEmpty { table } if table == "events"), "{again}");
}

async fn a_backup_that_went_through_the_other_engine_is_the_same_to_the_byte(test: TestApp) {
    some_life(&test).await;
    let bytes = backed_up(&beside(&test.home).await).await;
    let there = if engine_of(&test) == Engine::Postgres { Engine::SqliteFile } else { Engine::Postgres };
    let (_there, other) = empty(there).await;
    restore::read(other.to_fill(), bytes.as_slice(), &quietly).await.unwrap();
    let from_there = backed_up(&other).await;
    assert!(from_there == bytes, "the archive of {there:?} is another one");
    let (_back, again) = empty(engine_of(&test)).await;
    restore::read(again.to_fill(), from_there.as_slice(), &quietly).await.unwrap();
    assert!(backed_up(&again).await == bytes, "the way back changed something");
}

//! A new master key: everything is found and read as before, at any point of the change, beside servers, and after any interruption.

use crate::support::app::{MASTER, TestApp, spawn_app};
use crate::support::banks::{bank, item, message};
use crate::support::engine::{Engine, Home};
use crate::support::office::{Office, text};
use crate::support::on_every_durable_engine;
use crate::support::verbs::{WARD, in_cash, with};
use chitra::app::aggregate::inbox_stream;
use chitra::app::banks::inbox_id;
use chitra::clock::{Clock, SystemClock};
use chitra::domain::inbox::Inbox;
use chitra::store::registry::RewrappedKey;
use chitra::store::{OpenMode, SharedStore};
use chitra::vault::MasterKey;
use chitra::vault::own::BANK_MESSAGE;
use chitra::vault::pieces::Kept;
use chitra::vault::rotation::{KeyCounts, RotationError};
use chitra::vault::service::{Vault, VaultServiceError};
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

const NEW: &str = "0707070707070707070707070707070707070707070707070707070707070707";
const OTHER: &str = "0909090909090909090909090909090909090909090909090909090909090909";

on_every_durable_engine!(
    a_server_goes_on_while_the_master_key_changes,
    a_change_that_broke_off_anywhere_is_finished_by_running_it_again,
    a_retired_key_opens_nothing,
    of_two_new_keys_the_first_is_the_one,
    what_a_server_wraps_by_the_old_key_after_all_is_not_lost,
);

fn key(text: &str) -> MasterKey {
    MasterKey::parse(text).unwrap()
}

/// Another process on the same database, with a key.
async fn beside(home: &Home) -> SharedStore {
    home.open_as(OpenMode::Beside).await.unwrap()
}

async fn vault(store: &SharedStore, text: &str) -> Result<Vault, VaultServiceError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Vault::open(key(text), Arc::clone(store) as _, clock, 1).await
}

async fn opened(store: &SharedStore, text: &str) -> Vault {
    vault(store, text).await.unwrap_or_else(|error| panic!("{error}"))
}

fn quietly(_: u64) {}

async fn registered(test: &TestApp, number: u32) -> String {
    let person = json!({"personal_id": format!("0492551234{number:02}"), "name": "Đặng Thị Tám"});
    test.register(&with(in_cash(&format!("TK-{number}"), WARD), &person)).await
}

/// Found by the number, and the name in full.
async fn assert_served(test: &TestApp, (number, id): (u32, &str)) {
    let by = json!({"personal_id": format!("0492551234{number:02}")});
    let found = test.supervisor().post_without_key("/v1/beneficiaries/search", &by).await.json(200);
    assert_eq!(found["beneficiary_id"], id);
    assert_eq!(name_of(test, id).await, "Đặng Thị Tám");
}

async fn name_of(test: &TestApp, id: &str) -> String {
    let look = json!({"kinds": ["name"], "purpose": "audit"});
    let shown = test.supervisor().post(&format!("/v1/beneficiaries/{id}/reveal"), &test.fresh(), &look).await.json(201);
    shown["names"][0]["value"].as_str().unwrap().to_owned()
}

async fn assert_whole(test: &TestApp) {
    test.caught_up().await;
    let verified = test.app.verify(&|_, _| {}).await.unwrap();
    assert!(verified.findings.is_empty(), "{:?}", verified.findings);
}

async fn a_server_goes_on_while_the_master_key_changes(test: TestApp) {
    let mut people = Vec::new();
    for number in 0..3 {
        people.push((number, registered(&test, number).await));
    }
    test.register_bank("vcb").await;
    test.bank_reports("vcb", &message("M1", &[item("nobodys", "settled")])).await.is(202);
    let store = beside(&test.home).await;
    let before = store.vault_meta("lookup-key").await.unwrap();
    let counts = opened(&store, MASTER).await.rotate(key(NEW), &quietly).await.unwrap();
    assert_eq!(counts, KeyCounts { current: 3, rewrapped: 3, ..KeyCounts::default() });
    assert_ne!(store.vault_meta("lookup-key").await.unwrap(), before);
    // The server was given the old key, and nobody told it of the new one.
    for (number, id) in &people {
        assert_served(&test, (*number, id)).await;
    }
    people.push((3, registered(&test, 3).await));
    assert_whole(&test).await;
    for text in [MASTER, NEW] {
        let status = opened(&store, text).await.status().await.unwrap();
        assert!(status.under_way && status.lookup_is_current, "{status:?}");
        assert_eq!(status.keys, KeyCounts { current: 4, ..KeyCounts::default() }, "the server has followed");
    }
    let new = opened(&store, NEW).await;
    for (number, id) in &people {
        let held = new.holdings(id.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(held.names[0].value, "Đặng Thị Tám");
        let scheme_key = new.identifier_key("personal_id", &format!("0492551234{number:02}"));
        assert_eq!(
            scheme_key,
            test.app.vault.identifier_key("personal_id", &format!("0492551234{number:02}")),
            "hashes stay"
        );
    }
    let (state, _) = test.app.load::<Inbox>(&inbox_stream(inbox_id(&bank("vcb"), "M1"))).await.unwrap().unwrap();
    let body = state.received.unwrap().body_ref.as_uuid();
    let kept = new.open_kept(Uuid::nil(), BANK_MESSAGE, body).await.unwrap();
    assert!(matches!(kept, Some(Kept::Whole(bytes)) if bytes.starts_with(b"{")), "a bank's message opens as before");
    store.close().await;
}

/// Puts the database back to a moment in the middle of the change: some keys by the new master key, the rest and the look-up key by the old.
async fn a_change_that_broke_off_anywhere_is_finished_by_running_it_again(test: TestApp) {
    let mut people = Vec::new();
    for number in 0..5 {
        people.push((number, registered(&test, number).await));
    }
    let store = beside(&test.home).await;
    let lookup = store.vault_meta("lookup-key").await.unwrap().unwrap();
    let by_old = store.wrapped_keys_after(None, 100).await.unwrap();
    opened(&store, MASTER).await.rotate(key(NEW), &quietly).await.unwrap();
    let by_new = store.wrapped_keys_after(None, 100).await.unwrap();
    let lookup_by_new = store.vault_meta("lookup-key").await.unwrap().unwrap();
    for done in 0..=5 {
        let back = by_old.iter().zip(&by_new).skip(done);
        let back: Vec<_> = back
            .map(|((subject, old), (_, new))| RewrappedKey { subject: *subject, old: new.clone(), new: old.clone() })
            .collect();
        assert_eq!(store.rewrap_keys(&back).await.unwrap(), back.len() as u64);
        assert!(store.replace_vault_meta("lookup-key", (&lookup_by_new, &lookup)).await.unwrap());
        // Both keys open all of it as it stands.
        for text in [MASTER, NEW] {
            let vault = opened(&store, text).await;
            assert_eq!(vault.status().await.unwrap().keys.previous, 5 - done as u64);
            for (_, id) in &people {
                assert!(vault.holdings(id.parse().unwrap()).await.unwrap().is_some());
            }
        }
        assert_served(&test, (0, &people[0].1)).await;
        let counts = opened(&store, MASTER).await.rotate(key(NEW), &quietly).await.unwrap();
        assert_eq!((counts.current, counts.rewrapped), (5, 5 - done as u64));
        let again = opened(&store, MASTER).await.rotate(key(NEW), &quietly).await.unwrap();
        assert_eq!(again.rewrapped, 0);
        // For the next round.
        let now = store.wrapped_keys_after(None, 100).await.unwrap();
        let as_first: Vec<_> = now
            .iter()
            .zip(&by_new)
            .map(|((subject, now), (_, first))| RewrappedKey {
                subject: *subject,
                old: now.clone(),
                new: first.clone(),
            })
            .collect();
        store.rewrap_keys(&as_first).await.unwrap();
        let now = store.vault_meta("lookup-key").await.unwrap().unwrap();
        store.replace_vault_meta("lookup-key", (&now, &lookup_by_new)).await.unwrap();
    }
    // Only the link was written when it broke off.
    store.destroy_vault_meta("previous-master").await.unwrap();
    opened(&store, MASTER).await.rotate(key(NEW), &quietly).await.unwrap();
    assert!(store.vault_meta("previous-master").await.unwrap().is_some());
    assert_whole(&test).await;
    store.close().await;
}

async fn a_retired_key_opens_nothing(test: TestApp) {
    let id = registered(&test, 0).await;
    let store = beside(&test.home).await;
    assert!(matches!(opened(&store, MASTER).await.retire(&quietly).await, Err(RotationError::NothingToRetire)));
    assert!(matches!(opened(&store, MASTER).await.rotate(key(MASTER), &quietly).await, Err(RotationError::SameKey)));
    opened(&store, MASTER).await.rotate(key(NEW), &quietly).await.unwrap();
    assert!(matches!(opened(&store, MASTER).await.retire(&quietly).await, Err(RotationError::OldKeyGiven)));
    opened(&store, NEW).await.retire(&quietly).await.unwrap();
    assert!(vault(&store, MASTER).await.is_err());
    let new = opened(&store, NEW).await;
    assert!(new.holdings(id.parse().unwrap()).await.unwrap().is_some());
    assert!(!new.status().await.unwrap().under_way);
    // The server has not looked since: it has the old key, and says so.
    let look = json!({"kinds": ["name"], "purpose": "audit"});
    let refused = test.supervisor().post(&format!("/v1/beneficiaries/{id}/reveal"), &test.fresh(), &look).await;
    refused.refused(503, "store-unavailable");
    // And once more, to a third key.
    opened(&store, NEW).await.rotate(key(OTHER), &quietly).await.unwrap();
    opened(&store, OTHER).await.retire(&quietly).await.unwrap();
    assert!(vault(&store, NEW).await.is_err());
    assert_eq!(opened(&store, OTHER).await.status().await.unwrap().keys.current, 1);
    store.close().await;
}

async fn of_two_new_keys_the_first_is_the_one(test: TestApp) {
    registered(&test, 0).await;
    let store = beside(&test.home).await;
    let (one, two) = (opened(&store, MASTER).await, opened(&store, MASTER).await);
    one.rotate(key(NEW), &quietly).await.unwrap();
    assert!(matches!(two.rotate(key(OTHER), &quietly).await, Err(RotationError::OtherUnderWay)));
    assert!(vault(&store, OTHER).await.is_err());
    assert_eq!(opened(&store, NEW).await.status().await.unwrap().keys.current, 1);
    store.close().await;
}

/// A process that opened the vault before the change and registers somebody without having read anything since.
async fn what_a_server_wraps_by_the_old_key_after_all_is_not_lost(test: TestApp) {
    let store = beside(&test.home).await;
    opened(&store, MASTER).await.rotate(key(NEW), &quietly).await.unwrap();
    let late = registered(&test, 0).await;
    assert_eq!(opened(&store, NEW).await.status().await.unwrap().keys.previous, 1);
    opened(&store, NEW).await.retire(&quietly).await.unwrap();
    let later = registered(&test, 1).await;
    let new = opened(&store, NEW).await;
    for id in [&late, &later] {
        assert!(new.holdings(id.parse().unwrap()).await.unwrap().is_some());
    }
    // The next change takes them along.
    opened(&store, NEW).await.rotate(key(OTHER), &quietly).await.unwrap();
    assert_eq!(opened(&store, OTHER).await.status().await.unwrap().keys.current, 2);
    store.close().await;
}

/// As a stranger does it, with files.
async fn the_commands_change_the_key(engine: Engine) {
    let office = Office::on(engine).await;
    let people = office
        .write("people.csv", "beneficiary_ref,name,unit,channel,effective_month\nTK-1,Tám,20350,cash_desk,2025-08\n");
    office.result(&["import", "--kind", "beneficiaries", &people]);
    let old = office.path("log.sqlite.master-key");
    office.result(&["vault", "rotate", "--new-master-key-file", "new-key"]);
    let status = office.result(&["vault", "status"]);
    assert!(status.contains("under way") && status.contains("1 by the current"), "{status}");
    // A backup from between holds nothing that leads from the old key to the new one.
    office.result(&["backup", "between.backup"]);
    let early = office.run(&["vault", "retire"]);
    assert!(
        !early.status.success() && text(&early.stderr).contains("this is the old master key"),
        "{}",
        text(&early.stderr)
    );
    let retired = office.run(&["--master-key-file", "new-key", "vault", "retire"]);
    assert!(retired.status.success(), "{}", text(&retired.stderr));
    let refused = office.run(&["verify"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("master key"), "{}", text(&refused.stderr));
    std::fs::rename(office.path("new-key"), &old).unwrap();
    office.result(&["verify"]);
    let status: serde_json::Value = serde_json::from_str(&office.result(&["vault", "status", "--json"])).unwrap();
    assert_eq!(status["keys"], json!({"current": 1, "previous": 0, "unreadable": 0}));
    assert_eq!(status["change_under_way"], false);
    std::fs::copy(&old, office.path("restored.sqlite.master-key")).unwrap();
    office.result(&[
        "restore",
        "--verify",
        "between.backup",
        "--database",
        "sqlite:restored.sqlite",
        "--master-key-file",
        "restored.sqlite.master-key",
    ]);
}

#[tokio::test]
async fn the_commands_change_the_key_on_sqlite() {
    the_commands_change_the_key(Engine::SqliteFile).await;
}

#[tokio::test]
async fn the_commands_change_the_key_on_postgresql() {
    the_commands_change_the_key(Engine::Postgres).await;
}

#[tokio::test]
async fn a_log_without_people_changes_its_key_too() {
    let test = spawn_app(Engine::SqliteFile).await;
    let store = beside(&test.home).await;
    opened(&store, MASTER).await.rotate(key(NEW), &quietly).await.unwrap();
    opened(&store, NEW).await.retire(&quietly).await.unwrap();
    assert!(vault(&store, MASTER).await.is_err() && vault(&store, NEW).await.is_ok());
    store.close().await;
}

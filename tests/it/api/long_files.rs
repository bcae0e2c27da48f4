//! A bank's long file: kept in pieces, judged from them, once; and what is wrong with one.

use crate::support::app::TestApp;
use crate::support::banks::{bank, camt053, entry};
use crate::support::on_every_engine;
use crate::support::verbs::WARD;
use chitra::app::banks::folder::TakenFile;
use chitra::app::banks::inbox_id;
use chitra::clock::Clock;
use chitra::projections::Projection;
use chitra::vault::own::BANK_MESSAGE;
use chitra::vault::pieces::{Kept, PIECE_BYTES};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tempfile::TempDir;

on_every_engine! {
    a_long_file_is_kept_in_pieces_and_counts_once,
    of_a_long_file_so_many_items_wait_and_the_others_when_they_are_judged_again,
    a_long_file_that_is_no_message_or_too_long_leaves_nothing,
    what_broke_off_in_the_middle_goes_on_and_counts_once,
    what_a_crash_left_of_a_message_that_never_came_is_swept,
}

/// What it takes to be no short file: 4 MB.
const LONG: usize = 4 << 20;

/// A bank with its folder.
async fn with_folder(test: &TestApp) -> TempDir {
    test.register_bank("vcb").await;
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("vcb")).unwrap();
    folder
}

/// A statement of entries that nobody knows between those of payments, `strangers` before each, and long.
fn statement(id: &str, payments: &[String], strangers: usize) -> String {
    let mut entries = String::new();
    for (index, payment) in payments.iter().enumerate() {
        for number in 0..strangers {
            let unknown = format!("{:032x}", index * strangers + number);
            entries.push_str(&entry(&unknown, ("DBIT", "5000000", "2025-03-04"), "FT-0"));
        }
        entries.push_str(&entry(payment, ("DBIT", "5000000", "2025-03-04"), &format!("FT-{index}")));
    }
    // What is read over, in tokens that are not too long.
    let padding = format!("<!--{}-->", " ".repeat(32 << 10));
    let padding = padding.repeat(LONG.saturating_sub(entries.len()) / (32 << 10) + 1);
    camt053(id, &format!("{entries}{padding}"))
}

async fn take(test: &TestApp, folder: &Path) -> Vec<TakenFile> {
    let look = test.app.take_files(folder, Duration::ZERO).await.unwrap();
    assert_eq!(look.waiting, []);
    look.taken
}

/// Payments with the ids that banks know them by.
async fn payments(test: &TestApp, count: usize) -> (Vec<String>, Vec<String>) {
    let (mut payments, mut ids) = (Vec::new(), Vec::new());
    for number in 0..count {
        let payment = test.pension_of(&format!("TK-{number}"), WARD).await;
        ids.push(test.end_to_end_id(&payment).await);
        payments.push(payment);
    }
    (payments, ids)
}

async fn message(test: &TestApp, outcome: &Result<String, &'static str>) -> Value {
    test.read(&format!("/v1/inbox/{}", outcome.as_ref().unwrap())).await
}

async fn a_long_file_is_kept_in_pieces_and_counts_once(test: TestApp) {
    let folder = with_folder(&test).await;
    let (own, (payments, ids)) = (folder.path().join("vcb"), payments(&test, 3).await);
    let text = statement("S1", &ids, 2);
    fs::write(own.join("s.xml"), &text).unwrap();
    let taken = take(&test, folder.path()).await;
    let read = message(&test, &taken[0].outcome).await;
    assert_eq!((&read["items"], &read["applied"], &read["waiting"]), (&json!(9), &json!(3), &json!(6)), "{read}");
    assert_eq!(read["bytes"], text.len());
    for payment in &payments {
        assert_eq!(test.status_of(payment).await, "settled");
    }
    let id = inbox_id(&bank("vcb"), "S1");
    let refs = test.events_after(0).await.into_iter().filter(|event| event.event_type == "BankMessageReceived");
    let told: Vec<Value> = refs.map(|event| serde_json::from_slice(&event.data).unwrap()).collect();
    let body_ref = told[0]["body_ref"].as_str().unwrap().parse().unwrap();
    let kept = test.app.vault.open_kept(id.as_uuid(), BANK_MESSAGE, body_ref).await.unwrap().unwrap();
    let Kept::Pieces(pieces) = kept else { panic!("kept whole") };
    assert_eq!(pieces.count() as usize, text.len().div_ceil(PIECE_BYTES));
    let mut whole = Vec::new();
    for number in 0..pieces.count() {
        whole.extend(test.app.vault.open_piece(&pieces, number).await.unwrap());
    }
    assert!(whole == text.as_bytes(), "to the byte");
    // Under another name, over HTTP, and after a crash before it was moved: the same message.
    let head = test.head().await;
    fs::write(own.join("again.xml"), &text).unwrap();
    assert_eq!(take(&test, folder.path()).await[0].outcome, taken[0].outcome);
    test.bank_sends("vcb", text.as_bytes()).await.is(202);
    assert_eq!(test.head().await, head);
    // Another one under its id is kept beside it, and nothing of it counts.
    fs::write(own.join("other.xml"), text.replace("FT-1", "FT-9")).unwrap();
    assert_eq!(take(&test, folder.path()).await[0].outcome, Err("message-id-reused"));
    assert_eq!(test.head().await, head + 1);
    let matched = test.read(&format!("/v1/reconciliation/{id}")).await;
    let lines = |found: &str| {
        let sums = matched["sums"].as_array().unwrap();
        sums.iter().find(|sum| sum["found"] == found).unwrap()["lines"].clone()
    };
    assert_eq!((lines("matched"), lines("extra")), (json!(3), json!(6)), "{matched}");
    test.holds_together().await;
}

async fn of_a_long_file_so_many_items_wait_and_the_others_when_they_are_judged_again(test: TestApp) {
    let folder = with_folder(&test).await;
    let (payments, ids) = payments(&test, 1).await;
    // All of them are known but one, which comes last.
    fs::write(folder.path().join("vcb/s.xml"), statement("S1", &ids, 10_020)).unwrap();
    let taken = take(&test, folder.path()).await;
    let read = message(&test, &taken[0].outcome).await;
    assert_eq!((&read["items"], &read["applied"], &read["waiting"]), (&json!(10_021), &json!(1), &json!(10_001)));
    assert_eq!(test.status_of(&payments[0]).await, "settled");
    let entries = read["quarantined"].as_array().unwrap();
    let rest = entries.last().unwrap();
    assert_eq!((&rest["cause"], &rest["rest"]), (&json!("too-many-wait"), &json!({"from": 10_001, "items": 20})));
    let listed = test.read("/v1/inbox").await;
    assert_eq!(listed["messages"][0]["quarantined"], 10_020, "each has its verdict");
    test.holds_together().await;
    let path = format!("/v1/inbox/{}/judge", read["inbox_id"].as_str().unwrap());
    let answer = test.supervisor().post(&path, "k1", &json!({"items": [rest["item"]]})).await.json(201);
    assert_eq!(answer["waiting"], 10_020, "by themselves now");
    let own = answer["quarantined"].as_array().unwrap().iter().filter(|entry| entry["cause"] == "bad-reference");
    assert_eq!(own.map(|entry| entry["item"].as_u64().unwrap()).max(), Some(10_020));
    test.holds_together().await;
}

async fn a_long_file_that_is_no_message_or_too_long_leaves_nothing(test: TestApp) {
    let folder = with_folder(&test).await;
    let own = folder.path().join("vcb");
    let whole = statement("S1", &["x".to_owned()], 1);
    fs::write(own.join("a.xml"), &whole[..whole.len() - 20]).unwrap();
    fs::write(own.join("b.json"), format!("{{\"message_id\":\"M1\",\"items\":[{}", " ".repeat(17 << 20))).unwrap();
    fs::write(own.join("c.bin"), vec![b'x'; LONG + 1]).unwrap();
    let head = test.head().await;
    let codes: Vec<_> = take(&test, folder.path()).await.into_iter().map(|file| file.outcome.unwrap_err()).collect();
    assert_eq!(codes, ["message-truncated", "message-too-large", "message-format-unknown"]);
    test.app.file_bytes_max.store(whole.len() as u64 - 1, Ordering::Relaxed);
    fs::write(own.join("d.xml"), &whole).unwrap();
    assert_eq!(take(&test, folder.path()).await[0].outcome, Err("message-too-large"));
    test.clock.set_us(test.clock.now_us() + 2 * 86_400_000_000);
    assert_eq!((test.head().await, test.app.sweep_messages().await.unwrap()), (head, 0));
    test.app.file_bytes_max.store(whole.len() as u64, Ordering::Relaxed);
    fs::write(own.join("d.xml"), &whole).unwrap();
    assert!(take(&test, folder.path()).await[0].outcome.is_ok());
}

async fn what_broke_off_in_the_middle_goes_on_and_counts_once(test: TestApp) {
    let folder = with_folder(&test).await;
    let (_, ids) = payments(&test, 40).await;
    fs::write(folder.path().join("vcb/s.xml"), statement("S1", &ids, 300)).unwrap();
    let before = test.head().await;
    let settled = |types: &[String]| types.iter().filter(|name| *name == "PaymentSettled").count();
    // Taking it is given up as soon as something of it counts.
    let mut seen = test.app.store.watch_head();
    tokio::select! {
        biased;
        () = async {
            while settled(&test.types_after(before).await) == 0 {
                seen.changed().await.unwrap();
            }
        } => {}
        _ = test.app.take_files(folder.path(), Duration::ZERO) => panic!("it was done before anybody saw anything of it"),
    }
    let half = settled(&test.types_after(before).await);
    assert!(half > 0 && half < 40, "{half}");
    test.app.wait_for(Projection::Inbox, Some(test.head().await)).await.unwrap();
    assert_eq!(test.app.judge_leftovers().await.unwrap(), 0, "whoever took it in may be at it");
    // A minute, and a moment for each of its items.
    test.clock.set_us(test.clock.now_us() + 61_000_000 + 40 * 301 * 1_000);
    assert_eq!(test.app.judge_leftovers().await.unwrap(), 1);
    let taken = take(&test, folder.path()).await;
    let read = message(&test, &taken[0].outcome).await;
    assert_eq!((&read["applied"], &read["judged"], &read["waiting"]), (&json!(40), &json!(true), &json!(10_001)));
    let types = test.types_after(before).await;
    let count = |name: &str| types.iter().filter(|one| *one == name).count();
    assert_eq!((settled(&types), count("BankMessageReceived"), count("BankMessageApplied")), (40, 1, 1));
    test.holds_together().await;
}

async fn what_a_crash_left_of_a_message_that_never_came_is_swept(test: TestApp) {
    let folder = with_folder(&test).await;
    fs::write(folder.path().join("vcb/s.xml"), statement("S1", &["x".to_owned()], 0)).unwrap();
    take(&test, folder.path()).await;
    let vault = &test.app.vault;
    let mut sealing = vault.begin_pieces(uuid::Uuid::from_u128(5)).await.unwrap();
    vault.put_pieces(&mut sealing, (&[vec![b'x'; PIECE_BYTES]], false)).await.unwrap();
    assert_eq!(test.app.sweep_messages().await.unwrap(), 0, "somebody may be at it");
    test.clock.set_us(test.clock.now_us() + 86_401_000_000);
    assert_eq!(test.app.sweep_messages().await.unwrap(), 1);
    assert_eq!(test.app.sweep_messages().await.unwrap(), 0);
    test.holds_together().await;
}

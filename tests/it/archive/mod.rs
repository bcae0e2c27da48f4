//! A whole log out of a database and into another: backup and restore, export and import-log.

mod backup;
mod commands;
mod figures;
mod lines;

use crate::support::app::TestApp;
use crate::support::engine::{Engine, Home};
use crate::support::verbs::{COMMUNE, WARD, by_account, in_cash, pension, returned, settled, with};
use chitra::clock::Clock;
use chitra::compose::{Bare, bare};
use chitra::domain::audit::Act;
use chitra::store::OpenMode;
use chitra::store::archive::{ArchiveTable, Row};
use chitra::vault::pieces::PIECE_BYTES;
use serde_json::json;
use std::sync::Arc;

/// Some weeks of an office: people, payments in all directions, an import and its reversal.
async fn some_life(test: &TestApp) {
    for (person, unit) in [("QN-A", WARD), ("QN-B", COMMUNE)] {
        let payment = test.pension_of(person, unit).await;
        test.settle(&payment, "2025-03-05").await.is(201);
        test.deed(&payment, "return", &returned("2025-03-10")).await.is(201);
        test.deed(&payment, "reissue", &json!({"channel": "cash_desk", "reason": "account closed"})).await.is(201);
    }
    test.register(&with(by_account("QN-C", WARD), &json!({"name": "Trần Thị Planted", "personal_id": "049155012345"})))
        .await;
    let cancelled = test.instruct(&pension("P-C", "QN-C")).await;
    test.deed(&cancelled, "cancel", &json!({"reason": "typed twice"})).await.is(201);
    test.register(&in_cash("QN-D", COMMUNE)).await;
    let paid = test.instruct(&pension("P-D", "QN-D")).await;
    test.deed(&paid, "settle", &settled("2025-03-06")).await.is(201);
    let people =
        "beneficiary_ref,unit,channel,effective_month\nE-1,20341,cash_desk,2024-01\nE-2,20341,cash_desk,2024-01\n";
    test.supervisor().upload("kind=beneficiaries", &test.fresh(), people).await.is(201);
    test.told_once().await;
    test.signed().await;
    // What was done on the command line, and no server took into the log yet.
    test.app.note_act(Act::KeyCreated, Some("0f1e2d3c4b5a"), &[]).await;
    // A long message of a bank, which is kept in pieces.
    let vault = &test.app.vault;
    let mut sealing = vault.begin_pieces(uuid::Uuid::from_u128(77)).await.unwrap();
    vault.put_pieces(&mut sealing, (&[vec![b'x'; PIECE_BYTES], b"end".to_vec()], true)).await.unwrap();
}

/// The store alone of a place, for writing.
async fn writing(home: &Home) -> Bare {
    let mode = OpenMode::Writer { holder: "the test".to_owned() };
    bare(&home.url, mode, Arc::clone(&home.clock) as Arc<dyn Clock>).await.unwrap()
}

/// The same beside an application.
async fn beside(home: &Home) -> Bare {
    bare(&home.url, OpenMode::Beside, Arc::clone(&home.clock) as Arc<dyn Clock>).await.unwrap()
}

/// An empty database of an engine.
async fn empty(engine: Engine) -> (Home, Bare) {
    let home = Home::new(engine).await;
    let bare = writing(&home).await;
    (home, bare)
}

/// All rows of a table.
async fn rows(log: &Bare, table: ArchiveTable) -> Vec<Row> {
    let mut all = Vec::new();
    let mut take = |row: Row| {
        all.push(row);
        Ok(())
    };
    log.archives.snapshot().await.unwrap().rows(table, &mut take).await.unwrap();
    all
}

fn quietly(_done: u64, _of: u64) {}

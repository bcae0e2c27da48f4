//! A cited figure goes with the log: the same digits, recomputed on another engine.

use super::{beside, empty, quietly};
use crate::api::figures::scene;
use crate::support::app::{TestApp, spawn_at};
use crate::support::engine::Engine;
use crate::support::on_every_durable_engine;
use crate::support::verbs::{WARD, in_cash, pension};
use chitra::app::archive::{export, import_log};
use chitra::domain::profile::Profile;
use serde_json::json;

on_every_durable_engine!(a_cited_figure_has_the_same_digits_in_an_imported_log);

async fn a_cited_figure_has_the_same_digits_in_an_imported_log(test: TestApp) {
    scene(&test).await;
    let body = json!({"definition": "A2", "title": "Tháng 3", "cycle": "2025-03", "group_by": "unit", "min_position": test.head().await});
    let cited = test.supervisor().post("/v1/figures", &test.fresh(), &body).await.json(201);
    test.register(&in_cash("LATE", WARD)).await;
    let late = test.instruct(&pension("P-LATE", "LATE")).await;
    test.settle(&late, "2025-04-03").await.is(201);
    let source = beside(&test.home).await;
    let mut bytes = Vec::new();
    export::write((source.store.as_ref(), source.archives.log_id()), 1, &mut bytes, &quietly).await.unwrap();
    let other = if test.home.database.is_some() { Engine::SqliteFile } else { Engine::Postgres };
    let (home, target) = empty(other).await;
    import_log::read(target.to_fill(), bytes.as_slice(), None, &quietly).await.unwrap();
    target.store.close().await;
    let there = spawn_at(home, Profile::vietnam()).await;
    there.caught_up().await;
    let found =
        there.supervisor().get(&format!("/v1/figures/{}", cited["figure_id"].as_str().unwrap())).await.json(200);
    assert_eq!(
        (&found["verified"], &found["groups"], &found["digest"]),
        (&json!(true), &cited["groups"], &cited["digest"])
    );
    assert_eq!(there.read("/v1/figures").await["figures"][0]["figure_id"], cited["figure_id"]);
}

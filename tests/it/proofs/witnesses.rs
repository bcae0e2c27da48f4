//! A log that is served and a witness that cosigns it, over HTTP, as `chitra serve --witness` and `chitra witness` do.

use crate::support::app::TestApp;
use crate::support::on_every_durable_engine;
use crate::support::verbs::WARD;
use chitra::app::proofs::keeper::Keeper;
use chitra::app::proofs::witnesses::{AskedWitness, Missing, Unasked};
use chitra::app::witness::Witness;
use chitra::clock::Clock;
use chitra::http::witness;
use chitra::projections::Projection;
use chitra::proof::{Checkpoint, Signer, Verifier, note::Kind};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

on_every_durable_engine! {
    a_checkpoint_is_cosigned_and_the_next_one_by_a_proof,
    the_statuses_are_those_of_the_protocol,
    a_witness_refuses_a_log_that_was_changed_and_signed_anew,
    a_witness_tells_a_log_that_was_cut,
    a_witness_that_is_away_is_asked_again,
    an_answer_of_another_key_is_no_cosignature,
}

/// A witness that serves, and its state.
pub struct Serving {
    pub url: String,
    pub key: Verifier,
    pub folder: TempDir,
    http: reqwest::Client,
    server: actix_web::dev::ServerHandle,
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

/// Starts a witness of a log.
pub fn witness_of(test: &TestApp, log: &Verifier) -> Serving {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::clone(&test.clock) as Arc<dyn Clock>;
    let state = Witness::open(folder.path(), Some("witness.example/w1"), vec![log.clone()], clock).unwrap();
    serve(state, folder)
}

fn serve(state: Witness, folder: TempDir) -> Serving {
    let key = state.verifier().clone();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let serving = witness::serve(Arc::new(state), listener, 1).unwrap();
    let (url, server) = (format!("http://{}", serving.address), serving.server.handle());
    tokio::spawn(serving.server);
    Serving { url, key, folder, http: reqwest::Client::builder().no_proxy().build().unwrap(), server }
}

impl Serving {
    pub fn asked(&self) -> Vec<Arc<AskedWitness>> {
        vec![Arc::new(AskedWitness::parse(&format!("{} {}/", self.key.to_text(), self.url)).unwrap())]
    }

    /// Status, kind and text of an answer to `add-checkpoint`.
    pub async fn add(&self, body: String) -> (u16, String, String) {
        let response = self.http.post(format!("{}/add-checkpoint", self.url)).body(body).send().await.unwrap();
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        (response.status().as_u16(), kind, response.text().await.unwrap())
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let response = self.http.get(format!("{}{path}", self.url)).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }
}

impl TestApp {
    pub async fn asks(&self, witnesses: &[Arc<AskedWitness>]) -> Missing {
        self.app.ask_witnesses(witnesses).await.unwrap()
    }

    /// The newest checkpoint and what a request of it says, from a size.
    async fn request_from(&self, old_size: u64) -> String {
        let note = self.nobody().get("/v1/log/checkpoint").await.is(200).text();
        let (checkpoint, _) = Checkpoint::parse(&note).unwrap();
        let path = format!("/v1/log/proof/consistency?from={old_size}&to={}", checkpoint.size);
        let proof = self.supervisor().get(&path).await.json(200);
        let hashes = proof["hashes"].as_array().unwrap().iter().map(|hash| format!("{}\n", hash.as_str().unwrap()));
        format!("old {old_size}\n{}\n{note}", hashes.collect::<String>())
    }
}

async fn a_checkpoint_is_cosigned_and_the_next_one_by_a_proof(test: TestApp) {
    let witness = witness_of(&test, &test.vkey().await);
    let asked = witness.asked();
    assert_eq!(test.asks(&asked).await, [], "nothing is signed yet");
    for person in ["TK-1", "TK-2", "TK-3"] {
        test.pension_of(person, WARD).await;
        test.signed().await;
        assert_eq!(test.asks(&asked).await, []);
        let answer = test.nobody().get("/v1/log/checkpoint?cosigned=true").await.is(200).text();
        let (checkpoint, note) = Checkpoint::open(&answer, &test.vkey().await).unwrap();
        assert_eq!(checkpoint.size, test.head().await);
        let now_s = u64::try_from(test.clock.now_us() / 1_000_000).unwrap();
        assert_eq!(note.cosigned_at(&witness.key), Some(now_s));
        // What the witness shows is the same, and so it is for whoever compares.
        assert_eq!(witness.get(&format!("/checkpoint?origin={}", checkpoint.origin)).await, (200, answer));
    }
    assert_eq!(witness.get("/vkey").await, (200, format!("{}\n", witness.key.to_text())));
    assert_eq!(witness.get("/checkpoint?origin=other").await.0, 404);
    // A second server that never asked finds out from which size to prove.
    let again = witness.asked();
    test.pension_of("TK-4", WARD).await;
    test.signed().await;
    assert_eq!(test.asks(&again).await, []);
}

async fn the_statuses_are_those_of_the_protocol(test: TestApp) {
    let witness = witness_of(&test, &test.vkey().await);
    test.pension_of("TK-1", WARD).await;
    test.signed().await;
    let head = test.head().await;
    let good = test.request_from(0).await;
    assert_eq!(witness.add("nonsense".to_owned()).await.0, 400);
    assert_eq!(witness.add(good.replacen("old 0", &format!("old {}", head + 1), 1)).await.0, 400);
    let (origin, _) = good.split("\n\n").nth(1).unwrap().split_once('\n').unwrap();
    assert_eq!(witness.add(good.replacen(origin, "other.example", 1)).await.0, 404);
    assert_eq!(witness.add(good.replacen(&format!("\n{head}\n"), &format!("\n{}\n", head + 1), 1)).await.0, 403);
    let (status, kind, line) = witness.add(good.clone()).await;
    assert_eq!((status, kind.as_str()), (200, "text/plain; charset=utf-8"), "{line}");
    assert!(line.starts_with("\u{2014} witness.example/w1 ") && line.ends_with('\n'), "{line}");
    let seen = (409, "text/x.tlog.size".to_owned(), format!("{head}\n"));
    assert_eq!(witness.add(good).await, seen);
    test.pension_of("TK-2", WARD).await;
    test.signed().await;
    let next = test.request_from(head).await;
    let without_proof = format!("old {head}\n\n{}", next.split_once("\n\n").unwrap().1);
    assert_eq!(witness.add(without_proof).await.0, 422);
    assert_eq!(witness.add("x".repeat(100_000)).await.0, 413);
    assert_eq!(witness.add(next).await.0, 200);
}

async fn a_witness_refuses_a_log_that_was_changed_and_signed_anew(test: TestApp) {
    let witness = witness_of(&test, &test.vkey().await);
    let asked = witness.asked();
    test.note(40).await;
    test.signed().await;
    assert_eq!(test.asks(&asked).await, []);
    // Who has database and key makes all of it fit.
    test.forge(7).await;
    test.home.execute("DELETE FROM checkpoints").await;
    test.app.rebuild(Projection::Tree, |_| {}).await.unwrap();
    test.note(3).await;
    test.signed().await;
    let missing = test.asks(&asked).await;
    assert!(matches!(&missing[..], [(_, Unasked::Refused { status: 422, .. })]), "{missing:?}");
    assert!(missing[0].1.is_contradiction());
    assert!(has_evidence(witness.folder.path()));
    test.nobody().get("/v1/log/checkpoint?cosigned=true").await.refused(404, "no-checkpoint-yet");
}

fn has_evidence(folder: &Path) -> bool {
    std::fs::read_dir(folder)
        .unwrap()
        .any(|entry| entry.unwrap().path().extension().is_some_and(|end| end == "evidence"))
}

async fn a_witness_tells_a_log_that_was_cut(test: TestApp) {
    let witness = witness_of(&test, &test.vkey().await);
    test.note(40).await;
    test.signed().await;
    assert_eq!(test.asks(&witness.asked()).await, []);
    test.home.execute("DELETE FROM events WHERE position > 30").await;
    test.home.execute("UPDATE log_head SET next_position = 31").await;
    test.home.execute("DELETE FROM checkpoints").await;
    test.app.rebuild(Projection::Tree, |_| {}).await.unwrap();
    test.app.sign_checkpoint(chitra::app::proofs::sign::When::Now).await.unwrap().unwrap();
    let missing = test.asks(&witness.asked()).await;
    assert!(matches!(&missing[..], [(_, Unasked::Ahead { seen: 40, head: 30 })]), "{missing:?}");
    assert!(missing[0].1.to_string().contains("cut, put back or copied"));
}

async fn a_witness_that_is_away_is_asked_again(test: TestApp) {
    let log = test.vkey().await;
    let witness = witness_of(&test, &log);
    let asked = witness.asked();
    test.pension_of("TK-1", WARD).await;
    test.signed().await;
    let nowhere = AskedWitness::parse(&format!("{} http://127.0.0.1:9", witness.key.to_text())).unwrap();
    let missing = test.asks(&[Arc::new(nowhere)]).await;
    assert!(matches!(&missing[..], [(_, Unasked::Unreachable(_))]) && !missing[0].1.is_contradiction(), "{missing:?}");
    let keeper = Keeper::start(&test.app, asked);
    keeper.stop().await;
    let note = test.nobody().get("/v1/log/checkpoint?cosigned=true").await.is(200).text();
    assert!(Checkpoint::open(&note, &log).unwrap().1.cosigned_at(&witness.key).is_some());
}

async fn an_answer_of_another_key_is_no_cosignature(test: TestApp) {
    let witness = witness_of(&test, &test.vkey().await);
    test.pension_of("TK-1", WARD).await;
    test.signed().await;
    let other = Signer::new("witness.example/w1", Kind::Cosignature, &[3; 32]).unwrap();
    let expected = AskedWitness::parse(&format!("{} {}", other.verifier().to_text(), witness.url)).unwrap();
    let missing = test.asks(&[Arc::new(expected)]).await;
    assert!(matches!(&missing[..], [(_, Unasked::NoCosignature)]), "{missing:?}");
    let log = test.vkey().await.to_text();
    for (text, part) in [
        ("http://w", "expected the witness's verifier key"),
        ("x http://w", "NAME+ID+KEY"),
        (&*format!("{log} http://w"), "a log's key"),
        (&*format!("{} ftp://w", witness.key.to_text()), "begins with http://"),
    ] {
        assert!(AskedWitness::parse(text).unwrap_err().contains(part), "{text}");
    }
}

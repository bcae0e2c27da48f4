//! What the API answers: the key, checkpoints, proofs, and each refusal.

use super::{hash, hashes};
use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::WARD;
use chitra::app::access::Role;
use chitra::proof::path::{extends, includes};

on_every_engine! {
    a_checkpoint_is_there_for_everybody_and_signed,
    each_event_has_a_proof_that_ends_at_the_checkpoint,
    each_size_has_a_proof_to_each_later_one,
    proofs_are_for_every_key_and_for_nobody_without_one,
    what_cannot_be_proved_is_refused_by_its_parameter,
}

async fn a_checkpoint_is_there_for_everybody_and_signed(test: TestApp) {
    let none = test.nobody().get("/v1/log/checkpoint").await.refused(404, "no-checkpoint-yet");
    assert!(none.body["detail"].as_str().unwrap().contains("within a minute"));
    test.pension_of("TK-1", WARD).await;
    let signed = test.signed().await;
    let answer = test.nobody().get("/v1/log/checkpoint").await.is(200);
    assert_eq!(answer.bytes, signed.note);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    let (key, published) = (test.vkey().await, test.published().await);
    assert_eq!((published.size, published.origin.as_str()), (test.head().await, key.name()));
    assert!(key.name().starts_with("chitra.log/"), "{}", key.name());
    test.nobody().get("/v1/log/checkpoint?cosigned=true").await.refused(404, "no-checkpoint-yet");
    let wrong = test.nobody().get("/v1/log/checkpoint?cosigned=yes&size=1").await.refused(422, "invalid-input");
    assert_eq!(wrong.errors(), ["/cosigned invalid-value", "/size unknown-parameter"]);
}

async fn each_event_has_a_proof_that_ends_at_the_checkpoint(test: TestApp) {
    test.pension_of("TK-1", WARD).await;
    test.pension_of("TK-2", WARD).await;
    test.signed().await;
    let (published, auditor) = (test.published().await, test.as_role(Role::Auditor));
    for event in test.events_after(0).await {
        let proof = auditor.get(&format!("/v1/log/proof/inclusion?position={}", event.position)).await.json(200);
        assert_eq!((proof["size"].as_u64(), hash(&proof["root"])), (Some(published.size), published.root));
        assert_eq!(hash(&proof["leaf_hash"]), event.leaf_hash);
        let tree = (published.size, &published.root);
        assert!(includes(&event.leaf_hash, event.position - 1, tree, &hashes(&proof["hashes"])), "{proof}");
    }
}

async fn each_size_has_a_proof_to_each_later_one(test: TestApp) {
    test.pension_of("TK-1", WARD).await;
    test.signed().await;
    let old = test.published().await;
    test.pension_of("TK-2", WARD).await;
    test.pension_of("TK-3", WARD).await;
    test.signed().await;
    let new = test.published().await;
    assert!(old.size < new.size);
    for from in 0..=new.size {
        let path = format!("/v1/log/proof/consistency?from={from}&to={}", new.size);
        let proof = test.as_role(Role::Bank).get(&path).await.json(200);
        let (from_root, to_root) = (hash(&proof["from_root"]), hash(&proof["to_root"]));
        assert_eq!(to_root, new.root);
        assert!(from != old.size || from_root == old.root);
        assert!(extends((from, &from_root), (new.size, &to_root), &hashes(&proof["hashes"])), "{proof}");
    }
}

async fn proofs_are_for_every_key_and_for_nobody_without_one(test: TestApp) {
    test.pension_of("TK-1", WARD).await;
    test.signed().await;
    for path in ["/v1/log/proof/inclusion?position=1", "/v1/log/proof/consistency?from=1&to=2"] {
        test.nobody().get(path).await.refused(401, "unauthenticated");
        for role in Role::ALL {
            test.as_role(role).get(path).await.is(200);
        }
    }
}

async fn what_cannot_be_proved_is_refused_by_its_parameter(test: TestApp) {
    let client = test.as_role(Role::Operator);
    client.get("/v1/log/proof/inclusion?position=1").await.refused(404, "no-checkpoint-yet");
    test.pension_of("TK-1", WARD).await;
    let head = test.head().await;
    let errors = async |path: String| client.get(&path).await.refused(422, "invalid-input").errors();
    let (inclusion, consistency) = ("/v1/log/proof/inclusion", "/v1/log/proof/consistency");
    assert_eq!(errors(inclusion.to_owned()).await, ["/position missing"]);
    assert_eq!(
        errors(format!("{inclusion}?position=x&size=-1")).await,
        ["/position invalid-value", "/size invalid-value"]
    );
    for position in [0, head + 1] {
        let path = format!("{inclusion}?position={position}&size={head}");
        assert_eq!(errors(path).await, ["/position invalid-value"]);
    }
    assert_eq!(errors(format!("{inclusion}?position=1&size=0")).await, ["/position invalid-value"]);
    assert_eq!(errors(consistency.to_owned()).await, ["/from missing", "/to missing"]);
    assert_eq!(errors(format!("{consistency}?from=2&to=1")).await, ["/from invalid-value"]);
    for path in [format!("{inclusion}?position=1&size={}", head + 1), format!("{consistency}?from=1&to={}", head + 1)] {
        client.get(&path).await.refused(422, "position-beyond-head");
    }
    let most = u64::MAX;
    client.get(&format!("{consistency}?from={most}&to={most}")).await.refused(422, "position-beyond-head");
    client.get(&format!("{inclusion}?position={most}&size={most}")).await.refused(422, "position-beyond-head");
}

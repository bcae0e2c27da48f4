//! When a checkpoint is signed, by whom, and when it must not be.

use crate::support::app::TestApp;
use crate::support::on_every_durable_engine;
use crate::support::verbs::WARD;
use chitra::app::error::AppError;
use chitra::app::proofs::keeper::{Keeper, NAME};
use chitra::app::proofs::sign::{AGE_MAX_US, EVENTS_MAX, SignError, When};
use chitra::clock::Clock;
use chitra::projections::Projection;
use chitra::proof::tree::root_of;
use std::time::Duration;

on_every_durable_engine! {
    a_checkpoint_is_due_after_a_minute_or_a_thousand_events,
    a_log_that_was_changed_is_not_signed_again,
    a_log_that_was_cut_is_not_signed_again,
    a_checkpoint_of_somebody_else_is_not_built_on,
    a_changed_event_does_not_get_into_the_tree,
    a_rebuild_reads_the_log_as_it_is,
    the_key_and_the_name_stay,
    a_server_signs_by_itself_and_what_is_left_when_it_stops,
}

impl TestApp {
    async fn due(&self) -> Option<u64> {
        self.app.sign_checkpoint(When::Due).await.unwrap().map(|checkpoint| checkpoint.size)
    }

    async fn contradiction(&self) -> String {
        match self.app.sign_checkpoint(When::Now).await {
            Err(SignError::Contradiction(reason)) => reason,
            other => panic!("{other:?}"),
        }
    }
}

async fn a_checkpoint_is_due_after_a_minute_or_a_thousand_events(test: TestApp) {
    assert_eq!(test.due().await, None, "nothing to sign");
    test.note(1).await;
    assert_eq!(test.due().await, Some(1), "the first event is signed at once");
    test.note(1).await;
    assert_eq!(test.due().await, None);
    test.clock.set_us(test.clock.now_us() + AGE_MAX_US);
    assert_eq!(test.due().await, Some(2));
    test.clock.set_us(test.clock.now_us() + 2 * AGE_MAX_US);
    assert_eq!(test.due().await, None, "no event since");
    test.note(EVENTS_MAX - 1).await;
    test.clock.set_us(test.clock.now_us() - 2 * AGE_MAX_US);
    assert_eq!(test.due().await, None);
    test.note(1).await;
    assert_eq!(test.due().await, Some(2 + EVENTS_MAX));
    let leaves = test.events_after(0).await.into_iter().map(|event| event.leaf_hash);
    assert_eq!(test.published().await.root, root_of(leaves));
}

async fn a_log_that_was_changed_is_not_signed_again(test: TestApp) {
    test.note(300).await;
    test.signed().await;
    test.forge(7).await;
    test.app.rebuild(Projection::Tree, |_| {}).await.unwrap();
    test.note(5).await;
    assert!(test.contradiction().await.contains("the log was changed"));
    assert_eq!(test.published().await.size, 300);
}

async fn a_log_that_was_cut_is_not_signed_again(test: TestApp) {
    test.note(20).await;
    test.signed().await;
    test.home.execute("DELETE FROM events WHERE position > 15").await;
    test.home.execute("UPDATE log_head SET next_position = 16").await;
    assert!(test.contradiction().await.contains("cut or put back"));
}

async fn a_checkpoint_of_somebody_else_is_not_built_on(test: TestApp) {
    test.note(20).await;
    test.signed().await;
    test.home.execute("UPDATE checkpoints SET size = 19").await;
    assert!(test.contradiction().await.contains("not one that this log signed"));
}

async fn a_changed_event_does_not_get_into_the_tree(test: TestApp) {
    test.note(20).await;
    test.home.execute("UPDATE events SET event_type = 'Forged' WHERE position = 7").await;
    let refused = test.app.rebuild(Projection::Tree, |_| {}).await.unwrap_err();
    let AppError::ProjectionStopped { name: "tree", reason } = refused else { panic!("{refused:?}") };
    assert_eq!(reason, "position 7: the event is not the one that was recorded");
}

async fn a_rebuild_reads_the_log_as_it_is(test: TestApp) {
    test.pension_of("TK-1", WARD).await;
    let (payment, path) = (test.head().await, "/v1/payments?limit=10");
    // The end of what is kept is compared at each read; what lies before it is not.
    test.note(1).await;
    let shown = async || test.supervisor().get(path).await.json(200)["payments"].as_array().unwrap().len();
    test.app.follow_up_to(Projection::Payments, payment + 1).await.unwrap();
    assert_eq!(shown().await, 1);
    // No event of ours any more: whoever builds anew from what was read before shows the payment still.
    test.forge(payment).await;
    test.app.rebuild(Projection::Payments, |_| {}).await.unwrap();
    assert_eq!(shown().await, 0);
}

async fn the_key_and_the_name_stay(test: TestApp) {
    let key = test.vkey().await;
    assert_eq!(test.twin().await.log_signer().await.unwrap().verifier(), &key, "another server has the same");
    assert_eq!(test.app.name_log("bhxh.example.vn/log1").await.unwrap(), key.name(), "it has a name");
    assert!(matches!(test.app.name_log("two words").await, Err(AppError::Invalid(_))));
}

async fn a_server_signs_by_itself_and_what_is_left_when_it_stops(test: TestApp) {
    test.pension_of("TK-1", WARD).await;
    let keeper = Keeper::start(&test.app, Vec::new());
    let first = test.head().await;
    let reached = || test.app.progress.snapshot().into_iter().find(|p| p.name == NAME).unwrap().position;
    for _ in 0..200 {
        if reached() == first {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!((reached(), test.published().await.size), (first, first));
    test.pension_of("TK-2", WARD).await;
    keeper.stop().await;
    assert_eq!(test.published().await.size, test.head().await);
}

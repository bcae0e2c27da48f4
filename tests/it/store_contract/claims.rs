//! Claims: a key has one holder, within a batch and across streams.

use super::{append, release, take};
use crate::support::engine::{Home, Store};
use chitra::domain::claims::ClaimChange;
use chitra::store::{Append, AppendError, StreamState};

fn claiming(stream: &str, number: u128, claims: Vec<ClaimChange>) -> Append {
    Append { claims, ..append(stream, StreamState::Any, [number]) }
}

fn taken_by(stream: &str) -> AppendError {
    AppendError::ClaimTaken { kind: "month", stream: stream.to_owned() }
}

async fn refusal(store: &Store, stream: &str, number: u128, claims: Vec<ClaimChange>) -> Option<AppendError> {
    store.append_to_stream(claiming(stream, number, claims)).await.err()
}

async fn holder(store: &Store, key: &str) -> Option<String> {
    store.find_claims("month", &[key.as_bytes().to_vec()]).await.unwrap().remove(0)
}

pub async fn a_claim_that_another_stream_holds_is_refused_with_its_holder(home: Home) {
    let store = home.open().await;
    assert_eq!(refusal(&store, "a", 1, vec![take("month", "k")]).await, None);
    assert_eq!(refusal(&store, "b", 2, vec![take("month", "k")]).await, Some(taken_by("a")));
    assert_eq!(refusal(&store, "a", 3, vec![take("month", "k")]).await, None);
    assert_eq!(holder(&store, "k").await.as_deref(), Some("a"));
}

pub async fn a_claim_clashes_inside_one_batch_too(home: Home) {
    let store = home.open().await;
    let batch =
        ["a", "b", "c"].iter().zip(1..).map(|(stream, number)| claiming(stream, number, vec![take("month", "k")]));
    let refusals: Vec<_> = store.append_batch(batch.collect()).await.into_iter().map(Result::err).collect();
    assert_eq!(refusals, vec![None, Some(taken_by("a")), Some(taken_by("a"))]);
    assert_eq!(store.head().await.unwrap().position, 1);
}

pub async fn a_released_claim_can_be_taken(home: Home) {
    let store = home.open().await;
    assert_eq!(refusal(&store, "a", 1, vec![take("month", "k"), take("month", "l")]).await, None);
    assert_eq!(refusal(&store, "b", 2, vec![release("month", "k")]).await, None);
    assert_eq!(holder(&store, "k").await.as_deref(), Some("a"), "only its holder can release a claim");
    assert_eq!(refusal(&store, "a", 3, vec![release("month", "k")]).await, None);
    assert_eq!(holder(&store, "k").await, None);
    let batch = vec![claiming("b", 4, vec![take("month", "k")]), claiming("a", 5, vec![release("month", "l")])];
    assert!(store.append_batch(batch).await.iter().all(Result::is_ok));
    assert_eq!((holder(&store, "k").await.as_deref(), holder(&store, "l").await), (Some("b"), None));
}

pub async fn release_and_take_of_one_append_keep_their_order(home: Home) {
    let store = home.open().await;
    assert_eq!(refusal(&store, "a", 1, vec![take("month", "k"), release("month", "k")]).await, None);
    assert_eq!(holder(&store, "k").await, None);
    assert_eq!(refusal(&store, "a", 2, vec![release("month", "k"), take("month", "k")]).await, None);
    assert_eq!(holder(&store, "k").await.as_deref(), Some("a"));
    let handed = vec![claiming("a", 3, vec![release("month", "k")]), claiming("b", 4, vec![take("month", "k")])];
    assert!(store.append_batch(handed).await.iter().all(Result::is_ok));
    assert_eq!(holder(&store, "k").await.as_deref(), Some("b"));
}

pub async fn a_refused_append_takes_no_claim(home: Home) {
    let store = home.open().await;
    assert_eq!(refusal(&store, "a", 1, vec![take("month", "k")]).await, None);
    assert_eq!(refusal(&store, "b", 2, vec![take("month", "l"), take("month", "k")]).await, Some(taken_by("a")));
    let late = Append { claims: vec![take("month", "m")], ..append("b", StreamState::StreamExists, [3]) };
    assert!(store.append_to_stream(late).await.is_err());
    assert_eq!((holder(&store, "l").await, holder(&store, "m").await), (None, None));
}

pub async fn claims_of_different_kinds_do_not_meet(home: Home) {
    let store = home.open().await;
    assert_eq!(refusal(&store, "a", 1, vec![take("month", "k")]).await, None);
    assert_eq!(refusal(&store, "b", 2, vec![take("reference", "k")]).await, None);
}

pub async fn a_thousand_claims_are_looked_up_in_their_order(home: Home) {
    let store = home.open().await;
    let key = |number: u32| number.to_be_bytes().to_vec();
    let claims = (0..3000).step_by(2).map(|number| take("month", key(number))).collect();
    assert_eq!(refusal(&store, "a", 1, claims).await, None);
    let asked: Vec<Vec<u8>> = (0..3000).rev().map(key).collect();
    let found = store.find_claims("month", &asked).await.unwrap();
    let expected: Vec<_> = (0..3000).rev().map(|number| (number % 2 == 0).then(|| "a".to_owned())).collect();
    assert_eq!(found, expected);
}

pub async fn of_many_keys_those_that_are_held_are_found_wherever_they_lie(home: Home) {
    let store = home.open().await;
    // Of 3,000 keys these are held, most at the ends of runs and some in the midst; and one beyond either end.
    let held = [0_u32, 1, 249, 250, 499, 500, 1_234, 2_750, 2_999];
    let key = |number: u32| (number + 1).to_be_bytes();
    let mut claims: Vec<ClaimChange> = held.iter().map(|number| take("month", key(*number))).collect();
    claims.extend([take("month", 0_u32.to_be_bytes()), take("month", 9_999_u32.to_be_bytes())]);
    claims.extend((0..3_000).map(|number| take("other", key(number))));
    assert_eq!(refusal(&store, "a", 1, claims).await, None);
    // Asked in an order of its own.
    let asked: Vec<u32> = (0..3_000).map(|number| number * 7 % 3_000).collect();
    let keys: Vec<Vec<u8>> = asked.iter().map(|number| key(*number).to_vec()).collect();
    let found = store.find_claims("month", &keys).await.unwrap();
    let mut found: Vec<u32> = asked.iter().zip(found).filter(|(_, holder)| holder.is_some()).map(|(n, _)| *n).collect();
    found.sort_unstable();
    assert_eq!(found, held);
    assert!(store.find_claims("nothing", &keys).await.unwrap().iter().all(Option::is_none));
}

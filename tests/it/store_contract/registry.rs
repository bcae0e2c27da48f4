//! API keys and the vault's rows.

use super::{append, id};
use crate::support::engine::{Home, Store};
use chitra::store::registry::{ApiKey, KeyRotation};
use chitra::store::{Append, StreamState, VaultRow};

fn key(key_id: &str, created_at_us: i64) -> ApiKey {
    ApiKey {
        key_id: key_id.to_owned(),
        secret_hash: [5; 32],
        role: "clerk".to_owned(),
        unit_key: Some("20359@2008".to_owned()),
        bank: None,
        label: "phường Trà My".to_owned(),
        created_at_us,
        revoked_at_us: None,
        expires_at_us: None,
        used_at_us: None,
        former: None,
    }
}

pub async fn an_api_key_is_found_listed_and_revoked_once(home: Home) {
    let store = home.open().await;
    assert_eq!(store.insert_api_key(&key("b", 1)).await, Ok(true));
    assert_eq!(store.insert_api_key(&key("a", 2)).await, Ok(true));
    assert_eq!(store.find_api_key("a").await, Ok(Some(key("a", 2))));
    assert_eq!(store.find_api_key("c").await, Ok(None));
    assert_eq!(store.revoke_api_key("a", 7).await, Ok(true));
    assert_eq!(store.revoke_api_key("a", 8).await, Ok(false));
    assert_eq!(store.revoke_api_key("c", 8).await, Ok(false));
    let revoked = ApiKey { revoked_at_us: Some(7), ..key("a", 2) };
    assert_eq!(store.list_api_keys().await, Ok(vec![key("b", 1), revoked]));
}

pub async fn an_api_key_id_is_given_once(home: Home) {
    let store = home.open().await;
    assert_eq!(store.insert_api_key(&key("a", 1)).await, Ok(true));
    assert_eq!(store.insert_api_key(&key("a", 2)).await, Ok(false));
    assert_eq!(store.find_api_key("a").await, Ok(Some(key("a", 1))));
}

pub async fn an_api_key_is_given_its_next_secret_by_one_who_knows_the_one_before(home: Home) {
    let store = home.open().await;
    let born = ApiKey { expires_at_us: Some(50), used_at_us: Some(3), former: Some(([4; 32], 9)), ..key("a", 1) };
    assert_eq!(store.insert_api_key(&born).await, Ok(true));
    assert_eq!(store.find_api_key("a").await, Ok(Some(born.clone())));
    let next = KeyRotation { from_hash: [5; 32], to_hash: [6; 32], former_until_us: 20, expires_at_us: Some(90) };
    assert_eq!(store.rotate_api_key("a", &next).await, Ok(true));
    assert_eq!(store.rotate_api_key("a", &next).await, Ok(false), "the secret is another by now");
    assert_eq!(store.rotate_api_key("b", &next).await, Ok(false));
    let rotated = ApiKey { secret_hash: [6; 32], former: Some(([5; 32], 20)), expires_at_us: Some(90), ..born };
    assert_eq!(store.find_api_key("a").await, Ok(Some(rotated)));
    assert_eq!(store.revoke_api_key("a", 7).await, Ok(true));
    let more = KeyRotation { from_hash: [6; 32], ..next };
    assert_eq!(store.rotate_api_key("a", &more).await, Ok(false), "a revoked key stays what it is");
}

pub async fn the_last_use_of_an_api_key_never_goes_back(home: Home) {
    let store = home.open().await;
    assert_eq!(store.insert_api_key(&key("a", 1)).await, Ok(true));
    let used = |at_us: i64| [("a".to_owned(), at_us), ("nobody".to_owned(), at_us)];
    for (at_us, then) in [(5, 5), (4, 5), (8, 8)] {
        assert_eq!(store.touch_api_keys(&used(at_us)).await, Ok(()));
        let found = store.find_api_key("a").await.unwrap().unwrap();
        assert_eq!(found.used_at_us, Some(then));
    }
}

pub async fn a_named_value_is_set_once(home: Home) {
    let store = home.open().await;
    assert_eq!(store.vault_meta("look-up key").await, Ok(None));
    assert_eq!(store.put_vault_meta("look-up key", b"first").await, Ok(b"first".to_vec()));
    assert_eq!(store.put_vault_meta("look-up key", b"second").await, Ok(b"first".to_vec()));
    assert_eq!(store.vault_meta("look-up key").await, Ok(Some(b"first".to_vec())));
}

/// People 1 to `count`, each with one record.
async fn with_people(home: &Home, count: u128) -> Store {
    let store = home.open().await;
    let person = |number: u128| Append {
        vault: vec![
            VaultRow::Key { subject: id(number), wrapped_key: number.to_be_bytes().to_vec() },
            VaultRow::Record {
                record_ref: id(number + 10_000),
                subject: id(number),
                kind: "name",
                ciphertext: vec![7],
            },
        ],
        ..append(&format!("person-{number}"), StreamState::NoStream, [number])
    };
    assert!(store.append_batch((1..=count).map(person).collect()).await.iter().all(Result::is_ok));
    store
}

pub async fn a_person_is_destroyed_with_key_and_records_and_nobody_else(home: Home) {
    let store = with_people(&home, 2).await;
    assert_eq!(store.destroy_person(id(1)).await, Ok(true));
    assert_eq!(store.destroy_person(id(1)).await, Ok(false));
    assert_eq!(store.wrapped_keys(&[id(1), id(2)]).await, Ok(vec![None, Some(2_u128.to_be_bytes().to_vec())]));
    assert_eq!(store.vault_records_of(id(1)).await, Ok(Vec::new()));
    assert_eq!(store.vault_records_of(id(2)).await.unwrap().len(), 1);
}

pub async fn many_vault_rows_are_read_in_the_order_asked(home: Home) {
    let store = with_people(&home, 3000).await;
    let asked: Vec<_> = (1..=3001).rev().map(id).collect();
    let keys = store.wrapped_keys(&asked).await.unwrap();
    assert_eq!((keys.len(), &keys[0]), (3001, &None));
    assert_eq!(keys[1..], (1..=3000_u128).rev().map(|number| Some(number.to_be_bytes().to_vec())).collect::<Vec<_>>());
    let refs: Vec<_> = (10_001..=13_000).rev().map(id).collect();
    let records = store.vault_records(&refs).await.unwrap();
    let found: Vec<_> = records.into_iter().map(|record| record.unwrap().record_ref).collect();
    assert_eq!(found, refs);
}

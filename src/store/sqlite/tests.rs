//! What only the inside of the store can provoke: a full disk in the middle of a batch, and a borrower that goes away.

use super::*;
use crate::domain::ids::EndToEndId;
use crate::store::views::ViewStore;
use crate::store::{EventData, StreamState};
use sqlx::Connection;
use uuid::Uuid;

async fn memory() -> Arc<SqliteStore> {
    let mode = OpenMode::Writer { holder: "test".to_owned() };
    open("sqlite::memory:", OpenOptions::new(mode, Arc::new(|| 1))).await.unwrap()
}

fn append(stream: &str, number: u128, bytes: usize) -> Append {
    let event = EventData {
        event_id: Uuid::from_u128(number),
        event_type: "T".to_owned(),
        schema_version: 1,
        data: vec![0; bytes],
        metadata: Vec::new(),
    };
    Append::events(stream, StreamState::NoStream, vec![event])
}

#[tokio::test]
async fn a_full_disk_fails_the_whole_batch_records_nothing_and_the_next_append_succeeds() {
    let store = memory().await;
    // The smallest that SQLite takes is the size that the database has: it can grow no further through this connection.
    sqlx::query("PRAGMA max_page_count = 1").execute(&mut *store.writer().await.unwrap()).await.unwrap();
    let answers = store.append_batch(vec![append("a", 1, 10), append("b", 2, 500_000)]).await;
    assert_eq!(answers.len(), 2);
    for answer in answers {
        assert!(matches!(answer, Err(AppendError::Store(StoreError::Unavailable(_)))), "{answer:?}");
    }
    assert_eq!(store.head().await.unwrap().position, 0);
    assert_eq!(store.append_to_stream(append("a", 1, 10)).await.unwrap().position, 1);
}

#[tokio::test]
async fn a_borrower_that_goes_away_in_a_transaction_leaves_nothing_and_the_next_append_succeeds() {
    let store = memory().await;
    {
        let mut writer = store.writer().await.unwrap();
        let mut tx = writer.begin_with("BEGIN IMMEDIATE").await.unwrap();
        let vandal = sqlx::query("UPDATE log_head SET next_position = 100");
        assert_eq!(vandal.execute(&mut *tx).await.unwrap().rows_affected(), 1);
    }
    assert_eq!(store.append_to_stream(append("a", 1, 10)).await.unwrap().position, 1);
}

#[tokio::test]
async fn readers_cannot_write() {
    let store = memory().await;
    let refused = sqlx::query("UPDATE log_head SET next_position = 100").execute(store.reader()).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn a_short_stream_is_read_once_until_it_is_appended_to() {
    let store = memory().await;
    store.append_to_stream(append("a", 1, 10)).await.unwrap();
    let name = ["a".to_owned()];
    let first = store.read_streams(&name).await.unwrap();
    // Nobody does so; it tells where the answer comes from.
    let change = "UPDATE events SET schema_version = 9";
    sqlx::query(change).execute(&mut *store.writer().await.unwrap()).await.unwrap();
    assert_eq!(store.read_streams(&name).await.unwrap(), first);
    let next = Append { expected: StreamState::Revision(0), ..append("a", 2, 10) };
    store.append_to_stream(next).await.unwrap();
    let versions: Vec<u16> =
        store.read_streams(&name).await.unwrap().iter().map(|event| event.schema_version).collect();
    assert_eq!(versions, [9, 1]);
}

#[tokio::test]
async fn look_ups_go_on_over_a_new_connection_after_one_that_failed_and_not_after_the_end() {
    let store = memory().await;
    let look = async || store.attempts_by_end_to_end_id(&[EndToEndId::parse(&"0".repeat(32)).unwrap()]).await;
    let change = async |sql: &'static str| {
        sqlx::query(sql).execute(&mut *store.views_writer().await.unwrap()).await.unwrap();
    };
    // A mark on the connection that is open now.
    sqlx::query("PRAGMA cache_size = 77").execute(&mut *store.views_lookups().await.unwrap()).await.unwrap();
    let cache_size = async || {
        let mut connection = store.views_lookups().await.unwrap();
        sqlx::query_scalar::<_, i64>("PRAGMA cache_size").fetch_one(&mut *connection).await.unwrap()
    };
    assert_eq!((look().await, cache_size().await), (Ok(Vec::new()), 77));
    change("ALTER TABLE payment_attempts RENAME TO elsewhere").await;
    assert!(look().await.is_err());
    change("ALTER TABLE elsewhere RENAME TO payment_attempts").await;
    assert_eq!(look().await, Ok(Vec::new()));
    assert_ne!(cache_size().await, 77);
    let refused = sqlx::query("DELETE FROM payments").execute(&mut *store.views_lookups().await.unwrap()).await;
    assert!(refused.is_err(), "it reads");
    store.close().await;
    assert!(matches!(look().await, Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn closing_removes_a_memory_store_and_its_lock_from_the_disk() {
    let store = memory().await;
    let folder = store.held.lock().unwrap().folder.as_ref().unwrap().path().to_owned();
    assert!(folder.exists());
    store.close().await;
    assert!(!folder.exists());
}

#[tokio::test]
async fn a_subscription_page_is_bounded_in_bytes() {
    let store = memory().await;
    for number in 0..8 {
        store.append_to_stream(append(&number.to_string(), number, 1_000_000)).await.unwrap();
    }
    let mut subscription = store.subscribe(0).await.unwrap();
    let (first, second) = (subscription.next().await.unwrap(), subscription.next().await.unwrap());
    assert_eq!((first.len(), second.len()), (5, 3));
}

#[tokio::test]
async fn appends_are_synced_at_each_commit_and_views_with_the_next_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    migrate_file(&path).await.unwrap();
    let mode = OpenMode::Writer { holder: "test".to_owned() };
    let url = format!("sqlite:{}", path.display());
    let store = open(&url, OpenOptions::new(mode, Arc::new(|| 1))).await.unwrap();
    let level = |sql: &'static str| sqlx::query_scalar::<_, i64>(sql);
    let sql = "PRAGMA synchronous";
    assert_eq!(level(sql).fetch_one(&mut *store.writer().await.unwrap()).await.unwrap(), 2);
    assert_eq!(level(sql).fetch_one(&mut *store.views_writer().await.unwrap()).await.unwrap(), 1);
    // A connection that was given up is followed by one that is set the same.
    store.writer().await.unwrap().give_up();
    assert_eq!(level(sql).fetch_one(&mut *store.writer().await.unwrap()).await.unwrap(), 2);
}

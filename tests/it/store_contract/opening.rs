//! Opening, closing, and who may have a database open with whom.

use super::{append, event, write};
use crate::support::engine::{Home, Store};
use crate::support::postgres;
use chitra::store::registry::ApiKey;
use chitra::store::{Append, AppendError, Direction, OpenError, OpenMode, StoreError, StreamState, migrations};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};

async fn positions(store: &Store) -> Vec<u64> {
    let events = store.read_all(None, Direction::Forwards, 1000).await.unwrap();
    events.iter().map(|event| event.position).collect()
}

pub async fn a_closed_store_takes_no_appends_and_ends_its_subscriptions(home: Home) {
    let store = home.open().await;
    let mut subscription = store.subscribe(0).await.unwrap();
    store.close().await;
    let late = write(&store, "s", StreamState::Any, [1]).await;
    assert!(matches!(late, Err(AppendError::Store(StoreError::Unavailable(_)))), "{late:?}");
    assert!(matches!(subscription.next().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.read_all(None, Direction::Forwards, 1).await, Err(StoreError::Unavailable(_))));
}

pub async fn what_was_answered_is_there_after_reopening(home: Home) {
    let store = home.open().await;
    write(&store, "s", StreamState::NoStream, [1, 2]).await.unwrap();
    let before = store.read_all(None, Direction::Forwards, 10).await.unwrap();
    store.close().await;
    let store = home.open().await;
    assert_eq!(store.read_all(None, Direction::Forwards, 10).await, Ok(before));
    assert_eq!(*store.watch_head().borrow(), 2);
    assert_eq!(write(&store, "s", StreamState::Revision(1), [3]).await.unwrap().position, 3);
    assert!(write(&store, "s", StreamState::NoStream, [1, 2]).await.unwrap().already_recorded);
}

pub async fn a_second_writer_is_refused_and_told_who_holds_it(home: Home) {
    let _first = home.open_as(OpenMode::Writer { holder: "chitra serve on port 8080".to_owned() }).await.unwrap();
    let second = home.open_as(OpenMode::Writer { holder: "chitra import".to_owned() }).await;
    let Err(OpenError::HeldBy { holder }) = second else {
        panic!("the second writer was let in");
    };
    assert!(holder.contains("chitra serve on port 8080"), "{holder}");
    assert!(matches!(migrations::migrate(&home.url).await, Err(OpenError::HeldBy { .. })));
}

pub async fn a_closed_store_can_be_opened_for_writing_again(home: Home) {
    let first = home.open().await;
    first.close().await;
    let second = home.open_as(OpenMode::Writer { holder: "the next one".to_owned() }).await;
    assert!(second.is_ok(), "{second:?}");
}

pub async fn a_store_beside_reads_and_manages_keys_and_takes_no_appends(home: Home) {
    let server = home.open().await;
    write(&server, "s", StreamState::Any, [1]).await.unwrap();
    let beside = home.open_as(OpenMode::Beside).await.unwrap();
    assert_eq!(positions(&beside).await, vec![1]);
    let refused = beside.append_to_stream(Append::events("s", StreamState::Any, vec![event(2)])).await;
    assert!(matches!(refused, Err(AppendError::Store(StoreError::Rejected(_)))), "{refused:?}");
    let key = ApiKey {
        key_id: "k".to_owned(),
        secret_hash: [1; 32],
        role: "admin".to_owned(),
        unit_key: None,
        bank: None,
        label: String::new(),
        created_at_us: 1,
        revoked_at_us: None,
        expires_at_us: None,
        used_at_us: None,
        former: None,
    };
    assert_eq!(beside.insert_api_key(&key).await, Ok(true));
    assert_eq!(server.find_api_key("k").await, Ok(Some(key)));
    assert_eq!(write(&server, "s", StreamState::Any, [2]).await.unwrap().position, 2);
}

pub async fn a_store_beside_follows_the_writer(home: Home) {
    let server = home.open().await;
    let beside = home.open_as(OpenMode::Beside).await.unwrap();
    let mut subscription = beside.subscribe(0).await.unwrap();
    let (page, written) =
        tokio::join!(subscription.next(), server.append_to_stream(append("s", StreamState::Any, [1])));
    assert_eq!(page.unwrap().last().map(|event| event.position), Some(written.unwrap().position));
}

pub async fn a_file_that_was_not_migrated_is_refused(home: Home) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty.sqlite");
    let home = home.at(format!("sqlite:{}", path.display()));
    let refused = home.open_as(OpenMode::Beside).await;
    assert_eq!(refused.err(), Some(OpenError::NotMigrated));
    assert!(!path.exists(), "looking at a database must not make one");
    std::fs::write(&path, b"").unwrap();
    let refused = home.open_as(OpenMode::Writer { holder: "x".to_owned() }).await;
    assert_eq!(refused.err(), Some(OpenError::NotMigrated));
}

pub async fn a_second_writer_is_let_in(home: Home) {
    let (first, second) = (home.open().await, home.open().await);
    assert_eq!(write(&first, "s", StreamState::Any, [1]).await.unwrap().position, 1);
    assert_eq!(write(&second, "s", StreamState::Any, [2]).await.unwrap().position, 2);
    assert_eq!(positions(&first).await, [1, 2]);
    migrations::migrate(&home.url).await.unwrap();
}

pub async fn a_database_that_was_not_migrated_is_refused(home: Home) {
    let blank = home.database.as_ref().unwrap().cluster.blank("").await;
    let home = home.at(blank.url.clone());
    assert_eq!(migrations::is_fresh(&home.url).await, Ok(true));
    for mode in [OpenMode::Beside, OpenMode::Writer { holder: "x".to_owned() }] {
        assert_eq!(home.open_as(mode).await.err(), Some(OpenError::NotMigrated));
    }
    migrations::migrate(&home.url).await.unwrap();
    assert_eq!(migrations::is_fresh(&home.url).await, Ok(false));
    assert_eq!(write(&home.open().await, "s", StreamState::Any, [1]).await.unwrap().position, 1);
}

pub async fn an_unfit_database_is_refused_with_what_to_do(home: Home) {
    let cluster = home.database.as_ref().unwrap().cluster;
    let latin = cluster.blank("ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER 'libc'").await;
    for refused in
        [migrations::migrate(&latin.url).await.err(), home.at(latin.url.clone()).open_as(OpenMode::Beside).await.err()]
    {
        let reason = refused.unwrap().to_string();
        assert!(reason.contains("LATIN1") && reason.contains("ENCODING 'UTF8'"), "{reason}");
    }
}

pub async fn a_server_that_is_not_there_is_said_to_be_unavailable(home: Home) {
    let cluster = home.database.as_ref().unwrap().cluster;
    for url in [cluster.url("no_such_database"), "postgres:///chitra?host=/no/such/folder&user=chitra".to_owned()] {
        let refused = migrations::migrate(&url).await.err();
        assert!(matches!(refused, Some(OpenError::Store(StoreError::Unavailable(_)))), "{refused:?}");
    }
}

pub async fn migrating_twice_changes_nothing(home: Home) {
    let store = home.open().await;
    write(&store, "s", StreamState::Any, [1]).await.unwrap();
    store.close().await;
    migrations::migrate(&home.url).await.unwrap();
    assert_eq!(positions(&home.open().await).await, vec![1]);
}

pub async fn a_newer_schema_is_refused(home: Home) {
    let later = |checksum: &str| {
        format!(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', TRUE, {checksum}, 0)"
        )
    };
    if home.database.is_some() {
        postgres::run_sql(&mut postgres::connect(&home.url).await, &later("''")).await;
    } else {
        let path = home.url.trim_start_matches("sqlite:");
        let mut connection = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
        sqlx::query(AssertSqlSafe(later("x'00'"))).execute(&mut connection).await.unwrap();
    }
    let refused = home.open_as(OpenMode::Beside).await.err();
    assert!(matches!(refused, Some(OpenError::NewerSchema { found: 9999, .. })), "{refused:?}");
    let refused = migrations::migrate(&home.url).await.err();
    assert!(matches!(refused, Some(OpenError::NewerSchema { found: 9999, .. })), "{refused:?}");
}

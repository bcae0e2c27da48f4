//! How servers of one database hear of each other's commits: NOTIFY after a commit, LISTEN, and a look at the head now and then, since a
//! notification may be lost.

use super::read::Reader;
use crate::store::StoreError;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use std::time::Duration;
use tokio::sync::watch;

/// How long a commit of another server may stay unseen when its notification was lost.
const RECHECK: Duration = Duration::from_secs(1);
/// Commits that come closer together than this share a notification.
const GATHER: Duration = Duration::from_millis(5);

/// The channel of one log's commits.
fn channel(log_id: i32) -> String {
    format!("chitra_head_{log_id}")
}

/// Moves the head forwards, never back: a notification may be older than what is known.
pub(super) fn raise(head: &watch::Sender<u64>, position: u64) {
    head.send_if_modified(|known| {
        let moved = position > *known;
        *known = position.max(*known);
        moved
    });
}

/// Tells other servers of this process's commits. Ends when the committer goes.
pub(super) async fn announce(reader: Reader, mut committed: watch::Receiver<u64>) {
    let channel = channel(reader.log_id);
    while committed.changed().await.is_ok() {
        let position = *committed.borrow_and_update();
        let query = sqlx::query(include_str!("../sql/postgres/notify_head.sql"));
        let told = query.bind(&channel).bind(position.to_string()).execute(&reader.pool).await;
        if let Err(error) = told {
            tracing::debug!(%error, "other servers were not told of a commit and will look for themselves");
        }
        tokio::time::sleep(GATHER).await;
    }
}

/// Keeps the head as the whole database has it. Runs until it is aborted.
pub(super) async fn follow(reader: Reader, listeners: PgPool, head: watch::Sender<u64>) {
    loop {
        if let Err(error) = listen(&reader, &listeners, &head).await {
            if reader.pool.is_closed() {
                return;
            }
            tracing::debug!(%error, "the listener for commits of other servers connects anew");
        }
        tokio::time::sleep(RECHECK).await;
    }
}

async fn listen(reader: &Reader, listeners: &PgPool, head: &watch::Sender<u64>) -> Result<(), StoreError> {
    let mut listener = PgListener::connect_with(listeners).await.map_err(|e| super::fault(&e))?;
    listener.listen(&channel(reader.log_id)).await.map_err(|e| super::fault(&e))?;
    loop {
        // First of all, and after a loss too: what was committed while nobody listened.
        raise(head, reader.head().await?.position);
        while let Ok(heard) = tokio::time::timeout(RECHECK, listener.try_recv()).await {
            match heard.map_err(|e| super::fault(&e))? {
                Some(notification) => raise(head, notification.payload().parse().unwrap_or(0)),
                None => break,
            }
        }
    }
}

//! Stands between the program and its PostgreSQL server, and loses the answers to commits of appends.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

/// What the idempotency keys of the appends begin with that are to be lost.
pub const KEYS: &str = "LOST-";

pub struct Proxy {
    /// How many answers are still to be lost.
    pub losses: Arc<AtomicU32>,
}

impl Proxy {
    /// Listens in a folder, as a server would.
    pub fn start(server: &Path, folder: &Path) -> Self {
        let listener = UnixListener::bind(folder.join(".s.PGSQL.5432")).unwrap();
        let losses = Arc::new(AtomicU32::new(0));
        let (server, shared) = (server.to_owned(), Arc::clone(&losses));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, server.clone(), Arc::clone(&shared)));
            }
        });
        Self { losses }
    }
}

async fn serve(client: UnixStream, server: PathBuf, losses: Arc<AtomicU32>) {
    let server = UnixStream::connect(server).await.unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let lost = Arc::new(AtomicBool::new(false));
    let loses = Arc::clone(&lost);
    tokio::spawn(async move {
        // Only the connection that moves the head appends; others commit too. It commits by saying so, or with a statement alone.
        let (mut appends, mut in_transaction, mut bytes) = (false, false, vec![0; 1 << 16]);
        while let Ok(read @ 1..) = from_client.read(&mut bytes).await {
            let said = &bytes[..read];
            appends |= has(said, b"log_head");
            in_transaction |= has(said, b"BEGIN");
            let commits = has(said, b"COMMIT") || (!in_transaction && has(said, KEYS.as_bytes()));
            in_transaction &= !has(said, b"COMMIT") && !has(said, b"ROLLBACK");
            let one_less = |left: u32| left.checked_sub(1);
            if appends && commits && losses.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok() {
                loses.store(true, Ordering::SeqCst);
            }
            if to_server.write_all(said).await.is_err() {
                return;
            }
        }
    });
    let mut bytes = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from_server.read(&mut bytes).await {
        // The server has answered, so that the commit is done: both ends are closed now.
        if lost.load(Ordering::SeqCst) || to_client.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}

fn has(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|part| part == text)
}

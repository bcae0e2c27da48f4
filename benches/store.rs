//! How fast the store takes a bulk import, against a bare insert of the same bytes. Prints; judges nothing.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has nothing to tell")]

use chitra::domain::claims::{BENEFIT_MONTH, ClaimChange, PAYMENT_REFERENCE};
use chitra::store::{Append, Direction, EventData, OpenMode, OpenOptions, StreamState, migrations, open};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection};
use std::io::Write;
use std::sync::Arc;
use std::time::Instant;
use uuid::Uuid;

const BATCH: u64 = 1000;
const BATCHES: u64 = 200;
const DATA_BYTES: usize = 900;
const METADATA_BYTES: usize = 100;

/// Time-ordered as version 7 of UUID, from a counter.
fn id(number: u64, salt: &[u8]) -> Uuid {
    let random = Uuid::new_v5(&Uuid::NAMESPACE_OID, &[salt, &number.to_be_bytes()].concat());
    let mut bytes = *random.as_bytes();
    bytes[..6].copy_from_slice(&(1_700_000_000_000 + number / 10).to_be_bytes()[2..]);
    uuid::Builder::from_bytes(bytes).with_version(uuid::Version::SortRand).into_uuid()
}

fn claims(number: u64) -> Vec<ClaimChange> {
    let beneficiary = Uuid::new_v5(&Uuid::NAMESPACE_OID, &number.to_be_bytes());
    let month = [&24_300_u32.to_be_bytes()[..], beneficiary.as_bytes(), b"pension"].concat();
    let reference = format!("REF-2026-11-{number:09}").into_bytes();
    vec![
        ClaimChange { kind: BENEFIT_MONTH, key: month, take: true },
        ClaimChange { kind: PAYMENT_REFERENCE, key: reference, take: true },
    ]
}

fn append(number: u64) -> Append {
    let event = EventData {
        event_id: id(number, b"event"),
        event_type: "PaymentInstructed".to_owned(),
        schema_version: 1,
        data: vec![b'd'; DATA_BYTES],
        metadata: vec![b'm'; METADATA_BYTES],
    };
    let mut append = Append::events(format!("payment-{}", id(number, b"payment")), StreamState::NoStream, vec![event]);
    append.claims = claims(number);
    append
}

async fn bare(connection: &mut SqliteConnection) {
    let event_rows = vec!["(1,?,?,0,?,?,1,0,?,?,?)"; 1000].join(",");
    let claim_rows = vec!["(1,?,?,?)"; 2000].join(",");
    let events: Arc<str> = format!("INSERT INTO events VALUES {event_rows}").into();
    let claim: Arc<str> = format!("INSERT INTO claims VALUES {claim_rows}").into();
    for batch in 0..BATCHES {
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await.unwrap();
        let appends: Vec<Append> = (batch * BATCH..(batch + 1) * BATCH).map(append).collect();
        let mut query = sqlx::query(AssertSqlSafe(Arc::clone(&events)));
        let mut taken = Vec::new();
        for (append, position) in appends.into_iter().zip(batch * BATCH + 1..) {
            taken.extend(append.claims.into_iter().map(|claim| (claim.kind, claim.key, append.stream.clone())));
            let event = append.events.into_iter().next().unwrap();
            query = query
                .bind(i64::try_from(position).unwrap())
                .bind(append.stream)
                .bind(event.event_id.as_bytes().to_vec());
            query = query.bind(event.event_type).bind(event.data).bind(event.metadata).bind(vec![7_u8; 32]);
        }
        query.execute(&mut *connection).await.unwrap();
        taken.sort_unstable();
        let mut query = sqlx::query(AssertSqlSafe(Arc::clone(&claim)));
        for (kind, key, stream) in taken {
            query = query.bind(kind).bind(key).bind(stream);
        }
        query.execute(&mut *connection).await.unwrap();
        sqlx::query("COMMIT").execute(&mut *connection).await.unwrap();
    }
}

fn say(what: &str, count: u64, since: Instant) {
    let rate = u128::from(count) * 1_000_000 / since.elapsed().as_micros().max(1);
    let _ = writeln!(std::io::stdout(), "{what}: {rate} events/s");
}

async fn fresh(folder: &std::path::Path, name: &str) -> String {
    let url = format!("sqlite:{}", folder.join(name).display());
    migrations::migrate(&url).await.unwrap();
    url
}

async fn imported(url: &str) {
    let now = Arc::new(|| 1_763_900_000_000_000);
    let store = open(url, OpenOptions::new(OpenMode::Writer { holder: "bench".to_owned() }, now)).await.unwrap();
    let begun = Instant::now();
    let mut given = Vec::new();
    for batch in 0..BATCHES {
        let appends = (batch * BATCH..(batch + 1) * BATCH).map(append).collect();
        let store = Arc::clone(&store);
        given.push(tokio::spawn(async move { store.append_batch(appends).await }));
        if given.len() > 8 {
            assert!(given.remove(0).await.unwrap().iter().all(Result::is_ok));
        }
    }
    for answer in given {
        assert!(answer.await.unwrap().iter().all(Result::is_ok));
    }
    say("import through the committer", BATCH * BATCHES, begun);

    let begun = Instant::now();
    let (mut after, mut count) = (0, 0);
    loop {
        let page = store.read_all(Some(after), Direction::Forwards, 2000).await.unwrap();
        let Some(last) = page.last() else { break };
        (after, count) = (last.position, count + page.len() as u64);
    }
    say("reading it back", count, begun);
    store.close().await;
}

async fn one_by_one(url: &str, writers: u64, each: u64) {
    let now = Arc::new(|| 1_763_900_000_000_000);
    let store = open(url, OpenOptions::new(OpenMode::Writer { holder: "bench".to_owned() }, now)).await.unwrap();
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for writer in 0..writers {
        let store = Arc::clone(&store);
        tasks.push(tokio::spawn(async move {
            for number in 0..each {
                store.append_to_stream(append((writer + 1) * 10_000_000 + number)).await.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    say(&format!("{writers} writers, one event an append"), writers * each, begun);
    store.close().await;
}

#[tokio::main]
async fn main() {
    let folder = tempfile::Builder::new().prefix("bench-").tempdir_in("target").unwrap();
    fresh(folder.path(), "bare.sqlite").await;
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("bare.sqlite"))
        .page_size(8192)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", "8000")
        .pragma("cache_size", "-16000")
        .disable_statement_logging();
    let mut connection = options.connect().await.unwrap();
    let begun = Instant::now();
    bare(&mut connection).await;
    say("bare insert of the same bytes", BATCH * BATCHES, begun);

    imported(&fresh(folder.path(), "import.sqlite").await).await;
    let url = fresh(folder.path(), "singles.sqlite").await;
    one_by_one(&url, 1, 500).await;
    one_by_one(&url, 64, 300).await;
}

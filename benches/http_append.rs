//! Single durable appends over HTTP with 64 connections, on SQLite and on a store that stores nothing. Prints; judges nothing.
//! `cargo bench --features bench --bench http_append`; `CHITRA_BENCH_SECONDS` and `CHITRA_BENCH_ROUNDS` set its length.

#![expect(clippy::unwrap_used, reason = "a load program stops when anything fails")]

mod common;

use common::{median, month, ratio, say, setting};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CONNECTIONS: u64 = 64;
const PEOPLE: u64 = 20_000;
/// The key that `--database null:` knows.
const NULL_KEY: &str = "chitra_000000bench0_0000000000000000000000000000000000000000000000000000000000000000";

/// The requests of one server, each with a payment of its own.
struct Load {
    address: String,
    key: String,
    next: AtomicU64,
}

impl Load {
    fn request(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (person, month) = (number % PEOPLE, month(number / PEOPLE));
        let body = format!(
            r#"{{"payment_reference":"PAY-{number}","beneficiary_ref":"B-{person}","benefit_type":"pension","cycle":"{month}","amount":"2500000","channel":"cash_desk"}}"#
        );
        format!(
            "POST /v1/payments HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nIdempotency-Key: key-{number}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            self.key,
            body.len()
        )
    }

    /// One connection: the next request when the last is answered, until the time is over. How many were answered with 201.
    async fn connection(&self, until: Instant) -> u64 {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (mut answer, mut created) = (vec![0_u8; 16 * 1024], 0);
        while Instant::now() < until {
            stream.write_all(self.request().as_bytes()).await.unwrap();
            let length = read_answer(&mut stream, &mut answer).await;
            assert!(answer.starts_with(b"HTTP/1.1 201"), "{}", String::from_utf8_lossy(&answer[..length]));
            created += 1;
        }
        created
    }
}

/// Reads one answer to its end; how long it was.
async fn read_answer(stream: &mut TcpStream, answer: &mut [u8]) -> usize {
    let mut length = 0;
    loop {
        let read = stream.read(&mut answer[length..]).await.unwrap();
        assert!(read > 0, "the server hung up");
        length += read;
        let Some(head) = answer[..length].windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
        let body = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse::<usize>().ok());
        if length >= head + 4 + body.unwrap() {
            return length;
        }
    }
}

async fn round(load: &Arc<Load>, seconds: u64) -> u64 {
    let begun = Instant::now();
    let until = begun + Duration::from_secs(seconds);
    let connections: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let load = Arc::clone(load);
            tokio::spawn(async move { load.connection(until).await })
        })
        .collect();
    let mut created = 0;
    for connection in connections {
        created += connection.await.unwrap();
    }
    u64::try_from(u128::from(created) * 1_000_000 / begun.elapsed().as_micros()).unwrap()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (seconds, rounds) = (setting("CHITRA_BENCH_SECONDS", 5), setting("CHITRA_BENCH_ROUNDS", 3));
    let folder = common::folder();
    let database = format!("sqlite:{}", folder.path().join("http.sqlite").display());
    common::run(&database, &["migrate"]);
    let people = common::beneficiaries(folder.path(), PEOPLE);
    common::run(&database, &["import", "--kind", "beneficiaries", people.to_str().unwrap()]);
    let key = common::run(&database, &["keys", "create", "--role", "supervisor"]);
    let (_sqlite, sqlite_address) = common::serve(folder.path(), &database);
    let (_null, null_address) = common::serve(folder.path(), "null:");
    let load = |address, key: &str| Arc::new(Load { address, key: key.to_owned(), next: AtomicU64::new(0) });
    let (sqlite, null) = (load(sqlite_address, &key), load(null_address, NULL_KEY));
    let (mut on_sqlite, mut on_null) = (Vec::new(), Vec::new());
    for number in 0..=rounds {
        let (one, other) = (round(&sqlite, seconds).await, round(&null, seconds).await);
        // The first round warms both up.
        if number > 0 {
            say(&format!("round {number}: sqlite {one} requests/s, null {other} requests/s"));
            on_sqlite.push(one);
            on_null.push(other);
        }
    }
    let (one, other) = (median(on_sqlite), median(on_null));
    say(&format!(
        "{CONNECTIONS} connections, median of {rounds}: sqlite {one} requests/s, null {other} requests/s, ratio {}",
        ratio(one, other)
    ));
}

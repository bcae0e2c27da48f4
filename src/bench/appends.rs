//! Appends one by one: over HTTP against a server that records nothing, alone against a bare commit, and together against one
//! transaction for each.

use super::events::{Maker, bare_event};
use super::figures::{Measured, Target, median, micros, per_second, percentile};
use super::load::{Load, Next};
use super::place::{Engine, Place};
use super::yardsticks::Bare;
use super::{BenchError, Run, files};
use crate::store::SharedStore;
use crate::store::null::BENCH_KEY;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Connections, and writers of the store.
pub const CONNECTIONS: u64 = 64;

/// Orders of payments, each of its own, for the people of the files.
pub fn orders(address: String, key: String, people: u64) -> Load {
    let (next, to) = (AtomicU64::new(0), address.clone());
    let next: Next = Arc::new(move || {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let (person, month) = (number % people, files::month(number / people));
        let body = format!(
            r#"{{"payment_reference":"PAY-{number}","beneficiary_ref":"B-{person}","benefit_type":"pension","benefit_months":["{month}"],"cycle":"{month}","amount":"2500000","channel":"cash_desk"}}"#
        );
        Some(format!(
            "POST /v1/payments HTTP/1.1\r\nHost: {to}\r\nAuthorization: Bearer {key}\r\nIdempotency-Key: key-{number}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    });
    Load { address, next, status: 201, holds: "" }
}

/// Single durable appends over HTTP: their rate and p99 beside the null server's, and alone beside a bare commit.
pub async fn over_http(run: &Run<'_>, engine: &Engine) -> Result<Vec<Measured>, BenchError> {
    let plan = run.plan;
    let (place, bare_place) = (run.place(engine, "append").await?, run.place(engine, "append_bare").await?);
    let people = files::people(run.ground.folder(), plan.people)?;
    place.run(&["import", "--kind", "beneficiaries", &people.to_string_lossy()]).await?;
    let key = place.run(&["keys", "create", "--role", "supervisor"]).await?;
    let (server, null) = (place.serve().await?, run.ground.null_server().await?);
    let ours = orders(server.address.clone(), key, plan.people);
    let nothing = orders(null.address.clone(), BENCH_KEY.to_owned(), plan.people);
    let (mut rates, mut p99) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
    for round in 0..=plan.rounds {
        let (mut one, mut other) =
            (ours.run(CONNECTIONS, plan.time).await?, nothing.run(CONNECTIONS, plan.time).await?);
        // The first round warms both up.
        if round > 0 {
            let (ours, nothing) = (per_second(one.answers, one.time), per_second(other.answers, other.time));
            rates.0.push(ours);
            rates.1.push(nothing);
            p99.0.push(percentile(&mut one.latencies, 99));
            p99.1.push(percentile(&mut other.latencies, 99));
            run.tell(&format!("append, round {round}: {ours} requests/s, recording nothing {nothing}"));
        }
    }
    let mut found = Vec::new();
    let least = if *engine == Engine::Sqlite { 600 } else { 500 };
    let rates = (median(rates.0), median(rates.1));
    let appended = Measured::new("append", "POST /v1/payments, 64 connections", rates, Target::AtLeast(least));
    found.push(appended.of("requests/s", "the same server, recording nothing"));
    let p99 = (median(p99.0), median(p99.1));
    let slowest = Measured::new("append_p99", "its p99", p99, Target::AtMost(2_500));
    found.push(slowest.of("µs", "the same server, recording nothing"));
    found.push(alone(run, &ours, &bare_place).await?);
    drop((server, null));
    place.remove().await?;
    bare_place.remove().await?;
    Ok(found)
}

/// One client on a server that has nothing else to do, against one commit of one event.
async fn alone(run: &Run<'_>, ours: &Load, bare_place: &Place<'_>) -> Result<Measured, BenchError> {
    let mut bare = Bare::open(&bare_place.url).await?;
    let (mut one, mut other, mut position) = (Vec::new(), Vec::new(), 0);
    for _ in 0..run.plan.rounds {
        one.push(percentile(&mut ours.run(1, run.plan.time / 2).await?.latencies, 50));
        let (begun, mut times) = (Instant::now(), Vec::new());
        while begun.elapsed() < run.plan.time / 2 {
            position += 1;
            let event = bare_event(position);
            let begun = Instant::now();
            bare.one(&event).await?;
            times.push(micros(begun.elapsed()));
        }
        other.push(percentile(&mut times, 50));
    }
    bare.close().await?;
    let measured =
        Measured::new("single_append", "one client, p50", (median(one), median(other)), Target::AtMost(1_500));
    Ok(measured.of("µs", "one bare commit of one event"))
}

/// The store under many writers, as it is, and with room for one append at a time: then each is a transaction of its own.
pub async fn group_commit(run: &Run<'_>, engine: &Engine) -> Result<Vec<Measured>, BenchError> {
    let place = run.place(engine, "group").await?;
    let store = place.store().await?;
    let maker = Arc::new(Maker::of_clerks());
    let (mut together, mut each, mut shared) = (Vec::new(), Vec::new(), Vec::new());
    for round in 1..=run.plan.rounds {
        let before = store.write_counts();
        let ours = writers(&store, &maker, (CONNECTIONS, run.plan.time)).await?;
        let after = store.write_counts();
        shared.push((after.events - before.events) / (after.commits - before.commits).max(1));
        let alone = writers(&store, &maker, (1, run.plan.time)).await?;
        run.tell(&format!("group commit, round {round}: {ours} appends/s, each alone {alone}"));
        together.push(ours);
        each.push(alone);
    }
    store.close().await;
    place.remove().await?;
    let least = if *engine == Engine::Sqlite { 15_000 } else { 3_500 };
    let rates = (median(together), median(each));
    let measured = Measured::new("group_commit", "64 writers of the store", rates, Target::AtLeast(least));
    let note = format!("{} events a commit", median(shared));
    Ok(vec![measured.of("appends/s", "the same 64 writers, one transaction for each append").noted(note)])
}

/// Many writers, of whom so many may be in the store at once.
async fn writers(store: &SharedStore, maker: &Arc<Maker>, (at_once, time): (u64, Duration)) -> Result<u64, BenchError> {
    let gate = Arc::new(tokio::sync::Semaphore::new(usize::try_from(at_once)?));
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (store, maker, gate) = (Arc::clone(store), Arc::clone(maker), Arc::clone(&gate));
        tasks.spawn(async move {
            let mut count = 0;
            while begun.elapsed() < time {
                let append = maker.append();
                let _turn = gate.acquire().await?;
                store.append_to_stream(append).await?;
                count += 1;
            }
            Ok::<u64, BenchError>(count)
        });
    }
    let mut count = 0;
    while let Some(done) = tasks.join_next().await {
        count += done??;
    }
    Ok(per_second(count, begun.elapsed()))
}

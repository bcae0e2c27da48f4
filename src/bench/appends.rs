//! Appends one by one: over HTTP against a server that records nothing, alone against a bare commit, and together against one
//! transaction for each.

use super::events::{Maker, bare_event};
use super::figures::{Measured, Target, median, micros, per_second, percentile};
use super::load::{Load, Next};
use super::place::{Engine, Place, Server};
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

/// One of the servers that take the same orders.
struct Side {
    load: Load,
    rates: Vec<u64>,
    p99: Vec<u64>,
}

impl Side {
    fn of(server: &Server, key: &str, people: u64) -> Self {
        let load = orders(server.address.clone(), key.to_owned(), people);
        Self { load, rates: Vec::new(), p99: Vec::new() }
    }

    async fn run(&mut self, time: Duration) -> Result<(), BenchError> {
        let mut loaded = self.load.run(CONNECTIONS, time).await?;
        self.rates.push(per_second(loaded.answers, loaded.time));
        self.p99.push(percentile(&mut loaded.latencies, 99));
        Ok(())
    }

    /// Medians; the first round warms up.
    fn rate(&self) -> u64 {
        median(self.rates.get(1..).unwrap_or_default().to_vec())
    }

    fn p99(&self) -> u64 {
        median(self.p99.get(1..).unwrap_or_default().to_vec())
    }
}

/// Single durable appends over HTTP: their rate and p99 beside the null server's, what is left of that with a part of the way beneath
/// it, and alone beside a bare commit.
pub async fn over_http(run: &Run<'_>, engine: &Engine) -> Result<Vec<Measured>, BenchError> {
    let plan = run.plan;
    let (place, bare_place) = (run.place(engine, "append").await?, run.place(engine, "append_bare").await?);
    let (rows_place, store_place) = (run.place(engine, "append_rows").await?, run.place(engine, "append_store").await?);
    let people = files::people(run.ground.folder(), plan.people)?;
    place.run(&["import", "--kind", "beneficiaries", &people.to_string_lossy()]).await?;
    let key = place.run(&["keys", "create", "--role", "supervisor"]).await?;
    let (server, null) = (place.serve().await?, run.ground.null_server().await?);
    let rows = rows_place.null_over("--rows-into").await?;
    let appends = store_place.null_over("--appends-into").await?;
    let mut sides = [
        Side::of(&server, &key, plan.people),
        Side::of(&null, BENCH_KEY, plan.people),
        Side::of(&rows, BENCH_KEY, plan.people),
        Side::of(&appends, BENCH_KEY, plan.people),
    ];
    for round in 0..=plan.rounds {
        for side in &mut sides {
            side.run(plan.time).await?;
        }
        let [ours, nothing, rows, appends] = sides.each_ref().map(|side| side.rates.last().copied().unwrap_or(0));
        if round > 0 {
            run.tell(&format!(
                "append, round {round}: {ours} requests/s, recording nothing {nothing}, rows alone {rows}, appends alone {appends}"
            ));
        }
    }
    drop((null, rows, appends));
    let mut found = of_sides(engine, &sides);
    found.push(alone(run, &sides[0].load, &bare_place).await?);
    drop(server);
    found.push(alone_in_store(run, &store_place, &bare_place).await?);
    for place in [place, bare_place, rows_place, store_place] {
        place.remove().await?;
    }
    Ok(found)
}

fn of_sides(engine: &Engine, [ours, null, rows, appends]: &[Side; 4]) -> Vec<Measured> {
    const NULL: &str = "the same server, recording nothing";
    let least = Target::AtLeast(if *engine == Engine::Sqlite { 600 } else { 500 });
    let rate =
        |key, what, side: &Side| Measured::new(key, what, (side.rate(), null.rate()), least).of("requests/s", NULL);
    vec![
        rate("append", "POST /v1/payments, 64 connections", ours),
        Measured::new("append_p99", "its p99", (ours.p99(), null.p99()), Target::AtMost(2_500)).of("µs", NULL),
        rate("append_rows", "that server with one bare row for each order, committed together", rows),
        rate("append_store", "that server with the store's append for each order, nothing following it", appends),
    ]
}

/// One client on a server that has nothing else to do, against one commit of one event.
async fn alone(run: &Run<'_>, ours: &Load, bare_place: &Place<'_>) -> Result<Measured, BenchError> {
    let mut bare = Commits::into(bare_place).await?;
    let (mut one, mut other) = (Vec::new(), Vec::new());
    for _ in 0..run.plan.rounds {
        one.push(percentile(&mut ours.run(1, run.plan.time / 2).await?.latencies, 50));
        other.push(bare.p50(run.plan.time / 2).await?);
    }
    bare.table.close().await?;
    let measured =
        Measured::new("single_append", "one client, p50", (median(one), median(other)), Target::AtMost(1_500));
    Ok(measured.of("µs", "one bare commit of one event"))
}

/// One writer of the store, against the same.
async fn alone_in_store(run: &Run<'_>, place: &Place<'_>, bare_place: &Place<'_>) -> Result<Measured, BenchError> {
    let (store, maker) = (place.store().await?, Maker::of_clerks());
    let mut bare = Commits::into(bare_place).await?;
    let (mut one, mut other) = (Vec::new(), Vec::new());
    for _ in 0..run.plan.rounds {
        let (begun, mut times) = (Instant::now(), Vec::new());
        while begun.elapsed() < run.plan.time / 2 {
            let append = maker.append();
            let begun = Instant::now();
            store.append_to_stream(append).await?;
            times.push(micros(begun.elapsed()));
        }
        one.push(percentile(&mut times, 50));
        other.push(bare.p50(run.plan.time / 2).await?);
    }
    bare.table.close().await?;
    store.close().await;
    let what = "one append to the store, p50";
    let measured = Measured::new("store_append", what, (median(one), median(other)), Target::AtMost(1_500));
    Ok(measured.of("µs", "one bare commit of one event"))
}

/// Bare commits of one event each.
struct Commits {
    table: Bare,
    position: u64,
}

impl Commits {
    async fn into(place: &Place<'_>) -> Result<Self, BenchError> {
        let mut table = Bare::open(&place.url).await?;
        let position = table.scan().await?;
        Ok(Self { table, position })
    }

    /// The median of as many as there is time for.
    async fn p50(&mut self, time: Duration) -> Result<u64, BenchError> {
        let (begun, mut times) = (Instant::now(), Vec::new());
        while begun.elapsed() < time {
            self.position += 1;
            let event = bare_event(self.position);
            let begun = Instant::now();
            self.table.one(&event).await?;
            times.push(micros(begun.elapsed()));
        }
        Ok(percentile(&mut times, 50))
    }
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

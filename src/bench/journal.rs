//! One log through its whole way: imported, followed by the projections, read back, and asked for its figures.

use super::events::Maker;
use super::figures::{Measured, Target, median, micros, per_second, percentile};
use super::load::{Load, Next};
use super::place::{Engine, Place};
use super::yardsticks::Bare;
use super::{BenchError, Measure, Run, files, growth};
use crate::app::App;
use crate::app::access::Principal;
use crate::app::imports::{ImportAnswer, ImportOrder, ImportStatus, Source};
use crate::domain::import::{ImportKind, ImportMode};
use crate::store::Direction;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Connections that ask for figures.
const READERS: u64 = 16;
/// Events of one page that is read through the trait.
const PAGE: u32 = 1_000;
/// How often the plain aggregate is run.
const AGGREGATES: u64 = 3;

fn order(kind: ImportKind, dry_run: bool) -> ImportOrder {
    ImportOrder {
        principal: Principal::local("bench"),
        kind,
        mode: ImportMode::All,
        dry_run,
        control_count: None,
        control_sum_minor: None,
        request: None,
    }
}

pub(super) async fn import(app: &App, kind: ImportKind, file: &Path) -> Result<(), BenchError> {
    import_as(app, &order(kind, false), file, ImportStatus::Completed).await
}

async fn import_as(app: &App, order: &ImportOrder, file: &Path, expected: ImportStatus) -> Result<(), BenchError> {
    let source = Source::of_file(file)?;
    match app.import(order, &source, &|_| {}).await? {
        ImportAnswer::Report(report) if report.status == expected => Ok(()),
        answer => Err(BenchError(format!("the import of {} was refused: {answer:?}", file.display()))),
    }
}

/// Rates of each round.
#[derive(Default)]
struct Rates {
    /// Its rows read and judged, and nothing recorded.
    judged: Vec<u64>,
    /// As many events appended to a store, and nothing else.
    store: Vec<u64>,
    import: Vec<u64>,
    bare: Vec<u64>,
    projection: Vec<u64>,
}

pub async fn journal(run: &Run<'_>, engine: &Engine) -> Result<Vec<Measured>, BenchError> {
    let (place, bare_place) = (run.place(engine, "log").await?, run.place(engine, "log_bare").await?);
    let (app, mut bare) = (place.app().await?, Bare::open(&bare_place.url).await?);
    let people = run.plan.rows.div_ceil(2);
    let file = files::people(run.ground.folder(), people)?;
    import(&app, ImportKind::Beneficiaries, &file).await?;
    app.catch_up().await?;
    let mut rates = Rates::default();
    let mut parts = None;
    if run.wants(Measure::Import) {
        parts = Some(Parts { place: run.place(engine, "log_store").await?, maker: Maker::of_files() });
    }
    for round in 1..=run.plan.rounds {
        if let Some(parts) = &parts {
            parts.measure(run, &app, (round, people), &mut rates).await?;
        }
        one_import(run, (&app, &mut bare), (round, people), &mut rates).await?;
    }
    if let Some(parts) = parts {
        parts.place.remove().await?;
    }
    let mut found = import_rows(run, engine, rates);
    let settled = files::settled(run.ground.folder(), "R1", people)?;
    import(&app, ImportKind::Outcomes, &settled).await?;
    app.catch_up().await?;
    if run.wants(Measure::ReadAll) {
        found.push(read_all(run, &app, &place).await?);
    }
    app.store.close().await;
    if run.wants(Measure::Query) {
        found.push(query(run, &place, people).await?);
    }
    bare.close().await?;
    place.remove().await?;
    bare_place.remove().await?;
    Ok(found)
}

/// What an import cannot do without, each measured alone: so that a missed aim says what it would take.
struct Parts<'r> {
    place: Place<'r>,
    maker: Maker,
}

impl Parts<'_> {
    /// Judges the rows that the round will import, and appends as many events to a store of their own.
    async fn measure(
        &self,
        run: &Run<'_>,
        app: &App,
        (round, people): (u64, u64),
        rates: &mut Rates,
    ) -> Result<(), BenchError> {
        let rows = run.plan.rows;
        let file = payments_of(run, round, people)?;
        let begun = Instant::now();
        import_as(app, &order(ImportKind::Payments, true), &file, ImportStatus::Checked).await?;
        rates.judged.push(per_second(rows, begun.elapsed()));
        let store = self.place.store().await?;
        let before = store.head().await?.position;
        let begun = Instant::now();
        growth::load(&store, &self.maker, rows).await?;
        rates.store.push(per_second(rows, begun.elapsed()));
        let appended = store.head().await?.position - before;
        store.close().await;
        if appended != rows {
            return Err(BenchError(format!("{rows} events were given to the store, and {appended} are in it")));
        }
        let last = |rates: &[u64]| rates.last().copied().unwrap_or(0);
        run.tell(&format!(
            "import, round {round}: judged alone {} rows/s, appended alone {} events/s",
            last(&rates.judged),
            last(&rates.store)
        ));
        Ok(())
    }
}

/// The file of a round.
fn payments_of(run: &Run<'_>, round: u64, people: u64) -> std::io::Result<PathBuf> {
    files::payments(run.ground.folder(), &format!("R{round}"), (run.plan.rows, people, (round - 1) * 2))
}

/// Imports a file, copies its events into the bare table, and lets the projections follow.
async fn one_import(
    run: &Run<'_>,
    (app, bare): (&App, &mut Bare),
    (round, people): (u64, u64),
    rates: &mut Rates,
) -> Result<(), BenchError> {
    let rows = run.plan.rows;
    let file = payments_of(run, round, people)?;
    let before = app.store.head().await?.position;
    let begun = Instant::now();
    import(app, ImportKind::Payments, &file).await?;
    let imported = per_second(rows, begun.elapsed());
    let (copied, time) = bare.copy(app.store.as_ref(), before, "PaymentInstructed").await?;
    if copied != rows {
        return Err(BenchError(format!("{rows} rows were imported and {copied} of their events found")));
    }
    let inserted = per_second(copied, time);
    let events = app.store.head().await?.position - before;
    let begun = Instant::now();
    app.catch_up().await?;
    let followed = per_second(events, begun.elapsed());
    std::fs::remove_file(file)?;
    run.tell(&format!("import, round {round}: {imported} events/s, bare {inserted}, projections {followed}"));
    rates.import.push(imported);
    rates.bare.push(inserted);
    rates.projection.push(followed);
    Ok(())
}

fn import_rows(run: &Run<'_>, engine: &Engine, rates: Rates) -> Vec<Measured> {
    let (import, bare, projection) = (median(rates.import), median(rates.bare), median(rates.projection));
    let against = match engine {
        Engine::Sqlite => "a bare insert of the same events, one transaction",
        Engine::Postgres(_) => "a bare COPY of the same events",
    };
    let note = format!("{} rows", run.plan.rows);
    let mut found = Vec::new();
    if run.wants(Measure::Import) {
        for (key, what, rate) in [
            ("import", "import of payments", import),
            ("import_judged", "its rows read and judged, and no event made", median(rates.judged)),
            ("import_store", "as many appends to the store, with their claims, and nothing else", median(rates.store)),
        ] {
            let measured = Measured::new(key, what, (rate, bare), Target::AtLeast(600));
            found.push(measured.of("events/s", against).noted(note.clone()));
        }
    }
    if run.wants(Measure::Projection) {
        let measured =
            Measured::new("projection", "all projections catching up", (projection, import), Target::AtLeast(1_000));
        found.push(measured.of("events/s", "the rate of that import").noted(note));
    }
    found
}

async fn read_all(run: &Run<'_>, app: &App, place: &Place<'_>) -> Result<Measured, BenchError> {
    let mut bare = Bare::open(&place.url).await?;
    let (mut ours, mut raw, mut count) = (Vec::new(), Vec::new(), 0);
    for round in 0..=run.plan.rounds {
        let begun = Instant::now();
        count = walk(app).await?;
        let one = per_second(count, begun.elapsed());
        let begun = Instant::now();
        let other = per_second(bare.scan().await?, begun.elapsed());
        // The first round warms the caches up.
        if round > 0 {
            ours.push(one);
            raw.push(other);
        }
    }
    bare.close().await?;
    let measured =
        Measured::new("read_all", "reading the log, decoded", (median(ours), median(raw)), Target::AtLeast(700));
    Ok(measured.of("events/s", "a raw scan by pages, not decoded").noted(format!("{count} events")))
}

async fn walk(app: &App) -> Result<u64, BenchError> {
    let (mut after, mut count) = (0, 0);
    loop {
        let page = app.store.read_all(Some(after), Direction::Forwards, PAGE).await?;
        let Some(last) = page.last() else { return Ok(count) };
        (after, count) = (last.position, count + page.len() as u64);
    }
}

async fn query(run: &Run<'_>, place: &Place<'_>, people: u64) -> Result<Measured, BenchError> {
    let key = place.run(&["keys", "create", "--role", "auditor"]).await?;
    let server = place.serve().await?;
    let (cycle, to) = (files::month(0), server.address.clone());
    let path = format!("/v1/adoption?unit={}&cycle={cycle}&group_by=unit_level:commune", files::PROVINCE);
    let next: Next =
        Arc::new(move || Some(format!("GET {path} HTTP/1.1\r\nHost: {to}\r\nAuthorization: Bearer {key}\r\n\r\n")));
    let load = Load { address: server.address.clone(), next, status: 200, holds: "" };
    let answered: Value = serde_json::from_slice(&load.once().await?)?;
    let mut bare = Bare::open(&place.url).await?;
    bare.analyze().await?;
    let (mut ours, mut plain, mut figure) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=AGGREGATES {
        let mut asked = load.run(READERS, run.plan.time).await?;
        let begun = Instant::now();
        figure = bare.adoption(&cycle).await?;
        if round > 0 {
            plain.push(micros(begun.elapsed()));
            ours.push(percentile(&mut asked.latencies, 99));
        }
    }
    bare.close().await?;
    let total = figure.iter().fold((0, 0), |sum, (_, people, cashless, _)| (sum.0 + people, sum.1 + cashless));
    let told = totals(&answered);
    if told != total || u64::try_from(total.0)? != people {
        return Err(BenchError(format!(
            "the figure and the plain aggregate differ: {told:?} and {total:?} people, without cash; {people} were paid"
        )));
    }
    let events = people * 2 + run.plan.rows * run.plan.rounds + people;
    let measured = Measured::new("query", "GET /v1/adoption, 16 connections, p99", (median(ours), median(plain)), {
        Target::AtMost(20)
    });
    Ok(measured.of("µs", "the same figure as plain SQL over the events").noted(format!("about {events} events")))
}

/// People and people paid without cash, of all groups of an answer.
fn totals(answer: &Value) -> (i64, i64) {
    let groups = answer["groups"].as_array().into_iter().flatten();
    let share = |group: &Value, member: &str| group["people"][member].as_i64().unwrap_or(0);
    groups.fold((0, 0), |sum, group| (sum.0 + share(group, "denominator"), sum.1 + share(group, "numerator")))
}

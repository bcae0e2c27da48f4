//! Ten times as much as the server can do: what of it is done all the same, how the rest is made to wait or turned away, and how much memory that
//! takes.

use super::appends::{CONNECTIONS, orders};
use super::figures::{Measured, Target, median, per_second};
use super::load::Load;
use super::place::{Engine, Server};
use super::{BenchError, Run, files};
use std::convert::Infallible;
use std::time::{Duration, Instant};

/// How many times the capacity is offered.
const TIMES: u64 = 10;
/// So many more are in work at a time: as the server's settings have it when nothing is said. They wait, and ask nothing meanwhile.
const IN_WORK: u64 = 512;
/// In kilobytes: what a server may take of its own at most while it is overloaded; pages of the database's file that are mapped are the system's.
const PEAK_MAX: u64 = 256 * 1024;

/// What became of the requests that were offered.
#[derive(Debug, Default, Clone, Copy)]
struct Offered {
    done: u64,
    /// Answered by 503 or 429, with the time after which to come again.
    shed: u64,
    time: Duration,
}

/// The rate of orders at 64 connections, and what is left of it when ten times as many beside those in work each ask as often as one of the 64
/// was answered.
pub async fn overload(run: &Run<'_>, engine: &Engine) -> Result<Vec<Measured>, BenchError> {
    let plan = run.plan;
    let place = run.place(engine, "overload").await?;
    let people = files::people(run.ground.folder(), plan.people)?;
    place.run(&["import", "--kind", "beneficiaries", &people.to_string_lossy()]).await?;
    let key = place.run(&["keys", "create", "--role", "supervisor"]).await?;
    let server = place.serve().await?;
    let load = orders(server.address.clone(), key, plan.people);
    let (mut best, mut kept, mut offers, mut sheds) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut peak = None;
    for round in 0..=plan.rounds {
        let calm = load.run(CONNECTIONS, plan.time).await?;
        let capacity = per_second(calm.answers, calm.time).max(1);
        let crowd = crowd(&load, CONNECTIONS * TIMES + IN_WORK, (pace(capacity), plan.time));
        let crowd = tokio::select! {
            crowd = crowd => crowd?,
            never = look(&server, &mut peak) => match never {},
        };
        // The first round warms up.
        if round > 0 {
            let done = per_second(crowd.done, crowd.time);
            let (offered, shed) = (per_second(crowd.done + crowd.shed, crowd.time), per_second(crowd.shed, crowd.time));
            run.tell(&format!("overload, round {round}: {capacity} requests/s; then {offered} offered, {done} done, {shed} turned away"));
            best.push(capacity);
            kept.push(done);
            offers.push(offered);
            sheds.push(shed);
        }
    }
    let peak = of_memory(run, peak, server.kilobytes("VmHWM:"));
    drop(server);
    place.remove().await?;
    let rates = (median(kept), median(best));
    let note = format!(
        "{} offered a second, {} of them turned away with Retry-After; the others waited for their turn",
        median(offers),
        median(sheds)
    );
    let goodput = Measured::new("overload", "POST /v1/payments at ten times the capacity", rates, Target::AtLeast(900));
    let mut found = vec![goodput.of("requests/s", "the same server at its capacity, 64 connections").noted(note)];
    found.extend(peak);
    Ok(found)
}

/// Looks again and again how much memory of its own the server has.
async fn look(server: &Server, peak: &mut Option<u64>) -> Infallible {
    loop {
        *peak = (*peak).max(server.kilobytes("RssAnon:"));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn of_memory(run: &Run<'_>, peak: Option<u64>, resident: Option<u64>) -> Option<Measured> {
    let (Some(peak), Some(resident)) = (peak, resident) else {
        run.tell("overload: this operating system does not tell how much a process has; its memory is left out");
        return None;
    };
    let measured =
        Measured::new("overload_peak", "a server's own memory under it", (peak, PEAK_MAX), Target::AtMost(1_000));
    Some(measured.of("kB", "256 MB").noted(format!("{resident} kB with the program and mapped pages")))
}

/// How long it took one of the 64 to be answered.
fn pace(capacity: u64) -> Duration {
    Duration::from_micros(CONNECTIONS * 1_000_000 / capacity)
}

/// Connections that each send so often, or when they were answered, if that is later.
async fn crowd(load: &Load, connections: u64, (pace, time): (Duration, Duration)) -> Result<Offered, BenchError> {
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..connections {
        // Not all in the same instant, nor ever again.
        let first = begun + pace * u32::try_from(number)? / u32::try_from(connections)?;
        let load = load.clone();
        tasks.spawn(async move { connection(&load, (first, pace, begun + time)).await });
    }
    let mut all = Offered::default();
    while let Some(one) = tasks.join_next().await {
        let one = one??;
        (all.done, all.shed) = (all.done + one.done, all.shed + one.shed);
    }
    Ok(Offered { time: begun.elapsed(), ..all })
}

/// What was turned away is sent again as it was, with its Idempotency-Key; sooner than the server asks for, which is the worst that clients do.
/// The server hangs up on whom it turned away before it read a body, and says so: then the next request takes a new connection.
async fn connection(load: &Load, (first, pace, until): (Instant, Duration, Instant)) -> Result<Offered, BenchError> {
    let (mut next, mut answer, mut again, mut offered) = (first, Vec::new(), None, Offered::default());
    let mut kept = None;
    loop {
        tokio::time::sleep_until(next.into()).await;
        if Instant::now() >= until {
            return Ok(offered);
        }
        next = (next + pace).max(Instant::now());
        let Some(request) = again.take().or_else(|| (load.next)()) else { return Ok(offered) };
        let mut stream = match kept.take() {
            Some(stream) => stream,
            None => load.connect().await?,
        };
        let body = load.exchange(&mut stream, (&request, &mut answer)).await?;
        let head = String::from_utf8_lossy(&answer[..body]).to_ascii_lowercase();
        if head.starts_with(&format!("http/1.1 {} ", load.status)) {
            offered.done += 1;
        } else if is_shed(&head) {
            offered.shed += 1;
            again = Some(request);
        } else {
            return Err(BenchError(format!("the server answered {}", String::from_utf8_lossy(&answer))));
        }
        if !head.contains("\r\nconnection: close") {
            kept = Some(stream);
        }
    }
}

/// Whether an answer says that there is too much to do, and when to come again. In small letters.
fn is_shed(head: &str) -> bool {
    (head.starts_with("http/1.1 503 ") || head.starts_with("http/1.1 429 ")) && head.contains("\r\nretry-after:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_that_says_when_to_come_again_is_shed() {
        assert!(is_shed("http/1.1 503 service unavailable\r\nretry-after: 1\r\n\r\n"));
        assert!(is_shed("http/1.1 429 too many requests\r\nretry-after: 1\r\n\r\n"));
        assert!(!is_shed("http/1.1 503 service unavailable\r\n\r\n"));
        assert!(!is_shed("http/1.1 500 internal server error\r\nretry-after: 1\r\n\r\n"));
        assert_eq!(pace(6_400), Duration::from_millis(10));
    }
}

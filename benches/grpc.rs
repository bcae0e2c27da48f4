//! The event store protocol against REST on the same server: single appends from 16 clients beside orders over 16 connections, batches from one
//! client, and a subscriber that catches up. For `cargo bench --bench grpc`, with `-- --quick` to see that all works.

#![expect(clippy::unwrap_used, reason = "a program that stops when anything fails")]

#[expect(dead_code, reason = "other load programs need more of it")]
mod common;

use chitra::grpc::proto::client::streams::append_req::{self, options::ExpectedStreamRevision};
use chitra::grpc::proto::client::streams::batch_append_req::{self, options::ExpectedStreamPosition};
use chitra::grpc::proto::client::streams::streams_client::StreamsClient;
use chitra::grpc::proto::client::streams::{AppendReq, BatchAppendReq, ReadReq, append_resp, batch_append_resp};
use chitra::grpc::proto::client::streams::{read_req, read_resp};
use chitra::grpc::proto::client::{Empty, StreamIdentifier, Uuid as Id, uuid as id};
use common::{Running, chitra, folder, say};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tonic::transport::Channel;
use uuid::Uuid;

const CLIENTS: u64 = 16;
/// Events of one batch.
const BATCH: u64 = 500;
const ROUNDS: u64 = 3;
/// Who is paid over REST, one after the other: nobody has so many payments that they matter.
const PEOPLE: u64 = 500;

static NEXT: AtomicU64 = AtomicU64::new(1);

struct Server {
    _running: Running,
    rest: String,
    grpc: String,
    key: String,
}

/// A sandbox, whose port of the protocol lets anybody in; its supervisor's key for REST.
async fn serve(folder: &Path) -> Server {
    let (ready, told) = (folder.join("ready"), folder.join("told"));
    let mut command = chitra(&format!("sqlite:{}/log.sqlite", folder.display()));
    command.arg("--master-key-file").arg(folder.join("key")).env("CHITRA_KEY_REQUESTS_PER_SECOND", "0");
    command.args(["serve", "--sandbox", "--listen", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--grpc-open"]);
    command.arg("--ready-file").arg(&ready).stdout(Stdio::from(File::create(&told).unwrap()));
    let running = Running(command.stderr(Stdio::inherit()).spawn().unwrap());
    for _ in 0..3000 {
        if let Ok(text) = std::fs::read_to_string(&ready) {
            let [rest, grpc] = text.lines().collect::<Vec<_>>()[..] else { panic!("{text}") };
            let told = std::fs::read_to_string(&told).unwrap();
            let key = told.lines().find_map(|line| line.strip_prefix("SUPERVISOR_KEY=")).unwrap().to_owned();
            let (rest, grpc) = (rest.to_owned(), grpc.replace("grpc://", "http://"));
            return Server { _running: running, rest, grpc, key };
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the server does not answer");
}

fn fresh() -> Id {
    Id { value: Some(id::Value::String(Uuid::from_u128(u128::from(NEXT.fetch_add(1, Ordering::Relaxed))).to_string())) }
}

fn stream(name: &str) -> StreamIdentifier {
    StreamIdentifier { stream_name: name.as_bytes().to_vec().into() }
}

fn kind() -> BTreeMap<String, String> {
    [("type", "Measured"), ("content-type", "application/json")].map(|(k, v)| (k.to_owned(), v.to_owned())).into()
}

/// As much as an order's event has.
fn data() -> Vec<u8> {
    json!({"text": "x".repeat(500)}).to_string().into_bytes()
}

/// Deeds a second of so many clients, each doing the next when the last is done.
async fn rate<D, F>(clients: u64, time: Duration, deed: D) -> u64
where
    D: Fn(u64) -> F + Clone + Send + 'static,
    F: Future<Output = u64> + Send + 'static,
{
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for client in 0..clients {
        let deed = deed.clone();
        tasks.spawn(async move {
            let mut done = 0;
            while begun.elapsed() < time {
                done += deed(client).await;
            }
            done
        });
    }
    let mut done = 0;
    while let Some(count) = tasks.join_next().await {
        done += count.unwrap();
    }
    done * 1000 / u64::try_from(begun.elapsed().as_millis()).unwrap()
}

/// The server's API, as a supervisor calls it.
#[derive(Clone)]
struct Rest {
    client: reqwest::Client,
    url: Arc<String>,
    key: Arc<String>,
}

impl Rest {
    async fn post(&self, path: &str, number: u64, body: &serde_json::Value) {
        let request = self.client.post(format!("{}{path}", self.url)).bearer_auth(&self.key);
        let answer = request.header("idempotency-key", format!("b{number}")).json(body).send().await.unwrap();
        assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
    }

    /// Waits until what follows the log has come to its end: each rate is measured of a server that has nothing else to do. The log is signed
    /// each minute or thousand events, which is no work that is behind.
    async fn calm(&self) {
        for _ in 0..6000 {
            let text = self.client.get(format!("{}/metrics", self.url)).send().await.unwrap().text().await.unwrap();
            let of = |name: &str| {
                let lines = text.lines().filter(|line| line.starts_with(name) && !line.contains("\"checkpoints\""));
                lines.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).min().unwrap()
            };
            if of("chitra_projection_position") >= of("chitra_head_position") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the projections do not catch up");
    }
}

/// One order over REST: an event in a stream of its own, with its claims.
async fn order(rest: Rest) -> u64 {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let body = json!({"payment_reference": format!("B-{number}"), "beneficiary_ref": format!("BENCH-{}", number % PEOPLE), "benefit_type": "pension",
        "kind": "supplement", "cycle": "2025-03", "amount": (1000 + number).to_string()});
    rest.post("/v1/payments", number, &body).await;
    1
}

async fn single(mut client: StreamsClient<Channel>, to: String) -> u64 {
    let expected_stream_revision = Some(ExpectedStreamRevision::Any(Empty {}));
    let options = append_req::Options { stream_identifier: Some(stream(&to)), expected_stream_revision };
    let event = append_req::ProposedMessage {
        id: Some(fresh()),
        metadata: kind(),
        custom_metadata: Vec::new().into(),
        data: data().into(),
    };
    let contents = [append_req::Content::Options(options), append_req::Content::ProposedMessage(event)];
    let messages: Vec<AppendReq> = contents.into_iter().map(|content| AppendReq { content: Some(content) }).collect();
    let answer = client.append(futures_util::stream::iter(messages)).await.unwrap().into_inner();
    assert!(matches!(answer.result, Some(append_resp::Result::Success(_))));
    1
}

async fn batch(mut client: StreamsClient<Channel>, to: String) -> u64 {
    let event = |_| batch_append_req::ProposedMessage {
        id: Some(fresh()),
        metadata: kind(),
        custom_metadata: Vec::new().into(),
        data: data().into(),
    };
    let options = batch_append_req::Options {
        stream_identifier: Some(stream(&to)),
        expected_stream_position: Some(ExpectedStreamPosition::Any(())),
        deadline_option: None,
    };
    let (correlation_id, options) = (Some(fresh()), Some(options));
    let request =
        BatchAppendReq { correlation_id, options, proposed_messages: (0..BATCH).map(event).collect(), is_final: true };
    let mut answers = client.batch_append(futures_util::stream::iter([request])).await.unwrap().into_inner();
    let answer = answers.message().await.unwrap().unwrap();
    assert!(matches!(answer.result, Some(batch_append_resp::Result::Success(_))));
    BATCH
}

/// Reads the log from its start until it has caught up: events a second, and how many.
async fn catch_up(mut client: StreamsClient<Channel>) -> (u64, u64) {
    use read_req::options::{AllOptions, CountOption, FilterOption, StreamOption, UuidOption};
    use read_req::options::{SubscriptionOptions, all_options::AllOption, uuid_option};
    let options = read_req::Options {
        stream_option: Some(StreamOption::All(AllOptions { all_option: Some(AllOption::Start(Empty {})) })),
        count_option: Some(CountOption::Subscription(SubscriptionOptions {})),
        filter_option: Some(FilterOption::NoFilter(Empty {})),
        uuid_option: Some(UuidOption { content: Some(uuid_option::Content::Structured(Empty {})) }),
        ..read_req::Options::default()
    };
    let begun = Instant::now();
    let mut answers = client.read(ReadReq { options: Some(options) }).await.unwrap().into_inner();
    let mut events = 0;
    while let Some(message) = answers.message().await.unwrap() {
        match message.content {
            Some(read_resp::Content::Event(_)) => events += 1,
            Some(read_resp::Content::CaughtUp(_)) => break,
            _ => {}
        }
    }
    (events * 1000 / u64::try_from(begun.elapsed().as_millis()).unwrap().max(1), events)
}

#[tokio::main]
async fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick" || argument == "--test");
    let time = if quick { Duration::from_millis(300) } else { Duration::from_secs(5) };
    let folder = folder();
    let server = serve(folder.path()).await;
    let rest =
        Rest { client: reqwest::Client::new(), url: Arc::new(server.rest.clone()), key: Arc::new(server.key.clone()) };
    for number in 0..PEOPLE {
        let person = json!({"beneficiary_ref": format!("BENCH-{number}"), "unit": "20341", "channel": "cash_desk",
            "effective_month": "2024-01"});
        rest.post("/v1/beneficiaries", NEXT.fetch_add(1, Ordering::Relaxed), &person).await;
    }
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let channel = Channel::from_shared(server.grpc.clone()).unwrap().connect().await.unwrap();
        clients.push(StreamsClient::new(channel).max_decoding_message_size(32 * 1024 * 1024));
    }
    let clients = Arc::new(clients);
    let of = move |client: u64| clients[usize::try_from(client).unwrap()].clone();
    let mut rates = [Vec::new(), Vec::new(), Vec::new()];
    // The first round warms up.
    for round in 0..=ROUNDS {
        rest.calm().await;
        let by_rest = rest.clone();
        let orders = rate(CLIENTS, time, move |_| order(by_rest.clone())).await;
        rest.calm().await;
        let by_one = of.clone();
        let singles = rate(CLIENTS, time, move |client| single(by_one(client), format!("single-{client}"))).await;
        rest.calm().await;
        let by_many = of.clone();
        let batches = rate(1, time, move |client| batch(by_many(client), format!("batch-{round}"))).await;
        say(&format!("round {round}: REST {orders}/s, single {singles}/s, batches {batches} events/s"));
        if round > 0 {
            [orders, singles, batches].into_iter().zip(&mut rates).for_each(|(rate, of)| of.push(rate));
        }
    }
    let [orders, singles, batches] = rates.map(|mut rates| {
        rates.sort_unstable();
        rates[rates.len() / 2]
    });
    rest.calm().await;
    let (caught_up, events) = catch_up(of(0)).await;
    say(&format!(
        "single appends, {CLIENTS} clients: {singles}/s, {} per mille of REST's {orders}/s",
        singles * 1000 / orders.max(1)
    ));
    say(&format!("batches of {BATCH}, one client: {batches} events/s"));
    say(&format!("a subscriber that catches up with {events} events: {caught_up} events/s"));
    assert!(singles > 0 && batches > 0 && caught_up > 0);
}

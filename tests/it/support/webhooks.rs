//! Endpoints as receivers would write them: a server that keeps what it is sent and answers as the test says.

use crate::support::app::TestApp;
use crate::support::client::Answer;
use async_trait::async_trait;
use chitra::app::App;
use chitra::app::access::Principal;
use chitra::app::webhooks::address::Network;
use chitra::app::webhooks::deliverer::Deliverer;
use chitra::app::webhooks::sender::{self, HttpSender, Outgoing, Sender};
use chitra::app::webhooks::{MessageKind, Options};
use chitra::banks::signature::{Algorithm, ClockWindow, Key, Signed, Validity, verify};
use chitra::domain::webhook::WebhookSettings;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A message as it arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub head: String,
    pub raw: Vec<u8>,
    pub body: Value,
}

impl Arrived {
    /// A header's text.
    pub fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).next().unwrap_or("")
    }

    pub fn kind(&self) -> &str {
        self.body["type"].as_str().unwrap()
    }

    pub fn position(&self) -> u64 {
        self.body["data"]["position"].as_u64().unwrap()
    }

    /// Whether a secret signed exactly this, at an instant that fits. Checked by what checks banks' messages.
    pub fn is_signed_by(&self, secret: &str, now: Timestamp) -> bool {
        let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
        let headers: Vec<(&str, &str)> = names.into_iter().map(|name| (name, self.header(name))).collect();
        let key = Key::parse("key", Algorithm::HmacSha256, secret, Validity::default()).unwrap();
        verify(&Signed { headers: &headers, body: &self.raw }, &[key], &ClockWindow::at(now)).is_ok()
    }
}

/// What an endpoint answers: a status and how it begins.
type Answers = Box<dyn FnMut(&Arrived) -> (u16, String) + Send>;

/// A server that keeps what it is sent.
pub struct Receiver {
    pub url: String,
    seen: Arc<Mutex<Vec<Arrived>>>,
    answers: Arc<Mutex<Answers>>,
    count: watch::Receiver<usize>,
}

impl Receiver {
    /// One that takes everything.
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://127.0.0.1:{}/hook", listener.local_addr().unwrap().port());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answers: Arc<Mutex<Answers>> = Arc::new(Mutex::new(Box::new(|_| (200, "thanks".to_owned()))));
        let (teller, count) = watch::channel(0);
        let teller = Arc::new(teller);
        let (kept, given) = (Arc::clone(&seen), Arc::clone(&answers));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, (Arc::clone(&kept), Arc::clone(&given)), Arc::clone(&teller)));
            }
        });
        Self { url, seen, answers, count }
    }

    /// Answers so from now on.
    pub fn answer(&self, answers: impl FnMut(&Arrived) -> (u16, String) + Send + 'static) {
        *self.answers.lock().unwrap() = Box::new(answers);
    }

    /// Answers one status to everything from now on.
    pub fn answer_all(&self, status: u16) {
        self.answer(move |_| (status, String::new()));
    }

    /// What came so far.
    pub fn seen(&self) -> Vec<Arrived> {
        self.seen.lock().unwrap().clone()
    }

    /// The types and positions of what came so far.
    pub fn told(&self) -> Vec<(String, u64)> {
        self.seen().iter().map(|one| (one.kind().to_owned(), one.position())).collect()
    }

    /// Waits until so many came, and answers all that did.
    pub async fn wait_for(&self, count: usize) -> Vec<Arrived> {
        let mut known = self.count.clone();
        let waited = tokio::time::timeout(Duration::from_secs(30), known.wait_for(|known| *known >= count)).await;
        assert!(waited.is_ok(), "{count} messages were expected: {:?}", self.told());
        self.seen()
    }
}

async fn serve(
    mut stream: TcpStream,
    (seen, answers): (Arc<Mutex<Vec<Arrived>>>, Arc<Mutex<Answers>>),
    teller: Arc<watch::Sender<usize>>,
) {
    let mut bytes = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            let mut part = [0; 4_096];
            match stream.read(&mut part).await {
                Ok(0) | Err(_) => return,
                Ok(read) => bytes.extend_from_slice(&part[..read]),
            }
            // Somebody speaks TLS, and is answered in the clear.
            if bytes.first() == Some(&0x16) {
                let _gone_either_way = stream.write_all(b"HTTP/1.1 400 Said\r\n\r\n").await;
                return;
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length =
            head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
        let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
        while bytes.len() < end + 4 + length {
            let mut part = [0; 4_096];
            match stream.read(&mut part).await {
                Ok(0) | Err(_) => return,
                Ok(read) => bytes.extend_from_slice(&part[..read]),
            }
        }
        let raw = bytes[end + 4..end + 4 + length].to_vec();
        bytes.drain(..end + 4 + length);
        let arrived = Arrived { head, body: serde_json::from_slice(&raw).unwrap_or(Value::Null), raw };
        let (status, text) = (answers.lock().unwrap())(&arrived);
        seen.lock().unwrap().push(arrived);
        teller.send_modify(|count| *count += 1);
        // What an overloaded endpoint says is how long it wants to be left alone.
        let more = match status {
            302 => "location: http://127.0.0.1:1/\r\n".to_owned(),
            429 | 503 => format!("retry-after: {text}\r\n"),
            _ => String::new(),
        };
        let answer = format!("HTTP/1.1 {status} Said\r\n{more}content-length: {}\r\n\r\n{text}", text.len());
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Takes everything, without a network.
pub struct Takes;

#[async_trait]
impl Sender for Takes {
    async fn send(&self, _message: Outgoing) -> sender::Answer {
        sender::Answer { status: Some(204), ..sender::Answer::default() }
    }
}

/// Networks of this machine, where receivers of tests are.
pub fn here() -> Options {
    Options { networks: vec![Network::parse("127.0.0.0/8").unwrap()], ..Options::default() }
}

/// Begins to send by HTTP, as a server does.
pub fn sending(app: &Arc<App>) -> Deliverer {
    app.webhooks.configure(here());
    Deliverer::start(app, Arc::new(HttpSender::new(app.webhooks.options().networks.clone())))
}

/// Waits until something is so.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..1_500 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it did not come to this: {what}");
}

impl TestApp {
    /// Registers an endpoint; its entry with the secret.
    pub async fn webhook(&self, settings: &Value) -> Value {
        self.app.webhooks.configure(here());
        self.supervisor().post("/v1/webhooks", &self.fresh(), settings).await.json(201)
    }

    /// Does something to an endpoint.
    pub async fn webhook_deed(&self, entry: &Value, deed: &str, body: &Value) -> Answer {
        let id = entry["webhook_id"].as_str().unwrap();
        self.supervisor().post(&format!("/v1/webhooks/{id}/{deed}"), &self.fresh(), body).await
    }

    /// An endpoint's entry as it is now.
    pub async fn webhook_now(&self, entry: &Value) -> Value {
        let id = entry["webhook_id"].as_str().unwrap();
        self.supervisor().get(&format!("/v1/webhooks/{id}")).await.json(200)
    }

    /// What was sent to an endpoint.
    pub async fn deliveries(&self, entry: &Value) -> Vec<Value> {
        let id = entry["webhook_id"].as_str().unwrap();
        let page = self.supervisor().get(&format!("/v1/webhooks/{id}/deliveries")).await.json(200);
        page["deliveries"].as_array().unwrap().clone()
    }

    /// Waits until a delivery stands so.
    pub async fn delivery_is(&self, entry: &Value, position: u64, status: &str) {
        let is_so = async || {
            let all = self.deliveries(entry).await;
            all.iter().any(|one| one["position"] == position && one["status"] == status)
        };
        until(&format!("{status} at {position}"), is_so).await;
    }

    /// Lets seconds go by, and has whoever sends look at the clock.
    pub fn seconds_pass(&self, seconds: i64) {
        use chitra::clock::Clock;
        self.clock.set_us(self.clock.now_us() + seconds * 1_000_000);
        self.app.webhooks.wake();
    }

    /// An endpoint that was told of something, so that there is a row in every table of webhooks.
    pub async fn told_once(&self) {
        let settings = WebhookSettings {
            url: "https://listener.example/".to_owned(),
            kinds: vec![MessageKind::Ping],
            unit: None,
            bank: None,
            description: None,
        };
        let request = |deed: &str| self.app.own_request(&Principal::local("supervisor"), deed);
        let (written, _) = self.app.register_webhook(&request("add"), settings).await.unwrap();
        let entry = json!({"webhook_id": written.state.registered.unwrap().webhook_id});
        let ping = self.webhook_deed(&entry, "ping", &json!({})).await.json(201);
        let sending = Deliverer::start(&self.app, Arc::new(Takes));
        self.delivery_is(&entry, ping["position"].as_u64().unwrap(), "delivered").await;
        sending.stop().await;
    }
}

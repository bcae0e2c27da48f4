//! Many callers who order payments, one after the other, each under its own idempotency key, and note what they were answered.

use super::CONNECTIONS;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// People, and months in which each can be paid.
const PEOPLE: u64 = 1_000;
const MONTHS: u64 = 15;

/// An office file of all people.
pub fn people() -> String {
    let rows = (0..PEOPLE).map(|person| format!("TK-{person:05},20350,cash_desk,2025-08\n"));
    "beneficiary_ref,unit,channel,effective_month\n".to_owned() + &rows.collect::<String>()
}

/// The agency's reference of an order.
pub fn reference(number: u64) -> String {
    format!("L-{number:06}")
}

/// An order like no other: its own person and month.
fn order(number: u64) -> Value {
    assert!(number < PEOPLE * MONTHS, "there are no more months to pay");
    let (person, month) = (number / MONTHS, 7 + number % MONTHS);
    let cycle = format!("{}-{:02}", 2025 + month / 12, month % 12 + 1);
    json!({"payment_reference": reference(number), "beneficiary_ref": format!("TK-{person:05}"), "benefit_type": "pension",
        "benefit_months": [cycle], "cycle": cycle, "amount": (1_000_000 + number).to_string()})
}

/// An answer of 201: what must be there for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    pub number: u64,
    pub payment: String,
    pub position: u64,
    pub replayed: bool,
}

/// An answer that is not 201.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub number: u64,
    pub status: u16,
    pub content_type: String,
    pub code: String,
    pub retry_after: bool,
}

/// What callers noted.
#[derive(Debug, Default)]
pub struct Tally {
    pub acknowledged: Vec<Acknowledged>,
    pub refused: Vec<Refused>,
    /// Answers of 201 that came after [`Load::note_the_end`].
    pub late: Vec<Acknowledged>,
    /// Sent, and no whole answer came.
    pub unanswered: Vec<u64>,
}

impl Tally {
    pub fn take(&mut self, other: Self) {
        self.acknowledged.extend(other.acknowledged);
        self.refused.extend(other.refused);
        self.late.extend(other.late);
        self.unanswered.extend(other.unanswered);
    }
}

/// One caller with a connection of its own.
#[derive(Clone)]
pub struct Caller {
    http: reqwest::Client,
    address: String,
    key: String,
}

impl Caller {
    pub fn new(address: &str, key: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_mins(1)).build().unwrap();
        Self { http, address: address.to_owned(), key: key.to_owned() }
    }

    /// Sends an order; the error is that of the connection.
    pub async fn order(&self, number: u64) -> Result<Result<Acknowledged, Refused>, reqwest::Error> {
        let sent = self
            .http
            .post(format!("{}/v1/payments", self.address))
            .header("authorization", format!("Bearer {}", self.key))
            .header("idempotency-key", format!("load-{number}"))
            .json(&order(number));
        let answer = sent.send().await?;
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (status, replayed) = (answer.status().as_u16(), header("idempotent-replayed").is_some());
        let (content_type, retry_after) = (header("content-type").unwrap_or_default(), header("retry-after").is_some());
        let body: Value = answer.json().await?;
        let text =
            |name: &str| body[name].as_str().unwrap_or_else(|| panic!("{status} without {name}: {body}")).to_owned();
        Ok(if status == 201 {
            let position = body["position"].as_u64().unwrap();
            Ok(Acknowledged { number, payment: text("payment_id"), position, replayed })
        } else {
            Err(Refused { number, status, content_type, code: text("code"), retry_after })
        })
    }

    /// The status of a path.
    pub async fn status(&self, path: &str) -> u16 {
        self.http.get(format!("{}{path}", self.address)).send().await.unwrap().status().as_u16()
    }
}

/// What callers share.
struct Board {
    numbers: Arc<AtomicU64>,
    stop: AtomicBool,
    late: AtomicBool,
    /// How many were recorded, and how many refused.
    counts: watch::Sender<(u64, u64)>,
}

impl Board {
    /// One caller: takes number after number until told to stop, or until the connection ends.
    async fn work(&self, caller: Caller) -> Tally {
        let mut tally = Tally::default();
        while !self.stop.load(Ordering::SeqCst) {
            let number = self.numbers.fetch_add(1, Ordering::SeqCst);
            match caller.order(number).await {
                Ok(Ok(acknowledged)) => {
                    let late = self.late.load(Ordering::SeqCst);
                    if late { &mut tally.late } else { &mut tally.acknowledged }.push(acknowledged);
                    self.counts.send_modify(|counts| counts.0 += 1);
                }
                Ok(Err(refused)) => {
                    tally.refused.push(refused);
                    self.counts.send_modify(|counts| counts.1 += 1);
                    // As `Retry-After` asks, but for its length.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Err(_) => {
                    tally.unanswered.push(number);
                    break;
                }
            }
        }
        tally
    }
}

/// Callers at work.
pub struct Load {
    board: Arc<Board>,
    counts: watch::Receiver<(u64, u64)>,
    tasks: Vec<JoinHandle<Tally>>,
}

impl Load {
    /// Lets callers take number after number. Each ends when its connection does.
    pub fn start(address: &str, key: &str, numbers: &Arc<AtomicU64>) -> Self {
        let (sender, counts) = watch::channel((0, 0));
        let numbers = Arc::clone(numbers);
        let board =
            Arc::new(Board { numbers, stop: AtomicBool::new(false), late: AtomicBool::new(false), counts: sender });
        let task = |_| {
            let (board, caller) = (Arc::clone(&board), Caller::new(address, key));
            tokio::spawn(async move { board.work(caller).await })
        };
        let tasks = (0..CONNECTIONS).map(task).collect();
        Self { board, counts, tasks }
    }

    /// From now on answers are late: with the power goes, at the same instant, whoever could have given them.
    pub fn note_the_end(&self) {
        self.board.late.store(true, Ordering::SeqCst);
    }

    /// Waits for so many answers of 201.
    pub async fn recorded(&mut self, at_least: u64) {
        self.until(|counts| counts.0 >= at_least).await;
    }

    /// Waits for so many more refusals than there are.
    pub async fn refused(&mut self, more: u64) {
        let before = self.counts.borrow().1;
        self.until(|counts| counts.1 >= before + more).await;
    }

    /// Waits for so many answers of both kinds.
    pub async fn both(&mut self, recorded: u64, refused: u64) {
        self.until(|counts| counts.0 >= recorded && counts.1 >= refused).await;
    }

    async fn until(&mut self, enough: impl Fn(&(u64, u64)) -> bool) {
        let waited = tokio::time::timeout(Duration::from_mins(2), self.counts.wait_for(enough)).await;
        let came = waited.is_ok_and(|found| found.is_ok());
        assert!(came, "the server came to {:?} recorded and refused, and no further", *self.counts.borrow());
    }

    /// Waits for all callers, who end with their connections.
    pub async fn end(self) -> Tally {
        let mut all = Tally::default();
        for task in self.tasks {
            all.take(task.await.unwrap());
        }
        all
    }

    /// Lets each finish its request, and waits.
    pub async fn stop(self) -> Tally {
        self.board.stop.store(true, Ordering::SeqCst);
        self.end().await
    }
}

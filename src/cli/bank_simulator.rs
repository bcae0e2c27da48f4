//! `chitra bank-simulator`: a bank that misbehaves, against a running server. It speaks plain HTTP, for tests on one machine.

use super::{Failure, Outcome, output};
use crate::banks::simulator::{self, Faults, Ordered, Sending};
use crate::clock::{Clock, SystemClock};
use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

/// How long a slow sending takes.
const SLOW: Duration = Duration::from_millis(500);
/// How often one that got no answer is sent again.
const TRIES_MAX: u32 = 10;
/// What a message is answered, and what a forged one.
const ACCEPTED: u16 = 202;
const UNAUTHORIZED: u16 = 401;

/// Flags of `bank-simulator`.
#[derive(Debug, Args)]
pub struct SimulatorArguments {
    /// The server, `http://host:port`
    #[arg(long, value_name = "URL")]
    pub server: String,
    /// The bank that it plays, by its id
    #[arg(long, value_name = "BANK")]
    pub bank: String,
    /// The bank's private key, Ed25519 as `openssl genpkey` writes it
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// The key's id in the registry
    #[arg(long, value_name = "ID")]
    pub key_id: String,
    /// The orders: a pain.001; several if given again
    #[arg(long = "pain001", value_name = "FILE", required_unless_present = "api_key")]
    pub files: Vec<PathBuf>,
    /// An API key of the bank's: its open payments are the orders
    #[arg(long, value_name = "KEY")]
    pub api_key: Option<String>,
    /// The same seed, the same misbehaviour
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many of a hundred, for example rejected=10; names: rejected, returned, partial, silent, contradictory, lost, duplicated,
    /// reordered, late, forged, slow
    #[arg(long = "percent", value_name = "NAME=NUMBER")]
    pub percents: Vec<String>,
}

/// Plays the bank; prints what its books say in the end, one line of JSON for each payment, and the answers that it got. It falls short
/// when one of them was none that the plan foresees: 202, and 401 for a signature that was forged.
pub async fn run(arguments: SimulatorArguments) -> Result<Outcome, Failure> {
    tokio::task::spawn_blocking(move || play(&arguments)).await?
}

fn play(arguments: &SimulatorArguments) -> Result<Outcome, Failure> {
    if !arguments.server.starts_with("http://") {
        return Err(Failure(format!("--server takes an address that begins with http://, not {}", arguments.server)));
    }
    let mut faults = Faults::some();
    for text in &arguments.percents {
        let set = text.split_once('=').and_then(|(name, number)| Some(faults.set(name, number.parse().ok()?)));
        if set != Some(true) {
            return Err(Failure(format!(
                "--percent {text}: expected NAME=0..100, NAME one of {}",
                Faults::NAMES.join(", ")
            )));
        }
    }
    let pem = super::banks::text_of(&arguments.key)?;
    let pair = simulator::private_key(&pem)
        .ok_or_else(|| Failure(format!("{}: no Ed25519 private key in PEM", arguments.key.display())))?;
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let bank = Bank { arguments, pair, agent };
    let day = TimeZone::UTC.to_datetime(now()).date();
    let plan = simulator::plan(&bank.orders()?, (arguments.seed, &faults, day));
    let (mut answers, mut unforeseen) = (BTreeMap::<u16, u64>::new(), 0_u64);
    for sending in &plan.sendings {
        let Answers { forged, told } = bank.send(sending)?;
        for status in forged.iter().chain(&told) {
            *answers.entry(*status).or_default() += 1;
        }
        unforeseen += u64::from(forged.is_some_and(|status| status != UNAUTHORIZED));
        unforeseen += u64::from(told.last() != Some(&ACCEPTED));
    }
    for (id, end) in &plan.books {
        output::result(&json!({"end_to_end_id": id, "end": end}).to_string());
    }
    output::result(&json!({"sent": plan.sendings.len(), "answers": answers, "unforeseen": unforeseen}).to_string());
    Ok(if unforeseen == 0 { Outcome::Done } else { Outcome::FallsShort })
}

fn now() -> Timestamp {
    SystemClock.now()
}

/// What a sending was answered.
struct Answers {
    /// With a forged signature.
    forged: Option<u16>,
    /// Try after try.
    told: Vec<u16>,
}

struct Bank<'a> {
    arguments: &'a SimulatorArguments,
    pair: Ed25519KeyPair,
    agent: ureq::Agent,
}

impl Bank<'_> {
    fn orders(&self) -> Result<Vec<Ordered>, Failure> {
        let mut all = Vec::new();
        for path in &self.arguments.files {
            let file = File::open(path).map_err(|error| Failure(format!("{}: {error}", path.display())))?;
            all.extend(simulator::orders(BufReader::new(file))?);
        }
        if let Some(key) = &self.arguments.api_key {
            all.extend(self.open_payments(key)?);
        }
        Ok(all)
    }

    fn open_payments(&self, key: &str) -> Result<Vec<Ordered>, Failure> {
        let (mut all, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let after = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let url = format!("{}/v1/payments?status=instructed&limit=1000{after}", self.base());
            let request = self.agent.get(&url).header("authorization", format!("Bearer {key}"));
            let mut answer = request.call()?;
            let text = answer.body_mut().read_to_string()?;
            if answer.status() != 200 {
                return Err(Failure(format!("the server does not list payments: {text}")));
            }
            let page: Value = serde_json::from_str(&text)?;
            for row in page["payments"].as_array().into_iter().flatten() {
                if let (Some(id), Some(amount)) = (row["end_to_end_id"].as_str(), row["amount"].as_str()) {
                    all.push(Ordered { end_to_end_id: id.to_owned(), amount: amount.to_owned() });
                }
            }
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            if cursor.is_none() {
                return Ok(all);
            }
        }
    }

    fn base(&self) -> &str {
        self.arguments.server.trim_end_matches('/')
    }

    /// Sends until there is an answer. What a forged signature gets is an answer too; the right one follows.
    fn send(&self, sending: &Sending) -> Result<Answers, Failure> {
        if sending.slow {
            sleep(SLOW);
        }
        let mut answers = Answers { forged: None, told: Vec::new() };
        if sending.forged {
            answers.forged = Some(self.post(&format!("{} ", sending.body), &sending.body)?);
        }
        for turn in 0..TRIES_MAX {
            let status = self.post(&sending.body, &sending.body)?;
            answers.told.push(status);
            if status < 500 && status != 429 {
                break;
            }
            sleep(Duration::from_millis(100 << turn.min(5)));
        }
        Ok(answers)
    }

    /// Signs one text and sends another.
    fn post(&self, signed: &str, sent: &str) -> Result<u16, Failure> {
        let token = simulator::sign(&self.pair, &self.arguments.key_id, (now().as_second(), signed.as_bytes()));
        let url = format!("{}/v1/bank-callbacks/{}", self.base(), self.arguments.bank);
        let answer = self.agent.post(&url).header("x-jws-signature", token).send(sent.as_bytes())?;
        Ok(answer.status().as_u16())
    }
}

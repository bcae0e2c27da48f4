//! `chitra banks`: what a bank's file says and what it would do here, whether its signature holds, and which keys hold. `read` and `verify` open no database.

use super::bank_files::{self, FilesCommand};
use super::{Failure, Outcome, bank_registry, output};
use crate::app::banks::receipt::{self, BankReceipt};
use crate::banks::signature::{Algorithm, ClockWindow, Key, Signed, Validity, Verified, verify};
use crate::banks::{
    Document, Effect, Item, Limits, Mapping, Message, Orders, Report, Scope, StatedReason, Summary, open_any,
};
use crate::clock::{Clock, SystemClock};
use crate::compose;
use crate::config::Settings;
use crate::domain::inbox::BankMessageApplied;
use crate::domain::payment::reason::is_code;
use crate::domain::profile::Profile;
use crate::proof::Verifier;
use clap::Subcommand;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

const READ_HELP: &str = "\
Words of the bank, names and account numbers are not printed. Exit code 0: the message is whole, every code is known, and every statement
adds up; 1: something is not so, and it is said what.

One line of JSON for each item:
  item             its place in the message, from 1
  about            payment, batch (a block of ours) or group (a file of ours)
  end_to_end_id    as the bank gives it; null when it gives none
  said             the status or word, or the entry: side, status, reversal, returned
  effect           note, accepted, settled, rejected, returned, cancelled, held, or unknown: a person would be asked
  amount, currency, day
  reasons          [{code, class}]
and at the end one with message, items, and findings: what does not add up in its statements.

Of a pain.001: item, block, end_to_end_id, amount, currency, and whether it names an account; then its counts and sum, and where they differ
from what it announces.";

const VERIFY_HELP: &str = "\
Give --jws with what stands in the header x-jws-signature, or the three of a webhook. Exit code 0: the signature holds; 1: it does not, and
it is said why.";

/// The longest answer: one with many items that wait.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// What can be asked about banks' files.
#[derive(Debug, Subcommand)]
pub enum BanksCommand {
    /// Say what a pain.002, camt.053, camt.054, pacs.004 or JSON report says and what it would do, or what a pain.001 orders
    #[command(after_help = READ_HELP)]
    Read {
        /// The file; `-` is the standard input
        file: PathBuf,
        /// The bank's own mapping of codes, over ISO's
        #[arg(long, value_name = "FILE")]
        mapping: Option<PathBuf>,
    },
    /// Check the signature of a message as a server would
    #[command(after_help = VERIFY_HELP)]
    Verify {
        /// The exact bytes of the body
        file: PathBuf,
        /// The public key (PEM or JWK), or the secret of a webhook
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// The key's id
        #[arg(long, value_name = "ID", default_value = "key")]
        key_id: String,
        /// The key's algorithm
        #[arg(long, value_parser = ["ES256", "EdDSA", "HS256"])]
        algorithm: String,
        /// The value of x-jws-signature
        #[arg(long, value_name = "TOKEN", conflicts_with_all = ["webhook_id", "webhook_timestamp", "webhook_signature"])]
        jws: Option<String>,
        /// The value of webhook-id
        #[arg(long, value_name = "ID")]
        webhook_id: Option<String>,
        /// The value of webhook-timestamp
        #[arg(long, value_name = "SECONDS")]
        webhook_timestamp: Option<String>,
        /// The value of webhook-signature
        #[arg(long, value_name = "LIST")]
        webhook_signature: Option<String>,
        /// The instant of the check, RFC 3339 [default: now]
        #[arg(long, value_name = "INSTANT")]
        at: Option<Timestamp>,
    },
    /// Check the agency's signed answer to a message: that it holds both sides to what came and what became of it
    VerifyAnswer {
        /// The answer's JSON as it came, or its member `receipt`; `-` is the standard input
        file: PathBuf,
        /// The log's verifier key, which you got by another way (`GET /v1/log/vkey`, `chitra log-key`)
        #[arg(long, value_name = "VKEY", required = true)]
        log_vkey: String,
        /// The message that it answers
        #[arg(long, value_name = "FILE")]
        message: Option<PathBuf>,
    },
    /// Register a bank of the profile, or give its codes another meaning
    Add {
        /// The bank, by id, code or short name
        bank: String,
        /// Its own mapping of codes, over ISO's
        #[arg(long, value_name = "FILE")]
        mapping: Option<PathBuf>,
        /// What must have come by which hour, or the bank is silent: `camt.053@08:00`, `any@17:00/every_day`; several if given again
        #[arg(long, value_name = "FORMAT@HH:MM")]
        expect: Vec<String>,
    },
    /// Add a key that the bank's messages may be signed with
    Key {
        /// The bank
        bank: String,
        /// The key's id, which signatures name
        key_id: String,
        /// The key's algorithm
        #[arg(long, value_parser = ["ES256", "EdDSA", "HS256"])]
        algorithm: String,
        /// The public key (PEM or JWK), or the shared secret
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Its first instant, RFC 3339 [default: at once]
        #[arg(long, value_name = "INSTANT")]
        from: Option<Timestamp>,
        /// The instant at which it ends, RFC 3339 [default: never]
        #[arg(long, value_name = "INSTANT")]
        to: Option<Timestamp>,
    },
    /// Disable a key at once and for ever
    Disable {
        /// The bank
        bank: String,
        /// The key's id
        key_id: String,
    },
    /// List the registered banks with their keys and how they take orders, as JSON
    List,
    #[command(flatten)]
    Files(FilesCommand),
}

/// Reads or verifies.
pub async fn banks(settings: &Settings, command: &BanksCommand) -> Result<Outcome, Failure> {
    match command {
        BanksCommand::Read { file, mapping } => {
            let profile = compose::profile(settings)?;
            let mapping = match mapping {
                Some(path) => Mapping::of_bank(&text_of(path)?)?,
                None => Mapping::iso()?,
            };
            read(file, &Reader { profile: &profile, mapping })
        }
        BanksCommand::Verify {
            file,
            key,
            key_id,
            algorithm,
            jws,
            webhook_id,
            webhook_timestamp,
            webhook_signature,
            at,
        } => {
            let algorithm = Algorithm::parse(algorithm).ok_or_else(|| Failure(format!("there is no {algorithm}")))?;
            let key = Key::parse(key_id, algorithm, &text_of(key)?, Validity::default())?;
            let named = [
                ("x-jws-signature", jws),
                ("webhook-id", webhook_id),
                ("webhook-timestamp", webhook_timestamp),
                ("webhook-signature", webhook_signature),
            ];
            let headers: Vec<(&str, &str)> =
                named.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
            let body = std::fs::read(file).map_err(|error| unreadable(file, &error))?;
            let clock = ClockWindow::at(at.unwrap_or_else(|| SystemClock.now()));
            let Verified { key_id, signed_at, .. } =
                verify(&Signed { headers: &headers, body: &body }, &[key], &clock)?;
            output::result(&format!("the signature holds: key {key_id}, signed at {signed_at}"));
            Ok(Outcome::Done)
        }
        BanksCommand::VerifyAnswer { file, log_vkey, message } => answer(file, log_vkey, message.as_deref()),
        BanksCommand::Add { .. } | BanksCommand::Key { .. } | BanksCommand::Disable { .. } | BanksCommand::List => {
            bank_registry::change(settings, command).await
        }
        BanksCommand::Files(command) => bank_files::files(settings, command).await,
    }
}

fn answer(file: &Path, log_vkey: &str, message: Option<&Path>) -> Result<Outcome, Failure> {
    let log = Verifier::parse(log_vkey).map_err(|error| Failure(format!("--log-vkey: {error}")))?;
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().take(ANSWER_BYTES_MAX).read_to_string(&mut text)?;
    } else {
        text = text_of(file)?;
    }
    let note = match serde_json::from_str::<Value>(&text) {
        Ok(answer) => answer["receipt"].as_str().unwrap_or_default().to_owned(),
        Err(_) => text,
    };
    let body = message.map(|path| std::fs::read(path).map_err(|error| unreadable(path, &error))).transpose()?;
    let receipt = receipt::verify_for(&note, &log, body.as_deref())?;
    let BankReceipt { origin, bank, id, sha256, received, judged, verdicts } = receipt;
    output::result(&format!("the answer holds: {origin} has message {id} of {bank}, SHA-256 {sha256}"));
    output::result(&format!("kept at position {}, judged at position {}", received.position, judged.position));
    let BankMessageApplied { applied, no_op, quarantined, .. } = verdicts;
    output::result(&format!("items applied {applied}, without effect {no_op}, waiting for a person {quarantined}"));
    Ok(Outcome::Done)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure(format!("{}: {error}", path.display()))
}

pub(super) fn text_of(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

/// What codes, days and amounts are read by.
struct Reader<'a> {
    profile: &'a Profile,
    mapping: Mapping,
}

fn read(path: &Path, reader: &Reader<'_>) -> Result<Outcome, Failure> {
    if path == Path::new("-") {
        return reader.tell(open_any(std::io::stdin().lock(), &Limits::default())?);
    }
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    reader.tell(open_any(BufReader::with_capacity(1 << 16, file), &Limits::default())?)
}

impl Reader<'_> {
    fn tell<R: BufRead>(&self, document: Document<R>) -> Result<Outcome, Failure> {
        match document {
            Document::Report(message) => self.print(message),
            Document::Orders(orders) => self.print_orders(orders),
        }
    }

    fn print_orders<R: BufRead>(&self, mut orders: Orders<R>) -> Result<Outcome, Failure> {
        while let Some(payment) = orders.next_payment()? {
            let line = json!({"item": payment.number, "about": "order", "block": payment.block,
                "end_to_end_id": payment.end_to_end_id, "amount": payment.amount.text, "currency": payment.amount.currency,
                "account": payment.has_account});
            output::result(&line.to_string());
        }
        let (head, summary) = (orders.head(), orders.summary());
        let created = head.created.map(|created| created.day(self.profile.time_zone()).to_string());
        let findings: Vec<String> = summary.findings.iter().map(ToString::to_string).collect();
        let last = json!({"message": {"kind": "pain.001", "version": head.version, "created_on": created, "message_id": head.message_id},
            "items": summary.payments, "blocks": summary.blocks, "sum": summary.sum.normalize().to_string(), "findings": findings});
        output::result(&last.to_string());
        Ok(if findings.is_empty() { Outcome::Done } else { Outcome::FallsShort })
    }

    /// Prints as it reads, so that the longest statement takes no more memory than the shortest.
    fn print<R: BufRead>(&self, mut message: Message<R>) -> Result<Outcome, Failure> {
        let mut unknown = 0_u64;
        while let Some(item) = message.next_item()? {
            let effect = self.mapping.effect(&item.report);
            unknown += u64::from(effect == Effect::Unknown);
            output::result(&self.item(&item, effect).to_string());
        }
        let (head, summary) = (message.head(), message.summary());
        let created = head.created.map(|created| created.day(self.profile.time_zone()).to_string());
        let findings = findings(summary);
        let last = json!({"message": {"kind": head.kind.as_str(), "version": head.version, "created_on": created},
            "items": summary.items, "unknown": unknown, "findings": findings});
        output::result(&last.to_string());
        Ok(if unknown == 0 && findings.is_empty() { Outcome::Done } else { Outcome::FallsShort })
    }

    fn item(&self, item: &Item, effect: Effect) -> Value {
        let about = match item.scope {
            Scope::Payment => "payment",
            Scope::Batch { .. } => "batch",
            Scope::Group { .. } => "group",
        };
        let amount = item.amount.as_ref();
        let reasons: Vec<Value> = item.reasons.iter().map(|reason| self.reason(reason)).collect();
        json!({"item": item.number, "about": about, "end_to_end_id": item.end_to_end_id, "said": said(&item.report),
            "effect": effect.as_str(), "amount": amount.map(|amount| &amount.text),
            "currency": amount.and_then(|amount| amount.currency.as_ref()),
            "day": item.when.map(|when| when.day(self.profile.time_zone()).to_string()), "reasons": reasons})
    }

    /// A code that has not the shape of one may be words, which may name somebody.
    fn reason(&self, reason: &StatedReason) -> Value {
        let stated = reason.code.as_deref().or(reason.proprietary.as_deref());
        let code = stated.filter(|code| is_code(code)).unwrap_or("NARR");
        let class = self.mapping.reason_class(code).unwrap_or_else(|| self.profile.reason_class("iso20022", code));
        json!({"code": code, "class": class})
    }
}

fn said(report: &Report) -> Value {
    match report {
        Report::Status(code) | Report::Word(code) => json!(code),
        Report::Return => json!("return"),
        Report::Entry { side, status, reversal, returned } => {
            json!({"side": side.as_str(), "status": status, "reversal": reversal, "returned": returned})
        }
    }
}

fn findings(summary: &Summary) -> Vec<Value> {
    let all = summary.statements.iter().flat_map(|statement| {
        statement.findings.iter().map(move |finding| {
            json!({"statement": statement.id, "sequence": statement.sequence, "finding": finding.to_string()})
        })
    });
    all.collect()
}

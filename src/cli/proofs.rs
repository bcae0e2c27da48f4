//! `chitra log-key`, `chitra verify-receipt`, and the checkpoints that `chitra verify` is given.

use super::arguments::VerifyArguments;
use super::{Failure, Outcome, open, output};
use crate::app::App;
use crate::app::error::AppError;
use crate::app::proofs::receipt::{self, Receipt, Shown};
use crate::app::verify::Given;
use crate::config::Settings;
use crate::proof::note::NOTE_BYTES_MAX;
use crate::proof::{Checkpoint, Verifier};
use crate::store::OpenMode;
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Flags of `log-key`.
#[derive(Debug, Args)]
pub struct LogKeyArguments {
    /// Name the log, once and for ever, before it signs anything: a domain of yours and a path, for example bhxh.example.vn/log1
    #[arg(long, value_name = "NAME")]
    pub origin: Option<String>,
}

/// Flags of `verify-receipt`.
#[derive(Debug, Args)]
pub struct VerifyReceiptArguments {
    /// The receipt; `-` for stdin
    pub file: PathBuf,
    /// The log's verifier key, which you got by another way than the receipt
    #[arg(long, value_name = "VKEY", required = true)]
    pub log_vkey: String,
    /// A witness that must have cosigned; several if given again
    #[arg(long = "witness-vkey", value_name = "VKEY")]
    pub witness_vkeys: Vec<String>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Prints the log's verifier key; names the log first, if that is asked.
pub async fn log_key(settings: &Settings, arguments: &LogKeyArguments) -> Result<Outcome, Failure> {
    let app = open(settings, OpenMode::Beside, false).await?;
    let key = key(&app, arguments.origin.as_deref()).await;
    app.store.close().await;
    output::result(&key?);
    Ok(Outcome::Done)
}

async fn key(app: &App, origin: Option<&str>) -> Result<String, Failure> {
    if let Some(origin) = origin {
        let standing = app.name_log(origin).await.map_err(|error| match error {
            AppError::Invalid(issues) => {
                let messages: Vec<String> = issues.into_iter().map(|issue| issue.message).collect();
                Failure(format!("--origin: {}", messages.join("; ")))
            }
            other => other.into(),
        })?;
        if standing != origin {
            return Err(Failure(format!("the log is named {standing} already; a name is for ever")));
        }
    }
    Ok(app.log_signer().await?.verifier().to_text())
}

/// A file's text, or stdin's; no more of it than such a file can have.
fn read(path: &Path, bytes_max: u64) -> Result<String, Failure> {
    let failed = |error: io::Error| Failure(format!("{}: {error}", path.display()));
    let mut text = String::new();
    let from_stdin = path == Path::new("-");
    let input: Box<dyn Read> =
        if from_stdin { Box::new(io::stdin()) } else { Box::new(File::open(path).map_err(failed)?) };
    input.take(bytes_max + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > bytes_max {
        return Err(Failure(format!("{} is longer than {bytes_max} bytes", path.display())));
    }
    Ok(text)
}

fn verifier(flag: &str, text: &str) -> Result<Verifier, Failure> {
    Verifier::parse(text).map_err(|error| Failure(format!("{flag}: {error}")))
}

fn verifiers(flag: &str, texts: &[String]) -> Result<Vec<Verifier>, Failure> {
    texts.iter().map(|text| verifier(flag, text)).collect()
}

/// The checkpoints that the flags name, opened with the keys that they name.
pub async fn given(app: &App, arguments: &VerifyArguments) -> Result<Vec<Given>, Failure> {
    if arguments.checkpoints.is_empty() {
        return Ok(Vec::new());
    }
    let log = match &arguments.log_vkey {
        Some(text) => verifier("--log-vkey", text)?,
        None => app.log_signer().await?.verifier().clone(),
    };
    let witnesses = verifiers("--witness-vkey", &arguments.witness_vkeys)?;
    let mut given = Vec::new();
    for path in &arguments.checkpoints {
        let name = path.display().to_string();
        let text = read(path, NOTE_BYTES_MAX as u64)?;
        let opened = Checkpoint::open(&text, &log);
        let (checkpoint, note) =
            opened.map_err(|error| Failure(format!("{name}: {error}; asked for the key of {}", log.name())))?;
        if let Some(missing) = witnesses.iter().find(|witness| note.cosigned_at(witness).is_none()) {
            return Err(Failure(format!("{name} is not cosigned by {}", missing.name())));
        }
        given.push(Given { name, checkpoint });
    }
    Ok(given)
}

/// Checks a receipt and says what it proves.
pub fn verify_receipt(arguments: &VerifyReceiptArguments) -> Result<Outcome, Failure> {
    let log = verifier("--log-vkey", &arguments.log_vkey)?;
    let witnesses = verifiers("--witness-vkey", &arguments.witness_vkeys)?;
    let text = read(&arguments.file, receipt::BYTES_MAX)?;
    let (receipt, shown) = receipt::verify(&text, &log, &witnesses)
        .map_err(|error| Failure(format!("{} does not hold: {error}", arguments.file.display())))?;
    if arguments.json {
        output::result(&receipt_json(&receipt, &shown).to_string());
    } else {
        print(&receipt, &shown);
    }
    Ok(Outcome::Done)
}

fn instant(us: i64) -> String {
    Timestamp::from_microsecond(us).map_or_else(|_| us.to_string(), |at| at.to_string())
}

fn second(at_s: u64) -> String {
    i64::try_from(at_s).ok().and_then(|at| at.checked_mul(1_000_000)).map_or_else(|| at_s.to_string(), instant)
}

fn print(receipt: &Receipt, shown: &Shown) {
    output::result(&format!("ok      payment {}", receipt.payment_id));
    for event in &receipt.events {
        let at = instant(event.recorded_at_us);
        output::result(&format!("  position {}  {at}  {}  {}", event.position, event.event_type, event.data));
    }
    let Checkpoint { origin, size, .. } = &shown.checkpoint;
    output::result(&format!("in the log {origin} as signed over {size} events"));
    for (witness, at_s) in &shown.cosigned_at_s {
        output::result(&format!("cosigned by {witness} at {}", second(*at_s)));
    }
    if shown.cosigned_at_s.is_empty() {
        output::message("no witness was asked for: you trust the log's key alone not to show others another history");
    }
}

fn receipt_json(receipt: &Receipt, shown: &Shown) -> Value {
    let events = receipt.events.iter().map(|event| {
        json!({"position": event.position, "revision": event.revision, "type": event.event_type,
            "recorded_at": instant(event.recorded_at_us), "data": event.data})
    });
    let cosigned = shown.cosigned_at_s.iter().map(|(witness, at_s)| json!({"witness": witness, "at": second(*at_s)}));
    json!({
        "payment_id": receipt.payment_id,
        "origin": shown.checkpoint.origin,
        "size": shown.checkpoint.size,
        "cosigned": cosigned.collect::<Vec<_>>(),
        "events": events.collect::<Vec<_>>(),
    })
}

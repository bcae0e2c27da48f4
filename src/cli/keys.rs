//! `chitra keys`: works beside a running server, which sees changes within a second.

use super::{Failure, Outcome, open, output};
use crate::app::App;
use crate::app::access::Role;
use crate::app::keys::life::{Lasting, OVERLAP_DAYS, overlap_us};
use crate::app::keys::{NewKey, Rotated};
use crate::config::Settings;
use crate::domain::audit::Act;
use crate::domain::ids::{BankId, UnitKey};
use crate::store::OpenMode;
use clap::Subcommand;
use serde_json::json;

/// Commands of `keys`.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Make a key and print it alone; it is shown this once
    Create {
        /// clerk, supervisor, analyst, bank, auditor or operator
        #[arg(long, value_parser = ["clerk", "supervisor", "analyst", "bank", "auditor", "operator"])]
        role: String,
        /// Limit the key to a unit and all below it: a unit key, or a code that names one unit today
        #[arg(long)]
        unit: Option<String>,
        /// The bank of a bank's key
        #[arg(long, required_if_eq("role", "bank"))]
        bank: Option<String>,
        /// Who holds it: keys of one label are one person's, who cannot consent to what they asked for with another
        #[arg(long, default_value = "")]
        label: String,
        /// How long it opens: to the end of a day (2027-01-31), or so many days (90d) [default: until it is revoked]
        #[arg(long, value_name = "DAY|Nd", value_parser = lasting)]
        expires: Option<Lasting>,
    },
    /// Give a key its next secret and print the key alone; it is shown this once. Its id, role, units and label stay
    Rotate {
        /// The key's id: the part between the two underscores
        key_id: String,
        /// For how many days the secret before is good, too: 0d to 90d
        #[arg(long, value_name = "Nd", default_value_t = format!("{OVERLAP_DAYS}d"))]
        overlap: String,
        /// Until when it opens from now on: 2027-01-31, or 90d [default: as before]
        #[arg(long, value_name = "DAY|Nd", value_parser = lasting)]
        expires: Option<Lasting>,
    },
    /// List all keys, without their secrets: until when they open, and when they were used last
    List {
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a key; a running server refuses it within a second
    Revoke {
        /// The key's id: the part between the two underscores
        key_id: String,
    },
}

/// Makes, lists or revokes keys.
pub async fn keys(settings: &Settings, command: &KeysCommand) -> Result<Outcome, Failure> {
    let app = open(settings, OpenMode::Beside, false).await?;
    let outcome = match command {
        KeysCommand::Create { role, unit, bank, label, expires } => {
            let mut new = new_key(&app, role, (unit.as_deref(), bank.as_deref()), label)?;
            new.expires_at_us = until(&app, *expires)?;
            create(&app, new).await?;
            Outcome::Done
        }
        KeysCommand::Rotate { key_id, overlap, expires } => rotate(&app, key_id, overlap, *expires).await?,
        KeysCommand::List { json } => {
            list(&app, *json).await?;
            Outcome::Done
        }
        KeysCommand::Revoke { key_id } => {
            if app.keys.revoke(key_id).await? {
                app.note_act(Act::KeyRevoked, Some(key_id), &[]).await;
                output::message(&format!("key {key_id} is revoked"));
                Outcome::Done
            } else {
                output::message(&format!(
                    "there is no key {key_id} that could be revoked; `chitra keys list` shows all"
                ));
                Outcome::FallsShort
            }
        }
    };
    app.store.close().await;
    Ok(outcome)
}

fn new_key(app: &App, role: &str, (unit, bank): (Option<&str>, Option<&str>), label: &str) -> Result<NewKey, Failure> {
    let role = Role::parse(role).ok_or_else(|| Failure(format!("there is no role {role}")))?;
    let unit = unit.map(|text| scope(app, text)).transpose()?;
    let bank = bank.map(|text| bank_of(app, text)).transpose()?;
    if bank.is_some() && role != Role::Bank {
        return Err(Failure("--bank goes with --role bank only".to_owned()));
    }
    if unit.is_some() && matches!(role, Role::Bank | Role::Operator) {
        return Err(Failure(format!("a key of role {role} has no unit")));
    }
    Ok(NewKey { role, unit, bank, label: label.to_owned(), expires_at_us: None })
}

/// The label stays with the keys: it may be somebody's name.
async fn create(app: &App, new: NewKey) -> Result<(), Failure> {
    let mut about = vec![("role", new.role.to_string())];
    about.extend(new.unit.as_ref().map(|unit| ("unit", unit.to_string())));
    about.extend(new.bank.as_ref().map(|bank| ("bank", bank.to_string())));
    about.extend(new.expires_at_us.map(|us| ("expires_at", instant(us))));
    let key = app.keys.create(new).await?;
    app.note_act(Act::KeyCreated, key.split('_').nth(1), &about).await;
    output::result(&key);
    Ok(())
}

fn lasting(text: &str) -> Result<Lasting, String> {
    Lasting::parse(text).ok_or_else(|| "expected a day such as 2027-01-31, or a number of days such as 90d".to_owned())
}

fn until(app: &App, expires: Option<Lasting>) -> Result<Option<i64>, Failure> {
    let Some(expires) = expires else { return Ok(None) };
    let until = expires.until_us(&app.profile, app.clock.now_us());
    until.map(Some).ok_or_else(|| Failure("--expires must lie in the next ten years, today included".to_owned()))
}

async fn rotate(app: &App, key_id: &str, overlap: &str, expires: Option<Lasting>) -> Result<Outcome, Failure> {
    let overlap = overlap_us(overlap).ok_or_else(|| Failure("--overlap takes 0d to 90d".to_owned()))?;
    let refused = match app.keys.rotate(key_id, overlap, until(app, expires)?).await? {
        Rotated::Done { text, former_until_us } => {
            app.note_act(Act::KeyRotated, Some(key_id), &[("former_until", instant(former_until_us))]).await;
            output::result(&text);
            output::message(&format!("the secret before opens until {}", instant(former_until_us)));
            return Ok(Outcome::Done);
        }
        Rotated::NoSuchKey => {
            format!("there is no key {key_id} that could be rotated; `chitra keys list` shows all")
        }
        Rotated::Expired => format!("key {key_id} has expired: say with --expires until when it opens from now on"),
        Rotated::Waits => {
            format!(
                "key {key_id} waits for its first secret: whoever asked for it takes it once another operator consented"
            )
        }
        Rotated::NoSecret => format!("{key_id} stands for somebody who signs in by a provider: it has no secret"),
    };
    output::message(&refused);
    Ok(Outcome::FallsShort)
}

fn instant(us: i64) -> String {
    jiff::Timestamp::from_microsecond(us).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}

fn scope(app: &App, text: &str) -> Result<UnitKey, Failure> {
    let today = app.profile.business_day(app.clock.now_us());
    app.scope(text, today).map_err(|issue| Failure(issue.message))
}

fn bank_of(app: &App, text: &str) -> Result<BankId, Failure> {
    app.profile.bank_by_name(text).map(|spec| spec.id.clone()).ok_or_else(|| {
        let known: Vec<&str> = app.profile.banks.iter().map(|bank| bank.id.as_str()).collect();
        Failure(format!("there is no bank {text}; known are {}", known.join(", ")))
    })
}

async fn list(app: &App, as_json: bool) -> Result<(), Failure> {
    let keys = app.keys.list().await?;
    let now = app.clock.now_us();
    let day = |us: i64| app.profile.business_day(us).to_string();
    let waits = crate::app::keys::waits;
    if as_json {
        let list: Vec<_> = keys
            .iter()
            .map(|key| {
                json!({"key_id": key.key_id, "role": key.role, "unit": key.unit_key, "bank": key.bank, "label": key.label,
                    "created_on": day(key.created_at_us), "revoked_on": key.revoked_at_us.map(day),
                    "expires_at": key.expires_at_us.map(instant), "last_used_on": key.used_at_us.map(day),
                    "waits_for_secret": waits(key), "former_secret_until": key.former.map(|(_, until)| instant(until))})
            })
            .collect();
        output::result(&json!(list).to_string());
        return Ok(());
    }
    for key in keys {
        let is_waiting = waits(&key);
        let scope = key.unit_key.or(key.bank).unwrap_or_else(|| "-".to_owned());
        let state = match (key.revoked_at_us, key.expires_at_us) {
            (Some(at), _) => format!("revoked {}", day(at)),
            _ if is_waiting => "waits".to_owned(),
            (None, Some(at)) if at <= now => format!("expired {}", day(at - 1)),
            (None, Some(at)) => format!("valid to {}", day(at - 1)),
            (None, None) => "valid".to_owned(),
        };
        let used = key.used_at_us.map_or_else(|| "never used".to_owned(), |at| format!("used {}", day(at)));
        output::result(&format!(
            "{}  {:<10}  {:<20}  {}  {:<19}  {:<15}  {}",
            key.key_id,
            key.role,
            scope,
            day(key.created_at_us),
            state,
            used,
            key.label
        ));
    }
    Ok(())
}

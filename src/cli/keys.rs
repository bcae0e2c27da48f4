//! `chitra keys`: works beside a running server, which sees changes within a second.

use super::{Failure, Outcome, open, output};
use crate::app::App;
use crate::app::access::Role;
use crate::app::keys::NewKey;
use crate::config::Settings;
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
    },
    /// List all keys, without their secrets
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
        KeysCommand::Create { role, unit, bank, label } => {
            let new = new_key(&app, role, (unit.as_deref(), bank.as_deref()), label)?;
            output::result(&app.keys.create(new).await?);
            Outcome::Done
        }
        KeysCommand::List { json } => {
            list(&app, *json).await?;
            Outcome::Done
        }
        KeysCommand::Revoke { key_id } => {
            if app.keys.revoke(key_id).await? {
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
    Ok(NewKey { role, unit, bank, label: label.to_owned() })
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
    let day = |us: i64| app.profile.business_day(us).to_string();
    if as_json {
        let list: Vec<_> = keys
            .iter()
            .map(|key| {
                json!({"key_id": key.key_id, "role": key.role, "unit": key.unit_key, "bank": key.bank, "label": key.label,
                    "created_on": day(key.created_at_us), "revoked_on": key.revoked_at_us.map(day)})
            })
            .collect();
        output::result(&json!(list).to_string());
        return Ok(());
    }
    for key in keys {
        let scope = key.unit_key.or(key.bank).unwrap_or_else(|| "-".to_owned());
        let state = key.revoked_at_us.map_or_else(|| "valid".to_owned(), |at| format!("revoked {}", day(at)));
        output::result(&format!(
            "{}  {:<10}  {:<20}  {}  {}  {}",
            key.key_id,
            key.role,
            scope,
            day(key.created_at_us),
            state,
            key.label
        ));
    }
    Ok(())
}

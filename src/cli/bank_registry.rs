//! `chitra banks add|key|disable|list`: the registry of banks. With SQLite a running server is the one that writes; it has the same over its API.

use super::banks::{BanksCommand, text_of};
use super::{Failure, Outcome, open, open_to_write, output};
use crate::app::App;
use crate::app::access::Principal;
use crate::app::banks::registry::NewBankKey;
use crate::banks::signature::Algorithm;
use crate::config::Settings;
use crate::domain::bank::Expected;
use crate::domain::ids::BankId;
use crate::store::OpenMode;

/// Who acts, in the log.
const ACTOR: &str = "command-line";

/// Changes the registry, or shows it.
pub async fn change(settings: &Settings, command: &BanksCommand) -> Result<Outcome, Failure> {
    if matches!(command, BanksCommand::List) {
        let app = open(settings, OpenMode::Beside, false).await?;
        let banks = app.registered_banks().await;
        app.store.close().await;
        for (bank, state) in banks? {
            output::result(&crate::app::banks::registry::shown(&bank, &state).to_string());
        }
        return Ok(Outcome::Done);
    }
    let app = open_to_write(settings, "banks", false).await?;
    let done = apply(&app, command).await;
    app.store.close().await;
    output::message(&done?);
    Ok(Outcome::Done)
}

pub(super) fn bank_of(app: &App, text: &str) -> Result<BankId, Failure> {
    app.profile.bank_by_name(text).map(|spec| spec.id.clone()).ok_or_else(|| {
        let known: Vec<&str> = app.profile.banks.iter().map(|bank| bank.id.as_str()).collect();
        Failure(format!("there is no bank {text}; known are {}", known.join(", ")))
    })
}

/// Reads `camt.053@08:00`, `any@17:00/every_day`.
fn expectation(text: &str) -> Result<Expected, Failure> {
    let read = || {
        let (format, hour) = text.split_once('@')?;
        let (by, days) = hour.split_once('/').unwrap_or((hour, "working_days"));
        Expected::parse(Some(format).filter(|format| *format != "any"), by, days)
    };
    read().ok_or_else(|| {
        Failure(format!(
            "--expect {text}: expected FORMAT@HH:MM or FORMAT@HH:MM/every_day, where FORMAT is any, {}",
            Expected::FORMATS.join(", ")
        ))
    })
}

async fn apply(app: &App, command: &BanksCommand) -> Result<String, Failure> {
    let request = app.own_request(&Principal::local(ACTOR), "banks");
    Ok(match command {
        BanksCommand::Add { bank, mapping, expect } => {
            let mapping = mapping.as_deref().map(text_of).transpose()?;
            let expected: Vec<Expected> = expect.iter().map(|text| expectation(text)).collect::<Result<_, _>>()?;
            let bank = bank_of(app, bank)?;
            app.register_bank(&request, &bank, (mapping, (!expected.is_empty()).then_some(expected))).await?;
            format!("{bank} is registered; `chitra banks key {bank}` adds a key")
        }
        BanksCommand::Key { bank, key_id, algorithm, key, from, to } => {
            let algorithm = Algorithm::parse(algorithm).ok_or_else(|| Failure(format!("there is no {algorithm}")))?;
            let (material, bank) = (text_of(key)?, bank_of(app, bank)?);
            let new = NewBankKey { key_id: key_id.clone(), algorithm, material, valid_from: *from, valid_to: *to };
            app.add_bank_key(&request, &bank, new).await?;
            format!("messages of {bank} may be signed with {key_id}")
        }
        BanksCommand::Disable { bank, key_id } => {
            let bank = bank_of(app, bank)?;
            app.disable_bank_key(&request, &bank, key_id).await?;
            format!("key {key_id} of {bank} opens nothing any more")
        }
        BanksCommand::Read { .. }
        | BanksCommand::Verify { .. }
        | BanksCommand::VerifyAnswer { .. }
        | BanksCommand::Files(_)
        | BanksCommand::List => String::new(),
    })
}

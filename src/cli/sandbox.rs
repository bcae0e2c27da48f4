//! `chitra serve --sandbox`: a log of its own, made and filled when it is not there yet.

use super::{Failure, open_to_write, output};
use crate::app::App;
use crate::app::access::Role;
use crate::app::keys::NewKey;
use crate::app::sandbox::{BANK_KEY_ID, Filled, MARK};
use crate::clock::SystemClock;
use crate::compose;
use crate::config::Settings;
use crate::domain::ids::BankId;
use crate::store::{migrations, shown};
use std::path::Path;
use std::sync::Arc;

const DATABASE: &str = "sqlite:sandbox.sqlite";

/// The sandbox's settings: a database of its own unless one is named.
pub(super) fn own_database(settings: &Settings) -> Settings {
    if settings.database_named {
        settings.clone()
    } else {
        Settings { database: DATABASE.to_owned(), ..settings.clone() }
    }
}

/// Refuses to serve a sandbox as if it were a log.
pub(super) fn check_no_sandbox(app: &App) -> Result<(), Failure> {
    if app.is_sandbox {
        let reason = "this database is a sandbox's: serve it with `chitra serve --sandbox`, or name another one";
        return Err(Failure(reason.to_owned()));
    }
    Ok(())
}

/// Opens a sandbox, and makes it when the database is empty. The lines that say what is in it, when it is new.
pub(super) async fn open(settings: &Settings, bank_key: Option<&Path>) -> Result<(Arc<App>, Vec<String>), Failure> {
    if migrations::is_fresh(&settings.database).await? {
        migrations::migrate(&settings.database).await?;
        compose::master_key(settings, true, &SystemClock)?;
    }
    let mut app = open_to_write(settings, "serve --sandbox", true).await?;
    let is_new = app.store.head().await?.position == 0;
    if !app.is_sandbox && !is_new {
        app.store.close().await;
        let database = shown(&settings.database);
        return Err(Failure(format!("{database} holds a log that is no sandbox; name another database")));
    }
    if !app.is_sandbox {
        app.registry.put_vault_meta(MARK, b"1").await?;
        app.store.close().await;
        app = open_to_write(settings, "serve --sandbox", true).await?;
    }
    let lines = if is_new { fill(&app, bank_key).await? } else { Vec::new() };
    Ok((app, lines))
}

async fn fill(app: &App, bank_key: Option<&Path>) -> Result<Vec<String>, Failure> {
    // Before anything is made, so that a wrong file can be mended and the same asked again.
    let material = bank_key.map(std::fs::read_to_string).transpose()?;
    let Filled { bank, payments } = app.fill_sandbox().await?;
    let mut lines = vec![format!("BANK={bank}")];
    if let Some(material) = material {
        app.add_test_key(&bank, material).await?;
        lines.push(format!("KEY_ID={BANK_KEY_ID}"));
    }
    for role in Role::ALL {
        let key = app.keys.create(new_key(role, &bank)).await?;
        lines.push(format!("{}_KEY={key}", role.as_str().to_uppercase()));
    }
    for (number, payment) in (1..).zip(&payments) {
        lines.push(format!("PAYMENT_{number}={}", payment.payment_id));
        lines.push(format!("END_TO_END_ID_{number}={}", payment.end_to_end_id));
    }
    Ok(lines)
}

fn new_key(role: Role, bank: &BankId) -> NewKey {
    let bank = (role == Role::Bank).then(|| bank.clone());
    NewKey { role, unit: None, bank, label: format!("sandbox {role}"), expires_at_us: None }
}

/// Lines that a shell reads with `.`; the keys are shown this once.
pub(super) fn print(lines: &[String], base: &str) {
    output::result(&[&[format!("C={base}")], lines].concat().join("\n"));
}

//! `chitra vault`: changes the master key, beside running servers.

use super::{Failure, Outcome, help, open, output};
use crate::clock::SystemClock;
use crate::config::Settings;
use crate::domain::audit::Act;
use crate::store::OpenMode;
use crate::vault::MasterKey;
use clap::Subcommand;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Commands of `vault`.
#[derive(Debug, Subcommand)]
pub enum VaultCommand {
    /// Wrap every person's key by a new master key. Until `retire` both keys open the vault. Run it again if it broke off
    #[command(after_help = help::ROTATE)]
    Rotate {
        /// The new key's file; made if there is none. The old one is what --master-key-file names
        #[arg(long, value_name = "FILE")]
        new_master_key_file: PathBuf,
    },
    /// End the old master key, once every server has the new one; --master-key-file names the new one
    Retire,
    /// Tell by which master key people's keys are wrapped, and whether a change is under way
    Status {
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Rotates, retires, or says how far it is.
pub async fn vault(settings: &Settings, command: &VaultCommand) -> Result<Outcome, Failure> {
    match command {
        VaultCommand::Rotate { new_master_key_file } => rotate(settings, new_master_key_file).await,
        VaultCommand::Retire => retire(settings).await,
        VaultCommand::Status { json } => status(settings, *json).await,
    }
}

fn told(count: u64) {
    if count.is_multiple_of(100_000) {
        output::message(&format!("{count} keys ..."));
    }
}

async fn rotate(settings: &Settings, path: &Path) -> Result<Outcome, Failure> {
    let app = open(settings, OpenMode::Beside, false).await?;
    let new = if path.exists() { MasterKey::read_file(path)? } else { MasterKey::create_file(path, &SystemClock)? };
    let rotated = app.vault.rotate(new, &told).await;
    if rotated.is_ok() {
        app.note_act(Act::MasterKeyRotated, None, &[]).await;
    }
    app.store.close().await;
    let counts = rotated?;
    output::message(&format!(
        "{} keys are wrapped by the new master key, {} of them just now; both keys open the vault. Give every server {} and start it again, \
         then run `chitra vault retire` with it. Backups from before need the old key: keep it as long as them",
        counts.current,
        counts.rewrapped,
        path.display()
    ));
    Ok(Outcome::Done)
}

async fn retire(settings: &Settings) -> Result<Outcome, Failure> {
    let app = open(settings, OpenMode::Beside, false).await?;
    let retired = app.vault.retire(&told).await;
    if retired.is_ok() {
        app.note_act(Act::MasterKeyRetired, None, &[]).await;
    }
    app.store.close().await;
    let counts = retired?;
    output::message(&format!(
        "the old master key opens the vault no longer; {} keys are wrapped by this one",
        counts.current
    ));
    Ok(Outcome::Done)
}

async fn status(settings: &Settings, as_json: bool) -> Result<Outcome, Failure> {
    let app = open(settings, OpenMode::Beside, false).await?;
    let status = app.vault.status().await;
    app.store.close().await;
    let status = status?;
    let keys = status.keys;
    if as_json {
        let told = json!({"change_under_way": status.under_way, "lookup_key_is_current": status.lookup_is_current,
            "keys": {"current": keys.current, "previous": keys.previous, "unreadable": keys.unreadable}});
        output::result(&told.to_string());
    } else {
        let change = if status.under_way { "under way: both master keys open the vault" } else { "none" };
        output::result(&format!("change of the master key: {change}"));
        output::result(&format!(
            "people's keys: {} by the current master key, {} by the one before, {} by neither",
            keys.current, keys.previous, keys.unreadable
        ));
    }
    Ok(if keys.unreadable == 0 { Outcome::Done } else { Outcome::FallsShort })
}

//! `chitra person`: hand out or erase what is held on one person. Named by the pseudonym, since a command line is seen by others.

use super::{Failure, Outcome, open_to_write, output};
use crate::app::access::Principal;
use crate::config::Settings;
use crate::domain::beneficiary::event::{ErasureGround, PersonalDataErased};
use crate::domain::disclosure::Purpose;
use crate::domain::identifier::has_long_number;
use crate::domain::ids::BeneficiaryId;
use clap::Subcommand;
use std::path::PathBuf;

/// Commands of `person`.
#[derive(Debug, Subcommand)]
pub enum PersonCommand {
    /// Print everything held on a person as JSON: names, numbers and accounts in full, events, payments with their timelines, recoveries
    Export {
        /// The person's `beneficiary_id`
        id: String,
        /// What it is handed out for
        #[arg(long, default_value = "person_asks", value_parser = ["payment_problem", "identity_check", "person_asks", "legal_request", "audit", "other"])]
        purpose: String,
        /// Write to a new file that only you may read, instead of stdout
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Destroy a person's key and records for ever; payments and figures stay. Run it again if it broke off
    Erase {
        /// The person's `beneficiary_id`
        id: String,
        /// Why
        #[arg(long, value_parser = ["person_asked", "retention_ended", "legal_order", "registered_in_error"])]
        ground: String,
        /// The decision that orders it, for example its number; kept for ever
        #[arg(long)]
        note: Option<String>,
    },
}

/// Who acts, in the log.
const ACTOR: &str = "command-line";

/// Hands out or erases.
pub async fn person(settings: &Settings, command: &PersonCommand) -> Result<Outcome, Failure> {
    match command {
        PersonCommand::Export { id, purpose, to } => export(settings, (id, purpose), to.as_deref()).await,
        PersonCommand::Erase { id, ground, note } => erase(settings, (id, ground), note.as_deref()).await,
    }
}

fn pseudonym(text: &str) -> Result<BeneficiaryId, Failure> {
    BeneficiaryId::parse(text).map_err(|_| {
        Failure(format!("{text} is no beneficiary_id; POST /v1/beneficiaries/search finds it by an identifier"))
    })
}

async fn export(
    settings: &Settings,
    (id, purpose): (&str, &str),
    to: Option<&std::path::Path>,
) -> Result<Outcome, Failure> {
    let id = pseudonym(id)?;
    let purpose = Purpose::parse(purpose).ok_or_else(|| Failure(format!("there is no purpose {purpose}")))?;
    let app = open_to_write(settings, "person export", false).await?;
    let document = app.export_person(&Principal::local(ACTOR), id, purpose).await;
    app.store.close().await;
    let document = format!("{:#}\n", document?);
    match to {
        Some(path) => {
            output::write_for_owner(path, document.as_bytes())
                .map_err(|error| Failure(format!("{}: {error}", path.display())))?;
            output::message(&format!("everything held on {id} is written to {}", path.display()));
        }
        None => output::result(document.trim_end()),
    }
    Ok(Outcome::Done)
}

async fn erase(settings: &Settings, (id, ground): (&str, &str), note: Option<&str>) -> Result<Outcome, Failure> {
    let id = pseudonym(id)?;
    let ground = ErasureGround::parse(ground).ok_or_else(|| Failure(format!("there is no ground {ground}")))?;
    if note.is_some_and(has_long_number) {
        return Err(Failure(
            "the note has a number of 9 digits or more in it; it is kept for ever, so leave out numbers of persons"
                .to_owned(),
        ));
    }
    let app = open_to_write(settings, "person erase", false).await?;
    let request = app.own_request(&Principal::local(ACTOR), "erase");
    let erased = app.erase_now(&request, id, &PersonalDataErased { ground, note: note.map(str::to_owned) }).await;
    app.store.close().await;
    let erased = erased?;
    let word = if erased.appended { "are erased" } else { "were erased before" };
    output::message(&format!("the personal data of {id} {word}; copies in backups stay until those are destroyed"));
    Ok(Outcome::Done)
}

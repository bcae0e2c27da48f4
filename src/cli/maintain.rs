//! Commands that look after a log: migrate, rebuild, verify, and the OpenAPI document.

use super::arguments::{OpenapiArguments, RebuildArguments, VerifyArguments};
use super::{Failure, Outcome, open_to_write, output};
use crate::clock::SystemClock;
use crate::compose;
use crate::config::Settings;
use crate::projections::Projection;
use crate::store::migrations;

/// Creates or updates the database, and the master key of a SQLite database that has none.
pub async fn migrate(settings: &Settings) -> Result<Outcome, Failure> {
    migrations::migrate(&settings.database).await?;
    compose::master_key(settings, true, &SystemClock)?;
    output::message(&format!("{} is migrated", settings.database));
    Ok(Outcome::Done)
}

/// Builds projections anew, or checks that it would change nothing.
pub async fn rebuild(settings: &Settings, arguments: &RebuildArguments) -> Result<Outcome, Failure> {
    let app = open_to_write(settings, "rebuild", false).await?;
    let wanted: Vec<Projection> =
        Projection::parse(&arguments.projection).map_or_else(|| Projection::ALL.to_vec(), |projection| vec![projection]);
    for projection in wanted {
        let position = app.rebuild(projection, |_| {}).await?;
        output::result(&format!("{} rebuilt to position {position}", projection.name()));
    }
    app.store.close().await;
    Ok(Outcome::Done)
}

/// Checks the whole log.
pub async fn verify(_settings: &Settings, _arguments: &VerifyArguments) -> Result<Outcome, Failure> {
    Err(Failure("not yet".to_owned()))
}

/// Prints the OpenAPI document, or writes it with the events' schemas into a folder.
pub fn openapi(arguments: &OpenapiArguments) -> Result<(), Failure> {
    let Some(folder) = &arguments.write else {
        output::result(&crate::openapi::text());
        return Ok(());
    };
    for (name, text) in crate::openapi::files() {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
        std::fs::write(&path, text).map_err(|error| Failure(format!("{}: {error}", path.display())))?;
    }
    output::message(&format!("the contract is written to {}", folder.display()));
    Ok(())
}

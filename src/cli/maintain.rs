//! Commands that look after a log: migrate, rebuild, and the OpenAPI document.

use super::arguments::{OpenapiArguments, RebuildArguments};
use super::{Failure, Outcome, check, open_to_write, output};
use crate::clock::SystemClock;
use crate::compose;
use crate::config::Settings;
use crate::domain::audit::Act;
use crate::projections::Projection;
use crate::store::{migrations, shown};
use serde_json::json;

/// Creates or updates the database, and a master key where there is none and its file is known.
pub async fn migrate(settings: &Settings) -> Result<Outcome, Failure> {
    migrations::migrate(&settings.database).await?;
    compose::master_key(settings, true, &SystemClock)?;
    output::message(&format!("{} is migrated", shown(&settings.database)));
    Ok(Outcome::Done)
}

/// Builds projections anew, or checks that it would change nothing.
pub async fn rebuild(settings: &Settings, arguments: &RebuildArguments) -> Result<Outcome, Failure> {
    let wanted: Vec<Projection> = Projection::parse(&arguments.projection)
        .map_or_else(|| Projection::ALL.to_vec(), |projection| vec![projection]);
    if arguments.check {
        return check::check(settings, arguments, &wanted).await;
    }
    let app = open_to_write(settings, "rebuild", false).await?;
    let head = app.store.head().await?.position;
    let mut rebuilt = Vec::new();
    for projection in wanted {
        let bar = check::bar(projection.name());
        let position = app.rebuild(projection, |position| check::show(&bar, position, head)).await;
        bar.finish_and_clear();
        rebuilt.push((projection.name(), position?));
        app.note_act(Act::ProjectionRebuilt, Some(projection.name()), &[]).await;
    }
    app.store.close().await;
    if arguments.json {
        let rebuilt: Vec<_> =
            rebuilt.iter().map(|(name, position)| json!({"projection": name, "position": position})).collect();
        output::result(&json!({"projections": rebuilt}).to_string());
    } else {
        for (name, position) in &rebuilt {
            output::result(&format!("{name} rebuilt to position {position}"));
        }
    }
    Ok(Outcome::Done)
}

/// Prints the OpenAPI document, or writes it with the events' schemas into a folder.
pub fn openapi(settings: &Settings, arguments: &OpenapiArguments) -> Result<(), Failure> {
    let profile = crate::compose::profile(settings)?;
    let Some(folder) = &arguments.write else {
        output::result(&crate::openapi::text(&profile));
        return Ok(());
    };
    for (name, text) in crate::openapi::files(&profile) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
        std::fs::write(&path, text).map_err(|error| Failure(format!("{}: {error}", path.display())))?;
    }
    output::message(&format!("the contract is written to {}", folder.display()));
    Ok(())
}

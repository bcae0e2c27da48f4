//! `chitra report`: a report from the log, without a server or beside one.

use super::{Failure, Outcome, open, output};
use crate::app::App;
use crate::app::access::Principal;
use crate::app::assessment::{Assessment, AssessmentQuery, SMOOTHING_MAX, page, rows};
use crate::app::error::AppError;
use crate::app::figures::AsOf;
use crate::app::table::Format;
use crate::app::tongue::Tongue;
use crate::config::Settings;
use crate::domain::period::Month;
use crate::domain::place::UnitBasis;
use crate::domain::profile::Profile;
use crate::store::OpenMode;
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use std::io::Write;
use std::path::PathBuf;

/// Commands of `report`.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// How far cashless payment has come in one cycle: rates against targets, ranking, funnel, reasons with who acts, completeness, data
    /// quality; three pages to print, or the same as data
    #[command(after_help = super::help::REPORT)]
    Assessment(AssessmentArguments),
}

/// How the report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    Html,
    Json,
    Csv,
    Xlsx,
    Ndjson,
}

/// Flags of `report assessment`.
#[derive(Debug, Args)]
pub struct AssessmentArguments {
    /// The payment run's month, YYYY-MM
    #[arg(long, value_name = "MONTH")]
    pub cycle: String,
    /// Only this unit with all below it: its key, or a code that names one unit in that cycle
    #[arg(long, value_name = "UNIT")]
    pub unit: Option<String>,
    /// The level whose units are ranked [default: the one below the unit]
    #[arg(long, value_name = "LEVEL")]
    pub level: Option<String>,
    /// Rank by smoothed rates: as if each unit had so many more people of the rate of all units together [default: as they are]
    #[arg(long, value_name = "PEOPLE", value_parser = clap::value_parser!(u32).range(1..=i64::from(SMOOTHING_MAX)))]
    pub smoothing: Option<u32>,
    /// The page's language [default: the profile's first]
    #[arg(long, value_parser = ["vi", "en"])]
    pub lang: Option<String>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Shape::Html)]
    pub format: Shape,
    /// As the log stood at an instant with its offset (2025-04-01T00:00:00+07:00), at the end of a day, or after a position
    #[arg(long, value_name = "INSTANT", conflicts_with_all = ["as_of_position", "as_of_day"])]
    pub as_of: Option<String>,
    /// As the log stood after this position
    #[arg(long, value_name = "N", conflicts_with = "as_of_day")]
    pub as_of_position: Option<u64>,
    /// As the log stood at the end of this day, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    pub as_of_day: Option<Date>,
    /// Also tell what changed since the end of this day, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    pub since: Option<Date>,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
}

/// Writes a report.
pub async fn report(settings: &Settings, command: &ReportCommand) -> Result<Outcome, Failure> {
    let ReportCommand::Assessment(arguments) = command;
    let app = open(settings, OpenMode::Beside, false).await?;
    let made = async {
        let asked = query(arguments, &app).await?;
        let found = app.assess(&Principal::local("command-line"), &asked).await.map_err(Failure::from)?;
        bytes(&found, &app.profile, arguments)
    }
    .await;
    app.store.close().await;
    let bytes = made?;
    match &arguments.to {
        Some(file) => {
            std::fs::write(file, bytes).map_err(|error| Failure(format!("{}: {error}", file.display())))?;
            output::message(&format!("wrote {}", file.display()));
        }
        None => std::io::stdout().lock().write_all(&bytes)?,
    }
    Ok(Outcome::Done)
}

async fn query(arguments: &AssessmentArguments, app: &App) -> Result<AssessmentQuery, Failure> {
    let cycle =
        Month::parse(&arguments.cycle).map_err(|error| Failure(format!("--cycle {}: {error}", arguments.cycle)))?;
    let on = cycle.day(1).ok_or_else(|| Failure(format!("--cycle {}: no such month", arguments.cycle)))?;
    let unit = match arguments.unit.as_deref() {
        None => None,
        Some(text) => {
            let found = app.profile.units.resolve(text, on);
            Some(found.map_err(|error| Failure(format!("--unit {text}: {error}")))?.key.clone())
        }
    };
    let as_of = match (&arguments.as_of, arguments.as_of_position, arguments.as_of_day) {
        (Some(text), ..) => app.read_as_of(text).await.map_err(|error| refused("--as-of", error))?,
        (None, Some(position), _) => AsOf::Position(position),
        (None, None, Some(day)) => AsOf::Day(day),
        (None, None, None) => AsOf::Now,
    };
    Ok(AssessmentQuery {
        benefit_groups: Vec::new(),
        basis: UnitBasis::AsPaid,
        cycle,
        unit,
        level: arguments.level.clone(),
        as_of,
        since: arguments.since.map(AsOf::Day),
        min_position: None,
        smoothing: arguments.smoothing,
    })
}

/// What is wrong with one flag.
fn refused(flag: &str, error: AppError) -> Failure {
    match error {
        AppError::Invalid(issues) => {
            Failure(issues.iter().map(|issue| format!("{flag}: {}", issue.message)).collect::<Vec<_>>().join("; "))
        }
        other => other.into(),
    }
}

fn bytes(found: &Assessment, profile: &Profile, arguments: &AssessmentArguments) -> Result<Vec<u8>, Failure> {
    let table = |format| rows::table(found, profile).to_bytes(format, "assessment").map_err(Failure::from);
    match arguments.format {
        Shape::Html => {
            let tongue = arguments.lang.as_deref().and_then(Tongue::parse).unwrap_or_else(|| Tongue::of(profile));
            Ok(page::page(found, profile, tongue).into_bytes())
        }
        Shape::Json => {
            let mut text = serde_json::to_string_pretty(&rows::document(found, profile))?;
            text.push('\n');
            Ok(text.into_bytes())
        }
        Shape::Csv => table(Format::Csv),
        Shape::Xlsx => table(Format::Xlsx),
        Shape::Ndjson => table(Format::Ndjson),
    }
}

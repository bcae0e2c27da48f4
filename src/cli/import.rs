//! `chitra import`: a file into the log, with a progress bar and a report that says what to mend.

use super::arguments::{ImportArguments, Kind, Mode};
use super::{Failure, Outcome, open_to_write, output, remote};
use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::AppError;
use crate::app::imports::{ImportAnswer, ImportOrder, ImportReport, Source, Stage};
use crate::config::Settings;
use crate::domain::import::{ImportKind, ImportMode};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

/// How many issues are printed; the JSON report and `--errors-to` have more.
const ISSUES_PRINTED_MAX: usize = 20;

/// Imports a file here, or through a running server.
pub async fn import(settings: &Settings, arguments: &ImportArguments) -> Result<Outcome, Failure> {
    if let (Some(server), Some(key)) = (&arguments.server, &arguments.key) {
        let report = remote::import(server, key, arguments).await?;
        return Ok(print(&report, arguments));
    }
    let path = &arguments.file;
    let source = Source::of_file(path).map_err(|error| Failure(format!("{}: {error}", path.display())))?;
    let app = open_to_write(settings, "import", false).await?;
    let order = order(&app, arguments)?;
    let bar = ProgressBar::no_length();
    let answer = app.import(&order, &source, &|stage| show(&bar, stage)).await;
    bar.finish_and_clear();
    let outcome = match answer {
        Ok(answer) => report(&app, (arguments, &source), answer).await,
        Err(AppError::File { code, message, .. }) => Err(Failure(format!("{message} ({code}); nothing was recorded"))),
        Err(error) => Err(Failure(error.to_string())),
    };
    if outcome.is_ok() && !arguments.dry_run {
        app.catch_up().await?;
        app.react_to_all().await?;
        app.catch_up().await?;
    }
    app.store.close().await;
    outcome
}

fn order(app: &App, arguments: &ImportArguments) -> Result<ImportOrder, Failure> {
    let control_sum_minor = match &arguments.control_sum {
        Some(text) => {
            Some(app.profile.currency.parse(text).map_err(|error| Failure(format!("--control-sum: {error}")))?.minor)
        }
        None => None,
    };
    Ok(ImportOrder {
        principal: Principal::local("command-line"),
        kind: match arguments.kind {
            Kind::Payments => ImportKind::Payments,
            Kind::Outcomes => ImportKind::Outcomes,
            Kind::Beneficiaries => ImportKind::Beneficiaries,
            Kind::Identity => ImportKind::Identity,
        },
        mode: match arguments.mode {
            Mode::All => ImportMode::All,
            Mode::ValidRows => ImportMode::ValidRows,
        },
        dry_run: arguments.dry_run,
        control_count: arguments.control_count,
        control_sum_minor,
        request: None,
    })
}

fn show(bar: &ProgressBar, stage: Stage) {
    match stage {
        Stage::Checking { rows } => bar.set_message(format!("checking: {rows} rows")),
        Stage::Recording { rows, of } => {
            if bar.length() != Some(of) {
                if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} rows  {per_sec}  {eta} left") {
                    bar.set_style(style);
                }
                bar.set_length(of);
            }
            bar.set_position(rows);
        }
    }
    bar.tick();
}

async fn report(
    app: &App,
    (arguments, source): (&ImportArguments, &Source),
    answer: ImportAnswer,
) -> Result<Outcome, Failure> {
    match answer {
        ImportAnswer::Replayed(id, report) => {
            output::message(&format!("this file was recorded before, as import {id}; nothing was recorded again"));
            print(&report, arguments);
            Ok(Outcome::Done)
        }
        ImportAnswer::Report(report) => {
            write_errors(app, (arguments, source), &report).await?;
            Ok(print(&report.to_json(&app.profile), arguments))
        }
    }
}

async fn write_errors(
    app: &App,
    (arguments, source): (&ImportArguments, &Source),
    report: &ImportReport,
) -> Result<(), Failure> {
    let Some(path) = &arguments.errors_to else { return Ok(()) };
    std::fs::write(path, app.annotate(report, source).await?)?;
    output::message(&format!("the file with its error column is {}", path.display()));
    Ok(())
}

/// Prints a report; whether the file did all that was asked of it.
fn print(report: &Value, arguments: &ImportArguments) -> Outcome {
    let errors = report["errors"].as_u64().unwrap_or(0);
    let done = errors == 0 && report["status"] != "refused";
    if arguments.json {
        output::result(&report.to_string());
        return if done { Outcome::Done } else { Outcome::FallsShort };
    }
    let empty = Vec::new();
    let issues = report["issues"].as_array().unwrap_or(&empty);
    for issue in issues.iter().take(ISSUES_PRINTED_MAX) {
        let text = |name: &str| issue[name].as_str().unwrap_or("").to_owned();
        let row =
            issue["row"].as_u64().filter(|row| *row > 0).map_or_else(|| "file".to_owned(), |row| format!("row {row}"));
        let found = Some(text("found"))
            .filter(|found| !found.is_empty())
            .map_or_else(String::new, |found| format!(" (found {found})"));
        output::message(&format!("{row}, {}: {}{found} [{}]", text("column"), text("message"), text("code")));
    }
    if issues.len() > ISSUES_PRINTED_MAX {
        output::message(&format!(
            "... and {} more; --json or --errors-to FILE shows them",
            issues.len() - ISSUES_PRINTED_MAX
        ));
    }
    let text = |name: &str| report[name].as_str().map_or_else(|| report[name].to_string(), str::to_owned);
    output::result(&format!(
        "{}: {} rows, {} recorded, {} unchanged, {} refused; sum {} {}, recorded {}; {} errors, {} warnings",
        text("status"),
        text("rows"),
        text("recorded_rows"),
        text("unchanged_rows"),
        text("refused_rows"),
        text("sum"),
        text("currency"),
        text("recorded_sum"),
        text("errors"),
        text("warnings"),
    ));
    if done { Outcome::Done } else { Outcome::FallsShort }
}

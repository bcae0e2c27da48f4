//! The command line: what each command takes, and which function does it. Results go to stdout, all else to stderr.

mod archive;
mod arguments;
mod bank_files;
mod bank_registry;
mod bank_simulator;
mod banks;
mod bench;
mod check;
mod demo;
mod grpc;
mod health;
mod help;
mod import;
mod inbox;
mod keys;
mod maintain;
mod output;
mod person;
mod proofs;
mod remote;
mod report;
mod sandbox;
mod serve;
mod targets;
mod tls;
mod vault;
mod webhooks;
mod witness;

pub use arguments::{Cli, Command};

use crate::compose::ComposeError;
use clap::{CommandFactory, Parser};
use std::process::ExitCode;

/// A command that did not do what was asked: exit code 1. Wrong usage is clap's and exits with 2.
#[derive(Debug)]
pub struct Failure(pub String);

impl<E: std::fmt::Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Whether what was asked holds: exit code 0 or 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    FallsShort,
}

/// Reads the command line and does what it says.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::message(&format!("chitra: the runtime did not start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(dispatch(cli)) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::FallsShort) => ExitCode::FAILURE,
        Err(Failure(reason)) => {
            output::message(&format!("chitra: {reason}"));
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(cli: Cli) -> Result<Outcome, Failure> {
    let settings = crate::config::resolve(cli.flags())?;
    crate::telemetry::start(&settings.log, settings.log_json);
    match cli.command {
        Command::Serve(arguments) => serve::serve(&settings, &arguments).await,
        Command::Health(arguments) => health::health(&settings, &arguments).await,
        Command::Migrate => maintain::migrate(&settings).await,
        Command::Import(arguments) => import::import(&settings, &arguments).await,
        Command::Demo(arguments) => demo::demo(&settings, &arguments).await,
        Command::Rebuild(arguments) => maintain::rebuild(&settings, &arguments).await,
        Command::Verify(arguments) => check::verify(&settings, &arguments).await,
        Command::VerifyReceipt(arguments) => proofs::verify_receipt(&arguments),
        Command::Backup(arguments) => archive::backup(&settings, &arguments).await,
        Command::Restore(arguments) => archive::restore(&settings, &arguments).await,
        Command::Export(arguments) => archive::export(&settings, &arguments).await,
        Command::ImportLog(arguments) => archive::import_log(&settings, &arguments).await,
        Command::Keys(command) => keys::keys(&settings, &command).await,
        Command::Banks(command) => banks::banks(&settings, &command).await,
        Command::BankSimulator(arguments) => bank_simulator::run(arguments).await,
        Command::Inbox(command) => inbox::inbox(&settings, &command).await,
        Command::Webhooks(command) => webhooks::webhooks(&settings, &command).await,
        Command::LogKey(arguments) => proofs::log_key(&settings, &arguments).await,
        Command::Witness(arguments) => witness::run(&arguments).await,
        Command::Report(command) => report::report(&settings, &command).await,
        Command::Targets(command) => targets::targets(&settings, &command).await,
        Command::Person(command) => person::person(&settings, &command).await,
        Command::Vault(command) => vault::vault(&settings, &command).await,
        Command::Openapi(arguments) => {
            maintain::openapi(&settings, &arguments)?;
            Ok(Outcome::Done)
        }
        Command::Bench(arguments) => bench::bench(&arguments).await,
        Command::BenchNullServer { ready_file, rows_into, appends_into } => {
            bench::null_server(&settings, &ready_file, (rows_into, appends_into)).await
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "chitra", &mut script);
            output::result(&String::from_utf8_lossy(&script));
            Ok(Outcome::Done)
        }
    }
}

/// Opens the log that the settings name, for a command.
async fn open(
    settings: &crate::config::Settings,
    mode: crate::store::OpenMode,
    runs_projections: bool,
) -> Result<std::sync::Arc<crate::app::App>, ComposeError> {
    let clock: std::sync::Arc<dyn crate::clock::Clock> = std::sync::Arc::new(crate::clock::SystemClock);
    crate::compose::compose(crate::compose::Opening {
        url: settings.database.clone(),
        mode,
        master: crate::compose::master_key(settings, false, clock.as_ref())?,
        profile: crate::compose::profile(settings)?,
        clock,
        runs_projections,
    })
    .await
}

/// Opens the log to append or to run projections.
async fn open_to_write(
    settings: &crate::config::Settings,
    command: &str,
    runs_projections: bool,
) -> Result<std::sync::Arc<crate::app::App>, ComposeError> {
    let holder = format!("`chitra {command}` (process {})", std::process::id());
    let app = open(settings, crate::store::OpenMode::Writer { holder }, runs_projections).await?;
    if let Some(max) = settings.inbox_file_bytes_max {
        app.file_bytes_max.store(max, std::sync::atomic::Ordering::Relaxed);
    }
    Ok(app)
}

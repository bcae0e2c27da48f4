//! The commands and their flags, with the help that a stranger reads.

use super::bank_simulator::SimulatorArguments;
use super::banks::BanksCommand;
use super::bench::BenchArguments;
use super::grpc::GrpcArguments;
use super::help;
use super::inbox::InboxCommand;
use super::keys::KeysCommand;
use super::person::PersonCommand;
use super::proofs::{LogKeyArguments, VerifyReceiptArguments};
use super::report::ReportCommand;
use super::targets::TargetsCommand;
use super::tls::TlsArguments;
use super::webhooks::WebhooksCommand;
use super::witness::WitnessArguments;
use crate::config::Flags;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// chitra tells how far cashless payment of benefits has come, and where each payment is, from an append-only log.
#[derive(Debug, Parser)]
#[command(
    name = "chitra",
    version,
    max_term_width = 110,
    after_help = "Settings: a flag goes before the environment (CHITRA_DATABASE, CHITRA_LISTEN, CHITRA_MASTER_KEY_FILE, CHITRA_MASTER_KEY, CHITRA_PROFILE, CHITRA_LOG, CHITRA_LOG_FORMAT, CHITRA_WORKERS, CHITRA_WEBHOOK_NETWORKS, CHITRA_CONFIG), that before the settings file (chitra.toml), that before the default.\n\nExit codes: 0 done, 1 refused or falls short, 2 wrong usage.\n\nBegin with `chitra demo`: a made-up province, served, with its address and keys printed."
)]
pub struct Cli {
    /// Settings file [default: chitra.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Database: `sqlite:PATH`, `postgres://USER@HOST/DATABASE`, or `sqlite::memory:` for one that is gone at the end [default:
    /// sqlite:chitra.sqlite]
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,
    /// File with the master key of the vault [default: beside a SQLite database; to be named for PostgreSQL]
    #[arg(long, global = true, value_name = "FILE")]
    pub master_key_file: Option<PathBuf>,
    /// Another profile than the built-in one: NAME.toml with a folder NAME beside it (units.csv, successions.csv)
    #[arg(long, global = true, value_name = "FILE")]
    pub profile: Option<PathBuf>,
    /// What to log, for example info or chitra=debug [default: info]
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
    /// How to log: text or json [default: text]
    #[arg(long, global = true, value_name = "FORMAT")]
    pub log_format: Option<String>,
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the REST API
    Serve(ServeArguments),
    /// Ask a running server whether it is ready
    Health(super::health::HealthArguments),
    /// Create the tables, or bring them up to this program; makes the file of a SQLite database, and the master key if there is none
    Migrate,
    /// Import an office file: payments, outcomes, beneficiaries or identity, as CSV, XLSX or NDJSON
    Import(ImportArguments),
    /// Make a lifelike province on the real units of Quang Nam, and serve it
    Demo(DemoArguments),
    /// Build projections anew from the log, or check that this would give what is stored
    #[command(after_help = help::REBUILD)]
    Rebuild(RebuildArguments),
    /// Check the whole log: leaf hashes, positions, revisions, claims, and that money is conserved
    #[command(after_help = help::VERIFY)]
    Verify(VerifyArguments),
    /// Check a payment's receipt, without its server or database
    #[command(after_help = help::VERIFY_RECEIPT)]
    VerifyReceipt(VerifyReceiptArguments),
    /// Write one file with all that cannot be computed again, beside a running server
    #[command(after_help = help::BACKUP)]
    Backup(BackupArguments),
    /// Fill an empty database from a backup, of either engine
    #[command(after_help = help::RESTORE)]
    Restore(RestoreArguments),
    /// Write the log as lines of JSON, one event each
    #[command(after_help = help::EXPORT)]
    Export(ExportArguments),
    /// Fill an empty log from exported lines
    #[command(after_help = help::IMPORT_LOG)]
    ImportLog(ImportLogArguments),
    /// Make, list, rotate and revoke API keys
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Try a bank's file: what it says, what it would do, whether its signature holds
    #[command(subcommand)]
    Banks(BanksCommand),
    /// Play a bank that misbehaves, against a running server: late, lost, repeated, reordered, contradictory, forged messages by a seed
    BankSimulator(SimulatorArguments),
    /// Take banks' files out of a folder
    #[command(subcommand)]
    Inbox(InboxCommand),
    /// Endpoints that are told of payments: register, list, change, try, tell again (Standard Webhooks)
    #[command(subcommand, after_help = help::WEBHOOKS)]
    Webhooks(WebhooksCommand),
    /// Print the log's verifier key (vkey), with which its checkpoints are checked
    LogKey(LogKeyArguments),
    /// Cosign the checkpoints of other logs, each only if it extends the last one (C2SP tlog-witness)
    #[command(after_help = help::WITNESS)]
    Witness(WitnessArguments),
    /// Write a report from the log, beside a running server or without one
    #[command(subcommand)]
    Report(ReportCommand),
    /// Set, list and withdraw the targets of units
    #[command(subcommand)]
    Targets(TargetsCommand),
    /// Hand out or erase everything held on one person; each is recorded
    #[command(subcommand)]
    Person(PersonCommand),
    /// Change the master key, beside running servers
    #[command(subcommand)]
    Vault(super::vault::VaultCommand),
    /// Print the OpenAPI document, or write it with the events' schemas into a folder
    Openapi(OpenapiArguments),
    /// Measure chitra on this machine, each number beside a yardstick measured in turn with it
    #[command(after_help = help::BENCH)]
    Bench(BenchArguments),
    /// The server that `bench` compares with: it checks, numbers and answers, and records nothing
    #[command(hide = true)]
    BenchNullServer {
        #[arg(long, value_name = "FILE")]
        ready_file: PathBuf,
        /// What clerks append goes beneath it all the same: one bare row an event into this database
        #[arg(long, value_name = "URL", conflicts_with = "appends_into")]
        rows_into: Option<String>,
        /// Or through the store into this one
        #[arg(long, value_name = "URL")]
        appends_into: Option<String>,
    },
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Flags of `serve`.
#[derive(Debug, Args)]
pub struct ServeArguments {
    /// Address to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// Write the address here, one line, once the server answers
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
    /// Threads that answer [default: one for each core]
    #[arg(long, value_name = "N")]
    pub workers: Option<usize>,
    #[command(flatten)]
    pub grpc: GrpcArguments,
    /// Have each checkpoint cosigned by this witness: its verifier key and address in one text, \"NAME+ID+KEY http://host:port\"
    /// [default: `witnesses` of the settings file]
    #[arg(long = "witness", value_name = "VKEY URL")]
    pub witnesses: Vec<String>,
    /// A network that webhooks may be in beside the public one, and without TLS: 10.20.0.0/16; several if given again
    /// [default: none]
    #[arg(long = "webhook-network", value_name = "NETWORK")]
    pub webhook_networks: Vec<String>,
    /// Let people sign in by a provider (OIDC) too, as this file of settings says [default: `oidc` of the settings file]
    #[arg(long, value_name = "FILE")]
    pub oidc: Option<PathBuf>,
    #[command(flatten)]
    pub tls: TlsArguments,
    /// Draw maps of units by their outlines: `GeoJSON` whose features name their unit by a property `unit` (its key) or `code`
    /// [default: `map` of the settings file; without one, tiles]
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// Send nothing to webhooks: for a copy of a log that another server tells of
    #[arg(long)]
    pub no_webhooks: bool,
    /// Take banks' files from DIR/BANK/, and move each to DIR/.done/BANK/ or, with the reason, to DIR/.failed/BANK/
    #[arg(long, value_name = "DIR")]
    pub inbox: Option<PathBuf>,
    /// Serve a sandbox: a database of its own [default: sqlite:sandbox.sqlite], made and filled when it is not there, with keys that open
    /// no other log and a bank whose reports can be played. What is in it is printed as lines of NAME=value
    #[arg(long)]
    pub sandbox: bool,
    /// The public key that the sandbox's bank signs with: PEM or JWK, `EdDSA` or `ES256`
    #[arg(long, value_name = "FILE", requires = "sandbox")]
    pub bank_key: Option<PathBuf>,
}

/// A kind of office file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Payments,
    Outcomes,
    Beneficiaries,
    /// Results of matching with the population database
    Identity,
}

/// What one bad row does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// One error and nothing is recorded
    All,
    /// Good rows are recorded, bad rows reported
    ValidRows,
}

/// Flags of `import`.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// The file
    pub file: PathBuf,
    /// What its rows are
    #[arg(long, value_enum)]
    pub kind: Kind,
    /// What one bad row does
    #[arg(long, value_enum, default_value = "all")]
    pub mode: Mode,
    /// Check only: the whole report, nothing recorded
    #[arg(long)]
    pub dry_run: bool,
    /// How many rows there must be
    #[arg(long, value_name = "N")]
    pub control_count: Option<u64>,
    /// What the amounts must add up to
    #[arg(long, value_name = "AMOUNT")]
    pub control_sum: Option<String>,
    /// Write the same file back with an error column
    #[arg(long, value_name = "FILE")]
    pub errors_to: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// Send the file to a running server instead of opening the database (http only)
    #[arg(long, value_name = "URL", requires = "key")]
    pub server: Option<String>,
    /// The API key for --server
    #[arg(long, value_name = "KEY", requires = "server")]
    pub key: Option<String>,
}

/// Flags of `demo`.
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// How many people
    #[arg(long, default_value_t = 60_000, value_parser = clap::value_parser!(u32).range(100..=5_000_000))]
    pub size: u32,
    /// The same seed and size make the same log
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Write and exit
    #[arg(long)]
    pub no_serve: bool,
    /// Address to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// Write the address here, one line, once the server answers
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
    /// Print address, keys and figures as JSON
    #[arg(long)]
    pub json: bool,
}

/// Flags of `rebuild`.
#[derive(Debug, Args)]
pub struct RebuildArguments {
    /// payments (with adoption and settlement), beneficiaries, oversight (recoveries and approvals), tree (what proofs are made from), or all
    #[arg(default_value = "all", value_parser = ["all", "payments", "beneficiaries", "oversight", "tree"])]
    pub projection: String,
    /// Change nothing: build a copy from the log and compare
    #[arg(long)]
    pub check: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Flags of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// Check against a checkpoint that was kept elsewhere, too; several if given again
    #[arg(long = "checkpoint", value_name = "FILE")]
    pub checkpoints: Vec<PathBuf>,
    /// The verifier key that those checkpoints must be signed with [default: this log's]
    #[arg(long, value_name = "VKEY", requires = "checkpoints")]
    pub log_vkey: Option<String>,
    /// A witness that must have cosigned those checkpoints; several if given again
    #[arg(long = "witness-vkey", value_name = "VKEY", requires = "checkpoints")]
    pub witness_vkeys: Vec<String>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Flags of `backup`.
#[derive(Debug, Args)]
pub struct BackupArguments {
    /// The file to write; it must not be there yet
    pub file: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Flags of `restore`.
#[derive(Debug, Args)]
pub struct RestoreArguments {
    /// The backup
    pub file: PathBuf,
    /// Then build the figures and check everything, as `chitra verify` does; needs the master key
    #[arg(long)]
    pub verify: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Flags of `export`.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// The file to write, which must not be there yet; `-` for stdout
    #[arg(default_value = "-")]
    pub file: PathBuf,
    /// The first position to write
    #[arg(long, value_name = "POSITION", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub from: u64,
    /// Print the result as JSON (to stderr when the events go to stdout)
    #[arg(long)]
    pub json: bool,
}

/// Flags of `import-log`.
#[derive(Debug, Args)]
pub struct ImportLogArguments {
    /// The exported lines; `-` for stdin
    pub file: PathBuf,
    /// The digest that the log must have, as `export` and `verify` print it
    #[arg(long, value_name = "HEX")]
    pub digest: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Flags of `openapi`.
#[derive(Debug, Args)]
pub struct OpenapiArguments {
    /// Write openapi.json and events/*.json into this folder
    #[arg(long, value_name = "DIR")]
    pub write: Option<PathBuf>,
}

impl Cli {
    const fn serving(&self) -> Option<&ServeArguments> {
        if let Command::Serve(arguments) = &self.command { Some(arguments) } else { None }
    }

    /// What the flags say of the settings.
    #[must_use]
    pub fn flags(&self) -> Flags {
        let (listen, workers) = match &self.command {
            Command::Serve(arguments) => (arguments.listen.clone(), arguments.workers),
            Command::Demo(arguments) => (arguments.listen.clone(), None),
            _ => (None, None),
        };
        Flags {
            config: self.config.clone(),
            database: self.database.clone(),
            listen,
            master_key_file: self.master_key_file.clone(),
            profile: self.profile.clone(),
            log: self.log.clone(),
            log_format: self.log_format.clone(),
            workers,
            witnesses: match &self.command {
                Command::Serve(arguments) => arguments.witnesses.clone(),
                _ => Vec::new(),
            },
            oidc: match &self.command {
                Command::Serve(arguments) => arguments.oidc.clone(),
                _ => None,
            },
            tls_cert: self.serving().and_then(|arguments| arguments.tls.tls_cert.clone()),
            tls_key: self.serving().and_then(|arguments| arguments.tls.tls_key.clone()),
            behind_proxy: self.serving().is_some_and(|arguments| arguments.tls.behind_proxy),
            map: match &self.command {
                Command::Serve(arguments) => arguments.map.clone(),
                _ => None,
            },
            webhook_networks: match &self.command {
                Command::Serve(arguments) => arguments.webhook_networks.clone(),
                _ => Vec::new(),
            },
        }
    }
}

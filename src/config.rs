//! Settings: flag, then environment (`CHITRA_*`), then file, then default. The only place that reads the environment.

use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Where the settings file is looked for when no flag names one.
const FILE_DEFAULT: &str = "chitra.toml";

/// The settings file. Every key is optional; an unknown one is an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsFile {
    database: Option<String>,
    listen: Option<String>,
    master_key_file: Option<String>,
    profile: Option<String>,
    log: Option<String>,
    log_format: Option<String>,
    workers: Option<usize>,
    witnesses: Option<Vec<String>>,
    webhook_networks: Option<Vec<String>>,
    oidc: Option<String>,
    tls_cert: Option<String>,
    tls_key: Option<String>,
    behind_proxy: Option<bool>,
    map: Option<String>,
    webhook_keep_days: Option<u32>,
    webhook_keep_deliveries: Option<u32>,
    inbox_file_bytes_max: Option<u64>,
    requests_at_once_max: Option<u32>,
    requests_waiting_max: Option<u32>,
    uploads_at_once_max: Option<u32>,
    key_requests_per_second: Option<u32>,
    address_failures_per_second: Option<u32>,
}

/// What the flags said.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    pub config: Option<PathBuf>,
    pub database: Option<String>,
    pub listen: Option<String>,
    pub master_key_file: Option<PathBuf>,
    pub profile: Option<PathBuf>,
    pub log: Option<String>,
    pub log_format: Option<String>,
    pub workers: Option<usize>,
    pub witnesses: Vec<String>,
    pub webhook_networks: Vec<String>,
    pub oidc: Option<PathBuf>,
    pub tls_cert: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    pub behind_proxy: bool,
    pub map: Option<PathBuf>,
}

/// All settings, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// URL of the database, for example `sqlite:chitra.sqlite`.
    pub database: String,
    /// Whether the database was named, or is the default.
    pub database_named: bool,
    /// Address to listen on.
    pub listen: String,
    /// File that holds the master key; by default beside a SQLite database.
    pub master_key_file: Option<PathBuf>,
    /// The folder with credentials that the service manager (systemd) hands to this process alone.
    pub credentials: Option<PathBuf>,
    /// The master key itself, from the environment only: a flag would show in the process list.
    pub master_key: Option<MasterKeyText>,
    /// Folder or file of another profile than the built-in one.
    pub profile: Option<PathBuf>,
    /// Filter of the log, for example `info` or `chitra=debug`.
    pub log: String,
    pub log_json: bool,
    /// Threads that answer HTTP.
    pub workers: usize,
    /// Who is asked to cosign checkpoints, each as `VKEY URL`.
    pub witnesses: Vec<String>,
    /// Networks that webhooks may be in beside the public one, and without TLS: `10.20.0.0/16`.
    pub webhook_networks: Vec<String>,
    /// File that says who else signs people in.
    pub oidc: Option<PathBuf>,
    /// The certificate with its chain, and its key, that the port of the API shows: PEM files.
    pub tls_cert: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    /// TLS ends before this server.
    pub behind_proxy: bool,
    /// File with the outlines of units.
    pub map: Option<PathBuf>,
    /// For how many days the log of deliveries to webhooks is kept.
    pub webhook_keep_days: Option<u32>,
    /// How many deliveries to a webhook are kept.
    pub webhook_keep_deliveries: Option<u32>,
    /// The longest file of a bank that is taken out of its folder.
    pub inbox_file_bytes_max: Option<u64>,
    pub limits: LimitNumbers,
}

/// What the server takes at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitNumbers {
    /// Requests in work.
    pub requests_at_once: u32,
    /// Requests that wait a second at most to be taken.
    pub requests_waiting: u32,
    /// Files on their way in.
    pub uploads_at_once: u32,
    /// Requests of one key; 0 is no limit.
    pub key_requests_per_second: u32,
    /// Refused sign-ins and signatures of one address; 0 is no limit.
    pub address_failures_per_second: u32,
}

/// The master key's text. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKeyText(pub String);

impl std::fmt::Debug for MasterKeyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKeyText(..)")
    }
}

/// Settings that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the settings file {path} cannot be read: {reason}")]
    File { path: PathBuf, reason: String },
    #[error("{name} cannot be read: {reason}")]
    Value { name: &'static str, reason: String },
}

/// Resolves all settings.
pub fn resolve(flags: Flags) -> Result<Settings, ConfigError> {
    resolve_with(flags, &environment)
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn resolve_with(flags: Flags, environment: &dyn Fn(&str) -> Option<String>) -> Result<Settings, ConfigError> {
    let file = read_file(flags.config.or_else(|| environment("CHITRA_CONFIG").map(PathBuf::from)).as_ref())?;
    let database = flags.database.or_else(|| environment("CHITRA_DATABASE")).or(file.database);
    let workers = match flags.workers {
        Some(workers) => Some(workers),
        None => number("CHITRA_WORKERS", environment)?.or(file.workers),
    };
    let log_format = flags.log_format.or_else(|| environment("CHITRA_LOG_FORMAT")).or(file.log_format);
    let path = |flag: Option<PathBuf>, name: &str, file: Option<String>| {
        flag.or_else(|| environment(name).map(PathBuf::from)).or_else(|| file.map(PathBuf::from))
    };
    let limit = |name: &'static str, file: Option<u32>, default: u32| {
        Ok::<u32, ConfigError>(number(name, environment)?.or(file).unwrap_or(default))
    };
    let limits = LimitNumbers {
        requests_at_once: limit("CHITRA_REQUESTS_AT_ONCE_MAX", file.requests_at_once_max, 512)?.max(1),
        requests_waiting: limit("CHITRA_REQUESTS_WAITING_MAX", file.requests_waiting_max, 2048)?,
        uploads_at_once: limit("CHITRA_UPLOADS_AT_ONCE_MAX", file.uploads_at_once_max, 32)?.max(1),
        key_requests_per_second: limit("CHITRA_KEY_REQUESTS_PER_SECOND", file.key_requests_per_second, 1_000)?,
        address_failures_per_second: limit("CHITRA_ADDRESS_FAILURES_PER_SECOND", file.address_failures_per_second, 20)?,
    };
    Ok(Settings {
        database_named: database.is_some(),
        database: database.unwrap_or_else(|| "sqlite:chitra.sqlite".to_owned()),
        listen: flags
            .listen
            .or_else(|| environment("CHITRA_LISTEN"))
            .or(file.listen)
            .unwrap_or_else(|| "127.0.0.1:8080".to_owned()),
        master_key_file: path(flags.master_key_file, "CHITRA_MASTER_KEY_FILE", file.master_key_file),
        credentials: environment("CREDENTIALS_DIRECTORY").map(PathBuf::from),
        master_key: environment("CHITRA_MASTER_KEY").map(MasterKeyText),
        profile: path(flags.profile, "CHITRA_PROFILE", file.profile),
        oidc: path(flags.oidc, "CHITRA_OIDC", file.oidc),
        map: path(flags.map, "CHITRA_MAP", file.map),
        log: flags.log.or_else(|| environment("CHITRA_LOG")).or(file.log).unwrap_or_else(|| "info".to_owned()),
        log_json: match log_format.as_deref() {
            None | Some("text") => false,
            Some("json") => true,
            Some(other) => {
                let reason = format!("expected text or json, found {other}");
                return Err(ConfigError::Value { name: "log format", reason });
            }
        },
        workers: workers
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(2, std::num::NonZero::get))
            .max(1),
        witnesses: if flags.witnesses.is_empty() { file.witnesses.unwrap_or_default() } else { flags.witnesses },
        tls_cert: path(flags.tls_cert, "CHITRA_TLS_CERT", file.tls_cert),
        tls_key: path(flags.tls_key, "CHITRA_TLS_KEY", file.tls_key),
        behind_proxy: flags.behind_proxy
            || yes_or_no("CHITRA_BEHIND_PROXY", environment)?.or(file.behind_proxy).unwrap_or(false),
        webhook_networks: if flags.webhook_networks.is_empty() {
            let named = environment("CHITRA_WEBHOOK_NETWORKS");
            let listed = named.map(|text| text.split(',').map(|part| part.trim().to_owned()).collect());
            listed.or(file.webhook_networks).unwrap_or_default()
        } else {
            flags.webhook_networks
        },
        webhook_keep_days: file.webhook_keep_days,
        webhook_keep_deliveries: file.webhook_keep_deliveries,
        inbox_file_bytes_max: match number("CHITRA_INBOX_FILE_BYTES_MAX", environment)? {
            Some(bytes) => Some(bytes),
            None => file.inbox_file_bytes_max,
        },
        limits,
    })
}

fn yes_or_no(name: &'static str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Option<bool>, ConfigError> {
    match environment(name).as_deref() {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(other) => Err(ConfigError::Value { name, reason: format!("expected true or false, found {other}") }),
    }
}

fn number<T: std::str::FromStr>(
    name: &'static str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<T>, ConfigError> {
    let Some(text) = environment(name) else { return Ok(None) };
    let wrong = |_| ConfigError::Value { name, reason: format!("expected a whole number, found {text}") };
    text.trim().parse().map(Some).map_err(wrong)
}

fn read_file(named: Option<&PathBuf>) -> Result<SettingsFile, ConfigError> {
    let path = named.cloned().unwrap_or_else(|| PathBuf::from(FILE_DEFAULT));
    if named.is_none() && !Path::new(FILE_DEFAULT).exists() {
        return Ok(SettingsFile::default());
    }
    let broken = |reason: String| ConfigError::File { path: path.clone(), reason };
    let text = std::fs::read_to_string(&path).map_err(|error| broken(error.to_string()))?;
    toml::from_str(&text).map_err(|error| broken(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_goes_before_the_environment_and_that_before_the_default() {
        let environment = |name: &str| (name == "CHITRA_DATABASE").then(|| "sqlite:env".to_owned());
        let flags = Flags { database: Some("sqlite:flag".to_owned()), ..Flags::default() };
        assert_eq!(resolve_with(flags, &environment).unwrap().database, "sqlite:flag");
        assert_eq!(resolve_with(Flags::default(), &environment).unwrap().database, "sqlite:env");
        let settings = resolve_with(Flags::default(), &|_| None).unwrap();
        assert_eq!((settings.database.as_str(), settings.database_named), ("sqlite:chitra.sqlite", false));
    }

    #[test]
    fn a_file_goes_before_the_default_and_an_unknown_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chitra.toml");
        std::fs::write(&path, "listen = \"127.0.0.1:9\"\n").unwrap();
        let flags = Flags { config: Some(path.clone()), ..Flags::default() };
        assert_eq!(resolve_with(flags.clone(), &|_| None).unwrap().listen, "127.0.0.1:9");
        std::fs::write(&path, "lissten = \"127.0.0.1:9\"\n").unwrap();
        assert!(resolve_with(flags, &|_| None).unwrap_err().to_string().contains("lissten"));
    }

    #[test]
    fn networks_of_webhooks_are_listed_with_commas_in_the_environment() {
        let environment = |name: &str| (name == "CHITRA_WEBHOOK_NETWORKS").then(|| "10.20.0.0/16, fd00::/8".to_owned());
        let settings = resolve_with(Flags::default(), &environment).unwrap();
        assert_eq!(settings.webhook_networks, ["10.20.0.0/16", "fd00::/8"]);
        let flags = Flags { webhook_networks: vec!["127.0.0.1".to_owned()], ..Flags::default() };
        assert_eq!(resolve_with(flags, &environment).unwrap().webhook_networks, ["127.0.0.1"]);
        assert_eq!(resolve_with(Flags::default(), &|_| None).unwrap().webhook_networks, Vec::<String>::new());
    }

    #[test]
    fn the_longest_file_of_a_bank_is_a_number_of_bytes() {
        let with = |value: &'static str| {
            resolve_with(Flags::default(), &move |name| {
                (name == "CHITRA_INBOX_FILE_BYTES_MAX").then(|| value.to_owned())
            })
        };
        assert_eq!(with("5000000000").unwrap().inbox_file_bytes_max, Some(5_000_000_000));
        assert!(with("2 GB").unwrap_err().to_string().contains("expected a whole number, found 2 GB"));
    }

    #[test]
    fn the_master_key_is_not_printed() {
        let settings =
            resolve_with(Flags::default(), &|name| (name == "CHITRA_MASTER_KEY").then(|| "s3cret".to_owned()));
        assert!(!format!("{:?}", settings.unwrap()).contains("s3cret"));
    }
}

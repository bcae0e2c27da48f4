//! The log of what the program does: to standard error, as text or JSON. Never names, numbers of people, secrets or bodies.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

/// Starts logging. A filter that cannot be read counts as `info`. A second call changes nothing.
pub fn start(filter: &str, json: bool) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    // A line that cannot be written is lost: complaining about it on the same closed pipe would end the thread.
    let builder =
        fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).log_internal_errors(false);
    let _already_started = if json { builder.json().try_init() } else { builder.with_ansi(false).try_init() };
}

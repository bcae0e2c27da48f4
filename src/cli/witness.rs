//! `chitra witness`: cosigns the checkpoints of other logs. Needs no database.

use super::{Failure, Outcome, output, serve};
use crate::app::witness::Witness;
use crate::clock::SystemClock;
use crate::http::server::Serving;
use crate::http::witness;
use crate::proof::Verifier;
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;

/// Flags of `witness`.
#[derive(Debug, Args)]
pub struct WitnessArguments {
    /// The verifier key of a log to watch, as its operator gave it to you; several logs, or the two keys of one
    #[arg(long = "log-vkey", value_name = "VKEY", required = true)]
    pub log_vkeys: Vec<String>,
    /// Folder with the witness's key and what it cosigned; a new one is made
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// The witness's name, needed for a new one: a domain of yours and a path, for example witness.example.vn/w1
    #[arg(long)]
    pub name: Option<String>,
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8090")]
    pub listen: String,
    /// Write the address here, one line, once the witness answers
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
}

/// Serves until SIGTERM or SIGINT.
pub async fn run(arguments: &WitnessArguments) -> Result<Outcome, Failure> {
    let logs = arguments.log_vkeys.iter().map(|text| Verifier::parse(text)).collect::<Result<Vec<_>, _>>();
    let logs = logs.map_err(|error| Failure(format!("--log-vkey: {error}")))?;
    let name = arguments.name.as_deref();
    let state = Arc::new(Witness::open(&arguments.state, name, logs, Arc::new(SystemClock))?);
    let listener = serve::bind(&arguments.listen)?;
    let key = state.verifier().to_text();
    let Serving { server, address } = witness::serve(state, listener, 2)?;
    let handle = server.handle();
    let serving = tokio::spawn(server);
    output::result(&key);
    tracing::info!(address = %address, "the witness serves http://{address}");
    serve::ready(arguments.ready_file.as_deref(), serve::Addresses { http: address, scheme: "http", grpc: None })?;
    serve::wait_for_signal().await?;
    handle.stop(true).await;
    serving.await??;
    Ok(Outcome::Done)
}

//! `chitra witness`: cosigns the checkpoints of other logs. Needs no database.

use super::arguments::WitnessArguments;
use super::{Failure, Outcome, output, serve};
use crate::app::witness::Witness;
use crate::clock::SystemClock;
use crate::http::server::Serving;
use crate::http::witness;
use crate::proof::Verifier;
use std::sync::Arc;

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
    serve::ready(arguments.ready_file.as_deref(), address)?;
    serve::wait_for_signal().await?;
    handle.stop(true).await;
    serving.await??;
    Ok(Outcome::Done)
}

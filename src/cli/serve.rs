//! `chitra serve`: the API and the projections, until a signal stops them.

use super::arguments::ServeArguments;
use super::grpc::GrpcDoor;
use super::{Failure, Outcome, open_to_write, output, sandbox, tls};
use crate::app::App;
use crate::app::audit::auditor::Auditor;
use crate::app::banks::leftover::Finisher;
use crate::app::limits::buckets::Rate;
use crate::app::limits::{LimitSettings, Limits};
use crate::app::oidc::Oidc;
use crate::app::oidc::settings::OidcSettings;
use crate::app::outlines::Outlines;
use crate::app::proofs::keeper::Keeper;
use crate::app::proofs::witnesses::AskedWitness;
use crate::app::runner::Runner;
use crate::app::webhooks::deliverer::Deliverer;
use crate::app::webhooks::sender::HttpSender;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Settings;
use crate::domain::audit::Act;
use crate::domain::profile::Profile;
use crate::grpc;
use crate::http::server::{self, Door, Serving};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Serves until SIGTERM or SIGINT; what was accepted is finished first.
pub async fn serve(asked: &Settings, arguments: &ServeArguments) -> Result<Outcome, Failure> {
    let witnesses: Result<Vec<_>, _> = asked.witnesses.iter().map(|text| AskedWitness::parse(text)).collect();
    let witnesses = witnesses.map_err(|reason| Failure(format!("--witness: {reason}")))?;
    let (settings, filled);
    let app;
    if arguments.sandbox {
        settings = sandbox::own_database(asked);
        (app, filled) = sandbox::open(&settings, arguments.bank_key.as_deref()).await?;
    } else {
        (settings, filled) = (asked.clone(), Vec::new());
        app = open_to_write(&settings, "serve", true).await?;
        sandbox::check_no_sandbox(&app)?;
    }
    let settings = &settings;
    app.webhooks.configure(super::webhooks::options(settings)?);
    if let Some(path) = &settings.oidc {
        let oidc = OidcSettings::read(path, &app.profile).map_err(|error| Failure(error.to_string()))?;
        let _set_once = app.oidc.set(Oidc::new(oidc));
    }
    check_database(&app, arguments).await?;
    if let Some(outlines) = map(settings, &app.profile)? {
        let _set_once = app.outlines.set(outlines);
    }
    let listener = bind(&settings.listen)?;
    let door = door(settings)?;
    tls::check_not_in_clear(&listener, door.certificates.as_ref(), settings)?;
    let (inbox, no_webhooks) = (arguments.inbox.clone(), arguments.no_webhooks);
    let grpc = arguments.grpc.door(door.certificates.as_ref(), &door.limits)?;
    let chores = Chores { witnesses, inbox, no_webhooks, grpc };
    run(app, listener, door, chores, |addresses| {
        let (address, scheme) = (addresses.http, addresses.scheme);
        tracing::info!(address = %address, "chitra serves {scheme}://{address}");
        if let Some(grpc) = addresses.grpc {
            tracing::info!(address = %grpc, "chitra serves the event store protocol on {grpc}");
        }
        if arguments.sandbox {
            sandbox::print(&filled, &addresses.base());
        }
        ready(arguments.ready_file.as_deref(), addresses)
    })
    .await
}

/// A server whose database forgets is no server: what it answers must be on disk.
async fn check_database(app: &App, arguments: &ServeArguments) -> Result<(), Failure> {
    match app.registry.forgets().await? {
        Some(reason) if arguments.tls.allow_forgetting || arguments.sandbox => {
            tracing::warn!("the database does not keep what it answers: {reason}");
            Ok(())
        }
        Some(reason) => Err(Failure(format!(
            "the database does not keep what it answers: {reason}. Mend that, or say --allow-forgetting if nothing in it counts"
        ))),
        None => Ok(()),
    }
}

/// How the server answers, by the settings. After a pause a key may ask for two seconds' requests at once, and an address fail twenty.
pub fn door(settings: &Settings) -> Result<Door, Failure> {
    let numbers = settings.limits;
    let rate = |per_second: u32, seconds: u32| {
        (per_second > 0).then(|| Rate { per_second, burst: per_second.saturating_mul(seconds) })
    };
    let limits = LimitSettings {
        requests_at_once: numbers.requests_at_once as usize,
        requests_waiting: numbers.requests_waiting as usize,
        uploads_at_once: numbers.uploads_at_once as usize,
        of_key: rate(numbers.key_requests_per_second, 2),
        failures_of_address: rate(numbers.address_failures_per_second, 20),
        ..LimitSettings::default()
    };
    Ok(Door {
        workers: settings.workers,
        limits: Arc::new(Limits::new(&limits)),
        certificates: tls::of_settings(settings)?,
    })
}

/// The outlines of units, where some are named.
pub fn map(settings: &Settings, profile: &Profile) -> Result<Option<Outlines>, Failure> {
    let Some(path) = &settings.map else { return Ok(None) };
    let read = Outlines::read(path, profile, profile.business_day(SystemClock.now_us()));
    let outlines = read.map_err(|error| Failure(format!("the map {}: {error}", path.display())))?;
    tracing::info!(outlines = outlines.len(), "units are drawn as {} says", path.display());
    Ok(Some(outlines))
}

/// Binds the address, and says which one it is when that fails.
pub fn bind(address: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|error| Failure(format!("cannot listen on {address}: {error}")))
}

/// What a server does beside serving.
#[derive(Default)]
pub struct Chores {
    /// Who cosigns its checkpoints.
    pub witnesses: Vec<AskedWitness>,
    /// The folder that banks' files are taken from.
    pub inbox: Option<PathBuf>,
    /// Nothing is sent to webhooks.
    pub no_webhooks: bool,
    /// Where the event store protocol is served.
    pub grpc: Option<GrpcDoor>,
}

/// Where a server listens.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    pub http: SocketAddr,
    /// `http` or `https`.
    pub scheme: &'static str,
    pub grpc: Option<SocketAddr>,
}

impl Addresses {
    /// The API's address, as clients begin with it.
    pub fn base(self) -> String {
        format!("{}://{}", self.scheme, self.http)
    }
}

/// Serves a log on a listener. `started` is called once it answers.
pub async fn run(
    app: Arc<App>,
    listener: TcpListener,
    door: Door,
    chores: Chores,
    started: impl FnOnce(Addresses) -> Result<(), Failure>,
) -> Result<Outcome, Failure> {
    let runner = Runner::start(&app);
    app.note_own_act(Act::ServerStarted, &told_of(&door, &chores)).await;
    let auditor = Auditor::start(&app);
    let keeper = Keeper::start(&app, chores.witnesses.into_iter().map(Arc::new).collect());
    let finisher = Finisher::start(&app, chores.inbox);
    let networks = app.webhooks.options().networks.clone();
    let deliverer = (!chores.no_webhooks).then(|| Deliverer::start(&app, Arc::new(HttpSender::new(networks))));
    let scheme = if door.certificates.is_some() { "https" } else { "http" };
    let own = chores.grpc.as_ref().and_then(|grpc| grpc.certificates.clone());
    let certificates = tls::follow(door.certificates.iter().cloned().chain(own).collect())?;
    let Serving { server, address } = server::serve(Arc::clone(&app), listener, door)?;
    let handle = server.handle();
    let serving = tokio::spawn(server);
    let grpc = chores.grpc.map(|door| grpc::server::serve(Arc::clone(&app), door.listener, door.options)).transpose();
    let grpc = grpc.map_err(|error| Failure(error.to_string()))?;
    started(Addresses { http: address, scheme, grpc: grpc.as_ref().map(|grpc| grpc.address) })?;
    wait_for_signal().await?;
    output::message("chitra stops: finishing what was accepted");
    certificates.abort();
    app.stopping.begin();
    if let Some(grpc) = grpc {
        grpc.stop().await;
    }
    handle.stop(true).await;
    serving.await??;
    if let Some(deliverer) = deliverer {
        deliverer.stop().await;
    }
    finisher.stop().await;
    app.note_own_act(Act::ServerStopped, &[]).await;
    auditor.stop().await;
    keeper.stop().await;
    runner.stop().await;
    app.store.close().await;
    Ok(Outcome::Done)
}

/// What the audit is told of how a server was started.
fn told_of(door: &Door, chores: &Chores) -> Vec<(&'static str, String)> {
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    vec![
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("tls", yes(door.certificates.is_some())),
        ("grpc", yes(chores.grpc.is_some())),
        ("webhooks", yes(!chores.no_webhooks)),
        ("bank_files", yes(chores.inbox.is_some())),
        ("witnesses", chores.witnesses.len().to_string()),
    ]
}

/// Writes the addresses for scripts, each on a line: to a file beside, then renamed, so that nobody reads half of it.
pub fn ready(file: Option<&Path>, addresses: Addresses) -> Result<(), Failure> {
    let Some(file) = file else { return Ok(()) };
    let partial = file.with_extension("partial");
    let grpc = addresses.grpc.map(|address| format!("grpc://{address}\n")).unwrap_or_default();
    std::fs::write(&partial, format!("{}\n{grpc}", addresses.base()))?;
    std::fs::rename(&partial, file)?;
    Ok(())
}

/// Returns when the process is asked to end.
pub async fn wait_for_signal() -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

//! Puts the routes, the gate and the limits together and serves them.

use crate::app::App;
use crate::app::certificates::Certificates;
use crate::app::limits::Limits;
use crate::http::message_body::Room;
use crate::http::problem::Problem;
use crate::http::{access, pages, routes, sandbox};
use crate::openapi::Contract;
use actix_web::dev::Server;
use actix_web::http::header::STRICT_TRANSPORT_SECURITY;
use actix_web::middleware::{Condition, DefaultHeaders, from_fn};
use actix_web::{App as HttpApp, HttpServer, web};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

/// In every answer of a sandbox.
const SANDBOX_MARK: &str = "x-chitra-sandbox";

/// Browsers come by TLS alone from then on, for a year.
const ONLY_BY_TLS: &str = "max-age=31536000";

/// How long a client may take to send a request's head.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// The largest JSON body.
pub const JSON_BODY_BYTES_MAX: usize = 256 * 1024;

/// A server that listens, and where.
pub struct Serving {
    pub server: Server,
    pub address: SocketAddr,
}

/// How a server answers.
#[derive(Clone)]
pub struct Door {
    /// Threads.
    pub workers: usize,
    /// Shared with the event store protocol's port.
    pub limits: Arc<Limits>,
    /// What the port shows; without one it speaks plain HTTP.
    pub certificates: Option<Arc<Certificates>>,
}

/// Binds and serves. The caller runs `server` and stops it by its handle.
pub fn serve(app: Arc<App>, listener: TcpListener, door: Door) -> std::io::Result<Serving> {
    let address = listener.local_addr()?;
    let contract = web::Data::new(Contract::of(Arc::clone(&app.profile)));
    let is_sandbox = app.is_sandbox;
    let (data, room) = (web::Data::from(app), web::Data::new(Room::default()));
    let limits = web::Data::from(door.limits);
    let tls = door.certificates.as_ref().map(|shown| shown.server_config(&[])).transpose();
    let tls = tls.map_err(std::io::Error::other)?;
    let (speaks_tls, certificates) = (tls.is_some(), web::Data::new(Shown(door.certificates.into_iter().collect())));
    let server = HttpServer::new(move || {
        HttpApp::new()
            .app_data(data.clone())
            .app_data(contract.clone())
            .app_data(room.clone())
            .app_data(limits.clone())
            .app_data(certificates.clone())
            .app_data(web::PayloadConfig::new(JSON_BODY_BYTES_MAX))
            .configure(|config: &mut web::ServiceConfig| {
                if is_sandbox {
                    sandbox::configure(config);
                }
            })
            .configure(routes::configure)
            .configure(pages::configure)
            .default_service(web::to(no_such_path))
            .wrap(from_fn(access::gate))
            .wrap(Condition::new(is_sandbox, DefaultHeaders::new().add((SANDBOX_MARK, "true"))))
            .wrap(Condition::new(speaks_tls, DefaultHeaders::new().add((STRICT_TRANSPORT_SECURITY, ONLY_BY_TLS))))
    })
    .workers(door.workers)
    .client_request_timeout(HEAD_WITHIN)
    .disable_signals()
    .shutdown_timeout(30);
    let server = match tls {
        Some(tls) => server.listen_rustls_0_23(listener, tls)?,
        None => server.listen(listener)?,
    };
    Ok(Serving { server: server.run(), address })
}

/// Whose files are looked at, for the metrics.
pub struct Shown(pub Vec<Arc<Certificates>>);

async fn no_such_path() -> Result<&'static str, Problem> {
    Err(Problem::NoSuchPath)
}

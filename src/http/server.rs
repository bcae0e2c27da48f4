//! Puts the routes, the gate and the limits together and serves them.

use crate::app::App;
use crate::http::message_body::Room;
use crate::http::problem::Problem;
use crate::http::{access, pages, routes};
use crate::openapi::Contract;
use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App as HttpApp, HttpServer, web};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

/// The largest JSON body.
pub const JSON_BODY_BYTES_MAX: usize = 256 * 1024;

/// A server that listens, and where.
pub struct Serving {
    pub server: Server,
    pub address: SocketAddr,
}

/// Binds and serves. The caller runs `server` and stops it by its handle.
pub fn serve(app: Arc<App>, listener: TcpListener, workers: usize) -> std::io::Result<Serving> {
    let address = listener.local_addr()?;
    let contract = web::Data::new(Contract::of(Arc::clone(&app.profile)));
    let (data, room) = (web::Data::from(app), web::Data::new(Room::default()));
    let server = HttpServer::new(move || {
        HttpApp::new()
            .app_data(data.clone())
            .app_data(contract.clone())
            .app_data(room.clone())
            .app_data(web::PayloadConfig::new(JSON_BODY_BYTES_MAX))
            .configure(routes::configure)
            .configure(pages::configure)
            .default_service(web::to(no_such_path))
            .wrap(from_fn(access::gate))
    })
    .workers(workers)
    .disable_signals()
    .shutdown_timeout(30)
    .listen(listener)?
    .run();
    Ok(Serving { server, address })
}

async fn no_such_path() -> Result<&'static str, Problem> {
    Err(Problem::NoSuchPath)
}

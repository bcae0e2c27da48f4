//! That there is something new, told to open pages as it comes (`text/event-stream`): the position that figures have come to, and no more than
//! that. What is new is asked for by the page itself, with the rights of its session. Readers of published figures are told nothing: what is
//! published moves at a month's end.

use super::cookie::Cookie;
use super::visitor::Visitor;
use crate::app::App;
use crate::app::error::AppError;
use crate::app::progress::ProjectionProgress;
use crate::http::context::SharedApp;
use crate::http::following::following;
use crate::http::problem::Problem;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream::{self, Stream};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit, watch};

/// How often a silent stream says that it is alive, and looks whether the session is.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// No page is told more often than this.
const AT_MOST_EVERY: Duration = Duration::from_secs(1);
/// So many pages are told at once.
static PAGES: Semaphore = Semaphore::const_new(1_000);

struct Live {
    app: Arc<App>,
    token: String,
    positions: watch::Receiver<Vec<ProjectionProgress>>,
    told: u64,
    is_told: bool,
    _place: SemaphorePermit<'static>,
}

/// `GET /live`
pub async fn live(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let principal = visitor.principal()?;
    let place = PAGES.try_acquire().map_err(|_| Problem::App(AppError::Contended))?;
    let live = Live {
        token: Cookie::Session.of(request.headers()).unwrap_or_default(),
        positions: app.progress.watch(),
        told: 0,
        is_told: !app.reads_published(principal),
        app: app.into_inner(),
        _place: place,
    };
    Ok(following(&Arc::clone(&live.app), told(live)))
}

/// Where figures stand: the projection of payments.
fn position(all: &[ProjectionProgress]) -> u64 {
    all.iter().find(|one| one.name == "payments").map_or(0, |one| one.position)
}

fn told(live: Live) -> impl Stream<Item = Result<Bytes, Problem>> {
    stream::unfold(live, |mut live| async move {
        if live.told > 0 {
            tokio::time::sleep(AT_MOST_EVERY).await;
        }
        let (before, is_told) = (live.told, live.is_told);
        let moved = live.positions.wait_for(|all| is_told && position(all) > before);
        let at = match tokio::time::timeout(KEEP_ALIVE, moved).await {
            Ok(Ok(all)) => Some(position(&all)),
            // The server ends.
            Ok(Err(_)) => return None,
            Err(_) => None,
        };
        if let Some(at) = at {
            live.told = at;
            return Some((Ok(Bytes::from(format!("event: moved\ndata: {{\"position\":{at}}}\n\n"))), live));
        }
        // Whoever signed out, or was shut out, hears no more.
        match live.app.peek_session(&live.token).await {
            Ok(Some(_)) => Some((Ok(Bytes::from_static(b": still here\n\n")), live)),
            Ok(None) | Err(_) => None,
        }
    })
}

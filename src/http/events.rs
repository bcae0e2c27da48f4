//! The event feed: immutable pages of the log, or the log as it grows (`text/event-stream`).

use crate::app::error::AppError;
use crate::app::feed::{Direction, RecordedEvent, Subscription};
use crate::app::words::Words;
use crate::http::context::{Caller, SharedApp};
use crate::http::following::following;
use crate::http::format;
use crate::http::problem::Problem;
use crate::http::query::Query;
use actix_web::http::header::{ACCEPT, CACHE_CONTROL, ETAG, IF_NONE_MATCH, LINK};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream::{self, Stream};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;

/// How often a silent stream says that it is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How many events a filtered page looks through at most.
const SCAN_LIMIT: u64 = 10_000;

const NAME: Words = Words { en: "letters, digits and _ only", vi: "chỉ gồm chữ, số và _" };

/// Which events are asked for.
#[derive(Debug, Clone, Default)]
struct Filter {
    event_type: Option<String>,
    category: Option<String>,
}

impl Filter {
    fn read(query: &mut Query) -> Self {
        let name = |text: &str| {
            let fits = text.len() <= 100 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            fits.then(|| text.to_owned())
        };
        Self { event_type: query.optional("type", &NAME, name), category: query.optional("category", &NAME, name) }
    }

    fn matches(&self, event: &RecordedEvent) -> bool {
        let category = event.stream.split_once('-').map_or(event.stream.as_str(), |(category, _)| category);
        self.event_type.as_ref().is_none_or(|asked| *asked == event.event_type)
            && self.category.as_ref().is_none_or(|asked| asked == category)
    }

    const fn is_open(&self) -> bool {
        self.event_type.is_none() && self.category.is_none()
    }
}

/// `GET /v1/events`
pub async fn feed(app: SharedApp, _caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let after = query.number("after");
    let limit = query.limit(100);
    let min_position = query.number("min_position");
    let filter = Filter::read(&mut query);
    query.finish()?;
    let live = request.headers().get(ACCEPT).is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"));
    if live {
        let last = request.headers().get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
        let subscription = app.store.subscribe(last.or(after).unwrap_or(0)).await.map_err(AppError::Store)?;
        return Ok(following(&app, live_feed(subscription, filter)));
    }
    page(&app, &request, (after.unwrap_or(0), limit, min_position), &filter).await
}

async fn page(
    app: &SharedApp,
    request: &HttpRequest,
    (after, limit, min_position): (u64, u32, Option<u64>),
    filter: &Filter,
) -> Result<HttpResponse, Problem> {
    let head = app.store.head().await.map_err(AppError::Store)?;
    if let Some(asked) = min_position.filter(|asked| *asked > head.position) {
        return Err(AppError::BeyondHead { head: head.position, asked }.into());
    }
    let scan_end = after.saturating_add(if filter.is_open() { u64::from(limit) } else { SCAN_LIMIT });
    let mut events = Vec::new();
    let mut at = after;
    while events.len() < limit as usize && at < scan_end.min(head.position) {
        let wanted = u32::try_from(scan_end - at).unwrap_or(u32::MAX).min(1000);
        let read = app.store.read_all(Some(at), Direction::Forwards, wanted).await.map_err(AppError::Store)?;
        let Some(last) = read.last() else { break };
        at = last.position;
        for event in read.into_iter().filter(|event| filter.matches(event)) {
            if events.len() == limit as usize {
                break;
            }
            events.push(event);
        }
    }
    if let (true, Some(last)) = (events.len() == limit as usize, events.last()) {
        at = last.position;
    }
    let complete = events.len() == limit as usize || at == scan_end;
    let etag = format!("\"{after}-{at}-{}\"", events.len());
    if request.headers().get(IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == etag.as_bytes()) {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, etag)).finish());
    }
    let mut response = HttpResponse::Ok();
    response.insert_header((ETAG, etag));
    let cache = if complete { "private, max-age=31536000, immutable" } else { "private, no-cache" };
    response.insert_header((CACHE_CONTROL, cache));
    if complete {
        response.insert_header((LINK, format!("</v1/events?{}>; rel=\"next\"", next_query(at, limit, filter))));
    }
    let items: Vec<Value> = events.iter().map(format::event).collect();
    Ok(response.json(json!({"events": items, "next_after": at, "as_of_position": head.position,
        "as_of_time": format::instant(head.recorded_at_us)})))
}

fn next_query(after: u64, limit: u32, filter: &Filter) -> String {
    let mut text = format!("after={after}&limit={limit}");
    for (name, value) in [("type", &filter.event_type), ("category", &filter.category)] {
        if let Some(value) = value {
            text = format!("{text}&{name}={value}");
        }
    }
    text
}

struct Live {
    subscription: Subscription,
    filter: Filter,
    ready: VecDeque<RecordedEvent>,
}

fn live_feed(subscription: Subscription, filter: Filter) -> impl Stream<Item = Result<Bytes, Problem>> {
    let live = Live { subscription, filter, ready: VecDeque::new() };
    stream::unfold(live, |mut live| async move {
        loop {
            if let Some(event) = live.ready.pop_front() {
                return Some((Ok(frame(&event)), live));
            }
            match tokio::time::timeout(KEEP_ALIVE, live.subscription.next()).await {
                Ok(Ok(events)) => live.ready.extend(events.into_iter().filter(|event| live.filter.matches(event))),
                Ok(Err(error)) => return Some((Err(Problem::App(AppError::Store(error))), live)),
                Err(_) => return Some((Ok(Bytes::from_static(b": still here\n\n")), live)),
            }
        }
    })
}

fn frame(event: &RecordedEvent) -> Bytes {
    Bytes::from(format!("id: {}\nevent: {}\ndata: {}\n\n", event.position, event.event_type, format::event(event)))
}

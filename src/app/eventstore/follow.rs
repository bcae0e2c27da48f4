//! Following the log or a stream: first what is there, then what comes, each event once and in order, and news of how far it is.

use super::derived::{is_derived, links_to};
use super::filter::Filter;
use super::read::PageSize;
use super::rights::{StreamCaller, described};
use super::standing::Standing;
use super::tail::{Page, Tail};
use super::{Direction, RecordedEvent, StreamsError, TOMBSTONE};
use crate::app::App;
use crate::app::eventstore::read::Place;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// After how many events the server itself hears where its search is.
const INSIDE_CHECKPOINT_EVERY: u64 = 1000;

/// What a follower is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    Event(Box<RecordedEvent>),
    /// All up to this position was looked at.
    Checkpoint(u64),
    /// All that there was is told. `last` is the last revision or position; `None` when there is nothing yet.
    CaughtUp {
        last: Option<u64>,
    },
}

/// What is followed.
enum What {
    Log { filter: Filter, checkpoint_every: Option<u64>, considered: u64, told: u64 },
    Stream { stream: String, next: u64, first_shown: u64 },
}

/// One who follows. Holds a page of its own at most, beside those that all share.
pub struct Follower {
    app: Arc<App>,
    tail: Arc<Tail>,
    what: What,
    live: Receiver<Page>,
    /// Everything up to this position was looked at.
    covered: u64,
    is_live: bool,
    /// It reads on what has just come, so that catching up is no news.
    goes_on: bool,
    size: PageSize,
    ready: VecDeque<News>,
    failed: Option<StreamsError>,
}

impl App {
    /// Follows the log after a position. With `checkpoint_every`, tells after so many events how far it is.
    pub async fn follow_log(
        self: &Arc<Self>,
        (caller, tail): (&StreamCaller, &Arc<Tail>),
        from: Place,
        filter: Filter,
        checkpoint_every: Option<u64>,
    ) -> Result<Follower, StreamsError> {
        caller.check_reader()?;
        self.follow_log_of(tail, from, filter, checkpoint_every).await
    }

    /// Follows the log for the server's own sake: whoever is told of it was let in.
    pub(super) async fn follow_log_inside(
        self: &Arc<Self>,
        tail: &Arc<Tail>,
        from: Place,
        filter: Option<Filter>,
    ) -> Result<Follower, StreamsError> {
        let every = filter.is_some().then_some(INSIDE_CHECKPOINT_EVERY);
        self.follow_log_of(tail, from, filter.unwrap_or_default(), every).await
    }

    async fn follow_log_of(
        self: &Arc<Self>,
        tail: &Arc<Tail>,
        from: Place,
        filter: Filter,
        checkpoint_every: Option<u64>,
    ) -> Result<Follower, StreamsError> {
        let live = tail.follow().await?;
        let head = self.store.head().await?.position;
        let covered = match from {
            Place::Start => 0,
            Place::End => head,
            Place::At(position) => position.min(head),
        };
        let what = What::Log { filter, checkpoint_every, considered: 0, told: covered };
        Ok(self.follower(tail, (what, live, covered)))
    }

    /// Follows a stream after a revision.
    pub async fn follow_stream(
        self: &Arc<Self>,
        (caller, tail): (&StreamCaller, &Arc<Tail>),
        stream: &str,
        from: Place,
    ) -> Result<Follower, StreamsError> {
        caller.check_reader()?;
        let live = tail.follow().await?;
        let standing = self.readable(caller, stream).await?;
        self.follow_stream_of((tail, live), standing, from).await
    }

    /// Follows a stream for the server's own sake: whoever is told of it was let in.
    pub(super) async fn follow_stream_inside(
        self: &Arc<Self>,
        tail: &Arc<Tail>,
        stream: &str,
        from: Place,
    ) -> Result<Follower, StreamsError> {
        let live = tail.follow().await?;
        let standing = self.standing(stream).await?;
        if standing.is_unreadable() {
            return Err(StreamsError::Deleted { stream: stream.to_owned() });
        }
        self.follow_stream_of((tail, live), standing, from).await
    }

    async fn follow_stream_of(
        self: &Arc<Self>,
        (tail, live): (&Arc<Tail>, Receiver<Page>),
        standing: Standing,
        from: Place,
    ) -> Result<Follower, StreamsError> {
        let after_last = standing.revision().map_or(0, |last| last + 1);
        let first_shown = if standing.is_deleted() { after_last } else { self.first_shown(&standing).await? };
        let next = match from {
            Place::Start => first_shown,
            Place::End => after_last,
            Place::At(revision) => revision.saturating_add(1).min(after_last).max(first_shown),
        };
        let what = What::Stream { stream: standing.stream, next, first_shown };
        Ok(self.follower(tail, (what, live, 0)))
    }

    fn follower(self: &Arc<Self>, tail: &Arc<Tail>, (what, live, covered): (What, Receiver<Page>, u64)) -> Follower {
        Follower {
            app: Arc::clone(self),
            tail: Arc::clone(tail),
            what,
            live,
            covered,
            is_live: false,
            goes_on: false,
            size: PageSize::default(),
            ready: VecDeque::new(),
            failed: None,
        }
    }
}

impl Follower {
    /// The next news; waits when there is none. May be dropped while it waits: nothing is lost.
    pub async fn next(&mut self) -> Result<News, StreamsError> {
        loop {
            if let Some(news) = self.ready.pop_front() {
                return Ok(news);
            }
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            if self.is_live { self.wait().await? } else { self.catch_up().await? }
        }
    }

    /// News that are there already.
    pub(super) fn ready(&mut self) -> Option<News> {
        self.ready.pop_front()
    }

    /// One page of what is there, or the news that there is no more.
    async fn catch_up(&mut self) -> Result<(), StreamsError> {
        let before = self.ready.len();
        let is_end = match &self.what {
            What::Log { .. } => {
                let page = self.app.store.read_all(Some(self.covered), Direction::Forwards, self.size.now()).await?;
                self.size.learn(&page);
                let is_end = page.is_empty();
                for event in page {
                    self.take(event);
                }
                is_end
            }
            What::Stream { stream, next, .. } => {
                let head = self.app.store.head().await?.position;
                let page = self.app.stream_page(stream, Some(*next), Direction::Forwards, self.size.now()).await?;
                self.size.learn(&page);
                let is_end = page.is_empty();
                let covered = if is_end { head } else { self.covered };
                for event in page {
                    self.take(event);
                }
                self.covered = self.covered.max(covered);
                is_end
            }
        };
        if is_end && self.failed.is_none() {
            assert!(!cfg!(unoptimized) || before == self.ready.len(), "an empty page brings no news");
            self.is_live = true;
            if !std::mem::take(&mut self.goes_on) {
                self.tell_caught_up();
            }
        }
        Ok(())
    }

    fn tell_caught_up(&mut self) {
        let last = match &mut self.what {
            What::Log { checkpoint_every, considered, told, .. } => {
                if checkpoint_every.is_some() && *told < self.covered {
                    (*told, *considered) = (self.covered, 0);
                    self.ready.push_back(News::Checkpoint(self.covered));
                }
                Some(self.covered).filter(|position| *position > 0)
            }
            What::Stream { next, .. } => next.checked_sub(1),
        };
        self.ready.push_back(News::CaughtUp { last });
    }

    /// The next page of the log's end. Who missed one reads again what is there.
    async fn wait(&mut self) -> Result<(), StreamsError> {
        match self.live.recv().await {
            Ok(page) => {
                let has_gap = page.first().is_some_and(|first| first.position > self.covered + 1);
                if has_gap {
                    self.is_live = false;
                    return Ok(());
                }
                let news: Vec<_> = page.iter().filter(|event| event.position > self.covered).cloned().collect();
                if let What::Stream { stream, .. } = &self.what
                    && is_derived(stream)
                {
                    // Read where its events are: the page has none of its links. It is still where everything is told.
                    let has_links = news.iter().any(|event| links_to(stream, event));
                    (self.is_live, self.goes_on) = (!has_links, has_links);
                    self.covered =
                        if has_links { self.covered } else { page.last().map_or(self.covered, |last| last.position) };
                    return Ok(());
                }
                for event in news {
                    self.take(event);
                }
            }
            Err(RecvError::Lagged(_)) => self.is_live = false,
            Err(RecvError::Closed) => {
                self.live = self.tail.follow().await?;
                self.is_live = false;
            }
        }
        Ok(())
    }

    /// Looks at one event of the log, or of the stream.
    fn take(&mut self, event: RecordedEvent) {
        if self.failed.is_some() {
            return;
        }
        let position = event.position;
        match &mut self.what {
            What::Log { filter, checkpoint_every, considered, told } => {
                match filter.wants(&event) {
                    Ok(true) => self.ready.push_back(News::Event(Box::new(event))),
                    Ok(false) => {}
                    Err(error) => {
                        self.failed = Some(error);
                        return;
                    }
                }
                *considered += 1;
                if checkpoint_every.is_some_and(|every| *considered >= every) {
                    (*told, *considered) = (position, 0);
                    self.ready.push_back(News::Checkpoint(position));
                }
                self.covered = position;
            }
            What::Stream { stream, next, first_shown } => {
                if event.stream == *stream && event.revision >= *next {
                    *next = event.revision + 1;
                    if event.event_type == TOMBSTONE && described(stream).is_none() {
                        self.failed = Some(StreamsError::Deleted { stream: stream.clone() });
                    } else if event.revision >= *first_shown {
                        self.ready.push_back(News::Event(Box::new(event)));
                    }
                }
                if self.is_live {
                    self.covered = position;
                }
            }
        }
    }
}

//! Reading a stream or the log page by page, as far as a reader asks, with a page's memory at a time.

use super::derived::is_shown_whole;
use super::filter::Filter;
use super::rights::StreamCaller;
use super::standing::Standing;
use super::{Direction, LINK, RecordedEvent, StreamsError};
use crate::app::App;
use crate::store::StoreError;
use std::sync::Arc;

/// The largest number that every engine takes.
const NUMBER_MAX: u64 = i64::MAX.cast_unsigned();
/// Events in a page: at first, and at most.
const PAGE_EVENTS: u32 = 64;
const PAGE_EVENTS_MAX: u32 = 2048;
/// What a page has in bytes when it has the right number of events.
const PAGE_BYTES: usize = 2 * 1024 * 1024;

/// How many events the next page asks for: as many as fit its bytes by those before it.
#[derive(Debug, Clone, Copy)]
pub struct PageSize(u32);

impl Default for PageSize {
    fn default() -> Self {
        Self(PAGE_EVENTS)
    }
}

impl PageSize {
    pub(super) fn learn(&mut self, page: &[RecordedEvent]) {
        let bytes: usize = page.iter().map(|event| event.data.len() + event.metadata.len()).sum();
        let next = if bytes > PAGE_BYTES {
            self.0 / 4
        } else if bytes < PAGE_BYTES / 4 {
            self.0 * 2
        } else {
            self.0
        };
        self.0 = next.clamp(1, PAGE_EVENTS_MAX);
    }

    pub(super) const fn now(self) -> u32 {
        self.0
    }

    fn limit(self, remaining: u64) -> u32 {
        u32::try_from(remaining).unwrap_or(u32::MAX).min(self.0)
    }
}

/// Reads a stream. Holds one page at a time.
pub struct StreamReader {
    app: Arc<App>,
    pub standing: Standing,
    /// The first revision that is shown.
    pub first_shown: u64,
    direction: Direction,
    /// The next revision to read; `None` at the end.
    next: Option<u64>,
    remaining: u64,
    size: PageSize,
}

impl StreamReader {
    /// The next events; empty at the end.
    pub async fn page(&mut self) -> Result<Vec<RecordedEvent>, StoreError> {
        let limit = self.size.limit(self.remaining);
        let Some(next) = self.next.filter(|_| limit > 0) else { return Ok(Vec::new()) };
        let stream = self.standing.stream.as_str();
        let mut page = self.app.stream_page(stream, Some(next), self.direction, limit).await?;
        self.size.learn(&page);
        self.next = match (page.last(), self.direction) {
            (None, _) => None,
            (Some(last), Direction::Forwards) => Some(last.revision + 1),
            (Some(last), Direction::Backwards) => last.revision.checked_sub(1).filter(|next| *next >= self.first_shown),
        };
        page.retain(|event| event.revision >= self.first_shown);
        self.remaining = self.remaining.saturating_sub(page.len() as u64);
        Ok(page)
    }
}

/// Reads the log. Holds one page at a time.
pub struct LogReader {
    app: Arc<App>,
    direction: Direction,
    /// The place that the next page begins behind, or before.
    after: Option<u64>,
    remaining: u64,
    filter: Filter,
    size: PageSize,
    ended: bool,
}

impl LogReader {
    /// The next events that the filter wants, maybe none; `None` at the end.
    pub async fn page(&mut self) -> Result<Option<Vec<RecordedEvent>>, StreamsError> {
        let all = PageSize::limit(self.size, u64::MAX);
        let limit = if self.filter.is_open() { self.size.limit(self.remaining) } else { all };
        if self.ended || self.remaining == 0 {
            return Ok(None);
        }
        let page = self.app.store.read_all(self.after, self.direction, limit).await?;
        self.size.learn(&page);
        let Some(last) = page.last() else {
            self.ended = true;
            return Ok(None);
        };
        self.after = Some(last.position);
        // There is nothing before the first event, and "before it" would be the end.
        self.ended = self.direction == Direction::Backwards && last.position <= 1;
        let mut wanted = Vec::with_capacity(page.len());
        for event in page {
            if self.remaining > 0 && self.filter.wants(&event)? {
                self.remaining -= 1;
                wanted.push(event);
            }
        }
        Ok(Some(wanted))
    }
}

/// Where a reader begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Start,
    End,
    At(u64),
}

/// What a reader asks of a stream or the log.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    pub from: Place,
    pub direction: Direction,
    pub count: u64,
}

impl App {
    /// Begins to read a stream, up to its end of now; `None` when there is nothing by that name, or when it is deleted.
    pub async fn read_one(
        self: &Arc<Self>,
        caller: &StreamCaller,
        stream: &str,
        range: Range,
    ) -> Result<Option<StreamReader>, StreamsError> {
        let standing = self.readable(caller, stream).await?;
        let Some(last) = standing.revision().filter(|_| !standing.is_deleted()) else { return Ok(None) };
        let first_shown = self.first_shown(&standing).await?;
        let next = match (range.direction, range.from) {
            (Direction::Forwards, Place::Start) => Some(first_shown),
            (Direction::Forwards, Place::At(revision)) => Some(revision.max(first_shown)),
            (Direction::Forwards, Place::End) => None,
            (Direction::Backwards, Place::End) => Some(last).filter(|next| *next >= first_shown),
            (Direction::Backwards, Place::At(revision)) => Some(revision.min(last)).filter(|next| *next >= first_shown),
            (Direction::Backwards, Place::Start) => Some(0).filter(|next| *next >= first_shown),
        };
        let next = next.filter(|next| *next <= NUMBER_MAX);
        Ok(Some(StreamReader {
            app: Arc::clone(self),
            standing,
            first_shown,
            direction: range.direction,
            next,
            remaining: range.count,
            size: PageSize::default(),
        }))
    }

    /// Begins to read the log. Forwards from a position, with its event; backwards before a position.
    pub fn read_log(
        self: &Arc<Self>,
        caller: &StreamCaller,
        range: Range,
        filter: Filter,
    ) -> Result<LogReader, StreamsError> {
        caller.check_reader()?;
        let (after, ended) = match (range.direction, range.from) {
            (Direction::Forwards, Place::Start) | (Direction::Backwards, Place::End) => (None, false),
            (Direction::Forwards, Place::At(position)) => (Some(position.saturating_sub(1).min(NUMBER_MAX)), false),
            (Direction::Backwards, Place::At(position)) => (Some(position.min(NUMBER_MAX)), position <= 1),
            (Direction::Forwards, Place::End) | (Direction::Backwards, Place::Start) => (None, true),
        };
        let (direction, remaining) = (range.direction, range.count);
        let app = Arc::clone(self);
        Ok(LogReader { app, direction, after, remaining, filter, size: PageSize::default(), ended })
    }

    /// The event that a link points to; `None` when there is none, or none that is still shown.
    pub async fn linked(&self, link: &RecordedEvent) -> Result<Option<RecordedEvent>, StoreError> {
        let data = super::content::data_of(link);
        let target = std::str::from_utf8(&data).ok().and_then(|text| text.trim().split_once('@'));
        let Some((Ok(revision), stream)) = target.map(|(revision, stream)| (revision.parse::<u64>(), stream)) else {
            return Ok(None);
        };
        if revision > NUMBER_MAX {
            return Ok(None);
        }
        if !is_shown_whole(stream) {
            let standing = self.standing(stream).await?;
            let is_shown = !standing.is_unreadable() && !standing.is_deleted();
            if !is_shown || revision < self.first_shown(&standing).await? {
                return Ok(None);
            }
        }
        let found = self.stream_page(stream, Some(revision), Direction::Forwards, 1).await?.pop();
        Ok(found.filter(|event| event.revision == revision))
    }
}

/// Whether an event is a link.
#[must_use]
pub fn is_link(event: &RecordedEvent) -> bool {
    event.event_type == LINK
}

//! Where a stream stands: its last event, its metadata, whether it is deleted, and from which revision on it is shown.

use super::content::data_of;
use super::metadata::StreamMetadata;
use super::rights::{Deed, StreamCaller, described, is_own, metadata_stream};
use super::{Direction, RecordedEvent, StreamsError, TOMBSTONE};
use crate::app::App;
use crate::store::{Seen, StoreError};

/// A stream as it stood when it was looked at.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    pub stream: String,
    pub last: Option<RecordedEvent>,
    pub metadata: StreamMetadata,
    /// The last event of its metadata stream; `None` when it has none.
    pub metadata_last: Option<RecordedEvent>,
    /// The stream that it describes, if it holds metadata, has ended for good.
    is_described_ended: bool,
}

impl Standing {
    /// Ended for good.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        described(&self.stream).is_none() && self.last.as_ref().is_some_and(|last| last.event_type == TOMBSTONE)
    }

    /// Whether reading fails because the stream, or the one that it describes, has ended.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        self.has_ended() || self.is_described_ended
    }

    /// Deleted until it is written to again.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.metadata.is_deleted()
    }

    #[must_use]
    pub fn revision(&self) -> Option<u64> {
        self.last.as_ref().map(|last| last.revision)
    }

    /// What an append must find unmoved so that this still holds.
    #[must_use]
    pub fn metadata_seen(&self) -> Seen {
        let last = self.metadata_last.as_ref().map(|last| last.revision);
        Seen { stream: metadata_stream(&self.stream), last }
    }

    /// Whether the stream's list, or that of the stream which it describes, allows a deed.
    pub fn check(&self, caller: &StreamCaller, deed: Deed) -> Result<(), StreamsError> {
        caller.check_list(self.metadata.access.as_ref(), deed)
    }
}

impl App {
    /// Looks where a stream stands. For a stream of metadata, those of the stream that it describes.
    pub async fn standing(&self, stream: &str) -> Result<Standing, StoreError> {
        if is_own(stream) {
            let last = self.last_event(stream).await?;
            return Ok(Standing { stream: stream.to_owned(), last, ..Standing::default() });
        }
        if let Some(base) = described(stream) {
            let (last, base_last) = tokio::try_join!(self.last_event(stream), self.last_event(base))?;
            let metadata = last.as_ref().map(|last| StreamMetadata::read(&data_of(last))).unwrap_or_default();
            // Only the list counts here: a stream's metadata are not cut by themselves.
            let metadata = StreamMetadata { access: metadata.access, ..StreamMetadata::default() };
            let is_described_ended = base_last.is_some_and(|last| last.event_type == TOMBSTONE);
            let stream = stream.to_owned();
            return Ok(Standing { stream, last, metadata, metadata_last: None, is_described_ended });
        }
        // Metadata first: the end of a stream is written with its metadata, so that whoever appends only if those did not move
        // cannot have missed it. Were they read after, or at once, the end could fall between the two.
        let metadata_last = self.last_event(&metadata_stream(stream)).await?;
        let last = self.last_event(stream).await?;
        let metadata = metadata_last.as_ref().map(|last| StreamMetadata::read(&data_of(last))).unwrap_or_default();
        Ok(Standing { stream: stream.to_owned(), last, metadata, metadata_last, is_described_ended: false })
    }

    async fn last_event(&self, stream: &str) -> Result<Option<RecordedEvent>, StoreError> {
        Ok(self.store.read_stream(stream, None, Direction::Backwards, 1).await?.pop())
    }

    /// The first revision that is still shown, by number, by place and by age.
    pub async fn first_shown(&self, standing: &Standing) -> Result<u64, StoreError> {
        let Some(last) = &standing.last else { return Ok(0) };
        let metadata = &standing.metadata;
        let by_count = metadata.max_count.map_or(0, |count| (last.revision + 1).saturating_sub(count));
        let first = by_count.max(metadata.truncate_before.unwrap_or(0));
        match metadata.max_age_s {
            Some(age_s) if first <= last.revision => self.first_since(standing, first, age_s).await,
            _ => Ok(first),
        }
    }

    /// The first revision from `first` on that is younger: times never decrease along the log, so that halving finds it.
    async fn first_since(&self, standing: &Standing, first: u64, age_s: u64) -> Result<u64, StoreError> {
        let age_us = i64::try_from(age_s).unwrap_or(i64::MAX).saturating_mul(1_000_000);
        let oldest = self.clock.now_us().saturating_sub(age_us);
        let (mut low, mut high) = (first, standing.revision().map_or(0, |last| last + 1));
        while low < high {
            let middle = low + (high - low) / 2;
            let event = self.store.read_stream(&standing.stream, Some(middle), Direction::Forwards, 1).await?.pop();
            if event.is_some_and(|event| event.recorded_at_us < oldest) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}

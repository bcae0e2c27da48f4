//! Deleting a stream until it is written to again, and ending it for good. The log keeps every event.

use super::append::TRIES_MAX;
use super::rights::{Deed, StreamCaller, described, metadata_stream};
use super::standing::Standing;
use super::{StreamState, StreamsError, TOMBSTONE, refusal};
use crate::app::App;
use crate::store::{Append, AppendError, Seen};

/// How a stream is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// Until it is written to again; then it goes on with its next revision.
    Soft,
    /// For good: nothing can be appended any more.
    Final,
}

impl App {
    /// Deletes a stream; answers the position of what says so.
    pub async fn delete_stream(
        &self,
        caller: &StreamCaller,
        (stream, expected): (&str, StreamState),
        deletion: Deletion,
    ) -> Result<u64, StreamsError> {
        caller.check_writer(stream)?;
        if described(stream).is_some() {
            return Err(StreamsError::AccessDenied("a stream's metadata are not deleted; set others"));
        }
        for _ in 0..TRIES_MAX {
            let standing = self.standing(stream).await?;
            if standing.has_ended() {
                return Err(StreamsError::Deleted { stream: stream.to_owned() });
            }
            standing.check(caller, Deed::Delete)?;
            check(&standing, expected, deletion)?;
            let deleted = match deletion {
                Deletion::Soft => self.delete_soft(caller, &standing).await,
                Deletion::Final => self.end(caller, &standing).await,
            };
            match deleted {
                // Both are written where the stream was seen: what moved is looked at again.
                Err(AppendError::SeenMoved { .. } | AppendError::WrongExpectedVersion { .. }) => {}
                Err(error) => return Err(refusal(error, expected, stream)),
                Ok(position) => return Ok(position),
            }
        }
        Err(StreamsError::Contended { stream: stream.to_owned() })
    }

    async fn delete_soft(&self, caller: &StreamCaller, standing: &Standing) -> Result<u64, AppendError> {
        if let (true, Some(last)) = (standing.is_deleted(), &standing.metadata_last) {
            return Ok(last.position);
        }
        let described_at = standing.metadata_seen();
        let expected = described_at.last.map_or(StreamState::NoStream, StreamState::Revision);
        let event = self.metadata_event(caller, standing.metadata.deleted());
        let seen = vec![Seen { stream: standing.stream.clone(), last: standing.revision() }];
        let append = Append { seen, ..Append::events(described_at.stream, expected, vec![event]) };
        self.store.append_to_stream(append).await.map(|written| written.position)
    }

    /// The same mark stands in both streams, in one transaction: appends that looked at either of them find it moved.
    async fn end(&self, caller: &StreamCaller, standing: &Standing) -> Result<u64, AppendError> {
        let mark = || vec![self.own_event(caller, TOMBSTONE, b"{}".to_vec())];
        let stream = standing.stream.as_str();
        let expected = standing.revision().map_or(StreamState::NoStream, StreamState::Revision);
        let answers = self
            .store
            .append_batch(vec![
                Append::events(stream, expected, mark()),
                Append { follows: true, ..Append::events(metadata_stream(stream), StreamState::Any, mark()) },
            ])
            .await;
        let first = answers.into_iter().next().unwrap_or(Err(AppendError::BeforeRefused))?;
        Ok(first.position)
    }
}

/// Whether the stream is where the caller expects it.
fn check(standing: &Standing, expected: StreamState, deletion: Deletion) -> Result<(), StreamsError> {
    let stream = standing.stream.clone();
    let actual = standing.revision();
    let never_was = actual.is_none() && standing.metadata_last.is_none();
    let holds = match expected {
        StreamState::StreamExists if standing.is_deleted() => return Err(StreamsError::Deleted { stream }),
        StreamState::StreamExists => !never_was,
        StreamState::Any => deletion == Deletion::Final || !never_was,
        StreamState::NoStream => {
            (actual.is_none() || standing.is_deleted()) && (deletion == Deletion::Final || !never_was)
        }
        StreamState::Revision(revision) => actual == Some(revision),
    };
    if holds { Ok(()) } else { Err(StreamsError::WrongExpectedVersion { stream, expected, actual }) }
}

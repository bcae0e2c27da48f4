//! Trying a batch again when the database went away: within bounds, and so that a commit whose answer was lost has one effect.

use super::{Ahead, Answer, Work};
use crate::store::batch::LogWriter;
use crate::store::judge::Known;
use crate::store::{Append, StoreError, WriteResult};
use std::borrow::Cow;
use std::time::Duration;

/// Pauses between the tries of one batch: enough for a server that restarts, and short enough that the callers still wait.
const PAUSES: [Duration; 6] = [
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(300),
    Duration::from_millis(600),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// The commit of an earlier try, if its answer was lost: it may have come through or not.
#[derive(Debug, Default)]
pub(super) struct Lost {
    commit: Option<(Vec<Answer>, usize)>,
}

impl Lost {
    /// Notes what would have been answered and how many events would have been written.
    pub fn lost(&mut self, answers: Vec<Answer>, written: usize) {
        self.commit = Some((answers, written));
    }

    /// The answers of a lost commit that came through after all. A transaction is whole or not at all, so that one row of it tells; and
    /// what is known was looked up under the lock that the lost transaction held, so that it has ended by now.
    pub fn came_through(&mut self, appends: &[Append], known: &Known<'_>) -> Option<(Vec<Answer>, usize)> {
        let (answers, written) = self.commit.take()?;
        let stands = appends.iter().zip(&answers).find_map(|(append, answer)| match answer {
            Ok(result) if !result.already_recorded => Some(stands(append, result, known)),
            _ => None,
        });
        stands.unwrap_or(false).then_some((answers, written))
    }
}

/// Whether an append that was answered so is in the log.
fn stands(append: &Append, result: &WriteResult, known: &Known<'_>) -> bool {
    if let Some(event) = append.events.first() {
        let place = known.events.get(&(append.stream.as_str(), event.event_id));
        return place.is_some_and(|place| place.position == result.first_position);
    }
    append.request.as_ref().is_some_and(|request| {
        let record = known.requests.get(&(request.caller.as_str(), request.idempotency_key.as_str()));
        record.is_some_and(|record| record.input_hash == request.input_hash && record.position == result.position)
    })
}

impl<W: LogWriter> Work<W> {
    /// Writes a batch, and tries again while the database is not available.
    pub(super) async fn write_or_retry(
        &mut self,
        appends: Vec<Append>,
        mut ahead: Option<Ahead<W::Ready>>,
    ) -> Result<Vec<Answer>, StoreError> {
        let mut lost = Lost::default();
        if !self.writer.tries_again() {
            return self.write(Cow::Owned(appends), ahead, &mut lost).await;
        }
        let pauses = if self.is_down { &PAUSES[..0] } else { &PAUSES[..] };
        for pause in pauses {
            match self.write(Cow::Borrowed(&appends), ahead.take(), &mut lost).await {
                Err(StoreError::Unavailable(reason)) => {
                    tracing::warn!(reason, "a batch could not be written and is tried again: {reason}");
                    tokio::time::sleep(*pause).await;
                }
                answered => {
                    self.is_down = false;
                    return answered;
                }
            }
        }
        let last = self.write(Cow::Owned(appends), ahead, &mut lost).await;
        self.is_down = matches!(last, Err(StoreError::Unavailable(_)));
        last
    }
}

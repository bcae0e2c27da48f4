//! A batch that is judged and made ready before the database is asked: on the assumption that all in it is new, as nearly all is, and that
//! the log is where the last batch leaves it. Of a bulk load the next batch is made ready while the one before it is written.

use super::{Answer, Queue, Size, Submission};
use crate::store::batch::{LogWriter, assumed, decide};
use crate::store::{Append, Head, LogId};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// A batch of so many events is made ready while the one before it is written. Smaller ones wait and grow, since making them ready takes
/// no time and a commit does.
const WORTH_IT: usize = 1024;

/// Who waits for how many answers, and the room that these appends take until then.
pub(super) type Caller = (usize, oneshot::Sender<Vec<Answer>>, OwnedSemaphorePermit);

/// Appends that go into one transaction.
pub(super) struct Batch<R> {
    pub appends: Vec<Append>,
    pub callers: Vec<Caller>,
    pub size: Size,
    pub ahead: Option<Ahead<R>>,
}

impl<R> Batch<R> {
    pub fn of(first: Submission) -> Self {
        let mut batch = Self { appends: Vec::new(), callers: Vec::new(), size: Size::default(), ahead: None };
        batch.add(first);
        batch
    }

    pub fn add(&mut self, submission: Submission) {
        let Submission { mut appends, size, answer, room } = submission;
        self.size = self.size.plus(size);
        self.callers.push((appends.len(), answer, room));
        self.appends.append(&mut appends);
    }

    /// Whether it is large enough to be made ready before its turn.
    pub const fn is_large(&self) -> bool {
        self.size.events >= WORTH_IT
    }
}

/// What a batch comes to if the log is as assumed.
pub(super) struct Ahead<R> {
    /// The head that it is judged on.
    pub head: Head,
    /// The head that it leaves.
    pub after: Head,
    pub answers: Vec<Answer>,
    pub written: usize,
    /// All that is to be sent to the database.
    pub ready: R,
}

/// Judges and makes ready; `None` when the batch asks for more than can be assumed, and has to be looked up.
pub(super) fn make_ready<W: LogWriter>(
    log_id: LogId,
    appends: &[Append],
    head: Head,
    now_us: i64,
) -> Option<Ahead<W::Ready>> {
    let known = assumed(appends)?;
    let continued = known.streams.iter().map(|(stream, revision)| ((*stream).to_owned(), *revision)).collect();
    let mut judgement = decide(appends, known, head, now_us);
    if !judgement.accepts_all() {
        return None;
    }
    let mut rows = judgement.take_rows(appends.to_vec(), log_id);
    rows.continued = continued;
    let (written, recorded_at_us) = (rows.events.len(), rows.recorded_at_us);
    let position = head.position + u64::try_from(written).unwrap_or(u64::MAX);
    let after = Head { position, recorded_at_us };
    // What cannot be sent cannot be sent the slow way either, which then tells.
    let ready = W::ready(log_id, rows).ok()?;
    Some(Ahead { head, after, answers: judgement.answers, written, ready })
}

/// Gathers the next batch while one is written, and makes it ready on a thread of its own as soon as it is large.
pub(super) struct Next<R> {
    gathered: Option<Batch<R>>,
    in_the_making: Option<tokio::task::JoinHandle<Batch<R>>>,
    is_open: bool,
}

impl<R: Send + 'static> Next<R> {
    /// Gathers only behind a bulk load: a small batch is best closed as late as possible.
    pub const fn behind(is_bulk: bool) -> Self {
        Self { gathered: None, in_the_making: None, is_open: is_bulk }
    }

    pub const fn is_open(&self) -> bool {
        self.is_open
    }

    /// Takes what the queue gave. `make` makes a batch ready.
    pub fn take(
        &mut self,
        submission: Option<Submission>,
        queue: &mut Queue,
        make: impl FnOnce(&[Append]) -> Option<Ahead<R>> + Send + 'static,
    ) {
        let Some(submission) = submission else {
            self.is_open = false;
            return;
        };
        let mut batch = match self.gathered.take() {
            None => Batch::of(submission),
            Some(batch) if !batch.size.plus(submission.size).within(super::BATCH_MAX) => {
                queue.hold_back(submission);
                batch
            }
            Some(mut batch) => {
                batch.add(submission);
                batch
            }
        };
        if !batch.is_large() {
            self.gathered = Some(batch);
            return;
        }
        self.is_open = false;
        self.in_the_making = Some(tokio::task::spawn_blocking(move || {
            batch.ahead = make(&batch.appends);
            batch
        }));
    }

    /// What was gathered, if anything.
    pub async fn finish(self) -> Option<Batch<R>> {
        match self.in_the_making {
            Some(making) => making.await.inspect_err(|error| tracing::error!(%error, "a batch was lost: {error}")).ok(),
            None => self.gathered,
        }
    }
}

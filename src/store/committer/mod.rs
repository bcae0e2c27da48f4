//! The group committer: one task takes all appends that wait, judges them and writes them in one transaction. Knows no SQL.

mod ahead;
mod retry;

use super::batch::{AtOnce, LogWriter, decide, look_up};
use super::judge::validate;
use super::{Append, AppendError, Head, StoreError, WriteResult};
use ahead::{Ahead, Batch, Next, make_ready};
use retry::Lost;
use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// Microseconds since the Unix epoch, from the clock that the program was started with.
pub type NowUs = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Submissions that may wait. A full queue makes the next caller wait, which is the store's back pressure.
const QUEUE_LENGTH: usize = 4096;
/// Payload bytes that may wait, so that memory stays bounded whatever the size of the events.
const WAITING_KIB_MAX: u32 = 64 * 1024;
/// One transaction. Large, so that the sync to disk is a small part of it and that claims with random keys share pages of their index;
/// small enough that what comes meanwhile waits some tens of milliseconds.
const BATCH_MAX: Size = Size { events: 4096, bytes: 16 * 1024 * 1024 };
/// One submission of a long import: a part of a batch, so that others' appends share the batch with it.
const SUBMISSION_MAX: Size = Size { events: 2048, bytes: 8 * 1024 * 1024 };

type Answer = Result<WriteResult, AppendError>;

/// How much there is to be written. An append without events counts as one.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    events: usize,
    bytes: usize,
}

impl Size {
    fn of(append: &Append) -> Self {
        let payload: usize = append.events.iter().map(|event| event.data.len() + event.metadata.len()).sum();
        Self { events: append.events.len().max(1), bytes: payload }
    }

    const fn plus(self, other: Self) -> Self {
        Self { events: self.events + other.events, bytes: self.bytes + other.bytes }
    }

    const fn within(self, limit: Self) -> bool {
        self.events <= limit.events && self.bytes <= limit.bytes
    }
}

/// Appends that are handed over together, and the way back to their caller.
struct Submission {
    appends: Vec<Append>,
    size: Size,
    answer: oneshot::Sender<Vec<Answer>>,
    /// Room in the queue, given back when the submission is answered.
    room: OwnedSemaphorePermit,
}

/// What the committer has done since it was started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WriteCounts {
    /// Transactions that were committed.
    pub commits: u64,
    /// Events that were written.
    pub events: u64,
}

#[derive(Debug, Default)]
struct Counters {
    commits: AtomicU64,
    events: AtomicU64,
}

/// The handle to the committer's task.
pub(super) struct Committer {
    /// `None` when closing.
    queue: Mutex<Option<mpsc::Sender<Submission>>>,
    room: Arc<Semaphore>,
    counters: Arc<Counters>,
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Committer {
    /// Starts the task. `head` is told the log's last position after each commit.
    pub fn start(writer: impl LogWriter, now: NowUs, head: watch::Sender<u64>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE_LENGTH);
        let counters = Arc::new(Counters::default());
        let work = Work { writer, now, teller: head, head: None, counters: Arc::clone(&counters), is_down: false };
        Self {
            queue: Mutex::new(Some(queue)),
            room: Arc::new(Semaphore::new(WAITING_KIB_MAX as usize)),
            counters,
            task: tokio::sync::Mutex::new(Some(tokio::spawn(work.run(waiting)))),
        }
    }

    pub fn counts(&self) -> WriteCounts {
        WriteCounts {
            commits: self.counters.commits.load(Ordering::Relaxed),
            events: self.counters.events.load(Ordering::Relaxed),
        }
    }

    /// Hands appends over and waits for their answers, one for each, in order.
    pub async fn submit(&self, appends: Vec<Append>) -> Vec<Answer> {
        let mut answers = checked(&appends);
        let valid = appends.into_iter().zip(&answers).filter(|(_, answer)| answer.is_none()).map(|(append, _)| append);
        let mut given = Vec::new();
        for (appends, size) in parts(valid) {
            let count = appends.len();
            given.push((count, self.hand_over(appends, size).await));
        }
        let mut found = Vec::with_capacity(answers.len());
        for (count, waiting) in given {
            found.extend(answer_of(count, waiting).await);
        }
        let mut found = found.into_iter();
        for answer in &mut answers {
            if answer.is_none() {
                *answer = found.next();
            }
        }
        answers.into_iter().map(|answer| answer.unwrap_or_else(|| Err(closed()))).collect()
    }

    async fn hand_over(&self, appends: Vec<Append>, size: Size) -> Result<oneshot::Receiver<Vec<Answer>>, AppendError> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed)?;
        let kib = u32::try_from(size.bytes / 1024 + 1).unwrap_or(WAITING_KIB_MAX).min(WAITING_KIB_MAX);
        let room = Arc::clone(&self.room).acquire_many_owned(kib).await.map_err(|_| closed())?;
        let (answer, waiting) = oneshot::channel();
        queue.send(Submission { appends, size, answer, room }).await.map_err(|_| closed())?;
        Ok(waiting)
    }

    /// Takes no more appends, and returns when those taken are answered.
    pub async fn close(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = self.task.lock().await.take()
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the committer ended with a failure");
        }
    }
}

/// What is refused whatever the log holds; `None` for what is to be judged.
fn checked(appends: &[Append]) -> Vec<Option<Answer>> {
    let (mut refused, mut is_first) = (false, true);
    let mut checked: Vec<Option<Answer>> = Vec::with_capacity(appends.len());
    for group in appends.chunk_by(|_, next| next.together) {
        let from = checked.len();
        for append in group {
            let answer = match validate(append) {
                _ if (append.follows || append.together) && is_first => {
                    Err(AppendError::Invalid("there is no append before it"))
                }
                _ if append.follows && refused => Err(AppendError::BeforeRefused),
                answer => answer,
            };
            (refused, is_first) = (answer.is_err(), false);
            checked.push(answer.err().map(Err));
        }
        let group = checked.get_mut(from..).unwrap_or_default();
        if group.iter().any(Option::is_some) {
            refused = true;
            for answer in group {
                answer.get_or_insert(Err(AppendError::BeforeRefused));
            }
        }
    }
    checked
}

/// Cuts a long list into submissions, without cutting an append, or one from what it follows.
fn parts(appends: impl Iterator<Item = Append>) -> Vec<(Vec<Append>, Size)> {
    let mut parts: Vec<(Vec<Append>, Size)> = Vec::new();
    for append in appends {
        let size = Size::of(&append);
        match parts.last_mut() {
            Some((part, sum)) if append.follows || append.together || sum.plus(size).within(SUBMISSION_MAX) => {
                part.push(append);
                *sum = sum.plus(size);
            }
            _ => parts.push((vec![append], size)),
        }
    }
    parts
}

async fn answer_of(count: usize, waiting: Result<oneshot::Receiver<Vec<Answer>>, AppendError>) -> Vec<Answer> {
    match waiting {
        Ok(waiting) => waiting.await.unwrap_or_else(|_| vec![Err(closed()); count]),
        Err(error) => vec![Err(error); count],
    }
}

fn closed() -> AppendError {
    AppendError::Store(StoreError::Unavailable("it is closing".to_owned()))
}

/// What the task owns.
struct Work<W> {
    writer: W,
    now: NowUs,
    teller: watch::Sender<u64>,
    /// The log's head after the last commit, where nobody else moves it; `None` when it has to be asked for.
    head: Option<Head>,
    counters: Arc<Counters>,
    /// The last batch failed: the next one is tried once alone, so that callers hear soon that there is no database.
    is_down: bool,
}

/// What waits for the committer.
struct Queue {
    waiting: mpsc::Receiver<Submission>,
    /// Taken from the channel, and too large for the batch that was being gathered.
    held_back: Option<Submission>,
}

impl Queue {
    /// The next submission; `None` when there will be none.
    async fn next(&mut self) -> Option<Submission> {
        match self.held_back.take() {
            Some(submission) => Some(submission),
            None => self.waiting.recv().await,
        }
    }

    fn hold_back(&mut self, submission: Submission) {
        self.held_back = Some(submission);
    }

    /// Adds all that waits and fits.
    fn fill<R>(&mut self, batch: &mut Batch<R>) {
        while let Some(next) = self.held_back.take().or_else(|| self.waiting.try_recv().ok()) {
            if !batch.size.plus(next.size).within(BATCH_MAX) {
                self.held_back = Some(next);
                return;
            }
            batch.add(next);
        }
    }
}

impl<W: LogWriter> Work<W> {
    async fn run(mut self, waiting: mpsc::Receiver<Submission>) {
        let mut queue = Queue { waiting, held_back: None };
        let mut gathered = None;
        loop {
            let mut batch = match gathered.take() {
                Some(batch) => batch,
                None => match queue.next().await {
                    Some(submission) => Batch::of(submission),
                    None => return,
                },
            };
            if batch.ahead.is_none() {
                queue.fill(&mut batch);
            }
            gathered = self.serve(batch, &mut queue).await;
            // Those just answered can hand over their next append before the next batch closes.
            tokio::task::yield_now().await;
        }
    }

    /// Writes a batch and answers its callers. A failure is theirs to hear; the task goes on. Answers what was gathered meanwhile.
    async fn serve(&mut self, batch: Batch<W::Ready>, queue: &mut Queue) -> Option<Batch<W::Ready>> {
        let is_bulk = batch.is_large();
        let Batch { appends, callers, ahead, .. } = batch;
        let count = appends.len();
        let log_id = self.writer.log_id();
        let ahead = match (ahead, self.head) {
            (Some(ahead), Some(head)) if ahead.head == head => Some(ahead),
            (_, Some(head)) => make_ready::<W>(log_id, &appends, head, (self.now)()),
            (_, None) => None,
        };
        let after = ahead.as_ref().map(|ahead| ahead.after);
        let (now, mut next) = (Arc::clone(&self.now), Next::behind(is_bulk && after.is_some()));
        let written = {
            let mut writing = std::pin::pin!(self.write_or_retry(appends, ahead));
            loop {
                tokio::select! {
                    biased;
                    written = &mut writing => break written,
                    submission = queue.next(), if next.is_open() => {
                        let now = Arc::clone(&now);
                        next.take(submission, queue, move |appends| make_ready::<W>(log_id, appends, after?, now()));
                    }
                }
            }
        };
        let mut answers = match written {
            Ok(answers) => answers,
            Err(error) => {
                tracing::error!(%error, append.count = count, "a batch of {count} appends could not be written: {error}");
                vec![Err(AppendError::Store(error)); count]
            }
        }
        .into_iter();
        for (count, answer, room) in callers {
            // A caller that went away has its append all the same.
            let _ = answer.send(answers.by_ref().take(count).collect());
            drop(room);
        }
        next.finish().await
    }

    /// Appends that are borrowed may be written again if the answer is lost.
    async fn write(
        &mut self,
        appends: Cow<'_, [Append]>,
        ahead: Option<Ahead<W::Ready>>,
        before: &mut Lost,
    ) -> Result<Vec<Answer>, StoreError> {
        // After a failure the head has to be asked for.
        self.head = None;
        if let Some(ahead) = ahead
            && let Some(answers) = self.write_at_once(ahead, before).await?
        {
            return Ok(answers);
        }
        let mut tx = self.writer.begin().await?;
        let head = tx.head().await?;
        let known = look_up(tx.as_mut(), &appends).await?;
        if let Some((answers, written)) = before.came_through(&appends, &known) {
            tx.roll_back().await?;
            self.count(written);
            self.teller.send_replace(head.position);
            return Ok(answers);
        }
        let mut judgement = decide(&appends, known, head, (self.now)());
        let rows = judgement.take_rows(appends.into_owned(), self.writer.log_id());
        if rows.is_empty() {
            tx.roll_back().await?;
            self.head = self.writer.is_alone().then_some(head);
            return Ok(judgement.answers);
        }
        let (written, recorded_at_us) = (rows.events.len(), rows.recorded_at_us);
        tx.write(rows).await?;
        if let Err(error) = tx.commit().await {
            before.lost(judgement.answers, written);
            return Err(error);
        }
        let position = head.position + u64::try_from(written).unwrap_or(u64::MAX);
        self.committed(Head { position, recorded_at_us }, written);
        Ok(judgement.answers)
    }

    /// Writes a batch that was made ready; `None` when the log is not as assumed, and the batch has to be looked up.
    async fn write_at_once(
        &mut self,
        ahead: Ahead<W::Ready>,
        before: &mut Lost,
    ) -> Result<Option<Vec<Answer>>, StoreError> {
        match self.writer.write_at_once(ahead.ready).await {
            Ok(AtOnce::Clash) => Ok(None),
            Ok(AtOnce::Written) => {
                self.committed(ahead.after, ahead.written);
                Ok(Some(ahead.answers))
            }
            Err(error) => {
                before.lost(ahead.answers, ahead.written);
                Err(error)
            }
        }
    }

    fn committed(&mut self, after: Head, events: usize) {
        self.count(events);
        self.head = self.writer.is_alone().then_some(after);
        self.teller.send_replace(after.position);
    }

    fn count(&self, events: usize) {
        self.counters.commits.fetch_add(1, Ordering::Relaxed);
        self.counters.events.fetch_add(u64::try_from(events).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;

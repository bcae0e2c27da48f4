//! The committer over a log in memory that can be told to fail: what a failure does, and what is batched.

use super::*;
use crate::store::batch::{Answers, AtOnce, BatchRows, LogTransaction};
use crate::store::judge::{Place, VaultId};
use crate::store::{EventData, Head, LogId, RecordedRequest, StreamState};
use async_trait::async_trait;
use std::sync::atomic::AtomicBool;
use uuid::Uuid;

/// A log that only counts, with a gate at the begin of each transaction.
#[derive(Default)]
struct FakeLog {
    position: AtomicU64,
    refuses_commits: AtomicBool,
    gate: Mutex<Option<oneshot::Receiver<()>>>,
}

struct FakeTransaction<'a> {
    log: &'a FakeLog,
    events: u64,
}

#[async_trait]
impl LogWriter for Arc<FakeLog> {
    type Ready = ();

    fn ready(_: LogId, _: BatchRows) -> Result<(), StoreError> {
        Ok(())
    }

    fn log_id(&self) -> LogId {
        1
    }

    fn is_alone(&self) -> bool {
        false
    }

    async fn write_at_once(&self, (): ()) -> Result<AtOnce, StoreError> {
        Ok(AtOnce::Clash)
    }

    async fn begin(&self) -> Result<Box<dyn LogTransaction + '_>, StoreError> {
        let gate = self.gate.lock().unwrap().take();
        if let Some(gate) = gate {
            gate.await.unwrap();
        }
        Ok(Box::new(FakeTransaction { log: self, events: 0 }))
    }
}

#[async_trait]
impl LogTransaction for FakeTransaction<'_> {
    async fn head(&mut self) -> Result<Head, StoreError> {
        Ok(Head { position: self.log.position.load(Ordering::SeqCst), recorded_at_us: 0 })
    }
    async fn stream_revisions(&mut self, _: &[&str]) -> Result<Answers<u64>, StoreError> {
        Ok(Vec::new())
    }
    async fn event_places(&mut self, _: &[(&str, Uuid)]) -> Result<Answers<Place>, StoreError> {
        Ok(Vec::new())
    }
    async fn claim_holders(&mut self, _: &[(&str, &[u8])]) -> Result<Answers<String>, StoreError> {
        Ok(Vec::new())
    }
    async fn requests(&mut self, _: &[(&str, &str)]) -> Result<Answers<RecordedRequest>, StoreError> {
        Ok(Vec::new())
    }
    async fn vault_held(&mut self, _: &[VaultId]) -> Result<Vec<VaultId>, StoreError> {
        Ok(Vec::new())
    }
    async fn write(&mut self, rows: BatchRows) -> Result<(), StoreError> {
        self.events = rows.events.len() as u64;
        Ok(())
    }
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.log.refuses_commits.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("the disk is full".to_owned()));
        }
        self.log.position.fetch_add(self.events, Ordering::SeqCst);
        Ok(())
    }
    async fn roll_back(self: Box<Self>) -> Result<(), StoreError> {
        Ok(())
    }
}

fn start(log: &Arc<FakeLog>) -> (Arc<Committer>, watch::Receiver<u64>) {
    let (sender, head) = watch::channel(0);
    (Arc::new(Committer::start(Arc::clone(log), Arc::new(|| 5), sender)), head)
}

fn append(number: u128) -> Append {
    let event = EventData {
        event_id: Uuid::from_u128(number),
        event_type: "T".into(),
        schema_version: 1,
        data: vec![0; 10],
        metadata: vec![],
    };
    Append::events(format!("s-{number}"), StreamState::Any, vec![event])
}

#[tokio::test]
async fn all_appends_of_a_failed_commit_hear_of_it_and_the_next_ones_succeed() {
    let log = Arc::new(FakeLog::default());
    let (committer, head) = start(&log);
    log.refuses_commits.store(true, Ordering::SeqCst);
    let answers = committer.submit(vec![append(1), append(2)]).await;
    let failure = AppendError::Store(StoreError::Unavailable("the disk is full".to_owned()));
    assert_eq!(answers, vec![Err(failure.clone()), Err(failure)]);
    assert_eq!(*head.borrow(), 0);

    log.refuses_commits.store(false, Ordering::SeqCst);
    let answer = committer.submit(vec![append(3)]).await.remove(0).unwrap();
    assert_eq!((answer.first_position, *head.borrow()), (1, 1));
}

#[tokio::test]
async fn appends_that_wait_while_a_batch_is_written_share_the_next_one() {
    let log = Arc::new(FakeLog::default());
    let (open, gate) = oneshot::channel();
    *log.gate.lock().unwrap() = Some(gate);
    let (committer, _head) = start(&log);
    let tasks: Vec<_> = (0..50)
        .map(|number| {
            let committer = Arc::clone(&committer);
            tokio::spawn(async move { committer.submit(vec![append(number)]).await.remove(0) })
        })
        .collect();
    // On one thread, each task has run up to its wait once this one is polled again.
    tokio::task::yield_now().await;
    open.send(()).unwrap();
    for task in tasks {
        assert!(task.await.unwrap().is_ok());
    }
    assert_eq!(committer.counts().events, 50);
    assert!(committer.counts().commits <= 2, "{:?}", committer.counts());
}

#[tokio::test]
async fn an_invalid_append_is_answered_in_its_place_among_the_others() {
    let (committer, _head) = start(&Arc::new(FakeLog::default()));
    let invalid = Append::events("", StreamState::Any, vec![]);
    let answers = committer.submit(vec![append(1), invalid, append(2)]).await;
    let positions: Vec<_> = answers.iter().map(|answer| answer.as_ref().ok().map(|result| result.position)).collect();
    assert_eq!(positions, vec![Some(1), None, Some(2)]);
}

#[tokio::test]
async fn closing_answers_those_that_wait_and_refuses_those_that_come() {
    let log = Arc::new(FakeLog::default());
    let (committer, _head) = start(&log);
    let early = {
        let committer = Arc::clone(&committer);
        tokio::spawn(async move { committer.submit(vec![append(1)]).await.remove(0) })
    };
    tokio::task::yield_now().await;
    committer.close().await;
    assert!(early.await.unwrap().is_ok());
    assert_eq!(committer.submit(vec![append(2)]).await, vec![Err(closed())]);
}

#[tokio::test]
async fn a_long_import_is_cut_into_several_transactions() {
    let (committer, head) = start(&Arc::new(FakeLog::default()));
    let answers = committer.submit((0..10_000).map(append).collect()).await;
    assert_eq!(answers.last().unwrap().as_ref().unwrap().position, 10_000);
    assert!(committer.counts().commits >= 3, "{:?}", committer.counts());
    assert_eq!(*head.borrow(), 10_000);
}

#[test]
fn an_append_is_never_cut_and_a_part_keeps_to_its_limits() {
    let parts = parts((0..5000).map(append));
    assert_eq!(parts.iter().map(|(part, _)| part.len()).sum::<usize>(), 5000);
    assert!(parts.iter().all(|(part, size)| part.len() == size.events && size.within(SUBMISSION_MAX)));
}

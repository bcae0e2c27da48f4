//! Many who wait cost little: nobody asks the store for them, and all are told.

use super::*;
use crate::support::app::{MASTER, spawn_app};
use crate::support::engine::Engine;
use async_trait::async_trait;
use chitra::clock::Clock;
use chitra::compose::{Opening, compose_with};
use chitra::store::{
    Append, AppendError, ClaimSums, Direction, EventStore, Head, OpenMode, RecordedEvent, RecordedRequest,
    SharedEventStore, StoreError, Subscription, WriteResult,
};
use chitra::vault::MasterKey;
use read_req::options::{CountOption, SubscriptionOptions};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// A store that counts what is read.
struct Counting {
    store: SharedEventStore,
    reads: Arc<AtomicU64>,
}

impl Counting {
    fn read(&self) -> &SharedEventStore {
        self.reads.fetch_add(1, Ordering::SeqCst);
        &self.store
    }
}

#[async_trait]
impl EventStore for Counting {
    async fn append_to_stream(&self, append: Append) -> Result<WriteResult, AppendError> {
        self.store.append_to_stream(append).await
    }
    async fn append_batch(&self, appends: Vec<Append>) -> Vec<Result<WriteResult, AppendError>> {
        self.store.append_batch(appends).await
    }
    async fn read_stream(
        &self,
        stream: &str,
        from: Option<u64>,
        direction: Direction,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        self.read().read_stream(stream, from, direction, limit).await
    }
    async fn read_streams(&self, streams: &[String]) -> Result<Vec<RecordedEvent>, StoreError> {
        self.read().read_streams(streams).await
    }
    async fn read_all(
        &self,
        after: Option<u64>,
        direction: Direction,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        self.read().read_all(after, direction, limit).await
    }
    async fn read_by_stream(&self, after: Option<(&str, u64)>, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        self.read().read_by_stream(after, limit).await
    }
    async fn claim_sums(&self) -> Result<(Head, ClaimSums), StoreError> {
        self.read().claim_sums().await
    }
    async fn subscribe(&self, after: u64) -> Result<Subscription, StoreError> {
        self.read().subscribe(after).await
    }
    async fn head(&self) -> Result<Head, StoreError> {
        self.read().head().await
    }
    fn watch_head(&self) -> watch::Receiver<u64> {
        self.store.watch_head()
    }
    async fn find_request(&self, caller: &str, key: &str) -> Result<Option<RecordedRequest>, StoreError> {
        self.read().find_request(caller, key).await
    }
    async fn find_claims(&self, kind: &str, keys: &[Vec<u8>]) -> Result<Vec<Option<String>>, StoreError> {
        self.read().find_claims(kind, keys).await
    }
    async fn read_claimed_streams(
        &self,
        kind: &str,
        keys: &[Vec<u8>],
    ) -> Result<Vec<Option<Vec<RecordedEvent>>>, StoreError> {
        self.read().read_claimed_streams(kind, keys).await
    }
    async fn close(&self) {
        self.store.close().await;
    }
}

async fn counted(test: &TestApp, authorization: Option<String>) -> (Caller, Arc<AtomicU64>) {
    let reads = Arc::new(AtomicU64::new(0));
    let store = Arc::new(Counting { store: Arc::clone(&test.app.store), reads: Arc::clone(&reads) });
    let opening = Opening {
        url: String::new(),
        mode: OpenMode::Writer { holder: "the twin".to_owned() },
        master: MasterKey::parse(MASTER).unwrap(),
        profile: Arc::clone(&test.app.profile),
        clock: Arc::clone(&test.clock) as Arc<dyn Clock>,
        runs_projections: false,
    };
    let parts = (Arc::clone(&test.app.views), Arc::clone(&test.app.registry));
    let app = compose_with(store, parts, opening).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let serving = serve(app, listener, GrpcOptions::default()).unwrap();
    let channel = Channel::from_shared(format!("http://{}", serving.address)).unwrap().connect().await.unwrap();
    (Caller { channel, authorization, serving }, reads)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_who_wait_are_not_asked_for_and_are_told_when_something_comes() {
    let test = spawn_app(Engine::SqliteFile).await;
    let clerk = call(&test, Some(Role::Clerk)).await;
    clerk.appended("s", 1).await;
    let (caller, reads) = counted(&test, clerk.authorization.clone()).await;
    let mut waiting = Vec::new();
    for number in 0..1000_u32 {
        // Of a stream, of a category, of the log, in turn.
        let options = read_req::Options {
            count_option: Some(CountOption::Subscription(SubscriptionOptions {})),
            ..reading(["s-1", "$ce-s"][number as usize % 2], false)
        };
        let mut one =
            caller.streams().read(caller.request(ReadReq { options: Some(options) })).await.unwrap().into_inner();
        for _ in 0..2 {
            let told = tokio::time::timeout(Duration::from_secs(20), one.message()).await.unwrap().unwrap().unwrap();
            let is_news =
                matches!(told.content, Some(read_resp::Content::Confirmation(_) | read_resp::Content::CaughtUp(_)));
            assert!(is_news, "{told:?}");
        }
        waiting.push(one);
    }
    // The log's end is looked at once a second for all of them together.
    let before = reads.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let while_idle = reads.load(Ordering::SeqCst) - before;
    assert!(while_idle <= 8, "{while_idle} reads while nothing happened");
    caller.appended("s-1", 2).await;
    for one in &mut waiting {
        let told = tokio::time::timeout(Duration::from_secs(30), one.message()).await.unwrap().unwrap().unwrap();
        assert_eq!(event_of(&told.content.unwrap()).commit_position, 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_back_again_and_again_misses_and_repeats_nothing() {
    let test = spawn_app(Engine::SqliteFile).await;
    let caller = call(&test, Some(Role::Clerk)).await;
    let mut written = Vec::new();
    let mut told = Vec::new();
    let mut after = None;
    for round in 0..40_u128 {
        for number in 0..(round % 5) {
            written.push(
                caller.appended(["a-1", "b-1"][usize::try_from(number % 2).unwrap()], round * 10 + number + 1).await,
            );
        }
        let options = read_req::Options {
            stream_option: Some(read_req::options::StreamOption::All(read_req::options::AllOptions {
                all_option: after.map(|position| {
                    let position =
                        read_req::options::Position { commit_position: position, prepare_position: position };
                    read_req::options::all_options::AllOption::Position(position)
                }),
            })),
            count_option: Some(CountOption::Subscription(SubscriptionOptions {})),
            ..reading("s", false)
        };
        let mut one =
            caller.streams().read(caller.request(ReadReq { options: Some(options) })).await.unwrap().into_inner();
        // It takes so many at most, and goes: what it has seen last is its checkpoint.
        for _ in 0..=(round % 4) {
            let message = tokio::time::timeout(Duration::from_secs(20), one.message()).await.unwrap().unwrap();
            match message.unwrap().content.unwrap() {
                read_resp::Content::Confirmation(_) => {}
                read_resp::Content::CaughtUp(_) => break,
                event => {
                    after = Some(event_of(&event).commit_position);
                    told.extend(after);
                }
            }
        }
    }
    let rest = test.events_after(after.unwrap_or(0)).await.into_iter().map(|event| event.position);
    let all: Vec<u64> = told.into_iter().chain(rest).collect();
    assert_eq!(all, written);
}

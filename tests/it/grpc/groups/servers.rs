//! Groups of one log on two servers: one has them, the other says so, and takes over.

use super::*;
use crate::servers::server;
use crate::support::app::{MASTER, spawn_app};
use crate::support::engine::Engine;
use chitra::clock::Clock;
use chitra::compose::{Opening, compose_with};
use chitra::store::OpenMode;
use chitra::vault::MasterKey;

/// A second server on the same database, with connections of its own.
async fn beside(test: &TestApp, authorization: Option<String>) -> Caller {
    let store = server(&test.home.url).await;
    let opening = Opening {
        url: String::new(),
        mode: OpenMode::Writer { holder: "the other server".to_owned() },
        master: MasterKey::parse(MASTER).unwrap(),
        profile: Arc::clone(&test.app.profile),
        clock: Arc::clone(&test.clock) as Arc<dyn Clock>,
        runs_projections: true,
    };
    let app = compose_with(store.clone(), (store.clone(), store), opening).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let serving = serve(app, listener, GrpcOptions::default()).unwrap();
    let channel = Channel::from_shared(format!("http://{}", serving.address)).unwrap().connect().await.unwrap();
    Caller { channel, authorization, serving }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_server_has_the_groups_and_another_takes_over() {
    let test = spawn_app(Engine::Postgres).await;
    let one = call(&test, Some(Role::Clerk)).await;
    let other = beside(&test, one.authorization.clone()).await;
    one.appended("s", 1).await;
    one.appended("s", 2).await;
    one.make("g", of_stream("s", None), usual()).await.unwrap();
    let mut consumer = one.consume(Some("s"), "g", 9).await.unwrap();
    consumer.told(&[(0, 0), (1, 0)]).await;
    consumer.ack(&[0]);
    let away = "Unavailable".to_owned();
    assert_eq!(other.consume(Some("s"), "g", 9).await.map(|_| ()), Err(away.clone()));
    assert_eq!(other.info("s", "g").await.map(|_| ()), Err(away.clone()));
    assert_eq!(other.make("h", of_stream("s", None), usual()).await, Err(away.clone()));
    let Caller { serving, .. } = one;
    let ((), last) = tokio::join!(serving.stop(), consumer.next());
    assert_eq!(last, Err(away));
    let mut consumer = other.consume(Some("s"), "g", 9).await.unwrap();
    consumer.told(&[(1, 0)]).await;
    // Who has the groups lets go of them when nobody asks for them any more.
    drop(consumer);
    let again = call(&test, Some(Role::Clerk)).await;
    until(async || again.info("s", "g").await.is_ok()).await;
    assert_eq!(again.info("s", "g").await.unwrap().last_checkpointed_event_position, "0");
}

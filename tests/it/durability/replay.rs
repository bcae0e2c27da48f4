//! Projections that were built in whatever steps, with whatever restarts, are those of one replay from zero.

use super::chance::Chance;
use super::rounds;
use crate::support::engine::{Engine, Home};
use chitra::app::App;
use chitra::app::demo::{self, DemoOrder};
use chitra::clock::{Clock, SimulatedClock};
use chitra::compose::{self, Opening, compose};
use chitra::domain::profile::Profile;
use chitra::projections::{Checkpoint, Projection};
use chitra::store::views::{TableDigest, advance};
use chitra::store::{Append, Direction, EventData, OpenMode, RecordedEvent, StreamState};
use chitra::vault::MasterKey;
use std::sync::Arc;

/// A lively log: a small province with months of payments, returns and reissues.
async fn log(profile: &Arc<Profile>) -> Vec<RecordedEvent> {
    let clock = Arc::new(demo::clock(profile, 5));
    let opening = Opening {
        url: "sqlite::memory:".to_owned(),
        mode: OpenMode::Writer { holder: "the test".to_owned() },
        master: MasterKey::generate(clock.as_ref()),
        profile: Arc::clone(profile),
        clock: Arc::<SimulatedClock>::clone(&clock) as Arc<dyn Clock>,
        runs_projections: false,
    };
    let app = compose(opening).await.unwrap();
    demo::write(&app, &clock, DemoOrder { size: 100, seed: 5 }, &|_| {}).await.unwrap();
    append_samples(&app).await;
    let mut events: Vec<RecordedEvent> = Vec::new();
    loop {
        let after = events.last().map(|event| event.position);
        let page = app.store.read_all(after, Direction::Forwards, 10_000).await.unwrap();
        if page.is_empty() {
            return events;
        }
        events.extend(page);
    }
}

/// A payment list, a cash desk, a recovery, an approval and a bank's message of which everything happened that can happen: the samples of all their events.
async fn append_samples(app: &App) {
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/events");
    let types = chitra::domain::codec::ALL.map(|stored| stored.name);
    let lists = types.into_iter().filter(|name| name.starts_with("List"));
    let lists = lists.map(|name| ("list-01960000-0000-7000-8000-00000000000a", name));
    let desks =
        ["DeskRegistered", "CashAdvanced", "CashPaid", "CashHandedBack", "UnpaidListHandedBack", "DeskDayLiquidated"];
    let desks = desks.map(|name| ("desk-01900000-0000-7000-8000-0000000000d1", name));
    let recovery = ["OverpaymentFound", "RecoveryDemanded", "RecoveryReceived", "RecoveryWrittenOff", "RecoveryLapsed"];
    let recovery = recovery.map(|name| ("recovery-3f0a7d52-0e6f-5b1c-9a55-0d7f5b1c2e10", name));
    let approval = ["ApprovalRequested", "ApprovalGranted", "ApprovalUsed"];
    let approval = approval.map(|name| ("approval-0195a3c0-1c00-7000-8000-0000000000a1", name));
    let inbox = types.into_iter().filter(|name| name.starts_with("BankMessage"));
    let inbox = inbox.map(|name| ("inbox-0195a3c0-1c00-7000-8000-0000000000b1", name));
    let figure = [("figure-01960000-0000-7000-8000-0000000000f1", "FigureCited")];
    let all = lists.chain(desks).chain(recovery).chain(approval).chain(inbox).chain(figure);
    for (number, (stream, name)) in all.enumerate() {
        let data = std::fs::read_to_string(format!("{samples}/{name}.v1.json")).unwrap();
        let event = EventData {
            event_id: uuid::Uuid::from_u128(1 + number as u128),
            event_type: name.to_owned(),
            schema_version: 1,
            data: data.trim_end().as_bytes().to_vec(),
            metadata: b"{}".to_vec(),
        };
        app.store.append_to_stream(Append::events(stream, StreamState::Any, vec![event])).await.unwrap();
    }
}

/// The tables of one replay in one step.
async fn at_once(events: &[RecordedEvent], projection: Projection, profile: &Profile) -> Vec<TableDigest> {
    let scratch = compose::scratch(Arc::new(SimulatedClock::new(0, 1))).await.unwrap();
    advance(scratch.as_ref(), projection, Checkpoint::default(), events, profile).await.unwrap();
    scratch.digests(projection).await.unwrap().answer
}

/// How many events the next step takes: often few, sometimes many.
fn step(chance: &mut Chance) -> usize {
    let magnitude = chance.below(9);
    1 + usize::try_from(chance.below(1 << magnitude)).unwrap()
}

/// The tables after steps of random sizes, with random restarts, and with steps that a process tries that is too late.
async fn in_steps(
    home: &Home,
    (events, projection, profile): (&[RecordedEvent], Projection, &Profile),
    chance: &mut Chance,
) -> Vec<TableDigest> {
    let mut store = home.open().await;
    let mut behind = Checkpoint::default();
    loop {
        let at = store.progress(projection).await.unwrap().checkpoint;
        let done = usize::try_from(at.position).unwrap();
        if done == events.len() {
            break;
        }
        if behind != at {
            let late = &events[usize::try_from(behind.position).unwrap()..=done];
            let tried = advance(store.as_ref(), projection, behind, late, profile).await;
            assert!(tried.is_err(), "a step from {} was taken at {}", behind.position, at.position);
        }
        behind = at;
        let end = events.len().min(done + step(chance));
        advance(store.as_ref(), projection, at, &events[done..end], profile).await.unwrap();
        if chance.below(10) == 0 {
            store.close().await;
            store = home.open().await;
        }
    }
    let digests = store.digests(projection).await.unwrap().answer;
    store.close().await;
    digests
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steps_of_any_size_and_restarts_give_the_rows_of_one_replay() {
    let mut chance = Chance::of_this_run("replay");
    let profile = Arc::new(Profile::vietnam());
    let events = log(&profile).await;
    assert!(events.len() > 1_000);
    for projection in Projection::ALL {
        let expected = at_once(&events, projection, &profile).await;
        assert!(expected.iter().any(|table| table.rows > 0));
        for engine in [Engine::SqliteFile, Engine::Postgres] {
            for round in 0..rounds(2) {
                let home = Home::new(engine).await;
                let found = in_steps(&home, (&events, projection, &profile), &mut chance).await;
                assert_eq!(found, expected, "{} on {engine:?} in round {round}", projection.name());
            }
        }
        // The control: one event less, and the rows are others.
        let less = at_once(&events[..events.len() - 1], projection, &profile).await;
        let changes_it = match projection {
            Projection::Payments => events.last().unwrap().stream.starts_with("payment-"),
            Projection::Desks => events.last().unwrap().stream.starts_with("desk-"),
            Projection::Oversight => {
                let last = &events.last().unwrap().stream;
                last.starts_with("recovery-") || last.starts_with("approval-")
            }
            Projection::Lists => events.last().unwrap().stream.starts_with("list-"),
            Projection::Inbox => events.last().unwrap().stream.starts_with("inbox-"),
            Projection::Beneficiaries => events.last().unwrap().stream.starts_with("beneficiary-"),
            Projection::Tree => true,
        };
        assert!(!changes_it || less != expected, "the digests of {} do not tell logs apart", projection.name());
    }
}

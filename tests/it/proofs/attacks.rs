//! Seven attacks on a log by whoever can write to its database, each done thoroughly: positions, revisions, leaf hashes, head and tree all fit.
//! What finds them is counted, and docs/proofs.md has the counts.

use super::noted;
use crate::support::engine::{Engine, Home};
use chitra::app::App;
use chitra::app::proofs::sign::When;
use chitra::app::verify::{Check, Given};
use chitra::app::witness::Witness;
use chitra::clock::Clock;
use chitra::compose::{Opening, compose};
use chitra::domain::profile::Profile;
use chitra::projections::Projection;
use chitra::proof::tree::root_of;
use chitra::proof::witness::AddCheckpoint;
use chitra::proof::{Checkpoint, Signer};
use chitra::store::{Append, Direction, OpenMode, RecordedEvent, StreamState, leaf};
use chitra::vault::MasterKey;
use std::fmt::Write;
use std::sync::Arc;
use tempfile::TempDir;

const TRIALS: u64 = 60;
const MASTER: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const STREAMS: u64 = 4;
const EVENTS: u64 = 32;

/// What is done to the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attack {
    Edit,
    Delete,
    Insert,
    Reorder,
    Truncate,
    Fork,
    Resign,
}

const ATTACKS: [(Attack, &str); 7] = [
    (Attack::Edit, "an event edited"),
    (Attack::Delete, "an event deleted, the later ones moved up"),
    (Attack::Insert, "an event inserted, the later ones moved down"),
    (Attack::Reorder, "two events exchanged"),
    (Attack::Truncate, "the tail cut off"),
    (Attack::Fork, "another tail in place of the true one"),
    (Attack::Resign, "an event edited, all checkpoints signed anew with the stolen key"),
];

/// A log of another program's events, signed and cosigned, and the witness that did it.
struct Scene {
    app: Arc<App>,
    home: Home,
    honest: Vec<RecordedEvent>,
    witness: Witness,
    /// The log's secret, as a thief has it.
    key: Arc<Signer>,
    _folder: TempDir,
}

/// Numbers that look like chance and are the same each time.
fn chance(seed: u64, below: u64) -> u64 {
    let hash = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, &seed.to_be_bytes());
    (hash.as_u128() % u128::from(below)).try_into().unwrap()
}

impl Scene {
    async fn new(engine: Engine) -> Self {
        let home = Home::new(engine).await;
        let app = compose(Opening {
            url: home.url.clone(),
            mode: OpenMode::Writer { holder: "the test".to_owned() },
            master: MasterKey::parse(MASTER).unwrap(),
            profile: Arc::new(Profile::vietnam()),
            clock: Arc::clone(&home.clock) as Arc<dyn Clock>,
            runs_projections: false,
        });
        let app = app.await.unwrap();
        for number in 0..EVENTS {
            let stream = format!("note-{}", number % STREAMS);
            let append = Append::events(stream, StreamState::Any, vec![noted(number)]);
            app.store.append_to_stream(append).await.unwrap();
            if number == EVENTS / 2 {
                app.follow_up_to(Projection::Tree, number + 1).await.unwrap();
                app.sign_checkpoint(When::Now).await.unwrap().unwrap();
            }
        }
        let honest = app.store.read_all(None, Direction::Forwards, 1000).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let key = app.log_signer().await.unwrap();
        let clock = Arc::clone(&home.clock) as Arc<dyn Clock>;
        let witness = Witness::open(folder.path(), Some("w"), vec![key.verifier().clone()], clock).unwrap();
        let scene = Self { app, home, honest, witness, key, _folder: folder };
        scene.sign().await;
        assert!(scene.cosigns().await);
        scene
    }

    async fn sign(&self) -> bool {
        let head = self.app.store.head().await.unwrap().position;
        self.app.follow_up_to(Projection::Tree, head).await.unwrap();
        matches!(self.app.sign_checkpoint(When::Now).await, Ok(Some(_)))
    }

    /// Whether the witness cosigns the log's newest checkpoint, with the best proof that the log can give.
    async fn cosigns(&self) -> bool {
        let stored = self.app.checkpoint(false).await.unwrap();
        let (checkpoint, note) = Checkpoint::parse(std::str::from_utf8(&stored.note).unwrap()).unwrap();
        let seen = self.seen().map_or(0, |seen| seen.size);
        let proof = self.app.consistency_proof(seen, checkpoint.size).await.map(|proof| proof.hashes);
        let request = AddCheckpoint { old_size: seen, proof: proof.unwrap_or_default(), checkpoint, note };
        self.witness.add(&request.to_text()).is_ok()
    }

    /// What the witness holds.
    fn seen(&self) -> Option<Checkpoint> {
        let note = self.witness.last(self.origin().as_str())?;
        Some(Checkpoint::parse(&note).unwrap().0)
    }

    fn origin(&self) -> String {
        self.key.verifier().name().to_owned()
    }

    /// Puts other events in the place of the log's, with all that fits them; and checkpoints over others, or over the same.
    async fn write(&self, events: &[RecordedEvent], signed: &[RecordedEvent]) {
        let rows: Vec<String> = events.iter().map(|event| self.row(event)).collect();
        let columns = "log_id, position, stream_id, revision, event_id, event_type, schema_version, recorded_at_us, data, metadata, leaf_hash";
        let mut sql = format!("BEGIN; DELETE FROM events; INSERT INTO events ({columns}) VALUES {};", rows.join(", "));
        write!(sql, "UPDATE log_head SET next_position = {}; DELETE FROM checkpoints;", events.len() + 1).unwrap();
        for size in [signed.len() / 2, signed.len()].into_iter().filter(|size| *size > 0) {
            let columns = "log_id, size, signed_at_us, cosignatures, note";
            let note = self.signed_by_a_thief(&signed[..size]);
            write!(sql, "INSERT INTO checkpoints ({columns}) VALUES (1, {size}, 0, 0, {note});").unwrap();
        }
        self.home.execute(&(sql + "COMMIT")).await;
        self.app.views.clear(Projection::Tree).await.unwrap();
        self.app.follow_up_to(Projection::Tree, events.len() as u64).await.unwrap();
    }

    fn row(&self, event: &RecordedEvent) -> String {
        let bytes = |bytes: &[u8]| self.home.literal(bytes);
        format!(
            "(1, {}, '{}', {}, {}, '{}', {}, {}, {}, {}, {})",
            event.position,
            event.stream,
            event.revision,
            bytes(event.event_id.as_bytes()),
            event.event_type,
            event.schema_version,
            event.recorded_at_us,
            bytes(&event.data),
            bytes(&event.metadata),
            bytes(&event.leaf_hash)
        )
    }

    /// A checkpoint as the log itself would sign it.
    fn signed_by_a_thief(&self, events: &[RecordedEvent]) -> String {
        let root = root_of(events.iter().map(|event| event.leaf_hash));
        let checkpoint = Checkpoint { origin: self.origin(), size: events.len() as u64, root };
        self.home.literal(checkpoint.sign(&self.key).to_text().as_bytes())
    }

    /// Whether `chitra verify` finds anything, alone or given what the witness holds.
    async fn finds(&self, given: Option<Checkpoint>) -> bool {
        let given = given.map(|checkpoint| Given { name: "the witness's".to_owned(), checkpoint });
        let verified = self.app.verify_against(given.into_iter().collect(), &|_, _| {}).await.unwrap();
        let others = Check::ALL.into_iter().filter(|check| *check != Check::Checkpoints);
        for check in others {
            assert_eq!(verified.findings.count(check), 0, "not thorough: {:?}", verified.findings);
        }
        !verified.findings.is_empty()
    }
}

/// Positions, revisions and leaf hashes as they must be.
fn renumbered(mut events: Vec<RecordedEvent>) -> Vec<RecordedEvent> {
    let (mut revisions, mut recorded_at_us) = (std::collections::BTreeMap::new(), 0);
    for (position, event) in (1..).zip(&mut events) {
        let revision = revisions.entry(event.stream.clone()).or_insert(0);
        recorded_at_us = event.recorded_at_us.max(recorded_at_us);
        (event.position, event.revision, event.recorded_at_us) = (position, *revision, recorded_at_us);
        *revision += 1;
        event.leaf_hash = leaf::of_recorded(1, event);
    }
    events
}

fn forged(honest: &[RecordedEvent], attack: Attack, trial: u64) -> Vec<RecordedEvent> {
    let seed = attack as u64 * 1_000 + trial;
    let at = usize::try_from(chance(seed, EVENTS)).unwrap();
    let mut events = honest.to_vec();
    let other = |number: u64| {
        let data = noted(1_000_000 + seed * 100 + number);
        let (event_id, event_type) = (data.event_id, "Forged".to_owned());
        RecordedEvent { event_id, event_type, data: data.data, ..honest[at].clone() }
    };
    match attack {
        Attack::Edit | Attack::Resign => events[at].data = format!("{{\"number\":-{trial}}}").into_bytes(),
        Attack::Delete => drop(events.remove(at)),
        Attack::Insert => events.insert(at, other(0)),
        Attack::Reorder => {
            events.swap(at, (at + 1 + usize::try_from(chance(seed + 500, EVENTS - 1)).unwrap()) % honest.len());
        }
        Attack::Truncate => events.truncate(at.max(1)),
        Attack::Fork => {
            events.truncate(at);
            let missing = honest.len() - at + usize::try_from(chance(seed + 500, 5)).unwrap();
            events.extend((0..missing as u64).map(other));
        }
    }
    renumbered(events)
}

/// In how many of the trials an attack was found.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    with_own_checkpoints: u64,
    without_them: u64,
    with_a_witness: u64,
}

async fn trials(scene: &Scene, attack: Attack) -> Found {
    let mut found = Found::default();
    for trial in 0..TRIALS {
        let events = forged(&scene.honest, attack, trial);
        assert_ne!(events, scene.honest);
        // The checkpoints of the true log, as the server stored them; or all new ones.
        let signed = if attack == Attack::Resign { &events } else { &scene.honest };
        scene.write(&events, signed).await;
        found.with_own_checkpoints += u64::from(scene.finds(None).await);
        if attack != Attack::Resign {
            // Taken away; and the server, which believes its database, signs what it finds.
            scene.home.execute("DELETE FROM checkpoints").await;
            assert!(scene.sign().await, "{attack:?} {trial}");
        }
        found.without_them += u64::from(scene.finds(None).await);
        let refused = !scene.cosigns().await;
        found.with_a_witness += u64::from(refused && scene.finds(scene.seen()).await);
    }
    found
}

async fn every_attack(engine: Engine) {
    let scene = Scene::new(engine).await;
    assert!(!scene.finds(scene.seen()).await, "the true log passes");
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/proofs.md")).unwrap();
    for (attack, words) in ATTACKS {
        let found = trials(&scene, attack).await;
        assert_eq!(found.with_a_witness, TRIALS, "{attack:?}: {found:?}");
        let counts = [found.with_own_checkpoints, found.without_them, found.with_a_witness];
        let [own, without, witness] = counts.map(|count| format!("{count} of {TRIALS}"));
        let row = format!("| {words} | {own} | {without} | {witness} |");
        assert!(document.contains(&row), "docs/proofs.md lacks the row {row}");
    }
    scene.write(&scene.honest, &scene.honest).await;
    assert!(!scene.finds(scene.seen()).await && scene.cosigns().await, "the true log passes still");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_attack_is_found_with_a_witness_on_sqlite() {
    every_attack(Engine::SqliteFile).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_attack_is_found_with_a_witness_on_postgresql() {
    every_attack(Engine::Postgres).await;
}

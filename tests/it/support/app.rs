//! A whole application for one test: its own database, a clock that stands still, counted ids, projections at work, and a server.

use crate::support::client::Client;
use crate::support::engine::{Engine, Home};
use chitra::app::App;
use chitra::app::access::Role;
use chitra::app::error::AppError;
use chitra::app::keys::NewKey;
use chitra::app::limits::{LimitSettings, Limits};
use chitra::app::runner::Runner;
use chitra::clock::{Clock, SimulatedClock};
use chitra::compose::{Opening, compose, compose_with};
use chitra::domain::ids::{BankId, UnitKey};
use chitra::domain::profile::Profile;
use chitra::http::server::{self, Door};
use chitra::projections::Projection;
use chitra::store::{Direction, OpenMode, RecordedEvent};
use chitra::vault::MasterKey;
use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Monday, 31 March 2025, 10:00 in Vietnam: districts still exist, and the money of March has moved.
pub const MONDAY_US: i64 = 1_743_390_000_000_000;
/// The master key of every test.
pub const MASTER: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";
/// Each key is another person's.
static PEOPLE: AtomicU64 = AtomicU64::new(0);
/// One day.
pub const DAY_US: i64 = 86_400_000_000;

/// The application under test.
pub struct TestApp {
    pub app: Arc<App>,
    pub clock: Arc<SimulatedClock>,
    pub home: Home,
    base: String,
    http: reqwest::Client,
    keys: HashMap<&'static str, String>,
    counter: AtomicU64,
    server: actix_web::dev::ServerHandle,
    _runner: Runner,
}

/// An application with the built-in profile, but for the second persons that it asks for: one person tells a whole story.
pub async fn spawn_app(engine: Engine) -> TestApp {
    let mut profile = Profile::vietnam();
    profile.second_person.clear();
    spawn_with(engine, profile).await
}

/// The same with the profile as it is.
pub async fn spawn_strict(engine: Engine) -> TestApp {
    spawn_with(engine, Profile::vietnam()).await
}

/// The same with the fictional country, which differs in all that a profile can decide.
pub async fn spawn_tavaria(engine: Engine) -> TestApp {
    let read = |name: &str| std::fs::read_to_string(format!("{}/config/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let profile =
        Profile::from_toml(&read("tavaria.toml"), &read("tavaria/units.csv"), &read("tavaria/successions.csv"));
    spawn_with(engine, profile.unwrap()).await
}

/// The same with any profile.
pub async fn spawn_with(engine: Engine, profile: Profile) -> TestApp {
    spawn_at(Home::new(engine).await, profile).await
}

/// The same on a database that is there.
pub async fn spawn_at(home: Home, profile: Profile) -> TestApp {
    spawn_behind(home, profile, LimitSettings::default()).await
}

/// Vietnam behind a door that takes no more than so much.
pub async fn spawn_limited(engine: Engine, limits: LimitSettings) -> TestApp {
    spawn_behind(Home::new(engine).await, Profile::vietnam(), limits).await
}

async fn spawn_behind(home: Home, profile: Profile, limits: LimitSettings) -> TestApp {
    let clock = Arc::clone(&home.clock);
    clock.set_us(MONDAY_US);
    let opening = Opening {
        url: home.url.clone(),
        mode: OpenMode::Writer { holder: "the test".to_owned() },
        master: MasterKey::parse(MASTER).unwrap(),
        profile: Arc::new(profile),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        runs_projections: true,
    };
    let app = compose(opening).await.unwrap();
    let runner = Runner::start(&app);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let door = Door { workers: 1, limits: Arc::new(Limits::new(&limits)), certificates: None };
    let serving = server::serve(Arc::clone(&app), listener, door).unwrap();
    let server = serving.server.handle();
    tokio::spawn(serving.server);
    let base = format!("http://{}", serving.address);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut test = TestApp {
        app,
        clock,
        home,
        base,
        http,
        keys: HashMap::new(),
        counter: AtomicU64::new(0),
        server,
        _runner: runner,
    };
    for role in Role::ALL {
        let bank = (role == Role::Bank).then_some("vcb");
        let key = test.key(role, None, bank).await;
        test.keys.insert(role.as_str(), key);
    }
    test
}

impl TestApp {
    /// The same application once more, as another process on the same log would be: nothing is shared but the store, and the news
    /// of how far the projections are.
    pub async fn twin(&self) -> Arc<App> {
        let opening = Opening {
            url: String::new(),
            mode: OpenMode::Writer { holder: "the twin".to_owned() },
            master: MasterKey::parse(MASTER).unwrap(),
            profile: Arc::clone(&self.app.profile),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            runs_projections: true,
        };
        let parts = (Arc::clone(&self.app.views), Arc::clone(&self.app.registry));
        let mut twin = compose_with(Arc::clone(&self.app.store), parts, opening).await.unwrap();
        Arc::get_mut(&mut twin).unwrap().progress = Arc::clone(&self.app.progress);
        twin
    }

    /// A new key's text.
    pub async fn key(&self, role: Role, unit: Option<&str>, bank: Option<&str>) -> String {
        let unit = unit.map(|key| UnitKey::parse(key).unwrap());
        let bank = bank.map(|id| BankId::parse(id).unwrap());
        let label = format!("person {}", PEOPLE.fetch_add(1, Ordering::SeqCst));
        self.key_of(&label, NewKey { role, unit, bank, label: label.clone(), expires_at_us: None }).await
    }

    /// A new key of somebody with a name.
    pub async fn key_of(&self, label: &str, new: NewKey) -> String {
        self.app.keys.create(NewKey { label: label.to_owned(), ..new }).await.unwrap()
    }

    /// A caller with the key of a role: of the whole log, or of Vietcombank.
    pub fn as_role(&self, role: Role) -> Client {
        self.with_key(&self.keys[role.as_str()])
    }

    /// A caller with this key.
    pub fn with_key(&self, key: &str) -> Client {
        Client::new(self.http.clone(), self.base.clone(), Some(key.to_owned()))
    }

    /// Where it listens, as `host:port`.
    pub fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// A caller without a key.
    pub fn nobody(&self) -> Client {
        Client::new(self.http.clone(), self.base.clone(), None)
    }

    /// The caller who may do most: a supervisor of the whole log.
    pub fn supervisor(&self) -> Client {
        self.as_role(Role::Supervisor)
    }

    /// An idempotency key that was not used before.
    pub fn fresh(&self) -> String {
        format!("test-{}", self.counter.fetch_add(1, Ordering::SeqCst))
    }

    /// Position of the log's last event.
    pub async fn head(&self) -> u64 {
        self.app.store.head().await.unwrap().position
    }

    /// Waits until figures include the whole log, however long it has become.
    pub async fn caught_up(&self) {
        let head = self.head().await;
        for _ in 0..24 {
            match self.app.wait_for(Projection::Payments, Some(head)).await {
                Ok(()) => return,
                Err(AppError::NotCaughtUp { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        panic!("the projection does not come to position {head}");
    }

    /// All events after a position.
    pub async fn events_after(&self, position: u64) -> Vec<RecordedEvent> {
        let mut events: Vec<RecordedEvent> = Vec::new();
        loop {
            let after = events.last().map_or(position, |event| event.position);
            let page = self.app.store.read_all(Some(after), Direction::Forwards, 10_000).await.unwrap();
            if page.is_empty() {
                return events;
            }
            events.extend(page);
        }
    }

    /// The types of all events after a position.
    pub async fn types_after(&self, position: u64) -> Vec<String> {
        self.events_after(position).await.into_iter().map(|event| event.event_type).collect()
    }

    /// Lets days go by.
    pub fn days_pass(&self, days: i64) {
        self.clock.set_us(self.clock.now_us() + days * DAY_US);
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // Tells the server to stop; nobody waits for it.
        drop(self.server.stop(false));
    }
}

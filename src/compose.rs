//! Puts a log together: store, vault, profile and clock become one `App`. No rules.

use crate::app::App;
use crate::app::assessment::kept::KeptOverviews;
use crate::app::banks::folder::FILE_BYTES_MAX;
use crate::app::banks::registry::KnownBanks;
use crate::app::error::AppError;
use crate::app::gather;
use crate::app::keys::Keys;
use crate::app::known_tables::KnownTables;
use crate::app::oversight::reactions::REACTIONS;
use crate::app::progress::Progress;
use crate::app::remembered::Remembered;
use crate::app::running::Running;
use crate::app::sandbox::MARK;
use crate::app::webhooks::Webhooks;
use crate::clock::Clock;
use crate::config::Settings;
use crate::domain::profile::Profile;
use crate::projections::Projection;
use crate::store::archive::Archives;
use crate::store::null::{Beneath, NullStore};
use crate::store::registry::Registry;
use crate::store::views::ViewStore;
use crate::store::{OpenError, OpenMode, OpenOptions, SharedEventStore, open};
use crate::vault::service::Vault;
use crate::vault::{MasterKey, VaultError};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

/// The log that a process works on, until one process serves several.
const LOG_ID: i32 = 1;

/// Why a log could not be opened. `Display` says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(
        "there is no master key: name its file with --master-key-file or CHITRA_MASTER_KEY_FILE, or run `chitra migrate`, which makes {0}"
    )]
    NoMasterKey(PathBuf),
    #[error(
        "the master key is needed: name its file with --master-key-file or CHITRA_MASTER_KEY_FILE (`chitra migrate` makes it there if there is none), or set CHITRA_MASTER_KEY"
    )]
    MasterKeyNeeded,
    #[error("this master key is not the one that the database's vault was made with")]
    OtherMasterKey,
    #[error("the profile {path} cannot be used: {reason}")]
    Profile { path: PathBuf, reason: String },
    #[error(transparent)]
    App(#[from] AppError),
}

/// What to open and how.
pub struct Opening {
    pub url: String,
    pub mode: OpenMode,
    pub master: MasterKey,
    pub profile: Arc<Profile>,
    pub clock: Arc<dyn Clock>,
    /// A runner will follow the log in this process.
    pub runs_projections: bool,
}

/// Opens a log.
pub async fn compose(opening: Opening) -> Result<Arc<App>, ComposeError> {
    #[cfg(feature = "bench")]
    if opening.url == crate::store::null::URL {
        return compose_null(opening, None).await;
    }
    let now_clock = Arc::clone(&opening.clock);
    let mut options = OpenOptions::new(opening.mode.clone(), Arc::new(move || now_clock.now_us()));
    options.log_id = LOG_ID;
    let store = open(&opening.url, options).await?;
    compose_with(store.clone(), (store.clone(), store), opening).await
}

/// A log that records nothing, to measure all but the store: `chitra bench` alone serves it, unless the program is built with the feature
/// `bench`. Its one person belongs to the profile's first unit that payments can name. What lies beneath takes what clerks append.
pub async fn compose_null(opening: Opening, beneath: Option<Arc<dyn Beneath>>) -> Result<Arc<App>, ComposeError> {
    let profile = &opening.profile;
    let unit = profile.units.iter().find(|unit| unit.level == profile.payment_level && unit.valid_to.is_none());
    let unit = unit.map(|unit| unit.key.to_string()).unwrap_or_default();
    let clock = Arc::clone(&opening.clock);
    let null = NullStore::new(Arc::new(move || clock.now_us()), &unit);
    let store = Arc::new(beneath.into_iter().fold(null, NullStore::over));
    compose_with(store.clone(), (store.clone(), store), opening).await
}

/// A log's store alone, for commands that copy it out or fill it: they need neither profile nor master key.
pub struct Bare {
    pub store: SharedEventStore,
    pub archives: Arc<dyn Archives>,
    pub views: Arc<dyn ViewStore>,
    pub registry: Arc<dyn Registry>,
}

impl Bare {
    /// What is needed to fill the log.
    #[must_use]
    pub fn to_fill(&self) -> (&dyn Archives, &dyn ViewStore) {
        (self.archives.as_ref(), self.views.as_ref())
    }
}

/// Opens a log's store alone.
pub async fn bare(url: &str, mode: OpenMode, clock: Arc<dyn Clock>) -> Result<Bare, ComposeError> {
    let mut options = OpenOptions::new(mode, Arc::new(move || clock.now_us()));
    options.log_id = LOG_ID;
    let store = open(url, options).await?;
    Ok(Bare { store: store.clone(), archives: store.clone(), registry: store.clone(), views: store })
}

/// A store of rows that is empty and goes when it is dropped: for a replay.
pub async fn scratch(clock: Arc<dyn Clock>) -> Result<Arc<dyn ViewStore>, ComposeError> {
    let mode = OpenMode::Writer { holder: "a replay".to_owned() };
    let mut options = OpenOptions::new(mode, Arc::new(move || clock.now_us()));
    options.log_id = LOG_ID;
    Ok(open("sqlite::memory:", options).await?)
}

/// The same over parts that were opened elsewhere.
pub async fn compose_with(
    store: SharedEventStore,
    (views, registry): (Arc<dyn ViewStore>, Arc<dyn Registry>),
    opening: Opening,
) -> Result<Arc<App>, ComposeError> {
    use crate::vault::service::VaultServiceError as E;
    let Opening { master, profile, clock, runs_projections, .. } = opening;
    let vault = Vault::open(master, Arc::clone(&registry), Arc::clone(&clock), LOG_ID).await;
    let vault = vault.map_err(|error| match error {
        E::Crypto(VaultError::CannotOpen) => ComposeError::OtherMasterKey,
        other => ComposeError::App(other.into()),
    })?;
    let names: Vec<&'static str> =
        Projection::ALL.iter().map(|projection| projection.name()).chain([REACTIONS]).collect();
    let progress = Arc::new(Progress::new(&names));
    let is_sandbox = registry.vault_meta(MARK).await.map_err(|error| ComposeError::App(error.into()))?.is_some();
    // One person tries a bank's way in there, in five minutes: nothing of it opens another log.
    let profile = if is_sandbox { Arc::new(profile.as_ref().clone().for_one_operator()) } else { profile };
    let keys = Keys::new(Arc::clone(&registry), Arc::clone(&clock), is_sandbox);
    let (streams, people) = (gather::streams(Arc::clone(&store)), gather::people(Arc::clone(&store)));
    let (in_trouble, attempts) = (gather::in_trouble(Arc::clone(&views)), gather::attempts(Arc::clone(&views)));
    Ok(Arc::new(App {
        store,
        views,
        registry,
        vault,
        keys,
        profile,
        clock,
        progress,
        running: Running::default(),
        banks: KnownBanks::default(),
        is_sandbox,
        file_bytes_max: AtomicU64::new(FILE_BYTES_MAX),
        webhooks: Webhooks::default(),
        signer: OnceLock::new(),
        streams,
        people,
        in_trouble,
        attempts,
        published: KnownTables::default(),
        overviews: KeptOverviews::default(),
        remembered: Remembered::default(),
        doors: OnceLock::new(),
        oidc: OnceLock::new(),
        audit: crate::app::audit::Audit::default(),
        outlines: OnceLock::new(),
        drafts: crate::app::drafts::Drafts::default(),
        derived: crate::app::eventstore::derived::Index::default(),
        tail: Arc::default(),
        stopping: crate::app::stopping::Stopping::default(),
        runs_projections,
    }))
}

/// The file of a SQLite database, if the URL names one.
#[must_use]
pub fn database_file(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
}

/// Where the master key lies when nobody says: beside the database.
#[must_use]
pub fn default_master_key_file(database: &Path) -> PathBuf {
    let mut name = database.file_name().map(std::ffi::OsStr::to_os_string).unwrap_or_default();
    name.push(".master-key");
    database.with_file_name(name)
}

/// The master key that the settings name. `create` makes one beside a SQLite database that has none.
pub fn master_key(settings: &Settings, create: bool, clock: &dyn Clock) -> Result<MasterKey, ComposeError> {
    if let Some(text) = &settings.master_key {
        return Ok(MasterKey::parse(&text.0)?);
    }
    if let Some(path) = &settings.master_key_file {
        if settings.credentials.as_ref().is_some_and(|folder| path.starts_with(folder)) {
            return Ok(MasterKey::read_credential(path)?);
        }
        let fresh = create && !path.exists();
        return Ok(if fresh { MasterKey::create_file(path, clock)? } else { MasterKey::read_file(path)? });
    }
    #[cfg(feature = "bench")]
    if settings.database == crate::store::null::URL {
        return Ok(MasterKey::generate(clock));
    }
    if settings.database == "sqlite::memory:" {
        return Ok(MasterKey::generate(clock));
    }
    let Some(database) = database_file(&settings.database) else { return Err(ComposeError::MasterKeyNeeded) };
    let path = default_master_key_file(&database);
    match (path.exists(), create) {
        (true, _) => Ok(MasterKey::read_file(&path)?),
        (false, true) => Ok(MasterKey::create_file(&path, clock)?),
        (false, false) => Err(ComposeError::NoMasterKey(path)),
    }
}

/// The profile that the settings name, or the built-in one. A profile is a file `NAME.toml` with a folder `NAME` beside it that holds
/// `units.csv` and `successions.csv`.
pub fn profile(settings: &Settings) -> Result<Arc<Profile>, ComposeError> {
    let Some(path) = &settings.profile else { return Ok(Arc::new(Profile::vietnam())) };
    let broken = |reason: String| ComposeError::Profile { path: path.clone(), reason };
    let read =
        |file: &Path| std::fs::read_to_string(file).map_err(|error| broken(format!("{}: {error}", file.display())));
    let folder = path.with_extension("");
    let (toml, units) = (read(path)?, read(&folder.join("units.csv"))?);
    let successions = read(&folder.join("successions.csv"))?;
    Profile::from_toml(&toml, &units, &successions).map(Arc::new).map_err(|error| broken(error.to_string()))
}

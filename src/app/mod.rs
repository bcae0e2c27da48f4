//! The use cases: what people and programs ask of chitra, put together from rules, store, projections and vault.

pub mod access;
pub mod aggregate;
pub mod amounts;
pub mod archive;
pub mod as_of;
pub mod assessment;
pub mod audit;
pub mod banks;
pub mod beneficiaries;
pub mod calendar;
pub mod certificates;
pub mod changes;
pub mod checks;
pub mod citations;
pub mod cited;
mod cohorts;
pub mod definitions;
pub mod demo;
pub mod desks;
pub mod drafts;
pub mod error;
pub mod eventstore;
pub mod execute;
pub mod feed;
pub mod figures;
pub mod gather;
pub mod handout;
pub mod hex;
pub mod identifiers;
pub mod imports;
pub mod inputs;
pub mod keys;
pub mod known_tables;
pub mod limits;
pub mod lists;
pub mod lookup;
pub mod matching;
pub mod methods;
pub mod movers;
pub mod network;
pub mod oidc;
pub mod outcomes;
pub mod outgoing;
pub mod outlines;
pub mod oversight;
pub mod pages;
pub mod paper;
pub mod payments;
pub mod personal;
pub mod progress;
pub mod proofs;
mod published;
pub mod queries;
pub mod reasons;
pub mod refusals;
pub mod remembered;
pub mod reports;
pub mod revisions;
pub mod runner;
pub mod running;
pub mod sandbox;
pub mod sessions;
pub mod shapes;
pub mod sight;
pub mod since;
pub mod stopping;
pub mod storage;
pub mod table;
pub mod tail;
pub mod targets;
pub mod timeline;
pub mod tongue;
pub mod unclaimed;
pub mod upload;
pub mod verify;
pub mod webhooks;
pub mod witness;
pub mod words;
pub mod worklist;

use crate::clock::Clock;
use crate::domain::ids::{BeneficiaryId, EndToEndId, PaymentId};
use crate::domain::profile::Profile;
use crate::projections::payments::PaymentRow;
use crate::proof::Signer;
use crate::store::registry::Registry;
use crate::store::views::ViewStore;
use crate::store::{RecordedEvent, SharedEventStore};
use crate::vault::service::Vault;
use banks::registry::KnownBanks;
use gather::Gather;
use keys::Keys;
use known_tables::KnownTables;
use progress::Progress;
use running::Running;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};
use webhooks::Webhooks;

/// One log with all that works on it.
pub struct App {
    pub store: SharedEventStore,
    pub views: Arc<dyn ViewStore>,
    pub registry: Arc<dyn Registry>,
    pub vault: Vault,
    pub keys: Keys,
    pub profile: Arc<Profile>,
    pub clock: Arc<dyn Clock>,
    pub progress: Arc<Progress>,
    pub running: Running,
    /// Banks' keys and mappings, read once for each revision of their entries.
    pub banks: KnownBanks,
    /// A log for trying out, marked as one.
    pub is_sandbox: bool,
    /// The longest file of a bank that is taken out of the folder.
    pub file_bytes_max: AtomicU64,
    /// Endpoints that are told of payments: how they are reached, and what was sent.
    pub webhooks: Webhooks,
    /// The log's key: it and its name stay what they are, once they are.
    pub signer: OnceLock<Arc<Signer>>,
    /// Look-ups of requests that run at the same time, gathered into few statements.
    pub streams: Gather<String, Vec<RecordedEvent>>,
    pub people: Gather<Vec<u8>, Option<Vec<RecordedEvent>>>,
    /// Payments in trouble of a person.
    pub in_trouble: Gather<BeneficiaryId, Vec<PaymentRow>>,
    /// What banks' ids name.
    pub attempts: Gather<EndToEndId, Option<(PaymentId, u32)>>,
    /// Published cycles, read once.
    pub published: KnownTables,
    /// First pages, computed once for each state of the log.
    pub overviews: assessment::kept::KeptOverviews,
    /// Answers of figures, made once for each state of the log.
    pub remembered: remembered::Remembered,
    /// Where a demonstration lets anybody in.
    pub doors: sessions::Doors,
    /// Who else signs people in.
    pub oidc: OnceLock<oidc::Oidc>,
    /// What was noticed of the use of the log, and is not in it yet.
    pub audit: audit::Audit,
    /// Outlines of units, where some were brought along.
    pub outlines: OnceLock<outlines::Outlines>,
    /// Files on their way in through pages.
    pub drafts: drafts::Drafts,
    /// Where the events of categories and types are, for streams that follow from the log.
    pub derived: eventstore::derived::Index,
    /// The log's end for those who follow it.
    pub tail: Arc<tail::Tail>,
    /// Whether this process has begun to stop.
    pub stopping: stopping::Stopping,
    /// A runner follows the log in this process; without one, whoever needs a projection catches it up.
    pub runs_projections: bool,
}

impl App {
    /// A name for one request, for the log and the answer.
    #[must_use]
    pub fn request_id(&self) -> String {
        self.clock.opaque_id().simple().to_string()
    }
}

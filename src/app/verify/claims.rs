//! The claims as events and vault give them, against those that are stored. Sums first; names only when the sums differ.

use super::report::{Check, Finding, Findings};
use crate::app::App;
use crate::app::aggregate::beneficiary_of_stream;
use crate::app::error::AppError;
use crate::domain::claims::{ClaimChange, IDENTIFIER};
use crate::store::{ClaimSums, RecordedEvent};
use crate::vault::service::VaultServiceError;
use std::collections::BTreeSet;
use uuid::Uuid;

/// A claim that a stream should hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    kind: &'static str,
    key: Vec<u8>,
    stream: String,
}

/// The check and how far it has come.
pub(super) struct ClaimCheck {
    /// The stored claims are those of the log up to here.
    head: u64,
    stored: ClaimSums,
    derived: ClaimSums,
    /// What the stream being walked holds so far.
    held: BTreeSet<(&'static str, Vec<u8>)>,
    /// People whose identifiers are to be asked of the vault.
    people: Vec<(Uuid, String)>,
    /// Claims to be looked up; `None` while sums are enough.
    to_look_up: Option<Vec<Claim>>,
}

impl ClaimCheck {
    pub fn new(head: u64, stored: ClaimSums) -> Self {
        Self {
            head,
            stored,
            derived: ClaimSums::default(),
            held: BTreeSet::new(),
            people: Vec::new(),
            to_look_up: None,
        }
    }

    pub fn stored_count(&self) -> u64 {
        self.stored.count()
    }

    pub fn differs(&self) -> bool {
        self.stored != self.derived
    }

    /// From now on each claim is looked up and named when it is not there.
    pub fn look_up_from_now_on(&mut self) {
        self.to_look_up = Some(Vec::new());
    }

    /// Applies what an event changes, as the store did: taking twice is taking once, releasing what is not held is nothing.
    pub fn change(&mut self, position: u64, changes: Vec<ClaimChange>) {
        if position > self.head {
            return;
        }
        for change in changes {
            let claim = (change.kind, change.key);
            _ = if change.take { self.held.insert(claim) } else { self.held.remove(&claim) };
        }
    }

    /// A person was registered: what identifies them is in the vault.
    pub fn person(&mut self, event: &RecordedEvent) {
        if let Some(id) = beneficiary_of_stream(&event.stream).filter(|_| event.position <= self.head) {
            self.people.push((id.as_uuid(), event.stream.clone()));
        }
    }

    /// The stream ends here.
    pub fn end(&mut self, stream: &str) {
        for (kind, key) in std::mem::take(&mut self.held) {
            self.note(kind, key, stream);
        }
    }

    fn note(&mut self, kind: &'static str, key: Vec<u8>, stream: &str) {
        match &mut self.to_look_up {
            Some(list) => list.push(Claim { kind, key, stream: stream.to_owned() }),
            None => self.derived.add(kind, &key, stream),
        }
    }

    /// Asks the vault for the people of the page, and looks up what is to be looked up.
    pub async fn flush(&mut self, app: &App, findings: &mut Findings) -> Result<(), AppError> {
        let people = std::mem::take(&mut self.people);
        for (subject, stream, keys) in self.identifiers(app, people, findings).await? {
            let together = !cfg!(unoptimized) || stream.ends_with(&subject.to_string());
            assert!(together, "people and streams go together");
            for key in keys {
                self.note(IDENTIFIER, key, &stream);
            }
        }
        let Some(list) = &mut self.to_look_up else { return Ok(()) };
        let mut list = std::mem::take(list);
        list.sort_unstable();
        for of_kind in list.chunk_by(|a, b| a.kind == b.kind) {
            let kind = of_kind[0].kind;
            if self.stored.of(kind) != self.derived.of(kind) {
                look_up(app, of_kind, findings).await?;
            }
        }
        Ok(())
    }

    async fn identifiers(
        &self,
        app: &App,
        people: Vec<(Uuid, String)>,
        findings: &mut Findings,
    ) -> Result<Vec<(Uuid, String, Vec<Vec<u8>>)>, AppError> {
        if people.is_empty() {
            return Ok(Vec::new());
        }
        let subjects: Vec<Uuid> = people.iter().map(|(subject, _)| *subject).collect();
        let found = match app.vault.identifier_keys_of_all(&subjects).await {
            Ok(found) => found,
            Err(VaultServiceError::Store(error)) => return Err(error.into()),
            Err(error @ VaultServiceError::MasterChanged) => return Err(error.into()),
            Err(VaultServiceError::Crypto(_) | VaultServiceError::Form | VaultServiceError::Erased) => {
                one_by_one(app, &people, findings).await?
            }
        };
        let mut by_person: std::collections::HashMap<Uuid, Vec<Vec<u8>>> = std::collections::HashMap::new();
        for (subject, key) in found {
            let keys = by_person.entry(subject).or_default();
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        let keys = |(subject, stream): (Uuid, String)| {
            let keys = by_person.remove(&subject).unwrap_or_default();
            (subject, stream, keys)
        };
        Ok(people.into_iter().map(keys).collect())
    }

    /// Says of which kinds the claims differ.
    pub fn tell_sums(&self, findings: &mut Findings) {
        for kind in self.stored.kinds_with(&self.derived) {
            let (stored, derived) = (self.stored.of(kind), self.derived.of(kind));
            if stored != derived {
                let message = format!(
                    "the stored claims of kind {kind} are not those of the log: {} are stored, the log gives {}",
                    stored.count, derived.count
                );
                findings.add(Finding { position: Some(self.head), ..Finding::of(Check::Claims, message) });
            }
        }
    }
}

/// A record among these people's cannot be opened: finds whose it is.
async fn one_by_one(
    app: &App,
    people: &[(Uuid, String)],
    findings: &mut Findings,
) -> Result<Vec<(Uuid, Vec<u8>)>, AppError> {
    let mut all = Vec::new();
    for (subject, stream) in people {
        match app.vault.identifier_keys_of_all(&[*subject]).await {
            Ok(found) => all.extend(found),
            Err(VaultServiceError::Store(error)) => return Err(error.into()),
            Err(error) => {
                let message = format!("the person's vault record: {error}");
                findings.add(Finding::in_stream(Check::Claims, stream, message));
            }
        }
    }
    Ok(all)
}

async fn look_up(app: &App, claims: &[Claim], findings: &mut Findings) -> Result<(), AppError> {
    let kind = claims[0].kind;
    let keys: Vec<Vec<u8>> = claims.iter().map(|claim| claim.key.clone()).collect();
    let holders = app.store.find_claims(kind, &keys).await?;
    for (claim, holder) in claims.iter().zip(holders) {
        let message = match holder {
            Some(holder) if holder == claim.stream => continue,
            Some(holder) => format!("a claim of kind {kind} belongs to this stream and is stored for {holder}"),
            None => format!("a claim of kind {kind} belongs to this stream and is not stored"),
        };
        findings.add(Finding::in_stream(Check::Claims, &claim.stream, message));
    }
    Ok(())
}

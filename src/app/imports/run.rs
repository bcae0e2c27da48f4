//! One import from its first byte to its report: the passes in their order, resumed where an earlier try broke off.

use super::record::Pass;
use super::report::{ImportReport, ImportStatus, ReportBuilder};
use super::{ImportOrder, OnProgress, Source, import_of_stream, import_stream};
use crate::app::App;
use crate::app::access::{Action, Reach};
use crate::app::error::AppError;
use crate::app::execute::append_error;
use crate::domain::claims::ClaimChange;
use crate::domain::codec::{self, DomainEvent};
use crate::domain::ids::ImportId;
use crate::domain::import::{ImportCompleted, ImportEvent, ImportKind, ImportMode, ImportStarted};
use crate::domain::profile::Profile;
use crate::projections::Projection;
use crate::store::registry::StoredReport;
use crate::store::{Append, EventData, RequestKey, StreamState};
use serde_json::{Value, json};
use uuid::Uuid;

/// One file of one kind: at most one import. Derived from `ImportStarted`, released by `ImportReversed`.
pub const IMPORT_FILE: &str = "import-file";

/// How often an import waits in vain for a projection, 5 s each, before it gives up.
const WAITS_MAX: u32 = 12;

/// What an import answers: its own report, or what the same file did when it was recorded before.
#[derive(Debug, Clone)]
pub enum ImportAnswer {
    Report(Box<ImportReport>),
    /// The stored report of the first time.
    Replayed(ImportId, Value),
}

/// An import as its stream tells.
#[derive(Debug, Clone)]
pub struct ImportState {
    pub started: ImportStarted,
    pub completed: Option<ImportCompleted>,
    pub reversed: bool,
    pub revision: u64,
}

impl ImportState {
    /// What the stream says of the import's end goes before a stored report: that is written after the last event, by a process that
    /// may have stopped in between.
    pub fn tell(&self, report: &mut Value, profile: &Profile) {
        if let Some(completed) = self.completed.as_ref().filter(|_| report["status"] == "running") {
            report["status"] = json!("completed");
            report["rows"] = json!(self.started.rows);
            report["recorded_rows"] = json!(completed.recorded_rows);
            report["unchanged_rows"] = json!(completed.unchanged_rows);
            report["refused_rows"] = json!(completed.refused_rows);
            report["sum"] = json!(profile.currency.format(self.started.control_sum_minor.unwrap_or(0)));
            report["recorded_sum"] = json!(profile.currency.format(completed.recorded_sum_minor.unwrap_or(0)));
        }
        if self.reversed {
            report["status"] = json!("reversed");
        }
    }
}

impl App {
    /// Imports a file. The same file of the same kind has one effect, whatever key it comes with.
    pub async fn import(
        &self,
        order: &ImportOrder,
        source: &Source,
        tell: OnProgress<'_>,
    ) -> Result<ImportAnswer, AppError> {
        if order.kind == ImportKind::Identity && order.principal.reach(Action::RecordIdentity) == Reach::Nothing {
            return Err(AppError::Forbidden {
                code: "role-not-allowed",
                message: "your key's role does not record results of matching",
            });
        }
        if order.dry_run {
            let started = self.fresh_start(order, source);
            return self.check_only(order, source, (&started, tell)).await;
        }
        // One at a time in this process. Between processes the file's claim decides who begins; if another one resumes what is
        // still running, both make the same events with the same ids, and the log takes each once.
        let _running = self.running.begin(&RequestKey {
            caller: IMPORT_FILE.to_owned(),
            idempotency_key: source.digest_text(),
            input_hash: source.sha256,
        })?;
        let earlier = self.earlier_import(order, source).await?;
        if let Some(state) = earlier.as_ref().filter(|state| state.completed.is_some()) {
            return self.first_answer(state.started.import_id).await;
        }
        let resumed = earlier.is_some();
        let mut started = earlier.map_or_else(|| self.fresh_start(order, source), |state| state.started);
        self.catch_up_for_import().await?;
        let mut report = ReportBuilder::new(&self.profile);
        let checked = Pass::first(self, order, &started).check(source, &mut report, tell).await?;
        // A resume goes on with what was begun, though rows that are in by now cannot fail it.
        if !resumed && refuses(order, &report) {
            let refused = report.finish(order, started.import_id, ImportStatus::Refused);
            return Ok(ImportAnswer::Report(Box::new(refused)));
        }
        if !resumed {
            started.rows = report.rows();
            started.control_sum_minor = Some(report.sum_minor()).filter(|sum| *sum != 0);
            self.begin(order, &started).await?;
        }
        Pass::second(self, order, &started).record(source, checked, (&mut report, tell)).await?;
        self.complete(order, &started, report).await
    }

    async fn check_only(
        &self,
        order: &ImportOrder,
        source: &Source,
        (started, tell): (&ImportStarted, OnProgress<'_>),
    ) -> Result<ImportAnswer, AppError> {
        self.catch_up_for_import().await?;
        let mut report = ReportBuilder::new(&self.profile);
        Pass::first(self, order, started).check(source, &mut report, tell).await?;
        let status = if refuses(order, &report) { ImportStatus::Refused } else { ImportStatus::Checked };
        Ok(ImportAnswer::Report(Box::new(report.finish(order, started.import_id, status))))
    }

    /// Rows are judged by the projections: they must know all that was recorded before the import. After another large import
    /// that takes longer than a reader would wait; an import waits on unless a projection stands still for a minute.
    async fn catch_up_for_import(&self) -> Result<(), AppError> {
        let head = self.store.head().await?.position;
        for projection in Projection::JUDGING {
            let (mut reached, mut waits) = (0, 0);
            loop {
                match self.follow_up_to(projection, head).await {
                    Ok(()) => break,
                    Err(AppError::NotCaughtUp { at, .. }) if at > reached => (reached, waits) = (at, 0),
                    Err(AppError::NotCaughtUp { .. }) if waits < WAITS_MAX => waits += 1,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    fn fresh_start(&self, order: &ImportOrder, source: &Source) -> ImportStarted {
        let id = self.clock.time_ordered_id();
        let (_, seed) = self.clock.opaque_id().as_u64_pair();
        ImportStarted {
            import_id: ImportId::from_uuid(id),
            kind: order.kind,
            mode: order.mode,
            file_digest: source.digest_text(),
            rows: 0,
            control_sum_minor: None,
            started_at_us: self.clock.now_us(),
            seed,
        }
    }

    async fn earlier_import(&self, order: &ImportOrder, source: &Source) -> Result<Option<ImportState>, AppError> {
        let key = file_claim_key(order.kind, &source.digest_text());
        let holder = self.store.find_claims(IMPORT_FILE, &[key]).await?.into_iter().flatten().next();
        match holder.and_then(|stream| import_of_stream(&stream)) {
            Some(id) => self.import_state(id).await,
            None => Ok(None),
        }
    }

    /// An import as its stream tells; `None` when there is no such import.
    pub async fn import_state(&self, id: ImportId) -> Result<Option<ImportState>, AppError> {
        let mut state: Option<ImportState> = None;
        for recorded in self.read_whole_stream(&import_stream(id)).await? {
            let event = codec::decode(&recorded.event_type, recorded.schema_version, &recorded.data)
                .map_err(|error| AppError::Internal(format!("position {}: {error}", recorded.position)))?;
            let Some(DomainEvent::Import(event)) = event else { continue };
            match (event, &mut state) {
                (ImportEvent::Started(started), _) => {
                    state =
                        Some(ImportState { started, completed: None, reversed: false, revision: recorded.revision });
                }
                (ImportEvent::Completed(completed), Some(state)) => {
                    state.reversed |= completed.reversed;
                    state.completed = Some(completed);
                    state.revision = recorded.revision;
                }
                (ImportEvent::Reversed(_), Some(state)) => {
                    state.reversed = true;
                    state.revision = recorded.revision;
                }
                (ImportEvent::Completed(_) | ImportEvent::Reversed(_), None) => {}
            }
        }
        Ok(state)
    }

    async fn first_answer(&self, id: ImportId) -> Result<ImportAnswer, AppError> {
        let stored = self.registry.import_report(id.as_uuid()).await?;
        let report = stored.and_then(|stored| serde_json::from_slice(&stored.report).ok());
        let mut report = report.unwrap_or_else(|| json!({"import_id": id, "status": "running"}));
        if let Some(state) = self.import_state(id).await? {
            state.tell(&mut report, &self.profile);
        }
        Ok(ImportAnswer::Replayed(id, report))
    }

    async fn begin(&self, order: &ImportOrder, started: &ImportStarted) -> Result<(), AppError> {
        let event = ImportEvent::Started(started.clone());
        let mut append = Append::events(
            import_stream(started.import_id),
            StreamState::NoStream,
            vec![self.import_event(order, started.import_id, &event)],
        );
        append.claims = import_claims(&event);
        append.request.clone_from(&order.request);
        self.store.append_to_stream(append).await.map_err(append_error)?;
        self.store_report(
            order,
            &ReportBuilder::new(&self.profile).finish(order, started.import_id, ImportStatus::Running),
        )
        .await
    }

    async fn complete(
        &self,
        order: &ImportOrder,
        started: &ImportStarted,
        report: ReportBuilder,
    ) -> Result<ImportAnswer, AppError> {
        let (recorded_rows, refused_rows) = report.pass_2();
        let undo = order.mode == ImportMode::All && refused_rows > 0;
        let state = self.import_state(started.import_id).await?;
        // Another process resumed the same import and was faster; what both wrote is the same.
        if state.as_ref().is_some_and(|state| state.completed.is_some()) {
            return self.first_answer(started.import_id).await;
        }
        let reversed = if undo { self.cancel_payments_of(order, started).await?.cancelled > 0 } else { false };
        let event = ImportEvent::Completed(ImportCompleted {
            recorded_rows,
            unchanged_rows: report.unchanged_rows(),
            refused_rows,
            recorded_sum_minor: Some(report.recorded_sum_minor()).filter(|sum| *sum != 0),
            reversed,
        });
        let revision = state.map_or(0, |state| state.revision);
        let mut append = Append::events(
            import_stream(started.import_id),
            StreamState::Revision(revision),
            vec![self.import_event(order, started.import_id, &event)],
        );
        if reversed {
            append.claims = vec![release(started)];
        }
        let written = self.store.append_to_stream(append).await.map_err(append_error)?;
        let status = if reversed { ImportStatus::Reversed } else { ImportStatus::Completed };
        let mut report = report.finish(order, started.import_id, status);
        report.position = Some(written.position);
        self.store_report(order, &report).await?;
        Ok(ImportAnswer::Report(Box::new(report)))
    }

    /// An event of the import's own stream. Its id is made from the import and its type: each happens once.
    pub(super) fn import_event(&self, order: &ImportOrder, id: ImportId, event: &ImportEvent) -> EventData {
        let encoded = codec::encode_import(event);
        let placeholder = ImportStarted {
            import_id: id,
            kind: order.kind,
            mode: order.mode,
            file_digest: String::new(),
            rows: 0,
            control_sum_minor: None,
            started_at_us: self.clock.now_us(),
            seed: 0,
        };
        let metadata = Pass::second(self, order, &placeholder).metadata;
        EventData {
            event_id: Uuid::new_v5(&id.as_uuid(), encoded.event_type.as_bytes()),
            event_type: encoded.event_type.to_owned(),
            schema_version: encoded.schema_version,
            data: encoded.data,
            metadata,
        }
    }

    async fn store_report(&self, order: &ImportOrder, report: &ImportReport) -> Result<(), AppError> {
        let text = report.to_json(&self.profile).to_string();
        let stored = StoredReport {
            import_id: report.import_id.as_uuid(),
            actor: order.principal.key_id.clone(),
            report: text.into_bytes(),
        };
        Ok(self.registry.put_import_report(&stored).await?)
    }
}

/// Whether pass 1 found something that stops the import.
fn refuses(order: &ImportOrder, report: &ReportBuilder) -> bool {
    let control = order.control_count.is_some_and(|count| count != report.rows())
        || order.control_sum_minor.is_some_and(|sum| sum != report.sum_minor());
    control || report.good_rows() == 0 || (order.mode == ImportMode::All && report.errors() > 0)
}

/// The key of a file of a kind.
fn file_claim_key(kind: crate::domain::import::ImportKind, digest: &str) -> Vec<u8> {
    format!("{}:{digest}", super::kind_word(kind)).into_bytes()
}

/// What an import's event changes in the claims. A pure function of the event, for checking the stored ones.
#[must_use]
pub fn import_claims(event: &ImportEvent) -> Vec<ClaimChange> {
    match event {
        ImportEvent::Started(started) => {
            vec![ClaimChange { kind: IMPORT_FILE, key: file_claim_key(started.kind, &started.file_digest), take: true }]
        }
        ImportEvent::Completed(_) | ImportEvent::Reversed(_) => Vec::new(),
    }
}

/// A reversed import gives its file free, so that it can be imported again.
#[must_use]
pub fn release(started: &ImportStarted) -> ClaimChange {
    ClaimChange { kind: IMPORT_FILE, key: file_claim_key(started.kind, &started.file_digest), take: false }
}

/// All that an import's next event changes in the claims. `started` is what the stream began with, and is kept here from event to event.
#[must_use]
pub fn claim_changes(event: ImportEvent, started: &mut Option<Box<ImportStarted>>) -> Vec<ClaimChange> {
    let mut changes = import_claims(&event);
    match event {
        ImportEvent::Started(begun) => *started = Some(Box::new(begun)),
        ImportEvent::Completed(completed) if !completed.reversed => {}
        ImportEvent::Completed(_) | ImportEvent::Reversed(_) => changes.extend(started.as_deref().map(release)),
    }
    changes
}

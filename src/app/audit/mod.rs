//! What is told of the use of the log itself: who used which key, who was turned away, what those did who run it. Kept in memory, written
//! every few seconds: no request waits for it, and a kill loses no more than that.

pub mod auditor;
pub mod read;
pub mod refusals;

use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::AppError;
use crate::app::execute::{WriteRequest, append_error, check_same_input};
use crate::app::hex::hex;
use crate::app::network::network;
use crate::clock::Clock;
use crate::domain::audit::{Act, AuditEvent, OperatorActed, stream_of};
use crate::domain::codec;
use crate::domain::envelope::{Envelope, Source};
use crate::store::notes::AuditNote;
use crate::store::registry::Registry;
use crate::store::{Append, AppendError, EventData, RecordedRequest, StoreError, StreamState, WriteResult};
use jiff::Timestamp;
use refusals::{Refusal, Refusals};
use std::collections::BTreeMap;
use std::net::IpAddr;
use tokio::sync::Mutex;
use uuid::Uuid;

/// Whoever may read the master key on the machine.
pub const COMMAND_LINE: &str = "command-line";
/// Notes of other processes that are taken at a time.
const NOTES_AT_ONCE: u32 = 200;
/// Events that wait while the store is away; older ones are given up.
const UNSENT_MAX: usize = 5_000;

/// What one process noticed.
#[derive(Debug, Default)]
pub struct Audit {
    pub refusals: Refusals,
    /// Not in the log yet. One at a time writes.
    unsent: Mutex<Vec<Append>>,
}

/// Where an act stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    pub stream: String,
    pub revision: u64,
    pub position: u64,
    /// This very request had not noted it before.
    pub is_new: bool,
}

/// Notes what was done on the command line, for the next server that writes: the log itself is not open here. Done is done: when it cannot
/// be noted, the command says so and goes on.
pub async fn note_act(
    (registry, clock): (&dyn Registry, &dyn Clock),
    act: Act,
    object: Option<&str>,
    about: &[(&str, String)],
) {
    let acted = acted(clock, act, (object, about));
    let data = codec::encode_audit(&AuditEvent::Acted(acted)).data;
    let note = AuditNote { note_id: clock.time_ordered_id(), noted_at_us: clock.now_us(), data };
    if let Err(error) = registry.put_audit_note(&note).await {
        tracing::warn!(%error, act = act.as_str(), "what was done here does not go into the audit: {error}");
    }
}

fn acted(clock: &dyn Clock, act: Act, (object, about): (Option<&str>, &[(&str, String)])) -> OperatorActed {
    let about: BTreeMap<String, String> =
        about.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    OperatorActed { act, by: COMMAND_LINE.to_owned(), object: object.map(str::to_owned), about, at: clock.now() }
}

impl App {
    /// Notes that somebody was turned away. A key says who it was; without one the address tells refusals of one place apart.
    pub fn note_refusal(
        &self,
        (operation, address): (String, Option<IpAddr>),
        caller: Option<&Principal>,
        (status, code): (u16, &'static str),
    ) {
        let hashed =
            |address: IpAddr| hex(&self.vault.input_hash(&[b"address", network(address).to_string().as_bytes()])[..8]);
        let address_hash = address.filter(|_| caller.is_none()).map(hashed);
        let key_id = caller.map(|principal| principal.key_id.clone());
        let refusal = Refusal { status, code, operation: Some(operation), key_id, address_hash };
        self.audit.refusals.note(refusal, self.clock.now_us());
    }

    /// Notes what a server itself did, such as that it began.
    pub async fn note_own_act(&self, act: Act, about: &[(&str, String)]) {
        let event = AuditEvent::Acted(acted(self.clock.as_ref(), act, (None, about)));
        let append = self.audited(&event);
        self.audit.unsent.lock().await.push(append);
    }

    /// The same of the command line, beside a server.
    pub async fn note_act(&self, act: Act, object: Option<&str>, about: &[(&str, String)]) {
        note_act((self.registry.as_ref(), self.clock.as_ref()), act, object, about).await;
    }

    /// Notes what somebody does by a request, before it is done: once for the request, so that it tells which of two repeats does it.
    pub(in crate::app) async fn note_act_of(
        &self,
        request: &WriteRequest,
        (act, object): (Act, &str),
        about: &[(&str, String)],
    ) -> Result<Noted, AppError> {
        let acted = acted(self.clock.as_ref(), act, (Some(object), about));
        let acted = OperatorActed { by: request.principal.key_id.clone(), ..acted };
        let encoded = codec::encode_audit(&AuditEvent::Acted(acted));
        let event = EventData {
            event_id: request.event_id(0),
            event_type: encoded.event_type.to_owned(),
            schema_version: encoded.schema_version,
            data: encoded.data,
            metadata: self.envelope(request).to_bytes(),
        };
        let stream = stream_of(self.profile.business_day(self.clock.now_us()));
        let mut append = Append::events(stream.clone(), StreamState::Any, vec![event]);
        append.request = Some(request.idempotency.clone());
        match self.store.append_to_stream(append).await {
            Ok(WriteResult { revision, position, already_recorded, .. }) => {
                Ok(Noted { stream, revision, position, is_new: !already_recorded })
            }
            Err(AppendError::RequestRecorded(first)) => {
                check_same_input(&request.idempotency, &first)?;
                let RecordedRequest { stream, revision, position, .. } = *first;
                Ok(Noted { stream, revision, position, is_new: false })
            }
            Err(error) => Err(append_error(error)),
        }
    }

    /// An event of the audit as it goes into the log, by itself: what is written twice is written once.
    fn audited(&self, event: &AuditEvent) -> Append {
        let encoded = codec::encode_audit(event);
        let actor = match event {
            AuditEvent::Refused(refused) => refused.key_id.clone().unwrap_or_else(|| "nobody".to_owned()),
            AuditEvent::KeyUsed(used) => used.key_id.clone(),
            AuditEvent::Acted(acted) => acted.by.clone(),
        };
        let event = (self.clock.time_ordered_id(), encoded.event_type, encoded.data);
        self.audited_as(event, (&actor, self.clock.now_us()))
    }

    fn audited_as(&self, (event_id, event_type, data): (Uuid, &str, Vec<u8>), (actor, at_us): (&str, i64)) -> Append {
        let envelope = Envelope {
            occurred_at: Timestamp::from_microsecond(at_us).unwrap_or(Timestamp::UNIX_EPOCH),
            actor: actor.to_owned(),
            source: Source::Process,
            correlation_id: event_id,
            causation_id: None,
            config_version: self.profile.version.clone(),
        };
        let event = EventData {
            event_id,
            event_type: event_type.to_owned(),
            schema_version: 1,
            data,
            metadata: envelope.to_bytes(),
        };
        Append::events(stream_of(self.profile.business_day(at_us)), StreamState::Any, vec![event])
    }

    /// Writes down what was noticed so far. What cannot be written now is kept for the next time.
    pub async fn write_noticed(&self, is_end: bool) {
        if let Err(error) = self.keys.write_uses(is_end).await {
            tracing::warn!(%error, "when keys were used last could not be written down: {error}");
        }
        let mut unsent = self.audit.unsent.lock().await;
        let now = self.clock.now_us();
        let refused = self.audit.refusals.due(now, is_end).into_iter().map(AuditEvent::Refused);
        let used = self.keys.counted_uses(&self.profile, is_end).into_iter().map(AuditEvent::KeyUsed);
        unsent.extend(refused.chain(used).map(|event| self.audited(&event)));
        let kept = self.append_audit(std::mem::take(&mut *unsent)).await;
        let given_up = kept.len().saturating_sub(UNSENT_MAX);
        if given_up > 0 {
            tracing::error!(given_up, "{given_up} events of the audit were given up: the store is away for too long");
        }
        *unsent = kept.into_iter().skip(given_up).collect();
        if let Err(error) = self.write_notes().await {
            tracing::warn!(%error, "notes of other processes could not be written into the log: {error}");
        }
    }

    /// Appends, and answers what did not get in.
    async fn append_audit(&self, appends: Vec<Append>) -> Vec<Append> {
        if appends.is_empty() {
            return appends;
        }
        let answers = self.store.append_batch(appends.clone()).await;
        let mut kept = Vec::new();
        for (append, answer) in appends.into_iter().zip(answers) {
            match answer {
                Ok(_) => {}
                Err(AppendError::Store(error)) => {
                    tracing::warn!(%error, "an event of the audit could not be written yet: {error}");
                    kept.push(append);
                }
                Err(error) => tracing::error!(%error, "an event of the audit is refused: {error}"),
            }
        }
        kept
    }

    /// Takes notes of processes that do not append into the log.
    async fn write_notes(&self) -> Result<(), StoreError> {
        for note in self.registry.audit_notes(NOTES_AT_ONCE).await? {
            let event = (note.note_id, "OperatorActed", note.data);
            let append = self.audited_as(event, (COMMAND_LINE, note.noted_at_us));
            if self.append_audit(vec![append]).await.is_empty() {
                self.registry.delete_audit_note(note.note_id).await?;
            }
        }
        Ok(())
    }
}

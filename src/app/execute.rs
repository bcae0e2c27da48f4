//! The way of every write: load the stream, fold, decide, append with what must be true beside it, answer.

use crate::app::App;
use crate::app::access::Principal;
use crate::app::aggregate::{Aggregate, Decided, decode_own, fold};
use crate::app::error::AppError;
use crate::app::imports::run::IMPORT_FILE;
use crate::domain::claims::{self, ClaimChange};
use crate::domain::envelope::{Envelope, Source};
use crate::store::{
    Append, AppendError, Direction, EventData, READ_LIMIT_MAX, RecordedEvent, RecordedRequest, StoreError, StreamState,
    VaultRow, WriteResult,
};
use jiff::Timestamp;
use uuid::Uuid;

/// A caller's idempotency key with the keyed hash of the inputs.
pub use crate::store::RequestKey;

/// How often a write is decided anew when others write to the same stream at the same time.
const CONTENTION_RETRIES_MAX: u32 = 16;

/// Namespace of event ids made from requests.
const REQUEST_NAMESPACE: Uuid = Uuid::from_bytes(*b"chitra-requests\0");

/// A request to write, as the door took it in.
#[derive(Debug, Clone)]
pub struct WriteRequest {
    pub principal: Principal,
    pub source: Source,
    /// Caller's key and the HMAC of the inputs.
    pub idempotency: RequestKey,
    /// The revision that `If-Match` named.
    pub if_match: Option<u64>,
    /// When it happened by the caller's account; now when the caller did not say.
    pub occurred_at: Option<Timestamp>,
}

/// What goes with the events into the same transaction.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    pub claims: Vec<ClaimChange>,
    pub vault: Vec<VaultRow>,
}

/// The answer of a write: the aggregate right after it.
#[derive(Debug, Clone)]
pub struct Written<A> {
    pub state: A,
    pub stream: String,
    pub revision: u64,
    pub position: u64,
    /// Events were appended (now, or when the key was first used).
    pub appended: bool,
    /// The first answer, given again.
    pub replayed: bool,
}

/// Whether a stream is to be begun or to be there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    New,
    Existing,
}

impl WriteRequest {
    /// The same request for another stream than the one that its key stands for. Callers' keys are visible characters: none is like this.
    #[must_use]
    pub fn beside(&self, part: &str) -> Self {
        let idempotency_key = format!("{}\u{1f}{part}", self.idempotency.idempotency_key);
        let idempotency = RequestKey { idempotency_key, ..self.idempotency.clone() };
        Self { idempotency, if_match: None, ..self.clone() }
    }

    /// The id of the request's n-th event: the same whenever the request is repeated.
    #[must_use]
    pub fn event_id(&self, ordinal: u32) -> Uuid {
        let name =
            [self.idempotency.caller.as_bytes(), self.idempotency.idempotency_key.as_bytes(), &ordinal.to_be_bytes()]
                .join(&0);
        Uuid::new_v5(&REQUEST_NAMESPACE, &name)
    }

    fn correlation_id(&self) -> Uuid {
        self.event_id(u32::MAX)
    }
}

impl App {
    /// Writes to one stream. `command` makes the command from the state (and checks that the caller may touch it).
    pub async fn execute<A: Aggregate>(
        &self,
        (stream, begin): (&str, Begin),
        request: &WriteRequest,
        beside: Beside,
        command: impl Fn(&A) -> Result<A::Command, AppError> + Send + Sync,
    ) -> Result<Written<A>, AppError> {
        self.execute_all((stream, begin), request, beside, |state: &A| command(state).map(|command| vec![command]))
            .await
    }

    /// Like [`Self::execute`] with several commands, decided one after the other and appended as one.
    pub async fn execute_all<A: Aggregate>(
        &self,
        (stream, begin): (&str, Begin),
        request: &WriteRequest,
        beside: Beside,
        commands: impl Fn(&A) -> Result<Vec<A::Command>, AppError> + Send + Sync,
    ) -> Result<Written<A>, AppError> {
        let _running = self.running.begin(&request.idempotency)?;
        let result = self.execute_once((stream, begin), request, beside, commands).await;
        match result {
            Ok(written) => Ok(written),
            Err(error) => self.replay_or::<A>(request, error).await,
        }
    }

    /// The first answer if the key was used before, otherwise the error.
    pub async fn replay_or<A: Aggregate>(
        &self,
        request: &WriteRequest,
        error: AppError,
    ) -> Result<Written<A>, AppError> {
        self.replay::<A>(&request.idempotency).await?.ok_or(error)
    }

    async fn execute_once<A: Aggregate>(
        &self,
        (stream, begin): (&str, Begin),
        request: &WriteRequest,
        beside: Beside,
        commands: impl Fn(&A) -> Result<Vec<A::Command>, AppError> + Send + Sync,
    ) -> Result<Written<A>, AppError> {
        for _ in 0..CONTENTION_RETRIES_MAX {
            let (state, append) = self.prepare((stream, begin), request, &beside, &commands).await?;
            let appended = !append.events.is_empty();
            match self.store.append_to_stream(append).await {
                Ok(result) => {
                    let WriteResult { revision, position, .. } = result;
                    let stream = stream.to_owned();
                    return Ok(Written { state, stream, revision, position, appended, replayed: false });
                }
                // Decided anew, unless the caller insisted on a revision.
                Err(AppendError::WrongExpectedVersion { actual, .. }) => {
                    if let (Some(_), Some(current)) = (request.if_match, actual) {
                        return Err(AppError::RevisionMoved { current });
                    }
                }
                Err(error) => return Err(append_error(error)),
            }
        }
        Err(AppError::Contended)
    }

    /// What a request appends to a stream as it stands now, and the state after that. Nothing is recorded.
    pub(super) async fn prepare<A: Aggregate>(
        &self,
        (stream, begin): (&str, Begin),
        request: &WriteRequest,
        beside: &Beside,
        commands: impl Fn(&A) -> Result<Vec<A::Command>, AppError> + Send + Sync,
    ) -> Result<(A, Append), AppError> {
        let recorded = match begin {
            Begin::New => Vec::new(),
            Begin::Existing => self.read_whole_stream(stream).await?,
        };
        let state = fold::<A>(&recorded)?;
        let revision = recorded.last().map(|event| event.revision);
        check_if_match(request.if_match, revision)?;
        let made = commands(&state)?;
        let expected = revision.map_or(StreamState::NoStream, StreamState::Revision);
        self.prepare_on((stream, expected, state), request, beside, &made)
    }

    /// The same from a state that is known.
    pub(super) fn prepare_on<A: Aggregate>(
        &self,
        (stream, expected, state): (&str, StreamState, A),
        request: &WriteRequest,
        beside: &Beside,
        commands: &[A::Command],
    ) -> Result<(A, Append), AppError> {
        let mut append = Append::events(stream, expected, Vec::new());
        append.request = Some(request.idempotency.clone());
        let state = self.decide_all(state, commands, request, &mut append)?;
        if !append.events.is_empty() {
            append.claims.extend(beside.claims.iter().cloned());
            append.vault.clone_from(&beside.vault);
        }
        Ok((state, append))
    }

    /// Decides the commands one after the other and puts their events and claims into the append. The state after them.
    fn decide_all<A: Aggregate>(
        &self,
        mut state: A,
        commands: &[A::Command],
        request: &WriteRequest,
        append: &mut Append,
    ) -> Result<A, AppError> {
        let metadata = self.envelope(request).to_bytes();
        for command in commands {
            let Decided::Events(events) = state.decide(command, self.clock.now())? else { continue };
            for event in &events {
                append.claims.extend(state.claims(event));
                state.evolve(event);
                let ordinal = u32::try_from(append.events.len()).unwrap_or(u32::MAX);
                append.events.push(event_data::<A>(event, request.event_id(ordinal), metadata.clone()));
            }
        }
        Ok(state)
    }

    pub(super) fn envelope(&self, request: &WriteRequest) -> Envelope {
        Envelope {
            occurred_at: request.occurred_at.unwrap_or_else(|| self.clock.now()),
            actor: request.principal.key_id.clone(),
            source: request.source,
            correlation_id: request.correlation_id(),
            causation_id: None,
            config_version: self.profile.version.clone(),
        }
    }

    /// All events of one stream. An aggregate's stream is short; the loop ends with the stream.
    pub async fn read_whole_stream(&self, stream: &str) -> Result<Vec<RecordedEvent>, StoreError> {
        match self.streams.ask(stream.to_owned()).await {
            // Too long to be read together with others: page by page.
            Err(StoreError::Rejected(_)) => {}
            answer => return answer,
        }
        let mut events = self.store.read_stream(stream, None, Direction::Forwards, READ_LIMIT_MAX).await?;
        let mut page = events.len();
        while page == READ_LIMIT_MAX as usize {
            let next = events.last().map(|event| event.revision + 1);
            let more = self.store.read_stream(stream, next, Direction::Forwards, READ_LIMIT_MAX).await?;
            page = more.len();
            events.extend(more);
        }
        Ok(events)
    }

    /// One aggregate as it stands, with its stream's revision and the position of its last event; `None` when it never was.
    pub async fn load<A: Aggregate>(&self, stream: &str) -> Result<Option<(A, RecordedEvent)>, AppError> {
        let mut events = self.read_whole_stream(stream).await?;
        let state = fold::<A>(&events)?;
        Ok(events.pop().map(|last| (state, last)))
    }

    /// The first answer of a request that was made before, rebuilt from its events; `None` when the key is fresh.
    pub(crate) async fn replay<A: Aggregate>(&self, key: &RequestKey) -> Result<Option<Written<A>>, AppError> {
        let Some(first) = self.store.find_request(&key.caller, &key.idempotency_key).await? else {
            return Ok(None);
        };
        check_same_input(key, &first)?;
        let mut state = A::default();
        for event in
            self.read_whole_stream(&first.stream).await?.iter().filter(|event| event.revision <= first.revision)
        {
            state.evolve(&decode_own::<A>(event)?);
        }
        Ok(Some(Written {
            state,
            stream: first.stream,
            revision: first.revision,
            position: first.position,
            appended: first.event_count > 0,
            replayed: true,
        }))
    }
}

/// An event as the store takes it.
#[must_use]
pub fn event_data<A: Aggregate>(event: &A::Event, event_id: Uuid, metadata: Vec<u8>) -> EventData {
    let encoded = A::encode(event);
    EventData {
        event_id,
        event_type: encoded.event_type.to_owned(),
        schema_version: encoded.schema_version,
        data: encoded.data,
        metadata,
    }
}

/// The same key with other inputs is an error that names the first object.
pub fn check_same_input(key: &RequestKey, first: &RecordedRequest) -> Result<(), AppError> {
    if key.input_hash == first.input_hash {
        return Ok(());
    }
    let first_object = first.stream.split_once('-').map_or(first.stream.as_str(), |(_, id)| id).to_owned();
    Err(AppError::IdempotencyKeyReused { first_object })
}

const fn check_if_match(asked: Option<u64>, revision: Option<u64>) -> Result<(), AppError> {
    match (asked, revision) {
        (Some(asked), Some(current)) if asked != current => Err(AppError::RevisionMoved { current }),
        _ => Ok(()),
    }
}

/// What a refused append means to the caller.
#[must_use]
pub fn append_error(error: AppendError) -> AppError {
    match error {
        AppendError::ClaimTaken { kind, stream } => taken(kind, &stream),
        // `execute` looks the request up and answers it again; reaching the caller means that it vanished in between.
        AppendError::RequestRecorded(_) => AppError::RequestInProgress,
        AppendError::Store(error) => AppError::Store(error),
        AppendError::WrongExpectedVersion { .. } | AppendError::BeforeRefused | AppendError::SeenMoved { .. } => {
            AppError::Contended
        }
        AppendError::CorruptedIdempotency { stream } => {
            AppError::Internal(format!("some events of one request are in {stream}, others are not"))
        }
        AppendError::Invalid(reason) => AppError::Internal(format!("an append was not valid: {reason}")),
    }
}

pub(super) fn taken(kind: &'static str, stream: &str) -> AppError {
    let holder = stream.split_once('-').map_or(stream, |(_, id)| id).to_owned();
    let (code, message) = match kind {
        claims::BENEFIT_MONTH => (
            "duplicate-benefit-month",
            "a live payment of this kind exists for this beneficiary, benefit type and month (of supplements: one of this amount); what is owed beside a regular payment is of kind arrears or supplement",
        ),
        claims::PAYMENT_REFERENCE => ("payment-reference-taken", "this payment_reference belongs to another payment"),
        IMPORT_FILE => ("import-in-progress", "this very file is being imported by someone else"),
        claims::DESK_CODE => ("desk-code-taken", "this code belongs to another desk"),
        claims::LIST_ITEM => {
            ("payment-on-another-list", "this payment's attempt is on a list already; take it off there first")
        }
        claims::BANK_KEY => {
            ("bank-key-registered", "this very key is registered already, in force or not; make a new one")
        }
        claims::WEBHOOK_PLACE => {
            ("webhooks-too-many", "the log has as many webhooks as it can; remove one that is no longer used")
        }
        claims::IDENTIFIER => ("identifier-taken", "this identifier belongs to another beneficiary"),
        _ => ("claim-taken", "another object holds what this one would take"),
    };
    AppError::Taken { code, message: message.to_owned(), holder }
}

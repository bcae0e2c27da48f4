//! A bank's message from its bytes to its verdicts: verified, read to its end, kept, then judged item by item. Coming again, or on another
//! server, or after a crash in between, it has the effect of coming once.

use super::inbox::InboxView;
use super::kept::Body;
use super::long::Stopped;
use super::registry::KnownBank;
use super::{inbox_id, principal_of};
use crate::app::App;
use crate::app::aggregate::inbox_stream;
use crate::app::error::AppError;
use crate::app::execute::{Begin, Beside, WriteRequest};
use crate::app::hex::hex;
use crate::app::running::RunningRequest;
use crate::banks::signature::{
    ClockWindow, JWS_HEADER, Scheme, SignatureError, Signed, Verified, check_headers, verify,
};
use crate::banks::{Head, Limits, Summary, check};
use crate::domain::envelope::Source;
use crate::domain::ids::{BankId, InboxId, VaultRef};
use crate::domain::inbox::{BankMessageReceived, Inbox, InboxCommand, OTHER_CONTENT, OTHERS_KEPT_MAX};
use crate::store::RequestKey;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::task::spawn_blocking;

/// The longest message over HTTP. Longer statements come as files.
pub const MESSAGE_BYTES_MAX: usize = 16 << 20;

/// What is answered to another message under the id of one that came.
const KEPT: (&str, &str) = (
    OTHER_CONTENT,
    "another message came under this message id before; this one is kept too, and a person will look at both. Send what differs under an id of its own",
);
const NOT_KEPT: (&str, &str) = (
    OTHERS_TOO_MANY,
    "too many other messages came under this message id before; this one is not kept, and nothing of it counts. Send it under an id of its own",
);
/// Its code, when so many came that it is not kept.
pub(super) const OTHERS_TOO_MANY: &str = "message-id-reused-not-kept";

/// One of these stands in every signed request.
const SIGNATURE_HEADERS: [&str; 2] = [JWS_HEADER, "webhook-signature"];

/// How a message came in: what vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameBy {
    pub key_id: String,
    pub scheme: &'static str,
}

impl From<Verified> for CameBy {
    fn from(verified: Verified) -> Self {
        let scheme = match verified.scheme {
            Scheme::Jws => "jws",
            Scheme::Webhook => "webhook",
        };
        Self { key_id: verified.key_id, scheme }
    }
}

impl CameBy {
    /// Out of a folder that the operator gave to the bank.
    #[must_use]
    pub fn folder() -> Self {
        Self { key_id: "folder".to_owned(), scheme: "folder" }
    }
}

/// Work on a message's bytes that takes long, off the threads that serve.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    spawn_blocking(work).await.map_err(|error| AppError::Internal(format!("a bank's message: {error}")))?
}

impl App {
    /// Refuses what by its headers alone does not count, before anybody reads its body: no signature, an unknown bank or key, another time.
    /// Answers what the log knows of the bank now.
    pub async fn check_bank_headers(
        &self,
        bank: &BankId,
        headers: &[(&str, &str)],
    ) -> Result<Arc<KnownBank>, AppError> {
        let bears =
            headers.iter().any(|(name, _)| SIGNATURE_HEADERS.iter().any(|known| name.eq_ignore_ascii_case(known)));
        if !bears {
            return Err(SignatureError::Missing.into());
        }
        // A bank that is not registered and a key that is not known answer alike.
        let known = self.known_bank(bank).await?.ok_or(SignatureError::KeyUnknown)?;
        check_headers(headers, &known.keys, &ClockWindow::at(self.clock.now()))?;
        Ok(known)
    }

    /// Takes a bank's signed message, whose headers were checked.
    pub async fn bank_callback(
        &self,
        (bank, known): (&BankId, Arc<KnownBank>),
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<InboxView, AppError> {
        let headers: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (body, clock) = (Arc::new(body), ClockWindow::at(self.clock.now()));
        let (signed, keys) = (Arc::clone(&body), Arc::clone(&known));
        let verified = off_thread(move || {
            let headers: Vec<(&str, &str)> =
                headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            Ok(verify(&Signed { headers: &headers, body: &signed }, &keys.keys, &clock)?)
        });
        let verified = verified.await?;
        self.take_message((bank, &known), &verified.into(), body).await
    }

    /// Takes a message that is the bank's.
    pub async fn take_message(
        &self,
        (bank, known): (&BankId, &KnownBank),
        came: &CameBy,
        body: Arc<Vec<u8>>,
    ) -> Result<InboxView, AppError> {
        let bytes = Arc::clone(&body);
        let read = off_thread(move || {
            let (head, summary) = check(bytes.as_slice(), &Limits::default())?;
            Ok((head, summary, hex(&Sha256::digest(bytes.as_slice()))))
        });
        let (head, summary, sha256) = read.await?;
        let id = inbox_id(bank, &head.message_id);
        if let Some(view) = self.take_at_once((bank, known, id), came, (&head, &summary), (&body, &sha256)).await {
            return Ok(view);
        }
        let state = self.keep_message((bank, id), came, (&head, &summary), (&body, &sha256)).await?;
        self.finish_message((bank, known, id), (state, &sha256), Some(Body::Whole(body)), &|| false).await
    }

    /// What follows when a message is kept: its verdicts, unless it has them. Without a body it is judged from what is kept.
    pub(super) async fn finish_message(
        &self,
        (bank, known, id): (&BankId, &KnownBank, InboxId),
        (state, sha256): (Inbox, &str),
        body: Option<Body>,
        stopped: Stopped<'_>,
    ) -> Result<InboxView, AppError> {
        let first = state.received.as_ref();
        if first.is_some_and(|first| first.sha256 != sha256) {
            let (code, message) = if state.keeps(sha256) { KEPT } else { NOT_KEPT };
            return Err(AppError::Taken { code, message: message.to_owned(), holder: id.to_string() });
        }
        if let (None, Some(first)) = (&state.applied, first) {
            let body = match body {
                Some(body) => Some(body),
                None => self.kept_message(id, first.body_ref).await?,
            };
            let body = body.ok_or(AppError::NotFound("message"))?;
            self.give_verdicts((bank, known), id, &body, stopped).await?;
        }
        self.load_inbox(id).await
    }

    /// Held while a message is judged: who looks for left-over ones passes it over. `None` when somebody is at it.
    pub(super) fn begin_judging(&self, bank: &BankId, id: InboxId) -> Option<RunningRequest> {
        let request = self.bank_request(bank, format!("{id}-judging"));
        self.running.begin(&request.idempotency).ok()
    }

    /// Judges a message that was kept, and records what that came to.
    pub(super) async fn give_verdicts(
        &self,
        (bank, known): (&BankId, &KnownBank),
        id: InboxId,
        body: &Body,
        stopped: Stopped<'_>,
    ) -> Result<(), AppError> {
        let _judging = self.begin_judging(bank, id);
        let command = InboxCommand::Judge(self.judge_message(bank, id, (body, &known.mapping), stopped).await?);
        let request = self.inbox_request(bank, id, "judge");
        let stream = inbox_stream(id);
        self.execute((&stream, Begin::Existing), &request, Beside::default(), |_: &Inbox| Ok(command.clone())).await?;
        Ok(())
    }

    /// Keeps the message's bytes, unless they are kept already. The state after.
    async fn keep_message(
        &self,
        (bank, id): (&BankId, InboxId),
        came: &CameBy,
        (head, summary): (&Head, &Summary),
        (body, sha256): (&[u8], &str),
    ) -> Result<Inbox, AppError> {
        let stream = inbox_stream(id);
        if let Some((state, _)) = self.load::<Inbox>(&stream).await?
            && (state.keeps(sha256) || state.others().count() >= OTHERS_KEPT_MAX)
        {
            return Ok(state);
        }
        let (body_ref, rows) = self.vault.seal_message(body)?;
        let body_ref = VaultRef::from_uuid(body_ref);
        let command =
            InboxCommand::Receive(self.received(bank, came, (head, summary), (body.len() as u64, sha256, body_ref)));
        let beside = Beside { claims: Vec::new(), vault: rows };
        let request = self.inbox_request(bank, id, "receive");
        let written =
            self.execute((&stream, Begin::Existing), &request, beside, |_: &Inbox| Ok(command.clone())).await?;
        Ok(written.state)
    }

    /// What the log says of a message that came.
    pub(super) fn received(
        &self,
        bank: &BankId,
        came: &CameBy,
        (head, summary): (&Head, &Summary),
        (bytes, sha256, body_ref): (u64, &str, VaultRef),
    ) -> BankMessageReceived {
        BankMessageReceived {
            bank: bank.clone(),
            key_id: came.key_id.clone(),
            scheme: came.scheme.to_owned(),
            format: head.kind.as_str().to_owned(),
            version: head.version.clone(),
            sha256: sha256.to_owned(),
            bytes,
            items: summary.items,
            body_ref,
            statements: self.statement_numbers(head, summary),
        }
    }

    /// Each try is a request of its own: what the stream holds decides whether it still has an effect.
    pub(super) fn inbox_request(&self, bank: &BankId, id: InboxId, deed: &str) -> WriteRequest {
        let key = format!("{id}-{deed}-{}", self.clock.opaque_id());
        self.bank_request(bank, key)
    }

    /// A request of the bank under a key.
    pub(super) fn bank_request(&self, bank: &BankId, idempotency_key: String) -> WriteRequest {
        let principal = principal_of(bank);
        let input_hash = self.vault.input_hash(&[idempotency_key.as_bytes()]);
        let idempotency = RequestKey { caller: principal.key_id.clone(), idempotency_key, input_hash };
        WriteRequest { principal, source: Source::Bank, idempotency, if_match: None, occurred_at: None }
    }
}

//! A bank's message from its bytes to its verdicts: verified, read to its end, kept, then judged item by item. Coming again, or on another
//! server, or after a crash in between, it has the effect of coming once.

use super::{inbox_id, principal_of};
use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::aggregate::inbox_stream;
use crate::app::error::AppError;
use crate::app::execute::{Begin, Beside, WriteRequest, Written};
use crate::app::imports::source::hex;
use crate::app::lookup;
use crate::banks::signature::{ClockWindow, Scheme, SignatureError, Signed, Verified, verify};
use crate::banks::{Head, Limits, Summary, check};
use crate::domain::envelope::Source;
use crate::domain::ids::{BankId, InboxId, VaultRef};
use crate::domain::inbox::{BankMessageReceived, Inbox, InboxCommand, InboxRefusal};
use crate::store::RequestKey;
use crate::vault::own::BANK_MESSAGE;
use sha2::{Digest, Sha256};

/// The longest message over HTTP. Longer statements come as files.
pub const MESSAGE_BYTES_MAX: usize = 16 << 20;

/// A message with its verdicts.
#[derive(Debug, Clone)]
pub struct InboxView {
    pub id: InboxId,
    pub state: Inbox,
    pub position: u64,
    pub revision: u64,
}

impl App {
    /// Takes a bank's message.
    pub async fn bank_callback(
        &self,
        bank: &BankId,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<InboxView, AppError> {
        // A bank that is not registered and a key that is not known answer alike.
        let known = self.known_bank(bank).await?.ok_or(SignatureError::KeyUnknown)?;
        let verified = verify(&Signed { headers, body }, &known.keys, &ClockWindow::at(self.clock.now()))?;
        let (head, summary) = check(body, &Limits::default())?;
        let id = inbox_id(bank, &head.message_id);
        let sha256 = hex(&Sha256::digest(body));
        let received = self.receive(bank, id, (&verified, &head, &summary), (body, &sha256)).await?;
        if received.state.received.as_ref().is_some_and(|known| known.sha256 != sha256) {
            let message =
                "another message came under this message id before; it is kept, and a person will look at both";
            let code = crate::domain::inbox::OTHER_CONTENT;
            return Err(AppError::Taken { code, message: message.to_owned(), holder: id.to_string() });
        }
        if received.state.applied.is_none() {
            let judged = self.judge_message(bank, id, (body, &known.mapping)).await?;
            let request = self.inbox_request(bank, id, "judge");
            let stream = inbox_stream(id);
            let command = InboxCommand::Judge(judged);
            self.execute((&stream, Begin::Existing), &request, Beside::default(), |_: &Inbox| Ok(command.clone()))
                .await?;
        }
        self.load_inbox(id).await
    }

    async fn receive(
        &self,
        bank: &BankId,
        id: InboxId,
        (verified, head, summary): (&Verified, &Head, &Summary),
        (body, sha256): (&[u8], &str),
    ) -> Result<Written<Inbox>, AppError> {
        let (body_ref, rows) = self.vault.seal_own(id.as_uuid(), BANK_MESSAGE, body).await?;
        let scheme = match verified.scheme {
            Scheme::Jws => "jws",
            Scheme::Webhook => "webhook",
        };
        let command = InboxCommand::Receive(BankMessageReceived {
            bank: bank.clone(),
            key_id: verified.key_id.clone(),
            scheme: scheme.to_owned(),
            format: head.kind.as_str().to_owned(),
            version: head.version.clone(),
            sha256: sha256.to_owned(),
            bytes: u64::try_from(body.len()).unwrap_or(u64::MAX),
            items: summary.items,
            body_ref: VaultRef::from_uuid(body_ref),
        });
        let beside = Beside { claims: Vec::new(), vault: rows };
        let request = self.inbox_request(bank, id, "receive");
        let stream = inbox_stream(id);
        self.execute((&stream, Begin::Existing), &request, beside, |_: &Inbox| Ok(command.clone())).await
    }

    /// Each try is a request of its own: what the stream holds decides whether it still has an effect.
    fn inbox_request(&self, bank: &BankId, id: InboxId, deed: &str) -> WriteRequest {
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

    async fn load_inbox(&self, id: InboxId) -> Result<InboxView, AppError> {
        let found = self.load::<Inbox>(&inbox_stream(id)).await?;
        let (state, last) = found.ok_or(InboxRefusal::NotReceived)?;
        Ok(InboxView { id, state, position: last.position, revision: last.revision })
    }

    /// A message with its verdicts, for whom it concerns: its bank, and the agency's own people.
    pub async fn read_inbox(&self, principal: &Principal, id: InboxId) -> Result<InboxView, AppError> {
        let view = self.load_inbox(id).await?;
        check_reach(principal, Action::ReadInbox, &view.state)?;
        Ok(view)
    }

    /// Records that a person dealt with an item.
    pub async fn resolve_inbox(
        &self,
        request: &WriteRequest,
        id: InboxId,
        (item, reason): (u64, String),
    ) -> Result<Written<Inbox>, AppError> {
        let stream = inbox_stream(id);
        let command = InboxCommand::Resolve { item, reason };
        self.execute((&stream, Begin::Existing), request, Beside::default(), |state: &Inbox| {
            check_reach(&request.principal, Action::ResolveInbox, state)?;
            Ok(command.clone())
        })
        .await
    }
}

fn check_reach(principal: &Principal, action: Action, state: &Inbox) -> Result<(), AppError> {
    let of_bank = state.received.as_ref().map(|received| &received.bank);
    match principal.reach(action) {
        Reach::WholeLog | Reach::Everything => Ok(()),
        Reach::Bank if of_bank.is_some() && principal.bank.as_ref() == of_bank => Ok(()),
        Reach::Bank | Reach::Units | Reach::Nothing => Err(lookup::out_of_reach()),
    }
}

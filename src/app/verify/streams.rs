//! The walk by stream: revisions, and each stream folded once for the claims and once for the money.

use super::claims::ClaimCheck;
use super::lists::ListCheck;
use super::money::MoneyCheck;
use super::report::{Check, Finding, Findings};
use crate::app::App;
use crate::app::aggregate::{beneficiary_of_stream, decode_own, list_of_stream};
use crate::app::error::AppError;
use crate::app::imports::{import_of_stream, run};
use crate::domain::bank::Bank;
use crate::domain::claims::{self, ClaimChange};
use crate::domain::codec::{self, DomainEvent};
use crate::domain::desk::Desk;
use crate::domain::ids::BeneficiaryId;
use crate::domain::import::ImportStarted;
use crate::domain::list::PaymentList;
use crate::domain::payment::Payment;
use crate::domain::recovery::Recovery;
use crate::domain::webhook::Webhook;
use crate::store::{RecordedEvent, StoreError};

/// Events of one page.
const PAGE_EVENTS: u32 = 5_000;

/// What a stream is about, with what its next event needs to know.
enum Kind {
    Payment(Box<Payment>),
    Import(Option<Box<ImportStarted>>),
    List(Box<PaymentList>),
    Beneficiary(BeneficiaryId),
    Recovery(Box<Recovery>),
    Desk,
    Bank,
    Webhook,
    /// Another program's, or one of ours that can no longer be folded.
    Other,
}

/// The stream that the walk is in.
struct Current {
    stream: String,
    next_revision: u64,
    last_position: u64,
    kind: Kind,
}

/// The walk and how far it has come.
pub(super) struct StreamWalk<'a> {
    app: &'a App,
    head: u64,
    streams: u64,
}

impl<'a> StreamWalk<'a> {
    pub const fn new(app: &'a App, head: u64) -> Self {
        Self { app, head, streams: 0 }
    }

    /// How many streams there are.
    pub const fn streams(&self) -> u64 {
        self.streams
    }

    /// Walks over all streams, as far as they are before the head. False when a row could not be read: then nothing can be said of sums.
    pub async fn run(
        &mut self,
        (claims, money, lists): (&mut ClaimCheck, &mut MoneyCheck, &mut ListCheck),
        findings: &mut Findings,
        tell: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<bool, AppError> {
        let mut current: Option<Current> = None;
        let mut after: Option<(String, u64)> = None;
        let mut done = 0;
        loop {
            let place = after.as_ref().map(|(stream, revision)| (stream.as_str(), *revision));
            let page = match self.app.store.read_by_stream(place, PAGE_EVENTS).await {
                Ok(page) => page,
                // The walk by position says which row it is.
                Err(StoreError::Corrupt(_)) => return Ok(false),
                Err(error) => return Err(error.into()),
            };
            let Some(last) = page.last() else { break };
            after = Some((last.stream.clone(), last.revision));
            done += page.len() as u64;
            for event in page.iter().filter(|event| event.position <= self.head) {
                if current.as_ref().is_none_or(|current| current.stream != event.stream) {
                    end(current.take(), (claims, money, lists), findings);
                    self.streams += 1;
                    current = Some(begin(event));
                }
                if let Some(current) = &mut current {
                    current.event(event, (claims, money, lists), findings);
                }
            }
            claims.flush(self.app, findings).await?;
            lists.flush(self.app, findings).await?;
            tell(done.min(self.head));
        }
        end(current, (claims, money, lists), findings);
        lists.flush(self.app, findings).await?;
        claims.flush(self.app, findings).await?;
        Ok(true)
    }
}

fn begin(event: &RecordedEvent) -> Current {
    let stream = event.stream.clone();
    let kind = if stream.starts_with("payment-") {
        Kind::Payment(Box::default())
    } else if import_of_stream(&stream).is_some() {
        Kind::Import(None)
    } else if list_of_stream(&stream).is_some() {
        Kind::List(Box::default())
    } else if let Some(id) = beneficiary_of_stream(&stream) {
        Kind::Beneficiary(id)
    } else if stream.starts_with("recovery-") {
        Kind::Recovery(Box::default())
    } else if stream.starts_with("desk-") {
        Kind::Desk
    } else if stream.starts_with("bank-") {
        Kind::Bank
    } else if stream.starts_with("webhook-") {
        Kind::Webhook
    } else {
        Kind::Other
    };
    Current { stream, next_revision: 0, last_position: 0, kind }
}

fn end(
    current: Option<Current>,
    (claims, money, lists): (&mut ClaimCheck, &mut MoneyCheck, &mut ListCheck),
    findings: &mut Findings,
) {
    let Some(current) = current else { return };
    claims.end(&current.stream);
    money.end();
    lists.end();
    match &current.kind {
        Kind::Payment(state) => money.recoveries.payment(state, current.last_position),
        Kind::Recovery(state) => money.recoveries.recovery(state, current.last_position, findings),
        Kind::Import(_)
        | Kind::List(_)
        | Kind::Beneficiary(_)
        | Kind::Desk
        | Kind::Bank
        | Kind::Webhook
        | Kind::Other => {}
    }
}

impl Current {
    fn event(
        &mut self,
        event: &RecordedEvent,
        (claims, money, lists): (&mut ClaimCheck, &mut MoneyCheck, &mut ListCheck),
        findings: &mut Findings,
    ) {
        if event.revision != self.next_revision {
            let message = format!("revision {} follows where {} should", event.revision, self.next_revision);
            findings.add(Finding::at(Check::Revisions, event, message));
        } else if event.position <= self.last_position {
            let message =
                format!("the event before it in its stream stands later in the log, at {}", self.last_position);
            findings.add(Finding::at(Check::Revisions, event, message));
        }
        self.next_revision = event.revision + 1;
        self.last_position = event.position;
        match &mut self.kind {
            Kind::Payment(state) => {
                // What cannot be read was reported by the walk by position; nothing after it can be folded.
                let Ok(read) = decode_own::<Payment>(event) else {
                    self.kind = Kind::Other;
                    return;
                };
                claims.change(event.position, claims::of_payment_event(state, &read));
                state.evolve(&read);
                money.event(event, (&read, state), findings);
            }
            Kind::Import(started) => claims.change(event.position, import_changes(event, started)),
            Kind::Desk => {
                if let Ok(read) = decode_own::<Desk>(event) {
                    claims.change(event.position, claims::of_desk_event(&read));
                }
            }
            Kind::Bank => {
                if let Ok(read) = decode_own::<Bank>(event) {
                    claims.change(event.position, claims::of_bank_event(&read));
                }
            }
            Kind::Webhook => {
                if let Ok(read) = decode_own::<Webhook>(event) {
                    claims.change(event.position, claims::of_webhook_event(&read));
                }
            }
            Kind::List(state) => {
                if let Ok(read) = decode_own::<PaymentList>(event) {
                    claims.change(event.position, claims::of_list_event(&read));
                }
                if !lists.event(event, state, findings) {
                    self.kind = Kind::Other;
                }
            }
            Kind::Beneficiary(id) => {
                money.recoveries.person(*id, event);
                if event.revision == 0 {
                    claims.person(event);
                }
            }
            Kind::Recovery(state) => match decode_own::<Recovery>(event) {
                Ok(read) => state.evolve(&read),
                Err(_) => self.kind = Kind::Other,
            },
            Kind::Other => {}
        }
    }
}

fn import_changes(event: &RecordedEvent, started: &mut Option<Box<ImportStarted>>) -> Vec<ClaimChange> {
    let read = codec::decode(&event.event_type, event.schema_version, &event.data);
    let Ok(Some(DomainEvent::Import(read))) = read else { return Vec::new() };
    run::claim_changes(read, started)
}

//! Appending to a stream of ours: the event is held against what the rules make of the request that it stands for. Either that very event is
//! recorded, with all that belongs to it, or nothing is.

use super::append::{Appended, TRIES_MAX};
use super::content::Proposed;
use super::domain::{Asked, asked};
use super::held::{Sent, differs, stands};
use super::refusal::Refusal;
use super::rights::StreamCaller;
use super::strict;
use super::{StreamState, StreamsError};
use crate::app::App;
use crate::app::access::{Principal, Reach};
use crate::app::aggregate::{
    Aggregate, Decided, beneficiary_of_stream, beneficiary_stream, fold, payment_of_stream, payment_stream,
};
use crate::app::changes::Prepared;
use crate::app::error::AppError;
use crate::app::execute::{RequestKey, WriteRequest, append_error, event_data};
use crate::app::lookup::out_of_reach;
use crate::app::reports::Report;
use crate::domain::beneficiary::Beneficiary;
use crate::domain::claims::{self, ClaimChange};
use crate::domain::codec::{self, DomainEvent};
use crate::domain::envelope::Source;
use crate::domain::ids::{BeneficiaryId, PaymentId};
use crate::domain::payment::{Payment, PaymentCommand};
use crate::store::{Append, AppendError, EventData};

/// Events in one append to a stream of ours: each is decided by itself.
const OWN_EVENTS_MAX: usize = 100;

/// An object of ours whose stream others may append to.
#[derive(Debug, Clone, Copy)]
enum Object {
    Payment(PaymentId),
    Beneficiary(BeneficiaryId),
}

impl Object {
    /// Only by the name that we give the stream: an id can be written in several ways.
    fn of(stream: &str) -> Result<Self, Refusal> {
        let payment = payment_of_stream(stream).filter(|id| payment_stream(*id) == stream).map(Self::Payment);
        let person = || beneficiary_of_stream(stream).filter(|id| beneficiary_stream(*id) == stream);
        payment.or_else(|| person().map(Self::Beneficiary)).ok_or_else(|| {
            Refusal::new(
                "only-through-rest",
                "streams of this category are written by the rules behind the REST API; events are taken to payment-ID and beneficiary-ID, with the id in small letters",
            )
        })
    }
}

/// What becomes of an append to a stream of ours.
pub(super) enum Own {
    /// These events stand already. The same append again tells so beside others.
    Repeated(Appended, Box<Append>),
    /// There was nothing new in it.
    Unchanged(Appended),
    New(Box<OwnAppend>),
}

/// An append that the rules allow, as the stream stands now.
pub(super) struct OwnAppend {
    pub append: Append,
    /// Decided anew when the claim turns out to be another's by then.
    pub settles: bool,
}

impl App {
    /// Appends to a stream of ours what the rules make of it.
    pub(super) async fn append_own(
        &self,
        caller: &StreamCaller,
        (stream, expected): (&str, StreamState),
        proposed: &[Proposed],
    ) -> Result<Appended, StreamsError> {
        for _ in 0..TRIES_MAX {
            let OwnAppend { append, settles } = match self.prepare_own(caller, (stream, expected), proposed).await? {
                Own::Repeated(appended, _) | Own::Unchanged(appended) => return Ok(appended),
                Own::New(new) => *new,
            };
            match self.store.append_to_stream(append).await {
                Ok(written) => return Ok(written.into()),
                // Others were quicker: it is decided anew.
                Err(AppendError::WrongExpectedVersion { .. } | AppendError::SeenMoved { .. }) => {}
                Err(AppendError::ClaimTaken { .. }) if settles => {}
                Err(error) => return Err(append_error(error).into()),
            }
        }
        Err(StreamsError::Contended { stream: stream.to_owned() })
    }

    /// What an append to a stream of ours would write, as the stream stands now. Nothing is recorded.
    pub(super) async fn prepare_own(
        &self,
        caller: &StreamCaller,
        (stream, expected): (&str, StreamState),
        proposed: &[Proposed],
    ) -> Result<Own, StreamsError> {
        let object = Object::of(stream)?;
        let principal = match caller {
            StreamCaller::Key(principal) => principal.clone(),
            StreamCaller::Anyone => Principal::local(caller.actor()),
        };
        let sent = self.sent(&principal, object, proposed)?;
        let recorded = self.read_whole_stream(stream).await?;
        let request = request(principal, &sent);
        let mut append = Append::events(stream, StreamState::NoStream, Vec::new());
        if let Some(last) = recorded.last() {
            append.expected = StreamState::Revision(last.revision);
        }
        match object {
            Object::Payment(id) => {
                let state = fold::<Payment>(&recorded)?;
                self.check_own_payment(&request.principal, &state, &sent)?;
                if let Some(place) = stands(stream, &recorded, expected, &sent)? {
                    return Ok(repeated(place, (stream, expected), &sent));
                }
                self.decide_payment((id, state), &request, &sent, &mut append).await?;
            }
            Object::Beneficiary(id) => {
                let state = fold::<Beneficiary>(&recorded)?;
                self.check_own_person(&request.principal, &state, &sent)?;
                if let Some(place) = stands(stream, &recorded, expected, &sent)? {
                    return Ok(repeated(place, (stream, expected), &sent));
                }
                self.decide_person((id, state), &request, &sent, &mut append).await?;
            }
        }
        if append.events.is_empty() {
            return Ok(Own::Unchanged(Appended {
                revision: recorded.last().map(|last| last.revision),
                position: recorded.last().map(|last| last.position),
            }));
        }
        let settles = sent.iter().any(|sent| match &sent.asked {
            Asked::Report(report) => matches!(**report, Report::Settle { .. }),
            Asked::Order(..) | Asked::Change(_) => false,
        });
        Ok(Own::New(Box::new(OwnAppend { append, settles })))
    }

    /// The events as requests that the caller's role allows.
    fn sent(&self, principal: &Principal, object: Object, proposed: &[Proposed]) -> Result<Vec<Sent>, StreamsError> {
        if proposed.is_empty() || proposed.len() > OWN_EVENTS_MAX {
            return Err(StreamsError::Invalid(format!(
                "An append to a stream of this category has 1 to {OWN_EVENTS_MAX} events."
            )));
        }
        let mut sent: Vec<Sent> = Vec::with_capacity(proposed.len());
        for event in proposed {
            if sent.iter().any(|other| other.id == event.event_id) {
                return Err(StreamsError::Invalid("Two events of one append have the same id.".to_owned()));
            }
            let read = strict::read(&event.event_type, &event.data)?;
            let belongs = matches!(
                (object, &read),
                (Object::Payment(_), DomainEvent::Payment(_)) | (Object::Beneficiary(_), DomainEvent::Beneficiary(_))
            );
            if !belongs {
                let reason = format!("{} does not belong in a stream of this category", event.event_type);
                return Err(Refusal::new("event-elsewhere", reason).into());
            }
            let asked = asked(&self.profile, &read)?;
            if principal.reach(asked.action()) == Reach::Nothing {
                return Err(Refusal::new("role-not-allowed", "your key's role does not allow this").into());
            }
            if let (Object::Payment(id), Asked::Order(named, _)) = (object, &asked)
                && (*named != id || proposed.len() > 1)
            {
                let reason = "/payment_id names the stream's payment, and an order is appended alone";
                return Err(Refusal::new("invalid-input", reason).into());
            }
            sent.push(Sent { id: event.event_id, encoded: codec::encode(&read), asked });
        }
        Ok(sent)
    }

    /// Whether the payment, if it is there, is within the caller's reach for all that is asked.
    fn check_own_payment(&self, principal: &Principal, state: &Payment, sent: &[Sent]) -> Result<(), AppError> {
        let Some(payment) = &state.instructed else { return Ok(()) };
        sent.iter().try_for_each(|sent| self.check_payment_reach(principal, sent.asked.action(), payment))
    }

    fn check_own_person(&self, principal: &Principal, state: &Beneficiary, sent: &[Sent]) -> Result<(), AppError> {
        let Some(person) = &state.registered else { return Ok(()) };
        let today = self.profile.business_day(self.clock.now_us());
        let unit = person.unit_on(today).ok_or_else(out_of_reach)?;
        sent.iter().try_for_each(|sent| self.check_reach(principal, sent.asked.action(), unit.as_str(), None))
    }

    async fn decide_payment(
        &self,
        (id, mut state): (PaymentId, Payment),
        request: &WriteRequest,
        sent: &[Sent],
        append: &mut Append,
    ) -> Result<(), StreamsError> {
        for one in sent {
            match &one.asked {
                Asked::Order(_, input) => {
                    let (_, command, beside) = self.prepare_order(request, (**input).clone(), id).await?;
                    append.vault.extend(beside.vault);
                    self.keep(&mut state, &command, (one, request), append)?;
                }
                Asked::Report(report) => {
                    let (mut command, beside) = self.report_command(request, (id, report), &state).await?;
                    append.vault.extend(beside.vault);
                    self.look_for_months(&append.stream, &state, &mut command).await?;
                    self.keep(&mut state, &command, (one, request), append)?;
                }
                Asked::Change(_) => return Err(Refusal::new("event-elsewhere", "it is of a beneficiary").into()),
            }
        }
        Ok(())
    }

    /// Money of a cancelled payment holds its months again only while they are free.
    async fn look_for_months(
        &self,
        stream: &str,
        state: &Payment,
        command: &mut PaymentCommand,
    ) -> Result<(), StreamsError> {
        if !matches!(command, PaymentCommand::Settle { .. }) {
            return Ok(());
        }
        let Ok(Decided::Events(made)) = Aggregate::decide(state, command, self.clock.now()) else { return Ok(()) };
        let takes = |claim: &ClaimChange| claim.take && claim.kind == claims::BENEFIT_MONTH;
        let keys: Vec<Vec<u8>> = made
            .iter()
            .flat_map(|event| Aggregate::claims(state, event))
            .filter(takes)
            .map(|claim| claim.key)
            .collect();
        if keys.is_empty() {
            return Ok(());
        }
        let holders = self.store.find_claims(claims::BENEFIT_MONTH, &keys).await?;
        if let PaymentCommand::Settle { months_free, .. } = command
            && holders.into_iter().flatten().any(|holder| holder != stream)
        {
            *months_free = false;
        }
        Ok(())
    }

    async fn decide_person(
        &self,
        (id, mut state): (BeneficiaryId, Beneficiary),
        request: &WriteRequest,
        sent: &[Sent],
        append: &mut Append,
    ) -> Result<(), StreamsError> {
        for one in sent {
            let Asked::Change(change) = &one.asked else {
                return Err(Refusal::new("event-elsewhere", "it is of a payment").into());
            };
            let person = state.registered.clone().ok_or(AppError::NotFound("beneficiary"))?;
            let Prepared { command, beside, .. } = self.prepare_change_of(id, person, change).await?;
            append.vault.extend(beside.vault);
            append.claims.extend(beside.claims);
            self.keep(&mut state, &command, (one, request), append)?;
        }
        Ok(())
    }

    /// Decides, and keeps the event if it is the one that was sent. What is recorded already is kept no second time.
    fn keep<A: Aggregate>(
        &self,
        state: &mut A,
        command: &A::Command,
        (sent, request): (&Sent, &WriteRequest),
        append: &mut Append,
    ) -> Result<(), StreamsError> {
        let Decided::Events(made) = state.decide(command, self.clock.now())? else { return Ok(()) };
        let metadata = self.envelope(request).to_bytes();
        let [event] = &made[..] else {
            return Err(Refusal::new("event-differs", "the rules make several events of this; use the REST API").into());
        };
        differs(&sent.encoded, &A::encode(event))?;
        append.claims.extend(state.claims(event));
        state.evolve(event);
        append.events.push(event_data::<A>(event, sent.id, metadata));
        Ok(())
    }
}

/// Only what the events are known by matters: nothing of it is written.
fn repeated(place: Appended, (stream, expected): (&str, StreamState), sent: &[Sent]) -> Own {
    let event = |sent: &Sent| EventData {
        event_id: sent.id,
        event_type: sent.encoded.event_type.to_owned(),
        schema_version: sent.encoded.schema_version,
        data: sent.encoded.data.clone(),
        metadata: Vec::new(),
    };
    Own::Repeated(place, Box::new(Append::events(stream, expected, sent.iter().map(event).collect())))
}

fn request(principal: Principal, sent: &[Sent]) -> WriteRequest {
    let idempotency_key = sent.first().map(|sent| sent.id.to_string()).unwrap_or_default();
    let idempotency = RequestKey { caller: principal.key_id.clone(), idempotency_key, input_hash: [0; 32] };
    WriteRequest { principal, source: Source::EventStore, idempotency, if_match: None, occurred_at: None }
}

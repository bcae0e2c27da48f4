//! One recorded event as a projection sees it: decoded, with its place in the log and the object that it is about.

use crate::domain::approval::ApprovalEvent;
use crate::domain::beneficiary::BeneficiaryEvent;
use crate::domain::codec::{self, DomainEvent};
use crate::domain::desk::DeskEvent;
use crate::domain::figure::FigureEvent;
use crate::domain::ids::{ApprovalId, BeneficiaryId, DeskId, FigureId, InboxId, ListId, PaymentId, RecoveryId};
use crate::domain::inbox::InboxEvent;
use crate::domain::list::ListEvent;
use crate::domain::payment::PaymentEvent;
use crate::domain::recovery::RecoveryEvent;
use crate::projections::audit::AuditLine;
use crate::projections::error::{Cause, ProjectionError};
use std::collections::BTreeMap;

/// A recorded event of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its place in the log.
    pub position: u64,
    /// Its place in its stream, from 0.
    pub revision: u64,
    /// Microseconds since the Unix epoch.
    pub recorded_at_us: i64,
    /// What happened to whom.
    pub subject: Subject,
}

/// What happened to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// To a payment.
    Payment(PaymentId, PaymentEvent),
    /// To a beneficiary.
    Beneficiary(BeneficiaryId, BeneficiaryEvent),
    /// To a recovery.
    Recovery(RecoveryId, RecoveryEvent),
    /// To an approval.
    Approval(ApprovalId, ApprovalEvent),
    /// To a cash desk.
    Desk(DeskId, DeskEvent),
    /// To a payment list.
    List(ListId, ListEvent),
    /// To a bank's message.
    Inbox(InboxId, InboxEvent),
    /// To a cited figure.
    Figure(FigureId, FigureEvent),
    /// Told of the use of the log.
    Audit(Box<AuditLine>),
}

/// The ids of the objects of one kind whose rows a batch needs, each once. An object that begins in the batch has no row yet.
pub fn ids_of<T: Ord>(facts: &[Fact], id: impl Fn(&Subject) -> Option<T>) -> Vec<T> {
    let mut has_row: BTreeMap<T, bool> = BTreeMap::new();
    for fact in facts {
        if let Some(id) = id(&fact.subject) {
            has_row.entry(id).or_insert(fact.revision > 0);
        }
    }
    has_row.into_iter().filter_map(|(id, has_row)| has_row.then_some(id)).collect()
}

/// A recorded event as the log holds it.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// Its place in the log.
    pub position: u64,
    /// Its stream.
    pub stream: &'a str,
    /// Its place in the stream.
    pub revision: u64,
    /// Microseconds since the Unix epoch.
    pub recorded_at_us: i64,
    /// Its stored type.
    pub event_type: &'a str,
    /// That type's version.
    pub schema_version: u16,
    /// Its bytes.
    pub data: &'a [u8],
    /// What stands around it, as bytes.
    pub metadata: &'a [u8],
}

impl Fact {
    /// Reads a recorded event. `None` for what concerns no projection: other programs' streams and types, and imports.
    pub fn read(event: Recorded<'_>) -> Result<Option<Self>, ProjectionError> {
        subject(event)
            .map(|subject| {
                subject.map(|subject| Self {
                    position: event.position,
                    revision: event.revision,
                    recorded_at_us: event.recorded_at_us,
                    subject,
                })
            })
            .map_err(|cause| cause.at(event.position))
    }
}

fn subject(event: Recorded<'_>) -> Result<Option<Subject>, Cause> {
    let Some((category, id)) = event.stream.split_once('-') else { return Ok(None) };
    if !matches!(category, "payment" | "beneficiary" | "recovery" | "approval" | "desk" | "list" | "inbox" | "figure") {
        return Ok(None);
    }
    let decoded = codec::decode(event.event_type, event.schema_version, event.data);
    let Some(decoded) = decoded.map_err(|error| Cause::Undecodable(error.to_string()))? else { return Ok(None) };
    let nameless = |_| Cause::StreamName(event.stream.to_owned());
    let subject = match (category, decoded) {
        ("payment", DomainEvent::Payment(e)) => Subject::Payment(PaymentId::parse(id).map_err(nameless)?, e),
        ("beneficiary", DomainEvent::Beneficiary(e)) => {
            Subject::Beneficiary(BeneficiaryId::parse(id).map_err(nameless)?, e)
        }
        ("desk", DomainEvent::Desk(e)) => Subject::Desk(DeskId::parse(id).map_err(nameless)?, e),
        ("list", DomainEvent::List(e)) => Subject::List(ListId::parse(id).map_err(nameless)?, e),
        ("inbox", DomainEvent::Inbox(e)) => Subject::Inbox(InboxId::parse(id).map_err(nameless)?, e),
        ("figure", DomainEvent::Figure(e)) => Subject::Figure(FigureId::parse(id).map_err(nameless)?, e),
        ("recovery", DomainEvent::Recovery(e)) => Subject::Recovery(RecoveryId::parse(id).map_err(nameless)?, e),
        ("approval", DomainEvent::Approval(e)) => Subject::Approval(ApprovalId::parse(id).map_err(nameless)?, e),
        (
            _,
            DomainEvent::Payment(_)
            | DomainEvent::Beneficiary(_)
            | DomainEvent::Import(_)
            | DomainEvent::Disclosure(_)
            | DomainEvent::Recovery(_)
            | DomainEvent::Approval(_)
            | DomainEvent::Desk(_)
            | DomainEvent::List(_)
            | DomainEvent::Bank(_)
            | DomainEvent::Inbox(_)
            | DomainEvent::Webhook(_)
            | DomainEvent::Figure(_)
            | DomainEvent::Target(_)
            | DomainEvent::Audit(_),
        ) => return Err(Cause::StrangeEvent(event.stream.to_owned())),
    };
    Ok(Some(subject))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded<'a>(stream: &'a str, event_type: &'a str, data: &'a [u8]) -> Recorded<'a> {
        Recorded {
            position: 9,
            stream,
            revision: 0,
            recorded_at_us: 0,
            event_type,
            schema_version: 1,
            data,
            metadata: b"{}",
        }
    }

    const RELEASED: &[u8] = br#"{"attempt":1}"#;
    const PAYMENT: &str = "payment-01900000-0000-7000-8000-000000000001";

    #[test]
    fn an_event_of_a_payment_is_read_with_its_id() {
        let fact = Fact::read(recorded(PAYMENT, "PaymentReleased", RELEASED)).unwrap().unwrap();
        assert!(
            matches!(fact.subject, Subject::Payment(id, PaymentEvent::Released(_)) if PAYMENT.ends_with(&id.to_string()))
        );
    }

    #[test]
    fn what_begins_in_a_batch_has_no_row_and_what_began_before_is_asked_for_once() {
        let other = "payment-01900000-0000-7000-8000-000000000002";
        let fact = |stream, revision| {
            let event = Recorded { revision, ..recorded(stream, "PaymentReleased", RELEASED) };
            Fact::read(event).unwrap().unwrap()
        };
        let facts = [fact(other, 0), fact(PAYMENT, 3), fact(other, 1), fact(PAYMENT, 4)];
        let asked = ids_of(&facts, |subject| if let Subject::Payment(id, _) = subject { Some(*id) } else { None });
        assert_eq!(asked, [PaymentId::parse(PAYMENT.strip_prefix("payment-").unwrap()).unwrap()]);
    }

    #[test]
    fn other_programs_streams_and_types_are_passed_over() {
        assert_eq!(Fact::read(recorded("orders-1", "PaymentReleased", b"not ours")), Ok(None));
        assert_eq!(Fact::read(recorded(PAYMENT, "Noticed", b"not ours")), Ok(None));
    }

    #[test]
    fn a_stream_named_like_ours_without_an_id_stops_the_projection() {
        let error = Fact::read(recorded("payment-x", "PaymentReleased", RELEASED)).unwrap_err();
        assert_eq!(error, Cause::StreamName("payment-x".to_owned()).at(9));
    }

    #[test]
    fn an_event_in_the_stream_of_another_kind_stops_the_projection() {
        let stream = "beneficiary-01900000-0000-4000-8000-000000000001";
        let error = Fact::read(recorded(stream, "PaymentReleased", RELEASED)).unwrap_err();
        assert_eq!(error.cause, Cause::StrangeEvent(stream.to_owned()));
    }

    #[test]
    fn bytes_that_are_not_the_event_stop_the_projection() {
        let error = Fact::read(recorded(PAYMENT, "PaymentReleased", b"{}")).unwrap_err();
        assert!(matches!(error.cause, Cause::Undecodable(_)));
    }
}

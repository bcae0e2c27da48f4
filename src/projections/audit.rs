//! Lines of the audit: one for each event that tells who used the log, or what those did who run it. Pure.

use crate::domain::audit::{AuditEvent, AuditKind};
use crate::domain::beneficiary::BeneficiaryEvent;
use crate::domain::codec::{self, DomainEvent};
use crate::domain::disclosure::{DataKind, DisclosureEvent};
use crate::projections::error::{Cause, ProjectionError};
use crate::projections::fact::{Fact, Recorded, Subject};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A line. It never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Of the event; also the order of lists.
    pub position: u64,
    /// Microseconds since the Unix epoch.
    pub recorded_at_us: i64,
    pub line: AuditLine,
}

/// What it tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    pub kind: AuditKind,
    /// A key's id; absent where nobody had one.
    pub actor: Option<String>,
    /// The operation, act or event.
    pub operation: String,
    /// Of a refusal.
    pub code: Option<String>,
    /// Whom or what it was about: a pseudonym, an id.
    pub object: Option<String>,
    /// Of a look at personal data.
    pub purpose: Option<String>,
    pub count: u64,
    /// What else the event says.
    pub about: BTreeMap<String, String>,
}

/// Whether the audit has a line of an event.
#[must_use]
pub fn concerns(stream: &str, event_type: &str) -> bool {
    ["audit-", "personal-", "bank-", "webhook-"].iter().any(|category| stream.starts_with(category))
        || is_erasure(stream, event_type)
}

fn is_erasure(stream: &str, event_type: &str) -> bool {
    event_type == "PersonalDataErased" && stream.starts_with("beneficiary-")
}

/// Who acted, as the envelope says.
#[derive(Deserialize)]
struct Actor {
    actor: String,
}

impl Fact {
    /// Reads a recorded event as the oversight projection sees it: those of the audit become its lines.
    pub fn overseen(event: Recorded<'_>) -> Result<Option<Self>, ProjectionError> {
        if !concerns(event.stream, event.event_type) {
            return Self::read(event);
        }
        let decoded = codec::decode(event.event_type, event.schema_version, event.data)
            .map_err(|error| Cause::Undecodable(error.to_string()).at(event.position))?;
        let actor = serde_json::from_slice::<Actor>(event.metadata).ok().map(|found| found.actor);
        let line = decoded.and_then(|decoded| line(&event, actor.as_deref(), &decoded));
        Ok(line.map(|line| Self {
            position: event.position,
            revision: event.revision,
            recorded_at_us: event.recorded_at_us,
            subject: Subject::Audit(Box::new(line)),
        }))
    }
}

/// The line of an event; `None` for events that stand in a stream of another kind.
fn line(event: &Recorded<'_>, actor: Option<&str>, decoded: &DomainEvent) -> Option<AuditLine> {
    let (category, id) = event.stream.split_once('-')?;
    let of = |kind: AuditKind| AuditLine {
        kind,
        actor: actor.map(str::to_owned),
        operation: event.event_type.to_owned(),
        code: None,
        object: Some(id.to_owned()),
        purpose: None,
        count: 1,
        about: BTreeMap::new(),
    };
    match (category, decoded) {
        ("audit", DomainEvent::Audit(event)) => Some(own(event)),
        ("personal", DomainEvent::Disclosure(DisclosureEvent::Revealed(e))) => {
            let kinds = e.kinds.iter().map(|kind| DataKind::as_str(*kind)).collect::<Vec<_>>().join(",");
            let purpose = Some(e.purpose.as_str().to_owned());
            Some(AuditLine { purpose, about: told([("kinds", kinds)]), ..of(AuditKind::PersonalRead) })
        }
        ("personal", DomainEvent::Disclosure(DisclosureEvent::Exported(e))) => {
            let purpose = Some(e.purpose.as_str().to_owned());
            Some(AuditLine { purpose, ..of(AuditKind::PersonalExport) })
        }
        ("beneficiary", DomainEvent::Beneficiary(BeneficiaryEvent::Erased(_))) => Some(of(AuditKind::Erasure)),
        ("bank", DomainEvent::Bank(_)) => Some(of(AuditKind::BankChange)),
        ("webhook", DomainEvent::Webhook(_)) => Some(of(AuditKind::WebhookChange)),
        _ => None,
    }
}

fn own(event: &AuditEvent) -> AuditLine {
    match event {
        AuditEvent::Refused(e) => {
            let mut about = told([("status", e.status.to_string())]);
            about.extend(e.address_hash.clone().map(|hash| ("address_hash".to_owned(), hash)));
            about.insert("first_at".to_owned(), e.first_at.to_string());
            about.insert("last_at".to_owned(), e.last_at.to_string());
            AuditLine {
                kind: AuditKind::Refusal,
                actor: e.key_id.clone(),
                operation: e.operation.clone().unwrap_or_else(|| "several".to_owned()),
                code: Some(e.code.clone()),
                object: None,
                purpose: None,
                count: e.count,
                about,
            }
        }
        AuditEvent::KeyUsed(e) => AuditLine {
            kind: AuditKind::KeyUse,
            actor: Some(e.key_id.clone()),
            operation: "KeyUsed".to_owned(),
            code: None,
            object: None,
            purpose: None,
            count: e.count,
            about: told([("role", e.role.clone()), ("on", e.on.to_string())]),
        },
        AuditEvent::Acted(e) => AuditLine {
            kind: AuditKind::OperatorAct,
            actor: Some(e.by.clone()),
            operation: e.act.as_str().to_owned(),
            code: None,
            object: e.object.clone(),
            purpose: None,
            count: 1,
            about: e.about.clone(),
        },
    }
}

fn told<const N: usize>(pairs: [(&str, String); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(stream: &str, event_type: &str, data: &str) -> Option<AuditLine> {
        let metadata = br#"{"actor":"k1"}"#;
        let recorded = Recorded {
            position: 9,
            stream,
            revision: 0,
            recorded_at_us: 5,
            event_type,
            schema_version: 1,
            data: data.as_bytes(),
            metadata,
        };
        match Fact::overseen(recorded).unwrap()?.subject {
            Subject::Audit(line) => Some(*line),
            other => panic!("{other:?}"),
        }
    }

    macro_rules! sample {
        ($name:literal) => {
            include_str!(concat!("../../tests/fixtures/events/", $name, ".v1.json"))
        };
    }

    #[test]
    fn a_look_at_personal_data_is_a_line_with_who_whom_and_what_for() {
        let line = read("personal-p", "PersonalDataRevealed", sample!("PersonalDataRevealed")).unwrap();
        assert_eq!((line.kind, line.actor.as_deref()), (AuditKind::PersonalRead, Some("k1")));
        assert_eq!(line.object.as_deref(), Some("p"));
        assert!(line.purpose.is_some() && line.about.contains_key("kinds"));
    }

    #[test]
    fn a_refusal_names_the_key_and_the_operation_or_says_that_there_were_several() {
        let line = read("audit-2025-03-31", "AccessRefused", sample!("AccessRefused")).unwrap();
        assert_eq!((line.actor.as_deref(), line.operation.as_str()), (Some("0f1e2d3c4b5a"), "listPayments"));
        assert_eq!((line.code.as_deref(), line.count), (Some("role-not-allowed"), 3));
        let many = r#"{"status":401,"code":"unauthenticated","count":7,"first_at":"2025-03-31T03:00:00Z","last_at":"2025-03-31T03:00:41Z"}"#;
        let line = read("audit-2025-03-31", "AccessRefused", many).unwrap();
        assert_eq!((line.actor, line.operation.as_str(), line.count), (None, "several", 7));
    }

    #[test]
    fn uses_acts_erasures_and_changes_of_banks_are_lines() {
        let of = |stream, event_type, data| read(stream, event_type, data).map(|line| line.kind);
        assert_eq!(of("audit-2025-03-31", "KeyUsed", sample!("KeyUsed")), Some(AuditKind::KeyUse));
        assert_eq!(of("audit-2025-03-31", "OperatorActed", sample!("OperatorActed")), Some(AuditKind::OperatorAct));
        let erased = sample!("PersonalDataErased");
        let person = "beneficiary-01900000-0000-4000-8000-000000000001";
        assert_eq!(of(person, "PersonalDataErased", erased), Some(AuditKind::Erasure));
        assert_eq!(of("bank-vcb", "BankKeyAdded", sample!("BankKeyAdded")), Some(AuditKind::BankChange));
        assert_eq!(of("webhook-1", "WebhookPinged", "{}"), Some(AuditKind::WebhookChange));
        assert_eq!(of("audit-2025-03-31", "WebhookPinged", "{}"), None, "what stands elsewhere is passed over");
        assert_eq!(of("bank-notes", "Noticed", "not ours"), None, "other programs' events too");
    }
}

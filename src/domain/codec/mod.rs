//! Between events and their stored bytes: type names, schema versions, up-casts. The stored names and shapes are for ever.

mod audit;
mod bank_schemas;
mod banks;
mod encode;
mod figures;
mod list_schema;
mod oversight_schema;
mod people;
mod people_schema;
mod schema;
mod webhooks;

#[cfg(test)]
mod tests;

pub use audit::encode_audit;
pub use banks::{encode_bank, encode_inbox};
pub use encode::{
    encode, encode_approval, encode_beneficiary, encode_desk, encode_disclosure, encode_import, encode_list,
    encode_payment, encode_recovery,
};
pub use figures::{encode_figure, encode_target};
pub use schema::schemas;
pub use webhooks::encode_webhook;

use crate::domain::approval::ApprovalEvent;
use crate::domain::audit::AuditEvent;
use crate::domain::bank::BankEvent;
use crate::domain::beneficiary::event::BeneficiaryEvent;
use crate::domain::desk::DeskEvent;
use crate::domain::disclosure::DisclosureEvent;
use crate::domain::figure::FigureEvent;
use crate::domain::import::ImportEvent;
use crate::domain::inbox::InboxEvent;
use crate::domain::list::ListEvent;
use crate::domain::payment::event::PaymentEvent;
use crate::domain::recovery::RecoveryEvent;
use crate::domain::target::TargetEvent;
use crate::domain::webhook::WebhookEvent;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::borrow::Cow;

/// Any event of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DomainEvent {
    Payment(PaymentEvent),
    Beneficiary(BeneficiaryEvent),
    Import(ImportEvent),
    Disclosure(DisclosureEvent),
    Recovery(RecoveryEvent),
    Approval(ApprovalEvent),
    Desk(DeskEvent),
    List(ListEvent),
    Bank(BankEvent),
    Inbox(InboxEvent),
    Webhook(WebhookEvent),
    Figure(FigureEvent),
    Target(TargetEvent),
    Audit(AuditEvent),
}

/// An event as it is stored: exact bytes of JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    pub event_type: &'static str,
    pub schema_version: u16,
    pub data: Vec<u8>,
}

/// Stored bytes of one of our types that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// Written by a newer program, or damaged.
    #[error("version {version} of {event_type} is not known to this program, which knows 1 to {latest}")]
    UnknownVersion { event_type: String, version: u16, latest: u16 },
    /// Not the JSON that this type and version has.
    #[error("{event_type} version {version} cannot be read: {problem}")]
    Malformed { event_type: String, version: u16, problem: String },
}

/// One of our types as stored, with the version that is written now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredType {
    /// For ever: a new meaning needs a new name.
    pub name: &'static str,
    /// From 1; a change of shape needs an up-cast and a golden sample of the version before.
    pub latest_version: u16,
}

const fn v1(name: &'static str) -> StoredType {
    StoredType { name, latest_version: 1 }
}

const PAYMENT_INSTRUCTED: StoredType = v1("PaymentInstructed");
const PAYMENT_ACCEPTED: StoredType = v1("PaymentAccepted");
const PAYMENT_SETTLED: StoredType = v1("PaymentSettled");
const PAYMENT_SETTLED_LATE: StoredType = v1("PaymentSettledLate");
const PAYMENT_REJECTED: StoredType = v1("PaymentRejected");
const PAYMENT_RETURNED: StoredType = v1("PaymentReturned");
const PAYMENT_FAILED: StoredType = v1("PaymentFailed");
const PAYMENT_HELD: StoredType = v1("PaymentHeld");
const PAYMENT_RELEASED: StoredType = v1("PaymentReleased");
const PAYMENT_REISSUED: StoredType = v1("PaymentReissued");
const PAYMENT_CANCELLED: StoredType = v1("PaymentCancelled");
const PAYMENT_CORRECTED: StoredType = v1("PaymentCorrected");
const PAYMENT_RECALLED: StoredType = v1("PaymentRecalled");
const PAYMENT_CONTRADICTED: StoredType = v1("PaymentContradicted");
const PAYMENT_CONTRADICTION_RESOLVED: StoredType = v1("PaymentContradictionResolved");
const BENEFICIARY_REGISTERED: StoredType = v1("BeneficiaryRegistered");
const BENEFICIARY_MOVED: StoredType = v1("BeneficiaryMoved");
const PAYOUT_METHOD_CHOSEN: StoredType = v1("PayoutMethodChosen");
const BENEFICIARY_DIED: StoredType = v1("BeneficiaryDied");
const PERSONAL_DATA_ERASED: StoredType = v1("PersonalDataErased");
const IDENTIFIER_ADDED: StoredType = v1("IdentifierAdded");
const IDENTIFIER_ENDED: StoredType = v1("IdentifierEnded");
const ACCOUNT_CHECKED: StoredType = v1("AccountChecked");
const AUTHORISATION_GRANTED: StoredType = v1("AuthorisationGranted");
const AUTHORISATION_ENDED: StoredType = v1("AuthorisationEnded");
const BENEFIT_SUSPENDED: StoredType = v1("BenefitSuspended");
const BENEFIT_RESUMED: StoredType = v1("BenefitResumed");
const IDENTITY_MATCH_RECORDED: StoredType = v1("IdentityMatchRecorded");
const IMPORT_STARTED: StoredType = v1("ImportStarted");
const IMPORT_COMPLETED: StoredType = v1("ImportCompleted");
const IMPORT_REVERSED: StoredType = v1("ImportReversed");
const PERSONAL_DATA_REVEALED: StoredType = v1("PersonalDataRevealed");
const PERSONAL_DATA_EXPORTED: StoredType = v1("PersonalDataExported");
const OVERPAYMENT_FOUND: StoredType = v1("OverpaymentFound");
const RECOVERY_DEMANDED: StoredType = v1("RecoveryDemanded");
const RECOVERY_RECEIVED: StoredType = v1("RecoveryReceived");
const RECOVERY_WRITTEN_OFF: StoredType = v1("RecoveryWrittenOff");
const RECOVERY_LAPSED: StoredType = v1("RecoveryLapsed");
const APPROVAL_REQUESTED: StoredType = v1("ApprovalRequested");
const APPROVAL_GRANTED: StoredType = v1("ApprovalGranted");
const APPROVAL_DECLINED: StoredType = v1("ApprovalDeclined");
const APPROVAL_USED: StoredType = v1("ApprovalUsed");
const APPROVAL_FAILED: StoredType = v1("ApprovalFailed");
const LIST_OPENED: StoredType = v1("ListOpened");
const LIST_ITEMS_ADDED: StoredType = v1("ListItemsAdded");
const LIST_PREPARED: StoredType = v1("ListPrepared");
const LIST_ITEMS_REMOVED: StoredType = v1("ListItemsRemoved");
const LIST_CHECKED: StoredType = v1("ListChecked");
const LIST_APPROVED: StoredType = v1("ListApproved");
const LIST_SUBMITTED: StoredType = v1("ListSubmitted");
const LIST_ACKNOWLEDGED: StoredType = v1("ListAcknowledged");
const LIST_RECONCILED: StoredType = v1("ListReconciled");
const LIST_CLOSED: StoredType = v1("ListClosed");
const LIST_WITHDRAWN: StoredType = v1("ListWithdrawn");
const LIST_SHOWN: StoredType = v1("ListShown");

const DESK_REGISTERED: StoredType = v1("DeskRegistered");
const CASH_ADVANCED: StoredType = v1("CashAdvanced");
const CASH_PAID: StoredType = v1("CashPaid");
const CASH_HANDED_BACK: StoredType = v1("CashHandedBack");
const UNPAID_LIST_HANDED_BACK: StoredType = v1("UnpaidListHandedBack");
const DESK_DAY_LIQUIDATED: StoredType = v1("DeskDayLiquidated");

/// Every type of ours.
pub const ALL: [StoredType; 85] = [
    PAYMENT_INSTRUCTED,
    PAYMENT_ACCEPTED,
    PAYMENT_SETTLED,
    PAYMENT_SETTLED_LATE,
    PAYMENT_REJECTED,
    PAYMENT_RETURNED,
    PAYMENT_FAILED,
    PAYMENT_HELD,
    PAYMENT_RELEASED,
    PAYMENT_REISSUED,
    PAYMENT_CANCELLED,
    PAYMENT_CORRECTED,
    PAYMENT_RECALLED,
    PAYMENT_CONTRADICTED,
    PAYMENT_CONTRADICTION_RESOLVED,
    BENEFICIARY_REGISTERED,
    BENEFICIARY_MOVED,
    PAYOUT_METHOD_CHOSEN,
    BENEFICIARY_DIED,
    PERSONAL_DATA_ERASED,
    IDENTIFIER_ADDED,
    IDENTIFIER_ENDED,
    ACCOUNT_CHECKED,
    AUTHORISATION_GRANTED,
    AUTHORISATION_ENDED,
    BENEFIT_SUSPENDED,
    BENEFIT_RESUMED,
    IDENTITY_MATCH_RECORDED,
    IMPORT_STARTED,
    IMPORT_COMPLETED,
    IMPORT_REVERSED,
    PERSONAL_DATA_REVEALED,
    PERSONAL_DATA_EXPORTED,
    OVERPAYMENT_FOUND,
    RECOVERY_DEMANDED,
    RECOVERY_RECEIVED,
    RECOVERY_WRITTEN_OFF,
    RECOVERY_LAPSED,
    APPROVAL_REQUESTED,
    APPROVAL_GRANTED,
    APPROVAL_DECLINED,
    APPROVAL_USED,
    APPROVAL_FAILED,
    DESK_REGISTERED,
    CASH_ADVANCED,
    CASH_PAID,
    CASH_HANDED_BACK,
    UNPAID_LIST_HANDED_BACK,
    DESK_DAY_LIQUIDATED,
    LIST_OPENED,
    LIST_ITEMS_ADDED,
    LIST_PREPARED,
    LIST_ITEMS_REMOVED,
    LIST_CHECKED,
    LIST_APPROVED,
    LIST_SUBMITTED,
    LIST_ACKNOWLEDGED,
    LIST_RECONCILED,
    LIST_CLOSED,
    LIST_WITHDRAWN,
    LIST_SHOWN,
    banks::BANK_REGISTERED,
    banks::BANK_KEY_ADDED,
    banks::BANK_KEY_DISABLED,
    banks::BANK_ORDERS_ARRANGED,
    banks::BANK_MESSAGE_RECEIVED,
    banks::BANK_MESSAGE_APPLIED,
    banks::BANK_MESSAGE_QUARANTINED,
    banks::BANK_MESSAGE_RESOLVED,
    banks::BANK_MESSAGE_JUDGED_AGAIN,
    webhooks::WEBHOOK_REGISTERED,
    webhooks::WEBHOOK_CHANGED,
    webhooks::WEBHOOK_SECRET_ROTATED,
    webhooks::WEBHOOK_DISABLED,
    webhooks::WEBHOOK_ENABLED,
    webhooks::WEBHOOK_REMOVED,
    webhooks::WEBHOOK_PINGED,
    webhooks::WEBHOOK_REWOUND,
    webhooks::WEBHOOK_DELIVERY_REPEATED,
    figures::FIGURE_CITED,
    figures::TARGET_SET,
    figures::TARGET_WITHDRAWN,
    audit::ACCESS_REFUSED,
    audit::KEY_USED,
    audit::OPERATOR_ACTED,
];

/// Lifts the JSON of one old version of one type to the next version.
struct Upcast {
    event_type: &'static str,
    /// The version it reads; it writes the one after.
    from_version: u16,
    lift: fn(Value) -> Value,
}

/// One entry for every version that is not the latest. None yet: every type is at version 1.
const UPCASTS: &[Upcast] = &[];

/// Reads a stored event. `None`: a type that is not ours; other programs may keep their own streams in the log.
pub fn decode(event_type: &str, schema_version: u16, data: &[u8]) -> Result<Option<DomainEvent>, CodecError> {
    let reader = Reader { event_type, version: schema_version, data };
    let event = match event_type {
        "PaymentInstructed" => payment(PaymentEvent::Instructed(reader.read(PAYMENT_INSTRUCTED)?)),
        "PaymentAccepted" => payment(PaymentEvent::Accepted(reader.read(PAYMENT_ACCEPTED)?)),
        "PaymentSettled" => payment(PaymentEvent::Settled(reader.read(PAYMENT_SETTLED)?)),
        "PaymentSettledLate" => payment(PaymentEvent::SettledLate(reader.read(PAYMENT_SETTLED_LATE)?)),
        "PaymentRejected" => payment(PaymentEvent::Rejected(reader.read(PAYMENT_REJECTED)?)),
        "PaymentReturned" => payment(PaymentEvent::Returned(reader.read(PAYMENT_RETURNED)?)),
        "PaymentFailed" => payment(PaymentEvent::Failed(reader.read(PAYMENT_FAILED)?)),
        "PaymentHeld" => payment(PaymentEvent::Held(reader.read(PAYMENT_HELD)?)),
        "PaymentReleased" => payment(PaymentEvent::Released(reader.read(PAYMENT_RELEASED)?)),
        "PaymentReissued" => payment(PaymentEvent::Reissued(reader.read(PAYMENT_REISSUED)?)),
        "PaymentCancelled" => payment(PaymentEvent::Cancelled(reader.read(PAYMENT_CANCELLED)?)),
        "PaymentCorrected" => payment(PaymentEvent::Corrected(reader.read(PAYMENT_CORRECTED)?)),
        "PaymentRecalled" => payment(PaymentEvent::Recalled(reader.read(PAYMENT_RECALLED)?)),
        "PaymentContradicted" => payment(PaymentEvent::Contradicted(reader.read(PAYMENT_CONTRADICTED)?)),
        "PaymentContradictionResolved" => {
            payment(PaymentEvent::ContradictionResolved(reader.read(PAYMENT_CONTRADICTION_RESOLVED)?))
        }
        "ImportStarted" => DomainEvent::Import(ImportEvent::Started(reader.read(IMPORT_STARTED)?)),
        "ImportCompleted" => DomainEvent::Import(ImportEvent::Completed(reader.read(IMPORT_COMPLETED)?)),
        "ImportReversed" => DomainEvent::Import(ImportEvent::Reversed(reader.read(IMPORT_REVERSED)?)),
        "PersonalDataRevealed" => {
            DomainEvent::Disclosure(DisclosureEvent::Revealed(reader.read(PERSONAL_DATA_REVEALED)?))
        }
        "PersonalDataExported" => {
            DomainEvent::Disclosure(DisclosureEvent::Exported(reader.read(PERSONAL_DATA_EXPORTED)?))
        }
        "OverpaymentFound" => recovery(RecoveryEvent::Found(reader.read(OVERPAYMENT_FOUND)?)),
        "RecoveryDemanded" => recovery(RecoveryEvent::Demanded(reader.read(RECOVERY_DEMANDED)?)),
        "RecoveryReceived" => recovery(RecoveryEvent::Received(reader.read(RECOVERY_RECEIVED)?)),
        "RecoveryWrittenOff" => recovery(RecoveryEvent::WrittenOff(reader.read(RECOVERY_WRITTEN_OFF)?)),
        "RecoveryLapsed" => recovery(RecoveryEvent::Lapsed(reader.read(RECOVERY_LAPSED)?)),
        "ApprovalRequested" => DomainEvent::Approval(ApprovalEvent::Requested(reader.read(APPROVAL_REQUESTED)?)),
        "ApprovalGranted" => DomainEvent::Approval(ApprovalEvent::Granted(reader.read(APPROVAL_GRANTED)?)),
        "ApprovalDeclined" => DomainEvent::Approval(ApprovalEvent::Declined(reader.read(APPROVAL_DECLINED)?)),
        "ApprovalUsed" => DomainEvent::Approval(ApprovalEvent::Used(reader.read(APPROVAL_USED)?)),
        "ApprovalFailed" => DomainEvent::Approval(ApprovalEvent::Failed(reader.read(APPROVAL_FAILED)?)),
        "DeskRegistered" => DomainEvent::Desk(DeskEvent::Registered(reader.read(DESK_REGISTERED)?)),
        "CashAdvanced" => DomainEvent::Desk(DeskEvent::Advanced(reader.read(CASH_ADVANCED)?)),
        "CashPaid" => DomainEvent::Desk(DeskEvent::Paid(reader.read(CASH_PAID)?)),
        "CashHandedBack" => DomainEvent::Desk(DeskEvent::HandedBack(reader.read(CASH_HANDED_BACK)?)),
        "UnpaidListHandedBack" => DomainEvent::Desk(DeskEvent::UnpaidListed(reader.read(UNPAID_LIST_HANDED_BACK)?)),
        "DeskDayLiquidated" => DomainEvent::Desk(DeskEvent::Liquidated(reader.read(DESK_DAY_LIQUIDATED)?)),
        "ListOpened" => list(ListEvent::Opened(reader.read(LIST_OPENED)?)),
        "ListItemsAdded" => list(ListEvent::ItemsAdded(reader.read(LIST_ITEMS_ADDED)?)),
        "ListPrepared" => list(ListEvent::Prepared(reader.read(LIST_PREPARED)?)),
        "ListItemsRemoved" => list(ListEvent::ItemsRemoved(reader.read(LIST_ITEMS_REMOVED)?)),
        "ListChecked" => list(ListEvent::Checked(reader.read(LIST_CHECKED)?)),
        "ListApproved" => list(ListEvent::Approved(reader.read(LIST_APPROVED)?)),
        "ListSubmitted" => list(ListEvent::Submitted(reader.read(LIST_SUBMITTED)?)),
        "ListAcknowledged" => list(ListEvent::Acknowledged(reader.read(LIST_ACKNOWLEDGED)?)),
        "ListReconciled" => list(ListEvent::Reconciled(reader.read(LIST_RECONCILED)?)),
        "ListClosed" => list(ListEvent::Closed(reader.read(LIST_CLOSED)?)),
        "ListWithdrawn" => list(ListEvent::Withdrawn(reader.read(LIST_WITHDRAWN)?)),
        "ListShown" => list(ListEvent::Shown(reader.read(LIST_SHOWN)?)),
        _ => match people::decode_beneficiary(&reader)? {
            Some(event) => beneficiary(event),
            None => return decode_apart(&reader),
        },
    };
    Ok(Some(event))
}

/// Of the types that have a module of their own.
fn decode_apart(reader: &Reader<'_>) -> Result<Option<DomainEvent>, CodecError> {
    for decode in [banks::decode, webhooks::decode, figures::decode, audit::decode] {
        if let Some(event) = decode(reader)? {
            return Ok(Some(event));
        }
    }
    Ok(None)
}

const fn payment(event: PaymentEvent) -> DomainEvent {
    DomainEvent::Payment(event)
}

const fn beneficiary(event: BeneficiaryEvent) -> DomainEvent {
    DomainEvent::Beneficiary(event)
}

const fn recovery(event: RecoveryEvent) -> DomainEvent {
    DomainEvent::Recovery(event)
}

const fn list(event: ListEvent) -> DomainEvent {
    DomainEvent::List(event)
}

/// Stored bytes with what is said of them.
struct Reader<'a> {
    event_type: &'a str,
    version: u16,
    data: &'a [u8],
}

impl Reader<'_> {
    fn read<T: DeserializeOwned>(&self, stored: StoredType) -> Result<T, CodecError> {
        let data = self.lifted(stored.latest_version, UPCASTS)?;
        serde_json::from_slice(&data).map_err(|error| self.malformed(&error))
    }

    /// The bytes in the latest version; the stored ones themselves when they are of it.
    fn lifted(&self, latest: u16, upcasts: &[Upcast]) -> Result<Cow<'_, [u8]>, CodecError> {
        if self.version == latest {
            return Ok(Cow::Borrowed(self.data));
        }
        let unknown =
            || CodecError::UnknownVersion { event_type: self.event_type.to_owned(), version: self.version, latest };
        if self.version > latest {
            return Err(unknown());
        }
        let mut value: Value = serde_json::from_slice(self.data).map_err(|error| self.malformed(&error))?;
        for version in self.version..latest {
            let fits = |upcast: &&Upcast| upcast.event_type == self.event_type && upcast.from_version == version;
            value = (upcasts.iter().find(fits).ok_or_else(unknown)?.lift)(value);
        }
        serde_json::to_vec(&value).map(Cow::Owned).map_err(|error| self.malformed(&error))
    }

    fn malformed(&self, error: &serde_json::Error) -> CodecError {
        // The category and place only: the text of the error can quote the data.
        let problem = format!("{:?} error at line {}, column {}", error.classify(), error.line(), error.column());
        CodecError::Malformed { event_type: self.event_type.to_owned(), version: self.version, problem }
    }
}

//! Our events as they are to be stored. What is written is always the latest version.

use super::banks::{encode_bank, encode_inbox};
use super::figures::{encode_figure, encode_target};
use super::webhooks::encode_webhook;
use super::{
    ACCOUNT_CHECKED, APPROVAL_DECLINED, APPROVAL_FAILED, APPROVAL_GRANTED, APPROVAL_REQUESTED, APPROVAL_USED,
    AUTHORISATION_ENDED, AUTHORISATION_GRANTED, BENEFICIARY_DIED, BENEFICIARY_MOVED, BENEFICIARY_REGISTERED,
    BENEFIT_RESUMED, BENEFIT_SUSPENDED, CASH_ADVANCED, CASH_HANDED_BACK, CASH_PAID, DESK_DAY_LIQUIDATED,
    DESK_REGISTERED, DomainEvent, Encoded, IDENTIFIER_ADDED, IDENTIFIER_ENDED, IDENTITY_MATCH_RECORDED,
    IMPORT_COMPLETED, IMPORT_REVERSED, IMPORT_STARTED, LIST_ACKNOWLEDGED, LIST_APPROVED, LIST_CHECKED, LIST_CLOSED,
    LIST_ITEMS_ADDED, LIST_ITEMS_REMOVED, LIST_OPENED, LIST_PREPARED, LIST_RECONCILED, LIST_SHOWN, LIST_SUBMITTED,
    LIST_WITHDRAWN, OVERPAYMENT_FOUND, PAYMENT_ACCEPTED, PAYMENT_CANCELLED, PAYMENT_CONTRADICTED,
    PAYMENT_CONTRADICTION_RESOLVED, PAYMENT_CORRECTED, PAYMENT_FAILED, PAYMENT_HELD, PAYMENT_INSTRUCTED,
    PAYMENT_RECALLED, PAYMENT_REISSUED, PAYMENT_REJECTED, PAYMENT_RELEASED, PAYMENT_RETURNED, PAYMENT_SETTLED,
    PAYMENT_SETTLED_LATE, PAYOUT_METHOD_CHOSEN, PERSONAL_DATA_ERASED, PERSONAL_DATA_EXPORTED, PERSONAL_DATA_REVEALED,
    RECOVERY_DEMANDED, RECOVERY_LAPSED, RECOVERY_RECEIVED, RECOVERY_WRITTEN_OFF, StoredType, UNPAID_LIST_HANDED_BACK,
};
use crate::domain::approval::ApprovalEvent;
use crate::domain::beneficiary::event::BeneficiaryEvent;
use crate::domain::desk::DeskEvent;
use crate::domain::disclosure::DisclosureEvent;
use crate::domain::import::ImportEvent;
use crate::domain::list::ListEvent;
use crate::domain::payment::event::PaymentEvent;
use crate::domain::recovery::RecoveryEvent;

/// The event as it is to be stored.
#[must_use]
pub fn encode(event: &DomainEvent) -> Encoded {
    match event {
        DomainEvent::Payment(event) => encode_payment(event),
        DomainEvent::Beneficiary(event) => encode_beneficiary(event),
        DomainEvent::Import(event) => encode_import(event),
        DomainEvent::Disclosure(event) => encode_disclosure(event),
        DomainEvent::Recovery(event) => encode_recovery(event),
        DomainEvent::Approval(event) => encode_approval(event),
        DomainEvent::Desk(event) => encode_desk(event),
        DomainEvent::List(event) => encode_list(event),
        DomainEvent::Bank(event) => encode_bank(event),
        DomainEvent::Inbox(event) => encode_inbox(event),
        DomainEvent::Webhook(event) => encode_webhook(event),
        DomainEvent::Figure(event) => encode_figure(event),
        DomainEvent::Target(event) => encode_target(event),
        DomainEvent::Audit(event) => super::encode_audit(event),
    }
}

/// A payment's event as it is to be stored.
#[must_use]
pub fn encode_payment(event: &PaymentEvent) -> Encoded {
    match event {
        PaymentEvent::Instructed(e) => encoded(PAYMENT_INSTRUCTED, e),
        PaymentEvent::Accepted(e) => encoded(PAYMENT_ACCEPTED, e),
        PaymentEvent::Settled(e) => encoded(PAYMENT_SETTLED, e),
        PaymentEvent::SettledLate(e) => encoded(PAYMENT_SETTLED_LATE, e),
        PaymentEvent::Rejected(e) => encoded(PAYMENT_REJECTED, e),
        PaymentEvent::Returned(e) => encoded(PAYMENT_RETURNED, e),
        PaymentEvent::Failed(e) => encoded(PAYMENT_FAILED, e),
        PaymentEvent::Held(e) => encoded(PAYMENT_HELD, e),
        PaymentEvent::Released(e) => encoded(PAYMENT_RELEASED, e),
        PaymentEvent::Reissued(e) => encoded(PAYMENT_REISSUED, e),
        PaymentEvent::Cancelled(e) => encoded(PAYMENT_CANCELLED, e),
        PaymentEvent::Corrected(e) => encoded(PAYMENT_CORRECTED, e),
        PaymentEvent::Recalled(e) => encoded(PAYMENT_RECALLED, e),
        PaymentEvent::Contradicted(e) => encoded(PAYMENT_CONTRADICTED, e),
        PaymentEvent::ContradictionResolved(e) => encoded(PAYMENT_CONTRADICTION_RESOLVED, e),
    }
}

/// A beneficiary's event as it is to be stored.
#[must_use]
pub fn encode_beneficiary(event: &BeneficiaryEvent) -> Encoded {
    match event {
        BeneficiaryEvent::Registered(e) => encoded(BENEFICIARY_REGISTERED, e),
        BeneficiaryEvent::Moved(e) => encoded(BENEFICIARY_MOVED, e),
        BeneficiaryEvent::PayoutMethodChosen(e) => encoded(PAYOUT_METHOD_CHOSEN, e),
        BeneficiaryEvent::Died(e) => encoded(BENEFICIARY_DIED, e),
        BeneficiaryEvent::Erased(e) => encoded(PERSONAL_DATA_ERASED, e),
        BeneficiaryEvent::IdentifierAdded(e) => encoded(IDENTIFIER_ADDED, e),
        BeneficiaryEvent::IdentifierEnded(e) => encoded(IDENTIFIER_ENDED, e),
        BeneficiaryEvent::AccountChecked(e) => encoded(ACCOUNT_CHECKED, e),
        BeneficiaryEvent::AuthorisationGranted(e) => encoded(AUTHORISATION_GRANTED, e),
        BeneficiaryEvent::AuthorisationEnded(e) => encoded(AUTHORISATION_ENDED, e),
        BeneficiaryEvent::Suspended(e) => encoded(BENEFIT_SUSPENDED, e),
        BeneficiaryEvent::Resumed(e) => encoded(BENEFIT_RESUMED, e),
        BeneficiaryEvent::IdentityMatched(e) => encoded(IDENTITY_MATCH_RECORDED, e),
    }
}

/// An import's event as it is to be stored.
#[must_use]
pub fn encode_import(event: &ImportEvent) -> Encoded {
    match event {
        ImportEvent::Started(e) => encoded(IMPORT_STARTED, e),
        ImportEvent::Completed(e) => encoded(IMPORT_COMPLETED, e),
        ImportEvent::Reversed(e) => encoded(IMPORT_REVERSED, e),
    }
}

/// An event of showing personal data as it is to be stored.
#[must_use]
pub fn encode_disclosure(event: &DisclosureEvent) -> Encoded {
    match event {
        DisclosureEvent::Revealed(e) => encoded(PERSONAL_DATA_REVEALED, e),
        DisclosureEvent::Exported(e) => encoded(PERSONAL_DATA_EXPORTED, e),
    }
}

/// A recovery's event as it is to be stored.
#[must_use]
pub fn encode_recovery(event: &RecoveryEvent) -> Encoded {
    match event {
        RecoveryEvent::Found(e) => encoded(OVERPAYMENT_FOUND, e),
        RecoveryEvent::Demanded(e) => encoded(RECOVERY_DEMANDED, e),
        RecoveryEvent::Received(e) => encoded(RECOVERY_RECEIVED, e),
        RecoveryEvent::WrittenOff(e) => encoded(RECOVERY_WRITTEN_OFF, e),
        RecoveryEvent::Lapsed(e) => encoded(RECOVERY_LAPSED, e),
    }
}

/// An approval's event as it is to be stored.
#[must_use]
pub fn encode_approval(event: &ApprovalEvent) -> Encoded {
    match event {
        ApprovalEvent::Requested(e) => encoded(APPROVAL_REQUESTED, e),
        ApprovalEvent::Granted(e) => encoded(APPROVAL_GRANTED, e),
        ApprovalEvent::Declined(e) => encoded(APPROVAL_DECLINED, e),
        ApprovalEvent::Used(e) => encoded(APPROVAL_USED, e),
        ApprovalEvent::Failed(e) => encoded(APPROVAL_FAILED, e),
    }
}

/// A desk's event as it is to be stored.
#[must_use]
pub fn encode_desk(event: &DeskEvent) -> Encoded {
    match event {
        DeskEvent::Registered(e) => encoded(DESK_REGISTERED, e),
        DeskEvent::Advanced(e) => encoded(CASH_ADVANCED, e),
        DeskEvent::Paid(e) => encoded(CASH_PAID, e),
        DeskEvent::HandedBack(e) => encoded(CASH_HANDED_BACK, e),
        DeskEvent::UnpaidListed(e) => encoded(UNPAID_LIST_HANDED_BACK, e),
        DeskEvent::Liquidated(e) => encoded(DESK_DAY_LIQUIDATED, e),
    }
}

/// A list's event as it is to be stored.
#[must_use]
pub fn encode_list(event: &ListEvent) -> Encoded {
    match event {
        ListEvent::Opened(e) => encoded(LIST_OPENED, e),
        ListEvent::ItemsAdded(e) => encoded(LIST_ITEMS_ADDED, e),
        ListEvent::Prepared(e) => encoded(LIST_PREPARED, e),
        ListEvent::ItemsRemoved(e) => encoded(LIST_ITEMS_REMOVED, e),
        ListEvent::Checked(e) => encoded(LIST_CHECKED, e),
        ListEvent::Approved(e) => encoded(LIST_APPROVED, e),
        ListEvent::Submitted(e) => encoded(LIST_SUBMITTED, e),
        ListEvent::Acknowledged(e) => encoded(LIST_ACKNOWLEDGED, e),
        ListEvent::Reconciled(e) => encoded(LIST_RECONCILED, e),
        ListEvent::Closed(e) => encoded(LIST_CLOSED, e),
        ListEvent::Withdrawn(e) => encoded(LIST_WITHDRAWN, e),
        ListEvent::Shown(e) => encoded(LIST_SHOWN, e),
    }
}

#[expect(clippy::expect_used, reason = "our events hold only text, whole numbers, ids, dates and lists of them")]
pub(super) fn encoded(stored: StoredType, event: &impl serde::Serialize) -> Encoded {
    let data = serde_json::to_vec(event).expect("an event always serialises");
    Encoded { event_type: stored.name, schema_version: stored.latest_version, data }
}

//! The groups of operations in the document, and the group that each operation is in.

use crate::app::access::Action;
use crate::http::operation::{Effect, Operation};

pub(super) const TAGS: [(&str, &str); 16] = [
    ("payments", "Order a payment and record what happens to it."),
    ("lists", "What goes to one agent through one channel: prepared, approved, sent, reconciled."),
    ("beneficiaries", "People under pseudonyms."),
    ("desks", "Cash desks: what they were handed, whom they paid, what they gave back."),
    ("figures", "Adoption and settlement, each with its numerator, denominator and position."),
    ("imports", "Office files in, reports out."),
    ("banks", "Banks' signed messages in, verdicts out."),
    ("webhooks", "Endpoints that are told of payments, and what was sent to them."),
    ("events", "The log itself."),
    ("recoveries", "Money that is out beyond what is owed."),
    ("approvals", "What waits for a second person."),
    ("keys", "Who may call, with which role and reach."),
    ("audit", "Who used the log, who was turned away, what those did who run it."),
    ("proofs", "What the log signs and proves of itself."),
    ("reference", "Units, codes, definitions."),
    ("service", "Health and this document; open to everybody."),
];

pub(super) fn tag(operation: &Operation) -> &'static str {
    match operation.action {
        None if operation.path.starts_with("/v1/log/") => "proofs",
        None if operation.effect == Effect::Signed => "banks",
        None => "service",
        Some(
            Action::RegisterBeneficiary
            | Action::ChangeBeneficiary
            | Action::ReadBeneficiary
            | Action::ReadPersonal
            | Action::RevealPersonal
            | Action::ExportPersonal
            | Action::ErasePersonal
            | Action::SuspendBenefit
            | Action::RecordIdentity,
        ) => "beneficiaries",
        Some(
            Action::InstructPayment
            | Action::ReportOutcome
            | Action::ManagePayment
            | Action::CorrectPayment
            | Action::ReadPayment
            | Action::ReadWorklist,
        ) => "payments",
        Some(Action::RegisterDesk | Action::WorkDesk | Action::ReadDesk) => "desks",
        Some(
            Action::PrepareList | Action::ManageList | Action::ApproveList | Action::AcknowledgeList | Action::ReadList,
        ) => "lists",
        Some(Action::ReadFigures | Action::SetTarget) => "figures",
        Some(Action::ReadEvents | Action::AppendEvents) => "events",
        Some(Action::ImportFile | Action::ReadImport | Action::ReverseImport) => "imports",
        Some(Action::ReadRecovery | Action::ManageRecovery | Action::WriteOffRecovery) => "recoveries",
        Some(Action::ReadApproval | Action::DecideApproval) => "approvals",
        Some(Action::ReadInbox | Action::ResolveInbox | Action::ManageBanks) => "banks",
        Some(Action::ReadWebhook | Action::ManageWebhook) => "webhooks",
        Some(Action::ReadReference) => "reference",
        Some(Action::ReadProofs) => "proofs",
        Some(Action::ManageKeys) => "keys",
        Some(Action::ReadAudit) => "audit",
    }
}

//! The operations that pages have forms for. What is not here cannot be done from a page.

use super::{Ask, Deed, Field};

const fn must(name: &'static str, ask: Ask) -> Field {
    Field { name, ask, needed: true }
}

const fn may(name: &'static str, ask: Ask) -> Field {
    Field { name, ask, needed: false }
}

const fn deed(operation: &'static str, fields: &'static [Field]) -> Deed {
    Deed { operation, fields, is_grave: false, leads_to: None }
}

const fn grave(operation: &'static str, fields: &'static [Field]) -> Deed {
    Deed { operation, fields, is_grave: true, leads_to: None }
}

const EVIDENCE: Ask = Ask::OneOf(&["statement", "status_report", "desk_receipt", "office_file"]);
const PAYEE: Ask = Ask::OneOf(&["self", "authorised", "guardian"]);
const COLLECTOR: Ask = Ask::OneOf(&["self", "authorised", "guardian", "heir"]);
const ID: Field = must("path.id", Ask::Known);
const DAY: Field = must("path.date", Ask::Known);
/// The plan of a dry run: what is done is exactly that.
const PLAN: Field = may("query.plan", Ask::Known);
const REASON: Field = must("reason", Ask::Note);

/// All of them.
pub const DEEDS: &[Deed] = &[
    // Payments.
    deed("acceptPayment", &[ID, may("agent_ref", Ask::Text)]),
    deed(
        "settlePayment",
        &[
            ID,
            must("settled_on", Ask::Date),
            must("evidence.kind", EVIDENCE),
            must("evidence.reference", Ask::Text),
            may("collected_by", PAYEE),
        ],
    ),
    deed("rejectPayment", &[ID, must("rejected_on", Ask::Date), must("reason_code", Ask::Reason)]),
    deed(
        "returnPayment",
        &[
            ID,
            must("returned_on", Ask::Date),
            must("reason_code", Ask::Reason),
            must("evidence.kind", EVIDENCE),
            must("evidence.reference", Ask::Text),
        ],
    ),
    deed("failPayment", &[ID, must("cause", Ask::OneOf(&["no_answer", "unclaimed", "not_sendable"]))]),
    deed("holdPayment", &[ID, must("cause", Ask::Text), may("note", Ask::Note)]),
    deed("releasePayment", &[ID, may("note", Ask::Note)]),
    deed(
        "reissuePayment",
        &[
            ID,
            may("channel", Ask::Channel),
            may("bank", Ask::Bank),
            may("account", Ask::Text),
            may("due_on", Ask::Date),
            REASON,
        ],
    ),
    grave("cancelPayment", &[ID, REASON, may("recall_confirmed", Ask::Flag)]),
    deed(
        "correctPayment",
        &[
            ID,
            may("amount", Ask::Amount),
            may("due_on", Ask::Date),
            may("unit", Ask::Text),
            may("payment_reference", Ask::Text),
            must("ground", Ask::Note),
        ],
    ),
    deed(
        "resolvePayment",
        &[
            ID,
            must("resolution", Ask::OneOf(&["dismissed", "made_good", "accepted"])),
            REASON,
            may("supplement_reference", Ask::Text),
        ],
    ),
    deed(
        "payAtDesk",
        &[
            must("path.id", Ask::Desk),
            must("path.date", Ask::Date),
            must("payment_id", Ask::Known),
            must("collected_by", COLLECTOR),
            must("receipt", Ask::Text),
        ],
    ),
    // People.
    deed(
        "choosePayoutMethod",
        &[
            ID,
            must("channel", Ask::Channel),
            may("bank", Ask::Bank),
            may("account", Ask::Text),
            may("requested_on", Ask::Date),
        ],
    ),
    deed(
        "addIdentifier",
        &[
            ID,
            must("scheme", Ask::Scheme),
            must("number", Ask::OfScheme),
            may("valid_from", Ask::Date),
            may("valid_to", Ask::Date),
        ],
    ),
    deed("reportDeath", &[ID, must("died_on", Ask::Date), must("source", Ask::Text)]),
    deed(
        "authorise",
        &[
            ID,
            must("payee", Ask::OneOf(&["authorised", "guardian"])),
            must("name", Ask::Text),
            must("valid_from", Ask::Date),
            may("valid_to", Ask::Date),
            may("certified", Ask::Flag),
        ],
    ),
    deed(
        "recordIdentity",
        &[
            ID,
            must("status", Ask::OneOf(&["verified", "not_found", "deceased_in_population_db", "pending"])),
            must("checked_on", Ask::Date),
            must("source", Ask::Text),
        ],
    ),
    // Money to come back, and second persons.
    deed("demandRecovery", &[ID, must("reference", Ask::Text), may("due_on", Ask::Date)]),
    deed(
        "receiveRecovery",
        &[
            ID,
            must("received_on", Ask::Date),
            may("amount", Ask::Amount),
            must("evidence.kind", EVIDENCE),
            must("evidence.reference", Ask::Text),
        ],
    ),
    grave("writeOffRecovery", &[ID, REASON]),
    deed("grantApproval", &[ID, may("note", Ask::Note)]),
    grave("declineApproval", &[ID, REASON]),
    // Desks.
    deed("liquidateDesk", &[ID, DAY, must("counted", Ask::Amount)]),
    deed(
        "handBackCash",
        &[
            ID,
            DAY,
            must("amount", Ask::Amount),
            must("evidence.kind", Ask::Fixed("desk_receipt")),
            must("evidence.reference", Ask::Text),
        ],
    ),
    deed(
        "handBackUnpaidList",
        &[
            ID,
            DAY,
            must("cycle", Ask::Month),
            must("evidence.kind", Ask::Fixed("desk_receipt")),
            must("evidence.reference", Ask::Text),
        ],
    ),
    // Banks' messages.
    deed("resolveInbox", &[ID, must("item", Ask::Number), REASON]),
    deed("judgeInbox", &[ID]),
    // Banks and their keys.
    deed("registerBank", &[must("bank", Ask::Bank)]),
    deed(
        "addBankKey",
        &[
            must("path.bank", Ask::Known),
            must("key_id", Ask::Text),
            must("algorithm", Ask::OneOf(&["EdDSA", "ES256", "HS256"])),
            must("key", Ask::Lines),
        ],
    ),
    grave("disableBankKey", &[must("path.bank", Ask::Known), must("key_id", Ask::Known)]),
    // Endpoints that are told of payments.
    deed("pingWebhook", &[ID]),
    deed("replayWebhook", &[ID, must("from_position", Ask::Count)]),
    deed("resendDelivery", &[ID, must("position", Ask::Number)]),
    deed("enableWebhook", &[ID]),
    deed("disableWebhook", &[ID]),
    grave("removeWebhook", &[ID]),
    // Payment lists.
    deed(
        "prepareList",
        &[
            must("cycle", Ask::Month),
            must("channel", Ask::Channel),
            may("unit", Ask::Text),
            may("open_payments", Ask::KnownFlag),
            may("from_lists", Ask::KnownList),
            PLAN,
        ],
    ),
    deed("checkList", &[ID, may("control_count", Ask::Count), may("control_sum", Ask::Amount), PLAN]),
    deed("approveList", &[ID, may("control_count", Ask::Count), may("control_sum", Ask::Amount), PLAN]),
    deed("submitList", &[ID, may("advanced", Ask::Amount), PLAN]),
    deed(
        "acknowledgeList",
        &[ID, must("answer", Ask::OneOf(&["accepted", "partly", "rejected"])), may("agent_ref", Ask::Text), PLAN],
    ),
    deed("reconcileList", &[ID, must("handed_back", Ask::Amount), PLAN]),
    deed("closeList", &[ID, PLAN]),
    grave("shortenList", &[ID, must("payments", Ask::KnownList), REASON, PLAN]),
    grave("withdrawList", &[ID, REASON, may("handed_back", Ask::Amount), PLAN]),
    // Figures.
    Deed {
        leads_to: Some(("figure_id", "/figures/")),
        ..deed(
            "citeFigure",
            &[
                must("definition", Ask::Known),
                must("title", Ask::Text),
                may("cycle", Ask::Known),
                may("unit", Ask::Known),
                may("benefit_group", Ask::Known),
                may("unit_basis", Ask::Known),
                must("as_of_position", Ask::Known),
            ],
        )
    },
    // Files.
    grave("reverseImport", &[ID, REASON]),
];

//! JSON Schemas of the events of payment lists.

use super::schema::{
    EventSchema, attempt, code, count, flag, may, money, month, must, object, text, uuid, v1, visible, words,
};
use crate::domain::disclosure::{DataKind, Purpose};
use crate::domain::list::event::AgentAnswer;
use serde_json::{Value, json};

fn array(items: &Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn minor() -> Value {
    json!({ "type": "integer", "description": "whole minor units of the list's currency" })
}

fn tally() -> Value {
    object(vec![must("items", count()), must("sum_minor", minor())])
}

fn item() -> Value {
    object(vec![
        must("payment_id", uuid()),
        must("attempt", attempt()),
        must("beneficiary_id", uuid()),
        must("benefit_type", code()),
        must("unit_key", visible()),
        may("bank", code()),
        must("amount_minor", minor()),
    ])
}

fn left_out() -> Value {
    object(vec![
        must("beneficiary_id", uuid()),
        must("benefit_type", code()),
        may("unit_key", visible()),
        must("amount_minor", minor()),
        must("reason", text()),
        may("note", text()),
    ])
}

fn removed() -> Value {
    object(vec![
        must("payment_id", uuid()),
        must("attempt", attempt()),
        must("unit_key", visible()),
        may("bank", code()),
        must("amount_minor", minor()),
    ])
}

fn finding() -> Value {
    object(vec![must("code", text()), must("blocking", flag()), must("items", count())])
}

/// In the order of [`super::ALL`].
pub(super) fn schemas() -> Vec<EventSchema> {
    let mut all = shaping();
    all.extend(settling());
    all
}

fn shaping() -> Vec<EventSchema> {
    let by = || must("by", text());
    let opened = vec![
        must("list_id", uuid()),
        must("cycle", month()),
        must("channel", code()),
        must("agent", code()),
        must("currency", json!({ "type": "string", "pattern": "^[A-Z]{3}$" })),
        must("origin", words(&["ordered", "existing"])),
        may("previous", array(&uuid())),
        by(),
    ];
    let added = vec![must("chunk", count()), must("items", array(&item())), may("left_out", array(&left_out()))];
    let prepared = vec![must("item_count", count()), must("control_sum", money()), must("left_out_count", count())];
    let off = vec![must("items", array(&removed())), must("reason", text()), by()];
    let checked =
        vec![must("item_count", count()), must("control_sum", money()), must("findings", array(&finding())), by()];
    vec![
        v1("ListOpened", "Somebody began to put a payment list together.", opened),
        v1("ListItemsAdded", "The next items of the list, and who of the same rows was left out.", added),
        v1("ListPrepared", "All items are on the list; count and sum are those of the items.", prepared),
        v1("ListItemsRemoved", "Items came off the list again; an approval given before is void.", off),
        v1("ListChecked", "The list was held against the records.", checked),
    ]
}

fn settling() -> Vec<EventSchema> {
    let by = || must("by", text());
    let approved = vec![must("item_count", count()), must("control_sum", money()), by()];
    let submitted = vec![must("item_count", count()), must("advanced", money()), by()];
    let acknowledged =
        vec![must("answer", words(&AgentAnswer::ALL.map(AgentAnswer::as_str))), may("agent_ref", text()), by()];
    let reconciled = vec![
        must("paid", tally()),
        must("unpaid", tally()),
        must("advanced", money()),
        must("handed_back", money()),
        by(),
    ];
    let shown = vec![
        must("form", words(&["items", "changes", "order", "recall"])),
        may("bank", code()),
        must("kinds", array(&words(&DataKind::ALL.map(DataKind::as_str)))),
        must("purpose", words(&Purpose::ALL.map(Purpose::as_str))),
        must("item_count", count()),
        may("message_id", text()),
        may("as_of", count()),
        by(),
    ];
    vec![
        v1("ListApproved", "A second person agreed to the list.", approved),
        v1("ListSubmitted", "The list went to the agent, with the money.", submitted),
        v1("ListAcknowledged", "The agent answered for the list as a whole.", acknowledged),
        v1("ListReconciled", "Money advanced, paid and handed back agree.", reconciled),
        v1("ListClosed", "Every item has its outcome; nothing more is expected.", vec![by()]),
        v1(
            "ListWithdrawn",
            "The list was called off before it went out, or after its agent had refused it.",
            vec![must("reason", text()), may("handed_back", money()), by()],
        ),
        v1("ListShown", "The list was printed or handed out with people's data in full.", shown),
    ]
}

//! Schemas of payment lists: what prepares one, its steps, what is answered, and the plan of a dry run.

use super::{Named, Property, list, may, must, named, object, or_null, said, sometimes, text, words};
use crate::domain::list::Stage;
use crate::domain::list::event::AgentAnswer;
use serde_json::{Value, json};

/// What goes in and comes out.
pub(super) fn schemas() -> Vec<Named> {
    let mut all = inputs();
    all.extend([
        ("PrintFormat", words(&["html", "xlsx", "csv"])),
        ("ListStage", words(&Stage::ALL.map(Stage::as_str))),
        ("List", object("A payment list.", written())),
        ("ListPlan", object("What the step would append and move. Nothing was recorded.", plan())),
        ("ListStep", json!({"anyOf": [named("List"), named("ListPlan")], "description": "The list; or, with dry_run, the plan."})),
        ("ListPage", object("Payment lists, in the order in which they were opened.", page())),
        ("ListView", object("A list with a page of its items and where they stand.", view())),
    ]);
    all
}

fn nullable(name: &'static str, schema: &str) -> Property {
    must(name, or_null(named(schema)))
}

fn control() -> Vec<Property> {
    vec![
        may("control_count", said("Count", "How many items you counted.")),
        may("control_sum", said("Amount", "What you added up.")),
    ]
}

fn changes() -> Value {
    let person = || must("beneficiary_id", named("Id"));
    let kind = || may("benefit_type", said("Code", "Of all the person's benefits when absent."));
    let add = vec![person(), must("benefit_type", named("Code")), must("amount", named("Amount"))];
    let reason = must("reason", text("Kept for ever: no names, no numbers of persons."));
    let drop = vec![person(), kind(), reason];
    let amounts = vec![person(), kind(), must("amount", named("Amount"))];
    object(
        "What is other than on the earlier lists.",
        vec![
            may("add", list(&object("Somebody who was on none of them.", add))),
            may("drop", list(&object("Somebody who is not paid this time.", drop))),
            may("amounts", list(&object("Another amount.", amounts))),
        ],
    )
}

fn inputs() -> Vec<Named> {
    let ids = |about: &str| json!({"type": "array", "items": named("Id"), "description": about});
    let mut prepare = vec![
        must("cycle", named("Month")),
        may("channel", said("Code", "That of the first earlier list when absent.")),
        may("agent", said("Code", "That of the first earlier list, else the channel's, when absent.")),
        may(
            "from_lists",
            ids(
                "Earlier lists whose people are paid again. All lists of a month may be named: who is paid another way now is left out with the reason.",
            ),
        ),
        may("changes", changes()),
        may("payments", ids("Payments that were ordered before.")),
        may(
            "open_payments",
            said("Boolean", "All payments of cycle, channel and agent that are ordered, not held and on no list."),
        ),
        may("unit", said("Text", "With open_payments: under this unit.")),
        may("benefit_type", said("Code", "With open_payments: of this benefit.")),
        may("benefit_months", list(&named("Month"))),
        may("due_on", said("Date", "By the calendar when absent.")),
    ];
    prepare.extend(control());
    let mut preparation = object("Exactly one source: from_lists and changes, payments, or open_payments.", prepare);
    preparation["examples"] = json!([
        {"cycle": "2025-04", "from_lists": ["01960000-0000-7000-8000-00000000000a"],
            "changes": {"drop": [{"beneficiary_id": "8f3a1c52-0b7e-4d36-9f10-52c7d1a0e9b4", "reason": "moved to another province"}]}},
        {"cycle": "2025-04", "channel": "account", "open_payments": true, "control_count": 412},
    ]);
    let reason = || must("reason", text("Kept for ever: no names, no numbers of persons."));
    let answers = words(&AgentAnswer::ALL.map(AgentAnswer::as_str));
    vec![
        ("ListPreparation", preparation),
        ("ListControl", object("", control())),
        (
            "ListSubmission",
            object("", vec![may("advanced", said("Amount", "The money given to the agent: the list's control sum."))]),
        ),
        (
            "ListAcknowledgement",
            object("", vec![must("answer", answers), may("agent_ref", said("Text", "The agent's reference."))]),
        ),
        (
            "ListReconciliation",
            object(
                "",
                vec![must("handed_back", said("Amount", "The money that the agent gave back; \"0\" for none."))],
            ),
        ),
        ("ListClosing", object("", Vec::new())),
        ("ListRemoval", object("", vec![must("payments", ids("At most 500.")), reason()])),
        (
            "ListWithdrawal",
            object(
                "",
                vec![
                    reason(),
                    may(
                        "handed_back",
                        said("Amount", "All the money, when the list had gone out and its agent refused it."),
                    ),
                ],
            ),
        ),
    ]
}

fn tally() -> Value {
    object("", vec![must("items", named("Count")), must("sum", named("Amount"))])
}

/// What every answer about a list begins with.
fn summary() -> Vec<Property> {
    vec![
        must("list_id", named("Id")),
        must("cycle", named("Month")),
        must("channel", named("Code")),
        must("agent", named("Code")),
        must("currency", named("Currency")),
        must("origin", words(&["ordered", "existing"])),
        must("from_lists", list(&named("Id"))),
        must("status", named("ListStage")),
        must("items", said("Count", "How many payments are on it.")),
        must("control_sum", said("Amount", "What they add up to.")),
        must("left_out", said("Count", "Who was to be on it and is not.")),
        must("units", list(&named("UnitKey"))),
        must("bank", or_null(said("Code", "The bank that all items go to, if it is one."))),
        must("prepared_by", or_null(text("The key that prepared it."))),
        must("approved_by", or_null(text("The key that approved it."))),
        must("answer", or_null(words(&AgentAnswer::ALL.map(AgentAnswer::as_str)))),
        nullable("advanced", "Amount"),
        must("paid", or_null(tally())),
        must("unpaid", or_null(tally())),
        nullable("handed_back", "Amount"),
        must("revision", named("Revision")),
        must(
            "position",
            said("Position", "Of the list's last event; send it as `min_position` to read this write back."),
        ),
    ]
}

fn written() -> Vec<Property> {
    let finding = vec![
        must("payment_id", named("Id")),
        must("beneficiary_id", named("Id")),
        must("code", text("Stable.")),
        must("blocking", json!({"type": "boolean", "description": "To be mended before the list goes out."})),
        must("message", text("What is wrong.")),
        must("message_vi", text("The same in Vietnamese.")),
    ];
    let count = vec![must("code", text("Stable.")), must("blocking", named("Boolean")), must("items", named("Count"))];
    let check = vec![
        must("blocking_items", named("Count")),
        must("counts", list(&object("", count))),
        must("findings", list(&object("The first 1000.", finding))),
    ];
    let mut all = summary();
    all.push(must("changed", json!({"type": "boolean", "description": "Something was recorded."})));
    all.push(sometimes("check", object("What the check found (check only).", check)));
    all
}

fn plan() -> Vec<Property> {
    let share = || {
        let whole = |about: &str| json!({"type": "integer", "description": about});
        object(
            "",
            vec![
                must("numerator", whole("The part.")),
                must("denominator", whole("The whole.")),
                must("ratio", or_null(named("Ratio"))),
            ],
        )
    };
    let event = vec![must("stream", named("Text")), must("type", named("Text")), must("data", named("Object"))];
    let figure = vec![must("indicator", named("Text")), must("before", share()), must("after", share())];
    vec![
        must(
            "plan",
            text(
                "Send it as `plan` with the same body and another Idempotency-Key: exactly these events are appended, or nothing (409 `plan-changed`).",
            ),
        ),
        must("list_id", named("Id")),
        must("as_of_position", named("Position")),
        must("items", said("Count", "Items of the list after the step.")),
        must("control_sum", said("Amount", "Their sum after the step.")),
        must("event_count", named("Count")),
        must(
            "event_types",
            json!({"type": "object", "additionalProperties": {"type": "integer"}, "description": "How many events of each type."}),
        ),
        must("events", list(&object("The first 200.", event))),
        must("cycle", said("Month", "The figures' scope: this cycle, within the key's units.")),
        must("figures", list(&object("", figure))),
        sometimes("check", named("Object")),
    ]
}

fn as_of() -> Vec<Property> {
    vec![
        must("next_cursor", or_null(named("Text"))),
        must("as_of_position", said("Position", "The last event that this answer contains.")),
        must("as_of_time", said("Instant", "When that event was recorded.")),
    ]
}

fn page() -> Vec<Property> {
    let mut all = vec![must("lists", list(&object("", summary())))];
    all.extend(as_of());
    all
}

fn view() -> Vec<Property> {
    let standing =
        vec![must("status", or_null(named("Status"))), must("items", named("Count")), must("sum", named("Amount"))];
    let item = vec![
        must("place", named("Count")),
        must("payment_id", named("Id")),
        must("payment_reference", or_null(named("Text"))),
        must("attempt", named("Count")),
        must("beneficiary_id", named("Id")),
        must("benefit_type", named("Code")),
        must("unit", named("UnitKey")),
        nullable("bank", "Code"),
        must("amount", named("Amount")),
        must("status", or_null(said("Status", "Where the attempt on the list stands."))),
        must("removed", or_null(text("Why it came off."))),
    ];
    let out = vec![
        must("beneficiary_id", named("Id")),
        must("benefit_type", named("Code")),
        nullable("unit", "UnitKey"),
        must("amount", said("Amount", "What the earlier list or the order named.")),
        must("reason", text("A stable code.")),
        must("note", or_null(text("The clerk's words."))),
    ];
    let mut all = summary();
    all.push(must("funnel", list(&object("Items by status.", standing))));
    all.push(must("page", list(&object("", item))));
    all.push(must("left_out_page", list(&object("", out))));
    all.extend(as_of());
    all
}

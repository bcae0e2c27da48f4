//! Schemas of cash desks: what goes into their books, and what comes out.

use super::{Named, Property, list, may, must, named, object, or_null, said, sometimes, text, words};
use serde_json::{Value, json};

/// Inputs, then answers.
pub(super) fn schemas() -> Vec<Named> {
    vec![
        ("Collector", words(&["self", "authorised", "guardian", "heir"])),
        ("DeskRegistration", registration()),
        ("DeskCash", cash()),
        ("DeskPayment", payment()),
        ("UnpaidList", unpaid_list()),
        ("CashCount", count()),
        ("DeskLine", line()),
        ("Desk", desk()),
        ("DeskList", desks()),
        ("DeskDays", days()),
        ("Liquidation", liquidation()),
    ]
}

fn with_example(mut schema: Value, example: Value) -> Value {
    schema["examples"] = Value::Array(vec![example]);
    schema
}

fn evidence() -> Property {
    let proof = vec![must("kind", text("Its kind.")), must("reference", text("Its reference with whoever issued it."))];
    must("evidence", object("The proof.", proof))
}

fn registration() -> Value {
    let all = vec![
        must("code", said("Reference", "The agency's own name for the desk; unique.")),
        must("kind", said("Code", "A kind of desk of the profile.")),
        must("unit", text("Key or code of the unit whose clerks keep its book.")),
        may("agent", said("Code", "Who runs it; the agent of its first channel when absent.")),
    ];
    let example = json!({"code": "TK-01", "kind": "payment_point", "unit": "20341"});
    with_example(object("A post office's counter, a payment point or a team that pays at home.", all), example)
}

fn cash() -> Value {
    let all = vec![must("amount", named("Amount")), evidence()];
    let example = json!({"amount": "50000000", "evidence": {"kind": "voucher", "reference": "PC-2025-03-0001"}});
    with_example(object("Cash that the desk was handed, or gave back.", all), example)
}

fn payment() -> Value {
    let all = vec![
        must("payment_id", named("Id")),
        must("collected_by", named("Collector")),
        must("receipt", said("Reference", "The number of the receipt that the collector signed.")),
    ];
    let example =
        json!({"payment_id": "0197d1a2-5c3e-7f10-8a44-1f0b2c3d4e5f", "collected_by": "self", "receipt": "R-000001"});
    with_example(object("A payment that was paid out at the desk.", all), example)
}

fn unpaid_list() -> Value {
    let all = vec![must("cycle", named("Month")), sometimes("payments", list(&named("Id"))), evidence()];
    let example = json!({"cycle": "2025-03", "evidence": {"kind": "unpaid_list", "reference": "DS-2025-03"}});
    with_example(
        object(
            "The list of what nobody collected. Without `payments`: every open cash payment of the cycle in the desk's unit, up to 1000.",
            all,
        ),
        example,
    )
}

fn count() -> Value {
    let all = vec![must("counted", said("Amount", "The cash that was counted in the desk at the end of the day."))];
    with_example(object("The desk's cash at the end of a day.", all), json!({"counted": "0"}))
}

fn book() -> Vec<Property> {
    vec![
        must("day", named("Date")),
        must("opening_amount", said("Amount", "What was held from the days before.")),
        must("advanced_amount", said("Amount", "What the desk was handed.")),
        must("paid_payments", named("Count")),
        must("paid_amount", named("Amount")),
        must("handed_back_amount", said("Amount", "What it gave back, the unclaimed with it.")),
        must("unclaimed_payments", named("Count")),
        must("unclaimed_amount", said("Amount", "What nobody collected, among what it gave back.")),
        must("held_amount", said("Amount", "opening + advanced - paid - handed back.")),
        must("held_since", or_null(said("Date", "The oldest advance of which something is still held."))),
    ]
}

fn line() -> Value {
    let mut all = vec![must("desk_id", named("Id")), must("code", named("Reference")), must("unit", named("UnitKey"))];
    all.extend(book());
    all.extend([
        must("held_days", or_null(json!({"type": "integer", "description": "Days since `held_since`."}))),
        must("currency", named("Currency")),
        must("liquidated", said("Boolean", "The day is counted and closed.")),
    ]);
    object("One desk on one day.", all)
}

fn about_desk() -> Vec<Property> {
    vec![
        must("desk_id", named("Id")),
        must("code", named("Reference")),
        must("kind", named("Code")),
        must("unit", named("UnitKey")),
        must("agent", named("Code")),
        must("liquidated_to", or_null(named("Date"))),
    ]
}

fn desk() -> Value {
    let kept = object("", vec![must("payment_id", named("Id")), must("code", text("Why it was not taken back."))]);
    let unpaid = vec![
        must("listed", named("Count")),
        must("failed", said("Count", "Marked as unclaimed, by this call or an earlier one.")),
        must("kept", list(&kept)),
        must("more", said("Boolean", "One list takes 1000: call again with other evidence.")),
    ];
    let mut all = about_desk();
    all.extend([
        must("currency", named("Currency")),
        sometimes("book", object("The day's book: of today when read.", book())),
        sometimes("unpaid", object("What became of the list.", unpaid)),
        must("revision", named("Revision")),
        must("position", named("Position")),
        sometimes("changed", said("Boolean", "Something was recorded.")),
        sometimes("as_of_position", named("Position")),
    ]);
    object("A cash desk.", all)
}

fn as_of() -> Vec<Property> {
    vec![must("as_of_position", named("Position")), must("as_of_time", named("Instant"))]
}

fn desks() -> Value {
    let mut one = about_desk();
    one.extend([
        must("unit_name", or_null(text(""))),
        must("held_amount", said("Amount", "What it holds today.")),
        must("held_since", or_null(named("Date"))),
        must("held_days", or_null(json!({"type": "integer"}))),
    ]);
    let mut all = vec![
        must("desks", list(&object("", one))),
        must("today", named("Date")),
        must("currency", named("Currency")),
        must("next_cursor", or_null(text("Send it as `cursor`; null on the last page."))),
    ];
    all.extend(as_of());
    object("A page of desks.", all)
}

fn days() -> Value {
    let mut all = vec![must("lines", list(&named("DeskLine")))];
    all.extend(as_of());
    object("A desk's liquidation by day: the days on which anything was entered.", all)
}

fn liquidation() -> Value {
    let sums = ["opening", "advanced", "paid", "handed_back", "unclaimed", "held"];
    let total = sums.into_iter().map(|name| must(format!("{name}_amount"), named("Amount"))).collect();
    let mut all = vec![
        must("day", named("Date")),
        must("total", object("All these desks together.", total)),
        must("currency", named("Currency")),
        must("lines", list(&named("DeskLine"))),
    ];
    all.extend(as_of());
    object("Every desk of the scope on one day: cash handed out = paid + handed back + still held.", all)
}

//! The schema of what changed since a position.

use super::{list, must, named, object, or_null, said, text};
use crate::app::since::ChangeKind;
use serde_json::{Value, json};

fn kind() -> Value {
    json!({"type": "string", "enum": ChangeKind::ALL.map(ChangeKind::as_str)})
}

pub(super) fn schema() -> Value {
    let sum = vec![must("kind", kind()), must("payments", json!({"type": "integer"})), must("amount", named("Amount"))];
    let kinds = || list(&object("How many of a kind.", sum.clone()));
    let rates = || {
        let all = vec![
            must("people", said("PeopleShare", "A1.")),
            must("amount", said("MoneyShare", "A2.")),
            must("payments", said("Share", "A3.")),
            must("completeness", said("Share", "C1.")),
        ];
        object("Rates of the cycle within the units asked.", all)
    };
    let points = || or_null(text("Percentage points with two digits."));
    let moved = vec![must("people", points()), must("amount", points()), must("payments", points())];
    let cycle = vec![
        must("cycle", named("Month")),
        must("kinds", kinds()),
        must("before", rates()),
        must("now", rates()),
        must("points", object("From before to now; null without a rate on both sides.", moved)),
    ];
    let unit = vec![
        must("unit", text("The unit that the payment names.")),
        must("unit_name", or_null(text("Its name."))),
        must("kinds", kinds()),
    ];
    let change = vec![
        must("position", named("Position")),
        must("recorded_at", named("Instant")),
        must("kind", kind()),
        must("payment_id", named("Id")),
        must("cycle", named("Month")),
        must("unit", text("")),
        must("benefit_type", named("Code")),
        must("channel", named("Code")),
        must("amount", said("Amount", "The payment's; of a recovery what is out beyond what is owed.")),
    ];
    let all = vec![
        must("since", named("Position")),
        must("since_time", or_null(named("Instant"))),
        must("unit", or_null(text("The unit asked."))),
        must("cycle", or_null(named("Month"))),
        must("kinds", kinds()),
        must("cycles", list(&object("A cycle of which anything changed.", cycle))),
        must("units", list(&object("A unit of which anything changed.", unit))),
        must("changes", list(&object("One change, in the order of the log.", change))),
        must("next_cursor", or_null(text("The next page's cursor."))),
        must("as_of_position", named("Position")),
        must("as_of_time", named("Instant")),
    ];
    object("What changed since a position.", all)
}

//! Schemas of figures: adoption and settlement.

use super::{Named, Property, changes, list, must, named, object, or_null, said, sometimes, text};
use crate::app::movers::Standing;
use crate::domain::payment::state::AttemptState;
use serde_json::{Value, json};

/// Shares, then the two answers.
pub(super) fn schemas() -> Vec<Named> {
    vec![
        ("Share", share()),
        ("MoneyShare", money_share()),
        ("PeopleShare", people_share()),
        ("FigureGroup", group()),
        ("PaymentSum", sum()),
        ("Adoption", adoption()),
        ("AdoptionRevisions", revisions()),
        ("SettlementGroup", settlement_group()),
        ("SettlementFigures", settlement()),
        ("LateGroup", late_group()),
        ("UnclaimedFigures", unclaimed()),
        ("LateFigures", late()),
        ("FirstAttempts", first_attempts()),
        ("Movers", movers()),
        ("Registered", registered()),
        ("Changes", changes::schema()),
        ("Dictionary", dictionary()),
    ]
}

fn dictionary() -> Value {
    let column = vec![
        must("table", text("The table's name, or `*`.")),
        must("column", text("The column's name in files.")),
        must("type", text("text, integer, decimal, month, date, true or false.")),
        must("unit", text("What is counted.")),
        must("meaning", text("")),
        must("meaning_vi", text("")),
    ];
    let all = vec![
        must("profile", text("The profile's name.")),
        must("profile_version", named("Text")),
        must("columns", list(&object("", column))),
    ];
    object("Columns of the tables of figures.", all)
}

pub(super) fn number(description: &str) -> Value {
    json!({"type": "integer", "format": "int64", "description": description})
}

fn parts() -> Vec<Property> {
    vec![
        must("numerator", or_null(number("The part."))),
        must("denominator", or_null(number("The whole."))),
        must("ratio", named("Ratio")),
        suppressed(),
    ]
}

fn suppressed() -> Property {
    sometimes(
        "suppressed",
        json!({"type": "boolean", "description": "In figures as published: whether the numbers are kept back, and null, because they would tell of few people."}),
    )
}

fn share() -> Value {
    object("A part of a whole. Add numerators and denominators; never average ratios.", parts())
}

fn money_share() -> Value {
    let all = vec![
        must("numerator", or_null(named("Amount"))),
        must("denominator", or_null(named("Amount"))),
        must("ratio", named("Ratio")),
        must("currency", named("Currency")),
        suppressed(),
    ];
    object("A part of a sum of money.", all)
}

fn people_share() -> Value {
    let mut all = parts();
    all.extend([
        must("cashless", or_null(number("People whose live payments are all cashless; null in figures as published."))),
        must("cash", or_null(number("People whose live payments are all cash; null in figures as published."))),
        must("mixed", or_null(number("People who are paid both ways; null in figures as published."))),
    ]);
    object("People, each counted once within the group.", all)
}

fn group() -> Value {
    let dimensions = [
        "unit",
        "benefit_type",
        "benefit_group",
        "cycle",
        "channel",
        "agent",
        "bank",
        "urban",
        "sex",
        "birth_decade",
        "benefit_month",
    ];
    let mut all: Vec<Property> =
        dimensions.into_iter().map(|name| sometimes(name, json!({"type": "string"}))).collect();
    all.push(sometimes("unit_name", or_null(text("The unit's name."))));
    object(
        "The values of the dimensions of `group_by`; empty without one. `urban` is `true` or `false`; no bank is an empty text; `sex` and `birth_decade` may be `unknown`.",
        all,
    )
}

fn sum() -> Value {
    object("", vec![must("payments", number("How many.")), must("amount", named("Amount"))])
}

/// What every figure says about itself.
pub(super) fn about(indicators: &[(&'static str, &str)]) -> Vec<Property> {
    let ids = indicators.iter().map(|(name, id)| must(*name, json!({"const": id}))).collect();
    vec![
        must(
            "filters",
            json!({"type": "object", "additionalProperties": {"type": "string"}, "description": "What was asked."}),
        ),
        must("group_by", list(&json!({"type": "string"}))),
        must("unit_basis", text("`as_paid`: units as they were when the payment was due; else as asked.")),
        sometimes("unit_basis_on", said("Date", "With `current`: the day.")),
        must("as_of_position", said("Position", "The last event that the figures contain.")),
        must("as_of_time", said("Instant", "When that event was recorded.")),
        must("indicators", object("Ids of the definitions at `GET /v1/indicators`.", ids)),
    ]
}

fn adoption() -> Value {
    let one = vec![
        must("group", named("FigureGroup")),
        must("people", said("PeopleShare", "A1: cashless people of all people with a live payment.")),
        must("amount", said("MoneyShare", "A2: live cashless amount of all live amount.")),
        must("payments", said("Share", "A3: live cashless payments of all live payments.")),
        must("completeness", said("Share", "C1: payments with a final outcome of all instructed.")),
    ];
    let mut all = about(&[("people", "A1"), ("amount", "A2"), ("payments", "A3"), ("completeness", "C1")]);
    all.push(must("mixed_as_cashless", named("Boolean")));
    all.push(must("groups", list(&object("", one))));
    object("How far cashless payment has come. A live payment is settled and not returned.", all)
}

fn revisions() -> Value {
    let points =
        || or_null(text("Percentage points, two digits, half away from zero; null without a rate on both sides."));
    let moved = |of: Value| {
        let parts = vec![must("numerator", of.clone()), must("denominator", of), must("points", points())];
        object("", parts)
    };
    let change = vec![
        must("people", moved(number(""))),
        must("amount", moved(text("In major units; negative for less."))),
        must("payments", moved(number(""))),
    ];
    let one = vec![
        must("months_after", number("Months from the cycle's own; 0 is what was first published.")),
        must("day", said("Date", "The last day of that month.")),
        must("closed", said("Boolean", "Something was recorded on a later day: this column never changes.")),
        must("as_of_position", said("Position", "The last position recorded up to that day.")),
        must("as_of_time", or_null(named("Instant"))),
        must("people", named("PeopleShare")),
        must("amount", named("MoneyShare")),
        must("payments", named("Share")),
        must("completeness", named("Share")),
        must("change", or_null(object("From the column before; null in the first.", change))),
    ];
    let row = vec![must("cycle", named("Month")), must("revisions", list(&object("", one)))];
    let mut all = about(&[("people", "A1"), ("amount", "A2"), ("payments", "A3"), ("completeness", "C1")]);
    all.extend([
        must("cycle_from", named("Month")),
        must("cycle_to", named("Month")),
        must("months", number("Months after each cycle's own.")),
        must("mixed_as_cashless", named("Boolean")),
        must("cycles", list(&object("A row of the triangle.", row))),
    ]);
    object(
        "How the figures of cycles changed after they were first published. Cycles without payments are left out.",
        all,
    )
}

fn settlement_group() -> Value {
    let funnel = AttemptState::ALL.into_iter().map(|state| sometimes(state.as_str(), named("PaymentSum"))).collect();
    let day = |description: &str| or_null(number(description));
    let age = vec![
        must("from_days", day("Days since due; null: not due yet.")),
        must("to_days", day("Null: no end, or not due yet.")),
        must("payments", number("")),
        must("amount", named("Amount")),
    ];
    let by_day = vec![must("day", number("Day of the cycle's month.")), must("settled", named("Share"))];
    let timeliness = vec![
        must("settled_by_day", list(&object("", by_day))),
        must("days_median", day("Days from due to settled that half of the live payments do not exceed.")),
        must("days_p90", day("The same for nine tenths.")),
    ];
    let rates = ["rejected", "returned", "failed"].map(|kind| must(kind, named("Share"))).into_iter().collect();
    let reason = vec![
        must("kind", json!({"type": "string", "enum": ["rejected", "returned", "failed"]})),
        must("class", named("ReasonClass")),
        must("system", text("Whose code it is.")),
        must("code", text("The code as received.")),
        must("attempts", number("")),
        must("amount", named("Amount")),
    ];
    let all = vec![
        must("group", named("FigureGroup")),
        must("instructed", named("PaymentSum")),
        must("funnel", object("Payments by the state of their latest attempt.", funnel)),
        must("held", said("PaymentSum", "Open payments that wait for a person.")),
        must("ageing", list(&object("S5: open payments by age.", age))),
        must("timeliness", object("S4.", timeliness)),
        must("attempts", number("All attempts.")),
        must("rates", object("S2: rejected and failed of all attempts; returned of those once settled.", rates)),
        must("reasons", list(&object("S2: why attempts came to nothing.", reason))),
        must("completeness", said("Share", "C1.")),
    ];
    object("The figures of one group.", all)
}

fn settlement() -> Value {
    let mut all = about(&[("reasons", "S2"), ("timeliness", "S4"), ("ageing", "S5"), ("completeness", "C1")]);
    all.extend([
        must("today", said("Date", "The day that ageing is counted to.")),
        must("currency", named("Currency")),
        must("groups", list(&named("SettlementGroup"))),
    ]);
    object("How far payments are from being settled.", all)
}

fn late_group() -> Value {
    let bucket = vec![
        must("from_days", number("Days since the last day of payment.")),
        must("to_days", or_null(number("Null: no end."))),
        must("payments", number("")),
        must("amount", named("Amount")),
    ];
    let all = vec![
        must("group", named("FigureGroup")),
        must("late", said("PaymentSum", "Past their last day and not final.")),
        must("open", said("PaymentSum", "Not final, late or not.")),
        must("oldest_last_day", or_null(named("Date"))),
        must("oldest_days", or_null(number("Days since that day."))),
        must("ageing", list(&object("Late payments by days since their last day.", bucket))),
    ];
    object("The late payments of one unit.", all)
}

fn late() -> Value {
    let mut all: Vec<Property> = about(&[]).into_iter().filter(|property| property.name != "indicators").collect();
    all.extend([
        must("today", said("Date", "The day that lateness is counted to.")),
        must("currency", named("Currency")),
        must("total", said("LateGroup", "All units together.")),
        must("groups", list(&named("LateGroup"))),
    ]);
    object("Payments past their window without a final outcome, by unit.", all)
}

fn unclaimed() -> Value {
    let one = vec![
        must("group", named("FigureGroup")),
        must("attempts", said("Share", "Cash attempts that nobody collected, of all cash attempts.")),
        must("amount", said("MoneyShare", "Their amounts.")),
    ];
    let mut all = about(&[("attempts", "S6"), ("amount", "S6")]);
    all.extend([
        must("unclaimed_months_max", number("After so many months in a row no more cash is ordered.")),
        must("people_halted", or_null(number("People for whom that is so now; null for another state of the log."))),
        must("groups", list(&object("", one))),
    ]);
    object("Unclaimed cash.", all)
}

fn first_attempts() -> Value {
    let one = vec![
        must("group", named("FigureGroup")),
        must("people", said("PeopleShare", "A5: people whose orders were all cashless, of all people ordered for.")),
        must("amount", said("MoneyShare", "Amount ordered cashless, of all ordered.")),
        must("payments", said("Share", "Payments ordered cashless, of all ordered.")),
        must("success", said("Share", "S1: cashless first attempts that are live, of all cashless first attempts.")),
        must("fell_back", said("Share", "S3: cashless first attempts whose payment is live in cash instead.")),
        must("through_others", said("Share", "S7: live payments received by an authorised person or guardian.")),
    ];
    let mut all = about(&[("people", "A5"), ("success", "S1"), ("fell_back", "S3"), ("through_others", "S7")]);
    all.push(must("mixed_as_cashless", named("Boolean")));
    all.push(must("groups", list(&object("", one))));
    object("What was ordered, and what came of it. Payments that were cancelled are in none.", all)
}

fn movers() -> Value {
    let standing = || json!({"type": "string", "enum": Standing::ALL.map(Standing::as_str)});
    let cell = vec![
        must("before", standing()),
        must("now", standing()),
        must("people", number("People who stood so before and stand so now; `none` is no live payment in scope.")),
    ];
    let why = vec![
        must("ordered_in_cash", json!({"type": "boolean", "description": "Cash was ordered from the start."})),
        must("class", or_null(named("ReasonClass"))),
        must("system", or_null(text("Whose code it is."))),
        must("code", or_null(text("The code as received."))),
        must("people", number("")),
    ];
    let one = vec![
        must("group", named("FigureGroup")),
        must("people", list(&object("A cell of the matrix.", cell))),
        must("to_cashless", said("Share", "A7: cash before and cashless now, of people paid in both cycles.")),
        must("to_cash", said("Share", "A7: cashless before and cash now, likewise.")),
        must("fell_back", or_null(list(&object("Why people fell back to cash.", why)))),
        must("cash_with_account", or_null(named("Share"))),
    ];
    let mut all = about(&[("to_cashless", "A7"), ("to_cash", "A7")]);
    all.push(must("before", or_null(named("Month"))));
    all.push(must("groups", list(&object("", one))));
    object("Who moved between cash and account from one cycle to another.", all)
}

fn registered() -> Value {
    let one = vec![
        must("group", named("FigureGroup")),
        must("registered", said("Share", "People whose payout method chosen last is cashless, of all people.")),
    ];
    let mut all: Vec<Property> =
        about(&[("registered", "A6")]).into_iter().filter(|property| property.name != "unit_basis").collect();
    all.extend([
        must(
            "unit_basis",
            json!({"const": "current", "description": "Units as they have become by the answer's day."}),
        ),
        must("base", json!({"const": "beneficiaries"})),
        must("groups", list(&object("", one))),
    ]);
    object("Who has a cashless payout method at all.", all)
}

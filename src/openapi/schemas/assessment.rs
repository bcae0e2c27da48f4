//! The schema of the assessment.

use super::{Named, Property, list, must, named, object, or_null, said, text};
use serde_json::{Value, json};

/// What every rate stands with, then the whole.
pub(super) fn schemas() -> Vec<Named> {
    vec![("Rates", rates()), ("Assessment", assessment())]
}

fn number(description: &str) -> Value {
    json!({"type": "integer", "format": "int64", "description": description})
}

fn flag(description: &str) -> Value {
    json!({"type": "boolean", "description": description})
}

fn rates() -> Value {
    let all = vec![
        must("people", said("PeopleShare", "A1.")),
        must("amount", said("MoneyShare", "A2.")),
        must("payments", said("Share", "A3.")),
        must("completeness", said("Share", "C1.")),
    ];
    object("The rates of one scope.", all)
}

fn unit() -> Vec<Property> {
    vec![must("unit", named("UnitKey")), must("unit_name", text("Its name."))]
}

fn with(mut all: Vec<Property>, more: Vec<Property>) -> Vec<Property> {
    all.extend(more);
    all
}

fn targets() -> Value {
    let words = ["reached", "at", "not_at_this_pace", "unknown"];
    let pace = vec![
        must("outlook", json!({"type": "string", "enum": words})),
        must(
            "points_per_month",
            or_null(text("Percentage points a month: the median slope between all pairs of the last twelve cycles.")),
        ),
        must(
            "points_needed",
            or_null(text("Percentage points a month to be there by the date; null when reached or over.")),
        ),
        must("month", or_null(said("Month", "When it is reached at this pace."))),
        must("soonest", or_null(said("Month", "At the upper quartile of the slopes."))),
        must("latest", or_null(said("Month", "At the lower quartile; null: never."))),
    ];
    let one = vec![
        must("code", text("The profile's code, or the id of a unit's target.")),
        must("origin", super::words(&crate::app::targets::told::origins())),
        must("set_for", or_null(text("The unit that it was set for; null for the profile's."))),
        must("indicator", text("The indicator's id.")),
        must("value", text("A fraction of 1.")),
        must("by_date", named("Date")),
        must(
            "legal_basis",
            json!({"type": "object", "additionalProperties": {"type": "string"}, "description": "The law or dispatch, by language."}),
        ),
        must("reached", named("Share")),
        must("gap_points", or_null(text("T1: rate less target in percentage points, two digits."))),
        must("pace", object("Where the rate goes.", pace)),
        must("cite", said("FigureToCite", "What to send to `POST /v1/figures`, with a title, to cite it.")),
    ];
    list(&object("A target and the gap to it.", one))
}

fn ranking() -> Value {
    let more = vec![
        must("rank", number("By the people rate, smoothed where asked; units of one rate share a rank.")),
        must("smoothed_ratio", or_null(text("The rate that it is ranked by, where `smoothing` is asked for."))),
        must("rank_before", or_null(number("In the cycle before; null for a unit without payments then."))),
        must("now", named("Rates")),
        must("before", or_null(named("Rates"))),
        must("assessable", flag("Completeness reaches the profile's threshold.")),
    ];
    list(&object("A unit of the ranking.", with(unit(), more)))
}

fn settlement() -> Value {
    let by_day = vec![must("day", number("Day of the cycle's month.")), must("settled", named("Share"))];
    let timeliness = vec![
        must("settled_by_day", list(&object("S4.", by_day))),
        must("days_median", or_null(number("From due to settled."))),
        must("days_p90", or_null(number("Nine tenths do not exceed it."))),
    ];
    let reason = vec![
        must("kind", text("rejected, returned or failed.")),
        must("class", text("The reason's class.")),
        must("system", text("Whose code it is.")),
        must("code", text("")),
        must("attempts", number("")),
        must("amount", named("Amount")),
        must("who", or_null(text("Who acts, by the playbook."))),
        must("working_days", or_null(number("By when."))),
        must(
            "labels",
            or_null(
                json!({"type": "object", "additionalProperties": {"type": "string"}, "description": "How, by language."}),
            ),
        ),
    ];
    let all = vec![
        must("today", said("Date", "The day that ageing is counted to.")),
        must("instructed", named("PaymentSum")),
        must("held", named("PaymentSum")),
        must(
            "funnel",
            json!({"type": "object", "additionalProperties": named("PaymentSum"), "description": "Payments by state of the latest attempt."}),
        ),
        must("timeliness", object("S4.", timeliness)),
        must("reasons", list(&object("S2, most frequent first.", reason))),
        must("completeness", named("Share")),
    ];
    object("How far payments are from being settled.", all)
}

fn identity() -> Value {
    let counts =
        ["mismatch", "not_found", "duplicate", "deceased_in_population_db", "pending", "unchecked", "excluded"];
    let mut all = vec![must("verified", said("Share", "I1.")), must("unmatched", said("Share", "I2."))];
    all.extend(counts.map(|name| must(name, number("People."))));
    all.push(must(
        "refused_for_identity",
        number("Unmatched people with a payment refused or sent back for their identity."),
    ));
    object("Matching with the population database.", all)
}

/// What was ordered and what came of it, who moved, and who has a cashless method at all.
fn ways() -> Vec<Property> {
    let first = vec![
        must("people", said("Share", "A5.")),
        must("success", said("Share", "S1.")),
        must("fell_back", said("Share", "S3.")),
        must("through_others", said("Share", "S7.")),
    ];
    let moved = vec![
        must("before", said("Month", "The cycle before with payments.")),
        must("to_cashless", said("Share", "A7.")),
        must("to_cash", said("Share", "A7, the reverse.")),
    ];
    vec![
        must("first_attempts", object("As `GET /v1/first-attempts` has them.", first)),
        must("moved", or_null(object("As `GET /v1/movers` has it.", moved))),
        must("registered", said("Share", "A6.")),
    ]
}

fn assessment() -> Value {
    let of_cycle = || object("One cycle.", vec![must("cycle", named("Month")), must("rates", named("Rates"))]);
    let group = vec![must("benefit_group", text("")), must("rates", named("Rates"))];
    let area = vec![must("urban", flag("On the day due.")), must("rates", named("Rates"))];
    let tile =
        vec![must("above", text("The unit above.")), must("people", named("Share")), must("assessable", flag(""))];
    let definition =
        vec![must("id", text("")), must("name", text("")), must("formula", text("")), must("source", text(""))];
    let since = vec![
        must("as_of_position", named("Position")),
        must("as_of_time", or_null(named("Instant"))),
        must("rates", named("Rates")),
        must("rejected", number("Attempts by then.")),
        must("returned", number("Attempts by then.")),
        must("failed", number("Attempts by then.")),
    ];
    let mut all = vec![
        must("cycle", named("Month")),
        must("unit", or_null(named("UnitKey"))),
        must("unit_name", or_null(text("Its name."))),
        must("level", text("The level that is ranked.")),
        must("unit_basis", text("`as_paid`: units of the day due.")),
        must("as_of_position", said("Position", "All of it is of this position.")),
        must("as_of_time", or_null(named("Instant"))),
        must("log_root", text("RFC 6962's root of the tree over all events up to that position, in hex.")),
        must("definitions", list(&object("", definition))),
        must("headline", named("Rates")),
        must(
            "cite",
            list(&said("FigureToCite", "What to send to `POST /v1/figures`, with a title, to cite a headline figure.")),
        ),
        must("before", or_null(of_cycle())),
        must("targets", targets()),
        must("trend", list(&of_cycle())),
        must("smoothing_people", or_null(number("`smoothing` as asked; null: ranked by the rates as they are."))),
        must("ranking", ranking()),
        must("tiles", list(&object("A unit of the level that payments name.", with(unit(), tile)))),
        must("silent", list(&object("A unit in force without any payment.", unit()))),
        must("benefit_groups", list(&object("", group))),
        must("areas", list(&object("", area))),
        must("settlement", settlement()),
        must("assessable_units", said("Share", "Units with enough outcomes, of those in force.")),
        must("identity", identity()),
        must("since", or_null(object("The same cycle as it stood before.", since))),
    ];
    all.extend(ways());
    object("How far cashless payment has come in one cycle.", all)
}

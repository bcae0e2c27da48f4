//! Schemas of cited figures, of targets and of the definition switch.

use super::{Named, Property, list, may, must, named, object, or_null, said, sometimes, text, words};
use crate::app::cited::CITABLE;
use crate::app::targets::told::origins;
use crate::domain::target::INDICATORS;
use serde_json::{Value, json};

/// What goes in and comes out.
pub(super) fn schemas() -> Vec<Named> {
    vec![
        ("FigureCitation", citation()),
        ("FigureToCite", to_cite()),
        ("CitedFigure", cited(written())),
        ("CitedFigureView", cited(called_up())),
        ("CitedFigureList", cited_list()),
        ("TargetSetting", setting()),
        ("Target", target()),
        ("TargetWithdrawal", object("Why it is taken back.", vec![must("reason", text("Kept for ever."))])),
        ("TargetWithdrawn", withdrawn()),
        ("TargetList", targets()),
        ("AdoptionDefinitions", definitions()),
    ]
}

fn number(description: &str) -> Value {
    json!({"type": "integer", "format": "int64", "description": description})
}

fn texts(description: &str) -> Value {
    json!({"type": "object", "additionalProperties": {"type": "string"}, "description": description})
}

fn definition() -> Value {
    words(&CITABLE)
}

/// The figure's parameters stand beside definition and title, as in a query string; numbers and booleans may be sent as such.
fn citation() -> Value {
    let title = must("title", text("Kept for ever: no numbers of persons."));
    figure(
        "What to cite: a definition, a title, and the figure's own parameters (`cycle`, `unit`, `benefit_group`, `group_by` ...).",
        vec![title],
    )
}

fn to_cite() -> Value {
    figure("A body of `POST /v1/figures` that lacks a title yet.", Vec::new())
}

fn figure(description: &str, more: Vec<Property>) -> Value {
    let mut own = vec![
        must("definition", definition()),
        sometimes("mixed_as_cashless", named("Boolean")),
        sometimes("as_of_position", named("Position")),
        sometimes("min_position", named("Position")),
    ];
    own.extend(more);
    let mut schema = object(description, own);
    schema["additionalProperties"] =
        json!({"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}, {"type": "null"}]});
    schema
}

fn digits() -> Value {
    let share = json!({"anyOf": [named("Share"), named("MoneyShare")]});
    let one = vec![
        must("key", list(&text(""))),
        must("group", or_null(named("FigureGroup"))),
        sometimes(
            "part",
            text(
                "Of a definition of several shares which one, last in `key`: `to_cash`, `rejected`, a calendar day, days since due.",
            ),
        ),
        must("share", share),
    ];
    list(&object("A group of the figure, with the digits that were cited.", one))
}

fn cited(more: Vec<Property>) -> Value {
    let mut all = vec![
        must("figure_id", named("Id")),
        must("definition", definition()),
        must("title", text("")),
        must("asked", texts("The figure's parameters.")),
        must("as_of_position", said("Position", "The figure is of this position.")),
        must("digest", text("SHA-256 of the canonical form, in hex.")),
        must("cited_by", text("The key's id.")),
        must("groups", digits()),
        must("position", said("Position", "Where the citation stands in the log.")),
    ];
    all.extend(more);
    object("A cited figure.", all)
}

fn written() -> Vec<Property> {
    vec![must("revision", number("")), must("changed", named("Boolean"))]
}

fn called_up() -> Vec<Property> {
    vec![
        must("cited_at", named("Instant")),
        must("verified", said("Boolean", "The log gives the same digits at the cited position.")),
        must(
            "recomputed_digest",
            or_null(text("Of what the log gives; null when the profile no longer has what was asked.")),
        ),
    ]
}

fn cited_list() -> Value {
    let one = vec![
        must("figure_id", named("Id")),
        must("definition", definition()),
        must("title", text("")),
        must("unit", or_null(text("Null: the whole log."))),
        must("asked", text("The parameters, as in a query string.")),
        must("as_of_position", named("Position")),
        must("digest", or_null(text("Null for readers of published figures alone."))),
        must("cited_by", text("")),
        must("cited_at", named("Instant")),
        must("position", named("Position")),
    ];
    let all = vec![
        must("figures", list(&object("", one))),
        must("next_cursor", or_null(text("For the next page; null on the last."))),
        must("as_of_position", named("Position")),
        must("as_of_time", named("Instant")),
    ];
    object("Cited figures, in the order of citation.", all)
}

fn of_target() -> Vec<Property> {
    vec![
        must("indicator", words(&INDICATORS)),
        must("benefit_groups", list(&named("Code"))),
        must("urban", or_null(json!({"type": "boolean"}))),
        must("value", text("A fraction of 1 in plain digits, more than 0: 0.85 is 85 %.")),
        must("by_date", said("Date", "The last day to reach it by.")),
    ]
}

fn setting() -> Value {
    let all = vec![
        must("unit", text("A unit key, or a code that names one unit in force on `by_date`.")),
        must("indicator", words(&INDICATORS)),
        may("benefit_groups", list(&named("Code"))),
        may("urban", json!({"type": "boolean"})),
        must("value", text("A fraction of 1 in plain digits, more than 0: 0.85 is 85 %.")),
        must("by_date", said("Date", "The last day to reach it by.")),
        must("legal_basis", text("The law or dispatch that sets it; kept for ever.")),
    ];
    object("A target to set.", all)
}

fn target() -> Value {
    let mut all = vec![
        must("target_id", named("Id")),
        must("unit", text("")),
        must("unit_name", or_null(text(""))),
        must("legal_basis", text("")),
        must("set_by", text("The key's id.")),
        must("revision", number("")),
        must("position", named("Position")),
        must("changed", named("Boolean")),
    ];
    all.extend(of_target());
    object("A target that was set.", all)
}

fn withdrawn() -> Value {
    let all = vec![
        must("target_id", named("Id")),
        must("withdrawn", named("Boolean")),
        must("revision", number("")),
        must("position", named("Position")),
        must("changed", said("Boolean", "False: it was withdrawn before.")),
    ];
    object("A target that was taken back.", all)
}

fn targets() -> Value {
    let rate = || json!({"anyOf": [named("Share"), named("MoneyShare")]});
    let pace = vec![
        must("outlook", words(&["reached", "at", "not_at_this_pace", "unknown"])),
        must("points_per_month", or_null(text("The median slope between all pairs of the last twelve cycles."))),
        must("points_needed", or_null(text("A month, to be there by the date; null when reached or over."))),
        must("month", or_null(said("Month", "When it is reached at this pace."))),
        must("soonest", or_null(said("Month", "At the upper quartile of the slopes."))),
        must("latest", or_null(said("Month", "At the lower quartile; null: never."))),
    ];
    let cycle = vec![must("cycle", named("Month")), must("rate", rate())];
    let mut one = vec![
        must("target_id", or_null(named("Id"))),
        must("code", text("The profile's code, or the target's id.")),
        must("origin", words(&origins())),
        must("set_for", or_null(text("The unit that it was set for; null for the profile's."))),
        must("set_by", or_null(text("The key's id."))),
        must("unit", or_null(text("The unit that it is held against; null: everything in reach."))),
        must("unit_name", or_null(text(""))),
        must("legal_basis", texts("The law or dispatch, by language.")),
        must("reached", rate()),
        must("gap_points", or_null(text("T1: rate less target in percentage points, two digits."))),
        must("pace", object("Where the rate goes.", pace)),
        must("trend", list(&object("The rate by cycle.", cycle))),
    ];
    one.extend(of_target());
    if let Some(indicator) = one.iter_mut().find(|property| property.name == "indicator") {
        *indicator = must("indicator", text("The indicator's id."));
    }
    let all = vec![
        must("unit", or_null(text(""))),
        must("cycle", named("Month")),
        must("unit_basis", json!({"const": "as_paid"})),
        must("indicators", object("", vec![must("gap_points", json!({"const": "T1"}))])),
        must("as_of_position", named("Position")),
        must("as_of_time", named("Instant")),
        must("targets", list(&object("A target and the gap to it.", one))),
    ];
    object("Targets, and how far each is from being reached.", all)
}

fn definitions() -> Value {
    let rate = json!({"anyOf": [named("Share"), named("MoneyShare")]});
    let standing = || words(&["cashless", "cash", "mixed", "none"]);
    let cell = vec![must("base", standing()), must("here", standing()), must("people", number(""))];
    let difference = vec![
        must("points", or_null(text("Percentage points from the base to this one, two digits."))),
        must("benefits_added", list(&named("Code"))),
        must("benefits_left_out", list(&named("Code"))),
        must(
            "people",
            or_null(list(&object(
                "People by their standing under the base and here; `none` is not counted under it.",
                cell,
            ))),
        ),
    ];
    let one = vec![
        must("id", text("Indicator, benefit groups and area.")),
        must("indicator", words(&["A1", "A2", "A3", "A5"])),
        must("benefit_groups", list(&named("Code"))),
        must("benefit_types", list(&named("Code"))),
        must("area", words(&["all", "urban_when_due", "urban_on"])),
        must("share", rate),
        must("difference", or_null(object("Why it differs from the base; null for the base.", difference))),
    ];
    let all = vec![
        must("cycle", named("Month")),
        must("unit", or_null(text(""))),
        must("urban_on", or_null(named("Date"))),
        must("base", text("The id of the definition that the others are compared with.")),
        must("mixed_as_cashless", named("Boolean")),
        must("unit_basis", json!({"const": "as_paid"})),
        must("as_of_position", named("Position")),
        must("as_of_time", named("Instant")),
        must("definitions", list(&object("A definition with its figure.", one))),
    ];
    object("One month under different published definitions.", all)
}

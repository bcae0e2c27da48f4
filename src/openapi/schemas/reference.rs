//! Schemas of what the profile says: units, code lists, definitions of indicators, the calendar.

use super::{Named, Property, list, must, named, object, or_null, said, text, words};
use crate::domain::profile::cycle::DayKind;
use serde_json::{Value, json};

/// The answers.
pub(super) fn schemas() -> Vec<Named> {
    vec![
        ("Labels", labels()),
        ("UnitList", units()),
        ("CodeLists", codes()),
        ("IndicatorList", indicators()),
        ("CycleCalendar", calendar()),
    ]
}

fn labels() -> Value {
    json!({"type": "object", "additionalProperties": {"type": "string"}, "description": "By language."})
}

fn profile() -> Vec<Property> {
    vec![must("profile", text("The profile's name.")), must("profile_version", text("Written into every event."))]
}

fn flag() -> Value {
    named("Boolean")
}

fn units() -> Value {
    let unit = vec![
        must("unit", named("UnitKey")),
        must("code", text("Reforms reuse codes; a key is for ever.")),
        must("level", named("Code")),
        must("name", text("")),
        must("type", text("The unit's class as its source writes it.")),
        must("parent", or_null(named("UnitKey"))),
        must("valid_from", or_null(named("Date"))),
        must("valid_to", or_null(named("Date"))),
        must("urban", or_null(flag())),
    ];
    let mut all = profile();
    all.push(must("units", list(&object("One dated version of a unit.", unit))));
    object("Administrative units.", all)
}

fn coded(more: Vec<Property>) -> Value {
    let mut all = vec![must("code", named("Code")), must("labels", named("Labels"))];
    all.extend(more);
    list(&object("", all))
}

fn codes() -> Value {
    let types =
        vec![must("group", named("Code")), must("purpose", text("ISO 20022 purpose code.")), must("payer", text(""))];
    let channels = vec![
        must("cashless", flag()),
        must("requires_account", flag()),
        must("requires_presence", flag()),
        must("default_agent", named("Code")),
    ];
    let most = |description| or_null(json!({"type": "integer", "minimum": 0, "description": description}));
    let kinds = vec![
        must("months_back_max", most("How many months a benefit month may lie before the cycle.")),
        must("months_max", most("How many benefit months one payment may have.")),
        must("amount_max", or_null(named("Amount"))),
    ];
    let bank = vec![
        must("code", named("Code")),
        must("short_name", text("")),
        must("bin", or_null(text("Issuer number."))),
        must("swift", or_null(text(""))),
        must("aliases", list(&json!({"type": "string"}))),
    ];
    let length = |description: &str| json!({"type": "integer", "minimum": 1, "description": description});
    let identifiers = vec![
        must("length_min", length("Fewest characters.")),
        must("length_max", length("Most characters.")),
        must("example", text("Made up, of the right form.")),
        must("valid_to", or_null(said("Date", "The last day on which such numbers are given out."))),
        must("replaced_by", or_null(said("Code", "The scheme that took its place."))),
    ];
    let currency = vec![must("code", named("Currency")), must("exponent", json!({"type": "integer", "minimum": 0}))];
    let mut all = profile();
    all.extend([
        must("currency", object("", currency)),
        must("benefit_types", coded(types)),
        must("benefit_groups", coded(Vec::new())),
        must("channels", coded(channels)),
        must("agents", coded(Vec::new())),
        must("identifiers", coded(identifiers)),
        must("banks", list(&object("", bank))),
        must("payment_kinds", coded(kinds)),
        must("home_grounds", coded(Vec::new())),
        must("suspension_grounds", coded(Vec::new())),
        must("identity_fields", list(&named("Code"))),
        must("identity_exclusions", coded(Vec::new())),
        must(
            "levels",
            coded(vec![must("rank", json!({"type": "integer", "minimum": 1, "description": "1 is the top."}))]),
        ),
    ]);
    object("The codes of the profile in force.", all)
}

fn indicators() -> Value {
    let one = vec![must("id", text("")), must("name", text("")), must("formula", text("")), must("source", text(""))];
    object("What each figure means.", vec![must("indicators", list(&object("", one)))])
}

fn calendar() -> Value {
    let together = vec![
        must("benefit_groups", list(&named("Code"))),
        must("benefit_months", list(&named("Month"))),
        must("paid_with", or_null(said("Month", "The cycle that paid this one's month already."))),
    ];
    let day = vec![
        must("kind", words(&DayKind::ALL.map(DayKind::as_str))),
        must("code", text("Of the cut-off, the window or the channel.")),
        must("labels", named("Labels")),
        must("from", named("Date")),
        must("to", named("Date")),
        must("planned_from", named("Date")),
        must("planned_to", named("Date")),
        must("channels", list(&named("Code"))),
        must("reason", words(&["planned", "weekend", "holiday", "own_days"])),
        must("reason_text", text("")),
        must("reason_text_vi", text("")),
    ];
    let mut all = profile();
    all.extend([
        must("cycle", named("Month")),
        must("unit", or_null(named("UnitKey"))),
        must("time_zone", text("IANA name.")),
        must("together", list(&object("Benefit months that are paid at once.", together))),
        must("days", list(&object("A day, or the days from one to another.", day))),
    ]);
    object("The days of one cycle.", all)
}

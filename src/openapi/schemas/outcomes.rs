//! Schemas of outcomes as published.

use super::figures::{about, number};
use super::{Named, list, must, named, object, or_null, said, text};
use crate::app::outcomes::KINDS;
use serde_json::Value;

pub(super) fn schemas() -> Vec<Named> {
    vec![("OutcomeGroup", one()), ("Outcomes", outcomes())]
}

fn one() -> Value {
    let state = vec![
        must("states", list(&text("States of attempts; several are told together, since one of them has few."))),
        must("payments", number("Payments that stand on an attempt in one of them.")),
        must("amount", named("Amount")),
    ];
    let first = vec![
        must("payments", said("Share", "Payments whose first attempt was cashless, of those not cancelled.")),
        must("success", said("Share", "S1: of these, those that are live on it.")),
        must("fell_back", said("Share", "S3: of these, those that are live in cash.")),
    ];
    let day = vec![
        must("day", number("A day of the cycle's month.")),
        must("settled", said("Share", "Live payments settled by that day, of those not cancelled.")),
    ];
    let class = vec![
        must("kind", text("rejected, failed or returned.")),
        must("class", or_null(text("The reason's class; null: all that are not told by themselves."))),
        must("attempts", number("")),
    ];
    let rates = KINDS.iter().map(|kind| must(kind.as_str(), named("Share"))).collect();
    let reasons = vec![
        must("attempts", number("All attempts.")),
        must("rates", object("Attempts that ended so, of all; `returned`: of those that were settled.", rates)),
        must("classes", list(&object("", class))),
    ];
    let all = vec![
        must("group", named("FigureGroup")),
        must("instructed", or_null(named("PaymentSum"))),
        must("completeness", or_null(said("Share", "C1"))),
        must("outcomes", or_null(list(&object("", state)))),
        must("first_attempts", or_null(object("", first))),
        must("settled_by_day", or_null(list(&object("S4", day)))),
        must("reasons", or_null(object("S2", reasons))),
        must("through_others", or_null(said("Share", "S7"))),
    ];
    object("What came of the payments of one unit and cycle. Null: kept back, since it would tell of few people.", all)
}

fn outcomes() -> Value {
    let mut all = about(&[
        ("success", "S1"),
        ("reasons", "S2"),
        ("fell_back", "S3"),
        ("timeliness", "S4"),
        ("through_others", "S7"),
        ("completeness", "C1"),
    ]);
    all.extend([must("currency", named("Currency")), must("groups", list(&named("OutcomeGroup")))]);
    object("What came of cycles' payments, as published.", all)
}

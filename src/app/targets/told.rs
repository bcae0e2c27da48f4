//! Targets as JSON and as a table: gap in percentage points, pace, and what is needed.

use super::{Origin, TargetLine};
use crate::app::figures::{money, points, share};
use crate::app::table::Table;
use crate::domain::period::Month;
use crate::domain::profile::Profile;
use crate::projections::figures::Share;
use crate::projections::figures::pace::{self, Outlook};
use serde_json::{Value, json};

/// Where the rate goes, and when the target is reached.
#[must_use]
pub fn pace(line: &TargetLine) -> Value {
    let target = &line.target;
    let (outlook, at) = match pace::outlook(&line.trend, target.value) {
        Outlook::Reached => ("reached", None),
        Outlook::Unknown => ("unknown", None),
        Outlook::NotAtThisPace => ("not_at_this_pace", None),
        Outlook::At { month, soonest, latest } => ("at", Some((month, soonest, latest))),
    };
    let per_month = pace::pace(&line.trend).and_then(|pace| pace::in_points(pace.per_month));
    let needed = pace::needed(&line.trend, target.value, Month::of(target.by_date)).and_then(pace::in_points);
    json!({"outlook": outlook, "points_per_month": points(per_month), "points_needed": points(needed),
        "month": at.map(|(month, _, _)| month), "soonest": at.map(|(_, soonest, _)| soonest), "latest": at.and_then(|(_, _, latest)| latest)})
}

fn told(profile: &Profile, line: &TargetLine, part: Share) -> Value {
    if line.target.indicator == "A2" { money(&profile.currency, part) } else { share(part) }
}

/// One target with what it is held against.
#[must_use]
pub fn line(profile: &Profile, line: &TargetLine) -> Value {
    let target = &line.target;
    let name = |key: &str| profile.units.get(key).map(|unit| unit.name.clone());
    let trend: Vec<Value> =
        line.trend.iter().map(|(cycle, part)| json!({"cycle": cycle, "rate": told(profile, line, *part)})).collect();
    json!({
        "target_id": line.set.as_ref().map(|set| set.target_id),
        "code": target.code,
        "origin": line.origin.as_str(),
        "set_for": line.set.as_ref().map(|set| &set.unit_key),
        "set_by": line.set.as_ref().map(|set| &set.set_by),
        "unit": line.unit,
        "unit_name": line.unit.as_ref().and_then(|unit| name(unit.as_str())),
        "indicator": target.indicator,
        "benefit_groups": target.groups,
        "urban": target.urban,
        "value": target.value.to_string(),
        "by_date": target.by_date.to_string(),
        "legal_basis": target.legal_basis.0,
        "reached": told(profile, line, line.share),
        "gap_points": points(line.share.gap_points(target.value)),
        "pace": pace(line),
        "trend": trend,
    })
}

const HEADER: [&str; 22] = [
    "target_id",
    "code",
    "origin",
    "set_for",
    "unit",
    "unit_name",
    "indicator",
    "benefit_groups",
    "urban",
    "value",
    "by_date",
    "legal_basis",
    "reached_numerator",
    "reached_denominator",
    "reached_ratio",
    "gap_points",
    "outlook",
    "month",
    "soonest",
    "latest",
    "points_per_month",
    "points_needed",
];

/// One row for each target.
#[must_use]
pub fn table(profile: &Profile, lines: &[TargetLine], language: &str) -> Table {
    let mut table = Table::new(&HEADER);
    for found in lines {
        let told = line(profile, found);
        let cell = |name: &str| match name {
            "legal_basis" => json!(found.target.legal_basis.get(language)),
            "reached_numerator" => told["reached"]["numerator"].clone(),
            "reached_denominator" => told["reached"]["denominator"].clone(),
            "reached_ratio" => told["reached"]["ratio"].clone(),
            "outlook" | "month" | "soonest" | "latest" | "points_per_month" | "points_needed" => {
                told["pace"][name].clone()
            }
            _ => told[name].clone(),
        };
        table.push(HEADER.iter().map(|name| cell(name)).collect());
    }
    table
}

/// The words of [`Origin`], for the document.
#[must_use]
pub fn origins() -> [&'static str; 3] {
    Origin::ALL.map(Origin::as_str)
}

//! The assessment for programs: one JSON object, or one long table whose rows each hold one figure.

use super::Assessment;
use crate::app::figures::{money, people, points, share};
use crate::app::hex::hex;
use crate::app::table::Table;
use crate::app::targets::told::pace;
use crate::domain::ids::BenefitGroup;
use crate::domain::profile::Profile;
use crate::domain::profile::spec::TargetSpec;
use crate::projections::figures::adoption::Adoption;
use crate::projections::figures::{INDICATORS, Share};
use serde_json::{Value, json};

fn rates(profile: &Profile, figures: &Adoption) -> Value {
    let mixed = profile.figures.mixed_counts_as_cashless;
    json!({"people": people(figures.people, mixed), "amount": money(&profile.currency, figures.amount), "payments": share(figures.payments),
        "completeness": share(figures.completeness)})
}

/// The whole assessment as JSON.
#[must_use]
pub fn document(a: &Assessment, profile: &Profile) -> Value {
    let name = |key: &str| profile.units.get(key).map(|unit| unit.name.clone());
    let instant = |time_us: i64| jiff::Timestamp::from_microsecond(time_us).map(|at| at.to_string()).ok();
    let targets: Vec<Value> = a
        .targets
        .iter()
        .map(|line| {
            let target = &line.target;
            json!({"code": target.code, "origin": line.origin.as_str(), "set_for": line.set.as_ref().map(|set| &set.unit_key), "indicator": target.indicator, "value": target.value.to_string(), "by_date": target.by_date.to_string(),
                "legal_basis": target.legal_basis.0, "reached": share(line.share), "gap_points": points(line.share.gap_points(target.value)), "pace": pace(line), "cite": cite_target(a, profile, target)})
        })
        .collect();
    let ranking: Vec<Value> = a
        .ranking
        .iter()
        .map(|line| {
            json!({"rank": line.rank, "rank_before": line.rank_before, "smoothed_ratio": line.smoothed.and_then(Share::ratio), "unit": line.unit, "unit_name": line.name,
                "now": rates(profile, &line.now), "before": line.before.as_ref().map(|figures| rates(profile, figures)),
                "assessable": line.is_assessable})
        })
        .collect();
    let tiles = a.tiles.iter().map(|tile| json!({"unit": tile.unit, "unit_name": tile.name, "above": tile.above, "people": share(tile.people), "assessable": tile.is_assessable}));
    let trend = a.trend.iter().map(|(cycle, figures)| json!({"cycle": cycle, "rates": rates(profile, figures)}));
    let groups =
        a.groups.iter().map(|(code, figures)| json!({"benefit_group": code, "rates": rates(profile, figures)}));
    let areas = a.urban.iter().map(|(urban, figures)| json!({"urban": urban, "rates": rates(profile, figures)}));
    let silent = a.silent.iter().map(|(unit, name)| json!({"unit": unit, "unit_name": name}));
    let citations = ["A1", "A2", "A3", "C1"].map(|definition| cite(a, profile, definition));
    let since = a.since.as_ref().map(|since| {
        json!({"as_of_position": since.position, "as_of_time": instant(since.time_us), "rates": rates(profile, &since.adoption),
            "rejected": since.settlement.rate("rejected").numerator, "returned": since.settlement.rate("returned").numerator,
            "failed": since.settlement.rate("failed").numerator})
    });
    json!({
        "cycle": a.cycle,
        "unit": a.unit,
        "unit_name": a.unit.as_ref().and_then(|key| name(key.as_str())),
        "level": a.level,
        "unit_basis": "as_paid",
        "as_of_position": a.position,
        "as_of_time": instant(a.time_us),
        "log_root": hex(&a.log_root),
        "definitions": definitions(),
        "headline": rates(profile, &a.total),
        "cite": citations,
        "before": a.before().map(|(cycle, figures)| json!({"cycle": cycle, "rates": rates(profile, figures)})),
        "targets": targets,
        "trend": trend.collect::<Vec<_>>(),
        "smoothing_people": a.smoothing,
        "ranking": ranking,
        "tiles": tiles.collect::<Vec<_>>(),
        "silent": silent.collect::<Vec<_>>(),
        "benefit_groups": groups.collect::<Vec<_>>(),
        "areas": areas.collect::<Vec<_>>(),
        "settlement": settlement(a, profile),
        "assessable_units": share(a.assessable()),
        "identity": identity(a),
        "first_attempts": first_attempts(a, profile),
        "moved": moved(a),
        "registered": share(a.registered),
        "since": since,
    })
}

/// What to send to `POST /v1/figures`, with a title, to cite a figure of this assessment.
fn cite(a: &Assessment, profile: &Profile, definition: &str) -> Value {
    let mut body = json!({"definition": definition, "cycle": a.cycle, "as_of_position": a.position,
        "mixed_as_cashless": profile.figures.mixed_counts_as_cashless});
    if let Some(unit) = &a.unit {
        body["unit"] = json!(unit);
    }
    body
}

fn cite_target(a: &Assessment, profile: &Profile, target: &TargetSpec) -> Value {
    let mut body = cite(a, profile, &target.indicator);
    let groups: Vec<&str> = target.groups.iter().map(BenefitGroup::as_str).collect();
    if !groups.is_empty() {
        body["benefit_group"] = json!(groups.join(","));
    }
    if let Some(urban) = target.urban {
        body["urban"] = json!(urban);
    }
    body
}

fn definitions() -> Vec<Value> {
    let one = |d: &crate::projections::figures::Definition| json!({"id": d.id, "name": d.name, "formula": d.formula, "source": d.source});
    INDICATORS.iter().map(one).collect()
}

fn settlement(a: &Assessment, profile: &Profile) -> Value {
    let s = &a.settlement;
    let spec = &profile.currency;
    let sum = |sum: &crate::projections::figures::Sum| json!({"payments": sum.count, "amount": spec.format(sum.amount_minor)});
    let funnel: serde_json::Map<String, Value> =
        s.states.iter().map(|(state, total)| ((*state).to_owned(), sum(total))).collect();
    let by_day: Vec<Value> =
        s.settled_by_day.iter().map(|(day, part)| json!({"day": day, "settled": share(*part)})).collect();
    let reasons: Vec<Value> = a
        .reasons
        .iter()
        .map(|line| {
            let play = line.play.and_then(|index| profile.playbook.get(index));
            json!({"kind": line.key.kind, "class": line.key.class, "system": line.key.system, "code": line.key.code,
                "attempts": line.sum.count, "amount": spec.format(line.sum.amount_minor),
                "who": play.map(|play| play.who), "working_days": play.map(|play| play.working_days), "labels": play.map(|play| &play.labels.0)})
        })
        .collect();
    json!({"today": a.today.to_string(), "instructed": sum(&s.instructed), "held": sum(&s.held), "funnel": funnel,
        "timeliness": {"settled_by_day": by_day, "days_median": s.days_median, "days_p90": s.days_p90}, "reasons": reasons,
        "completeness": share(s.completeness)})
}

fn first_attempts(a: &Assessment, profile: &Profile) -> Value {
    let f = &a.first;
    json!({"people": share(f.people.share(profile.figures.mixed_counts_as_cashless)), "success": share(f.success),
        "fell_back": share(f.fell_back), "through_others": share(f.through_others)})
}

fn moved(a: &Assessment) -> Value {
    a.moved.as_ref().map_or(Value::Null, |(before, flow)| {
        json!({"before": before, "to_cashless": share(flow.to_cashless()), "to_cash": share(flow.to_cash())})
    })
}

fn identity(a: &Assessment) -> Value {
    let i = a.identity;
    let ratio = |part: u64, whole: u64| {
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        share(Share { numerator: count(part), denominator: count(whole) })
    };
    json!({"verified": ratio(i.verified, i.base()), "unmatched": ratio(i.unmatched(), i.base()), "mismatch": i.mismatch, "not_found": i.not_found,
        "duplicate": i.duplicate, "deceased_in_population_db": i.deceased_in_population_db, "pending": i.pending,
        "unchecked": i.unchecked, "excluded": i.excluded, "refused_for_identity": i.refused})
}

/// The assessment as a long table: a section, what the row is about, the indicator, and the figure.
#[must_use]
pub fn table(a: &Assessment, profile: &Profile) -> Table {
    let header =
        ["section", "code", "name", "indicator", "numerator", "denominator", "ratio", "rank", "rank_before", "note"];
    let mut rows = Rows { table: Table::new(&header), mixed: profile.figures.mixed_counts_as_cashless, profile };
    rows.rates("headline", (&a.cycle.to_string(), ""), &a.total);
    for line in &a.targets {
        let gap = points(line.share.gap_points(line.target.value)).unwrap_or_default();
        let note = format!("target {} by {}; gap {gap} points", line.target.value, line.target.by_date);
        rows.one(
            ("target", &line.target.code, line.target.legal_basis.get("en")),
            (&line.target.indicator, line.share),
            &note,
        );
    }
    for (cycle, figures) in &a.trend {
        rows.rates("trend", (&cycle.to_string(), ""), figures);
    }
    for line in &a.ranking {
        rows.unit(line);
    }
    for tile in &a.tiles {
        let note = if tile.is_assessable { "" } else { "not assessable" };
        rows.one(("unit", tile.unit.as_str(), &tile.name), ("A1", tile.people), note);
    }
    for (key, name) in &a.silent {
        rows.one(("silent", key.as_str(), name), ("A1", Share::default()), "no payment");
    }
    for (code, figures) in &a.groups {
        rows.rates("benefit_group", (code, ""), figures);
    }
    for (urban, figures) in &a.urban {
        rows.rates("area", (if *urban { "urban" } else { "rural" }, ""), figures);
    }
    let s = &a.settlement;
    for (state, sum) in &s.states {
        let part = Share { numerator: sum.count, denominator: s.instructed.count };
        rows.one(("funnel", state, ""), ("payments", part), "");
    }
    for line in &a.reasons {
        let code = format!("{}/{}", line.key.system, line.key.code);
        let part = Share { numerator: line.sum.count, denominator: s.attempts.count };
        rows.one(("reason", &code, &line.key.class), ("S2", part), &line.key.kind);
    }
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let base = count(a.identity.base());
    for (id, part) in [("I1", a.identity.verified), ("I2", a.identity.unmatched())] {
        rows.one(("identity", id, ""), (id, Share { numerator: count(part), denominator: base }), "");
    }
    let first = &a.first;
    let intended = first.people.share(profile.figures.mixed_counts_as_cashless);
    let ways = [("A5", intended), ("S1", first.success), ("S3", first.fell_back), ("S7", first.through_others)];
    for (id, part) in ways.into_iter().chain([("A6", a.registered)]) {
        rows.one(("ways", id, ""), (id, part), "");
    }
    if let Some((before, flow)) = &a.moved {
        let note = format!("since {before}");
        rows.one(("ways", "to_cashless", ""), ("A7", flow.to_cashless()), &note);
        rows.one(("ways", "to_cash", ""), ("A7", flow.to_cash()), &note);
    }
    rows.one(("assessable", a.level.as_str(), ""), ("units", a.assessable()), "");
    let note = format!("as of position {}, root {}", a.position, hex(&a.log_root));
    rows.one(("provenance", "log", ""), ("position", Share::default()), &note);
    rows.table
}

struct Rows<'a> {
    table: Table,
    mixed: bool,
    profile: &'a Profile,
}

impl Rows<'_> {
    fn one(&mut self, (section, code, name): (&str, &str, &str), (indicator, part): (&str, Share), note: &str) {
        self.table.push(vec![
            json!(section),
            json!(code),
            json!(name),
            json!(indicator),
            json!(part.numerator),
            json!(part.denominator),
            json!(part.ratio()),
            Value::Null,
            Value::Null,
            json!(note),
        ]);
    }

    fn rates(&mut self, section: &str, (code, name): (&str, &str), figures: &Adoption) {
        self.one((section, code, name), ("A1", figures.people.share(self.mixed)), "");
        self.amount((section, code, name), figures.amount);
        self.one((section, code, name), ("A3", figures.payments), "");
        self.one((section, code, name), ("C1", figures.completeness), "");
    }

    /// In major units.
    fn amount(&mut self, about: (&str, &str, &str), part: Share) {
        self.one(about, ("A2", part), "");
        let spec = &self.profile.currency;
        if let Some(row) = self.table.rows.last_mut() {
            row[4] = json!(spec.format(part.numerator));
            row[5] = json!(spec.format(part.denominator));
            row[9] = json!(spec.currency);
        }
    }

    fn unit(&mut self, line: &super::UnitLine) {
        let from = self.table.rows.len();
        self.rates("ranking", (line.unit.as_str(), &line.name), &line.now);
        for row in self.table.rows.iter_mut().skip(from).filter(|row| row[3] == "A1") {
            row[7] = json!(line.rank);
            row[8] = json!(line.rank_before);
            let smoothed = line.smoothed.and_then(Share::ratio).map(|ratio| format!("smoothed {ratio}"));
            let not = (!line.is_assessable).then(|| "not assessable".to_owned());
            row[9] = json!([not, smoothed].into_iter().flatten().collect::<Vec<_>>().join("; "));
        }
    }
}

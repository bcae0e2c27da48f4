//! Rules of planning and evaluating figures, on rows written by hand.

use super::adoption::{self, Adoption, People};
use super::plan::{self, PlanError};
use super::settlement::{self, Age, ReasonKey, Settlement, Yardstick};
use super::*;
use crate::projections::sample::Sample;
use jiff::civil::date;

fn row(tally: Tally, value: &str, count: i64, amount_minor: i64) -> CellRow {
    CellRow {
        tally,
        value: value.to_owned(),
        cycle: "2025-03".to_owned(),
        unit: String::new(),
        benefit: String::new(),
        channel: "account".to_owned(),
        agent: String::new(),
        bank: String::new(),
        urban: String::new(),
        count,
        amount_minor,
    }
}

fn cash(row: CellRow) -> CellRow {
    CellRow { channel: "cash_desk".to_owned(), ..row }
}

fn adoption_of(rows: &[CellRow]) -> Adoption {
    adoption::evaluate(rows, &[], &Sample::new()).pop().unwrap()
}

fn settlement_of(rows: &[CellRow]) -> Settlement {
    let yardstick =
        Yardstick { today: date(2025, 3, 30), ageing_days: vec![2, 5, 10, 25], timeliness_days: vec![5, 10, 25] };
    settlement::evaluate(rows, &[], &yardstick).pop().unwrap()
}

#[test]
fn the_people_rate_is_cashless_people_of_all_with_a_live_payment() {
    let rows = [row(Tally::People, "cashless", 291_759, 0), row(Tally::People, "cash", 49_721, 0)];
    let people = adoption_of(&rows).people;
    assert_eq!(people.share(false).ratio().as_deref(), Some("0.854396"));
}

#[test]
fn mixed_people_stand_apart_and_count_as_cashless_only_when_asked() {
    let people = People { cashless: 6, cash: 3, mixed: 1 };
    assert_eq!(people.share(false), Share { numerator: 6, denominator: 10 });
    assert_eq!(people.share(true), Share { numerator: 7, denominator: 10 });
}

#[test]
fn amounts_and_payments_count_live_ones_alone() {
    let rows = [
        row(Tally::State, "settled", 3, 600),
        row(Tally::State, "accepted", 5, 5_000),
        cash(row(Tally::State, "settled", 1, 400)),
        cash(row(Tally::State, "returned", 1, 900)),
    ];
    let adoption = adoption_of(&rows);
    assert_eq!(adoption.amount, Share { numerator: 600, denominator: 1_000 });
    assert_eq!(adoption.payments, Share { numerator: 3, denominator: 4 });
}

#[test]
fn a_payment_is_complete_when_no_attempt_is_open() {
    let states = ["instructed", "accepted", "settled", "rejected", "failed", "returned", "cancelled"];
    let rows: Vec<CellRow> = states.iter().map(|state| row(Tally::State, state, 1, 10)).collect();
    assert_eq!(adoption_of(&rows).completeness, Share { numerator: 5, denominator: 7 });
    assert_eq!(settlement_of(&rows).completeness, Share { numerator: 5, denominator: 7 });
}

#[test]
fn a_rate_of_nothing_has_no_ratio() {
    assert_eq!(Share::default().ratio(), None);
}

#[test]
fn the_funnel_adds_up_to_what_was_instructed() {
    let rows = [row(Tally::State, "settled", 2, 20), row(Tally::State, "failed", 1, 10), row(Tally::Held, "", 1, 5)];
    let settlement = settlement_of(&rows);
    assert_eq!(settlement.instructed, Sum { count: 3, amount_minor: 30 });
    assert_eq!(settlement.states["settled"], Sum { count: 2, amount_minor: 20 });
    assert_eq!(settlement.states["accepted"], Sum::default());
    assert_eq!(settlement.held, Sum { count: 1, amount_minor: 5 });
}

#[test]
fn open_payments_are_aged_by_the_days_since_they_were_due() {
    let due = [
        "2025-03-31",
        "2025-03-30",
        "2025-03-28",
        "2025-03-27",
        "2025-03-20",
        "2025-03-05",
        "2025-03-04",
        "2024-03-30",
    ];
    let rows: Vec<CellRow> = due.iter().map(|due| row(Tally::Open, due, 1, 1)).collect();
    let found: Vec<(Option<i32>, Option<i32>, i64)> = settlement_of(&rows)
        .ageing
        .iter()
        .map(|Age { from_days, to_days, open }| (*from_days, *to_days, open.count))
        .collect();
    let some = |from, to, count| (Some(from), Some(to), count);
    let expected =
        [(None, None, 1), some(0, 2, 2), some(3, 5, 1), some(6, 10, 1), some(11, 25, 1), (Some(26), None, 2)];
    assert_eq!(found, expected);
}

#[test]
fn timeliness_counts_live_payments_settled_by_a_day_of_their_cycles_month_of_those_not_cancelled() {
    let rows = [
        row(Tally::State, "settled", 3, 3),
        row(Tally::State, "instructed", 1, 1),
        row(Tally::State, "cancelled", 9, 9),
        row(Tally::Lag, "2025-03-02|2025-03-05", 2, 2),
        row(Tally::Lag, "2025-03-02|2025-04-01", 1, 1),
    ];
    let by_day = settlement_of(&rows).settled_by_day;
    let share = Share { numerator: 2, denominator: 4 };
    assert_eq!(by_day, [(5, share), (10, share), (25, share)]);
}

#[test]
fn the_median_and_the_ninth_tenth_are_days_that_so_many_do_not_exceed() {
    let rows = [
        row(Tally::Lag, "2025-03-02|2025-03-02", 5, 5),
        row(Tally::Lag, "2025-03-02|2025-03-04", 4, 4),
        row(Tally::Lag, "2025-03-02|2025-03-22", 1, 1),
    ];
    let settlement = settlement_of(&rows);
    assert_eq!((settlement.days_median, settlement.days_p90), (Some(0), Some(2)));
    assert_eq!(
        settlement_of(&rows[..0].iter().cloned().chain([row(Tally::State, "settled", 1, 1)]).collect::<Vec<_>>())
            .days_median,
        None
    );
}

#[test]
fn reasons_are_counted_by_attempt_and_their_codes_may_hold_anything() {
    let rows = [
        row(Tally::Attempt, "", 7, 70),
        row(Tally::Attempt, "rejected|account_state|iso20022|AC|04", 2, 20),
        row(Tally::Attempt, "returned|identity|iso20022|BE01", 1, 10),
        row(Tally::State, "settled", 6, 60),
    ];
    let settlement = settlement_of(&rows);
    let key = ReasonKey {
        kind: "rejected".into(),
        class: "account_state".into(),
        system: "iso20022".into(),
        code: "AC|04".into(),
    };
    assert_eq!(settlement.reasons[&key], Sum { count: 2, amount_minor: 20 });
    assert_eq!(settlement.rate("rejected"), Share { numerator: 2, denominator: 10 });
    assert_eq!(settlement.rate("returned"), Share { numerator: 1, denominator: 7 });
}

#[test]
fn corrections_above_the_groups_belong_to_no_group() {
    let nowhere = CellRow { channel: String::new(), ..row(Tally::People, "cashless", -1, 0) };
    let rows = [row(Tally::People, "cashless", 2, 0), nowhere];
    let groups = adoption::evaluate(&rows, &[Dimension::Channel], &Sample::new());
    assert_eq!(groups.len(), 1);
    assert_eq!(groups[0].people.cashless, 2);
}

fn cycle() -> Filters {
    let cycle = Some(Month::parse("2025-03").unwrap());
    Filters { cycle_from: cycle, cycle_to: cycle, ..Filters::default() }
}

fn source(filters: Filters, group_by: Vec<Dimension>) -> Source {
    plan::people(&FigureQuery { filters, group_by, as_of: AsOf::Now }, &Sample::new()).unwrap().source
}

#[test]
fn people_of_a_product_of_subtrees_are_read_from_cells() {
    let unit = UnitKey::parse("P1").unwrap();
    let level = Dimension::UnitLevel("commune".to_owned());
    let scope = Filters { units: vec![unit], urban: Some(true), ..cycle() };
    assert_eq!(source(scope.clone(), vec![level, Dimension::Channel]), Source::Cells);
    assert_eq!(source(scope, vec![Dimension::Channel, Dimension::Agent, Dimension::Bank]), Source::Cells);
    assert_eq!(source(Filters::default(), vec![Dimension::Cycle, Dimension::BenefitGroup]), Source::Cells);
}

#[test]
fn people_of_other_scopes_are_counted_over_intervals() {
    let units = ["P1", "P2"].map(|key| UnitKey::parse(key).unwrap()).to_vec();
    assert_eq!(source(Filters { units, ..cycle() }, vec![]), Source::Intervals);
    assert_eq!(source(cycle(), vec![Dimension::Bank]), Source::Intervals);
    assert_eq!(source(Filters::default(), vec![]), Source::Intervals, "a person is one over several cycles");
}

#[test]
fn a_scope_names_all_units_below_it_and_each_takes_the_label_of_its_level() {
    let filters = Filters { units: vec![UnitKey::parse("P1").unwrap()], ..cycle() };
    let group_by = vec![Dimension::UnitLevel("commune".to_owned())];
    let read = plan::people(&FigureQuery { filters, group_by, as_of: AsOf::Now }, &Sample::new()).unwrap();
    let labelled = |key: &str| (key.to_owned(), key.to_owned());
    assert_eq!(read.units, Some(vec![labelled("C11"), labelled("C12")]));
}

#[test]
fn a_whole_group_counts_with_its_own_node_and_a_single_type_without() {
    let group = BenefitGroup::parse("monthly").unwrap();
    let plain = |nodes: &[&str]| Some(nodes.iter().map(|node| ((*node).to_owned(), String::new())).collect::<Vec<_>>());
    let read =
        |filters| plan::people(&FigureQuery { filters, ..FigureQuery::default() }, &Sample::new()).unwrap().benefits;
    assert_eq!(read(Filters { benefit_groups: vec![group], ..cycle() }), plain(&["pension", "@monthly", "survivor"]));
    let benefit_type = BenefitType::parse("pension").unwrap();
    assert_eq!(read(Filters { benefit_types: vec![benefit_type], ..cycle() }), plain(&["pension"]));
}

#[test]
fn a_tree_can_be_broken_down_by_once_and_units_must_be_known() {
    let plan = |filters, group_by| {
        plan::people(&FigureQuery { filters, group_by, as_of: AsOf::Now }, &Sample::new()).unwrap_err()
    };
    let twice = vec![Dimension::BenefitType, Dimension::BenefitGroup];
    assert_eq!(plan(cycle(), twice), PlanError::RepeatedDimension("benefit"));
    assert_eq!(
        plan(cycle(), vec![Dimension::Unit, Dimension::UnitLevel("x".into())]),
        PlanError::RepeatedDimension("unit")
    );
    let unknown = UnitKey::parse("X").unwrap();
    assert_eq!(plan(Filters { units: vec![unknown.clone()], ..cycle() }, vec![]), PlanError::UnknownUnit(unknown));
}

const fn share(numerator: i64, denominator: i64) -> Share {
    Share { numerator, denominator }
}

#[test]
fn percents_are_rounded_half_up() {
    assert_eq!(share(291_759, 341_480).hundredths(), Some(8_544));
    assert_eq!(share(595_237, 598_673).hundredths(), Some(9_943));
    assert_eq!(share(1, 20_000).hundredths(), Some(1), "half of a hundredth");
    assert_eq!(share(0, 0).hundredths(), None);
    assert_eq!(share(i64::MAX, i64::MAX).hundredths(), Some(10_000), "sums of money are large");
}

#[test]
fn a_share_of_few_is_drawn_towards_that_of_all_and_one_of_many_hardly() {
    let all = Share { numerator: 800, denominator: 1_000 };
    let smoothed = |numerator, denominator| Share { numerator, denominator }.smoothed(all, 20).ratio();
    assert_eq!(smoothed(1, 1).as_deref(), Some("0.809524"), "17 of 21");
    assert_eq!(smoothed(0, 1).as_deref(), Some("0.761905"));
    assert_eq!(smoothed(900, 1_000).as_deref(), Some("0.898039"));
    assert_eq!(smoothed(80, 100).as_deref(), Some("0.800000"), "what is like all stays");
    assert_eq!(smoothed(0, 0), None);
    let one = Share { numerator: 1, denominator: 2 };
    assert_eq!(one.smoothed(Share::default(), 20), one);
    let many = Share { numerator: i64::MAX / 2, denominator: i64::MAX };
    assert_eq!(many.smoothed(all, 20), many);
}

#[test]
fn a_gap_is_in_percentage_points_and_may_be_negative() {
    // Lang Son, April 2025, was called "reaching the target (60%)".
    assert_eq!(share(17_477, 30_237).gap_points(Decimal::new(60, 2)), Some(-220));
    assert_eq!(share(86, 100).gap_points(Decimal::new(60, 2)), Some(2_600));
    assert_eq!(share(0, 0).gap_points(Decimal::new(60, 2)), None);
}

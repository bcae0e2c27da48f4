//! How SQLite finds the rows of each statement: by a key beyond the log's number, never by walking a table. Tests only.

use super::filters::with_filters;
use super::tests::store;
use super::{IDENTITY_FIGURES, LIST_BENEFICIARIES, LIST_PAYMENTS};
use crate::store::sqlite::SqliteStore;
use sqlx::{AssertSqlSafe, Row};

/// The steps of a statement's plan, without those that read a JSON parameter.
async fn plan(store: &SqliteStore, sql: &str) -> Vec<String> {
    let rows =
        sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"))).fetch_all(store.views_reader()).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>(3)).collect()
}

/// Steps that look at every row of a log, or at every label for every row.
fn walks(plan: &[String]) -> Vec<&String> {
    let walk = |step: &&String| step.contains("(log_id=?)") || step.starts_with("SCAN") && step.ends_with("LEFT-JOIN");
    plan.iter().filter(walk).collect()
}

#[tokio::test]
async fn rows_for_keys_are_found_by_their_keys() {
    let store = store().await;
    let statements = [
        include_str!("../../sql/payments_by_id.sql"),
        include_str!("../../sql/payments_by_reference.sql"),
        include_str!("../../sql/payments_in_trouble_of.sql"),
        include_str!("../../sql/attempts_by_end_to_end_id.sql"),
        include_str!("../../sql/payments_move.sql"),
        include_str!("../../sql/payments_correct.sql"),
        include_str!("../../sql/live_payments_open.sql"),
        include_str!("../../sql/live_payments_close.sql"),
        include_str!("../../sql/beneficiaries_by_id.sql"),
        include_str!("../../sql/figure_cells_find.sql"),
        include_str!("../../sql/figure_cells_add.sql"),
        include_str!("../../sql/figure_blocks_get.sql"),
        include_str!("../../sql/figure_blocks_of.sql"),
        include_str!("../../sql/figure_cells_of.sql"),
        include_str!("../../sql/figure_cells_before.sql"),
    ];
    for sql in statements {
        let plan = plan(&store, sql).await;
        assert!(walks(&plan).is_empty(), "{plan:#?} of {sql}");
    }
}

#[tokio::test]
async fn what_went_through_a_bank_is_found_by_its_days() {
    let store = store().await;
    let plan = plan(&store, include_str!("../../sql/payments_settled.sql")).await;
    assert!(plan.len() == 1 && plan[0].contains("payments_settled (log_id=? AND bank=? AND "), "{plan:#?}");
    assert!(plan[0].contains("settled_on"), "{plan:#?}");
}

#[tokio::test]
async fn figures_read_the_cells_of_their_cycles_and_find_labels_by_node() {
    let store = store().await;
    for sql in [
        include_str!("../../sql/figures_now.sql"),
        include_str!("../../sql/figures_at.sql"),
        include_str!("../../sql/figures_people.sql"),
        include_str!("../../sql/figures_first.sql"),
        include_str!("../../sql/figures_flow.sql"),
        include_str!("../../sql/figures_cross.sql"),
        include_str!("../../sql/figures_fell_back.sql"),
        include_str!("../../sql/figures_on_file.sql"),
    ] {
        let plan = plan(&store, sql).await;
        assert!(walks(&plan).is_empty(), "{plan:#?} of {sql}");
    }
}

#[tokio::test]
async fn figures_of_identity_count_out_of_the_index_by_unit() {
    let store = store().await;
    for set in [&[][..], &["units"], &["units", "benefit_types"]] {
        let sql = with_filters(IDENTITY_FIGURES, |name| set.contains(&name));
        let plan = plan(&store, &sql).await;
        let of = |index: &str| plan.iter().filter(|step| step.contains(index)).cloned().collect::<Vec<_>>();
        for index in ["COVERING INDEX beneficiaries_counted", "COVERING INDEX beneficiary_past_counted"] {
            let steps = of(index);
            assert!(!steps.is_empty(), "{index}: {plan:#?}");
            let by_unit = steps.iter().all(|step| step.contains("unit_key=?"));
            assert!(set.is_empty() || by_unit, "{set:?}, {index}: {plan:#?}");
        }
        if !set.is_empty() {
            let few = |step: &&String| !step.contains("identity_refusals");
            let others: Vec<String> = plan.iter().filter(few).cloned().collect();
            assert!(walks(&others).is_empty(), "{set:?}: {plan:#?}");
        }
    }
}

#[tokio::test]
async fn lists_come_in_the_order_of_an_index() {
    let store = store().await;
    let filters = [
        &[][..],
        &["cycle"],
        &["one_unit"],
        &["one_unit", "cycle"],
        &["states", "cycle"],
        &["beneficiary"],
        &["units"],
        &["in_trouble"],
        &["in_trouble", "states"],
        &["troubled", "cycle"],
    ];
    for set in filters {
        let sql = with_filters(LIST_PAYMENTS, |name| set.contains(&name));
        let plan = plan(&store, &sql).await;
        assert!(walks(&plan).is_empty() && !plan.iter().any(|step| step.contains("TEMP B-TREE")), "{set:?}: {plan:#?}");
    }
    let trouble = plan(&store, &with_filters(LIST_PAYMENTS, |name| name == "in_trouble")).await;
    assert!(trouble[0].contains("payments_in_trouble"), "few among many: {trouble:#?}");
    let came_to_nothing = ["troubled", "cycle"];
    let troubled = plan(&store, &with_filters(LIST_PAYMENTS, |name| came_to_nothing.contains(&name))).await;
    assert!(troubled[0].contains("payments_troubled"), "few among many: {troubled:#?}");
    let people = plan(&store, &with_filters(LIST_BENEFICIARIES, |_| false)).await;
    assert!(walks(&people).is_empty() && !people.iter().any(|step| step.contains("TEMP B-TREE")), "{people:#?}");
    let people_of_units = plan(&store, &with_filters(LIST_BENEFICIARIES, |name| name == "units")).await;
    assert!(people_of_units[0].contains("unit_key=?"), "{people_of_units:#?}");
    for (filter, index) in [("identity", "beneficiaries_to_look_into"), ("authorised", "beneficiaries_authorised")] {
        let few = plan(&store, &with_filters(LIST_BENEFICIARIES, |name| name == filter)).await;
        assert!(few[0].contains(index), "few among many: {few:#?}");
    }
}

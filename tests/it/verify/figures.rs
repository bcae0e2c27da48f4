//! Figures and claims changed behind the program's back, and the replay that compares whole tables.

use super::{Town, failed};
use crate::support::engine::Engine;
use crate::support::on_both_engines;
use chitra::app::App;
use chitra::app::verify::replay::Replay;
use chitra::app::verify::{Check, Findings};
use chitra::clock::SystemClock;
use chitra::compose;
use chitra::projections::Projection;
use chitra::projections::cell::Tally;
use chitra::projections::figures::{AsOf, Columns, FigureRead, Source};
use std::sync::Arc;

on_both_engines!(
    a_replay_gives_what_is_stored,
    a_changed_row_of_any_table_is_found_by_a_replay_which_names_the_table,
    figures_of_every_position_are_the_same_whatever_is_kept_of_them,
    a_wrong_figure_is_found_by_its_unit_and_cycle,
    a_figure_of_money_that_nobody_ordered_is_found,
    a_wrong_claim_is_found_and_its_stream_named,
    a_claim_that_no_event_gives_is_found,
    a_vault_record_that_cannot_be_opened_is_found_by_its_person,
);

pub async fn replay(app: &App, projection: Projection) -> Replay {
    let scratch = compose::scratch(Arc::new(SystemClock)).await.unwrap();
    app.check_projection(projection, scratch.as_ref(), &|_, _| {}).await.unwrap()
}

/// Every table is what a replay gives, and the claims are the log's.
pub async fn assert_same(app: &App) {
    for projection in Projection::ALL {
        let replay = replay(app, projection).await;
        assert_eq!(replay.first_difference(), None);
    }
    let mut findings = Findings::default();
    app.verify_claims(&mut findings, &|_, _| {}).await.unwrap();
    assert!(findings.is_empty(), "{findings:?}");
}

async fn a_replay_gives_what_is_stored(engine: Engine) {
    let town = Town::new(engine).await;
    assert_same(&town.app).await;
    assert!(
        replay(&town.app, Projection::Payments)
            .await
            .tables
            .iter()
            .all(|table| table.stored.rows > 0 || table.table == "identity_refusals")
    );
}

async fn a_changed_row_of_any_table_is_found_by_a_replay_which_names_the_table(engine: Engine) {
    let changes = [
        (Projection::Payments, "payments", "payee = 'guardian'"),
        (Projection::Payments, "payment_attempts", "attempt = 2"),
        (Projection::Payments, "live_payments", "amount_minor = 5"),
        (Projection::Payments, "figure_cells", "count = count + 1"),
        (Projection::Payments, "figure_days", "amount_minor = amount_minor - 1"),
        (Projection::Payments, "figure_blocks", "differences = x'00'"),
        (Projection::Payments, "figure_cycles", "last_position = last_position + 1"),
        (Projection::Payments, "figure_cycle_blocks", "block = block + 1"),
        (Projection::Payments, "business_days", "last_position = last_position - 1"),
        (Projection::Beneficiaries, "beneficiaries", "died_on = '2026-01-01'"),
        (Projection::Tree, "tree_tiles", "hashes = randomblob(32)"),
    ];
    for (projection, table, change) in changes {
        let town = Town::new(engine).await;
        let key = key(table);
        town.sql(&format!(
            "UPDATE {table} SET {change} WHERE {key} = (SELECT {key} FROM {table} ORDER BY {key} DESC LIMIT 1)"
        ))
        .await;
        let difference = replay(&town.app, projection).await.first_difference().map(|table| table.table);
        assert_eq!(difference, Some(table));
    }
}

/// The first column of a table's key after the log.
fn key(table: &str) -> &'static str {
    match table {
        "payments" => "payment_id",
        "payment_attempts" => "end_to_end_id",
        "figure_cells" | "figure_days" => "cell_id",
        "figure_blocks" | "figure_cycle_blocks" => "block",
        "figure_cycles" => "cycle",
        "business_days" => "day",
        "tree_tiles" => "number",
        _ => "beneficiary_id",
    }
}

async fn figures_of_every_position_are_the_same_whatever_is_kept_of_them(engine: Engine) {
    let town = Town::new(engine).await;
    let views = &town.app.views;
    let head = views.progress(Projection::Payments).await.unwrap().checkpoint.position;
    let read = |as_of| FigureRead {
        source: Source::Cells,
        tallies: Tally::ALL.to_vec(),
        cycles: (None, None),
        units: None,
        benefits: None,
        channels: None,
        agents: None,
        banks: None,
        urban: None,
        columns: Columns { cycle: true, channel: true, agent: true, bank: true, urban: true },
        cashless: Vec::new(),
        as_of,
    };
    // Each is asked twice: what the first keeps answers the second.
    for as_of in (0..=head).chain(0..=head).map(AsOf::Position).chain([AsOf::Now]) {
        let read = [read(as_of)];
        let (mut kept, mut anew) = (views.figures(&read).await.unwrap(), views.figures_anew(&read).await.unwrap());
        for rows in kept.answer.iter_mut().chain(&mut anew.answer) {
            rows.sort_unstable_by_key(|row| format!("{row:?}"));
        }
        assert_eq!(kept, anew, "{as_of:?}");
    }
    assert!(!views.figures(&[read(AsOf::Now)]).await.unwrap().answer[0].is_empty());
}

async fn a_wrong_figure_is_found_by_its_unit_and_cycle(engine: Engine) {
    for change in
        ["amount_minor = amount_minor + 1", "count = count - 1", "value = 'nonsense'", "unit_node = 'nowhere'"]
    {
        let town = Town::new(engine).await;
        let settled = "(SELECT cell_id FROM figure_cells WHERE tally = 'state' AND value = 'settled' LIMIT 1)";
        town.sql(&format!("UPDATE figure_cells SET {change} WHERE cell_id = {settled}")).await;
        let verified = town.verify().await;
        assert_eq!(failed(&verified), [Check::Money], "{change}: {:?}", verified.findings);
        let first = &verified.findings.first(Check::Money)[0];
        assert!(first.message.contains("2026-12") && first.message.contains("settled"), "{first:?}");
    }
}

async fn a_figure_of_money_that_nobody_ordered_is_found(engine: Engine) {
    let town = Town::new(engine).await;
    town.sql("INSERT INTO figure_cells SELECT log_id, 99999, 'state', '2030-01', 'nowhere', benefit_node, channel, agent, bank, urban, 'settled', 1, 5 FROM figure_cells LIMIT 1").await;
    assert_eq!(failed(&town.verify().await), [Check::Money]);
}

async fn a_wrong_claim_is_found_and_its_stream_named(engine: Engine) {
    for kind in ["payment-reference", "benefit-month", "identifier", "import-file"] {
        let one = format!("(SELECT key FROM claims WHERE kind = '{kind}' LIMIT 1)");
        for change in [
            format!("DELETE FROM claims WHERE kind = '{kind}' AND key = {one}"),
            format!("UPDATE claims SET stream_id = 'payment-x' WHERE kind = '{kind}' AND key = {one}"),
            format!("UPDATE claims SET key = x'0102' WHERE kind = '{kind}' AND key = {one}"),
        ] {
            let town = Town::new(engine).await;
            town.sql(&change).await;
            let verified = town.verify().await;
            assert_eq!(failed(&verified), [Check::Claims], "{change}: {:?}", verified.findings);
            let named =
                verified.findings.first(Check::Claims).iter().filter(|finding| finding.stream.is_some()).count();
            assert_eq!(named, 1, "{change}: {:?}", verified.findings);
        }
    }
}

async fn a_claim_that_no_event_gives_is_found(engine: Engine) {
    let town = Town::new(engine).await;
    town.sql("INSERT INTO claims VALUES (1, 'benefit-month', x'01', 'payment-x')").await;
    let verified = town.verify().await;
    assert_eq!(failed(&verified), [Check::Claims], "{:?}", verified.findings);
    let mut findings = Findings::default();
    town.app.verify_claims(&mut findings, &|_, _| {}).await.unwrap();
    assert_eq!(findings.count(Check::Claims), 1);
}

async fn a_vault_record_that_cannot_be_opened_is_found_by_its_person(engine: Engine) {
    let town = Town::new(engine).await;
    town.sql("UPDATE vault_records SET ciphertext = randomblob(60) WHERE kind = 'identifier' AND record_ref = (SELECT record_ref FROM vault_records WHERE kind = 'identifier' ORDER BY record_ref LIMIT 1)").await;
    let verified = town.verify().await;
    assert_eq!(failed(&verified), [Check::Claims], "{:?}", verified.findings);
    assert!(verified.findings.first(Check::Claims).iter().any(|finding| finding.message.contains("vault record")));
}

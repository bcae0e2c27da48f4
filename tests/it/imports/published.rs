//! Figures that newspapers and agencies printed, from imported rows: chitra's ratio is exact where a printed one was cut or mistyped.
//!
//! Dong Thanh is imported person by person, Hanoi's money dong by dong. The people of Ho Chi Minh City and Hanoi (940,153 in all) are
//! too many for a test of every day, and their fractions cannot be reduced. They are shown twice: as money, imported, a thousand dong
//! for each person; and as people, at full count, through the evaluation that answers every request.

use super::import;
use crate::support::app::{MONDAY_US, TestApp, spawn_with};
use crate::support::engine::Engine;
use crate::support::files::{order, source};
use crate::support::on_both_engines;
use chitra::domain::import::{ImportKind, ImportMode};
use chitra::domain::profile::Profile;
use chitra::files::Format;
use chitra::projections::cell::Tally;
use chitra::projections::figures::CellRow;
use chitra::projections::figures::adoption;
use serde_json::{Value, json};
use std::fmt::Write;

on_both_engines!(
    dong_thanh_paid_743_of_776_people_without_cash_and_758_after_15_more_switch,
    hanoi_paid_4096_of_4140_billion_dong_without_cash,
    the_people_of_ho_chi_minh_city_and_hanoi_have_their_ratios,
);

/// The built-in profile with the reporting units of the published figures.
async fn published(engine: Engine) -> TestApp {
    let read = |name: &str| std::fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let units = read("config/vietnam/units.csv") + &read("tests/fixtures/published/units.csv");
    let profile =
        Profile::from_toml(&read("config/vietnam.toml"), &units, &read("config/vietnam/successions.csv")).unwrap();
    let test = spawn_with(engine, profile).await;
    test.clock.set_us(MONDAY_US + 190 * crate::support::app::DAY_US);
    test
}

/// Payments of one cycle: count, channel and amount of each lot, all to people of one unit, each person paid once.
struct Run {
    unit: &'static str,
    cycle: &'static str,
    lots: Vec<(usize, &'static str, u64)>,
}

impl Run {
    /// Imports people, payments and outcomes.
    async fn pay(&self, test: &TestApp) {
        let mut people = "beneficiary_ref,unit,channel,bank,account,effective_month\n".to_owned();
        let mut payments = "payment_reference,beneficiary_ref,benefit_type,cycle,amount\n".to_owned();
        let mut outcomes = "payment_reference,status,date\n".to_owned();
        let mut number = 0;
        for (count, channel, amount) in &self.lots {
            for _ in 0..*count {
                number += 1;
                let name = format!("{}-{number}", self.unit);
                let account = if *channel == "account" { format!("vcb,00{number:08}") } else { ",".to_owned() };
                writeln!(people, "{name},{},{channel},{account},{}", self.unit, self.cycle).unwrap();
                writeln!(payments, "P-{name},{name},pension,{},{amount}", self.cycle).unwrap();
                writeln!(outcomes, "P-{name},settled,{}-05", self.cycle).unwrap();
            }
        }
        for (kind, content) in
            [(ImportKind::Beneficiaries, people), (ImportKind::Payments, payments), (ImportKind::Outcomes, outcomes)]
        {
            let report = import(test, &order(kind, ImportMode::All), &source(content.into_bytes(), Format::Csv)).await;
            assert_eq!((report.errors, report.recorded_rows), (0, number), "{:?}", report.issues.first());
        }
    }
}

async fn figure(test: &TestApp, unit: &str, cycle: &str) -> Value {
    test.caught_up().await;
    test.supervisor().get(&format!("/v1/adoption?unit={unit}&cycle={cycle}")).await.json(200)["groups"][0].clone()
}

fn share(numerator: u64, denominator: u64, ratio: &str) -> Value {
    json!({"numerator": numerator, "denominator": denominator, "ratio": ratio})
}

async fn dong_thanh_paid_743_of_776_people_without_cash_and_758_after_15_more_switch(engine: Engine) {
    let test = published(engine).await;
    let lots =
        Run { unit: "T80C", cycle: "2025-09", lots: vec![(743, "account", 3_000_000), (33, "cash_desk", 3_000_000)] };
    lots.pay(&test).await;
    let september = figure(&test, "T80C", "2025-09").await;
    // Printed: 95.74, cut off; rounded it is 95.75.
    assert_eq!(september["payments"], share(743, 776, "0.957474"));
    assert_eq!(
        (&september["people"]["numerator"], &september["people"]["denominator"], &september["people"]["ratio"]),
        (&json!(743), &json!(776), &json!("0.957474"))
    );

    // The next month the same people, 15 more of them by account. Printed: 97.68.
    let mut payments = "payment_reference,beneficiary_ref,benefit_type,cycle,amount,channel,bank,account\n".to_owned();
    let mut outcomes = "payment_reference,status,date\n".to_owned();
    for number in 1..=776 {
        let route = match number {
            1..=743 => ",,".to_owned(),
            744..=758 => format!("account,vcb,00{number:08}"),
            _ => "cash_desk,,".to_owned(),
        };
        writeln!(payments, "O-{number},T80C-{number},pension,2025-10,3000000,{route}").unwrap();
        writeln!(outcomes, "O-{number},settled,2025-10-06").unwrap();
    }
    for (kind, content) in [(ImportKind::Payments, payments), (ImportKind::Outcomes, outcomes)] {
        import(&test, &order(kind, ImportMode::All), &source(content.into_bytes(), Format::Csv)).await;
    }
    let october = figure(&test, "T80", "2025-10").await;
    assert_eq!(
        (&october["people"]["numerator"], &october["people"]["denominator"], &october["people"]["ratio"]),
        (&json!(758), &json!(776), &json!("0.976804"))
    );
}

async fn hanoi_paid_4096_of_4140_billion_dong_without_cash(engine: Engine) {
    let test = published(engine).await;
    // 2 billion is the most that one payment may be: 206 payments of 2 billion stand for a tenth, so amounts are in tenths.
    let lots = vec![
        (204, "account", 2_000_000_000),
        (1, "account", 1_600_000_000),
        (2, "cash_desk", 2_000_000_000),
        (1, "cash_desk", 400_000_000),
    ];
    Run { unit: "T01C", cycle: "2025-08", lots }.pay(&test).await;
    let amount = figure(&test, "T01C", "2025-08").await["amount"].clone();
    // 409.6 of 414.0 billion: the tenth of 4,096 of 4,140. Not printed; cash is said to be 43.6 billion.
    let expected =
        json!({"numerator": "409600000000", "denominator": "414000000000", "ratio": "0.989372", "currency": "VND"});
    assert_eq!(amount, expected);
}

async fn the_people_of_ho_chi_minh_city_and_hanoi_have_their_ratios(engine: Engine) {
    let test = published(engine).await;
    for (unit, cashless, cash, ratio) in [("T79C", 291_759, 49_721, "0.854396"), ("T01C", 595_237, 3_436, "0.994261")] {
        let lots = vec![(1, "account", cashless * 1_000), (1, "cash_desk", cash * 1_000)];
        Run { unit, cycle: "2025-08", lots }.pay(&test).await;
        let amount = figure(&test, unit, "2025-08").await["amount"].clone();
        let all = (cashless + cash) * 1_000;
        let expected = json!({"numerator": (cashless * 1_000).to_string(), "denominator": all.to_string(), "ratio": ratio, "currency": "VND"});
        assert_eq!(amount, expected, "Hanoi's was printed as 999,42 and its cash as 0.58, which is 0.574");

        let rows = [people("cashless", cashless), people("cash", cash)];
        let groups = adoption::evaluate(&rows, &[], test.app.profile.as_ref());
        let share = groups[0].people.share(false);
        assert_eq!((share.numerator.unsigned_abs(), share.denominator.unsigned_abs()), (cashless, cashless + cash));
        assert_eq!(share.ratio().as_deref(), Some(ratio));
    }
}

/// So many people of a standing, as the cube answers them.
fn people(standing: &str, count: u64) -> CellRow {
    let none = String::new;
    CellRow {
        tally: Tally::People,
        value: standing.to_owned(),
        cycle: "2025-08".to_owned(),
        unit: none(),
        benefit: none(),
        channel: none(),
        agent: none(),
        bank: none(),
        urban: none(),
        count: i64::try_from(count).unwrap(),
        amount_minor: 0,
    }
}

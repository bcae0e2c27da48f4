//! Units on other bases than as paid, over the reform of 1 July 2025: what they have become, and the districts that they lay in.

use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{by_account, pension, with};
use chitra::app::access::Role;
use serde_json::{Value, json};

on_every_engine! {
    people_are_told_by_what_their_units_have_become,
    new_units_are_told_by_the_districts_that_they_lay_in,
    what_was_divided_belongs_to_no_one_unit,
    a_basis_that_says_nothing_of_the_unit_asked_is_refused,
}

/// Two people of two wards of Tam Ky that became one, one of them paid in both, and one of a commune that was divided; June and July.
async fn scene(test: &TestApp) {
    for (person, unit) in [("TK-A", "20341"), ("TK-B", "20353"), ("HL-C", "20296")] {
        test.register(&by_account(person, unit)).await;
    }
    test.days_pass(123);
    for (reference, person, cycle, unit, benefit) in [
        ("P-A6", "TK-A", "2025-06", "C20341", "pension"),
        ("P-A6b", "TK-A", "2025-06", "C20353", "disability"),
        ("P-B6", "TK-B", "2025-06", "C20353", "pension"),
        ("P-C6", "HL-C", "2025-06", "C20296", "pension"),
        ("P-A7", "TK-A", "2025-07", "C20341@20250701", "pension"),
        ("P-B7", "TK-B", "2025-07", "C20341@20250701", "pension"),
    ] {
        let body = json!({"cycle": cycle, "unit": unit, "benefit_type": benefit, "benefit_months": [cycle]});
        let payment = test.instruct(&with(pension(reference, person), &body)).await;
        test.settle(&payment, &format!("{cycle}-05")).await.is(201);
    }
}

/// `unit: people/payments` of each group.
async fn told(test: &TestApp, query: &str) -> Vec<String> {
    let answer = test.read(&format!("/v1/adoption?{query}")).await;
    let one = |group: &Value| {
        let unit = group["group"]["unit"].as_str().unwrap_or("all");
        format!("{unit}: {}/{}", group["people"]["denominator"], group["payments"]["denominator"])
    };
    answer["groups"].as_array().unwrap().iter().map(one).collect()
}

async fn people_are_told_by_what_their_units_have_become(test: TestApp) {
    scene(&test).await;
    assert_eq!(told(&test, "cycle=2025-06&unit=D502&group_by=unit").await, ["C20341: 1/1", "C20353: 2/2"]);
    let current = "cycle=2025-06&unit_basis=current";
    assert_eq!(
        told(&test, &format!("{current}&unit=C20341@20250701")).await,
        ["all: 2/3"],
        "one in both wards counts once"
    );
    assert_eq!(
        told(&test, &format!("{current}&unit=P48@20250701&group_by=unit")).await,
        ["C20341@20250701: 2/3", "not_attributable: 1/1"],
    );
    let answer = test.read(&format!("/v1/adoption?{current}")).await;
    assert_eq!((&answer["unit_basis"], &answer["unit_basis_on"]), (&json!("current"), &json!("2025-08-01")));
    let series = "unit_basis=current&unit=C20341@20250701&group_by=cycle";
    assert_eq!(told(&test, series).await, ["all: 2/3", "all: 2/2"], "a series over the reform");
    let first = test.read(&format!("/v1/first-attempts?{current}&unit=C20341@20250701")).await;
    assert_eq!(first["groups"][0]["people"]["denominator"], 2);
    let moved = test.read("/v1/movers?cycle=2025-07&unit_basis=current&unit=C20341@20250701&group_by=unit").await;
    assert_eq!(moved["groups"][0]["to_cash"]["denominator"], 2);
}

async fn new_units_are_told_by_the_districts_that_they_lay_in(test: TestApp) {
    scene(&test).await;
    assert_eq!(told(&test, "cycle=2025-07&unit=D502").await, ["all: 0/0"], "the district is no more");
    let historical = "unit_basis=historical_district";
    assert_eq!(told(&test, &format!("cycle=2025-07&unit=D502&{historical}")).await, ["all: 2/2"]);
    let by_district = format!("{historical}&unit=P49&group_by=unit_level:district,cycle");
    assert_eq!(told(&test, &by_district).await, ["D502: 2/3", "D502: 2/2"]);
    let settlement = test.read(&format!("/v1/settlement?cycle=2025-07&unit=D502&{historical}")).await;
    assert_eq!(
        (&settlement["groups"][0]["instructed"]["payments"], &settlement["unit_basis"]),
        (&json!(2), &json!("historical_district"))
    );
    let clerk = test.with_key(&test.key(Role::Supervisor, Some("D502"), None).await);
    clerk.get(&format!("/v1/adoption?{historical}")).await.refused(403, "out-of-your-units");
}

async fn what_was_divided_belongs_to_no_one_unit(test: TestApp) {
    scene(&test).await;
    let current = "cycle=2025-06&unit_basis=current";
    for half in ["C20194@20250701", "C20197@20250701"] {
        assert_eq!(told(&test, &format!("{current}&unit={half}")).await, ["all: 0/0"], "{half}");
        assert_eq!(
            told(&test, &format!("{current}&unit={half}&group_by=unit")).await,
            ["not_attributable: 1/1"],
            "{half}"
        );
    }
    let province = format!("{current}&group_by=unit_level:province");
    assert_eq!(told(&test, &province).await, ["P48@20250701: 3/4"], "both halves are in one province");
}

async fn a_basis_that_says_nothing_of_the_unit_asked_is_refused(test: TestApp) {
    scene(&test).await;
    for (query, error) in [
        ("unit_basis=tomorrow", "/unit_basis invalid-value"),
        ("unit_basis=historical_galaxy", "/unit_basis invalid-value"),
        ("unit_basis=current&unit=D502", "/unit unit-not-of-basis"),
        ("unit_basis=historical_district&unit=C20341", "/unit unit-not-of-basis"),
    ] {
        let refused = test.supervisor().get(&format!("/v1/adoption?{query}")).await.refused(422, "invalid-input");
        assert_eq!(refused.errors(), [error], "{query}");
    }
    let analyst = test.as_role(Role::Analyst).get("/v1/adoption?cycle=2025-06&unit_basis=current").await;
    assert_eq!(analyst.refused(422, "invalid-input").errors(), ["/group_by too-fine-for-your-role"]);
}

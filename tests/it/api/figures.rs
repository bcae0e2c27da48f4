//! Figures over a small scene whose numbers are worked out by hand.

use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{COMMUNE, HOI_AN, WARD, by_account, in_cash, pension, rejected, returned, with};
use chitra::app::access::Role;
use serde_json::{Value, json};

on_every_engine! {
    adoption_is_told_by_people_amount_and_payments,
    a_person_in_two_communes_counts_in_both_and_once_above,
    groups_split_by_every_dimension,
    mixed_people_count_as_cashless_only_when_asked,
    filters_narrow_a_figure,
    a_figure_is_told_as_it_stood_at_a_position_or_day,
    an_instant_is_the_last_position_recorded_by_then,
    an_instant_that_has_no_state_is_refused,
    nothing_paid_has_no_ratio,
    settlement_tells_funnel_ageing_timeliness_and_reasons,
    figures_come_as_csv_xlsx_and_ndjson,
    an_auditor_sees_figures_and_a_clerk_those_of_own_units,
    a_corrected_amount_moves_the_figure,
}

/// Nine payments of March 2025 to seven people of Quang Nam, recorded on the 3rd; on the 7th one comes back.
pub async fn scene(test: &TestApp) -> u64 {
    let open = [
        ("TK-1", WARD, "5000000"),
        ("TK-2", WARD, "6000000"),
        ("TK-4", COMMUNE, "4000000"),
        ("TK-5", COMMUNE, "2000000"),
        ("HA-2", HOI_AN, "8000000"),
    ];
    for (person, unit, _) in open {
        test.register(&by_account(person, unit)).await;
    }
    test.register(&in_cash("TK-3", COMMUNE)).await;
    test.register(&with(by_account("HA-1", HOI_AN), &json!({"bank": "bidv"}))).await;
    let order = async |reference: &str, person: &str, members: Value| {
        test.instruct(&with(pension(reference, person), &members)).await
    };
    let mut paid = Vec::new();
    for (person, _, amount) in open {
        paid.push(order(&format!("P-{person}"), person, json!({"amount": amount})).await);
    }
    let cash = order("P-TK-3", "TK-3", json!({"amount": "3000000"})).await;
    let other_cash =
        order("D-TK-4", "TK-4", json!({"amount": "1000000", "benefit_type": "social_pension", "channel": "cash_desk"}))
            .await;
    let elsewhere =
        order("D-TK-5", "TK-5", json!({"amount": "1000000", "benefit_type": "disability", "unit": HOI_AN})).await;
    let back = order("P-HA-1", "HA-1", json!({"amount": "7000000"})).await;
    for payment in [&paid[0], &paid[2], &paid[3], &elsewhere, &back] {
        test.settle(payment, "2025-03-05").await.is(201);
    }
    test.settle(&cash, "2025-03-10").await.is(201);
    test.settle(&other_cash, "2025-03-08").await.is(201);
    test.deed(&paid[1], "reject", &rejected()).await.is(201);
    let reissue = json!({"channel": "cash_desk", "due_on": "2025-03-10", "reason": "wrong account"});
    test.deed(&paid[1], "reissue", &reissue).await.is(201);
    test.settle(&paid[1], "2025-03-10").await.is(201);
    let before = test.head().await;
    test.days_pass(4);
    test.deed(&back, "return", &returned("2025-03-07")).await.is(201);
    before
}

fn share(numerator: i64, denominator: i64, ratio: &str) -> Value {
    json!({"numerator": numerator, "denominator": denominator, "ratio": ratio})
}

/// `group: numerator/denominator` of one indicator, for each group.
fn shares(answer: &Value, dimension: &str, indicator: &str) -> Vec<String> {
    let one = |group: &Value| {
        let share = &group[indicator];
        format!("{}: {}/{}", group["group"][dimension].as_str().unwrap(), share["numerator"], share["denominator"])
    };
    answer["groups"].as_array().unwrap().iter().map(one).collect()
}

async fn adoption_is_told_by_people_amount_and_payments(test: TestApp) {
    scene(&test).await;
    let answer = test.read("/v1/adoption?cycle=2025-03").await;
    let all = &answer["groups"][0];
    let people = json!({"numerator": 2, "denominator": 5, "ratio": "0.400000", "cashless": 2, "cash": 2, "mixed": 1});
    assert_eq!(all["people"], people);
    let amount = json!({"numerator": "12000000", "denominator": "22000000", "ratio": "0.545455", "currency": "VND"});
    assert_eq!(all["amount"], amount);
    assert_eq!(all["payments"], share(4, 7, "0.571429"));
    assert_eq!(all["completeness"], share(8, 9, "0.888889"));
    assert_eq!(answer["filters"], json!({"cycle": "2025-03"}));
    assert_eq!(answer["unit_basis"], "as_paid");
    assert_eq!(answer["as_of_position"], test.head().await);
    assert_eq!(answer["as_of_time"], "2025-04-04T03:00:00Z");
    assert_eq!(answer["indicators"], json!({"people": "A1", "amount": "A2", "payments": "A3", "completeness": "C1"}));
}

async fn a_person_in_two_communes_counts_in_both_and_once_above(test: TestApp) {
    scene(&test).await;
    let by_unit = test.read("/v1/adoption?group_by=unit").await;
    assert_eq!(shares(&by_unit, "unit", "people"), ["C20341: 1/2", "C20359: 1/3", "C20398: 1/1"]);
    let by_district = test.read("/v1/adoption?group_by=unit_level:district").await;
    assert_eq!(shares(&by_district, "unit", "people"), ["D502: 2/5", "D503: 1/1"]);
    assert_eq!(by_district["groups"][0]["group"]["unit_name"], "Thành phố Tam Kỳ");
    let by_province = test.read("/v1/adoption?group_by=unit_level:province").await;
    assert_eq!(shares(&by_province, "unit", "people"), ["P49: 2/5"]);
}

async fn groups_split_by_every_dimension(test: TestApp) {
    scene(&test).await;
    for (dimension, expected) in [
        ("benefit_type", vec!["disability: 1/1", "pension: 3/5", "social_pension: 0/1"]),
        ("benefit_group", vec!["monthly: 4/6", "social_assistance: 0/1"]),
        ("channel", vec!["account: 4/4", "cash_desk: 0/3"]),
        ("agent", vec!["bank: 4/4", "post: 0/3"]),
        ("urban", vec!["false: 2/4", "true: 2/3"]),
        ("cycle", vec!["2025-03: 4/7"]),
    ] {
        let answer = test.read(&format!("/v1/adoption?group_by={dimension}")).await;
        assert_eq!(shares(&answer, dimension, "payments"), expected, "{dimension}");
    }
    let banks = test.read("/v1/adoption?group_by=bank").await;
    let vcb = banks["groups"].as_array().unwrap().iter().find(|group| group["group"]["bank"] == "vcb").unwrap();
    assert_eq!(vcb["payments"], share(4, 4, "1.000000"));
    let two = test.read("/v1/adoption?group_by=unit_level:district,channel").await;
    assert_eq!(two["groups"].as_array().unwrap().len(), 3);
    for twice in ["unit,unit_level:district", "cycle,cycle"] {
        let path = format!("/v1/adoption?group_by={twice}");
        let repeated = test.supervisor().get(&path).await.refused(422, "invalid-input");
        assert_eq!(repeated.errors(), ["/group_by invalid-value"], "{twice}");
    }
}

async fn mixed_people_count_as_cashless_only_when_asked(test: TestApp) {
    scene(&test).await;
    let asked = test.read("/v1/adoption?mixed_as_cashless=true").await;
    assert_eq!(
        (&asked["groups"][0]["people"]["numerator"], &asked["groups"][0]["people"]["mixed"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(asked["groups"][0]["people"]["ratio"], "0.600000");
}

async fn filters_narrow_a_figure(test: TestApp) {
    scene(&test).await;
    for (filter, people, payments) in [
        ("unit=D502", (2, 5), (3, 6)),
        ("unit=20341", (1, 2), (1, 2)),
        ("urban=true", (2, 3), (2, 3)),
        ("urban=false", (1, 3), (2, 4)),
        ("benefit_type=pension", (3, 5), (3, 5)),
        ("benefit_group=social_assistance", (0, 1), (0, 1)),
        ("cycle=2025-02", (0, 0), (0, 0)),
        ("unit=D502&benefit_group=monthly", (3, 5), (3, 5)),
    ] {
        let answer = test.read(&format!("/v1/adoption?{filter}")).await;
        let of = |name: &str| {
            (
                answer["groups"][0][name]["numerator"].as_i64().unwrap(),
                answer["groups"][0][name]["denominator"].as_i64().unwrap(),
            )
        };
        assert_eq!((of("people"), of("payments")), (people, payments), "{filter}");
    }
}

async fn a_figure_is_told_as_it_stood_at_a_position_or_day(test: TestApp) {
    let before = scene(&test).await;
    for asked in
        [format!("as_of_position={before}"), "as_of_day=2025-03-31".to_owned(), "as_of_day=2025-04-03".to_owned()]
    {
        let then = test.read(&format!("/v1/adoption?{asked}")).await;
        assert_eq!(then["groups"][0]["people"]["denominator"], 6, "{asked}");
        assert_eq!(then["groups"][0]["people"]["ratio"], "0.500000", "{asked}");
        assert_eq!(
            (&then["as_of_position"], &then["as_of_time"]),
            (&json!(before), &json!("2025-03-31T03:00:00Z")),
            "{asked}"
        );
        let then = test.read(&format!("/v1/settlement?{asked}")).await;
        assert_eq!(then["groups"][0]["funnel"]["returned"]["payments"], 0, "{asked}");
    }
    let on_the_day = test.read("/v1/adoption?as_of_day=2025-04-04").await;
    assert_eq!(on_the_day["groups"][0]["people"]["denominator"], 5);
    let at_the_start = test.read("/v1/adoption?as_of_day=2025-03-02").await;
    assert_eq!(at_the_start["groups"][0]["people"]["denominator"], 0);
}

async fn an_instant_is_the_last_position_recorded_by_then(test: TestApp) {
    let before = scene(&test).await;
    let after = test.head().await;
    // The scene was recorded on 31 March at 10:00 in Vietnam, the return on 4 April at the same hour.
    for (as_of, position, people) in [
        ("2025-03-31T10:00:00%2B07:00", before, 6),
        ("2025-03-31T03:00:00Z", before, 6),
        ("2025-04-04T09:59:59.999999+07:00", before, 6),
        ("2025-04-04T10:00:00 07:00", after, 5),
        ("2025-04-03T23:00:00-04:00", after, 5),
        ("2025-04-03", before, 6),
        ("2025-04-04", after, 5),
        (&before.to_string(), before, 6),
    ] {
        let then = test.read(&format!("/v1/adoption?as_of={as_of}")).await;
        assert_eq!(then["groups"][0]["people"]["denominator"], people, "{as_of}");
        assert_eq!(then["as_of_position"], position, "{as_of}");
        let same = test.read(&format!("/v1/adoption?as_of_position={position}")).await;
        assert_eq!(then, same, "{as_of}");
    }
    let as_of = "as_of=2025-04-03T00:00:00+07:00";
    for path in [
        "/v1/settlement?",
        "/v1/late?",
        "/v1/unclaimed?",
        "/v1/first-attempts?",
        "/v1/movers?cycle=2025-03&",
        "/v1/registered?",
        "/v1/identity?",
        "/v1/assessment?cycle=2025-03&",
    ] {
        assert_eq!(test.read(&format!("{path}{as_of}")).await["as_of_position"], before, "{path}");
    }
    let settlement = test.read(&format!("/v1/settlement?{as_of}")).await;
    assert_eq!(settlement["today"], "2025-04-03", "ageing counts to the day of the instant");
}

async fn an_instant_that_has_no_state_is_refused(test: TestApp) {
    let nothing = test.supervisor().get("/v1/adoption?as_of=2025-03-31T10:00:00%2B07:00").await;
    assert_eq!(nothing.refused(422, "invalid-input").errors(), ["/as_of as-of-before-log"], "an empty log");
    scene(&test).await;
    for (as_of, error) in [
        ("2025-04-01T00:00:00", "as-of-without-offset"),
        ("2025-04-04T10:00:00.000001%2B07:00", "as-of-in-future"),
        ("2025-04-05", "as-of-in-future"),
        ("2025-03-31T09:59:59.999999%2B07:00", "as-of-before-log"),
        ("2025-03-30", "as-of-before-log"),
        ("yesterday", "invalid-value"),
        ("2025-03-31&as_of_position=1", "invalid-value"),
        ("2025-03-31&as_of_day=2025-03-31", "invalid-value"),
    ] {
        for path in ["/v1/adoption", "/v1/registered"] {
            let answer = test.supervisor().get(&format!("{path}?as_of={as_of}")).await.refused(422, "invalid-input");
            assert_eq!(answer.errors(), [format!("/as_of {error}")], "{as_of}");
        }
    }
    test.supervisor().get("/v1/adoption?as_of=1000000").await.refused(422, "position-beyond-head");
}

async fn nothing_paid_has_no_ratio(test: TestApp) {
    let answer = test.read("/v1/adoption").await;
    assert_eq!(answer["groups"][0]["people"]["ratio"], Value::Null);
    assert_eq!(answer["groups"][0]["amount"]["ratio"], Value::Null);
    let answer = test.read("/v1/settlement").await;
    assert_eq!(answer["groups"][0]["completeness"]["ratio"], Value::Null);
}

async fn settlement_tells_funnel_ageing_timeliness_and_reasons(test: TestApp) {
    scene(&test).await;
    let answer = test.read("/v1/settlement?cycle=2025-03&today=2025-03-09").await;
    let all = &answer["groups"][0];
    let sum = |payments: i64, amount: &str| json!({"payments": payments, "amount": amount});
    assert_eq!(all["instructed"], sum(9, "37000000"));
    assert_eq!(all["funnel"]["settled"], sum(7, "22000000"));
    assert_eq!(all["funnel"]["returned"], sum(1, "7000000"));
    assert_eq!(all["funnel"]["instructed"], sum(1, "8000000"));
    assert_eq!(all["funnel"]["rejected"], sum(0, "0"), "the rejected attempt was followed by another");
    let open: Vec<&Value> = all["ageing"].as_array().unwrap().iter().filter(|age| age["payments"] != 0).collect();
    assert_eq!(
        open,
        [&json!({"from_days": 3, "to_days": 5, "payments": 1, "amount": "8000000"})],
        "due on the 5th, four days ago"
    );
    let by_day: Vec<Value> = all["timeliness"]["settled_by_day"].as_array().unwrap().clone();
    assert_eq!(by_day[0], json!({"day": 5, "settled": share(4, 9, "0.444444")}));
    assert_eq!(by_day[1], json!({"day": 10, "settled": share(7, 9, "0.777778")}));
    assert_eq!((&all["timeliness"]["days_median"], &all["timeliness"]["days_p90"]), (&json!(0), &json!(0)));
    assert_eq!(all["attempts"], 10);
    assert_eq!(all["rates"]["rejected"], share(1, 10, "0.100000"));
    assert_eq!(all["rates"]["returned"], share(1, 8, "0.125000"));
    assert_eq!(
        all["reasons"],
        json!([
            {"kind": "rejected", "class": "account_data", "system": "iso20022", "code": "AC01", "attempts": 1, "amount": "6000000"},
            {"kind": "returned", "class": "account_state", "system": "iso20022", "code": "AC04", "attempts": 1, "amount": "7000000"},
        ])
    );
    let of_today = test.read("/v1/settlement").await;
    assert_eq!(of_today["today"], "2025-04-04", "the business day on the clock");
    let by_bank = test.read("/v1/settlement?group_by=bank").await;
    assert!(by_bank["groups"].as_array().unwrap().iter().any(|group| group["group"]["bank"] == "bidv"));
}

async fn figures_come_as_csv_xlsx_and_ndjson(test: TestApp) {
    scene(&test).await;
    test.read("/v1/adoption").await;
    let csv = test.supervisor().get("/v1/adoption?group_by=unit_level:district&format=csv").await.is(200);
    let content = csv.text();
    let lines: Vec<&str> = content.trim_start_matches('\u{feff}').lines().collect();
    assert!(
        lines[0].starts_with(
            "unit,unit_name,people_numerator,people_denominator,people_ratio,people_mixed,amount_numerator"
        ),
        "{content}"
    );
    assert!(
        lines[1]
            .starts_with("D502,Thành phố Tam Kỳ,2,5,0.400000,1,11000000,21000000,0.523810,3,6,0.500000,6,6,1.000000"),
        "{content}"
    );
    for path in ["/v1/adoption", "/v1/settlement"] {
        assert!(test.supervisor().get(&format!("{path}?format=xlsx")).await.is(200).bytes.starts_with(b"PK"));
        let line: Value =
            serde_json::from_str(test.supervisor().get(&format!("{path}?format=ndjson")).await.is(200).text().trim())
                .unwrap();
        assert!(line.is_object());
    }
    let paths = [
        "adoption?group_by=unit",
        "settlement?",
        "late?",
        "unclaimed?",
        "first-attempts?",
        "movers?cycle=2025-03",
        "registered?",
        "identity?",
        "assessment?cycle=2025-03",
        "calendar?cycle=2025-03",
    ];
    for path in paths {
        let answer = test.supervisor().get(&format!("/v1/{path}&format=parquet")).await.is(200);
        assert_eq!(answer.header("content-type"), "application/vnd.apache.parquet", "{path}");
        assert!(answer.bytes.starts_with(b"PAR1") && answer.bytes.ends_with(b"PAR1"), "{path}");
    }
    let accepted = ("accept", "application/vnd.apache.parquet");
    assert!(test.supervisor().get_with("/v1/adoption", accepted).await.is(200).bytes.starts_with(b"PAR1"));
}

async fn an_auditor_sees_figures_and_a_clerk_those_of_own_units(test: TestApp) {
    scene(&test).await;
    test.read("/v1/adoption").await;
    let auditor = test.as_role(Role::Auditor);
    assert_eq!(auditor.get("/v1/adoption").await.json(200)["groups"][0]["people"]["denominator"], 5);
    test.as_role(Role::Analyst).get("/v1/payments").await.refused(403, "role-not-allowed");
    let clerk = test.with_key(&test.key(Role::Clerk, Some("D503"), None).await);
    assert_eq!(clerk.get("/v1/adoption").await.json(200)["groups"][0]["people"]["denominator"], 1);
    assert_eq!(clerk.get("/v1/settlement").await.json(200)["groups"][0]["instructed"]["payments"], 3);
    clerk.get("/v1/settlement?unit=D502").await.refused(403, "out-of-your-units");
    clerk.get("/v1/adoption?unit=P49").await.refused(403, "out-of-your-units");
}

async fn a_corrected_amount_moves_the_figure(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    test.deed(&payment, "correct", &json!({"amount": "5500000", "ground": "slip"})).await.is(201);
    test.settle(&payment, "2025-03-05").await.is(201);
    test.deed(&payment, "correct", &json!({"unit": "20359", "ground": "slip"})).await.is(201);
    let answer = test.read("/v1/adoption?group_by=unit").await;
    assert_eq!(shares(&answer, "unit", "people"), ["C20359: 1/1"]);
    assert_eq!(answer["groups"][0]["amount"]["denominator"], "5500000");
    assert_eq!(test.read("/v1/settlement").await["groups"][0]["instructed"]["amount"], "5500000");
}

//! Arrears and supplements: paid beside a month's regular payment, each kind once, as far as the profile lets them reach.

use crate::support::app::TestApp;
use crate::support::client::Answer;
use crate::support::files::csv;
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, by_account, pension, with};
use chitra::app::access::Role;
use serde_json::{Value, json};

on_every_engine! {
    each_kind_pays_a_month_once_and_a_cancelled_one_frees_it,
    a_supplement_of_another_amount_is_another_one,
    arrears_reach_no_further_than_the_profile_says,
    a_kind_that_nobody_knows_is_refused,
    an_order_of_arrears_is_repeated_by_its_key_and_no_other_body,
    arrears_are_of_the_callers_units,
    kinds_are_listed_told_and_counted_with_each_person_once,
    an_office_file_names_kinds_in_its_own_words,
    a_file_has_each_month_once_of_each_kind,
    a_correction_of_the_amount_moves_what_a_supplement_holds,
    the_reference_shows_kinds_with_their_limits,
}

async fn order(test: &TestApp, reference: &str, members: &Value) -> Answer {
    let body = with(pension(reference, "TK-1"), members);
    test.supervisor().post("/v1/payments", &test.fresh(), &body).await
}

/// Claims are what the events say, and all else that is verified.
async fn sound(test: &TestApp) {
    test.caught_up().await;
    let verified = test.app.verify(&|_, _| {}).await.unwrap();
    assert!(verified.findings.is_empty(), "{:?}", verified.findings);
}

fn id(answer: &Value) -> String {
    answer["payment_id"].as_str().unwrap().to_owned()
}

async fn each_kind_pays_a_month_once_and_a_cancelled_one_frees_it(test: TestApp) {
    test.pension_of("TK-1", WARD).await;
    order(&test, "P-2", &json!({})).await.refused(409, "duplicate-benefit-month");
    for (kind, reference) in [("arrears", "A"), ("supplement", "S")] {
        let first = order(&test, &format!("{reference}-1"), &json!({"kind": kind})).await.json(201);
        assert_eq!((&first["kind"], &first["supplement"]), (&json!(kind), &json!(true)));
        let again = format!("{reference}-2");
        let refused = order(&test, &again, &json!({"kind": kind})).await.refused(409, "duplicate-benefit-month");
        assert_eq!(refused.body["held_by"], first["payment_id"]);
        test.deed(&id(&first), "cancel", &json!({"reason": "ordered twice"})).await.is(201);
        order(&test, &again, &json!({"kind": kind})).await.is(201);
    }
    sound(&test).await;
}

async fn a_supplement_of_another_amount_is_another_one(test: TestApp) {
    test.pension_of("TK-1", WARD).await;
    order(&test, "S-1", &json!({"kind": "supplement", "amount": "200000"})).await.is(201);
    order(&test, "S-2", &json!({"kind": "supplement", "amount": "300000"})).await.is(201);
    let older = json!({"supplement": true, "amount": "300000"});
    order(&test, "S-3", &older).await.refused(409, "duplicate-benefit-month");
}

async fn arrears_reach_no_further_than_the_profile_says(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    let ahead = json!({"kind": "arrears", "benefit_months": ["2025-02", "2025-04"]});
    let refused = order(&test, "A-1", &ahead).await.refused(422, "arrears-ahead");
    assert_eq!(refused.errors(), ["/benefit_months arrears-ahead"]);
    let old = json!({"kind": "arrears", "benefit_months": ["2005-02"]});
    order(&test, "A-1", &old).await.refused(422, "month-too-far-back");
    let edge = json!({"kind": "arrears", "benefit_months": ["2005-03"]});
    order(&test, "A-1", &edge).await.is(201);
    let many: Vec<String> = (0..61).map(|n| format!("{}-{:02}", 2019 + n / 12, n % 12 + 1)).collect();
    let many = json!({"kind": "supplement", "benefit_months": many});
    order(&test, "A-2", &many).await.refused(422, "too-many-months");
}

async fn a_kind_that_nobody_knows_is_refused(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    for body in [json!({"kind": "bonus"}), json!({"kind": 7}), json!({"kind": "regular", "supplement": true})] {
        let refused = order(&test, "A-1", &body).await.refused(422, "invalid-input");
        assert_eq!(refused.errors(), ["/kind invalid-value"], "{body}");
    }
}

async fn an_order_of_arrears_is_repeated_by_its_key_and_no_other_body(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    let body = with(pension("A-1", "TK-1"), &json!({"kind": "arrears"}));
    let first = test.supervisor().post("/v1/payments", "k", &body).await.json(201);
    let again = test.supervisor().post("/v1/payments", "k", &body).await.is(201);
    assert!(again.replayed());
    assert_eq!((&again.body["payment_id"], &again.body["kind"]), (&first["payment_id"], &json!("arrears")));
    let other = with(body, &json!({"kind": "supplement"}));
    test.supervisor().post("/v1/payments", "k", &other).await.refused(422, "idempotency-key-reused");
}

async fn arrears_are_of_the_callers_units(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    let body = with(pension("A-1", "TK-1"), &json!({"kind": "arrears"}));
    test.nobody().post("/v1/payments", "n", &body).await.refused(401, "unauthenticated");
    let elsewhere = test.key(Role::Clerk, Some("D503"), None).await;
    test.with_key(&elsewhere).post("/v1/payments", "c", &body).await.refused(403, "out-of-your-units");
    test.as_role(Role::Analyst).post("/v1/payments", "a", &body).await.refused(403, "role-not-allowed");
}

async fn kinds_are_listed_told_and_counted_with_each_person_once(test: TestApp) {
    let regular = test.pension_of("TK-1", WARD).await;
    let more = json!({"kind": "arrears", "benefit_months": ["2025-01", "2025-02"], "amount": "9000000"});
    let arrears = id(&order(&test, "A-1", &more).await.json(201));
    let top_up = id(&order(&test, "S-1", &json!({"kind": "supplement", "amount": "200000"})).await.json(201));
    for payment in [&regular, &arrears, &top_up] {
        test.settle(payment, "2025-03-05").await.is(201);
    }
    for (query, expected) in [
        ("kind=regular", vec![&regular]),
        ("kind=arrears", vec![&arrears]),
        ("kind=supplement", vec![&top_up]),
        ("", vec![&regular, &arrears, &top_up]),
    ] {
        let list = test.read(&format!("/v1/payments?{query}")).await;
        let found: Vec<&str> =
            list["payments"].as_array().unwrap().iter().map(|row| row["payment_id"].as_str().unwrap()).collect();
        assert_eq!(found, expected, "{query}");
    }
    test.supervisor().get("/v1/payments?kind=bonus").await.refused(422, "invalid-input");
    let told = test.payment(&arrears).await;
    assert_eq!(
        told["timeline"][0]["text"].as_str().unwrap().split(':').next(),
        Some("instructed as arrears of 2025-01, 2025-02")
    );
    assert!(told["timeline"][0]["text_vi"].as_str().unwrap().starts_with("lập lệnh chi truy lĩnh 2025-01, 2025-02"));
    let figures = test.read("/v1/adoption?cycle=2025-03").await["groups"][0].clone();
    assert_eq!((&figures["people"]["numerator"], &figures["people"]["denominator"]), (&json!(1), &json!(1)));
    assert_eq!(figures["payments"]["denominator"], 3);
    assert_eq!(figures["amount"]["denominator"], "14200000");
}

async fn an_office_file_names_kinds_in_its_own_words(test: TestApp) {
    test.pension_of("TK-1", WARD).await;
    let content = "
        Mã chi trả | Mã người hưởng | Loại chế độ | Kỳ chi trả | Tháng hưởng | Số tiền | Loại chi
        A-1        | TK-1           | Lương hưu   | 03/2025    | 02/2025     | 4000000 | Truy lĩnh
        S-1        | TK-1           | Lương hưu   | 03/2025    | 03/2025     | 100000  | chi bổ sung
        P-2        | TK-1           | Lương hưu   | 03/2025    | 02/2025     | 4000000 | Thường kỳ
        P-3        | TK-1           | Lương hưu   | 03/2025    | 03/2025     | 4000000 |
        P-4        | TK-1           | Lương hưu   | 03/2025    | 01/2025     | 4000000 | Thưởng";
    test.caught_up().await;
    let report = test.supervisor().upload("kind=payments&mode=valid_rows", &test.fresh(), csv(content)).await.json(201);
    let issues: Vec<String> = report["issues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| {
            format!("{} {} {}", issue["row"], issue["column"].as_str().unwrap(), issue["code"].as_str().unwrap())
        })
        .collect();
    assert_eq!(issues, ["5 benefit_months duplicate-benefit-month", "6 kind code-unknown"]);
    let list = test.read("/v1/payments").await;
    let kinds: Vec<&Value> = list["payments"].as_array().unwrap().iter().map(|row| &row["kind"]).collect();
    assert_eq!(kinds, ["regular", "arrears", "supplement", "regular"]);
    let again = test.supervisor().upload("kind=payments&mode=valid_rows", &test.fresh(), csv(content)).await.is(200);
    assert!(again.replayed() || again.body["recorded_rows"] == 0, "{}", again.text());
}

async fn a_file_has_each_month_once_of_each_kind(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    test.caught_up().await;
    let content = "
        payment_reference | beneficiary_ref | benefit_type | cycle   | amount  | kind
        P-1               | TK-1            | pension      | 2025-03 | 5000000 | regular
        A-1               | TK-1            | pension      | 2025-03 | 5000000 | arrears
        S-1               | TK-1            | pension      | 2025-03 | 5000000 | supplement
        S-2               | TK-1            | pension      | 2025-03 | 4000000 | supplement
        A-2               | TK-1            | pension      | 2025-03 | 4000000 | arrears";
    let report =
        test.supervisor().upload("kind=payments&mode=valid_rows&dry_run=true", &test.fresh(), csv(content)).await;
    let report = report.json(200);
    let rows: Vec<&Value> = report["issues"].as_array().unwrap().iter().map(|issue| &issue["row"]).collect();
    assert_eq!(rows, [6], "{report}");
}

async fn a_correction_of_the_amount_moves_what_a_supplement_holds(test: TestApp) {
    test.pension_of("TK-1", WARD).await;
    let kind = |amount: &str| json!({"kind": "supplement", "amount": amount});
    let one = id(&order(&test, "S-1", &kind("200000")).await.json(201));
    order(&test, "S-2", &kind("300000")).await.is(201);
    let correct = |amount: &str| json!({"amount": amount, "ground": "typing error"});
    test.deed(&one, "correct", &correct("300000")).await.refused(409, "duplicate-benefit-month");
    test.deed(&one, "correct", &correct("400000")).await.is(201);
    order(&test, "S-3", &kind("200000")).await.is(201);
    order(&test, "S-4", &kind("400000")).await.refused(409, "duplicate-benefit-month");
    sound(&test).await;
}

async fn the_reference_shows_kinds_with_their_limits(test: TestApp) {
    let codes = test.supervisor().get("/v1/reference").await.json(200);
    let kinds: Vec<&Value> = codes["payment_kinds"].as_array().unwrap().iter().map(|kind| &kind["code"]).collect();
    assert_eq!(kinds, ["arrears", "supplement"]);
    assert_eq!(codes["payment_kinds"][0]["labels"]["vi"], "Truy lĩnh");
    assert_eq!(codes["payment_kinds"][0]["months_back_max"], 240);
}

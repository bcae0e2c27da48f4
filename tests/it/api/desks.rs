//! Cash desks: what a desk's clerk does in a month, each refusal, and what adds up in the end.

use crate::support::app::{TestApp, spawn_tavaria};
use crate::support::client::Answer;
use crate::support::engine::Engine;
use crate::support::on_every_engine;
use crate::support::verbs::{COMMUNE, WARD, by_account, in_cash, pension, with};
use chitra::app::access::{Principal, Role};
use chitra::app::aggregate::desk_stream;
use chitra::app::desks::UnpaidInput;
use chitra::app::execute::{Begin, Beside, RequestKey, WriteRequest};
use chitra::domain::desk::command::ListUnpaid;
use chitra::domain::desk::event::ListedPayment;
use chitra::domain::desk::{Desk, DeskCommand};
use chitra::domain::envelope::Source;
use chitra::domain::ids::{DeskId, PaymentId};
use chitra::domain::money::Money;
use chitra::domain::payment::event::Evidence;
use chitra::domain::period::Month;
use chitra::projections::Projection;
use jiff::civil::date;
use serde_json::{Value, json};

on_every_engine! {
    a_month_at_a_desk_ends_with_nothing_unexplained,
    a_desk_is_registered_once_under_its_code_by_a_supervisor,
    a_desk_pays_in_its_window_from_what_it_holds,
    each_entry_that_does_not_fit_is_refused,
    a_payment_at_a_desk_is_paid_once_however_often_it_is_sent,
    an_heir_collects_what_the_dead_left_and_no_more,
    who_was_authorised_collects_while_the_right_holds,
    an_unpaid_list_that_broke_off_is_finished_by_the_same_request,
    a_desk_stays_within_the_units_of_the_key,
    a_rebuild_gives_the_same_books,
}

async fn desk(test: &TestApp, code: &str, kind: &str, unit: &str) -> String {
    let body = json!({"code": code, "kind": kind, "unit": unit});
    let answer = test.supervisor().post("/v1/desks", &test.fresh(), &body).await.json(201);
    answer["desk_id"].as_str().unwrap().to_owned()
}

/// An entry of March.
async fn entry(test: &TestApp, desk: &str, (day, deed): (i8, &str), body: &Value) -> Answer {
    let path = format!("/v1/desks/{desk}/days/2025-03-{day:02}/{deed}");
    test.supervisor().post(&path, &test.fresh(), body).await
}

fn cash(amount: &str, voucher: &str) -> Value {
    json!({"amount": amount, "evidence": {"kind": "voucher", "reference": voucher}})
}

fn paid(payment: &str, receipt: &str) -> Value {
    json!({"payment_id": payment, "collected_by": "self", "receipt": receipt})
}

fn unpaid(list: &str) -> Value {
    json!({"cycle": "2025-03", "evidence": {"kind": "unpaid_list", "reference": list}})
}

/// People of the ward who are paid 5,000,000 in cash.
async fn in_line(test: &TestApp, names: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for name in names {
        test.register(&in_cash(name, WARD)).await;
        ids.push(test.instruct(&pension(&format!("P-{name}"), name)).await);
    }
    ids
}

async fn a_month_at_a_desk_ends_with_nothing_unexplained(test: TestApp) {
    let ids = in_line(&test, &["TK-1", "TK-2", "TK-3", "TK-4"]).await;
    let point = desk(&test, "TK-01", "payment_point", WARD).await;
    entry(&test, &point, (3, "advance"), &cash("20000000", "PC-1")).await.is(201);
    let answer = entry(&test, &point, (4, "pay"), &paid(&ids[0], "R-1")).await.json(201);
    assert_eq!(
        (&answer["book"]["held_amount"], &answer["book"]["held_since"]),
        (&json!("15000000"), &json!("2025-03-03"))
    );
    let guardian = with(paid(&ids[1], "R-2"), &json!({"collected_by": "guardian"}));
    entry(&test, &point, (10, "pay"), &guardian).await.refused(422, "authorisation-missing");
    test.allow(&ids[1], "guardian").await;
    entry(&test, &point, (10, "pay"), &guardian).await.is(201);
    let payment = test.payment(&ids[1]).await;
    assert_eq!((&payment["status"], &payment["attempts"][0]["settled_on"]), (&json!("settled"), &json!("2025-03-10")));
    assert_eq!(
        payment["timeline"][1]["data"]["evidence"],
        json!({"kind": "desk_receipt", "reference": "TK-01/2025-03-10/R-2"})
    );
    assert_eq!(payment["timeline"][1]["data"]["collected_by"], "guardian");
    entry(&test, &point, (10, "hand-back"), &cash("10000000", "PT-1")).await.is(201);
    entry(&test, &point, (10, "liquidate"), &json!({"counted": "0"})).await.is(201);
    // What is left goes to the post office, which pays one more.
    let post = desk(&test, "TK-02", "post_office", WARD).await;
    entry(&test, &post, (11, "advance"), &cash("10000000", "PC-2")).await.is(201);
    entry(&test, &post, (25, "pay"), &paid(&ids[2], "R-1")).await.is(201);
    let answer = entry(&test, &post, (26, "unpaid-list"), &unpaid("DS-1")).await.json(201);
    assert_eq!(answer["unpaid"], json!({"listed": 1, "failed": 1, "kept": [], "more": false}));
    assert_eq!((&answer["book"]["unclaimed_amount"], &answer["book"]["held_amount"]), (&json!("5000000"), &json!("0")));
    let failed = format!("/v1/payments?status=failed&min_position={}", answer["position"]);
    assert_eq!(test.supervisor().get(&failed).await.json(200)["payments"].as_array().unwrap().len(), 1);
    let last = test.payment(&ids[3]).await;
    assert_eq!((&last["status"], &last["timeline"][1]["data"]["cause"]), (&json!("failed"), &json!("unclaimed")));
    let closed = entry(&test, &post, (26, "liquidate"), &json!({"counted": "0"})).await.json(201);
    assert_eq!(closed["liquidated_to"], "2025-03-26");
    let lines = test.read(&format!("/v1/desks/{point}/days")).await;
    let days: Vec<(&str, &str)> = lines["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["day"].as_str().unwrap(), line["held_amount"].as_str().unwrap()))
        .collect();
    assert_eq!(days, [("2025-03-03", "20000000"), ("2025-03-04", "15000000"), ("2025-03-10", "0")]);
    let some = test.read(&format!("/v1/desks/{point}/days?from=2025-03-04&to=2025-03-09")).await;
    assert_eq!((some["lines"].as_array().unwrap().len(), &some["lines"][0]["held_days"]), (1, &json!(1)));
    let all = test.read("/v1/liquidation?day=2025-03-26&unit=20341").await;
    assert_eq!((all["lines"].as_array().unwrap().len(), &all["total"]["held_amount"]), (2, &json!("0")));
    assert_eq!(all["total"]["unclaimed_amount"], "5000000");
    let csv = test.supervisor().get(&format!("/v1/desks/{post}/days?format=csv")).await.is(200).text();
    assert!(csv.contains("TK-02,C20341,2025-03-26"), "{csv}");
    assert!(test.supervisor().get("/v1/liquidation?format=xlsx").await.is(200).bytes.starts_with(b"PK"));
    let desks = test.read("/v1/desks").await;
    assert_eq!(desks["desks"].as_array().unwrap().len(), 2);
    let verified = test.app.verify(&|_, _| ()).await.unwrap();
    assert!(verified.findings.is_empty(), "{:?}", verified.findings);
}

async fn a_desk_is_registered_once_under_its_code_by_a_supervisor(test: TestApp) {
    let body = json!({"code": "TK-01", "kind": "payment_point", "unit": WARD});
    let first = test.supervisor().post("/v1/desks", "k", &body).await.is(201);
    assert_eq!((&first.body["agent"], &first.body["unit"]), (&json!("post"), &json!("C20341")));
    let again = test.supervisor().post("/v1/desks", "k", &body).await.is(201);
    assert!(again.replayed() && again.body["desk_id"] == first.body["desk_id"]);
    let other = with(body.clone(), &json!({"code": "TK-09"}));
    test.supervisor().post("/v1/desks", "k", &other).await.refused(422, "idempotency-key-reused");
    let taken = test.supervisor().post("/v1/desks", "l", &body).await.refused(409, "desk-code-taken");
    assert_eq!(taken.body["held_by"], first.body["desk_id"]);
    let wrong = json!({"code": "é", "kind": "pigeon_loft", "unit": "D502", "agent": "owl", "age": 7});
    let errors = test.supervisor().post("/v1/desks", "m", &wrong).await.refused(422, "invalid-input").errors();
    assert_eq!(errors, ["/age unknown-field", "/code invalid-value"]);
    let wrong = json!({"code": "TK-02", "kind": "pigeon_loft", "unit": "D502", "agent": "owl"});
    let errors = test.supervisor().post("/v1/desks", "m", &wrong).await.refused(422, "invalid-input").errors();
    assert_eq!(errors, ["/agent code-unknown", "/kind code-unknown", "/unit unit-wrong-level"]);
    test.as_role(Role::Clerk).post("/v1/desks", "n", &body).await.refused(403, "role-not-allowed");
    test.nobody().post("/v1/desks", "n", &body).await.refused(401, "unauthenticated");
    test.supervisor().post_without_key("/v1/desks", &body).await.refused(400, "idempotency-key-missing");
    let none = "0197d1a2-5c3e-7f10-8a44-1f0b2c3d4e5f";
    test.supervisor().get(&format!("/v1/desks/{none}")).await.refused(404, "not-found");
    entry(&test, none, (3, "advance"), &cash("1", "A")).await.refused(404, "not-found");
}

async fn a_desk_pays_in_its_window_from_what_it_holds(test: TestApp) {
    let ids = in_line(&test, &["TK-1", "TK-2"]).await;
    let point = desk(&test, "TK-01", "payment_point", WARD).await;
    entry(&test, &point, (1, "advance"), &cash("7000000", "PC-1")).await.is(201);
    for day in [2, 11, 31] {
        let answer = entry(&test, &point, (day, "pay"), &paid(&ids[0], "R-1")).await;
        assert_eq!(answer.refused(422, "outside-payment-window").errors(), ["/date outside-payment-window"]);
    }
    entry(&test, &point, (4, "pay"), &paid(&ids[0], "R-1")).await.is(201);
    let short = entry(&test, &point, (4, "pay"), &paid(&ids[1], "R-2")).await.refused(409, "desk-cash-short");
    assert_eq!(short.errors(), ["/amount desk-cash-short"]);
    assert_eq!(test.payment(&ids[1]).await["status"], "instructed", "nothing was settled");
    // A new attempt that is due in April is paid in April's window.
    test.deed(&ids[1], "fail", &json!({"cause": "unclaimed"})).await.is(201);
    let again = json!({"channel": "cash_desk", "due_on": "2025-04-10", "reason": "was ill"});
    test.deed(&ids[1], "reissue", &again).await.is(201);
    entry(&test, &point, (5, "pay"), &paid(&ids[1], "R-2")).await.refused(422, "outside-payment-window");
    test.days_pass(3);
    entry(&test, &point, (6, "advance"), &cash("3000000", "PC-2")).await.is(201);
    let path = format!("/v1/desks/{point}/days/2025-04-02/pay");
    test.supervisor().post(&path, &test.fresh(), &paid(&ids[1], "R-2")).await.is(201);
}

async fn each_entry_that_does_not_fit_is_refused(test: TestApp) {
    let ids = in_line(&test, &["TK-1", "TK-2"]).await;
    let point = desk(&test, "TK-01", "payment_point", WARD).await;
    let home = desk(&test, "TK-03", "home_team", WARD).await;
    entry(&test, &point, (3, "advance"), &cash("10000000", "PC-1")).await.is(201);
    assert_eq!(entry(&test, &point, (3, "advance"), &cash("10000000", "PC-1")).await.json(200)["changed"], false);
    entry(&test, &point, (3, "advance"), &cash("9", "PC-1")).await.refused(409, "evidence-used");
    entry(&test, &point, (3, "advance"), &cash("0", "PC-2")).await.refused(422, "amount-not-positive");
    entry(&test, &point, (3, "hand-back"), &cash("10000001", "PT-1")).await.refused(409, "desk-cash-short");
    entry(&test, &home, (3, "pay"), &paid(&ids[0], "R-1")).await.refused(422, "channel-not-paid-here");
    test.register(&by_account("TK-8", WARD)).await;
    let agency =
        test.instruct(&with(pension("P-8", "TK-8"), &json!({"channel": "cash_desk", "agent": "agency"}))).await;
    entry(&test, &point, (4, "pay"), &paid(&agency, "R-1")).await.refused(422, "desk-of-another-agent");
    entry(&test, &point, (25, "unpaid-list"), &unpaid("DS-1")).await.refused(422, "payment-window-open");
    let strange = with(unpaid("DS-1"), &json!({"payments": [agency]}));
    let answer = entry(&test, &point, (26, "unpaid-list"), &strange).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/payments not-on-this-list"]);
    let february = with(unpaid("DS-1"), &json!({"cycle": "2025-02"}));
    entry(&test, &point, (26, "unpaid-list"), &february).await.refused(409, "nothing-unpaid");
    let differs = entry(&test, &point, (4, "liquidate"), &json!({"counted": "1"})).await;
    assert_eq!(differs.refused(409, "desk-cash-differs").errors(), ["/counted desk-cash-differs"]);
    entry(&test, &point, (4, "liquidate"), &json!({"counted": "10000000"})).await.is(201);
    assert_eq!(
        entry(&test, &point, (4, "liquidate"), &json!({"counted": "10000000"})).await.json(200)["changed"],
        false
    );
    for (deed, body) in
        [("advance", cash("5", "PC-9")), ("pay", paid(&ids[0], "R-1")), ("hand-back", cash("5", "PT-9"))]
    {
        entry(&test, &point, (4, deed), &body).await.refused(409, "desk-day-liquidated");
    }
    let tomorrow = format!("/v1/desks/{point}/days/2025-04-01/advance");
    let answer = test.supervisor().post(&tomorrow, "t", &cash("5", "PC-9")).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/date date-in-future"]);
    let no_day = format!("/v1/desks/{point}/days/2025-02-30/advance");
    test.supervisor().post(&no_day, "t", &cash("5", "PC-9")).await.refused(404, "not-found");
    let none = "0197d1a2-5c3e-7f10-8a44-1f0b2c3d4e5f";
    entry(&test, &point, (5, "pay"), &paid(none, "R-1")).await.refused(404, "payment-not-found");
    let errors =
        entry(&test, &point, (5, "pay"), &json!({"collected_by": "owl"})).await.refused(422, "invalid-input").errors();
    assert_eq!(errors, ["/collected_by invalid-value", "/payment_id missing", "/receipt missing"]);
}

async fn a_payment_at_a_desk_is_paid_once_however_often_it_is_sent(test: TestApp) {
    let ids = in_line(&test, &["TK-1", "TK-2"]).await;
    let point = desk(&test, "TK-01", "payment_point", WARD).await;
    entry(&test, &point, (3, "advance"), &cash("20000000", "PC-1")).await.is(201);
    let path = format!("/v1/desks/{point}/days/2025-03-04/pay");
    let first = test.supervisor().post(&path, "p", &paid(&ids[0], "R-1")).await.is(201);
    let head = test.head().await;
    let again = test.supervisor().post(&path, "p", &paid(&ids[0], "R-1")).await.is(201);
    assert!(again.replayed() && again.body["position"] == first.body["position"]);
    test.supervisor().post(&path, "p", &paid(&ids[1], "R-2")).await.refused(422, "idempotency-key-reused");
    let other = test.supervisor().post(&path, "q", &paid(&ids[0], "R-1")).await.json(200);
    assert_eq!((&other["changed"], test.head().await), (&json!(false), head));
    // A payment that was settled elsewhere is not paid at a desk.
    test.settle(&ids[1], "2025-03-05").await.is(201);
    test.supervisor().post(&path, "r", &paid(&ids[1], "R-2")).await.refused(409, "payment-not-open");
    let line = test.supervisor().get(&format!("/v1/desks/{point}")).await.json(200);
    assert_eq!(line["book"]["held_amount"], "15000000");
    let stale = test.supervisor().post_if_match(&path, ("s", "\"0\""), &paid(&ids[0], "R-1")).await;
    assert_eq!(stale.refused(412, "revision-moved").body["current_revision"], 2);
}

async fn an_heir_collects_what_the_dead_left_and_no_more(test: TestApp) {
    let person = test.register(&in_cash("TK-1", WARD)).await;
    let march = test.instruct(&pension("P-3", "TK-1")).await;
    let february = with(pension("P-2", "TK-1"), &json!({"cycle": "2025-02", "due_on": "2025-03-10"}));
    let february = test.instruct(&february).await;
    let point = desk(&test, "TK-01", "payment_point", WARD).await;
    entry(&test, &point, (3, "advance"), &cash("20000000", "PC-1")).await.is(201);
    let heir = |payment: &str| with(paid(payment, "R-1"), &json!({"collected_by": "heir"}));
    let early = entry(&test, &point, (4, "pay"), &heir(&february)).await.refused(422, "no-death-reported");
    assert_eq!(early.errors(), ["/collected_by no-death-reported"]);
    let death = json!({"died_on": "2025-02-20", "source": "commune"});
    test.supervisor().post(&format!("/v1/beneficiaries/{person}/death"), &test.fresh(), &death).await.is(201);
    entry(&test, &point, (4, "pay"), &paid(&february, "R-1")).await.refused(422, "heir-must-collect");
    // Held as well, as soon as the process that follows the log has come to the death.
    let after = entry(&test, &point, (4, "pay"), &heir(&march)).await;
    let code = after.body["code"].as_str().unwrap().to_owned();
    assert!(["months-after-death", "payment-not-open"].contains(&code.as_str()), "{code}");
    entry(&test, &point, (4, "pay"), &heir(&february)).await.is(201);
    let payment = test.payment(&february).await;
    assert_eq!(payment["timeline"][1]["data"]["collected_by"], "heir");
    assert!(payment["timeline"][1]["text_vi"].as_str().unwrap().contains("người thừa kế"));
    let listed = test.read("/v1/payments?status=settled").await;
    assert_eq!(listed["payments"].as_array().unwrap().len(), 1, "the projection reads an heir's row back");
}

async fn who_was_authorised_collects_while_the_right_holds(test: TestApp) {
    let ids = in_line(&test, &["TK-1"]).await;
    let person = test.payment(&ids[0]).await["beneficiary_id"].as_str().unwrap().to_owned();
    let right =
        json!({"payee": "authorised", "name": "Trần Thị Sáu", "valid_from": "2025-01-01", "valid_to": "2025-03-05"});
    let path = format!("/v1/beneficiaries/{person}/authorisations");
    test.supervisor().post(&path, &test.fresh(), &right).await.is(201);
    let point = desk(&test, "TK-01", "payment_point", WARD).await;
    entry(&test, &point, (3, "advance"), &cash("5000000", "PC-1")).await.is(201);
    let authorised = with(paid(&ids[0], "R-1"), &json!({"collected_by": "authorised"}));
    entry(&test, &point, (6, "pay"), &authorised).await.refused(422, "authorisation-expired");
    assert_eq!(test.supervisor().get(&format!("/v1/desks/{point}")).await.json(200)["book"]["held_amount"], "5000000");
    entry(&test, &point, (5, "pay"), &authorised).await.is(201);
}

async fn an_unpaid_list_that_broke_off_is_finished_by_the_same_request(test: TestApp) {
    let ids = in_line(&test, &["TK-1", "TK-2", "TK-3"]).await;
    let post = desk(&test, "TK-02", "post_office", WARD).await;
    entry(&test, &post, (11, "advance"), &cash("15000000", "PC-1")).await.is(201);
    let request = WriteRequest {
        principal: Principal::local("the-test"),
        source: Source::Api,
        idempotency: RequestKey { caller: "the-test".into(), idempotency_key: "list".into(), input_hash: [7; 32] },
        if_match: None,
        occurred_at: None,
    };
    let desk_id = DeskId::parse(&post).unwrap();
    let id = |text: &String| PaymentId::parse(text).unwrap();
    let evidence = Evidence { kind: "unpaid_list".into(), reference: "DS-1".into() };
    let currency = test.app.profile.currency.currency;
    let list = ListUnpaid {
        day: date(2025, 3, 26),
        cycle: Month::parse("2025-03").unwrap(),
        payments: ids.iter().map(|one| ListedPayment { payment_id: id(one), attempt: 1 }).collect(),
        amount: Money { minor: 15_000_000, currency },
        evidence: evidence.clone(),
        last_day: date(2025, 3, 25),
    };
    // The list is on record, and the program ended before any of its payments had failed. One was paid meanwhile after all.
    let command = DeskCommand::ListUnpaid(Box::new(list));
    let stream = desk_stream(desk_id);
    let begun = test
        .app
        .execute((&stream, Begin::Existing), &request, Beside::default(), |_: &Desk| Ok(command.clone()))
        .await
        .unwrap();
    test.settle(&ids[2], "2025-03-25").await.is(201);
    let input =
        || UnpaidInput { cycle: Month::parse("2025-03").unwrap(), payments: Vec::new(), evidence: evidence.clone() };
    let (written, unpaid) = test.app.desk_unpaid(&request, (desk_id, date(2025, 3, 26)), input()).await.unwrap();
    assert!(written.replayed && written.position == begun.position);
    assert_eq!((unpaid.listed, unpaid.failed), (3, 2));
    assert_eq!(unpaid.kept, [(id(&ids[2]), "payment-already-settled")]);
    for one in &ids[..2] {
        assert_eq!(test.payment(one).await["status"], "failed");
    }
    let head = test.head().await;
    let (_, again) = test.app.desk_unpaid(&request, (desk_id, date(2025, 3, 26)), input()).await.unwrap();
    assert_eq!((again.failed, test.head().await), (2, head), "once more changes nothing");
}

async fn a_desk_stays_within_the_units_of_the_key(test: TestApp) {
    let ids = in_line(&test, &["TK-1"]).await;
    let (own, other) =
        (desk(&test, "TK-01", "payment_point", WARD).await, desk(&test, "TK-02", "payment_point", COMMUNE).await);
    let clerk = test.with_key(&test.key(Role::Clerk, Some("C20341"), None).await);
    let path = |desk: &str, deed: &str| format!("/v1/desks/{desk}/days/2025-03-04/{deed}");
    clerk.post(&path(&own, "advance"), "a", &cash("5000000", "PC-1")).await.is(201);
    clerk.post(&path(&own, "pay"), "b", &paid(&ids[0], "R-1")).await.is(201);
    for (deed, body) in [
        ("advance", cash("5", "PC-1")),
        ("pay", paid(&ids[0], "R-1")),
        ("hand-back", cash("5", "PT-1")),
        ("unpaid-list", unpaid("DS-1")),
        ("liquidate", json!({"counted": "0"})),
    ] {
        clerk.post(&path(&other, deed), &format!("c-{deed}"), &body).await.refused(403, "out-of-your-units");
        test.as_role(Role::Auditor).post(&path(&own, deed), "d", &body).await.refused(403, "role-not-allowed");
        test.nobody().post(&path(&own, deed), "d", &body).await.refused(401, "unauthenticated");
    }
    clerk.get(&format!("/v1/desks/{other}")).await.refused(403, "out-of-your-units");
    clerk
        .get(&format!("/v1/desks/{other}/days?min_position={}", test.head().await))
        .await
        .refused(403, "out-of-your-units");
    clerk.get("/v1/liquidation?unit=20359").await.refused(403, "out-of-your-units");
    let mine = clerk.get("/v1/desks").await.json(200);
    assert_eq!(mine["desks"].as_array().unwrap().len(), 1);
    assert_eq!(clerk.get("/v1/liquidation").await.json(200)["lines"].as_array().unwrap().len(), 1);
    test.as_role(Role::Auditor).get(&format!("/v1/desks/{own}")).await.is(200);
    for role in [Role::Analyst, Role::Bank, Role::Operator] {
        test.as_role(role).get("/v1/desks").await.refused(403, "role-not-allowed");
    }
}

async fn a_rebuild_gives_the_same_books(test: TestApp) {
    let ids = in_line(&test, &["TK-1", "TK-2"]).await;
    let post = desk(&test, "TK-02", "post_office", WARD).await;
    entry(&test, &post, (11, "advance"), &cash("10000000", "PC-1")).await.is(201);
    entry(&test, &post, (12, "pay"), &paid(&ids[0], "R-1")).await.is(201);
    entry(&test, &post, (26, "unpaid-list"), &unpaid("DS-1")).await.is(201);
    test.read("/v1/desks").await;
    let before = test.app.views.digests(Projection::Desks).await.unwrap();
    test.app.rebuild(Projection::Desks, |_| {}).await.unwrap();
    assert_eq!(test.app.views.digests(Projection::Desks).await.unwrap().answer, before.answer);
    assert_eq!(before.answer.iter().map(|table| table.rows).collect::<Vec<_>>(), [1, 3]);
}

#[tokio::test]
async fn where_desks_may_pay_late_they_do_but_never_early() {
    let test = spawn_tavaria(Engine::SqliteMemory).await;
    test.register(&json!({"citizen_no": "T1234568", "unit": "S1", "channel": "voucher", "effective_month": "2025-01"}))
        .await;
    let grant = json!({"payment_reference": "W-1", "citizen_no": "T1234568", "benefit_type": "family_grant", "cycle": "2025-02", "amount": "120.50", "channel": "voucher"});
    let id = test.instruct(&grant).await;
    let shop = desk(&test, "SHOP", "village_shop", "S1").await;
    entry(&test, &shop, (1, "advance"), &cash("200.00", "V-1")).await.is(201);
    let early = format!("/v1/desks/{shop}/days/2025-02-20/pay");
    test.supervisor().post(&early, "e", &paid(&id, "R-1")).await.refused(422, "outside-payment-window");
    let answer = entry(&test, &shop, (20, "pay"), &paid(&id, "R-1")).await.json(201);
    assert_eq!((&answer["book"]["held_amount"], &answer["currency"]), (&json!("79.50"), &json!("TVR")));
    let differs =
        entry(&test, &shop, (20, "liquidate"), &json!({"counted": "80.00"})).await.refused(409, "desk-cash-differs");
    let told = differs.body["errors"][0]["message"].as_str().unwrap();
    assert!(told.contains("79.50 TVR are held, 80.00 TVR were counted"), "amounts in the currency's digits: {told}");
    let short = entry(&test, &shop, (20, "hand-back"), &cash("100.00", "V-2")).await.refused(409, "desk-cash-short");
    assert!(short.body["detail"].as_str().unwrap().contains("20.50 TVR"), "{}", short.text());
}

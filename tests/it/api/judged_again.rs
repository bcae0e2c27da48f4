//! Items that wait, judged again: a bank's codes are explained later, a payment is known later. One effect, for whoever may, shown before.

use crate::support::app::TestApp;
use crate::support::banks::{bank, document, item, message};
use crate::support::client::Answer;
use crate::support::on_every_engine;
use crate::support::verbs::{HOI_AN, WARD};
use chitra::app::access::{Principal, Role};
use chitra::domain::ids::{EndToEndId, PaymentId};
use chitra::projections::Projection;
use chitra::store::{Append, EventData, StreamState};
use serde_json::{Value, json};
use uuid::Uuid;

on_every_engine! {
    a_code_that_was_explained_later_is_applied_when_somebody_asks,
    what_waits_for_another_cause_afterwards_has_a_place_of_its_own,
    a_whole_file_that_waited_is_judged_payment_by_payment,
    what_named_no_known_payment_is_judged_by_itself_once_there_is_one,
    judging_again_is_for_whoever_may_deal_with_the_item,
}

impl TestApp {
    async fn explained(&self, mapping: &str) {
        let request = self.app.own_request(&Principal::local("operator"), "map");
        self.app.register_bank(&request, &bank("vcb"), (Some(mapping.to_owned()), None)).await.unwrap();
    }

    /// A message of which everything waits; its path.
    async fn waits(&self, body: &Value, causes: &[&str]) -> String {
        let answer = self.bank_reports("vcb", body).await.json(202);
        let of = |item: &Value| item["cause"].as_str().unwrap().to_owned();
        let found: Vec<String> = answer["quarantined"].as_array().unwrap().iter().map(of).collect();
        assert_eq!(found, causes, "{answer}");
        format!("/v1/inbox/{}", answer["inbox_id"].as_str().unwrap())
    }

    async fn judged(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.as_role(Role::Clerk).post(&format!("{path}/judge"), key, body).await
    }

    async fn would(&self, path: &str) -> Value {
        let mut answer = self.as_role(Role::Clerk).get(&format!("{path}/judge")).await.json(200);
        answer.as_object_mut().unwrap().remove("inbox_id");
        answer
    }

    pub async fn holds_together(&self) {
        let verification = self.app.verify(&|_, _| {}).await.unwrap();
        assert!(verification.findings.is_empty(), "{:?}", verification.findings);
        self.caught_up().await;
        crate::verify::figures::assert_same(&self.app).await;
    }
}

async fn a_code_that_was_explained_later_is_applied_when_somebody_asks(test: TestApp) {
    test.register_bank("vcb").await;
    let (one, two) = (test.pension_of("TK-1", WARD).await, test.pension_of("TK-2", WARD).await);
    let (id_one, id_two) = (test.end_to_end_id(&one).await, test.end_to_end_id(&two).await);
    let body = message("M1", &[item(&id_one, "00"), item(&id_two, "01"), item(&id_two, "ACSP")]);
    let path = test.waits(&body, &["status-unknown", "status-unknown"]).await;
    assert_eq!(test.would(&path).await, json!({"items": [], "waiting_anew": []}), "nothing has changed");
    test.judged(&path, "k0", &json!({})).await.is(200);
    test.explained("[statuses]\n00 = \"settled\"\n01 = \"settled\"\n").await;
    let head = test.head().await;
    let expected =
        json!({"items": [{"item": 1, "verdict": "applied"}, {"item": 2, "verdict": "applied"}], "waiting_anew": []});
    assert_eq!(test.would(&path).await, expected);
    let only = test.as_role(Role::Clerk).get(&format!("{path}/judge?items=2")).await.json(200);
    assert_eq!(only["items"], json!([{"item": 2, "verdict": "applied"}]));
    assert_eq!((test.head().await, test.status_of(&one).await), (head, json!("instructed")), "nothing is recorded");
    let answer = test.judged(&path, "k1", &json!({"items": [1]})).await.json(201);
    assert_eq!((&answer["waiting"], &answer["quarantined"][0]["judged_again"]), (&json!(1), &json!("applied")));
    assert_eq!((test.status_of(&one).await, test.status_of(&two).await), (json!("settled"), json!("accepted")));
    let (mut types, head) = (test.types_after(head).await, test.head().await);
    types.sort();
    assert_eq!(types, ["BankMessageJudgedAgain", "PaymentSettled"]);
    assert_eq!(test.judged(&path, "k1", &json!({"items": [1]})).await.is(201).header("idempotent-replayed"), "true");
    test.judged(&path, "k1", &json!({})).await.refused(422, "idempotency-key-reused");
    test.judged(&path, "k2", &json!({"items": [1]})).await.refused(409, "item-not-quarantined");
    assert_eq!(test.head().await, head);
    let answer = test.judged(&path, "k3", &json!({})).await.json(201);
    assert_eq!((&answer["waiting"], test.status_of(&two).await), (&json!(0), json!("settled")));
    assert_eq!(test.judged(&path, "k4", &json!({})).await.json(200)["changed"], false);
    assert_eq!(test.read("/v1/inbox/items").await["items"], json!([]));
    assert_eq!(test.read("/v1/inbox").await["messages"][0]["waiting"], 0);
    test.bank_reports("vcb", &body).await.is(202);
    test.holds_together().await;
}

async fn what_waits_for_another_cause_afterwards_has_a_place_of_its_own(test: TestApp) {
    test.register_bank("vcb").await;
    let one = test.pension_of("TK-1", WARD).await;
    let id = test.end_to_end_id(&one).await;
    let undated = json!({"message_id": "M1", "items": [{"end_to_end_id": id, "status": "00"}]});
    let path = test.waits(&undated, &["status-unknown"]).await;
    test.explained("[statuses]\n00 = \"settled\"\n").await;
    let anew = json!({"of_item": 1, "cause": "date-missing", "payment_id": one, "unit": "C20341"});
    let expected = json!({"items": [{"item": 1, "verdict": "waits_anew"}], "waiting_anew": [anew]});
    assert_eq!(test.would(&path).await, expected);
    let answer = test.judged(&path, "k1", &json!({})).await.json(201);
    let (first, second) = (&answer["quarantined"][0], &answer["quarantined"][1]);
    assert_eq!((&first["judged_again"], &second["of_item"]), (&json!("waits_anew"), &json!(1)), "{answer}");
    let rows = test.read("/v1/inbox/items").await;
    assert_eq!((&rows["items"][0]["item"], &rows["items"][0]["cause"]), (&second["item"], &json!("date-missing")));
    assert_eq!(rows["items"].as_array().unwrap().len(), 1);
    assert_eq!(test.judged(&path, "k2", &json!({})).await.json(200)["waiting"], 1, "the same cause again");
    test.explained("[statuses]\n00 = \"accepted\"\n").await;
    assert_eq!(test.judged(&path, "k3", &json!({})).await.json(201)["waiting"], 0);
    assert_eq!(test.status_of(&one).await, "accepted");
    test.holds_together().await;
}

async fn a_whole_file_that_waited_is_judged_payment_by_payment(test: TestApp) {
    test.register_bank("vcb").await;
    let order = json!({"form": "pain.001.001.09", "payer": "BHXH", "account": "1100000001"});
    test.as_role(Role::Operator).post("/v1/banks/vcb/orders", "arranged", &order).await.is(201);
    let mut payments = Vec::new();
    for reference in ["TK-1", "TK-2"] {
        let person = crate::support::verbs::by_account(reference, WARD);
        test.register(&crate::support::verbs::with(person, &json!({"name": "Đặng Thị Tám"}))).await;
        payments.push(test.instruct(&crate::support::verbs::pension(&format!("P-{reference}"), reference)).await);
    }
    let clerk = test.as_role(Role::Clerk);
    let body = json!({"cycle": "2025-03", "channel": "account", "open_payments": true});
    let list = clerk.post("/v1/lists", &test.fresh(), &body).await.json(201);
    let list = list["list_id"].as_str().unwrap();
    for step in ["check", "submit"] {
        clerk.post(&format!("/v1/lists/{list}/{step}"), &test.fresh(), &json!({})).await.is(201);
    }
    let text = clerk.get(&format!("/v1/lists/{list}/order?bank=vcb")).await.is(200).text();
    let id = text.split("<MsgId>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let refused = format!(
        "<OrgnlGrpInfAndSts><OrgnlMsgId>{id}</OrgnlMsgId><GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Prtry>E9</Prtry></Rsn></StsRsnInf></OrgnlGrpInfAndSts>"
    );
    let answer = test.bank_sends("vcb", document("pain.002.001.10", "M1", &refused).as_bytes()).await.json(202);
    assert_eq!(answer["quarantined"][0]["cause"], "whole-file-rejected", "{answer}");
    test.settle(&payments[0], "2025-03-05").await.is(201);
    test.explained("[reasons]\nE9 = \"format\"\n").await;
    let path = format!("/v1/inbox/{}", answer["inbox_id"].as_str().unwrap());
    let would = test.would(&path).await;
    assert_eq!(would["waiting_anew"][0]["payment_id"], json!(payments[0]), "{would}");
    let answer = test.judged(&path, "k1", &json!({})).await.json(201);
    assert_eq!((&answer["waiting"], test.status_of(&payments[1]).await), (&json!(1), json!("rejected")), "{answer}");
    let own = &answer["quarantined"][1];
    assert_eq!((&own["payment_id"], &own["of_item"]), (&json!(payments[0]), &json!(1)));
    let head = test.head().await;
    assert_eq!(test.judged(&path, "k2", &json!({})).await.json(200)["waiting"], 1, "it still does");
    assert_eq!(test.head().await, head);
    test.holds_together().await;
}

async fn what_named_no_known_payment_is_judged_by_itself_once_there_is_one(test: TestApp) {
    test.register_bank("vcb").await;
    let known = test.pension_of("TK-1", WARD).await;
    let late = PaymentId::from_uuid(Uuid::from_u128(0x0195_a3c0_1c00_7000_8000_0000_0000_0007));
    let id = EndToEndId::of(late, 1);
    let body = message("M1", &[item(id.as_str(), "settled"), item("0195a3c01c0070008000000000000001", "settled")]);
    test.waits(&body, &["bad-reference", "bad-reference"]).await;
    test.app.wait_for(Projection::Inbox, Some(test.head().await)).await.unwrap();
    assert_eq!(test.app.judge_known_now().await.unwrap(), 0);
    // The payment comes from elsewhere, as it was recorded there.
    let first = test.app.read_whole_stream(&format!("payment-{known}")).await.unwrap().remove(0);
    let own = test.end_to_end_id(&known).await;
    let data = String::from_utf8(first.data).unwrap().replace(&known, &late.to_string()).replace(&own, id.as_str());
    let data = data.replace("P-TK-1", "P-LATE").into_bytes();
    let (event_type, schema_version, metadata) = (first.event_type, first.schema_version, first.metadata);
    let event = EventData { event_id: Uuid::from_u128(77), event_type, schema_version, data, metadata };
    let append = Append::events(format!("payment-{late}"), StreamState::NoStream, vec![event]);
    test.app.store.append_to_stream(append).await.unwrap();
    test.app.wait_for(Projection::Payments, Some(test.head().await)).await.unwrap();
    assert_eq!(test.app.judge_known_now().await.unwrap(), 1);
    assert_eq!(test.status_of(&late.to_string()).await, "settled");
    let head = test.head().await;
    test.app.wait_for(Projection::Inbox, Some(head)).await.unwrap();
    assert_eq!(test.app.judge_known_now().await.unwrap(), 0);
    assert_eq!(test.head().await, head);
    assert_eq!(test.read("/v1/inbox/items").await["items"].as_array().unwrap().len(), 1);
}

async fn judging_again_is_for_whoever_may_deal_with_the_item(test: TestApp) {
    test.register_bank("vcb").await;
    let (one, two) = (test.pension_of("TK-1", WARD).await, test.pension_of("TK-2", HOI_AN).await);
    let (id_one, id_two) = (test.end_to_end_id(&one).await, test.end_to_end_id(&two).await);
    let body = message("M1", &[item(&id_one, "00"), item(&id_two, "00"), item("x", "00")]);
    let path = test.waits(&body, &["status-unknown", "status-unknown", "bad-reference"]).await;
    test.explained("[statuses]\n00 = \"settled\"\n").await;
    let (judge, head) = (format!("{path}/judge"), test.head().await);
    test.nobody().post(&judge, "n", &json!({})).await.refused(401, "unauthenticated");
    test.nobody().get(&judge).await.refused(401, "unauthenticated");
    for role in [Role::Bank, Role::Auditor, Role::Analyst, Role::Operator] {
        test.as_role(role).post(&judge, "r", &json!({})).await.refused(403, "role-not-allowed");
        test.as_role(role).get(&judge).await.refused(403, "role-not-allowed");
    }
    let clerk = test.as_role(Role::Clerk);
    for bad in [json!({"items": []}), json!({"items": ["1"]}), json!({"items": 1}), json!({"items": [-1]})] {
        let refusal = clerk.post(&judge, &test.fresh(), &bad).await.refused(422, "invalid-input");
        assert_eq!(refusal.errors(), ["/items invalid-value"], "{bad}");
    }
    assert_eq!(
        clerk.get(&format!("{judge}?items=1,x")).await.refused(422, "invalid-input").errors(),
        ["/items invalid-value"]
    );
    clerk.post(&judge, "q", &json!({"items": [9]})).await.refused(409, "item-not-quarantined");
    assert_eq!(clerk.get(&format!("{judge}?items=9")).await.json(200)["items"], json!([]));
    let nothing = "/v1/inbox/00000000-0000-5000-8000-000000000001/judge";
    clerk.post(nothing, "z", &json!({})).await.refused(404, "message-not-found");
    let district = test.with_key(&test.key(Role::Clerk, Some("D502"), None).await);
    district.post(&judge, "d1", &json!({"items": [2]})).await.refused(403, "out-of-your-units");
    district.post(&judge, "d2", &json!({"items": [3]})).await.refused(403, "out-of-your-units");
    assert_eq!(test.head().await, head);
    let answer = district.post(&judge, "d3", &json!({})).await.json(201);
    assert_eq!(answer["quarantined"].as_array().unwrap().len(), 1, "its own: {answer}");
    assert_eq!((test.status_of(&one).await, test.status_of(&two).await), (json!("settled"), json!("instructed")));
}

//! Dry runs: what a step would append and move, and the token under which exactly that is done or nothing.

use super::*;
use crate::support::on_every_engine;

on_every_engine! {
    a_dry_run_records_nothing_and_shows_events_and_figures,
    a_plan_is_carried_out_exactly,
    a_plan_that_no_longer_holds_is_refused_with_the_new_one,
    a_step_is_planned_and_done_like_a_preparation,
    a_withdrawal_is_planned_with_its_cancellations,
    a_token_is_of_one_key_and_whole,
}

async fn planned(test: &TestApp, path: &str, body: &Value) -> Value {
    test.clerk().post(&format!("{path}?dry_run=true"), &test.fresh(), body).await.json(200)
}

/// A list of March that went out, and the order of April's.
async fn scene(test: &TestApp) -> (String, Value) {
    two_pensions(test).await;
    let list = test.prepared(&march()).await;
    test.sent(&list).await;
    let body = april(&list, &json!({}));
    (list, body)
}

async fn a_dry_run_records_nothing_and_shows_events_and_figures(test: TestApp) {
    let (_, body) = scene(&test).await;
    let head = test.head().await;
    let plan = planned(&test, "/v1/lists", &body).await;
    assert_eq!(test.head().await, head);
    let types = json!({"ListItemsAdded": 1, "ListOpened": 1, "ListPrepared": 1, "PaymentInstructed": 2});
    assert_eq!((&plan["event_types"], &plan["event_count"]), (&types, &json!(5)));
    assert_eq!((&plan["items"], &plan["control_sum"]), (&json!(2), &json!("10000000")));
    let figure = json!({"indicator": "C1",
        "before": {"numerator": 0, "denominator": 0, "ratio": null},
        "after": {"numerator": 0, "denominator": 2, "ratio": "0.000000"}});
    assert_eq!(plan["figures"][0], figure);
    assert_eq!(plan["events"][0]["data"]["cycle"], "2025-04");
}

async fn a_plan_is_carried_out_exactly(test: TestApp) {
    let (_, body) = scene(&test).await;
    let plan = planned(&test, "/v1/lists", &body).await;
    let token = plan["plan"].as_str().unwrap();
    let head = test.head().await;
    let done = test.clerk().post(&format!("/v1/lists?plan={token}"), "go", &body).await.json(201);
    assert_eq!(done["list_id"], plan["list_id"]);
    let found: Vec<Value> = test
        .events_after(head)
        .await
        .iter()
        .map(|event| json!({"stream": event.stream, "type": event.event_type, "data": serde_json::from_slice::<Value>(&event.data).unwrap()}))
        .collect();
    let sorted = |events: &[Value]| {
        let mut texts: Vec<String> = events.iter().map(ToString::to_string).collect();
        texts.sort();
        texts
    };
    assert_eq!(sorted(&found), sorted(plan["events"].as_array().unwrap()));
    let again = test.clerk().post(&format!("/v1/lists?plan={token}"), "go", &body).await.is(201);
    assert!(again.replayed());
    let figures = test.read("/v1/adoption?cycle=2025-04").await;
    assert_eq!(figures["groups"][0]["completeness"]["denominator"], plan["figures"][0]["after"]["denominator"]);
    // The plan with another key is the same list again; and once that is withdrawn, the plan still made a list.
    let path = format!("/v1/lists?plan={token}");
    let list = done["list_id"].as_str().unwrap();
    let (head, same) = (test.head().await, test.clerk().post(&path, "other", &body).await.json(201));
    assert_eq!((same["list_id"].as_str(), test.head().await), (Some(list), head));
    test.step(list, "withdraw", &json!({"reason": "wrong due day"})).await.is(201);
    let used = test.clerk().post(&path, "a third", &body).await.refused(409, "plan-used");
    assert_eq!(used.body["held_by"], list);
}

async fn a_plan_that_no_longer_holds_is_refused_with_the_new_one(test: TestApp) {
    let (list, body) = scene(&test).await;
    let plan = planned(&test, "/v1/lists", &body).await;
    let person = test.list(&list).await["page"][0]["beneficiary_id"].as_str().unwrap().to_owned();
    let death = json!({"died_on": "2025-03-20", "source": "family"});
    test.supervisor().post(&format!("/v1/beneficiaries/{person}/death"), "d", &death).await.is(201);
    let head = test.head().await;
    let path = format!("/v1/lists?plan={}", plan["plan"].as_str().unwrap());
    let refused = test.clerk().post(&path, "go", &body).await.refused(409, "plan-changed");
    assert_eq!(test.head().await, head, "nothing was recorded");
    let new = &refused.body["plan"];
    assert_eq!((&new["items"], &new["event_types"]["PaymentInstructed"]), (&json!(1), &json!(1)));
    let path = format!("/v1/lists?plan={}", new["plan"].as_str().unwrap());
    assert_eq!(test.clerk().post(&path, "go", &body).await.json(201)["items"], 1);
    test.is_sound().await;
}

async fn a_step_is_planned_and_done_like_a_preparation(test: TestApp) {
    let [one, _] = two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    test.step(&list, "check", &json!({})).await.is(201);
    let path = format!("/v1/lists/{list}/submit");
    let plan = planned(&test, &path, &json!({})).await;
    assert_eq!(plan["events"][0]["type"], "ListSubmitted");
    assert_eq!(plan["figures"][0]["before"], plan["figures"][0]["after"]);
    test.step(&list, "remove", &json!({"payments": [one], "reason": "held"})).await.is(201);
    test.step(&list, "check", &json!({})).await.is(201);
    let with_plan = |plan: &Value| format!("{path}?plan={}", plan["plan"].as_str().unwrap());
    let refused = test.clerk().post(&with_plan(&plan), "s", &json!({})).await.refused(409, "plan-changed");
    assert_eq!(refused.body["plan"]["control_sum"], "5000000");
    let sent = test.clerk().post(&with_plan(&refused.body["plan"]), "s", &json!({})).await.is(201);
    let again = test.clerk().post(&with_plan(&refused.body["plan"]), "s", &json!({})).await.is(201);
    assert!(again.replayed() && !sent.replayed());
    test.step(&list, "check?dry_run=true", &json!({})).await.refused(409, "list-step-not-allowed");
}

async fn a_withdrawal_is_planned_with_its_cancellations(test: TestApp) {
    let (_, body) = scene(&test).await;
    let next = test.prepared(&body).await;
    let path = format!("/v1/lists/{next}/withdraw");
    let reason = json!({"reason": "wrong due day"});
    let plan = planned(&test, &path, &reason).await;
    let types = json!({"ListItemsRemoved": 1, "ListWithdrawn": 1, "PaymentCancelled": 2});
    assert_eq!((&plan["event_types"], &plan["items"]), (&types, &json!(0)));
    assert_eq!(plan["figures"][0]["after"], json!({"numerator": 2, "denominator": 2, "ratio": "1.000000"}));
    let head = test.head().await;
    let go = format!("{path}?plan={}", plan["plan"].as_str().unwrap());
    test.clerk().post(&go, "w", &json!({"reason": "another reason"})).await.refused(409, "plan-changed");
    assert_eq!(test.head().await, head);
    test.clerk().post(&go, "w", &reason).await.is(201);
    let mut types = test.types_after(head).await;
    types.sort();
    assert_eq!(types, ["ListItemsRemoved", "ListWithdrawn", "PaymentCancelled", "PaymentCancelled"]);
    assert!(test.clerk().post(&go, "w", &reason).await.is(201).replayed());
    test.is_sound().await;
}

async fn a_token_is_of_one_key_and_whole(test: TestApp) {
    let (list, body) = scene(&test).await;
    let plan = planned(&test, "/v1/lists", &body).await;
    let token = plan["plan"].as_str().unwrap();
    let errors = |answer: Answer| answer.refused(422, "invalid-input").errors();
    let path = format!("/v1/lists?plan={token}");
    assert_eq!(errors(test.supervisor().post(&path, "s", &body).await), ["/plan plan-invalid"]);
    let bent = format!("/v1/lists?plan={}", token.replace('.', "-"));
    assert_eq!(errors(test.clerk().post(&bent, "b", &body).await), ["/plan plan-invalid"]);
    let both = format!("/v1/lists?dry_run=true&plan={token}");
    assert_eq!(errors(test.clerk().post(&both, "x", &body).await), ["/plan invalid-value"]);
    let other = format!("/v1/lists/{list}/close?plan={token}");
    test.clerk().post(&other, "o", &json!({})).await.refused(404, "not-found");
}

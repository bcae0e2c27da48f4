//! Putting a list together, and taking it back.

use super::*;
use crate::support::on_every_engine;
use crate::support::verbs::{COMMUNE, in_cash};
use chitra::app::aggregate::list_stream;
use chitra::domain::codec::encode_list;
use chitra::domain::ids::ListId;
use chitra::domain::list::ListEvent;
use chitra::domain::list::event::{ListOpened, Origin};
use chitra::store::{Append, EventData, RequestKey, StreamState};

on_every_engine! {
    open_payments_of_a_cycle_channel_and_agent_become_a_list,
    named_payments_become_a_list,
    next_months_list_pays_the_same_people_with_changes,
    who_cannot_be_paid_is_left_out_with_the_reason,
    people_by_name_become_a_list,
    a_list_is_prepared_once_whatever_the_repeats,
    a_preparation_that_broke_off_goes_on_with_the_same_key,
    a_withdrawn_list_gives_its_people_free,
    what_is_wrong_with_a_preparation_is_said_at_once,
    a_payment_is_on_one_list_at_most,
    a_list_of_nobody_is_refused_and_leaves_nothing,
    a_changed_list_shows_who_came_and_went,
}

async fn open_payments_of_a_cycle_channel_and_agent_become_a_list(test: TestApp) {
    let [one, two] = two_pensions(&test).await;
    test.register(&in_cash("TK-3", WARD)).await;
    test.instruct(&pension("P-3", "TK-3")).await;
    let held = test.pension_of("TK-4", WARD).await;
    test.deed(&held, "hold", &json!({"cause": "who is it?"})).await.is(201);
    let answer = test.prepare(&with(march(), &json!({"control_count": 2, "control_sum": "10000000"}))).await.is(201);
    let list = answer.body["list_id"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), format!("/v1/lists/{list}"));
    for (member, expected) in [
        ("status", json!("prepared")),
        ("items", json!(2)),
        ("control_sum", json!("10000000")),
        ("agent", json!("bank")),
        ("bank", json!("vcb")),
        ("units", json!(["C20341"])),
        ("origin", json!("existing")),
        ("left_out", json!(0)),
    ] {
        assert_eq!(answer.body[member], expected, "{member}");
    }
    let view = test.list(&list).await;
    let ids: Vec<&str> =
        view["page"].as_array().unwrap().iter().map(|item| item["payment_id"].as_str().unwrap()).collect();
    assert_eq!(ids, [one, two]);
    assert_eq!(view["funnel"], json!([{"status": "instructed", "items": 2, "sum": "10000000"}]));
    let cycle = test.read("/v1/lists?cycle=2025-03&status=prepared&channel=account&agent=bank").await;
    assert_eq!(cycle["lists"].as_array().unwrap().len(), 1);
    assert_eq!(test.read("/v1/lists?cycle=2025-04").await["lists"], json!([]));
    test.is_sound().await;
}

async fn named_payments_become_a_list(test: TestApp) {
    let [one, two] = two_pensions(&test).await;
    let body = json!({"cycle": "2025-03", "channel": "account", "payments": [one]});
    let list = test.prepared(&body).await;
    assert_eq!(test.list(&list).await["items"], 1);
    let other = with(body.clone(), &json!({"payments": [two], "cycle": "2025-04"}));
    test.prepare(&other).await.refused(422, "list-item-other-route");
    let twice = with(body, &json!({"payments": [two, two]}));
    test.prepare(&twice).await.refused(422, "list-item-twice");
    test.settle(&two, "2025-03-05").await.is(201);
    let unknown = "01960000-0000-7000-8000-000000000000";
    let wrong = json!({"cycle": "2025-03", "channel": "account", "payments": [two, unknown]});
    let refused = test.prepare(&wrong).await.refused(422, "invalid-input");
    assert_eq!(refused.errors(), ["/payments~10 payment-not-open", "/payments~11 payment-unknown"]);
}

async fn next_months_list_pays_the_same_people_with_changes(test: TestApp) {
    two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    test.sent(&list).await;
    let third = test.register(&by_account("TK-3", WARD)).await;
    let view = test.list(&list).await;
    let person = |at: usize| view["page"][at]["beneficiary_id"].as_str().unwrap().to_owned();
    let changes = json!({
        "add": [{"beneficiary_id": third, "benefit_type": "pension", "amount": "4000000"}],
        "drop": [{"beneficiary_id": person(0), "reason": "moved to another province"}],
        "amounts": [{"beneficiary_id": person(1), "amount": "5200000"}],
    });
    let next = test.prepared(&april(&list, &changes)).await;
    let view = test.list(&next).await;
    assert_eq!(
        (&view["items"], &view["control_sum"], &view["origin"]),
        (&json!(2), &json!("9200000"), &json!("ordered"))
    );
    let left = &view["left_out_page"][0];
    assert_eq!((&left["reason"], &left["note"]), (&json!("dropped"), &json!("moved to another province")));
    let payment = test.payment(view["page"][0]["payment_id"].as_str().unwrap()).await;
    assert_eq!(
        (&payment["cycle"], &payment["benefit_months"], &payment["amount"]),
        (&json!("2025-04"), &json!(["2025-04"]), &json!("5200000"))
    );
    assert_eq!((&payment["bank"], &payment["due_on"]), (&json!("vcb"), &json!("2025-04-08")));
    test.is_sound().await;
}

async fn who_cannot_be_paid_is_left_out_with_the_reason(test: TestApp) {
    let mut payments = two_pensions(&test).await.to_vec();
    for number in 3..=5 {
        payments.push(test.pension_of(&format!("TK-{number}"), WARD).await);
    }
    let list = test.prepared(&march()).await;
    test.sent(&list).await;
    let mut people = Vec::new();
    for payment in &payments {
        people.push(test.payment(payment).await["beneficiary_id"].as_str().unwrap().to_owned());
    }
    let supervisor = test.supervisor();
    let path = |at: usize, deed: &str| format!("/v1/beneficiaries/{}/{deed}", people[at]);
    let death = json!({"died_on": "2025-03-20", "source": "family"});
    supervisor.post(&path(0, "death"), "d", &death).await.is(201);
    let cash = json!({"channel": "cash_desk", "requested_on": "2025-03-10"});
    supervisor.post(&path(1, "method"), "m", &cash).await.is(201);
    // April was ordered by hand already.
    test.instruct(&with(pension("P-A", "TK-3"), &json!({"cycle": "2025-04"}))).await;
    let next = test.prepared(&april(&list, &json!({}))).await;
    let view = test.list(&next).await;
    assert_eq!(view["items"], 2);
    assert_eq!(reasons(&view), ["beneficiary-deceased", "paid-elsewhere", "duplicate-benefit-month"]);
    // The other list takes up who is now paid in cash, from the same earlier list.
    let cash = test.prepared(&with(april(&list, &json!({})), &json!({"channel": "cash_desk"}))).await;
    let view = test.list(&cash).await;
    assert_eq!((&view["items"], &view["agent"]), (&json!(1), &json!("post")));
    assert_eq!(view["page"][0]["beneficiary_id"], people[1].as_str());
    test.is_sound().await;
}

async fn people_by_name_become_a_list(test: TestApp) {
    let one = test.register(&by_account("TK-1", WARD)).await;
    let add = json!([{"beneficiary_id": one, "benefit_type": "pension", "amount": "5000000"}]);
    let body = json!({"cycle": "2025-04", "channel": "account", "changes": {"add": add}, "benefit_months": ["2025-04", "2025-05"]});
    let list = test.prepared(&body).await;
    let view = test.list(&list).await;
    let payment = test.payment(view["page"][0]["payment_id"].as_str().unwrap()).await;
    assert_eq!(payment["benefit_months"], json!(["2025-04", "2025-05"]));
    assert!(payment["payment_reference"].as_str().unwrap().ends_with("/1"));
}

async fn a_list_is_prepared_once_whatever_the_repeats(test: TestApp) {
    two_pensions(&test).await;
    let first = test.clerk().post("/v1/lists", "k", &march()).await.is(201);
    let head = test.head().await;
    let again = test.clerk().post("/v1/lists", "k", &march()).await.is(201);
    assert!(again.replayed() && !first.replayed());
    assert_eq!((&again.body["list_id"], test.head().await), (&first.body["list_id"], head));
    let other = with(march(), &json!({"control_count": 2}));
    test.clerk().post("/v1/lists", "k", &other).await.refused(422, "idempotency-key-reused");
    test.clerk().post_without_key("/v1/lists", &march()).await.refused(400, "idempotency-key-missing");
    test.nobody().post("/v1/lists", "n", &march()).await.refused(401, "unauthenticated");
    test.as_role(Role::Auditor).post("/v1/lists", "a", &march()).await.refused(403, "role-not-allowed");
}

/// As a crash right after the first event leaves it.
async fn begun(test: &TestApp, body: &Value, key: &str, opened: ListOpened) {
    let text = serde_json::to_vec(body).unwrap();
    let input_hash = test.app.vault.input_hash(&[b"/v1/lists", &text]);
    let caller = opened.by.clone();
    let encoded = encode_list(&ListEvent::Opened(opened.clone()));
    let event = EventData {
        event_id: uuid::Uuid::from_u128(5),
        event_type: encoded.event_type.to_owned(),
        schema_version: 1,
        data: encoded.data,
        metadata: b"{}".to_vec(),
    };
    let mut append = Append::events(list_stream(opened.list_id), StreamState::NoStream, vec![event]);
    append.request = Some(RequestKey { caller, idempotency_key: key.to_owned(), input_hash });
    test.app.store.append_to_stream(append).await.unwrap();
}

async fn a_preparation_that_broke_off_goes_on_with_the_same_key(test: TestApp) {
    two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    test.sent(&list).await;
    let by = test.list(&list).await["prepared_by"].as_str().unwrap().to_owned();
    let body = april(&list, &json!({}));
    let id = "01960000-0000-7000-8000-0000000000aa";
    let parse = |text: &str| ListId::parse(text).unwrap();
    let opened = ListOpened {
        list_id: parse(id),
        cycle: chitra::domain::period::Month::parse("2025-04").unwrap(),
        channel: chitra::domain::ids::ChannelCode::parse("account").unwrap(),
        agent: chitra::domain::ids::AgentCode::parse("bank").unwrap(),
        currency: test.app.profile.currency.currency,
        origin: Origin::Ordered,
        previous: vec![parse(&list)],
        by,
    };
    begun(&test, &body, "broken", opened).await;
    assert_eq!(test.list(id).await["status"], "preparing");
    test.step(id, "check", &json!({})).await.refused(409, "list-step-not-allowed");
    let resumed = test.clerk().post("/v1/lists", "broken", &body).await.json(201);
    assert_eq!(
        (&resumed["list_id"], &resumed["status"], &resumed["items"]),
        (&json!(id), &json!("prepared"), &json!(2))
    );
    let head = test.head().await;
    assert!(test.clerk().post("/v1/lists", "broken", &body).await.is(201).replayed());
    assert_eq!(test.head().await, head);
    test.is_sound().await;
}

async fn a_withdrawn_list_gives_its_people_free(test: TestApp) {
    two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    test.sent(&list).await;
    let next = test.prepared(&april(&list, &json!({}))).await;
    let payment = test.list(&next).await["page"][0]["payment_id"].as_str().unwrap().to_owned();
    let withdrawn = test.step(&next, "withdraw", &json!({"reason": "wrong due day"})).await.json(201);
    assert_eq!((&withdrawn["status"], &withdrawn["items"]), (&json!("withdrawn"), &json!(0)));
    assert_eq!(test.payment(&payment).await["status"], "cancelled");
    let same = test.step(&next, "withdraw", &json!({"reason": "wrong due day"})).await.is(200);
    assert_eq!(same.body["changed"], false);
    // The months are free: the list can be made anew.
    assert_eq!(test.list(&test.prepared(&april(&list, &json!({}))).await).await["items"], 2);
    test.is_sound().await;
}

async fn what_is_wrong_with_a_preparation_is_said_at_once(test: TestApp) {
    two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    let errors = |answer: Answer| answer.refused(422, "invalid-input").errors();
    assert_eq!(errors(test.prepare(&json!({})).await), ["/ one-source", "/cycle missing"]);
    let both = with(march(), &json!({"from_lists": [list]}));
    assert_eq!(errors(test.prepare(&both).await), ["/ one-source"]);
    let scoped = with(april(&list, &json!({})), &json!({"unit": WARD}));
    assert_eq!(errors(test.prepare(&scoped).await), ["/unit only-with-open-payments"]);
    assert_eq!(errors(test.prepare(&with(march(), &json!({"channel": null}))).await), ["/channel missing"]);
    let unknown = with(march(), &json!({"channel": "pigeon"}));
    assert_eq!(errors(test.prepare(&unknown).await), ["/channel code-unknown"]);
    let same = with(april(&list, &json!({})), &json!({"cycle": "2025-03"}));
    assert_eq!(errors(test.prepare(&same).await), ["/from_lists list-not-earlier"]);
    let nobody = "00000000-0000-4000-8000-000000000000";
    let unknown = with(april(&list, &json!({})), &json!({"from_lists": [list, nobody]}));
    assert_eq!(errors(test.prepare(&unknown).await), ["/from_lists list-unknown"]);
    let person = test.list(&list).await["page"][0]["beneficiary_id"].clone();
    let changes = json!({
        "drop": [{"beneficiary_id": nobody, "reason": "number 049155000012"}, {"beneficiary_id": nobody, "reason": "x"}],
        "add": [{"beneficiary_id": person, "benefit_type": "pension", "amount": "1"}, {"beneficiary_id": 5, "more": 1}],
    });
    assert_eq!(
        errors(test.prepare(&april(&list, &changes)).await),
        [
            "/changes~1add~11~1amount missing",
            "/changes~1add~11~1beneficiary_id invalid-value",
            "/changes~1add~11~1benefit_type missing",
            "/changes~1add~11~1more unknown-field",
            "/changes~1drop~10~1reason invalid-value",
        ]
    );
    let changes = json!({
        "drop": [{"beneficiary_id": nobody, "reason": "x"}],
        "add": [{"beneficiary_id": person, "benefit_type": "pension", "amount": "1"}],
    });
    assert_eq!(
        errors(test.prepare(&april(&list, &changes)).await),
        ["/changes~1add~10 already-on-list", "/changes~1drop~10 change-unknown"]
    );
    test.prepare(&with(april(&list, &json!({})), &json!({"control_sum": "1"})))
        .await
        .refused(422, "control-sum-differs");
    test.prepare(&with(april(&list, &json!({})), &json!({"control_count": 3})))
        .await
        .refused(422, "control-count-differs");
}

async fn a_payment_is_on_one_list_at_most(test: TestApp) {
    let [one, _] = two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    let body = json!({"cycle": "2025-03", "channel": "account", "payments": [one]});
    let refused = test.prepare(&body).await.refused(422, "invalid-input");
    assert_eq!(refused.errors(), ["/payments payment-on-another-list"]);
    test.step(&list, "remove", &json!({"payments": [one], "reason": "other list"})).await.is(201);
    let other = test.prepared(&body).await;
    assert_eq!(test.list(&other).await["items"], 1);
    test.is_sound().await;
}

async fn a_list_of_nobody_is_refused_and_leaves_nothing(test: TestApp) {
    let head = test.head().await;
    test.prepare(&march()).await.refused(422, "list-empty");
    assert_eq!(test.head().await, head);
}

async fn a_changed_list_shows_who_came_and_went(test: TestApp) {
    two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    test.sent(&list).await;
    let moved = test.list(&list).await["page"][0]["beneficiary_id"].as_str().unwrap().to_owned();
    let unit = json!({"unit": COMMUNE, "effective_on": "2025-03-20"});
    test.supervisor().post(&format!("/v1/beneficiaries/{moved}/move"), "m", &unit).await.is(201);
    let next = test.prepared(&april(&list, &json!({}))).await;
    let view = test.list(&next).await;
    assert_eq!(view["units"], json!(["C20341", "C20359"]));
    // Page by page, in the same order.
    let first = test.read(&format!("/v1/lists/{next}?limit=1")).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = test.read(&format!("/v1/lists/{next}?limit=1&cursor={cursor}")).await;
    assert_eq!(json!([first["page"][0], second["page"][0]]), view["page"]);
}

//! Rules of single items and months: what earlier months say about this one, and what a refused list leaves.

use super::*;
use crate::support::app::spawn_tavaria;
use crate::support::engine::Engine;
use crate::support::on_every_engine;
use crate::support::verbs::{COMMUNE, in_cash, rejected, returned, settled};

on_every_engine! {
    a_cycle_that_pays_two_months_pays_twice_as_much_and_the_next_one_once,
    an_amount_that_cannot_be_told_by_month_is_left_out,
    only_what_is_paid_each_month_follows_on_the_month_before,
    who_let_cash_lie_for_too_long_is_left_out_and_refused_in_a_file,
    cash_that_was_ordered_before_the_halt_is_found_by_the_check,
    an_account_that_bounced_months_ago_is_still_known_until_money_arrives_there,
    an_amount_that_moved_stops_a_list_and_a_person_twice_is_a_warning,
    a_list_that_its_agent_refused_is_taken_back_and_its_payments_go_on_another,
    of_a_refused_list_what_was_paid_stays_until_it_is_reconciled,
    of_an_ordered_list_late_money_of_an_item_keeps_it_from_being_taken_back,
    a_refused_list_that_was_emptied_item_by_item_stays_work_until_its_money_is_back,
    more_than_a_step_takes_is_refused,
    lists_are_found_by_unit,
}

async fn a_cycle_that_pays_two_months_pays_twice_as_much_and_the_next_one_once(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    test.instruct(&with(pension("P-12", "TK-1"), &json!({"cycle": "2024-12"}))).await;
    let december = test.prepared(&with(march(), &json!({"cycle": "2024-12"}))).await;
    let before_tet = test.prepared(&json!({"cycle": "2025-01", "from_lists": [december]})).await;
    let view = test.list(&before_tet).await;
    assert_eq!((&view["items"], &view["control_sum"]), (&json!(1), &json!("10000000")));
    let payment = test.payment(view["page"][0]["payment_id"].as_str().unwrap()).await;
    assert_eq!(payment["benefit_months"], json!(["2025-01", "2025-02"]));
    test.prepare(&json!({"cycle": "2025-02", "from_lists": [before_tet]})).await.refused(422, "list-empty");
    let march = test.list(&test.prepared(&json!({"cycle": "2025-03", "from_lists": [before_tet]})).await).await;
    assert_eq!((&march["items"], &march["control_sum"]), (&json!(1), &json!("5000000")));
    test.is_sound().await;
}

async fn an_amount_that_cannot_be_told_by_month_is_left_out(test: TestApp) {
    test.pension_of("TK-9", WARD).await;
    test.register(&by_account("TK-1", WARD)).await;
    let odd = json!({"cycle": "2025-03", "benefit_months": ["2025-02", "2025-03"], "amount": "9999999"});
    test.instruct(&with(pension("P-1", "TK-1"), &odd)).await;
    let list = test.prepared(&march()).await;
    let view = test.list(&test.prepared(&april(&list, &json!({}))).await).await;
    assert_eq!((&view["items"], reasons(&view)), (&json!(1), vec!["amount-not-by-month"]));
    // The clerk says what the month comes to.
    let person = view["left_out_page"][0]["beneficiary_id"].clone();
    let may = json!({"cycle": "2025-05", "from_lists": [list], "changes": {"amounts": [{"beneficiary_id": person, "amount": "5000000"}]}});
    assert_eq!(test.list(&test.prepared(&may).await).await["items"], 2);
}

async fn only_what_is_paid_each_month_follows_on_the_month_before(test: TestApp) {
    test.pension_of("TK-1", WARD).await;
    test.register(&by_account("TK-2", WARD)).await;
    test.instruct(&with(pension("P-2", "TK-2"), &json!({"benefit_type": "funeral"}))).await;
    let list = test.prepared(&march()).await;
    let view = test.list(&test.prepared(&april(&list, &json!({}))).await).await;
    assert_eq!((&view["items"], reasons(&view)), (&json!(1), vec!["not-monthly"]));
}

async fn who_let_cash_lie_for_too_long_is_left_out_and_refused_in_a_file(test: TestApp) {
    for name in ["TK-1", "TK-2"] {
        test.register(&in_cash(name, WARD)).await;
    }
    for month in ["2024-10", "2024-11", "2024-12", "2025-01", "2025-02", "2025-03"] {
        let of_month = json!({"cycle": month, "benefit_months": [month]});
        let left = test.instruct(&with(pension(&format!("P-{month}"), "TK-1"), &of_month)).await;
        test.deed(&left, "fail", &json!({"cause": "unclaimed"})).await.is(201);
    }
    // Somebody else's list, to follow on.
    test.instruct(&pension("P-2", "TK-2")).await;
    let list = test.prepared(&with(march(), &json!({"channel": "cash_desk"}))).await;
    let person = test.read("/v1/payments?payment_reference=P-2025-03").await["payments"][0]["beneficiary_id"].clone();
    let add = json!({"add": [{"beneficiary_id": person, "benefit_type": "pension", "amount": "5000000"}]});
    let view = test.list(&test.prepared(&april(&list, &add)).await).await;
    assert_eq!((&view["items"], reasons(&view)), (&json!(1), vec!["unclaimed-halted"]));
    let file = |channel: &str| {
        format!(
            "payment_reference,beneficiary_ref,benefit_type,benefit_months,cycle,amount,channel,bank,account\n\
            F-1,TK-1,pension,2025-04,2025-04,5000000,{channel}\n"
        )
    };
    test.caught_up().await;
    let query = "kind=payments&filename=f.csv";
    let report = test.supervisor().upload(query, "cash", file("cash_desk,,")).await.json(422);
    assert_eq!(
        (&report["issues"][0]["code"], &report["issues"][0]["column"]),
        (&json!("unclaimed-halted"), &json!("channel"))
    );
    // Into an account the money cannot lie about.
    test.supervisor().upload(query, "account", file("account,vcb,0071000001")).await.is(201);
}

async fn cash_that_was_ordered_before_the_halt_is_found_by_the_check(test: TestApp) {
    test.register(&in_cash("TK-1", WARD)).await;
    let order = async |month: &str| {
        let of_month = json!({"cycle": month, "benefit_months": [month]});
        test.instruct(&with(pension(&format!("P-{month}"), "TK-1"), &of_month)).await
    };
    let unclaimed = json!({"cause": "unclaimed"});
    for month in ["2024-10", "2024-11", "2024-12", "2025-01", "2025-02"] {
        test.deed(&order(month).await, "fail", &unclaimed).await.is(201);
    }
    let march = order("2025-03").await;
    order("2025-04").await;
    let list = test.prepared(&json!({"cycle": "2025-04", "channel": "cash_desk", "open_payments": true})).await;
    assert_eq!(test.step(&list, "check", &json!({})).await.json(201)["check"]["counts"], json!([]));
    test.deed(&march, "fail", &unclaimed).await.is(201);
    let found = test.step(&list, "check", &json!({})).await.json(201);
    assert_eq!(found["check"]["counts"], json!([{"code": "unclaimed-halted", "blocking": true, "items": 1}]));
    test.step(&list, "submit", &json!({})).await.refused(409, "list-has-findings");
}

async fn an_account_that_bounced_months_ago_is_still_known_until_money_arrives_there(test: TestApp) {
    let [one, two] = two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    test.sent(&list).await;
    for payment in [&one, &two] {
        test.settle(payment, "2025-03-05").await.is(201);
    }
    test.deed(&one, "return", &returned("2025-03-07")).await.is(201);
    // Nothing was paid in April and May.
    let june = json!({"cycle": "2025-06", "from_lists": [list]});
    let june = test.prepared(&june).await;
    let found = test.step(&june, "check", &json!({})).await.json(201);
    assert_eq!(found["check"]["counts"], json!([{"code": "known-bad-account", "blocking": false, "items": 1}]));
    let person = test.payment(&one).await["beneficiary_id"].clone();
    assert_eq!(found["check"]["findings"][0]["beneficiary_id"], person);
    test.step(&june, "submit", &json!({})).await.is(201);
    for item in test.list(&june).await["page"].as_array().unwrap() {
        test.settle(item["payment_id"].as_str().unwrap(), "2025-03-31").await.is(201);
    }
    // The bank had opened it again: what arrived last counts.
    let july = test.prepared(&json!({"cycle": "2025-07", "from_lists": [june], "due_on": "2025-06-30"})).await;
    let found = test.step(&july, "check", &json!({})).await.json(201);
    assert_eq!(found["check"]["counts"], json!([]));
}

async fn an_amount_that_moved_stops_a_list_and_a_person_twice_is_a_warning(test: TestApp) {
    let [one, _] = two_pensions(&test).await;
    let arrears = json!({"supplement": true, "amount": "300000", "benefit_months": ["2025-02"]});
    test.instruct(&with(pension("P-A", "TK-2"), &arrears)).await;
    let list = test.prepared(&march()).await;
    let found = test.step(&list, "check", &json!({})).await.json(201);
    assert_eq!(found["check"]["counts"], json!([{"code": "person-twice-on-list", "blocking": false, "items": 2}]));
    test.deed(&one, "correct", &json!({"amount": "5100000", "ground": "slip of the pen"})).await.is(201);
    let found = test.step(&list, "check", &json!({})).await.json(201);
    assert_eq!(found["check"]["findings"][0]["code"], "amount-moved");
    test.step(&list, "submit", &json!({})).await.refused(409, "list-has-findings");
}

async fn a_list_that_its_agent_refused_is_taken_back_and_its_payments_go_on_another(test: TestApp) {
    let [one, two] = two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    test.step(&list, "check", &json!({})).await.is(201);
    test.step(&list, "submit", &json!({})).await.is(201);
    test.step(&list, "acknowledge", &json!({"answer": "rejected", "agent_ref": "FF01"})).await.is(201);
    assert_eq!(test.payment(&one).await["status"], "instructed", "nothing was paid, nothing is lost");
    let work = test.read("/v1/worklist?kind=list").await["items"][0].clone();
    assert_eq!((&work["situation"], &work["since"]), (&json!("list_refused"), &json!("2025-03-31")));
    assert_eq!(work["actions"][0]["href"], format!("/v1/lists/{list}/withdraw"));
    // One by one, or the whole.
    test.step(&list, "remove", &json!({"payments": [two], "reason": "its own list"})).await.is(201);
    let short = json!({"reason": "wrong form", "handed_back": "9999999"});
    test.step(&list, "withdraw", &short).await.refused(422, "list-not-balanced");
    test.step(&list, "withdraw", &json!({"reason": "wrong form"})).await.refused(422, "list-not-balanced");
    assert_eq!(test.list(&list).await["items"], 1, "nothing came off");
    let back = json!({"reason": "wrong form", "handed_back": "10000000"});
    let withdrawn = test.step(&list, "withdraw", &back).await.json(201);
    for (member, expected) in [("status", json!("withdrawn")), ("items", json!(0)), ("handed_back", json!("10000000"))]
    {
        assert_eq!((&withdrawn[member], &test.list(&list).await[member]), (&expected, &expected), "{member}");
    }
    let again = test.prepared(&march()).await;
    assert_eq!(test.list(&again).await["items"], 2);
    test.sent(&again).await;
    for payment in [&one, &two] {
        test.settle(payment, "2025-03-05").await.is(201);
    }
    test.step(&again, "reconcile", &json!({"handed_back": "0"})).await.is(201);
    test.step(&again, "close", &json!({})).await.is(201);
    // A list that ordered its payments takes them with it.
    let ordered = test.prepared(&april(&again, &json!({}))).await;
    let payment = test.list(&ordered).await["page"][0]["payment_id"].as_str().unwrap().to_owned();
    test.step(&ordered, "check", &json!({})).await.is(201);
    test.step(&ordered, "submit", &json!({})).await.is(201);
    test.step(&ordered, "acknowledge", &json!({"answer": "rejected"})).await.is(201);
    test.step(&ordered, "withdraw", &back).await.is(201);
    assert_eq!(test.payment(&payment).await["status"], "cancelled");
    test.is_sound().await;
}

async fn of_a_refused_list_what_was_paid_stays_until_it_is_reconciled(test: TestApp) {
    let [one, two] = two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    test.step(&list, "check", &json!({})).await.is(201);
    test.step(&list, "submit", &json!({})).await.is(201);
    test.step(&list, "acknowledge", &json!({"answer": "rejected"})).await.is(201);
    // The agent refused it and paid one all the same.
    test.settle(&one, "2025-03-05").await.is(201);
    let head = test.head().await;
    let back = json!({"reason": "wrong form", "handed_back": "10000000"});
    test.step(&list, "withdraw", &back).await.refused(409, "list-item-paid");
    let both = json!({"payments": [two, one], "reason": "wrong form"});
    test.step(&list, "remove", &both).await.refused(409, "list-item-paid");
    assert_eq!((test.head().await, test.list(&list).await["items"].clone()), (head, json!(2)), "nothing came off");
    test.step(&list, "remove", &json!({"payments": [two], "reason": "wrong form"})).await.is(201);
    test.step(&list, "reconcile", &json!({"handed_back": "4999999"})).await.refused(422, "list-not-balanced");
    test.step(&list, "reconcile", &json!({"handed_back": "5000000"})).await.is(201);
    test.step(&list, "close", &json!({})).await.is(201);
    test.is_sound().await;
}

async fn of_an_ordered_list_late_money_of_an_item_keeps_it_from_being_taken_back(test: TestApp) {
    two_pensions(&test).await;
    let before = test.prepared(&march()).await;
    let list = test.prepared(&april(&before, &json!({}))).await;
    let payment = test.list(&list).await["page"][0]["payment_id"].as_str().unwrap().to_owned();
    test.step(&list, "check", &json!({})).await.is(201);
    test.step(&list, "submit", &json!({})).await.is(201);
    test.step(&list, "acknowledge", &json!({"answer": "rejected"})).await.is(201);
    test.deed(&payment, "fail", &json!({"cause": "not_sendable"})).await.is(201);
    test.deed(&payment, "reissue", &json!({"reason": "by another list"})).await.is(201);
    let late = with(settled("2025-03-31"), &json!({"attempt": 1}));
    test.deed(&payment, "settle", &late).await.is(201);
    let head = test.head().await;
    let back = json!({"reason": "wrong form", "handed_back": "10000000"});
    test.step(&list, "withdraw", &back).await.refused(409, "list-item-paid");
    assert_eq!(test.head().await, head, "nothing is recalled");
    assert_eq!(test.payment(&payment).await["status"], "instructed");
}

async fn a_refused_list_that_was_emptied_item_by_item_stays_work_until_its_money_is_back(test: TestApp) {
    let [one, two] = two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    test.step(&list, "check", &json!({})).await.is(201);
    test.step(&list, "submit", &json!({})).await.is(201);
    test.step(&list, "acknowledge", &json!({"answer": "rejected"})).await.is(201);
    test.step(&list, "remove", &json!({"payments": [one], "reason": "its own list"})).await.is(201);
    test.step(&list, "remove", &json!({"payments": [two], "reason": "its own list"})).await.is(201);
    let work = test.read("/v1/worklist?kind=list").await["items"].as_array().unwrap().clone();
    assert_eq!(work.len(), 1, "its money is still with the agent");
    assert_eq!((&work[0]["situation"], &work[0]["amount"]), (&json!("list_refused"), &json!("10000000")));
    let within = test.with_key(&test.key(Role::Supervisor, Some("D502"), None).await);
    let theirs = within.get("/v1/worklist?kind=list").await.json(200);
    assert_eq!(theirs["items"], json!([]), "whoever answers for one unit alone cannot end it");
    let back = json!({"reason": "wrong form", "handed_back": "10000000"});
    test.step(&list, "withdraw", &back).await.is(201);
    assert_eq!(test.read("/v1/worklist?kind=list").await["items"], json!([]));
    test.is_sound().await;
}

async fn more_than_a_step_takes_is_refused(test: TestApp) {
    two_pensions(&test).await;
    let list = test.prepared(&march()).await;
    let ids: Vec<String> = (0..501).map(|at| format!("01960000-0000-7000-8000-{at:012x}")).collect();
    let refused = test.step(&list, "remove", &json!({"payments": ids, "reason": "all"})).await;
    refused.refused(422, "list-chunk-too-large");
}

async fn lists_are_found_by_unit(test: TestApp) {
    two_pensions(&test).await;
    let ward = test.prepared(&march()).await;
    test.pension_of("TH-1", COMMUNE).await;
    let commune = test.prepared(&march()).await;
    let found = async |unit: &str| {
        let lists = test.read(&format!("/v1/lists?unit={unit}")).await["lists"].clone();
        lists.as_array().unwrap().iter().map(|list| list["list_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((found(WARD).await, found(COMMUNE).await), (vec![ward.clone()], vec![commune.clone()]));
    assert_eq!(found("D502").await, [ward, commune]);
    let clerk = test.with_key(&test.key(Role::Clerk, Some("D503"), None).await);
    clerk.get("/v1/lists?unit=D502").await.refused(403, "out-of-your-units");
    test.clerk().get("/v1/lists?unit=owl").await.refused(422, "invalid-input");
}

#[tokio::test]
async fn where_the_profile_says_so_an_accepted_list_accepts_its_payments() {
    let test = spawn_tavaria(Engine::Postgres).await;
    let mut payments = Vec::new();
    for number in [1, 2, 3] {
        let citizen = format!("T123456{number}");
        let person = json!({"citizen_no": citizen, "unit": "N1", "channel": "mobile_money", "bank": "tavcell", "account": format!("555000{number}"),
            "effective_month": "2025-01"});
        test.register(&person).await;
        let order = json!({"payment_reference": format!("W-{number}"), "citizen_no": citizen, "benefit_type": "family_grant", "cycle": "2025-03", "amount": "12.50"});
        payments.push(test.instruct(&order).await);
    }
    let list = test.prepared(&json!({"cycle": "2025-03", "channel": "mobile_money", "open_payments": true})).await;
    test.step(&list, "check", &json!({})).await.is(201);
    let differs = test.step(&list, "submit", &json!({"advanced": "37.49"})).await.refused(422, "list-advance-differs");
    assert!(differs.body["detail"].as_str().unwrap().contains("37.50 TVR"), "{}", differs.text());
    assert!(differs.body["errors"][0]["message_vi"].as_str().unwrap().contains("37.50 TVR"), "{}", differs.text());
    test.step(&list, "submit", &json!({})).await.is(201);
    // What was refused before the answer came stays refused.
    test.deed(&payments[2], "reject", &with(rejected(), &json!({"reason_system": "tavcell", "reason_code": "E17"})))
        .await
        .is(201);
    test.step(&list, "acknowledge", &json!({"answer": "accepted", "agent_ref": "TC-7"})).await.is(201);
    test.read("/v1/worklist").await;
    for payment in &payments[..2] {
        let seen = test.payment(payment).await;
        assert_eq!((&seen["status"], &seen["timeline"][1]["data"]["agent_ref"]), (&json!("accepted"), &json!("TC-7")));
        assert_eq!(seen["timeline"][1]["source"], "process");
    }
    assert_eq!(test.payment(&payments[2]).await["status"], "rejected");
    test.is_sound().await;
}

//! Work that is not one payment's: recoveries, consents, authorisations, results of matching, lists and desks. Each item leads to its
//! action and is gone once that is done.

use crate::support::app::{TestApp, spawn_strict, spawn_tavaria};
use crate::support::engine::Engine;
use crate::support::on_every_engine;
use crate::support::verbs::{HOI_AN, WARD, by_account, in_cash, pension, with};
use chitra::app::access::Role;
use serde_json::{Value, json};

on_every_engine! {
    money_to_be_asked_back_is_work_until_it_is_back,
    an_authorisation_that_runs_out_is_work_until_there_is_another,
    one_that_ran_out_stays_while_the_money_still_goes_that_way,
    what_the_population_database_contradicts_is_work,
    a_list_is_work_until_it_is_closed,
    a_list_above_the_limit_waits_for_the_second_person,
    a_desk_is_work_until_its_days_are_closed_and_its_cash_is_back,
    nothing_of_other_units_is_in_it,
}

async fn items(test: &TestApp, kind: &str) -> Vec<Value> {
    let list = test.read(&format!("/v1/worklist?kind={kind}")).await;
    let items = list["items"].as_array().unwrap().clone();
    assert_eq!(list["counts"], json!([{"kind": kind, "items": items.len(), "overdue": list["counts"][0]["overdue"]}]));
    items
}

/// The only item of a kind.
async fn item(test: &TestApp, kind: &str) -> Value {
    let mut all = items(test, kind).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.pop().unwrap()
}

fn href(item: &Value, at: usize) -> &str {
    item["actions"][at]["href"].as_str().unwrap()
}

async fn post(test: &TestApp, path: &str, body: &Value) -> Value {
    test.supervisor().post(path, &test.fresh(), body).await.json(201)
}

async fn money_to_be_asked_back_is_work_until_it_is_back(test: TestApp) {
    let person = test.register(&by_account("TK-1", WARD)).await;
    let payment = test.instruct(&pension("P-1", "TK-1")).await;
    test.settle(&payment, "2025-03-05").await.is(201);
    assert_eq!(items(&test, "recovery").await.len(), 0);
    let death = json!({"died_on": "2025-02-20", "source": "family"});
    post(&test, &format!("/v1/beneficiaries/{person}/death"), &death).await;
    let found = item(&test, "recovery").await;
    assert_eq!(
        (&found["situation"], &found["amount"], &found["payment_id"], &found["due_on"], &found["who"]),
        (&json!("recovery_found"), &json!("5000000"), &json!(payment), &json!("2025-04-08"), &json!("supervisor")),
        "five working days; 7 April is a holiday"
    );
    assert_eq!(found["actions"][0]["operation"], "demandRecovery");
    let demand = json!({"reference": "118/BHXH", "due_on": "2025-04-02"});
    post(&test, href(&found, 0), &demand).await;
    assert_eq!(items(&test, "recovery").await.len(), 0, "the day has not come");
    test.days_pass(3);
    let due = item(&test, "recovery").await;
    assert_eq!((&due["situation"], &due["since"]), (&json!("recovery_due"), &json!("2025-04-02")));
    assert_eq!((&due["object_id"], &due["actions"][0]["operation"]), (&found["object_id"], &json!("receiveRecovery")));
    let part = json!({"amount": "2000000", "received_on": "2025-04-03", "evidence": {"kind": "receipt", "reference": "C40-1"}});
    post(&test, href(&due, 0), &part).await;
    assert_eq!(item(&test, "recovery").await["amount"], "3000000");
    let rest = json!({"received_on": "2025-04-03", "evidence": {"kind": "receipt", "reference": "C40-2"}});
    post(&test, href(&due, 0), &rest).await;
    assert_eq!(items(&test, "recovery").await.len(), 0);
    let again = json!({"reference": "119/BHXH"});
    let path = href(&found, 0).to_owned();
    test.supervisor().post(&path, &test.fresh(), &again).await.refused(409, "recovery-closed");
}

fn authorised(from: &str, to: &str) -> Value {
    json!({"payee": "authorised", "name": "Trần Thị Sáu", "certified": true, "valid_from": from, "valid_to": to})
}

async fn an_authorisation_that_runs_out_is_work_until_there_is_another(test: TestApp) {
    let person = test.register(&in_cash("TK-1", WARD)).await;
    let path = format!("/v1/beneficiaries/{person}/authorisations");
    post(&test, &path, &authorised("2025-01-01", "2025-05-01")).await;
    assert_eq!(items(&test, "authorisation").await.len(), 0, "30 days before, not 31");
    test.days_pass(1);
    let found = item(&test, "authorisation").await;
    assert_eq!((&found["since"], &found["due_on"]), (&json!("2025-04-01"), &json!("2025-05-01")));
    assert_eq!((&found["beneficiary_id"], href(&found, 0)), (&json!(person), path.as_str()));
    assert_eq!((&found["situation"], &found["unit"]), (&json!("authorisation_ending"), &json!("C20341")));
    post(&test, href(&found, 0), &authorised("2025-04-01", "2025-12-31")).await;
    assert_eq!(items(&test, "authorisation").await.len(), 0);
}

async fn one_that_ran_out_stays_while_the_money_still_goes_that_way(test: TestApp) {
    let [stays, gone] = [
        test.register(&with(in_cash("TK-1", WARD), &json!({"payee": "authorised"}))).await,
        test.register(&in_cash("TK-2", WARD)).await,
    ];
    for person in [&stays, &gone] {
        let path = format!("/v1/beneficiaries/{person}/authorisations");
        post(&test, &path, &authorised("2025-01-01", "2025-04-01")).await;
    }
    assert_eq!(items(&test, "authorisation").await.len(), 2);
    test.days_pass(2);
    let found = item(&test, "authorisation").await;
    assert_eq!((&found["beneficiary_id"], &found["overdue"]), (&json!(stays), &json!(true)));
    let own = json!({"channel": "cash_desk", "payee": "self"});
    post(&test, href(&found, 1), &own).await;
    test.days_pass(30);
    assert_eq!(items(&test, "authorisation").await.len(), 0, "from May on the person fetches it");
}

async fn what_the_population_database_contradicts_is_work(test: TestApp) {
    let [one, two] = [test.register(&by_account("TK-1", WARD)).await, test.register(&by_account("TK-2", WARD)).await];
    let matched =
        |status: &str, day: &str| json!({"status": status, "source": "population_database", "checked_on": day});
    let mismatch = with(matched("mismatch", "2025-03-20"), &json!({"fields": ["name"]}));
    post(&test, &format!("/v1/beneficiaries/{one}/identity"), &mismatch).await;
    post(&test, &format!("/v1/beneficiaries/{two}/identity"), &matched("deceased_in_population_db", "2025-03-21"))
        .await;
    let found = items(&test, "identity").await;
    let told: Vec<_> = found
        .iter()
        .map(|item| (item["situation"].as_str().unwrap(), item["due_on"].as_str().unwrap(), href(item, 0)))
        .collect();
    let (death, identity) = (format!("/v1/beneficiaries/{two}/death"), format!("/v1/beneficiaries/{one}/identity"));
    assert_eq!(
        told,
        [("identity_deceased", "2025-03-25", death.as_str()), ("identity_open", "2025-04-03", identity.as_str())]
    );
    post(&test, &identity, &matched("verified", "2025-03-30")).await;
    post(&test, &death, &json!({"died_on": "2025-03-18", "source": "population database"})).await;
    assert_eq!(items(&test, "identity").await.len(), 0);
}

fn march() -> Value {
    json!({"cycle": "2025-03", "channel": "account", "open_payments": true})
}

async fn a_list_is_work_until_it_is_closed(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let list = post(&test, "/v1/lists", &march()).await["list_id"].as_str().unwrap().to_owned();
    let step = async |step: &str, body: &Value| post(&test, &format!("/v1/lists/{list}/{step}"), body).await;
    let unsent = item(&test, "list").await;
    assert_eq!(
        (&unsent["situation"], &unsent["since"], &unsent["due_on"], &unsent["overdue"]),
        (&json!("list_unsent"), &json!("2025-03-31"), &json!("2025-03-03"), &json!(true)),
        "it had to go out on the first day of transfers"
    );
    assert_eq!(
        (&unsent["unit"], &unsent["cycle"], &unsent["amount"]),
        (&json!("C20341"), &json!("2025-03"), &json!("5000000"))
    );
    assert_eq!(href(&unsent, 0), format!("/v1/lists/{list}/submit"));
    step("check", &json!({})).await;
    post(&test, href(&unsent, 0), &json!({})).await;
    let open = item(&test, "list").await;
    assert_eq!((&open["situation"], &open["since"]), (&json!("list_open"), &json!("2025-03-05")));
    step("acknowledge", &json!({"answer": "accepted"})).await;
    test.settle(&payment, "2025-03-05").await.is(201);
    step("reconcile", &json!({"handed_back": "0"})).await;
    let open = item(&test, "list").await;
    assert_eq!(open["actions"][0]["operation"], "closeList");
    post(&test, href(&open, 0), &json!({})).await;
    assert_eq!(items(&test, "list").await.len(), 0);
    // What goes out next month is work already, and not late.
    test.instruct(&with(pension("P-4", "TK-1"), &json!({"cycle": "2025-04"}))).await;
    post(&test, "/v1/lists", &with(march(), &json!({"cycle": "2025-04"}))).await;
    let next = item(&test, "list").await;
    assert_eq!((&next["due_on"], &next["overdue"]), (&json!("2025-04-01"), &json!(false)));
}

async fn a_list_above_the_limit_waits_for_the_second_person(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    test.instruct(&with(pension("P-1", "TK-1"), &json!({"amount": "600000000"}))).await;
    let list = post(&test, "/v1/lists", &march()).await["list_id"].as_str().unwrap().to_owned();
    assert_eq!(item(&test, "list").await["situation"], "list_unsent", "not checked yet");
    post(&test, &format!("/v1/lists/{list}/check"), &json!({})).await;
    let waits = item(&test, "list").await;
    assert_eq!((&waits["situation"], &waits["who"]), (&json!("list_approval"), &json!("supervisor")));
    let second = test.with_key(&test.key(Role::Supervisor, None, None).await);
    second.post(href(&waits, 0), "a", &json!({})).await.is(201);
    assert_eq!(item(&test, "list").await["situation"], "list_unsent");
}

async fn a_desk_is_work_until_its_days_are_closed_and_its_cash_is_back(test: TestApp) {
    test.register(&in_cash("TK-1", WARD)).await;
    let payment = test.instruct(&pension("P-1", "TK-1")).await;
    let body = json!({"code": "TK-01", "kind": "payment_point", "unit": WARD});
    let desk = post(&test, "/v1/desks", &body).await["desk_id"].as_str().unwrap().to_owned();
    assert_eq!(items(&test, "desk").await.len(), 0, "nothing was entered yet");
    let day = |day: i8, deed: &str| format!("/v1/desks/{desk}/days/2025-03-{day:02}/{deed}");
    let cash =
        |amount: &str, voucher: &str| json!({"amount": amount, "evidence": {"kind": "voucher", "reference": voucher}});
    post(&test, &day(3, "advance"), &cash("8000000", "PC-1")).await;
    let paid = json!({"payment_id": payment, "collected_by": "self", "receipt": "R-1"});
    post(&test, &day(5, "pay"), &paid).await;
    let open = item(&test, "desk").await;
    assert_eq!(
        (&open["situation"], &open["since"], &open["amount"]),
        (&json!("desk_open"), &json!("2025-03-03"), &json!("3000000"))
    );
    assert_eq!((href(&open, 0), &open["who"]), (day(5, "liquidate").as_str(), &json!("desk")));
    post(&test, href(&open, 0), &json!({"counted": "3000000"})).await;
    let holds = item(&test, "desk").await;
    assert_eq!(
        (&holds["situation"], &holds["since"], &holds["amount"]),
        (&json!("desk_cash"), &json!("2025-03-10"), &json!("3000000")),
        "the window of payment points is over"
    );
    assert_eq!(href(&holds, 0), day(31, "hand-back"));
    post(&test, href(&holds, 0), &cash("3000000", "PT-1")).await;
    assert_eq!(items(&test, "desk").await.len(), 0);
    test.days_pass(1);
    let tomorrow = item(&test, "desk").await;
    assert_eq!((&tomorrow["situation"], href(&tomorrow, 0)), (&json!("desk_open"), day(31, "liquidate").as_str()));
}

async fn nothing_of_other_units_is_in_it(test: TestApp) {
    let person = test.register(&in_cash("TK-1", WARD)).await;
    let payment = test.pension_of("TK-2", WARD).await;
    post(&test, &format!("/v1/beneficiaries/{person}/authorisations"), &authorised("2025-01-01", "2025-04-10")).await;
    let mismatch = json!({"status": "not_found", "source": "population_database", "checked_on": "2025-03-20"});
    post(&test, &format!("/v1/beneficiaries/{person}/identity"), &mismatch).await;
    test.settle(&payment, "2025-03-05").await.is(201);
    post(&test, "/v1/recoveries", &json!({"payment_id": payment, "ground": "wrong_amount", "amount": "100000"})).await;
    test.pension_of("TK-3", WARD).await;
    post(&test, "/v1/lists", &march()).await;
    let desk = post(&test, "/v1/desks", &json!({"code": "TK-01", "kind": "payment_point", "unit": WARD})).await;
    let advance = format!("/v1/desks/{}/days/2025-03-03/advance", desk["desk_id"].as_str().unwrap());
    post(&test, &advance, &json!({"amount": "1", "evidence": {"kind": "voucher", "reference": "PC-1"}})).await;
    let position = test.head().await;
    let path = format!("/v1/worklist?min_position={position}");
    let kinds = ["authorisation", "desk", "identity", "late", "list", "recovery"];
    let seen = |list: &Value| {
        let counts = list["counts"].as_array().unwrap().iter().filter(|count| count["items"] != 0);
        let mut kinds: Vec<String> = counts.map(|count| count["kind"].as_str().unwrap().to_owned()).collect();
        kinds.sort();
        kinds
    };
    let own = test.with_key(&test.key(Role::Clerk, Some("D502"), None).await);
    assert_eq!(seen(&own.get(&path).await.json(200)), kinds);
    let other = test.with_key(&test.key(Role::Clerk, Some("D503"), None).await);
    assert_eq!(seen(&other.get(&path).await.json(200)), Vec::<String>::new());
    // A list that reaches into another district is work of those who may touch all of it.
    test.pension_of("HA-1", HOI_AN).await;
    let both = with(march(), &json!({"open_payments": true}));
    post(&test, "/v1/lists", &both).await;
    let lists = format!("/v1/worklist?kind=list&min_position={}", test.head().await);
    assert_eq!(other.get(&lists).await.json(200)["items"].as_array().unwrap().len(), 1);
    let mut all = test.supervisor().get(&lists).await.json(200)["items"].as_array().unwrap().clone();
    all.sort_by_key(|item| item["unit"].as_str().unwrap().to_owned());
    assert_eq!(all.iter().map(|item| item["unit"].as_str().unwrap()).collect::<Vec<_>>(), ["C20341", "C20398"]);
}

#[tokio::test]
async fn a_request_waits_for_the_consent_of_another() {
    let test = spawn_strict(Engine::Postgres).await;
    let payment = test.pension_of("TK-1", WARD).await;
    let correct = json!({"amount": "5100000", "ground": "slip of the pen"});
    test.supervisor().post(&format!("/v1/payments/{payment}/correct"), "c", &correct).await.is(202);
    let waits = item(&test, "approval").await;
    assert_eq!(
        (&waits["situation"], &waits["due_on"], &waits["payment_id"]),
        (&json!("approval_waiting"), &json!("2025-04-02"), &json!(payment))
    );
    let second = test.with_key(&test.key(Role::Supervisor, None, None).await);
    second.post(href(&waits, 0), "g", &json!({})).await.is(201);
    assert_eq!(items(&test, "approval").await.len(), 0);
    test.supervisor()
        .post(&format!("/v1/payments/{payment}/correct"), "d", &with(correct, &json!({"amount": "5200000"})))
        .await
        .is(202);
    assert_eq!(items(&test, "approval").await.len(), 1);
    test.days_pass(15);
    assert_eq!(items(&test, "approval").await.len(), 0, "it expired: there is nothing to consent to");
}

#[tokio::test]
async fn the_other_country_has_its_own_days_for_all_of_it() {
    let test = spawn_tavaria(Engine::Postgres).await;
    let book = test.supervisor().get("/v1/playbook").await.json(200);
    let days = |situation: &str| {
        let plays = book["playbook"].as_array().unwrap();
        plays.iter().find(|play| play["situation"] == situation).unwrap()["working_days"].as_u64().unwrap()
    };
    assert_eq!((days("recovery_found"), days("desk_cash"), days("list_open")), (10, 4, 6));
    test.register(&json!({"citizen_no": "T1234568", "unit": "S1", "channel": "voucher", "effective_month": "2025-01"}))
        .await;
    let grant = json!({"payment_reference": "W-1", "citizen_no": "T1234568", "benefit_type": "family_grant", "cycle": "2025-02", "amount": "120.50", "channel": "voucher"});
    test.instruct(&grant).await;
    post(&test, "/v1/lists", &json!({"cycle": "2025-02", "channel": "voucher", "open_payments": true})).await;
    let unsent = item(&test, "list").await;
    assert_eq!(
        (&unsent["situation"], &unsent["amount"], &unsent["currency"]),
        (&json!("list_unsent"), &json!("120.50"), &json!("TVR"))
    );
}

//! The worklist and the playbook behind it: what a clerk must do today.

use crate::support::app::{TestApp, spawn_tavaria};
use crate::support::engine::Engine;
use crate::support::on_every_engine;
use crate::support::verbs::{COMMUNE, HOI_AN, WARD, rejected, returned};
use chitra::app::access::Role;
use chitra::app::worklist::WorkKind;
use chitra::http::routes::OPERATIONS;
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_every_engine! {
    each_kind_of_trouble_is_on_the_list_with_what_to_do,
    an_item_is_gone_once_it_is_acted_upon,
    a_code_with_an_entry_of_its_own_goes_before_its_class,
    the_list_comes_in_pages_the_most_urgent_first,
    a_worklist_stays_within_the_units_of_the_key,
    late_money_that_is_out_is_on_the_list_until_it_is_back,
}

async fn worklist(test: &TestApp, query: &str) -> Value {
    test.read(&format!("/v1/worklist?{query}")).await
}

fn items(list: &Value) -> &Vec<Value> {
    list["items"].as_array().unwrap()
}

fn kinds(list: &Value) -> BTreeSet<&str> {
    items(list).iter().map(|item| item["kind"].as_str().unwrap()).collect()
}

fn count(list: &Value, kind: &str) -> u64 {
    let counts = list["counts"].as_array().unwrap();
    counts.iter().find(|count| count["kind"] == kind).unwrap()["items"].as_u64().unwrap()
}

/// One payment of each kind of trouble in a ward, whose clerk acts; the settled one is not among them.
async fn troubles(test: &TestApp) -> Vec<String> {
    let mut ids = Vec::new();
    for name in ["TK-1", "TK-2", "TK-3", "TK-4", "TK-5", "TK-6", "TK-7"] {
        ids.push(test.pension_of(name, WARD).await);
    }
    test.deed(&ids[0], "reject", &rejected()).await.is(201);
    test.settle(&ids[1], "2025-03-05").await.is(201);
    test.deed(&ids[1], "return", &returned("2025-03-20")).await.is(201);
    test.deed(&ids[2], "fail", &json!({"cause": "no_answer"})).await.is(201);
    test.deed(&ids[3], "fail", &json!({"cause": "unclaimed"})).await.is(201);
    test.deed(&ids[4], "hold", &json!({"cause": "name to be checked"})).await.is(201);
    // The sixth is left open beyond its window, the seventh is paid.
    test.settle(&ids[6], "2025-03-05").await.is(201);
    ids
}

async fn each_kind_of_trouble_is_on_the_list_with_what_to_do(test: TestApp) {
    let ids = troubles(&test).await;
    let list = worklist(&test, "").await;
    assert_eq!(list["today"], "2025-03-31");
    assert_eq!(kinds(&list), BTreeSet::from(["rejected", "returned", "failed", "unclaimed", "held", "late"]));
    for kind in ["rejected", "returned", "failed", "unclaimed", "held", "late"] {
        assert_eq!(count(&list, kind), 1, "{kind}");
    }
    let item = |kind: &str| items(&list).iter().find(|item| item["kind"] == kind).unwrap();
    let returned = item("returned");
    assert_eq!(returned["payment_id"], *ids[1]);
    assert_eq!((&returned["class"], &returned["reason_code"]), (&json!("account_state"), &json!("AC04")));
    assert_eq!((&returned["since"], &returned["age_days"]), (&json!("2025-03-20"), &json!(11)));
    assert_eq!(
        (&returned["due_on"], &returned["overdue"]),
        (&json!("2025-03-24"), &json!(true)),
        "a weekend lies between"
    );
    assert_eq!((&returned["who"], &returned["amount"]), (&json!("clerk"), &json!("5000000")));
    let action = &returned["actions"][0];
    assert_eq!(
        *action,
        json!({"operation": "reissuePayment", "method": "POST", "href": format!("/v1/payments/{}/reissue", ids[1])})
    );
    let method = &returned["actions"][1];
    assert_eq!(method["href"], format!("/v1/beneficiaries/{}/method", returned["beneficiary_id"].as_str().unwrap()));
    assert!(returned["how"]["vi"].as_str().unwrap().contains("tài khoản"));
    assert_eq!((&item("late")["since"], &item("late")["payment_id"]), (&json!("2025-03-05"), &json!(ids[5])));
    assert_eq!((&item("failed")["who"], &item("rejected")["unit_name"].is_string()), (&json!("bank"), &true));
    let csv = test.supervisor().get("/v1/worklist?format=csv").await.is(200).text();
    assert!(csv.contains(&format!("POST /v1/payments/{}/reissue", ids[1])), "{csv}");
    let held = worklist(&test, "kind=held").await;
    assert_eq!((kinds(&held), held["counts"].as_array().unwrap().len()), (BTreeSet::from(["held"]), 1));
    let soon = worklist(&test, "due_before=2025-03-25").await;
    assert_eq!(kinds(&soon), BTreeSet::from(["late", "returned"]));
}

async fn an_item_is_gone_once_it_is_acted_upon(test: TestApp) {
    let ids = troubles(&test).await;
    let cash = json!({"channel": "cash_desk", "reason": "account closed", "due_on": "2025-04-10"});
    test.deed(&ids[0], "reissue", &cash).await.is(201);
    test.deed(&ids[1], "cancel", &json!({"reason": "died before"})).await.is(201);
    test.deed(&ids[4], "release", &json!({})).await.is(201);
    test.settle(&ids[4], "2025-03-31").await.is(201);
    test.deed(&ids[5], "fail", &json!({"cause": "no_answer"})).await.is(201);
    let list = worklist(&test, "").await;
    assert_eq!(kinds(&list), BTreeSet::from(["failed", "unclaimed"]));
    assert_eq!((count(&list, "failed"), count(&list, "late"), count(&list, "held")), (2, 0, 0));
}

async fn a_code_with_an_entry_of_its_own_goes_before_its_class(test: TestApp) {
    let (one, other) = (test.pension_of("TK-1", WARD).await, test.pension_of("TK-2", WARD).await);
    test.deed(&one, "reject", &json!({"reason_code": "AC06"})).await.is(201);
    test.deed(&other, "reject", &json!({"reason_code": "AC07"})).await.is(201);
    let list = worklist(&test, "").await;
    let due: Vec<&str> = items(&list).iter().map(|item| item["due_on"].as_str().unwrap()).collect();
    assert_eq!(
        due,
        ["2025-04-02", "2025-04-08"],
        "a blocked account has five working days, others two; 7 April is a holiday"
    );
    let book = test.as_role(Role::Analyst).get("/v1/playbook").await.json(200);
    let plays = book["playbook"].as_array().unwrap();
    assert!(plays.iter().any(|play| play["codes"] == json!(["AC06"])));
    for play in plays {
        for operation in play["operations"].as_array().unwrap() {
            assert!(
                OPERATIONS.iter().any(|known| operation["operation"] == known.id && operation["path"] == known.path)
            );
        }
    }
    assert!(test.supervisor().get("/v1/playbook?format=xlsx").await.is(200).bytes.starts_with(b"PK"));
    test.nobody().get("/v1/playbook").await.refused(401, "unauthenticated");
}

async fn the_list_comes_in_pages_the_most_urgent_first(test: TestApp) {
    troubles(&test).await;
    test.caught_up().await;
    let (mut seen, mut due) = (Vec::new(), Vec::new());
    let mut path = "/v1/worklist?limit=2".to_owned();
    loop {
        let page = test.supervisor().get(&path).await.is(200);
        for item in items(&page.body) {
            seen.push(item["payment_id"].as_str().unwrap().to_owned());
            due.push(item["due_on"].as_str().unwrap().to_owned());
        }
        assert_eq!(count(&page.body, "held"), 1, "counts are of the whole list");
        let link = page.header("link").to_owned();
        let Some(next) = link.strip_prefix('<').and_then(|rest| rest.strip_suffix(">; rel=\"next\"")) else {
            assert_eq!(page.body["next_cursor"], Value::Null);
            break;
        };
        next.clone_into(&mut path);
    }
    assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len()), (6, 6));
    assert!(due.is_sorted(), "{due:?}");
    let errors =
        test.supervisor().get("/v1/worklist?cursor=p1&kind=owl&limit=0").await.refused(422, "invalid-input").errors();
    assert_eq!(errors, ["/cursor invalid-value", "/kind invalid-value", "/limit invalid-value"]);
    let unknown = test.supervisor().get("/v1/worklist?kind=owl").await.refused(422, "invalid-input");
    for message in ["message", "message_vi"] {
        let told = unknown.body["errors"][0][message].as_str().unwrap();
        let is_named = |kind: &WorkKind| told.contains(kind.as_str());
        assert!(WorkKind::ALL.iter().all(is_named), "{told}");
    }
}

async fn a_worklist_stays_within_the_units_of_the_key(test: TestApp) {
    for (name, unit) in [("TK-1", WARD), ("TK-2", COMMUNE), ("HA-1", HOI_AN)] {
        let id = test.pension_of(name, unit).await;
        test.deed(&id, "reject", &rejected()).await.is(201);
    }
    // Late, and in another unit.
    test.pension_of("HA-2", HOI_AN).await;
    test.caught_up().await;
    let clerk = test.with_key(&test.key(Role::Clerk, Some("D502"), None).await);
    let own = clerk.get("/v1/worklist").await.json(200);
    assert_eq!((items(&own).len(), count(&own, "rejected"), count(&own, "late")), (2, 2, 0));
    assert_eq!(items(&clerk.get("/v1/worklist?unit=20341").await.json(200)).len(), 1);
    clerk.get("/v1/worklist?unit=20398").await.refused(403, "out-of-your-units");
    for role in [Role::Analyst, Role::Bank, Role::Operator] {
        test.as_role(role).get("/v1/worklist").await.refused(403, "role-not-allowed");
    }
    test.nobody().get("/v1/worklist").await.refused(401, "unauthenticated");
}

async fn late_money_that_is_out_is_on_the_list_until_it_is_back(test: TestApp) {
    let id = test.pension_of("TK-1", WARD).await;
    test.deed(&id, "fail", &json!({"cause": "no_answer"})).await.is(201);
    let cash = json!({"channel": "cash_desk", "reason": "no answer", "due_on": "2025-04-10"});
    test.deed(&id, "reissue", &cash).await.is(201);
    let late = json!({"attempt": 1, "settled_on": "2025-03-28", "evidence": {"kind": "camt.054", "reference": "LATE"}});
    test.deed(&id, "settle", &late).await;
    let list = worklist(&test, "").await;
    assert_eq!((kinds(&list), &items(&list)[0]["who"]), (BTreeSet::from(["late_money"]), &json!("supervisor")));
    let back = json!({"attempt": 1, "returned_on": "2025-03-31", "reason_code": "CUST", "evidence": {"kind": "camt.054", "reference": "BACK"}});
    test.deed(&id, "return", &back).await.is(201);
    test.deed(&id, "release", &json!({})).await.is(201);
    assert_eq!(items(&worklist(&test, "").await).len(), 0);
}

#[tokio::test]
async fn a_country_of_other_reasons_has_its_own_playbook() {
    let test = spawn_tavaria(Engine::SqliteMemory).await;
    let book = test.supervisor().get("/v1/playbook").await.json(200);
    let own = book["playbook"].as_array().unwrap().iter().find(|play| play["system"] == "tavcell").unwrap();
    assert_eq!((&own["who"], &own["working_days"], &own["codes"]), (&json!("bank"), &json!(1), &json!(["E17"])));
}

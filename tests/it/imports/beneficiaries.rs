//! Files of people.

use super::{issues, upload};
use crate::support::app::TestApp;
use crate::support::on_every_engine;
use serde_json::{Value, json};

on_every_engine! {
    people_are_registered_with_their_methods,
    a_person_who_is_there_is_left_moved_or_given_a_new_method,
    an_identifier_twice_in_a_file_is_refused,
    identifiers_of_several_people_in_one_row_are_refused,
    what_looks_odd_is_a_warning_and_recorded,
    bad_rows_are_named,
}

const PEOPLE: &str = "
    beneficiary_ref | personal_id  | name         | sex | birth_year | unit  | channel   | bank        | account    | effective_month
    TK-1            | 049155000123 | Trần Thị Mai | Nữ  | 1955       | 20341 | Tài khoản | Vietcombank | 0011223344 | 2025-03
    TK-2            |              | Lê Văn Tám   | Nam | 1948       | 20359 | Tiền mặt  |             |            |";

async fn find(test: &TestApp, reference: &str) -> Value {
    let search = json!({"beneficiary_ref": reference});
    test.supervisor().post_without_key("/v1/beneficiaries/search", &search).await.json(200)
}

async fn people_are_registered_with_their_methods(test: TestApp) {
    let report = upload(&test, "kind=beneficiaries", PEOPLE).await.json(201);
    assert_eq!((&report["recorded_rows"], &report["errors"]), (&json!(2), &json!(0)));
    let mai = find(&test, "TK-1").await;
    assert_eq!((&mai["units"][0]["unit"], &mai["methods"][0]["bank"]), (&json!("C20341"), &json!("vcb")));
    let tam = find(&test, "TK-2").await;
    assert_eq!((&tam["units"][0]["unit"], &tam["methods"][0]["channel"]), (&json!("C20359"), &json!("cash_desk")));
}

async fn a_person_who_is_there_is_left_moved_or_given_a_new_method(test: TestApp) {
    upload(&test, "kind=beneficiaries", PEOPLE).await.is(201);
    let head = test.head().await;
    let same = format!("{PEOPLE}\n    TK-3 | | | | | 20341 | Tiền mặt | | |");
    let report = upload(&test, "kind=beneficiaries", &same).await.json(201);
    assert_eq!((&report["recorded_rows"], &report["unchanged_rows"]), (&json!(1), &json!(2)));
    assert_eq!(
        test.types_after(head).await,
        ["ImportStarted", "BeneficiaryRegistered", "PayoutMethodChosen", "ImportCompleted"]
    );

    let head = test.head().await;
    let changed = "
        beneficiary_ref | unit  | channel   | bank | account
        TK-1            | 20359 |           |      |
        TK-2            | 20359 | Tài khoản | BIDV | 5566778899";
    upload(&test, "kind=beneficiaries", changed).await.is(201);
    assert_eq!(
        test.types_after(head).await,
        ["ImportStarted", "BeneficiaryMoved", "PayoutMethodChosen", "ImportCompleted"]
    );
    assert_eq!(find(&test, "TK-1").await["units"][1], json!({"unit": "C20359", "from": "2025-03-31"}));
    assert_eq!(
        find(&test, "TK-2").await["methods"][1]["effective_month"],
        "2025-05",
        "asked on the 31st, after the cut-off"
    );
}

async fn an_identifier_twice_in_a_file_is_refused(test: TestApp) {
    let content = "beneficiary_ref | personal_id | unit\n TK-1 | 049155000123 | 20341\n TK-2 | 049155000123 | 20341";
    let report = upload(&test, "kind=beneficiaries", content).await.json(422);
    assert_eq!(issues(&report), ["3 beneficiary_ref repeated-in-file"]);
    assert_eq!(test.head().await, 0);
}

async fn identifiers_of_several_people_in_one_row_are_refused(test: TestApp) {
    upload(&test, "kind=beneficiaries", PEOPLE).await.is(201);
    let content = "beneficiary_ref | personal_id | unit\n TK-2 | 049155000123 | 20341";
    let report = upload(&test, "kind=beneficiaries", content).await.json(422);
    assert_eq!(issues(&report), ["2 beneficiary_ref identifiers-of-several-people"]);
}

async fn what_looks_odd_is_a_warning_and_recorded(test: TestApp) {
    let content = PEOPLE.replace("Nữ ", "Nam");
    let report = upload(&test, "kind=beneficiaries", &content).await.json(201);
    assert_eq!((&report["recorded_rows"], &report["warnings"], &report["errors"]), (&json!(2), &json!(1), &json!(0)));
    assert_eq!(issues(&report), ["2 personal_id identifier-sex-differs"]);
    assert_eq!(report["issues"][0]["severity"], "warning");
}

async fn bad_rows_are_named(test: TestApp) {
    let content = "
        beneficiary_ref | personal_id | sex   | birth_year | unit  | channel   | bank | account
        TK-1            | 49155000123 |       |            | 20341 |           |      |
        TK-2            |             | other | 55         | 20341 |           |      |
        TK-3            |             |       |            |       |           |      |
        TK-4            |             |       |            | 20338 | Tài khoản | vcb  | 9704361234567890
        TK-5            |             |       |            | 20341 | Tài khoản | vcb  |
                        |             |       |            | 20341 |           |      |";
    let report = upload(&test, "kind=beneficiaries", content).await.json(422);
    assert_eq!(
        issues(&report),
        [
            "2 personal_id identifier-length",
            "3 sex code-unknown",
            "3 birth_year number-invalid",
            "4 unit cell-missing",
            "5 unit unit-not-in-force",
            "5 account account-looks-like-a-card",
            "6 account account-missing",
            "7 beneficiary_ref cell-missing",
        ]
    );
    assert_eq!(test.head().await, 0);
}

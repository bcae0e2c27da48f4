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
    who_receives_and_who_is_paid_at_home_stand_in_columns_of_their_own,
    an_authorisation_that_is_on_record_is_not_given_again,
    what_is_wrong_with_an_authorisation_is_told_by_its_column,
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

const HELPED: &str = "
    Mã người hưởng | Họ và tên    | Năm sinh | Mã xã | Hình thức nhận | Người nhận tiền | Lý do nhận tại nhà | Người được ủy quyền | Số CCCD người được ủy quyền | Đã chứng thực | Ủy quyền từ ngày | Ủy quyền đến ngày
    TK-1           | Trần Thị Mai | 1955     | 20341 | Tại nhà        | Bản thân        | Ốm đau             |                     |                             |               |                  |
    TK-2           | Lê Văn Tám   | 1948     | 20341 | Tiền mặt       | Ủy quyền        |                    | Lê Thị Chín         | 049180000456                | Có            | 01/01/2025       | 31/12/2025
    TK-3           | Ngô Văn Ba   | 2010     | 20341 | Tiền mặt       | Giám hộ         |                    | Ngô Thị Tư          |                             |               | 2024-05-02       |";

async fn person(test: &TestApp, reference: &str) -> Value {
    let id = find(test, reference).await["beneficiary_id"].as_str().unwrap().to_owned();
    test.supervisor().get(&format!("/v1/beneficiaries/{id}")).await.json(200)
}

async fn who_receives_and_who_is_paid_at_home_stand_in_columns_of_their_own(test: TestApp) {
    let dry = upload(&test, "kind=beneficiaries&dry_run=true", HELPED).await.json(200);
    assert_eq!((&dry["status"], &dry["errors"]), (&json!("checked"), &json!(0)), "{dry}");
    assert_eq!(test.head().await, 0);
    upload(&test, "kind=beneficiaries", HELPED).await.is(201);
    let mai = person(&test, "TK-1").await;
    assert_eq!(
        (&mai["methods"][0]["channel"], &mai["methods"][0]["home_ground"]),
        (&json!("home_delivery"), &json!("sick"))
    );
    let tam = person(&test, "TK-2").await;
    let given = tam["authorisations"][0].clone();
    for (member, expected) in [
        ("payee", json!("authorised")),
        ("certified", json!(true)),
        ("valid_from", json!("2025-01-01")),
        ("valid_to", json!("2025-12-31")),
    ] {
        assert_eq!(given[member], expected, "{member}");
    }
    assert_eq!(tam["methods"][0]["payee"], "authorised");
    assert_eq!(person(&test, "TK-3").await["authorisations"][0]["payee"], "guardian");
    let export = format!("/v1/beneficiaries/{}/export?purpose=audit", tam["beneficiary_id"].as_str().unwrap());
    let held = test.supervisor().get(&export).await.json(200)["vault"]["authorised"][0].clone();
    assert_eq!((&held["value"], &held["identifier"]), (&json!("Lê Thị Chín"), &json!("049180000456")));
}

async fn an_authorisation_that_is_on_record_is_not_given_again(test: TestApp) {
    upload(&test, "kind=beneficiaries", HELPED).await.is(201);
    test.caught_up().await;
    let again = format!("{HELPED}\n");
    let report =
        upload(&test, "kind=beneficiaries&filename=again.csv", &again.replace("Ngô Văn Ba ", "Ngô  Văn Ba")).await;
    assert_eq!(report.json(201)["unchanged_rows"], 3);
    let head = test.head().await;
    let longer = HELPED.replace("31/12/2025", "30/11/2025");
    let report = upload(&test, "kind=beneficiaries", &longer).await.json(201);
    assert_eq!((&report["recorded_rows"], &report["unchanged_rows"]), (&json!(1), &json!(2)));
    assert_eq!(test.types_after(head).await, ["ImportStarted", "AuthorisationGranted", "ImportCompleted"]);
}

async fn what_is_wrong_with_an_authorisation_is_told_by_its_column(test: TestApp) {
    let content = "
        beneficiary_ref | unit  | channel   | payee      | home_ground | authorised_name | authorised_id | authorised_certified | authorised_from | authorised_to
        TK-1            | 20341 | cash_desk | authorised |             | Lê Thị Chín     |               | no                   | 2025-08-01      | 2026-07-31
        TK-2            | 20341 | cash_desk | authorised |             | Lê Thị Chín     |               | yes                  | 2025-08-01      | 2026-09-30
        TK-3            | 20341 | cash_desk | self       |             | Lê Thị Chín     |               |                      | 2025-01-01      |
        TK-4            | 20341 | cash_desk | guardian   |             |                 | 12            | maybe                |                 |
        TK-5            | 20341 | cash_desk | neighbour  | sick        |                 |               |                      |                 |
        TK-6            | 20341 | home_delivery |        | lazy        |                 |               |                      |                 |
        TK-7            | 20341 | cash_desk | guardian   |             | Lê Thị Chín     | 12            |                      | 2025-01-01      |";
    let report = upload(&test, "kind=beneficiaries&dry_run=true", content).await.json(200);
    assert_eq!(
        issues(&report),
        [
            "2 authorised_certified authorisation-not-certified",
            "3 authorised_to authorisation-too-long",
            "4 payee cell-missing",
            "5 authorised_name cell-missing",
            "5 authorised_certified code-unknown",
            "5 authorised_from cell-missing",
            "6 payee code-unknown",
            "7 home_ground code-unknown",
            "8 authorised_id identifier-length",
        ]
    );
    assert!(!report.to_string().contains("Chín"), "names are masked: {report}");
}

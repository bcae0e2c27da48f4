//! Files of payments.

use super::{PAYMENTS, issues, people, three_payments, upload};
use crate::support::app::TestApp;
use crate::support::files::{csv, ndjson, xlsx};
use crate::support::on_every_engine;
use crate::support::verbs::{HOI_AN, WARD, account_of, by_account, pension};
use chitra::app::access::Role;
use serde_json::{Value, json};

on_every_engine! {
    csv_xlsx_and_ndjson_say_the_same,
    a_dry_run_reports_all_and_records_nothing,
    in_mode_all_one_bad_row_stops_the_file,
    in_mode_valid_rows_the_good_rows_are_recorded,
    the_same_file_twice_has_one_effect,
    the_same_key_with_another_file_is_refused,
    a_file_that_was_refused_can_be_mended_and_sent_with_the_same_key,
    control_count_and_sum_must_agree,
    the_file_comes_back_with_its_errors,
    rows_that_the_log_has_already_are_unchanged,
    accounts_on_file_are_used_and_new_ones_filed_in_the_files_order,
    a_row_of_other_units_is_refused_row_by_row,
    an_import_is_listed_and_read_back,
    an_import_is_reversed_as_far_as_each_payment_allows,
    a_file_in_windows_1258_with_semicolons_and_vietnamese_headers_is_taken,
    months_of_one_person_on_two_benefits_do_not_meet,
}

async fn csv_xlsx_and_ndjson_say_the_same(test: TestApp) {
    people(&test).await;
    let (base, client) = (test.head().await, test.supervisor());
    let mut reports = Vec::new();
    for (name, bytes) in [("a.csv", csv(PAYMENTS)), ("a.xlsx", xlsx(PAYMENTS)), ("a.ndjson", ndjson(PAYMENTS))] {
        let report = client.upload(&format!("kind=payments&dry_run=true&filename={name}"), "-", bytes).await.json(200);
        assert_eq!(
            (&report["status"], &report["rows"], &report["sum"]),
            (&json!("checked"), &json!(3), &json!("14500000")),
            "{report}"
        );
        reports.push(report["issues"].clone());
    }
    assert!(reports.iter().all(|issues| *issues == json!([])), "{reports:?}");
    let report = client.upload("kind=payments&filename=a.xlsx", "k", xlsx(PAYMENTS)).await.is(201);
    assert_eq!(report.header("location"), format!("/v1/imports/{}", report.body["import_id"].as_str().unwrap()));
    assert_eq!(report.body["recorded_sum"], "14500000");
    assert_eq!(
        test.types_after(base).await,
        ["ImportStarted", "PaymentInstructed", "PaymentInstructed", "PaymentInstructed", "ImportCompleted"]
    );
    let list = test.read("/v1/payments").await;
    let amounts: Vec<&Value> = list["payments"].as_array().unwrap().iter().map(|row| &row["amount"]).collect();
    assert_eq!(amounts, ["5000000", "6500000", "3000000"]);
    assert_eq!(list["payments"][2]["channel"], "cash_desk");
}

async fn a_dry_run_reports_all_and_records_nothing(test: TestApp) {
    people(&test).await;
    let head = test.head().await;
    let content = PAYMENTS.replace("6.500.000", "6500000.5");
    let report = upload(&test, "kind=payments&dry_run=true", &content).await.json(200);
    assert_eq!(report["status"], "refused");
    assert_eq!(issues(&report), ["3 amount amount-has-fraction"]);
    let report = upload(&test, "kind=payments&dry_run=true&mode=valid_rows", &content).await.json(200);
    assert_eq!((&report["status"], &report["refused_rows"]), (&json!("checked"), &json!(1)));
    assert_eq!(test.head().await, head);
    assert_eq!(test.supervisor().get("/v1/imports").await.json(200)["imports"], json!([]));
}

async fn in_mode_all_one_bad_row_stops_the_file(test: TestApp) {
    people(&test).await;
    let head = test.head().await;
    let report = upload(&test, "kind=payments", &PAYMENTS.replace("TK-2 ", "TK-9 ")).await.json(422);
    assert_eq!((&report["status"], &report["recorded_rows"]), (&json!("refused"), &json!(0)));
    assert_eq!(issues(&report), ["3 beneficiary_ref beneficiary-unknown"]);
    assert_eq!(report["issues"][0]["found"], "***", "a short reference is not shown at all");
    assert_eq!(test.head().await, head);
}

async fn in_mode_valid_rows_the_good_rows_are_recorded(test: TestApp) {
    people(&test).await;
    let content = PAYMENTS.replace("TK-2 ", "TK-9 ");
    let report = upload(&test, "kind=payments&mode=valid_rows", &content).await.json(201);
    assert_eq!(
        (&report["status"], &report["recorded_rows"], &report["refused_rows"]),
        (&json!("completed"), &json!(2), &json!(1))
    );
    assert_eq!((&report["sum"], &report["recorded_sum"]), (&json!("14500000"), &json!("8000000")));
    assert_eq!(test.read("/v1/payments").await["payments"].as_array().unwrap().len(), 2);
}

async fn the_same_file_twice_has_one_effect(test: TestApp) {
    people(&test).await;
    let first = test.supervisor().upload("kind=payments", "k", csv(PAYMENTS)).await.json(201);
    let head = test.head().await;
    for (key, client) in [("k", test.supervisor()), ("l", test.supervisor()), ("k", test.as_role(Role::Clerk))] {
        let again = client.upload("kind=payments", key, csv(PAYMENTS)).await.is(200);
        assert!(again.replayed());
        assert_eq!(again.body, first);
    }
    assert_eq!(test.head().await, head);
    let as_outcomes = test.supervisor().upload("kind=outcomes", "m", csv(PAYMENTS)).await.is(422);
    assert_eq!(as_outcomes.body["code"], "unknown-column", "another kind is another import: {}", as_outcomes.text());
}

async fn the_same_key_with_another_file_is_refused(test: TestApp) {
    people(&test).await;
    let first = test.supervisor().upload("kind=payments", "k", csv(PAYMENTS)).await.json(201);
    let other = csv(&PAYMENTS.replace("P-", "Q-"));
    let answer = test.supervisor().upload("kind=payments", "k", other).await.refused(422, "idempotency-key-reused");
    assert_eq!(answer.body["first_object"], first["import_id"]);
}

async fn a_file_that_was_refused_can_be_mended_and_sent_with_the_same_key(test: TestApp) {
    people(&test).await;
    test.supervisor().upload("kind=payments", "k", csv(&PAYMENTS.replace("5000000", "5.5"))).await.is(422);
    test.supervisor().upload("kind=payments", "k", csv(PAYMENTS)).await.is(201);
}

async fn control_count_and_sum_must_agree(test: TestApp) {
    people(&test).await;
    let head = test.head().await;
    for (query, code) in [("control_count=4", "control-count-differs"), ("control_sum=14500001", "control-sum-differs")]
    {
        let report = upload(&test, &format!("kind=payments&{query}"), PAYMENTS).await.json(422);
        assert_eq!(issues(&report), [format!("0 - {code}")]);
        let report = upload(&test, &format!("kind=payments&mode=valid_rows&{query}"), PAYMENTS).await.json(422);
        assert_eq!(report["status"], "refused");
    }
    assert_eq!(test.head().await, head);
    upload(&test, "kind=payments&control_count=3&control_sum=14500000", PAYMENTS).await.is(201);
}

async fn the_file_comes_back_with_its_errors(test: TestApp) {
    people(&test).await;
    let bytes = csv(&PAYMENTS.replace("6.500.000", "6.5").replace("03/2025", "13/2025"));
    let answer = test.supervisor().upload("kind=payments&answer=file&dry_run=true", "-", bytes).await.is(200);
    let content = answer.text();
    let lines: Vec<&str> = content.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "payment_reference,beneficiary_ref,benefit_type,cycle,amount,_errors");
    assert_eq!(lines[1], "P-1,TK-1,pension,2025-03,5000000,");
    assert!(
        lines[2].starts_with("P-2,TK-2,pension,2025-03,6.5,\"amount: ")
            || lines[2].starts_with("P-2,TK-2,pension,2025-03,6.5,amount: "),
        "{content}"
    );
    assert!(lines[3].contains("cycle: "), "{content}");
    // The error column is left out of what is read: the mended file goes straight back.
    let mended = content.replace("6.5,", "6500000,").replace("13/2025", "03/2025");
    test.supervisor().upload("kind=payments", "k", mended).await.is(201);
}

async fn rows_that_the_log_has_already_are_unchanged(test: TestApp) {
    three_payments(&test).await;
    let more = format!("{PAYMENTS}\n    P-4 | TK-1 | disability | 2025-03 | 1000000");
    let report = upload(&test, "kind=payments", &more).await.json(201);
    assert_eq!((&report["recorded_rows"], &report["unchanged_rows"]), (&json!(1), &json!(3)));
    let other_amount =
        format!("{}\n    P-5 | TK-2 | disability | 2025-03 | 1000000", PAYMENTS.replace("5000000", "5000001"));
    let report = upload(&test, "kind=payments", &other_amount).await.json(422);
    assert_eq!(issues(&report), ["2 payment_reference payment-reference-taken"]);
}

/// The stream positions' order of the payments' references, each with its account's record.
async fn accounts(test: &TestApp, after: u64) -> Vec<(String, Value)> {
    let events = test.events_after(after).await.into_iter().filter(|event| event.event_type == "PaymentInstructed");
    let read = |data: &[u8]| {
        let data: Value = serde_json::from_slice(data).unwrap();
        (data["reference"].as_str().unwrap().to_owned(), data["account_ref"].clone())
    };
    events.map(|event| read(&event.data)).collect()
}

async fn accounts_on_file_are_used_and_new_ones_filed_in_the_files_order(test: TestApp) {
    people(&test).await;
    let own = account_of("TK-1");
    let file = |name: &str, month: &str| {
        format!(
            "payment_reference | beneficiary_ref | benefit_type | cycle | amount | channel | bank | account
            {name}-1 | TK-1 | pension | {month} | 1 | account | vcb | {own}
            {name}-2 | TK-2 | pension | {month} | 1 | account | vcb | 0099887766
            {name}-3 | TK-3 | pension | {month} | 1 | | |
            {name}-4 | TK-2 | disability | {month} | 1 | account | |
            {name}-4 | TK-1 | disability | {month} | 1 | account | vcb | 0055443322"
        )
    };
    let before = test.head().await;
    let good = |text: &str| text.lines().take(5).collect::<Vec<_>>().join("\n");
    upload(&test, "kind=payments", &good(&file("P", "2025-03"))).await.is(201);
    let first = accounts(&test, before).await;
    let references: Vec<&str> = first.iter().map(|(reference, _)| reference.as_str()).collect();
    assert_eq!(references, ["P-1", "P-2", "P-3", "P-4"]);
    let records: Vec<&Value> = first.iter().map(|(_, record)| record).collect();
    assert!(records[0].is_string() && records[1].is_string() && records[3].is_string(), "{records:?}");
    assert!(records[2].is_null() && records[1] != records[3] && records[0] != records[1], "{records:?}");
    // By now the new account is on file; the last row repeats a reference, and nothing of it is filed.
    let before = test.head().await;
    let report = upload(&test, "kind=payments&mode=valid_rows", &file("Q", "2025-04")).await.json(201);
    assert_eq!((&report["recorded_rows"], &report["refused_rows"]), (&json!(4), &json!(1)), "{report}");
    let second = accounts(&test, before).await;
    let again: Vec<&Value> = second.iter().map(|(_, record)| record).collect();
    assert_eq!(again, records);
}

async fn a_row_of_other_units_is_refused_row_by_row(test: TestApp) {
    people(&test).await;
    test.register(&by_account("HA-1", HOI_AN)).await;
    let clerk = test.with_key(&test.key(Role::Clerk, Some("D502"), None).await);
    let content = format!("{PAYMENTS}\n    P-4 | HA-1 | pension | 2025-03 | 1000000");
    let report = clerk.upload("kind=payments", "k", csv(&content)).await.json(422);
    assert_eq!(issues(&report), ["5 unit out-of-your-units"]);
    let report = clerk.upload("kind=payments&mode=valid_rows", "k", csv(&content)).await.json(201);
    assert_eq!(report["recorded_rows"], 3);
}

async fn an_import_is_listed_and_read_back(test: TestApp) {
    people(&test).await;
    let made = upload(&test, "kind=payments", PAYMENTS).await.json(201);
    let id = made["import_id"].as_str().unwrap();
    let listed = test.as_role(Role::Auditor).get("/v1/imports").await.json(200);
    assert_eq!(listed["imports"][0]["import_id"], id);
    let read = test.as_role(Role::Auditor).get(&format!("/v1/imports/{id}")).await.json(200);
    for member in ["status", "rows", "recorded_rows", "sum", "position", "kind", "mode"] {
        assert_eq!(read[member], made[member], "{member}");
    }
    let other_office = test.with_key(&test.key(Role::Clerk, Some("D503"), None).await);
    assert_eq!(other_office.get("/v1/imports").await.json(200)["imports"], json!([]));
    other_office.get(&format!("/v1/imports/{id}")).await.refused(404, "not-found");
}

async fn an_import_is_reversed_as_far_as_each_payment_allows(test: TestApp) {
    people(&test).await;
    let id = upload(&test, "kind=payments", PAYMENTS).await.json(201)["import_id"].as_str().unwrap().to_owned();
    let first =
        test.read("/v1/payments?payment_reference=P-1").await["payments"][0]["payment_id"].as_str().unwrap().to_owned();
    test.settle(&first, "2025-03-05").await.is(201);
    let path = format!("/v1/imports/{id}/reverse");
    test.as_role(Role::Clerk)
        .post(&path, "k", &json!({"reason": "wrong month"}))
        .await
        .refused(403, "role-not-allowed");
    let reversed = test.supervisor().post(&path, "k", &json!({"reason": "wrong month"})).await.json(200);
    assert_eq!(
        (&reversed["status"], &reversed["cancelled_payments"], &reversed["kept_payments"]),
        (&json!("reversed"), &json!(2), &json!(1))
    );
    assert_eq!(test.read("/v1/payments?status=cancelled").await["payments"].as_array().unwrap().len(), 2);
    let head = test.head().await;
    test.supervisor().post(&path, "l", &json!({"reason": "again"})).await.is(200);
    assert_eq!(test.head().await, head, "reversing twice changes nothing");
    // What was cancelled can be ordered again.
    test.instruct(&pension("N-2", "TK-2")).await;
}

/// Text as a program of the time of Windows-1258 saves it: letters with their marks, tones apart.
fn windows_1258(text: &str) -> Vec<u8> {
    use unicode_normalization::UnicodeNormalization;
    let is_tone = |c: &char| matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}');
    let mut apart = String::new();
    for letter in text.nfc() {
        let parts: Vec<char> = std::iter::once(letter).nfd().collect();
        apart.extend(parts.iter().filter(|c| !is_tone(c)).copied().nfc());
        apart.extend(parts.iter().filter(|c| is_tone(c)));
    }
    let (bytes, _, unmappable) = encoding_rs::WINDOWS_1258.encode(&apart);
    assert!(!unmappable, "{text}");
    bytes.into_owned()
}

async fn a_file_in_windows_1258_with_semicolons_and_vietnamese_headers_is_taken(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    let content = "Mã chi trả;Mã người hưởng;Chế độ;Kỳ chi trả;Số tiền;Ngày chi trả\nP-1;TK-1;Lương hưu;03/2025;5.000.000;05/03/2025\n";
    let old = windows_1258(content);
    assert!(std::str::from_utf8(&old).is_err(), "it is no UTF-8");
    let decomposed: String = unicode_normalization::UnicodeNormalization::nfd(content).collect();
    for bytes in [[b"\xef\xbb\xbf", content.as_bytes()].concat(), decomposed.into_bytes()] {
        let report = test.supervisor().upload("kind=payments&dry_run=true", "-", bytes).await.json(200);
        assert_eq!((&report["status"], &report["issues"]), (&json!("checked"), &json!([])));
    }
    let report = test.supervisor().upload("kind=payments", "k", old).await.json(201);
    assert_eq!((&report["recorded_rows"], &report["sum"]), (&json!(1), &json!("5000000")));
    let payment = &test.read("/v1/payments").await["payments"][0];
    assert_eq!((&payment["due_on"], &payment["benefit_type"]), (&json!("2025-03-05"), &json!("pension")));
}

async fn months_of_one_person_on_two_benefits_do_not_meet(test: TestApp) {
    people(&test).await;
    let content = format!("{PAYMENTS}\n    P-4 | TK-1 | social_pension | 2025-03 | 500000");
    upload(&test, "kind=payments", &content).await.is(201);
}

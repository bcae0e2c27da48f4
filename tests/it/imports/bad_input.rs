//! What offices send by mistake: each gets a clear refusal that names row and column, and nothing is recorded.

use super::{PAYMENTS, issues, people, three_payments, upload};
use crate::support::app::TestApp;
use crate::support::client::send;
use crate::support::files::{csv, endless_line, order, source};
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, by_account};
use chitra::app::access::Role;
use chitra::app::error::AppError;
use chitra::domain::import::{ImportKind, ImportMode};
use chitra::files::Format;
use serde_json::json;
use std::io::{Cursor, Write};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

on_every_engine! {
    an_empty_file_is_refused,
    a_header_without_rows_is_refused,
    a_wrong_header_is_refused_by_name,
    each_bad_cell_is_named_with_row_column_and_both_languages,
    an_amount_with_two_readings_is_not_guessed,
    a_unit_closed_before_the_due_date_is_refused,
    a_month_twice_in_a_file_is_refused_and_its_first_row_named,
    a_month_that_the_log_has_is_refused_and_its_payment_named,
    a_card_number_as_account_is_refused,
    a_number_that_a_spreadsheet_spoilt_is_refused,
    a_line_of_two_gigabytes_is_refused,
    an_upload_of_fifty_megabytes_without_a_line_end_is_refused,
    a_zip_bomb_is_refused,
    bytes_that_are_no_table_are_refused,
    an_upload_without_its_kind_is_refused,
    a_file_inside_a_form_is_refused_and_told_how_to_come,
}

const HEADER: &str =
    "payment_reference | beneficiary_ref | benefit_type | cycle | amount | unit | channel | bank | account | due_on";

/// One row under the header.
fn one(row: &str) -> String {
    format!("{HEADER}\n{row}")
}

/// The file is refused as a whole; nothing is recorded.
async fn refused_whole(test: &TestApp, bytes: Vec<u8>, code: &str) -> String {
    let head = test.head().await;
    let answer = test.supervisor().upload("kind=payments", &test.fresh(), bytes).await.refused(422, code);
    assert_eq!(test.head().await, head);
    answer.body["detail"].as_str().unwrap().to_owned()
}

/// A row is refused; nothing is recorded.
async fn refused_row(test: &TestApp, content: &str) -> Vec<String> {
    let head = test.head().await;
    let report = upload(test, "kind=payments", content).await.json(422);
    assert_eq!((test.head().await, &report["status"]), (head, &json!("refused")));
    issues(&report)
}

async fn an_empty_file_is_refused(test: TestApp) {
    refused_whole(&test, Vec::new(), "file-empty").await;
    refused_whole(&test, b"\xef\xbb\xbf\r\n\r\n".to_vec(), "file-empty").await;
}

async fn a_header_without_rows_is_refused(test: TestApp) {
    refused_whole(&test, csv(HEADER), "file-has-no-rows").await;
}

async fn a_wrong_header_is_refused_by_name(test: TestApp) {
    let detail = refused_whole(&test, csv(&PAYMENTS.replace("benefit_type", "benefit_tipe")), "unknown-column").await;
    assert!(detail.contains("benefit_tipe"), "{detail}");
    let detail = refused_whole(
        &test,
        csv("payment_reference | beneficiary_ref | cycle | amount\n P-1 | TK-1 | 2025-03 | 1"),
        "missing-column",
    )
    .await;
    assert!(detail.contains("benefit_type"), "{detail}");
    refused_whole(&test, csv(&PAYMENTS.replace("cycle  ", "amount")), "repeated-column").await;
}

async fn each_bad_cell_is_named_with_row_column_and_both_languages(test: TestApp) {
    people(&test).await;
    let content = format!(
        "{HEADER}
        P 1 | TK-1 | pension | 2025-03 | 5000000 | | | | |
        P-2 | TK-2 | gift | 2025-03 | 5000000 | | | | |
        P-3 | TK-3 | pension | March | 0.5 | 99999 | pigeon | | |
        P-4 | | pension | 2025-03 | 5000000 | | | | | 03/15/2025
        P-5 | TK-1 | pension | 2025-03 | 5000000 | 99999 | | nobank | |"
    );
    assert_eq!(
        refused_row(&test, &content).await,
        [
            "2 payment_reference payment-reference-invalid",
            "3 benefit_type code-unknown",
            "4 cycle month-invalid",
            "4 amount amount-has-fraction",
            "4 channel code-unknown",
            "5 beneficiary_ref cell-missing",
            "5 due_on date-month-first",
            "6 bank code-unknown",
            "6 unit unit-unknown",
        ]
    );
}

async fn an_amount_with_two_readings_is_not_guessed(test: TestApp) {
    people(&test).await;
    for (amount, code) in [
        ("1.234", "amount-ambiguous"),
        ("5.5", "amount-has-fraction"),
        ("-5", "amount-negative"),
        ("five", "amount-invalid"),
    ] {
        let content = one(&format!("P-1 | TK-1 | pension | 2025-03 | {amount} | | | | |"));
        assert_eq!(refused_row(&test, &content).await, [format!("2 amount {code}")], "{amount}");
    }
    let content = one("P-1 | TK-1 | pension | 2025-03 | 0 | | | | |");
    assert_eq!(refused_row(&test, &content).await, ["2 amount amount-not-positive"]);
}

async fn a_unit_closed_before_the_due_date_is_refused(test: TestApp) {
    people(&test).await;
    let content = one("P-1 | TK-1 | pension | 2025-03 | 5000000 | 20338 | | | |");
    let report = upload(&test, "kind=payments", &content).await.json(422);
    assert_eq!(issues(&report), ["2 unit unit-not-in-force"]);
    let issue = &report["issues"][0];
    assert_eq!(issue["found"], "20338");
    assert!(issue["message"].as_str().unwrap().contains("C20347@20250101"), "{issue}");
    let report = upload(&test, "kind=payments", &one("P-1 | TK-1 | pension | 2024-12 | 5000000 | 20338 | | | |")).await;
    assert_eq!(report.json(201)["recorded_rows"], 1);
}

async fn a_month_twice_in_a_file_is_refused_and_its_first_row_named(test: TestApp) {
    people(&test).await;
    let content = format!("{PAYMENTS}\n    P-4 | TK-1 | pension | 2025-03 | 5000000");
    let report = upload(&test, "kind=payments", &content).await.json(422);
    assert_eq!(issues(&report), ["5 benefit_months duplicate-benefit-month"]);
    assert!(report["issues"][0]["message"].as_str().unwrap().contains("Row 2"));
    let content = format!("{PAYMENTS}\n    P-1 | TK-1 | disability | 2025-03 | 5000000");
    assert_eq!(refused_row(&test, &content).await, ["5 payment_reference repeated-in-file"]);
    let report = upload(&test, "kind=payments&mode=valid_rows", &content).await.json(201);
    assert_eq!((&report["recorded_rows"], &report["refused_rows"]), (&json!(3), &json!(1)));
}

async fn a_month_that_the_log_has_is_refused_and_its_payment_named(test: TestApp) {
    three_payments(&test).await;
    let first =
        test.read("/v1/payments?payment_reference=P-1").await["payments"][0]["payment_id"].as_str().unwrap().to_owned();
    let content = one("Q-1 | TK-1 | pension | 2025-03 | 5000000 | | | | |");
    let report = upload(&test, "kind=payments", &content).await.json(422);
    assert_eq!(issues(&report), ["2 benefit_months duplicate-benefit-month"]);
    assert!(report["issues"][0]["message"].as_str().unwrap().contains(&first));
}

async fn a_card_number_as_account_is_refused(test: TestApp) {
    people(&test).await;
    let content = one("P-1 | TK-1 | pension | 2025-03 | 5000000 | | account | vcb | 9704361234567890 |");
    let report = upload(&test, "kind=payments", &content).await.json(422);
    assert_eq!(issues(&report), ["2 account account-looks-like-a-card"]);
    assert_eq!(report["issues"][0]["found"], "***7890");
}

async fn a_number_that_a_spreadsheet_spoilt_is_refused(test: TestApp) {
    people(&test).await;
    let content = one("P-1 | TK-1 | pension | 2025-03 | 5000000 | | account | vcb | 1.23E+12 |");
    assert_eq!(refused_row(&test, &content).await, ["2 account account-spreadsheet-number"]);
    let content = one("P-1 | TK-1 | pension | 2025-03 | 1.23E+12 | | | | |");
    let found = refused_row(&test, &content).await;
    assert!(found[0].starts_with("2 amount "), "{found:?}");
    let content = "personal_id | unit\n 1.23E+12 | 20341";
    let report = upload(&test, "kind=beneficiaries", content).await.json(422);
    assert_eq!(report["issues"][0]["column"], "personal_id");
    assert_eq!((&report["issues"][0]["row"], &report["issues"][0]["found"]), (&json!(2), &json!("***E+12")));
}

async fn a_line_of_two_gigabytes_is_refused(test: TestApp) {
    let header = b"payment_reference,beneficiary_ref,benefit_type,cycle,amount\n";
    let file = endless_line(header, 2 << 30);
    let error = test.app.import(&order(ImportKind::Payments, ImportMode::All), &file, &|_| {}).await.unwrap_err();
    let AppError::File { code, message, message_vi } = error else { panic!("{error}") };
    assert_eq!(code, "row-too-long");
    assert!(
        message.contains("Row 2") && message.contains("column 1") && message_vi.contains("Dòng 2"),
        "{message} {message_vi}"
    );
    assert_eq!(test.head().await, 0);
}

async fn an_upload_of_fifty_megabytes_without_a_line_end_is_refused(test: TestApp) {
    let piece = bytes_of_sevens();
    let pieces = (0..50).map(move |_| Ok::<_, std::io::Error>(piece.clone()));
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    let answer = test.supervisor().upload("kind=payments", "k", body).await.refused(422, "row-too-long");
    assert!(answer.body["detail"].as_str().unwrap().contains("Row 1"), "{}", answer.text());
    assert_eq!(test.head().await, 0);
}

fn bytes_of_sevens() -> Vec<u8> {
    vec![b'7'; 1 << 20]
}

async fn a_zip_bomb_is_refused(test: TestApp) {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for name in ["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(b"<a/>").unwrap();
    }
    zip.start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default()).unwrap();
    let spaces = vec![b' '; 1 << 20];
    for _ in 0..200 {
        zip.write_all(&spaces).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    assert!(bytes.len() < 1 << 20);
    refused_whole(&test, bytes, "workbook-refused").await;
}

async fn bytes_that_are_no_table_are_refused(test: TestApp) {
    refused_whole(&test, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "file-not-text").await;
    refused_whole(&test, b"PK\x03\x04 not a workbook".to_vec(), "file-not-readable").await;
    let random = source(vec![0xff; 4096], Format::Xlsx);
    let error = test.app.import(&order(ImportKind::Payments, ImportMode::All), &random, &|_| {}).await.unwrap_err();
    assert!(matches!(error, AppError::File { .. }), "{error}");
}

async fn an_upload_without_its_kind_is_refused(test: TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    let answer =
        test.supervisor().upload("mode=some&colour=red", "k", csv(PAYMENTS)).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/colour unknown-parameter", "/kind missing", "/mode invalid-value"]);
}

async fn a_file_inside_a_form_is_refused_and_told_how_to_come(test: TestApp) {
    let head = test.head().await;
    for content_type in ["multipart/form-data; boundary=x", " Multipart/Form-Data"] {
        let body = format!("--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n{PAYMENTS}\r\n--x--\r\n");
        let request = reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .post(format!("http://{}/v1/imports?kind=payments", test.address()));
        let request = request
            .header("authorization", format!("Bearer {}", test.key(Role::Supervisor, None, None).await))
            .header("idempotency-key", test.fresh())
            .header("content-type", content_type);
        let answer = send(request.body(body)).await.refused(400, "file-in-a-form");
        assert!(answer.body["detail"].as_str().unwrap().contains("--data-binary"));
    }
    assert!(!test.types_after(head).await.iter().any(|kind| kind.starts_with("Import") || kind.starts_with("Payment")));
}

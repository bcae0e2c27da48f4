//! Office files into the log, over HTTP and as the command line does it. Each test's name is a sentence of the specification.

mod bad_input;
mod beneficiaries;
mod outcomes;
mod payments;
mod planted;
mod published;
mod resume;

use crate::support::app::TestApp;
use crate::support::client::Answer;
use crate::support::files::csv;
use crate::support::verbs::{COMMUNE, WARD, by_account, in_cash};
use chitra::app::imports::{ImportAnswer, ImportOrder, ImportReport, Source};
use serde_json::Value;

/// Two people with accounts and one paid in cash.
async fn people(test: &TestApp) {
    test.register(&by_account("TK-1", WARD)).await;
    test.register(&by_account("TK-2", WARD)).await;
    test.register(&in_cash("TK-3", COMMUNE)).await;
}

/// Three good payments.
const PAYMENTS: &str = "
    payment_reference | beneficiary_ref | benefit_type | cycle   | amount
    P-1               | TK-1            | pension      | 2025-03 | 5000000
    P-2               | TK-2            | pension      | 2025-03 | 6.500.000
    P-3               | TK-3            | Lương hưu    | 03/2025 | 3000000";

/// Uploads a CSV of a kind under a fresh key.
async fn upload(test: &TestApp, query: &str, text: &str) -> Answer {
    test.supervisor().upload(query, &test.fresh(), csv(text)).await
}

/// Imports three people and their payments.
async fn three_payments(test: &TestApp) {
    people(test).await;
    upload(test, "kind=payments", PAYMENTS).await.is(201);
}

/// `3 amount amount-has-fraction`: row, column and code of each issue.
fn issues(report: &Value) -> Vec<String> {
    let issues = report["issues"].as_array().unwrap();
    let one = |issue: &Value| {
        for language in ["message", "message_vi"] {
            assert!(issue[language].as_str().is_some_and(|text| !text.is_empty()), "{issue}");
        }
        format!("{} {} {}", issue["row"], issue["column"].as_str().unwrap_or("-"), issue["code"].as_str().unwrap())
    };
    issues.iter().map(one).collect()
}

/// Imports as the command line does.
async fn import(test: &TestApp, order: &ImportOrder, source: &Source) -> ImportReport {
    match test.app.import(order, source, &|_| {}).await.unwrap() {
        ImportAnswer::Report(report) => *report,
        ImportAnswer::Replayed(id, _) => panic!("the file was imported before: {id}"),
    }
}

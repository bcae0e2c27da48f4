//! Endpoints that are told of payments: registered over HTTP, and told by the process that sends.

mod commands;
mod recoveries;
mod registry;
mod sending;
mod servers;
mod waiting;
mod whatever;

use crate::support::app::TestApp;
use crate::support::verbs::{WARD, rejected, returned};
use serde_json::json;

/// Four payments: one settled, one settled and returned, one rejected and reissued, one held. Their types of messages in order.
async fn month(test: &TestApp) -> Vec<&'static str> {
    let settled = test.pension_of("QN-1", WARD).await;
    test.settle(&settled, "2025-03-05").await.is(201);
    let back = test.pension_of("QN-2", WARD).await;
    test.settle(&back, "2025-03-05").await.is(201);
    test.deed(&back, "return", &returned("2025-03-10")).await.is(201);
    let refused = test.pension_of("QN-3", WARD).await;
    test.deed(&refused, "reject", &rejected()).await.is(201);
    let again = json!({"channel": "cash_desk", "reason": "wrong account"});
    test.deed(&refused, "reissue", &again).await.is(201);
    let held = test.pension_of("QN-4", WARD).await;
    test.deed(&held, "hold", &json!({"cause": "to be asked"})).await.is(201);
    vec![
        "payment.instructed",
        "payment.settled",
        "payment.instructed",
        "payment.settled",
        "payment.returned",
        "payment.instructed",
        "payment.rejected",
        "payment.reissued",
        "payment.instructed",
        "payment.held",
    ]
}

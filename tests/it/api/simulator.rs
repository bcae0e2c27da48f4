//! A bank that misbehaves: late, lost, twice, out of order, contradictory, forged. In the end the record says what its books say.

use crate::support::app::TestApp;
use crate::support::banks::{call, pair, token};
use crate::support::on_every_durable_engine;
use crate::support::verbs::WARD;
use chitra::banks::simulator::{Faults, Ordered, plan, sign};
use chitra::clock::Clock;
use std::collections::BTreeMap;

on_every_durable_engine! {
    a_bank_that_misbehaves_ends_with_the_record_saying_what_its_books_say,
}

async fn a_bank_that_misbehaves_ends_with_the_record_saying_what_its_books_say(test: TestApp) {
    test.register_bank("vcb").await;
    let (mut orders, mut payments) = (Vec::new(), BTreeMap::new());
    for number in 0..60 {
        let payment = test.pension_of(&format!("TK-{number}"), WARD).await;
        let end_to_end_id = test.end_to_end_id(&payment).await;
        orders.push(Ordered { end_to_end_id: end_to_end_id.clone(), amount: "5000000".to_owned() });
        payments.insert(end_to_end_id, payment);
    }
    let faults = Faults { rejected: 15, returned: 15, partial: 10, silent: 10, slow: 0, ..Faults::some() };
    let plan = plan(&orders, (7, &faults, jiff::civil::date(2025, 3, 4)));
    for sending in &plan.sendings {
        let body = sending.body.as_bytes();
        if sending.forged {
            let now = test.clock.now().as_second();
            let forged = sign(&pair("bidv"), "vcb-1", (now, body));
            call(&test, "vcb", (&forged, body)).await.refused(401, "signature-wrong");
        }
        call(&test, "vcb", (&token(&test, "vcb", body), body)).await.is(202);
    }
    for (id, end) in &plan.books {
        let read = test.payment(&payments[id]).await;
        let at = read["status"].as_str().unwrap();
        assert_eq!(at, *end, "{id}");
        let out = read["timeline"].as_array().unwrap().iter();
        let settled = out.filter(|event| event["type"].as_str().unwrap().starts_with("PaymentSettled")).count();
        assert!(settled <= 1, "{id} settled {settled} times");
    }
    let ends: std::collections::BTreeSet<_> = plan.books.values().collect();
    assert!(ends.len() >= 4, "{ends:?}");
    let verified = test.app.verify(&|_, _| {}).await.unwrap();
    assert!(verified.findings.is_empty(), "{:?}", verified.findings);
}

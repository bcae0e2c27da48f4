//! Payments that are looked at together: those of which something may have to be written are told from those that are as they should be.

use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, by_account, pension, returned};
use chitra::domain::ids::PaymentId;
use serde_json::json;
use std::collections::HashSet;
use uuid::Uuid;

on_every_engine! {
    of_many_payments_those_that_are_out_beyond_what_is_owed_are_found,
}

async fn of_many_payments_those_that_are_out_beyond_what_is_owed_are_found(test: TestApp) {
    let mut payments = Vec::new();
    let mut people = Vec::new();
    for person in ["SETTLED", "RETURNED", "OPEN", "DEAD-OPEN", "DEAD-PAID"] {
        people.push(test.register(&by_account(person, WARD)).await);
        payments.push(test.instruct(&pension(&format!("P-{person}"), person)).await);
    }
    for paid in [0, 1, 4] {
        test.settle(&payments[paid], "2025-03-05").await.is(201);
    }
    test.deed(&payments[1], "return", &returned("2025-03-07")).await.is(201);
    for dead in [3, 4] {
        let path = format!("/v1/beneficiaries/{}/death", people[dead]);
        let body = json!({"died_on": "2025-02-27", "source": "family"});
        test.supervisor().post(&path, &test.fresh(), &body).await.is(201);
    }
    let recoveries = test.read("/v1/recoveries").await;
    assert_eq!(recoveries["recoveries"].as_array().unwrap().len(), 1);
    assert_eq!(test.payment(&payments[3]).await["held"], true, "all was done that follows by itself");
    let mut asked: Vec<PaymentId> = payments.iter().map(|id| PaymentId::parse(id).unwrap()).collect();
    let paid_after_death = asked[4];
    asked.push(PaymentId::from_uuid(Uuid::nil()));
    let found = test.app.to_be_reconciled(&asked).await.unwrap();
    assert_eq!(found, HashSet::from([paid_after_death]));
    assert!(test.app.to_be_reconciled(&[]).await.unwrap().is_empty());
}

//! What endpoints are told of money that is out beyond what is owed.

use crate::support::app::TestApp;
use crate::support::contract::problems;
use crate::support::on_every_durable_engine;
use crate::support::verbs::WARD;
use crate::support::webhooks::{Receiver, sending};
use serde_json::{Value, json};

on_every_durable_engine!(a_recovery_is_told_to_its_unit_and_to_no_bank);

async fn a_recovery_is_told_to_its_unit_and_to_no_bank(test: TestApp) {
    let receivers = [Receiver::new().await, Receiver::new().await, Receiver::new().await];
    let types =
        json!(["recovery.found", "recovery.demanded", "recovery.received", "recovery.written_off", "recovery.lapsed"]);
    for (receiver, scope) in
        receivers.iter().zip([json!({"unit": "D502"}), json!({"unit": "D503"}), json!({"bank": "vcb"})])
    {
        let mut settings = json!({"url": receiver.url, "types": types});
        settings.as_object_mut().unwrap().extend(scope.as_object().unwrap().clone());
        test.webhook(&settings).await;
    }
    let payment = test.pension_of("QN-1", WARD).await;
    test.settle(&payment, "2025-03-05").await.is(201);
    let found = json!({"payment_id": payment, "ground": "not_entitled"});
    let found = test.supervisor().post("/v1/recoveries", &test.fresh(), &found).await.json(201);
    let path = |deed: &str| format!("/v1/recoveries/{}/{deed}", found["recovery_id"].as_str().unwrap());
    let letter = json!({"reference": "LETTER-1", "due_on": "2025-04-30"});
    test.supervisor().post(&path("demand"), &test.fresh(), &letter).await.is(201);
    let part =
        json!({"amount": "2000000", "received_on": "2025-03-28", "evidence": {"kind": "receipt", "reference": "R-1"}});
    test.supervisor().post(&path("receive"), &test.fresh(), &part).await.is(201);
    test.supervisor().post(&path("write-off"), &test.fresh(), &json!({"reason": "an old debt"})).await.is(201);
    let sending = sending(&test.app);
    let seen = receivers[0].wait_for(4).await;
    let kinds: Vec<_> = seen.iter().map(|one| one.kind().to_owned()).collect();
    assert_eq!(kinds, ["recovery.found", "recovery.demanded", "recovery.received", "recovery.written_off"]);
    let document: Value = serde_json::from_str(&chitra::openapi::text(&test.app.profile)).unwrap();
    for one in &seen {
        let post = &document["webhooks"][one.kind()]["post"];
        let schema = &post["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(problems(schema, &one.body, ""), Vec::<String>::new());
        assert!(!String::from_utf8_lossy(&one.raw).contains("an old debt"));
    }
    let received = &seen[2].body["data"];
    assert_eq!((&received["received"], &received["outstanding"]), (&json!("2000000"), &json!("3000000")));
    assert_eq!(received["details"]["amount"], "2000000");
    assert_eq!(seen[3].body["data"]["status"], "written_off");
    assert!(receivers[1].seen().is_empty() && receivers[2].seen().is_empty());
    sending.stop().await;
}

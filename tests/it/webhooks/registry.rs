//! Webhooks over HTTP: who may register what, each refusal, and repeats of requests.

use crate::support::app::TestApp;
use crate::support::on_every_durable_engine;
use crate::support::webhooks::{Takes, here};
use chitra::app::access::Role;
use chitra::app::webhooks::deliverer::Deliverer;
use chitra::domain::claims::WEBHOOK_PLACE;
use chitra::domain::webhook::PLACES;
use serde_json::{Value, json};
use std::sync::Arc;

on_every_durable_engine!(
    a_webhook_is_registered_read_changed_and_removed,
    a_secret_is_shown_once_and_kept_nowhere_in_clear,
    the_same_key_answers_again_and_other_inputs_are_refused,
    each_wrong_field_is_told,
    who_may_not_is_refused_and_what_is_out_of_reach_is_not_there,
    a_log_has_so_many_webhooks_and_no_more,
    a_registry_holds_in_verify_and_a_removed_one_frees_its_place,
);

const URL: &str = "https://listener.example/chitra";

fn id(entry: &Value) -> &str {
    entry["webhook_id"].as_str().unwrap()
}

async fn a_webhook_is_registered_read_changed_and_removed(test: TestApp) {
    let settings = json!({"url": URL, "types": ["payment.settled", "payment.returned", "payment.settled"], "unit": "502",
        "description": "Accounting"});
    let answer = test.supervisor().post("/v1/webhooks", "add-1", &settings).await.is(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("location"), format!("/v1/webhooks/{}", id(&answer.body)));
    let entry = answer.body;
    assert_eq!(entry["types"], json!(["payment.returned", "payment.settled"]));
    assert_eq!((&entry["unit"], &entry["status"], &entry["bank"]), (&json!("D502"), &json!("active"), &Value::Null));
    let read = test.supervisor().get(&format!("/v1/webhooks/{}", id(&entry))).await.is(200);
    assert_eq!(read.header("etag"), "\"0\"");
    assert_eq!((&read.body["told_position"], &read.body["pending"]), (&Value::Null, &json!(0)));
    assert!(read.body.get("secret").is_none());
    let changed = test.webhook_deed(&entry, "change", &json!({"url": "https://other.example/"})).await.json(201);
    assert_eq!(
        (&changed["url"], &changed["types"], &changed["unit"]),
        (&json!("https://other.example/"), &json!([]), &Value::Null)
    );
    let same = test.webhook_deed(&entry, "change", &json!({"url": "https://other.example/"})).await.json(200);
    assert_eq!(same["changed"], false);
    let disabled = test.webhook_deed(&entry, "disable", &json!({})).await.json(201);
    assert_eq!((&disabled["status"], &disabled["disabled_cause"]), (&json!("disabled"), &json!("asked")));
    let stale = format!("/v1/webhooks/{}/enable", id(&entry));
    test.supervisor().post_if_match(&stale, ("enable-1", "\"0\""), &json!({})).await.refused(412, "revision-moved");
    test.webhook_deed(&entry, "enable", &json!({})).await.is(201);
    let removed = test.webhook_deed(&entry, "remove", &json!({})).await.json(201);
    assert_eq!(removed["status"], "removed");
    assert_eq!(test.supervisor().get("/v1/webhooks").await.json(200), json!({"webhooks": []}));
    for (deed, body) in [
        ("change", json!({"url": URL})),
        ("rotate-secret", json!({})),
        ("disable", json!({})),
        ("enable", json!({})),
        ("ping", json!({})),
        ("replay", json!({"from_position": 1})),
    ] {
        test.webhook_deed(&entry, deed, &body).await.refused(409, "webhook-removed");
    }
    let gone = json!({"webhook_id": "01900000-0000-7000-8000-000000000000"});
    test.webhook_deed(&gone, "ping", &json!({})).await.refused(404, "not-found");
}

async fn a_secret_is_shown_once_and_kept_nowhere_in_clear(test: TestApp) {
    test.app.webhooks.configure(here());
    let settings = json!({"url": URL});
    let first = test.supervisor().post("/v1/webhooks", "add-1", &settings).await.json(201);
    let secret = first["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() == 50);
    let again = test.supervisor().post("/v1/webhooks", "add-1", &settings).await;
    assert!(again.replayed());
    assert_eq!(again.body, first);
    // Whoever did not get the answer had time to ask again.
    test.seconds_pass(15 * 60 + 1);
    let late = test.supervisor().post("/v1/webhooks", "add-1", &settings).await;
    assert!(late.replayed() && late.body.get("secret").is_none());
    let rotated = test.webhook_deed(&first, "rotate-secret", &json!({})).await.json(201);
    assert_ne!(rotated["secret"], first["secret"]);
    let other = rotated["secret"].as_str().unwrap();
    for event in test.events_after(0).await {
        let text = [String::from_utf8_lossy(&event.data), String::from_utf8_lossy(&event.metadata)].concat();
        assert!(!text.contains(&secret[6..]) && !text.contains(&other[6..]), "{}", event.event_type);
    }
    let records = test.app.registry.vault_records_of(id(&first).parse().unwrap()).await.unwrap();
    assert_eq!(records.len(), 2);
    for record in records {
        let bytes = &secret.as_bytes()[6..];
        assert!(!record.ciphertext.windows(bytes.len()).any(|part| part == bytes));
    }
}

async fn the_same_key_answers_again_and_other_inputs_are_refused(test: TestApp) {
    let entry = test.webhook(&json!({"url": URL})).await;
    let path = |deed: &str| format!("/v1/webhooks/{}/{deed}", id(&entry));
    for (deed, body, other) in [
        ("change", json!({"url": "https://a.example/"}), json!({"url": "https://b.example/"})),
        ("ping", json!({}), json!({"more": 1})),
        ("replay", json!({"from_position": 1}), json!({"from_position": 2})),
        ("rotate-secret", json!({"former_hours": 1}), json!({"former_hours": 2})),
    ] {
        let first = test.supervisor().post(&path(deed), deed, &body).await.is(201);
        let again = test.supervisor().post(&path(deed), deed, &body).await;
        assert!(again.replayed(), "{deed}");
        assert_eq!(again.body, first.body, "{deed}");
        let reused = test.supervisor().post(&path(deed), deed, &other).await;
        let code = if deed == "ping" { "invalid-input" } else { "idempotency-key-reused" };
        reused.refused(422, code);
        test.supervisor().post_without_key(&path(deed), &body).await.refused(400, "idempotency-key-missing");
    }
    test.supervisor().post("/v1/webhooks", "add", &json!({"url": URL})).await.is(201);
    let other = json!({"url": "https://other.example/"});
    test.supervisor().post("/v1/webhooks", "add", &other).await.refused(422, "idempotency-key-reused");
    let pings = test.types_after(0).await.into_iter().filter(|kind| kind == "WebhookPinged").count();
    assert_eq!(pings, 1);
}

async fn each_wrong_field_is_told(test: TestApp) {
    test.app.webhooks.configure(here());
    let refused = async |body: Value| {
        let answer = test.supervisor().post("/v1/webhooks", &test.fresh(), &body).await;
        answer.refused(422, "invalid-input").errors()
    };
    assert_eq!(refused(json!({})).await, ["/url missing"]);
    let at = |scheme: &str, rest: &str| {
        let url = [scheme, "", rest].join("/");
        json!({"url": url})
    };
    assert_eq!(refused(at("https:", "user:pass@a.example/")).await, ["/url webhook-url-invalid"]);
    assert_eq!(refused(at("http:", "203.0.114.1/")).await, ["/url webhook-url-plain"]);
    assert_eq!(refused(at("https:", "169.254.169.254/latest")).await, ["/url webhook-url-private"]);
    assert_eq!(refused(at("https:", "[fd00::1]/")).await, ["/url webhook-url-private"]);
    let wrong = json!({"url": URL, "types": ["payment.paid"], "unit": "no-such", "bank": "no-such",
        "description": "for 049155012345", "secret": "mine"});
    let expected = [
        "/bank invalid-value",
        "/description text-has-a-number",
        "/secret unknown-field",
        "/types invalid-value",
        "/unit code-unknown",
    ];
    assert_eq!(refused(wrong).await, expected);
    let entry = test.webhook(&json!({"url": URL})).await;
    for (deed, body, error) in [
        ("rotate-secret", json!({"former_hours": 721}), "/former_hours invalid-value"),
        ("replay", json!({}), "/from_position missing"),
        ("replay", json!({"from_position": 0}), "/from_position invalid-value"),
        ("resend", json!({"position": "1"}), "/position invalid-value"),
        ("change", json!({"url": "http://203.0.114.1/"}), "/url webhook-url-plain"),
    ] {
        assert_eq!(test.webhook_deed(&entry, deed, &body).await.refused(422, "invalid-input").errors(), [error]);
    }
    let path = format!("/v1/webhooks/{}/deliveries?status=lost&cursor=9&limit=0", id(&entry));
    let errors = test.supervisor().get(&path).await.refused(422, "invalid-input").errors();
    assert_eq!(errors, ["/cursor invalid-value", "/limit invalid-value", "/status invalid-value"]);
}

async fn who_may_not_is_refused_and_what_is_out_of_reach_is_not_there(test: TestApp) {
    test.app.webhooks.configure(here());
    let settings = json!({"url": URL});
    test.nobody().post("/v1/webhooks", "n", &settings).await.refused(401, "unauthenticated");
    for role in [Role::Clerk, Role::Analyst, Role::Auditor] {
        test.as_role(role).post("/v1/webhooks", "r", &settings).await.refused(403, "role-not-allowed");
    }
    let everybodys = test.webhook(&settings).await;
    let of_unit = test.with_key(&test.key(Role::Supervisor, Some("D502"), None).await);
    let own = of_unit.post("/v1/webhooks", "u", &settings).await.json(201);
    assert_eq!(own["unit"], "D502");
    let elsewhere = json!({"url": URL, "unit": "D503"});
    of_unit.post("/v1/webhooks", "e", &elsewhere).await.refused(403, "out-of-your-units");
    let of_bank = test.as_role(Role::Bank);
    let banks = of_bank.post("/v1/webhooks", "b", &settings).await.json(201);
    assert_eq!(banks["bank"], "vcb");
    let others = json!({"url": URL, "bank": "bidv"});
    of_bank.post("/v1/webhooks", "o", &others).await.refused(403, "out-of-your-units");
    let path = |entry: &Value, rest: &str| format!("/v1/webhooks/{}{rest}", id(entry));
    for (client, theirs) in [(&of_unit, [&everybodys, &banks]), (&of_bank, [&everybodys, &own])] {
        for entry in theirs {
            client.get(&path(entry, "")).await.refused(404, "not-found");
            client.get(&path(entry, "/deliveries")).await.refused(404, "not-found");
            client.post(&path(entry, "/disable"), "d", &json!({})).await.refused(404, "not-found");
            client.post(&path(entry, "/resend"), "s", &json!({"position": 1})).await.refused(404, "not-found");
        }
        assert_eq!(client.get("/v1/webhooks").await.json(200)["webhooks"].as_array().unwrap().len(), 1);
    }
    // Who runs the machine keeps all of them; an auditor reads them.
    for role in [Role::Operator, Role::Auditor, Role::Supervisor] {
        let all = test.as_role(role).get("/v1/webhooks").await.json(200);
        assert_eq!(all["webhooks"].as_array().unwrap().len(), 3, "{role}");
    }
    test.as_role(Role::Operator).post(&path(&banks, "/disable"), "d", &json!({})).await.is(201);
    test.as_role(Role::Auditor).post(&path(&banks, "/enable"), "e", &json!({})).await.refused(403, "role-not-allowed");
}

async fn a_log_has_so_many_webhooks_and_no_more(test: TestApp) {
    let mut entries = Vec::new();
    for number in 0..PLACES {
        entries.push(test.webhook(&json!({"url": format!("https://listener.example/{number}")})).await);
    }
    let more = json!({"url": URL});
    test.supervisor().post("/v1/webhooks", "more", &more).await.refused(409, "webhooks-too-many");
    test.webhook_deed(&entries[9], "remove", &json!({})).await.is(201);
    let entry = test.supervisor().post("/v1/webhooks", "more", &more).await.json(201);
    let holder = test.app.store.find_claims(WEBHOOK_PLACE, &[9_u16.to_be_bytes().to_vec()]).await.unwrap();
    assert_eq!(holder, [Some(format!("webhook-{}", id(&entry)))]);
}

async fn a_registry_holds_in_verify_and_a_removed_one_frees_its_place(test: TestApp) {
    test.told_once().await;
    let entry = test.webhook(&json!({"url": URL})).await;
    let other = test.webhook(&json!({"url": URL})).await;
    let sending = Deliverer::start(&test.app, Arc::new(Takes));
    let ping = test.webhook_deed(&entry, "ping", &json!({})).await.json(201);
    test.delivery_is(&entry, ping["position"].as_u64().unwrap(), "delivered").await;
    sending.stop().await;
    test.webhook_deed(&entry, "remove", &json!({})).await.is(201);
    assert!(test.deliveries(&entry).await.is_empty());
    test.webhook_deed(&other, "disable", &json!({})).await.is(201);
    let verified = test.app.verify(&|_, _| {}).await.unwrap();
    assert!(verified.findings.is_empty(), "{:?}", verified.findings);
}

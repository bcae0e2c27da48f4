//! What endpoints are told: each event once where they take it, again by the schedule where they do not, signed so that receivers can tell.

use super::month;
use crate::support::app::TestApp;
use crate::support::on_every_durable_engine;
use crate::support::verbs::{COMMUNE, HOI_AN, WARD, by_account, pension, settled, with};
use crate::support::webhooks::{Arrived, Receiver, here, sending, until};
use chitra::app::access::Role;
use chitra::app::webhooks::Options;
use chitra::app::webhooks::deliverer::Deliverer;
use chitra::app::webhooks::sender::HttpSender;
use serde_json::{Value, json};
use std::sync::Arc;

on_every_durable_engine!(
    a_month_is_told_in_order_and_signed,
    a_message_says_what_the_payment_was_at_its_event,
    what_is_not_taken_comes_again_by_the_schedule_and_holds_nothing_up,
    a_dead_endpoint_is_tried_eight_times_and_delays_no_other,
    an_endpoint_that_is_gone_is_switched_off_and_goes_on_when_it_is_enabled,
    an_endpoint_that_takes_nothing_for_five_days_is_switched_off,
    both_secrets_sign_while_one_is_changed,
    an_endpoint_hears_of_its_units_its_bank_and_its_types_alone,
    a_replay_and_a_resend_tell_the_same_again,
    a_ping_comes_though_nothing_else_does,
    nothing_goes_where_the_server_may_not_send_and_no_redirect_is_followed,
    old_deliveries_are_not_kept,
);

async fn a_month_is_told_in_order_and_signed(test: TestApp) {
    let receiver = Receiver::new().await;
    let entry = test.webhook(&json!({"url": receiver.url})).await;
    let sending = sending(&test.app);
    let kinds = month(&test).await;
    let seen = receiver.wait_for(kinds.len()).await;
    assert_eq!(seen.iter().map(|one| one.kind().to_owned()).collect::<Vec<_>>(), kinds);
    assert!(seen.windows(2).all(|two| two[0].position() < two[1].position()));
    let (secret, now) = (entry["secret"].as_str().unwrap(), test.app.clock.now());
    let events = test.events_after(0).await;
    for one in &seen {
        assert!(one.is_signed_by(secret, now), "{}", one.head);
        assert!(!one.is_signed_by("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", now));
        let event = events.iter().find(|event| event.position == one.position()).unwrap();
        assert_eq!(one.header("webhook-id"), event.event_id.to_string());
        assert_eq!(one.header("content-type"), "application/json");
        let text = String::from_utf8_lossy(&one.raw);
        assert!(!text.contains("account_ref") && !text.contains("to be asked") && !text.contains("wrong account"));
    }
    let last = seen.last().unwrap().position();
    test.delivery_is(&entry, last, "delivered").await;
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!(
            "/v1/webhooks/{}/deliveries?limit=4&status=delivered{cursor}",
            entry["webhook_id"].as_str().unwrap()
        );
        let page = test.supervisor().get(&path).await.json(200);
        paged.extend(page["deliveries"].as_array().unwrap().iter().map(|one| one["position"].as_u64().unwrap()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(paged, seen.iter().rev().map(Arrived::position).collect::<Vec<_>>());
    let view = test.webhook_now(&entry).await;
    assert_eq!(
        (&view["told_position"], &view["pending"], &view["failing_since"]),
        (&json!(last), &json!(0), &Value::Null)
    );
    sending.stop().await;
    // Whoever goes on sends nothing twice.
    let again = crate::support::webhooks::sending(&test.app);
    test.settle(&test.pension_of("QN-9", WARD).await, "2025-03-06").await.is(201);
    assert_eq!(receiver.wait_for(kinds.len() + 2).await.len(), kinds.len() + 2);
    again.stop().await;
}

async fn a_message_says_what_the_payment_was_at_its_event(test: TestApp) {
    let receiver = Receiver::new().await;
    test.webhook(&json!({"url": receiver.url, "types": ["payment.rejected"]})).await;
    // All is recorded before anything is sent.
    month(&test).await;
    let sending = sending(&test.app);
    let seen = receiver.wait_for(1).await;
    let (body, data) = (&seen[0].body, &seen[0].body["data"]);
    assert_eq!(body["timestamp"], "2025-03-31T03:00:00Z");
    assert_eq!((&data["status"], &data["attempt"], &data["revision"]), (&json!("rejected"), &json!(1), &json!(1)));
    assert_eq!(
        (&data["amount"], &data["currency"], &data["channel"]),
        (&json!("5000000"), &json!("VND"), &json!("account"))
    );
    assert_eq!((&data["about"]["status"], &data["about"]["bank"]), (&json!("rejected"), &json!("vcb")));
    let reason = json!({"system": "iso20022", "code": "AC01", "class": "account_data"});
    assert_eq!(data["details"], json!({"rejected_on": "2025-03-04", "reason": reason}));
    let document: Value = serde_json::from_str(&chitra::openapi::text(&test.app.profile)).unwrap();
    let schema =
        &document["webhooks"]["payment.rejected"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(crate::support::contract::problems(schema, body, ""), Vec::<String>::new());
    sending.stop().await;
}

async fn what_is_not_taken_comes_again_by_the_schedule_and_holds_nothing_up(test: TestApp) {
    let receiver = Receiver::new().await;
    let entry = test.webhook(&json!({"url": receiver.url, "types": ["payment.settled"]})).await;
    let mut refusals = 2;
    let mut first = None;
    receiver.answer(move |one| {
        let is_first = *first.get_or_insert(one.position()) == one.position();
        if is_first && refusals > 0 {
            refusals -= 1;
            return (500, "out of order".to_owned());
        }
        (200, String::new())
    });
    let sending = sending(&test.app);
    month(&test).await;
    // The first is refused, the second goes by it.
    let seen = receiver.wait_for(2).await;
    let failed = seen[0].position();
    test.delivery_is(&entry, seen[1].position(), "delivered").await;
    let find = |all: Vec<Value>| all.into_iter().find(|one| one["position"] == failed).unwrap();
    let waiting = find(test.deliveries(&entry).await);
    assert_eq!((&waiting["status"], &waiting["tries"]), (&json!("pending"), &json!(1)));
    assert_eq!(waiting["next_try_at"], "2025-03-31T03:00:05Z");
    assert_eq!(
        (&waiting["answers"][0]["status"], &waiting["answers"][0]["answer"]),
        (&json!(500), &json!("out of order"))
    );
    test.seconds_pass(5);
    receiver.wait_for(3).await;
    until("a second failure", async || find(test.deliveries(&entry).await)["tries"] == 2).await;
    // Not before 5 minutes, and a tenth later at most.
    test.seconds_pass(299);
    assert_eq!(receiver.seen().len(), 3);
    test.seconds_pass(31);
    receiver.wait_for(4).await;
    test.delivery_is(&entry, failed, "delivered").await;
    let id = receiver.seen()[0].header("webhook-id").to_owned();
    let again: Vec<_> = receiver.seen().into_iter().filter(|one| one.header("webhook-id") == id).collect();
    assert_eq!(again.len(), 3);
    assert!(again.iter().all(|one| one.raw == again[0].raw));
    assert!(again[2].is_signed_by(entry["secret"].as_str().unwrap(), test.app.clock.now()));
    assert_eq!(test.webhook_now(&entry).await["failing_since"], Value::Null);
    sending.stop().await;
}

async fn a_dead_endpoint_is_tried_eight_times_and_delays_no_other(test: TestApp) {
    let (dead, well) = (Receiver::new().await, Receiver::new().await);
    dead.answer_all(503);
    let entry = test.webhook(&json!({"url": dead.url, "types": ["payment.returned"]})).await;
    test.webhook(&json!({"url": well.url, "types": ["payment.returned"]})).await;
    let sending = sending(&test.app);
    month(&test).await;
    let position = well.wait_for(1).await[0].position();
    for tries in 1..8 {
        dead.wait_for(tries).await;
        let tried = async || test.deliveries(&entry).await.first().is_some_and(|one| one["tries"] == tries);
        until("another try", tried).await;
        test.seconds_pass(11 * 3_600);
    }
    dead.wait_for(8).await;
    test.delivery_is(&entry, position, "given_up").await;
    test.seconds_pass(11 * 3_600);
    let delivery = test.deliveries(&entry).await.remove(0);
    assert_eq!((&delivery["tries"], &delivery["next_try_at"]), (&json!(8), &Value::Null));
    assert_eq!(delivery["answers"].as_array().unwrap().len(), 8);
    // It is given up, and taken when somebody has it sent again.
    dead.answer_all(200);
    test.webhook_deed(&entry, "resend", &json!({"position": position})).await.is(201);
    test.delivery_is(&entry, position, "delivered").await;
    assert_eq!((dead.seen().len(), well.seen().len()), (9, 1));
    sending.stop().await;
}

async fn an_endpoint_that_is_gone_is_switched_off_and_goes_on_when_it_is_enabled(test: TestApp) {
    let receiver = Receiver::new().await;
    receiver.answer_all(410);
    let entry = test.webhook(&json!({"url": receiver.url, "types": ["payment.settled"]})).await;
    let sending = sending(&test.app);
    month(&test).await;
    until("switched off", async || test.webhook_now(&entry).await["status"] == "disabled").await;
    assert_eq!(test.webhook_now(&entry).await["disabled_cause"], "gone");
    assert_eq!(receiver.seen().len(), 1);
    test.webhook_deed(&entry, "ping", &json!({})).await.refused(409, "webhook-disabled");
    test.webhook_deed(&entry, "replay", &json!({"from_position": 1})).await.refused(409, "webhook-disabled");
    receiver.answer_all(200);
    test.webhook_deed(&entry, "enable", &json!({})).await.is(201);
    let told: Vec<u64> = receiver.wait_for(3).await.iter().map(Arrived::position).collect();
    assert_eq!(told[0], told[1]);
    assert!(told[1] < told[2]);
    sending.stop().await;
}

async fn an_endpoint_that_takes_nothing_for_five_days_is_switched_off(test: TestApp) {
    let receiver = Receiver::new().await;
    receiver.answer_all(500);
    let entry = test.webhook(&json!({"url": receiver.url, "types": ["payment.settled", "payment.returned"]})).await;
    let sending = sending(&test.app);
    month(&test).await;
    receiver.wait_for(3).await;
    let all_tried = |tries: u32| {
        let (test, entry) = (&test, &entry);
        async move || test.deliveries(entry).await.iter().filter(|one| one["tries"] == tries).count() == 3
    };
    until("three tries", all_tried(1)).await;
    test.seconds_pass(5 * 86_400 - 60);
    until("three more", all_tried(2)).await;
    assert_eq!(test.webhook_now(&entry).await["status"], "active");
    test.seconds_pass(3_600);
    until("switched off", async || test.webhook_now(&entry).await["status"] == "disabled").await;
    let view = test.webhook_now(&entry).await;
    assert_eq!((&view["disabled_cause"], &view["failing_since"]), (&json!("failing"), &json!("2025-03-31T03:00:00Z")));
    let types = test.types_after(0).await;
    assert_eq!(types.iter().filter(|kind| *kind == "WebhookDisabled").count(), 1);
    let work = test.read("/v1/worklist?kind=webhook_off").await;
    let item = &work["items"][0];
    assert_eq!((&item["object_id"], &item["who"]), (&entry["webhook_id"], &json!("supervisor")));
    assert_eq!((&item["since"], &item["reason_code"]), (&json!("2025-04-05"), &json!("failing")));
    let clerk = test.with_key(&test.key(Role::Clerk, Some("D502"), None).await);
    let head = test.head().await;
    let own = clerk.get(&format!("/v1/worklist?kind=webhook_off&min_position={head}")).await.json(200);
    assert_eq!(own["items"], json!([]), "it is no unit's");
    let metrics = test.nobody().get("/metrics").await.is(200).text();
    for line in
        ["chitra_webhooks_switched_off_total 1", "chitra_webhook_deliveries_pending 3", "chitra_webhooks_failing 1"]
    {
        assert!(metrics.lines().any(|known| known == line), "{line} in {metrics}");
    }
    test.webhook_deed(&entry, "enable", &json!({})).await.is(201);
    assert_eq!(test.read("/v1/worklist?kind=webhook_off").await["items"], json!([]));
    sending.stop().await;
}

async fn both_secrets_sign_while_one_is_changed(test: TestApp) {
    let receiver = Receiver::new().await;
    let entry = test.webhook(&json!({"url": receiver.url})).await;
    let sending = sending(&test.app);
    let rotated = test.webhook_deed(&entry, "rotate-secret", &json!({"former_hours": 2})).await.json(201);
    assert_eq!(rotated["former_secret_until"], "2025-03-31T05:00:00Z");
    let secrets = [entry["secret"].as_str().unwrap(), rotated["secret"].as_str().unwrap()];
    test.webhook_deed(&entry, "ping", &json!({})).await.is(201);
    let signed = |count: usize| {
        let one = receiver.seen().swap_remove(count - 1);
        secrets.map(|secret| one.is_signed_by(secret, test.app.clock.now()))
    };
    receiver.wait_for(1).await;
    assert_eq!(signed(1), [true, true]);
    test.seconds_pass(2 * 3_600);
    test.webhook_deed(&entry, "ping", &json!({})).await.is(201);
    receiver.wait_for(2).await;
    assert_eq!(signed(2), [false, true]);
    sending.stop().await;
}

async fn an_endpoint_hears_of_its_units_its_bank_and_its_types_alone(test: TestApp) {
    let receivers = [Receiver::new().await, Receiver::new().await, Receiver::new().await, Receiver::new().await];
    for (receiver, more) in receivers.iter().zip([
        json!({"unit": "D502"}),
        json!({"bank": "bidv"}),
        json!({"types": ["payment.settled"]}),
        json!({"types": ["payment.held"]}),
    ]) {
        test.webhook(&with(json!({"url": receiver.url}), &more)).await;
    }
    for (person, unit, bank) in [("QN-W", WARD, "vcb"), ("QN-C", COMMUNE, "bidv"), ("QN-H", HOI_AN, "bidv")] {
        test.register(&with(by_account(person, unit), &json!({"bank": bank}))).await;
        let payment = test.instruct(&pension(&format!("P-{person}"), person)).await;
        test.deed(&payment, "settle", &settled("2025-03-05")).await.is(201);
    }
    let sending = sending(&test.app);
    let references = |seen: Vec<crate::support::webhooks::Arrived>| {
        seen.iter().map(|one| one.body["data"]["payment_reference"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(references(receivers[0].wait_for(4).await), ["P-QN-W", "P-QN-W", "P-QN-C", "P-QN-C"]);
    assert_eq!(references(receivers[1].wait_for(4).await), ["P-QN-C", "P-QN-C", "P-QN-H", "P-QN-H"]);
    assert_eq!(references(receivers[2].wait_for(3).await), ["P-QN-W", "P-QN-C", "P-QN-H"]);
    assert!(receivers[3].seen().is_empty());
    sending.stop().await;
}

async fn a_replay_and_a_resend_tell_the_same_again(test: TestApp) {
    let receiver = Receiver::new().await;
    let entry = test.webhook(&json!({"url": receiver.url, "types": ["payment.settled", "payment.returned"]})).await;
    let sending = sending(&test.app);
    month(&test).await;
    let first = receiver.wait_for(3).await;
    test.delivery_is(&entry, first[2].position(), "delivered").await;
    test.webhook_deed(&entry, "replay", &json!({"from_position": first[1].position()})).await.is(201);
    let all = receiver.wait_for(5).await;
    test.webhook_deed(&entry, "resend", &json!({"position": first[0].position()})).await.is(201);
    let all = [all, receiver.wait_for(6).await.split_off(5)].concat();
    for (again, of) in [(3, 1), (4, 2), (5, 0)] {
        assert_eq!(all[again].raw, all[of].raw);
        assert_eq!(all[again].header("webhook-id"), all[of].header("webhook-id"));
    }
    let head = test.head().await;
    test.webhook_deed(&entry, "replay", &json!({"from_position": head + 9})).await.refused(422, "position-beyond-head");
    test.webhook_deed(&entry, "resend", &json!({"position": head})).await.refused(404, "not-found");
    sending.stop().await;
}

async fn a_ping_comes_though_nothing_else_does(test: TestApp) {
    let receiver = Receiver::new().await;
    receiver.answer(|one| if one.kind() == "webhook.ping" { (204, String::new()) } else { (500, String::new()) });
    let entry = test.webhook(&json!({"url": receiver.url, "types": ["payment.settled"]})).await;
    let sending = sending(&test.app);
    month(&test).await;
    receiver.wait_for(2).await;
    let ping = test.webhook_deed(&entry, "ping", &json!({})).await.json(201);
    let position = ping["position"].as_u64().unwrap();
    test.delivery_is(&entry, position, "delivered").await;
    let pings: Vec<_> = receiver.seen().into_iter().filter(|one| one.kind() == "webhook.ping").collect();
    assert_eq!(pings.len(), 1);
    let data = json!({"webhook_id": entry["webhook_id"], "revision": ping["revision"], "position": position});
    assert_eq!(pings[0].body["data"], data);
    assert!(pings[0].is_signed_by(entry["secret"].as_str().unwrap(), test.app.clock.now()));
    sending.stop().await;
}

async fn nothing_goes_where_the_server_may_not_send_and_no_redirect_is_followed(test: TestApp) {
    let receiver = Receiver::new().await;
    let entry = test.webhook(&json!({"url": receiver.url})).await;
    let tls = test.webhook(&json!({"url": receiver.url.replace("http:", "https:")})).await;
    // Registered while it was allowed; another server, which was told of no network, does not send there. A name is looked at as well.
    let named = test.webhook(&json!({"url": receiver.url.replace("127.0.0.1", "localhost")})).await;
    let strict = Deliverer::start(&test.app, Arc::new(HttpSender::new(Vec::new())));
    for entry in [&entry, &named] {
        let ping = test.webhook_deed(entry, "ping", &json!({})).await.json(201);
        let failed = async || test.deliveries(entry).await.first().is_some_and(|one| one["tries"] == 1);
        until("one try", failed).await;
        let delivery = test.deliveries(entry).await.remove(0);
        assert_eq!(delivery["position"], ping["position"]);
        assert_eq!(delivery["answers"][0]["failure"], "address_not_allowed");
    }
    strict.stop().await;
    assert!(receiver.seen().is_empty());
    receiver.answer_all(302);
    let allowed = sending(&test.app);
    test.webhook_deed(&tls, "ping", &json!({})).await.is(201);
    until("no TLS there", async || test.deliveries(&tls).await.first().is_some_and(|one| one["tries"] == 1)).await;
    assert_eq!(test.deliveries(&tls).await[0]["answers"][0]["failure"], "tls");
    test.seconds_pass(5);
    receiver.wait_for(2).await;
    until("not taken", async || test.deliveries(&entry).await[0]["tries"] == 2).await;
    assert_eq!(test.deliveries(&entry).await[0]["answers"][1]["status"], 302);
    allowed.stop().await;
}

/// A time and a size end every try, whatever the other side does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_does_not_come_or_does_not_end_is_cut_off() {
    use chitra::app::webhooks::sender::{Outgoing, Sender};
    use tokio::io::AsyncWriteExt;
    let sender = HttpSender::within(here().networks, std::time::Duration::from_millis(600));
    let text = String::new;
    let message = |url: String| Outgoing { url, id: text(), timestamp: 1, signature: text(), body: "{}".to_owned() };
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    assert_eq!(sender.send(message(url)).await.failure, Some("timeout"));
    let endless = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", endless.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = endless.accept().await.unwrap();
        let mut text = b"HTTP/1.1 200 OK\r\ncontent-length: 9000000000\r\n\r\n".to_vec();
        while stream.write_all(&text).await.is_ok() {
            text = vec![b'x'; 10_000];
        }
    });
    let answer = sender.send(message(url)).await;
    assert!(answer.took());
    assert_eq!(answer.text, "x".repeat(300));
    let nobody = "http://127.0.0.1:1/".to_owned();
    assert_eq!(sender.send(message(nobody)).await.failure, Some("no_connection"));
}

async fn old_deliveries_are_not_kept(test: TestApp) {
    let receiver = Receiver::new().await;
    test.app.webhooks.configure(Options { keep_deliveries: 2, ..here() });
    let entry = test.webhook(&json!({"url": receiver.url, "types": ["payment.settled", "payment.returned"]})).await;
    let first = sending(&test.app);
    month(&test).await;
    let seen = receiver.wait_for(3).await;
    test.delivery_is(&entry, seen[2].position(), "delivered").await;
    first.stop().await;
    // Old ones go when a line begins, and every some hundred deliveries.
    let second = sending(&test.app);
    until("two are left", async || test.deliveries(&entry).await.len() == 2).await;
    assert_eq!(test.deliveries(&entry).await[1]["position"], seen[1].position());
    second.stop().await;
}

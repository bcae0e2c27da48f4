//! Webhooks on the command line, while no server runs.

use crate::support::engine::Engine;
use crate::support::office::{Office, text};
use crate::support::on_both_engines;
use serde_json::{Value, json};

on_both_engines!(a_webhook_is_kept_on_the_command_line);

const URL: &str = "https://listener.example/chitra";

async fn a_webhook_is_kept_on_the_command_line(engine: Engine) {
    let office = Office::on(engine).await;
    let lines =
        |text: String| text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>();
    let secret = office.result(&[
        "webhooks",
        "add",
        URL,
        "--type",
        "payment.settled",
        "--unit",
        "20350",
        "--description",
        "Accounting",
    ]);
    assert!(secret.starts_with("whsec_") && secret.trim().len() == 50, "{secret}");
    let listed = lines(office.result(&["webhooks", "list"]));
    let id = listed[0]["webhook_id"].as_str().unwrap().to_owned();
    assert_eq!((&listed[0]["url"], &listed[0]["types"]), (&json!(URL), &json!(["payment.settled"])));
    assert_eq!((&listed[0]["unit"], &listed[0]["told_position"]), (&json!("C20350@20250701"), &Value::Null));
    let other = office.result(&["webhooks", "rotate-secret", &id, "--former-hours", "2"]);
    assert_ne!(other, secret);
    office.result(&["webhooks", "change", &id, "https://other.example/"]);
    office.result(&["webhooks", "ping", &id]);
    office.result(&["webhooks", "replay", &id, "--from", "1"]);
    office.result(&["webhooks", "disable", &id]);
    let listed = lines(office.result(&["webhooks", "list"]));
    assert_eq!((&listed[0]["status"], &listed[0]["url"]), (&json!("disabled"), &json!("https://other.example/")));
    office.result(&["webhooks", "enable", &id]);
    assert_eq!(office.result(&["webhooks", "deliveries", &id]), "");
    for (arguments, code, says) in [
        (&["webhooks", "add", "https://10.0.0.7/"][..], 1, "not public"),
        (&["webhooks", "add", "http://listener.example/"], 1, "use https"),
        (&["webhooks", "add", URL, "--type", "payment.paid"], 1, "payment.settled"),
        (&["webhooks", "add", URL, "--unit", "00000"], 1, ""),
        (&["webhooks", "add", URL, "--description", "for 049155012345"], 1, "leave out numbers"),
        (&["webhooks", "ping", "that-one"], 1, "no webhook's id"),
        (&["webhooks", "ping", "01900000-0000-7000-8000-000000000000"], 1, "no such webhook"),
        (&["webhooks", "resend", &id, "1"], 1, "no such delivery"),
        (&["webhooks", "rotate-secret", &id, "--former-hours", "0"], 2, ""),
        (&["serve", "--webhook-network", "10.0.0.0/40"], 1, "10.0.0.0/40"),
    ] {
        let output = office.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(says), "{arguments:?}: {}", text(&output.stderr));
    }
    office.result(&["webhooks", "remove", &id]);
    assert_eq!(office.result(&["webhooks", "list"]), "");
    let verified: Value = serde_json::from_str(&office.result(&["verify", "--json"])).unwrap();
    assert_eq!(verified["ok"], true);
}

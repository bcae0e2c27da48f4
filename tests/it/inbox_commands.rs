//! Items that wait, judged again on the command line: first told, then recorded, once.

use crate::support::engine::Engine;
use crate::support::office::{Office, text};
use crate::support::on_both_engines;
use serde_json::{Value, json};
use std::fs;

on_both_engines!(
    what_waits_is_judged_again_on_the_command_line_and_a_dry_run_records_nothing,
    what_cannot_be_judged_again_is_said,
);

/// An office with a payment through a bank that reported it in a code of its own, and of a payment that nobody knows; the message's id.
async fn waiting(engine: Engine) -> (Office, String) {
    let office = Office::on(engine).await;
    office.result(&["banks", "add", "vcb"]);
    let people = "beneficiary_ref,name,sex,birth_year,unit,channel,bank,account,effective_month\n\
        B-1,Nguyen Thi Mot,female,1940,C20194@20250701,account,vcb,1000000001,2025-07\n";
    let people = office.write("people.csv", people);
    office.result(&["import", "--kind", "beneficiaries", &people]);
    let payments = "payment_reference,beneficiary_ref,benefit_type,benefit_months,cycle,amount,unit,channel\n\
        P-1,B-1,pension,2025-08,2025-08,2500000,C20194@20250701,account\n";
    let payments = office.write("payments.csv", payments);
    office.result(&["import", "--kind", "payments", &payments]);
    let ordered = events(&office).into_iter().find(|event| event["event_type"] == "PaymentInstructed").unwrap();
    let id = &ordered["data"]["end_to_end_id"];
    let report = json!({"message_id": "M1", "items": [
        {"end_to_end_id": id, "status": "PAID", "date": "2025-08-05"},
        {"end_to_end_id": "nobody's", "status": "settled", "date": "2025-08-05"},
    ]});
    fs::create_dir_all(office.path("files/vcb")).unwrap();
    office.write("files/vcb/report.json", &report.to_string());
    let taken = office.result(&["inbox", "watch", "--once", "files"]);
    let message = taken.trim().rsplit_once(' ').unwrap().1.to_owned();
    (office, message)
}

fn events(office: &Office) -> Vec<Value> {
    office.result(&["export"]).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|event| event["event_type"].as_str()).collect()
}

async fn what_waits_is_judged_again_on_the_command_line_and_a_dry_run_records_nothing(engine: Engine) {
    let (office, message) = waiting(engine).await;
    assert_eq!(office.result(&["inbox", "judge", &message, "--dry-run"]), "", "nothing has changed");
    let mapping = office.write("vcb.toml", "[statuses]\nPAID = \"settled\"\n");
    office.result(&["banks", "add", "vcb", "--mapping", &mapping]);
    let before = events(&office);
    let told = office.result(&["inbox", "judge", &message, "--dry-run"]);
    assert_eq!(told, "item 1 applied\n");
    assert_eq!(events(&office), before, "a dry run records nothing");
    assert_eq!(office.result(&["inbox", "judge", &message]), told);
    let after = events(&office);
    assert_eq!(kinds(&after[before.len()..]), ["PaymentSettled", "BankMessageJudgedAgain"]);
    assert_eq!(office.result(&["inbox", "judge", &message]), "");
    assert_eq!(events(&office).len(), after.len(), "it has one effect");
    office.result(&["verify"]);
}

async fn what_cannot_be_judged_again_is_said(engine: Engine) {
    let (office, message) = waiting(engine).await;
    let before = events(&office).len();
    let told = office.result(&["inbox", "judge", &message, "--item", "3", "--dry-run"]);
    assert_eq!(told, "item 3 does not wait\n");
    let unknown = "0195a3c0-1c00-7000-8000-000000000001";
    for (arguments, says) in [
        (vec!["inbox", "judge", "M1"], "is no message's id"),
        (vec!["inbox", "judge", unknown, "--dry-run"], "there is no such message"),
        (vec!["inbox", "judge", &message, "--item", "3"], "does not wait for anybody"),
    ] {
        let output = office.run(&arguments);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(text(&output.stderr).contains(says), "{arguments:?}: {}", text(&output.stderr));
    }
    assert_eq!(events(&office).len(), before);
}

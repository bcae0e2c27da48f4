//! A long statement, as processes meet it: one that is killed in the middle goes on when it runs again.

use crate::support::engine::Engine;
use crate::support::office::{Office, text};
use crate::support::on_both_engines;
use serde_json::Value;
use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

on_both_engines!(a_statement_whose_taker_is_killed_in_the_middle_counts_once,);

const PEOPLE: usize = 300;
/// Entries that name nobody's payment, between two that do.
const BETWEEN: usize = 50;

fn events(office: &Office) -> Vec<Value> {
    office.result(&["export"]).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn count(events: &[Value], name: &str) -> usize {
    events.iter().filter(|event| event["event_type"] == name).count()
}

/// An office with people who have payments through a bank; what banks know these by.
async fn with_payments(engine: Engine) -> (Office, Vec<String>) {
    let office = Office::on(engine).await;
    office.result(&["banks", "add", "vcb"]);
    let mut people = vec!["beneficiary_ref,name,sex,birth_year,unit,channel,bank,account,effective_month".to_owned()];
    let mut payments =
        vec!["payment_reference,beneficiary_ref,benefit_type,benefit_months,cycle,amount,unit,channel".to_owned()];
    for number in 0..PEOPLE {
        let account = 1_000_000_000 + number;
        people.push(format!("B-{number},Nguyen Thi Mot,female,1940,C20194@20250701,account,vcb,{account},2025-07"));
        payments.push(format!("P-{number},B-{number},pension,2025-08,2025-08,2500000,C20194@20250701,account"));
    }
    let (people, payments) = (people.join("\n") + "\n", payments.join("\n") + "\n");
    let (people, payments) = (office.write("people.csv", &people), office.write("payments.csv", &payments));
    office.result(&["import", "--kind", "beneficiaries", &people]);
    office.result(&["import", "--kind", "payments", &payments]);
    let ordered = events(&office).into_iter().filter(|event| event["event_type"] == "PaymentInstructed");
    let ids = ordered.map(|event| event["data"]["end_to_end_id"].as_str().unwrap().to_owned());
    let ids = ids.collect();
    (office, ids)
}

fn entry(id: &str) -> String {
    format!(
        "<Ntry><Amt Ccy=\"VND\">2500000</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2025-08-05</Dt></BookgDt>\
        <AcctSvcrRef>FT{id}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>{id}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>\n"
    )
}

fn statement(ids: &[String]) -> String {
    let mut entries = String::new();
    for (index, id) in ids.iter().enumerate() {
        entries.push_str(&entry(id));
        for number in 0..BETWEEN {
            entries.push_str(&entry(&format!("{:032x}", index * BETWEEN + number)));
        }
    }
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr><MsgId>S1</MsgId>\
        <CreDtTm>2025-08-06T01:00:00+07:00</CreDtTm></GrpHdr><Stmt><Id>S1</Id>{entries}</Stmt></BkToCstmrStmt></Document>"
    )
}

async fn a_statement_whose_taker_is_killed_in_the_middle_counts_once(engine: Engine) {
    let (office, ids) = with_payments(engine).await;
    fs::create_dir_all(office.path("files/vcb")).unwrap();
    office.write("files/vcb/statement.xml", &statement(&ids));
    let mut taking = office
        .command(&["inbox", "watch", "--once", "files"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while count(&events(&office), "PaymentSettled") == 0 {
        assert!(begun.elapsed() < Duration::from_mins(2), "nothing of it counts");
        std::thread::sleep(Duration::from_millis(5));
    }
    taking.kill().unwrap();
    taking.wait().unwrap();
    let half = events(&office);
    assert_eq!((count(&half, "BankMessageReceived"), count(&half, "BankMessageApplied")), (1, 0), "in the middle");
    assert!(count(&half, "PaymentSettled") < PEOPLE, "in the middle");
    assert!(office.path("files/vcb/statement.xml").exists(), "it waits");
    let again = office.run(&["inbox", "watch", "--once", "files"]);
    assert!(again.status.success(), "{}{}", text(&again.stdout), text(&again.stderr));
    let whole = events(&office);
    let applied = whole.iter().find(|event| event["event_type"] == "BankMessageApplied").unwrap();
    assert_eq!(
        (&applied["data"]["applied"], &applied["data"]["quarantined"]),
        (&PEOPLE.into(), &(PEOPLE * BETWEEN).into())
    );
    for (name, expected) in [("BankMessageReceived", 1), ("BankMessageApplied", 1), ("PaymentSettled", PEOPLE)] {
        assert_eq!(count(&whole, name), expected, "{name}");
    }
    assert!(office.path("files/.done/vcb/statement.xml").exists());
    office.result(&["verify"]);
}

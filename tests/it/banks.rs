//! `chitra banks` as an integrator runs it: what a file says, whether a signature holds, and the examples of docs/banks.md.

use crate::support::office::{Office, text};
use serde_json::Value;

const ID: &str = "0195a3c01c0070008000000000000001";
/// RFC 8037, appendix A, and a token that was made with it over the body below, by another program.
const PUBLIC: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const BODY: &str = r#"{"message_id":"M-1","items":[]}"#;
const TOKEN: &str = "eyJhbGciOiJFZERTQSIsImtpZCI6ImJhbmstMjAyNSIsImlhdCI6MTc1NzAwMDAwMH0..I7soLXtwmnwU3-aywt-XTR7q2gXXRRymQGg2YaJZVpLs14u_G4j-bNHpJ9ncNL-Mzr4iGB2X4vmzIXGGsq_DBA";

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn status_report(status: &str) -> String {
    let reason = "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>NGUYEN THI A</AddtlInf></StsRsnInf>";
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt><GrpHdr><MsgId>M</MsgId><CreDtTm>2025-09-03T23:00:00Z</CreDtTm></GrpHdr><OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>{ID}</OrgnlEndToEndId><TxSts>{status}</TxSts>{reason}</TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    )
}

#[test]
fn a_report_is_told_item_by_item_without_the_banks_words() {
    let office = Office::new();
    let file = office.write("report.xml", &status_report("RJCT"));
    let printed = office.result(&["banks", "read", &file]);
    let told = lines(&printed);
    assert_eq!(told.len(), 2);
    assert_eq!((&told[0]["end_to_end_id"], &told[0]["effect"]), (&ID.into(), &"rejected".into()));
    assert_eq!(told[0]["reasons"], serde_json::json!([{"code": "AC04", "class": "account_state"}]));
    assert_eq!(told[0]["day"], "2025-09-04", "in the profile's zone");
    assert_eq!((&told[1]["items"], &told[1]["message"]["version"]), (&1.into(), &"001.10".into()));
    assert!(!printed.contains("NGUYEN"), "{printed}");
}

#[test]
fn an_unknown_code_falls_short_until_a_mapping_explains_it() {
    let office = Office::new();
    let file = office.write("report.xml", &status_report("PAID"));
    let output = office.run(&["banks", "read", &file]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(lines(&text(&output.stdout))[0]["effect"], "unknown");
    let mapping = office.write("bank.toml", "[statuses]\nPAID = \"settled\"\n");
    let told = lines(&office.result(&["banks", "read", &file, "--mapping", &mapping]));
    assert_eq!(told[0]["effect"], "settled");
    let wrong = office.write("wrong.toml", "[entries]\ncredit = \"settled\"\n");
    assert_eq!(office.run(&["banks", "read", &file, "--mapping", &wrong]).status.code(), Some(1));
}

#[test]
fn a_statement_that_does_not_add_up_falls_short_and_says_by_how_much() {
    let office = Office::new();
    let balance = |kind: &str, amount: &str| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy=\"VND\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>"
        )
    };
    let entry = format!(
        "<Ntry><Amt Ccy=\"VND\">30</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><NtryDtls><TxDtls><Refs><EndToEndId>{ID}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>"
    );
    let statement = |closing: &str| {
        let balances = balance("OPBD", "100") + &balance("CLBD", closing);
        format!(
            "<Document><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S</Id>{balances}{entry}</Stmt></BkToCstmrStmt></Document>"
        )
    };
    let good = office.write("good.xml", &statement("70"));
    assert_eq!(lines(&office.result(&["banks", "read", &good]))[0]["effect"], "settled");
    let short = office.write("short.xml", &statement("60"));
    let output = office.run(&["banks", "read", &short]);
    assert_eq!(output.status.code(), Some(1));
    let told = lines(&text(&output.stdout));
    assert!(told[1]["findings"][0]["finding"].as_str().unwrap().contains("-10"), "{told:?}");
}

#[test]
fn what_cannot_be_read_is_refused_with_its_reason_and_nothing_of_its_content() {
    let office = Office::new();
    let bomb = office.write("bomb.xml", "<!DOCTYPE x [<!ENTITY a \"NGUYEN\">]><Document>&a;</Document>");
    let cut = office.write("cut.xml", &status_report("RJCT")[..200]);
    for file in [&bomb, &cut, &"no-such-file.xml".to_owned()] {
        let output = office.run(&["banks", "read", file]);
        assert_eq!(output.status.code(), Some(1));
        let said = text(&output.stderr);
        assert!(said.starts_with("chitra: ") && !said.contains("NGUYEN"), "{said}");
    }
}

#[test]
fn a_signature_holds_for_its_body_key_and_time_only() {
    let office = Office::new();
    let (key, body) = (office.write("bank.jwk", PUBLIC), office.write("body.json", BODY));
    let other = office.write("other.json", &BODY.replace("M-1", "M-2"));
    let verify = |body: &str, id: &str, token: &str, at: &str| {
        let fixed = ["banks", "verify", body, "--key", &key, "--algorithm", "EdDSA", "--key-id", id];
        let arguments = [&fixed[..], &["--jws", token, "--at", at]].concat();
        office.run(&arguments).status.code()
    };
    let at = "2025-09-04T15:33:20Z";
    assert_eq!(verify(&body, "bank-2025", TOKEN, at), Some(0));
    assert_eq!(verify(&other, "bank-2025", TOKEN, at), Some(1));
    assert_eq!(verify(&body, "bank-2026", TOKEN, at), Some(1));
    assert_eq!(verify(&body, "bank-2025", &TOKEN[1..], at), Some(1));
    assert_eq!(verify(&body, "bank-2025", TOKEN, "2025-09-04T15:38:21Z"), Some(1));
}

#[test]
fn an_order_is_told_payment_by_payment_and_falls_short_when_it_holds_other_than_it_announces() {
    let office = Office::new();
    let order = include_str!("../fixtures/banks/pain.001.001.11.xml");
    let told = lines(&office.result(&["banks", "read", &office.write("order.xml", order)]));
    assert_eq!((told.len(), &told[0]["about"], &told[0]["amount"]), (3, &"order".into(), &"5000000".into()));
    assert_eq!((&told[2]["message"]["kind"], &told[2]["sum"]), (&"pain.001".into(), &"10000000".into()));
    let short = office.write("short.xml", &order.replacen("<NbOfTxs>2<", "<NbOfTxs>3<", 1));
    let output = office.run(&["banks", "read", &short]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("announces 3 payments and has 2") && !text(&output.stdout).contains("Nguy"));
}

/// The document's commands, run as they stand there.
#[test]
fn the_examples_of_the_document_sign_what_holds() {
    let document = include_str!("../../docs/banks.md");
    let office = Office::new();
    office.write("body.json", BODY);
    let scripts: Vec<&str> = document
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .filter(|script| script.contains("openssl"))
        .collect();
    assert_eq!(scripts.len(), 3);
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_chitra")).parent().unwrap().display().to_string();
    for script in scripts {
        let stop = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT";
        let script = format!("set -e\nexport PATH={program}:$PATH NO_PROXY='*'\n{stop}\n{script}");
        let output = std::process::Command::new("bash").arg("-c").arg(&script).current_dir(office.path(".")).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{script}\n{}", text(&output.stderr));
        let said = text(&output.stdout);
        assert!(said.starts_with("the signature holds") || said.contains("the answer holds"), "{said}");
    }
}

//! What a bank, and whoever registers one, is refused: every code over HTTP, and nothing left behind.

use crate::support::app::TestApp;
use crate::support::banks::{bank, call, key, message, pair, token, token_of};
use crate::support::client::{Answer, send};
use crate::support::on_every_engine;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chitra::app::access::{Principal, Role};
use reqwest::Method;
use serde_json::{Value, json};

on_every_engine! {
    every_fault_of_a_signature_is_named_and_nothing_is_kept,
    every_fault_of_a_message_is_named_and_nothing_is_kept,
    every_fault_of_a_registration_is_named,
}

const BODY: &[u8] = br#"{"message_id":"M1","items":[]}"#;

fn header_of(header: &str) -> String {
    format!("{}..AAAA", URL_SAFE_NO_PAD.encode(header))
}

async fn every_fault_of_a_signature_is_named_and_nothing_is_kept(test: TestApp) {
    test.register_bank("vcb").await;
    let now = test.app.clock.now().as_second();
    let before = test.head().await;
    let cases = [
        ("not a token".to_owned(), "signature-malformed"),
        ("a.b.c".to_owned(), "signature-malformed"),
        (header_of(&format!(r#"{{"alg":"none","kid":"vcb-1","iat":{now}}}"#)), "signature-algorithm"),
        (
            header_of(&format!(r#"{{"alg":"EdDSA","kid":"vcb-1","iat":{now},"jku":"https://x"}}"#)),
            "signature-not-accepted",
        ),
        (header_of(&format!(r#"{{"alg":"ES256","kid":"vcb-1","iat":{now}}}"#)), "signature-algorithm"),
        (header_of(&format!(r#"{{"alg":"EdDSA","kid":"vcb-9","iat":{now}}}"#)), "signature-key-unknown"),
        (token_of("vcb-1", &pair("vcb"), (now - 301, BODY)), "signature-outside-window"),
        (token_of("vcb-1", &pair("vcb"), (now + 301, BODY)), "signature-outside-window"),
        (token_of("vcb-1", &pair("bidv"), (now, BODY)), "signature-wrong"),
    ];
    for (token, code) in cases {
        let answer = call(&test, "vcb", (&token, BODY)).await;
        answer.refused(401, code);
    }
    let good = token(&test, "vcb", BODY);
    let request = || test.nobody().request(Method::POST, "/v1/bank-callbacks/vcb").body(BODY.to_vec());
    send(request()).await.refused(401, "signature-missing");
    send(request().header("x-jws-signature", &good).header("X-Jws-Signature", &good))
        .await
        .refused(401, "signature-ambiguous");
    send(request().header("x-jws-signature", &good).header("webhook-id", "1"))
        .await
        .refused(401, "signature-ambiguous");
    send(request().header("webhook-id", "1")).await.refused(401, "signature-missing");
    call(&test, "bidv", (&good, BODY)).await.refused(401, "signature-key-unknown");
    assert_eq!(test.head().await, before);
}

async fn every_fault_of_a_message_is_named_and_nothing_is_kept(test: TestApp) {
    test.register_bank("vcb").await;
    let before = test.head().await;
    let status = |inside: &str| {
        format!(
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt><GrpHdr><MsgId>1</MsgId></GrpHdr>{inside}</CstmrPmtStsRpt></Document>"
        )
    };
    let many: Vec<Value> = (0..50_001).map(|_| json!({"end_to_end_id": "x", "status": "RCVD"})).collect();
    let entry = |inside: &str| {
        format!(
            "<Document><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt><Id>1</Id><Ntry><Amt>5</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>{inside}</Ntry></Stmt></BkToCstmrStmt></Document>"
        )
    };
    let twice =
        "<OrgnlPmtInfAndSts><TxInfAndSts><TxSts>RJCT</TxSts><TxSts>ACCC</TxSts></TxInfAndSts></OrgnlPmtInfAndSts>";
    let cases = [
        (String::new(), "message-empty"),
        ("hello".to_owned(), "message-format-unknown"),
        ("{".to_owned(), "message-truncated"),
        ("<a></b>".to_owned(), "message-malformed"),
        ("<!DOCTYPE x><x/>".to_owned(), "message-doctype"),
        (status("&a;"), "message-entity"),
        (status("").replace("<Document", "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Document"), "message-encoding"),
        (status(&"<a>".repeat(70)), "message-too-deep"),
        (status(&format!("<a b=\"{}\"/>", "x".repeat(70_000))), "message-too-large"),
        (message("M1", &many).to_string(), "message-too-many-items"),
        ("<Document><PmtCxl/></Document>".to_owned(), "message-kind-unknown"),
        (status("").replace(".10", ".99"), "message-version-unknown"),
        (status("").replace("</Document>", "</Document>x"), "message-malformed"),
        (status("").replace("</CstmrPmtStsRpt>", "</CstmrPmtStsRpt><PmtRtr/>"), "message-second"),
        ("<Document><CstmrPmtStsRpt/></Document>".to_owned(), "message-field-missing"),
        (status(twice), "message-field-twice"),
        (entry("").replace(">5<", ">five<"), "message-field-invalid"),
        (entry("<NtryDtls><TxDtls/></NtryDtls><BookgDt><Dt>2025-03-04</Dt></BookgDt>"), "message-field-order"),
    ];
    for (text, code) in cases {
        let answer = test.bank_sends("vcb", text.as_bytes()).await.refused(422, code);
        let error = &answer.body["errors"][0];
        assert_eq!(
            (&error["code"], error["message_vi"].is_string()),
            (&json!(code), true),
            "{code}: {}",
            answer.text()
        );
    }
    let large = vec![b' '; (16 << 20) + 1];
    test.bank_sends("vcb", &large).await.refused(413, "body-too-large");
    assert_eq!(test.head().await, before);
}

/// The code of the one field that is wrong.
fn fault(field: &str, answer: Answer) -> String {
    assert!(!answer.text().contains("MC4CAQ"), "a private key is not repeated");
    let problem = answer.refused(422, "invalid-input").body;
    let error = &problem["errors"][0];
    assert_eq!((&error["pointer"], error["message_vi"].is_string()), (&json!(format!("/{field}")), true), "{problem}");
    error["code"].as_str().unwrap().to_owned()
}

/// Two operators, each with another bank, at the same time.
async fn one_key_is_not_given_to_two_banks_at_once(test: &TestApp) {
    let request = |deed: &str| test.app.own_request(&Principal::local("operator"), deed);
    for round in 0..4 {
        let pair = pair(&format!("both-{round}"));
        let (one, two) = (request(&format!("one-{round}")), request(&format!("two-{round}")));
        let (vcb, bidv) = (bank("vcb"), bank("bidv"));
        let added = tokio::join!(
            test.app.add_bank_key(&one, &vcb, key(&format!("r{round}"), &pair)),
            test.app.add_bank_key(&two, &bidv, key(&format!("r{round}"), &pair)),
        );
        assert_eq!(u8::from(added.0.is_ok()) + u8::from(added.1.is_ok()), 1, "{added:?}");
        let winner = if added.0.is_ok() { vcb } else { bidv };
        let disable = request(&format!("off-{round}"));
        test.app.disable_bank_key(&disable, &winner, &format!("r{round}")).await.unwrap();
    }
    let verified = test.app.verify(&|_, _| {}).await.unwrap();
    assert!(verified.findings.is_empty(), "{:?}", verified.findings);
}

async fn every_fault_of_a_registration_is_named(test: TestApp) {
    let operator = test.as_role(Role::Operator);
    for (number, mapping) in
        ["not toml =", "[statuses]\nACSP = \"paid\"", "[entries]\ncredit = \"settled\""].iter().enumerate()
    {
        let body = json!({"bank": "vcb", "mapping": mapping});
        let answer = operator.post("/v1/banks", &format!("m{number}"), &body).await;
        assert_eq!(fault("mapping", answer), "bank-mapping-invalid");
    }
    let long = json!({"bank": "vcb", "mapping": format!("# {}", "x".repeat(65_536))});
    assert_eq!(fault("mapping", operator.post("/v1/banks", "long", &long).await), "bank-mapping-invalid");
    for (number, expected) in
        [json!("08:00"), json!([{"by": "8:00"}]), json!([{"by": "08:00", "when": "x"}])].iter().enumerate()
    {
        let answer =
            operator.post("/v1/banks", &format!("e{number}"), &json!({"bank": "vcb", "expected": expected})).await;
        fault("expected", answer);
    }
    let nine = vec![json!({"by": "08:00", "days": "every_day"}); 9];
    operator
        .post("/v1/banks", "e9", &json!({"bank": "vcb", "expected": nine}))
        .await
        .refused(422, "bank-expected-too-many");
    let good = json!({"bank": "vcb", "expected": [{"format": "camt.053", "by": "08:00"}]});
    let registered = operator.post("/v1/banks", "ok", &good).await.json(201);
    assert_eq!(registered["expected"], json!([{"format": "camt.053", "by": "08:00", "days": "working_days"}]));

    let request = |deed: &str| test.app.own_request(&Principal::local("operator"), deed);
    test.register_bank("bidv").await;
    let of = |key_id: &str, material: &str| json!({"key_id": key_id, "algorithm": "EdDSA", "key": material});
    let stolen = operator.post("/v1/banks/vcb/keys", "k1", &of("v1", &key("v1", &pair("bidv")).material)).await;
    assert_eq!(fault("key", stolen), "bank-key-of-another");
    let private = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----";
    for (number, material) in
        [private, "", "{}", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"].iter().enumerate()
    {
        let answer = operator.post("/v1/banks/vcb/keys", &format!("p{number}"), &of("v1", material)).await;
        assert_eq!(fault("key", answer), "bank-key-invalid", "{material}");
    }
    let answer =
        operator.post("/v1/banks/vcb/keys", "id", &of("no spaces here", &key("x", &pair("vcb")).material)).await;
    assert_eq!(fault("key_id", answer), "bank-key-invalid");
    // A secret is nobody else's either, however it is written; and the same key is not registered twice.
    let secret = |id: &str, text: &str| json!({"key_id": id, "algorithm": "HS256", "key": text});
    let text = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    operator.post("/v1/banks/bidv/keys", "s1", &secret("b-s", text)).await.is(201);
    let shared = operator.post("/v1/banks/vcb/keys", "s2", &secret("v-s", &format!("whsec_{text}"))).await;
    assert_eq!(fault("key", shared), "bank-key-of-another");
    operator.post("/v1/banks/bidv/keys", "s3", &secret("b-t", text)).await.refused(409, "bank-key-registered");
    operator.post("/v1/banks/bidv/disable-key", "s4", &json!({"key_id": "b-s"})).await.is(201);
    operator.post("/v1/banks/bidv/keys", "s5", &secret("b-t", text)).await.refused(409, "bank-key-registered");
    let again = of("bidv-2", &key("bidv-2", &pair("bidv")).material);
    operator.post("/v1/banks/bidv/keys", "s6", &again).await.refused(409, "bank-key-registered");
    one_key_is_not_given_to_two_banks_at_once(&test).await;
    for number in 0..16 {
        let id = format!("v{number}");
        test.app.add_bank_key(&request(&id), &bank("vcb"), key(&id, &pair(&id))).await.unwrap();
    }
    let one_more = of("v16", &key("v16", &pair("v16")).material);
    operator.post("/v1/banks/vcb/keys", "k17", &one_more).await.refused(409, "bank-keys-too-many");
    for path in ["/v1/banks/vcb/keys", "/v1/banks/vcb/disable-key", "/v1/banks"] {
        for role in [Role::Clerk, Role::Supervisor, Role::Bank, Role::Auditor, Role::Analyst] {
            test.as_role(role).post(path, "no", &json!({})).await.refused(403, "role-not-allowed");
        }
    }
}

//! Banks that report, as integrators would write them: a key pair, messages of each kind, and their signatures.

use crate::support::app::TestApp;
use crate::support::client::{Answer, send};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chitra::app::access::{Principal, Role};
use chitra::app::banks::registry::NewBankKey;
use chitra::banks::signature::{Algorithm, signing_input};
use chitra::domain::ids::BankId;
use reqwest::Method;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

/// A bank's id.
pub fn bank(id: &str) -> BankId {
    BankId::parse(id).unwrap()
}

/// A key pair of a bank, or of one of its keys, of its own.
pub fn pair(id: &str) -> Ed25519KeyPair {
    let mut seed = [0; 32];
    id.bytes().zip(&mut seed).for_each(|(byte, place)| *place = byte);
    Ed25519KeyPair::from_seed_unchecked(&seed).unwrap()
}

/// The public half as a key to be registered.
pub fn key(key_id: &str, pair: &Ed25519KeyPair) -> NewBankKey {
    let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    NewBankKey {
        key_id: key_id.to_owned(),
        algorithm: Algorithm::EdDsa,
        material: format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#),
        valid_from: None,
        valid_to: None,
    }
}

/// A token over a body, by a key, as of a second.
pub fn token_of(key_id: &str, pair: &Ed25519KeyPair, (iat, body): (i64, &[u8])) -> String {
    let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"EdDSA","kid":"{key_id}","iat":{iat}}}"#));
    let signature = pair.sign(&signing_input(&header, body, true));
    format!("{header}..{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

/// A token over a body, by a bank's first key, as of now.
pub fn token(test: &TestApp, id: &str, body: &[u8]) -> String {
    token_of(&format!("{id}-1"), &pair(id), (test.app.clock.now().as_second(), body))
}

/// Sends a body with a token.
pub async fn call(test: &TestApp, id: &str, (token, body): (&str, &[u8])) -> Answer {
    let request = test.nobody().request(Method::POST, &format!("/v1/bank-callbacks/{id}"));
    send(request.header("X-JWS-Signature", token).body(body.to_vec())).await
}

impl TestApp {
    /// Registers a bank with its first key.
    pub async fn register_bank(&self, id: &str) {
        let request = |deed: &str| self.app.own_request(&Principal::local("operator"), deed);
        self.app.register_bank(&request("register"), &bank(id), (None, None)).await.unwrap();
        self.app.add_bank_key(&request("key"), &bank(id), key(&format!("{id}-1"), &pair(id))).await.unwrap();
    }

    /// A bank sends what it signed.
    pub async fn bank_sends(&self, id: &str, body: &[u8]) -> Answer {
        call(self, id, (&token(self, id, body), body)).await
    }

    /// A bank sends a message of our own schema.
    pub async fn bank_reports(&self, id: &str, body: &Value) -> Answer {
        self.bank_sends(id, body.to_string().as_bytes()).await
    }

    /// The id of a payment's first attempt with the banks.
    pub async fn end_to_end_id(&self, payment: &str) -> String {
        let read = self.as_role(Role::Clerk).get(&format!("/v1/payments/{payment}")).await.json(200);
        read["attempts"][0]["end_to_end_id"].as_str().unwrap().to_owned()
    }

    /// Where a payment stands.
    pub async fn status_of(&self, payment: &str) -> Value {
        self.as_role(Role::Clerk).get(&format!("/v1/payments/{payment}")).await.json(200)["status"].clone()
    }
}

/// A message of our own schema.
pub fn message(id: &str, items: &[Value]) -> Value {
    json!({"message_id": id, "created_at": "2025-03-05T10:00:00+07:00", "items": items})
}

/// An item of it.
pub fn item(id: &str, status: &str) -> Value {
    json!({"end_to_end_id": id, "status": status, "date": "2025-03-04"})
}

/// The same of a day.
pub fn item_on(id: &str, status: &str, day: &str) -> Value {
    json!({"end_to_end_id": id, "status": status, "date": day})
}

/// A document of ISO 20022 around what is in it.
pub fn document(version: &str, id: &str, inside: &str) -> String {
    let element = match &version[..8] {
        "pain.002" => "CstmrPmtStsRpt",
        "camt.053" => "BkToCstmrStmt",
        "camt.054" => "BkToCstmrDbtCdtNtfctn",
        _ => "PmtRtr",
    };
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:{version}\"><{element}><GrpHdr><MsgId>{id}</MsgId><CreDtTm>2025-03-05T10:00:00+07:00</CreDtTm></GrpHdr>{inside}</{element}></Document>"
    )
}

/// A status report on one payment, made on a day.
pub fn pain002(id: &str, payment: &str, (status, day): (&str, &str)) -> String {
    let inside = format!(
        "<OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>{payment}</OrgnlEndToEndId><TxSts>{status}</TxSts><AccptncDtTm>{day}T09:00:00+07:00</AccptncDtTm></TxInfAndSts></OrgnlPmtInfAndSts>"
    );
    document("pain.002.001.10", id, &inside)
}

/// A booked entry: side, amount, day, and the bank's reference.
pub fn entry(payment: &str, (side, amount, day): (&str, &str, &str), reference: &str) -> String {
    let back = if side == "CRDT" { "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>" } else { "" };
    format!(
        "<Ntry><Amt Ccy=\"VND\">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>{payment}</EndToEndId></Refs>{back}</TxDtls></NtryDtls></Ntry>"
    )
}

/// A notice of entries.
pub fn camt054(id: &str, entries: &str) -> String {
    document("camt.054.001.08", id, &format!("<Ntfctn><Id>{id}</Id>{entries}</Ntfctn>"))
}

/// A statement of entries.
pub fn camt053(id: &str, entries: &str) -> String {
    document("camt.053.001.08", id, &format!("<Stmt><Id>{id}</Id>{entries}</Stmt>"))
}

/// A return of one payment on a day.
pub fn pacs004(id: &str, payment: &str, (amount, day): (&str, &str)) -> String {
    let inside = format!(
        "<TxInf><RtrId>{id}</RtrId><OrgnlEndToEndId>{payment}</OrgnlEndToEndId><RtrdInstdAmt Ccy=\"VND\">{amount}</RtrdInstdAmt><IntrBkSttlmDt>{day}</IntrBkSttlmDt><RtrRsnInf><Rsn><Cd>AC04</Cd></Rsn></RtrRsnInf></TxInf>"
    );
    document("pacs.004.001.09", id, &inside)
}

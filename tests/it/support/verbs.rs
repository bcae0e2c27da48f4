//! What offices and banks do, as short verbs: register, instruct, settle, and so on, each with a fresh idempotency key.

use crate::support::app::TestApp;
use crate::support::client::Answer;
use chitra::app::access::Role;
use serde_json::{Value, json};

/// An urban ward and a rural commune of Tam Ky (district D502), and a ward of Hoi An (D503), all of Quang Nam.
pub const WARD: &str = "20341";
pub const COMMUNE: &str = "20359";
pub const HOI_AN: &str = "20398";

/// Someone paid into an account at Vietcombank.
pub fn by_account(reference: &str, unit: &str) -> Value {
    json!({"beneficiary_ref": reference, "unit": unit, "channel": "account", "bank": "vcb", "account": account_of(reference),
        "effective_month": "2024-01"})
}

/// Someone paid in cash.
pub fn in_cash(reference: &str, unit: &str) -> Value {
    json!({"beneficiary_ref": reference, "unit": unit, "channel": "cash_desk", "effective_month": "2024-01"})
}

/// An account number of one's own.
pub fn account_of(reference: &str) -> String {
    let number = reference.bytes().fold(7_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 10_000_000);
    format!("00{number:08}")
}

/// The order of a pension of 5,000,000 for March 2025.
pub fn pension(reference: &str, person: &str) -> Value {
    json!({"payment_reference": reference, "beneficiary_ref": person, "benefit_type": "pension", "cycle": "2025-03", "amount": "5000000"})
}

/// The body with some members set anew; null takes one out.
pub fn with(mut body: Value, members: &Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        if value.is_null() {
            body.as_object_mut().unwrap().remove(name);
        } else {
            body[name] = value.clone();
        }
    }
    body
}

/// Paid on a day, by a bank's statement.
pub fn settled(day: &str) -> Value {
    json!({"settled_on": day, "evidence": {"kind": "camt.054", "reference": format!("ENTRY-{day}")}})
}

/// Came back on a day because the account is closed.
pub fn returned(day: &str) -> Value {
    json!({"returned_on": day, "reason_code": "AC04", "evidence": {"kind": "camt.054", "reference": format!("BACK-{day}")}})
}

/// Refused because the account is wrong.
pub fn rejected() -> Value {
    json!({"reason_code": "AC01", "rejected_on": "2025-03-04"})
}

impl TestApp {
    /// Another supervisor consents to what somebody asked for.
    pub async fn consented(&self, asked: &Value) -> Answer {
        self.consented_by(Role::Supervisor, asked).await
    }

    /// The same of somebody of a role.
    pub async fn consented_by(&self, role: Role, asked: &Value) -> Answer {
        let path = format!("/v1/approvals/{}/grant", asked["approval_id"].as_str().unwrap());
        let second = self.with_key(&self.key(role, None, None).await);
        second.post(&path, &self.fresh(), &json!({})).await
    }

    /// Registers someone; the pseudonym.
    pub async fn register(&self, body: &Value) -> String {
        let answer = self.supervisor().post("/v1/beneficiaries", &self.fresh(), body).await.json(201);
        answer["beneficiary_id"].as_str().unwrap().to_owned()
    }

    /// Orders a payment; its id.
    pub async fn instruct(&self, body: &Value) -> String {
        let answer = self.supervisor().post("/v1/payments", &self.fresh(), body).await.json(201);
        answer["payment_id"].as_str().unwrap().to_owned()
    }

    /// Registers someone with an account and orders a pension; the payment's id.
    pub async fn pension_of(&self, person: &str, unit: &str) -> String {
        self.register(&by_account(person, unit)).await;
        self.instruct(&pension(&format!("P-{person}"), person)).await
    }

    /// Records that somebody may receive for the person of a payment, all of that year.
    pub async fn allow(&self, payment: &str, payee: &str) {
        let person = self.payment(payment).await["beneficiary_id"].as_str().unwrap().to_owned();
        let body = json!({"payee": payee, "name": "Trần Thị Sáu", "certified": true, "valid_from": "2025-01-01", "valid_to": "2025-12-31"});
        self.supervisor()
            .post(&format!("/v1/beneficiaries/{person}/authorisations"), &self.fresh(), &body)
            .await
            .is(201);
    }

    /// Does something to a payment.
    pub async fn deed(&self, payment: &str, deed: &str, body: &Value) -> Answer {
        self.supervisor().post(&format!("/v1/payments/{payment}/{deed}"), &self.fresh(), body).await
    }

    /// Records a settlement.
    pub async fn settle(&self, payment: &str, day: &str) -> Answer {
        self.deed(payment, "settle", &settled(day)).await
    }

    /// Records a settlement of another amount than most tests pay.
    pub async fn settle_amount(&self, payment: &str, amount: &str) {
        self.deed(payment, "settle", &with(settled("2025-03-05"), &json!({"amount": amount}))).await.is(201);
    }

    /// Reads a payment.
    pub async fn payment(&self, id: &str) -> Value {
        self.supervisor().get(&format!("/v1/payments/{id}")).await.json(200)
    }

    /// Reads a path that projections answer, as of now.
    pub async fn read(&self, path: &str) -> Value {
        let joint = if path.contains('?') { '&' } else { '?' };
        self.supervisor().get(&format!("{path}{joint}min_position={}", self.head().await)).await.json(200)
    }
}

//! Payment lists over HTTP: each step with its good case and its refusals, dry runs, reach, repeats, and what the log says afterwards.

mod bank_files;
mod plans;
mod preparing;
mod print;
mod rules;
mod settling;
mod whole_files;

use crate::support::app::TestApp;
use crate::support::client::{Answer, Client};
use crate::support::verbs::{WARD, by_account, pension, with};
use crate::verify::figures::assert_same;
use chitra::app::access::Role;
use serde_json::{Value, json};

/// Two people of the ward with an account at Vietcombank and a pension of 5,000,000 each; the payments' ids.
async fn two_pensions(test: &TestApp) -> [String; 2] {
    [test.pension_of("TK-1", WARD).await, test.pension_of("TK-2", WARD).await]
}

/// All open payments by account of March.
fn march() -> Value {
    json!({"cycle": "2025-03", "channel": "account", "open_payments": true})
}

/// The next list of the same people.
fn april(list: &str, changes: &Value) -> Value {
    json!({"cycle": "2025-04", "from_lists": [list], "changes": changes})
}

impl TestApp {
    fn clerk(&self) -> Client {
        self.as_role(Role::Clerk)
    }

    /// Prepares a list as the clerk; the answer.
    async fn prepare(&self, body: &Value) -> Answer {
        self.clerk().post("/v1/lists", &self.fresh(), body).await
    }

    /// Prepares a list; its id.
    async fn prepared(&self, body: &Value) -> String {
        self.prepare(body).await.json(201)["list_id"].as_str().unwrap().to_owned()
    }

    /// A step as the clerk.
    async fn step(&self, list: &str, step: &str, body: &Value) -> Answer {
        self.clerk().post(&format!("/v1/lists/{list}/{step}"), &self.fresh(), body).await
    }

    /// A list from the projection.
    async fn list(&self, id: &str) -> Value {
        self.read(&format!("/v1/lists/{id}")).await
    }

    /// Checked and sent to the agent, who took it on.
    async fn sent(&self, list: &str) {
        self.step(list, "check", &json!({})).await.is(201);
        self.step(list, "submit", &json!({})).await.is(201);
        self.step(list, "acknowledge", &json!({"answer": "accepted"})).await.is(201);
    }

    /// Nothing in the log is unexplained: claims, figures, lists, and every table as a replay gives it.
    async fn is_sound(&self) {
        let verification = self.app.verify(&|_, _| {}).await.unwrap();
        assert!(verification.findings.is_empty(), "{:?}", verification.findings);
        self.caught_up().await;
        self.read("/v1/lists").await;
        assert_same(&self.app).await;
    }
}

/// The reasons of those left out, in order.
fn reasons(view: &Value) -> Vec<&str> {
    view["left_out_page"].as_array().unwrap().iter().map(|row| row["reason"].as_str().unwrap()).collect()
}

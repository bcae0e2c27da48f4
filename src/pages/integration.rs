//! The integrators' pages: a bank's keys, a first signed callback in lines that a shell takes as they stand, what became of messages, and what
//! endpoints were sent.

use super::Frame;
use super::deeds::DeedForm;
use super::payments::unit_name;
use crate::app::banks::inbox::{InboxView, MessageRow};
use crate::app::webhooks::deliveries::WebhookView;
use crate::app::webhooks::{DeliveryState, StoredDelivery};
use crate::domain::bank::{Bank, BankKey};
use crate::domain::ids::BankId;
use crate::domain::inbox::Quarantine;
use crate::domain::profile::Profile;
use crate::domain::webhook::{Registered, WebhookStatus};
use askama::Template;
use jiff::Timestamp;
use serde_json::Value;

/// The bank that is looked at.
pub struct BankPart<'a> {
    pub id: &'a BankId,
    pub state: &'a Bank,
    /// An operator's: by the place of the key.
    pub disables: Vec<Option<DeedForm<'a>>>,
    pub adds: Option<DeedForm<'a>>,
    pub recipe: Recipe,
}

/// What a first callback is made of.
pub struct Recipe {
    /// Scheme and host, as the reader's browser has them.
    pub server: String,
    pub bank: String,
    pub key_id: String,
    pub algorithm: String,
    /// Of an open payment of the bank's, where the reader may know one.
    pub end_to_end_id: Option<String>,
    pub is_sandbox: bool,
}

/// All of it.
#[derive(Template)]
#[template(path = "integration.html")]
pub struct IntegrationPage<'a> {
    pub page: &'a Frame,
    pub profile: &'a Profile,
    pub now: Timestamp,
    /// The banks that can be chosen.
    pub banks: &'a [(BankId, Bank)],
    pub bank: Option<BankPart<'a>>,
    pub registers: Option<DeedForm<'a>>,
    /// `None` for who reads no inbox.
    pub messages: Option<&'a [MessageRow]>,
    pub next: Option<String>,
    pub webhooks: Vec<WebhookView>,
}

/// One message.
#[derive(Template)]
#[template(path = "message.html")]
pub struct MessagePage<'a> {
    pub page: &'a Frame,
    pub profile: &'a Profile,
    pub view: &'a InboxView,
    pub links_payments: bool,
}

/// One endpoint.
#[derive(Template)]
#[template(path = "endpoint.html")]
pub struct EndpointPage<'a> {
    pub page: &'a Frame,
    pub profile: &'a Profile,
    pub view: &'a WebhookView,
    pub status: String,
    pub deeds: Vec<DeedForm<'a>>,
    pub deliveries: Vec<DeliveryLine<'a>>,
    pub next: Option<String>,
}

/// One delivery with the form that sends it again.
pub struct DeliveryLine<'a> {
    pub stored: &'a StoredDelivery,
    pub resend: Option<DeedForm<'a>>,
}

/// One try of a delivery.
pub struct Try {
    pub at: String,
    pub came: String,
    pub is_good: bool,
    pub duration: String,
    pub answer: String,
}

impl BankPart<'_> {
    /// The keys, each with the form that ends it.
    fn keys(&self) -> Vec<(&BankKey, Option<&DeedForm<'_>>)> {
        self.state.keys.iter().zip(self.disables.iter().map(Option::as_ref)).collect()
    }
}

impl Recipe {
    /// What is reported: in a sandbox that it is paid, elsewhere what changes no payment.
    const fn status(&self) -> &'static str {
        if self.is_sandbox { "settled" } else { "PDNG" }
    }

    /// A key pair, and its public half as an operator registers it.
    fn pair(&self) -> String {
        let made = match self.algorithm.as_str() {
            "ES256" => {
                "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out bank.pem\nopenssl pkey -in bank.pem -pubout -out bank.pub"
            }
            "HS256" => "echo \"whsec_$(openssl rand -base64 32)\" > bank.secret",
            _ => "openssl genpkey -algorithm ed25519 -out bank.pem\nopenssl pkey -in bank.pem -pubout -out bank.pub",
        };
        made.to_owned()
    }

    /// The message, signed and sent, in bash.
    fn call(&self) -> String {
        let Self { server, bank, key_id, .. } = self;
        let id = self.end_to_end_id.as_deref().unwrap_or("END-TO-END-ID-OF-A-PAYMENT");
        let message = format!(
            "C={server} BANK={bank} KEY_ID={key_id} END_TO_END_ID={id}\nprintf '{{\"message_id\":\"TEST-%s\",\"created_at\":\"%s\",\"items\":[{{\"end_to_end_id\":\"%s\",\"status\":\"{}\"}}]}}' \"$(date +%s)\" \"$(date -u +%FT%TZ)\" \"$END_TO_END_ID\" > body.json\n",
            self.status()
        );
        message + if self.algorithm == "HS256" { SECRET_LINES } else { "" } + &self.token()
    }

    fn token(&self) -> String {
        let sign = match self.algorithm.as_str() {
            "HS256" => return String::new(),
            "ES256" => {
                "openssl dgst -sha256 -sign bank.pem to-sign | openssl asn1parse -inform DER \\\n  | awk -F: '/INTEGER/ { n = $4; while (length(n) < 64) n = \"0\" n; printf \"%s\", n }' | sed 's/../\\\\x&/g' > hex\nprintf \"$(cat hex)\" > signature"
            }
            _ => "openssl pkeyutl -sign -rawin -inkey bank.pem -in to-sign -out signature",
        };
        TOKEN_LINES.replace("{algorithm}", &self.algorithm).replace("{sign}", sign)
    }
}

const TOKEN_LINES: &str = r#"b64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
HEADER=$(printf '{"alg":"{algorithm}","kid":"%s","iat":%s,"b64":false,"crit":["b64"]}' "$KEY_ID" "$(date +%s)" | b64url)
{ printf '%s.' "$HEADER"; cat body.json; } > to-sign
{sign}
curl -s "$C/v1/bank-callbacks/$BANK" -H "x-jws-signature: $HEADER..$(b64url < signature)" --data-binary @body.json
"#;

const SECRET_LINES: &str = r#"ID=test-$(date +%s) AT=$(date +%s) SECRET=$(cat bank.secret)
KEY=$(printf '%s' "${SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
SIGNATURE=$({ printf '%s.%s.' "$ID" "$AT"; cat body.json; } | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | openssl base64 -A)
curl -s "$C/v1/bank-callbacks/$BANK" -H "webhook-id: $ID" -H "webhook-timestamp: $AT" -H "webhook-signature: v1,$SIGNATURE" --data-binary @body.json
"#;

fn number(page: &Frame, number: u64) -> String {
    page.tongue.number(i64::try_from(number).unwrap_or(i64::MAX))
}

pub(super) fn time(page: &Frame, profile: &Profile, at_us: i64) -> String {
    format!("{} {}", page.tongue.day(profile.business_day(at_us)), profile.clock_time(at_us))
}

fn bank_name<'a>(profile: &'a Profile, id: &'a str) -> &'a str {
    profile.bank(id).map_or(id, |spec| spec.short_name.as_str())
}

/// A chip's class and word for where an endpoint stands.
fn endpoint_state<'a>(page: &'a Frame, own: &Registered, is_failing: bool) -> (&'static str, &'a str) {
    match own.status {
        WebhookStatus::Active if is_failing => ("warn", page.t("integration.failing")),
        WebhookStatus::Active => ("good", page.t("integration.active")),
        WebhookStatus::Disabled(_) => ("bad", page.t("integration.disabled")),
        WebhookStatus::Removed => ("", page.t("integration.removed")),
    }
}

impl IntegrationPage<'_> {
    fn bank_name<'b>(&'b self, id: &'b BankId) -> &'b str {
        bank_name(self.profile, id.as_str())
    }

    fn is_here(&self, id: &BankId) -> bool {
        self.bank.as_ref().is_some_and(|bank| bank.id == id)
    }

    fn key_state(&self, key: &BankKey) -> (&'static str, &str) {
        match (key.disabled, key.is_in_force(self.now)) {
            (true, _) => ("bad", self.page.t("integration.key_disabled")),
            (false, true) => ("good", self.page.t("integration.in_force")),
            (false, false) if key.key.valid_from.is_some_and(|from| self.now < from) => {
                ("", self.page.t("integration.not_yet"))
            }
            (false, false) => ("warn", self.page.t("integration.expired")),
        }
    }

    fn validity(&self, key: &BankKey) -> String {
        let day = |at: Option<Timestamp>| at.map(|at| time(self.page, self.profile, at.as_microsecond()));
        match (day(key.key.valid_from), day(key.key.valid_to)) {
            (None, None) => self.page.t("integration.always").to_owned(),
            (Some(from), None) => self.page.say("integration.from", &[("from", &from)]),
            (None, Some(to)) => self.page.say("integration.until", &[("to", &to)]),
            (Some(from), Some(to)) => format!("{from} – {to}"),
        }
    }

    fn has_key(&self) -> bool {
        self.bank.as_ref().is_some_and(|bank| bank.state.keys.iter().any(|key| key.is_in_force(self.now)))
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    fn number(&self, count: &u64) -> String {
        number(self.page, *count)
    }

    fn came(&self, row: &MessageRow) -> String {
        time(self.page, self.profile, row.received_at_us)
    }

    fn endpoint<'b>(&'b self, view: &'b WebhookView) -> (&'static str, &'b str) {
        endpoint_state(self.page, &view.own, view.failing_since_us.is_some())
    }

    /// What an endpoint is told about.
    fn about(&self, view: &WebhookView) -> String {
        let settings = &view.own.settings;
        let unit = settings.unit.as_ref().map(|unit| unit_name(self.profile, unit).to_owned());
        let bank = settings.bank.as_ref().map(|bank| bank_name(self.profile, bank.as_str()).to_owned());
        let kinds = match settings.kinds.len() {
            0 => self.page.t("integration.all_kinds").to_owned(),
            some => self.page.say("integration.kinds", &[("n", &some.to_string())]),
        };
        [Some(kinds), unit, bank].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
}

impl MessagePage<'_> {
    fn bank(&self) -> &str {
        let received = self.view.state.received.as_ref();
        received.map_or("", |received| bank_name(self.profile, received.bank.as_str()))
    }

    /// The facts of the message, as pairs of a word and a text.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let t = |key: &'static str| self.page.t(key);
        let Some(received) = &self.view.state.received else { return Vec::new() };
        let format = received.version.as_deref().unwrap_or(&received.format);
        let mut facts = vec![
            (t("integration.format"), format.to_owned()),
            (t("integration.items"), number(self.page, received.items)),
            (t("integration.bytes"), number(self.page, received.bytes)),
            (t("integration.sha256"), received.sha256.clone()),
            (t("integration.events"), format!("{} – {}", self.view.received.position, self.view.position)),
        ];
        if let Some(counts) = &self.view.state.applied {
            facts.push((t("integration.applied"), number(self.page, counts.applied)));
            facts.push((t("integration.no_op"), number(self.page, counts.no_op)));
            facts.push((t("integration.quarantined"), number(self.page, counts.quarantined)));
        }
        facts
    }

    const fn is_judged(&self) -> bool {
        self.view.state.applied.is_some()
    }

    fn cause<'b>(&'b self, quarantine: &'b Quarantine) -> &'b str {
        self.page.code("cause", &quarantine.item.cause)
    }

    fn what_became(&self, quarantine: &Quarantine) -> (&'static str, String) {
        match (&quarantine.resolved, &quarantine.judged_again) {
            (Some(_), _) => ("good", self.page.t("integration.resolved").to_owned()),
            (None, Some(_)) => ("good", self.page.t("integration.judged_again").to_owned()),
            (None, None) => ("warn", self.page.t("integration.waits").to_owned()),
        }
    }
}

impl EndpointPage<'_> {
    fn state(&self) -> (&'static str, &str) {
        endpoint_state(self.page, &self.view.own, self.view.failing_since_us.is_some())
    }

    fn told(&self) -> String {
        self.view.told_position.map_or_else(|| "–".to_owned(), |at| number(self.page, at))
    }

    fn pending(&self) -> String {
        number(self.page, self.view.pending)
    }

    fn failing(&self) -> Option<String> {
        self.view.failing_since_us.map(|at| time(self.page, self.profile, at))
    }

    fn states(&self) -> Vec<(&'static str, &str, bool)> {
        let one = |state: DeliveryState| (state.as_str(), self.state_name(state), self.status == state.as_str());
        DeliveryState::ALL.into_iter().map(one).collect()
    }

    fn state_name(&self, state: DeliveryState) -> &str {
        self.page.code("delivery", state.as_str())
    }

    fn chip<'b>(&'b self, line: &'b DeliveryLine<'_>) -> (&'static str, &'b str) {
        let class = match line.stored.state {
            DeliveryState::Pending => "warn",
            DeliveryState::Delivered => "good",
            DeliveryState::GivenUp => "bad",
        };
        (class, self.state_name(line.stored.state))
    }

    fn position(&self, line: &DeliveryLine<'_>) -> String {
        number(self.page, line.stored.position)
    }

    fn when(&self, line: &DeliveryLine<'_>) -> String {
        time(self.page, self.profile, line.stored.updated_at_us)
    }

    fn again(&self, line: &DeliveryLine<'_>) -> Option<String> {
        let next = line.stored.next_try_us.filter(|_| line.stored.state == DeliveryState::Pending)?;
        Some(self.page.say("integration.next_try", &[("time", &time(self.page, self.profile, next))]))
    }

    /// The tries that are kept, the last one first.
    fn tries(&self, line: &DeliveryLine<'_>) -> Vec<Try> {
        let tries: Vec<Value> = serde_json::from_slice(&line.stored.answers).unwrap_or_default();
        let one = |one: &Value| {
            let at: Option<Timestamp> = one["at"].as_str().and_then(|text| text.parse().ok());
            let status = one["status"].as_u64();
            Try {
                at: at.map_or_else(String::new, |at| time(self.page, self.profile, at.as_microsecond())),
                came: status.map_or_else(|| one["failure"].as_str().unwrap_or("–").to_owned(), |code| code.to_string()),
                is_good: status.is_some_and(|code| (200..300).contains(&code)),
                duration: format!("{} ms", one["duration_ms"].as_i64().unwrap_or(0)),
                answer: one["answer"].as_str().unwrap_or_default().to_owned(),
            }
        };
        tries.iter().rev().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(algorithm: &str, is_sandbox: bool) -> Recipe {
        Recipe {
            server: "http://127.0.0.1:1".to_owned(),
            bank: "vcb".to_owned(),
            key_id: "vcb-1".to_owned(),
            algorithm: algorithm.to_owned(),
            end_to_end_id: None,
            is_sandbox,
        }
    }

    #[test]
    fn outside_a_sandbox_a_first_callback_changes_no_payment() {
        assert!(recipe("EdDSA", false).call().contains("\"status\":\"PDNG\""));
        assert!(recipe("EdDSA", true).call().contains("\"status\":\"settled\""));
    }

    #[test]
    fn each_algorithm_has_its_own_way_to_sign() {
        assert!(recipe("EdDSA", false).call().contains("pkeyutl -sign -rawin"));
        assert!(recipe("ES256", false).call().contains("\"alg\":\"ES256\""));
        let secret = recipe("HS256", false);
        assert!(secret.call().contains("webhook-signature: v1,") && !secret.call().contains("x-jws-signature"));
        assert!(secret.pair().contains("whsec_"));
    }
}

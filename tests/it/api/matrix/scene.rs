//! What is there to be reached: the same things of two units and two banks, and whatever else a request needs to be about something.

use super::rows::Made;
use crate::support::app::TestApp;
use crate::support::banks::{camt053, entry, item, message, pair};
use crate::support::verbs::{HOI_AN, WARD, account_of, by_account, in_cash, pension, settled, with};
use crate::support::webhooks::{Takes, here};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chitra::app::access::Role;
use chitra::app::webhooks::deliverer::Deliverer;
use jiff::ToSpan;
use jiff::civil::date;
use ring::signature::KeyPair;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is known of an object, by names that the table's texts use.
pub type Thing = BTreeMap<&'static str, String>;

/// A unit with a bank.
#[derive(Debug, Clone, Copy)]
pub struct Spot {
    code: &'static str,
    unit: &'static str,
    bank: &'static str,
}

pub const OURS: Spot = Spot { code: WARD, unit: "C20341", bank: "vcb" };
pub const THEIRS: Spot = Spot { code: HOI_AN, unit: "C20398", bank: "bidv" };

/// The name of everybody here.
pub const NAME: &str = "Đặng Thị Mười Tám";

/// Makes things under another key than those that are tried.
pub struct Maker<'a> {
    pub test: &'a TestApp,
    number: AtomicUsize,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// A day to come on which the units of the scene are still in force. A unit has one target for a day.
fn a_day(n: usize) -> String {
    let days = i64::try_from(n % 80).unwrap();
    date(2025, 4, 2).checked_add(days.days()).unwrap().to_string()
}

impl<'a> Maker<'a> {
    pub async fn new(test: &'a TestApp) -> Self {
        test.app.webhooks.configure(here());
        let maker = Self { test, number: AtomicUsize::new(1_001) };
        for bank in [OURS.bank, THEIRS.bank] {
            test.register_bank(bank).await;
            let way = json!({"form": "pain.001.001.09", "payer": "BHXH Quảng Nam", "account": "1100000001"});
            let operator = test.as_role(Role::Operator);
            let asked = operator.post(&format!("/v1/banks/{bank}/orders"), &test.fresh(), &way).await.json(202);
            test.consented_by(Role::Operator, &asked).await.is(201);
        }
        maker
    }

    /// One of each kind that is listed or read.
    pub async fn scene(&self, spot: Spot) -> Thing {
        let mut all = self.recovery(spot).await;
        all.insert("held", self.held(spot).await["id"].clone());
        all.insert("list", self.list(spot).await["id"].clone());
        all.insert("approval", self.approval(spot).await["id"].clone());
        all.insert("import", self.import(spot).await["id"].clone());
        let desk = self.advanced(spot).await;
        all.extend([("desk", desk["id"].clone()), ("desk_code", desk["desk_code"].clone())]);
        let message = self.message(spot).await;
        all.extend([("message", message["id"].clone()), ("waiting", message["payment"].clone())]);
        all.insert("statement", self.statement(spot).await);
        all.insert("webhook", self.webhook(spot).await["id"].clone());
        all.insert("target", self.target(spot).await["id"].clone());
        all.insert("authorised", self.authorised(spot).await["id"].clone());
        all.insert("unmatched", self.unmatched(spot).await);
        let cited = json!({"definition": "A1", "title": "Báo cáo", "cycle": "2025-03", "unit": spot.unit, "min_position": self.test.head().await});
        all.insert("citation", text(&self.post("/v1/figures", &cited).await["figure_id"]));
        all
    }

    /// A new object of a kind; a known one is the scene's.
    pub async fn make(&self, made: Made, scene: &Thing) -> Thing {
        let spot = OURS;
        match made {
            Made::Known(name) => {
                let mut thing = scene.clone();
                thing.insert("id", scene.get(name).cloned().unwrap_or_default());
                thing.insert("n", self.next().to_string());
                thing
            }
            Made::Person => self.person(spot).await,
            Made::Suspended => self.suspended(spot).await,
            Made::Authorised => self.authorised(spot).await,
            Made::Identified => self.identified(spot).await,
            Made::Payment => self.payment(spot).await,
            Made::Settled => self.settled(spot).await,
            Made::Held => self.held(spot).await,
            Made::Failed => self.failed(spot).await,
            Made::Contradicted => self.contradicted(spot).await,
            Made::Desk => self.desk(spot).await,
            Made::Advanced => self.advanced(spot).await,
            Made::List => self.list(spot).await,
            Made::Checked => self.list_after(spot, 1).await,
            Made::Submitted => self.list_after(spot, 2).await,
            Made::Stopped => self.stopped(spot).await,
            Made::Settling => self.settling(spot).await,
            Made::Reconciled => self.reconciled(spot).await,
            Made::Recovery => self.recovery(spot).await,
            Made::Approval => self.approval(spot).await,
            Made::Import => self.import(spot).await,
            Made::Message => self.message(spot).await,
            Made::Webhook => self.webhook(spot).await,
            Made::Delivered => self.delivered(spot).await,
            Made::Target => self.target(spot).await,
            Made::Key => {
                let key = self.test.key(Role::Analyst, None, None).await;
                let id = key.split('_').nth(1).unwrap().to_owned();
                [("id", id.clone()), ("key", id), ("n", self.next().to_string())].into()
            }
            Made::AskedKey => self.asked_key().await,
            Made::NewBank => self.bank(),
            Made::Bank => {
                let bank = self.bank();
                self.test.register_bank(&bank["bank"]).await;
                bank
            }
        }
    }

    fn next(&self) -> usize {
        self.number.fetch_add(1, Ordering::SeqCst)
    }

    /// What worked, as the whole log's supervisor does it.
    async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.test.supervisor().post(path, &self.test.fresh(), body).await;
        assert!((200..203).contains(&answer.status), "{path}: {}", answer.text());
        answer.body
    }

    async fn deed(&self, path: &str, body: Value) {
        self.post(path, &body).await;
    }

    async fn registered(&self, (spot, body): (Spot, fn(&str, &str) -> Value)) -> Thing {
        let n = self.next();
        let (reference, number) = (format!("MX-{n}"), format!("049255{n:06}"));
        let members = json!({"name": NAME, "personal_id": number});
        let id = self.test.register(&with(body(&reference, spot.code), &members)).await;
        let known = [("id", id.clone()), ("person", id), ("ref", reference), ("number", number)];
        let own = [("n", n.to_string()), ("day", a_day(n))];
        let of_spot = [("code", spot.code), ("unit", spot.unit), ("bank", spot.bank)];
        known.into_iter().chain(own).chain(of_spot.map(|(name, value)| (name, value.to_owned()))).collect()
    }

    async fn person(&self, spot: Spot) -> Thing {
        let by_account: fn(&str, &str) -> Value = match spot.bank {
            "vcb" => by_account,
            _ => |reference, unit| with(by_account(reference, unit), &json!({"bank": "bidv"})),
        };
        let mut thing = self.registered((spot, by_account)).await;
        thing.insert("account", account_of(&thing["ref"]));
        thing
    }

    async fn suspended(&self, spot: Spot) -> Thing {
        let thing = self.person(spot).await;
        let body = json!({"legal_ground": "cannot_be_verified", "from_month": "2025-04"});
        self.deed(&format!("/v1/beneficiaries/{}/suspend", thing["id"]), body).await;
        thing
    }

    async fn authorised(&self, spot: Spot) -> Thing {
        let mut thing = self.person(spot).await;
        let body = json!({"payee": "authorised", "name": "Trần Thị Sáu", "certified": true, "valid_from": "2025-01-01", "valid_to": "2025-12-31"});
        let answer = self.post(&format!("/v1/beneficiaries/{}/authorisations", thing["id"]), &body).await;
        thing.insert("right", text(&answer["authorisations"][0]["authorised_ref"]));
        thing
    }

    async fn identified(&self, spot: Spot) -> Thing {
        let mut thing = self.person(spot).await;
        let path = format!("/v1/beneficiaries/{}/personal", thing["id"]);
        let held = self.test.supervisor().get(&path).await.json(200);
        let found = held["identifiers"].as_array().unwrap().iter().find(|one| one["scheme"] == "personal_id").unwrap();
        thing.insert("identifier", text(&found["record_ref"]));
        thing
    }

    async fn unmatched(&self, spot: Spot) -> String {
        let thing = self.person(spot).await;
        let body = json!({"status": "mismatch", "source": "population_database", "checked_on": "2025-03-20", "fields": ["name"]});
        self.deed(&format!("/v1/beneficiaries/{}/identity", thing["id"]), body).await;
        thing["id"].clone()
    }

    /// Orders a pension for somebody, which is the object from then on.
    async fn ordered(&self, mut thing: Thing) -> Thing {
        let id = self.test.instruct(&pension(&format!("P-{}", thing["ref"]), &thing["ref"])).await;
        thing.extend([("payment", id.clone()), ("id", id)]);
        thing
    }

    async fn payment(&self, spot: Spot) -> Thing {
        self.ordered(self.person(spot).await).await
    }

    async fn payment_after(&self, spot: Spot, (deed, body): (&str, Value)) -> Thing {
        let thing = self.payment(spot).await;
        self.deed(&format!("/v1/payments/{}/{deed}", thing["id"]), body).await;
        thing
    }

    async fn settled(&self, spot: Spot) -> Thing {
        self.payment_after(spot, ("settle", settled("2025-03-05"))).await
    }

    async fn held(&self, spot: Spot) -> Thing {
        self.payment_after(spot, ("hold", json!({"cause": "to be asked"}))).await
    }

    async fn failed(&self, spot: Spot) -> Thing {
        self.payment_after(spot, ("fail", json!({"cause": "no_answer"}))).await
    }

    async fn contradicted(&self, spot: Spot) -> Thing {
        let thing = self.payment(spot).await;
        let other = with(settled("2025-03-05"), &json!({"amount": "4900000"}));
        self.test.deed(&thing["id"], "settle", &other).await.refused(409, "amount-differs");
        thing
    }

    async fn desk(&self, spot: Spot) -> Thing {
        let n = self.next();
        let code = format!("K-{n}");
        let body = json!({"code": code, "kind": "payment_point", "unit": spot.code});
        let id = text(&self.post("/v1/desks", &body).await["desk_id"]);
        [("id", id), ("desk_code", code), ("n", n.to_string())].into()
    }

    /// A desk with cash, and somebody in line.
    async fn advanced(&self, spot: Spot) -> Thing {
        let waiting = self.ordered(self.registered((spot, in_cash)).await).await;
        let mut thing = self.desk(spot).await;
        let cash =
            json!({"amount": "5000000", "evidence": {"kind": "voucher", "reference": format!("V-{}", thing["n"])}});
        self.deed(&format!("/v1/desks/{}/days/2025-03-04/advance", thing["id"]), cash).await;
        thing.insert("payment", waiting["payment"].clone());
        thing
    }

    async fn list(&self, spot: Spot) -> Thing {
        let mut thing = self.payment(spot).await;
        let body = json!({"cycle": "2025-03", "channel": "account", "payments": [thing["payment"]]});
        thing.insert("id", text(&self.post("/v1/lists", &body).await["list_id"]));
        thing
    }

    /// A list that went so many steps.
    async fn list_after(&self, spot: Spot, steps: usize) -> Thing {
        let thing = self.list(spot).await;
        let answer = json!({"answer": "accepted"});
        let all = [("check", json!({})), ("submit", json!({})), ("acknowledge", answer)];
        for (step, body) in all.into_iter().take(steps) {
            self.deed(&format!("/v1/lists/{}/{step}", thing["id"]), body).await;
        }
        thing
    }

    async fn stopped(&self, spot: Spot) -> Thing {
        let thing = self.list_after(spot, 3).await;
        self.test.supervisor().get(&format!("/v1/lists/{}/order?bank={}", thing["id"], spot.bank)).await.is(200);
        self.deed(&format!("/v1/payments/{}/hold", thing["payment"]), json!({"cause": "death_reported"})).await;
        thing
    }

    async fn settling(&self, spot: Spot) -> Thing {
        let thing = self.list_after(spot, 3).await;
        self.test.settle(&thing["payment"], "2025-03-05").await.is(201);
        thing
    }

    async fn reconciled(&self, spot: Spot) -> Thing {
        let thing = self.settling(spot).await;
        self.deed(&format!("/v1/lists/{}/reconcile", thing["id"]), json!({"handed_back": "0"})).await;
        thing
    }

    async fn recovery(&self, spot: Spot) -> Thing {
        let mut thing = self.settled(spot).await;
        let body = json!({"payment_id": thing["payment"], "ground": "not_entitled"});
        let id = text(&self.post("/v1/recoveries", &body).await["recovery_id"]);
        thing.extend([("id", id.clone()), ("recovery", id)]);
        thing
    }

    async fn approval(&self, spot: Spot) -> Thing {
        let mut thing = self.payment(spot).await;
        let path = format!("/v1/payments/{}/correct", thing["payment"]);
        let asked = self.post(&path, &json!({"amount": "5100000", "ground": "slip"})).await;
        thing.insert("id", text(&asked["approval_id"]));
        thing
    }

    async fn import(&self, spot: Spot) -> Thing {
        let mut thing = self.person(spot).await;
        let file = format!(
            "payment_reference,beneficiary_ref,benefit_type,cycle,amount\nI-{0},{0},pension,2025-03,5000000\n",
            thing["ref"]
        );
        let answer = self.test.supervisor().upload("kind=payments", &self.test.fresh(), file).await.json(201);
        thing.insert("id", text(&answer["import_id"]));
        thing
    }

    /// A bank's message of which the one item waits for a person.
    async fn message(&self, spot: Spot) -> Thing {
        let mut thing = self.payment(spot).await;
        let id = self.test.end_to_end_id(&thing["payment"]).await;
        let body = message(&format!("M-{}", thing["n"]), &[item(&id, "PAID")]);
        thing.insert("id", text(&self.test.bank_reports(spot.bank, &body).await.json(202)["inbox_id"]));
        thing
    }

    async fn statement(&self, spot: Spot) -> String {
        let thing = self.payment(spot).await;
        let id = self.test.end_to_end_id(&thing["payment"]).await;
        let paid = entry(&id, ("DBIT", "5000000", "2025-03-04"), &format!("FT-{}", thing["n"]));
        let body = camt053(&format!("S-{}", thing["n"]), &paid);
        text(&self.test.bank_sends(spot.bank, body.as_bytes()).await.json(202)["inbox_id"])
    }

    /// A webhook of the unit and the bank, which is told of next to nothing.
    async fn webhook(&self, spot: Spot) -> Thing {
        let n = self.next().to_string();
        let url = format!("https://listener.example/{n}");
        let body = json!({"url": url, "unit": spot.unit, "bank": spot.bank, "types": ["payment.returned"]});
        let id = text(&self.post("/v1/webhooks", &body).await["webhook_id"]);
        let of_spot = [("unit", spot.unit), ("bank", spot.bank)].map(|(name, value)| (name, value.to_owned()));
        [("webhook", id.clone()), ("id", id), ("n", n)].into_iter().chain(of_spot).collect()
    }

    async fn delivered(&self, spot: Spot) -> Thing {
        let mut thing = self.webhook(spot).await;
        let entry = json!({"webhook_id": thing["id"]});
        let ping = self.test.webhook_deed(&entry, "ping", &json!({})).await.json(201);
        let position = ping["position"].as_u64().unwrap();
        let sending = Deliverer::start(&self.test.app, Arc::new(Takes));
        self.test.delivery_is(&entry, position, "delivered").await;
        sending.stop().await;
        thing.insert("delivery", position.to_string());
        thing
    }

    async fn target(&self, spot: Spot) -> Thing {
        let n = self.next();
        let body = json!({"unit": spot.unit, "indicator": "A2", "value": format!("0.{n}"), "by_date": a_day(n), "legal_basis": "12/KH-UBND"});
        let id = text(&self.post("/v1/targets", &body).await["target_id"]);
        [("id", id), ("n", n.to_string())].into()
    }

    /// A key that one operator asked for, and another consented to.
    async fn asked_key(&self) -> Thing {
        let body = json!({"role": "analyst", "label": format!("holder {}", self.next())});
        let operator = self.test.as_role(Role::Operator);
        let asked = operator.post("/v1/keys", &self.test.fresh(), &body).await.json(202);
        self.test.consented_by(Role::Operator, &asked).await.is(201);
        let (id, consent) = (text(&asked["command"]["key_id"]), text(&asked["approval_id"]));
        [("id", id.clone()), ("key", id), ("consent", consent)].into()
    }

    /// A bank that is in the profile and was not taken before.
    fn bank(&self) -> Thing {
        let banks = &self.test.app.profile.banks;
        let known = [OURS.bank, THEIRS.bank];
        let n = self.next();
        let mut others = banks.iter().map(|spec| spec.id.as_str()).filter(|id| !known.contains(id));
        let bank = others.nth(n % (banks.len() - known.len())).unwrap().to_owned();
        let x = URL_SAFE_NO_PAD.encode(pair(&format!("{bank}-2")).public_key().as_ref());
        [("id", bank.clone()), ("bank", bank), ("x", x), ("n", n.to_string())].into()
    }
}

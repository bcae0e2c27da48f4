//! A bank that misbehaves, from a seed: what it does with each order, which messages tell of it, and in which disorder they go out. For
//! tests and for integrators; it moves no money.

use super::error::ReadError;
use super::limits::Limits;
use super::signature::{encoding, signing_input};
use super::xml::{Elements, Step};
use jiff::civil::Date;
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::BufRead;

/// One order, as a bank knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordered {
    pub end_to_end_id: String,
    /// In plain digits.
    pub amount: String,
}

/// How many of a hundred payments, or messages, something happens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Faults {
    /// Payments: refused, returned after settling, accepted and never settled, never answered.
    pub rejected: u8,
    pub returned: u8,
    pub partial: u8,
    pub silent: u8,
    /// Settled payments of which it says too that they were refused.
    pub contradictory: u8,
    /// Messages: lost, sent twice, behind others, behind everything, with another's signature, slow.
    pub lost: u8,
    pub duplicated: u8,
    pub reordered: u8,
    pub late: u8,
    pub forged: u8,
    pub slow: u8,
}

impl Faults {
    /// The names that a command line sets them by.
    pub const NAMES: [&str; 11] = [
        "rejected",
        "returned",
        "partial",
        "silent",
        "contradictory",
        "lost",
        "duplicated",
        "reordered",
        "late",
        "forged",
        "slow",
    ];

    /// A bank that does a little of everything.
    #[must_use]
    pub const fn some() -> Self {
        Self {
            rejected: 5,
            returned: 4,
            partial: 3,
            silent: 2,
            contradictory: 3,
            lost: 5,
            duplicated: 20,
            reordered: 30,
            late: 5,
            forged: 3,
            slow: 2,
        }
    }

    /// Sets one; false for a name or a number that is none.
    pub fn set(&mut self, name: &str, percent: u8) -> bool {
        let slot = match name {
            "rejected" => &mut self.rejected,
            "returned" => &mut self.returned,
            "partial" => &mut self.partial,
            "silent" => &mut self.silent,
            "contradictory" => &mut self.contradictory,
            "lost" => &mut self.lost,
            "duplicated" => &mut self.duplicated,
            "reordered" => &mut self.reordered,
            "late" => &mut self.late,
            "forged" => &mut self.forged,
            "slow" => &mut self.slow,
            _ => return false,
        };
        *slot = percent;
        percent <= 100
    }
}

/// What the bank's own books say of an order in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    Settled,
    Returned,
    Rejected,
    /// Taken on, nothing more.
    Accepted,
    /// Never answered.
    Silent,
}

impl End {
    /// The word in JSON: where the payment must stand once all is told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Returned => "returned",
            Self::Rejected => "rejected",
            Self::Accepted => "accepted",
            Self::Silent => "instructed",
        }
    }
}

/// One sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    pub body: String,
    /// With a signature that is not the bank's; the right one follows.
    pub forged: bool,
    pub slow: bool,
}

/// What a bank does with its orders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    pub sendings: Vec<Sending>,
    pub books: BTreeMap<String, &'static str>,
}

/// Numbers that a seed gives, the same for ever (`SplitMix64`).
struct Dice(u64);

impl Dice {
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    const fn below(&mut self, sides: u64) -> u64 {
        self.next() % sides
    }

    fn happens(&mut self, percent: u8) -> bool {
        self.below(100) < u64::from(percent)
    }
}

/// Items of one message.
const ITEMS_MAX: usize = 20;

/// Plans a bank's day. The last message is its closing report on everything that it took on, which is never lost, so that in the end the
/// record must say what the bank's books say. Ids of messages come from all that the plan comes from: another day, or other orders, has others.
#[must_use]
pub fn plan(orders: &[Ordered], (seed, faults, day): (u64, &Faults, Date)) -> Plan {
    let mut dice = Dice(seed);
    let mut plan = Plan::default();
    let (mut told, mut closing) = (Vec::new(), Vec::new());
    for order in orders {
        let end = end_of(&mut dice, faults);
        plan.books.insert(order.end_to_end_id.clone(), end.as_str());
        let item = |status: &str| item(order, status, day);
        if end != End::Silent {
            told.push(item("ACSP"));
        }
        match end {
            End::Settled => told.push(item("settled")),
            End::Returned => told.extend([item("settled"), item("returned")]),
            End::Rejected => told.push(item("RJCT")),
            End::Accepted => {}
            End::Silent => continue,
        }
        closing.push(told.last().cloned().unwrap_or_default());
        if end == End::Settled && dice.happens(faults.contradictory) {
            told.push(item("RJCT"));
        }
    }
    let run = run_of(orders, (seed, faults, day));
    let mut number = 0;
    let mut message = |items: &[Value]| {
        number += 1;
        let created_at = format!("{day}T18:00:00+00:00");
        json!({"message_id": format!("SIM-{run}-{number}"), "created_at": created_at, "items": items}).to_string()
    };
    let bodies: Vec<String> =
        told.chunks(1 + usize::try_from(dice.below(ITEMS_MAX as u64)).unwrap_or(0)).map(&mut message).collect();
    let last: Vec<String> = closing.chunks(1_000).map(&mut message).collect();
    let mut late = Vec::new();
    for body in bodies {
        if dice.happens(faults.lost) {
            continue;
        }
        let sending = Sending { body, forged: dice.happens(faults.forged), slow: dice.happens(faults.slow) };
        let to = if dice.happens(faults.late) { &mut late } else { &mut plan.sendings };
        if dice.happens(faults.duplicated) {
            to.push(sending.clone());
        }
        to.push(sending);
    }
    for at in 1..plan.sendings.len() {
        if dice.happens(faults.reordered) {
            let other = usize::try_from(dice.below(at as u64)).unwrap_or(0);
            plan.sendings.swap(at, other);
        }
    }
    plan.sendings.extend(last.into_iter().map(|body| Sending { body, forged: false, slow: false }));
    plan.sendings.extend(late);
    plan
}

/// Names one run: the same for the same orders, seed, faults and day.
fn run_of(orders: &[Ordered], told: (u64, &Faults, Date)) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{told:?}"));
    for order in orders {
        hash.update(format!("{}={};", order.end_to_end_id, order.amount));
    }
    encoding::to_base64url(&hash.finalize()[..9])
}

fn end_of(dice: &mut Dice, faults: &Faults) -> End {
    let mut left = dice.below(100);
    for (percent, end) in [
        (faults.rejected, End::Rejected),
        (faults.returned, End::Returned),
        (faults.partial, End::Accepted),
        (faults.silent, End::Silent),
    ] {
        if left < u64::from(percent) {
            return end;
        }
        left -= u64::from(percent);
    }
    End::Settled
}

fn item(order: &Ordered, status: &str, day: Date) -> Value {
    let mut item = json!({"end_to_end_id": order.end_to_end_id, "status": status, "date": day.to_string()});
    if matches!(status, "settled" | "returned") {
        item["amount"] = json!(order.amount);
    }
    if matches!(status, "RJCT" | "returned") {
        item["reason"] = json!({"code": "AC04"});
    }
    item
}

/// The orders in a pain.001 of any version.
pub fn orders<R: BufRead>(input: R) -> Result<Vec<Ordered>, ReadError> {
    let mut elements = Elements::new(input, Limits::default());
    let mut orders = Vec::new();
    loop {
        match elements.step()? {
            Step::Open if elements.name() == "CdtTrfTxInf" => {
                let number = orders.len() as u64 + 1;
                let leaves = elements.leaves(&["PmtId/EndToEndId", "Amt/InstdAmt"], number)?;
                let field =
                    |path| leaves.text(path)?.map(str::to_owned).ok_or(ReadError::Missing { item: number, path });
                orders.push(Ordered { end_to_end_id: field("PmtId/EndToEndId")?, amount: field("Amt/InstdAmt")? });
            }
            Step::Open | Step::Text | Step::Close => {}
            Step::End => return Ok(orders),
        }
    }
}

/// A detached token over a body, by an Ed25519 key, as of a second.
#[must_use]
pub fn sign(pair: &Ed25519KeyPair, key_id: &str, (iat, body): (i64, &[u8])) -> String {
    let header = encoding::to_base64url(json!({"alg": "EdDSA", "kid": key_id, "iat": iat}).to_string().as_bytes());
    let signature = pair.sign(&signing_input(&header, body, true));
    format!("{header}..{}", encoding::to_base64url(signature.as_ref()))
}

/// Reads a private Ed25519 key as `openssl genpkey` writes it; `None` when it is none.
#[must_use]
pub fn private_key(pem: &str) -> Option<Ed25519KeyPair> {
    let inside = pem.split_once("-----BEGIN PRIVATE KEY-----")?.1.split_once("-----END PRIVATE KEY-----")?.0;
    let text: String = inside.split_whitespace().collect();
    Ed25519KeyPair::from_pkcs8_maybe_unchecked(&encoding::from_base64(&text)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn some(count: u32) -> Vec<Ordered> {
        let order = |n| Ordered { end_to_end_id: format!("{n:032x}"), amount: "5000000".to_owned() };
        (0..count).map(order).collect()
    }

    #[test]
    fn a_seed_gives_the_same_day_again_and_another_gives_another() {
        let of = |seed| plan(&some(200), (seed, &Faults::some(), date(2025, 3, 4)));
        assert_eq!(of(1), of(1));
        assert_ne!(of(1).sendings, of(2).sendings);
        assert_eq!(of(1).books.len(), 200);
        let ends: std::collections::BTreeSet<_> = of(1).books.into_values().collect();
        assert!(ends.len() >= 4, "{ends:?}");
    }

    fn ids(plan: &Plan) -> std::collections::BTreeSet<String> {
        let id = |sending: &Sending| serde_json::from_str::<Value>(&sending.body).unwrap()["message_id"].to_string();
        plan.sendings.iter().map(id).collect()
    }

    #[test]
    fn another_day_or_other_orders_of_the_same_seed_give_messages_of_other_ids() {
        let first = ids(&plan(&some(40), (1, &Faults::some(), date(2025, 3, 4))));
        let faults = Faults { late: 0, ..Faults::some() };
        for other in [
            plan(&some(40), (1, &Faults::some(), date(2025, 3, 5))),
            plan(&some(39), (1, &Faults::some(), date(2025, 3, 4))),
            plan(&some(40), (1, &faults, date(2025, 3, 4))),
        ] {
            assert!(first.is_disjoint(&ids(&other)));
        }
    }

    #[test]
    fn the_closing_report_tells_of_everything_that_was_taken_on() {
        let mut faults = Faults::some();
        assert!(faults.set("lost", 100) && faults.set("partial", 30));
        let plan = plan(&some(100), (3, &faults, date(2025, 3, 4)));
        let bodies: Vec<Value> = plan.sendings.iter().map(|one| serde_json::from_str(&one.body).unwrap()).collect();
        let told: std::collections::BTreeSet<&str> = bodies
            .iter()
            .flat_map(|body| body["items"].as_array().unwrap())
            .map(|item| item["end_to_end_id"].as_str().unwrap())
            .collect();
        let taken_on = plan.books.iter().filter(|(_, end)| **end != "instructed").map(|(id, _)| id.as_str());
        assert_eq!(told, taken_on.collect());
        assert!(plan.books.values().any(|end| *end == "accepted"));
    }

    #[test]
    fn every_fault_has_a_name_and_a_bound() {
        let mut faults = Faults::some();
        for name in Faults::NAMES {
            assert!(faults.set(name, 100), "{name}");
            assert!(!faults.set(name, 101), "{name}");
        }
        assert!(!faults.set("bribed", 1));
    }

    #[test]
    fn orders_are_read_out_of_a_pain_001() {
        for text in [
            include_str!("../../tests/fixtures/banks/pain.001.001.03.xml"),
            include_str!("../../tests/fixtures/banks/pain.001.001.09.xml"),
            include_str!("../../tests/fixtures/banks/pain.001.001.11.xml"),
        ] {
            let found = orders(text.as_bytes()).unwrap();
            assert!(!found.is_empty() && found.iter().all(|order| order.end_to_end_id.len() == 32), "{found:?}");
        }
        assert!(orders("<a><CdtTrfTxInf>".as_bytes()).is_err());
    }
}

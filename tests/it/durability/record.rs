//! What a log holds of the orders, and what of the acknowledged ones is wrong with it.

use super::load::{Acknowledged, reference};
use crate::support::office::Office;
use serde_json::Value;
use std::collections::BTreeMap;

/// The orders in a log: id and position of each, by reference.
pub struct Record {
    orders: BTreeMap<String, Vec<(String, u64)>>,
}

impl Record {
    /// Reads the log as any program would, by its export, which checks every event.
    pub fn of(office: &Office) -> Self {
        Self::read(&office.result(&["export"]))
    }

    fn read(lines: &str) -> Self {
        let mut orders: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
        for line in lines.lines().filter(|line| line.contains("PaymentInstructed")) {
            let event: Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| event["data"][name].as_str().unwrap().to_owned();
            let place = (text("payment_id"), event["position"].as_u64().unwrap());
            orders.entry(text("reference")).or_default().push(place);
        }
        Self { orders }
    }

    pub fn count(&self) -> usize {
        self.orders.len()
    }

    /// Whether an order is there.
    pub fn has(&self, number: u64) -> bool {
        self.orders.contains_key(&reference(number))
    }

    /// Acknowledged orders that are not there.
    pub fn lost(&self, acknowledged: &[Acknowledged]) -> Vec<u64> {
        acknowledged.iter().map(|order| order.number).filter(|number| !self.has(*number)).collect()
    }

    /// All that is wrong: lost, elsewhere than answered, or there twice.
    pub fn problems(&self, acknowledged: &[Acknowledged]) -> Vec<String> {
        let mut problems: Vec<String> = self
            .orders
            .iter()
            .filter(|(_, places)| places.len() != 1)
            .map(|(reference, places)| format!("{reference} is there {} times", places.len()))
            .collect();
        for order in acknowledged {
            let answered = (order.payment.clone(), order.position);
            match self.orders.get(&reference(order.number)).map(Vec::as_slice) {
                None | Some([]) => problems.push(format!("{} is lost", reference(order.number))),
                Some([place, ..]) if *place != answered => {
                    problems.push(format!("{} is {place:?}, answered was {answered:?}", reference(order.number)));
                }
                Some(_) => {}
            }
        }
        problems
    }
}

#[test]
fn a_lost_a_doubled_and_a_moved_order_are_each_found() {
    let line = |number: u64, position: u64| {
        format!(
            r#"{{"position":{position},"event_type":"PaymentInstructed","data":{{"payment_id":"p{number}","reference":"{}"}}}}"#,
            reference(number)
        )
    };
    let answered =
        |number: u64, position: u64| Acknowledged { number, payment: format!("p{number}"), position, replayed: false };
    let record = Record::read(&[line(1, 4), line(2, 5), line(2, 6)].join("\n"));
    assert_eq!(record.problems(&[answered(1, 4)]), ["L-000002 is there 2 times"]);
    assert_eq!(record.problems(&[answered(1, 3)])[1], r#"L-000001 is ("p1", 4), answered was ("p1", 3)"#);
    assert_eq!(record.problems(&[answered(3, 7)])[1], "L-000003 is lost");
    assert_eq!(record.lost(&[answered(1, 4), answered(3, 7)]), [3]);
}

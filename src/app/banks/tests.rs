//! Ids of messages, and what a bank's word may do to a payment that has moved on.

use super::first::comes_first;
use super::*;
use crate::app::reasons::ReportedReason;
use crate::app::reports::Report;
use crate::domain::codec::{DomainEvent, decode};
use crate::domain::payment::Payment;
use crate::domain::payment::event::Evidence;
use crate::domain::payment::state::Instructed;

#[test]
fn a_message_has_one_id_and_banks_do_not_share_them() {
    let bank = |id: &str| BankId::parse(id).unwrap();
    assert_eq!(inbox_id(&bank("vcb"), "M1"), inbox_id(&bank("vcb"), "M1"));
    assert_ne!(inbox_id(&bank("vcb"), "M1"), inbox_id(&bank("vcb"), "M2"));
    assert_ne!(inbox_id(&bank("vcb"), "M1"), inbox_id(&bank("bidv"), "M1"));
    assert_ne!(subject_of(&bank("vcb")), subject_of(&bank("bidv")));
}

/// A payment through Vietcombank, and the same after it was rejected and ordered anew through another bank.
fn payments() -> (Instructed, Instructed) {
    let golden = |name: &str, text: &str| match decode(name, 1, text.as_bytes()) {
        Ok(Some(DomainEvent::Payment(event))) => event,
        other => panic!("{other:?}"),
    };
    let events = [
        golden("PaymentInstructed", include_str!("../../../tests/fixtures/events/PaymentInstructed.v1.json")),
        golden("PaymentRejected", include_str!("../../../tests/fixtures/events/PaymentRejected.v1.json")),
        golden("PaymentReissued", include_str!("../../../tests/fixtures/events/PaymentReissued.v1.json")),
    ];
    let state = |events: &[_]| Payment::replay(events).instructed.unwrap();
    (state(&events[..1]), state(&events))
}

#[test]
fn a_hold_or_a_cancellation_is_decided_on_the_attempt_that_its_bank_has_by_then() {
    let (vcb, momo) = (BankId::parse("vcb").unwrap(), BankId::parse("momo").unwrap());
    let (before, after) = payments();
    let hold = Report::Hold { cause: "held-by-bank".to_owned(), note: None };
    let cancel = Report::Cancel { reason: "cancelled-by-bank".to_owned(), recall_confirmed: true };
    for (report, cause) in [(hold, "held-by-bank"), (cancel, "cancelled-by-bank")] {
        let decided = |bank: &BankId, attempt, payment: &Instructed| {
            comes_first((bank, attempt), &report, payment).map(|first| first.len())
        };
        assert_eq!(decided(&vcb, 1, &before), Ok(0));
        // Found while the first attempt stood, decided when the second did.
        assert_eq!(decided(&vcb, 1, &after), Err(cause));
        assert_eq!(decided(&vcb, 2, &after), Err("not-your-payment"));
        assert_eq!((decided(&momo, 2, &after), decided(&momo, 1, &after)), (Ok(0), Err("not-your-payment")));
    }
}

#[test]
fn an_acceptance_comes_before_a_return_of_what_nobody_accepted_and_before_nothing_else() {
    let vcb = BankId::parse("vcb").unwrap();
    let (before, after) = payments();
    let report = Report::Return {
        attempt: Some(1),
        returned_on: jiff::civil::date(2025, 3, 7),
        amount: None,
        reason: ReportedReason { system: "iso20022".to_owned(), code: "AC04".to_owned(), text: None },
        evidence: Evidence { kind: "bank".to_owned(), reference: "ref:1".to_owned() },
    };
    let first = comes_first((&vcb, 1), &report, &before).unwrap();
    assert!(matches!(first[..], [Report::Accept { attempt: Some(1), .. }]), "{first:?}");
    assert!(comes_first((&vcb, 1), &report, &after).unwrap().is_empty(), "it is rejected");
}

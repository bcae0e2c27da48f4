//! Claims: opaque keys that only one stream may hold, for rules that cross streams. Derived from events by pure functions.

use crate::domain::bank::BankEvent;
use crate::domain::desk::DeskEvent;
use crate::domain::ids::{BeneficiaryId, BenefitType, PaymentId, PaymentReference};
use crate::domain::list::ListEvent;
use crate::domain::payment::event::{Correction, PaymentEvent};
use crate::domain::payment::kind::PaymentKind;
use crate::domain::payment::state::{Instructed, Payment};
use crate::domain::period::Month;
use crate::domain::webhook::{PLACES, WebhookEvent};

/// One beneficiary, benefit type and benefit month: at most one live payment of each kind.
pub const BENEFIT_MONTH: &str = "benefit-month";
/// One agency reference: at most one payment.
pub const PAYMENT_REFERENCE: &str = "payment-reference";
/// One identifier of a person (scheme in the key's first part, then the keyed hash): at most one beneficiary.
/// Derived from the vault, since the log holds no identifier.
pub const IDENTIFIER: &str = "identifier";

/// One name of a cash desk: at most one desk.
pub const DESK_CODE: &str = "desk-code";
/// One attempt of a payment: at most one list.
pub const LIST_ITEM: &str = "list-item";

/// One key of a bank, by its fingerprint: registered once. A secret of two banks would let either speak for the other.
pub const BANK_KEY: &str = "bank-key";

/// One of a log's places for webhooks: held by one endpoint. What holds a place is how all endpoints are found.
pub const WEBHOOK_PLACE: &str = "webhook-place";

/// Taking or releasing one key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClaimChange {
    /// What the key is about; one of this module's constants.
    pub kind: &'static str,
    /// The opaque key.
    pub key: Vec<u8>,
    /// True to take it for the stream, false to release it.
    pub take: bool,
}

impl ClaimChange {
    const fn new(kind: &'static str, key: Vec<u8>, take: bool) -> Self {
        Self { kind, key, take }
    }
}

/// The key of a benefit month. It begins with the month, so that a cycle's claims lie together in the index.
#[must_use]
pub fn benefit_month_key(month: Month, benefit_type: &BenefitType, beneficiary: BeneficiaryId) -> Vec<u8> {
    let mut key = Vec::with_capacity(20 + benefit_type.as_str().len());
    key.extend_from_slice(&month.ordinal().to_be_bytes());
    key.extend_from_slice(beneficiary.as_uuid().as_bytes());
    key.extend_from_slice(benefit_type.as_str().as_bytes());
    key
}

/// The key of a month as one kind of payment pays it. Each kind has keys of its own: arrears or a supplement stand beside the month's regular
/// payment, and not twice. Of a supplement the amount ordered is a part: another difference of the same month is another supplement.
#[must_use]
pub fn paid_month_key(
    (kind, amount_minor): (PaymentKind, i64),
    month: Month,
    benefit_type: &BenefitType,
    beneficiary: BeneficiaryId,
) -> Vec<u8> {
    let mut key = benefit_month_key(month, benefit_type, beneficiary);
    match kind {
        PaymentKind::Regular => {}
        // No code of a benefit has a 0 in it.
        PaymentKind::Arrears => key.extend_from_slice(&[0, 1]),
        PaymentKind::Supplement => {
            key.extend_from_slice(&[0, 2]);
            key.extend_from_slice(&amount_minor.to_be_bytes());
        }
    }
    key
}

/// The keys of the months that a payment holds while it is not cancelled.
#[must_use]
pub fn own_month_keys(payment: &Instructed) -> Vec<Vec<u8>> {
    if !payment.holds_months {
        return Vec::new();
    }
    let what = (payment.kind, payment.ordered_minor);
    let key = |month: &Month| paid_month_key(what, *month, &payment.benefit_type, payment.beneficiary_id);
    payment.benefit_months.iter().map(key).collect()
}

/// The key of an agency's payment reference.
#[must_use]
pub fn reference_key(reference: &PaymentReference) -> Vec<u8> {
    reference.as_str().as_bytes().to_vec()
}

/// What one event of a payment changes in the claims. `before` is the state that the event is applied to.
#[must_use]
pub fn of_payment_event(before: &Payment, event: &PaymentEvent) -> Vec<ClaimChange> {
    match event {
        PaymentEvent::Instructed(e) => {
            let mut changes = vec![ClaimChange::new(PAYMENT_REFERENCE, reference_key(&e.reference), true)];
            if e.holds_months() {
                let what = (e.kind(), e.amount.minor);
                let key = |month: &Month| paid_month_key(what, *month, &e.benefit_type, e.beneficiary_id);
                changes.extend(e.benefit_months.iter().map(|month| ClaimChange::new(BENEFIT_MONTH, key(month), true)));
            }
            changes
        }
        PaymentEvent::Cancelled(_) => before.instructed.as_ref().map_or_else(Vec::new, |p| own_months(p, false)),
        PaymentEvent::SettledLate(e) if e.reinstated => {
            before.instructed.as_ref().map_or_else(Vec::new, |p| own_months(p, true))
        }
        PaymentEvent::Corrected(e) => match (&e.correction, &before.instructed) {
            // A payment that was cancelled holds no months: it takes them as it is when it is reinstated.
            (Correction::BenefitMonths { .. } | Correction::Amount { .. }, Some(payment)) if !payment.called_off => {
                let mut after = before.clone();
                after.evolve(event);
                let new = after.instructed.as_ref().map_or_else(Vec::new, own_month_keys);
                changed_months(&own_month_keys(payment), &new)
            }
            (Correction::Reference { old, new }, Some(_)) => vec![
                ClaimChange::new(PAYMENT_REFERENCE, reference_key(old), false),
                ClaimChange::new(PAYMENT_REFERENCE, reference_key(new), true),
            ],
            (
                Correction::Amount { .. }
                | Correction::BenefitMonths { .. }
                | Correction::Unit { .. }
                | Correction::DueOn { .. }
                | Correction::Reference { .. },
                _,
            ) => Vec::new(),
        },
        PaymentEvent::Accepted(_)
        | PaymentEvent::Settled(_)
        | PaymentEvent::SettledLate(_)
        | PaymentEvent::Rejected(_)
        | PaymentEvent::Returned(_)
        | PaymentEvent::Failed(_)
        | PaymentEvent::Held(_)
        | PaymentEvent::Released(_)
        | PaymentEvent::Recalled(_)
        | PaymentEvent::Contradicted(_)
        | PaymentEvent::ContradictionResolved(_)
        | PaymentEvent::Reissued(_) => Vec::new(),
    }
}

/// What one event of a desk changes in the claims: its name is taken for ever.
#[must_use]
pub fn of_desk_event(event: &DeskEvent) -> Vec<ClaimChange> {
    match event {
        DeskEvent::Registered(e) => vec![ClaimChange::new(DESK_CODE, e.code.as_str().as_bytes().to_vec(), true)],
        DeskEvent::Advanced(_)
        | DeskEvent::Paid(_)
        | DeskEvent::HandedBack(_)
        | DeskEvent::UnpaidListed(_)
        | DeskEvent::Liquidated(_) => Vec::new(),
    }
}

/// What one event of a bank's entry changes in the claims: a key is taken for ever, disabled or not.
#[must_use]
pub fn of_bank_event(event: &BankEvent) -> Vec<ClaimChange> {
    match event {
        BankEvent::KeyAdded(e) => {
            let key = e.fingerprint.as_ref().map(|text| text.as_bytes().to_vec());
            key.map(|key| ClaimChange::new(BANK_KEY, key, true)).into_iter().collect()
        }
        BankEvent::Registered(_) | BankEvent::KeyDisabled(_) | BankEvent::OrdersArranged(_) => Vec::new(),
    }
}

/// The keys of all places for webhooks, in their order.
#[must_use]
pub fn webhook_place_keys() -> Vec<Vec<u8>> {
    (0..PLACES).map(|place| place.to_be_bytes().to_vec()).collect()
}

/// What one event of a webhook changes in the claims: its place is free once it is removed.
#[must_use]
pub fn of_webhook_event(event: &WebhookEvent) -> Vec<ClaimChange> {
    let change = |place: u16, take| vec![ClaimChange::new(WEBHOOK_PLACE, place.to_be_bytes().to_vec(), take)];
    match event {
        WebhookEvent::Registered(e) => change(e.place, true),
        WebhookEvent::Removed(e) => change(e.place, false),
        WebhookEvent::Changed(_)
        | WebhookEvent::SecretRotated(_)
        | WebhookEvent::Disabled(_)
        | WebhookEvent::Enabled(_)
        | WebhookEvent::Pinged(_)
        | WebhookEvent::Rewound(_)
        | WebhookEvent::DeliveryRepeated(_) => Vec::new(),
    }
}

/// The key of a payment's attempt on a list. Payment ids grow with time, so that a list's claims lie together.
#[must_use]
pub fn list_item_key(payment: PaymentId, attempt: u32) -> Vec<u8> {
    [payment.as_uuid().as_bytes().as_slice(), &attempt.to_be_bytes()].concat()
}

/// What one event of a list changes in the claims. What comes off may go on another list; what was paid or handed back stays.
#[must_use]
pub fn of_list_event(event: &ListEvent) -> Vec<ClaimChange> {
    let change = |payment, attempt, take| ClaimChange::new(LIST_ITEM, list_item_key(payment, attempt), take);
    match event {
        ListEvent::ItemsAdded(e) => e.items.iter().map(|item| change(item.payment_id, item.attempt, true)).collect(),
        ListEvent::ItemsRemoved(e) => e.items.iter().map(|item| change(item.payment_id, item.attempt, false)).collect(),
        ListEvent::Opened(_)
        | ListEvent::Prepared(_)
        | ListEvent::Checked(_)
        | ListEvent::Approved(_)
        | ListEvent::Submitted(_)
        | ListEvent::Acknowledged(_)
        | ListEvent::Reconciled(_)
        | ListEvent::Closed(_)
        | ListEvent::Withdrawn(_)
        | ListEvent::Shown(_) => Vec::new(),
    }
}

fn own_months(payment: &Instructed, take: bool) -> Vec<ClaimChange> {
    own_month_keys(payment).into_iter().map(|key| ClaimChange::new(BENEFIT_MONTH, key, take)).collect()
}

/// What differs only: what a payment keeps it need not take again.
fn changed_months(old: &[Vec<u8>], new: &[Vec<u8>]) -> Vec<ClaimChange> {
    let gone = old.iter().filter(|key| !new.contains(key)).map(|key| (key, false));
    let come = new.iter().filter(|key| !old.contains(key)).map(|key| (key, true));
    gone.chain(come).map(|(key, take)| ClaimChange::new(BENEFIT_MONTH, key.clone(), take)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn month(text: &str) -> Month {
        Month::parse(text).unwrap()
    }

    fn golden(name: &str, data: &str) -> PaymentEvent {
        match crate::domain::codec::decode(name, 1, data.as_bytes()) {
            Ok(Some(crate::domain::codec::DomainEvent::Payment(event))) => event,
            other => panic!("{other:?}"),
        }
    }

    /// As orders were before kinds were told apart.
    fn instructed(supplement: bool) -> PaymentEvent {
        let event = golden("PaymentInstructed", include_str!("../../tests/fixtures/events/PaymentInstructed.v1.json"));
        let PaymentEvent::Instructed(mut event) = event else { panic!("another event") };
        (event.supplement, event.kind) = (supplement, None);
        PaymentEvent::Instructed(event)
    }

    fn of_kind(kind: PaymentKind, amount: i64) -> PaymentEvent {
        let PaymentEvent::Instructed(mut event) = instructed(true) else { panic!("another event") };
        (event.kind, event.amount.minor) = (Some(kind), amount);
        PaymentEvent::Instructed(event)
    }

    fn month_keys(event: &PaymentEvent) -> Vec<Vec<u8>> {
        let changes = of_payment_event(&Payment::default(), event);
        changes.into_iter().filter(|change| change.kind == BENEFIT_MONTH).map(|change| change.key).collect()
    }

    fn cancelled() -> PaymentEvent {
        golden("PaymentCancelled", include_str!("../../tests/fixtures/events/PaymentCancelled.v1.json"))
    }

    fn corrected(correction: &str) -> PaymentEvent {
        golden("PaymentCorrected", &format!(r#"{{"correction":{correction},"ground":"typing error"}}"#))
    }

    fn words(changes: &[ClaimChange]) -> Vec<(&'static str, bool)> {
        changes.iter().map(|change| (change.kind, change.take)).collect()
    }

    #[test]
    fn a_key_of_a_bank_is_taken_and_one_of_before_there_were_fingerprints_is_not() {
        let golden = include_str!("../../tests/fixtures/events/BankKeyAdded.v1.json");
        let Ok(Some(crate::domain::codec::DomainEvent::Bank(event))) =
            crate::domain::codec::decode("BankKeyAdded", 1, golden.as_bytes())
        else {
            panic!("another event")
        };
        assert_eq!(words(&of_bank_event(&event)), [(BANK_KEY, true)]);
        let BankEvent::KeyAdded(mut key) = event else { panic!("another event") };
        key.fingerprint = None;
        assert_eq!(of_bank_event(&BankEvent::KeyAdded(key)), []);
    }

    #[test]
    fn an_order_takes_its_reference_and_each_of_its_months() {
        let changes = of_payment_event(&Payment::default(), &instructed(false));
        assert_eq!(words(&changes), [(PAYMENT_REFERENCE, true), (BENEFIT_MONTH, true), (BENEFIT_MONTH, true)]);
        assert_ne!(changes[1].key, changes[2].key);
    }

    #[test]
    fn an_older_supplement_may_repeat_a_month_but_not_a_reference() {
        let changes = of_payment_event(&Payment::default(), &instructed(true));
        assert_eq!(words(&changes), [(PAYMENT_REFERENCE, true)]);
        assert_eq!(of_payment_event(&Payment::replay([&instructed(true)]), &cancelled()), []);
    }

    #[test]
    fn each_kind_has_keys_of_its_own_and_each_amount_of_a_supplement_too() {
        let mut all = month_keys(&instructed(false));
        for (kind, amount) in [(PaymentKind::Arrears, 1), (PaymentKind::Supplement, 1), (PaymentKind::Supplement, 2)] {
            all.extend(month_keys(&of_kind(kind, amount)));
        }
        assert_eq!(all.len(), 8);
        let each: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(each.len(), 8);
        assert_eq!(month_keys(&of_kind(PaymentKind::Arrears, 1)), month_keys(&of_kind(PaymentKind::Arrears, 2)));
        let first = month("2025-02").ordinal().to_be_bytes();
        assert!(all.iter().step_by(2).all(|key| key.starts_with(&first)), "a cycle's claims lie together");
    }

    #[test]
    fn a_correction_of_the_amount_moves_a_supplements_keys_and_nothing_else() {
        let to_two =
            corrected(r#"{"what":"amount","old":{"minor":1,"currency":"VND"},"new":{"minor":2,"currency":"VND"}}"#);
        let changes = |before: &PaymentEvent| of_payment_event(&Payment::replay([before]), &to_two);
        let moved = changes(&of_kind(PaymentKind::Supplement, 1));
        let taken: Vec<_> = moved.iter().filter(|change| change.take).map(|change| change.key.clone()).collect();
        assert_eq!((moved.len(), taken), (4, month_keys(&of_kind(PaymentKind::Supplement, 2))));
        assert_eq!(changes(&of_kind(PaymentKind::Arrears, 1)), []);
        assert_eq!(changes(&instructed(false)), []);
    }

    #[test]
    fn what_is_cancelled_holds_no_month_that_a_correction_could_move() {
        let order = of_kind(PaymentKind::Supplement, 1);
        let before = Payment::replay([&order, &cancelled()]);
        let to_two =
            corrected(r#"{"what":"amount","old":{"minor":1,"currency":"VND"},"new":{"minor":2,"currency":"VND"}}"#);
        assert_eq!(of_payment_event(&before, &to_two), []);
    }

    #[test]
    fn a_cancellation_releases_the_months_and_keeps_the_reference() {
        let changes = of_payment_event(&Payment::replay([&instructed(false)]), &cancelled());
        assert_eq!(words(&changes), [(BENEFIT_MONTH, false), (BENEFIT_MONTH, false)]);
    }

    #[test]
    fn a_correction_of_months_changes_only_what_differs() {
        let event = corrected(r#"{"what":"benefit_months","old":["2025-02","2025-03"],"new":["2025-03","2025-04"]}"#);
        let changes = of_payment_event(&Payment::replay([&instructed(false)]), &event);
        assert_eq!(words(&changes), [(BENEFIT_MONTH, false), (BENEFIT_MONTH, true)]);
        assert!(changes[1].key.starts_with(&month("2025-04").ordinal().to_be_bytes()));
    }

    #[test]
    fn a_correction_of_the_reference_releases_one_and_takes_the_other() {
        let event = corrected(r#"{"what":"reference","old":"A","new":"B"}"#);
        let changes = of_payment_event(&Payment::replay([&instructed(false)]), &event);
        let expected = [(b"A".to_vec(), false), (b"B".to_vec(), true)];
        assert_eq!(changes.into_iter().map(|change| (change.key, change.take)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn keys_of_one_cycle_lie_together_and_differ_by_person_type_and_month() {
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let key = |text, benefit, id| {
            benefit_month_key(month(text), &BenefitType::parse(benefit).unwrap(), BeneficiaryId::from_uuid(id))
        };
        let base = key("2025-03", "pension", one);
        for other in
            [key("2025-04", "pension", one), key("2025-03", "survivor_monthly", one), key("2025-03", "pension", two)]
        {
            assert_ne!(base, other);
        }
        assert!(key("2025-03", "pension", two) < key("2025-04", "pension", one));
    }
}

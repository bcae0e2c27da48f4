//! A bank's entry: one rule a test.

use super::*;
use crate::domain::decision::Decision;
use crate::domain::ids::{BankId, VaultRef};

fn vcb() -> BankCommand {
    BankCommand::Register { bank: BankId::parse("vcb").unwrap(), mapping: None, expected: None }
}

fn key(id: &str) -> BankKeyAdded {
    BankKeyAdded {
        key_id: id.to_owned(),
        algorithm: "EdDSA".to_owned(),
        public_key: Some("{}".to_owned()),
        secret_ref: None,
        fingerprint: None,
        valid_from: None,
        valid_to: None,
    }
}

fn disable(id: &str) -> BankCommand {
    BankCommand::DisableKey { key_id: id.to_owned() }
}

fn after(commands: &[BankCommand]) -> Bank {
    let mut bank = Bank::default();
    for command in commands {
        if let Decision::Events(events) = decide(&bank, command) {
            for event in &events {
                bank.evolve(event);
            }
        }
    }
    bank
}

fn second(text: i64) -> Timestamp {
    Timestamp::from_second(text).unwrap()
}

#[test]
fn a_bank_that_is_not_registered_has_no_keys() {
    for command in [BankCommand::AddKey(key("1")), disable("1")] {
        assert_eq!(decide(&Bank::default(), &command), Decision::Refused(BankRefusal::NotRegistered));
    }
}

#[test]
fn the_same_registration_again_changes_nothing_and_another_mapping_is_recorded() {
    let bank = after(&[vcb()]);
    assert_eq!(decide(&bank, &vcb()), Decision::NoOp);
    let mapped = registered(Some("[statuses]"), None);
    assert!(matches!(decide(&bank, &mapped), Decision::Events(_)));
    assert_eq!(after(&[vcb(), mapped]).registered.unwrap().mapping.as_deref(), Some("[statuses]"));
}

fn registered(mapping: Option<&str>, expected: Option<Vec<Expected>>) -> BankCommand {
    BankCommand::Register { bank: BankId::parse("vcb").unwrap(), mapping: mapping.map(str::to_owned), expected }
}

fn statement() -> Expected {
    Expected::parse(Some("camt.053"), "08:00", "working_days").unwrap()
}

#[test]
fn what_a_registration_does_not_name_stays_and_an_empty_mapping_takes_it_away() {
    let both = registered(Some("[statuses]"), Some(vec![statement()]));
    let bank = after(&[both.clone(), vcb()]).registered.unwrap();
    assert_eq!((bank.mapping.as_deref(), bank.expected.as_slice()), (Some("[statuses]"), [statement()].as_slice()));
    let without = after(&[both, registered(Some(" "), Some(Vec::new()))]).registered.unwrap();
    assert_eq!((without.mapping, without.expected), (None, Vec::new()));
}

#[test]
fn what_is_expected_is_bounded() {
    let many = registered(None, Some(vec![statement(); 9]));
    assert_eq!(decide(&Bank::default(), &many), Decision::Refused(BankRefusal::TooManyExpected));
}

#[test]
fn an_hour_a_format_or_days_that_are_none_are_not_read() {
    for (format, by, days) in [
        (Some("camt.999"), "08:00", "working_days"),
        (None, "8:00", "working_days"),
        (None, "24:00", "working_days"),
        (None, "08:60", "working_days"),
        (None, "08:00:00", "working_days"),
        (None, "08:00", "sundays"),
    ] {
        assert_eq!(Expected::parse(format, by, days), None, "{format:?} {by} {days}");
    }
}

#[test]
fn a_key_is_added_once_and_its_id_is_never_given_to_another() {
    let bank = after(&[vcb(), BankCommand::AddKey(key("1"))]);
    assert_eq!(decide(&bank, &BankCommand::AddKey(key("1"))), Decision::NoOp);
    let other = BankKeyAdded { algorithm: "ES256".to_owned(), ..key("1") };
    assert_eq!(decide(&bank, &BankCommand::AddKey(other.clone())), Decision::Refused(BankRefusal::KeyIdTaken));
    let bank = after(&[vcb(), BankCommand::AddKey(key("1")), disable("1")]);
    assert_eq!(decide(&bank, &BankCommand::AddKey(other)), Decision::Refused(BankRefusal::KeyIdTaken));
}

#[test]
fn the_same_key_is_not_added_under_another_id_though_it_is_disabled() {
    let with = |id: &str, text: &str| BankKeyAdded { fingerprint: Some(text.to_owned()), ..key(id) };
    let bank = after(&[vcb(), BankCommand::AddKey(with("1", "f")), disable("1")]);
    assert_eq!(decide(&bank, &BankCommand::AddKey(with("2", "f"))), Decision::Refused(BankRefusal::KeyRegistered));
    assert!(matches!(decide(&bank, &BankCommand::AddKey(with("2", "g"))), Decision::Events(_)));
}

#[test]
fn a_disabled_key_is_not_in_force_and_disabling_it_again_changes_nothing() {
    let bank = after(&[vcb(), BankCommand::AddKey(key("1")), BankCommand::AddKey(key("2")), disable("1")]);
    assert_eq!(bank.keys.iter().map(|key| key.is_in_force(second(1))).collect::<Vec<_>>(), [false, true]);
    assert_eq!(decide(&bank, &disable("1")), Decision::NoOp);
    assert_eq!(decide(&bank, &disable("3")), Decision::Refused(BankRefusal::NoSuchKey));
}

#[test]
fn a_key_is_in_force_from_its_first_instant_to_before_its_last() {
    let (valid_from, valid_to) = (Some(second(10)), Some(second(20)));
    let bank = after(&[vcb(), BankCommand::AddKey(BankKeyAdded { valid_from, valid_to, ..key("1") })]);
    assert_eq!([9, 10, 19, 20].map(|now| bank.keys[0].is_in_force(second(now))), [false, true, true, false]);
}

#[test]
fn a_validity_that_ends_before_it_begins_is_refused() {
    let (valid_from, valid_to) = (Some(second(10)), Some(second(10)));
    let command = BankCommand::AddKey(BankKeyAdded { valid_from, valid_to, ..key("1") });
    assert_eq!(decide(&after(&[vcb()]), &command), Decision::Refused(BankRefusal::ValidityEmpty));
}

fn arranged(form: OrderForm, account: Option<u128>) -> BankOrdersArranged {
    BankOrdersArranged {
        form,
        payer: "BHXH".to_owned(),
        account_ref: account.map(|number| VaultRef::from_uuid(uuid::Uuid::from_u128(number))),
        bank_code: None,
        charset: OrderCharset::Utf8,
        batch_booking: false,
        columns: None,
    }
}

#[test]
fn a_bank_that_is_not_registered_takes_no_orders() {
    let command = BankCommand::ArrangeOrders(arranged(OrderForm::Table, None));
    assert_eq!(decide(&Bank::default(), &command), Decision::Refused(BankRefusal::NotRegistered));
}

#[test]
fn the_last_way_of_taking_orders_holds_and_the_same_again_changes_nothing() {
    let (first, second) = (arranged(OrderForm::Pain00103, Some(1)), arranged(OrderForm::Pain00109, Some(1)));
    let commands = [vcb(), BankCommand::ArrangeOrders(first), BankCommand::ArrangeOrders(second.clone())];
    let bank = after(&commands);
    assert_eq!(bank.orders.as_ref(), Some(&second));
    assert_eq!(decide(&bank, &BankCommand::ArrangeOrders(second)), Decision::NoOp);
}

#[test]
fn an_order_by_message_needs_the_account_that_pays_and_a_table_does_not() {
    let without = |form| decide(&after(&[vcb()]), &BankCommand::ArrangeOrders(arranged(form, None)));
    for form in OrderForm::ALL {
        if form == OrderForm::Table {
            assert!(matches!(without(form), Decision::Events(_)));
        } else {
            assert_eq!(without(form), Decision::Refused(BankRefusal::NoAccount));
        }
        assert_eq!(OrderForm::parse(form.as_str()), Some(form));
        assert_eq!(serde_json::to_value(form).unwrap(), form.as_str());
    }
    for charset in OrderCharset::ALL {
        assert_eq!(OrderCharset::parse(charset.as_str()), Some(charset));
        assert_eq!(serde_json::to_value(charset).unwrap(), charset.as_str());
    }
}

#[test]
fn keys_are_bounded() {
    let mut commands = vec![vcb()];
    commands.extend((0..16).map(|number| BankCommand::AddKey(key(&number.to_string()))));
    assert_eq!(decide(&after(&commands), &BankCommand::AddKey(key("16"))), Decision::Refused(BankRefusal::TooManyKeys));
    commands.push(disable("0"));
    assert!(matches!(decide(&after(&commands), &BankCommand::AddKey(key("16"))), Decision::Events(_)));
}

#[test]
fn what_a_second_person_consented_to_is_done_to_the_entry_that_was_seen_alone() {
    let entry = |mapping: Option<&str>| BankRegistered {
        bank: BankId::parse("vcb").unwrap(),
        mapping: mapping.map(str::to_owned),
        expected: Vec::new(),
    };
    let of = |before: Option<BankRegistered>, after| BankCommand::RegisterAsSeen { before, after };
    let new = of(None, entry(None));
    assert_eq!(
        decide(&Bank::default(), &new),
        Decision::Events(vec![BankEvent::Registered(entry(None))]),
        "nothing was seen"
    );
    let bank = after(&[vcb()]);
    assert_eq!(decide(&bank, &new), Decision::NoOp, "it was carried out");
    let mapped = of(Some(entry(None)), entry(Some("[statuses]")));
    assert!(matches!(decide(&bank, &mapped), Decision::Events(_)));
    let bank = after(&[vcb(), registered(Some("[other]"), None)]);
    assert_eq!(decide(&bank, &mapped), Decision::Refused(BankRefusal::Changed));
    // A key that was added meanwhile is no other entry.
    let bank = after(&[vcb(), BankCommand::AddKey(key("1"))]);
    assert!(matches!(decide(&bank, &mapped), Decision::Events(_)));
}

#[test]
fn a_way_of_taking_orders_that_was_consented_to_replaces_the_one_that_was_seen_alone() {
    let (first, second) = (arranged(OrderForm::Pain00103, Some(1)), arranged(OrderForm::Pain00109, Some(1)));
    let of = |before: Option<&BankOrdersArranged>, after: &BankOrdersArranged| BankCommand::ArrangeAsSeen {
        before: before.cloned(),
        after: after.clone(),
    };
    assert_eq!(decide(&Bank::default(), &of(None, &first)), Decision::Refused(BankRefusal::NotRegistered));
    assert!(matches!(decide(&after(&[vcb()]), &of(None, &first)), Decision::Events(_)));
    let bank = after(&[vcb(), BankCommand::ArrangeOrders(first.clone())]);
    assert_eq!(decide(&bank, &of(None, &first)), Decision::NoOp);
    assert_eq!(decide(&bank, &of(None, &second)), Decision::Refused(BankRefusal::Changed));
    assert!(matches!(decide(&bank, &of(Some(&first), &second)), Decision::Events(_)));
}

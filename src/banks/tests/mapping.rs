//! What codes mean, by default and for a bank of its own.

use super::*;
use crate::domain::payment::event::ReasonClass;

fn of(mapping: &Mapping, code: &str) -> Effect {
    mapping.effect(&Report::Status(code.to_owned()))
}

fn entry(side: Side, status: &str, reversal: bool, returned: bool) -> Report {
    Report::Entry { side, status: status.to_owned(), reversal, returned }
}

#[test]
fn isos_status_codes_have_their_meaning() {
    let iso = Mapping::iso().unwrap();
    let expected = [
        (Effect::Note, &["RCVD", "ACTC", "PATC", "PDNG", "PART", "RVNM", "RVMC", "RCVC", "RVNA"][..]),
        (Effect::Accepted, &["ACCP", "ACFC", "ACSP", "ACPD", "ACWC", "ACWP", "ACSC"]),
        (Effect::Settled, &["ACCC", "CPUC"]),
        (Effect::Rejected, &["RJCT"]),
        (Effect::Cancelled, &["CANC"]),
        (Effect::Held, &["BLCK"]),
    ];
    for (effect, codes) in expected {
        for code in codes {
            assert_eq!(of(&iso, code), effect, "{code}");
        }
    }
}

#[test]
fn a_code_that_nobody_explained_is_never_a_settlement() {
    let iso = Mapping::iso().unwrap();
    for code in ["", "ACCX", "accc", "settled", "BOOK", " ACCC"] {
        assert_eq!(of(&iso, code), Effect::Unknown, "{code}");
    }
    assert_eq!(iso.effect(&Report::Word("ACCC".to_owned())), Effect::Unknown);
    assert_eq!(iso.effect(&entry(Side::Debit, "XXXX", false, false)), Effect::Unknown);
}

#[test]
fn only_a_booked_plain_debit_proves_a_settlement() {
    let iso = Mapping::iso().unwrap();
    for status in ["BOOK", "PDNG", "INFO", "FUTR", "X"] {
        for side in [Side::Debit, Side::Credit] {
            for reversal in [false, true] {
                for returned in [false, true] {
                    let effect = iso.effect(&entry(side, status, reversal, returned));
                    let plain = (side, status, reversal, returned) == (Side::Debit, "BOOK", false, false);
                    assert_eq!(effect == Effect::Settled, plain, "{side:?} {status} {reversal} {returned}");
                    let back = (side, status, reversal, returned) == (Side::Credit, "BOOK", false, true);
                    assert_eq!(effect == Effect::Returned, back);
                }
            }
        }
    }
    assert_eq!(iso.effect(&Report::Return), Effect::Returned);
}

#[test]
fn a_banks_own_file_changes_what_it_names_and_nothing_else() {
    let own = "[statuses]\nACSC = \"settled\"\n00 = \"accepted\"\n[entries]\ndebit = \"note\"\n[reasons]\nE17 = \"account_state\"\n";
    let mapping = Mapping::of_bank(own).unwrap();
    assert_eq!(
        [of(&mapping, "ACSC"), of(&mapping, "00"), of(&mapping, "ACCC")],
        [Effect::Settled, Effect::Accepted, Effect::Settled]
    );
    assert_eq!(mapping.effect(&entry(Side::Debit, "BOOK", false, false)), Effect::Note);
    assert_eq!(mapping.effect(&entry(Side::Credit, "BOOK", false, true)), Effect::Returned);
    assert_eq!((mapping.reason_class("E17"), mapping.reason_class("E18")), (Some(ReasonClass::AccountState), None));
}

#[test]
fn a_file_that_cannot_be_meant_is_refused() {
    for text in [
        "x = 1",
        "[statuses]\nACCC = \"paid\"",
        "[statuses]\nACCC = \"settled\"\nACCC = \"note\"",
        "[reasons]\nE = \"bad\"",
        "[",
    ] {
        assert!(matches!(Mapping::of_bank(text), Err(MappingError::Malformed(_))), "{text}");
    }
    for key in ["debit_reversal", "debit_returned", "credit", "credit_reversal", "credit_returned", "returned_payment"]
    {
        let text = format!("[entries]\n{key} = \"settled\"");
        assert!(matches!(Mapping::of_bank(&text), Err(MappingError::CreditSettles { .. })), "{key}");
    }
}

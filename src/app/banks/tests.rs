//! Ids of messages.

use super::*;

#[test]
fn a_message_has_one_id_and_banks_do_not_share_them() {
    let bank = |id: &str| BankId::parse(id).unwrap();
    assert_eq!(inbox_id(&bank("vcb"), "M1"), inbox_id(&bank("vcb"), "M1"));
    assert_ne!(inbox_id(&bank("vcb"), "M1"), inbox_id(&bank("vcb"), "M2"));
    assert_ne!(inbox_id(&bank("vcb"), "M1"), inbox_id(&bank("bidv"), "M1"));
    assert_ne!(subject_of(&bank("vcb")), subject_of(&bank("bidv")));
}

//! Statements and notices: entries, their details, and whether they add up.

use super::*;

fn entry_report(side: Side, reversal: bool, returned: bool) -> Report {
    Report::Entry { side, status: "BOOK".to_owned(), reversal, returned }
}

#[test]
fn a_booked_debit_with_our_id_is_read_with_its_day_and_amount() {
    let found = items(&statement(&entry("DBIT", "5000000.00", &details(ID, ""))));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].report, entry_report(Side::Debit, false, false));
    assert_eq!(found[0].end_to_end_id.as_deref(), Some(ID));
    assert_eq!(found[0].amount.as_ref().unwrap().text, "5000000.00");
    assert_eq!((found[0].when, found[0].agent_ref.as_deref()), (When::parse("2025-09-03"), Some("BANK-7")));
}

#[test]
fn the_status_of_an_entry_is_read_in_its_old_and_new_form() {
    for (status, code) in
        [("<Sts>BOOK</Sts>", "BOOK"), ("<Sts><Cd>PDNG</Cd></Sts>", "PDNG"), ("<Sts><Prtry>X</Prtry></Sts>", "X")]
    {
        let found = items(&statement(&entry_of(status, "DBIT", "1", &details(ID, ""))));
        assert!(matches!(&found[0].report, Report::Entry { status, .. } if status == code), "{status}");
    }
}

#[test]
fn a_return_is_told_by_its_reason_or_by_its_family() {
    let reason = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed</AddtlInf></RtrInf>";
    let found = items(&statement(&entry("CRDT", "1", &details(ID, reason))));
    assert_eq!(found[0].report, entry_report(Side::Credit, false, true));
    assert_eq!(found[0].reasons[0].words.as_deref(), Some("closed"));
    let by_family = entry("CRDT", "1", &details(ID, "")).replace("DMCT", "RRTN");
    assert_eq!(items(&statement(&by_family))[0].report, entry_report(Side::Credit, false, true));
    let plain = items(&statement(&entry("CRDT", "1", &details(ID, ""))));
    assert_eq!(plain[0].report, entry_report(Side::Credit, false, false));
}

#[test]
fn a_reversal_is_marked() {
    let text = entry("CRDT", "1", &details(ID, "")).replace("<Sts>", "<RvslInd>true</RvslInd><Sts>");
    assert_eq!(items(&statement(&text))[0].report, entry_report(Side::Credit, true, false));
}

#[test]
fn a_batch_is_read_payment_by_payment_with_their_own_amounts() {
    let one = transaction_details(ID, "<Amt Ccy=\"VND\">2</Amt>");
    let two = transaction_details(
        OTHER_ID,
        "<AmtDtls><TxAmt><Amt Ccy=\"VND\">3</Amt></TxAmt></AmtDtls><CdtDbtInd>CRDT</CdtDbtInd>",
    );
    let (_, found, summary) =
        read(statement(&entry("DBIT", "5", &format!("<NtryDtls>{one}{two}</NtryDtls>"))).as_bytes()).unwrap();
    let amounts: Vec<&str> = found.iter().map(|item| item.amount.as_ref().unwrap().text.as_str()).collect();
    assert_eq!(amounts, ["2", "3"]);
    assert_eq!(found[1].report, entry_report(Side::Credit, false, false), "the details know their own side");
    assert_eq!((found[0].number, found[1].number, summary.items), (1, 2, 2));
    assert!(summary.statements[0].findings.is_empty());
}

#[test]
fn payments_of_a_batch_without_amounts_have_none() {
    let both = format!("<NtryDtls>{}{}</NtryDtls>", transaction_details(ID, ""), transaction_details(OTHER_ID, ""));
    let found = items(&statement(&entry("DBIT", "5", &both)));
    assert_eq!((&found[0].amount, &found[1].amount), (&None, &None));
    let one_of_two = format!("<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>{}</NtryDtls>", transaction_details(ID, ""));
    assert_eq!(items(&statement(&entry("DBIT", "5", &one_of_two)))[0].amount, None, "one of two is not the whole");
}

#[test]
fn an_entry_without_details_is_nobodys() {
    for inside in ["", "<NtryDtls><Btch><NbOfTxs>500</NbOfTxs></Btch></NtryDtls>"] {
        let found = items(&statement(&entry("DBIT", "5", inside)));
        assert_eq!((found.len(), &found[0].end_to_end_id), (1, &None));
        assert_eq!(found[0].amount.as_ref().unwrap().text, "5");
    }
    assert_eq!(items(&statement(&entry("DBIT", "5", &details("NOTPROVIDED", ""))))[0].end_to_end_id, None);
}

#[test]
fn a_notice_is_read_like_a_statement() {
    let text =
        document("camt.054.001.08", &format!("<Ntfctn><Id>N</Id>{}</Ntfctn>", entry("DBIT", "5", &details(ID, ""))));
    let (head, found, summary) = read(text.as_bytes()).unwrap();
    assert_eq!((head.kind, found.len()), (MessageKind::Camt054, 1));
    assert_eq!((summary.statements[0].id.as_deref(), summary.statements[0].entries), (Some("N"), 1));
}

fn balance(kind: &str, amount: &str, side: &str) -> String {
    format!(
        "<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy=\"VND\">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd></Bal>"
    )
}

fn findings(inside: &str) -> Vec<Finding> {
    read(statement(inside).as_bytes()).unwrap().2.statements[0].findings.clone()
}

#[test]
fn a_statement_that_adds_up_has_no_findings() {
    let entries =
        entry("DBIT", "30", &details(ID, "")) + &entry("CRDT", "5", "") + &entry_of("<Sts>PDNG</Sts>", "DBIT", "7", "");
    let inside = balance("OPBD", "20", "CRDT")
        + &balance("CLBD", "5", "DBIT")
        + "<TxsSummry><TtlNtries><NbOfNtries>3</NbOfNtries></TtlNtries></TxsSummry>"
        + &entries;
    assert_eq!(findings(&inside), []);
    let (_, _, summary) = read(statement(&inside).as_bytes()).unwrap();
    assert_eq!((summary.statements[0].entries, summary.statements[0].sequence.as_deref()), (2, Some("118")));
}

#[test]
fn a_lost_entry_shows_in_the_balance_and_in_the_count() {
    let inside = balance("OPBD", "100", "CRDT")
        + &balance("CLBD", "65", "CRDT")
        + "<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries></TtlNtries></TxsSummry>"
        + &entry("DBIT", "30", "");
    let expected =
        [Finding::BalanceDiffers { difference: "-5".to_owned() }, Finding::CountDiffers { stated: 2, found: 1 }];
    assert_eq!(findings(&inside), expected);
}

#[test]
fn details_that_do_not_give_the_entrys_amount_are_found() {
    let both = [ID, OTHER_ID].map(|id| transaction_details(id, "<Amt Ccy=\"VND\">2</Amt>")).concat();
    assert_eq!(
        findings(&entry("DBIT", "5", &format!("<NtryDtls>{both}</NtryDtls>"))),
        [Finding::DetailsDiffer { item: 2 }]
    );
}

#[test]
fn of_balances_in_between_nothing_is_concluded() {
    let inside = balance("OPBD", "100", "CRDT") + &balance("ITBD", "1", "CRDT") + &entry("DBIT", "30", "");
    assert_eq!(findings(&inside), []);
}

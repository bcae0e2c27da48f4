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

/// The days of a statement with this inside, in Vietnam.
fn days_of(inside: &str) -> Option<(String, String)> {
    let (_, _, summary) = read(statement(inside).as_bytes()).unwrap();
    let zone = jiff::tz::TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
    summary.statements[0].days(&zone).map(|(from, to)| (from.to_string(), to.to_string()))
}

fn balance_on(kind: &str, day: &str) -> String {
    format!(
        "<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy=\"VND\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )
}

#[test]
fn the_days_of_a_statement_are_those_of_its_period_else_of_its_balances_else_of_its_entries() {
    let days = |from: &str, to: &str| Some((from.to_owned(), to.to_owned()));
    let period = |from: &str, to: &str| format!("<FrToDt><FrDtTm>{from}</FrDtTm><ToDtTm>{to}</ToDtTm></FrToDt>");
    let booked = entry("DBIT", "1", &details(ID, ""));
    assert_eq!(days_of(""), None);
    assert_eq!(days_of(&booked), days("2025-09-03", "2025-09-03"));
    let balances = [balance_on("OPBD", "2025-09-01"), balance_on("CLBD", "2025-09-04")].concat();
    assert_eq!(days_of(&format!("{balances}{booked}")), days("2025-09-01", "2025-09-04"));
    let before = [balance_on("PRCD", "2025-08-31"), balance_on("CLBD", "2025-09-04")].concat();
    assert_eq!(days_of(&before), days("2025-09-04", "2025-09-04"), "the balance before is of another day");
    let whole_day = period("2025-09-02T00:00:00", "2025-09-05T23:59:59");
    assert_eq!(days_of(&format!("{whole_day}{balances}")), days("2025-09-02", "2025-09-05"));
    assert_eq!(
        days_of(&period("2025-09-02T00:00:00+07:00", "2025-09-03T00:00:00+07:00")),
        days("2025-09-02", "2025-09-02")
    );
    assert_eq!(days_of(&period("2025-09-01T20:00:00Z", "2025-09-02T10:00:00Z")), days("2025-09-02", "2025-09-02"));
    // What cannot be read, or goes backwards, says nothing.
    assert_eq!(
        days_of(&format!("{}{booked}", period("2025-09-02", "2025-09-02T24:00:00"))),
        days("2025-09-03", "2025-09-03")
    );
    assert_eq!(days_of(&format!("{}{booked}", period("2025-09-09", "2025-09-01"))), days("2025-09-03", "2025-09-03"));
}

#[test]
fn an_announced_entry_tells_nothing_of_the_days_and_the_booked_ones_span_them() {
    let on = |day: &str| entry("DBIT", "1", &details(ID, "")).replace("2025-09-03", day);
    assert_eq!(days_of(&on("2025-09-09").replace("BOOK", "PDNG")), None);
    let three = [on("2025-09-05"), on("2025-09-01"), on("2025-09-03")].concat();
    assert_eq!(days_of(&three), Some(("2025-09-01".to_owned(), "2025-09-05".to_owned())));
}

#[test]
fn a_statement_tells_its_account_and_its_year() {
    let zone = jiff::tz::TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
    let told = |inside: &str| {
        let (_, _, summary) = read(statement(inside).as_bytes()).unwrap();
        (summary.statements[0].account.clone(), summary.statements[0].year(&zone))
    };
    assert_eq!(told(""), (None, None));
    let new_year = "<CreDtTm>2025-12-31T18:00:00Z</CreDtTm><Acct><Id><Othr><Id>0071001234567</Id></Othr></Id></Acct>";
    assert_eq!(told(new_year), (Some("0071001234567".to_owned()), Some(2026)));
    let of_the_year_before = format!("{new_year}{}", balance_on("CLBD", "2025-12-31"));
    assert_eq!(told(&of_the_year_before).1, Some(2025));
    assert_eq!(told("<Acct><Id><IBAN>XX00</IBAN></Id></Acct>").0.as_deref(), Some("XX00"));
}

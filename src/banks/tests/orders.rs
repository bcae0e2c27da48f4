//! Orders (pain.001) as they are read: ours, others', and what is refused.

use super::*;
use std::io::BufReader;

fn payment(id: &str, amount: &str) -> String {
    format!(
        "<CdtTrfTxInf><PmtId><InstrId>I</InstrId><EndToEndId>{id}</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"VND\">{amount}</InstdAmt></Amt><Cdtr><Nm>NGUYEN</Nm></Cdtr><CdtrAcct><Id><Othr><Id>001</Id></Othr></Id></CdtrAcct></CdtTrfTxInf>"
    )
}

fn block(head: &str, payments: &str) -> String {
    format!("<PmtInf><PmtInfId>B</PmtInfId><PmtMtd>TRF</PmtMtd>{head}<Dbtr><Nm>BHXH</Nm></Dbtr>{payments}</PmtInf>")
}

fn order(head: &str, blocks: &str) -> String {
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn><GrpHdr><MsgId>M-1</MsgId><CreDtTm>2025-09-01T08:00:00+07:00</CreDtTm>{head}<InitgPty><Nm>BHXH</Nm></InitgPty></GrpHdr>{blocks}</CstmrCdtTrfInitn></Document>"
    )
}

fn told(text: &str) -> Result<(OrderHead, OrderSummary), ReadError> {
    check_order(BufReader::with_capacity(7, text.as_bytes()), &Limits::default())
}

fn two() -> String {
    let payments = payment("A", "5000000") + &payment("B", "4000000.00");
    let head = "<NbOfTxs>2</NbOfTxs><CtrlSum>9000000</CtrlSum>";
    order(head, &block(head, &payments))
}

#[test]
fn an_order_is_told_payment_by_payment_with_what_it_adds_up_to() {
    let text = two();
    let Document::Orders(mut orders) = open_any(text.as_bytes(), &Limits::default()).unwrap() else { panic!() };
    let mut found = Vec::new();
    while let Some(payment) = orders.next_payment().unwrap() {
        assert!(payment.has_account);
        found.push((payment.number, payment.block.unwrap(), payment.end_to_end_id, payment.amount.text));
    }
    let row = |number, id: &str, amount: &str| (number, "B".to_owned(), id.to_owned(), amount.to_owned());
    assert_eq!(found, [row(1, "A", "5000000"), row(2, "B", "4000000.00")]);
    let (head, summary) = told(&two()).unwrap();
    assert_eq!((head.version.as_deref(), head.message_id.as_str()), (Some("001.09"), "M-1"));
    assert_eq!((summary.payments, summary.blocks, summary.findings.len()), (2, 1, 0));
    assert_eq!(summary.sum.normalize().to_string(), "9000000");
}

#[test]
fn our_own_orders_are_read_as_they_were_written() {
    for text in [
        include_str!("../../../tests/fixtures/banks/pain.001.001.03.xml"),
        include_str!("../../../tests/fixtures/banks/pain.001.001.09.xml"),
        include_str!("../../../tests/fixtures/banks/pain.001.001.11.xml"),
    ] {
        let (head, summary) = told(text).unwrap();
        assert_eq!((head.message_id.as_str(), summary.payments, summary.findings.len()), ("QN-2025-09-1", 2, 0));
    }
}

#[test]
fn what_an_order_announces_and_does_not_hold_is_found() {
    let whole = "<NbOfTxs>3</NbOfTxs><CtrlSum>9000001</CtrlSum>";
    let part = "<NbOfTxs>1</NbOfTxs><CtrlSum>8999999.50</CtrlSum>";
    let text = order(whole, &block(part, &(payment("A", "5000000") + &payment("B", "4000000"))));
    let findings: Vec<String> = told(&text).unwrap().1.findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        findings,
        [
            "block 1 announces 1 payments and has 2",
            "block 1 announces a sum of 8999999.50 and has 9000000",
            "the order announces 3 payments and has 2",
            "the order announces a sum of 9000001 and has 9000000",
        ]
    );
}

#[test]
fn an_order_is_no_report_and_a_report_no_order() {
    assert_eq!(read(two().as_bytes()).unwrap_err(), ReadError::UnknownMessage);
    assert_eq!(told(&status_report("")).unwrap_err(), ReadError::UnknownMessage);
    assert_eq!(told(r#"{"message_id":"M","items":[]}"#).unwrap_err(), ReadError::UnknownMessage);
}

#[test]
fn what_lacks_something_or_has_it_twice_is_refused() {
    let (good, one) = (two(), payment("A", "5"));
    let cases = [
        (good.replace("<NbOfTxs>2</NbOfTxs>", ""), "message-field-missing"),
        (good.replace("<MsgId>M-1</MsgId>", ""), "message-field-missing"),
        (good.replace("<EndToEndId>A</EndToEndId>", ""), "message-field-missing"),
        (good.replace("<InstdAmt Ccy=\"VND\">5000000</InstdAmt>", ""), "message-field-missing"),
        (good.replace(" Ccy=\"VND\"", ""), "message-field-missing"),
        (good.replace(">5000000<", ">-5<"), "message-field-invalid"),
        (good.replace(">5000000<", ">5e6<"), "message-field-invalid"),
        (good.replace("<NbOfTxs>2</NbOfTxs>", "<NbOfTxs>+2</NbOfTxs>"), "message-field-invalid"),
        (good.replace("pain.001.001.09", "pain.001.001.02"), "message-field-invalid"),
        (good.replace("pain.001.001.09", "pain.008.001.08"), "message-field-invalid"),
        (good.replace("<MsgId>M-1</MsgId>", "<MsgId>1</MsgId><MsgId>2</MsgId>"), "message-field-twice"),
        (order("<NbOfTxs>1</NbOfTxs>", ""), "message-field-missing"),
        (order("<NbOfTxs>1</NbOfTxs>", &block("", "")), "message-field-missing"),
        (order("<NbOfTxs>1</NbOfTxs>", &one), "message-field-missing"),
        (good.clone() + &good, "message-second"),
        (format!("<!DOCTYPE x>{good}"), "message-doctype"),
    ];
    for (text, code) in cases {
        assert_eq!(told(&text).unwrap_err().code(), code, "{text}");
    }
    for end in 0..good.len() {
        assert!(told(&good[..end]).is_err(), "{end}");
    }
}

#[test]
fn an_equivalent_amount_and_an_envelope_are_read_and_a_cheque_has_no_account() {
    let cheque = "<CdtTrfTxInf><PmtId><EndToEndId>C</EndToEndId></PmtId><Amt><EqvtAmt><Amt Ccy=\"EUR\">1.50</Amt><CcyOfTrf>VND</CcyOfTrf></EqvtAmt></Amt></CdtTrfTxInf>";
    let text = format!("<Envelope><AppHdr/>{}</Envelope>", order("<NbOfTxs>1</NbOfTxs>", &block("", cheque)));
    let Document::Orders(mut orders) = open_any(text.as_bytes(), &Limits::default()).unwrap() else { panic!() };
    let payment = orders.next_payment().unwrap().unwrap();
    assert!(!payment.has_account && payment.amount.currency.as_deref() == Some("EUR"));
    assert_eq!(orders.next_payment(), Ok(None));
    assert_eq!(orders.next_payment(), Ok(None), "the end stays the end");
    let limits = Limits { items_max: 1, ..Limits::default() };
    assert_eq!(check_order(two().as_bytes(), &limits).unwrap_err().code(), "message-too-many-items");
}

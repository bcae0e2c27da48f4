//! The rows of payments, lists, and what banks send.

use super::rows::{CUT, Made, OBJECT, OF_BANK, OF_UNIT, Row, Scope, WHOLE, WHOLE_OF_BANK, read, write};

const EVIDENCE: &str =
    r#"{"returned_on":"2025-03-10","reason_code":"AC04","evidence":{"kind":"camt.054","reference":"B-$n"}}"#;

pub const ROWS: &[Row] = &[
    write(
        "instructPayment",
        "CS",
        r#"{"payment_reference":"NEW-$n","beneficiary_ref":"$ref","benefit_type":"pension","cycle":"2025-03","amount":"5000000"}"#,
    )
    .of(Made::Person),
    read("listPayments", "CSBA", CUT).shows("payment"),
    read("listPayments", "CSBA", OF_UNIT).asks("unit=$unit"),
    read("listPayments", "CSBA", OF_BANK).asks("bank=$bank"),
    read("readPayment", "CSBA", OBJECT).on("payment"),
    read("paymentReceipt", "CSBA", OBJECT).on("payment"),
    write("acceptPayment", "CSB", r#"{"raw_status":"ACSP"}"#).of(Made::Payment),
    write(
        "settlePayment",
        "CSB",
        r#"{"settled_on":"2025-03-05","evidence":{"kind":"camt.054","reference":"E-$n"}}"#,
    )
    .of(Made::Payment),
    write("rejectPayment", "CSB", r#"{"reason_code":"AC01","rejected_on":"2025-03-04"}"#).of(Made::Payment),
    write("returnPayment", "CSB", EVIDENCE).of(Made::Settled),
    write("failPayment", "CSB", r#"{"cause":"no_answer"}"#).of(Made::Payment),
    write("holdPayment", "CS", r#"{"cause":"name differs"}"#).of(Made::Payment),
    write("releasePayment", "CS", "{}").of(Made::Held),
    write("reissuePayment", "CS", r#"{"channel":"cash_desk","reason":"no answer"}"#).of(Made::Failed),
    write("cancelPayment", "CS", r#"{"reason":"ordered twice"}"#).of(Made::Payment),
    write("correctPayment", "CS", r#"{"amount":"5100000","ground":"slip"}"#).of(Made::Payment).done(202),
    write("resolvePayment", "CS", r#"{"resolution":"dismissed","reason":"asked the bank"}"#).of(Made::Contradicted),
    // Lists.
    write("prepareList", "CS", r#"{"cycle":"2025-03","channel":"account","payments":["$payment"]}"#).of(Made::Payment),
    read("listLists", "CSBA", CUT).shows("list"),
    // A list lies in no unit that a bank knows of.
    read("listLists", "CSA", OF_UNIT).asks("unit=$unit").but("B", 403, "out-of-your-units"),
    read("readList", "CSBA", OBJECT).on("list"),
    read("printList", "CSBA", OBJECT).on("list"),
    read("printListChanges", "CSBA", OBJECT).on("list"),
    read("orderList", "CS", OBJECT).of(Made::Submitted).asks("bank=$bank").but("BA", 403, "role-not-allowed"),
    read("recallList", "CSBA", OBJECT).of(Made::Stopped).asks("bank=$bank&reason=CUST"),
    write("checkList", "CS", "{}").of(Made::List),
    write("approveList", "S", "{}").of(Made::Checked),
    write("submitList", "CS", "{}").of(Made::Checked),
    write("acknowledgeList", "CSB", r#"{"answer":"accepted"}"#).of(Made::Submitted),
    write("reconcileList", "CS", r#"{"handed_back":"0"}"#).of(Made::Settling),
    write("closeList", "CS", "{}").of(Made::Reconciled),
    write("shortenList", "CS", r#"{"payments":["$payment"],"reason":"moved away"}"#).of(Made::List),
    write("withdrawList", "CS", r#"{"reason":"another month"}"#).of(Made::List),
    // What banks send.
    write("bankCallback", "", r#"{"message_id":"M-$n","items":[]}"#).on("payment").within(Scope::Signed),
    read("listMessages", "CSBA", WHOLE).shows("message"),
    read("listMessages", "CSBA", WHOLE_OF_BANK).asks("bank=$bank"),
    read("listWaitingItems", "CSBA", CUT).shows("waiting"),
    read("listWaitingItems", "CSBA", OF_BANK).asks("bank=$bank"),
    read("readInbox", "CSBA", OBJECT).on("message"),
    read("rehearseInbox", "CS", OBJECT).on("message").asks("items=1"),
    write("judgeInbox", "CS", r#"{"items":[1]}"#).of(Made::Message).done(200),
    write("resolveInbox", "CS", r#"{"item":1,"reason":"asked the bank"}"#).of(Made::Message),
    read("reconcileStatement", "CSBA", WHOLE_OF_BANK).on("statement"),
];

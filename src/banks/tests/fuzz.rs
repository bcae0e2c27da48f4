//! Messages torn apart and put together again: whatever comes, there is an answer and no panic. `PROPTEST_CASES` makes the search longer.

use super::*;
use proptest::prelude::*;

/// Good messages to start from.
fn corpus() -> Vec<Vec<u8>> {
    let one = transaction_details(ID, "<Amt Ccy=\"VND\">2</Amt><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>");
    let two = transaction_details(OTHER_ID, "<Amt Ccy=\"VND\">3</Amt>");
    let balance =
        "<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"VND\">9</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>";
    let batch = entry("DBIT", "5", &format!("<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>{one}{two}</NtryDtls>"));
    let json = format!(
        "{{\"message_id\":\"M\",\"items\":[{{\"end_to_end_id\":\"{ID}\",\"status\":\"settled\",\"amount\":\"5\",\"reason\":{{\"code\":\"AC04\"}}}}]}}"
    );
    let group = "<OrgnlGrpInfAndSts><OrgnlMsgId>O</OrgnlMsgId><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>";
    let block = format!(
        "<OrgnlPmtInfAndSts><OrgnlPmtInfId>B</OrgnlPmtInfId><PmtInfSts>PART</PmtInfSts>{}</OrgnlPmtInfAndSts>",
        transaction("ACCC", "")
    );
    let back = format!(
        "<TxInf><RtrId>1</RtrId><OrgnlEndToEndId>{ID}</OrgnlEndToEndId><RtrdInstdAmt Ccy=\"VND\">5</RtrdInstdAmt></TxInf>"
    );
    vec![
        status_report(&transaction("RJCT", "<StsRsnInf><AddtlInf><![CDATA[x]]>&amp;</AddtlInf></StsRsnInf>"))
            .into_bytes(),
        document("pain.002.001.03", &format!("{group}{block}")).into_bytes(),
        statement(&format!("{balance}{batch}{}", entry_of("<Sts>BOOK</Sts>", "CRDT", "5", ""))).into_bytes(),
        document("camt.054.001.14", &format!("<Ntfctn><Id>1</Id>{batch}</Ntfctn>")).into_bytes(),
        document("pacs.004.001.15", &back).into_bytes(),
        json.into_bytes(),
    ]
}

const TOKENS: &[&str] = &[
    "<",
    ">",
    "</",
    "/>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?",
    "?>",
    "&",
    "&lt;",
    "&#",
    ";",
    "\"",
    "'",
    "=",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\\u0000",
    "<Ntry>",
    "</Ntry>",
    "<NtryDtls>",
    "</NtryDtls>",
    "<TxDtls>",
    "<Stmt>",
    "</Stmt>",
    "<TxSts>ACCC</TxSts>",
    "<Amt>9</Amt>",
    "<Sts/>",
    "<GrpHdr>",
    "<Document>",
    "<!DOCTYPE x>",
    "\u{feff}",
    "\0",
    "é",
    "99999999999999999999999999",
    "-1",
    "null",
    "1e400",
    "xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.99\"",
];

#[derive(Debug, Clone)]
enum Damage {
    Turn(u16, u8),
    Cut(u16, u8),
    Repeat(u16, u8),
    Insert(u16, u8),
    Join(u8, u16),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (any::<u16>(), any::<u8>()).prop_map(|(at, bits)| Damage::Turn(at, bits)),
        (any::<u16>(), any::<u8>()).prop_map(|(at, length)| Damage::Cut(at, length)),
        (any::<u16>(), any::<u8>()).prop_map(|(at, length)| Damage::Repeat(at, length)),
        (any::<u16>(), any::<u8>()).prop_map(|(at, token)| Damage::Insert(at, token)),
        (any::<u8>(), any::<u16>()).prop_map(|(other, at)| Damage::Join(other, at)),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage, corpus: &[Vec<u8>]) {
    let place = |at: u16| usize::from(at) % bytes.len().max(1);
    match *damage {
        Damage::Turn(at, bits) => {
            let at = place(at);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= bits;
            }
        }
        Damage::Cut(at, length) => {
            let at = place(at);
            let end = (at + usize::from(length)).min(bytes.len());
            bytes.drain(at..end);
        }
        Damage::Repeat(at, length) => {
            let at = place(at);
            let end = (at + usize::from(length)).min(bytes.len());
            let part = bytes[at..end].to_vec();
            bytes.splice(end..end, part);
        }
        Damage::Insert(at, token) => {
            let at = place(at).min(bytes.len());
            bytes.splice(at..at, TOKENS[usize::from(token) % TOKENS.len()].bytes());
        }
        Damage::Join(other, at) => {
            let other = &corpus[usize::from(other) % corpus.len()];
            let at = place(at);
            bytes.truncate(at);
            bytes.extend_from_slice(&other[at.min(other.len())..]);
        }
    }
}

/// What must hold of any answer.
fn judge(bytes: &[u8]) -> Result<(), TestCaseError> {
    let whole = read_with(bytes, &Limits::default());
    let again = open(bytes, &Limits::default()).and_then(|mut message| {
        let mut items = Vec::new();
        while let Some(item) = message.next_item()? {
            items.push(item);
        }
        Ok((message.head().clone(), items, message.summary().clone()))
    });
    prop_assert_eq!(&whole, &again, "the size of the pieces changes the answer");
    let Ok((head, items, summary)) = whole else { return Ok(()) };
    prop_assert!(!head.message_id.is_empty());
    prop_assert_eq!(items.len() as u64, summary.items);
    let mapping = Mapping::iso().unwrap();
    for (number, item) in (1..).zip(&items) {
        prop_assert_eq!(item.number, number);
        if mapping.effect(&item.report) == Effect::Settled {
            let said = ["ACCC", "CPUC", "settled", "BOOK"].iter().any(|word| {
                bytes.windows(word.len()).any(|window| window == word.as_bytes())
                    || bytes.contains(&b'&')
                    || bytes.contains(&b'\\')
            });
            prop_assert!(said || bytes.windows(4).any(|window| window == b"<!--"), "nobody said settled");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(512), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_messages_are_read_or_refused(start in 0_usize..6, damages in prop::collection::vec(damage(), 1..12)) {
        let corpus = corpus();
        let mut bytes = corpus[start].clone();
        for damage in &damages {
            apply(&mut bytes, damage, &corpus);
        }
        judge(&bytes)?;
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        judge(&bytes)?;
        judge(&[b"<Document><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt>", &bytes[..]].concat())?;
        judge(&[&b"{\"message_id\":\"1\","[..], &bytes].concat())?;
    }

    #[test]
    fn any_mapping_is_read_or_refused(text in "[a-z\\[\\]=\" \n_A-Z]{0,200}") {
        let _ = Mapping::of_bank(&text);
    }

    #[test]
    fn any_headers_are_judged(name in "(?i)(x-jws-signature|webhook-(id|timestamp|signature))", value in ".{0,200}", body in prop::collection::vec(any::<u8>(), 0..50)) {
        use crate::banks::signature::{ClockWindow, Signed, verify};
        let headers = [(name.as_str(), value.as_str())];
        let message = Signed { headers: &headers, body: &body };
        prop_assert!(verify(&message, &[], &ClockWindow::at(jiff::Timestamp::UNIX_EPOCH)).is_err());
    }
}

/// Orders of ours to start from.
fn orders() -> [&'static [u8]; 3] {
    [
        include_bytes!("../../../tests/fixtures/banks/pain.001.001.03.xml"),
        include_bytes!("../../../tests/fixtures/banks/pain.001.001.09.xml"),
        include_bytes!("../../../tests/fixtures/banks/pain.001.001.11.xml"),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(256), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_orders_are_read_or_refused(start in 0_usize..3, damages in prop::collection::vec(damage(), 1..12)) {
        let corpus: Vec<Vec<u8>> = orders().iter().map(|order| order.to_vec()).collect();
        let mut bytes = corpus[start].clone();
        for damage in &damages {
            apply(&mut bytes, damage, &corpus);
        }
        let whole = check_order(bytes.as_slice(), &Limits::default());
        let pieces = check_order(std::io::BufReader::with_capacity(3, bytes.as_slice()), &Limits::default());
        prop_assert_eq!(whole, pieces, "the size of the pieces changes the answer");
    }

    #[test]
    fn any_columns_of_a_bulk_table_are_read_or_refused(text in "[a-z_\\[\\]=\"\n A-Z0-9]{0,200}") {
        let _ = crate::banks::out::bulk::BulkLayout::parse(&text);
        let _ = crate::banks::out::bulk::BulkLayout::parse(&format!("[[columns]]\nheader = \"{text}\"\nfield = \"amount\"\n"));
    }

    #[test]
    fn any_text_is_a_day_or_none(text in "\\PC{0,50}|[0-9TZ:.+-]{0,45}") {
        if let Some(when) = When::parse(&text) {
            let _ = when.day(&jiff::tz::TimeZone::UTC);
        }
    }
}

#[test]
fn the_corpus_is_good() {
    for order in orders() {
        assert!(check_order(order, &Limits::default()).is_ok());
    }
    for bytes in corpus() {
        assert!(read(&bytes).is_ok(), "{}", String::from_utf8_lossy(&bytes));
    }
}

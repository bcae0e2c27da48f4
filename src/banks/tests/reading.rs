//! What each kind of message says, in every version and dress.

use super::*;
use jiff::civil::date;
use jiff::tz::TimeZone;

fn day(item: &Item) -> jiff::civil::Date {
    item.when.unwrap().day(&TimeZone::get("Asia/Ho_Chi_Minh").unwrap())
}

fn status(code: &str) -> Report {
    Report::Status(code.to_owned())
}

#[test]
fn a_status_report_says_the_status_of_each_payment() {
    let reason = "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>account closed</AddtlInf><AddtlInf>by holder</AddtlInf></StsRsnInf>";
    let more = format!(
        "{reason}<AcctSvcrRef>BANK-1</AcctSvcrRef><OrgnlTxRef><Amt><InstdAmt Ccy=\"VND\">5000000</InstdAmt></Amt></OrgnlTxRef>"
    );
    let found = items(&status_report(&transaction("RJCT", &more)));
    let expected = Item {
        number: 1,
        scope: Scope::Payment,
        end_to_end_id: Some(ID.to_owned()),
        agent_ref: Some("BANK-1".to_owned()),
        report: status("RJCT"),
        amount: Some(Amount { text: "5000000".to_owned(), currency: Some("VND".to_owned()) }),
        when: When::parse("2025-09-04T10:00:00+07:00"),
        reasons: vec![StatedReason {
            code: Some("AC04".to_owned()),
            proprietary: None,
            words: Some("account closed by holder".to_owned()),
        }],
    };
    assert_eq!(found, [expected]);
}

#[test]
fn every_version_from_03_to_15_is_read_alike() {
    for version in 3..=15 {
        let entry = entry("DBIT", "5000000", &details(ID, ""));
        let bodies = [
            ("pain.002", format!("<OrgnlPmtInfAndSts>{}</OrgnlPmtInfAndSts>", transaction("ACSP", ""))),
            ("camt.053", format!("<Stmt><Id>1</Id>{entry}</Stmt>")),
            ("camt.054", format!("<Ntfctn><Id>1</Id>{entry}</Ntfctn>")),
            ("pacs.004", format!("<TxInf><OrgnlEndToEndId>{ID}</OrgnlEndToEndId></TxInf>")),
        ];
        for (kind, body) in bodies {
            let (head, found, _) = read(document(&format!("{kind}.001.{version:02}"), &body).as_bytes()).unwrap();
            assert_eq!((head.kind.as_str(), head.message_id.as_str()), (kind, "MSG-1"));
            assert_eq!(head.version, Some(format!("001.{version:02}")));
            assert_eq!(found[0].end_to_end_id.as_deref(), Some(ID), "{kind} {version}");
        }
    }
}

#[test]
fn prefixes_envelopes_comments_and_a_missing_namespace_change_nothing() {
    let plain = status_report(&transaction("ACCC", ""));
    let expected = items(&plain);
    let prefixed = plain
        .replace("</", "</p:")
        .replace('<', "<p:")
        .replace("<p:/p:", "</p:")
        .replace("<p:?", "<?")
        .replace("xmlns=", "xmlns:p=");
    let (declaration, body) = plain.split_once('\n').unwrap();
    let enveloped = format!(
        "{declaration}<e:Envelope xmlns:e=\"urn:x\"><e:Body><AppHdr xmlns=\"urn:iso:std:iso:20022:tech:xsd:head.001.001.02\"><MsgId>no</MsgId></AppHdr>{body}</e:Body></e:Envelope>"
    );
    let without = plain.replace(" xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"", "");
    let commented = plain.replace("<TxSts>AC", "<!-- a <b> & --><TxSts><!-- x -->A<?pi?><![CDATA[C]]>");
    let spaced = plain.replace("><", ">\r\n\t<").replace("<TxSts>", "<TxSts>\n  ");
    let marked = format!("\u{feff}{plain}");
    for text in [prefixed, enveloped, without, commented, spaced, marked] {
        assert_eq!(items(&text), expected, "{text}");
    }
}

#[test]
fn characters_may_be_written_as_references() {
    let reason = "<StsRsnInf><AddtlInf>&#272;&#x1ED7; &amp; &lt;&gt;&quot;&apos;</AddtlInf></StsRsnInf>";
    let found = items(&status_report(&transaction("RJCT", reason)));
    assert_eq!(found[0].reasons[0].words.as_deref(), Some("Đỗ & <>\"'"));
}

#[test]
fn a_status_of_the_file_and_of_a_block_are_items_of_their_own() {
    let group = "<OrgnlGrpInfAndSts><OrgnlMsgId>OURS-1</OrgnlMsgId><OrgnlNbOfTxs>7</OrgnlNbOfTxs><GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf></OrgnlGrpInfAndSts>";
    let batch = format!(
        "<OrgnlPmtInfAndSts><OrgnlPmtInfId>B1</OrgnlPmtInfId><OrgnlNbOfTxs>4</OrgnlNbOfTxs><PmtInfSts>PART</PmtInfSts><StsRsnInf><Rsn><Prtry>X</Prtry></Rsn></StsRsnInf>{}<TxInfAndSts><OrgnlEndToEndId>{ID}</OrgnlEndToEndId></TxInfAndSts></OrgnlPmtInfAndSts>",
        transaction("RJCT", "")
    );
    let listed = |original| Listed { original, statuses: [("RJCT".to_owned(), 1)].into() };
    let found = items(&document("pain.002.001.03", &format!("{group}{batch}")));
    assert_eq!(found.len(), 3);
    assert_eq!(found[0].scope, Scope::Payment);
    assert_eq!(found[1].scope, Scope::Batch { original_id: Some("B1".to_owned()), listed: listed(Some(4)) });
    assert_eq!(found[1].reasons[0].proprietary.as_deref(), Some("X"));
    assert_eq!(found[2].scope, Scope::Group { original_id: Some("OURS-1".to_owned()), listed: listed(Some(7)) });
    assert_eq!((&found[2].report, found[2].number), (&status("RJCT"), 3));
    assert_eq!(found[2].reasons[0].code.as_deref(), Some("FF01"));
}

#[test]
fn a_payment_listed_without_a_status_says_nothing() {
    let listed = format!("<TxInfAndSts><OrgnlEndToEndId>{ID}</OrgnlEndToEndId></TxInfAndSts>");
    assert!(items(&status_report(&listed)).is_empty());
}

#[test]
fn a_return_says_when_how_much_and_why() {
    let reason = "<RtrRsnInf><Rsn><Cd>AC04</Cd></Rsn></RtrRsnInf>";
    let body = format!(
        "<TxInf><RtrId>R7</RtrId><OrgnlEndToEndId>{ID}</OrgnlEndToEndId><RtrdIntrBkSttlmAmt Ccy=\"VND\">5000000</RtrdIntrBkSttlmAmt><IntrBkSttlmDt>2025-09-08</IntrBkSttlmDt>{reason}</TxInf>"
    );
    let found = items(&document("pacs.004.001.09", &body));
    assert_eq!((found.len(), &found[0].report), (1, &Report::Return));
    assert_eq!(day(&found[0]), date(2025, 9, 8));
    assert_eq!(found[0].amount.as_ref().unwrap().text, "5000000");
    assert_eq!((found[0].agent_ref.as_deref(), found[0].reasons[0].code.as_deref()), (Some("R7"), Some("AC04")));
}

#[test]
fn a_return_without_a_day_has_that_of_its_header() {
    let body = format!("<TxInf><OrgnlEndToEndId>{ID}</OrgnlEndToEndId></TxInf>");
    let text = document("pacs.004.001.09", &body);
    assert_eq!(day(&items(&text)[0]), date(2025, 9, 4));
    let text = text.replace("</CreDtTm>", "</CreDtTm><IntrBkSttlmDt>2025-09-05</IntrBkSttlmDt>");
    assert_eq!(day(&items(&text)[0]), date(2025, 9, 5));
}

#[test]
fn an_instant_falls_on_the_day_of_the_zone() {
    let of = |text: &str| When::parse(text).map(|when| when.day(&TimeZone::get("Asia/Ho_Chi_Minh").unwrap()));
    assert_eq!(of("2025-09-03T17:00:00Z"), Some(date(2025, 9, 4)));
    assert_eq!(of("2025-09-03T16:59:59.999Z"), Some(date(2025, 9, 3)));
    assert_eq!(of("2025-09-03T23:59:59"), Some(date(2025, 9, 3)), "a local time stays on its day");
    assert_eq!(of("2025-09-03+07:00"), Some(date(2025, 9, 3)));
    for text in [
        "",
        "2025-9-3",
        "20250903",
        "2025-09-03 10:00:00",
        "2025-13-01",
        "2025-02-30",
        "03/09/2025",
        "2025-09-03T",
        "2025-09-03T10",
        "2025-09-03Tx",
        "2025-09-03T10:00:00+7",
        "ngày ba thg",
    ] {
        assert_eq!(of(text), None, "{text}");
    }
}

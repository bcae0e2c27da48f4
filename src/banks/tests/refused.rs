//! Messages that are refused as a whole, each with its code.

use super::*;

#[test]
fn what_is_no_message_is_refused_by_name() {
    let cases = [
        ("", "message-empty"),
        ("  \n", "message-empty"),
        ("hello", "message-format-unknown"),
        ("[]", "message-format-unknown"),
        ("<a/>", "message-kind-unknown"),
        ("<Document/>", "message-kind-unknown"),
        ("<Document><CstmrDrctDbtInitn/></Document>", "message-kind-unknown"),
        ("<Document><CstmrCdtTrfInitn/></Document>", "message-field-missing"),
        ("<Document><CstmrPmtStsRpt/></Document>", "message-field-missing"),
        ("<Document><CstmrPmtStsRpt><GrpHdr/></CstmrPmtStsRpt></Document>", "message-field-missing"),
        ("<Document><CstmrPmtStsRpt><GrpHdr><MsgId>1</MsgId>", "message-truncated"),
        ("<", "message-truncated"),
        ("<!DOCTYPE a><Document/>", "message-doctype"),
    ];
    for (text, code) in cases {
        assert_eq!(refusal(text).code(), code, "{text}");
    }
}

#[test]
fn a_version_outside_03_to_15_and_another_message_in_the_namespace_are_refused() {
    for name in ["pain.002.001.02", "pain.002.001.16", "pain.002.002.03", "pain.002.001.3", "pain.001.001.09"] {
        let text = status_report("").replace("pain.002.001.10", name);
        assert_eq!(refusal(&text), ReadError::UnknownVersion { kind: MessageKind::Pain002 }, "{name}");
    }
}

#[test]
fn every_cut_of_a_message_is_refused() {
    let texts = [
        status_report(&transaction("ACCC", "")),
        statement(&entry("DBIT", "5", &details(ID, ""))),
        document("pacs.004.001.09", &format!("<TxInf><OrgnlEndToEndId>{ID}</OrgnlEndToEndId></TxInf>")),
    ];
    for text in texts {
        for end in 0..text.len() {
            assert!(read(&text.as_bytes()[..end]).is_err(), "{end}");
        }
    }
}

#[test]
fn entities_of_the_senders_own_are_refused_and_so_are_their_declarations() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    let text = status_report(&transaction("&b;", ""));
    assert_eq!(refusal(&text), ReadError::Entity);
    let (declaration, body) = text.split_once('\n').unwrap();
    assert_eq!(refusal(&format!("{declaration}{bomb}{body}")), ReadError::Doctype);
    assert_eq!(refusal(&format!("{bomb}{body}")), ReadError::Doctype);
    let inside = status_report("<!DOCTYPE x><a/>");
    assert_eq!(refusal(&inside), ReadError::Doctype);
    for reference in ["&#0;", "&#x1F;", "&#xD800;", "&#x110000;", "&;", "&#;", "&nbsp;", "&%a;"] {
        let text = status_report(&transaction(reference, ""));
        assert_eq!(refusal(&text), ReadError::Entity, "{reference}");
    }
}

#[test]
fn other_encodings_are_refused() {
    let text = status_report("");
    for name in ["UTF-16", "windows-1258", "ISO-8859-1"] {
        assert_eq!(refusal(&text.replace("UTF-8", name)), ReadError::Encoding, "{name}");
    }
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(matches!(read(&utf16), Err(ReadError::Malformed { .. } | ReadError::Encoding)));
    let marked = [&[0xff, 0xfe], &utf16[..]].concat();
    assert_eq!(read(&marked), Err(ReadError::Encoding));
    let broken = [text.replace("B1", "\u{1}").as_bytes(), b""].concat();
    let broken: Vec<u8> = broken.iter().map(|b| if *b == 1 { 0xc3 } else { *b }).collect();
    assert_eq!(read(&broken), Err(ReadError::Encoding));
}

#[test]
fn a_field_that_stands_twice_or_has_elements_inside_is_refused() {
    let twice = transaction("RJCT", "<TxSts>ACCC</TxSts>");
    assert_eq!(refusal(&status_report(&twice)), ReadError::Twice { item: 1, path: "TxSts" });
    let id_twice = transaction("RJCT", &format!("<OrgnlEndToEndId>{OTHER_ID}</OrgnlEndToEndId>"));
    assert_eq!(refusal(&status_report(&id_twice)), ReadError::Twice { item: 1, path: "OrgnlEndToEndId" });
    let text = entry("DBIT", "5", "").replace("</CdtDbtInd>", "</CdtDbtInd><CdtDbtInd>CRDT</CdtDbtInd>");
    assert_eq!(refusal(&statement(&text)).code(), "message-field-twice");
    let group = "<OrgnlGrpInfAndSts><GrpSts>ACCP</GrpSts></OrgnlGrpInfAndSts>";
    assert_eq!(refusal(&document("pain.002.001.10", &[group, group].concat())).code(), "message-field-twice");
    let text = status_report("").replace(">B1<", "><x/>B1<");
    assert_eq!(refusal(&text).code(), "message-field-invalid");
    let nested = transaction("AC<x/>CC", "");
    assert!(items(&status_report(&nested)).is_empty(), "half a status is none");
}

#[test]
fn an_entry_needs_amount_side_and_status_before_its_details() {
    let whole = entry("DBIT", "5", &details(ID, ""));
    for (element, path) in [
        ("Amt Ccy=\"VND\">5</Amt", "Ntry/Amt"),
        ("CdtDbtInd>DBIT</CdtDbtInd", "Ntry/CdtDbtInd"),
        ("Sts><Cd>BOOK</Cd></Sts", "Ntry/Sts"),
    ] {
        let without = whole.replace(&format!("<{element}>"), "");
        assert_eq!(refusal(&statement(&without)), ReadError::Missing { item: 1, path }, "{path}");
    }
    let behind = whole.replace("</Ntry>", "<CdtDbtInd>CRDT</CdtDbtInd></Ntry>");
    assert_eq!(refusal(&statement(&behind)).code(), "message-field-order");
    for (old, new) in
        [("DBIT", "OUT"), (">5<", ">five<"), (">5<", ">-5<"), (">5<", ">1e3<"), ("2025-09-03", "yesterday")]
    {
        assert_eq!(refusal(&statement(&whole.replace(old, new))).code(), "message-field-invalid", "{new}");
    }
}

#[test]
fn a_second_message_or_text_after_the_document_is_refused() {
    let text = status_report("");
    let (_, body) = text.split_once('\n').unwrap();
    assert!(read(format!("{text}{body}").as_bytes()).is_err());
    assert_eq!(refusal(&format!("<e>{body}{body}</e>")), ReadError::SecondMessage);
    let inside = text.replace("</CstmrPmtStsRpt>", "</CstmrPmtStsRpt><PmtRtr/>");
    assert_eq!(refusal(&inside), ReadError::SecondMessage);
    assert_eq!(refusal(&format!("{text}x")).code(), "message-malformed");
    assert!(read(format!("{text}\n<!-- end -->\n").as_bytes()).is_ok());
}

#[test]
fn elements_that_do_not_match_are_refused() {
    let text = status_report("<a></b>");
    assert_eq!(refusal(&text).code(), "message-malformed");
    assert!(read(status_report("<a b=></a>").as_bytes()).is_err());
    assert!(read(status_report("<a b=1></a>").as_bytes()).is_err());
    assert!(read(status_report("<a b='1' b='2'></a>").as_bytes()).is_err());
    assert!(read(status_report("<!ELEMENT a>").as_bytes()).is_err());
}

#[test]
fn no_refusal_repeats_a_value_of_the_message() {
    let text = status_report(&transaction("RJCT", "<AccptncDtTm>NGUYEN THI A</AccptncDtTm>"));
    let error = refusal(&text);
    assert!(!format!("{error} {error:?} {}", error.message_vi()).contains("NGUYEN"));
    let error = refusal("{\"message_id\":\"1\",\"items\":[{\"NGUYEN THI A\":1}]}");
    assert!(!format!("{error} {error:?} {}", error.message_vi()).contains("NGUYEN"));
}

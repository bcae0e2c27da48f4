//! Files for banks: what stands in them, and what is refused before a bank refuses it.

use super::bulk::{BulkCell, BulkLayout, LayoutError};
use super::pain001::{Block, Order, Pain001Writer, Version};
use super::recall::{Recall, RecalledBlock, RecalledPayment};
use super::*;
use crate::domain::ids::PaymentId;
use crate::domain::money::{Currency, CurrencySpec};
use jiff::civil::date;
use uuid::Uuid;

fn dong() -> CurrencySpec {
    CurrencySpec { currency: Currency::parse("VND").unwrap(), exponent: 0 }
}

fn end_to_end_id(number: u128) -> EndToEndId {
    EndToEndId::of(PaymentId::from_uuid(Uuid::from_u128(number)), 1)
}

fn transfer(number: u128) -> Transfer {
    Transfer {
        end_to_end_id: end_to_end_id(number),
        amount_minor: 5_000_000,
        creditor_name: "Nguyễn Thị <A> & con".to_owned(),
        account: "0123456789".to_owned(),
        agent: AgentRef::Bic("BFTVVNVX".to_owned()),
        purpose: Some("PENS".to_owned()),
        remittance: Some("Lương hưu 09/2025".to_owned()),
    }
}

fn order(version: Version) -> Order {
    Order {
        version,
        message_id: "QN-2025-09-1".to_owned(),
        created: "2025-09-01T01:02:03.5Z".parse().unwrap(),
        debtor_name: "BHXH tỉnh Quảng Nam".to_owned(),
        debtor_account: "1100000001".to_owned(),
        debtor_agent: AgentRef::Member("48203001".to_owned()),
        currency: dong(),
        charset: OrderCharset::Utf8,
        batch_booking: false,
        count: 2,
        sum_minor: 10_000_000,
    }
}

fn block(count: u64, sum_minor: i64) -> Block {
    Block { payment_info_id: "QN-2025-09-1-VCB".to_owned(), execute_on: date(2025, 9, 3), count, sum_minor }
}

/// An order of which one block is begun.
fn begun(order: Order) -> Pain001Writer<Vec<u8>> {
    let block = block(order.count, order.sum_minor);
    let mut writer = Pain001Writer::begin(Vec::new(), order).unwrap();
    writer.block(&block).unwrap();
    writer
}

fn written(version: Version) -> String {
    let mut writer = begun(order(version));
    writer.transfer(&transfer(1)).unwrap();
    let second =
        Transfer { purpose: None, remittance: None, agent: AgentRef::Member("970436".to_owned()), ..transfer(2) };
    writer.transfer(&second).unwrap();
    String::from_utf8(writer.finish().unwrap()).unwrap()
}

/// The files were checked against ISO's schemas when they were made.
#[test]
fn an_order_is_written_as_it_was_checked_against_the_schemas() {
    let golden = [
        (Version::V03, include_str!("../../../tests/fixtures/banks/pain.001.001.03.xml")),
        (Version::V09, include_str!("../../../tests/fixtures/banks/pain.001.001.09.xml")),
        (Version::V11, include_str!("../../../tests/fixtures/banks/pain.001.001.11.xml")),
    ];
    for (version, expected) in golden {
        assert_eq!(written(version), expected, "{version:?}");
    }
}

#[test]
fn ids_have_32_hex_digits_and_sums_are_announced() {
    let text = written(Version::V09);
    assert!(text.contains(&format!("<EndToEndId>{}</EndToEndId>", end_to_end_id(1))));
    assert_eq!(end_to_end_id(1).as_str().len(), 32);
    assert_eq!(text.matches("<NbOfTxs>2</NbOfTxs>").count(), 2);
    assert_eq!(text.matches("<CtrlSum>10000000</CtrlSum>").count(), 2);
}

#[test]
fn decimals_follow_the_currency() {
    let currency = CurrencySpec { currency: Currency::parse("TVR").unwrap(), exponent: 2 };
    let order = Order { currency, count: 1, sum_minor: 1_250, ..order(Version::V09) };
    let mut writer = begun(order);
    writer.transfer(&Transfer { amount_minor: 1_250, ..transfer(1) }).unwrap();
    let text = String::from_utf8(writer.finish().unwrap()).unwrap();
    assert!(text.contains("<InstdAmt Ccy=\"TVR\">12.50</InstdAmt>") && text.contains("<CtrlSum>12.50</CtrlSum>"));
}

#[test]
fn an_order_that_is_not_what_it_announced_is_not_ended() {
    let with = |count, sum_minor| {
        let mut writer = begun(Order { count, sum_minor, ..order(Version::V03) });
        writer.transfer(&transfer(1)).unwrap();
        writer.finish().map(|_| ())
    };
    assert!(with(1, 5_000_000).is_ok());
    assert!(matches!(with(2, 5_000_000), Err(WriteError::Count { announced: 2, written: 1 })));
    assert!(matches!(with(1, 4_999_999), Err(WriteError::Sum)));
    let none = Pain001Writer::begin(Vec::new(), Order { count: 0, ..order(Version::V03) });
    assert!(matches!(none.map(|_| ()), Err(WriteError::Field { field: "count", .. })));
}

fn refused(change: impl Fn(&mut Transfer)) -> String {
    let mut transfer = transfer(1);
    change(&mut transfer);
    begun(order(Version::V09)).transfer(&transfer).unwrap_err().to_string()
}

#[test]
fn what_a_bank_would_refuse_is_refused_here() {
    assert!(refused(|t| t.amount_minor = 0).contains("not positive"));
    assert!(refused(|t| t.creditor_name = " \n".to_owned()).starts_with("name"));
    for account in ["", "0123 456", "01234-5", &"1".repeat(35), "số 1"] {
        assert!(refused(|t| t.account = account.to_owned()).starts_with("account"), "{account}");
    }
    for bic in ["", "BFTV", "bftvvnvx", "BFTVVN1X", "BFTVVNVXXX", "BFTVVNVX1234"] {
        assert!(refused(|t| t.agent = AgentRef::Bic(bic.to_owned())).starts_with("bic"), "{bic}");
    }
    for purpose in ["", "PENSION", "pens", "P S"] {
        assert!(refused(|t| t.purpose = Some(purpose.to_owned())).starts_with("purpose"), "{purpose}");
    }
    let order = Order { message_id: "x".repeat(36), ..order(Version::V09) };
    assert!(Pain001Writer::begin(Vec::new(), order).is_err());
}

#[test]
fn each_block_announces_its_own_and_the_order_all() {
    let mut writer = Pain001Writer::begin(Vec::new(), order(Version::V09)).unwrap();
    assert!(writer.transfer(&transfer(1)).is_err(), "a payment belongs to a block");
    for number in [1, 2] {
        writer.block(&Block { payment_info_id: format!("B-{number}"), ..block(1, 5_000_000) }).unwrap();
        writer.transfer(&transfer(number)).unwrap();
    }
    let text = String::from_utf8(writer.finish().unwrap()).unwrap();
    assert_eq!(text.matches("<NbOfTxs>1</NbOfTxs>").count(), 2);
    assert_eq!(text.matches("<CtrlSum>5000000</CtrlSum>").count(), 2);
    assert_eq!(text.matches("<CtrlSum>10000000</CtrlSum>").count(), 1);
    let mut short = Pain001Writer::begin(Vec::new(), order(Version::V09)).unwrap();
    short.block(&block(2, 10_000_000)).unwrap();
    short.transfer(&transfer(1)).unwrap();
    assert!(matches!(short.block(&block(1, 1)), Err(WriteError::Count { announced: 2, written: 1 })));
}

#[test]
fn a_bank_that_takes_latin_letters_alone_gets_no_others() {
    let latin = |text: &str| name(text, OrderCharset::Latin).unwrap();
    assert_eq!(latin("Nguyễn Thị Đào & con"), "Nguyen Thi Dao con");
    assert_eq!(latin("Nguye\u{302}\u{303}n  Văn\u{a0}Ơn"), "Nguyen Van On");
    assert_eq!(latin("Łukasz (số 1)"), "Lukasz (so 1)");
    assert!(name("阮氏", OrderCharset::Latin).is_err(), "nothing is left of it");
    assert_eq!(
        name("Nguye\u{302}\u{303}n\u{ffff}", OrderCharset::Utf8).unwrap(),
        "Nguyễn",
        "composed, and fit for XML"
    );
}

#[test]
fn a_code_of_a_bank_is_a_bic_if_it_looks_like_one() {
    assert_eq!(AgentRef::of_code("BFTVVNVX"), AgentRef::Bic("BFTVVNVX".to_owned()));
    assert_eq!(AgentRef::of_code("970436"), AgentRef::Member("970436".to_owned()));
    assert!(AgentRef::of_code("970436").is_fit() && !AgentRef::of_code("97 0436").is_fit());
}

#[test]
fn a_long_name_is_cut_at_a_character() {
    let long = "Ngô ".repeat(50);
    assert_eq!(name(&long, OrderCharset::Utf8).unwrap().chars().count(), 139, "the space at its end goes");
}

fn recall() -> Recall {
    let payment =
        RecalledPayment { end_to_end_id: end_to_end_id(1), amount_minor: 5_000_000, reason_code: "DUPL".to_owned() };
    Recall {
        recall_id: "RC-1".to_owned(),
        created: "2025-09-02T01:02:03Z".parse().unwrap(),
        agency_name: "BHXH tỉnh Quảng Nam".to_owned(),
        bank: AgentRef::Bic("BFTVVNVX".to_owned()),
        original_message_id: "QN-2025-09-1".to_owned(),
        currency: dong(),
        charset: OrderCharset::Utf8,
        blocks: vec![RecalledBlock {
            payment_info_id: "QN-2025-09-1-VCB".to_owned(),
            execute_on: date(2025, 9, 3),
            payments: vec![payment],
        }],
    }
}

#[test]
fn a_recall_names_the_order_and_each_payment() {
    let text = String::from_utf8(super::recall::write(Vec::new(), &recall()).unwrap()).unwrap();
    assert_eq!(text, include_str!("../../../tests/fixtures/banks/camt.055.001.08.xml"));
}

/// What camt.055.001.08 has at each place, in its order, as far as we write it; `!` marks what must be there. Written down from the message's
/// definition; `scripts/orders` holds the note to the classes that were made from the schema.
const RECALL_PARTS: [(&str, &[&str]); 16] = [
    ("", &["Document!"]),
    ("Document", &["CstmrPmtCxlReq!"]),
    ("CstmrPmtCxlReq", &["Assgnmt!", "Case", "CtrlData", "Undrlyg!"]),
    ("Assgnmt", &["Id!", "Assgnr!", "Assgne!", "CreDtTm!"]),
    ("Assgnr", &["Pty!"]),
    ("Pty", &["Nm", "PstlAdr", "Id"]),
    ("Assgne", &["Agt!"]),
    ("Agt", &["FinInstnId!"]),
    ("FinInstnId", &["BICFI", "ClrSysMmbId", "Nm"]),
    ("CtrlData", &["NbOfTxs!", "CtrlSum"]),
    ("Undrlyg", &["OrgnlGrpInfAndCxl", "OrgnlPmtInfAndCxl"]),
    (
        "OrgnlPmtInfAndCxl",
        &["PmtCxlId", "Case", "OrgnlPmtInfId!", "OrgnlGrpInf", "NbOfTxs", "CtrlSum", "PmtInfCxl", "CxlRsnInf", "TxInf"],
    ),
    ("OrgnlGrpInf", &["OrgnlMsgId!", "OrgnlMsgNmId!", "OrgnlCreDtTm"]),
    (
        "TxInf",
        &[
            "CxlId",
            "Case",
            "OrgnlInstrId",
            "OrgnlEndToEndId",
            "UETR",
            "OrgnlInstdAmt",
            "OrgnlReqdExctnDt",
            "OrgnlReqdColltnDt",
            "CxlRsnInf",
        ],
    ),
    ("CxlRsnInf", &["Orgtr", "Rsn", "AddtlInf"]),
    ("Rsn", &["Cd!"]),
];

/// The names of elements, each with that of the one around it, in the order of their beginnings; and what each has directly inside.
fn insides(xml: &str) -> Vec<(String, Vec<String>)> {
    let (mut open, mut done) = (vec![(String::new(), Vec::new())], Vec::new());
    for tag in xml.split('<').skip(1).filter(|tag| !tag.starts_with('?')) {
        let name = tag.split(['>', ' ']).next().unwrap().to_owned();
        if let Some(name) = name.strip_prefix('/') {
            let closed = open.pop().unwrap();
            assert_eq!(closed.0, name);
            done.push(closed);
        } else {
            open.last_mut().unwrap().1.push(name.clone());
            open.push((name, Vec::new()));
        }
    }
    assert_eq!(open.len(), 1, "what was opened is closed");
    done.extend(open);
    done
}

#[test]
fn a_recall_has_the_parts_of_the_message_in_their_order_and_none_besides() {
    let mut longer = recall();
    let second = RecalledPayment { end_to_end_id: end_to_end_id(2), ..longer.blocks[0].payments[0].clone() };
    longer.blocks[0].payments.push(second);
    longer.blocks.push(longer.blocks[0].clone());
    for (recall, payments) in [(recall(), 1), (longer, 4)] {
        let text = String::from_utf8(super::recall::write(Vec::new(), &recall).unwrap()).unwrap();
        assert_eq!(
            (text.matches("<TxInf>").count(), text.contains(&format!("<NbOfTxs>{payments}<"))),
            (payments, true)
        );
        for (name, inside) in insides(&text) {
            let Some((_, parts)) = RECALL_PARTS.iter().find(|(part, _)| *part == name) else {
                assert!(inside.is_empty() || inside == ["Dt"], "{name} has {inside:?}");
                continue;
            };
            let place = |found: &String| parts.iter().position(|part| part.trim_end_matches('!') == found);
            let places: Vec<usize> =
                inside.iter().map(|found| place(found).unwrap_or_else(|| panic!("{found} in {name}"))).collect();
            assert!(places.is_sorted(), "{name} has {inside:?}");
            for (at, part) in parts.iter().enumerate().filter(|(_, part)| part.ends_with('!')) {
                assert_eq!(places.iter().filter(|place| **place == at).count(), 1, "{part} in {name}");
            }
        }
    }
}

#[test]
fn a_recall_of_nothing_or_without_a_code_is_refused() {
    assert!(super::recall::write(Vec::new(), &Recall { blocks: Vec::new(), ..recall() }).is_err());
    for code in ["", "dupl", "DUPLI"] {
        let mut recall = recall();
        code.clone_into(&mut recall.blocks[0].payments[0].reason_code);
        assert!(super::recall::write(Vec::new(), &recall).is_err(), "{code}");
    }
}

#[test]
fn the_table_has_the_columns_of_its_layout() {
    let layout = BulkLayout::usual().unwrap();
    assert_eq!(layout.header()[..3], ["STT", "Số tài khoản", "Tên người hưởng"]);
    let row = layout.row(1, &transfer(1), (dong(), OrderCharset::Utf8)).unwrap();
    assert_eq!(row.len(), layout.header().len());
    assert_eq!(row[0], BulkCell::Number(1));
    assert_eq!(row[1], BulkCell::Text("0123456789".to_owned()), "the zero at the start stays");
    assert_eq!(row[4], BulkCell::Amount("5000000".to_owned()));
    assert_eq!(row[6], BulkCell::Text(end_to_end_id(1).to_string()));
}

#[test]
fn a_bank_may_have_other_columns() {
    let text = "[[columns]]\nheader = \"Ref\"\nfield = \"end_to_end_id\"\n[[columns]]\nheader = \"Kind\"\nfield = \"fixed\"\ntext = \"CT\"\n[[columns]]\nheader = \"Purpose\"\nfield = \"purpose\"\n";
    let layout = BulkLayout::parse(text).unwrap();
    let row = layout.row(1, &Transfer { purpose: None, ..transfer(1) }, (dong(), OrderCharset::Latin)).unwrap();
    assert_eq!(row[1..], [BulkCell::Text("CT".to_owned()), BulkCell::Empty]);
}

#[test]
fn a_layout_that_loses_payments_or_repeats_itself_is_refused() {
    let column = |header: &str, field: &str| format!("[[columns]]\nheader = \"{header}\"\nfield = \"{field}\"\n");
    assert_eq!(BulkLayout::parse(&column("A", "amount")), Err(LayoutError::NoEndToEndId));
    let twice = column("A", "end_to_end_id") + &column("A", "amount");
    assert_eq!(BulkLayout::parse(&twice), Err(LayoutError::HeaderTwice { header: "A".to_owned() }));
    assert_eq!(BulkLayout::parse(&column("A", "fixed")), Err(LayoutError::Text { header: "A".to_owned() }));
    for text in ["", "x = 1", &column("A", "colour")] {
        assert!(matches!(BulkLayout::parse(text), Err(LayoutError::Malformed(_))), "{text}");
    }
}

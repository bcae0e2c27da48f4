//! Messages of every kind and version, made here, read by the code under test.

mod bounds;
mod fuzz;
mod json;
mod mapping;
mod orders;
mod reading;
mod refused;
mod statements;

use super::*;
use std::io::BufReader;

pub(super) const ID: &str = "0195a3c01c0070008000000000000001";
pub(super) const OTHER_ID: &str = "0195a3c01c0070008000000000000002";

/// Everything that a message says.
pub(super) fn read(bytes: &[u8]) -> Result<(Head, Vec<Item>, Summary), ReadError> {
    read_with(bytes, &Limits::default())
}

/// In pieces of 7 bytes, so that every token is cut somewhere.
pub(super) fn read_with(bytes: &[u8], limits: &Limits) -> Result<(Head, Vec<Item>, Summary), ReadError> {
    let mut message = open(BufReader::with_capacity(7, bytes), limits)?;
    let mut items = Vec::new();
    while let Some(item) = message.next_item()? {
        items.push(item);
    }
    Ok((message.head().clone(), items, message.summary().clone()))
}

pub(super) fn items(text: &str) -> Vec<Item> {
    read(text.as_bytes()).unwrap().1
}

pub(super) fn refusal(text: &str) -> ReadError {
    read(text.as_bytes()).unwrap_err()
}

/// A document of a kind and version.
pub(super) fn document(name: &str, inside: &str) -> String {
    let element = match &name[..8] {
        "pain.002" => "CstmrPmtStsRpt",
        "camt.053" => "BkToCstmrStmt",
        "camt.054" => "BkToCstmrDbtCdtNtfctn",
        _ => "PmtRtr",
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:{name}\"><{element}><GrpHdr><MsgId>MSG-1</MsgId><CreDtTm>2025-09-04T10:00:00+07:00</CreDtTm></GrpHdr>{inside}</{element}></Document>"
    )
}

pub(super) fn status_report(transactions: &str) -> String {
    let group =
        "<OrgnlGrpInfAndSts><OrgnlMsgId>OURS-1</OrgnlMsgId><OrgnlMsgNmId>pain.001</OrgnlMsgNmId></OrgnlGrpInfAndSts>";
    let batch = format!("<OrgnlPmtInfAndSts><OrgnlPmtInfId>B1</OrgnlPmtInfId>{transactions}</OrgnlPmtInfAndSts>");
    document("pain.002.001.10", &format!("{group}{batch}"))
}

pub(super) fn transaction(status: &str, more: &str) -> String {
    format!(
        "<TxInfAndSts><StsId>S1</StsId><OrgnlEndToEndId>{ID}</OrgnlEndToEndId><TxSts>{status}</TxSts>{more}</TxInfAndSts>"
    )
}

pub(super) fn entry(side: &str, amount: &str, details: &str) -> String {
    entry_of("<Sts><Cd>BOOK</Cd></Sts>", side, amount, details)
}

pub(super) fn entry_of(status: &str, side: &str, amount: &str, details: &str) -> String {
    format!(
        "<Ntry><NtryRef>N</NtryRef><Amt Ccy=\"VND\">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{status}<BookgDt><Dt>2025-09-03</Dt></BookgDt><ValDt><Dt>2025-09-02</Dt></ValDt><AcctSvcrRef>BANK-7</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd>{details}</Ntry>"
    )
}

pub(super) fn details(id: &str, more: &str) -> String {
    format!("<NtryDtls>{}</NtryDtls>", transaction_details(id, more))
}

pub(super) fn transaction_details(id: &str, more: &str) -> String {
    format!(
        "<TxDtls><Refs><EndToEndId>{id}</EndToEndId></Refs>{more}<RltdPties><Cdtr><Nm>NGUYEN THI A</Nm></Cdtr></RltdPties></TxDtls>"
    )
}

pub(super) fn statement(inside: &str) -> String {
    document("camt.053.001.08", &format!("<Stmt><Id>ST-1</Id><ElctrncSeqNb>118</ElctrncSeqNb>{inside}</Stmt>"))
}

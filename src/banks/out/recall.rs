//! A recall note in the form of camt.055: asks a bank to stop payments that were ordered. Whether they stopped is the bank's to answer.

use super::markup::Markup;
use super::{AgentRef, WriteError, field, id, name};
use crate::domain::bank::OrderCharset;
use crate::domain::ids::EndToEndId;
use crate::domain::money::CurrencySpec;
use jiff::Timestamp;
use jiff::civil::Date;
use std::io::Write;

/// What is recalled of one order.
#[derive(Debug, Clone)]
pub struct Recall {
    pub recall_id: String,
    pub created: Timestamp,
    pub agency_name: String,
    pub bank: AgentRef,
    /// The id of the order, as the pain.001 had it.
    pub original_message_id: String,
    pub currency: CurrencySpec,
    pub charset: OrderCharset,
    /// By block of the order. Never empty, and none of them is.
    pub blocks: Vec<RecalledBlock>,
}

/// What is recalled of a block.
#[derive(Debug, Clone)]
pub struct RecalledBlock {
    /// The block's id, as the pain.001 had it.
    pub payment_info_id: String,
    pub execute_on: Date,
    pub payments: Vec<RecalledPayment>,
}

/// One payment that is to be stopped.
#[derive(Debug, Clone)]
pub struct RecalledPayment {
    pub end_to_end_id: EndToEndId,
    pub amount_minor: i64,
    /// ISO cancellation reason: `CUST`, `DUPL` ...
    pub reason_code: String,
}

/// Writes the note.
pub fn write<W: Write>(out: W, recall: &Recall) -> Result<W, WriteError> {
    if recall.blocks.is_empty() || recall.blocks.iter().any(|block| block.payments.is_empty()) {
        return Err(field("payments", "at least one payment"));
    }
    let count: usize = recall.blocks.iter().map(|block| block.payments.len()).sum();
    let mut markup = Markup::begin(out, "urn:iso:std:iso:20022:tech:xsd:camt.055.001.08")?;
    markup.tags("<CstmrPmtCxlReq><Assgnmt>")?;
    markup.leaf("Id", id(&recall.recall_id, "recall id")?)?;
    markup.tags("<Assgnr><Pty>")?;
    markup.leaf("Nm", &name(&recall.agency_name, recall.charset)?)?;
    markup.tags("</Pty></Assgnr><Assgne><Agt>")?;
    markup.agent(&recall.bank, "BICFI")?;
    markup.tags("</Agt></Assgne>")?;
    markup.leaf("CreDtTm", &recall.created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())?;
    markup.tags("</Assgnmt><CtrlData>")?;
    markup.leaf("NbOfTxs", &count.to_string())?;
    markup.tags("</CtrlData><Undrlyg>")?;
    for block in &recall.blocks {
        markup.tags("<OrgnlPmtInfAndCxl>")?;
        markup.leaf("OrgnlPmtInfId", id(&block.payment_info_id, "payment information id")?)?;
        markup.tags("<OrgnlGrpInf>")?;
        markup.leaf("OrgnlMsgId", id(&recall.original_message_id, "message id")?)?;
        markup.leaf("OrgnlMsgNmId", "pain.001")?;
        markup.tags("</OrgnlGrpInf>")?;
        for payment in &block.payments {
            one(&mut markup, recall, (block.execute_on, payment))?;
        }
        markup.tags("</OrgnlPmtInfAndCxl>")?;
    }
    markup.tags("</Undrlyg></CstmrPmtCxlReq>")?;
    Ok(markup.end()?)
}

/// Whether a text has the shape of ISO's codes of reasons for a cancellation: `CUST`, `DUPL` ...
#[must_use]
pub fn is_reason(code: &str) -> bool {
    (1..=4).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn one<W: Write>(
    markup: &mut Markup<W>,
    recall: &Recall,
    (execute_on, payment): (Date, &RecalledPayment),
) -> Result<(), WriteError> {
    let (code, end_to_end_id) = (payment.reason_code.as_str(), payment.end_to_end_id.as_str());
    if !is_reason(code) {
        return Err(field("reason code", "an ISO code of 1 to 4 capital letters and digits"));
    }
    if payment.amount_minor <= 0 {
        return Err(WriteError::Amount { end_to_end_id: end_to_end_id.to_owned() });
    }
    markup.tags("<TxInf>")?;
    markup.leaf("CxlId", end_to_end_id)?;
    markup.leaf("OrgnlEndToEndId", end_to_end_id)?;
    let amount = recall.currency.format(payment.amount_minor);
    markup.amount("OrgnlInstdAmt", recall.currency.currency.as_str(), &amount)?;
    markup.tags("<OrgnlReqdExctnDt>")?;
    markup.leaf("Dt", &execute_on.to_string())?;
    markup.tags("</OrgnlReqdExctnDt><CxlRsnInf><Rsn>")?;
    markup.leaf("Cd", code)?;
    Ok(markup.tags("</Rsn></CxlRsnInf></TxInf>")?)
}

//! pain.001, the order of many payments to one bank, in the versions that banks ask for.

use super::markup::Markup;
use super::{AgentRef, Transfer, WriteError, account, amount, field, id, name};
use crate::domain::bank::OrderCharset;
use crate::domain::money::CurrencySpec;
use jiff::Timestamp;
use jiff::civil::Date;
use std::io::Write;

/// A version of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    V03,
    V09,
    V11,
}

impl Version {
    const fn namespace(self) -> &'static str {
        match self {
            Self::V03 => "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03",
            Self::V09 => "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09",
            Self::V11 => "urn:iso:std:iso:20022:tech:xsd:pain.001.001.11",
        }
    }

    const fn bic_element(self) -> &'static str {
        match self {
            Self::V03 => "BIC",
            Self::V09 | Self::V11 => "BICFI",
        }
    }
}

/// The order as a whole: who pays, how many and how much.
#[derive(Debug, Clone)]
pub struct Order {
    pub version: Version,
    pub message_id: String,
    pub created: Timestamp,
    /// The paying agency, its account and that account's bank.
    pub debtor_name: String,
    pub debtor_account: String,
    pub debtor_agent: AgentRef,
    pub currency: CurrencySpec,
    pub charset: OrderCharset,
    /// One entry of the statement for a whole block; otherwise one for each payment, which can be reconciled.
    pub batch_booking: bool,
    pub count: u64,
    pub sum_minor: i64,
}

/// The payments of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    pub payment_info_id: String,
    pub execute_on: Date,
    pub count: u64,
    pub sum_minor: i64,
}

/// An order being written.
pub struct Pain001Writer<W: Write> {
    markup: Markup<W>,
    order: Order,
    /// Payments that the block announced and that are not written yet.
    block: Option<Left>,
    left: Left,
}

#[derive(Clone, Copy)]
struct Left {
    announced: u64,
    count: u64,
    minor: i64,
}

impl Left {
    const fn of(count: u64, sum_minor: i64) -> Self {
        Self { announced: count, count: 0, minor: sum_minor }
    }

    fn take(&mut self, minor: i64) -> Result<(), WriteError> {
        self.minor = self.minor.checked_sub(minor).ok_or(WriteError::Sum)?;
        self.count += 1;
        Ok(())
    }

    const fn check(self) -> Result<(), WriteError> {
        if self.count != self.announced {
            return Err(WriteError::Count { announced: self.announced, written: self.count });
        }
        if self.minor == 0 { Ok(()) } else { Err(WriteError::Sum) }
    }
}

impl<W: Write> Pain001Writer<W> {
    /// Writes the head, which announces count and sum.
    pub fn begin(out: W, order: Order) -> Result<Self, WriteError> {
        if order.count == 0 {
            return Err(field("count", "1 or more"));
        }
        let mut markup = Markup::begin(out, order.version.namespace())?;
        markup.tags("<CstmrCdtTrfInitn><GrpHdr>")?;
        markup.leaf("MsgId", id(&order.message_id, "message id")?)?;
        markup.leaf("CreDtTm", &order.created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())?;
        markup.leaf("NbOfTxs", &order.count.to_string())?;
        markup.leaf("CtrlSum", &order.currency.format(order.sum_minor))?;
        markup.tags("<InitgPty>")?;
        markup.leaf("Nm", &name(&order.debtor_name, order.charset)?)?;
        markup.tags("</InitgPty></GrpHdr>")?;
        let left = Left::of(order.count, order.sum_minor);
        Ok(Self { markup, order, block: None, left })
    }

    /// Ends the block before, and writes the head of the next one.
    pub fn block(&mut self, block: &Block) -> Result<(), WriteError> {
        self.end_block()?;
        self.block = Some(Left::of(block.count, block.sum_minor));
        let Self { markup, order, .. } = self;
        markup.tags("<PmtInf>")?;
        markup.leaf("PmtInfId", id(&block.payment_info_id, "payment information id")?)?;
        markup.leaf("PmtMtd", "TRF")?;
        markup.leaf("BtchBookg", if order.batch_booking { "true" } else { "false" })?;
        markup.leaf("NbOfTxs", &block.count.to_string())?;
        markup.leaf("CtrlSum", &order.currency.format(block.sum_minor))?;
        let day = block.execute_on.to_string();
        match order.version {
            Version::V03 => markup.leaf("ReqdExctnDt", &day)?,
            Version::V09 | Version::V11 => {
                markup.tags("<ReqdExctnDt>")?;
                markup.leaf("Dt", &day)?;
                markup.tags("</ReqdExctnDt>")?;
            }
        }
        markup.tags("<Dbtr>")?;
        markup.leaf("Nm", &name(&order.debtor_name, order.charset)?)?;
        markup.tags("</Dbtr><DbtrAcct><Id><Othr>")?;
        markup.leaf("Id", account(&order.debtor_account)?)?;
        markup.tags("</Othr></Id>")?;
        markup.leaf("Ccy", order.currency.currency.as_str())?;
        markup.tags("</DbtrAcct><DbtrAgt>")?;
        markup.agent(&order.debtor_agent, order.version.bic_element())?;
        Ok(markup.tags("</DbtrAgt>")?)
    }

    fn end_block(&mut self) -> Result<(), WriteError> {
        let Some(left) = self.block.take() else { return Ok(()) };
        left.check()?;
        Ok(self.markup.tags("</PmtInf>")?)
    }

    /// Writes one payment of the block.
    pub fn transfer(&mut self, transfer: &Transfer) -> Result<(), WriteError> {
        let minor = amount(transfer)?;
        self.block.as_mut().ok_or_else(|| field("block", "begun before its payments"))?.take(minor)?;
        self.left.take(minor)?;
        let Self { markup, order, .. } = self;
        markup.tags("<CdtTrfTxInf><PmtId>")?;
        markup.leaf("EndToEndId", transfer.end_to_end_id.as_str())?;
        markup.tags("</PmtId><Amt>")?;
        markup.amount("InstdAmt", order.currency.currency.as_str(), &order.currency.format(minor))?;
        markup.tags("</Amt><CdtrAgt>")?;
        markup.agent(&transfer.agent, order.version.bic_element())?;
        markup.tags("</CdtrAgt><Cdtr>")?;
        markup.leaf("Nm", &name(&transfer.creditor_name, order.charset)?)?;
        markup.tags("</Cdtr><CdtrAcct><Id><Othr>")?;
        markup.leaf("Id", account(&transfer.account)?)?;
        markup.tags("</Othr></Id></CdtrAcct>")?;
        if let Some(code) = &transfer.purpose {
            if code.is_empty() || code.len() > 4 || !code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            {
                return Err(field("purpose", "an ISO purpose code of 1 to 4 capital letters"));
            }
            markup.tags("<Purp>")?;
            markup.leaf("Cd", code)?;
            markup.tags("</Purp>")?;
        }
        if let Some(text) = &transfer.remittance {
            markup.tags("<RmtInf>")?;
            markup.leaf("Ustrd", &name(text, order.charset)?)?;
            markup.tags("</RmtInf>")?;
        }
        Ok(markup.tags("</CdtTrfTxInf>")?)
    }

    /// Ends the order, if it holds what it announced.
    pub fn finish(mut self) -> Result<W, WriteError> {
        self.end_block()?;
        self.left.check()?;
        self.markup.tags("</CstmrCdtTrfInitn>")?;
        Ok(self.markup.end()?)
    }
}

//! pain.001, the order of many payments to one bank, in the versions that banks ask for.

use super::markup::Markup;
use super::{AgentRef, Transfer, WriteError, account, amount, field, id, name};
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
    /// Reads `03`, `09` or `11`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "03" => Some(Self::V03),
            "09" => Some(Self::V09),
            "11" => Some(Self::V11),
            _ => None,
        }
    }

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

/// The order as a whole: who pays, when, how many and how much.
#[derive(Debug, Clone)]
pub struct Order {
    pub version: Version,
    pub message_id: String,
    pub payment_info_id: String,
    pub created: Timestamp,
    pub execute_on: Date,
    /// The paying agency, its account and that account's bank.
    pub debtor_name: String,
    pub debtor_account: String,
    pub debtor_agent: AgentRef,
    pub currency: CurrencySpec,
    /// One entry of the statement for all; otherwise one for each payment, which can be reconciled.
    pub batch_booking: bool,
    pub count: u64,
    pub sum_minor: i64,
}

/// An order being written.
pub struct Pain001Writer<W: Write> {
    markup: Markup<W>,
    order: Order,
    written: u64,
    left_minor: i64,
}

impl<W: Write> Pain001Writer<W> {
    /// Writes the heads, which announce count and sum.
    pub fn begin(out: W, order: Order) -> Result<Self, WriteError> {
        if order.count == 0 {
            return Err(field("count", "1 or more"));
        }
        let mut markup = Markup::begin(out, order.version.namespace())?;
        let (count, sum) = (order.count.to_string(), order.currency.format(order.sum_minor));
        let debtor = name(&order.debtor_name)?;
        markup.tags("<CstmrCdtTrfInitn><GrpHdr>")?;
        markup.leaf("MsgId", id(&order.message_id, "message id")?)?;
        markup.leaf("CreDtTm", &order.created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())?;
        markup.leaf("NbOfTxs", &count)?;
        markup.leaf("CtrlSum", &sum)?;
        markup.tags("<InitgPty>")?;
        markup.leaf("Nm", &debtor)?;
        markup.tags("</InitgPty></GrpHdr><PmtInf>")?;
        markup.leaf("PmtInfId", id(&order.payment_info_id, "payment information id")?)?;
        markup.leaf("PmtMtd", "TRF")?;
        markup.leaf("BtchBookg", if order.batch_booking { "true" } else { "false" })?;
        markup.leaf("NbOfTxs", &count)?;
        markup.leaf("CtrlSum", &sum)?;
        let day = order.execute_on.to_string();
        match order.version {
            Version::V03 => markup.leaf("ReqdExctnDt", &day)?,
            Version::V09 | Version::V11 => {
                markup.tags("<ReqdExctnDt>")?;
                markup.leaf("Dt", &day)?;
                markup.tags("</ReqdExctnDt>")?;
            }
        }
        markup.tags("<Dbtr>")?;
        markup.leaf("Nm", &debtor)?;
        markup.tags("</Dbtr><DbtrAcct><Id><Othr>")?;
        markup.leaf("Id", account(&order.debtor_account)?)?;
        markup.tags("</Othr></Id>")?;
        markup.leaf("Ccy", order.currency.currency.as_str())?;
        markup.tags("</DbtrAcct><DbtrAgt>")?;
        markup.agent(&order.debtor_agent, order.version.bic_element())?;
        markup.tags("</DbtrAgt>")?;
        let left_minor = order.sum_minor;
        Ok(Self { markup, order, written: 0, left_minor })
    }

    /// Writes one payment.
    pub fn transfer(&mut self, transfer: &Transfer) -> Result<(), WriteError> {
        let minor = amount(transfer)?;
        self.left_minor = self.left_minor.checked_sub(minor).ok_or(WriteError::Sum)?;
        self.written += 1;
        let markup = &mut self.markup;
        markup.tags("<CdtTrfTxInf><PmtId>")?;
        markup.leaf("EndToEndId", transfer.end_to_end_id.as_str())?;
        markup.tags("</PmtId><Amt>")?;
        markup.amount("InstdAmt", self.order.currency.currency.as_str(), &self.order.currency.format(minor))?;
        markup.tags("</Amt><CdtrAgt>")?;
        markup.agent(&transfer.agent, self.order.version.bic_element())?;
        markup.tags("</CdtrAgt><Cdtr>")?;
        markup.leaf("Nm", &name(&transfer.creditor_name)?)?;
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
            markup.leaf("Ustrd", &name(text)?)?;
            markup.tags("</RmtInf>")?;
        }
        Ok(markup.tags("</CdtTrfTxInf>")?)
    }

    /// Ends the order, if it holds what it announced.
    pub fn finish(mut self) -> Result<W, WriteError> {
        if self.written != self.order.count {
            return Err(WriteError::Count { announced: self.order.count, written: self.written });
        }
        if self.left_minor != 0 {
            return Err(WriteError::Sum);
        }
        self.markup.tags("</PmtInf></CstmrCdtTrfInitn>")?;
        Ok(self.markup.end()?)
    }
}

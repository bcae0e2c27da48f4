//! pain.001, an order of payments as it would go to a bank, read as a stream: ours before it leaves the house, or anybody else's. Names and
//! accounts are read over.

use super::error::ReadError;
use super::item::{Amount, When, checked_id};
use super::limits::Limits;
use super::message::{date_of, end_of_document};
use super::pain002::amount_of;
use super::sums::decimal;
use super::xml::{Elements, Leaves, Step};
use rust_decimal::Decimal;
use std::fmt;
use std::io::BufRead;

const HEADER: &[&str] = &["MsgId", "CreDtTm", "NbOfTxs", "CtrlSum"];
const PAYMENT: &[&str] =
    &["PmtId/EndToEndId", "Amt/InstdAmt", "Amt/EqvtAmt/Amt", "CdtrAcct/Id/Othr/Id", "CdtrAcct/Id/IBAN"];
const FINDINGS_MAX: usize = 1_000;

/// What stands at the head of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderHead {
    /// `001.09` and so on; `None` when the document names no namespace.
    pub version: Option<String>,
    pub message_id: String,
    pub created: Option<When>,
}

/// One payment of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderedPayment {
    /// Its place in the order, from 1.
    pub number: u64,
    /// The block that it is in.
    pub block: Option<String>,
    pub end_to_end_id: String,
    pub amount: Amount,
    /// Whether it says into which account. A cheque does not.
    pub has_account: bool,
}

/// What the end of an order told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderSummary {
    pub payments: u64,
    pub blocks: u64,
    /// Of all amounts, whatever their currency, as a control sum is.
    pub sum: Decimal,
    pub findings: Vec<OrderFinding>,
}

/// What an order announces and does not hold. The block is 0 for the order as a whole, else its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderFinding {
    CountDiffers { block: u64, stated: u64, found: u64 },
    SumDiffers { block: u64, stated: Decimal, found: Decimal },
}

impl fmt::Display for OrderFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |block: u64| if block == 0 { "the order".to_owned() } else { format!("block {block}") };
        match self {
            Self::CountDiffers { block, stated, found } => {
                write!(f, "{} announces {stated} payments and has {found}", of(*block))
            }
            Self::SumDiffers { block, stated, found } => {
                write!(f, "{} announces a sum of {stated} and has {found}", of(*block))
            }
        }
    }
}

/// Counted beside what was announced.
#[derive(Default)]
struct Tally {
    stated_count: Option<u64>,
    stated_sum: Option<Decimal>,
    count: u64,
    sum: Decimal,
}

/// An order being read. Once [`Self::next_payment`] answered an error, it counts as unread as a whole.
pub struct Orders<R: BufRead> {
    elements: Box<Elements<R>>,
    head: OrderHead,
    inside: usize,
    whole: Tally,
    block: Option<(Option<String>, Tally)>,
    summary: OrderSummary,
    ended: bool,
}

impl<R: BufRead> Orders<R> {
    /// Reads the head; the message's element is open.
    pub(super) fn begin(mut elements: Box<Elements<R>>, version: Option<String>) -> Result<Self, ReadError> {
        let inside = elements.depth();
        loop {
            match elements.step()? {
                Step::Open if elements.name() == "GrpHdr" => break,
                Step::Text => {}
                Step::Open | Step::Close | Step::End => return Err(ReadError::Missing { item: 0, path: "GrpHdr" }),
            }
        }
        let leaves = elements.leaves(HEADER, 0)?;
        let id = leaves.text("MsgId")?.ok_or(ReadError::Missing { item: 0, path: "GrpHdr/MsgId" })?;
        let message_id = checked_id(id, 0, "GrpHdr/MsgId")?;
        let head = OrderHead { version, message_id, created: date_of(&leaves, &["CreDtTm"])? };
        let stated = leaves.text("NbOfTxs")?.ok_or(ReadError::Missing { item: 0, path: "GrpHdr/NbOfTxs" })?;
        let stated_count = Some(count(stated, 0)?);
        let stated_sum = leaves.text("CtrlSum")?.map(|text| sum(text, 0)).transpose()?;
        let whole = Tally { stated_count, stated_sum, ..Tally::default() };
        Ok(Self { elements, head, inside, whole, block: None, summary: OrderSummary::default(), ended: false })
    }

    /// The head.
    pub const fn head(&self) -> &OrderHead {
        &self.head
    }

    /// What is known beside the payments; whole after the last one.
    pub const fn summary(&self) -> &OrderSummary {
        &self.summary
    }

    /// The next payment; `None` at the order's proper end.
    pub fn next_payment(&mut self) -> Result<Option<OrderedPayment>, ReadError> {
        while !self.ended {
            match self.elements.step()? {
                Step::Open => {
                    if let Some(payment) = self.open()? {
                        return Ok(Some(payment));
                    }
                }
                Step::Close if self.elements.depth() == self.inside => self.end_block()?,
                Step::Close if self.elements.depth() < self.inside => {
                    end_of_document(&mut self.elements)?;
                    self.end()?;
                }
                Step::Text | Step::Close => {}
                Step::End => return Err(ReadError::Truncated),
            }
        }
        Ok(None)
    }

    fn open(&mut self) -> Result<Option<OrderedPayment>, ReadError> {
        let item = self.whole.count + 1;
        let Some((id, tally)) = &mut self.block else {
            if self.elements.name() == "PmtInf" {
                self.block = Some((None, Tally::default()));
                self.summary.blocks += 1;
                return Ok(None);
            }
            self.elements.skip()?;
            return Ok(None);
        };
        match self.elements.name() {
            "PmtInfId" => *id = Some(checked_id(&self.elements.leaf_text(item, "PmtInfId")?, item, "PmtInfId")?),
            "NbOfTxs" => tally.stated_count = Some(count(&self.elements.leaf_text(item, "NbOfTxs")?, item)?),
            "CtrlSum" => tally.stated_sum = Some(sum(&self.elements.leaf_text(item, "CtrlSum")?, item)?),
            "CdtTrfTxInf" => {
                let leaves = self.elements.leaves(PAYMENT, item)?;
                return self.payment(&leaves).map(Some);
            }
            _ => self.elements.skip()?,
        }
        Ok(None)
    }

    fn payment(&mut self, leaves: &Leaves) -> Result<OrderedPayment, ReadError> {
        let item = leaves.item;
        let missing = |path| ReadError::Missing { item, path };
        let id = leaves.text("PmtId/EndToEndId")?.ok_or(missing("PmtId/EndToEndId"))?;
        let amount = leaves.first_of(&["Amt/InstdAmt", "Amt/EqvtAmt/Amt"])?.ok_or(missing("Amt"))?;
        let path = amount.path;
        let amount = amount_of(amount);
        if amount.currency.is_none() {
            return Err(missing("Amt/@Ccy"));
        }
        let value = decimal(&amount, item, path)?;
        let Some((block, tally)) = &mut self.block else { return Err(missing("PmtInf")) };
        for tally in [tally, &mut self.whole] {
            tally.count += 1;
            let too_large = ReadError::BadValue { item, path, expected: "less, added to the others" };
            tally.sum = tally.sum.checked_add(value).ok_or(too_large)?;
        }
        if self.whole.count > self.elements.limits.items_max {
            return Err(ReadError::TooManyItems { max: self.elements.limits.items_max });
        }
        let has_account = leaves.first_of(&["CdtrAcct/Id/Othr/Id", "CdtrAcct/Id/IBAN"])?.is_some();
        let end_to_end_id = checked_id(id, item, "PmtId/EndToEndId")?;
        Ok(OrderedPayment { number: item, block: block.clone(), end_to_end_id, amount, has_account })
    }

    fn end_block(&mut self) -> Result<(), ReadError> {
        let Some((_, tally)) = self.block.take() else { return Ok(()) };
        if tally.count == 0 {
            return Err(ReadError::Missing { item: self.whole.count + 1, path: "PmtInf/CdtTrfTxInf" });
        }
        self.compare(self.summary.blocks, &tally);
        Ok(())
    }

    fn end(&mut self) -> Result<(), ReadError> {
        if self.summary.blocks == 0 {
            return Err(ReadError::Missing { item: 0, path: "PmtInf" });
        }
        let whole = std::mem::take(&mut self.whole);
        self.compare(0, &whole);
        (self.summary.payments, self.summary.sum) = (whole.count, whole.sum);
        self.ended = true;
        Ok(())
    }

    fn compare(&mut self, block: u64, tally: &Tally) {
        let counted = tally.stated_count.filter(|stated| *stated != tally.count);
        let summed = tally.stated_sum.filter(|stated| *stated != tally.sum);
        let findings = [
            counted.map(|stated| OrderFinding::CountDiffers { block, stated, found: tally.count }),
            summed.map(|stated| OrderFinding::SumDiffers { block, stated, found: tally.sum.normalize() }),
        ];
        let room = FINDINGS_MAX.saturating_sub(self.summary.findings.len());
        self.summary.findings.extend(findings.into_iter().flatten().take(room));
    }
}

/// ISO 20022: 1 to 15 digits.
fn count(text: &str, item: u64) -> Result<u64, ReadError> {
    let plain = (1..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let invalid = ReadError::BadValue { item, path: "NbOfTxs", expected: "1 to 15 digits" };
    text.parse().ok().filter(|_| plain).ok_or(invalid)
}

fn sum(text: &str, item: u64) -> Result<Decimal, ReadError> {
    decimal(&Amount { text: text.to_owned(), currency: None }, item, "CtrlSum")
}

/// Reads an order to its end, as one that is whole.
pub fn check_order<R: BufRead>(input: R, limits: &Limits) -> Result<(OrderHead, OrderSummary), ReadError> {
    let super::message::Document::Orders(mut orders) = super::message::open_any(input, limits)? else {
        return Err(ReadError::UnknownMessage);
    };
    while orders.next_payment()?.is_some() {}
    Ok((orders.head, orders.summary))
}

//! pain.002, the status report on payments that we ordered: a status for the file, for each block, for each payment.

use super::error::ReadError;
use super::item::{Amount, Item, Listed, Report, Scope};
use super::message::{date_of, end_of_document};
use super::reasons::stated;
use super::xml::{Elements, Leaf, Leaves, Step};
use std::collections::VecDeque;
use std::io::BufRead;

const GROUP: &[&str] =
    &["OrgnlMsgId", "OrgnlNbOfTxs", "GrpSts", "StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry", "StsRsnInf/AddtlInf"];

const BATCH_REASON: &[&str] = &["Rsn/Cd", "Rsn/Prtry", "AddtlInf"];

const TRANSACTION: &[&str] = &[
    "OrgnlEndToEndId",
    "TxSts",
    "StsRsnInf/Rsn/Cd",
    "StsRsnInf/Rsn/Prtry",
    "StsRsnInf/AddtlInf",
    "AccptncDtTm",
    "FctvIntrBkSttlmDt/Dt",
    "FctvIntrBkSttlmDt/DtTm",
    "AcctSvcrRef",
    "OrgnlTxRef/IntrBkSttlmAmt",
    "OrgnlTxRef/Amt/InstdAmt",
];

/// Where the reading stands.
pub(super) struct Pain002 {
    /// Depth of the message's element.
    inside: usize,
    group: Option<Item>,
    batch: Option<Batch>,
    /// Of the whole file.
    listed: Listed,
    ready: VecDeque<Item>,
    number: u64,
    ended: bool,
}

#[derive(Default)]
struct Batch {
    id: Option<String>,
    status: Option<String>,
    reasons: Vec<super::item::StatedReason>,
    listed: Listed,
}

impl Pain002 {
    pub fn new(inside: usize) -> Self {
        let listed = Listed::default();
        Self { inside, group: None, batch: None, listed, ready: VecDeque::new(), number: 0, ended: false }
    }

    /// The next item.
    pub fn next<R: BufRead>(&mut self, elements: &mut Elements<R>) -> Result<Option<Item>, ReadError> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Ok(Some(item));
            }
            if self.ended {
                return Ok(None);
            }
            match elements.step()? {
                Step::Open => self.open(elements)?,
                Step::Close if elements.depth() == self.inside => self.end_batch(),
                Step::Close if elements.depth() < self.inside => {
                    self.ready.extend(self.group.take().map(|group| self.counted(group)));
                    end_of_document(elements)?;
                    self.ended = true;
                }
                Step::Text | Step::Close => {}
                Step::End => return Err(ReadError::Truncated),
            }
        }
    }

    fn open<R: BufRead>(&mut self, elements: &mut Elements<R>) -> Result<(), ReadError> {
        let item = self.number + 1;
        let name = elements.name();
        let Some(batch) = &mut self.batch else {
            return match name {
                "OrgnlGrpInfAndSts" if self.group.is_some() => {
                    Err(ReadError::Twice { item: 0, path: "OrgnlGrpInfAndSts" })
                }
                "OrgnlGrpInfAndSts" => {
                    let leaves = elements.leaves(GROUP, 0)?;
                    self.listed.original = count(leaves.text("OrgnlNbOfTxs")?, "OrgnlGrpInfAndSts/OrgnlNbOfTxs")?;
                    self.group = group(&leaves)?;
                    Ok(())
                }
                "OrgnlPmtInfAndSts" => {
                    self.batch = Some(Batch::default());
                    Ok(())
                }
                // Some banks put single payments beside the blocks.
                "TxInfAndSts" => self.transaction(elements, item),
                _ => elements.skip(),
            };
        };
        match name {
            "OrgnlPmtInfId" => set(&mut batch.id, elements.leaf_text(item, "OrgnlPmtInfId")?, item, "OrgnlPmtInfId"),
            "PmtInfSts" => set(&mut batch.status, elements.leaf_text(item, "PmtInfSts")?, item, "PmtInfSts"),
            "StsRsnInf" => {
                let leaves = elements.leaves(BATCH_REASON, item)?;
                if batch.reasons.len() < REASONS_MAX {
                    batch.reasons.extend(stated(&leaves, ""));
                }
                Ok(())
            }
            "OrgnlNbOfTxs" => {
                let text = elements.leaf_text(item, "OrgnlNbOfTxs")?;
                batch.listed.original = count(Some(&text), "OrgnlPmtInfAndSts/OrgnlNbOfTxs")?;
                Ok(())
            }
            "TxInfAndSts" => self.transaction(elements, item),
            _ => elements.skip(),
        }
    }

    fn transaction<R: BufRead>(&mut self, elements: &mut Elements<R>, item: u64) -> Result<(), ReadError> {
        let leaves = elements.leaves(TRANSACTION, item)?;
        self.number = item;
        let found = transaction(&leaves)?;
        if let Some(Item { report: Report::Status(status), .. }) = &found {
            self.listed.add(status);
            self.batch.iter_mut().for_each(|batch| batch.listed.add(status));
        }
        self.ready.extend(found);
        Ok(())
    }

    fn end_batch(&mut self) {
        let Some(Batch { id, status: Some(status), reasons, listed }) = self.batch.take() else { return };
        self.number += 1;
        self.ready.push_back(whole(Scope::Batch { original_id: id, listed }, status, reasons));
    }

    fn counted(&self, mut item: Item) -> Item {
        if let Scope::Group { listed, .. } = &mut item.scope {
            listed.clone_from(&self.listed);
        }
        item
    }
}

const REASONS_MAX: usize = 16;

fn set(slot: &mut Option<String>, text: String, item: u64, path: &'static str) -> Result<(), ReadError> {
    if slot.replace(text).is_some() { Err(ReadError::Twice { item, path }) } else { Ok(()) }
}

/// ISO 20022: up to 15 digits.
fn count(text: Option<&str>, path: &'static str) -> Result<Option<u64>, ReadError> {
    let number = |text: &str| {
        let plain = (1..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|_| plain).ok_or(ReadError::BadValue { item: 0, path, expected: "a whole number" })
    };
    text.map(number).transpose()
}

fn group(leaves: &Leaves) -> Result<Option<Item>, ReadError> {
    let original_id = leaves.text("OrgnlMsgId")?.map(str::to_owned);
    let Some(status) = leaves.text("GrpSts")? else { return Ok(None) };
    let scope = Scope::Group { original_id, listed: Listed::default() };
    Ok(Some(whole(scope, status.to_owned(), stated(leaves, "StsRsnInf/"))))
}

fn whole(scope: Scope, status: String, reasons: Vec<super::item::StatedReason>) -> Item {
    Item {
        number: 0,
        scope,
        end_to_end_id: None,
        agent_ref: None,
        report: Report::Status(status),
        amount: None,
        when: None,
        reasons,
    }
}

/// A payment without a status of its own (a bank may list those that its block's status covers) says nothing by itself.
fn transaction(leaves: &Leaves) -> Result<Option<Item>, ReadError> {
    let Some(status) = leaves.text("TxSts")? else { return Ok(None) };
    let amount = leaves.first_of(&["OrgnlTxRef/Amt/InstdAmt", "OrgnlTxRef/IntrBkSttlmAmt"])?;
    Ok(Some(Item {
        number: leaves.item,
        scope: Scope::Payment,
        end_to_end_id: provided(leaves.text("OrgnlEndToEndId")?),
        agent_ref: leaves.text("AcctSvcrRef")?.map(str::to_owned),
        report: Report::Status(status.to_owned()),
        amount: amount.map(amount_of),
        when: date_of(leaves, &["FctvIntrBkSttlmDt/Dt", "FctvIntrBkSttlmDt/DtTm", "AccptncDtTm"])?,
        reasons: stated(leaves, "StsRsnInf/"),
    }))
}

/// The amount in a leaf.
pub(super) fn amount_of(leaf: &Leaf) -> Amount {
    Amount { text: leaf.text.clone(), currency: leaf.currency.clone() }
}

/// An id of ours, unless the bank says that there was none.
pub(super) fn provided(text: Option<&str>) -> Option<String> {
    text.filter(|id| *id != "NOTPROVIDED").map(str::to_owned)
}

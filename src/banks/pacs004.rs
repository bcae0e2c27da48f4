//! pacs.004, returned payments: money that had arrived comes back.

use super::error::ReadError;
use super::item::{Item, Report, Scope, When};
use super::message::{date_of, end_of_document};
use super::pain002::{amount_of, provided};
use super::reasons::stated;
use super::xml::{Elements, Leaves, Step};
use std::io::BufRead;

const TRANSACTION: &[&str] = &[
    "RtrId",
    "OrgnlEndToEndId",
    "RtrdIntrBkSttlmAmt",
    "RtrdInstdAmt",
    "IntrBkSttlmDt",
    "RtrRsnInf/Rsn/Cd",
    "RtrRsnInf/Rsn/Prtry",
    "RtrRsnInf/AddtlInf",
];

/// Where the reading stands.
pub(super) struct Pacs004 {
    inside: usize,
    /// The day in the header, for returns without their own.
    settled: Option<When>,
    number: u64,
    ended: bool,
}

impl Pacs004 {
    pub const fn new(inside: usize, settled: Option<When>) -> Self {
        Self { inside, settled, number: 0, ended: false }
    }

    /// The next item.
    pub fn next<R: BufRead>(&mut self, elements: &mut Elements<R>) -> Result<Option<Item>, ReadError> {
        while !self.ended {
            match elements.step()? {
                Step::Open if elements.name() == "TxInf" => {
                    self.number += 1;
                    let leaves = elements.leaves(TRANSACTION, self.number)?;
                    return self.transaction(&leaves).map(Some);
                }
                Step::Open => elements.skip()?,
                Step::Close if elements.depth() < self.inside => {
                    end_of_document(elements)?;
                    self.ended = true;
                }
                Step::Text | Step::Close => {}
                Step::End => return Err(ReadError::Truncated),
            }
        }
        Ok(None)
    }

    fn transaction(&self, leaves: &Leaves) -> Result<Item, ReadError> {
        let amount = leaves.first_of(&["RtrdIntrBkSttlmAmt", "RtrdInstdAmt"])?;
        Ok(Item {
            number: leaves.item,
            scope: Scope::Payment,
            end_to_end_id: provided(leaves.text("OrgnlEndToEndId")?),
            agent_ref: leaves.text("RtrId")?.map(str::to_owned),
            report: Report::Return,
            amount: amount.map(amount_of),
            when: date_of(leaves, &["IntrBkSttlmDt"])?.or(self.settled),
            reasons: stated(leaves, "RtrRsnInf/"),
        })
    }
}

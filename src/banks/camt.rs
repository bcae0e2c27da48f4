//! camt.053 and camt.054, statements and notices: entries of our accounts, one by one, with their details.

use super::error::ReadError;
use super::item::{Amount, Item, Report, Scope, Side, StatementSummary, When, checked_id};
use super::message::{date_of, end_of_document};
use super::pain002::{amount_of, provided};
use super::reasons::stated;
use super::sums::{StatementSums, decimal};
use super::xml::{Elements, Leaves, Step};
use std::collections::VecDeque;
use std::io::BufRead;

const DETAILS: &[&str] = &[
    "Refs/EndToEndId",
    "Refs/AcctSvcrRef",
    "Amt",
    "AmtDtls/TxAmt/Amt",
    "AmtDtls/InstdAmt/Amt",
    "CdtDbtInd",
    "RtrInf/Rsn/Cd",
    "RtrInf/Rsn/Prtry",
    "RtrInf/AddtlInf",
    "BkTxCd/Domn/Fmly/SubFmlyCd",
];

/// ISO's bank transaction sub-family of a returned transfer.
const RETURN_FAMILY: &str = "RRTN";

/// Where the reading stands.
pub(super) struct Camt {
    /// Depth of the message's element.
    inside: usize,
    statement: Option<StatementSums>,
    entry: Option<Entry>,
    ready: VecDeque<Item>,
    number: u64,
    ended: bool,
}

/// An entry, whose own elements stand before its details.
#[derive(Default)]
struct Entry {
    amount: Option<Amount>,
    side: Option<Side>,
    reversal: Option<bool>,
    status: Option<String>,
    booked: Option<When>,
    valued: Option<When>,
    agent_ref: Option<String>,
    family: Option<String>,
    details_begun: bool,
    in_details: bool,
    details: u64,
    /// Of a batch, as its block of details says.
    transactions: Option<u64>,
    /// The last details: they get the entry's amount if they are the only ones and have none.
    waiting: Option<Item>,
    /// Sum of the details' amounts, unless one is not known.
    sum: Option<rust_decimal::Decimal>,
}

impl Camt {
    pub const fn new(inside: usize) -> Self {
        Self { inside, statement: None, entry: None, ready: VecDeque::new(), number: 0, ended: false }
    }

    /// The next item; each statement that ends is added to the list.
    pub fn next<R: BufRead>(
        &mut self,
        elements: &mut Elements<R>,
        statements: &mut Vec<StatementSummary>,
    ) -> Result<Option<Item>, ReadError> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Ok(Some(item));
            }
            if self.ended {
                return Ok(None);
            }
            match elements.step()? {
                Step::Open => self.open(elements)?,
                Step::Text => {}
                Step::Close => self.close(elements, statements)?,
                Step::End => return Err(ReadError::Truncated),
            }
        }
    }

    fn open<R: BufRead>(&mut self, elements: &mut Elements<R>) -> Result<(), ReadError> {
        let item = self.number + 1;
        let Some(statement) = &mut self.statement else {
            if !matches!(elements.name(), "Stmt" | "Ntfctn") {
                return elements.skip();
            }
            self.statement = Some(StatementSums::default());
            return Ok(());
        };
        let Some(entry) = &mut self.entry else {
            if elements.name() == "Ntry" {
                self.entry = Some(Entry { sum: Some(rust_decimal::Decimal::ZERO), ..Entry::default() });
                return Ok(());
            }
            return open_in_statement(statement, elements, item);
        };
        if !entry.in_details {
            return entry.open(elements, item);
        }
        match elements.name() {
            "TxDtls" => {
                let leaves = elements.leaves(DETAILS, item)?;
                let waited = entry.details(&leaves)?;
                self.number = item;
                self.ready.extend(waited);
                Ok(())
            }
            "Btch" => {
                let leaves = elements.leaves(&["NbOfTxs"], item)?;
                entry.transactions = leaves.text("NbOfTxs")?.and_then(|text| text.parse().ok()).or(entry.transactions);
                Ok(())
            }
            _ => elements.skip(),
        }
    }

    fn close<R: BufRead>(
        &mut self,
        elements: &mut Elements<R>,
        statements: &mut Vec<StatementSummary>,
    ) -> Result<(), ReadError> {
        match elements.depth().checked_sub(self.inside) {
            Some(2) => {
                if let Some(entry) = &mut self.entry {
                    entry.in_details = false;
                }
            }
            Some(1) => self.end_entry()?,
            Some(0) => {
                if statements.len() >= elements.limits.statements_max {
                    return Err(ReadError::TooManyItems { max: elements.limits.items_max });
                }
                statements.extend(self.statement.take().map(StatementSums::summary));
            }
            Some(_) => {}
            None => {
                end_of_document(elements)?;
                self.ended = true;
            }
        }
        Ok(())
    }

    fn end_entry(&mut self) -> Result<(), ReadError> {
        let (Some(mut entry), Some(statement)) = (self.entry.take(), &mut self.statement) else { return Ok(()) };
        if entry.details == 0 {
            self.number += 1;
        }
        let (side, amount, report) = entry.whole(self.number)?;
        let booked = matches!(&report, Report::Entry { status, .. } if status == "BOOK");
        if booked {
            statement.summary.book(entry.booked.or(entry.valued));
        }
        statement.add(side, decimal(&amount, self.number, "Ntry/Amt")?, booked)?;
        let last = match entry.waiting.take() {
            None => entry.item(self.number, report),
            Some(mut item) => {
                if entry.details == 1 && entry.transactions.unwrap_or(1) == 1 && item.amount.is_none() {
                    item.amount = Some(amount.clone());
                } else if let Some(sum) = entry.sum {
                    statement.compare_details(sum, decimal(&amount, self.number, "Ntry/Amt")?, self.number);
                }
                item
            }
        };
        self.ready.push_back(last);
        Ok(())
    }
}

/// A day or an instant beside the entries. No payment hangs on it: one that cannot be read is as good as none.
pub(super) fn told(leaves: &Leaves, paths: &[&'static str]) -> Result<Option<When>, ReadError> {
    Ok(leaves.first_of(paths)?.and_then(|leaf| When::parse(&leaf.text)))
}

fn open_in_statement<R: BufRead>(
    statement: &mut StatementSums,
    elements: &mut Elements<R>,
    item: u64,
) -> Result<(), ReadError> {
    match elements.name() {
        "Id" => {
            let text = elements.leaf_text(item, "Stmt/Id")?;
            statement.summary.id = Some(checked_id(&text, item, "Stmt/Id")?);
            Ok(())
        }
        "ElctrncSeqNb" => {
            let text = elements.leaf_text(item, "Stmt/ElctrncSeqNb")?;
            statement.summary.sequence = Some(checked_id(&text, item, "Stmt/ElctrncSeqNb")?);
            Ok(())
        }
        "CreDtTm" => {
            let leaves = elements.leaves(&["."], item)?;
            statement.summary.created = told(&leaves, &["."])?;
            Ok(())
        }
        "FrToDt" => {
            let leaves = elements.leaves(&["FrDtTm", "ToDtTm"], item)?;
            statement.summary.from = told(&leaves, &["FrDtTm"])?;
            statement.summary.to = told(&leaves, &["ToDtTm"])?;
            Ok(())
        }
        "Acct" => {
            let leaves = elements.leaves(&["Id/IBAN", "Id/Othr/Id"], item)?;
            statement.summary.account = leaves.first_of(&["Id/IBAN", "Id/Othr/Id"])?.map(|leaf| leaf.text.clone());
            Ok(())
        }
        "Bal" => {
            let leaves = elements.leaves(&["Tp/CdOrPrtry/Cd", "Amt", "CdtDbtInd", "Dt/Dt", "Dt/DtTm"], item)?;
            statement.balance(&leaves)
        }
        "TxsSummry" => {
            let leaves = elements.leaves(&["TtlNtries/NbOfNtries"], item)?;
            let stated = leaves.text("TtlNtries/NbOfNtries")?;
            statement.stated_entries = stated.and_then(|text| text.parse().ok());
            Ok(())
        }
        _ => elements.skip(),
    }
}

/// The side of an entry or balance.
pub(super) fn side(text: &str, item: u64, path: &'static str) -> Result<Side, ReadError> {
    match text {
        "DBIT" => Ok(Side::Debit),
        "CRDT" => Ok(Side::Credit),
        _ => Err(ReadError::BadValue { item, path, expected: "DBIT or CRDT" }),
    }
}

fn once<T>(slot: &mut Option<T>, value: Option<T>, item: u64, path: &'static str) -> Result<(), ReadError> {
    if value.is_none() {
        return Ok(());
    }
    if slot.is_some() {
        return Err(ReadError::Twice { item, path });
    }
    *slot = value;
    Ok(())
}

impl Entry {
    /// One of the entry's own elements.
    fn open<R: BufRead>(&mut self, elements: &mut Elements<R>, item: u64) -> Result<(), ReadError> {
        let path = match elements.name() {
            "Amt" => "Amt",
            "CdtDbtInd" => "CdtDbtInd",
            "RvslInd" => "RvslInd",
            "Sts" => "Sts",
            "BookgDt" => "BookgDt",
            "ValDt" => "ValDt",
            "AcctSvcrRef" => "AcctSvcrRef",
            "BkTxCd" => "BkTxCd",
            "NtryDtls" => {
                (self.details_begun, self.in_details) = (true, true);
                return Ok(());
            }
            _ => return elements.skip(),
        };
        if self.details_begun {
            return Err(ReadError::OutOfOrder { item, path });
        }
        let leaves = elements.leaves(&[".", "Cd", "Prtry", "Dt", "DtTm", "Domn/Fmly/SubFmlyCd"], item)?;
        let own = leaves.text(".")?;
        match path {
            "Amt" => once(&mut self.amount, leaves.one(".")?.map(amount_of), item, path),
            "CdtDbtInd" => once(&mut self.side, own.map(|text| side(text, item, path)).transpose()?, item, path),
            "RvslInd" => once(&mut self.reversal, own.map(|text| flag(text, item)).transpose()?, item, path),
            "Sts" => {
                let status = leaves.first_of(&[".", "Cd", "Prtry"])?.map(|leaf| leaf.text.clone());
                once(&mut self.status, status, item, path)
            }
            "BookgDt" => once(&mut self.booked, date_of(&leaves, &["Dt", "DtTm"])?, item, path),
            "ValDt" => once(&mut self.valued, date_of(&leaves, &["Dt", "DtTm"])?, item, path),
            "AcctSvcrRef" => once(&mut self.agent_ref, own.map(str::to_owned), item, path),
            _ => {
                let family = leaves.text("Domn/Fmly/SubFmlyCd")?.map(str::to_owned);
                once(&mut self.family, family, item, path)
            }
        }
    }

    /// What every entry must have.
    fn whole(&self, item: u64) -> Result<(Side, Amount, Report), ReadError> {
        let amount = self.amount.clone().ok_or(ReadError::Missing { item, path: "Ntry/Amt" })?;
        let side = self.side.ok_or(ReadError::Missing { item, path: "Ntry/CdtDbtInd" })?;
        let status = self.status.clone().ok_or(ReadError::Missing { item, path: "Ntry/Sts" })?;
        let returned = self.family.as_deref() == Some(RETURN_FAMILY);
        let reversal = self.reversal.unwrap_or(false);
        Ok((side, amount, Report::Entry { side, status, reversal, returned }))
    }

    /// The entry itself, which has no details: nobody's payment by name.
    fn item(self, number: u64, report: Report) -> Item {
        Item {
            number,
            scope: Scope::Payment,
            end_to_end_id: None,
            agent_ref: self.agent_ref,
            report,
            amount: self.amount,
            when: self.booked.or(self.valued),
            reasons: Vec::new(),
        }
    }

    /// Takes details in; answers those before.
    fn details(&mut self, leaves: &Leaves) -> Result<Option<Item>, ReadError> {
        let (_, whole_amount, mut report) = self.whole(leaves.item)?;
        let reasons = stated(leaves, "RtrInf/");
        if let Report::Entry { side: of_details, returned, .. } = &mut report {
            if let Some(text) = leaves.text("CdtDbtInd")? {
                *of_details = side(text, leaves.item, "TxDtls/CdtDbtInd")?;
            }
            let family = leaves.text("BkTxCd/Domn/Fmly/SubFmlyCd")?;
            *returned |= family == Some(RETURN_FAMILY) || !reasons.is_empty();
        }
        let amount = leaves.first_of(&["Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"])?.map(amount_of);
        self.add(amount.as_ref(), &whole_amount, leaves.item)?;
        self.details += 1;
        let own_ref = leaves.text("Refs/AcctSvcrRef")?.map(str::to_owned);
        let item = Item {
            number: leaves.item,
            scope: Scope::Payment,
            end_to_end_id: provided(leaves.text("Refs/EndToEndId")?),
            agent_ref: own_ref.or_else(|| self.agent_ref.clone()),
            report,
            amount,
            when: self.booked.or(self.valued),
            reasons,
        };
        Ok(self.waiting.replace(item))
    }

    /// Sums the details up as long as all are known and of the entry's currency.
    fn add(&mut self, amount: Option<&Amount>, whole: &Amount, item: u64) -> Result<(), ReadError> {
        let comparable = amount.filter(|amount| amount.currency == whole.currency);
        self.sum = match (self.sum, comparable) {
            (Some(sum), Some(amount)) => sum.checked_add(decimal(amount, item, "TxDtls/Amt")?),
            _ => None,
        };
        Ok(())
    }
}

fn flag(text: &str, item: u64) -> Result<bool, ReadError> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(ReadError::BadValue { item, path: "RvslInd", expected: "true or false" }),
    }
}

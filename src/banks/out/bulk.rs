//! The table that a bank without ISO 20022 takes: which columns, in which order, under which headers is data. The cells go to whatever
//! writes CSV or XLSX.

use super::{AgentRef, Transfer, WriteError, account, amount, name};
use crate::domain::bank::OrderCharset;
use crate::domain::money::CurrencySpec;
use serde::Deserialize;

/// The columns of a bank's table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BulkLayout {
    columns: Vec<Column>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    header: String,
    field: Field,
    /// What stands in each row of a `fixed` column.
    #[serde(default)]
    text: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Field {
    /// The row's number, from 1.
    Number,
    EndToEndId,
    CreditorName,
    Account,
    /// BIC or member id.
    Bank,
    Amount,
    Currency,
    Purpose,
    Remittance,
    Fixed,
}

/// A layout that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    #[error("the layout is not valid: {0}")]
    Malformed(String),
    #[error("a column with field end_to_end_id is needed: without it no result finds its payment")]
    NoEndToEndId,
    #[error("two columns have the header {header}")]
    HeaderTwice { header: String },
    #[error("text goes with field fixed, and only with it: column {header}")]
    Text { header: String },
}

/// A cell of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkCell {
    Empty,
    Number(u64),
    /// An amount in plain digits.
    Amount(String),
    /// Never a number, whatever it looks like: account numbers keep their zeros.
    Text(String),
}

const DEFAULT: &str = include_str!("../../../config/banks/bulk.toml");

impl BulkLayout {
    /// Reads a layout.
    pub fn parse(text: &str) -> Result<Self, LayoutError> {
        let layout: Self = toml::from_str(text).map_err(|error| LayoutError::Malformed(error.to_string()))?;
        for (place, column) in layout.columns.iter().enumerate() {
            let header = || column.header.clone();
            if layout.columns[..place].iter().any(|before| before.header == column.header) {
                return Err(LayoutError::HeaderTwice { header: header() });
            }
            if column.text.is_some() != (column.field == Field::Fixed) {
                return Err(LayoutError::Text { header: header() });
            }
        }
        if layout.columns.iter().any(|column| column.field == Field::EndToEndId) {
            return Ok(layout);
        }
        Err(LayoutError::NoEndToEndId)
    }

    /// The usual columns.
    pub fn usual() -> Result<Self, LayoutError> {
        Self::parse(DEFAULT)
    }

    /// The headers, in order.
    #[must_use]
    pub fn header(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.header.as_str()).collect()
    }

    /// The cells of one payment.
    pub fn row(
        &self,
        number: u64,
        transfer: &Transfer,
        style: (CurrencySpec, OrderCharset),
    ) -> Result<Vec<BulkCell>, WriteError> {
        self.columns.iter().map(|column| cell(column, number, transfer, style)).collect()
    }
}

fn cell(
    column: &Column,
    number: u64,
    transfer: &Transfer,
    (currency, charset): (CurrencySpec, OrderCharset),
) -> Result<BulkCell, WriteError> {
    let text = |text: &Option<String>| text.clone().map_or(BulkCell::Empty, BulkCell::Text);
    Ok(match column.field {
        Field::Number => BulkCell::Number(number),
        Field::EndToEndId => BulkCell::Text(transfer.end_to_end_id.to_string()),
        Field::CreditorName => BulkCell::Text(name(&transfer.creditor_name, charset)?),
        Field::Account => BulkCell::Text(account(&transfer.account)?.to_owned()),
        Field::Bank => match &transfer.agent {
            AgentRef::Bic(code) | AgentRef::Member(code) => BulkCell::Text(code.clone()),
        },
        Field::Amount => BulkCell::Amount(currency.format(amount(transfer)?)),
        Field::Currency => BulkCell::Text(currency.currency.to_string()),
        Field::Purpose => text(&transfer.purpose),
        Field::Remittance => match &transfer.remittance {
            Some(text) => BulkCell::Text(name(text, charset)?),
            None => BulkCell::Empty,
        },
        Field::Fixed => text(&column.text),
    })
}

//! How a bank takes the agency's orders: as which file, from which account of the agency's, in which letters.

use crate::domain::ids::VaultRef;
use serde::{Deserialize, Serialize};

/// The file that a bank takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OrderForm {
    #[serde(rename = "pain.001.001.03")]
    Pain00103,
    #[serde(rename = "pain.001.001.09")]
    Pain00109,
    #[serde(rename = "pain.001.001.11")]
    Pain00111,
    /// CSV or XLSX with columns of the bank's own.
    #[serde(rename = "table")]
    Table,
}

impl OrderForm {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pain00103, Self::Pain00109, Self::Pain00111, Self::Table];

    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pain00103 => "pain.001.001.03",
            Self::Pain00109 => "pain.001.001.09",
            Self::Pain00111 => "pain.001.001.11",
            Self::Table => "table",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.as_str() == text)
    }
}

/// The letters that a bank's systems take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderCharset {
    /// All of Unicode, as ISO 20022 allows.
    #[default]
    Utf8,
    /// Latin letters without marks, digits and `/ - ? : ( ) . , ' +`, as payment systems have them.
    Latin,
}

impl OrderCharset {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Utf8, Self::Latin];

    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf8",
            Self::Latin => "latin",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|charset| charset.as_str() == text)
    }
}

/// A bank takes orders in this way from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankOrdersArranged {
    pub form: OrderForm,
    /// The agency's name, as the bank knows it.
    pub payer: String,
    /// The agency's account, in the vault. A table may do without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_ref: Option<VaultRef>,
    /// BIC or member id of the bank where it is not the profile's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_code: Option<String>,
    pub charset: OrderCharset,
    /// One entry of the statement for a whole block. Without it each payment has its own, which can be reconciled.
    pub batch_booking: bool,
    /// The columns of a table as the text of a layout file; the usual ones when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<String>,
}

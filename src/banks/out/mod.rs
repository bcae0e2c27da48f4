//! Files that banks take: orders (pain.001), recalls (camt.055) and tables of a bank's own columns. Written as streams; what must not be
//! cut is refused, not shortened.

pub mod bulk;
mod markup;
pub mod pain001;
pub mod recall;

#[cfg(test)]
mod tests;

use crate::domain::bank::OrderCharset;
use crate::domain::ids::EndToEndId;
use std::io;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A bank in a message: by BIC, or by its member id in the country's clearing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentRef {
    Bic(String),
    Member(String),
}

impl AgentRef {
    /// The bank that a code names: a BIC if it has the shape of one, else a member id.
    #[must_use]
    pub fn of_code(code: &str) -> Self {
        if bic(code).is_ok() { Self::Bic(code.to_owned()) } else { Self::Member(code.to_owned()) }
    }

    /// Whether it can stand in a message.
    #[must_use]
    pub fn is_fit(&self) -> bool {
        match self {
            Self::Bic(code) => bic(code).is_ok(),
            Self::Member(code) => id(code, "member id").is_ok(),
        }
    }
}

/// One payment to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    pub end_to_end_id: EndToEndId,
    pub amount_minor: i64,
    pub creditor_name: String,
    pub account: String,
    pub agent: AgentRef,
    /// ISO purpose code, of the benefit type.
    pub purpose: Option<String>,
    /// What the creditor reads.
    pub remittance: Option<String>,
}

/// A file that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("{field} must be {expected}")]
    Field { field: &'static str, expected: &'static str },
    #[error("the amount of {end_to_end_id} is not positive")]
    Amount { end_to_end_id: String },
    #[error("{written} payments were written where {announced} were announced")]
    Count { announced: u64, written: u64 },
    #[error("the payments add up to another sum than was announced")]
    Sum,
    #[error("the file could not be written")]
    Io(#[from] io::Error),
}

fn field(field: &'static str, expected: &'static str) -> WriteError {
    WriteError::Field { field, expected }
}

/// An id of a message or block: at most 35 characters, and none that a bank's system stumbles over.
fn id<'a>(text: &'a str, name: &'static str) -> Result<&'a str, WriteError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'/' | b'+' | b':' | b'_');
    if text.is_empty() || text.len() > 35 || !text.bytes().all(allowed) {
        return Err(field(name, "1 to 35 of A-Z, a-z, 0-9 and - . / + : _"));
    }
    Ok(text)
}

/// An account number, without spaces.
pub fn account(text: &str) -> Result<&str, WriteError> {
    if text.is_empty() || text.len() > 34 || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(field("account", "1 to 34 digits and letters"));
    }
    Ok(text)
}

/// A name as messages take it, in the letters that the bank takes: at most 140 characters. A longer one is cut, since it identifies nobody
/// beyond the account.
pub fn name(text: &str, charset: OrderCharset) -> Result<String, WriteError> {
    let kept: String = in_letters(text, charset).chars().take(140).collect();
    if kept.chars().any(char::is_alphanumeric) { Ok(kept.trim_end().to_owned()) } else { Err(field("name", "a name")) }
}

/// A text composed, without what XML cannot hold; in Latin letters alone where the bank takes no others.
fn in_letters(text: &str, charset: OrderCharset) -> String {
    let held = |c: &char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    let composed = text.trim().chars().filter(held).nfc();
    match charset {
        OrderCharset::Utf8 => composed.collect(),
        OrderCharset::Latin => {
            let plain: String = composed.nfd().filter(|c| !is_combining_mark(*c)).map(latin).collect();
            plain.split_whitespace().collect::<Vec<_>>().join(" ")
        }
    }
}

/// Letters that are no other letter with a mark; what is no letter of theirs is a space.
const fn latin(letter: char) -> char {
    match letter {
        'A'..='Z' | 'a'..='z' | '0'..='9' | '/' | '-' | '?' | ':' | '(' | ')' | '.' | ',' | '\'' | '+' => letter,
        'đ' | 'ð' => 'd',
        'Đ' | 'Ð' => 'D',
        'ø' => 'o',
        'Ø' => 'O',
        'ł' => 'l',
        'Ł' => 'L',
        _ => ' ',
    }
}

/// BIC of 8 or 11: in the narrower form of the two that the versions have.
fn bic(text: &str) -> Result<&str, WriteError> {
    let bytes = text.as_bytes();
    let shaped = matches!(bytes.len(), 8 | 11)
        && bytes[..6].iter().all(u8::is_ascii_uppercase)
        && bytes[6..].iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && !matches!(bytes[6], b'0' | b'1')
        && bytes[7] != b'O';
    if shaped { Ok(text) } else { Err(field("bic", "a BIC of 8 or 11 capital letters and digits")) }
}

/// An amount of a transfer.
fn amount(transfer: &Transfer) -> Result<i64, WriteError> {
    if transfer.amount_minor > 0 {
        return Ok(transfer.amount_minor);
    }
    Err(WriteError::Amount { end_to_end_id: transfer.end_to_end_id.to_string() })
}

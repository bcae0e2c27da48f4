//! Money: whole minor units and a currency. Never a float. Decimals live at the edges only.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An ISO 4217 code. How many decimals it has is the profile's data.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// An amount of one currency in its smallest unit (dong for VND, which has no decimals).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Whole minor units.
    pub minor: i64,
    /// The currency of those units.
    pub currency: Currency,
}

/// A currency with its number of decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrencySpec {
    /// The code.
    pub currency: Currency,
    /// Number of decimals (ISO 4217 exponent): 0 for VND.
    pub exponent: u32,
}

/// Text that is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMoney {
    /// Not a number in plain digits.
    #[error("an amount must be a number in plain digits, for example 5000000")]
    NotANumber,
    /// More decimals than the currency has.
    #[error("the currency has {exponent} decimals; the amount has more")]
    HasFraction {
        /// The currency's decimals.
        exponent: u32,
    },
    /// Beyond what 64 bits hold.
    #[error("the amount is too large")]
    TooLarge,
    /// Not three letters.
    #[error("a currency is three capital letters, for example VND")]
    Currency,
}

impl Currency {
    /// Reads three capital letters.
    pub fn parse(text: &str) -> Result<Self, InvalidMoney> {
        match text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|x| x.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(InvalidMoney::Currency),
        }
    }

    /// The three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

impl CurrencySpec {
    /// Reads a plain decimal in major units: `5000000`, `5000000.00` for VND, `12.50` for a two-decimal currency.
    /// A fraction of the minor unit is refused, trailing zeros are not one.
    pub fn parse(&self, text: &str) -> Result<Money, InvalidMoney> {
        let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
        if !plain || text.len() > 30 {
            return Err(InvalidMoney::NotANumber);
        }
        let amount = Decimal::from_str_exact(text).map_err(|_| InvalidMoney::NotANumber)?.normalize();
        if amount.scale() > self.exponent {
            return Err(InvalidMoney::HasFraction { exponent: self.exponent });
        }
        let factor = Decimal::from(10_i64.pow(self.exponent));
        let minor = amount.checked_mul(factor).ok_or(InvalidMoney::TooLarge)?;
        let minor = i64::try_from(minor).map_err(|_| InvalidMoney::TooLarge)?;
        Ok(Money { minor, currency: self.currency })
    }

    /// The amount in major units as text: `5000000`, `12.50`.
    #[must_use]
    pub fn format(&self, minor: i64) -> String {
        Decimal::new(minor, self.exponent).to_string()
    }
}

impl TryFrom<String> for Currency {
    type Error = InvalidMoney;
    fn try_from(text: String) -> Result<Self, InvalidMoney> {
        Self::parse(&text)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.as_str().to_owned()
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The exact ratio of two whole numbers as text: a fraction of 1, six digits, rounded half up; `None` when the denominator is 0.
/// ```
/// assert_eq!(chitra::domain::money::ratio(291_759, 341_480).as_deref(), Some("0.854396"));
/// assert_eq!(chitra::domain::money::ratio(1, 0), None);
/// ```
#[must_use]
pub fn ratio(numerator: i64, denominator: i64) -> Option<String> {
    if denominator == 0 {
        return None;
    }
    let scaled = i128::from(numerator) * 1_000_000;
    let (doubled, denominator) = (scaled * 2, i128::from(denominator));
    let rounded = (doubled + denominator).div_euclid(denominator * 2);
    let sign = if rounded < 0 { "-" } else { "" };
    let digits = rounded.unsigned_abs();
    Some(format!("{sign}{}.{:06}", digits / 1_000_000, digits % 1_000_000))
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dong() -> CurrencySpec {
        CurrencySpec { currency: Currency::parse("VND").unwrap(), exponent: 0 }
    }

    fn crown() -> CurrencySpec {
        CurrencySpec { currency: Currency::parse("TVR").unwrap(), exponent: 2 }
    }

    fn minor(spec: CurrencySpec, text: &str) -> Result<i64, InvalidMoney> {
        spec.parse(text).map(|money| money.minor)
    }

    #[test]
    fn published_figures_have_their_exact_ratios() {
        let printed = [
            (291_759, 341_480, "0.854396"),
            (595_237, 598_673, "0.994261"),
            (743, 776, "0.957474"),
            (758, 776, "0.976804"),
            (4_096_000_000_000, 4_140_000_000_000, "0.989372"),
        ];
        for (numerator, denominator, expected) in printed {
            assert_eq!(ratio(numerator, denominator).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_ratio_is_rounded_half_up_at_the_sixth_digit() {
        assert_eq!(ratio(1, 2_000_000).as_deref(), Some("0.000001"));
        assert_eq!(ratio(1, 2_000_001).as_deref(), Some("0.000000"));
        assert_eq!(ratio(2, 3).as_deref(), Some("0.666667"));
    }

    #[test]
    fn a_ratio_has_its_bounds_and_no_denominator_no_ratio() {
        assert_eq!(ratio(0, 5).as_deref(), Some("0.000000"));
        assert_eq!(ratio(5, 5).as_deref(), Some("1.000000"));
        assert_eq!(ratio(i64::MAX, 1).as_deref(), Some("9223372036854775807.000000"));
        assert_eq!(ratio(-1, 4).as_deref(), Some("-0.250000"));
        assert_eq!(ratio(0, 0), None);
    }

    #[test]
    fn dong_have_no_decimals_and_trailing_zeros_are_none() {
        assert_eq!(minor(dong(), "5000000"), Ok(5_000_000));
        assert_eq!(minor(dong(), "5000000.00"), Ok(5_000_000));
        assert_eq!(minor(dong(), "0.5"), Err(InvalidMoney::HasFraction { exponent: 0 }));
    }

    #[test]
    fn two_decimals_are_read_to_the_last() {
        assert_eq!(minor(crown(), "12.5"), Ok(1_250));
        assert_eq!(minor(crown(), "12.50"), Ok(1_250));
        assert_eq!(minor(crown(), "-0.01"), Ok(-1));
        assert_eq!(minor(crown(), "0.005"), Err(InvalidMoney::HasFraction { exponent: 2 }));
    }

    #[test]
    fn what_is_not_plain_digits_is_refused() {
        for text in ["", "-", ".", "1e6", "1.23E+12", "1,000", "1 000", "đ5", "1.2.3", "--1", "+5", "٣"] {
            assert_eq!(minor(dong(), text), Err(InvalidMoney::NotANumber), "{text:?}");
        }
    }

    #[test]
    fn what_64_bits_do_not_hold_is_refused() {
        assert_eq!(minor(dong(), "9223372036854775807"), Ok(i64::MAX));
        assert_eq!(minor(dong(), "9223372036854775808"), Err(InvalidMoney::TooLarge));
        assert_eq!(minor(crown(), "9223372036854775807"), Err(InvalidMoney::TooLarge));
        assert!(minor(crown(), "99999999999999999999999999999").is_err());
    }

    #[test]
    fn a_currency_is_three_capital_letters() {
        assert!(Currency::parse("VND").is_ok());
        for text in ["vnd", "VN", "VNDD", "V1D", "Đ€$"] {
            assert_eq!(Currency::parse(text), Err(InvalidMoney::Currency), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(amount in any::<i64>()) {
            for spec in [dong(), crown()] {
                prop_assert_eq!(minor(spec, &spec.format(amount)), Ok(amount));
            }
        }

        #[test]
        fn any_text_is_read_or_refused_without_a_panic(text in ".{0,40}") {
            let _ = dong().parse(&text);
            let _ = crown().parse(&text);
        }
    }
}

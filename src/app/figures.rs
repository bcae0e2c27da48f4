//! The words in which figures are asked and answered, for the doors: they know the use cases, not the projections behind them. And how a
//! share is written as JSON, everywhere.

pub use crate::projections::figures::adoption::Adoption;
pub use crate::projections::figures::settlement::Settlement;
pub use crate::projections::figures::{AsOf, Dimension, FigureQuery, Filters, GroupKey, INDICATORS, Share};

use crate::domain::money::CurrencySpec;
use crate::projections::figures::adoption::People;
use serde_json::{Value, json};

/// A share of people, payments or attempts.
#[must_use]
pub fn share(share: Share) -> Value {
    json!({"numerator": share.numerator, "denominator": share.denominator, "ratio": share.ratio()})
}

/// A share of money: numerator and denominator in major units as text.
#[must_use]
pub fn money(spec: &CurrencySpec, share: Share) -> Value {
    json!({"numerator": spec.format(share.numerator), "denominator": spec.format(share.denominator), "ratio": share.ratio(),
        "currency": spec.currency})
}

/// A share of people, with the three standings that it is made of.
#[must_use]
pub fn people(people: People, mixed_as_cashless: bool) -> Value {
    let mut all = share(people.share(mixed_as_cashless));
    all["cashless"] = json!(people.cashless);
    all["cash"] = json!(people.cash);
    all["mixed"] = json!(people.mixed);
    all
}

/// Hundredths of a percentage point as text with two digits.
#[must_use]
pub fn points(hundredths: Option<i64>) -> Option<String> {
    hundredths.map(|value| {
        let sign = if value < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", value.unsigned_abs() / 100, value.unsigned_abs() % 100)
    })
}

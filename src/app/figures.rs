//! The words in which figures are asked and answered, for the doors: they know the use cases, not the projections behind them. And how a
//! share is written as JSON, everywhere.

pub use crate::app::cohorts::CYCLES_MAX as COHORT_CYCLES_MAX;
pub use crate::projections::figures::adoption::Adoption;
pub use crate::projections::figures::cohort::{decade_word, sex_word};
pub use crate::projections::figures::settlement::Settlement;
pub use crate::projections::figures::{
    AsOf, CohortFilter, Dimension, FigureQuery, Filters, GroupKey, INDICATORS, Share, Sum,
};

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

/// The figures of a group. What is kept back is null and says so.
#[must_use]
pub fn adoption(spec: &CurrencySpec, found: &Adoption, mixed_as_cashless: bool) -> Value {
    let mut all = json!({"people": people(found.people, mixed_as_cashless), "amount": money(spec, found.amount),
        "payments": share(found.payments), "completeness": share(found.completeness)});
    let Some(back) = found.kept_back else { return all };
    for standing in ["cashless", "cash", "mixed"] {
        all["people"][standing] = Value::Null;
    }
    let parts = [
        ("people", back.people),
        ("amount", back.payments),
        ("payments", back.payments),
        ("completeness", back.completeness),
    ];
    for (name, is_back) in parts {
        all[name]["suppressed"] = json!(is_back);
        for number in ["numerator", "denominator", "ratio"].into_iter().filter(|_| is_back) {
            all[name][number] = Value::Null;
        }
    }
    all
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

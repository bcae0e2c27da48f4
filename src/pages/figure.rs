//! One figure as every page shows it: the rate, and for who opens it the definition, numerator, denominator and the question to the API.

use super::Frame;
use crate::app::figures::{INDICATORS, Share};
use crate::app::tongue::Tongue;
use crate::domain::money::CurrencySpec;

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub enum Measure {
    People,
    Payments,
    Money(CurrencySpec),
}

/// A figure.
#[derive(Debug, Clone)]
pub struct Figure {
    pub id: &'static str,
    pub name: String,
    pub value: String,
    /// A rate that is told: there is something to divide by, and it is not kept back.
    pub is_told: bool,
    pub numerator: String,
    pub denominator: String,
    pub unit: String,
    pub change: String,
    pub meaning: &'static str,
    /// What the API answers the same to.
    pub question: String,
    /// What it is cited by; empty where it cannot be.
    pub cited: Vec<(&'static str, String)>,
}

impl Figure {
    /// A share under an indicator's id.
    #[must_use]
    pub fn new(page: &Frame, id: &'static str, (share, measure): (Share, Measure)) -> Self {
        let t = page.tongue;
        let definition = INDICATORS.iter().find(|definition| definition.id == id);
        let number = |number: i64| match measure {
            Measure::People | Measure::Payments => t.number(number),
            Measure::Money(spec) => t.amount(&spec, number),
        };
        let unit = match measure {
            Measure::People => page.t("figure.people").to_owned(),
            Measure::Payments => page.t("figure.payments").to_owned(),
            Measure::Money(spec) => spec.currency.to_string(),
        };
        Self {
            id,
            name: page.code("indicator", id).to_owned(),
            value: t.percent(share),
            is_told: share.denominator > 0,
            numerator: number(share.numerator),
            denominator: number(share.denominator),
            unit,
            change: String::new(),
            meaning: definition.map_or("", |definition| match t {
                Tongue::Vietnamese => definition.formula_vi,
                Tongue::English => definition.formula,
            }),
            question: String::new(),
            cited: Vec::new(),
        }
    }

    #[must_use]
    pub fn named(mut self, name: String) -> Self {
        self.name = name;
        self
    }

    #[must_use]
    pub fn question(mut self, question: String) -> Self {
        self.question = question;
        self
    }

    #[must_use]
    pub fn cited(mut self, cited: Vec<(&'static str, String)>) -> Self {
        self.cited = cited;
        self
    }

    /// Tells the figures of a page apart.
    #[must_use]
    pub fn mark(&self) -> String {
        let letters = self.name.chars().filter(char::is_ascii_alphanumeric);
        format!("{}-{}", self.id, letters.take(60).collect::<String>())
    }

    #[must_use]
    pub fn change(mut self, change: String) -> Self {
        self.change = change;
        self
    }
}

//! Many beneficiaries from one row of the database: each column holds the values of all, one a line.

use crate::domain::beneficiary::event::Cohort;
use crate::domain::ids::BeneficiaryId;
use crate::projections::beneficiaries::BeneficiaryRow;
use crate::store::StoreError;
use crate::store::sqlite::fault;
use crate::store::views::decode::{corrupt, word};
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::str::{FromStr, Split};
use uuid::Uuid;

/// Columns of `beneficiaries_by_id.sql`.
const COLUMNS: usize = 12;

/// Reads all people of the row.
pub(super) fn decode(row: &SqliteRow) -> Result<Vec<BeneficiaryRow>, StoreError> {
    let mut columns = Vec::with_capacity(COLUMNS);
    for number in 0..COLUMNS {
        // Nobody was found.
        let Some(text) = row.try_get::<Option<&str>, _>(number).map_err(|e| fault(&e))? else { return Ok(Vec::new()) };
        columns.push(text.split('\n'));
    }
    let mut lines = Lines { columns, units: Repeated::default(), methods: Repeated::default() };
    let mut people = Vec::new();
    while let Some(person) = lines.person()? {
        people.push(person);
    }
    Ok(people)
}

struct Lines<'r> {
    columns: Vec<Split<'r, char>>,
    units: Repeated<'r, Vec<(Option<jiff::civil::Date>, crate::domain::ids::UnitKey)>>,
    methods: Repeated<'r, Vec<crate::domain::beneficiary::state::PayoutMethod>>,
}

/// Neighbours often have the same text, which then is read once.
struct Repeated<'r, T> {
    text: &'r str,
    value: Option<T>,
}

impl<T> Default for Repeated<'_, T> {
    fn default() -> Self {
        Self { text: "", value: None }
    }
}

impl<'r, T: DeserializeOwned + Clone> Repeated<'r, T> {
    fn read(&mut self, text: &'r str) -> Result<T, StoreError> {
        match &self.value {
            Some(value) if self.text == text => Ok(value.clone()),
            _ => {
                let value: T = serde_json::from_str(text).map_err(corrupt)?;
                (self.text, self.value) = (text, Some(value.clone()));
                Ok(value)
            }
        }
    }
}

impl<'r> Lines<'r> {
    /// The next person; `None` after the last.
    fn person(&mut self) -> Result<Option<BeneficiaryRow>, StoreError> {
        let Some(id) = self.columns[0].next() else { return Ok(None) };
        let (units, methods) = (self.line(1)?, self.line(2)?);
        Ok(Some(BeneficiaryRow {
            beneficiary_id: BeneficiaryId::from_uuid(Uuid::try_parse(id).map_err(corrupt)?),
            units: self.units.read(units)?,
            methods: self.methods.read(methods)?,
            died_on: maybe(self.line(3)?, word)?,
            cohort: Cohort { birth_decade: maybe(self.line(4)?, number)?, sex: maybe(self.line(5)?, word)? },
            revision: number(self.line(6)?)?,
            registered_position: number(self.line(7)?)?,
            last_position: number(self.line(8)?)?,
            updated_at_us: number(self.line(9)?)?,
            more: maybe(self.line(10)?, |text| serde_json::from_str(text).map_err(corrupt))?.unwrap_or_default(),
            counted_position: number(self.line(11)?)?,
        }))
    }

    fn line(&mut self, column: usize) -> Result<&'r str, StoreError> {
        self.columns[column].next().ok_or_else(|| corrupt("a person with too few values"))
    }
}

fn number<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(corrupt)
}

/// An empty line is NULL.
fn maybe<T>(text: &str, read: impl Fn(&str) -> Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    if text.is_empty() { Ok(None) } else { read(text).map(Some) }
}

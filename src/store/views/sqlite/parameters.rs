//! Writes rows as the parameters of a statement over rows, for tables of many columns.

use crate::store::sqlite::Parameters;
use crate::store::views::encode::RowValues;

impl RowValues for Parameters {
    fn text(&mut self, value: &str) -> &mut Self {
        self.add(value);
        self
    }

    fn maybe(&mut self, value: Option<&str>) -> &mut Self {
        self.add(value);
        self
    }

    /// SQLite's integers have 64 bits; a number beyond them is an error of the statement.
    fn number(&mut self, value: impl Into<i128>) -> &mut Self {
        self.maybe_number(Some(value))
    }

    fn maybe_number(&mut self, value: Option<impl Into<i128>>) -> &mut Self {
        match value.map(|value| i64::try_from(value.into())).transpose() {
            Ok(number) => self.add(number),
            Err(error) => self.refuse(&error),
        }
        self
    }

    fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.add(value);
        self
    }
}

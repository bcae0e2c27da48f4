//! Statements over many rows, made by repeating the VALUES row of a one-row statement. Text only: runs nothing itself.

use super::fault;
use crate::store::StoreError;
use sqlx::encode::Encode;
use sqlx::sqlite::{Sqlite, SqliteArguments};
use sqlx::types::Type;
use sqlx::{Arguments, AssertSqlSafe};
use std::sync::{Arc, OnceLock};

/// Numbers of rows that statements are made for. Rows that are not needed are NULL, and the statements leave those out, so that a
/// connection keeps few prepared statements and never prepares one anew. The largest one stays below SQLite's 32,766 parameters.
const SIZES: [usize; 5] = [1, 8, 64, 512, 2048];

/// The most rows of one statement.
pub(super) const ROWS_MAX: usize = SIZES[SIZES.len() - 1];

/// A one-row statement and what was made of it.
pub(super) struct RowsSql {
    one_row: &'static str,
    made: [OnceLock<Arc<str>>; SIZES.len()],
}

impl RowsSql {
    /// `one_row` has one `VALUES (...)` of parameters, each `$n` of the statement used once and in order; a `0` in it becomes the row's
    /// number.
    pub const fn new(one_row: &'static str) -> Self {
        Self { one_row, made: [const { OnceLock::new() }; SIZES.len()] }
    }

    /// The statement for at least this many rows, and for how many it is.
    fn sized(&self, rows: usize) -> (Arc<str>, usize) {
        let index = SIZES.iter().position(|size| *size >= rows).unwrap_or(SIZES.len() - 1);
        let text = self.made[index].get_or_init(|| repeat(self.one_row, SIZES[index]).into());
        (Arc::clone(text), SIZES[index])
    }

    fn parameters_per_row(&self) -> usize {
        split(self.one_row).1.matches('$').count()
    }
}

/// The text before the row, the row without its parentheses, the text after it.
fn split(one_row: &str) -> (&str, &str, &str) {
    let (before, rest) = one_row.split_once("VALUES (").unwrap_or((one_row, ""));
    let (row, after) = rest.split_once(')').unwrap_or((rest, ""));
    (before, row, after)
}

/// Parameters become plain `?`: SQLite keeps names in a list that it walks for each one, which is quadratic in their number.
fn repeat(one_row: &str, rows: usize) -> String {
    let (before, row, after) = split(one_row);
    let mut text = plain(before);
    text.push_str("VALUES ");
    let parts: Vec<&str> = row.split(',').map(str::trim).collect();
    for number in 0..rows {
        text.push_str(if number == 0 { "(" } else { ",(" });
        for (index, part) in parts.iter().enumerate() {
            text.push_str(if index == 0 { "" } else { "," });
            if part.starts_with('$') { text.push('?') } else { text.push_str(&number.to_string()) }
        }
        text.push(')');
    }
    text.push_str(&plain(after));
    text
}

fn plain(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut parts = sql.split('$');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        text.push('?');
        text.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    text
}

/// The parameters of one statement, in the order of the text.
pub(super) struct Parameters {
    list: SqliteArguments,
    fault: Option<StoreError>,
}

impl Parameters {
    /// Adds the next one.
    pub fn add<'q, T: Encode<'q, Sqlite> + Type<Sqlite>>(&mut self, value: T) {
        if let Err(error) = self.list.add(value) {
            self.fault.get_or_insert(fault(&sqlx::Error::Encode(error)));
        }
    }
}

/// A query over many rows, ready to be run.
pub(super) type RowsQuery = sqlx::query::Query<'static, Sqlite, SqliteArguments>;

/// Makes the query for at most [`ROWS_MAX`] rows. `before` and `after` add the parameters around the rows.
pub(super) fn rows_query<T>(
    sql: &RowsSql,
    rows: impl ExactSizeIterator<Item = T>,
    before: impl FnOnce(&mut Parameters),
    bind: impl Fn(&mut Parameters, T),
    after: impl FnOnce(&mut Parameters),
) -> Result<RowsQuery, StoreError> {
    let count = rows.len();
    let (text, size) = sql.sized(count);
    let mut parameters = Parameters { list: SqliteArguments::default(), fault: None };
    let per_row = sql.parameters_per_row();
    parameters.list.reserve(size * per_row + 2, 0);
    before(&mut parameters);
    for row in rows {
        bind(&mut parameters, row);
    }
    for _ in 0..size.saturating_sub(count) * per_row {
        parameters.add(None::<i64>);
    }
    after(&mut parameters);
    match parameters.fault {
        Some(fault) => Err(fault),
        // Made of this program's own statements; all values are parameters.
        None => Ok(sqlx::query_with(AssertSqlSafe(text), parameters.list)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_is_repeated_and_numbered_and_the_rest_stays() {
        let sql = "SELECT $1 FROM (VALUES (0, $2, $3)) AS asked WHERE x = $4";
        assert_eq!(repeat(sql, 3), "SELECT ? FROM (VALUES (0,?,?),(1,?,?),(2,?,?)) AS asked WHERE x = ?");
    }

    #[test]
    fn the_statement_is_the_smallest_that_takes_the_rows() {
        let sql = RowsSql::new("VALUES ($1)");
        assert_eq!([1, 2, 8, 9, 64, 65, 2048].map(|rows| sql.sized(rows).1), [1, 8, 8, 64, 64, 512, 2048]);
    }
}

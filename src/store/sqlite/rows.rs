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
const SIZES: [usize; 8] = [1, 4, 16, 64, 128, 256, 512, 2048];

/// The most rows of one statement.
pub(in crate::store) const ROWS_MAX: usize = SIZES[SIZES.len() - 1];
/// The most rows of one statement of an [`Exchange`]: each sequence of sizes is a text of its own to be kept prepared.
pub(super) const EXCHANGE_ROWS_MAX: usize = 128;

/// A one-row statement and what was made of it.
pub(in crate::store) struct RowsSql {
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

/// The parameters of one query, in the order of the text.
#[derive(Default)]
pub(in crate::store) struct Parameters {
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

    /// A value that the database cannot take: the statement is not made.
    pub fn refuse(&mut self, error: &impl std::fmt::Display) {
        self.fault.get_or_insert_with(|| StoreError::Rejected(error.to_string()));
    }

    /// Adds those of a statement over rows, between what `before` and `after` add, and gives its text.
    fn add_rows<T>(
        &mut self,
        sql: &RowsSql,
        rows: impl ExactSizeIterator<Item = T>,
        bind: impl Fn(&mut Self, T),
        (before, after): (impl FnOnce(&mut Self), impl FnOnce(&mut Self)),
    ) -> Arc<str> {
        let count = rows.len();
        let (text, size) = sql.sized(count);
        let per_row = sql.parameters_per_row();
        self.list.reserve(size * per_row + 4, 0);
        before(self);
        for row in rows {
            bind(self, row);
        }
        for _ in 0..size.saturating_sub(count) * per_row {
            self.add(None::<i64>);
        }
        after(self);
        text
    }

    fn query(self, text: Arc<str>) -> Result<RowsQuery, StoreError> {
        match self.fault {
            Some(fault) => Err(fault),
            // Made of this program's own statements; all values are parameters.
            None => Ok(sqlx::query_with(AssertSqlSafe(text), self.list)),
        }
    }
}

/// A query over many rows, ready to be run.
pub(in crate::store) type RowsQuery = sqlx::query::Query<'static, Sqlite, SqliteArguments>;

/// Makes the query for at most [`ROWS_MAX`] rows. `before` and `after` add the parameters around the rows.
pub(in crate::store) fn rows_query<T>(
    sql: &RowsSql,
    rows: impl ExactSizeIterator<Item = T>,
    before: impl FnOnce(&mut Parameters),
    bind: impl Fn(&mut Parameters, T),
    after: impl FnOnce(&mut Parameters),
) -> Result<RowsQuery, StoreError> {
    let mut parameters = Parameters::default();
    let text = parameters.add_rows(sql, rows, bind, (before, after));
    parameters.query(text)
}

/// Several statements that go to the database together: one exchange with its thread whatever their number. What fails leaves the rest
/// undone, and an open transaction open.
#[derive(Default)]
pub(super) struct Exchange {
    text: String,
    parameters: Parameters,
    pub statements: u64,
}

impl Exchange {
    /// A statement without parameters, or whose parameters `bind` adds.
    pub fn add(&mut self, sql: &'static str, bind: impl FnOnce(&mut Parameters)) {
        bind(&mut self.parameters);
        self.push(&plain(sql));
    }

    /// A statement over rows; none when there are no rows.
    pub fn add_rows<T>(
        &mut self,
        sql: &RowsSql,
        rows: impl ExactSizeIterator<Item = T>,
        bind: impl Fn(&mut Parameters, T),
        around: (impl FnOnce(&mut Parameters), impl FnOnce(&mut Parameters)),
    ) {
        if rows.len() > 0 {
            let text = self.parameters.add_rows(sql, rows, bind, around);
            self.push(&text);
        }
    }

    fn push(&mut self, sql: &str) {
        self.text.push_str(sql.trim_end());
        self.text.push_str(";\n");
        self.statements += 1;
    }

    pub fn query(self) -> Result<RowsQuery, StoreError> {
        self.parameters.query(self.text.into())
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
        assert_eq!([1, 2, 4, 5, 64, 65, 2048].map(|rows| sql.sized(rows).1), [1, 4, 4, 16, 64, 128, 2048]);
    }

    #[test]
    fn an_exchange_is_its_statements_one_after_the_other_without_those_over_no_rows() {
        let rows = RowsSql::new("INSERT INTO t VALUES ($1, $2)");
        let mut exchange = Exchange::default();
        exchange.add("UPDATE t SET a = $1", |p| p.add(7));
        exchange.add_rows(&rows, [].into_iter(), |p, row: i64| p.add(row), (|_| {}, |_| {}));
        let twice = |p: &mut Parameters, row: i64| {
            p.add(row);
            p.add(row);
        };
        exchange.add_rows(&rows, [1_i64, 2].into_iter(), twice, (|_| {}, |_| {}));
        assert_eq!(exchange.text, "UPDATE t SET a = ?;\nINSERT INTO t VALUES (?,?),(?,?),(?,?),(?,?);\n");
        assert_eq!(exchange.statements, 2);
    }
}

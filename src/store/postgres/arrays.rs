//! Rows as one array for each column, in PostgreSQL's own binary form: a statement takes thousands of rows in few parameters, and nothing
//! is copied on the way but the bytes themselves.

use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, Postgres};
use sqlx::types::Type;
use uuid::Uuid;

/// What a column holds: the type of its elements, and of the array of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    Bytes,
}

impl Kind {
    /// The fixed numbers of PostgreSQL's built-in types (`pg_type.dat`).
    const fn oids(self) -> (u32, u32) {
        match self {
            Self::Text => (25, 1009),
            Self::Number => (20, 1016),
            Self::Bytes => (17, 1001),
        }
    }
}

/// One column.
#[derive(Debug)]
pub(crate) struct Column {
    kind: Kind,
    rows: i32,
    has_null: bool,
    /// Each element with its length before it.
    bytes: Vec<u8>,
}

impl Column {
    const fn new(kind: Kind) -> Self {
        Self { kind, rows: 0, has_null: false, bytes: Vec::new() }
    }

    fn push(&mut self, value: Option<&[u8]>) -> Result<(), BoxDynError> {
        self.rows = self.rows.checked_add(1).ok_or("too many rows for one statement")?;
        if let Some(value) = value {
            self.bytes.extend(i32::try_from(value.len())?.to_be_bytes());
            self.bytes.extend(value);
        } else {
            self.has_null = true;
            self.bytes.extend((-1_i32).to_be_bytes());
        }
        Ok(())
    }
}

impl Type<Postgres> for Column {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(Kind::Text.oids().1))
    }
}

impl Encode<'_, Postgres> for Column {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let dimensions = i32::from(self.rows > 0);
        buffer.extend(dimensions.to_be_bytes());
        buffer.extend(i32::from(self.has_null).to_be_bytes());
        buffer.extend(self.kind.oids().0.to_be_bytes());
        if self.rows > 0 {
            buffer.extend(self.rows.to_be_bytes());
            // Arrays are counted from 1.
            buffer.extend(1_i32.to_be_bytes());
            buffer.extend_from_slice(&self.bytes);
        }
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(Oid(self.kind.oids().1)))
    }

    fn size_hint(&self) -> usize {
        self.bytes.len() + 20
    }
}

/// Rows being gathered, value by value. The first row says what each column holds.
#[derive(Debug, Default)]
pub(crate) struct Arrays {
    columns: Vec<Column>,
    next: usize,
    rows: usize,
    /// A row that did not fit: the statement is not made.
    fault: Option<String>,
}

impl Arrays {
    /// Columns of these kinds, for statements that take no rows too.
    pub fn shaped(kinds: &[Kind]) -> Self {
        Self { columns: kinds.iter().copied().map(Column::new).collect(), ..Self::default() }
    }

    /// Rows whose values `write` puts in order.
    pub fn of<T>(rows: impl IntoIterator<Item = T>, write: impl Fn(T, &mut Self)) -> Self {
        let mut all = Self::default();
        for row in rows {
            all.row(|values| write(row, values));
        }
        all
    }

    /// Adds a row.
    pub fn row(&mut self, write: impl FnOnce(&mut Self)) {
        self.next = 0;
        self.rows += 1;
        write(self);
    }

    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The columns, as parameters of a statement.
    pub fn finish(self) -> Result<Vec<Column>, String> {
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.columns),
        }
    }

    fn push(&mut self, kind: Kind, value: Option<&[u8]>) -> &mut Self {
        if self.next == self.columns.len() && self.rows == 1 {
            self.columns.push(Column::new(kind));
        }
        let column = self.columns.get_mut(self.next).filter(|column| column.kind == kind);
        let pushed = column.ok_or_else(|| "a row is unlike the first one".into()).and_then(|column| column.push(value));
        if let Err(error) = pushed {
            self.fault.get_or_insert(error.to_string());
        }
        self.next += 1;
        self
    }

    pub fn text(&mut self, value: &str) -> &mut Self {
        self.push(Kind::Text, Some(value.as_bytes()))
    }

    pub fn maybe_text(&mut self, value: Option<&str>) -> &mut Self {
        self.push(Kind::Text, value.map(str::as_bytes))
    }

    pub fn number(&mut self, value: i64) -> &mut Self {
        self.push(Kind::Number, Some(&value.to_be_bytes()))
    }

    pub fn maybe_number(&mut self, value: Option<i64>) -> &mut Self {
        self.push(Kind::Number, value.map(i64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice))
    }

    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.push(Kind::Bytes, Some(value))
    }

    pub fn maybe_bytes(&mut self, value: Option<&[u8]>) -> &mut Self {
        self.push(Kind::Bytes, value)
    }

    pub fn id(&mut self, value: Uuid) -> &mut Self {
        self.bytes(value.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_unlike_the_first_makes_no_statement() {
        let mut rows = Arrays::default();
        rows.row(|v| _ = v.number(1).text("a"));
        rows.row(|v| _ = v.text("b").number(2));
        assert!(rows.finish().is_err());
    }

    #[test]
    fn rows_become_one_array_for_each_column() {
        let rows = Arrays::of([(1_i64, Some("a")), (2, None)], |(number, text), v| {
            v.number(number).maybe_text(text);
        });
        let columns = rows.finish().unwrap();
        assert_eq!(columns.len(), 2);
        assert_eq!((columns[0].rows, columns[0].has_null), (2, false));
        assert_eq!((columns[1].rows, columns[1].has_null), (2, true));
        assert_eq!(columns[1].bytes, [0, 0, 0, 1, b'a', 255, 255, 255, 255]);
    }
}

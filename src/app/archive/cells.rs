//! Rows as bytes: each cell with its kind before it, numbers big-endian. Pure, and the same on every engine.

use crate::store::archive::{Cell, Row};

const NULL: u8 = 0;
const INTEGER: u8 = 1;
const TEXT: u8 = 2;
const BYTES: u8 = 3;

/// Writes a row behind what is in the buffer. False when a cell is longer than its length can say.
pub(super) fn write(row: &[Cell], into: &mut Vec<u8>) -> bool {
    for cell in row {
        let (kind, bytes) = match cell {
            Cell::Null => {
                into.push(NULL);
                continue;
            }
            Cell::Integer(value) => {
                into.push(INTEGER);
                into.extend_from_slice(&value.to_be_bytes());
                continue;
            }
            Cell::Text(text) => (TEXT, text.as_bytes()),
            Cell::Bytes(bytes) => (BYTES, bytes.as_slice()),
        };
        let Ok(length) = u32::try_from(bytes.len()) else { return false };
        into.push(kind);
        into.extend_from_slice(&length.to_be_bytes());
        into.extend_from_slice(bytes);
    }
    true
}

/// Reads a row; `None` when the bytes are not one.
pub(super) fn read(mut bytes: &[u8]) -> Option<Row> {
    let mut row = Row::new();
    while let Some((kind, rest)) = bytes.split_first() {
        bytes = rest;
        row.push(match *kind {
            NULL => Cell::Null,
            INTEGER => Cell::Integer(i64::from_be_bytes(take(&mut bytes, 8)?.try_into().ok()?)),
            TEXT => Cell::Text(String::from_utf8(counted(&mut bytes)?.to_vec()).ok()?),
            BYTES => Cell::Bytes(counted(&mut bytes)?.to_vec()),
            _ => return None,
        });
    }
    Some(row)
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

fn counted<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32::from_be_bytes(take(bytes, 4)?.try_into().ok()?);
    take(bytes, usize::try_from(length).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cell() -> impl Strategy<Value = Cell> {
        prop_oneof![
            Just(Cell::Null),
            any::<i64>().prop_map(Cell::Integer),
            ".{0,20}".prop_map(Cell::Text),
            proptest::collection::vec(any::<u8>(), 0..40).prop_map(Cell::Bytes),
        ]
    }

    proptest! {
        #[test]
        fn a_row_comes_back_from_its_bytes(row in proptest::collection::vec(cell(), 0..9)) {
            let mut bytes = Vec::new();
            prop_assert!(write(&row, &mut bytes));
            prop_assert_eq!(read(&bytes), Some(row));
        }

        #[test]
        fn any_bytes_are_a_row_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            if let Some(row) = read(&bytes) {
                let mut again = Vec::new();
                write(&row, &mut again);
                prop_assert_eq!(again, bytes);
            }
        }
    }
}

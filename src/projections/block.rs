//! The compact form of differences by position: bytes that grow at their end, so that batches leave no trace in them.
//!
//! A block holds [`BLOCK_POSITIONS`] positions. Each entry is: place within the block (one byte), number of differences, and for each
//! the cell's number, the count and the amount. Numbers are LEB128; signed ones zigzag first.

use crate::projections::cell::Difference;
use std::collections::HashMap;

/// Positions in one block. Few enough that a single live event rewrites little, and that the place fits one byte.
pub const BLOCK_POSITIONS: u64 = 256;

/// Bytes that are not a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a block of differences is damaged")]
pub struct DamagedBlock;

/// The block that holds a position.
#[must_use]
pub const fn block_of(position: u64) -> u64 {
    position / BLOCK_POSITIONS
}

/// Appends the differences of one position; `entries` are (cell number, difference).
pub fn append(bytes: &mut Vec<u8>, position: u64, entries: &[(i64, Difference)]) {
    bytes.push(u8::try_from(position % BLOCK_POSITIONS).unwrap_or(u8::MAX));
    unsigned(bytes, entries.len() as u64);
    for (cell, difference) in entries {
        unsigned(bytes, cell.unsigned_abs());
        unsigned(bytes, zigzag(difference.count));
        unsigned(bytes, zigzag(difference.amount_minor));
    }
}

/// Calls `visit` with position, cell number and difference of each entry of a block, in order.
pub fn read(block: u64, bytes: &[u8], mut visit: impl FnMut(u64, i64, Difference)) -> Result<(), DamagedBlock> {
    let mut rest = bytes;
    while let Some((place, after)) = rest.split_first() {
        rest = after;
        let position = block * BLOCK_POSITIONS + u64::from(*place);
        for _ in 0..take(&mut rest)? {
            let cell = i64::try_from(take(&mut rest)?).map_err(|_| DamagedBlock)?;
            let count = unzigzag(take(&mut rest)?);
            let amount_minor = unzigzag(take(&mut rest)?);
            visit(position, cell, Difference { count, amount_minor });
        }
    }
    Ok(())
}

/// The sums of the differences of each cell between two positions, inclusive, from the blocks that are given to it.
#[derive(Debug)]
pub struct Between {
    first: u64,
    last: u64,
    sums: HashMap<i64, Difference>,
}

impl Between {
    /// Begins with nothing.
    #[must_use]
    pub fn new(first: u64, last: u64) -> Self {
        Self { first, last, sums: HashMap::new() }
    }

    /// Adds what a block has of them.
    pub fn add(&mut self, block: u64, bytes: &[u8]) -> Result<(), DamagedBlock> {
        let (first, last, sums) = (self.first, self.last, &mut self.sums);
        read(block, bytes, |position, cell, difference| {
            if (first..=last).contains(&position) {
                let sum = sums.entry(cell).or_default();
                *sum = sum.plus(difference);
            }
        })
    }

    /// The sum of a cell.
    #[must_use]
    pub fn of(&self, cell: i64) -> Difference {
        self.sums.get(&cell).copied().unwrap_or_default()
    }
}

const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

const fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

fn unsigned(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).unwrap_or(0) | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap_or(0));
}

fn take(rest: &mut &[u8]) -> Result<u64, DamagedBlock> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first().ok_or(DamagedBlock)?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(DamagedBlock)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cut_block_is_reported_as_damaged() {
        let mut bytes = Vec::new();
        append(&mut bytes, 5, &[(300, Difference { count: -1, amount_minor: i64::MIN })]);
        bytes.pop();
        assert_eq!(read(0, &bytes, |_, _, _| ()), Err(DamagedBlock));
    }

    proptest! {
        #[test]
        fn a_block_reads_as_it_was_written(
            entries in prop::collection::vec((0_i64..i64::MAX, any::<i64>(), any::<i64>()), 0..5), place in 0_u64..256,
        ) {
            let entries: Vec<_> = entries.into_iter().map(|(cell, count, amount_minor)| (cell, Difference { count, amount_minor })).collect();
            let position = 7 * BLOCK_POSITIONS + place;
            let mut bytes = Vec::new();
            append(&mut bytes, position, &entries);
            append(&mut bytes, position, &entries);
            let mut seen = Vec::new();
            read(7, &bytes, |at, cell, difference| seen.push((at, cell, difference))).unwrap();
            let expected: Vec<_> = entries.iter().chain(&entries).map(|(cell, difference)| (position, *cell, *difference)).collect();
            prop_assert_eq!(seen, expected);
        }
    }
}

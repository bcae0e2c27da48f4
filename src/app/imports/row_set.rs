//! Which rows of a file something is true of: one bit for each row, so that ten million rows take little more than a megabyte.

/// A set of row numbers.
#[derive(Debug, Default)]
pub struct RowSet {
    words: Vec<u64>,
}

impl RowSet {
    /// Adds a row.
    pub fn insert(&mut self, row: u64) {
        let (word, bit) = place(row);
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= bit;
    }

    /// Whether the row is in it.
    #[must_use]
    pub fn contains(&self, row: u64) -> bool {
        let (word, bit) = place(row);
        self.words.get(word).is_some_and(|bits| bits & bit != 0)
    }
}

fn place(row: u64) -> (usize, u64) {
    (usize::try_from(row / 64).unwrap_or(usize::MAX), 1 << (row % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_it_that_were_put_in() {
        let mut rows = RowSet::default();
        for row in [0, 1, 63, 64, 10_000_000] {
            assert!(!rows.contains(row));
            rows.insert(row);
        }
        let held: Vec<u64> =
            (0..200).chain([9_999_999, 10_000_000, u64::MAX]).filter(|row| rows.contains(*row)).collect();
        assert_eq!(held, [0, 1, 63, 64, 10_000_000]);
    }
}

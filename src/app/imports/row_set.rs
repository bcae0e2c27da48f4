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

    /// All that are in it, in order.
    pub fn rows(&self) -> impl Iterator<Item = u64> {
        let set = |(word, bits): (u64, &u64)| {
            let bits = *bits;
            (0..64).filter(move |bit| bits & (1 << bit) != 0).map(move |bit| word * 64 + bit)
        };
        (0..).zip(&self.words).flat_map(set)
    }
}

fn place(row: u64) -> (usize, u64) {
    (usize::try_from(row / 64).unwrap_or(usize::MAX), 1 << (row % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_it_that_were_put_in_once_each_and_in_order() {
        let mut rows = RowSet::default();
        for row in [10_000_000, 0, 1, 64, 63, 1] {
            rows.insert(row);
        }
        assert_eq!(rows.rows().collect::<Vec<_>>(), [0, 1, 63, 64, 10_000_000]);
    }
}

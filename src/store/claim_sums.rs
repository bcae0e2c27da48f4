//! A sum over claims that does not depend on their order: two sets of claims are equal when their sums are, whatever their size.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// How many claims of one kind there are, and the sum of their digests modulo 2^128.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClaimSum {
    pub count: u64,
    pub sum: u128,
}

/// The claims of one log by kind, summed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClaimSums {
    kinds: BTreeMap<String, ClaimSum>,
}

impl ClaimSums {
    /// Adds a claim that a stream holds. Each part is bounded by its length, so that no two claims look alike.
    pub fn add(&mut self, kind: &str, key: &[u8], stream: &str) {
        let mut hash = Sha256::new();
        for part in [kind.as_bytes(), key, stream.as_bytes()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let digest: [u8; 32] = hash.finalize().into();
        let half = digest[..16].iter().fold(0_u128, |sum, byte| (sum << 8) | u128::from(*byte));
        if !self.kinds.contains_key(kind) {
            self.kinds.insert(kind.to_owned(), ClaimSum::default());
        }
        if let Some(of_kind) = self.kinds.get_mut(kind) {
            of_kind.count += 1;
            of_kind.sum = of_kind.sum.wrapping_add(half);
        }
    }

    /// The sum of one kind.
    #[must_use]
    pub fn of(&self, kind: &str) -> ClaimSum {
        self.kinds.get(kind).copied().unwrap_or_default()
    }

    /// The kinds that either of two sets has.
    #[must_use]
    pub fn kinds_with<'a>(&'a self, other: &'a Self) -> Vec<&'a str> {
        let mut kinds: Vec<&str> = self.kinds.keys().chain(other.kinds.keys()).map(String::as_str).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// All claims of all kinds.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.kinds.values().map(|of_kind| of_kind.count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(claims: &[(&str, &[u8], &str)]) -> ClaimSums {
        let mut sums = ClaimSums::default();
        for (kind, key, stream) in claims {
            sums.add(kind, key, stream);
        }
        sums
    }

    #[test]
    fn the_order_of_claims_does_not_matter_and_all_else_does() {
        let claims: [(&str, &[u8], &str); 3] = [("a", b"1", "s-1"), ("a", b"2", "s-1"), ("b", b"1", "s-2")];
        let base = sums(&claims);
        assert_eq!(base, sums(&[claims[2], claims[0], claims[1]]));
        for other in [
            sums(&claims[..2]),
            sums(&[claims[0], claims[1], ("b", b"1", "s-1")]),
            sums(&[claims[0], claims[1], ("b", b"2", "s-2")]),
            sums(&[claims[0], claims[1], ("c", b"1", "s-2")]),
            sums(&[claims[0], claims[1], ("b", b"1s", "-2")]),
        ] {
            assert_ne!(base, other);
        }
        assert_eq!((base.of("a").count, base.of("b").count, base.of("c").count, base.count()), (2, 1, 0, 3));
    }
}

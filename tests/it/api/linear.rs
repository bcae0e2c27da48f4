//! The linear space of what somebody was told: which sums of unknowns follow from others. Exact, modulo a large prime.

const PRIME: u64 = (1 << 61) - 1;

fn times(a: u64, b: u64) -> u64 {
    u64::try_from(u128::from(a) * u128::from(b) % u128::from(PRIME)).unwrap()
}

fn inverse(number: u64) -> u64 {
    let (mut power, mut left, mut result) = (number, PRIME - 2, 1);
    while left > 0 {
        if left & 1 == 1 {
            result = times(result, power);
        }
        power = times(power, power);
        left >>= 1;
    }
    result
}

/// All sums that follow from those that were added.
pub struct Space {
    width: usize,
    /// By the place of its first number other than 0, which is 1.
    rows: std::collections::BTreeMap<usize, Vec<u64>>,
    seen: std::collections::BTreeSet<Vec<i64>>,
}

impl Space {
    pub const fn new(width: usize) -> Self {
        Self { width, rows: std::collections::BTreeMap::new(), seen: std::collections::BTreeSet::new() }
    }

    fn rest(&self, sum: &[i64]) -> Vec<u64> {
        assert_eq!(sum.len(), self.width);
        let mut rest: Vec<u64> =
            sum.iter().map(|number| u64::try_from(number.rem_euclid(i64::try_from(PRIME).unwrap())).unwrap()).collect();
        for (place, row) in &self.rows {
            let factor = rest[*place];
            if factor != 0 {
                for (number, other) in rest.iter_mut().zip(row).skip(*place).filter(|(_, other)| **other != 0) {
                    *number = (*number + PRIME - times(factor, *other)) % PRIME;
                }
            }
        }
        rest
    }

    /// Somebody is told this sum.
    pub fn add(&mut self, sum: &[i64]) {
        if !self.seen.insert(sum.to_vec()) {
            return;
        }
        let mut rest = self.rest(sum);
        if let Some(place) = rest.iter().position(|number| *number != 0) {
            let factor = inverse(rest[place]);
            for number in &mut rest {
                *number = times(*number, factor);
            }
            self.rows.insert(place, rest);
        }
    }

    /// Whether a sum follows from what was told.
    pub fn spans(&self, sum: &[i64]) -> bool {
        self.rest(sum).into_iter().all(|number| number == 0)
    }
}

#[test]
fn what_follows_from_two_sums_is_their_difference_and_no_part_of_them() {
    let mut space = Space::new(4);
    space.add(&[1, 1, 1, 0]);
    space.add(&[0, 1, 1, 0]);
    assert!(space.spans(&[1, 0, 0, 0]), "the difference");
    assert!(space.spans(&[2, 3, 3, 0]));
    assert!(!space.spans(&[0, 1, 0, 0]) && !space.spans(&[0, 0, 0, 1]));
}

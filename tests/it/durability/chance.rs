//! Random moments that can be repeated: splitmix64 from a seed, which is printed.

use super::{say, switch};

/// A row of numbers that its seed decides.
pub struct Chance {
    state: u64,
}

impl Chance {
    /// From `CHITRA_TEST_SEED`, or another one each time.
    pub fn of_this_run(test: &str) -> Self {
        let seed =
            switch("CHITRA_TEST_SEED").map_or_else(|| u64::from(std::process::id()), |text| text.parse().unwrap());
        say(&format!("{test}: CHITRA_TEST_SEED={seed}"));
        Self::new(seed)
    }

    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number, below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

//! Chance that can be repeated: the same seed, question and person always give the same answer, in any order of asking.

/// What is asked of chance. Each question has answers of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Home,
    Rate,
    Benefit,
    Second,
    First,
    Sex,
    BirthYear,
    Reluctance,
    Bank,
    AtHome,
    Amount,
    Name,
    Number,
    Death,
    DeathDay,
    DeathReport,
    StillListed,
    Move,
    SwitchDay,
    Reason,
    Day,
    Late,
    NewAccount,
    Given,
    GivenUp,
    Rare,
    Matched,
}

/// A source of answers.
#[derive(Debug, Clone, Copy)]
pub struct Chance {
    seed: u64,
}

impl Chance {
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// A number below `bound` (which must not be 0) for a person's n-th question of a kind.
    #[must_use]
    pub fn below(self, what: What, index: u32, nth: usize, bound: u64) -> u64 {
        let question = ((what as u64) << 56) ^ ((nth as u64) << 40) ^ u64::from(index);
        let bits = mix(mix(self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15)) ^ mix(question));
        // The high half of the product: every number below the bound is as likely as any other, near enough.
        u64::try_from((u128::from(bits) * u128::from(bound)) >> 64).unwrap_or(0)
    }
}

/// The finaliser of the splitmix generator: every bit of the answer depends on every bit of the question.
const fn mix(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_has_the_same_answer_and_another_seed_another() {
        let answers =
            |seed| (0..100).map(|index| Chance::new(seed).below(What::Day, index, 3, 1_000_000)).collect::<Vec<_>>();
        assert_eq!(answers(1), answers(1));
        assert_ne!(answers(1), answers(2));
    }

    #[test]
    fn answers_are_spread_evenly() {
        let mut found = [0_u32; 10];
        for index in 0..10_000 {
            found[usize::try_from(Chance::new(7).below(What::Home, index, 0, 10)).unwrap()] += 1;
        }
        assert!(found.iter().all(|count| (850..1150).contains(count)), "{found:?}");
    }
}

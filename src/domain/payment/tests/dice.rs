//! Chance that can be repeated, and what many lives came to. For the simulation of payment lives.

/// `SplitMix64`: the same seed gives the same lives on every machine.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0 to `sides - 1`.
    pub(super) fn below(&mut self, sides: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(sides).unwrap()).unwrap()
    }

    pub(super) fn one_in(&mut self, sides: usize) -> bool {
        self.below(sides) == 0
    }
}

/// What the lives came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) lives: u64,
    pub(super) events: u64,
    pub(super) settled: u64,
    pub(super) returned: u64,
    /// Settlements of attempts that had been given up.
    pub(super) late: u64,
    /// Those of cancelled payments whose months were free yet.
    pub(super) reinstated: u64,
    /// Open attempts called back because late money pays.
    pub(super) recalled: u64,
    /// Reports of another amount than was ordered.
    pub(super) contradicted: u64,
    /// Of these, found to be wrong.
    pub(super) dismissed: u64,
    /// Of these, found to be true, with the difference recovered or paid as a supplement.
    pub(super) made_good: u64,
    /// Late settlements that stopped an open successor.
    pub(super) stopped: u64,
    /// Late settlements that found their successor settled, or whose successor settled in spite of the stop.
    pub(super) overpaid: u64,
    pub(super) quarantined: u64,
    /// Second payments for a month that a claim refused.
    pub(super) months_refused: u64,
    /// Acts of the agency that the guard refused because late money was out.
    pub(super) guarded: u64,
    /// Attempts that the bank paid although another of the payment was paid and not back.
    pub(super) paid_twice_by_bank: u64,
    pub(super) deaths: u64,
    /// Recoveries opened, and opened again.
    pub(super) recoveries: u64,
    /// Recoveries that ended because nothing was overpaid any more.
    pub(super) lapsed: u64,
    /// Attempts whose money came back through a recovery.
    pub(super) given_back: u64,
    pub(super) written_off: u64,
    /// Money that the bank paid beside other money of the payment, and that neither the record nor a person knows of.
    pub(super) let_through: u64,
}

impl Figures {
    pub(super) fn add(&mut self, other: &Self) {
        for (sum, part) in [
            (&mut self.lives, other.lives),
            (&mut self.events, other.events),
            (&mut self.settled, other.settled),
            (&mut self.returned, other.returned),
            (&mut self.late, other.late),
            (&mut self.reinstated, other.reinstated),
            (&mut self.recalled, other.recalled),
            (&mut self.contradicted, other.contradicted),
            (&mut self.dismissed, other.dismissed),
            (&mut self.made_good, other.made_good),
            (&mut self.stopped, other.stopped),
            (&mut self.overpaid, other.overpaid),
            (&mut self.quarantined, other.quarantined),
            (&mut self.months_refused, other.months_refused),
            (&mut self.guarded, other.guarded),
            (&mut self.paid_twice_by_bank, other.paid_twice_by_bank),
            (&mut self.deaths, other.deaths),
            (&mut self.recoveries, other.recoveries),
            (&mut self.lapsed, other.lapsed),
            (&mut self.given_back, other.given_back),
            (&mut self.written_off, other.written_off),
            (&mut self.let_through, other.let_through),
        ] {
            *sum += part;
        }
    }

    /// One line for people.
    pub(super) fn in_words(&self) -> String {
        format!(
            "{} lives, {} events, {} late settlements met, {} other amounts reported, {} attempts paid by the bank beside others, {} recoveries opened, double payments let through: {}",
            self.lives,
            self.events,
            self.late,
            self.contradicted,
            self.paid_twice_by_bank,
            self.recoveries,
            self.let_through
        )
    }
}

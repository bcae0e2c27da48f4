//! Figures of matching with the population database: what is asked of the rows, and the arithmetic of I1 and I2.

use crate::domain::beneficiary::identity::IdentityStatus;
use crate::domain::ids::{BenefitType, ChannelCode, UnitKey};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRead {
    /// As of right after this position.
    pub position: u64,
    /// People for whom one of these was ordered by then; empty: all.
    pub benefit_types: Vec<BenefitType>,
    /// Exactly these units; all when absent.
    pub units: Option<Vec<UnitKey>>,
}

/// People who count alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityCell {
    pub unit: UnitKey,
    /// Of the payout method chosen last; `None` where none was chosen.
    pub channel: Option<ChannelCode>,
    /// `None`: never matched.
    pub status: Option<IdentityStatus>,
    pub people: u64,
    /// Those of them whose payment an agent refused or sent back for a reason of identity.
    pub refused: u64,
}

/// People by result, in one scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IdentityTally {
    pub verified: u64,
    pub mismatch: u64,
    pub not_found: u64,
    pub duplicate: u64,
    pub deceased_in_population_db: u64,
    pub pending: u64,
    pub unchecked: u64,
    pub excluded: u64,
    /// Unmatched people with a payment that was refused or sent back for a reason of identity.
    pub refused: u64,
}

impl IdentityTally {
    /// Adds people. Who is neither excluded nor verified is unmatched.
    pub const fn add(&mut self, cell: &IdentityCell) {
        let counter = match cell.status {
            Some(IdentityStatus::Verified) => &mut self.verified,
            Some(IdentityStatus::Mismatch) => &mut self.mismatch,
            Some(IdentityStatus::NotFound) => &mut self.not_found,
            Some(IdentityStatus::Duplicate) => &mut self.duplicate,
            Some(IdentityStatus::DeceasedInPopulationDb) => &mut self.deceased_in_population_db,
            Some(IdentityStatus::Pending) => &mut self.pending,
            Some(IdentityStatus::Excluded) => &mut self.excluded,
            None => &mut self.unchecked,
        };
        *counter += cell.people;
        if !matches!(cell.status, Some(IdentityStatus::Verified | IdentityStatus::Excluded)) {
            self.refused += cell.refused;
        }
    }

    /// The denominator of I1: everybody who is to be matched.
    #[must_use]
    pub const fn base(&self) -> u64 {
        self.verified + self.unmatched()
    }

    /// The numerator of I2: those of the base who are not verified.
    #[must_use]
    pub const fn unmatched(&self) -> u64 {
        self.answered_otherwise() + self.pending + self.unchecked
    }

    /// The numerator of completeness: those of the base with an answer.
    #[must_use]
    pub const fn answered(&self) -> u64 {
        self.verified + self.answered_otherwise()
    }

    const fn answered_otherwise(&self) -> u64 {
        self.mismatch + self.not_found + self.duplicate + self.deceased_in_population_db
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(status: Option<IdentityStatus>, people: u64, refused: u64) -> IdentityCell {
        IdentityCell { unit: UnitKey::parse("C1").unwrap(), channel: None, status, people, refused }
    }

    #[test]
    fn the_excluded_are_in_no_part_of_the_figures() {
        let mut tally = IdentityTally::default();
        tally.add(&cell(Some(IdentityStatus::Verified), 7, 1));
        tally.add(&cell(Some(IdentityStatus::Excluded), 3, 1));
        assert_eq!((tally.base(), tally.unmatched(), tally.answered(), tally.refused), (7, 0, 7, 0));
    }

    #[test]
    fn whoever_is_not_verified_is_unmatched_and_only_answers_make_the_figure_complete() {
        let mut tally = IdentityTally::default();
        for (number, status) in (1..).zip(IdentityStatus::ALL.map(Some).into_iter().chain([None])) {
            tally.add(&cell(status, number, 1));
        }
        assert_eq!((tally.pending, tally.verified, tally.excluded, tally.unchecked), (1, 2, 7, 8));
        assert_eq!(tally.base(), 36 - 7);
        assert_eq!(tally.unmatched(), 36 - 7 - 2);
        assert_eq!(tally.answered(), 2 + 3 + 4 + 5 + 6);
        assert_eq!(tally.refused, 6);
    }
}

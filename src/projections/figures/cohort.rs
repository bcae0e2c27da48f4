//! Sex, decade of birth and benefit month: what the cube does not hold of payments. Which of them a question asks for, and in which groups
//! of them a payment counts. Pure.

use crate::domain::beneficiary::event::{Cohort, Sex};
use crate::domain::period::Month;
use crate::projections::figures::{Dimension, FigureQuery, GroupKey};

/// The group of those of whom it is not known.
pub const UNKNOWN: &str = "unknown";

/// Which people and months count. `Some(None)` are the people of whom it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CohortFilter {
    /// Sex as the agency records it.
    pub sex: Option<Option<Sex>>,
    /// First year of the decade of birth.
    pub birth_decade: Option<Option<i16>>,
    /// Payments for this month, also those that are for others besides.
    pub benefit_month: Option<Month>,
}

/// The word for a sex.
#[must_use]
pub const fn sex_word(sex: Option<Sex>) -> &'static str {
    match sex {
        Some(Sex::Female) => "female",
        Some(Sex::Male) => "male",
        None => UNKNOWN,
    }
}

/// The word for a decade of birth.
#[must_use]
pub fn decade_word(decade: Option<i16>) -> String {
    decade.map_or_else(|| UNKNOWN.to_owned(), |decade| decade.to_string())
}

impl Dimension {
    /// The cube does not hold it.
    #[must_use]
    pub const fn is_cohort(&self) -> bool {
        matches!(self, Self::Sex | Self::BirthDecade | Self::BenefitMonth)
    }
}

impl FigureQuery {
    /// It asks for what the cube does not hold.
    #[must_use]
    pub fn asks_cohorts(&self) -> bool {
        self.filters.cohort != CohortFilter::default() || self.group_by.iter().any(Dimension::is_cohort)
    }

    /// It names its cycles, and no more than so many.
    #[must_use]
    pub fn names_cycles(&self, at_most: i32) -> bool {
        let named = self.filters.cycle_from.zip(self.filters.cycle_to);
        named.is_some_and(|(from, to)| from <= to && to < from.plus(at_most))
    }

    /// The question of each group of its cohorts.
    #[must_use]
    pub fn within_cohorts(&self) -> Self {
        let mut inner = self.clone();
        inner.filters.cohort = CohortFilter::default();
        inner.group_by.retain(|dimension| !dimension.is_cohort());
        inner
    }

    /// The groups of cohorts that a payment counts in, as values of the cohort dimensions in their order; none where it is filtered out.
    #[must_use]
    pub fn cohorts_of(&self, person: Cohort, months: &[Month]) -> Vec<Vec<String>> {
        let filter = &self.filters.cohort;
        if filter.sex.is_some_and(|sex| sex != person.sex)
            || filter.birth_decade.is_some_and(|decade| decade != person.birth_decade)
        {
            return Vec::new();
        }
        let counts = |month: &&Month| filter.benefit_month.is_none_or(|asked| asked == **month);
        let months: Vec<&Month> = months.iter().filter(counts).collect();
        let by_month = self.group_by.contains(&Dimension::BenefitMonth);
        let group = |month: Option<&Month>| -> Vec<String> {
            let value = |dimension: &Dimension| match dimension {
                Dimension::Sex => Some(sex_word(person.sex).to_owned()),
                Dimension::BirthDecade => Some(decade_word(person.birth_decade)),
                Dimension::BenefitMonth => month.map(ToString::to_string),
                Dimension::UnitLevel(_)
                | Dimension::Unit
                | Dimension::BenefitType
                | Dimension::BenefitGroup
                | Dimension::Cycle
                | Dimension::Channel
                | Dimension::Agent
                | Dimension::Bank
                | Dimension::Urban => None,
            };
            self.group_by.iter().filter_map(value).collect()
        };
        match (by_month, months.first()) {
            (true, _) => months.into_iter().map(|month| group(Some(month))).collect(),
            (false, Some(_)) => vec![group(None)],
            (false, None) => Vec::new(),
        }
    }

    /// The whole key of a group: the values of cohorts and those of the question within them, in the order asked.
    #[must_use]
    pub fn whole_key(&self, cohort: &[String], inner: GroupKey) -> GroupKey {
        if cohort.is_empty() {
            return inner;
        }
        let (mut cohort, mut inner) = (cohort.iter().cloned(), inner.into_iter());
        let value = |dimension: &Dimension| if dimension.is_cohort() { cohort.next() } else { inner.next() };
        self.group_by.iter().filter_map(value).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projections::figures::Filters;

    const WOMAN: Cohort = Cohort { birth_decade: Some(1950), sex: Some(Sex::Female) };

    fn month(text: &str) -> Month {
        Month::parse(text).unwrap()
    }

    fn query(cohort: CohortFilter, group_by: &[Dimension]) -> FigureQuery {
        let filters = Filters { cohort, ..Filters::default() };
        FigureQuery { filters, group_by: group_by.to_vec(), ..FigureQuery::default() }
    }

    #[test]
    fn a_payment_for_two_months_counts_in_each_of_them_and_once_where_they_are_not_told_apart() {
        let two = [month("2025-01"), month("2025-02")];
        let by_month = query(CohortFilter::default(), &[Dimension::BenefitMonth, Dimension::Sex]);
        assert_eq!(by_month.cohorts_of(WOMAN, &two), [["2025-01", "female"], ["2025-02", "female"]]);
        let one = CohortFilter { benefit_month: Some(two[1]), ..CohortFilter::default() };
        assert_eq!(query(one, &[Dimension::BenefitMonth]).cohorts_of(WOMAN, &two), [["2025-02"]]);
        assert_eq!(query(one, &[]).cohorts_of(WOMAN, &two), [Vec::<String>::new()]);
        assert!(query(one, &[]).cohorts_of(WOMAN, &two[..1]).is_empty());
    }

    #[test]
    fn those_of_whom_nothing_is_known_are_a_group_and_can_be_asked_for() {
        let nobody = Cohort::default();
        let by_both = query(CohortFilter::default(), &[Dimension::BirthDecade, Dimension::Sex]);
        assert_eq!(by_both.cohorts_of(nobody, &[month("2025-01")]), [["unknown", "unknown"]]);
        let unknown = CohortFilter { sex: Some(None), ..CohortFilter::default() };
        assert_eq!(query(unknown, &[]).cohorts_of(nobody, &[month("2025-01")]).len(), 1);
        assert!(query(unknown, &[]).cohorts_of(WOMAN, &[month("2025-01")]).is_empty());
        let fifties = CohortFilter { birth_decade: Some(Some(1950)), ..CohortFilter::default() };
        assert!(query(fifties, &[]).cohorts_of(nobody, &[month("2025-01")]).is_empty());
        assert_eq!(query(fifties, &[]).cohorts_of(WOMAN, &[month("2025-01")]).len(), 1);
    }

    #[test]
    fn the_whole_key_has_all_values_in_the_order_asked() {
        let asked = query(CohortFilter::default(), &[Dimension::Channel, Dimension::Sex, Dimension::Cycle]);
        let key = asked.whole_key(&["female".to_owned()], vec!["account".to_owned(), "2025-03".to_owned()]);
        assert_eq!(key, ["account", "female", "2025-03"]);
        assert_eq!(asked.within_cohorts().group_by, [Dimension::Channel, Dimension::Cycle]);
        assert!(asked.asks_cohorts() && !asked.within_cohorts().asks_cohorts());
    }
}

//! What of a figure is cited: the digits of a definition, as one share for each group; of a definition of several shares, for each group and
//! part, whose name is last in the key.

use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::AppError;
use crate::app::matching::{IdentityQuery, IdentityTally};
use crate::app::movers::Flow;
use crate::app::queries::{Answer, published_only};
use crate::domain::figure::CitedGroup;
use crate::domain::payment::state::AttemptState;
use crate::domain::period::Month;
use crate::projections::figures::adoption::Adoption;
use crate::projections::figures::first::FirstAttempts;
use crate::projections::figures::settlement::{Age, Settlement};
use crate::projections::figures::{AsOf, Dimension, FigureQuery, Filters, GroupKey, Share};

/// Definitions whose figures can be cited.
pub const CITABLE: [&str; 17] =
    ["A1", "A2", "A3", "A4", "A5", "A6", "A7", "C1", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "I1", "I2"];
/// Those of people as registered and matched, which know neither cycles nor payments.
pub const OF_PEOPLE: [&str; 3] = ["A6", "I1", "I2"];

/// A question for the digits of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// One of [`CITABLE`].
    pub definition: String,
    pub figures: FigureQuery,
    pub mixed_as_cashless: bool,
    /// Of A7: the earlier cycle.
    pub before: Option<Month>,
}

impl Asked {
    /// Whether a definition of people is asked by nothing but a unit and an order by units, as it is served.
    #[must_use]
    pub fn is_of_units_alone(&self) -> bool {
        let alone = Filters { units: self.figures.filters.units.clone(), ..Filters::default() };
        self.figures.filters == alone && matches!(self.figures.group_by.as_slice(), [] | [Dimension::Unit])
    }
}

impl App {
    /// A definition's digits, in the order of the groups.
    pub(super) async fn share_groups(
        &self,
        principal: &Principal,
        asked: &Asked,
        min_position: Option<u64>,
    ) -> Result<Answer<Vec<CitedGroup>>, AppError> {
        let (figures, mixed) = (asked.figures.clone(), asked.mixed_as_cashless);
        if self.reads_published(principal) {
            return self.published_groups(principal, asked, min_position).await;
        }
        match asked.definition.as_str() {
            "A1" | "A2" | "A3" | "A4" | "C1" => {
                let share = of_adoption(&asked.definition, mixed).ok_or_else(|| not_citable(&asked.definition))?;
                let found = self.adoption(principal, figures, min_position).await?;
                let groups = found.answer.iter().map(|one| group(&one.key, share(one))).collect();
                Ok(found.with(groups))
            }
            "A5" | "S1" | "S3" | "S7" => {
                let found = self.first_attempts(principal, figures, min_position).await?;
                let share = |one: &FirstAttempts| of_first_attempts(&asked.definition, mixed, one);
                let groups = found.answer.iter().map(|(key, one)| group(key, share(one))).collect();
                Ok(found.with(groups))
            }
            "S2" | "S4" | "S5" => {
                let found = self.settlement(principal, figures, None, min_position).await?;
                let parts = |one: &Settlement| of_parts(&one.key, of_settlement(&asked.definition, one));
                let groups = found.answer.1.iter().flat_map(parts).collect();
                Ok(found.with(groups))
            }
            "S6" => {
                let found = self.unclaimed(principal, figures, min_position).await?;
                let groups = found.answer.groups.iter().map(|one| group(&one.key, one.attempts)).collect();
                Ok(found.with(groups))
            }
            "A7" => {
                let found = self.movers(principal, (figures, asked.before), min_position).await?;
                let shares = |flow: &Flow| {
                    vec![("to_cash".to_owned(), flow.to_cash()), ("to_cashless".to_owned(), flow.to_cashless())]
                };
                let groups = found.answer.flows.iter().flat_map(|flow| of_parts(&flow.key, shares(flow))).collect();
                Ok(found.with(groups))
            }
            "A6" | "I1" | "I2" => self.people_groups(principal, asked, min_position).await,
            other => Err(not_citable(other)),
        }
    }

    /// Definitions of people, by unit or in one group.
    async fn people_groups(
        &self,
        principal: &Principal,
        asked: &Asked,
        min_position: Option<u64>,
    ) -> Result<Answer<Vec<CitedGroup>>, AppError> {
        let query = IdentityQuery {
            unit: asked.figures.filters.units.first().cloned(),
            benefit_types: Vec::new(),
            channel: None,
            by_unit: !asked.figures.group_by.is_empty(),
            by_channel: false,
            as_of: asked.figures.as_of,
            after: None,
            limit: usize::MAX,
        };
        let key = |unit: Option<String>| -> GroupKey { unit.into_iter().collect() };
        if asked.definition == "A6" {
            let found = self.registered(principal, &query, min_position).await?;
            let one = |(unit, share): &(Option<_>, Share)| group(&key(unit.as_ref().map(ToString::to_string)), *share);
            let groups = found.answer.iter().map(one).collect();
            return Ok(found.with(groups));
        }
        let found = self.identity_figures(principal, &query, min_position).await?;
        let share = |tally: &IdentityTally| {
            let part = if asked.definition == "I1" { tally.verified } else { tally.unmatched() };
            let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
            Share { numerator: whole(part), denominator: whole(tally.base()) }
        };
        let groups = found.answer.groups.iter();
        let groups =
            groups.map(|(of, tally)| group(&key(of.unit.as_ref().map(ToString::to_string)), share(tally))).collect();
        Ok(found.with(groups))
    }

    /// The same for readers of published figures: of one cycle, as it was published, with nothing kept back of what is cited.
    async fn published_groups(
        &self,
        principal: &Principal,
        asked: &Asked,
        min_position: Option<u64>,
    ) -> Result<Answer<Vec<CitedGroup>>, AppError> {
        let (definition, mixed) = (asked.definition.as_str(), asked.mixed_as_cashless);
        let figures = asked.figures.clone();
        let share = of_adoption(definition, mixed).ok_or_else(published_only)?;
        let is_of_one_cycle =
            figures.filters.cycle_from.is_some() && figures.filters.cycle_from == figures.filters.cycle_to;
        if !is_of_one_cycle || mixed != self.profile.figures.mixed_counts_as_cashless {
            return Err(published_only());
        }
        let published = self.adoption(principal, figures.clone(), min_position).await?;
        let is_told = |one: &Adoption| {
            one.kept_back.is_none_or(|kept| match definition {
                "A2" | "A3" => !kept.payments,
                "C1" => !kept.completeness,
                _ => !kept.people,
            })
        };
        let as_of = AsOf::Position(published.as_of_position);
        let found = self.adoption_of(&self.within_units(principal, FigureQuery { as_of, ..figures })?, None).await?;
        let keys = |rows: &[Adoption]| rows.iter().map(|one| one.key.clone()).collect::<Vec<_>>();
        if !published.answer.iter().all(is_told) || keys(&published.answer) != keys(&found.answer) {
            return Err(published_only());
        }
        let groups = found.answer.iter().map(|one| group(&one.key, share(one))).collect();
        Ok(found.with(groups))
    }
}

impl<T> Answer<T> {
    /// Another answer of the same state.
    fn with<U>(&self, answer: U) -> Answer<U> {
        Answer { answer, as_of_position: self.as_of_position, as_of_time_us: self.as_of_time_us }
    }
}

fn not_citable(definition: &str) -> AppError {
    AppError::Internal(format!("{definition} cannot be cited"))
}

fn group(key: &[String], share: Share) -> CitedGroup {
    CitedGroup { key: key.to_vec(), numerator: share.numerator, denominator: share.denominator }
}

fn of_parts(key: &GroupKey, parts: Vec<(String, Share)>) -> Vec<CitedGroup> {
    let one = |(part, share): (String, Share)| {
        let mut whole = key.clone();
        whole.push(part);
        group(&whole, share)
    };
    parts.into_iter().map(one).collect()
}

/// Takes one share out of a figure.
type Part<T> = Box<dyn Fn(&T) -> Share + Send + Sync>;

fn of_adoption(definition: &str, mixed: bool) -> Option<Part<Adoption>> {
    match definition {
        "A1" | "A4" => Some(Box::new(move |one| one.people.share(mixed))),
        "A2" => Some(Box::new(|one| one.amount)),
        "A3" => Some(Box::new(|one| one.payments)),
        "C1" => Some(Box::new(|one| one.completeness)),
        _ => None,
    }
}

fn of_first_attempts(definition: &str, mixed: bool, one: &FirstAttempts) -> Share {
    match definition {
        "A5" => one.people.share(mixed),
        "S1" => one.success,
        "S3" => one.fell_back,
        _ => one.through_others,
    }
}

/// S2 by what came of attempts, S4 by calendar day, S5 by age.
fn of_settlement(definition: &str, one: &Settlement) -> Vec<(String, Share)> {
    match definition {
        "S2" => [AttemptState::Failed, AttemptState::Rejected, AttemptState::Returned]
            .map(|state| (state.as_str().to_owned(), one.rate(state.as_str())))
            .to_vec(),
        "S4" => one.settled_by_day.iter().map(|(day, share)| (day.to_string(), *share)).collect(),
        _ => {
            let all = one.ageing.iter().map(|age| age.open.count).sum();
            let share = |age: &Age| (age_word(age), Share { numerator: age.open.count, denominator: all });
            one.ageing.iter().map(share).collect()
        }
    }
}

fn age_word(age: &Age) -> String {
    match (age.from_days, age.to_days) {
        (None, _) => "not_due".to_owned(),
        (Some(from), Some(to)) => format!("{from}-{to}"),
        (Some(from), None) => format!("{from}+"),
    }
}

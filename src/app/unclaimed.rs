//! Cash that nobody collects: the figure S6, the people for whom it goes on for months, and the halt that follows.

use crate::app::App;
use crate::app::access::Principal;
use crate::app::cohorts::Told;
use crate::app::error::AppError;
use crate::app::queries::{Answer, Page, PaymentFilter};
use crate::domain::desk::DeskRefusal;
use crate::domain::desk::unclaimed::{is_halted, months_in_a_row};
use crate::domain::ids::{BeneficiaryId, UnitKey};
use crate::domain::payment::AttemptState;
use crate::domain::payment::event::ReasonClass;
use crate::domain::period::Month;
use crate::projections::figures::{AsOf, FigureQuery};
use crate::projections::payments::PaymentRow;
use crate::store::views::LIST_LIMIT_MAX;
use std::collections::HashMap;

pub use crate::projections::figures::unclaimed::{Unclaimed, evaluate, reads};

/// By person, the months whose cash nobody collected.
pub type Uncollected = HashMap<BeneficiaryId, Vec<Month>>;

/// S6 with the people whose cash nobody collected for so many months in a row that paying is halted.
#[derive(Debug, Clone, Default)]
pub struct UnclaimedFigures {
    pub groups: Vec<Unclaimed>,
    /// As of now only: `None` when another state of the log was asked.
    pub people_halted: Option<u64>,
}

impl App {
    /// S6 for each group asked.
    pub async fn unclaimed(
        &self,
        principal: &Principal,
        query: FigureQuery,
        min_position: Option<u64>,
    ) -> Result<Answer<UnclaimedFigures>, AppError> {
        let query = self.within_reach(principal, query)?;
        let found = self.told_figures(&query, &reads, min_position).await?;
        let is_cash = |channel: &str| self.profile.is_cashless(channel) == Some(false);
        let by = query.within_cohorts().group_by;
        let mut groups = Vec::new();
        for Told { cohort, rows } in &found.answer {
            let of = evaluate(rows, &by, is_cash).into_iter();
            groups.extend(of.map(|one| Unclaimed { key: query.whole_key(cohort, one.key.clone()), ..one }));
        }
        groups.sort_by(|a, b| a.key.cmp(&b.key));
        if groups.is_empty() && query.group_by.is_empty() {
            groups.push(Unclaimed::default());
        }
        let people_halted = match query.as_of {
            AsOf::Now => Some(self.people_halted(&query.filters.units).await?),
            AsOf::Position(_) | AsOf::Day(_) | AsOf::Instant { .. } => None,
        };
        let answer = UnclaimedFigures { groups, people_halted };
        Ok(Answer { answer, as_of_position: found.as_of_position, as_of_time_us: found.as_of_time_us })
    }

    async fn people_halted(&self, scopes: &[UnitKey]) -> Result<u64, AppError> {
        let tree = &self.profile.units;
        let below = |scope: &UnitKey| tree.subtree(scope.as_str()).into_iter().map(|unit| unit.key.clone());
        let units = (!scopes.is_empty()).then(|| scopes.iter().flat_map(below).collect());
        let people = self.uncollected(units).await?;
        let most = u32::from(self.profile.desks.unclaimed_months_max);
        Ok(people.values().filter(|months| months_in_a_row(months) >= most).count() as u64)
    }

    /// The months whose cash nobody collected, of everybody of whom there are some: read once where many people are judged. Few, because
    /// acting on one takes it away.
    pub(super) async fn uncollected(&self, units: Option<Vec<UnitKey>>) -> Result<Uncollected, AppError> {
        let states = vec![AttemptState::Failed];
        let filter = PaymentFilter { units, states, in_trouble: true, ..PaymentFilter::default() };
        let mut people = Uncollected::new();
        let mut after = 0;
        loop {
            let page = self.views.list_payments(&filter, Page { after, limit: LIST_LIMIT_MAX }).await?.answer;
            let full = page.len() == LIST_LIMIT_MAX as usize;
            after = page.last().map_or(after, |row| row.instructed_position);
            for row in page.iter().filter(|row| is_unclaimed(row)) {
                people.entry(row.beneficiary_id).or_default().extend(&row.benefit_months);
            }
            if !full {
                return Ok(people);
            }
        }
    }

    /// Why no more cash is ordered for somebody of many, if so.
    pub(super) fn halted(&self, all: &Uncollected, person: BeneficiaryId, months: &[Month]) -> Option<DeskRefusal> {
        let (unclaimed, first) = (all.get(&person)?, months.iter().min()?);
        is_halted(unclaimed, *first, self.profile.desks.unclaimed_months_max)
            .then(|| DeskRefusal::UnclaimedHalted { months: months_in_a_row(unclaimed) })
    }

    /// Refuses more cash for somebody whose cash nobody collected for too long. Lifted by acting on what was not collected: paying it
    /// anew or cancelling it takes its month out of the row.
    pub(super) async fn refuse_halted(&self, person: BeneficiaryId, months: &[Month]) -> Result<(), AppError> {
        let Some(first) = months.iter().min() else { return Ok(()) };
        let rows = self.in_trouble.ask(person).await?;
        let unclaimed: Vec<Month> =
            rows.iter().filter(|row| is_unclaimed(row)).flat_map(|row| row.benefit_months.iter().copied()).collect();
        if is_halted(&unclaimed, *first, self.profile.desks.unclaimed_months_max) {
            return Err(DeskRefusal::UnclaimedHalted { months: months_in_a_row(&unclaimed) }.into());
        }
        Ok(())
    }
}

fn is_unclaimed(row: &PaymentRow) -> bool {
    let class = row.outcome.as_ref().map(|outcome| outcome.class);
    row.state == AttemptState::Failed && class == Some(ReasonClass::Unclaimed)
}

//! Figures by sex, decade of birth or benefit month. The cube does not hold these, so that such figures are told from the rows of payments:
//! each as it stood at the position asked, from the log where it has changed since.

use crate::app::App;
use crate::app::aggregate::payment_stream;
use crate::app::error::{AppError, FieldIssue};
use crate::app::queries::{Answer, plan_error};
use crate::domain::beneficiary::event::Cohort;
use crate::domain::ids::BeneficiaryId;
use crate::domain::period::Month;
use crate::projections::Projection;
use crate::projections::fact::Fact;
use crate::projections::figures::plan::PlanError;
use crate::projections::figures::rows::FromRows;
use crate::projections::figures::{CellRow, Dimension, FigureQuery, FigureRead, Source};
use crate::projections::payments::{self, Loaded, PaymentRow};
use crate::projections::reference::Reference;
use crate::store::views::{LIST_LIMIT_MAX, Page, PaymentFilter, Snapshot};
use std::collections::HashMap;

/// How many cycles one such question reads at most.
pub const CYCLES_MAX: i32 = 24;

/// The rows that answer a question within one group of cohorts, or all of it where it asks for none.
pub(super) struct Told {
    /// Values of the cohort dimensions, in their order.
    pub(super) cohort: Vec<String>,
    pub(super) rows: Vec<CellRow>,
}

/// Plans the reads of a question.
type Plan<'p> = &'p (dyn Fn(&FigureQuery, &dyn Reference) -> Result<Vec<FigureRead>, PlanError> + Sync);

impl App {
    /// The rows that answer a question, for each group of the cohorts that it asks for.
    pub(super) async fn told_figures(
        &self,
        query: &FigureQuery,
        plan: Plan<'_>,
        min_position: Option<u64>,
    ) -> Result<Answer<Vec<Told>>, AppError> {
        let reads = plan(&query.within_cohorts(), self.profile.as_ref()).map_err(plan_error)?;
        if query.asks_cohorts() {
            return self.told_from_rows(query, &reads, min_position).await;
        }
        let found = self.read_figures(&reads, query.as_of, min_position).await?;
        let rows = found.answer.into_iter().flatten().collect();
        let answer = vec![Told { cohort: Vec::new(), rows }];
        Ok(Answer { answer, as_of_position: found.as_of_position, as_of_time_us: found.as_of_time_us })
    }

    async fn told_from_rows(
        &self,
        query: &FigureQuery,
        reads: &[FigureRead],
        min_position: Option<u64>,
    ) -> Result<Answer<Vec<Told>>, AppError> {
        let mut cycles = cycles(query).ok_or_else(|| AppError::Invalid(vec![cycles_needed()]))?;
        for read in reads {
            // Movers come from an earlier cycle.
            if let Source::Flow(before) = read.source
                && !cycles.contains(&before)
            {
                cycles.push(before);
            }
        }
        self.wait_for(Projection::Payments, min_position.max(query.as_of.position())).await?;
        let checkpoint = self.views.progress(Projection::Payments).await?.checkpoint;
        let (position, as_of_time_us) = self.as_of(query.as_of, checkpoint).await?;
        // Sex and decade are of people's rows, which another projection writes.
        self.wait_for(Projection::Beneficiaries, Some(position)).await?;
        let mut answer = FromRows::new(reads, self.profile.as_ref());
        for cycle in cycles {
            let filter = PaymentFilter { cycle: Some(cycle), ..PaymentFilter::default() };
            let mut after = 0;
            loop {
                let page = Page { after, limit: LIST_LIMIT_MAX };
                let Snapshot { answer: found, .. } = self.views.list_payments(&filter, page).await?;
                let Some(last) = found.last().map(|row| row.instructed_position) else { break };
                let is_whole = found.len() >= LIST_LIMIT_MAX as usize;
                for (cohorts, row) in self.as_it_stood(query, found, position).await? {
                    for cohort in cohorts {
                        answer.add(cohort, &row);
                    }
                }
                // Lists are in the order in which payments were ordered.
                if !is_whole || last > position {
                    break;
                }
                after = last;
            }
        }
        let told = |(cohort, rows): (Vec<String>, Vec<Vec<CellRow>>)| Told {
            cohort,
            rows: rows.into_iter().flatten().collect(),
        };
        let answer = answer.finish().into_iter().map(told).collect();
        Ok(Answer { answer, as_of_position: position, as_of_time_us })
    }

    /// Rows as they stood at a position, each with the groups of cohorts that it counts in.
    async fn as_it_stood(
        &self,
        query: &FigureQuery,
        rows: Vec<PaymentRow>,
        position: u64,
    ) -> Result<Vec<(Vec<Vec<String>>, PaymentRow)>, AppError> {
        let there = rows.into_iter().filter(|row| row.instructed_position <= position);
        let (mut standing, changed): (Vec<PaymentRow>, Vec<PaymentRow>) =
            there.partition(|row| row.last_position <= position);
        standing.extend(self.refolded(&changed, position).await?);
        let people = self.cohorts(query, &standing).await?;
        let with_cohorts = |row: PaymentRow| {
            let person = people.get(&row.beneficiary_id).copied().unwrap_or_default();
            (query.cohorts_of(person, &row.benefit_months), row)
        };
        Ok(standing.into_iter().map(with_cohorts).collect())
    }

    /// Rows that have changed since a position, as the log up to it has them.
    async fn refolded(&self, changed: &[PaymentRow], position: u64) -> Result<Vec<PaymentRow>, AppError> {
        if changed.is_empty() {
            return Ok(Vec::new());
        }
        let streams: Vec<String> = changed.iter().map(|row| payment_stream(row.payment_id)).collect();
        let events = self.store.read_streams(&streams).await?;
        let by_then = events.iter().filter(|event| event.position <= position);
        let facts = by_then.filter_map(|event| Fact::read(event.recorded()).transpose()).collect::<Result<Vec<_>, _>>();
        let mut facts = facts.map_err(|error| AppError::Internal(error.to_string()))?;
        facts.sort_unstable_by_key(|fact| fact.position);
        let folded = payments::fold(&facts, Loaded::default(), self.profile.as_ref());
        let folded = folded.map_err(|error| AppError::Internal(error.to_string()))?;
        Ok(folded.rows.into_iter().map(|(_, row)| row).collect())
    }

    /// Sex and decade of birth of whom payments are for, where they are asked for.
    async fn cohorts(
        &self,
        query: &FigureQuery,
        rows: &[PaymentRow],
    ) -> Result<HashMap<BeneficiaryId, Cohort>, AppError> {
        let by = |dimension: &Dimension| matches!(dimension, Dimension::Sex | Dimension::BirthDecade);
        let filter = query.filters.cohort;
        if filter.sex.is_none() && filter.birth_decade.is_none() && !query.group_by.iter().any(by) {
            return Ok(HashMap::new());
        }
        let mut ids: Vec<BeneficiaryId> = rows.iter().map(|row| row.beneficiary_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let found = self.views.beneficiaries(&ids).await?;
        Ok(found.into_iter().map(|person| (person.beneficiary_id, person.cohort)).collect())
    }
}

/// The cycles that a question names; `None` where it names none, or too many.
fn cycles(query: &FigureQuery) -> Option<Vec<Month>> {
    let (from, to) = query.filters.cycle_from.zip(query.filters.cycle_to)?;
    let all = (0..CYCLES_MAX).map(|months| from.plus(months)).take_while(|month| *month <= to);
    query.names_cycles(CYCLES_MAX).then(|| all.collect())
}

fn cycles_needed() -> FieldIssue {
    FieldIssue::new(
        "cycle",
        "missing",
        format!(
            "figures by sex, birth_decade or benefit_month need cycle, or cycle_from and cycle_to of at most {CYCLES_MAX} months"
        ),
        format!(
            "số liệu theo sex, birth_decade hoặc benefit_month cần cycle, hoặc cycle_from và cycle_to trong tối đa {CYCLES_MAX} tháng"
        ),
    )
}

//! First attempts (A5, S1, S3, S7), who moved between cash and account (A7), and who has a cashless method at all (A6).

use crate::app::App;
use crate::app::access::Principal;
use crate::app::cohorts::Told;
use crate::app::error::{AppError, FieldIssue};
use crate::app::matching::{IdentityGroup, IdentityQuery};
use crate::app::queries::{Answer, plan_error};
use crate::domain::ids::UnitKey;
use crate::domain::payment::state::AttemptState;
use crate::domain::period::Month;
use crate::projections::Projection;
use crate::projections::cell::Tally;
use crate::projections::figures::first;
use crate::projections::figures::flow;
use crate::projections::figures::plan;
use crate::projections::figures::{CellRow, Columns, Dimension, FigureQuery, GroupKey, Share};
use crate::projections::reference::Reference;
use std::collections::BTreeMap;

pub use crate::projections::figures::first::FirstAttempts;
pub use crate::projections::figures::flow::{FellBack, Flow, Standing};

/// How far back the cycle before is looked for.
const MONTHS_BACK: i32 = 12;

/// People by how they were paid in two cycles; why some fell back to cash, and who of those in cash has an account on file.
#[derive(Debug, Clone)]
pub struct Movers {
    /// The earlier cycle; `None` when there is none with payments, and then nobody moved.
    pub before: Option<Month>,
    pub flows: Vec<Flow>,
    /// As of now and of all people only: `None` for another state of the log and by cohorts, as are the accounts on file.
    pub fell_back: Option<BTreeMap<GroupKey, BTreeMap<FellBack, i64>>>,
    pub on_file: Option<BTreeMap<GroupKey, Share>>,
}

/// By unit or in one group: people whose payout method is cashless, of all people.
pub type Registered = Vec<(Option<UnitKey>, Share)>;

impl App {
    /// A5, S1, S3 and S7 for each group asked.
    pub async fn first_attempts(
        &self,
        principal: &Principal,
        query: FigureQuery,
        min_position: Option<u64>,
    ) -> Result<Answer<BTreeMap<GroupKey, FirstAttempts>>, AppError> {
        let query = self.within_reach(principal, query)?;
        let found = self.told_figures(&query, &first::reads, min_position).await?;
        let by = query.within_cohorts().group_by;
        let mut answer = BTreeMap::new();
        for Told { cohort, rows } in &found.answer {
            let groups = first::evaluate(rows, &by, self.profile.as_ref()).into_iter();
            answer.extend(groups.map(|(key, one)| (query.whole_key(cohort, key), one)));
        }
        if query.group_by.is_empty() {
            answer.entry(Vec::new()).or_default();
        }
        Ok(Answer { answer, as_of_position: found.as_of_position, as_of_time_us: found.as_of_time_us })
    }

    /// Who moved from an earlier cycle to the query's, by units at most. Without an earlier one, from the last before that has payments.
    pub async fn movers(
        &self,
        principal: &Principal,
        (query, before): (FigureQuery, Option<Month>),
        min_position: Option<u64>,
    ) -> Result<Answer<Movers>, AppError> {
        let query = self.within_reach(principal, query)?;
        let before = match (before, query.filters.cycle_to) {
            (Some(before), Some(cycle)) if before >= cycle => return Err(not_earlier(cycle)),
            (Some(before), _) => Some(before),
            (None, Some(cycle)) => self.cycle_before((&query, cycle), min_position).await?,
            (None, None) => None,
        };
        let Some(earlier) = before else {
            let found = self.read_figures(&[], query.as_of, min_position).await?;
            let answer = Movers { before, flows: Vec::new(), fell_back: None, on_file: None };
            return Ok(Answer { answer, as_of_position: found.as_of_position, as_of_time_us: found.as_of_time_us });
        };
        if query.asks_cohorts() {
            return self.movers_of_cohorts((&query, earlier), min_position).await;
        }
        let reads = flow::reads(&query, earlier, self.profile.as_ref()).map_err(plan_error)?;
        // Who has an account on file is of the people's rows.
        self.wait_for(Projection::Beneficiaries, min_position).await?;
        let found = self.read_figures(&reads, query.as_of, min_position).await?;
        let mut parts = found.answer.iter();
        let by = &query.group_by;
        let mut flows = parts.next().map_or_else(Vec::new, |rows| flow::evaluate(rows, by));
        if flows.is_empty() && by.is_empty() {
            flows.push(Flow::default());
        }
        let fell_back = parts.next().map(|rows| flow::fell_back(rows, by));
        let on_file = parts.next().map(|rows| flow::on_file(rows, by));
        let answer = Movers { before, flows, fell_back, on_file };
        Ok(Answer { answer, as_of_position: found.as_of_position, as_of_time_us: found.as_of_time_us })
    }

    /// The same by cohorts: the matrix alone.
    async fn movers_of_cohorts(
        &self,
        (query, earlier): (&FigureQuery, Month),
        min_position: Option<u64>,
    ) -> Result<Answer<Movers>, AppError> {
        let plan = |query: &FigureQuery, reference: &dyn Reference| {
            flow::reads(query, earlier, reference).map(|mut reads| {
                reads.truncate(1);
                reads
            })
        };
        let found = self.told_figures(query, &plan, min_position).await?;
        let by = query.within_cohorts().group_by;
        let mut flows = Vec::new();
        for Told { cohort, rows } in &found.answer {
            for mut flow in flow::evaluate(rows, &by) {
                flow.key = query.whole_key(cohort, flow.key);
                flows.push(flow);
            }
        }
        flows.sort_by(|a, b| a.key.cmp(&b.key));
        if flows.is_empty() && query.group_by.is_empty() {
            flows.push(Flow::default());
        }
        let answer = Movers { before: Some(earlier), flows, fell_back: None, on_file: None };
        Ok(Answer { answer, as_of_position: found.as_of_position, as_of_time_us: found.as_of_time_us })
    }

    /// The last cycle before one in which the same scope, which the caller may see, has a payment.
    async fn cycle_before(
        &self,
        (query, cycle): (&FigureQuery, Month),
        min_position: Option<u64>,
    ) -> Result<Option<Month>, AppError> {
        let mut by_cycle = FigureQuery { group_by: vec![Dimension::Cycle], ..query.clone() };
        by_cycle.filters.cycle_from = Some(cycle.plus(-MONTHS_BACK));
        by_cycle.filters.cycle_to = Some(cycle.plus(-1));
        let read = plan::leaves(&by_cycle, &[Tally::State], Columns::default(), self.profile.as_ref());
        let found = self.read_figures(&[read.map_err(plan_error)?], query.as_of, min_position).await?;
        let paid = |row: &CellRow| row.count > 0 && row.value != AttemptState::Cancelled.as_str();
        let cycles =
            found.answer.iter().flatten().filter(|row| paid(row)).filter_map(|row| Month::parse(&row.cycle).ok());
        Ok(cycles.max())
    }

    /// A6: people with a cashless payout method of all people, neither reported dead nor erased. Not adoption.
    pub async fn registered(
        &self,
        principal: &Principal,
        query: &IdentityQuery,
        min_position: Option<u64>,
    ) -> Result<Answer<Registered>, AppError> {
        let asked = IdentityQuery { by_channel: true, ..query.clone() };
        let found = self.identity_figures(principal, &asked, min_position).await?;
        let mut groups: BTreeMap<Option<UnitKey>, Share> = BTreeMap::new();
        if !query.by_unit {
            groups.insert(None, Share::default());
        }
        for (IdentityGroup { unit, channel }, tally) in found.answer.groups {
            let people = i64::try_from(tally.base() + tally.excluded).unwrap_or(i64::MAX);
            let share = groups.entry(unit).or_default();
            share.denominator += people;
            let channel = channel.flatten();
            if channel.is_some_and(|code| self.profile.is_cashless(code.as_str()) == Some(true)) {
                share.numerator += people;
            }
        }
        let answer = groups.into_iter().collect();
        Ok(Answer { answer, as_of_position: found.as_of_position, as_of_time_us: found.as_of_time_us })
    }
}

fn not_earlier(cycle: Month) -> AppError {
    AppError::Invalid(vec![FieldIssue::new(
        "before",
        "invalid-value",
        format!("before must be a month before the cycle {cycle}"),
        format!("before phải là tháng trước kỳ {cycle}"),
    )])
}

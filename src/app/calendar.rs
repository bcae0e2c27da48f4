//! What is late, by the calendar of each unit.

use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::AppError;
use crate::app::queries::{Answer, plan_error};
use crate::domain::period::Month;
use crate::projections::figures::late::{self, LateYardstick};
use crate::projections::figures::{CellRow, FigureQuery};
use jiff::civil::Date;

pub use crate::domain::profile::cycle::{CycleDay, DayKind, Planned, PutOff};
pub use crate::projections::figures::late::{Late, total};

impl App {
    /// Payments past their window that have no final outcome, by unit. Lateness counts to `today`.
    pub async fn late(
        &self,
        principal: &Principal,
        query: FigureQuery,
        today: Option<Date>,
        min_position: Option<u64>,
    ) -> Result<Answer<(Date, Vec<Late>)>, AppError> {
        let query = self.within_reach(principal, query)?;
        let reads = late::reads(&query, self.profile.as_ref()).map_err(plan_error)?;
        let found = self.read_figures(&reads, query.as_of, min_position).await?;
        let today = today.unwrap_or_else(|| self.day_of(query.as_of, found.as_of_time_us));
        let rows: Vec<CellRow> = found.answer.into_iter().flatten().collect();
        let profile = &self.profile;
        let last_day = |cycle: Month, channel: &str, unit: &str| profile.last_day(cycle, channel, Some(unit));
        let yardstick = LateYardstick { today, ageing_days: &profile.figures.ageing_days, last_day: &last_day };
        let answer = late::evaluate(&rows, &yardstick);
        Ok(Answer { answer: (today, answer), as_of_position: found.as_of_position, as_of_time_us: found.as_of_time_us })
    }
}

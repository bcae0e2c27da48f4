//! Who has said nothing: banks past their hour, desks whose days are not liquidated, units whose payments of a cycle nobody reports on.

use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::error::AppError;
use crate::app::lookup::out_of_reach;
use crate::app::queries::{Answer, Page};
use crate::domain::bank::{Expected, ExpectedDays};
use crate::domain::ids::{BankId, DeskId, UnitKey};
use crate::domain::period::Month;
use crate::projections::Projection;
use crate::store::views::LIST_LIMIT_MAX;
use jiff::Timestamp;
use jiff::civil::Date;

/// What is expected of a bank, and whether it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankSilence {
    pub bank: BankId,
    pub expected: Expected,
    /// Its place among what is expected of the bank.
    pub place: usize,
    /// The last day whose message should be there, and its hour; `None` before the first.
    pub due: Option<(Date, Timestamp)>,
    /// When the last message of that format came.
    pub last_us: Option<i64>,
    /// Nothing came for it.
    pub silent: bool,
}

/// A desk's last sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskSilence {
    pub desk_id: DeskId,
    pub code: String,
    pub unit_key: UnitKey,
    pub last_us: i64,
    pub liquidated_to: Option<Date>,
    /// Its last working day is over, and its book of that day not closed.
    pub silent: bool,
}

/// What a unit's payments of a cycle say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitSilence {
    pub unit_key: UnitKey,
    pub payments: u64,
    pub open: u64,
    pub last_us: i64,
    /// Payments are open whose day is over, and nothing was recorded of any on the last working day or since.
    pub silent: bool,
}

/// The map.
#[derive(Debug, Clone, Default)]
pub struct SilenceMap {
    pub banks: Vec<BankSilence>,
    pub desks: Vec<DeskSilence>,
    pub units: Vec<UnitSilence>,
}

const HOUR_US: i64 = 3_600_000_000;
/// How far back a day of messages is looked for.
const LOOK_BACK_DAYS: i32 = 40;

impl App {
    /// The map of who is silent, within the caller's reach. Banks are for whoever sees the whole log.
    pub async fn silence(
        &self,
        principal: &Principal,
        cycle: Option<Month>,
        min_position: Option<u64>,
    ) -> Result<Answer<SilenceMap>, AppError> {
        let units = match (principal.reach(Action::ReadWorklist), &principal.unit) {
            (Reach::Units, None) | (Reach::WholeLog | Reach::Everything, _) => None,
            (Reach::Units, Some(own)) => {
                let tree = &self.profile.units;
                let own = self.profile.units.reach(own.as_str());
                let below = own.iter().flat_map(|scope| tree.subtree(scope.as_str())).map(|unit| unit.key.clone());
                Some(below.collect::<Vec<_>>())
            }
            (Reach::Bank | Reach::NoUnit | Reach::Nothing, _) => return Err(out_of_reach()),
        };
        for projection in [Projection::Payments, Projection::Desks, Projection::Inbox] {
            self.wait_for(projection, min_position).await?;
        }
        let checkpoint = self.views.progress(Projection::Payments).await?.checkpoint;
        let banks = if units.is_none() { self.silent_banks().await? } else { Vec::new() };
        let desks = self.desk_silence(units.as_deref()).await?;
        let today = self.profile.business_day(self.clock.now_us());
        let units = self.unit_silence(units.as_deref(), cycle.unwrap_or_else(|| Month::of(today))).await?;
        let answer = SilenceMap { banks, desks, units };
        Ok(Answer { answer, as_of_position: checkpoint.position, as_of_time_us: checkpoint.recorded_at_us })
    }

    /// What is expected of each bank, and whether it came.
    pub async fn silent_banks(&self) -> Result<Vec<BankSilence>, AppError> {
        let late_us = i64::from(self.profile.bank_messages.late_hours_max) * HOUR_US;
        let mut all = Vec::new();
        for (bank, state) in self.registered_banks().await? {
            for (place, expected) in state.registered.iter().flat_map(|entry| &entry.expected).enumerate() {
                let last = self.views.last_bank_message(&bank, expected.format.as_deref()).await?;
                let last_us = last.map(|row| row.received_at_us);
                let dues = self.dues(expected);
                let due = dues.first().copied();
                let before = dues.get(1).map_or(i64::MIN, |(_, at)| at.as_microsecond() + late_us);
                let silent = due.is_some() && last_us.is_none_or(|last| last <= before);
                all.push(BankSilence { bank: bank.clone(), expected: expected.clone(), place, due, last_us, silent });
            }
        }
        Ok(all)
    }

    /// The last hours by which a message must have come, the latest first; two at most.
    fn dues(&self, expected: &Expected) -> Vec<(Date, Timestamp)> {
        let now = self.clock.now();
        let today = self.profile.business_day(self.clock.now_us());
        let mut dues = Vec::new();
        for back in 0..LOOK_BACK_DAYS {
            let Ok(day) = today.checked_sub(jiff::Span::new().days(back)) else { break };
            let counts = match expected.days {
                ExpectedDays::EveryDay => true,
                ExpectedDays::WorkingDays => self.profile.working_days.is_working_day(day),
            };
            let hour = self.profile.time_zone().to_timestamp(day.to_datetime(expected.by)).ok();
            if let Some(hour) = hour.filter(|hour| counts && *hour <= now) {
                dues.push((day, hour));
            }
            if dues.len() == 2 {
                break;
            }
        }
        dues
    }

    /// The last working day before today.
    fn last_working_day(&self) -> Date {
        let mut day = self.profile.business_day(self.clock.now_us());
        for _ in 0..LOOK_BACK_DAYS {
            day = day.yesterday().unwrap_or(day);
            if self.profile.working_days.is_working_day(day) {
                break;
            }
        }
        day
    }

    async fn desk_silence(&self, units: Option<&[UnitKey]>) -> Result<Vec<DeskSilence>, AppError> {
        let last_day = self.last_working_day();
        let (mut after, mut all) = (0, Vec::new());
        loop {
            let page = self.views.list_desks(units, Page { after, limit: LIST_LIMIT_MAX }).await?.answer;
            let full = page.len() == LIST_LIMIT_MAX as usize;
            after = page.last().map_or(after, |row| row.registered_position);
            let ids: Vec<DeskId> = page.iter().map(|row| row.desk_id).collect();
            let days = self.views.desk_days(&ids).await?;
            for row in page {
                // A desk that never handled cash has nothing to close.
                let unclosed = days.iter().any(|day| {
                    day.desk_id == row.desk_id && day.day <= last_day && row.liquidated_to.is_none_or(|to| to < day.day)
                });
                all.push(DeskSilence {
                    desk_id: row.desk_id,
                    code: row.code.as_str().to_owned(),
                    unit_key: row.unit_key,
                    last_us: row.updated_at_us,
                    liquidated_to: row.liquidated_to,
                    silent: unclosed,
                });
            }
            if !full {
                return Ok(all);
            }
        }
    }

    async fn unit_silence(&self, units: Option<&[UnitKey]>, cycle: Month) -> Result<Vec<UnitSilence>, AppError> {
        let last_day = self.last_working_day();
        let rows = self.views.unit_activity(cycle).await?;
        let within = |unit: &UnitKey| units.is_none_or(|units| units.contains(unit));
        let silence = rows.into_iter().filter(|row| within(&row.unit_key)).map(|row| {
            let last_day_of = self.profile.business_day(row.last_us);
            let overdue = row.first_open_due.is_some_and(|due| due <= last_day);
            UnitSilence {
                silent: overdue && last_day_of < last_day,
                unit_key: row.unit_key,
                payments: row.payments,
                open: row.open,
                last_us: row.last_us,
            }
        });
        Ok(silence.collect())
    }
}

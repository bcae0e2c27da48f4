//! What is to happen on which day: files that arrive, lists that are ordered, single acts. Worked off day by day.

use super::acts::Act;
use super::calendar::{FIRST_DAY, LAST_DAY};
use super::sheet::Sheet;
use crate::app::App;
use crate::app::error::AppError;
use crate::domain::import::ImportKind;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// All that happens on one day, in the order of the fields.
#[derive(Default)]
pub struct Day {
    /// Registrations and changes of method.
    pub people: Option<Sheet>,
    /// Results of matching with the population database.
    pub identity: Option<Sheet>,
    pub acts: Vec<Act>,
    /// The run whose list is ordered.
    pub list: Option<usize>,
    pub outcomes: Option<Sheet>,
}

/// The days to come.
#[derive(Default)]
pub struct Agenda {
    days: BTreeMap<Date, Day>,
}

impl Agenda {
    /// The day's entry; `None` beyond the demo's last day: what would happen then stays open.
    pub fn day(&mut self, date: Date) -> Option<&mut Day> {
        (FIRST_DAY..=LAST_DAY).contains(&date).then(|| self.days.entry(date).or_default())
    }

    /// A row for the day's beneficiaries file.
    pub fn person(&mut self, date: Date, row: &str) {
        if let Some(day) = self.day(date) {
            day.people.get_or_insert_with(|| Sheet::new(ImportKind::Beneficiaries)).add(row);
        }
    }

    /// A row for the day's file of results of matching.
    pub fn matched(&mut self, date: Date, row: &str) {
        if let Some(day) = self.day(date) {
            day.identity.get_or_insert_with(|| Sheet::new(ImportKind::Identity)).add(row);
        }
    }

    /// A row for the day's outcomes file.
    pub fn outcome(&mut self, date: Date, reference: &str, status: &str, reason: &str) {
        if let Some(day) = self.day(date) {
            let sheet = day.outcomes.get_or_insert_with(|| Sheet::new(ImportKind::Outcomes));
            sheet.add(&format!("{reference},{status},{date},{reason}"));
        }
    }

    /// A single act.
    pub fn act(&mut self, date: Date, act: Act) {
        if let Some(day) = self.day(date) {
            day.acts.push(act);
        }
    }

    /// The next day that has something.
    pub fn pop(&mut self) -> Option<(Date, Day)> {
        self.days.pop_first()
    }

    /// Writes what has gathered in memory to the files' spools.
    pub async fn relieve(&mut self, app: &App) -> Result<(), AppError> {
        for day in self.days.values_mut() {
            for sheet in [&mut day.people, &mut day.identity, &mut day.outcomes].into_iter().flatten() {
                sheet.relieve(app).await?;
            }
        }
        Ok(())
    }
}

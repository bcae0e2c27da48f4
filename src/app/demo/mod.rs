//! `chitra demo`: a made-up province on the real units of Quang Nam, written by the same importer and use cases as real data.
//! One size and one seed make one log, byte for byte: time, ids and chance are simulated. Only the vault's keys are truly random.

mod acts;
mod agenda;
pub mod calendar;
mod chance;
mod fates;
mod findings;
mod names;
mod people;
mod places;
mod sheet;

pub use findings::{eventful_payment, log_digest, planted};

use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::AppError;
use crate::app::imports::{ImportAnswer, ImportOrder, ImportStatus};
use crate::app::inputs::{MethodInput, RegisterInput, Route};
use crate::clock::SimulatedClock;
use crate::domain::beneficiary::event::Sex;
use crate::domain::ids::ChannelCode;
use crate::domain::import::{ImportKind, ImportMode};
use acts::{Act, CALLER, scheme};
use agenda::{Agenda, Day};
use calendar::{CYCLES, Calendar, Cycle, FIRST_DAY, LAST_DAY};
use chance::{Chance, What};
use fates::Listed;
use jiff::civil::{Date, date};
use people::{Person, Population};
use places::Places;
use sheet::Sheet;

/// After how many people what has gathered is written to the spools.
const PEOPLE_AT_A_TIME: u32 = 4_096;
/// Newcomers of a run who register at a desk, through the API, instead of on a list.
const AT_THE_DESK: u64 = 4;

/// When people are matched with the population database.
const MATCHED_ON: Date = date(2025, 5, 20);

/// Seconds after midnight at which a day's files and acts are recorded.
const PEOPLE_AT: i64 = 8 * 3_600 + 900;
const MATCHED_AT: i64 = 8 * 3_600 + 1_800;
const ACTS_AT: i64 = 9 * 3_600;
const LIST_AT: i64 = 14 * 3_600 + 1_800;
const OUTCOMES_AT: i64 = 17 * 3_600 + 2_400;
/// Seconds between two acts at most, and for all acts of a day.
const ACT_SECONDS_MAX: i64 = 240;
const ACTS_SECONDS_MAX: i64 = 5 * 3_600;

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct DemoOrder {
    pub size: u32,
    pub seed: u64,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoWritten {
    /// Position of the last event.
    pub events: u64,
    /// Rows that the importer refused: people who died but still stood on a list.
    pub refused_listed: u64,
    /// Other rows and acts that the rules refused: none, unless the demo contradicts itself.
    pub refused_others: u64,
    /// A unit after the reform in which many people live.
    pub busy_unit: String,
}

/// How far it is.
#[derive(Debug, Clone, Copy)]
pub struct DemoStage {
    pub day: Date,
    pub days_done: i64,
    pub days: i64,
}

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error(
        "the database holds {events} events already; the demo writes only to an empty one: name another with --database, or none to use a temporary one"
    )]
    NotEmpty { events: u64 },
    #[error(
        "the profile does not have the units of Quang Nam or working days in 2025; the demo needs the built-in profile"
    )]
    OtherProfile,
    #[error("the demo's file of {day} was refused: {reason}")]
    Refused { day: Date, reason: String },
    #[error(transparent)]
    App(#[from] AppError),
}

/// The clock at which a demo begins.
#[must_use]
pub fn clock(app_profile: &crate::domain::profile::Profile, seed: u64) -> SimulatedClock {
    SimulatedClock::new(app_profile.start_of_day(FIRST_DAY).as_microsecond(), seed)
}

/// Writes a province into an empty log. `clock` is the app's own.
pub async fn write(
    app: &App,
    clock: &SimulatedClock,
    order: DemoOrder,
    tell: &(dyn Fn(DemoStage) + Send + Sync),
) -> Result<DemoWritten, DemoError> {
    let head = app.store.head().await.map_err(AppError::from)?;
    if head.position > 0 {
        return Err(DemoError::NotEmpty { events: head.position });
    }
    let chance = Chance::new(order.seed);
    let places = Places::of(&app.profile, chance).ok_or(DemoError::OtherProfile)?;
    let calendar = Calendar::new(&app.profile.working_days).ok_or(DemoError::OtherProfile)?;
    let population = Population { chance, size: order.size, places, calendar };
    let mut writer = Writer { app, clock, population, agenda: Agenda::default(), refused_listed: 0, refused_others: 0 };
    writer.plan_lives().await?;
    while let Some((date, day)) = writer.agenda.pop() {
        let days = |to: Date| i64::from(crate::domain::calendar::days_between(FIRST_DAY, to));
        tell(DemoStage { day: date, days_done: days(date), days: days(LAST_DAY) });
        writer.live(date, day).await?;
    }
    app.catch_up().await?;
    app.react_to_all().await?;
    app.catch_up().await?;
    Ok(DemoWritten {
        events: app.store.head().await.map_err(AppError::from)?.position,
        refused_listed: writer.refused_listed,
        refused_others: writer.refused_others,
        busy_unit: writer.population.places.largest().to_owned(),
    })
}

struct Writer<'a> {
    app: &'a App,
    clock: &'a SimulatedClock,
    population: Population,
    agenda: Agenda,
    refused_listed: u64,
    refused_others: u64,
}

impl Writer<'_> {
    /// All that happens to people whatever is paid: registration, first account, move, death.
    async fn plan_lives(&mut self) -> Result<(), AppError> {
        for index in 0..self.population.size {
            let person = self.population.person(index);
            self.plan_registration(&person)?;
            self.plan_changes(&person);
            self.plan_matching(&person);
            if index % PEOPLE_AT_A_TIME == 0 {
                self.agenda.relieve(self.app).await?;
            }
        }
        for cycle in 0..CYCLES {
            let listed_on = self.population.calendar.cycles[cycle].listed_on;
            if let Some(day) = self.agenda.day(listed_on) {
                day.list = Some(cycle);
            }
        }
        Ok(())
    }

    fn plan_registration(&mut self, person: &Person) -> Result<(), AppError> {
        let population = &self.population;
        let cycle = &population.calendar.cycles[person.first];
        let at_the_desk = person.first > 0
            && population.chance.below(What::First, person.index, 9, u64::from(population.size / 10).max(20))
                < AT_THE_DESK;
        if at_the_desk {
            let input = self.registration(person, cycle)?;
            self.agenda.act(cycle.registered_on, Act::Register(Box::new(input)));
        } else {
            let row = self.registration_row(person, cycle);
            self.agenda.person(cycle.registered_on, &row);
        }
        Ok(())
    }

    fn registration(&self, person: &Person, cycle: &Cycle) -> Result<RegisterInput, AppError> {
        let population = &self.population;
        let chance = population.chance;
        let channel = population.channel(person, person.first);
        let channel = ChannelCode::parse(channel).map_err(|error| AppError::Internal(error.to_string()))?;
        let cashless = population.cashless(person, person.first);
        let route = Route {
            channel: Some(channel),
            bank: cashless.then(|| person.bank.to_owned()),
            account: cashless.then(|| names::account(chance, person.index, 0, person.bank)),
            ..Route::default()
        };
        Ok(RegisterInput {
            identifiers: vec![
                (scheme("beneficiary_ref")?, people::reference(person.index)),
                (scheme("personal_id")?, names::personal_id(chance, person.index, person.female, person.birth_year)),
            ],
            name: Some(names::name(chance, person.index, person.female)),
            sex: Some(if person.female { Sex::Female } else { Sex::Male }),
            birth_year: Some(person.birth_year),
            unit: population.places.code(person.place(person.first), cycle.registered_on).to_owned(),
            authorisation: None,
            method: Some(MethodInput {
                route,
                requested_on: None,
                effective_month: Some(cycle.month),
                home_ground: None,
            }),
        })
    }

    fn registration_row(&self, person: &Person, cycle: &Cycle) -> String {
        let (population, chance, index) = (&self.population, self.population.chance, person.index);
        let unit = population.places.code(person.place(person.first), cycle.registered_on);
        format!(
            "{},{},{},{},{},{},{unit},{},{},{}",
            people::reference(index),
            names::personal_id(chance, index, person.female, person.birth_year),
            names::si_number(chance, index),
            names::name(chance, index, person.female),
            if person.female { "female" } else { "male" },
            person.birth_year,
            population.channel(person, person.first),
            account_cells(population, person, person.first),
            cycle.month,
        )
    }

    /// Once, everybody who is known by then is matched with the population database: about one in a hundred is not found as recorded.
    fn plan_matching(&mut self, person: &Person) {
        let known = self.population.calendar.cycles[person.first].registered_on < MATCHED_ON;
        let heard_of = person.death.is_some_and(|death| death.reported_on <= MATCHED_ON);
        if known && !heard_of {
            let result = match self.population.chance.below(What::Matched, person.index, 0, 1_000) {
                0..4 => "mismatch,name,",
                4..6 => "mismatch,birth_date,",
                6..9 => "not_found,,",
                9..11 => "pending,,",
                11..15 => "excluded,,armed_forces",
                _ => "verified,,",
            };
            let row = format!("{},{result},population database,{MATCHED_ON}", people::reference(person.index));
            self.agenda.matched(MATCHED_ON, &row);
        }
    }

    fn plan_changes(&mut self, person: &Person) {
        let population = &self.population;
        let cycles = &population.calendar.cycles;
        let heard_of = |day: Date| person.death.is_some_and(|death| death.reported_on <= day);
        if let Some(cycle) = population.switch(person).and_then(|cycle| cycles.get(cycle)) {
            let nth = usize::try_from(population.chance.below(What::SwitchDay, person.index, 0, 4)).unwrap_or(0);
            let day = cycle.switched_on[nth];
            let has_moved = person.moves.is_some_and(|(cycle, _)| cycles[cycle].registered_on < day);
            let place = person.place(if has_moved { CYCLES } else { person.first });
            let (reference, unit) = (people::reference(person.index), population.places.code(place, day));
            let (channel, account) =
                (population.channel(person, cycle.number), account_cells(population, person, cycle.number));
            if !heard_of(day) {
                self.agenda.person(day, &format!("{reference},,,,,,{unit},{channel},{account},"));
            }
        }
        if let Some((cycle, place)) = person.moves {
            let day = cycles[cycle].registered_on;
            let unit = population.places.code(place, day).to_owned();
            if !heard_of(day) {
                self.agenda.act(day, Act::Moved { person: person.index, unit });
            }
        }
        if let Some(death) = person.death {
            self.agenda.act(death.reported_on, Act::Died { person: person.index, died_on: death.died_on });
        }
    }

    /// One day, in its order.
    async fn live(&mut self, date: Date, day: Day) -> Result<(), DemoError> {
        let Day { people, identity, acts, list, outcomes } = day;
        if let Some(sheet) = people {
            self.refused_others += self.import((date, PEOPLE_AT), sheet).await?;
        }
        if let Some(sheet) = identity {
            self.refused_others += self.import((date, MATCHED_AT), sheet).await?;
        }
        let acts_count = i64::try_from(acts.len()).unwrap_or(i64::MAX).max(1);
        let apart_us = (ACT_SECONDS_MAX * 1_000_000).min(ACTS_SECONDS_MAX * 1_000_000 / acts_count);
        for (nth, act) in (0_i64..).zip(acts) {
            self.set_clock(date, ACTS_AT, nth * apart_us);
            self.refused_others += u64::from(!acts::act(self.app, act).await?);
        }
        if let Some(cycle) = list {
            let sheet = self.list(cycle).await?;
            self.refused_listed += self.import((date, LIST_AT), sheet).await?;
        }
        if let Some(sheet) = outcomes {
            self.refused_others += self.import((date, OUTCOMES_AT), sheet).await?;
        }
        Ok(())
    }

    /// The list of a run; what becomes of its payments goes to the agenda.
    async fn list(&mut self, number: usize) -> Result<Sheet, AppError> {
        let cycle = self.population.calendar.cycles[number].clone();
        let mut sheet = Sheet::new(ImportKind::Payments);
        for index in 0..self.population.size {
            let person = self.population.person(index);
            let known_dead = person.death.is_some_and(|death| death.reported_on <= cycle.listed_on);
            // An office's list may still name someone whose death is on record: the importer must refuse that row.
            let listed = !known_dead || self.population.chance.below(What::StillListed, index, number, 100) < 6;
            if listed {
                self.list_person(&mut sheet, &person, (&cycle, known_dead));
            }
            if index % PEOPLE_AT_A_TIME == 0 {
                sheet.relieve(self.app).await?;
                self.agenda.relieve(self.app).await?;
            }
        }
        Ok(sheet)
    }

    fn list_person(&mut self, sheet: &mut Sheet, person: &Person, (cycle, known_dead): (&Cycle, bool)) {
        let population = &self.population;
        let unit = population.places.code(person.place(cycle.number), cycle.begins_on);
        let channel = population.channel(person, cycle.number);
        let whom = people::reference(person.index);
        for (nth, entitlement) in population.entitlements(person, cycle).enumerate() {
            let reference = format!("{}-{:07}-{}", cycle.month, person.index, nth + 1);
            let months = if entitlement.monthly { cycle.benefit_months() } else { vec![cycle.month] };
            let amount = entitlement.amount * months.len() as u64;
            let months: Vec<String> = months.iter().map(ToString::to_string).collect();
            let (benefit, months, month) = (entitlement.benefit_type, months.join(" "), cycle.month);
            sheet.add(&format!("{reference},{whom},{benefit},{months},{month},{amount},{unit}"));
            if !known_dead {
                let listed = Listed { person, cycle, entitlement, nth, reference: &reference, channel };
                population.lead(&mut self.agenda, &listed);
            }
        }
    }

    /// Imports a file as an office would; answers how many rows were refused.
    async fn import(&self, (date, at): (Date, i64), sheet: Sheet) -> Result<u64, DemoError> {
        self.set_clock(date, at, 0);
        let order = ImportOrder {
            principal: Principal::local(CALLER),
            kind: sheet.kind,
            mode: ImportMode::ValidRows,
            dry_run: false,
            control_count: None,
            control_sum_minor: None,
            request: None,
        };
        let source = sheet.finish(self.app).await?;
        let answer = self.app.import(&order, &source, &|_| {}).await?;
        let refused = |reason: String| DemoError::Refused { day: date, reason };
        match answer {
            ImportAnswer::Report(report) if report.status == ImportStatus::Completed => {
                for issue in report.issues.iter().take(3) {
                    tracing::debug!(day = %date, row = issue.row, code = issue.code, "the importer refuses a row of the demo");
                }
                Ok(report.refused_rows)
            }
            ImportAnswer::Report(report) => {
                let first = report.issues.first().map(|issue| format!("row {}: {}", issue.row, issue.message));
                Err(refused(first.unwrap_or_else(|| "no row is good".to_owned())))
            }
            ImportAnswer::Replayed(..) => Err(refused("the same file was there before".to_owned())),
        }
    }

    fn set_clock(&self, date: Date, seconds: i64, microseconds: i64) {
        self.clock.set_us(self.app.profile.start_of_day(date).as_microsecond() + seconds * 1_000_000 + microseconds);
    }
}

/// The cells of bank and account, empty for cash.
fn account_cells(population: &Population, person: &Person, cycle: usize) -> String {
    if population.cashless(person, cycle) {
        format!("{},{}", person.bank, names::account(population.chance, person.index, 0, person.bank))
    } else {
        ",".to_owned()
    }
}

//! Questions to the projections: figures and lists, within the caller's reach, at a stated position.

use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::cohorts::Told;
use crate::app::error::{AppError, FieldIssue};
use crate::app::lookup::{out_of_reach, unknown};
use crate::domain::ids::{BankId, EndToEndId, PaymentId, UnitKey};
use crate::domain::place::{Unit, UnitBasis};
use crate::projections::figures::adoption::{self, Adoption};
use crate::projections::figures::plan::PlanError;
use crate::projections::figures::settlement::{self, Settlement, Yardstick};
use crate::projections::figures::{AsOf, CellRow, Dimension, FigureQuery, FigureRead};
use crate::projections::{Checkpoint, Projection};
use crate::store::views::Snapshot;
use jiff::civil::Date;

/// What lists of payments are asked and answered in, for the doors.
pub use crate::projections::payments::PaymentRow;
pub use crate::store::views::{Page, PaymentFilter};

/// An answer with the state of the log that it is of.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    pub answer: T,
    /// Position of the last event that the answer contains.
    pub as_of_position: u64,
    /// When that event was recorded.
    pub as_of_time_us: i64,
}

/// A page of payments and where the next one begins.
#[derive(Debug, Clone)]
pub struct PaymentPage {
    pub payments: Vec<PaymentRow>,
    /// `None` when this page is the last.
    pub next_after: Option<u64>,
}

impl App {
    /// A1, A2, A3 and C1 for each group asked.
    pub async fn adoption(
        &self,
        principal: &Principal,
        query: FigureQuery,
        min_position: Option<u64>,
    ) -> Result<Answer<Vec<Adoption>>, AppError> {
        if self.reads_published(principal) {
            let query = self.within_units(principal, query)?;
            return self.published_adoption(query, min_position).await;
        }
        self.adoption_of(&self.within_reach(principal, query)?, min_position).await
    }

    /// The same for a question within the caller's reach.
    pub(super) async fn adoption_of(
        &self,
        query: &FigureQuery,
        min_position: Option<u64>,
    ) -> Result<Answer<Vec<Adoption>>, AppError> {
        let found = self.told_figures(query, &adoption::reads, min_position).await?;
        let by = query.within_cohorts().group_by;
        let mut answer = Vec::new();
        for Told { cohort, rows } in &found.answer {
            let groups = adoption::evaluate(rows, &by, self.profile.as_ref()).into_iter();
            answer.extend(groups.map(|one| Adoption { key: query.whole_key(cohort, one.key.clone()), ..one }));
        }
        answer.sort_by(|a, b| a.key.cmp(&b.key));
        if answer.is_empty() && query.group_by.is_empty() {
            answer.push(Adoption::default());
        }
        Ok(Answer { answer, as_of_position: found.as_of_position, as_of_time_us: found.as_of_time_us })
    }

    /// Funnel, ageing, timeliness and reasons for each group asked. Ageing counts to `today`.
    pub async fn settlement(
        &self,
        principal: &Principal,
        query: FigureQuery,
        today: Option<Date>,
        min_position: Option<u64>,
    ) -> Result<Answer<(Date, Vec<Settlement>)>, AppError> {
        let query = self.within_reach(principal, query)?;
        let found = self.told_figures(&query, &settlement::reads, min_position).await?;
        let by = query.within_cohorts().group_by;
        let today = today.unwrap_or_else(|| self.day_of(query.as_of, found.as_of_time_us));
        let figures = &self.profile.figures;
        let yardstick = Yardstick {
            today,
            ageing_days: figures.ageing_days.clone(),
            timeliness_days: figures.timeliness_days.clone(),
        };
        let mut answer = Vec::new();
        for Told { cohort, rows } in &found.answer {
            let groups = settlement::evaluate(rows, &by, &yardstick).into_iter();
            answer.extend(groups.map(|one| Settlement { key: query.whole_key(cohort, one.key.clone()), ..one }));
        }
        answer.sort_by(|a, b| a.key.cmp(&b.key));
        if answer.is_empty() && query.group_by.is_empty() {
            answer.push(Settlement::default());
        }
        Ok(Answer { answer: (today, answer), as_of_position: found.as_of_position, as_of_time_us: found.as_of_time_us })
    }

    /// The business day that ageing is counted to when nobody names one.
    pub(super) fn day_of(&self, as_of: AsOf, as_of_time_us: i64) -> Date {
        match as_of {
            AsOf::Day(day) => day,
            AsOf::Instant { at_us, .. } => self.profile.business_day(at_us),
            AsOf::Position(_) => self.profile.business_day(as_of_time_us),
            AsOf::Now => self.profile.business_day(self.clock.now_us()),
        }
    }

    /// The basis that a word names: `as_paid`, `current` (as of the day of the state asked) or `historical_<level>`.
    pub async fn unit_basis(&self, word: &str, as_of: AsOf) -> Result<Option<UnitBasis>, AppError> {
        Ok(match word.strip_prefix("historical_") {
            Some(level) => self.profile.level(level).map(|level| UnitBasis::Historical(level.code.clone())),
            None if word == "as_paid" => Some(UnitBasis::AsPaid),
            None if word == "current" => {
                let at = self.recorded_at(as_of.position().unwrap_or(0)).await?;
                Some(UnitBasis::Current(self.day_of(as_of, at.unwrap_or_else(|| self.clock.now_us()))))
            }
            None => None,
        })
    }

    /// Whether anything is told by a unit, or by one below it, on a basis.
    #[must_use]
    pub fn is_of_basis(&self, unit: &UnitKey, basis: &UnitBasis) -> bool {
        let units = &self.profile.units;
        let below = |place: &Unit| units.is_under(place.key.as_str(), unit.as_str());
        units.iter().any(|one| units.places(one.key.as_str(), basis).into_iter().any(below))
    }

    /// Reads figures once the projection is far enough, and says which state of the log the answer is of.
    pub(super) async fn read_figures(
        &self,
        reads: &[FigureRead],
        as_of: AsOf,
        min_position: Option<u64>,
    ) -> Result<Answer<Vec<Vec<CellRow>>>, AppError> {
        let asked = min_position.max(as_of.position());
        self.wait_for(Projection::Payments, asked).await?;
        let Snapshot { checkpoint, answer } = self.views.figures(reads).await?;
        let (as_of_position, as_of_time_us) = self.as_of(as_of, checkpoint).await?;
        Ok(Answer { answer, as_of_position, as_of_time_us })
    }

    /// The position and time that an `as_of` names.
    pub(super) async fn as_of(&self, as_of: AsOf, checkpoint: Checkpoint) -> Result<(u64, i64), AppError> {
        let position = match as_of {
            AsOf::Now => return Ok((checkpoint.position, checkpoint.recorded_at_us)),
            AsOf::Position(position) | AsOf::Instant { position, .. } => position.min(checkpoint.position),
            AsOf::Day(day) => {
                let by_then = |recorded_us| self.profile.business_day(recorded_us) <= day;
                self.last_position_until(checkpoint.position, by_then).await?
            }
        };
        let at = self.recorded_at(position).await?;
        Ok((position, at.unwrap_or(0)))
    }

    pub(super) async fn recorded_at(&self, position: u64) -> Result<Option<i64>, AppError> {
        use crate::store::Direction::Forwards;
        if position == 0 {
            return Ok(None);
        }
        let found = self.store.read_all(Some(position - 1), Forwards, 1).await?;
        Ok(found.first().map(|event| event.recorded_at_us))
    }

    /// The last position recorded by some time. Times never decrease along the log: a search by halves.
    pub(super) async fn last_position_until(&self, head: u64, by_then: impl Fn(i64) -> bool) -> Result<u64, AppError> {
        let (mut low, mut high) = (0, head);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            let at = self.recorded_at(middle).await?.unwrap_or(i64::MAX);
            if by_then(at) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        Ok(low)
    }

    /// Waits until a projection includes a position; refuses one that the log does not have.
    pub async fn wait_for(&self, projection: Projection, position: Option<u64>) -> Result<(), AppError> {
        let Some(asked) = position else {
            // Nothing to wait for; but a projection that stopped must not serve old figures as if they were new.
            return self.progress.wait_for(projection.name(), 0).await.map(|_| ());
        };
        let head = self.store.head().await?.position;
        if asked > head {
            return Err(AppError::BeyondHead { head, asked });
        }
        self.progress.wait_for(projection.name(), asked).await.map(|_| ())
    }

    /// Narrows a question to the caller's units, for figures that are not published: who reads those only is refused.
    pub(super) fn within_reach(&self, principal: &Principal, query: FigureQuery) -> Result<FigureQuery, AppError> {
        if self.reads_published(principal) {
            return Err(published_only());
        }
        self.within_units(principal, query)
    }

    /// Narrows a question to the caller's units.
    pub(super) fn within_units(&self, principal: &Principal, mut query: FigureQuery) -> Result<FigureQuery, AppError> {
        match (principal.reach(Action::ReadFigures), &principal.unit) {
            // What lay in the key's unit once may be others' by now.
            (Reach::Units, Some(_)) if matches!(query.filters.basis, UnitBasis::Historical(_)) => Err(out_of_reach()),
            (Reach::Units, Some(own)) => {
                if query.filters.units.is_empty() {
                    query.filters.units = self.profile.units.reach(own.as_str());
                    // A unit that the profile does not have reaches nothing; no filter at all would be everything.
                    if query.filters.units.is_empty() {
                        return Err(out_of_reach());
                    }
                }
                for unit in &query.filters.units {
                    self.check_reach(principal, Action::ReadFigures, unit.as_str(), None)?;
                }
                Ok(query)
            }
            (Reach::Units | Reach::Everything | Reach::WholeLog, _) => Ok(query),
            (Reach::Nothing | Reach::Bank | Reach::NoUnit, _) => Err(out_of_reach()),
        }
    }

    /// A page of payments within the caller's reach.
    pub async fn list_payments(
        &self,
        principal: &Principal,
        (scope, mut filter): (Option<UnitKey>, PaymentFilter),
        page: Page,
        min_position: Option<u64>,
    ) -> Result<Answer<PaymentPage>, AppError> {
        let scopes = match (scope, principal.reach(Action::ReadPayment), &principal.unit) {
            (Some(unit), _, _) => {
                let bank = principal.bank.as_ref();
                self.check_reach(principal, Action::ReadPayment, unit.as_str(), bank)?;
                Some(vec![unit])
            }
            (None, Reach::Units, Some(own)) => Some(self.profile.units.reach(own.as_str())),
            (None, _, _) => None,
        };
        if principal.reach(Action::ReadPayment) == Reach::Bank {
            filter.banks = own_bank(principal, &filter.banks)?;
        }
        filter.units = scopes.map(|scopes| {
            let units = &self.profile.units;
            scopes.iter().flat_map(|scope| units.subtree(scope.as_str())).map(|unit| unit.key.clone()).collect()
        });
        self.wait_for(Projection::Payments, min_position).await?;
        let Snapshot { checkpoint, answer: payments } = self.views.list_payments(&filter, page).await?;
        let full = payments.len() >= page.limit as usize;
        let next_after = payments.last().filter(|_| full).map(|row| row.instructed_position);
        let answer = PaymentPage { payments, next_after };
        Ok(Answer { answer, as_of_position: checkpoint.position, as_of_time_us: checkpoint.recorded_at_us })
    }

    /// The payment that an end-to-end id names, within the caller's reach.
    pub async fn payment_by_end_to_end_id(
        &self,
        principal: &Principal,
        id: &EndToEndId,
        min_position: Option<u64>,
    ) -> Result<Answer<PaymentPage>, AppError> {
        self.wait_for(Projection::Payments, min_position).await?;
        let checkpoint = self.views.progress(Projection::Payments).await?.checkpoint;
        let found = self.views.attempts_by_end_to_end_id(std::slice::from_ref(id)).await?;
        let found: Vec<PaymentId> = found.into_iter().map(|attempt| attempt.payment_id).collect();
        let mut payments = Vec::new();
        for row in self.views.payments(&found).await? {
            self.check_reach(principal, Action::ReadPayment, row.unit_key.as_str(), row.provider.bank.as_ref())?;
            payments.push(row);
        }
        let answer = PaymentPage { payments, next_after: None };
        Ok(Answer { answer, as_of_position: checkpoint.position, as_of_time_us: checkpoint.recorded_at_us })
    }

    /// The scope that a text names: a unit key, or a code that names one unit in force on a day, or one unit at all.
    pub fn scope(&self, text: &str, on: Date) -> Result<UnitKey, FieldIssue> {
        let units = &self.profile.units;
        if let Some(unit) = units.get(text) {
            return Ok(unit.key.clone());
        }
        match units.in_force(text, None, on).as_slice() {
            [unit] => Ok(unit.key.clone()),
            [] => match units.iter().filter(|unit| unit.code == text).collect::<Vec<_>>().as_slice() {
                [unit] => Ok(unit.key.clone()),
                [] => Err(unknown("unit")),
                several => Err(ambiguous(text, &several.iter().map(|unit| unit.key.as_str()).collect::<Vec<_>>())),
            },
            several => Err(ambiguous(text, &several.iter().map(|unit| unit.key.as_str()).collect::<Vec<_>>())),
        }
    }

    /// The level of a `unit_level:<level>` dimension, if the profile has it.
    #[must_use]
    pub fn unit_level(&self, text: &str) -> Option<Dimension> {
        self.profile.level(text).map(|level| Dimension::UnitLevel(level.code.clone()))
    }
}

/// Readers of published figures do not see this one.
pub(super) const fn published_only() -> AppError {
    AppError::Forbidden {
        code: "published-figures-only",
        message: "your key's role reads published figures, GET /v1/adoption and GET /v1/outcomes by cycle; this one shows small numbers",
    }
}

fn own_bank(principal: &Principal, asked: &[BankId]) -> Result<Vec<BankId>, AppError> {
    let own = principal.bank.clone().ok_or_else(out_of_reach)?;
    if asked.iter().any(|bank| *bank != own) {
        return Err(out_of_reach());
    }
    Ok(vec![own])
}

fn ambiguous(text: &str, keys: &[&str]) -> FieldIssue {
    let keys = keys.join(", ");
    FieldIssue::new(
        "unit",
        "unit-ambiguous",
        format!("{text} names several units: {keys}; send one of these keys"),
        format!("{text} trùng nhiều đơn vị: {keys}; hãy gửi một trong các khóa này"),
    )
}

#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
pub(super) fn plan_error(error: PlanError) -> AppError {
    let field = match error {
        PlanError::RepeatedDimension(_) => "group_by",
        PlanError::UnknownUnit(_) => "unit",
    };
    let vi = "cách nhóm hoặc đơn vị không hợp lệ";
    AppError::Invalid(vec![FieldIssue::new(field, "invalid-value", error.to_string(), vi)])
}

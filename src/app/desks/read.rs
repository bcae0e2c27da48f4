//! Desks as they stand, and their liquidation by day.

use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::aggregate::desk_stream;
use crate::app::error::AppError;
use crate::app::queries::{Answer, Page};
use crate::domain::desk::{Desk, Ledger, LedgerLine, RegisteredDesk};
use crate::domain::ids::{DeskId, UnitKey};
use crate::projections::Projection;
use crate::projections::desks::{DeskRow, DeskRows};
use jiff::civil::Date;

/// A desk straight from its stream.
#[derive(Debug, Clone)]
pub struct DeskView {
    pub desk: RegisteredDesk,
    pub revision: u64,
    pub position: u64,
    pub as_of_position: u64,
    pub today: Date,
}

/// A desk with its cash book, from the projection.
#[derive(Debug, Clone)]
pub struct DeskBook {
    pub row: DeskRow,
    pub ledger: Ledger,
}

/// One desk on one day.
#[derive(Debug, Clone)]
pub struct OpenDay {
    pub row: DeskRow,
    pub line: LedgerLine,
}

impl App {
    /// One desk.
    pub async fn read_desk(&self, principal: &Principal, id: DeskId) -> Result<DeskView, AppError> {
        let head = self.store.head().await?;
        let (state, last) = self.load::<Desk>(&desk_stream(id)).await?.ok_or(AppError::NotFound("desk"))?;
        let desk = self.own_desk(principal, Action::ReadDesk, &state)?.clone();
        let (revision, position) = (last.revision, last.position);
        let today = self.profile.business_day(self.clock.now_us());
        Ok(DeskView { desk, revision, position, as_of_position: head.position.max(position), today })
    }

    /// A page of desks with their books, within the caller's reach.
    pub async fn list_desks(
        &self,
        principal: &Principal,
        unit: Option<UnitKey>,
        page: Page,
        min_position: Option<u64>,
    ) -> Result<Answer<Vec<DeskBook>>, AppError> {
        let units = self.desk_units(principal, unit)?;
        self.wait_for(Projection::Desks, min_position).await?;
        let found = self.views.list_desks(units.as_deref(), page).await?;
        let answer = self.books(found.answer).await?;
        Ok(Answer { answer, as_of_position: found.checkpoint.position, as_of_time_us: found.checkpoint.recorded_at_us })
    }

    /// One desk's liquidation by day.
    pub async fn desk_days(
        &self,
        principal: &Principal,
        id: DeskId,
        (from, to): (Option<Date>, Option<Date>),
        min_position: Option<u64>,
    ) -> Result<Answer<(DeskRow, Vec<LedgerLine>)>, AppError> {
        self.wait_for(Projection::Desks, min_position).await?;
        let checkpoint = self.views.progress(Projection::Desks).await?.checkpoint;
        let row = self.views.desks(&[id]).await?.pop().ok_or(AppError::NotFound("desk"))?;
        self.check_reach(principal, Action::ReadDesk, row.unit_key.as_str(), None)?;
        let book = self.books(vec![row]).await?.pop();
        let book = book.ok_or_else(|| AppError::Internal("a desk without its book".to_owned()))?;
        let lines = book.ledger.lines(from, to);
        let answer = (book.row, lines);
        Ok(Answer { answer, as_of_position: checkpoint.position, as_of_time_us: checkpoint.recorded_at_us })
    }

    /// Every desk in scope on one day: what it was handed, what it paid and gave back, what it still holds and since when.
    pub async fn liquidation(
        &self,
        principal: &Principal,
        (unit, day): (Option<UnitKey>, Option<Date>),
        min_position: Option<u64>,
    ) -> Result<Answer<(Date, Vec<OpenDay>)>, AppError> {
        let units = self.desk_units(principal, unit)?;
        let day = day.unwrap_or_else(|| self.profile.business_day(self.clock.now_us()));
        self.wait_for(Projection::Desks, min_position).await?;
        let (mut days, mut after, mut as_of) = (Vec::new(), 0, None);
        loop {
            let page = self.views.list_desks(units.as_deref(), Page { after, limit: 1_000 }).await?;
            let checkpoint = *as_of.get_or_insert(page.checkpoint);
            let full = page.answer.len() == 1_000;
            after = page.answer.last().map_or(after, |row| row.registered_position);
            for DeskBook { row, ledger } in self.books(page.answer).await? {
                days.push(OpenDay { row, line: ledger.line(day) });
            }
            if !full {
                let (as_of_position, as_of_time_us) = (checkpoint.position, checkpoint.recorded_at_us);
                return Ok(Answer { answer: (day, days), as_of_position, as_of_time_us });
            }
        }
    }

    /// Desks with their cash books.
    pub(in crate::app) async fn books(&self, desks: Vec<DeskRow>) -> Result<Vec<DeskBook>, AppError> {
        let ids: Vec<DeskId> = desks.iter().map(|row| row.desk_id).collect();
        let rows = DeskRows { desks: Vec::new(), days: self.views.desk_days(&ids).await? };
        let mut ledgers = rows.ledgers();
        let book = |row: DeskRow| DeskBook { ledger: ledgers.remove(&row.desk_id).unwrap_or_default(), row };
        Ok(desks.into_iter().map(book).collect())
    }

    /// The units whose desks the caller may see.
    fn desk_units(&self, principal: &Principal, unit: Option<UnitKey>) -> Result<Option<Vec<UnitKey>>, AppError> {
        let scopes = match (unit, principal.reach(Action::ReadDesk), &principal.unit) {
            (Some(unit), _, _) => {
                self.check_reach(principal, Action::ReadDesk, unit.as_str(), None)?;
                vec![unit]
            }
            (None, Reach::Units, Some(own)) => self.profile.units.reach(own.as_str()),
            (None, _, _) => return Ok(None),
        };
        let units = &self.profile.units;
        let below = scopes.iter().flat_map(|scope| units.subtree(scope.as_str()));
        Ok(Some(below.map(|unit| unit.key.clone()).collect()))
    }
}

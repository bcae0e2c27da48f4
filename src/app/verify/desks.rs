//! Conservation of cash: each desk's book as its events tell it, against what was liquidated, what the projection holds, and the payments.

use super::report::{Check, Finding, Findings};
use crate::app::App;
use crate::app::aggregate::{decode_own, desk_stream};
use crate::app::error::AppError;
use crate::app::queries::Page;
use crate::domain::desk::event::{CashPaid, DeskDayLiquidated};
use crate::domain::desk::{Desk, DeskEvent, Ledger};
use crate::domain::payment::AttemptState;
use crate::projections::desks::{DeskRow, DeskRows};
use std::collections::HashMap;

impl App {
    /// Checks every desk that the projection knows.
    pub(super) async fn check_desks(&self, findings: &mut Findings) -> Result<(), AppError> {
        let mut after = 0;
        loop {
            let page = self.views.list_desks(None, Page { after, limit: 1_000 }).await?.answer;
            let full = page.len() == 1_000;
            after = page.last().map_or(after, |row| row.registered_position);
            for row in page {
                self.check_desk(&row, findings).await?;
            }
            if !full {
                return Ok(());
            }
        }
    }

    async fn check_desk(&self, row: &DeskRow, findings: &mut Findings) -> Result<(), AppError> {
        let stream = desk_stream(row.desk_id);
        let mut tell = |message: String| findings.add(Finding::in_stream(Check::Money, &stream, message));
        let days = self.views.desk_days(&[row.desk_id]).await?;
        let Some(again) = self.views.desks(&[row.desk_id]).await?.pop() else { return Ok(()) };
        if again.revision != row.revision {
            // The desk is at work: its rows are read at two moments, and the next check sees them at rest.
            return Ok(());
        }
        let (mut desk, mut paid) = (Desk::default(), Vec::new());
        for event in self.read_whole_stream(&stream).await?.iter().filter(|event| event.revision <= row.revision) {
            let Ok(read) = decode_own::<Desk>(event) else { return Ok(()) };
            if let (DeskEvent::Liquidated(closed), Some(desk)) = (&read, &desk.registered)
                && let Some(problem) = differs(&desk.ledger, closed)
            {
                tell(problem);
            }
            if let DeskEvent::Paid(entry) = &read {
                paid.push(entry.clone());
            }
            desk.evolve(&read);
        }
        let book = desk.registered.map(|desk| desk.ledger).unwrap_or_default();
        for line in book.lines(None, None).iter().filter(|line| line.held < 0) {
            tell(format!("on {} the desk paid {} minor units more than it was handed", line.day, -line.held));
        }
        let rows = DeskRows { desks: Vec::new(), days }.ledgers().remove(&row.desk_id).unwrap_or_default();
        if rows != book {
            tell("the projection's cash book is not that of the desk's events".to_owned());
        }
        self.check_paid(&paid, &mut tell).await
    }

    /// Each payment in the book is settled by its own record.
    async fn check_paid(&self, paid: &[CashPaid], tell: &mut impl FnMut(String)) -> Result<(), AppError> {
        for some in paid.chunks(1_000) {
            let ids: Vec<_> = some.iter().map(|entry| entry.payment_id).collect();
            let rows = self.views.payments(&ids).await?;
            let rows: HashMap<_, _> = rows.into_iter().map(|row| (row.payment_id, row)).collect();
            for entry in some {
                let known = rows.get(&entry.payment_id);
                let settled = known.is_some_and(|row| {
                    row.attempt > entry.attempt
                        || (row.attempt == entry.attempt
                            && matches!(row.state, AttemptState::Settled | AttemptState::Returned))
                });
                if !settled {
                    tell(format!(
                        "the desk paid {} on {}, but the payment is not settled",
                        entry.payment_id, entry.day
                    ));
                }
            }
        }
        Ok(())
    }
}

fn differs(book: &Ledger, closed: &DeskDayLiquidated) -> Option<String> {
    let line = book.line(closed.day);
    let told =
        (closed.opening.minor, closed.advanced.minor, closed.paid.minor, closed.handed_back.minor, closed.held.minor);
    let found = (line.opening, line.cash.advanced, line.cash.paid, line.cash.handed_back, line.held);
    (told != found).then(|| format!("the liquidation of {} does not say what the day's events do", closed.day))
}

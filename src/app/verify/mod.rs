//! Checks a whole log against itself, against the figures and against the claims, beside a running server. Changes nothing.
//!
//! Two walks, each in pages, so that memory does not grow with the log: by position for what is signed, by stream for what is folded.

mod claims;
mod desks;
mod inbox;
mod lists;
mod log;
mod money;
mod recoveries;
pub mod replay;
mod report;
mod streams;
mod tree;

pub use money::{CurrencyTotals, Statuses};
pub use report::{Check, Finding, Findings, Verification};
pub use tree::Given;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::oversight::reactions::REACTIONS;
use crate::projections::Projection;
use crate::store::Direction;
use claims::ClaimCheck;
use lists::ListCheck;
use log::LogWalk;
use money::MoneyCheck;
use streams::StreamWalk;
use tree::TreeCheck;

/// Told how many events are done, of how many, from time to time.
pub type Tell<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

/// Walks over the log that [`App::verify`] makes when all is well.
const WALKS: u64 = 2;

impl App {
    /// Checks everything up to the log's head as it is now.
    pub async fn verify(&self, tell: Tell<'_>) -> Result<Verification, AppError> {
        self.verify_against(Vec::new(), tell).await
    }

    /// The same, and against checkpoints that were kept elsewhere: who can change the database can change those in it too.
    pub async fn verify_against(&self, given: Vec<Given>, tell: Tell<'_>) -> Result<Verification, AppError> {
        // Claims and figures first, each with the position that it is of: events do not change, so that they are folded to there.
        let (claims_head, stored) = self.store.claim_sums().await?;
        let reacted = self.views.marked(REACTIONS).await?.position;
        let mut money = MoneyCheck::new(self.state_figures().await?, reacted);
        let mut claims = ClaimCheck::new(claims_head.position, stored);
        let head = self.store.head().await?;
        let (mut findings, mut lists) = (Findings::default(), ListCheck::default());

        let walk = LogWalk::new(self, head, TreeCheck::new(self, given).await?);
        let seen = walk.run(&mut findings, &|done| tell(done, WALKS * head.position)).await?;
        let checkpoints = seen.tree.finish(self, &mut findings).await?;
        self.check_end(&mut findings).await?;
        let mut by_stream = StreamWalk::new(self, head.position);
        let second = |done| tell(head.position + done, WALKS * head.position);
        let whole = by_stream.run((&mut claims, &mut money, &mut lists), &mut findings, &second).await?;
        let streams = by_stream.streams();
        let figures_position = money.position();
        let claims_count = claims.stored_count();
        let money = if whole { money.finish(&mut findings) } else { money.totals() };
        if whole && claims.differs() {
            self.name_claims(&mut claims, head.position, &mut findings).await?;
        }
        self.check_projections(&mut findings).await?;
        self.check_desks(&mut findings).await?;
        self.check_inbox(&mut findings).await?;
        let (events, log_digest) = (seen.events, seen.digest);
        let claims = claims_count;
        Ok(Verification { head, events, streams, log_digest, money, figures_position, claims, checkpoints, findings })
    }

    /// Recomputes the claims alone. Answers how many are stored.
    pub async fn verify_claims(&self, findings: &mut Findings, tell: Tell<'_>) -> Result<u64, AppError> {
        let (head, stored) = self.store.claim_sums().await?;
        let mut claims = ClaimCheck::new(head.position, stored);
        let mut money = MoneyCheck::without_figures();
        let mut walk = StreamWalk::new(self, head.position);
        // What the walk finds beside is the other check's to tell.
        let mut beside = Findings::default();
        let whole = walk
            .run((&mut claims, &mut money, &mut ListCheck::default()), &mut beside, &|done| tell(done, head.position))
            .await?;
        findings.take(Check::Claims, &beside);
        if !whole {
            findings.add(Finding::of(
                Check::Claims,
                "the log cannot be read through; `chitra verify` says where".to_owned(),
            ));
        } else if claims.differs() {
            self.name_claims(&mut claims, head.position, findings).await?;
        }
        Ok(claims.stored_count())
    }

    /// A second walk that looks each derived claim up, to say which one differs.
    async fn name_claims(&self, claims: &mut ClaimCheck, head: u64, findings: &mut Findings) -> Result<(), AppError> {
        claims.tell_sums(findings);
        claims.look_up_from_now_on();
        let (mut no_money, mut known_already) = (MoneyCheck::without_figures(), Findings::default());
        let mut no_lists = ListCheck::default();
        StreamWalk::new(self, head).run((claims, &mut no_money, &mut no_lists), &mut known_already, &|_| {}).await?;
        findings.take(Check::Claims, &known_already);
        Ok(())
    }

    /// No event stands beyond the head. Both are committed together, so that a head read later is never behind.
    async fn check_end(&self, findings: &mut Findings) -> Result<(), AppError> {
        let Ok(last) = self.store.read_all(None, Direction::Backwards, 1).await else { return Ok(()) };
        let head = self.store.head().await?;
        if let Some(event) = last.first().filter(|event| event.position > head.position) {
            let message = format!("the event stands beyond the log's head, which is {}", head.position);
            findings.add(Finding::at(Check::Positions, event, message));
        }
        Ok(())
    }

    /// A stopped projection is no longer what the log says.
    async fn check_projections(&self, findings: &mut Findings) -> Result<(), AppError> {
        for projection in Projection::ALL {
            if let Some((position, reason)) = self.views.progress(projection).await?.error {
                let message = format!("the projection {} stopped here: {reason}", projection.name());
                findings.add(Finding { position: Some(position), ..Finding::of(Check::Money, message) });
            }
        }
        Ok(())
    }
}

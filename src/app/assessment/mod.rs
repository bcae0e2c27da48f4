//! The assessment: how far cashless payment has come in one cycle, put together from the figures, all of one position of the log. What a
//! steering group asks for: rates against targets, ranking, funnel, reasons with who acts, completeness, data quality, what changed.

mod gather;
pub mod kept;
pub mod mapped;
mod moves;
pub mod overview;
pub mod page;
pub mod picture;
pub mod rows;
mod sheet;

use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::AppError;
use crate::app::matching::IdentityTally;
use crate::app::movers::{FirstAttempts, Flow};
use crate::app::queries::published_only;
use crate::app::targets::TargetLine;
use crate::domain::ids::{BenefitGroup, UnitKey};
use crate::domain::period::Month;
use crate::domain::place::UnitBasis;
use crate::projections::figures::adoption::Adoption;
use crate::projections::figures::settlement::{ReasonKey, Settlement};
use crate::projections::figures::{AsOf, Filters, Share, Sum};
use crate::projections::{Checkpoint, Projection};
use gather::Work;
use jiff::civil::Date;

/// What an assessment reads.
const READ: [Projection; 3] = [Projection::Payments, Projection::Beneficiaries, Projection::Tree];

/// The most people that a unit is given where rates are smoothed.
pub const SMOOTHING_MAX: u32 = 100_000;

/// What is to be assessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessmentQuery {
    pub cycle: Month,
    /// The unit with all below it; all of the caller's when absent.
    pub unit: Option<UnitKey>,
    /// The level whose units are ranked; the one below the unit when absent.
    pub level: Option<String>,
    /// Payments of these groups alone; all when empty.
    pub benefit_groups: Vec<BenefitGroup>,
    /// By which units payments are told.
    pub basis: UnitBasis,
    pub as_of: AsOf,
    /// The state of the log that an earlier report was of.
    pub since: Option<AsOf>,
    /// Wait until the figures include this position.
    pub min_position: Option<u64>,
    /// Rank by rates that are drawn towards that of all ranked units together, as if each unit had so many more people of that rate: a rate of
    /// few people moves by one of them. Off when absent.
    pub smoothing: Option<u32>,
}

/// One unit of the ranking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitLine {
    pub unit: UnitKey,
    pub name: String,
    pub now: Adoption,
    /// The same unit in the cycle before; `None` where it had no payment, or was not yet there.
    pub before: Option<Adoption>,
    /// By the people rate, the highest first; units of one rate share a rank.
    pub rank: usize,
    /// The rate that it is ranked by, where that is a smoothed one.
    pub smoothed: Option<Share>,
    pub rank_before: Option<usize>,
    /// Enough payments have an outcome for the rate to say something.
    pub is_assessable: bool,
}

/// Why attempts came to nothing, and what the playbook says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonLine {
    pub key: ReasonKey,
    pub sum: Sum,
    /// The entry of the profile's playbook.
    pub play: Option<usize>,
}

/// One figure as it was and as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// The day that was asked for.
    pub day: Date,
    pub position: u64,
    pub time_us: i64,
    pub adoption: Adoption,
    pub settlement: Settlement,
}

/// All of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    pub cycle: Month,
    pub unit: Option<UnitKey>,
    /// The unit's name, or that of the one at the top under which everybody was paid.
    pub place: Option<String>,
    /// The level that is ranked.
    pub level: String,
    pub position: u64,
    pub time_us: i64,
    /// Root of the tree over all events up to the position, as in RFC 6962.
    pub log_root: [u8; 32],
    pub today: Date,
    pub total: Adoption,
    pub settlement: Settlement,
    /// Cycles with payments, the assessed one last.
    pub trend: Vec<(Month, Adoption)>,
    pub groups: Vec<(String, Adoption)>,
    pub urban: Vec<(bool, Adoption)>,
    pub targets: Vec<TargetLine>,
    /// People of the common rate whom each unit was given for its rank; `None` when units are ranked as they are.
    pub smoothing: Option<u32>,
    /// Best first.
    pub ranking: Vec<UnitLine>,
    /// Units of the lowest level, for the tile grid: key, name, what is above it.
    pub tiles: Vec<Tile>,
    /// Units of the ranked level that were in force and have no payment at all.
    pub silent: Vec<(UnitKey, String)>,
    pub reasons: Vec<ReasonLine>,
    pub identity: IdentityTally,
    /// A5, S1, S3, S7.
    pub first: FirstAttempts,
    /// The cycle before that has payments, and who moved since; `None` where there is none.
    pub moved: Option<(Month, Flow)>,
    /// A6.
    pub registered: Share,
    pub since: Option<Since>,
}

/// One unit of the tile grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    pub unit: UnitKey,
    pub name: String,
    pub above: String,
    pub people: Share,
    pub is_assessable: bool,
}

impl Assessment {
    /// The cycle before the assessed one that has payments.
    #[must_use]
    pub fn before(&self) -> Option<&(Month, Adoption)> {
        before(&self.trend, self.cycle)
    }

    /// Units that can be assessed, of those that were in force.
    #[must_use]
    pub fn assessable(&self) -> Share {
        assessable(&self.ranking, self.silent.len())
    }
}

/// The last cycle of a trend before one.
fn before(trend: &[(Month, Adoption)], cycle: Month) -> Option<&(Month, Adoption)> {
    trend.iter().rev().find(|(one, _)| *one < cycle)
}

/// Units that can be assessed, of those ranked and the silent ones.
fn assessable(ranking: &[UnitLine], silent: usize) -> Share {
    let units = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let assessable = ranking.iter().filter(|line| line.is_assessable).count();
    Share { numerator: units(assessable), denominator: units(ranking.len() + silent) }
}

impl App {
    /// Assesses a cycle. Everything in it is of the position that it names.
    pub async fn assess(&self, principal: &Principal, query: &AssessmentQuery) -> Result<Assessment, AppError> {
        // Before anything is read: most of it is not published.
        if self.reads_published(principal) {
            return Err(published_only());
        }
        let (position, time_us) = self.assessed_position(query.as_of, query.min_position).await?;
        let as_of = AsOf::Position(position);
        let work = Work { app: self, principal, query, as_of };
        let today = self.day_of(query.as_of, time_us);
        // All that needs no other's answer is read at once, then what does.
        let ((today, settlement), trend, groups, urban, targets, first, since, level) = Box::pin(async {
            tokio::try_join!(
                work.settlement(as_of, today),
                work.trend(Filters::default()),
                work.groups(),
                work.urban(),
                work.targets(position),
                work.first(),
                work.since(),
                work.level(),
            )
        })
        .await?;
        let before = before(&trend, query.cycle).map(|(cycle, _)| *cycle);
        let (identity, moved, registered, ranking, log_root) = Box::pin(async {
            tokio::try_join!(
                work.identity(),
                work.moved(before),
                work.registered(),
                work.ranking(&level, before),
                self.log_root(position),
            )
        })
        .await?;
        let total = trend.last().filter(|(cycle, _)| *cycle == query.cycle).map(|(_, figures)| figures.clone());
        Ok(Assessment {
            cycle: query.cycle,
            unit: query.unit.clone(),
            place: work.place(&ranking),
            position,
            time_us,
            log_root,
            today,
            groups,
            urban,
            targets,
            tiles: work.tiles(&level, &ranking).await?,
            silent: work.silent(&level, &ranking),
            identity,
            first,
            moved,
            registered,
            since,
            reasons: work.reasons(&settlement),
            total: total.unwrap_or_default(),
            settlement,
            trend,
            level,
            smoothing: query.smoothing,
            ranking,
        })
    }

    /// What all projections that are read have come to, or the earlier position that was asked for.
    pub async fn assessed_position(&self, as_of: AsOf, min_position: Option<u64>) -> Result<(u64, i64), AppError> {
        let asked = min_position.max(as_of.position());
        let reached =
            if self.runs_projections { self.all_reach(asked).await? } else { self.as_far_as_they_are(asked).await? };
        self.as_of(as_of, reached).await
    }

    /// Where payments' figures stand, once the others have come as far.
    async fn all_reach(&self, asked: Option<u64>) -> Result<Checkpoint, AppError> {
        let [payments, others @ ..] = READ;
        self.wait_for(payments, asked).await?;
        let checkpoint = self.views.progress(payments).await?.checkpoint;
        for projection in others {
            self.follow_up_to(projection, checkpoint.position).await?;
        }
        Ok(checkpoint)
    }

    /// Beside a server, or without one, the rows are as far as they are, and what lies beyond cannot be told.
    async fn as_far_as_they_are(&self, asked: Option<u64>) -> Result<Checkpoint, AppError> {
        let mut least: Option<Checkpoint> = None;
        for projection in READ {
            let checkpoint = self.views.progress(projection).await?.checkpoint;
            self.progress.reached(projection.name(), checkpoint.position);
            if least.is_none_or(|least| checkpoint.position < least.position) {
                least = Some(checkpoint);
            }
        }
        let reached = least.unwrap_or_default();
        let head = self.store.head().await?.position;
        match asked {
            Some(asked) if asked > head => Err(AppError::BeyondHead { head, asked }),
            Some(asked) if asked > reached.position => Err(AppError::NotCaughtUp { at: reached.position, asked }),
            Some(_) | None => Ok(reached),
        }
    }

    async fn log_root(&self, position: u64) -> Result<[u8; 32], AppError> {
        if position == 0 {
            return Ok(crate::proof::tree::empty_root());
        }
        Ok(self.consistency_proof(position, position).await?.to_root)
    }
}

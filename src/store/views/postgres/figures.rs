//! Reading figures: the statement for each source and state of the log, and its parameters.

use super::progress;
use super::write::{read_blocks, signed};
use crate::domain::period::Month;
use crate::projections::Projection;
use crate::projections::block;
use crate::projections::cell::{Difference, urban_node};
use crate::projections::figures::{AsOf, CellRow, FigureRead, Source};
use crate::store::postgres::{PostgresStore, Query, fault, retried};
use crate::store::views::Snapshot;
use crate::store::views::decode::{Columns, corrupt};
use crate::store::{LogId, StoreError};
use jiff::civil::Date;
use sqlx::PgConnection;
use sqlx::postgres::PgRow;
use std::collections::BTreeMap;

/// Whole days, and differences after them.
struct Past {
    /// Days before this one count whole.
    before_day: String,
    /// Of cells, in their order.
    later: Vec<(i64, Difference)>,
}

/// Answers reads from the rows alone.
pub(super) async fn anew(
    store: &PostgresStore,
    reads: &[FigureRead],
) -> Result<Snapshot<Vec<Vec<CellRow>>>, StoreError> {
    retried(|| async {
        let mut snapshot = store.snapshot().await?;
        let checkpoint = progress(store.log_id(), Projection::Payments.name(), &mut snapshot).await?.checkpoint;
        let mut answer = Vec::with_capacity(reads.len());
        for one in reads {
            answer.push(read((store.log_id(), checkpoint.position), one, &mut snapshot).await?);
        }
        Ok(Snapshot { checkpoint, answer })
    })
    .await
}

/// Answers one read of a log that the projection has read up to `head`.
pub(super) async fn read(
    (log_id, head): (LogId, u64),
    read: &FigureRead,
    connection: &mut PgConnection,
) -> Result<Vec<CellRow>, StoreError> {
    let read = &*read.of_log(head);
    let rows = match (read.source, read.as_of) {
        (Source::FirstAttempts, as_of) => {
            let position = last_position(log_id, as_of, connection).await?;
            let parameters = Parameters::new(include_str!("../../sql/postgres/figures_first.sql"), log_id, read);
            parameters.bind(position).cashless().run(connection).await?
        }
        (Source::Flow(before), as_of) => {
            let position = last_position(log_id, as_of, connection).await?;
            let parameters = Parameters::new(include_str!("../../sql/postgres/figures_flow.sql"), log_id, read);
            parameters.bind(position).before(before).run(connection).await?
        }
        (Source::Cross { first_urban, second_urban, other_units, other_benefits }, as_of) => {
            let position = last_position(log_id, as_of, connection).await?;
            let parameters = Parameters::new(include_str!("../../sql/postgres/figures_cross.sql"), log_id, read);
            let parameters = parameters.bind(position).words([other_units, other_benefits]);
            let urban = [first_urban, second_urban].map(|urban| urban.map_or("", urban_node));
            parameters.words(urban).run(connection).await?
        }
        (Source::FellBack(before), as_of) => {
            let position = last_position(log_id, as_of, connection).await?;
            let parameters = Parameters::new(include_str!("../../sql/postgres/figures_fell_back.sql"), log_id, read);
            parameters.bind(position).before(before).cashless().run(connection).await?
        }
        (Source::OnFile, as_of) => {
            let position = last_position(log_id, as_of, connection).await?;
            let parameters = Parameters::new(include_str!("../../sql/postgres/figures_on_file.sql"), log_id, read);
            parameters.bind(position).cashless().run(connection).await?
        }
        (Source::Intervals, as_of) => {
            let position = last_position(log_id, as_of, connection).await?;
            Parameters::new(include_str!("../../sql/postgres/figures_people.sql"), log_id, read)
                .bind(position)
                .run(connection)
                .await?
        }
        (Source::Cells, AsOf::Now) => {
            let parameters = Parameters::new(include_str!("../../sql/postgres/figures_now.sql"), log_id, read);
            parameters.bind(tallies(read)).run(connection).await?
        }
        (Source::Cells, as_of) => {
            let past = past(log_id, as_of, connection).await?;
            let parameters =
                Parameters::new(include_str!("../../sql/postgres/figures_at.sql"), log_id, read).bind(tallies(read));
            parameters.past(past).run(connection).await?
        }
    };
    rows.iter().map(|row| Columns::of(row).cell()).collect()
}

/// The last position that counts, for intervals.
async fn last_position(log_id: LogId, as_of: AsOf, connection: &mut PgConnection) -> Result<i64, StoreError> {
    match as_of {
        AsOf::Now => Ok(i64::MAX),
        AsOf::Position(position) | AsOf::Instant { position, .. } => signed(position),
        AsOf::Day(day) => {
            let statement =
                sqlx::query(include_str!("../../sql/business_days_until.sql")).bind(log_id).bind(day.to_string());
            let row = statement.fetch_one(connection).await.map_err(|e| fault(&e))?;
            Columns::of(&row).number()
        }
    }
}

async fn past(log_id: LogId, as_of: AsOf, connection: &mut PgConnection) -> Result<Past, StoreError> {
    let whole_days = |before: Option<Date>| Past {
        // Later than any date that is written with four digits of the year.
        before_day: before.map_or_else(|| "~".to_owned(), |day| day.to_string()),
        later: Vec::new(),
    };
    let position = match as_of {
        AsOf::Now => return Ok(whole_days(None)),
        AsOf::Day(day) => return Ok(whole_days(day.tomorrow().ok())),
        AsOf::Position(position) | AsOf::Instant { position, .. } => position,
    };
    let statement = sqlx::query(include_str!("../../sql/business_days_at.sql")).bind(log_id).bind(signed(position)?);
    let Some(row) = statement.fetch_optional(&mut *connection).await.map_err(|e| fault(&e))? else {
        return Ok(Past { before_day: String::new(), later: Vec::new() });
    };
    let mut columns = Columns::of(&row);
    let day: Date = columns.text()?.parse().map_err(corrupt)?;
    let (first, last) = (columns.unsigned()?, columns.unsigned()?);
    if last <= position {
        return Ok(whole_days(day.tomorrow().ok()));
    }
    let later = differences(log_id, first, position, connection).await?;
    Ok(Past { later, ..whole_days(Some(day)) })
}

/// The sum of the differences of each cell between two positions, inclusive.
async fn differences(
    log_id: LogId,
    first: u64,
    last: u64,
    connection: &mut PgConnection,
) -> Result<Vec<(i64, Difference)>, StoreError> {
    let mut sums: BTreeMap<i64, Difference> = BTreeMap::new();
    for (number, bytes) in read_blocks(log_id, block::block_of(first), block::block_of(last), connection).await? {
        let add = |position: u64, cell: i64, difference: Difference| {
            if (first..=last).contains(&position) {
                let sum = sums.entry(cell).or_default();
                *sum = sum.plus(difference);
            }
        };
        block::read(number, &bytes, add).map_err(corrupt)?;
    }
    Ok(sums.into_iter().collect())
}

fn tallies(read: &FigureRead) -> Vec<&'static str> {
    read.tallies.iter().map(|tally| tally.as_str()).collect()
}

/// The parameters that all statements share, around their own second one.
struct Parameters<'a> {
    query: Query<'a>,
    read: &'a FigureRead,
}

impl<'a> Parameters<'a> {
    fn new(sql: &'static str, log_id: LogId, read: &'a FigureRead) -> Self {
        Self { query: sqlx::query(sql).bind(log_id), read }
    }

    fn bind<T: sqlx::Encode<'a, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + 'a>(mut self, second: T) -> Self {
        let (read, columns) = (self.read, self.read.columns);
        let nodes = |pairs: &'a Option<Vec<(String, String)>>| {
            pairs.as_ref().map(|pairs| pairs.iter().map(|(node, _)| node.as_str()).collect::<Vec<_>>())
        };
        let labels = |pairs: &'a Option<Vec<(String, String)>>| {
            pairs.as_ref().map(|pairs| pairs.iter().map(|(_, label)| label.as_str()).collect::<Vec<_>>())
        };
        let month = |month: Option<Month>, otherwise: &str| {
            month.map_or_else(|| otherwise.to_owned(), |month| month.to_string())
        };
        self.query = self
            .query
            .bind(second)
            .bind(month(read.cycles.0, ""))
            .bind(month(read.cycles.1, "~"))
            .bind(nodes(&read.units))
            .bind(labels(&read.units))
            .bind(nodes(&read.benefits))
            .bind(labels(&read.benefits))
            .bind(read.channels.as_ref())
            .bind(read.agents.as_ref())
            .bind(read.banks.as_ref())
            .bind(read.urban.map(urban_node))
            .bind(columns.cycle)
            .bind(columns.channel)
            .bind(columns.agent)
            .bind(columns.bank)
            .bind(columns.urban);
        self
    }

    fn cashless(mut self) -> Self {
        self.query = self.query.bind(&self.read.cashless);
        self
    }

    fn words(mut self, words: [&'static str; 2]) -> Self {
        for word in words {
            self.query = self.query.bind(word);
        }
        self
    }

    fn before(mut self, cycle: Month) -> Self {
        self.query = self.query.bind(cycle.to_string());
        self
    }

    fn past(self, past: Past) -> Self {
        let (mut cells, mut counts, mut amounts) = (Vec::new(), Vec::new(), Vec::new());
        for (cell, sum) in past.later {
            cells.push(cell);
            counts.push(sum.count);
            amounts.push(sum.amount_minor);
        }
        let query = self.query.bind(past.before_day).bind(cells).bind(counts).bind(amounts);
        Self { query, ..self }
    }

    async fn run(self, connection: &mut PgConnection) -> Result<Vec<PgRow>, StoreError> {
        self.query.fetch_all(connection).await.map_err(|e| fault(&e))
    }
}

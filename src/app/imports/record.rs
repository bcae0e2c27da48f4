//! The two passes of an import, and what they share: one row's verdict, made the same way both times.

use super::chunks::Chunks;
use super::duplicates::{Duplicates, REPEATS_MAX, Repeat};
use super::kept::{Keeper, Kept, KeptChunk, KeptRow};
use super::parse::ParsedRow;
use super::report::ReportBuilder;
use super::row_set::RowSet;
use super::verdict::{JudgedRow, Verdict, changed_meanwhile, moved, repeat_problem};
use super::{ImportOrder, OnProgress, Source, Stage, beneficiaries, known};
use crate::app::App;
use crate::app::error::AppError;
use crate::app::unclaimed::Uncollected;
use crate::domain::envelope::Envelope;
use crate::domain::import::{ImportKind, ImportStarted};
use crate::store::AppendError;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::Arc;
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// One pass over a file.
pub struct Pass<'a> {
    pub app: &'a App,
    pub order: &'a ImportOrder,
    pub started: &'a ImportStarted,
    /// Makes appends. Otherwise it only finds out whether they could be made.
    pub making: bool,
    /// Pass 1: rows are judged against what the log has and against each other, and nothing is recorded.
    pub checking: bool,
    pub metadata: Vec<u8>,
    /// Whose cash nobody collected, read when the first row that orders a payment is judged.
    pub(super) uncollected: OnceCell<Uncollected>,
}

/// What pass 1 leaves to pass 2.
pub struct Checked {
    /// Rows that repeat an earlier one of the file.
    repeats: BTreeMap<u64, Repeat>,
    /// Rows that the log says already.
    unchanged: RowSet,
    /// The appends that were made, where pass 1 makes them.
    kept: Option<Kept>,
}

impl<'a> Pass<'a> {
    /// Pass 1. Unless this is a trial, it makes the appends of payments and people too; outcomes may build on one another, so that
    /// each is made when those before it are in the log.
    pub fn first(app: &'a App, order: &'a ImportOrder, started: &'a ImportStarted) -> Self {
        let making = !order.dry_run && order.kind != ImportKind::Outcomes;
        let metadata = metadata(app, order, started);
        Self { app, order, started, making, checking: true, metadata, uncollected: OnceCell::new() }
    }

    /// Pass 2.
    pub fn second(app: &'a App, order: &'a ImportOrder, started: &'a ImportStarted) -> Self {
        let metadata = metadata(app, order, started);
        Self { app, order, started, making: true, checking: false, metadata, uncollected: OnceCell::new() }
    }

    /// The id of a row's n-th event: made from the file and the row, so that a resume repeats it.
    #[must_use]
    pub fn event_id(&self, row: u64, ordinal: u32) -> Uuid {
        let mut name = [0; 12];
        name[..8].copy_from_slice(&row.to_be_bytes());
        name[8..].copy_from_slice(&ordinal.to_be_bytes());
        Uuid::new_v5(&self.started.import_id.as_uuid(), &name)
    }

    /// Begins to look up what a chunk's rows need, while others are judged.
    fn look_up(&self, rows: Vec<ParsedRow>) -> JoinHandle<Result<(Vec<ParsedRow>, Known), AppError>> {
        let (store, views) = (Arc::clone(&self.app.store), Arc::clone(&self.app.views));
        match self.order.kind {
            ImportKind::Payments => {
                let asked = self.ask_payments(&rows);
                tokio::spawn(async move {
                    let known = known::look_up((store, views), &rows, asked).await?;
                    Ok((rows, Known::Payments(Box::new(known))))
                })
            }
            ImportKind::Beneficiaries => {
                let keys = self.identifier_keys(&rows);
                tokio::spawn(async move {
                    let known = beneficiaries::look_up((store, views), keys).await?;
                    Ok((rows, Known::People(Box::new(known))))
                })
            }
            ImportKind::Outcomes => tokio::spawn(async move { Ok((rows, Known::Outcomes)) }),
            ImportKind::Identity => {
                let keys = self.identifier_keys(&rows);
                tokio::spawn(async move {
                    let known = beneficiaries::look_up((store, views), keys).await?;
                    Ok((rows, Known::Matched(Box::new(known))))
                })
            }
        }
    }

    async fn judge(&self, rows: Vec<ParsedRow>, known: Known) -> Result<Vec<JudgedRow>, AppError> {
        match known {
            Known::Payments(known) => self.judge_payments(rows, *known).await,
            Known::People(known) => self.judge_beneficiaries(rows, *known).await,
            Known::Outcomes => self.judge_outcomes(rows).await,
            Known::Matched(known) => self.judge_identity(rows, *known).await,
        }
    }

    async fn judge_again(&self, rows: Vec<ParsedRow>) -> Result<Vec<JudgedRow>, AppError> {
        let (rows, known) = joined(self.look_up(rows).await)?;
        self.judge(rows, known).await
    }

    /// Pass 1: every row against the log and against the other rows. Nothing is recorded.
    pub async fn check(
        &self,
        source: &Source,
        report: &mut ReportBuilder,
        tell: OnProgress<'_>,
    ) -> Result<Checked, AppError> {
        let mut chunks = Chunks::start(Arc::clone(&self.app.profile), self.order.kind, source.clone());
        let mut found = Findings { keeper: self.making.then(Keeper::default), ..Findings::default() };
        let mut waiting = chunks.next().await?.map(|chunk| self.look_up(chunk));
        while let Some(looked_up) = waiting {
            waiting = chunks.next().await?.map(|chunk| self.look_up(chunk));
            let (rows, known) = joined(looked_up.await)?;
            let count = rows.len() as u64;
            let judged = self.judge(rows, known).await?;
            found.take(judged, count, report).map_err(temporary)?;
            tell(Stage::Checking { rows: report.rows() });
        }
        let Findings { duplicates, unchanged, keeper } = found;
        let repeats =
            joined(tokio::task::spawn_blocking(move || duplicates.finish()).await.map(|r| r.map_err(temporary)))?;
        if repeats.len() >= REPEATS_MAX {
            return Err(AppError::File {
                code: "too-many-repeats",
                message: format!("More than {REPEATS_MAX} rows repeat others of the file. Is it the right one?"),
                message_vi: format!("Hơn {REPEATS_MAX} dòng lặp lại dòng khác trong tệp. Có đúng tệp không?"),
            });
        }
        for repeat in repeats.values() {
            report.strike(repeat.row, &repeat_problem(repeat, self.app.profile.first_identifier().as_str()));
        }
        report.end_of_check(self.order);
        let kept = keeper.map(Keeper::finish).transpose().map_err(temporary)?;
        Ok(Checked { repeats, unchanged, kept })
    }

    /// Pass 2: appends what pass 1 let through, chunk by chunk.
    pub async fn record(
        &self,
        source: &Source,
        mut checked: Checked,
        (report, tell): (&mut ReportBuilder, OnProgress<'_>),
    ) -> Result<(), AppError> {
        let mut sent = VecDeque::new();
        let done = match checked.kept.take() {
            Some(kept) => self.record_kept((source, kept), &checked, (report, tell), &mut sent).await,
            None => self.record_anew(source, &checked, (report, tell), &mut sent).await,
        };
        // Whoever is told of a break finds all of it in the log that will be there.
        while let Some(chunk) = sent.pop_front() {
            self.finish(chunk, report).await?;
        }
        done
    }

    /// Appends what pass 1 made.
    async fn record_kept(
        &self,
        (source, kept): (&Source, Kept),
        checked: &Checked,
        (report, tell): (&mut ReportBuilder, OnProgress<'_>),
        sent: &mut VecDeque<Sent>,
    ) -> Result<(), AppError> {
        let read_again = || Chunks::start(Arc::clone(&self.app.profile), self.order.kind, source.clone());
        let mut source_rows = kept.again.then(read_again);
        let mut chunks = kept.read(self.metadata.clone());
        checked.unchanged.rows().for_each(|row| report.unchanged(row));
        let mut done = 0;
        while let Some(chunk) = chunks.recv().await {
            let KeptChunk { rows, kept } = chunk.map_err(temporary)?;
            done += rows;
            let mut again = match &mut source_rows {
                Some(source_rows) => self.judge_put_off(source_rows, &kept).await?.into_iter(),
                None => Vec::new().into_iter(),
            };
            let judged = kept.into_iter().filter_map(|row| match row {
                KeptRow::Ready { number, amount_minor, append } => {
                    Some(JudgedRow { amount_minor, ..JudgedRow::of(number, Verdict::Record(append)) })
                }
                KeptRow::Again { .. } => again.next(),
            });
            let judged = judged.filter(|row| !checked.repeats.contains_key(&row.number)).collect();
            self.send_on(judged, report, sent).await?;
            tell(Stage::Recording { rows: done, of: self.started.rows });
        }
        Ok(())
    }

    /// Judges the rows of a chunk that were put off, from the same chunk of the file.
    async fn judge_put_off(&self, source_rows: &mut Chunks, kept: &[KeptRow]) -> Result<Vec<JudgedRow>, AppError> {
        let wanted: Vec<u64> = kept.iter().filter_map(KeptRow::again).collect();
        let mut rows = source_rows.next().await?.unwrap_or_default();
        rows.retain(|row| wanted.binary_search(&row.number).is_ok());
        if rows.len() != wanted.len() {
            return Err(AppError::Internal("the file changed while it was being imported".to_owned()));
        }
        self.judge_again(rows).await
    }

    /// Judges the file's rows once more, each when those before it are in the log.
    async fn record_anew(
        &self,
        source: &Source,
        checked: &Checked,
        (report, tell): (&mut ReportBuilder, OnProgress<'_>),
        sent: &mut VecDeque<Sent>,
    ) -> Result<(), AppError> {
        let mut chunks = Chunks::start(Arc::clone(&self.app.profile), self.order.kind, source.clone());
        let mut done = 0;
        while let Some(mut chunk) = chunks.next().await? {
            done += chunk.len() as u64;
            chunk.retain(|row| !checked.repeats.contains_key(&row.number));
            while let Some(chunk) = sent.pop_front() {
                self.finish(chunk, report).await?;
            }
            let judged = self.judge_again(chunk).await?;
            self.send_on(judged, report, sent).await?;
            tell(Stage::Recording { rows: done, of: self.started.rows });
        }
        Ok(())
    }

    /// Sends a chunk on its way, and waits for those before it as far as too many are.
    async fn send_on(
        &self,
        judged: Vec<JudgedRow>,
        report: &mut ReportBuilder,
        sent: &mut VecDeque<Sent>,
    ) -> Result<(), AppError> {
        sent.push_back(self.send(judged, report));
        while sent.len() > SENT_MAX {
            if let Some(chunk) = sent.pop_front() {
                self.finish(chunk, report).await?;
            }
        }
        Ok(())
    }

    /// Hands a chunk to the store; the answer is fetched later.
    fn send(&self, rows: Vec<JudgedRow>, report: &mut ReportBuilder) -> Sent {
        let mut waiting = Vec::with_capacity(rows.len());
        let mut appends = Vec::with_capacity(rows.len());
        for row in rows {
            match row.verdict {
                Verdict::Record(append) => {
                    waiting.push((row.number, row.amount_minor));
                    appends.push(*append);
                }
                Verdict::Unchanged => report.unchanged(row.number),
                // Only a pass that checks puts a row off.
                Verdict::Later => report.refused(row.number, &[changed_meanwhile()]),
                Verdict::Refused(problems) => report.refused(row.number, &problems),
            }
        }
        let store = Arc::clone(&self.app.store);
        let answers = tokio::spawn(async move { store.append_batch(appends).await });
        Sent { waiting, answers }
    }

    async fn finish(&self, sent: Sent, report: &mut ReportBuilder) -> Result<(), AppError> {
        let Sent { waiting, answers } = sent;
        let answers = joined(answers.await.map(Ok))?;
        for ((row, amount), answer) in waiting.into_iter().zip(answers) {
            match answer {
                Ok(written) => report.recorded(row, amount, written.position),
                Err(AppendError::Store(error)) => return Err(error.into()),
                Err(error) => report.refused(row, &[moved(&error)]),
            }
        }
        Ok(())
    }
}

/// Chunks on their way into the log at most: the committer has the next one at hand when it is done with one.
const SENT_MAX: usize = 2;

/// What was looked up for a chunk.
enum Known {
    Payments(Box<known::Known>),
    People(Box<beneficiaries::Known>),
    Matched(Box<beneficiaries::Known>),
    Outcomes,
}

/// What pass 1 gathers.
#[derive(Default)]
struct Findings {
    duplicates: Duplicates,
    unchanged: RowSet,
    /// `None` in a pass that makes nothing.
    keeper: Option<Keeper>,
}

impl Findings {
    /// Takes in a chunk of so many rows.
    fn take(&mut self, judged: Vec<JudgedRow>, rows: u64, report: &mut ReportBuilder) -> io::Result<()> {
        for row in judged {
            for (kind, key) in &row.keys {
                self.duplicates.add(*kind, key, row.number)?;
            }
            report.count(&row);
            let JudgedRow { number, amount_minor, .. } = row;
            let kept = match row.verdict {
                Verdict::Record(append) => KeptRow::Ready { number, amount_minor, append },
                Verdict::Later => KeptRow::Again { number },
                Verdict::Unchanged => {
                    self.unchanged.insert(number);
                    continue;
                }
                Verdict::Refused(_) => continue,
            };
            if let Some(keeper) = &mut self.keeper {
                keeper.keep(&kept)?;
            }
        }
        self.keeper.as_mut().map_or(Ok(()), |keeper| keeper.end_chunk(rows))
    }
}

fn metadata(app: &App, order: &ImportOrder, started: &ImportStarted) -> Vec<u8> {
    let envelope = Envelope {
        occurred_at: jiff::Timestamp::from_microsecond(started.started_at_us).unwrap_or(jiff::Timestamp::UNIX_EPOCH),
        actor: order.principal.key_id.clone(),
        source: crate::domain::envelope::Source::Import,
        correlation_id: started.import_id.as_uuid(),
        causation_id: None,
        config_version: app.profile.version.clone(),
    };
    envelope.to_bytes()
}

/// What a task answers; that it died is an error of its own.
fn joined<T>(answer: Result<Result<T, AppError>, tokio::task::JoinError>) -> Result<T, AppError> {
    answer.map_err(|error| AppError::Internal(error.to_string()))?
}

/// A chunk on its way into the log: its rows, and the answers to come.
struct Sent {
    waiting: Vec<(u64, Option<i64>)>,
    answers: JoinHandle<Vec<Result<crate::store::WriteResult, AppendError>>>,
}

#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
fn temporary(error: io::Error) -> AppError {
    AppError::Internal(format!("a temporary file: {error}"))
}

//! The two passes of an import, and what they share: one row's verdict, made the same way both times.

use super::chunks::Chunks;
use super::duplicates::{Duplicates, KeyKind, REPEATS_MAX, Repeat};
use super::parse::ParsedRow;
use super::report::ReportBuilder;
use super::row_set::RowSet;
use super::{ImportOrder, OnProgress, Source, Stage};
use crate::app::App;
use crate::app::error::{AppError, FieldIssue};
use crate::domain::envelope::Envelope;
use crate::domain::ids::ImportId;
use crate::domain::import::{ImportKind, ImportStarted};
use crate::files::{Problem, RowProblem};
use crate::store::{Append, AppendError};
use std::collections::BTreeMap;
use uuid::Uuid;

/// One pass over a file.
pub struct Pass<'a> {
    pub app: &'a App,
    pub order: &'a ImportOrder,
    pub started: &'a ImportStarted,
    /// Pass 1 makes no events: it only finds out whether they could be made.
    pub recording: bool,
    pub metadata: Vec<u8>,
}

/// What pass 1 leaves to pass 2.
#[derive(Debug)]
pub struct Checked {
    /// Rows that repeat an earlier one of the file.
    pub repeats: BTreeMap<u64, Repeat>,
    /// Payment rows that the log says already.
    pub unchanged: RowSet,
}

/// What becomes of one row.
#[derive(Debug)]
pub enum Verdict {
    /// To be appended (empty in pass 1).
    Record(Box<Append>),
    /// The log says so already.
    Unchanged,
    Refused(Vec<RowProblem>),
}

/// A row with its verdict.
#[derive(Debug)]
pub struct JudgedRow {
    pub number: u64,
    pub verdict: Verdict,
    /// The row's amount, for sums.
    pub amount_minor: Option<i64>,
    /// What looks odd but is no error.
    pub warnings: Vec<RowProblem>,
    /// Keys that may stand only once in the file.
    pub keys: Vec<(KeyKind, Vec<u8>)>,
}

impl JudgedRow {
    /// A row that is refused.
    #[must_use]
    pub const fn refused(number: u64, problems: Vec<RowProblem>) -> Self {
        Self { number, verdict: Verdict::Refused(problems), amount_minor: None, warnings: Vec::new(), keys: Vec::new() }
    }
}

impl<'a> Pass<'a> {
    pub fn new(app: &'a App, order: &'a ImportOrder, started: &'a ImportStarted, recording: bool) -> Self {
        let envelope = Envelope {
            occurred_at: jiff::Timestamp::from_microsecond(started.started_at_us)
                .unwrap_or(jiff::Timestamp::UNIX_EPOCH),
            actor: order.principal.key_id.clone(),
            source: crate::domain::envelope::Source::Import,
            correlation_id: started.import_id.as_uuid(),
            causation_id: None,
            config_version: app.profile.version.clone(),
        };
        Self { app, order, started, recording, metadata: envelope.to_bytes() }
    }

    /// The id of a row's n-th event: made from the file and the row, so that a resume repeats it.
    #[must_use]
    pub fn event_id(&self, row: u64, ordinal: u32) -> Uuid {
        let name = [&row.to_be_bytes()[..], &ordinal.to_be_bytes()[..]].concat();
        Uuid::new_v5(&self.started.import_id.as_uuid(), &name)
    }

    async fn judge(&self, rows: Vec<ParsedRow>) -> Result<Vec<JudgedRow>, AppError> {
        match self.order.kind {
            ImportKind::Payments => self.judge_payments(rows).await,
            ImportKind::Outcomes => self.judge_outcomes(rows).await,
            ImportKind::Beneficiaries => self.judge_beneficiaries(rows).await,
        }
    }

    /// Pass 1: every row against the log and against the other rows. Nothing is recorded.
    pub async fn check(
        &self,
        source: &Source,
        report: &mut ReportBuilder,
        tell: OnProgress<'_>,
    ) -> Result<Checked, AppError> {
        let mut chunks = Chunks::start(std::sync::Arc::clone(&self.app.profile), self.order.kind, source.clone());
        let mut duplicates = Duplicates::default();
        let mut unchanged = RowSet::default();
        while let Some(chunk) = chunks.next().await? {
            for row in self.judge(chunk).await? {
                for (kind, key) in &row.keys {
                    duplicates.add(*kind, key, row.number).map_err(temporary)?;
                }
                report.count(&row);
                if self.order.kind == ImportKind::Payments && matches!(row.verdict, Verdict::Unchanged) {
                    unchanged.insert(row.number);
                }
            }
            tell(Stage::Checking { rows: report.rows() });
        }
        let repeats = tokio::task::spawn_blocking(move || duplicates.finish()).await;
        let repeats = repeats.map_err(|error| AppError::Internal(error.to_string()))?.map_err(temporary)?;
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
        Ok(Checked { repeats, unchanged })
    }

    /// Pass 2: appends what pass 1 let through, chunk by chunk.
    pub async fn record(
        &self,
        source: &Source,
        checked: &Checked,
        (report, tell): (&mut ReportBuilder, OnProgress<'_>),
    ) -> Result<(), AppError> {
        let mut chunks = Chunks::start(std::sync::Arc::clone(&self.app.profile), self.order.kind, source.clone());
        let mut done = 0;
        let mut sent: Option<Sent> = None;
        loop {
            let chunk = match chunks.next().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                Err(error) => {
                    // Whoever is told of the break finds all of it in the log that will be there.
                    self.finish(sent, report).await?;
                    return Err(error);
                }
            };
            done += chunk.len() as u64;
            let mut keep = Vec::with_capacity(chunk.len());
            for row in chunk {
                if checked.unchanged.contains(row.number) {
                    report.unchanged(row.number);
                } else if !checked.repeats.contains_key(&row.number) {
                    keep.push(row);
                }
            }
            // Judging this chunk and committing the one before it go on at the same time. Outcomes may follow one
            // another on one payment: there the commit comes first.
            if self.order.kind == ImportKind::Outcomes {
                self.finish(sent.take(), report).await?;
            }
            let judged = self.judge(keep).await?;
            self.finish(sent.take(), report).await?;
            sent = Some(self.send(judged, report));
            tell(Stage::Recording { rows: done, of: self.started.rows });
        }
        self.finish(sent, report).await
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
                Verdict::Refused(problems) => report.refused(row.number, &problems),
            }
        }
        let store = std::sync::Arc::clone(&self.app.store);
        let answers = tokio::spawn(async move { store.append_batch(appends).await });
        Sent { waiting, answers }
    }

    async fn finish(&self, sent: Option<Sent>, report: &mut ReportBuilder) -> Result<(), AppError> {
        let Some(Sent { waiting, answers }) = sent else { return Ok(()) };
        let answers = answers.await.map_err(|error| AppError::Internal(error.to_string()))?;
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

/// A chunk on its way into the log: its rows, and the answers to come.
struct Sent {
    waiting: Vec<(u64, Option<i64>)>,
    answers: tokio::task::JoinHandle<Vec<Result<crate::store::WriteResult, AppendError>>>,
}

#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
fn temporary(error: std::io::Error) -> AppError {
    AppError::Internal(format!("a temporary file: {error}"))
}

/// A row that was good in pass 1 but no longer when it was its turn.
fn moved(error: &AppendError) -> RowProblem {
    let problem = match error {
        AppendError::ClaimTaken { stream, .. } => Problem::new(
            "recorded-meanwhile",
            "a payment or person that is not in the log yet",
            format!("While the file was being recorded, {stream} took this reference, month or identifier."),
            format!("Trong lúc ghi tệp, {stream} đã dùng số tham chiếu, tháng hưởng hoặc định danh này."),
        ),
        _ => Problem::new(
            "changed-meanwhile",
            "a payment as it was when the file was checked",
            "While the file was being recorded, someone else recorded on the same payment. Check it and send the row again.",
            "Trong lúc ghi tệp, người khác đã ghi nhận trên khoản chi này. Hãy kiểm tra và gửi lại dòng này.",
        ),
    };
    RowProblem { column: None, found: String::new(), problem }
}

fn repeat_problem(repeat: &Repeat, identifier: &str) -> RowProblem {
    let (column, code, what, what_vi) = match repeat.kind {
        KeyKind::Reference => ("payment_reference", "repeated-in-file", "payment reference", "mã chi trả"),
        KeyKind::BenefitMonth => (
            "benefit_months",
            "duplicate-benefit-month",
            "beneficiary, benefit type and month",
            "người hưởng, loại chế độ và tháng",
        ),
        KeyKind::Identifier => (identifier, "repeated-in-file", "identifier", "số định danh"),
    };
    let first = repeat.first_row;
    let problem = Problem::new(
        code,
        format!("each {what} once in a file"),
        format!("Row {first} has the same {what}. Keep one of the two."),
        format!("Dòng {first} đã có cùng {what_vi}. Hãy giữ lại một dòng."),
    );
    RowProblem { column: Some(column.to_owned()), found: String::new(), problem }
}

/// An issue of a use case as a row's problem.
#[must_use]
pub fn row_problem(issue: FieldIssue, found: String) -> RowProblem {
    let column = (!issue.field.is_empty()).then(|| issue.field.into_owned());
    let problem = Problem::new(issue.code, "", issue.message, issue.message_vi);
    RowProblem { column, found, problem }
}

/// A payment's id from the import's start, seed and row: a UUIDv7 that a resume repeats and that sorts by row.
#[must_use]
pub fn payment_uuid(started: &ImportStarted, row: u64) -> Uuid {
    let name = [&started.seed.to_be_bytes()[..], &row.to_be_bytes()[..]].concat();
    let mut bytes = *Uuid::new_v5(&started.import_id.as_uuid(), &name).as_bytes();
    let millis = u64::try_from(started.started_at_us / 1000).unwrap_or(0);
    bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    // 12 + 30 bits of the row keep the file's order; the rest is the digest's.
    let high = u16::try_from((row >> 30) & 0x0fff).unwrap_or(0);
    let low = u32::try_from(row & 0x3fff_ffff).unwrap_or(0);
    bytes[6..8].copy_from_slice(&high.to_be_bytes());
    bytes[8..12].copy_from_slice(&low.to_be_bytes());
    uuid::Builder::from_bytes(bytes)
        .with_version(uuid::Version::SortRand)
        .with_variant(uuid::Variant::RFC4122)
        .into_uuid()
}

/// The pseudonym of a row's new person, of UUID v4's form: a resume, or another process with the same file, repeats it. Like the ids of
/// the row's events it tells the row to who has the file, and nothing to anybody else.
#[must_use]
pub fn person_uuid(started: &ImportStarted, row: u64) -> Uuid {
    let name = [&b"person"[..], &started.seed.to_be_bytes(), &row.to_be_bytes()].concat();
    let hash = Uuid::new_v5(&started.import_id.as_uuid(), &name);
    uuid::Builder::from_random_bytes(*hash.as_bytes()).into_uuid()
}

/// The import's id as a name for its stream's claims and events.
#[must_use]
pub fn reversal_event_id(import: ImportId, payment: Uuid) -> Uuid {
    Uuid::new_v5(&import.as_uuid(), payment.as_bytes())
}

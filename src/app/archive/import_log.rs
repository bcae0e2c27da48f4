//! Import of an exported log into an empty one, all or nothing: every event is checked, and claims are computed from the events.

use super::check::LogCheck;
use super::claims::StreamClaims;
use super::restore::{Pending, must_be_empty};
use super::{ArchiveError, lines, of_file};
use crate::app::verify::Tell;
use crate::store::RecordedEvent;
use crate::store::archive::{ArchiveTable, Archives, LogFilling, row_of_event};
use crate::store::views::ViewStore;
use std::io::{BufRead, Read};

/// The longest line: an event of a megabyte in hexadecimal, twice.
const LINE_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Events of one page of the walk by stream.
const PAGE_EVENTS: u32 = 2_000;

/// What was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedLog {
    pub events: u64,
    pub claims: u64,
    pub log_digest: String,
}

/// Fills the log from lines. `expected` is the digest that it must have.
pub async fn read<R: BufRead + Send>(
    (archives, views): (&dyn Archives, &dyn ViewStore),
    mut input: R,
    expected: Option<&str>,
    tell: Tell<'_>,
) -> Result<ImportedLog, ArchiveError> {
    let mut filling = archives.fill().await?;
    must_be_empty(filling.as_mut(), views).await?;
    let mut log = LogCheck::new(archives.log_id());
    let mut pending = Pending::of(ArchiveTable::Events);
    let mut line = Vec::new();
    let mut number = 0;
    while next_line(&mut input, &mut line, number + 1)? {
        number += 1;
        let event = event_of(&line, archives.log_id(), &mut log)
            .map_err(|problem| ArchiveError::Line { line: number, problem })?;
        pending.add(row_of_event(event), filling.as_mut()).await?;
        tell(number, 0);
    }
    pending.write(filling.as_mut()).await?;
    let claims = write_claims(filling.as_mut()).await?;
    let (head, found) = (log.head(), log.digest());
    if let Some(expected) = expected.filter(|expected| !found.eq_ignore_ascii_case(expected)) {
        return Err(ArchiveError::Digest { found, expected: expected.to_owned() });
    }
    filling.commit(head).await?;
    Ok(ImportedLog { events: head.position, claims, log_digest: found })
}

/// Reads the next line without its end; false when there is none.
fn next_line<R: BufRead>(input: &mut R, line: &mut Vec<u8>, number: u64) -> Result<bool, ArchiveError> {
    line.clear();
    let read = input.take(LINE_BYTES_MAX).read_until(b'\n', line)?;
    if read as u64 == LINE_BYTES_MAX && line.last() != Some(&b'\n') {
        let problem = format!("it is longer than {LINE_BYTES_MAX} bytes, which no event is");
        return Err(ArchiveError::Line { line: number, problem });
    }
    while matches!(line.last(), Some(b'\n' | b'\r')) {
        line.pop();
    }
    Ok(read > 0)
}

fn event_of(line: &[u8], log_id: i32, log: &mut LogCheck) -> Result<RecordedEvent, String> {
    let (of_log, event) = lines::read(line)?;
    if of_log != log_id {
        return Err(format!("the event is of log {of_log}, and this program keeps log {log_id}"));
    }
    log.take(&event).map_err(|problem| {
        format!(
            "the event at position {}: {problem}; a log is imported whole and in its order, from position 1",
            event.position
        )
    })?;
    Ok(event)
}

/// Folds the log stream by stream, and writes what the streams claim.
async fn write_claims(filling: &mut dyn LogFilling) -> Result<u64, ArchiveError> {
    let mut pending = Pending::of(ArchiveTable::Claims);
    let mut current: Option<StreamClaims> = None;
    let mut after: Option<(String, u64)> = None;
    let mut claims = 0;
    loop {
        let place = after.as_ref().map(|(stream, revision)| (stream.as_str(), *revision));
        let page = filling.read_by_stream(place, PAGE_EVENTS).await.map_err(of_file)?;
        let Some(last) = page.last() else { break };
        after = Some((last.stream.clone(), last.revision));
        for event in &page {
            if !current.as_ref().is_some_and(|current| current.is_of(&event.stream)) {
                for row in current.take().into_iter().flat_map(StreamClaims::end) {
                    claims += 1;
                    pending.add(row, filling).await?;
                }
            }
            current.get_or_insert_with(|| StreamClaims::begin(&event.stream)).event(event).map_err(of_file)?;
        }
    }
    for row in current.into_iter().flat_map(StreamClaims::end) {
        claims += 1;
        pending.add(row, filling).await?;
    }
    pending.write(filling).await?;
    Ok(claims)
}

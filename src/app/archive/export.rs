//! Export: the log as lines of JSON, one event each, for other programs and other engines.

use super::check::LogCheck;
use super::{ArchiveError, lines};
use crate::app::verify::Tell;
use crate::store::{Direction, EventStore, LogId};
use std::io::Write;

/// Events of one page.
const PAGE_EVENTS: u32 = 2_000;

/// What was exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    pub events: u64,
    /// Position of the last event written; of the log's head when there is none from the start on.
    pub position: u64,
    /// SHA-256 over all leaf hashes; only of a log that was exported whole.
    pub log_digest: Option<String>,
}

/// Writes the events from a position (inclusive, at least 1) to the head as it is now.
pub async fn write<W: Write + Send>(
    (store, log_id): (&dyn EventStore, LogId),
    from: u64,
    out: &mut W,
    tell: Tell<'_>,
) -> Result<Exported, ArchiveError> {
    let head = store.head().await?.position;
    let mut log = LogCheck::new(log_id);
    let (mut at, mut events) = (from.saturating_sub(1), 0);
    let mut buffer = Vec::new();
    while at < head {
        let page = store.read_all(Some(at), Direction::Forwards, PAGE_EVENTS).await?;
        for event in page.iter().take_while(|event| event.position <= head) {
            if from <= 1 {
                log.take(event).map_err(|problem| ArchiveError::Damaged { position: event.position, problem })?;
            }
            lines::write(log_id, event, &mut buffer).map_err(std::io::Error::from)?;
            events += 1;
        }
        out.write_all(&buffer)?;
        buffer.clear();
        let Some(last) = page.last() else {
            return Err(ArchiveError::Damaged { position: at, problem: "the log ends here, before its head" });
        };
        at = last.position;
        tell(at.min(head), head);
    }
    out.flush()?;
    Ok(Exported { events, position: head, log_digest: (from <= 1).then(|| log.digest()) })
}

//! Backup: all tables that cannot be computed again, from one snapshot into one archive, beside a running server.

use super::check::LogCheck;
use super::container::{ArchiveWriter, Closing, Header};
use super::{ArchiveError, FORMAT_VERSION};
use crate::app::verify::Tell;
use crate::store::StoreError;
use crate::store::archive::{ArchiveTable, Archives, Row, event_of_row};
use std::collections::BTreeMap;
use std::io::Write;

/// How often a caller is told how far it has come, in events.
const TELL_EVERY: u64 = 10_000;

/// Writes an archive of the log as it is now, and answers what it holds. Every event is checked on the way: a backup that could not be
/// restored is found now and not on the day it is needed.
pub async fn write<W: Write + Send>(
    archives: &dyn Archives,
    out: W,
    tell: Tell<'_>,
) -> Result<(W, Closing), ArchiveError> {
    let log_id = archives.log_id();
    let mut snapshot = archives.snapshot().await?;
    let head = snapshot.head().await?;
    let mut writer = ArchiveWriter::begin(out, &Header::of(log_id, head.position))?;
    let mut log = LogCheck::new(log_id);
    let mut rows = BTreeMap::new();
    for table in ArchiveTable::ALL {
        writer.table(table)?;
        let mut count = 0_u64;
        let mut failed = None;
        let mut take = |row: Row| {
            count += 1;
            let written = writer.row(&row).map_err(ArchiveError::from);
            let checked = written.and_then(|()| {
                if table != ArchiveTable::Events {
                    return Ok(());
                }
                let event = event_of_row(row)?;
                log.take(&event).map_err(|problem| ArchiveError::Damaged { position: event.position, problem })?;
                if event.position.is_multiple_of(TELL_EVERY) {
                    tell(event.position, head.position);
                }
                Ok(())
            });
            checked.map_err(|error| {
                failed = Some(error);
                StoreError::Unavailable("the archive could not be written".to_owned())
            })
        };
        let read = snapshot.rows(table, &mut take).await;
        if let Some(error) = failed {
            return Err(error);
        }
        read?;
        rows.insert(table.name().to_owned(), count);
    }
    drop(snapshot);
    if log.head().position != head.position {
        let problem = "the log's head is not the position of its last event";
        return Err(ArchiveError::Damaged { position: log.head().position, problem });
    }
    let closing =
        Closing { position: head.position, recorded_at_us: head.recorded_at_us, log_digest: log.digest(), rows };
    tracing::info!(
        position = closing.position,
        "an archive of version {FORMAT_VERSION} was written to position {}",
        closing.position
    );
    Ok((writer.end(&closing)?, closing))
}

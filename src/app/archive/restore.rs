//! Restore: an archive into an empty log, all or nothing, and only when every event is the one that was backed up.

use super::check::LogCheck;
use super::container::{ArchiveReader, Closing, Item};
use super::{ArchiveError, of_file};
use crate::app::hex::hex;
use crate::app::verify::Tell;
use crate::projections::Projection;
use crate::store::Head;
use crate::store::archive::{ArchiveTable, Archives, Cell, LogFilling, Row, event_of_row};
use crate::store::views::ViewStore;
use std::collections::BTreeMap;
use std::io::BufRead;

/// Rows that are written together, at most so many and of so many bytes.
const ROWS_MAX: usize = 2048;
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// Rows of one table that wait to be written.
pub(super) struct Pending {
    table: ArchiveTable,
    rows: Vec<Row>,
    bytes: usize,
}

impl Pending {
    pub const fn of(table: ArchiveTable) -> Self {
        Self { table, rows: Vec::new(), bytes: 0 }
    }

    /// Adds a row, and writes all when there are many.
    pub async fn add(&mut self, row: Row, filling: &mut dyn LogFilling) -> Result<(), ArchiveError> {
        self.bytes += row.iter().map(bytes_of).sum::<usize>();
        self.rows.push(row);
        if self.rows.len() >= ROWS_MAX || self.bytes >= BYTES_MAX {
            self.write(filling).await?;
        }
        Ok(())
    }

    pub async fn write(&mut self, filling: &mut dyn LogFilling) -> Result<(), ArchiveError> {
        self.bytes = 0;
        if self.rows.is_empty() {
            return Ok(());
        }
        filling.put(self.table, std::mem::take(&mut self.rows)).await.map_err(of_file)
    }
}

const fn bytes_of(cell: &Cell) -> usize {
    match cell {
        Cell::Null | Cell::Integer(_) => 8,
        Cell::Text(text) => text.len(),
        Cell::Bytes(bytes) => bytes.len(),
    }
}

/// Refuses a log that has anything in it, and empties the projections: rows that another log left there would pass for this one's.
pub(super) async fn must_be_empty(filling: &mut dyn LogFilling, views: &dyn ViewStore) -> Result<(), ArchiveError> {
    if let Some(table) = filling.occupied().await? {
        return Err(ArchiveError::NotEmpty { table });
    }
    for projection in Projection::ALL {
        views.clear(projection).await?;
    }
    Ok(())
}

/// Fills the log from an archive in one transaction, and answers what the archive holds.
pub async fn read<R: BufRead + Send>(
    (archives, views): (&dyn Archives, &dyn ViewStore),
    input: R,
    tell: Tell<'_>,
) -> Result<Closing, ArchiveError> {
    let (mut reader, header) = ArchiveReader::begin(input)?;
    let log_id = archives.log_id();
    if header.log_id != log_id {
        return Err(ArchiveError::OtherLog { found: header.log_id, expected: log_id });
    }
    let mut filling = archives.fill().await?;
    must_be_empty(filling.as_mut(), views).await?;
    let mut log = LogCheck::new(log_id);
    let mut rows: BTreeMap<String, u64> =
        ArchiveTable::ALL.map(|table| (table.name().to_owned(), 0)).into_iter().collect();
    let mut pending = Pending::of(ArchiveTable::Events);
    let closing = loop {
        match reader.next()? {
            Item::End(closing) => break closing,
            Item::Row(table, row) => {
                if table != pending.table {
                    pending.write(filling.as_mut()).await?;
                    pending = Pending::of(table);
                }
                if table == ArchiveTable::Events {
                    let event = event_of_row(row.clone()).map_err(of_file)?;
                    log.take(&event).map_err(|problem| {
                        ArchiveError::Archive(format!("its event at position {}: {problem}", event.position))
                    })?;
                    tell(event.position, header.position);
                }
                *rows.entry(table.name().to_owned()).or_default() += 1;
                pending.add(row, filling.as_mut()).await?;
            }
        }
    };
    pending.write(filling.as_mut()).await?;
    let head = log.head();
    compare(
        &closing,
        &Closing { position: head.position, recorded_at_us: closing.recorded_at_us, log_digest: log.digest(), rows },
    )?;
    if closing.recorded_at_us < head.recorded_at_us {
        return Err(ArchiveError::Archive("its head is older than its last event".to_owned()));
    }
    filling.commit(Head { position: closing.position, recorded_at_us: closing.recorded_at_us }).await?;
    Ok(closing)
}

fn compare(stated: &Closing, read: &Closing) -> Result<(), ArchiveError> {
    if stated == read {
        return Ok(());
    }
    Err(ArchiveError::Archive(format!(
        "it states {} events with the digest {}, and holds {} with {}",
        stated.position, stated.log_digest, read.position, read.log_digest
    )))
}

/// Whether a verified log is the one that the archive states.
#[must_use]
pub fn is_of(closing: &Closing, position: u64, log_digest: &[u8; 32]) -> bool {
    closing.position == position && closing.log_digest == hex(log_digest)
}

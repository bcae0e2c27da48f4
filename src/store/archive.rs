//! A whole log as rows in one form for every engine, and the seam through which backup, restore and import-log pass. No SQL.

use super::decode::StoreRow;
use super::{Head, LogId, RecordedEvent, StoreError};
use async_trait::async_trait;
use uuid::Uuid;

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    Integer,
    Text,
    Bytes,
}

/// The cells of one row, in the order of its table's columns.
pub type Row = Vec<Cell>;

/// A column: its name and what it holds.
pub type Column = (&'static str, CellKind);

/// Tables that cannot be computed from others. Rows of projections are not among them: the log gives them again, and an archive without
/// them can be read by a program whose projections have other columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArchiveTable {
    Events,
    Claims,
    Requests,
    VaultMeta,
    VaultKeys,
    VaultRecords,
    VaultPieces,
    ApiKeys,
    ImportReports,
    Checkpoints,
    WebhookPlaces,
    WebhookDeliveries,
    AuditNotes,
}

use CellKind::{Bytes, Integer, Text};

const EVENTS: &[Column] = &[
    ("position", Integer),
    ("stream_id", Text),
    ("revision", Integer),
    ("event_id", Bytes),
    ("event_type", Text),
    ("schema_version", Integer),
    ("recorded_at_us", Integer),
    ("data", Bytes),
    ("metadata", Bytes),
    ("leaf_hash", Bytes),
];
const CLAIMS: &[Column] = &[("kind", Text), ("key", Bytes), ("stream_id", Text)];
const REQUESTS: &[Column] = &[
    ("caller", Text),
    ("idempotency_key", Text),
    ("input_hash", Bytes),
    ("stream_id", Text),
    ("first_position", Integer),
    ("event_count", Integer),
    ("revision", Integer),
    ("position", Integer),
];
const VAULT_META: &[Column] = &[("name", Text), ("value", Bytes)];
const VAULT_KEYS: &[Column] = &[("subject", Bytes), ("wrapped_key", Bytes)];
const VAULT_RECORDS: &[Column] = &[("record_ref", Bytes), ("subject", Bytes), ("kind", Text), ("ciphertext", Bytes)];
const VAULT_PIECES: &[Column] =
    &[("record_ref", Bytes), ("subject", Bytes), ("piece", Integer), ("written_at_us", Integer), ("ciphertext", Bytes)];
const API_KEYS: &[Column] = &[
    ("key_id", Text),
    ("secret_hash", Bytes),
    ("role", Text),
    ("unit_key", Text),
    ("bank", Text),
    ("label", Text),
    ("created_at_us", Integer),
    ("revoked_at_us", Integer),
    ("expires_at_us", Integer),
    ("used_at_us", Integer),
    ("former_hash", Bytes),
    ("former_until_us", Integer),
];
const CHECKPOINTS: &[Column] =
    &[("size", Integer), ("signed_at_us", Integer), ("cosignatures", Integer), ("note", Bytes)];
const IMPORT_REPORTS: &[Column] = &[("import_id", Bytes), ("actor", Text), ("report", Bytes)];
const WEBHOOK_PLACES: &[Column] = &[
    ("webhook_id", Bytes),
    ("position", Integer),
    ("seen_revision", Integer),
    ("failing_since_us", Integer),
    ("version", Integer),
];
const WEBHOOK_DELIVERIES: &[Column] = &[
    ("webhook_id", Bytes),
    ("position", Integer),
    ("event_id", Bytes),
    ("kind", Text),
    ("state", Text),
    ("tries", Integer),
    ("next_try_us", Integer),
    ("updated_at_us", Integer),
    ("answers", Bytes),
];

const AUDIT_NOTES: &[Column] = &[("note_id", Bytes), ("noted_at_us", Integer), ("data", Bytes)];

impl ArchiveTable {
    /// All of them, in the order in which they are written and read.
    pub const ALL: [Self; 13] = [
        Self::Events,
        Self::Claims,
        Self::Requests,
        Self::VaultMeta,
        Self::VaultKeys,
        Self::VaultRecords,
        Self::VaultPieces,
        Self::ApiKeys,
        Self::ImportReports,
        Self::Checkpoints,
        Self::WebhookPlaces,
        Self::WebhookDeliveries,
        Self::AuditNotes,
    ];

    /// The name, the same on every engine.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Claims => "claims",
            Self::Requests => "requests",
            Self::VaultMeta => "vault_meta",
            Self::VaultKeys => "vault_keys",
            Self::VaultRecords => "vault_records",
            Self::VaultPieces => "vault_pieces",
            Self::ApiKeys => "api_keys",
            Self::ImportReports => "import_reports",
            Self::Checkpoints => "checkpoints",
            Self::WebhookPlaces => "webhook_places",
            Self::WebhookDeliveries => "webhook_deliveries",
            Self::AuditNotes => "audit_notes",
        }
    }

    /// The columns, without the log's number. The first is never null.
    #[must_use]
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Events => EVENTS,
            Self::Claims => CLAIMS,
            Self::Requests => REQUESTS,
            Self::VaultMeta => VAULT_META,
            Self::VaultKeys => VAULT_KEYS,
            Self::VaultRecords => VAULT_RECORDS,
            Self::VaultPieces => VAULT_PIECES,
            Self::ApiKeys => API_KEYS,
            Self::ImportReports => IMPORT_REPORTS,
            Self::Checkpoints => CHECKPOINTS,
            Self::WebhookPlaces => WEBHOOK_PLACES,
            Self::WebhookDeliveries => WEBHOOK_DELIVERIES,
            Self::AuditNotes => AUDIT_NOTES,
        }
    }

    /// The version of archives that first had it.
    #[must_use]
    pub const fn since(self) -> u32 {
        match self {
            Self::AuditNotes => 5,
            Self::VaultPieces => 4,
            Self::WebhookPlaces | Self::WebhookDeliveries => 3,
            Self::Checkpoints => 2,
            Self::Events
            | Self::Claims
            | Self::Requests
            | Self::VaultMeta
            | Self::VaultKeys
            | Self::VaultRecords
            | Self::ApiKeys
            | Self::ImportReports => 1,
        }
    }

    /// The columns in an archive of a version: later ones come at the end, and are null in a row of before.
    #[must_use]
    pub fn columns_of(self, version: u32) -> &'static [Column] {
        match self {
            Self::ApiKeys if version < 5 => self.columns().split_at(8).0,
            _ => self.columns(),
        }
    }

    /// The table of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// Whether a row has this table's columns.
    #[must_use]
    pub fn fits(self, row: &[Cell]) -> bool {
        let fits = |(cell, (_, kind)): (&Cell, &Column)| match cell {
            Cell::Null => true,
            Cell::Integer(_) => *kind == Integer,
            Cell::Text(_) => *kind == Text,
            Cell::Bytes(_) => *kind == Bytes,
        };
        let columns = self.columns();
        row.len() == columns.len() && row.first() != Some(&Cell::Null) && row.iter().zip(columns).all(fits)
    }

    /// A row of an engine in the one form.
    pub(super) fn cells(self, row: &impl StoreRow) -> Result<Row, StoreError> {
        let cell = |(index, (_, kind)): (usize, &Column)| {
            let cell = match kind {
                CellKind::Integer => row.number(index)?.map(Cell::Integer),
                CellKind::Text => row.text(index)?.map(|value| Cell::Text(value.to_owned())),
                CellKind::Bytes => row.bytes(index)?.map(|value| Cell::Bytes(value.to_vec())),
            };
            Ok(cell.unwrap_or(Cell::Null))
        };
        self.columns().iter().enumerate().map(cell).collect()
    }
}

/// Told each row as it is read; an error ends the reading.
pub type TakeRow<'a> = &'a mut (dyn FnMut(Row) -> Result<(), StoreError> + Send);

/// A log as it was at one instant, whatever is written meanwhile.
#[async_trait]
pub trait LogSnapshot: Send {
    /// The log's head in the snapshot.
    async fn head(&mut self) -> Result<Head, StoreError>;

    /// Gives every row of a table in the order of its key, one at a time.
    async fn rows(&mut self, table: ArchiveTable, take: TakeRow<'_>) -> Result<(), StoreError>;
}

/// One transaction that fills a log. Dropped without commit, nothing was written.
#[async_trait]
pub trait LogFilling: Send {
    /// The first table that is not empty; what is filled must be empty before.
    async fn occupied(&mut self) -> Result<Option<String>, StoreError>;

    /// Writes rows. Each fits its table.
    async fn put(&mut self, table: ArchiveTable, rows: Vec<Row>) -> Result<(), StoreError>;

    /// What was written so far, stream by stream, after a stream and revision.
    async fn read_by_stream(
        &mut self,
        after: Option<(&str, u64)>,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError>;

    /// Sets the log's head and commits. Durable when it answers.
    async fn commit(self: Box<Self>, head: Head) -> Result<(), StoreError>;
}

/// A log that can be copied out and filled.
#[async_trait]
pub trait Archives: Send + Sync + 'static {
    fn log_id(&self) -> LogId;

    /// Begins to read; works beside a running server.
    async fn snapshot(&self) -> Result<Box<dyn LogSnapshot + '_>, StoreError>;

    /// Begins to write; the log must be open for writing.
    async fn fill(&self) -> Result<Box<dyn LogFilling + '_>, StoreError>;

    /// Gives everything back.
    async fn close_archive(&self);
}

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(format!("{what} is not what was written"))
}

/// A number that is never negative and fits SQL's widest one.
fn signed(number: u64) -> Cell {
    Cell::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// An event as a row of [`ArchiveTable::Events`].
#[must_use]
pub fn row_of_event(event: RecordedEvent) -> Row {
    vec![
        signed(event.position),
        Cell::Text(event.stream),
        signed(event.revision),
        Cell::Bytes(event.event_id.as_bytes().to_vec()),
        Cell::Text(event.event_type),
        Cell::Integer(i64::from(event.schema_version)),
        Cell::Integer(event.recorded_at_us),
        Cell::Bytes(event.data),
        Cell::Bytes(event.metadata),
        Cell::Bytes(event.leaf_hash.to_vec()),
    ]
}

/// The event that a row of [`ArchiveTable::Events`] is.
pub fn event_of_row(row: Row) -> Result<RecordedEvent, StoreError> {
    use Cell::{Bytes as B, Integer as I, Text as T};
    let cells: [Cell; 10] = row.try_into().map_err(|_| corrupt("an event"))?;
    let [
        I(position),
        T(stream),
        I(revision),
        B(id),
        T(event_type),
        I(version),
        I(recorded_at_us),
        B(data),
        B(metadata),
        B(hash),
    ] = cells
    else {
        return Err(corrupt("an event"));
    };
    Ok(RecordedEvent {
        position: position.try_into().map_err(|_| corrupt("a position"))?,
        stream,
        revision: revision.try_into().map_err(|_| corrupt("a revision"))?,
        event_id: Uuid::from_slice(&id).map_err(|_| corrupt("an event id"))?,
        event_type,
        schema_version: version.try_into().map_err(|_| corrupt("a schema version"))?,
        recorded_at_us,
        data,
        metadata,
        leaf_hash: hash.try_into().map_err(|_| corrupt("a leaf hash"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> RecordedEvent {
        RecordedEvent {
            position: 7,
            stream: "s".to_owned(),
            revision: 3,
            event_id: Uuid::from_u128(9),
            event_type: "T".to_owned(),
            schema_version: 2,
            recorded_at_us: -5,
            data: vec![0, 255],
            metadata: Vec::new(),
            leaf_hash: [4; 32],
        }
    }

    #[test]
    fn an_event_comes_back_from_its_row() {
        let row = row_of_event(event());
        assert!(ArchiveTable::Events.fits(&row));
        assert_eq!(event_of_row(row), Ok(event()));
    }

    #[test]
    fn a_row_of_other_cells_is_refused() {
        let mut row = row_of_event(event());
        row[0] = Cell::Integer(-1);
        assert!(event_of_row(row.clone()).is_err());
        row[0] = Cell::Null;
        assert!(!ArchiveTable::Events.fits(&row));
        row.pop();
        assert!(event_of_row(row).is_err());
    }

    #[test]
    fn each_table_is_found_by_its_name() {
        for table in ArchiveTable::ALL {
            assert_eq!(ArchiveTable::of_name(table.name()), Some(table));
        }
        assert_eq!(ArchiveTable::of_name("payments"), None);
    }
}

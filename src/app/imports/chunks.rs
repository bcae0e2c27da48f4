//! Rows of a file in chunks: a thread of its own reads and parses, so that looking up and appending go on meanwhile.

use super::parse::{self, ParsedRow};
use super::source::Source;
use crate::app::error::AppError;
use crate::domain::import::ImportKind;
use crate::domain::profile::Profile;
use crate::files::{Columns, FileError, Language, OfficeFile, Row};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Rows in one chunk. Also the largest number of appends that go to the log before others get their turn.
pub const CHUNK_ROWS: usize = 2_000;
/// Chunks that may wait parsed: with the one being read and the one being recorded this bounds an import's memory.
const CHUNKS_WAITING: usize = 2;

/// Parsed rows of one file, chunk after chunk.
pub struct Chunks {
    receiver: mpsc::Receiver<Result<Vec<ParsedRow>, FileError>>,
}

impl Chunks {
    /// Opens the file and starts to read it.
    #[must_use]
    pub fn start(profile: Arc<Profile>, kind: ImportKind, source: Source) -> Self {
        let (sender, receiver) = mpsc::channel(CHUNKS_WAITING);
        tokio::task::spawn_blocking(move || {
            if let Err(error) = read_all(&profile, kind, &source, &sender) {
                // A closed channel means that nobody wants the rest.
                let _unwanted = sender.blocking_send(Err(error));
            }
        });
        Self { receiver }
    }

    /// The next chunk; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<ParsedRow>>, AppError> {
        self.receiver.recv().await.transpose().map_err(file_error)
    }
}

/// The columns of a kind of file, with the profile's aliases.
#[must_use]
pub fn columns(profile: &Profile, kind: ImportKind) -> Columns {
    let specs = profile.columns(kind);
    let aliases: Vec<Vec<&str>> = specs.iter().map(|spec| spec.aliases.iter().map(String::as_str).collect()).collect();
    let named: Vec<(&str, &[&str])> =
        specs.iter().zip(&aliases).map(|(spec, aliases)| (spec.name.as_str(), aliases.as_slice())).collect();
    let required = parse::required_columns(profile, kind);
    let required: Vec<&[&str]> = required.iter().map(Vec::as_slice).collect();
    Columns::new(&named, &required)
}

fn read_all(
    profile: &Profile,
    kind: ImportKind,
    source: &Source,
    sender: &mpsc::Sender<Result<Vec<ParsedRow>, FileError>>,
) -> Result<(), FileError> {
    let mut file = OfficeFile::open(source.open()?, source.format, Arc::new(columns(profile, kind)))?;
    let mut rows = file.rows()?;
    let mut row = Row::default();
    let mut chunk = Vec::with_capacity(CHUNK_ROWS);
    while rows.next_row(&mut row)? {
        chunk.push(parse::parse(profile, kind, &mut row));
        if chunk.len() == CHUNK_ROWS {
            let full = std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK_ROWS));
            if sender.blocking_send(Ok(full)).is_err() {
                return Ok(());
            }
        }
    }
    if !chunk.is_empty() {
        let _unwanted = sender.blocking_send(Ok(chunk));
    }
    Ok(())
}

/// A file that cannot be taken, as a use case's error: with the row, if it is one row's fault.
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
pub fn file_error(error: FileError) -> AppError {
    if let FileError::Io(cause) = &error {
        return AppError::Internal(format!("an office file could not be read: {cause}"));
    }
    let place = |en: bool| match &error {
        FileError::Refused { row: Some(row), .. } if en => format!("Row {row}: "),
        FileError::Refused { row: Some(row), .. } => format!("Dòng {row}: "),
        _ => String::new(),
    };
    AppError::File {
        code: error.code(),
        message: format!("{}{}", place(true), error.message_in(Language::English)),
        message_vi: format!("{}{}", place(false), error.message_in(Language::Vietnamese)),
    }
}

//! A message's bytes, at hand or in the vault, as items: those in pieces are parsed on a thread of their own while they are opened, and
//! never held whole.

use crate::app::App;
use crate::app::error::AppError;
use crate::banks::{self, Item, Limits, Message, ReadError, Summary};
use crate::domain::ids::{InboxId, VaultRef};
use crate::vault::own::BANK_MESSAGE;
use crate::vault::pieces::{Kept, KeptPieces};
use sha2::{Digest, Sha256};
use std::io::{self, BufRead, Cursor, Read};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

/// Items looked up together.
pub(super) const CHUNK: usize = 512;
/// Pieces, and chunks of items, that wait to be taken.
const AHEAD: usize = 2;

/// A message's bytes.
pub(in crate::app) enum Body {
    Whole(Arc<Vec<u8>>),
    Pieces(KeptPieces),
}

struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The items of a message, chunk by chunk.
pub(super) struct Items<'a> {
    app: &'a App,
    source: Source,
}

enum Source {
    Whole(Box<Message<Cursor<Shared>>>),
    Pieces(Box<Parsing>),
}

/// Pieces on their way to the parser, and items on their way back.
struct Parsing {
    kept: KeptPieces,
    next: u32,
    /// `None` once the last piece is on its way.
    pieces: Option<mpsc::Sender<Vec<u8>>>,
    parsed: mpsc::Receiver<Result<Parsed, ReadError>>,
    summary: Option<Summary>,
}

enum Parsed {
    Chunk(Vec<Item>),
    End(Summary),
}

/// What was kept was read to its end when it came.
fn limits() -> Limits {
    Limits { bytes_max: u64::MAX, ..Limits::default() }
}

fn next_chunk<R: BufRead>(message: &mut Message<R>) -> Result<Vec<Item>, ReadError> {
    let mut chunk = Vec::with_capacity(CHUNK);
    while chunk.len() < CHUNK
        && let Some(item) = message.next_item()?
    {
        chunk.push(item);
    }
    Ok(chunk)
}

/// The pieces as one stream of bytes.
struct Pieces {
    from: mpsc::Receiver<Vec<u8>>,
    piece: Vec<u8>,
    read: usize,
}

impl BufRead for Pieces {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.read == self.piece.len() {
            self.piece = self.from.blocking_recv().unwrap_or_default();
            self.read = 0;
        }
        Ok(&self.piece[self.read..])
    }

    fn consume(&mut self, amount: usize) {
        self.read += amount;
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

/// Parses to the end, or until nobody takes the items any more.
fn parse(input: Pieces, to: &mpsc::Sender<Result<Parsed, ReadError>>) {
    let parse = || {
        let mut message = banks::open(input, &limits())?;
        loop {
            let chunk = next_chunk(&mut message)?;
            if chunk.is_empty() {
                return Ok(Parsed::End(message.summary().clone()));
            }
            if to.blocking_send(Ok(Parsed::Chunk(chunk))).is_err() {
                return Err(ReadError::Io);
            }
        }
    };
    let end = parse();
    // Who stopped taking needs no end.
    drop(to.blocking_send(end));
}

fn broke_off() -> AppError {
    AppError::Internal("the parser of a bank's message broke off".to_owned())
}

impl Parsing {
    async fn next(&mut self, app: &App) -> Result<Vec<Item>, AppError> {
        loop {
            let permit = tokio::select! {
                biased;
                parsed = self.parsed.recv() => match parsed.ok_or_else(broke_off)?? {
                    Parsed::Chunk(chunk) => return Ok(chunk),
                    Parsed::End(summary) => {
                        self.summary = Some(summary);
                        return Ok(Vec::new());
                    }
                },
                permit = reserve(self.pieces.clone()) => permit,
            };
            // Gone: it ended with an error, which comes next.
            let Some(permit) = permit else {
                self.pieces = None;
                continue;
            };
            permit.send(app.vault.open_piece(&self.kept, self.next).await?);
            self.next += 1;
            if self.next == self.kept.count() {
                self.pieces = None;
            }
        }
    }
}

/// Room for one more piece; never, once the last one is on its way.
async fn reserve(pieces: Option<mpsc::Sender<Vec<u8>>>) -> Option<mpsc::OwnedPermit<Vec<u8>>> {
    match pieces {
        Some(pieces) => pieces.reserve_owned().await.ok(),
        None => std::future::pending().await,
    }
}

impl Items<'_> {
    /// The next items; none at the message's proper end.
    pub async fn next(&mut self) -> Result<Vec<Item>, AppError> {
        match &mut self.source {
            Source::Whole(message) => Ok(next_chunk(message)?),
            Source::Pieces(parsing) => parsing.next(self.app).await,
        }
    }

    /// What is known beside the items, after the last one.
    pub fn summary(&self) -> Summary {
        match &self.source {
            Source::Whole(message) => message.summary().clone(),
            Source::Pieces(parsing) => parsing.summary.clone().unwrap_or_default(),
        }
    }
}

impl App {
    /// What is kept of a message; `None` when it is not there any more.
    pub(in crate::app) async fn kept_message(&self, id: InboxId, body_ref: VaultRef) -> Result<Option<Body>, AppError> {
        let kept = self.vault.open_kept(id.as_uuid(), BANK_MESSAGE, body_ref.as_uuid()).await?;
        Ok(kept.map(|kept| match kept {
            Kept::Whole(bytes) => Body::Whole(Arc::new(bytes)),
            Kept::Pieces(pieces) => Body::Pieces(pieces),
        }))
    }

    /// The SHA-256 of a message's bytes.
    pub(in crate::app) async fn hash_of(&self, body: &Body) -> Result<[u8; 32], AppError> {
        match body {
            Body::Whole(bytes) => Ok(Sha256::digest(bytes.as_slice()).into()),
            Body::Pieces(kept) => {
                let mut hash = Sha256::new();
                for number in 0..kept.count() {
                    hash.update(self.vault.open_piece(kept, number).await?);
                }
                Ok(hash.finalize().into())
            }
        }
    }

    /// A message's items from its beginning.
    pub(super) fn items_of(&self, body: &Body) -> Result<Items<'_>, AppError> {
        let source = match body {
            Body::Whole(bytes) => {
                Source::Whole(Box::new(banks::open(Cursor::new(Shared(Arc::clone(bytes))), &limits())?))
            }
            Body::Pieces(kept) => {
                let (pieces, from) = mpsc::channel(AHEAD);
                let (to, parsed) = mpsc::channel(AHEAD);
                spawn_blocking(move || parse(Pieces { from, piece: Vec::new(), read: 0 }, &to));
                let (kept, next, pieces) = (kept.clone(), 0, Some(pieces).filter(|_| kept.count() > 0));
                Source::Pieces(Box::new(Parsing { kept, next, pieces, parsed, summary: None }))
            }
        };
        Ok(Items { app: self, source })
    }
}

//! A bank's long file: read twice, sealed in pieces, and judged from what is kept. Whatever its length, a few pieces of it are in memory.

use super::callback::{CameBy, off_thread};
use super::inbox::InboxView;
use super::inbox_id;
use super::registry::KnownBank;
use crate::app::App;
use crate::app::aggregate::inbox_stream;
use crate::app::error::AppError;
use crate::app::execute::{Begin, Beside};
use crate::app::hex::hex;
use crate::banks::{Head, Limits, ReadError, Summary, check};
use crate::domain::ids::{BankId, InboxId, VaultRef};
use crate::domain::inbox::{Inbox, InboxCommand, OTHERS_KEPT_MAX};
use crate::store::StoreError;
use crate::vault::pieces::{PIECE_BYTES, Sealing};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// Files up to this length are kept in one piece, and are in memory once or twice while they are judged.
pub(super) const WHOLE_BYTES_MAX: u64 = 4 << 20;
/// Pieces written in one transaction: some 4 MB.
const PIECES_AT_ONCE: usize = 16;
/// What a crash left of a message that never came is swept after so long. Who seals one takes minutes.
const SWEPT_AFTER_US: i64 = 24 * 3_600 * 1_000_000;

/// Whether the program is to stop.
pub(super) type Stopped<'a> = &'a (dyn Fn() -> bool + Sync);

/// What is refused while the program stops: it is done when it runs again.
pub(super) fn stops() -> AppError {
    AppError::Store(StoreError::Unavailable("the program stops".to_owned()))
}

/// Hashes and counts what passes.
struct Hashing<R> {
    inner: R,
    hash: Sha256,
    bytes: u64,
}

impl<R> Hashing<R> {
    fn new(inner: R) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

/// A file that was read to its end.
struct ReadFile {
    head: Head,
    summary: Summary,
    sha256: String,
    bytes: u64,
}

fn failed(error: &io::Error) -> AppError {
    AppError::Internal(format!("a bank's file: {error}"))
}

fn changed() -> AppError {
    AppError::Internal("a bank's file was written to while it was read".to_owned())
}

/// The first reading: whether it is a message at all, and which.
fn read_whole(file: &File, bytes_max: u64) -> Result<ReadFile, AppError> {
    let limits = Limits { bytes_max, ..Limits::default() };
    let mut input = BufReader::with_capacity(PIECE_BYTES, Hashing::new(file));
    let (head, summary) = check(&mut input, &limits).map_err(|error| match error {
        // The disk's fault, not the message's.
        ReadError::Io => AppError::Internal("a bank's file cannot be read to its end".to_owned()),
        error => error.into(),
    })?;
    io::copy(&mut input, &mut io::sink()).map_err(|error| failed(&error))?;
    let Hashing { hash, bytes, .. } = input.into_inner();
    Ok(ReadFile { head, summary, sha256: hex(&hash.finalize()), bytes })
}

/// The next pieces of the second reading, and whether they are the last.
fn read_pieces(input: &mut Hashing<File>, bytes: u64) -> Result<(Vec<Vec<u8>>, bool), AppError> {
    let mut pieces = Vec::with_capacity(PIECES_AT_ONCE);
    while pieces.len() < PIECES_AT_ONCE && input.bytes < bytes {
        let length = (bytes - input.bytes).min(PIECE_BYTES as u64);
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        input.by_ref().take(length).read_to_end(&mut piece).map_err(|error| failed(&error))?;
        if piece.len() as u64 != length {
            return Err(changed());
        }
        pieces.push(piece);
    }
    Ok((pieces, input.bytes == bytes))
}

impl App {
    /// Takes a bank's file that is too long to be held whole.
    pub(super) async fn take_long_file(
        &self,
        (bank, known): (&BankId, &KnownBank),
        (file, bytes_max): (File, u64),
        stopped: Stopped<'_>,
    ) -> Result<InboxView, AppError> {
        let (mut file, read) = off_thread(move || {
            let read = read_whole(&file, bytes_max)?;
            Ok((file, read))
        })
        .await?;
        let id = inbox_id(bank, &read.head.message_id);
        let stream = inbox_stream(id);
        let before = self.load::<Inbox>(&stream).await?.map(|(state, _)| state).unwrap_or_default();
        let state = if before.keeps(&read.sha256) || before.others().count() >= OTHERS_KEPT_MAX {
            before
        } else {
            file.seek(SeekFrom::Start(0)).map_err(|error| failed(&error))?;
            self.keep_long((bank, id), (file, &read), stopped).await?
        };
        self.finish_message((bank, known, id), (state, &read.sha256), None, stopped).await
    }

    /// Seals the file and records that it came. The state after.
    async fn keep_long(
        &self,
        (bank, id): (&BankId, InboxId),
        (file, read): (File, &ReadFile),
        stopped: Stopped<'_>,
    ) -> Result<Inbox, AppError> {
        let mut sealing = self.vault.begin_pieces(id.as_uuid()).await?;
        if let Err(error) = self.seal_file(&mut sealing, (file, read), stopped).await {
            self.give_up(&sealing).await;
            return Err(error);
        }
        let body_ref = VaultRef::from_uuid(sealing.record_ref());
        let of_body = (read.bytes, read.sha256.as_str(), body_ref);
        let came = CameBy::folder();
        let command = InboxCommand::Receive(self.received(bank, &came, (&read.head, &read.summary), of_body));
        let beside = Beside { claims: Vec::new(), vault: self.vault.end_pieces(&mut sealing)? };
        let request = self.inbox_request(bank, id, "receive");
        let stream = inbox_stream(id);
        // If it fails, nobody knows whether it is recorded: what is not is swept one day.
        let written =
            self.execute((&stream, Begin::Existing), &request, beside, |_: &Inbox| Ok(command.clone())).await?;
        if !written.state.names(body_ref) {
            // Somebody else kept the same message meanwhile.
            self.give_up(&sealing).await;
        }
        Ok(written.state)
    }

    async fn seal_file(
        &self,
        sealing: &mut Sealing,
        (file, read): (File, &ReadFile),
        stopped: Stopped<'_>,
    ) -> Result<(), AppError> {
        let (bytes, mut input) = (read.bytes, Hashing::new(file));
        loop {
            if stopped() {
                return Err(stops());
            }
            let (pieces, is_end);
            (input, pieces, is_end) = off_thread(move || {
                let (pieces, is_end) = read_pieces(&mut input, bytes)?;
                Ok((input, pieces, is_end))
            })
            .await?;
            if is_end && hex(&input.hash.clone().finalize()) != read.sha256 {
                return Err(changed());
            }
            self.vault.put_pieces(sealing, (&pieces, is_end)).await?;
            if is_end {
                return Ok(());
            }
        }
    }

    async fn give_up(&self, sealing: &Sealing) {
        if let Err(error) = self.vault.drop_pieces(sealing).await {
            tracing::warn!(error = %error, "pieces of a bank's message that does not count are left to the sweep");
        }
    }

    /// Takes away what crashes left of messages that never came. How many.
    pub async fn sweep_messages(&self) -> Result<u64, AppError> {
        Ok(self.vault.sweep_pieces(self.clock.now_us() - SWEPT_AFTER_US).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file_of(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file
    }

    #[test]
    fn a_file_is_cut_into_pieces_that_are_the_file() {
        let long = PIECE_BYTES * PIECES_AT_ONCE + 3;
        for length in [1, PIECE_BYTES, PIECE_BYTES + 1, PIECE_BYTES * PIECES_AT_ONCE, long] {
            let bytes: Vec<u8> = (0..=250).cycle().take(length).collect();
            let (mut input, mut whole, mut rounds) = (Hashing::new(file_of(&bytes)), Vec::new(), 0);
            loop {
                let (pieces, is_end) = read_pieces(&mut input, length as u64).unwrap();
                let full = pieces.iter().rev().skip(1).all(|piece| piece.len() == PIECE_BYTES);
                assert!(full && pieces.len() <= PIECES_AT_ONCE, "{length}");
                whole.extend(pieces.into_iter().flatten());
                rounds += 1;
                if is_end {
                    break;
                }
            }
            assert!(whole == bytes && rounds == length.div_ceil(PIECE_BYTES * PIECES_AT_ONCE), "{length}");
        }
    }

    #[test]
    fn a_file_that_became_shorter_is_not_taken() {
        let error = read_pieces(&mut Hashing::new(file_of(&[1; 10])), 11).unwrap_err();
        assert!(error.to_string().contains("while it was read"), "{error}");
    }
}

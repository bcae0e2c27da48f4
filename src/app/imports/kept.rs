//! What pass 1 decided, kept for pass 2 in memory or a temporary file: nothing is read, looked up or decided twice. Of personal data it
//! holds what the log and the vault hold: pseudonyms and ciphertexts.

use crate::domain::claims::ClaimChange;
use crate::domain::codec;
use crate::store::{Append, EventData, StreamState, VaultRow};
use std::io::{self, Read, Seek, SeekFrom, Write};
use tempfile::SpooledTempFile;
use tokio::sync::mpsc;
use uuid::Uuid;

/// Kept in memory before a temporary file is opened: enough for most office files.
const BYTES_IN_MEMORY: usize = 16 * 1024 * 1024;
/// Chunks that may wait read: with the ones on their way into the log this bounds an import's memory.
const CHUNKS_WAITING: usize = 2;

/// A row that pass 1 let through.
#[derive(Debug, PartialEq, Eq)]
pub enum KeptRow {
    /// Ready to be appended, with the row's amount.
    Ready { number: u64, amount_minor: Option<i64>, append: Box<Append> },
    /// To be judged once more when it is recorded, since it makes something that must not be made before.
    Again { number: u64 },
}

impl KeptRow {
    /// The row's number, when it is to be judged again.
    #[must_use]
    pub const fn again(&self) -> Option<u64> {
        match self {
            Self::Again { number } => Some(*number),
            Self::Ready { .. } => None,
        }
    }
}

/// The rows of one chunk of the file that pass 1 let through.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct KeptChunk {
    /// How many rows the chunk has in the file.
    pub rows: u64,
    pub kept: Vec<KeptRow>,
}

/// Takes in what pass 1 decides, chunk by chunk.
pub struct Keeper {
    file: SpooledTempFile,
    /// Words of claims and vault records that occur, by their number in the file.
    words: Vec<&'static str>,
    chunk: Vec<u8>,
    again: bool,
}

/// All that was kept, to be read once from the start.
pub struct Kept {
    file: SpooledTempFile,
    words: Vec<&'static str>,
    /// Whether any row is to be judged again.
    pub again: bool,
}

impl Default for Keeper {
    fn default() -> Self {
        Self { file: SpooledTempFile::new(BYTES_IN_MEMORY), words: Vec::new(), chunk: Vec::new(), again: false }
    }
}

impl Keeper {
    /// Keeps a row of the chunk that goes on until [`Self::end_chunk`].
    pub fn keep(&mut self, row: &KeptRow) -> io::Result<()> {
        match row {
            KeptRow::Again { number } => {
                self.again = true;
                self.chunk.push(0);
                self.number(*number);
            }
            KeptRow::Ready { number, amount_minor, append } => {
                self.chunk.push(if amount_minor.is_some() { 2 } else { 1 });
                self.number(*number);
                self.number(amount_minor.unwrap_or(0).cast_unsigned());
                self.append(append)?;
            }
        }
        Ok(())
    }

    /// Ends a chunk that has so many rows in the file.
    pub fn end_chunk(&mut self, rows: u64) -> io::Result<()> {
        let length = self.chunk.len() as u64;
        self.file.write_all(&length.to_le_bytes())?;
        self.file.write_all(&rows.to_le_bytes())?;
        self.file.write_all(&self.chunk)?;
        self.chunk.clear();
        Ok(())
    }

    /// Back to the start, for reading.
    pub fn finish(mut self) -> io::Result<Kept> {
        self.file.seek(SeekFrom::Start(0))?;
        Ok(Kept { file: self.file, words: self.words, again: self.again })
    }

    fn append(&mut self, append: &Append) -> io::Result<()> {
        self.bytes(append.stream.as_bytes());
        match append.expected {
            StreamState::NoStream => self.number(0),
            StreamState::Revision(revision) => self.number(revision.saturating_add(1)),
            StreamState::Any | StreamState::StreamExists => return Err(damaged()),
        }
        self.number(append.events.len() as u64);
        for event in &append.events {
            let name = codec::ALL.iter().find(|stored| stored.name == event.event_type).ok_or_else(damaged)?.name;
            self.word(name);
            self.number(u64::from(event.schema_version));
            self.chunk.extend_from_slice(event.event_id.as_bytes());
            self.bytes(&event.data);
        }
        self.number(append.claims.len() as u64);
        for claim in &append.claims {
            self.word(claim.kind);
            self.chunk.push(u8::from(claim.take));
            self.bytes(&claim.key);
        }
        self.number(append.vault.len() as u64);
        for row in &append.vault {
            match row {
                VaultRow::Key { subject, wrapped_key } => {
                    self.chunk.push(0);
                    self.chunk.extend_from_slice(subject.as_bytes());
                    self.bytes(wrapped_key);
                }
                VaultRow::Record { record_ref, subject, kind, ciphertext } => {
                    self.chunk.push(1);
                    self.chunk.extend_from_slice(subject.as_bytes());
                    self.chunk.extend_from_slice(record_ref.as_bytes());
                    self.word(kind);
                    self.bytes(ciphertext);
                }
            }
        }
        Ok(())
    }

    fn word(&mut self, word: &'static str) {
        let index = self.words.iter().position(|known| *known == word).unwrap_or_else(|| {
            self.words.push(word);
            self.words.len() - 1
        });
        self.number(index as u64);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.chunk.extend_from_slice(bytes);
    }

    /// LEB128: most numbers are small.
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.chunk.push(u8::try_from(number & 0x7f).unwrap_or(0) | 0x80);
            number >>= 7;
        }
        self.chunk.push(u8::try_from(number).unwrap_or(0));
    }
}

impl Kept {
    /// Reads on a thread of its own. Events get the import's metadata, which all of them share.
    #[must_use]
    pub fn read(mut self, metadata: Vec<u8>) -> mpsc::Receiver<io::Result<KeptChunk>> {
        let (sender, receiver) = mpsc::channel(CHUNKS_WAITING);
        tokio::task::spawn_blocking(move || {
            while let Some(chunk) = self.next(&metadata).transpose() {
                let last = chunk.is_err();
                // A closed channel means that nobody wants the rest.
                if sender.blocking_send(chunk).is_err() || last {
                    return;
                }
            }
        });
        receiver
    }

    fn next(&mut self, metadata: &[u8]) -> io::Result<Option<KeptChunk>> {
        let mut head = [0; 16];
        match self.file.read(&mut head)? {
            0 => return Ok(None),
            read => self.file.read_exact(&mut head[read..])?,
        }
        let (length, rows) = head.split_at(8);
        let length = u64::from_le_bytes(length.try_into().map_err(|_| damaged())?);
        let rows = u64::from_le_bytes(rows.try_into().map_err(|_| damaged())?);
        let mut bytes = vec![0; usize::try_from(length).map_err(|_| damaged())?];
        self.file.read_exact(&mut bytes)?;
        let mut reader = Reader { rest: &bytes, words: &self.words, metadata };
        let mut chunk = KeptChunk { rows, kept: Vec::new() };
        while !reader.rest.is_empty() {
            chunk.kept.push(reader.row()?);
        }
        Ok(Some(chunk))
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    words: &'a [&'static str],
    metadata: &'a [u8],
}

impl Reader<'_> {
    fn row(&mut self) -> io::Result<KeptRow> {
        let tag = self.byte()?;
        let number = self.number()?;
        if tag == 0 {
            return Ok(KeptRow::Again { number });
        }
        let amount = self.number()?.cast_signed();
        let append = Box::new(self.append()?);
        Ok(KeptRow::Ready { number, amount_minor: (tag == 2).then_some(amount), append })
    }

    fn append(&mut self) -> io::Result<Append> {
        let stream = String::from_utf8(self.bytes()?).map_err(|_| damaged())?;
        let expected = match self.number()? {
            0 => StreamState::NoStream,
            next => StreamState::Revision(next - 1),
        };
        let mut append = Append::events(stream, expected, Vec::new());
        for _ in 0..self.number()? {
            append.events.push(EventData {
                event_type: self.word()?.to_owned(),
                schema_version: u16::try_from(self.number()?).map_err(|_| damaged())?,
                event_id: self.id()?,
                data: self.bytes()?,
                metadata: self.metadata.to_vec(),
            });
        }
        for _ in 0..self.number()? {
            append.claims.push(ClaimChange { kind: self.word()?, take: self.byte()? == 1, key: self.bytes()? });
        }
        for _ in 0..self.number()? {
            let tag = self.byte()?;
            let subject = self.id()?;
            append.vault.push(if tag == 0 {
                VaultRow::Key { subject, wrapped_key: self.bytes()? }
            } else {
                VaultRow::Record { subject, record_ref: self.id()?, kind: self.word()?, ciphertext: self.bytes()? }
            });
        }
        Ok(append)
    }

    fn take(&mut self, count: usize) -> io::Result<&[u8]> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(damaged)?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> io::Result<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn id(&mut self) -> io::Result<Uuid> {
        Uuid::from_slice(self.take(16)?).map_err(|_| damaged())
    }

    fn bytes(&mut self) -> io::Result<Vec<u8>> {
        let length = usize::try_from(self.number()?).map_err(|_| damaged())?;
        self.take(length).map(<[u8]>::to_vec)
    }

    fn word(&mut self) -> io::Result<&'static str> {
        let index = usize::try_from(self.number()?).map_err(|_| damaged())?;
        self.words.get(index).copied().ok_or_else(damaged)
    }

    fn number(&mut self) -> io::Result<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(damaged())
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "what was kept of the import's first pass is damaged")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn append(number: u64) -> Append {
        let event = |ordinal| EventData {
            event_id: Uuid::from_u128(u128::from(number * 10 + ordinal)),
            event_type: "PaymentInstructed".to_owned(),
            schema_version: 1,
            data: format!("{{\"number\":{number}}}").into_bytes(),
            metadata: b"same".to_vec(),
        };
        let expected = if number.is_multiple_of(2) { StreamState::NoStream } else { StreamState::Revision(number) };
        let mut append = Append::events(format!("payment-{number}"), expected, vec![event(0), event(1)]);
        append.claims = vec![
            ClaimChange { kind: "payment-reference", key: number.to_be_bytes().to_vec(), take: true },
            ClaimChange { kind: "benefit-month", key: vec![0; 300], take: false },
        ];
        let subject = Uuid::from_u128(7);
        append.vault = vec![
            VaultRow::Key { subject, wrapped_key: vec![1; 70] },
            VaultRow::Record { record_ref: Uuid::from_u128(8), subject, kind: "account", ciphertext: vec![2; 90] },
        ];
        append
    }

    fn chunks() -> Vec<KeptChunk> {
        let ready =
            |number: u64, amount_minor| KeptRow::Ready { number, amount_minor, append: Box::new(append(number)) };
        vec![
            KeptChunk { rows: 3, kept: vec![ready(2, Some(-5)), KeptRow::Again { number: 3 }, ready(1_000_001, None)] },
            KeptChunk { rows: 9, kept: Vec::new() },
            KeptChunk { rows: 1, kept: vec![ready(400, Some(i64::MAX))] },
        ]
    }

    fn keep(chunks: &[KeptChunk], in_memory: usize) -> Kept {
        let mut keeper = Keeper { file: SpooledTempFile::new(in_memory), ..Keeper::default() };
        for chunk in chunks {
            chunk.kept.iter().for_each(|row| keeper.keep(row).unwrap());
            keeper.end_chunk(chunk.rows).unwrap();
        }
        keeper.finish().unwrap()
    }

    #[tokio::test]
    async fn what_is_kept_comes_back_in_memory_and_from_a_file() {
        for in_memory in [usize::MAX, 10] {
            let kept = keep(&chunks(), in_memory);
            assert!(kept.again);
            let mut receiver = kept.read(b"same".to_vec());
            for chunk in chunks() {
                assert_eq!(receiver.recv().await.unwrap().unwrap(), chunk);
            }
            assert!(receiver.recv().await.is_none());
        }
    }

    #[tokio::test]
    async fn a_file_that_lost_its_end_is_an_error_not_an_end() {
        let mut kept = keep(&chunks(), 10);
        let length = kept.file.seek(SeekFrom::End(0)).unwrap();
        kept.file.set_len(length - 1).unwrap();
        kept.file.seek(SeekFrom::Start(0)).unwrap();
        let mut receiver = kept.read(Vec::new());
        let mut last = None;
        while let Some(chunk) = receiver.recv().await {
            last = Some(chunk);
        }
        assert!(last.unwrap().is_err());
    }
}

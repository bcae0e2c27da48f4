//! A file put aside for a while: encrypted on disk, its key in memory only, gone when dropped. Knows no formats.
//!
//! Uploads hold names and account numbers, and validating needs them twice. A temporary file that survives a crash must be
//! worth nothing, so each is sealed with a key of its own that nobody ever writes down.

use chacha20poly1305::{AeadInOut, Key, KeyInit, Tag, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

const CHUNK_BYTES: usize = 64 * 1024;
const TAG_BYTES: usize = 16;

/// The input is longer than allowed. Found in the source of the [`io::Error`] that the writer answers.
#[derive(Debug, thiserror::Error)]
#[error("the file is larger than {bytes_max} bytes")]
pub struct TooLarge {
    /// The limit.
    pub bytes_max: u64,
}

/// Takes a file's bytes and seals them chunk by chunk.
pub struct SpoolWriter {
    file: File,
    cipher: XChaCha20Poly1305,
    chunk: Vec<u8>,
    chunks: u64,
    digest: Sha256,
    length: u64,
    bytes_max: u64,
}

/// A complete spooled file. Cheap to clone; the last clone or reader that is dropped removes the file.
#[derive(Clone)]
pub struct Spool {
    file: Arc<File>,
    cipher: XChaCha20Poly1305,
    /// SHA-256 of the plaintext.
    pub sha256: [u8; 32],
    /// Bytes of the plaintext.
    pub length: u64,
}

/// Reads a spool from any place. Several readers of one spool do not disturb each other.
pub struct SpoolReader {
    spool: Spool,
    position: u64,
    chunk: Vec<u8>,
    /// Which chunk `chunk` holds.
    loaded: Option<u64>,
}

impl SpoolWriter {
    /// A new spool in a directory. The file has no name, so that it goes even when the process is killed.
    /// The key must be freshly drawn: nonces are counted from zero.
    pub fn new(directory: &Path, key: [u8; 32], bytes_max: u64) -> io::Result<Self> {
        Ok(Self {
            file: tempfile::tempfile_in(directory)?,
            cipher: XChaCha20Poly1305::new(&Key::from(key)),
            chunk: Vec::with_capacity(CHUNK_BYTES + TAG_BYTES),
            chunks: 0,
            digest: Sha256::new(),
            length: 0,
            bytes_max,
        })
    }

    /// Bytes taken so far.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Seals the rest and answers the readable spool.
    pub fn finish(mut self) -> io::Result<Spool> {
        if !self.chunk.is_empty() {
            self.seal_chunk()?;
        }
        Ok(Spool {
            file: Arc::new(self.file),
            cipher: self.cipher,
            sha256: self.digest.finalize().into(),
            length: self.length,
        })
    }

    fn seal_chunk(&mut self) -> io::Result<()> {
        let nonce = nonce(self.chunks);
        let tag = self.cipher.encrypt_inout_detached(&nonce, b"", self.chunk.as_mut_slice().into());
        let tag = tag.map_err(|_| io::Error::other("a chunk could not be sealed"))?;
        self.chunk.extend_from_slice(&tag);
        self.file.write_all(&self.chunk)?;
        self.chunk.clear();
        self.chunks += 1;
        Ok(())
    }
}

impl Write for SpoolWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(CHUNK_BYTES - self.chunk.len());
        let length = self.length + to_u64(taken);
        if length > self.bytes_max {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, TooLarge { bytes_max: self.bytes_max }));
        }
        self.chunk.extend_from_slice(&bytes[..taken]);
        self.digest.update(&bytes[..taken]);
        self.length = length;
        if self.chunk.len() == CHUNK_BYTES {
            self.seal_chunk()?;
        }
        Ok(taken)
    }

    /// Nothing is promised about what is not finished, so there is nothing to flush.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Spool {
    /// A reader from the start.
    #[must_use]
    pub fn reader(&self) -> SpoolReader {
        SpoolReader { spool: self.clone(), position: 0, chunk: Vec::new(), loaded: None }
    }
}

impl SpoolReader {
    fn load(&mut self, index: u64) -> io::Result<()> {
        let start = index * to_u64(CHUNK_BYTES);
        let plain = usize::try_from(self.spool.length - start).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
        self.loaded = None;
        self.chunk.resize(plain + TAG_BYTES, 0);
        read_exact_at(&self.spool.file, &mut self.chunk, index * to_u64(CHUNK_BYTES + TAG_BYTES))?;
        let (text, tag) = self.chunk.split_at_mut(plain);
        let broken = || io::Error::new(io::ErrorKind::InvalidData, "a spooled chunk was changed");
        let tag = Tag::try_from(&*tag).map_err(|_| broken())?;
        let opened = self.spool.cipher.decrypt_inout_detached(&nonce(index), b"", text.into(), &tag);
        opened.map_err(|_| broken())?;
        self.chunk.truncate(plain);
        self.loaded = Some(index);
        Ok(())
    }
}

impl Read for SpoolReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.spool.length || buffer.is_empty() {
            return Ok(0);
        }
        let index = self.position / to_u64(CHUNK_BYTES);
        if self.loaded != Some(index) {
            self.load(index)?;
        }
        let offset = usize::try_from(self.position % to_u64(CHUNK_BYTES)).unwrap_or(0);
        let count = (self.chunk.len() - offset).min(buffer.len());
        buffer[..count].copy_from_slice(&self.chunk[offset..offset + count]);
        self.position += to_u64(count);
        Ok(count)
    }
}

impl Seek for SpoolReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.spool.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position =
            target.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a place before the start"))?;
        Ok(self.position)
    }
}

/// The chunk's number: each key seals each number once.
fn nonce(index: u64) -> XNonce {
    let mut nonce = [0_u8; 24];
    nonce[..8].copy_from_slice(&index.to_le_bytes());
    XNonce::from(nonce)
}

fn to_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                buffer = &mut buffer[count..];
                offset += to_u64(count);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [9; 32];

    fn spool(bytes: &[u8]) -> Spool {
        let mut writer = SpoolWriter::new(&std::env::temp_dir(), KEY, u64::MAX).unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    fn pattern(length: usize) -> Vec<u8> {
        (0..length).map(|index| u8::try_from(index * 7 % 251).unwrap()).collect()
    }

    #[test]
    fn a_spool_reads_back_as_written_whatever_its_length() {
        for length in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 17] {
            let bytes = pattern(length);
            let spool = spool(&bytes);
            let mut read = Vec::new();
            spool.reader().read_to_end(&mut read).unwrap();
            assert!(read == bytes, "{length}");
            assert_eq!(spool.length, to_u64(length));
            assert_eq!(spool.sha256, <[u8; 32]>::from(Sha256::digest(&bytes)));
        }
    }

    #[test]
    fn a_reader_may_go_anywhere_and_readers_do_not_disturb_each_other() {
        let bytes = pattern(2 * CHUNK_BYTES + 100);
        let spool = spool(&bytes);
        let (mut one, mut other) = (spool.reader(), spool.reader());
        let mut five = [0; 5];
        for start in [CHUNK_BYTES - 2, 0, 2 * CHUNK_BYTES + 90, CHUNK_BYTES] {
            one.seek(SeekFrom::Start(to_u64(start))).unwrap();
            other.seek(SeekFrom::End(-5)).unwrap();
            one.read_exact(&mut five).unwrap();
            assert_eq!(five, bytes[start..start + 5]);
            other.read_exact(&mut five).unwrap();
            assert_eq!(five, bytes[bytes.len() - 5..]);
        }
        assert!(one.seek(SeekFrom::Current(-1_000_000_000)).is_err());
        one.seek(SeekFrom::End(10)).unwrap();
        assert_eq!(one.read(&mut five).unwrap(), 0);
    }

    #[test]
    fn the_file_on_disk_does_not_hold_the_plaintext() {
        let name = "Nguyễn Thị Tám".repeat(1000);
        let spool = spool(name.as_bytes());
        let mut raw = vec![0; name.len()];
        read_exact_at(&spool.file, &mut raw, 0).unwrap();
        assert!(!raw.windows(8).any(|window| name.as_bytes().windows(8).take(30).any(|part| part == window)));
    }

    #[test]
    fn a_changed_or_swapped_chunk_is_found() {
        use std::io::SeekFrom::Start;
        let spool = spool(&pattern(2 * CHUNK_BYTES));
        let sealed = to_u64(CHUNK_BYTES + TAG_BYTES);
        let mut second = vec![0; CHUNK_BYTES + TAG_BYTES];
        read_exact_at(&spool.file, &mut second, sealed).unwrap();
        (&*spool.file).seek(Start(0)).unwrap();
        (&*spool.file).write_all(&second).unwrap();
        let error = spool.reader().read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_file_larger_than_allowed_is_refused_at_once() {
        let mut writer = SpoolWriter::new(&std::env::temp_dir(), KEY, 100).unwrap();
        writer.write_all(&[0; 100]).unwrap();
        let error = writer.write_all(&[0; 1]).unwrap_err();
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<TooLarge>()).unwrap();
        assert_eq!(cause.bytes_max, 100);
    }
}

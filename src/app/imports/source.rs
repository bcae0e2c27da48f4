//! Where an import's bytes come from: a file on disk or an encrypted spool. It can be read several times.

use crate::app::hex::hex;
use crate::files::Format;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::sync::Arc;

/// What an office file is read through.
pub trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

type Opener = dyn Fn() -> io::Result<Box<dyn ReadSeek>> + Send + Sync;

/// A file to import.
#[derive(Clone)]
pub struct Source {
    open: Arc<Opener>,
    pub format: Format,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

impl Source {
    /// A source that is opened anew for each reading.
    pub fn new(open: Arc<Opener>, format: Format, sha256: [u8; 32]) -> Self {
        Self { open, format, sha256 }
    }

    /// A file on disk, read through once for its digest.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0_u8; 1 << 20];
        let mut first = Vec::new();
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            if first.is_empty() {
                first.extend_from_slice(&buffer[..read.min(512)]);
            }
            hasher.update(&buffer[..read]);
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let format = Format::detect(name.as_deref(), None, &first);
        let path = path.to_owned();
        let open: Arc<Opener> = Arc::new(move || Ok(Box::new(File::open(&path)?) as Box<dyn ReadSeek>));
        Ok(Self { open, format, sha256: hasher.finalize().into() })
    }

    /// Opens the bytes from the start.
    pub fn open(&self) -> io::Result<Box<dyn ReadSeek>> {
        (self.open)()
    }

    /// The digest in hex.
    #[must_use]
    pub fn digest_text(&self) -> String {
        hex(&self.sha256)
    }
}

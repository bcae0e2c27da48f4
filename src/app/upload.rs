//! A file that comes in pieces: spooled encrypted, under a key that only memory holds, and gone when it is no longer needed.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::imports::Source;
use crate::app::imports::source::ReadSeek;
use crate::files::Format;
use crate::files::spool::{SpoolWriter, TooLarge};
use std::io::Write;
use std::sync::Arc;

/// The largest file that is taken: 10 million rows with room to spare.
pub const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;
/// How many bytes the format is told from.
const FIRST_BYTES: usize = 512;

/// An upload being spooled.
pub struct Upload {
    writer: SpoolWriter,
    first: Vec<u8>,
}

impl Upload {
    /// Begins a spool in the system's folder for temporary files.
    pub fn begin(app: &App) -> Result<Self, AppError> {
        let mut key = [0_u8; 32];
        app.clock.fill_secret(&mut key);
        let writer = SpoolWriter::new(&std::env::temp_dir(), key, FILE_BYTES_MAX).map_err(io_error)?;
        Ok(Self { writer, first: Vec::new() })
    }

    /// Takes the next piece.
    pub async fn write(mut self, bytes: impl AsRef<[u8]> + Send + 'static) -> Result<Self, AppError> {
        let missing = FIRST_BYTES - self.first.len().min(FIRST_BYTES);
        self.first.extend(bytes.as_ref().iter().take(missing));
        let written = tokio::task::spawn_blocking(move || self.writer.write_all(bytes.as_ref()).map(|()| self)).await;
        written.map_err(|error| AppError::Internal(error.to_string()))?.map_err(io_error)
    }

    /// The whole file, ready to be read any number of times.
    pub async fn finish(self, name: Option<&str>, content_type: Option<&str>) -> Result<Source, AppError> {
        let format = Format::detect(name, content_type, &self.first);
        let spool = tokio::task::spawn_blocking(move || self.writer.finish()).await;
        let spool = spool.map_err(|error| AppError::Internal(error.to_string()))?.map_err(io_error)?;
        let sha256 = spool.sha256;
        let open = Arc::new(move || Ok(Box::new(spool.reader()) as Box<dyn ReadSeek>));
        Ok(Source::new(open, format, sha256))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
fn io_error(error: std::io::Error) -> AppError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<TooLarge>()) {
        Some(too_large) => AppError::File {
            code: "file-too-large",
            message: format!("The file is larger than {} bytes. Send it in parts.", too_large.bytes_max),
            message_vi: format!("Tệp lớn hơn {} byte. Hãy chia nhỏ tệp.", too_large.bytes_max),
        },
        None => AppError::Internal(format!("the spool: {error}")),
    }
}

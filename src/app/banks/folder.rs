//! Banks' files out of a folder: `DIR/<bank>/file`, taken like a message over HTTP and moved to `done/`, or to `failed/` with the reason
//! beside it. A file counts before it moves, so that one that a crash left behind is taken again, with the effect of once.

use super::callback::CameBy;
use super::registry::KnownBank;
use crate::app::App;
use crate::app::error::AppError;
use crate::app::imports::source::hex;
use crate::domain::ids::BankId;
use crate::domain::inbox::OTHER_CONTENT;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// The longest file: it is kept as it came, in one piece.
pub const FILE_BYTES_MAX: u64 = 64 << 20;
/// A file that was written to just now may not be whole.
const AT_REST: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Files of one look, so that a full folder of one bank does not keep the others waiting.
const FILES_MAX: usize = 1_000;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenFile {
    pub path: PathBuf,
    pub bank: BankId,
    /// The message's id, or the code of why it is none.
    pub outcome: Result<String, &'static str>,
}

/// Watches a folder until told to stop.
pub async fn watch(app: Arc<App>, folder: PathBuf, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match app.take_files(&folder, AT_REST).await {
            Ok(files) => files.iter().for_each(tell),
            Err(error) => tracing::warn!(error = %error, "banks' files wait"),
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Says it once, where it was handled. Names of files are the bank's own words: they stay out.
pub fn tell(file: &TakenFile) {
    match &file.outcome {
        Ok(id) => tracing::info!(bank = %file.bank, inbox.id = %id, "a bank's file was taken"),
        Err(code) => {
            tracing::error!(bank = %file.bank, code, "a bank's file was refused: {code}; the reason is beside it");
        }
    }
}

fn failed(error: &io::Error) -> AppError {
    AppError::Internal(format!("the folder of banks' files: {error}"))
}

/// Files at rest, by name. Hidden ones and those that are being put there under another name are passed over.
fn waiting(folder: &Path, at_rest: Duration) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let passed_over = name.starts_with('.') || [".part", ".tmp", ".partial"].iter().any(|end| name.ends_with(end));
        let about = entry.metadata()?;
        if passed_over || !about.is_file() {
            continue;
        }
        // A time in the future is the other machine's clock, not a file that is being written.
        let age = about.modified().ok().and_then(|written| written.elapsed().ok());
        if age.is_none_or(|age| age >= at_rest) {
            files.push(entry.path());
        }
    }
    files.sort();
    files.truncate(FILES_MAX);
    Ok(files)
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= FILE_BYTES_MAX).then_some(bytes))
}

/// Moves a file into a folder beside it. One of the same name and other bytes stays; the new one gets its hash into its name.
fn move_to(path: &Path, place: &str, sha256: &str) -> io::Result<PathBuf> {
    let folder = path.parent().unwrap_or(path).join(place);
    fs::create_dir_all(&folder)?;
    let name = path.file_name().unwrap_or_default();
    let mut target = folder.join(name);
    if target.exists() {
        let mut longer = name.to_os_string();
        longer.push(format!(".{}", &sha256[..16.min(sha256.len())]));
        target = folder.join(longer);
    }
    fs::rename(path, &target)?;
    // What a power cut takes back is taken again.
    Ok(target)
}

fn say_why(target: &Path, code: &str, (en, vi): (&str, &str)) -> io::Result<()> {
    let mut name = target.as_os_str().to_os_string();
    name.push(".reason.txt");
    fs::write(name, format!("{code}\n{en}\n{vi}\n"))
}

/// Why the file is none of the bank's messages; `None` when it may be taken later, as it is.
fn refusal(error: &AppError) -> Option<(&'static str, String, String)> {
    match error {
        AppError::Message(error) => Some((error.code(), error.to_string(), error.message_vi())),
        AppError::Taken { code, message, .. } if *code == OTHER_CONTENT => {
            let vi = "một thông điệp khác đã đến với cùng mã; cả hai được giữ và chờ người xử lý";
            Some((code, message.clone(), vi.to_owned()))
        }
        _ => None,
    }
}

impl App {
    /// Takes all files that wait in the folders of registered banks, once.
    pub async fn take_files(&self, folder: &Path, at_rest: Duration) -> Result<Vec<TakenFile>, AppError> {
        let mut taken = Vec::new();
        for (bank, _) in self.registered_banks().await? {
            let own = folder.join(bank.as_str());
            if !own.is_dir() {
                continue;
            }
            let Some(known) = self.known_bank(&bank).await? else { continue };
            for path in waiting(&own, at_rest).map_err(|error| failed(&error))? {
                taken.extend(self.take_file((&bank, &known), path).await?);
            }
        }
        Ok(taken)
    }

    async fn take_file(
        &self,
        (bank, known): (&BankId, &KnownBank),
        path: PathBuf,
    ) -> Result<Option<TakenFile>, AppError> {
        let bytes = match read(&path) {
            Ok(bytes) => bytes,
            // Somebody else took it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(&error)),
        };
        let (answer, sha256) = match &bytes {
            Some(bytes) => {
                (self.take_message((bank, known), &CameBy::folder(), bytes).await, hex(&Sha256::digest(bytes)))
            }
            None => (Err(AppError::Message(crate::banks::ReadError::TooLarge { max: FILE_BYTES_MAX })), String::new()),
        };
        let outcome = match answer {
            Ok(view) => {
                move_to(&path, "done", &sha256).map_err(|error| failed(&error))?;
                Ok(view.id.to_string())
            }
            Err(error) => {
                let Some((code, en, vi)) = refusal(&error) else { return Err(error) };
                let target = move_to(&path, "failed", &sha256).map_err(|error| failed(&error))?;
                say_why(&target, code, (&en, &vi)).map_err(|error| failed(&error))?;
                Err(code)
            }
        };
        Ok(Some(TakenFile { path, bank: bank.clone(), outcome }))
    }
}

//! Banks' files out of a folder: `DIR/<bank>/file`, taken like a message over HTTP and moved to `DIR/.done/<bank>/`, or to
//! `DIR/.failed/<bank>/` with the reason beside it. A file counts before it moves, so that one that a crash left behind is taken again, with
//! the effect of once. What is wrong with one file, or one bank's folder, keeps no other waiting.

use super::callback::{CameBy, OTHERS_TOO_MANY};
use super::dropped::{self, Content, Dropped, Moved, Places};
use super::long::Stopped;
use super::registry::KnownBank;
use crate::app::App;
use crate::app::error::AppError;
use crate::banks::ReadError;
use crate::domain::ids::BankId;
use crate::domain::inbox::OTHER_CONTENT;
use crate::store::StoreError;
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

/// The longest file, unless the settings say otherwise. It is kept as it came, in pieces.
pub const FILE_BYTES_MAX: u64 = 2 << 30;
/// A file that was written to just now may not be whole.
const AT_REST: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenFile {
    pub path: PathBuf,
    pub bank: BankId,
    /// The message's id, or the code of why it is none.
    pub outcome: Result<String, &'static str>,
}

/// A file, or a bank's folder, that could not be dealt with: it is looked at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingFile {
    pub path: PathBuf,
    pub bank: BankId,
    pub reason: String,
}

/// What one look came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    pub taken: Vec<TakenFile>,
    pub waiting: Vec<WaitingFile>,
}

/// Watches a folder until told to stop.
pub async fn watch(app: Arc<App>, folder: PathBuf, mut stop: watch::Receiver<bool>) {
    let mut told = HashSet::new();
    while !*stop.borrow() {
        let seen = stop.clone();
        match app.take_files_until(&folder, AT_REST, &|| *seen.borrow()).await {
            Ok(look) => {
                look.taken.iter().for_each(tell);
                // Once for each: it is looked at again every two seconds.
                look.waiting.iter().filter(|file| !told.contains(&file.path)).for_each(tell_waiting);
                told = look.waiting.into_iter().map(|file| file.path).collect();
            }
            Err(error) => tracing::warn!(error = %error, "banks' files wait"),
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Says it once, where it was handled. Names of files are the bank's own words: they stay out.
fn tell(file: &TakenFile) {
    match &file.outcome {
        Ok(id) => tracing::info!(bank = %file.bank, inbox.id = %id, "a bank's file was taken"),
        Err(code) => {
            tracing::error!(bank = %file.bank, code, "a bank's file was refused: {code}; the reason is beside it");
        }
    }
}

fn tell_waiting(file: &WaitingFile) {
    tracing::error!(bank = %file.bank, reason = file.reason, "a bank's file or folder cannot be dealt with: {}", file.reason);
}

fn failed(error: &io::Error) -> AppError {
    AppError::Internal(format!("the folder of banks' files: {error}"))
}

/// Why the file is none of the bank's messages; `None` when it may be taken later, as it is.
fn refusal(error: &AppError) -> Option<Reason> {
    match error {
        AppError::Message(error) => Some((error.code(), error.to_string(), error.message_vi())),
        AppError::Taken { code, message, .. } if *code == OTHER_CONTENT => {
            let vi = "một thông điệp khác đã đến với cùng mã; cả hai được giữ và chờ người xử lý";
            Some((code, message.clone(), vi.to_owned()))
        }
        AppError::Taken { code, message, .. } if *code == OTHERS_TOO_MANY => {
            let vi = "đã có quá nhiều thông điệp khác đến với cùng mã; thông điệp này không được ghi nhận, hãy gửi lại với mã riêng";
            Some((code, message.clone(), vi.to_owned()))
        }
        _ => None,
    }
}

/// Work with the disk, off the threads that serve.
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, AppError> {
    let done = spawn_blocking(work).await.map_err(|error| AppError::Internal(format!("a bank's file: {error}")))?;
    done.map_err(|error| failed(&error))
}

impl App {
    /// Takes all files that wait in the folders of registered banks, once.
    pub async fn take_files(&self, folder: &Path, at_rest: Duration) -> Result<Look, AppError> {
        self.take_files_until(folder, at_rest, &|| false).await
    }

    async fn take_files_until(&self, folder: &Path, at_rest: Duration, stopped: Stopped<'_>) -> Result<Look, AppError> {
        let mut look = Look::default();
        for (bank, _) in self.registered_banks().await? {
            let taken = self.take_files_of(&bank, (folder, at_rest), (stopped, &mut look)).await;
            let Err(error) = taken else { continue };
            if matches!(error, AppError::Store(StoreError::Unavailable(_))) {
                return Err(error);
            }
            look.waiting.push(WaitingFile { path: folder.join(bank.as_str()), bank, reason: error.to_string() });
        }
        Ok(look)
    }

    async fn take_files_of(
        &self,
        bank: &BankId,
        (folder, at_rest): (&Path, Duration),
        (stopped, look): (Stopped<'_>, &mut Look),
    ) -> Result<(), AppError> {
        let (root, name) = (folder.to_owned(), bank.to_string());
        let found = on_disk(move || {
            let Some(places) = Places::of(&root, &name)? else { return Ok(None) };
            let waiting = places.waiting(at_rest)?;
            Ok(Some((places, waiting)))
        });
        let Some((places, waiting)) = found.await? else { return Ok(()) };
        let Some(known) = self.known_bank(bank).await? else { return Ok(()) };
        let waits = |path, reason| WaitingFile { path, bank: bank.clone(), reason };
        look.waiting.extend(waiting.strange.into_iter().map(|(path, error)| waits(path, error.to_string())));
        for path in waiting.files {
            if stopped() {
                return Ok(());
            }
            match self.take_file((bank, &known), &places, &path, stopped).await {
                Ok(None) => {}
                Ok(Some(outcome)) => look.taken.push(TakenFile { path, bank: bank.clone(), outcome }),
                // Nobody's file can be taken now.
                Err(error @ AppError::Store(StoreError::Unavailable(_))) => return Err(error),
                Err(error) => look.waiting.push(waits(path, error.to_string())),
            }
        }
        Ok(())
    }

    async fn take_file(
        &self,
        (bank, known): (&BankId, &KnownBank),
        places: &Places,
        path: &Path,
        stopped: Stopped<'_>,
    ) -> Result<Option<Result<String, &'static str>>, AppError> {
        let (file, max) = (path.to_owned(), self.file_bytes_max.load(Ordering::Relaxed));
        let read = spawn_blocking(move || dropped::read(&file, max)).await;
        let mut dropped = match read.map_err(|error| AppError::Internal(format!("a bank's file: {error}")))? {
            Ok(dropped) => dropped,
            // Somebody else took it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(&error)),
        };
        let answer = match std::mem::replace(&mut dropped.content, Content::TooLong) {
            Content::Whole(bytes) => self.take_message((bank, known), &CameBy::folder(), bytes).await,
            Content::Long(file) => self.take_long_file((bank, known), (file, max), stopped).await,
            Content::TooLong => Err(AppError::Message(ReadError::TooLarge { max })),
        };
        match answer {
            Ok(view) => {
                let moved = move_aside(path, &places.done, (dropped, None)).await?;
                Ok(moved.then(|| Ok(view.id.to_string())))
            }
            Err(error) => {
                let Some(reason) = refusal(&error) else { return Err(error) };
                let code = reason.0;
                let moved = move_aside(path, &places.failed, (dropped, Some(reason))).await?;
                Ok(moved.then_some(Err(code)))
            }
        }
    }
}

/// Code, English, Vietnamese.
type Reason = (&'static str, String, String);

/// Whether it was this file that moved, by us.
async fn move_aside(path: &Path, place: &Path, (dropped, reason): (Dropped, Option<Reason>)) -> Result<bool, AppError> {
    let (path, place) = (path.to_owned(), place.to_owned());
    on_disk(move || {
        let Moved::To(target) = dropped::move_to(&path, &place, &dropped)? else { return Ok(false) };
        if let Some((code, en, vi)) = reason {
            dropped::say_why(&target, code, (&en, &vi))?;
        }
        Ok(true)
    })
    .await
}

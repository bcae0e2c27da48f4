//! Files as banks drop them. Whoever may write into a bank's folder may put links there: a file is opened without following one, and goes
//! out of the bank's reach afterwards. What is in it is no business of this file.

use super::long::WHOLE_BYTES_MAX;
use crate::app::hex::hex;
use sha2::{Digest, Sha256};
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Files of one look, so that a full folder of one bank does not keep the others waiting.
const FILES_MAX: usize = 1_000;
/// Longer names leave no room for what is put behind them.
const NAME_BYTES_MAX: usize = 200;
/// Files of one name that are kept side by side.
const SAME_NAME_MAX: u32 = 10_000;

/// A bank's own folder, and where its files go. The latter lie beside all banks' folders, where no bank writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Places {
    own: PathBuf,
    pub done: PathBuf,
    pub failed: PathBuf,
}

/// A file that was opened.
pub(super) struct Dropped {
    /// Taken out by whoever reads it.
    pub content: Content,
    /// Of its bytes, in hex; empty when it is long.
    sha256: String,
    about: Metadata,
}

/// What is in a file.
pub(super) enum Content {
    Whole(Arc<Vec<u8>>),
    /// Too long to be held; where it is read from.
    Long(File),
    TooLong,
}

/// What lies in a bank's folder.
#[derive(Default)]
pub(super) struct Waiting {
    /// At rest, by name.
    pub files: Vec<PathBuf>,
    /// What can never be taken, and why.
    pub strange: Vec<(PathBuf, io::Error)>,
}

/// What became of moving a file.
pub(super) enum Moved {
    To(PathBuf),
    /// Somebody else moved it.
    Gone,
    /// It is not what was read any more: it is where it was, and will be read anew.
    Changed,
}

fn strange(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}

fn check_folder(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() {
        return Ok(());
    }
    Err(strange("it is a link or a file where a folder must be"))
}

fn make_folder(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    check_folder(path)
}

impl Places {
    /// The places of a bank; `None` when it has no folder. A link in place of any of them is refused: through it one bank would write where
    /// another does.
    pub fn of(folder: &Path, bank: &str) -> io::Result<Option<Self>> {
        let own = folder.join(bank);
        match check_folder(&own) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        }
        let place = |name: &str| {
            let of_all = folder.join(name);
            make_folder(&of_all)?;
            let of_bank = of_all.join(bank);
            make_folder(&of_bank).map(|()| of_bank)
        };
        let (done, failed) = (place(".done")?, place(".failed")?);
        Ok(Some(Self { own, done, failed }))
    }

    /// Files at rest, by name. Hidden ones and those that are being put there under another name are passed over.
    pub fn waiting(&self, at_rest: Duration) -> io::Result<Waiting> {
        let mut waiting = Waiting::default();
        for entry in fs::read_dir(&self.own)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with('.') || [".part", ".tmp", ".partial"].iter().any(|end| name.ends_with(end)) {
                continue;
            }
            match entry.metadata() {
                Ok(about) if about.is_dir() => {}
                Ok(about) if about.is_file() => {
                    // A time in the future is the other machine's clock, not a file that is being written.
                    let age = about.modified().ok().and_then(|written| written.elapsed().ok());
                    if age.is_none_or(|age| age >= at_rest) {
                        waiting.files.push(entry.path());
                    }
                }
                Ok(_) => waiting.strange.push((entry.path(), strange("it is a link or no regular file"))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => waiting.strange.push((entry.path(), error)),
            }
        }
        waiting.files.sort();
        waiting.files.truncate(FILES_MAX);
        waiting.strange.truncate(FILES_MAX);
        Ok(waiting)
    }
}

/// Reads a file, or opens it if it is long, and nothing that a link leads to or that is a pipe or a device.
pub(super) fn read(path: &Path, bytes_max: u64) -> io::Result<Dropped> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file = options.open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(strange("it is a link or no regular file"));
    }
    if about.len() > bytes_max {
        return Ok(Dropped { content: Content::TooLong, sha256: String::new(), about });
    }
    if about.len() > WHOLE_BYTES_MAX {
        return Ok(Dropped { content: Content::Long(file), sha256: String::new(), about });
    }
    let mut bytes = Vec::new();
    file.take(WHOLE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > WHOLE_BYTES_MAX {
        return Err(strange("it is being written to"));
    }
    let sha256 = hex(&Sha256::digest(&bytes));
    Ok(Dropped { content: Content::Whole(Arc::new(bytes)), sha256, about })
}

fn same(one: &Metadata, other: &Metadata) -> bool {
    let of = |about: &Metadata| (about.dev(), about.ino(), about.len(), about.mtime(), about.mtime_nsec());
    of(one) == of(other)
}

fn with(name: &OsStr, end: &str) -> OsString {
    let mut longer = name.to_os_string();
    longer.push(end);
    longer
}

fn is_free(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// A name in the folder that no file has, nor its reason. No file takes another's place.
fn free_place(folder: &Path, name: &OsStr, sha256: &str) -> io::Result<PathBuf> {
    let hash = &sha256[..16.min(sha256.len())];
    let name =
        if name.len() > NAME_BYTES_MAX { OsString::from(format!("long-name-{hash}")) } else { name.to_os_string() };
    let by_hash = (!hash.is_empty()).then(|| with(&name, &format!(".{hash}")));
    let numbered = (2..SAME_NAME_MAX).map(|number| with(&name, &format!(".{number}")));
    for candidate in [name.clone()].into_iter().chain(by_hash).chain(numbered) {
        let target = folder.join(&candidate);
        if is_free(&target)? && is_free(&folder.join(with(&candidate, REASON)))? {
            return Ok(target);
        }
    }
    Err(strange("too many files of this name"))
}

/// Moves a file that was read into one of the bank's places, which must lie on the same file system.
pub(super) fn move_to(path: &Path, place: &Path, dropped: &Dropped) -> io::Result<Moved> {
    let target = free_place(place, path.file_name().unwrap_or_default(), &dropped.sha256)?;
    match fs::rename(path, &target) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Moved::Gone),
        Err(error) => return Err(error),
    }
    if same(&fs::symlink_metadata(&target)?, &dropped.about) {
        // What a power cut takes back is taken again.
        return Ok(Moved::To(target));
    }
    // The bank put another file there in between. It goes back, unless there is one more already: then that one is taken next, and this
    // one under a name of its own.
    let back = if is_free(path)? {
        path.to_owned()
    } else {
        free_place(path.parent().unwrap_or(path), path.file_name().unwrap_or_default(), "")?
    };
    fs::rename(&target, back)?;
    Ok(Moved::Changed)
}

const REASON: &str = ".reason.txt";

/// Writes the reason beside a file that was moved.
pub(super) fn say_why(target: &Path, code: &str, (en, vi): (&str, &str)) -> io::Result<()> {
    let path = with(target.as_os_str(), REASON);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(format!("{code}\n{en}\n{vi}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: u64 = 1 << 20;

    #[test]
    fn a_file_that_is_another_by_the_time_it_moves_stays_to_be_read_anew() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("vcb")).unwrap();
        let places = Places::of(folder.path(), "vcb").unwrap().unwrap();
        let path = folder.path().join("vcb/a.xml");
        fs::write(&path, "first").unwrap();
        let dropped = read(&path, MAX).unwrap();
        fs::write(folder.path().join("vcb/b.part"), "second").unwrap();
        fs::rename(folder.path().join("vcb/b.part"), &path).unwrap();
        assert!(matches!(move_to(&path, &places.done, &dropped).unwrap(), Moved::Changed));
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        let dropped = read(&path, MAX).unwrap();
        assert!(matches!(move_to(&path, &places.done, &dropped).unwrap(), Moved::To(_)));
        assert!(matches!(move_to(&path, &places.done, &dropped).unwrap(), Moved::Gone));
    }

    #[test]
    fn no_file_takes_anothers_place_or_its_reasons() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("vcb")).unwrap();
        let places = Places::of(folder.path(), "vcb").unwrap().unwrap();
        let mut targets = Vec::new();
        for (name, sha256) in [("a", "0123456789abcdef"), ("a", "0123456789abcdef"), ("a", ""), (&"n".repeat(255), "")]
        {
            let path = folder.path().join("vcb").join(name);
            fs::write(&path, "x").unwrap();
            let dropped = Dropped { sha256: sha256.to_owned(), ..read(&path, MAX).unwrap() };
            let Moved::To(target) = move_to(&path, &places.failed, &dropped).unwrap() else { panic!() };
            say_why(&target, "code", ("en", "vi")).unwrap();
            targets.push(target.file_name().unwrap().to_str().unwrap().to_owned());
        }
        assert_eq!(targets, ["a", "a.0123456789abcdef", "a.2", "long-name-"]);
        fs::write(places.failed.join("b.reason.txt"), "told").unwrap();
        assert!(say_why(&places.failed.join("b"), "code", ("en", "vi")).is_err());
        assert_eq!(fs::read_to_string(places.failed.join("b.reason.txt")).unwrap(), "told");
    }

    /// As after a listing that saw a file there.
    #[test]
    fn what_is_no_file_by_the_time_it_is_opened_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "x").unwrap();
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        fs::create_dir(at("folder")).unwrap();
        assert!(read(&at("file"), MAX).is_ok() && read(&at("link"), MAX).is_err() && read(&at("folder"), MAX).is_err());
    }

    #[test]
    fn a_long_file_is_opened_and_not_held_and_one_beyond_the_bound_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long");
        fs::File::create(&path).unwrap().set_len(WHOLE_BYTES_MAX + 1).unwrap();
        assert!(matches!(read(&path, WHOLE_BYTES_MAX + 1).unwrap().content, Content::Long(_)));
        assert!(matches!(read(&path, WHOLE_BYTES_MAX).unwrap().content, Content::TooLong));
        fs::File::create(&path).unwrap().set_len(WHOLE_BYTES_MAX).unwrap();
        assert!(matches!(read(&path, WHOLE_BYTES_MAX).unwrap().content, Content::Whole(_)));
    }
}

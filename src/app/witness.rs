//! A witness of other logs: its key, the last checkpoint of each log that it cosigned, and what it answers. All of it is files of one folder.

use crate::app::hex::hex;
use crate::clock::Clock;
use crate::proof::note::{Kind, Signer, is_name};
use crate::proof::witness::{AddCheckpoint, judge};
use crate::proof::{Checkpoint, Note, Verifier};
use crate::vault::{MasterKey, VaultError};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub use crate::proof::witness::Refusal;

const KEY_FILE: &str = "witness.key";
const NAME_FILE: &str = "witness.name";
const LOCK_FILE: &str = "witness.lock";
const PURPOSE: &[u8] = b"chitra/witness/key/1";

/// Why a witness cannot begin. `Display` says what to do.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    #[error("{path}: {source}")]
    File { path: String, source: std::io::Error },
    #[error(transparent)]
    Key(#[from] VaultError),
    #[error(
        "a new witness needs a name for ever: --name with a domain of yours and a path, for example witness.example.vn/w1"
    )]
    NoName,
    #[error("{0} is no name: 1 to 200 characters without spaces and plus signs")]
    BadName(String),
    #[error("this witness is named {0} already; a name is for ever")]
    OtherName(String),
    #[error("another process uses {0}: two that share a state would cosign two histories")]
    InUse(String),
    #[error(
        "{0} is not a checkpoint that this witness cosigned: the state is damaged, and a witness that forgot what it saw must not go on"
    )]
    Damaged(String),
}

/// Why a checkpoint was not cosigned.
#[derive(Debug)]
pub enum Unsigned {
    Refused(Refusal),
    /// The state could not be kept: nothing is answered that is not on disk.
    Failed(std::io::Error),
}

impl From<Refusal> for Unsigned {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// A witness at work.
pub struct Witness {
    signer: Signer,
    logs: Vec<Verifier>,
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    /// By the log's name: the last checkpoint that was cosigned, and its note.
    seen: Mutex<BTreeMap<String, (Checkpoint, Note)>>,
    _lock: File,
}

fn file_error(path: &Path) -> impl FnOnce(std::io::Error) -> WitnessError {
    let path = path.display().to_string();
    |source| WitnessError::File { path, source }
}

impl Witness {
    /// Opens a state folder, or begins a new one under a name.
    pub fn open(
        folder: &Path,
        name: Option<&str>,
        logs: Vec<Verifier>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, WitnessError> {
        fs::create_dir_all(folder).map_err(file_error(folder))?;
        let path = folder.join(LOCK_FILE);
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(file_error(&path))?;
        lock.try_lock().map_err(|_| WitnessError::InUse(folder.display().to_string()))?;
        let signer = signer(folder, name, clock.as_ref())?;
        let mut seen = BTreeMap::new();
        for log in &logs {
            let path = folder.join(file_name(log.name(), "checkpoint"));
            if path.exists() {
                let known = read_seen(&path, log.name(), signer.verifier())?;
                seen.insert(log.name().to_owned(), known);
            }
        }
        Ok(Self { signer, logs, folder: folder.to_owned(), clock, seen: Mutex::new(seen), _lock: lock })
    }

    /// The key that cosignatures are checked with.
    #[must_use]
    pub const fn verifier(&self) -> &Verifier {
        self.signer.verifier()
    }

    /// Answers `add-checkpoint`: the cosignature's line. What was cosigned is on disk before.
    pub fn add(&self, body: &str) -> Result<String, Unsigned> {
        let request = AddCheckpoint::parse(body).ok_or(Refusal::Malformed)?;
        let origin = request.checkpoint.origin.clone();
        // Held over judging and keeping: of two that come at once the second is judged against the first.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let last = seen.get(&origin).map(|(checkpoint, _)| checkpoint);
        if let Err(refusal) = judge(&request, &self.logs, last) {
            if matches!(refusal, Refusal::OtherRoot(_) | Refusal::NotAnExtension) {
                self.keep_evidence(&origin, body);
            }
            return Err(refusal.into());
        }
        let time_s = u64::try_from(self.clock.now_us() / 1_000_000).unwrap_or(0);
        let signature = self.signer.sign(request.note.text(), time_s);
        let mut note = request.note;
        note.add(signature.clone());
        let path = self.folder.join(file_name(&origin, "checkpoint"));
        replace(&path, note.to_text().as_bytes()).map_err(Unsigned::Failed)?;
        seen.insert(origin, (request.checkpoint, note));
        Ok(signature.to_line())
    }

    /// The last checkpoint of a log that was cosigned, as a note.
    #[must_use]
    pub fn last(&self, origin: &str) -> Option<String> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(origin).map(|(_, note)| note.to_text())
    }

    /// A log's own signature under a second history is proof against it: the first such request is kept.
    fn keep_evidence(&self, origin: &str, body: &str) {
        let path = self.folder.join(file_name(origin, "evidence"));
        let kept = OpenOptions::new().write(true).create_new(true).open(&path).and_then(|mut file| {
            file.write_all(body.as_bytes())?;
            file.sync_all()
        });
        if kept.is_ok() {
            tracing::error!(log = origin, file = %path.display(), "the log shows a second history; its signed request is kept");
        }
    }
}

fn file_name(origin: &str, ending: &str) -> String {
    format!("{}.{ending}", &hex(&Sha256::digest(origin.as_bytes()))[..32])
}

/// Writes beside, then renames, each synced: after a power loss there is the old file or the new one.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("partial");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    File::open(path.parent().unwrap_or_else(|| Path::new(".")))?.sync_all()
}

fn signer(folder: &Path, name: Option<&str>, clock: &dyn Clock) -> Result<Signer, WitnessError> {
    let (key_path, name_path) = (folder.join(KEY_FILE), folder.join(NAME_FILE));
    let known = if name_path.exists() {
        Some(fs::read_to_string(&name_path).map_err(file_error(&name_path))?.trim().to_owned())
    } else {
        None
    };
    let name = match (known, name) {
        (Some(known), Some(asked)) if known != asked => return Err(WitnessError::OtherName(known)),
        (Some(known), _) => known,
        (None, Some(asked)) if is_name(asked) => asked.to_owned(),
        (None, Some(asked)) => return Err(WitnessError::BadName(asked.to_owned())),
        (None, None) => return Err(WitnessError::NoName),
    };
    // The name comes last: a folder that has it has its key too.
    let key = if name_path.exists() || key_path.exists() {
        MasterKey::read_file(&key_path)?
    } else {
        MasterKey::create_file(&key_path, clock)?
    };
    if !name_path.exists() {
        replace(&name_path, format!("{name}\n").as_bytes()).map_err(file_error(&name_path))?;
    }
    Signer::new(&name, Kind::Cosignature, &key.derived(PURPOSE)).ok_or(WitnessError::BadName(name))
}

fn read_seen(path: &Path, origin: &str, witness: &Verifier) -> Result<(Checkpoint, Note), WitnessError> {
    let text = fs::read_to_string(path).map_err(file_error(path))?;
    let read = Checkpoint::parse(&text).ok();
    let own = read.filter(|(checkpoint, note)| checkpoint.origin == origin && note.cosigned_at(witness).is_some());
    own.ok_or_else(|| WitnessError::Damaged(path.display().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SimulatedClock;
    use crate::proof::path;
    use crate::proof::tree::root_of;

    const ORIGIN: &str = "log.example/1";

    fn log() -> Signer {
        Signer::new(ORIGIN, Kind::Text, &[1; 32]).unwrap()
    }

    fn open(folder: &Path, name: Option<&str>) -> Result<Witness, WitnessError> {
        Witness::open(folder, name, vec![log().verifier().clone()], Arc::new(SimulatedClock::new(5_000_000, 1)))
    }

    /// A request for a tree of leaves that are all one byte; the proof of so small a tree from nothing or to itself is empty.
    fn ask(old_size: u64, size: u64, byte: u8) -> String {
        let root = root_of((0..size).map(|_| [byte; 32]));
        let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size, root };
        let proof = if (old_size, size) == (1, 2) { vec![[byte; 32]] } else { Vec::new() };
        AddCheckpoint { old_size, proof, note: checkpoint.sign(&log()), checkpoint }.to_text()
    }

    #[test]
    fn what_was_cosigned_is_known_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let witness = open(folder.path(), Some("witness.example/w")).unwrap();
        let line = witness.add(&ask(0, 1, 7)).unwrap();
        assert!(line.starts_with("\u{2014} witness.example/w "), "{line}");
        let (key, note) = (witness.verifier().clone(), witness.last(ORIGIN).unwrap());
        assert_eq!(Note::parse(&note).unwrap().cosigned_at(&key), Some(5));
        assert!(matches!(open(folder.path(), None), Err(WitnessError::InUse(_))));
        drop(witness);
        let again = open(folder.path(), None).unwrap();
        assert_eq!((again.verifier(), again.last(ORIGIN)), (&key, Some(note)));
        assert!(matches!(again.add(&ask(0, 2, 7)), Err(Unsigned::Refused(Refusal::OtherSize(1)))));
        again.add(&ask(1, 2, 7)).unwrap();
    }

    #[test]
    fn a_second_history_is_refused_and_the_logs_signature_under_it_kept() {
        let folder = tempfile::tempdir().unwrap();
        let witness = open(folder.path(), Some("w")).unwrap();
        witness.add(&ask(0, 1, 7)).unwrap();
        assert!(matches!(witness.add(&ask(1, 1, 8)), Err(Unsigned::Refused(Refusal::OtherRoot(1)))));
        assert!(matches!(witness.add(&ask(1, 2, 8)), Err(Unsigned::Refused(Refusal::NotAnExtension))));
        let evidence = fs::read_to_string(folder.path().join(file_name(ORIGIN, "evidence"))).unwrap();
        assert_eq!(evidence, ask(1, 1, 8), "the first one");
        assert!(path::extends((1, &[7; 32]), (2, &root_of([[7; 32]; 2])), &[[7; 32]]));
        assert_eq!(Checkpoint::parse(&witness.last(ORIGIN).unwrap()).unwrap().0.size, 1);
    }

    #[test]
    fn a_witness_keeps_its_name_and_does_not_begin_on_a_damaged_state() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(open(folder.path(), None), Err(WitnessError::NoName)));
        assert!(matches!(open(folder.path(), Some("two words")), Err(WitnessError::BadName(_))));
        open(folder.path(), Some("w")).unwrap().add(&ask(0, 1, 7)).unwrap();
        assert!(matches!(open(folder.path(), Some("v")), Err(WitnessError::OtherName(_))));
        let path = folder.path().join(file_name(ORIGIN, "checkpoint"));
        let note = fs::read_to_string(&path).unwrap();
        fs::write(&path, note.replace("\n1\n", "\n2\n")).unwrap();
        assert!(matches!(open(folder.path(), None), Err(WitnessError::Damaged(_))));
        fs::write(&path, note).unwrap();
        fs::remove_file(folder.path().join(KEY_FILE)).unwrap();
        assert!(matches!(open(folder.path(), None), Err(WitnessError::Key(_))), "no new key under an old name");
    }
}

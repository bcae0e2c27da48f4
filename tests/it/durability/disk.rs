//! A disk of a test's own: an ext4 image on a loop device, whose power can be cut, and that can be filled.

use super::{say, switch};
use crate::support::office::text;
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};

/// One at a time: machines have few loop devices, and a disk's speed is part of what is tested.
static ONE: Mutex<()> = Mutex::const_new(());

const HELP: &str = "These tests need root, loop devices, and mkfs.ext4, xfs_io and strace (Debian: e2fsprogs, xfsprogs, strace). \
    Set CHITRA_TEST_NO_POWER_CUT=1 to go without them, knowing that power cuts and failing disks are then not tested.";

/// How often a disk that is in use is unmounted again.
const UNMOUNTS: u32 = 50;

/// A file system of its own.
pub struct Disk {
    folder: TempDir,
    _one: MutexGuard<'static, ()>,
}

/// Runs a program that must succeed.
fn must(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}. {HELP}"));
    assert!(output.status.success(), "{program} {arguments:?}: {}{HELP}", text(&output.stderr));
}

impl Disk {
    /// A new, mounted disk. `None` only when somebody said that there shall be none.
    pub async fn new(mebibytes: u64) -> Option<Self> {
        if switch("CHITRA_TEST_NO_POWER_CUT").is_some() {
            say("NOT TESTED: power cuts and failing disks (CHITRA_TEST_NO_POWER_CUT is set)");
            return None;
        }
        let disk = Self { folder: tempfile::tempdir().unwrap(), _one: ONE.lock().await };
        File::create(disk.image()).unwrap().set_len(mebibytes * 1024 * 1024).unwrap();
        fs::create_dir(disk.path()).unwrap();
        must("mkfs.ext4", &["-q", "-F", "-m", "0", &disk.image().display().to_string()]);
        disk.mount();
        Some(disk)
    }

    fn image(&self) -> PathBuf {
        self.folder.path().join("image")
    }

    /// Where it is mounted.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("disk")
    }

    /// The journal is written when somebody syncs, and hardly ever by itself: what nobody synced is lost for certain.
    fn mount(&self) {
        let (image, path) = (self.image().display().to_string(), self.path().display().to_string());
        must("mount", &["-o", "loop,commit=300", &image, &path]);
    }

    /// Brings everything so far to the disk.
    pub fn sync(&self) {
        must("sync", &["-f", &self.path().display().to_string()]);
    }

    /// Cuts the power: whatever is not on the disk by now never will be, and every access fails.
    pub fn cut(&self) {
        must("xfs_io", &["-x", "-c", "shutdown", &self.path().display().to_string()]);
        assert!(fs::write(self.path().join("probe"), b"x").is_err(), "the power is still on");
    }

    /// Power again. Nobody may have files open any more.
    pub fn restart(&self) {
        self.unmount();
        self.mount();
    }

    /// A process that was killed keeps its files open until it has died.
    fn unmount(&self) {
        let path = self.path().display().to_string();
        for _ in 0..UNMOUNTS {
            if Command::new("umount").arg(&path).output().is_ok_and(|output| output.status.success()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        must("umount", &[&path]);
    }

    /// Fills it to the last byte; the file that does it.
    pub fn fill(&self) -> Filler {
        let path = self.path().join("filler");
        let mut file = File::create(&path).unwrap();
        for size in [1 << 20, 1 << 12, 1] {
            let block = vec![0; size];
            while file.write_all(&block).is_ok() {}
        }
        file.sync_all().unwrap();
        Filler { path }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: whatever still has it open goes with the test.
        let _not_mounted = Command::new("umount").arg("-l").arg(self.path()).output();
    }
}

/// What fills a disk.
pub struct Filler {
    path: PathBuf,
}

impl Filler {
    /// Gives the space back.
    pub fn remove(self) {
        fs::remove_file(self.path).unwrap();
    }
}

/// Runs the server on a disk whose syncs do nothing and say that they did.
pub const LYING_SYNCS: [&str; 7] = [
    "strace",
    // The server is our child, and not strace.
    "-D",
    "-f",
    "-qq",
    "--output=/dev/null",
    "--trace=fsync,fdatasync",
    "--inject=fsync,fdatasync:retval=0",
];

/// Runs the server with calls on some files that fail now and then: `what` as strace's `--inject` takes it.
pub fn failing(what: &str, calls: &str, files: &[PathBuf]) -> Vec<String> {
    let mut command: Vec<String> =
        ["strace", "-D", "-f", "-qq", "--output=/dev/null"].map(str::to_owned).into_iter().collect();
    command.push(format!("--trace={calls}"));
    command.push(format!("--inject={calls}:{what}"));
    for file in files {
        command.push(format!("--trace-path={}", file.display()));
    }
    command
}

//! What the load programs share: the program under test as a child process, office files, medians.

#![expect(dead_code, reason = "each load program uses a part")]

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A commune that exists from 2025-07-01 on.
const UNIT: &str = "C20194@20250701";

/// A folder on the disk that the build is on: `/tmp` is memory on many machines, where a sync costs nothing.
pub fn folder() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("bench-").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// A number from the environment, or the default.
pub fn setting(name: &str, default: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a load program, not the program")]
    std::env::var(name).map_or(default, |value| value.parse().unwrap())
}

pub fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// The program, on a database.
pub fn chitra(database: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chitra"));
    command.args(["--database", database, "--log", "warn"]).stdin(Stdio::null());
    command
}

/// Runs the program and answers what it printed.
pub fn run(database: &str, arguments: &[&str]) -> String {
    run_by(chitra(database), arguments)
}

/// The same with a command that has flags already.
pub fn run_by(mut command: Command, arguments: &[&str]) -> String {
    let output = command.args(arguments).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Writes a file of beneficiaries `B-0` to `B-<count - 1>`.
pub fn beneficiaries(folder: &Path, count: u64) -> PathBuf {
    let path = folder.join("beneficiaries.csv");
    let mut file = BufWriter::new(std::fs::File::create(&path).unwrap());
    writeln!(file, "beneficiary_ref,name,sex,birth_year,unit,channel,effective_month").unwrap();
    for number in 0..count {
        let (sex, year) = (if number % 2 == 0 { "female" } else { "male" }, 1940 + number % 25);
        writeln!(file, "B-{number},Nguyen Thi So {number},{sex},{year},{UNIT},cash_desk,2026-01").unwrap();
    }
    file.flush().unwrap();
    path
}

/// `2026-12` and the months after it.
pub fn month(number: u64) -> String {
    let months = 11 + number;
    format!("{}-{:02}", 2026 + months / 12, months % 12 + 1)
}

/// Writes a file of payments, one row for each, to as many people.
pub fn payments(folder: &Path, (rows, people): (u64, u64)) -> PathBuf {
    let path = folder.join("payments.csv");
    let mut file = BufWriter::new(std::fs::File::create(&path).unwrap());
    writeln!(file, "payment_reference,beneficiary_ref,benefit_type,benefit_months,cycle,amount,unit,channel").unwrap();
    for row in 0..rows {
        let (person, month) = (row % people, month(row / people));
        writeln!(file, "PAY-{row:08},B-{person},pension,{month},{month},{},{UNIT},cash_desk", 2_000_000 + row % 1000)
            .unwrap();
    }
    file.flush().unwrap();
    path
}

/// A child that is stopped when this goes, and waited for.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

/// Starts the server and waits until it answers. Its address as `host:port`.
pub fn serve(folder: &Path, database: &str) -> (Running, String) {
    serve_by(chitra(database), folder)
}

/// The same with a command that has flags already.
pub fn serve_by(mut command: Command, folder: &Path) -> (Running, String) {
    let ready = folder.join("ready");
    let _ = std::fs::remove_file(&ready);
    command.args(["serve", "--listen", "127.0.0.1:0", "--ready-file"]).arg(&ready);
    let child = Running(command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap());
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(30) {
        if let Ok(text) = std::fs::read_to_string(&ready) {
            return (child, text.trim().trim_start_matches("http://").to_owned());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the server does not answer");
}

/// The largest resident memory that a process has had, in kilobytes.
pub fn peak_kilobytes(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// The middle one.
pub fn median(mut numbers: Vec<u64>) -> u64 {
    numbers.sort_unstable();
    numbers[numbers.len() / 2]
}

/// A ratio with two digits.
pub fn ratio(part: u64, whole: u64) -> String {
    let hundredths = part * 100 / whole.max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

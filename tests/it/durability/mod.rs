//! What is promised of acknowledged events, against crashes, power cuts, full and failing disks, and stops.
//!
//! Bounded for every run; `CHITRA_TEST_LONG=1` makes them ten times as long. `CHITRA_TEST_SEED=N` repeats the moments of a run.

mod chance;
mod crash;
mod disk;
mod failing;
mod load;
mod power;
mod record;
mod recovered;
mod replay;
mod skipping;
mod stop;

use crate::support::office::Office;
use std::io::Write;

/// Requests at once.
const CONNECTIONS: usize = 16;

/// A switch of the tests' own.
#[expect(clippy::disallowed_methods, reason = "the tests' own switches are no settings of the program")]
fn switch(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Says something past the capture of tests' output.
fn say(text: &str) {
    let mut stderr = std::io::stderr().lock();
    stderr.write_all(text.as_bytes()).and_then(|()| stderr.write_all(b"\n")).unwrap();
}

/// So many rounds, or ten times as many where somebody has the time.
fn rounds(usual: u64) -> u64 {
    if switch("CHITRA_TEST_LONG").is_some() { usual * 10 } else { usual }
}

/// People to be paid, and a key that may order payments.
fn open_for_business(office: &Office) -> String {
    let people = office.write("people.csv", &load::people());
    office.result(&["import", "--kind", "beneficiaries", &people]);
    office.result(&["keys", "create", "--role", "supervisor"]).trim().to_owned()
}

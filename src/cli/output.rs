//! The two channels of a command: results on stdout, messages on stderr.

use std::io::Write;

/// A result, as it is, with a line's end.
pub fn result(text: &str) {
    let mut out = std::io::stdout().lock();
    // A reader that went away (`| head`) is no error of ours.
    let _gone = writeln!(out, "{}", text.trim_end_matches('\n'));
}

/// A message to whoever looks on.
pub fn message(text: &str) {
    let _gone = writeln!(std::io::stderr().lock(), "{text}");
}

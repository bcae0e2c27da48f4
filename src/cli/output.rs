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

/// A new file that only its owner may read.
pub fn write_for_owner(path: &std::path::Path, document: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(document)
}

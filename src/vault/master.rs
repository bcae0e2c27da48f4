//! The master key and its file. It wraps other keys and does nothing else; it never stands in the database.

use super::VaultError;
use super::aead::{self, Secret};
use super::lookup::hmac_sha256;
use crate::clock::Clock;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use zeroize::Zeroizing;

/// A key file holds 64 digits and perhaps a line end; whatever is longer is some other file.
const FILE_BYTES_MAX: u64 = 1024;

/// The key that wraps all others.
#[derive(Debug)]
pub struct MasterKey {
    wrapping: Secret,
    master: Secret,
}

impl MasterKey {
    /// Reads 64 hexadecimal digits of either case; white space around them is ignored.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let digits = text.trim().as_bytes();
        if digits.len() != 64 {
            return Err(VaultError::NotAKey);
        }
        let mut bytes = Zeroizing::new([0_u8; 32]);
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = (hex_value(pair[0])? << 4) | hex_value(pair[1])?;
        }
        Ok(Self::of(Secret::new(*bytes)))
    }

    /// Draws a new one.
    #[must_use]
    pub fn generate(clock: &dyn Clock) -> Self {
        Self::of(Secret::generate(clock))
    }

    /// The wrapping key is derived, so that another use of the master key would get a key of its own.
    fn of(master: Secret) -> Self {
        let wrapping = Secret::new(hmac_sha256(master.bytes(), &[b"chitra/vault/wrapping/1"]));
        Self { wrapping, master }
    }

    /// Reads a key file that only its owner may read.
    pub fn read_file(path: &Path) -> Result<Self, VaultError> {
        Self::read(path, 0o077)
    }

    /// Reads a key that systemd hands over (`LoadCredential=`). It lets the service's user in by an access list, whose mask shows as the
    /// group's right to read; the folder is the service's alone.
    pub fn read_credential(path: &Path) -> Result<Self, VaultError> {
        Self::read(path, 0o037)
    }

    /// Refuses a file with one of these rights.
    fn read(path: &Path, refused: u32) -> Result<Self, VaultError> {
        let file_error = |source| VaultError::File { path: path.display().to_string(), source };
        let file = File::open(path).map_err(file_error)?;
        refuse_open_permissions(&file, path, refused)?;
        let mut text = Zeroizing::new(String::with_capacity(80));
        file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(file_error)?;
        Self::parse(&text)
    }

    /// Draws a new key and writes it to a file that only its owner may read. An existing file is never overwritten:
    /// it may hold the only key to a log's personal data.
    pub fn create_file(path: &Path, clock: &dyn Clock) -> Result<Self, VaultError> {
        let file_error = |source| VaultError::File { path: path.display().to_string(), source };
        let key = Self::generate(clock);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(file_error)?;
        file.write_all(key.to_text().as_bytes()).map_err(file_error)?;
        file.sync_all().map_err(file_error)?;
        // The name lies in the folder, which is a file of its own: without this a power loss may take the key with its name.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(file_error)?;
        Ok(key)
    }

    /// 32 secret bytes for another use of such a key, which tell nothing of it.
    #[must_use]
    pub fn derived(&self, purpose: &[u8]) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(hmac_sha256(self.master.bytes(), &[purpose]))
    }

    fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(65));
        for byte in self.master.bytes() {
            for digit in [byte >> 4, byte & 0x0f] {
                text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
            }
        }
        text.push('\n');
        text
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.master.bytes() == other.master.bytes()
    }

    /// Another master key, wrapped by this one.
    pub(super) fn wrap_master(&self, aad: &[u8], other: &Self, clock: &dyn Clock) -> Result<Vec<u8>, VaultError> {
        self.wrap(clock, aad, &other.master)
    }

    pub(super) fn unwrap_master(&self, aad: &[u8], wrapped: &[u8]) -> Result<Self, VaultError> {
        Ok(Self::of(self.unwrap(aad, wrapped)?))
    }

    pub(super) fn wrap(&self, clock: &dyn Clock, aad: &[u8], key: &Secret) -> Result<Vec<u8>, VaultError> {
        aead::seal(self.wrapping.bytes(), clock, aad, key.bytes())
    }

    pub(super) fn unwrap(&self, aad: &[u8], wrapped: &[u8]) -> Result<Secret, VaultError> {
        Secret::from_opened(aead::open(self.wrapping.bytes(), aad, wrapped)?)
    }
}

fn hex_value(digit: u8) -> Result<u8, VaultError> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok()).ok_or(VaultError::NotAKey)
}

#[cfg(unix)]
fn refuse_open_permissions(file: &File, path: &Path, refused: u32) -> Result<(), VaultError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = file.metadata().map_err(|source| VaultError::File { path: path.display().to_string(), source })?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & refused == 0 { Ok(()) } else { Err(VaultError::FileTooOpen { path: path.display().to_string(), mode }) }
}

#[cfg(not(unix))]
fn refuse_open_permissions(_: &File, _: &Path, _: u32) -> Result<(), VaultError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    const TEXT: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    #[test]
    fn a_master_key_is_read_from_its_text() {
        let key = MasterKey::parse(&format!(" {}\r\n", TEXT.to_uppercase())).unwrap();
        assert_eq!(key.master.bytes()[31], 0x1f);
        assert_eq!(key.to_text().trim(), TEXT);
    }

    #[test]
    fn text_that_is_too_short_too_long_or_not_hexadecimal_is_refused() {
        for text in [&TEXT[1..], &format!("{TEXT}0"), &TEXT.replace('a', "g"), ""] {
            assert!(matches!(MasterKey::parse(text), Err(VaultError::NotAKey)), "{text}");
        }
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let key = MasterKey::parse(TEXT).unwrap();
        let shown = format!("{key:?} {key:#?}");
        assert!(shown.contains("[secret]"), "{shown}");
        assert!(!shown.contains("31") && !shown.contains("1f"), "{shown}");
    }

    #[test]
    fn a_created_key_file_reads_back_as_the_same_key_and_is_never_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        let created = MasterKey::create_file(&path, &SystemClock).unwrap();
        let read = MasterKey::read_file(&path).unwrap();
        assert_eq!(created.master.bytes(), read.master.bytes());
        assert!(matches!(MasterKey::create_file(&path, &SystemClock), Err(VaultError::File { .. })));
        assert_eq!(MasterKey::read_file(&path).unwrap().master.bytes(), created.master.bytes());
    }

    #[cfg(unix)]
    #[test]
    fn a_created_key_file_belongs_to_its_owner_alone_and_a_readable_one_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        MasterKey::create_file(&path, &SystemClock).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(MasterKey::read_file(&path), Err(VaultError::FileTooOpen { mode: 0o640, .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_credential_may_be_its_groups_to_read_and_nobody_elses() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master-key");
        let created = MasterKey::create_file(&path, &SystemClock).unwrap();
        let with_mode = |mode| {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            MasterKey::read_credential(&path)
        };
        for mode in [0o400, 0o440, 0o600] {
            assert_eq!(with_mode(mode).unwrap().master.bytes(), created.master.bytes(), "{mode:o}");
        }
        for mode in [0o444, 0o460, 0o450] {
            assert!(matches!(with_mode(mode), Err(VaultError::FileTooOpen { .. })), "{mode:o}");
        }
    }

    #[test]
    fn a_missing_key_file_is_named() {
        let error = MasterKey::read_file(Path::new("/nowhere/master.key")).unwrap_err();
        assert!(error.to_string().contains("/nowhere/master.key"));
    }
}

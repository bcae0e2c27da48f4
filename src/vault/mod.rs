//! Personal data's cryptography: keys, sealed records, keyed-hash look-up and masks. No SQL, no HTTP; the log never sees what is in here.
//!
//! One master key (outside the database) wraps the look-up key and one key for each person. Destroying a person's wrapped
//! key erases the person: what was sealed with it can never be opened again, while every event and proof stays valid.

mod aead;
pub mod holdings;
pub mod lookup;
pub mod mask;
pub mod master;
mod masters;
pub mod own;
pub mod person;
pub mod pieces;
pub mod rotation;
mod sealing;
pub mod service;
mod signing;

pub use lookup::LookupKey;
pub use mask::{Mask, mask};
pub use master::MasterKey;
pub use person::PersonKey;

/// What can go wrong with keys and sealed bytes. None of the messages holds a secret or a person's data.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Sealed bytes that were changed, cut, moved to another place, or sealed with another key.
    #[error("the sealed bytes cannot be opened: changed, moved, or sealed with another key")]
    CannotOpen,
    /// Text that is not a master key.
    #[error("a master key is 64 hexadecimal digits")]
    NotAKey,
    /// Other users of the machine may read the key's file.
    #[error("{path} may be read by others (mode {mode:03o}); set it to 600")]
    FileTooOpen {
        /// The key's file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// The key's file cannot be read or written.
    #[error("the master key file {path} cannot be used")]
    File {
        /// The key's file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

//! What happens to a bank's entry. A public key is no secret; a shared secret is in the vault.

use crate::domain::ids::{BankId, VaultRef};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One event of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BankEvent {
    /// The bank may report from now on; or its codes mean something else from now on.
    Registered(BankRegistered),
    KeyAdded(BankKeyAdded),
    KeyDisabled(BankKeyDisabled),
}

/// The bank may report, with what its codes mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankRegistered {
    pub bank: BankId,
    /// The bank's own mapping file, as text; without one ISO's codes are taken as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<String>,
}

/// Messages may be signed with this key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankKeyAdded {
    pub key_id: String,
    /// `ES256`, `EdDSA` or `HS256`: the only one that the key verifies.
    pub algorithm: String,
    /// PEM or JWK.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// The shared secret in the vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<VaultRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    /// The first instant at which it is no longer valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Timestamp>,
}

/// The key opens nothing any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankKeyDisabled {
    pub key_id: String,
}

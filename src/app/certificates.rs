//! The certificate that a port shows: read from files, changed while the server runs when the files change, kept when the new ones are bad.

use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Why a pair cannot be used. `Display` names the file.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    #[error("{path} cannot be read: {reason}")]
    File { path: PathBuf, reason: String },
    #[error("{path} holds no certificate in PEM form")]
    NoCertificate { path: PathBuf },
    #[error("{path} holds no private key in PEM form: {reason}")]
    NoKey { path: PathBuf, reason: String },
    #[error("the certificate of {certificate} and the key of {key} cannot be used together: {reason}")]
    Pair { certificate: PathBuf, key: PathBuf, reason: String },
    #[error("TLS cannot be set up: {0}")]
    Setup(String),
}

/// What looking at the files came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    /// They are as they were.
    Same,
    /// New connections are shown the new certificate.
    Changed,
    /// They are bad; the certificate of before is shown on.
    Refused,
}

/// A certificate with its chain and key.
#[derive(Debug)]
pub struct Certificates {
    certificate: PathBuf,
    key: PathBuf,
    shown: RwLock<Arc<CertifiedKey>>,
    /// SHA-256 of the files as they were looked at last.
    looked_at: Mutex<[u8; 32]>,
    is_refused: AtomicBool,
}

/// Both files as they are now, and a hash over them.
struct Files {
    certificate: Vec<u8>,
    key: Vec<u8>,
    hash: [u8; 32],
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    std::fs::read(path).map_err(|error| CertificateError::File { path: path.to_owned(), reason: error.to_string() })
}

impl Certificates {
    /// Reads both files.
    pub fn load(certificate: &Path, key: &Path) -> Result<Arc<Self>, CertificateError> {
        let files = Files::read(certificate, key)?;
        let pair = files.pair(certificate, key)?;
        Ok(Arc::new(Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            shown: RwLock::new(Arc::new(pair)),
            looked_at: Mutex::new(files.hash),
            is_refused: AtomicBool::new(false),
        }))
    }

    /// Looks whether the files changed, and shows what they hold from now on if it is good.
    pub fn look(&self) -> Result<Looked, CertificateError> {
        let found = self.look_at_files();
        self.is_refused.store(
            match &found {
                Ok(Looked::Changed) => false,
                Ok(Looked::Same | Looked::Refused) => self.is_refused(),
                Err(_) => true,
            },
            Ordering::Relaxed,
        );
        found
    }

    fn look_at_files(&self) -> Result<Looked, CertificateError> {
        let files = Files::read(&self.certificate, &self.key)?;
        let mut looked_at = self.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        if *looked_at == files.hash {
            return Ok(if self.is_refused() { Looked::Refused } else { Looked::Same });
        }
        let pair = files.pair(&self.certificate, &self.key);
        // Bad files are told of once, not at each look.
        *looked_at = files.hash;
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair?);
        Ok(Looked::Changed)
    }

    /// Whether the files as they are now cannot be used.
    pub fn is_refused(&self) -> bool {
        self.is_refused.load(Ordering::Relaxed)
    }

    /// The files, for messages.
    #[must_use]
    pub fn files(&self) -> (&Path, &Path) {
        (&self.certificate, &self.key)
    }

    /// How a port speaks TLS with them: versions 1.2 and 1.3, no certificates of clients, these protocols.
    pub fn server_config(self: &Arc<Self>, protocols: &[&[u8]]) -> Result<rustls::ServerConfig, CertificateError> {
        let builder = rustls::ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| CertificateError::Setup(error.to_string()))?;
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Self>::clone(self);
        let mut config = builder.with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Ok(config)
    }
}

impl Files {
    fn read(certificate: &Path, key: &Path) -> Result<Self, CertificateError> {
        let (certificate, key) = (read(certificate)?, read(key)?);
        let mut hash = Sha256::new();
        for bytes in [&certificate, &key] {
            hash.update(bytes.len().to_be_bytes());
            hash.update(bytes);
        }
        Ok(Self { hash: hash.finalize().into(), certificate, key })
    }

    fn pair(&self, certificate: &Path, key: &Path) -> Result<CertifiedKey, CertificateError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.certificate).collect();
        let chain = chain.ok().filter(|chain| !chain.is_empty());
        let chain = chain.ok_or_else(|| CertificateError::NoCertificate { path: certificate.to_owned() })?;
        let private = PrivateKeyDer::from_pem_slice(&self.key)
            .map_err(|error| CertificateError::NoKey { path: key.to_owned(), reason: error.to_string() })?;
        CertifiedKey::from_der(chain, private, &default_provider()).map_err(|error| CertificateError::Pair {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            reason: error.to_string(),
        })
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.shown.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

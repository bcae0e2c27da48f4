//! What the log proves of itself: its key, its checkpoints, and proofs that events are in it and that it only grew.

pub mod keeper;
pub mod receipt;
pub mod sign;
pub mod witnesses;

pub use crate::proof::{to_base64, tree::Hash};
pub use crate::store::checkpoints::StoredCheckpoint;

use crate::app::App;
use crate::app::error::{AppError, FieldIssue};
use crate::projections::Projection;
use crate::proof::note::{Kind, Signer, is_name};
use crate::proof::path::{self, Node, Part};
use crate::proof::tile;
use std::sync::Arc;

/// That an event is in the tree of a size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    pub position: u64,
    pub size: u64,
    pub leaf_hash: Hash,
    pub root: Hash,
    pub hashes: Vec<Hash>,
}

/// That the tree of one size is the beginning of the tree of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsistencyProof {
    pub from: u64,
    pub to: u64,
    pub from_root: Hash,
    pub to_root: Hash,
    pub hashes: Vec<Hash>,
}

fn refused<T>(field: &'static str, en: String, vi: String) -> Result<T, AppError> {
    Err(AppError::Invalid(vec![FieldIssue::new(field, "invalid-value", en, vi)]))
}

impl App {
    /// The log's key under the log's name. A log that was not named is called after its key, so that no two have one name.
    pub async fn log_signer(&self) -> Result<Arc<Signer>, AppError> {
        if let Some(signer) = self.signer.get() {
            return Ok(Arc::clone(signer));
        }
        let signer = Arc::new(self.open_signer().await?);
        Ok(Arc::clone(self.signer.get_or_init(|| signer)))
    }

    async fn open_signer(&self) -> Result<Signer, AppError> {
        let seed = self.vault.signing_seed().await?;
        let unusable = |name: &str| AppError::Internal(format!("the log's name {name} can stand in no note"));
        let named = |name: &str| Signer::new(name, Kind::Text, &seed).ok_or_else(|| unusable(name));
        if let Some(origin) = self.vault.origin().await? {
            return named(&origin);
        }
        let digits = named("chitra.log")?.verifier().fingerprint();
        named(&self.vault.name_origin(&format!("chitra.log/{digits}")).await?)
    }

    /// Names the log, before it signs for the first time. Answers the name that stands.
    pub async fn name_log(&self, origin: &str) -> Result<String, AppError> {
        if !is_name(origin) {
            return refused(
                "origin",
                "expected 1 to 200 characters without spaces and plus signs, for example bhxh.example.vn/log1"
                    .to_owned(),
                "cần 1 đến 200 ký tự, không có khoảng trắng và dấu cộng, ví dụ bhxh.example.vn/log1".to_owned(),
            );
        }
        Ok(self.vault.name_origin(origin).await?)
    }

    /// The newest checkpoint, of all or of those that a witness cosigned.
    pub async fn checkpoint(&self, cosigned: bool) -> Result<StoredCheckpoint, AppError> {
        self.registry.last_checkpoint(cosigned).await?.ok_or(AppError::NoCheckpointYet)
    }

    /// The proof that an event is in the tree of a size; of the newest checkpoint's when none is given.
    pub async fn inclusion_proof(&self, position: u64, size: Option<u64>) -> Result<InclusionProof, AppError> {
        let size = match size {
            Some(size) => size,
            None => self.checkpoint(false).await?.size,
        };
        self.tree_reaches(size).await?;
        let Some(proof) = position.checked_sub(1).and_then(|index| path::inclusion(index, size)) else {
            return refused(
                "position",
                format!("expected a position from 1 to the size, which is {size}"),
                format!("cần vị trí từ 1 đến kích thước {size}"),
            );
        };
        let leaf = vec![Node { height: 0, index: position - 1 }];
        let mut hashes = self.resolve(&[vec![leaf, path::root(size)], proof].concat()).await?;
        let rest = hashes.split_off(2);
        Ok(InclusionProof { position, size, leaf_hash: hashes[0], root: hashes[1], hashes: rest })
    }

    /// The proof that the tree of one size is the beginning of the tree of another.
    pub async fn consistency_proof(&self, from: u64, to: u64) -> Result<ConsistencyProof, AppError> {
        self.tree_reaches(to).await?;
        let Some(proof) = path::consistency(from, to) else {
            return refused(
                "from",
                format!("expected a size of at most `to`, which is {to}"),
                format!("cần kích thước không lớn hơn `to` là {to}"),
            );
        };
        let mut hashes = self.resolve(&[vec![path::root(from), path::root(to)], proof].concat()).await?;
        let rest = hashes.split_off(2);
        Ok(ConsistencyProof { from, to, from_root: hashes[0], to_root: hashes[1], hashes: rest })
    }

    /// Waits until the stored tree holds so many events.
    async fn tree_reaches(&self, size: u64) -> Result<(), AppError> {
        let head = self.store.head().await?.position;
        if size > head {
            return Err(AppError::BeyondHead { head, asked: size });
        }
        self.follow_up_to(Projection::Tree, size).await
    }

    /// The hashes of parts of a proof, from the stored tiles.
    async fn resolve(&self, parts: &[Part]) -> Result<Vec<Hash>, AppError> {
        let tiles = self.views.tree_tiles(&tile::tiles_of(parts)).await?;
        let broken = |error: tile::BrokenTile| AppError::ProjectionStopped {
            name: Projection::Tree.name(),
            reason: format!("{error}; `chitra rebuild tree` makes it anew"),
        };
        tile::resolve(parts, &tiles).map_err(broken)
    }
}

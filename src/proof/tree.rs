//! The Merkle tree hash of RFC 6962, section 2.1, grown leaf by leaf.

use sha2::{Digest, Sha256};

/// A leaf's hash, an inner node's, or a root.
pub type Hash = [u8; 32];

/// RFC 6962: inner nodes begin with 0x01 and leaves with 0x00, so that neither can pass for the other.
const NODE_PREFIX: u8 = 0x01;

/// The hash of an inner node.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([NODE_PREFIX]);
    hasher.update(left);
    hasher.update(right);
    hasher.finalize().into()
}

/// The root of the tree without leaves.
#[must_use]
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The root over complete subtrees, the largest (leftmost) first, as the right edge of a tree has them.
#[must_use]
pub fn fold(subtrees: &[Hash]) -> Option<Hash> {
    let (last, rest) = subtrees.split_last()?;
    Some(rest.iter().rev().fold(*last, |right, left| node_hash(left, &right)))
}

/// The complete subtrees of a tree that grows: all that is needed to add leaves and to give the root of every size on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// One for each bit that is set in the size, the largest first.
    subtrees: Vec<Hash>,
}

impl Frontier {
    /// How many leaves it has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let (mut hash, mut bits) = (leaf, self.size);
        while bits & 1 == 1 {
            if let Some(left) = self.subtrees.pop() {
                hash = node_hash(&left, &hash);
            }
            bits >>= 1;
        }
        self.subtrees.push(hash);
        self.size += 1;
    }

    /// The root of the tree as it is.
    #[must_use]
    pub fn root(&self) -> Hash {
        fold(&self.subtrees).unwrap_or_else(empty_root)
    }
}

/// The root over these leaves.
#[must_use]
pub fn root_of(leaves: impl IntoIterator<Item = Hash>) -> Hash {
    let mut frontier = Frontier::default();
    leaves.into_iter().for_each(|leaf| frontier.push(leaf));
    frontier.root()
}

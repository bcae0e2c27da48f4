//! The tree kept in tiles, as C2SP tlog-tiles cuts it: a tile of level L holds up to 256 roots of complete subtrees of 256^L leaves. A proof
//! on any tree reads a few tiles, and a batch of leaves changes few.

use super::path::{Node, Part};
use super::tree::{Hash, fold, root_of};
use std::collections::BTreeMap;

/// Hashes of a full tile.
pub const TILE_HASHES: u64 = 256;
/// Levels of subtrees between two levels of tiles.
const TILE_HEIGHT: u32 = 8;
/// A tree of 2^64 leaves has no higher level.
const LEVELS_MAX: u8 = 8;
const HASH_BYTES: usize = 32;

/// A tile's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileId {
    /// 0: its hashes are leaves.
    pub level: u8,
    pub number: u64,
}

/// Tiles by place, each the bytes of its hashes one after the other.
pub type Tiles = BTreeMap<TileId, Vec<u8>>;

/// Stored tiles that are not those of the tree that they are said to be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("tile {number} of level {level} is missing or has another number of hashes")]
pub struct BrokenTile {
    pub level: u8,
    pub number: u64,
}

impl From<TileId> for BrokenTile {
    fn from(TileId { level, number }: TileId) -> Self {
        Self { level, number }
    }
}

/// How many hashes a level has in a tree of a size.
const fn hashes_of_level(level: u8, size: u64) -> u64 {
    let height = TILE_HEIGHT * level as u32;
    if height < u64::BITS { size >> height } else { 0 }
}

/// The begun tiles of a tree: those that the next leaves go into, each with how many hashes it has.
fn begun(size: u64) -> impl Iterator<Item = (TileId, u64)> {
    (0..LEVELS_MAX).filter_map(move |level| {
        let hashes = hashes_of_level(level, size);
        let in_last = hashes % TILE_HASHES;
        (in_last != 0).then_some((TileId { level, number: hashes / TILE_HASHES }, in_last))
    })
}

/// The tiles that [`grow`] needs of the tree as it is.
#[must_use]
pub fn needed(size: u64) -> Vec<TileId> {
    begun(size).map(|(tile, _)| tile).collect()
}

/// Adds leaves to a tree of a size, given the tiles that [`needed`] names. Answers the tiles that changed.
pub fn grow(size: u64, stored: Tiles, leaves: impl IntoIterator<Item = Hash>) -> Result<Tiles, BrokenTile> {
    for (id, hashes) in begun(size) {
        let bytes = stored.get(&id).map_or(0, Vec::len);
        if bytes as u64 != hashes * HASH_BYTES as u64 {
            return Err(id.into());
        }
    }
    let lengths: BTreeMap<TileId, usize> = stored.iter().map(|(id, bytes)| (*id, bytes.len())).collect();
    let (mut open, mut changed) = (stored, Tiles::new());
    for (index, leaf) in (size..).zip(leaves) {
        add(0, index, leaf, &mut open, &mut changed);
    }
    changed.extend(open.into_iter().filter(|(id, bytes)| lengths.get(id) != Some(&bytes.len())));
    Ok(changed)
}

/// Adds the hash of an index to its level, and the root of a tile that is full now to the next one. `open` holds one tile of each level.
fn add(level: u8, index: u64, hash: Hash, open: &mut Tiles, full: &mut Tiles) {
    let id = TileId { level, number: index / TILE_HASHES };
    let tile = open.entry(id).or_default();
    tile.extend_from_slice(&hash);
    if index % TILE_HASHES == TILE_HASHES - 1 {
        let bytes = open.remove(&id).unwrap_or_default();
        let root = root_of(hashes(&bytes));
        full.insert(id, bytes);
        add(level + 1, id.number, root, open, full);
    }
}

fn hashes(bytes: &[u8]) -> impl Iterator<Item = Hash> {
    let (whole, _) = bytes.as_chunks::<HASH_BYTES>();
    whole.iter().copied()
}

/// Where a complete subtree's root is computed from: a tile, and which of its hashes.
#[must_use]
pub const fn place(node: Node) -> (TileId, u64, u64) {
    let (level, above) = (node.height / TILE_HEIGHT, node.height % TILE_HEIGHT);
    let first = node.index << above;
    #[expect(clippy::cast_possible_truncation, reason = "a height is at most 63, a level at most 7")]
    let id = TileId { level: level as u8, number: first / TILE_HASHES };
    (id, first % TILE_HASHES, 1 << above)
}

/// The tiles that parts of a proof are computed from, each once.
#[must_use]
pub fn tiles_of(parts: &[Part]) -> Vec<TileId> {
    let mut tiles: Vec<TileId> = parts.iter().flatten().map(|node| place(*node).0).collect();
    tiles.sort_unstable();
    tiles.dedup();
    tiles
}

/// The hash of each part, from the tiles that [`tiles_of`] names.
pub fn resolve(parts: &[Part], tiles: &Tiles) -> Result<Vec<Hash>, BrokenTile> {
    let part_hash = |part: &Part| {
        let nodes = part.iter().map(|node| node_root(*node, tiles)).collect::<Result<Vec<_>, _>>()?;
        Ok(fold(&nodes).unwrap_or_else(super::tree::empty_root))
    };
    parts.iter().map(part_hash).collect()
}

fn node_root(node: Node, tiles: &Tiles) -> Result<Hash, BrokenTile> {
    let (id, first, count) = place(node);
    let bytes = tiles.get(&id).map_or(&[][..], Vec::as_slice);
    let at = |hash: u64| usize::try_from(hash).unwrap_or(usize::MAX).saturating_mul(HASH_BYTES);
    let wanted = bytes.get(at(first)..at(first + count)).ok_or(id)?;
    Ok(root_of(hashes(wanted)))
}

//! The published vectors of RFC 6962's trees and of signed notes, proofs of all sizes, and what must not pass.

mod notes;
mod trees;
mod witnesses;

use super::path::{self, Part};
use super::tile::{self, Tiles};
use super::tree::Hash;
use sha2::{Digest, Sha256};

/// A leaf's hash, by RFC 6962.
fn leaf(data: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(data);
    hasher.finalize().into()
}

/// So many different leaves.
fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|number| leaf(&number.to_be_bytes())).collect()
}

/// Grows a tree by batches, as the store keeps it.
fn grown(leaves: &[Hash], batch: usize) -> Tiles {
    let (mut tiles, mut size) = (Tiles::new(), 0);
    for batch in leaves.chunks(batch) {
        let needed = tile::needed(size).into_iter().map(|id| (id, tiles[&id].clone())).collect();
        tiles.extend(tile::grow(size, needed, batch.iter().copied()).unwrap());
        size += batch.len() as u64;
    }
    tiles
}

fn resolve(parts: &[Part], tiles: &Tiles) -> Vec<Hash> {
    let needed = tile::tiles_of(parts).into_iter().filter_map(|id| Some((id, tiles.get(&id)?.clone()))).collect();
    tile::resolve(parts, &needed).unwrap()
}

fn root(size: u64, tiles: &Tiles) -> Hash {
    resolve(&[path::root(size)], tiles)[0]
}

fn inclusion(index: u64, size: u64, tiles: &Tiles) -> Vec<Hash> {
    resolve(&path::inclusion(index, size).unwrap(), tiles)
}

fn consistency(from: u64, to: u64, tiles: &Tiles) -> Vec<Hash> {
    resolve(&path::consistency(from, to).unwrap(), tiles)
}

/// Every way of changing one hash of a proof by one bit, and of leaving one out, adding one or swapping two.
fn changed(proof: &[Hash]) -> Vec<Vec<Hash>> {
    let mut all = Vec::new();
    for (at, hash) in proof.iter().enumerate() {
        for bit in [0, 7, 100, 255] {
            let (mut other, mut hash) = (proof.to_vec(), *hash);
            hash[bit / 8] ^= 1 << (bit % 8);
            other[at] = hash;
            all.push(other);
        }
        let mut shorter = proof.to_vec();
        shorter.remove(at);
        all.push(shorter);
        let mut longer = proof.to_vec();
        longer.insert(at, *hash);
        all.push(longer);
    }
    all.push([proof, &[[0; 32]]].concat());
    if proof.len() > 1 {
        let mut swapped = proof.to_vec();
        swapped.swap(0, 1);
        all.push(swapped);
    }
    all
}

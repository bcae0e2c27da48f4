//! Roots and proofs.

use super::super::path::{extends, includes};
use super::super::tile::{self, TileId, Tiles};
use super::super::tree::{Frontier, Hash, empty_root, node_hash, root_of};
use super::{changed, consistency, grown, inclusion, leaf, leaves, path, root};
use proptest::prelude::*;
use serde_json::Value;

/// A number as a place in a list.
fn place(number: u64) -> usize {
    usize::try_from(number).unwrap()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn hashes(value: &Value) -> Vec<Hash> {
    value.as_array().unwrap().iter().map(|hash| bytes(hash.as_str().unwrap()).try_into().unwrap()).collect()
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/fixtures/merkle.json")).unwrap()
}

fn published_leaves() -> Vec<Hash> {
    vectors()["leaves"].as_array().unwrap().iter().map(|data| leaf(&bytes(data.as_str().unwrap()))).collect()
}

/// The definition of RFC 6962, section 2.1, word for word.
fn by_definition(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&by_definition(left), &by_definition(right))
        }
    }
}

#[test]
fn the_roots_of_the_published_leaves_are_the_published_ones() {
    let (vectors, leaves) = (vectors(), published_leaves());
    assert_eq!(empty_root().to_vec(), bytes(vectors["empty_root"].as_str().unwrap()));
    for (size, expected) in (1..).zip(hashes(&vectors["roots"])) {
        assert_eq!(root_of(leaves[..size].iter().copied()), expected, "{size}");
        assert_eq!(root(size as u64, &grown(&leaves, 3)), expected, "{size}");
    }
}

#[test]
fn the_proofs_of_the_published_leaves_are_the_published_ones_and_hold() {
    let (vectors, leaves) = (vectors(), published_leaves());
    let (tiles, roots) = (grown(&leaves, 8), hashes(&vectors["roots"]));
    let number = |value: &Value| value.as_u64().unwrap();
    for vector in vectors["inclusion"].as_array().unwrap() {
        let (index, size, expected) = (number(&vector["index"]), number(&vector["size"]), hashes(&vector["hashes"]));
        assert_eq!(inclusion(index, size, &tiles), expected, "{vector}");
        let tree = (size, &roots[place(size) - 1]);
        assert!(includes(&leaves[place(index)], index, tree, &expected), "{vector}");
    }
    for vector in vectors["consistency"].as_array().unwrap() {
        let (from, to, expected) = (number(&vector["from"]), number(&vector["to"]), hashes(&vector["hashes"]));
        assert_eq!(consistency(from, to, &tiles), expected, "{vector}");
        let tree = |size: u64| (size, &roots[place(size) - 1]);
        assert!(extends(tree(from), tree(to), &expected), "{vector}");
    }
}

#[test]
fn the_root_of_every_size_is_the_one_of_the_definition() {
    let leaves = leaves(600);
    let (tiles, mut frontier) = (grown(&leaves, 600), Frontier::default());
    for size in 0..=leaves.len() {
        let expected = by_definition(&leaves[..size]);
        assert_eq!((frontier.root(), frontier.size()), (expected, size as u64));
        assert_eq!(root(size as u64, &tiles), expected, "{size}");
        if let Some(leaf) = leaves.get(size) {
            frontier.push(*leaf);
        }
    }
}

#[test]
fn every_leaf_of_every_size_has_a_proof_that_holds_for_nothing_else() {
    let leaves = leaves(70);
    let tiles = grown(&leaves, 7);
    for size in 1..=70 {
        let tree_root = root(size, &tiles);
        for index in 0..size {
            let (proof, leaf) = (inclusion(index, size, &tiles), &leaves[place(index)]);
            assert!(includes(leaf, index, (size, &tree_root), &proof), "{index} of {size}");
            assert!(!includes(&leaves[(place(index) + 1) % 70], index, (size, &tree_root), &proof));
            assert!(!includes(leaf, index + 1, (size, &tree_root), &proof), "{index} of {size}");
            assert!(!includes(leaf, index, (size, &root(size - 1, &tiles)), &proof));
            for other in changed(&proof) {
                assert!(!includes(leaf, index, (size, &tree_root), &other), "{index} of {size}");
            }
        }
    }
    assert_eq!(path::inclusion(5, 5), None);
    assert!(!includes(&leaves[0], 0, (0, &empty_root()), &[]));
}

#[test]
fn every_size_has_a_proof_to_every_later_one_that_holds_for_nothing_else() {
    let tiles = grown(&leaves(70), 70);
    let roots: Vec<Hash> = (0..=70).map(|size| root(size, &tiles)).collect();
    let tree = |size: u64| (size, &roots[place(size)]);
    for to in 0..=70 {
        for from in 0..=to {
            let proof = consistency(from, to, &tiles);
            assert!(extends(tree(from), tree(to), &proof), "{from} to {to}");
            for other in changed(&proof) {
                assert!(!extends(tree(from), tree(to), &other), "{from} to {to}");
            }
            let flipped = |size: u64| {
                let mut root = roots[place(size)];
                root[31] ^= 1;
                root
            };
            assert!(!extends((from, &flipped(from)), tree(to), &proof), "{from} to {to}");
            // From nothing everything is an extension, whatever its root.
            assert!(from == 0 && to > 0 || !extends(tree(from), (to, &flipped(to)), &proof), "{from} to {to}");
            assert!(from == to || !extends(tree(to), tree(from), &proof));
        }
    }
    assert_eq!(path::consistency(6, 5), None);
}

#[test]
fn a_tree_that_differs_in_one_early_leaf_is_no_extension() {
    let leaves = leaves(300);
    let honest = grown(&leaves, 300);
    for at in [0, 1, 99, 199] {
        let mut forged = leaves.clone();
        forged[at] = leaf(b"forged");
        let forged = grown(&forged, 300);
        let (seen, shown) = (root(200, &honest), root(300, &forged));
        for tiles in [&honest, &forged] {
            assert!(!extends((200, &seen), (300, &shown), &consistency(200, 300, tiles)), "{at}");
        }
    }
}

#[test]
fn tiles_that_are_missing_or_cut_are_named() {
    let leaves = leaves(300);
    let tiles = grown(&leaves, 300);
    let needed: Tiles = tile::needed(300).into_iter().map(|id| (id, tiles[&id].clone())).collect();
    assert_eq!(needed.len(), 2, "44 leaves in a begun tile, and the root of a full one");
    for id in needed.keys() {
        let mut cut = needed.clone();
        cut.get_mut(id).unwrap().pop();
        let named = |tiles: Tiles| tile::grow(300, tiles, [leaf(b"next")]).unwrap_err();
        let mut gone = needed.clone();
        gone.remove(id);
        assert_eq!((named(gone).level, named(cut).level), (id.level, id.level));
    }
    let parts = path::inclusion(0, 300).unwrap();
    let short = Tiles::from([(TileId { level: 0, number: 0 }, vec![0; 32])]);
    assert!(tile::resolve(&parts, &short).is_err());
}

proptest! {
    #[test]
    fn batches_of_any_size_give_the_same_tiles(batch in 1_usize..700, count in 0_u64..1500) {
        let leaves = leaves(count);
        prop_assert_eq!(grown(&leaves, batch), grown(&leaves, 1500));
    }

    #[test]
    fn proofs_of_a_tree_of_three_levels_hold(size in 65_000_u64..66_100, index in 0_u64..65_000, from in 1_u64..65_000) {
        static TILES: std::sync::LazyLock<(Vec<Hash>, Tiles)> = std::sync::LazyLock::new(|| {
            let leaves = leaves(66_100);
            let tiles = grown(&leaves, 4_000);
            (leaves, tiles)
        });
        let (leaves, tiles) = &*TILES;
        let tree_root = root(size, tiles);
        prop_assert!(includes(&leaves[place(index)], index, (size, &tree_root), &inclusion(index, size, tiles)));
        let old = root(from, tiles);
        prop_assert!(extends((from, &old), (size, &tree_root), &consistency(from, size, tiles)));
        prop_assert!(tile::tiles_of(&path::inclusion(index, size).unwrap()).len() <= 6);
    }
}

//! Proofs of inclusion and consistency (RFC 6962, sections 2.1.1 and 2.1.2): which subtrees make one, and whether one holds (RFC 9162,
//! sections 2.1.3.2 and 2.1.4.2).

use super::tree::{Hash, node_hash};

/// No proof has more hashes: a tree has at most 2^63 leaves.
pub const HASHES_MAX: usize = 63;

/// A complete subtree: the leaves from `index << height` on, `1 << height` of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    pub height: u32,
    pub index: u64,
}

/// One hash of a proof: the root over these complete subtrees, the largest first.
pub type Part = Vec<Node>;

/// The complete subtrees of the leaves from `start` to before `end`. `start` is a multiple of a power of two that is not less than their
/// number, as every range of RFC 6962 begins.
#[must_use]
pub fn cover(start: u64, end: u64) -> Part {
    let (mut at, mut nodes) = (start, Part::new());
    while at < end {
        let height = (end - at).ilog2();
        nodes.push(Node { height, index: at >> height });
        at += 1 << height;
    }
    nodes
}

/// Where a range of two leaves or more is split: after the largest power of two of them that is less than all.
const fn split(start: u64, end: u64) -> u64 {
    start + (1 << (end - start - 1).ilog2())
}

/// The proof that the leaf of an index (from 0) is in the tree of a size; `None` when it has no such leaf.
#[must_use]
pub fn inclusion(index: u64, size: u64) -> Option<Vec<Part>> {
    if index >= size {
        return None;
    }
    let (mut start, mut end, mut path) = (0, size, Vec::new());
    while end - start > 1 {
        let middle = split(start, end);
        if index < middle {
            path.push(cover(middle, end));
            end = middle;
        } else {
            path.push(cover(start, middle));
            start = middle;
        }
    }
    path.reverse();
    Some(path)
}

/// The proof that the tree of one size is the beginning of the tree of another; `None` when it is the larger one. Empty from nothing, and
/// to itself.
#[must_use]
pub fn consistency(from: u64, to: u64) -> Option<Vec<Part>> {
    if from > to {
        return None;
    }
    let (mut start, mut end, mut path) = (0, to, Vec::new());
    if from == 0 {
        return Some(path);
    }
    while from != end {
        let middle = split(start, end);
        if from <= middle {
            path.push(cover(middle, end));
            end = middle;
        } else {
            path.push(cover(start, middle));
            start = middle;
        }
    }
    // What the smaller tree's root is known by: itself, when the walk never left the left edge.
    if start != 0 {
        path.push(cover(start, end));
    }
    path.reverse();
    Some(path)
}

/// The root of the tree of a size.
#[must_use]
pub fn root(size: u64) -> Part {
    cover(0, size)
}

/// Goes up to where the node is a right child, or the leftmost of its row.
const fn climb(node: &mut u64, last: &mut u64) {
    while *node & 1 == 0 && *node != 0 {
        *node >>= 1;
        *last >>= 1;
    }
}

/// Whether a proof shows that the leaf of an index is in the tree of a size and root.
#[must_use]
pub fn includes(leaf: &Hash, index: u64, (size, root): (u64, &Hash), path: &[Hash]) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            climb(&mut node, &mut last);
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether a proof shows that a tree is the beginning of another, each given by size and root.
#[must_use]
pub fn extends((from, from_root): (u64, &Hash), (to, to_root): (u64, &Hash), path: &[Hash]) -> bool {
    if from == 0 || from >= to {
        let same = from == to && from_root == to_root;
        let nothing = from == 0 && *from_root == super::tree::empty_root();
        return path.is_empty() && (same || (nothing && to > 0));
    }
    let whole = from.is_power_of_two();
    let mut hashes = whole.then_some(from_root).into_iter().chain(path);
    let Some(first) = hashes.next() else { return false };
    if path.is_empty() {
        return false;
    }
    let (mut node, mut last) = (from - 1, to - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old, mut new) = (*first, *first);
    for sibling in hashes {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old = node_hash(sibling, &old);
            new = node_hash(sibling, &new);
            climb(&mut node, &mut last);
        } else {
            new = node_hash(&new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old == *from_root && new == *to_root
}

//! The tree that proves the history: RFC 6962 / RFC 9162, SHA-256, over the entry hashes.
//!
//! The world's transparency tools speak exactly this, so that strangers' programs can check a book. Nothing in here may
//! ever change its answer: published checkpoints are promises about these bytes.

use sha2::block_api::compress256;
use thiserror::Error;

use crate::hash::EntryHash;

/// A node of the tree: a leaf, a subtree or the root.
pub type TreeHash = [u8; 32];

/// The root of the tree of no entries: SHA-256 of nothing.
pub const EMPTY_ROOT: TreeHash = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41,
    0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// SHA-256(0x00 || entry hash).
pub fn leaf(entry: &EntryHash) -> TreeHash {
    let mut block = [0; 64];
    block[1..33].copy_from_slice(&entry.0);
    pad(&mut block, 33, 33);
    finish(&[block])
}

/// SHA-256(0x01 || left || right).
pub fn node(left: &TreeHash, right: &TreeHash) -> TreeHash {
    let mut blocks = [[0; 64]; 2];
    blocks[0][0] = 1;
    blocks[0][1..33].copy_from_slice(left);
    blocks[0][33..].copy_from_slice(&right[..31]);
    blocks[1][0] = right[31];
    pad(&mut blocks[1], 1, 65);
    finish(&blocks)
}

/// The root of the tree over these leaves.
pub fn root(leaves: &[TreeHash]) -> TreeHash {
    let mut edge = RightEdge::default();
    leaves.iter().for_each(|leaf| edge.append(*leaf));
    edge.root()
}

/// The tree's right edge: the roots of the full subtrees, largest first, one for each bit set in the size. It is all
/// that is needed to append and to know the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RightEdge {
    size: u64,
    subtrees: Vec<TreeHash>,
}

impl RightEdge {
    /// The edge at `size`, as it was stored. `None` if these cannot be the subtrees of that size.
    pub fn restore(size: u64, subtrees: Vec<TreeHash>) -> Option<RightEdge> {
        (subtrees.len() == size.count_ones() as usize).then_some(RightEdge { size, subtrees })
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the complete subtrees, from left to right.
    pub fn subtrees(&self) -> &[TreeHash] {
        &self.subtrees
    }

    /// Adds a leaf.
    pub fn append(&mut self, leaf: TreeHash) {
        let mut subtree = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self.subtrees.pop().expect("BUG: a subtree for each bit of the size");
            subtree = node(&left, &subtree);
        }
        self.subtrees.push(subtree);
        self.size += 1;
        debug_assert_eq!(self.subtrees.len(), self.size.count_ones() as usize);
    }

    /// The root over all leaves.
    pub fn root(&self) -> TreeHash {
        let Some((smallest, larger)) = self.subtrees.split_last() else {
            return EMPTY_ROOT;
        };
        larger.iter().rfold(*smallest, |right, left| node(left, &right))
    }
}

/// The hashes that lead from leaf `index` to the root of the tree over `leaves`.
pub fn prove_inclusion(leaves: &[TreeHash], index: u64) -> Vec<TreeHash> {
    let index = usize::try_from(index).expect("BUG: an index beyond memory");
    assert!(index < leaves.len(), "BUG: proof of leaf {index} in a tree of {}", leaves.len());
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(left_size(leaves.len()));
    let (mut proof, other) = if index < left.len() {
        (prove_inclusion(left, index as u64), root(right))
    } else {
        (prove_inclusion(right, (index - left.len()) as u64), root(left))
    };
    proof.push(other);
    proof
}

/// That `leaf` is the leaf at `index` of the tree of `size` with this root.
pub fn check_inclusion(
    leaf: &TreeHash,
    index: u64,
    size: u64,
    proof: &[TreeHash],
    root: &TreeHash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange);
    }
    let computed = climb(*leaf, index, size - 1, proof)?;
    if computed == *root { Ok(()) } else { Err(ProofError::WrongRoot) }
}

/// The hashes that lead from the tree over the first `old_size` leaves to the tree over all of them.
pub fn prove_consistency(leaves: &[TreeHash], old_size: u64) -> Vec<TreeHash> {
    let old = usize::try_from(old_size).expect("BUG: a size beyond memory");
    assert!(old >= 1, "BUG: the empty tree proves nothing");
    assert!(old <= leaves.len(), "BUG: consistency of {old} with {}", leaves.len());
    prove_subtree(leaves, old, VerifierHas::Yes)
}

/// That the tree of `new_size` extends the tree of `old_size`. Nothing is proved about the empty tree, so it is refused.
pub fn check_consistency(
    old_size: u64,
    new_size: u64,
    old_root: &TreeHash,
    new_root: &TreeHash,
    proof: &[TreeHash],
) -> Result<(), ProofError> {
    if old_size == 0 || old_size > new_size {
        return Err(ProofError::OutOfRange);
    }
    if old_size == new_size {
        let same = proof.is_empty() && old_root == new_root;
        return if same { Ok(()) } else { Err(ProofError::WrongRoot) };
    }
    // The largest full subtree that ends where the old tree ends. When that is the whole old tree, the checker knows its
    // hash already, and the proof leaves it out (RFC 9162, 2.1.4.2).
    let subtree_levels = old_size.trailing_zeros();
    let (start, rest) = match proof.split_first() {
        _ if old_size.is_power_of_two() => (old_root, proof),
        Some((first, rest)) => (first, rest),
        None => return Err(ProofError::WrongLength),
    };
    let index = (old_size - 1) >> subtree_levels;
    let last = (new_size - 1) >> subtree_levels;
    if climb_left_only(*start, index, last, rest)? != *old_root {
        return Err(ProofError::WrongRoot);
    }
    if climb(*start, index, last, rest)? != *new_root {
        return Err(ProofError::WrongRoot);
    }
    Ok(())
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProofError {
    /// Position or size are not those of a tree.
    #[error("The positions of the proof lie outside of the tree.")]
    OutOfRange,
    /// A proof for these sizes has another number of hashes.
    #[error("The proof has too few or too many hashes for these sizes.")]
    WrongLength,
    /// The hashes lead to another root.
    #[error("The proof leads to another root.")]
    WrongRoot,
}

/// Whether the checker knows the hash of this whole part already.
enum VerifierHas {
    Yes,
    No,
}

/// RFC 9162, 2.1.4.1: SUBPROOF.
fn prove_subtree(leaves: &[TreeHash], old: usize, known: VerifierHas) -> Vec<TreeHash> {
    if old == leaves.len() {
        return match known {
            VerifierHas::Yes => Vec::new(),
            VerifierHas::No => vec![root(leaves)],
        };
    }
    let (left, right) = leaves.split_at(left_size(leaves.len()));
    let (mut proof, other) = if old <= left.len() {
        (prove_subtree(left, old, known), root(right))
    } else {
        (prove_subtree(right, old - left.len(), VerifierHas::No), root(left))
    };
    proof.push(other);
    proof
}

/// The largest power of two below `size`: where a tree divides.
fn left_size(size: usize) -> usize {
    assert!(size >= 2, "BUG: a tree of {size} does not divide");
    1 << (size - 1).ilog2()
}

/// Which side of the climbing hash the next hash of a proof is on.
enum Side {
    Left,
    Right,
}

/// The sides of a proof's hashes from node `index` up to the root, where `last` is the last node of that level. A node
/// without a right neighbour rises without a hash.
fn sides(mut index: u64, mut last: u64) -> impl Iterator<Item = Side> {
    std::iter::from_fn(move || {
        while last > 0 {
            let side = match (index % 2, index == last) {
                (1, _) => Some(Side::Left),
                (_, false) => Some(Side::Right),
                (_, true) => None,
            };
            index /= 2;
            last /= 2;
            if side.is_some() {
                return side;
            }
        }
        None
    })
}

fn climb(start: TreeHash, index: u64, last: u64, proof: &[TreeHash]) -> Result<TreeHash, ProofError> {
    let mut hash = start;
    let mut rest = proof.iter();
    for side in sides(index, last) {
        let other = rest.next().ok_or(ProofError::WrongLength)?;
        hash = match side {
            Side::Left => node(other, &hash),
            Side::Right => node(&hash, other),
        };
    }
    if rest.next().is_some() { Err(ProofError::WrongLength) } else { Ok(hash) }
}

/// The same climb through the tree as it was when it ended at `start`: nothing stood on the right.
fn climb_left_only(start: TreeHash, index: u64, last: u64, proof: &[TreeHash]) -> Result<TreeHash, ProofError> {
    let mut hash = start;
    let mut rest = proof.iter();
    for side in sides(index, last) {
        let other = rest.next().ok_or(ProofError::WrongLength)?;
        match side {
            Side::Left => hash = node(other, &hash),
            Side::Right => {}
        }
    }
    Ok(hash)
}

/// FIPS 180-4, 5.3.3: the initial hash value.
const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// FIPS 180-4, 5.1.1: a one bit after the message, and its length in bits at the end of the last block. A leaf is one
/// block and a node is two, so there is no buffer to manage.
fn pad(last_block: &mut [u8; 64], used: usize, message_bytes: u64) {
    last_block[used] = 0x80;
    last_block[56..].copy_from_slice(&(message_bytes * 8).to_be_bytes());
}

fn finish(blocks: &[[u8; 64]]) -> TreeHash {
    let mut state = INITIAL;
    compress256(&mut state, blocks);
    let mut hash = [0; 32];
    for (bytes, word) in hash.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use sha2::{Digest, Sha256};
    use std::path::Path;

    fn sha256(data: &[u8]) -> TreeHash {
        Sha256::digest(data).into()
    }

    fn leaves(count: usize) -> Vec<TreeHash> {
        (0..count).map(|i| leaf(&EntryHash([i as u8; 32]))).collect()
    }

    /// RFC 6962, 2.1, word for word and slow.
    fn slow_root(leaves: &[TreeHash]) -> TreeHash {
        match leaves {
            [] => sha256(b""),
            [only] => *only,
            _ => {
                let mut left = 1;
                while left * 2 < leaves.len() {
                    left *= 2;
                }
                let halves = [slow_root(&leaves[..left]), slow_root(&leaves[left..])].concat();
                sha256(&[&[1][..], &halves].concat())
            }
        }
    }

    #[test]
    fn leaves_and_nodes_are_plain_sha256() {
        for byte in 0..=255u8 {
            let (left, right) = ([byte; 32], sha256(&[byte]));
            assert_eq!(leaf(&EntryHash(right)), sha256(&[&[0][..], &right].concat()));
            assert_eq!(node(&left, &right), sha256(&[&[1][..], &left, &right].concat()));
        }
        assert_eq!(EMPTY_ROOT, sha256(b""));
    }

    #[test]
    fn the_root_of_every_size_is_the_slow_one() {
        let leaves = leaves(100);
        let mut edge = RightEdge::default();
        for size in 0..=100 {
            assert_eq!(edge.root(), slow_root(&leaves[..size]), "size {size}");
            assert_eq!(root(&leaves[..size]), edge.root());
            assert_eq!(RightEdge::restore(size as u64, edge.subtrees().to_vec()), Some(edge.clone()));
            assert_eq!(RightEdge::restore(size as u64, vec![[0; 32]; 9]), None);
            if size < 100 {
                edge.append(leaves[size]);
            }
        }
    }

    #[test]
    fn inclusion_holds_for_every_leaf_of_every_size_and_for_nothing_else() {
        let leaves = leaves(100);
        for size in 1..=100u64 {
            let root = slow_root(&leaves[..size as usize]);
            for index in 0..size {
                let leaf = &leaves[index as usize];
                let proof = prove_inclusion(&leaves[..size as usize], index);
                assert_eq!(check_inclusion(leaf, index, size, &proof, &root), Ok(()));
                let other = (index + 1) % size;
                if other != index {
                    assert!(check_inclusion(leaf, other, size, &proof, &root).is_err());
                }
                assert!(check_inclusion(&[9; 32], index, size, &proof, &root).is_err());
                assert!(check_inclusion(leaf, size, size, &proof, &root).is_err());
                assert_every_changed_proof_fails(&proof, |proof| check_inclusion(leaf, index, size, proof, &root));
            }
        }
    }

    #[test]
    fn consistency_holds_between_all_sizes_and_for_nothing_else() {
        let leaves = leaves(100);
        for new in 1..=100u64 {
            let new_root = slow_root(&leaves[..new as usize]);
            for old in 1..=new {
                let old_root = slow_root(&leaves[..old as usize]);
                let proof = prove_consistency(&leaves[..new as usize], old);
                assert_eq!(check_consistency(old, new, &old_root, &new_root, &proof), Ok(()), "{old} {new}");
                assert!(check_consistency(old, new, &[9; 32], &new_root, &proof).is_err());
                assert!(check_consistency(old, new, &old_root, &[9; 32], &proof).is_err());
                assert_every_changed_proof_fails(&proof, |proof| {
                    check_consistency(old, new, &old_root, &new_root, proof)
                });
            }
        }
    }

    fn assert_every_changed_proof_fails(proof: &[TreeHash], check: impl Fn(&[TreeHash]) -> Result<(), ProofError>) {
        let longer = [proof, &[[0; 32]]].concat();
        assert!(check(&longer).is_err());
        for at in 0..proof.len() {
            let mut changed = proof.to_vec();
            changed[at][31] ^= 1;
            assert!(check(&changed).is_err());
            assert!(check(&proof[..at]).is_err());
        }
    }

    fn vectors() -> Option<&'static Path> {
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/vectors/merkle-rfc6962"));
        if !path.exists() {
            eprintln!("NOT CHECKED: the RFC 6962 vectors are not at {}.", path.display());
            return None;
        }
        Some(path)
    }

    fn json(path: &Path) -> Value {
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    fn json_files(folder: &Path) -> Vec<Value> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(json_files(&path));
            } else {
                found.push(json(&path));
            }
        }
        found
    }

    fn base64(text: &str) -> Vec<u8> {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut bytes = Vec::new();
        let (mut bits, mut held) = (0u32, 0);
        for letter in text.bytes().filter(|letter| *letter != b'=') {
            bits = bits << 6 | alphabet.iter().position(|a| *a == letter).unwrap() as u32;
            held += 6;
            if held >= 8 {
                held -= 8;
                bytes.push((bits >> held) as u8);
            }
        }
        bytes
    }

    /// Some vectors carry words instead of hashes where no hash is looked at; they become some other hash.
    fn tree_hash(value: &Value) -> TreeHash {
        let bytes = base64(value.as_str().unwrap());
        bytes.as_slice().try_into().unwrap_or_else(|_| sha256(&[b"no hash: ", &bytes[..]].concat()))
    }

    fn proof(case: &Value) -> Vec<TreeHash> {
        case["proof"].as_array().map(|hashes| hashes.iter().map(tree_hash).collect()).unwrap_or_default()
    }

    #[test]
    fn agrees_with_the_published_roots() {
        let Some(folder) = vectors() else { return };
        let constants = json(&folder.join("constants.json"));
        let hex = |text: &Value| -> Vec<u8> {
            let text = text.as_str().unwrap();
            (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
        };
        let inputs = constants["leaf_inputs_hex"].as_array().unwrap();
        let leaves: Vec<_> = inputs.iter().map(|input| sha256(&[&[0][..], &hex(input)].concat())).collect();
        let roots = constants["roots_by_size_hex"].as_array().unwrap();
        assert_eq!(roots.len(), 9);
        for (size, expected) in roots.iter().enumerate() {
            assert_eq!(root(&leaves[..size]).to_vec(), hex(expected), "size {size}");
        }
    }

    #[test]
    fn agrees_with_the_published_inclusion_proofs() {
        let Some(folder) = vectors() else { return };
        let cases = json_files(&folder.join("testdata/inclusion"));
        assert!(cases.len() > 90, "{} inclusion vectors", cases.len());
        for case in cases {
            let (index, size) = (case["leafIdx"].as_u64().unwrap(), case["treeSize"].as_u64().unwrap());
            let (leaf, root) = (tree_hash(&case["leafHash"]), tree_hash(&case["root"]));
            let answer = check_inclusion(&leaf, index, size, &proof(&case), &root);
            // A hash of no bytes is refused by its type already.
            let no_hash = case["leafHash"] == "" || case["root"] == "";
            assert_eq!(answer.is_err() || no_hash, case["wantErr"].as_bool().unwrap(), "{case}");
        }
    }

    #[test]
    fn agrees_with_the_published_consistency_proofs() {
        let Some(folder) = vectors() else { return };
        let cases = json_files(&folder.join("testdata/consistency"));
        assert!(cases.len() > 90, "{} consistency vectors", cases.len());
        for case in cases {
            let (old, new) = (case["size1"].as_u64().unwrap(), case["size2"].as_u64().unwrap());
            let (old_root, new_root) = (tree_hash(&case["root1"]), tree_hash(&case["root2"]));
            let answer = check_consistency(old, new, &old_root, &new_root, &proof(&case));
            assert_eq!(answer.is_err(), case["wantErr"].as_bool().unwrap(), "{case}");
        }
    }
}

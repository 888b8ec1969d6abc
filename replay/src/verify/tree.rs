//! The tree of RFC 6962 (docs/format.md, "Tree"): leaves, nodes, and the right edge, to which leaves are appended. Shares no code with
//! the writer.

use sha2::{Digest, Sha256};

/// A hash of the tree: the 32 bytes of SHA-256.
pub type Hash = [u8; 32];

/// SHA-256(0x00 || entry hash).
pub fn leaf(entry_hash: &Hash) -> Hash {
    Sha256::new().chain_update([0]).chain_update(entry_hash).finalize().into()
}

/// SHA-256(0x01 || left || right).
fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The roots of the full subtrees, largest first: one for each bit set in the size.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Edge {
    pub size: u64,
    subtrees: Vec<Hash>,
}

impl Edge {
    /// `None` if these are not as many as the size has subtrees.
    pub fn of(size: u64, subtrees: Vec<Hash>) -> Option<Edge> {
        (subtrees.len() == size.count_ones() as usize).then_some(Edge { size, subtrees })
    }

    pub fn append(&mut self, leaf: Hash) {
        let mut subtree = leaf;
        // Each bit set at the end of the size is a full subtree that this leaf completes to one twice as large.
        for _ in 0..self.size.trailing_ones() {
            let left = self.subtrees.pop().expect("BUG: a subtree for each bit of the size");
            subtree = node(&left, &subtree);
        }
        self.subtrees.push(subtree);
        self.size += 1;
    }

    pub fn root(&self) -> Hash {
        match self.subtrees.split_last() {
            None => Sha256::digest([]).into(),
            Some((smallest, larger)) => larger.iter().rfold(*smallest, |right, left| node(left, &right)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9162, 2.1.1, word for word.
    fn root_of(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => *leaf,
            _ => {
                let half = leaves.len().next_power_of_two() / 2;
                node(&root_of(&leaves[..half]), &root_of(&leaves[half..]))
            }
        }
    }

    #[test]
    fn the_edge_has_the_root_of_the_standard_at_every_size() {
        let leaves: Vec<Hash> = (0..130).map(|i| leaf(&[i; 32])).collect();
        let mut edge = Edge::default();
        for size in 0..leaves.len() {
            assert_eq!(edge.root(), root_of(&leaves[..size]), "size {size}");
            edge.append(leaves[size]);
        }
    }
}

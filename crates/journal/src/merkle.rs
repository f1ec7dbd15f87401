//! The root of a growing Merkle tree, kept as the roots of its perfect subtrees (RFC 6962 2.1).

use sha2::{Digest, Sha256};

pub type Hash = [u8; 32];

/// Root of the tree without leaves: SHA-256 of nothing.
pub const EMPTY_ROOT: Hash = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
    0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// Roots of the perfect subtrees, largest first; there is one for each bit of the size.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    /// `None` if the roots are not those of a tree of this size.
    pub(crate) fn from_parts(size: u64, roots: Vec<Hash>) -> Option<Self> {
        (roots.len() == size.count_ones() as usize).then_some(Self { size, roots })
    }

    pub(crate) fn roots(&self) -> &[Hash] {
        &self.roots
    }

    pub(crate) fn push(&mut self, leaf: &Hash) {
        let mut hash = *leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self.roots.pop().expect("a one bit of the size has a root");
            hash = node_hash(&left, &hash);
        }
        self.roots.push(hash);
        self.size += 1;
    }

    pub(crate) fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        let Some(last) = roots.next() else { return EMPTY_ROOT };
        roots.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// Of a record, as a leaf of the tree.
pub(crate) fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(leaf).finalize().into()
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, word for word.
    fn tree_hash(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => leaf_hash(leaf),
            _ => {
                let split = (leaves.len() - 1).ilog2();
                let (left, right) = leaves.split_at(1 << split);
                node_hash(&tree_hash(left), &tree_hash(right))
            }
        }
    }

    proptest! {
        #[test]
        fn the_root_is_that_of_the_definition(leaves in proptest::collection::vec(any::<Vec<u8>>(), 0..70)) {
            let mut frontier = Frontier::default();
            for (index, leaf) in leaves.iter().enumerate() {
                prop_assert_eq!(frontier.root(), tree_hash(&leaves[..index]));
                frontier.push(&leaf_hash(leaf));
            }
            let again = Frontier::from_parts(leaves.len() as u64, frontier.roots().to_vec()).unwrap();
            prop_assert_eq!(again.root(), tree_hash(&leaves));
        }
    }
}

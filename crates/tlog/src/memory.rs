use tlog_tiles::{EMPTY_HASH, Error, Hash, HashReader, stored_hash_count, stored_hashes, tree_hash};

/// A log that is nowhere but in memory: for tests, and for trees that are made and given away.
///
/// ```
/// let mut log = tlog::MemoryLog::default();
/// for leaf in ["a", "b", "c"] {
///     log.push(leaf.as_bytes());
/// }
/// let proof = tlog::prove_inclusion(log.size(), 1, &log)?;
/// tlog::check_inclusion(&proof, log.size(), log.root(), 1, tlog::leaf_hash(b"b"))?;
/// # Ok::<(), tlog::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemoryLog {
    size: u64,
    hashes: Vec<Hash>,
}

impl MemoryLog {
    /// Appends a leaf and returns its index, from 0.
    pub fn push(&mut self, leaf: &[u8]) -> u64 {
        let index = self.size;
        let hashes = stored_hashes(index, leaf, self).expect("all hashes of smaller trees are here");
        self.hashes.extend(hashes);
        self.size += 1;
        index
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn root(&self) -> Hash {
        self.root_at(self.size).expect("the log has had its own size")
    }

    /// The root when the log had this many leaves; `None` if it never had.
    pub fn root_at(&self, size: u64) -> Option<Hash> {
        match size {
            0 => Some(EMPTY_HASH),
            _ if stored_hash_count(size) > self.hashes.len() as u64 => None,
            _ => tree_hash(size, self).ok(),
        }
    }
}

impl HashReader for MemoryLog {
    fn read_hashes(&self, positions: &[u64]) -> Result<Vec<Hash>, Error> {
        let at = |position: &u64| usize::try_from(*position).ok().and_then(|index| self.hashes.get(index));
        positions.iter().map(|position| at(position).copied().ok_or(Error::IndexesNotInTree)).collect()
    }
}

//! The transparency log's hashes (RFC 6962 tree), at the storage positions that tlog gives them:
//! one hash of every complete subtree, written when its last leaf arrives.

use crate::{
    bulk::{KEYS_PER_QUERY, inserts, rows_per_statement, write_all},
    error::{Error, Result},
    feed,
    rows::{counter, log_hash},
    store::Store,
    tx::Tx,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::BTreeMap;
use tlog::{Hash, HashReader};

impl Tx {
    /// Appends one leaf and returns its index, from 0. Whoever else appends waits for the end of
    /// this transaction, so it belongs near that end.
    pub async fn append_log_leaf(&self, leaf: &[u8]) -> Result<u64> {
        self.append_log_leaves(vec![leaf.to_vec()]).await
    }

    /// Appends leaves in order and returns the index of the first. Few statements, however many.
    pub async fn append_log_leaves(&self, leaves: Vec<Vec<u8>>) -> Result<u64> {
        let first = feed::draw(&self.db, "log", leaves.len() as u64).await?;
        let peaks = tlog::sub_tree_index(0, first, Vec::new());
        let mut known = Known(peaks.iter().copied().zip(read(&self.db, &peaks).await?).collect());
        let backend = self.db.get_database_backend();
        let size = rows_per_statement::<log_hash::Entity>(backend);
        let mut next = first;
        write_all(&self.db, leaves, size, move |leaves| {
            let rows = known.grow(next, &leaves)?;
            next += leaves.len() as u64;
            Ok(inserts::<log_hash::Entity, _>(backend, rows))
        })
        .await?;
        Ok(first)
    }
}

impl Store {
    /// How many leaves the log has.
    pub async fn log_size(&self) -> Result<u64> {
        let counter = counter::Entity::find_by_id("log").one(&self.reads).await?;
        Ok(counter.map_or(0, |counter| counter.value as u64))
    }

    /// The hashes at these storage positions, in the same order, for roots, proofs and tiles.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if one is not there.
    pub async fn log_hashes(&self, positions: &[u64]) -> Result<Vec<Hash>> {
        read(&self.reads, positions).await
    }
}

async fn read(db: &impl ConnectionTrait, positions: &[u64]) -> Result<Vec<Hash>> {
    let mut found = BTreeMap::new();
    for some in positions.chunks(KEYS_PER_QUERY) {
        let wanted = log_hash::Column::Position.is_in(some.iter().map(|position| *position as i64));
        for row in log_hash::Entity::find().filter(wanted).all(db).await? {
            let hash =
                row.hash.as_slice().try_into().map_err(|_| Error::corrupt("log_hash", row.position))?;
            found.insert(row.position as u64, Hash(hash));
        }
    }
    let hash = |position| found.get(position).copied().ok_or_else(|| Error::corrupt("log_hash", position));
    positions.iter().map(hash).collect()
}

/// Hashes at hand: the peaks of the tree so far and what has been appended since.
struct Known(BTreeMap<u64, Hash>);

impl Known {
    /// The rows that leaves from this index on add to the tree.
    fn grow(&mut self, first: u64, leaves: &[Vec<u8>]) -> Result<Vec<log_hash::Model>> {
        let mut rows = Vec::with_capacity(leaves.len() * 2);
        for (index, leaf) in (first..).zip(leaves) {
            let hashes =
                tlog::stored_hashes(index, leaf, self).map_err(|_| Error::corrupt("log_hash", index))?;
            for (position, hash) in (tlog::stored_hash_index(0, index)..).zip(hashes) {
                self.0.insert(position, hash);
                rows.push(log_hash::Model { position: position as i64, hash: hash.0.to_vec() });
            }
        }
        Ok(rows)
    }
}

impl HashReader for Known {
    fn read_hashes(&self, positions: &[u64]) -> std::result::Result<Vec<Hash>, tlog::Error> {
        let hash = |position| self.0.get(position).copied().ok_or(tlog::Error::IndexesNotInTree);
        positions.iter().map(hash).collect()
    }
}

//! The transparency log's root, from the peaks of the tree or from every leaf.

use super::Dump;
use crate::{
    bulk::KEYS_PER_QUERY,
    error::{Error, Result},
    rows::{counter, log_hash},
    store::Store,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;
use tlog::{Hash, HashReader};

/// Leaves and inner hashes read at once.
const PAGE: u64 = 10_000;

impl Dump {
    /// Size and root of the transparency log.
    pub async fn log_head(&self) -> Result<(u64, Hash)> {
        head(&self.snapshot).await
    }
}

impl Store {
    /// Size and root of the transparency log.
    pub async fn log_head(&self) -> Result<(u64, Hash)> {
        let snapshot = self.snapshot().await?;
        let head = head(&snapshot).await?;
        snapshot.rollback().await?;
        Ok(head)
    }

    /// Size and root of the transparency log, with every inner hash computed anew from those below.
    ///
    /// # Errors
    /// [`Error::Corrupt`] where one is not what it has to be.
    pub async fn recompute_log(&self) -> Result<(u64, Hash)> {
        let (mut leaves, mut next) = (0, 0);
        // Roots of the perfect subtrees so far, largest first.
        let mut peaks: Vec<Hash> = Vec::new();
        // Inner hashes that the last leaf completed and that must follow it.
        let mut due = 0;
        loop {
            let rows = log_hash::Entity::find()
                .filter(log_hash::Column::Position.gte(next as i64))
                .order_by_asc(log_hash::Column::Position)
                .limit(PAGE)
                .all(&self.reads)
                .await?;
            for row in &rows {
                if row.position as u64 != next {
                    return Err(Error::corrupt("log_hash", next));
                }
                next += 1;
                if due == 0 {
                    peaks.push(hash(row)?);
                    due = u64::trailing_ones(leaves);
                    leaves += 1;
                } else {
                    let (Some(right), Some(left)) = (peaks.pop(), peaks.pop()) else {
                        return Err(Error::corrupt("log_hash", row.position));
                    };
                    let joined = tlog::node_hash(left, right);
                    if joined != hash(row)? {
                        return Err(Error::corrupt("log_hash", row.position));
                    }
                    peaks.push(joined);
                    due -= 1;
                }
            }
            if rows.is_empty() {
                break;
            }
        }
        if due > 0 {
            return Err(Error::corrupt("log_hash", next));
        }
        let root = peaks.into_iter().rev().reduce(|right, left| tlog::node_hash(left, right));
        Ok((leaves, root.unwrap_or(tlog::EMPTY_HASH)))
    }
}

async fn head(snapshot: &DatabaseTransaction) -> Result<(u64, Hash)> {
    let counter = counter::Entity::find_by_id("log").one(snapshot).await?;
    let size = counter.map_or(0, |counter| counter.value as u64);
    let peaks = tlog::sub_tree_index(0, size, Vec::new());
    debug_assert!(peaks.len() < KEYS_PER_QUERY);
    let wanted = log_hash::Column::Position.is_in(peaks.iter().map(|position| *position as i64));
    let rows = log_hash::Entity::find().filter(wanted).all(snapshot).await?;
    let known = rows.into_iter().map(|row| Ok((row.position as u64, hash(&row)?)));
    let known = Known(known.collect::<Result<_>>()?);
    Ok((size, tlog::tree_hash(size, &known).map_err(|_| Error::corrupt("log_hash", size))?))
}

fn hash(row: &log_hash::Model) -> Result<Hash> {
    let bytes = row.hash.as_slice().try_into().map_err(|_| Error::corrupt("log_hash", row.position))?;
    Ok(Hash(bytes))
}

struct Known(HashMap<u64, Hash>);

impl HashReader for Known {
    fn read_hashes(&self, positions: &[u64]) -> std::result::Result<Vec<Hash>, tlog::Error> {
        let hash = |position| self.0.get(position).copied().ok_or(tlog::Error::IndexesNotInTree);
        positions.iter().map(hash).collect()
    }
}

//! The transparency log against the records it tells of. Each version of a record has a leaf, so
//! that a record taken back to an older version, seal and all, leaves a leaf that nothing explains.

use crate::{
    certificates::{event_of, events_of},
    error::Result,
    rows::{certificate, change, counter, log_hash},
    store::Store,
};
use domain::{ids::CertificateId, lifecycle::log_leaf};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    prelude::Uuid,
};
use std::collections::{BTreeMap, HashMap};
use tlog::Hash;

/// Rows read together.
const PAGE: u64 = 500;
/// Hashes read together.
const HASHES: u64 = 10_000;
/// Faults named of each kind; more are only counted.
const NAMED: usize = 1_000;
/// Enough of a hash to tell leaves apart; the whole of ten million would fill the memory.
const KEY_BYTES: usize = 16;

/// The ways in which log and records can be other than they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogFault {
    /// The hash at this position is not there, or is not what those below it make.
    HashChanged { position: u64 },
    /// The counter that numbers the leaves does not stand at their number.
    CounterChanged { counter: u64, leaves: u64 },
    /// The log had so many leaves once, and has fewer.
    Truncated { size: u64 },
    /// With so many leaves, the log had another root.
    Rewritten { size: u64 },
    /// The record's version, or one of its events, has no leaf.
    NotLogged { certificate: CertificateId },
    /// The feed tells of a newer version of the record.
    RolledBack { certificate: CertificateId, newer: u64 },
    /// The feed tells of a record that is not there.
    Missing { certificate: CertificateId },
    /// A leaf tells of no record, or of no version of one.
    Unexplained { leaf: u64 },
}

/// What the check came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogReport {
    pub leaves: u64,
    pub records: u64,
    pub faults: Vec<LogFault>,
}

impl LogReport {
    fn found(&mut self, fault: LogFault) {
        let kind = std::mem::discriminant(&fault);
        let alike = self.faults.iter().filter(|known| std::mem::discriminant(*known) == kind);
        if alike.count() < NAMED {
            self.faults.push(fault);
        }
    }
}

impl Store {
    /// Computes the log anew, compares it with what it was at the sizes given, and every record with
    /// its leaves. Reads the rows of one moment; opens no seal.
    pub async fn check_log(&self, heads: &BTreeMap<u64, Vec<Hash>>) -> Result<LogReport> {
        let mut report = LogReport::default();
        let snapshot = self.snapshot().await?;
        let mut tree = Tree::new(heads);
        tree.read(&snapshot, &mut report).await?;
        let mut leaves = tree.leaves();
        records(&snapshot, &mut leaves, &mut report).await?;
        missing(&snapshot, &mut report).await?;
        for leaf in leaves.unexplained() {
            report.found(LogFault::Unexplained { leaf });
        }
        snapshot.rollback().await?;
        Ok(report)
    }
}

/// The tree as it grows leaf by leaf in the order of storage.
struct Tree<'a> {
    heads: &'a BTreeMap<u64, Vec<Hash>>,
    /// Roots of the perfect subtrees so far, largest first.
    peaks: Vec<Hash>,
    /// Inner hashes that the last leaf completed and that must follow it.
    due: u32,
    next: u64,
    leaves: Vec<([u8; KEY_BYTES], u64)>,
    /// Nothing can be said of roots behind a hash that is wrong.
    sound: bool,
}

impl<'a> Tree<'a> {
    fn new(heads: &'a BTreeMap<u64, Vec<Hash>>) -> Self {
        Self { heads, peaks: Vec::new(), due: 0, next: 0, leaves: Vec::new(), sound: true }
    }

    async fn read(&mut self, snapshot: &DatabaseTransaction, report: &mut LogReport) -> Result<()> {
        let mut from = -1;
        self.compare(0, report);
        loop {
            let rows = log_hash::Entity::find()
                .filter(log_hash::Column::Position.gt(from))
                .order_by_asc(log_hash::Column::Position)
                .limit(HASHES)
                .all(snapshot)
                .await?;
            let Some(last) = rows.last() else { break };
            from = last.position;
            for row in rows {
                self.take(row, report);
            }
        }
        if self.sound && self.due > 0 {
            self.damaged(self.next, report);
        }
        report.leaves = self.size();
        self.end(snapshot, report).await
    }

    fn take(&mut self, row: log_hash::Model, report: &mut LogReport) {
        let position = row.position as u64;
        let hash = row.hash.as_slice().try_into().map(Hash).ok();
        let is_next = position == self.next;
        self.next = position + 1;
        let leaf = self.leaf_at(position);
        if let (Some(leaf), Some(hash)) = (leaf, hash) {
            self.leaves.push((key(&hash), leaf));
        }
        if self.sound {
            match hash.filter(|_| is_next) {
                Some(hash) => self.grow(position, hash, report),
                None => self.damaged(position, report),
            }
        }
    }

    /// Leaves so far, and those missing between them.
    fn size(&self) -> u64 {
        self.leaves.last().map_or(0, |(_, leaf)| leaf + 1)
    }

    /// The index of the leaf that is stored there, if it is one.
    fn leaf_at(&self, position: u64) -> Option<u64> {
        let mut leaf = self.size();
        while tlog::stored_hash_index(0, leaf) < position {
            leaf += 1;
        }
        (tlog::stored_hash_index(0, leaf) == position).then_some(leaf)
    }

    fn grow(&mut self, position: u64, hash: Hash, report: &mut LogReport) {
        if self.due == 0 {
            self.peaks.push(hash);
            // As many subtrees are complete now as the number of leaves before ends in ones.
            self.due = (self.size() - 1).trailing_ones();
        } else {
            let (right, left) = (self.peaks.pop(), self.peaks.pop());
            let joined = left.zip(right).map(|(left, right)| tlog::node_hash(left, right));
            if joined != Some(hash) {
                return self.damaged(position, report);
            }
            self.peaks.push(hash);
            self.due -= 1;
        }
        if self.due == 0 {
            self.compare(self.size(), report);
        }
    }

    fn damaged(&mut self, position: u64, report: &mut LogReport) {
        self.sound = false;
        report.found(LogFault::HashChanged { position });
    }

    fn compare(&self, size: u64, report: &mut LogReport) {
        let Some(roots) = self.heads.get(&size) else { return };
        let peaks = self.peaks.iter().rev().copied();
        let root = peaks.reduce(|right, left| tlog::node_hash(left, right)).unwrap_or(tlog::EMPTY_HASH);
        if roots.iter().any(|known| *known != root) {
            report.found(LogFault::Rewritten { size });
        }
    }

    async fn end(&self, snapshot: &DatabaseTransaction, report: &mut LogReport) -> Result<()> {
        let leaves = report.leaves;
        let counter = counter::Entity::find_by_id("log").one(snapshot).await?;
        let counter = counter.map_or(0, |counter| counter.value as u64);
        if self.sound && counter != leaves {
            report.found(LogFault::CounterChanged { counter, leaves });
        }
        if let Some((size, _)) = self.heads.last_key_value().filter(|(size, _)| **size > leaves) {
            report.found(LogFault::Truncated { size: *size });
        }
        Ok(())
    }

    fn leaves(self) -> Leaves {
        let mut leaves = self.leaves;
        leaves.sort_unstable();
        Leaves { explained: vec![false; leaves.len()], leaves }
    }
}

fn key(hash: &Hash) -> [u8; KEY_BYTES] {
    std::array::from_fn(|at| hash.0[at])
}

/// The leaves by their hashes, and which of them are known to tell of a record.
struct Leaves {
    leaves: Vec<([u8; KEY_BYTES], u64)>,
    explained: Vec<bool>,
}

impl Leaves {
    fn explain(&mut self, leaf: &[u8]) -> bool {
        let key = key(&tlog::leaf_hash(leaf));
        let found = self.leaves.binary_search_by(|(known, _)| known.cmp(&key));
        if let Ok(place) = found {
            self.explained[place] = true;
        }
        found.is_ok()
    }

    fn unexplained(&self) -> Vec<u64> {
        let pairs = self.leaves.iter().zip(&self.explained);
        let mut left: Vec<u64> = pairs.filter(|(_, known)| !**known).map(|((_, leaf), _)| *leaf).collect();
        left.sort_unstable();
        left
    }
}

/// Compares every record with the log and with the feed.
async fn records(snapshot: &DatabaseTransaction, leaves: &mut Leaves, report: &mut LogReport) -> Result<()> {
    let mut from = None;
    loop {
        let mut page = certificate::Entity::find()
            .select_only()
            .column(certificate::Column::Id)
            .column(certificate::Column::Version);
        if let Some(last) = from {
            page = page.filter(certificate::Column::Id.gt::<Uuid>(last));
        }
        let page: Vec<(Uuid, i64)> =
            page.order_by_asc(certificate::Column::Id).limit(PAGE).into_tuple().all(snapshot).await?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        from = Some(*last);
        let ids: Vec<Uuid> = page.iter().map(|(id, _)| *id).collect();
        let mut events: HashMap<Uuid, Vec<_>> = HashMap::new();
        for row in events_of(snapshot, &ids).await? {
            events.entry(row.certificate_id).or_default().push(event_of(row));
        }
        let newest = newest_versions(snapshot, &ids).await?;
        for (id, version) in page {
            let (certificate, version) = (CertificateId::from_uuid(id), version as u64);
            report.records += 1;
            let history: Result<Vec<_>> = events.remove(&id).unwrap_or_default().into_iter().collect();
            if !history.is_ok_and(|history| is_logged(leaves, certificate, version, &history)) {
                report.found(LogFault::NotLogged { certificate });
            }
            if let Some(newer) = newest.get(&id).copied().filter(|newer| *newer > version) {
                report.found(LogFault::RolledBack { certificate, newer });
            }
        }
    }
}

/// Has each event a leaf, and the newest one that of the record's version? All leaves that tell of the
/// record up to this version are explained.
fn is_logged(
    leaves: &mut Leaves,
    certificate: CertificateId,
    version: u64,
    history: &[domain::lifecycle::Event],
) -> bool {
    let mut logged = !history.is_empty();
    for (place, event) in history.iter().enumerate() {
        let known = (1..=version).filter(|v| leaves.explain(&log_leaf(certificate, *v, event)));
        let known: Vec<u64> = known.collect();
        let newest = place + 1 == history.len();
        logged &= if newest { known.last() == Some(&version) } else { !known.is_empty() };
    }
    logged
}

async fn newest_versions(snapshot: &DatabaseTransaction, ids: &[Uuid]) -> Result<HashMap<Uuid, u64>> {
    let rows: Vec<(Uuid, i64)> = change::Entity::find()
        .select_only()
        .column(change::Column::CertificateId)
        .column_as(change::Column::Version.max(), "newest")
        .filter(change::Column::CertificateId.is_in(ids.to_vec()))
        .group_by(change::Column::CertificateId)
        .into_tuple()
        .all(snapshot)
        .await?;
    Ok(rows.into_iter().map(|(id, version)| (id, version as u64)).collect())
}

/// Certificates that the feed tells of and that are gone.
async fn missing(snapshot: &DatabaseTransaction, report: &mut LogReport) -> Result<()> {
    let known = certificate::Entity::find().select_only().column(certificate::Column::Id).into_query();
    let rows: Vec<Uuid> = change::Entity::find()
        .select_only()
        .column(change::Column::CertificateId)
        .distinct()
        .filter(change::Column::CertificateId.not_in_subquery(known))
        .limit(NAMED as u64)
        .into_tuple()
        .all(snapshot)
        .await?;
    for id in rows {
        report.found(LogFault::Missing { certificate: CertificateId::from_uuid(id) });
    }
    Ok(())
}

use crate::{
    frame::{GENESIS, SegmentHeader},
    merkle::{Frontier, Hash},
    segment::{self, Found, Scan},
};
use std::{collections::BTreeMap, fmt, io, path::Path};

/// What a signed checkpoint says of the journal. The signature is checked by whoever signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointHead {
    pub size: u64,
    pub root: Hash,
}

/// The ways in which a journal can be other than it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// A segment's own account of where it begins was altered.
    HeaderChanged,
    /// Bytes of a record were altered.
    RecordChanged,
    /// A record was replaced by another that does not follow from those before it.
    ChainBroken,
    /// Records are missing or in another order.
    SequenceBroken,
    /// Records that a checkpoint covers are gone from the end.
    Truncated,
    /// The records are consistent, but not those that were signed.
    HistoryRewritten,
}

impl FindingKind {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            FindingKind::HeaderChanged => "header_changed",
            FindingKind::RecordChanged => "record_changed",
            FindingKind::ChainBroken => "chain_broken",
            FindingKind::SequenceBroken => "sequence_broken",
            FindingKind::Truncated => "truncated",
            FindingKind::HistoryRewritten => "history_rewritten",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub kind: FindingKind,
    /// Number of the record at which it shows.
    pub seq: u64,
    /// File name of the segment, if it is in one.
    pub segment: Option<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record {}", self.seq)?;
        self.segment.iter().try_for_each(|segment| write!(f, " in {segment}"))
    }
}

/// The outcome of reading everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub records: u64,
    pub findings: Vec<Finding>,
}

impl Report {
    pub fn intact(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Reads every record and compares it with the chain and with the checkpoints. Opens nothing for
/// writing; may run while the journal is in use.
pub fn verify(dir: &Path, checkpoints: &[CheckpointHead]) -> io::Result<Report> {
    let mut signed: BTreeMap<u64, Vec<Hash>> = BTreeMap::new();
    for checkpoint in checkpoints {
        signed.entry(checkpoint.size).or_default().push(checkpoint.root);
    }
    let mut walk =
        Walk { seq: 0, chain: GENESIS, frontier: Frontier::default(), signed, findings: Vec::new() };
    walk.compare_with_checkpoint();
    let firsts = segment::list(dir)?;
    for (index, first) in firsts.iter().enumerate() {
        walk.segment(dir, *first, firsts.get(index + 1).copied())?;
    }
    if let Some((size, _)) = walk.signed.last_key_value()
        && *size > walk.seq
    {
        walk.find(FindingKind::Truncated, None);
    }
    Ok(Report { records: walk.seq, findings: walk.findings })
}

/// What the records so far add up to.
struct Walk {
    seq: u64,
    chain: Hash,
    frontier: Frontier,
    signed: BTreeMap<u64, Vec<Hash>>,
    findings: Vec<Finding>,
}

impl Walk {
    fn find(&mut self, kind: FindingKind, segment: Option<&str>) {
        self.findings.push(Finding { kind, seq: self.seq, segment: segment.map(str::to_owned) });
    }

    fn segment(&mut self, dir: &Path, first: u64, next: Option<u64>) -> io::Result<()> {
        let path = segment::path(dir, first);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (mut scan, header) = Scan::open(&path)?;
        self.begin(first, header, &name);
        loop {
            // What lies beyond the next segment's beginning was written but never acknowledged.
            if next.is_some_and(|next| self.seq >= next) {
                return Ok(());
            }
            match scan.next()? {
                Found::Frame(head, payload) => {
                    if head.seq != self.seq {
                        self.find(FindingKind::SequenceBroken, Some(&name));
                        self.seq = head.seq;
                    } else if !head.follows(&self.chain, &payload) {
                        self.find(FindingKind::ChainBroken, Some(&name));
                    }
                    self.chain = head.chain;
                    self.frontier.push(&payload);
                    self.seq += 1;
                    self.compare_with_checkpoint();
                }
                Found::End if next.is_none() && !segment::prove_durable(&scan.rest()?, self.seq) => {
                    return Ok(());
                }
                Found::End if next.is_some() => {
                    self.find(FindingKind::SequenceBroken, Some(&name));
                    return Ok(());
                }
                Found::End | Found::Broken => return self.broken(&mut scan, next, &name),
            }
        }
    }

    fn begin(&mut self, first: u64, header: Option<SegmentHeader>, name: &str) {
        if first != self.seq {
            self.find(FindingKind::SequenceBroken, Some(name));
            self.seq = first;
        }
        match header {
            Some(header)
                if header.first_seq == first
                    && header.chain == self.chain
                    && header.frontier == self.frontier => {}
            Some(header) if header.first_seq == first => {
                if self.findings.is_empty() {
                    self.find(FindingKind::HeaderChanged, Some(name));
                }
                (self.chain, self.frontier) = (header.chain, header.frontier);
            }
            _ => self.find(FindingKind::HeaderChanged, Some(name)),
        }
    }

    /// A record that is not whole: the last one may just be the one being written.
    fn broken(&mut self, scan: &mut Scan, next: Option<u64>, name: &str) -> io::Result<()> {
        let covered = self.signed.last_key_value().is_some_and(|(size, _)| *size > self.seq);
        if next.is_some() || covered || segment::prove_durable(&scan.rest()?, self.seq) {
            self.find(FindingKind::RecordChanged, Some(name));
        }
        Ok(())
    }

    fn compare_with_checkpoint(&mut self) {
        let differs = self
            .signed
            .get(&self.seq)
            .is_some_and(|roots| roots.iter().any(|root| *root != self.frontier.root()));
        if differs && self.findings.is_empty() {
            self.find(FindingKind::HistoryRewritten, None);
        }
    }
}

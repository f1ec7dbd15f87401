use crate::{
    frame::{FrameHead, GENESIS, SegmentHeader},
    merkle::{Frontier, Hash, leaf_hash},
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
    /// There is not even the segment that an empty journal has.
    SegmentsMissing,
    /// A segment cannot be read.
    Unreadable,
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
            FindingKind::SegmentsMissing => "segments_missing",
            FindingKind::Unreadable => "unreadable",
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
    /// Were the records read to their end, or only as far as the last finding?
    pub complete: bool,
    pub findings: Vec<Finding>,
}

impl Report {
    pub fn intact(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Reads every record and compares it with the chain and with the checkpoints; `genuine` is given
/// each one that follows from those before it. Opens nothing for writing; may run while the journal
/// is in use.
///
/// # Errors
/// The folder cannot be read.
pub fn verify(
    dir: &Path,
    checkpoints: &[CheckpointHead],
    genuine: impl FnMut(u64, Vec<u8>),
) -> io::Result<Report> {
    let mut signed: BTreeMap<u64, Vec<Hash>> = BTreeMap::new();
    for checkpoint in checkpoints {
        signed.entry(checkpoint.size).or_default().push(checkpoint.root);
    }
    let firsts = segment::list(dir)?;
    let mut walk = Walk {
        seq: 0,
        chain: GENESIS,
        frontier: Frontier::default(),
        signed,
        complete: true,
        findings: Vec::new(),
        genuine,
    };
    walk.compare_with_checkpoint();
    if firsts.is_empty() {
        walk.find(FindingKind::SegmentsMissing, None);
    }
    for (index, first) in firsts.iter().enumerate() {
        walk.segment(dir, *first, firsts.get(index + 1).copied());
    }
    if walk.complete && walk.is_covered() {
        walk.find(FindingKind::Truncated, None);
    }
    Ok(Report { records: walk.seq, complete: walk.complete, findings: walk.findings })
}

/// What the records so far add up to.
struct Walk<F> {
    seq: u64,
    chain: Hash,
    frontier: Frontier,
    signed: BTreeMap<u64, Vec<Hash>>,
    complete: bool,
    findings: Vec<Finding>,
    genuine: F,
}

impl<F: FnMut(u64, Vec<u8>)> Walk<F> {
    fn find(&mut self, kind: FindingKind, segment: Option<&str>) {
        self.findings.push(Finding { kind, seq: self.seq, segment: segment.map(str::to_owned) });
    }

    fn segment(&mut self, dir: &Path, first: u64, next: Option<u64>) {
        let path = segment::path(dir, first);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let lost = match self.records(&path, &name, first, next) {
            Ok(lost) => lost,
            Err(_) => Some(FindingKind::Unreadable),
        };
        if let Some(kind) = lost {
            self.find(kind, Some(&name));
            // The next segment says where it takes up the story.
            self.complete = next.is_some();
        }
    }

    /// Reads to the end of a segment, or to the place where its records get lost.
    fn records(
        &mut self,
        path: &Path,
        name: &str,
        first: u64,
        next: Option<u64>,
    ) -> io::Result<Option<FindingKind>> {
        let (mut scan, header) = Scan::open(path)?;
        self.begin(first, header, name);
        // What lies beyond the next segment's beginning was written but never acknowledged.
        while next.is_none_or(|next| self.seq < next) {
            let mut found = scan.next()?;
            if next.is_none() && !matches!(found, Found::Frame(..)) {
                if !segment::prove_durable(&scan.rest()?, self.seq) {
                    let torn = matches!(found, Found::Broken);
                    return Ok((torn && self.is_covered()).then_some(FindingKind::RecordChanged));
                }
                // It may have been written since it was looked for.
                found = scan.next()?;
            }
            match found {
                Found::Frame(head, payload) => self.record(head, payload, name),
                Found::End if next.is_some() => return Ok(Some(FindingKind::SequenceBroken)),
                Found::End | Found::Broken => return Ok(Some(FindingKind::RecordChanged)),
            }
        }
        Ok(None)
    }

    fn record(&mut self, head: FrameHead, payload: Vec<u8>, segment: &str) {
        let leaf = leaf_hash(&payload);
        self.frontier.push(&leaf);
        if head.seq != self.seq {
            self.find(FindingKind::SequenceBroken, Some(segment));
            self.seq = head.seq;
        } else if !head.follows(&self.chain, &leaf) {
            self.find(FindingKind::ChainBroken, Some(segment));
        } else {
            (self.genuine)(self.seq, payload);
        }
        self.chain = head.chain;
        self.seq += 1;
        self.compare_with_checkpoint();
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

    /// Does a checkpoint know of the record that comes next?
    fn is_covered(&self) -> bool {
        self.signed.last_key_value().is_some_and(|(size, _)| *size > self.seq)
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

//! The records taken out of a journal, beside whoever writes it, and put into a new one.

use crate::{
    frame::{GENESIS, Record},
    journal::{Head, OpenError, Options},
    merkle::{Frontier, Hash, leaf_hash},
    segment::{self, Found, Scan},
    writer::Writer,
};
use std::{
    collections::VecDeque,
    io,
    path::{Path, PathBuf},
};

/// Records written with one flush, in bytes.
const BATCH_BYTES: usize = 4 << 20;

/// Reads the records of a folder, which may be in use, up to those that are there when it comes to
/// the end. Opens nothing for writing.
pub struct Reader {
    dir: PathBuf,
    /// Segments still to be read, by first sequence number.
    segments: VecDeque<u64>,
    scan: Option<Scan>,
    seq: u64,
    chain: Hash,
    frontier: Frontier,
}

impl Reader {
    /// Begins at the segment that holds the record of this number, or at the last one.
    ///
    /// # Errors
    /// The folder cannot be read, or does not say where that segment takes up the story.
    pub fn open(dir: &Path, from: u64) -> io::Result<Self> {
        let firsts = segment::list(dir)?;
        let begun = firsts.partition_point(|first| *first <= from).saturating_sub(1);
        let mut reader = Self {
            dir: dir.to_owned(),
            segments: firsts[begun.min(firsts.len())..].iter().copied().collect(),
            scan: None,
            seq: 0,
            chain: GENESIS,
            frontier: Frontier::default(),
        };
        reader.next_segment(true)?;
        Ok(reader)
    }

    /// Number of the next record.
    pub fn position(&self) -> u64 {
        self.seq
    }

    /// What the records read so far, and those before them, add up to.
    pub fn head(&self) -> Head {
        Head { size: self.seq, chain: self.chain, root: self.frontier.root() }
    }

    /// The next record; none if there are no more yet.
    ///
    /// # Errors
    /// A file cannot be read, or a record is not as it was written.
    pub fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
        // What lies beyond the next segment's beginning was written but never acknowledged. A segment
        // in which nothing was acknowledged begins where the next one does.
        while self.segments.front() == Some(&self.seq) {
            self.next_segment(false)?;
        }
        let Some(scan) = &mut self.scan else { return Ok(None) };
        let mut found = scan.next()?;
        if self.segments.is_empty() && !matches!(found, Found::Frame(..)) {
            if !segment::prove_durable(&scan.rest()?, self.seq) {
                return Ok(None);
            }
            // It may have been written since it was looked for.
            found = scan.next()?;
        }
        let Found::Frame(head, payload) = found else { return Err(damaged()) };
        let leaf = leaf_hash(&payload);
        if head.seq != self.seq || !head.follows(&self.chain, &leaf) {
            return Err(damaged());
        }
        self.frontier.push(&leaf);
        (self.seq, self.chain) = (self.seq + 1, head.chain);
        Ok(Some(payload))
    }

    /// Its own account of where it begins is believed only of the segment that reading begins with.
    fn next_segment(&mut self, first: bool) -> io::Result<()> {
        let Some(segment) = self.segments.pop_front() else { return Ok(()) };
        let (scan, header) = Scan::open(&segment::path(&self.dir, segment))?;
        let header = header.filter(|header| header.first_seq == segment).ok_or_else(damaged)?;
        if first {
            (self.seq, self.chain, self.frontier) = (segment, header.chain, header.frontier);
        } else if header.chain != self.chain || header.frontier != self.frontier {
            return Err(damaged());
        }
        self.scan = Some(scan);
        Ok(())
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a record of the journal is not as it was written")
}

/// Makes a new journal of records that were in another.
pub struct Rebuild {
    writer: Writer,
    batch: Vec<Record>,
    bytes: usize,
}

impl Rebuild {
    /// # Errors
    /// The folder cannot be written, or holds a journal.
    pub fn begin(dir: &Path) -> Result<Self, OpenError> {
        std::fs::create_dir_all(dir)?;
        if !segment::list(dir)?.is_empty() {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists).into());
        }
        let writer = Writer::recover(dir, &Options::default())?;
        Ok(Self { writer, batch: Vec::new(), bytes: 0 })
    }

    pub fn push(&mut self, payload: Vec<u8>) -> io::Result<()> {
        self.bytes += payload.len();
        self.batch.push(Record::new(payload));
        if self.bytes >= BATCH_BYTES { self.commit() } else { Ok(()) }
    }

    /// Makes the rest durable; returns what all records add up to.
    pub fn finish(mut self) -> io::Result<Head> {
        self.commit()?;
        Ok(self.writer.head())
    }

    fn commit(&mut self) -> io::Result<()> {
        self.writer.commit(self.batch.iter())?;
        self.batch.clear();
        self.bytes = 0;
        Ok(())
    }
}

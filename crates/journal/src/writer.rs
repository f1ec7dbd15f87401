use crate::{
    disk::Disk,
    frame::{FRAME_HEAD_BYTES, FrameHead, GENESIS, HEADER_BYTES, Record, SegmentHeader},
    journal::{Head, OpenError, Options},
    merkle::{Frontier, Hash, leaf_hash},
    segment::{self, Found, Scan},
};
use std::{
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

/// A segment has room for the largest batch.
const LEAST_SEGMENT_BYTES: u64 = 8 << 20;

/// Priority of filling the next segment: callers need the processors more. Of that thread alone, on Linux.
const SPARE_NICE: i32 = 5;

/// The files and where in them the next record goes.
pub(crate) struct Writer {
    dir: PathBuf,
    disk: Arc<dyn Disk>,
    segment_bytes: u64,
    /// The segment that is written to; none before the first.
    file: Option<File>,
    /// First sequence number in `file`.
    segment: u64,
    /// End of what is durable in `file`.
    offset: u64,
    seq: u64,
    chain: Hash,
    frontier: Frontier,
    /// The next segment, being filled with zeros beside.
    spare: Option<thread::JoinHandle<io::Result<()>>>,
    /// The batch that is written; kept so that none allocates.
    buffer: Vec<u8>,
}

impl Writer {
    /// Takes up where the records in the folder end.
    pub(crate) fn recover(dir: &Path, options: &Options) -> Result<Self, OpenError> {
        let mut writer = Self {
            dir: dir.to_owned(),
            disk: options.disk.clone(),
            segment_bytes: options.segment_bytes.max(LEAST_SEGMENT_BYTES),
            file: None,
            segment: 0,
            offset: 0,
            seq: 0,
            chain: GENESIS,
            frontier: Frontier::default(),
            spare: None,
            buffer: Vec::new(),
        };
        match segment::list(dir)?.last() {
            None => writer.start_segment()?,
            Some(last) => writer.resume(*last)?,
        }
        Ok(writer)
    }

    /// Reads the last segment to its end and cuts off what was never acknowledged.
    fn resume(&mut self, segment: u64) -> Result<(), OpenError> {
        let path = segment::path(&self.dir, segment);
        let damaged = |seq| OpenError::Damaged { segment: path.display().to_string(), seq };
        let (mut scan, header) = Scan::open(&path)?;
        let header = header.filter(|header| header.first_seq == segment).ok_or_else(|| damaged(segment))?;
        (self.segment, self.seq, self.chain, self.frontier) =
            (segment, segment, header.chain, header.frontier);
        let end = loop {
            let found = scan.next()?;
            let Found::Frame(head, payload) = &found else { break found };
            let leaf = leaf_hash(payload);
            if head.seq != self.seq || !head.follows(&self.chain, &leaf) {
                break found;
            }
            self.frontier.push(&leaf);
            (self.seq, self.chain) = (head.seq + 1, head.chain);
        };
        let rest = scan.rest()?;
        if matches!(end, Found::Frame(..)) || segment::prove_durable(&rest, self.seq) {
            return Err(damaged(self.seq));
        }
        let file = OpenOptions::new().read(true).write(true).open(&path)?;
        let torn = segment::used(&rest);
        if torn > 0 {
            tracing::warn!(seq = self.seq, bytes = torn, "cut off a record that was never acknowledged");
            // Or the remains could be taken for a record later.
            self.disk.write_at(&file, &vec![0; torn], scan.offset())?;
            self.disk.flush(&file)?;
        }
        (self.file, self.offset) = (Some(file), scan.offset());
        Ok(())
    }

    /// Number of the next record.
    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    pub(crate) fn head(&self) -> Head {
        Head { size: self.seq, chain: self.chain, root: self.frontier.root() }
    }

    /// First sequence number of the segment that is written to.
    pub(crate) fn segment(&self) -> u64 {
        self.segment
    }

    /// Makes a batch durable. After an error nothing of it counts, whatever the disk may hold.
    pub(crate) fn commit<'a>(&mut self, records: impl Iterator<Item = &'a Record> + Clone) -> io::Result<()> {
        let bytes: usize = records.clone().map(|record| FRAME_HEAD_BYTES + record.payload.len()).sum();
        if self.offset + bytes as u64 > self.segment_bytes {
            self.start_segment()?;
        }
        let (mut seq, mut chain, mut frontier) = (self.seq, self.chain, self.frontier.clone());
        self.buffer.clear();
        self.buffer.reserve(bytes);
        for record in records {
            let head = FrameHead::new(seq, self.seq, &chain, record);
            self.buffer.extend_from_slice(&head.encode());
            self.buffer.extend_from_slice(&record.payload);
            (seq, chain) = (seq + 1, head.chain);
            frontier.push(record.leaf());
        }
        let file = self.file.as_ref().ok_or(io::ErrorKind::NotFound)?;
        self.disk.write_at(file, &self.buffer, self.offset)?;
        self.disk.flush(file)?;
        self.offset += self.buffer.len() as u64;
        (self.seq, self.chain, self.frontier) = (seq, chain, frontier);
        if self.offset > self.segment_bytes / 2 && self.spare.is_none() {
            self.prepare_spare();
        }
        Ok(())
    }

    fn spare_path(&self) -> PathBuf {
        self.dir.join("next.spare")
    }

    fn prepare_spare(&mut self) {
        let (disk, path, bytes) = (self.disk.clone(), self.spare_path(), self.segment_bytes);
        let job = move || {
            // Half a segment is left until it is needed. Refused, it is only sooner there.
            let _priority = rustix::process::nice(SPARE_NICE);
            disk.allocate(&path, bytes).map(drop)
        };
        self.spare = thread::Builder::new().name("journal-spare".into()).spawn(job).ok();
    }

    /// Goes on in a fresh file. Also the way out after a failed flush: what the page cache says of
    /// the old file can no longer be believed, and readers stop in it where the new one begins.
    pub(crate) fn start_segment(&mut self) -> io::Result<()> {
        let spare = self.spare_path();
        let prepared = self.spare.take().is_some_and(|job| job.join().is_ok_and(|made| made.is_ok()));
        if !prepared {
            self.disk.allocate(&spare, self.segment_bytes)?;
        }
        let file = OpenOptions::new().read(true).write(true).open(&spare)?;
        let header =
            SegmentHeader { first_seq: self.seq, chain: self.chain, frontier: self.frontier.clone() };
        self.disk.write_at(&file, &header.encode(), 0)?;
        self.disk.flush(&file)?;
        std::fs::rename(&spare, segment::path(&self.dir, self.seq))?;
        File::open(&self.dir)?.sync_all()?;
        (self.file, self.segment, self.offset) = (Some(file), self.seq, HEADER_BYTES);
        Ok(())
    }
}

impl Drop for Writer {
    /// Whoever opens the folder next uses the same name for the next segment.
    fn drop(&mut self) {
        if let Some(job) = self.spare.take() {
            let _unused = job.join();
        }
    }
}

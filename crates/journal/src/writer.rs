use crate::{
    disk::{Disk, RealDisk},
    frame::{FRAME_HEAD_BYTES, FrameHead, GENESIS, HEADER_BYTES, SegmentHeader},
    merkle::{EMPTY_ROOT, Frontier, Hash},
    segment::{self, Found, Scan},
    tail::Tail,
};
use parking_lot::Mutex;
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};
use tokio::sync::{mpsc, oneshot};

/// Longest record, in bytes.
pub const MAX_RECORD_BYTES: usize = 1 << 20;
/// A batch is closed after this many bytes of records.
const BATCH_BYTES: usize = 4 << 20;
/// Pause between attempts to write again after a failure.
const RETRY: Duration = Duration::from_millis(200);

/// How the journal works.
#[derive(Clone)]
pub struct Options {
    /// Size of a segment file, in bytes; at least 8 MiB.
    pub segment_bytes: u64,
    /// Records that may wait to be written before appenders have to wait themselves.
    pub queue: usize,
    /// Records written with one flush at most.
    pub batch: usize,
    pub disk: Arc<dyn Disk>,
}

impl Default for Options {
    fn default() -> Self {
        Self { segment_bytes: 64 << 20, queue: 16_384, batch: 4_096, disk: Arc::new(RealDisk) }
    }
}

/// Why a journal cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("another process writes this journal")]
    Locked,
    #[error("the journal is damaged at record {seq} in {segment}; it is not written to any further")]
    Damaged { segment: String, seq: u64 },
    #[error("the journal cannot be read or written")]
    Io(#[from] io::Error),
}

/// The record is not durable: the disk is full or failing. The journal goes on trying by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the journal cannot be written at the moment")]
pub struct Unavailable;

/// Everything durable, in three values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of records.
    pub size: u64,
    /// Hash over all records in order.
    pub chain: Hash,
    /// Root of the Merkle tree of the records.
    pub root: Hash,
}

pub(crate) struct Shared {
    pub(crate) head: Mutex<Head>,
    writable: AtomicBool,
}

struct Request {
    payload: Vec<u8>,
    done: oneshot::Sender<Result<u64, Unavailable>>,
}

/// The writing end. Cheap to clone; the folder is let go when the last clone is dropped.
#[derive(Clone)]
pub struct Journal {
    sender: mpsc::Sender<Request>,
    shared: Arc<Shared>,
    dir: PathBuf,
}

impl Journal {
    /// Opens the journal in a folder, making it if need be. A record that was being written when
    /// the process died, and so was never acknowledged, is cut off.
    ///
    /// # Errors
    /// [`OpenError::Damaged`] if records that had been durable are no longer whole.
    pub fn open(dir: &Path, options: Options) -> Result<Self, OpenError> {
        std::fs::create_dir_all(dir)?;
        let lock = lock(dir)?;
        let writer = Writer::recover(dir, &options)?;
        let shared = Arc::new(Shared { head: Mutex::new(writer.head()), writable: AtomicBool::new(true) });
        let (sender, receiver) = mpsc::channel(options.queue);
        let worker = Worker { writer, shared: shared.clone(), receiver, batch: options.batch };
        thread::Builder::new().name("journal".into()).spawn(move || {
            worker.run();
            drop(lock);
        })?;
        Ok(Self { sender, shared, dir: dir.to_owned() })
    }

    /// Appends a record and returns its number once it is durable.
    ///
    /// # Errors
    /// [`Unavailable`] if it could not be made durable, or is empty or longer than
    /// [`MAX_RECORD_BYTES`].
    pub async fn append(&self, payload: Vec<u8>) -> Result<u64, Unavailable> {
        if payload.is_empty() || payload.len() > MAX_RECORD_BYTES {
            return Err(Unavailable);
        }
        let (done, answer) = oneshot::channel();
        self.sender.send(Request { payload, done }).await.map_err(|_| Unavailable)?;
        answer.await.map_err(|_| Unavailable)?
    }

    /// What is durable now.
    pub fn head(&self) -> Head {
        *self.shared.head.lock()
    }

    /// Did the last attempt to write succeed?
    pub fn is_writable(&self) -> bool {
        self.shared.writable.load(Ordering::Acquire)
    }

    /// Reads durable records from this number on, also those still to come.
    pub fn tail(&self, from: u64) -> Tail {
        Tail::new(self.dir.clone(), self.shared.clone(), from)
    }

    /// Appends one line to the file `checkpoints` of the folder and to each further place, durably.
    pub fn write_checkpoint(&self, line: &str, places: &[PathBuf]) -> io::Result<()> {
        let own = self.dir.join("checkpoints");
        for place in std::iter::once(&own).chain(places) {
            let mut file = OpenOptions::new().append(true).create(true).open(place)?;
            file.write_all(format!("{line}\n").as_bytes())?;
            file.sync_data()?;
        }
        Ok(())
    }
}

fn lock(dir: &Path) -> Result<File, OpenError> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(dir.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// The thread that owns the files.
struct Worker {
    writer: Writer,
    shared: Arc<Shared>,
    receiver: mpsc::Receiver<Request>,
    batch: usize,
}

impl Worker {
    fn run(mut self) {
        let mut held = None;
        loop {
            let Some(first) = held.take().or_else(|| self.receiver.blocking_recv()) else { return };
            let mut bytes = first.payload.len();
            let mut batch = vec![first];
            while batch.len() < self.batch {
                let Ok(next) = self.receiver.try_recv() else { break };
                if bytes + next.payload.len() > BATCH_BYTES {
                    held = Some(next);
                    break;
                }
                bytes += next.payload.len();
                batch.push(next);
            }
            self.commit(batch);
        }
    }

    fn commit(&mut self, batch: Vec<Request>) {
        let first = self.writer.seq;
        match self.writer.commit(batch.iter().map(|request| request.payload.as_slice())) {
            Ok(()) => {
                *self.shared.head.lock() = self.writer.head();
                for (seq, request) in (first..).zip(batch) {
                    // The caller may have given up waiting.
                    let _gone = request.done.send(Ok(seq));
                }
            }
            Err(error) => {
                tracing::error!(error = %error, "the journal cannot be written");
                self.shared.writable.store(false, Ordering::Release);
                refuse(batch);
                self.heal();
            }
        }
    }

    /// Tries again until it works, refusing what comes in meanwhile.
    fn heal(&mut self) {
        while let Err(error) = self.writer.start_segment() {
            tracing::warn!(error = %error, "the journal still cannot be written");
            while let Ok(request) = self.receiver.try_recv() {
                refuse(vec![request]);
            }
            if self.receiver.is_closed() {
                return;
            }
            thread::sleep(RETRY);
        }
        tracing::info!("the journal can be written again");
        self.shared.writable.store(true, Ordering::Release);
    }
}

fn refuse(batch: Vec<Request>) {
    for request in batch {
        let _gone = request.done.send(Err(Unavailable));
    }
}

/// The files and where in them the next record goes.
struct Writer {
    dir: PathBuf,
    disk: Arc<dyn Disk>,
    segment_bytes: u64,
    file: File,
    /// End of what is durable in `file`.
    offset: u64,
    seq: u64,
    chain: Hash,
    frontier: Frontier,
    /// The next segment, being filled with zeros beside.
    spare: Option<thread::JoinHandle<io::Result<()>>>,
}

impl Writer {
    fn recover(dir: &Path, options: &Options) -> Result<Self, OpenError> {
        let segment_bytes = options.segment_bytes.max(8 << 20);
        let last = segment::list(dir)?.last().copied();
        let header = SegmentHeader { first_seq: 0, chain: GENESIS, frontier: Frontier::default() };
        let mut writer = Self {
            dir: dir.to_owned(),
            disk: options.disk.clone(),
            segment_bytes,
            file: File::open(dir)?,
            offset: 0,
            seq: header.first_seq,
            chain: header.chain,
            frontier: header.frontier,
            spare: None,
        };
        match last {
            None => writer.start_segment()?,
            Some(first_seq) => writer.resume(first_seq)?,
        }
        Ok(writer)
    }

    /// Reads the last segment to its end and cuts off what was never acknowledged.
    fn resume(&mut self, first_seq: u64) -> Result<(), OpenError> {
        let path = segment::path(&self.dir, first_seq);
        let damaged = |seq| OpenError::Damaged { segment: path.display().to_string(), seq };
        let (mut scan, header) = Scan::open(&path)?;
        let header = header.filter(|header| header.first_seq == first_seq).ok_or_else(|| damaged(first_seq))?;
        (self.seq, self.chain, self.frontier) = (header.first_seq, header.chain, header.frontier);
        let end = loop {
            match scan.next()? {
                Found::Frame(head, payload) if head.seq == self.seq && head.follows(&self.chain, &payload) => {
                    self.accept(&head, &payload);
                }
                end => break end,
            }
        };
        self.offset = scan.offset();
        self.file = OpenOptions::new().read(true).write(true).open(&path)?;
        if scan.proof_that_durable(self.seq)? || matches!(end, Found::Frame(..)) {
            return Err(damaged(self.seq));
        }
        if end == Found::Broken {
            tracing::warn!(seq = self.seq, "cut off a record that was never acknowledged");
        }
        self.clear_rest()?;
        Ok(())
    }

    fn accept(&mut self, head: &FrameHead, payload: &[u8]) {
        self.seq += 1;
        self.chain = head.chain;
        self.frontier.push(payload);
    }

    /// Nothing but zeros may follow, or the remains could be taken for records later.
    fn clear_rest(&mut self) -> io::Result<()> {
        let mut at = self.offset;
        let zeros = vec![0; 1 << 20];
        while at < self.segment_bytes {
            let now = (self.segment_bytes - at).min(zeros.len() as u64);
            self.disk.write_at(&self.file, &zeros[..now as usize], at)?;
            at += now;
        }
        self.disk.flush(&self.file)
    }

    fn head(&self) -> Head {
        let root = if self.seq == 0 { EMPTY_ROOT } else { self.frontier.root() };
        Head { size: self.seq, chain: self.chain, root }
    }

    /// Makes a batch durable. After an error nothing of it counts, whatever the disk may hold.
    fn commit<'a>(&mut self, payloads: impl Iterator<Item = &'a [u8]> + Clone) -> io::Result<()> {
        let bytes: usize = payloads.clone().map(|payload| FRAME_HEAD_BYTES + payload.len()).sum();
        if self.offset + bytes as u64 > self.segment_bytes {
            self.start_segment()?;
        }
        let (mut seq, mut chain, mut frontier) = (self.seq, self.chain, self.frontier.clone());
        let mut buffer = Vec::with_capacity(bytes);
        for payload in payloads {
            let head = FrameHead::new(seq, self.seq, &chain, payload);
            buffer.extend_from_slice(&head.encode());
            buffer.extend_from_slice(payload);
            (seq, chain) = (seq + 1, head.chain);
            frontier.push(payload);
        }
        self.disk.write_at(&self.file, &buffer, self.offset)?;
        self.disk.flush(&self.file)?;
        self.offset += buffer.len() as u64;
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
        let job = move || disk.allocate(&path, bytes).map(drop);
        self.spare = thread::Builder::new().name("journal-spare".into()).spawn(job).ok();
    }

    /// Goes on in a fresh file. Also the way out after a failed flush: what the page cache says of
    /// the old file can no longer be believed, and readers stop in it where the new one begins.
    fn start_segment(&mut self) -> io::Result<()> {
        let spare = self.spare_path();
        let prepared = self.spare.take().is_some_and(|job| job.join().is_ok_and(|made| made.is_ok()));
        if !prepared {
            self.disk.allocate(&spare, self.segment_bytes)?;
        }
        let file = OpenOptions::new().read(true).write(true).open(&spare)?;
        let header = SegmentHeader { first_seq: self.seq, chain: self.chain, frontier: self.frontier.clone() };
        self.disk.write_at(&file, &header.encode(), 0)?;
        self.disk.flush(&file)?;
        std::fs::rename(&spare, segment::path(&self.dir, self.seq))?;
        File::open(&self.dir)?.sync_all()?;
        (self.file, self.offset) = (file, HEADER_BYTES);
        Ok(())
    }
}

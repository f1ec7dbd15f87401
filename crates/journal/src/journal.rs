use crate::{
    appenders::Appenders,
    disk::{Disk, RealDisk},
    frame::Record,
    merkle::Hash,
    segment,
    tail::Tail,
    worker::{Request, Worker},
    writer::Writer,
};
use parking_lot::Mutex;
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use tokio::sync::{mpsc, oneshot};

/// Longest record, in bytes.
pub const MAX_RECORD_BYTES: usize = 1 << 20;

/// File of the folder's own checkpoints.
pub const CHECKPOINTS: &str = "checkpoints";

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
    /// Who tells when no further records are on their way to a batch.
    pub appenders: Appenders,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            queue: 16_384,
            batch: 4_096,
            disk: Arc::new(RealDisk),
            appenders: Appenders::default(),
        }
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

/// What the writing thread tells everyone.
pub(crate) struct Shared {
    durable: Mutex<Durable>,
    writable: AtomicBool,
}

struct Durable {
    head: Head,
    /// First sequence numbers of the segments, ascending.
    segments: Vec<u64>,
}

impl Shared {
    fn new(head: Head, segments: Vec<u64>) -> Self {
        Self { durable: Mutex::new(Durable { head, segments }), writable: AtomicBool::new(true) }
    }

    pub(crate) fn head(&self) -> Head {
        self.durable.lock().head
    }

    /// `segment` is the one that the last records went to.
    pub(crate) fn publish(&self, head: Head, segment: u64) {
        let mut durable = self.durable.lock();
        durable.head = head;
        if durable.segments.last() != Some(&segment) {
            durable.segments.push(segment);
        }
    }

    /// The segment that has a durable record, by first sequence number.
    pub(crate) fn segment_of(&self, seq: u64) -> Option<u64> {
        let durable = self.durable.lock();
        let after = durable.segments.partition_point(|first| *first <= seq);
        durable.segments[..after].last().copied()
    }

    pub(crate) fn set_writable(&self, writable: bool) {
        self.writable.store(writable, Ordering::Release);
    }
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
        let shared = Arc::new(Shared::new(writer.head(), segment::list(dir)?));
        let (sender, receiver) = mpsc::channel(options.queue);
        let worker = Worker::new(writer, shared.clone(), receiver, &options);
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
        let record = Record::new(payload);
        self.sender.send(Request { record, done }).await.map_err(|_| Unavailable)?;
        answer.await.map_err(|_| Unavailable)?
    }

    /// What is durable now.
    pub fn head(&self) -> Head {
        self.shared.head()
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
    ///
    /// # Errors
    /// The first of those met. No other place gets a line that the folder did not; one that fails
    /// does not keep the others from getting it.
    pub fn write_checkpoint(&self, line: &str, places: &[PathBuf]) -> io::Result<()> {
        append_line(&self.dir.join(CHECKPOINTS), line)?;
        let written: Vec<_> = places.iter().map(|place| append_line(place, line)).collect();
        written.into_iter().collect()
    }

    /// Has a checkpoint ever been written here?
    pub fn has_checkpoint(&self) -> io::Result<bool> {
        match std::fs::read(self.dir.join(CHECKPOINTS)) {
            // A line without its end was torn by a crash.
            Ok(text) => Ok(text.contains(&b'\n')),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn append_line(path: &Path, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    let length = file.metadata()?.len();
    let mut last = [b'\n'];
    if length > 0 {
        file.read_exact_at(&mut last, length - 1)?;
    }
    if last != [b'\n'] {
        // A line that a crash tore was never finished, and must not spoil the next one.
        let text = std::fs::read(path)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        file.set_len(whole as u64)?;
    }
    file.write_all(format!("{line}\n").as_bytes())?;
    file.sync_data()?;
    match path.parent().filter(|dir| length == 0 && !dir.as_os_str().is_empty()) {
        // The name of a new file has to last as well.
        Some(dir) => File::open(dir)?.sync_all(),
        None => Ok(()),
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

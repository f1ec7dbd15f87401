use crate::{record, reopen, segments, small, write};
use journal::{Disk, Journal, OpenError, RealDisk, Unavailable};
use std::{
    fs::File,
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

/// A disk that fails on demand and counts flushes.
#[derive(Default)]
pub struct TestDisk {
    real: RealDisk,
    failing: AtomicBool,
    flushes: AtomicUsize,
}

impl TestDisk {
    pub fn flushes(&self) -> usize {
        self.flushes.load(Ordering::SeqCst)
    }

    fn check(&self) -> io::Result<()> {
        if self.failing.load(Ordering::SeqCst) { Err(io::Error::other("disk failure")) } else { Ok(()) }
    }
}

impl Disk for TestDisk {
    fn allocate(&self, path: &Path, bytes: u64) -> io::Result<File> {
        self.check()?;
        self.real.allocate(path, bytes)
    }

    fn write_at(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.real.write_at(file, bytes, offset)
    }

    fn flush(&self, file: &File) -> io::Result<()> {
        self.flushes.fetch_add(1, Ordering::SeqCst);
        self.check()?;
        self.real.flush(file)
    }
}

#[tokio::test]
async fn a_failing_disk_is_said_and_got_over() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Arc::new(TestDisk::default());
    let journal = Journal::open(dir.path(), journal::Options { disk: disk.clone(), ..small() }).unwrap();
    write(&journal, 0, 5).await;
    disk.failing.store(true, Ordering::SeqCst);
    assert_eq!(journal.append(record(5)).await, Err(Unavailable));
    assert!(!journal.is_writable());
    assert_eq!(journal.head().size, 5);
    disk.failing.store(false, Ordering::SeqCst);
    // Refused while the journal still tries; then it works again, with no number lost or doubled.
    let seq = loop {
        match journal.append(record(5)).await {
            Ok(seq) => break seq,
            Err(Unavailable) => tokio::task::yield_now().await,
        }
    };
    assert_eq!(seq, 5);
    assert!(journal.is_writable());
    write(&journal, 6, 9).await;
    let read: Vec<_> = journal.tail(0).read(100).unwrap();
    assert_eq!(read, (0..9).map(|n| (n, record(n))).collect::<Vec<_>>());
    let head = journal.head();
    drop(journal);
    assert_eq!(reopen(dir.path()).head(), head);
    assert!(journal::verify(dir.path(), &[]).unwrap().intact());
}

/// Cuts the last records at every byte, as a crash in the middle of a write could.
#[tokio::test]
async fn a_torn_record_is_cut_off_and_nothing_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let journal = crate::open(dir.path());
    write(&journal, 0, 8).await;
    drop(journal);
    drop(reopen(dir.path()));
    let segment = segments(dir.path()).pop().unwrap();
    let whole = std::fs::read(&segment).unwrap();
    let end = whole.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let last_frame = end - record(7).len() - 56;
    for cut in (last_frame..end).step_by(3) {
        let mut torn = whole.clone();
        torn[cut..].fill(0);
        std::fs::write(&segment, &torn).unwrap();
        let journal = reopen(dir.path());
        assert_eq!(journal.head().size, 7, "cut at {cut}");
        assert_eq!(journal.append(record(7)).await, Ok(7));
        drop(journal);
        drop(reopen(dir.path()));
    }
}

#[tokio::test]
async fn damage_to_what_was_durable_is_not_cut_off_in_silence() {
    let dir = tempfile::tempdir().unwrap();
    let journal = crate::open(dir.path());
    write(&journal, 0, 8).await;
    drop(journal);
    drop(reopen(dir.path()));
    let segment = segments(dir.path()).pop().unwrap();
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[4096 + 70] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let refused = loop {
        match Journal::open(dir.path(), small()) {
            Err(OpenError::Locked) => std::thread::yield_now(),
            other => break other,
        }
    };
    assert!(matches!(refused, Err(OpenError::Damaged { seq: 0, .. })));
}

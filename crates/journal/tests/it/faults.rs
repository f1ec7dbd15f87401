use crate::{record, reopen, segments, small, write};
use journal::{Disk, Journal, OpenError, Options, RealDisk, Unavailable};
use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::FileExt,
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
    held: AtomicBool,
    flushes: AtomicUsize,
}

impl TestDisk {
    pub fn flushes(&self) -> usize {
        self.flushes.load(Ordering::SeqCst)
    }

    /// Flushes begun while held return when no longer held.
    pub fn hold_flushes(&self, held: bool) {
        self.held.store(held, Ordering::SeqCst);
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
        while self.held.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        self.check()?;
        self.real.flush(file)
    }
}

/// The disk takes the record that it then fails to flush, as a page cache does.
#[tokio::test]
async fn a_failing_disk_is_said_and_got_over() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Arc::new(TestDisk::default());
    let journal = Journal::open(dir.path(), Options { disk: disk.clone(), ..small() }).unwrap();
    let mut tail = journal.tail(0);
    write(&journal, 0, 5).await;
    assert_eq!(tail.read(100).unwrap().len(), 5);
    disk.failing.store(true, Ordering::SeqCst);
    assert_eq!(journal.append(b"refused".to_vec()).await, Err(Unavailable));
    assert!(!journal.is_writable());
    assert_eq!(journal.head().size, 5);
    assert!(tail.read(100).unwrap().is_empty());
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
    let expected: Vec<_> = (0..9).map(|n| (n, record(n))).collect();
    assert_eq!(tail.read(100).unwrap(), expected[5..]);
    assert_eq!(journal.tail(0).read(100).unwrap(), expected);
    let head = journal.head();
    drop((journal, tail));
    let journal = reopen(dir.path());
    assert_eq!(journal.head(), head);
    assert_eq!(journal.tail(0).read(100).unwrap(), expected);
    assert!(crate::verified(dir.path(), &[]).intact());
}

/// Zeroes, then truncates, the last records from every byte on, as a crash in the middle of a write
/// could.
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
    let [sixth, seventh] = [6, 7].map(|n| end - (n..8).map(frame_bytes).sum::<usize>());
    for cut in sixth..end {
        let survivors = if cut < seventh { 6 } else { 7 };
        for truncate in [false, true] {
            let file = OpenOptions::new().write(true).open(&segment).unwrap();
            file.write_all_at(&whole[sixth..cut], sixth as u64).unwrap();
            file.write_all_at(&vec![0; end - cut], cut as u64).unwrap();
            if truncate {
                file.set_len(cut as u64).unwrap();
            }
            let journal = reopen(dir.path());
            assert_eq!(journal.head().size, survivors, "cut at {cut}");
            write(&journal, survivors, survivors + 1).await;
            drop(journal);
            assert_eq!(reopen(dir.path()).head().size, survivors + 1, "cut at {cut}");
        }
    }
}

fn frame_bytes(number: u64) -> usize {
    56 + record(number).len()
}

/// Sectors of one write can arrive in any order: the end of a batch without its beginning.
#[tokio::test]
async fn a_batch_that_arrived_in_part_is_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Arc::new(TestDisk::default());
    let journal = Journal::open(dir.path(), Options { disk: disk.clone(), ..small() }).unwrap();
    write(&journal, 0, 3).await;
    let before = disk.flushes();
    disk.hold_flushes(true);
    let append = |n| {
        let journal = journal.clone();
        tokio::spawn(async move { journal.append(record(n)).await.unwrap() })
    };
    let mut tasks = vec![append(3)];
    while disk.flushes() == before {
        tokio::task::yield_now().await;
    }
    // What comes during that flush is one batch, from record 4 on.
    tasks.extend((4..30).map(append));
    let held = disk.clone();
    tokio::spawn(async move { held.hold_flushes(false) }).await.unwrap();
    for task in tasks {
        task.await.unwrap();
    }
    drop(journal);
    drop(reopen(dir.path()));
    let segment = segments(dir.path()).pop().unwrap();
    let fourth = 4096 + (0..4).map(frame_bytes).sum::<usize>();
    let file = OpenOptions::new().write(true).open(&segment).unwrap();
    file.write_all_at(&[0; 30], fourth as u64).unwrap();
    let journal = reopen(dir.path());
    assert_eq!(journal.head().size, 4);
    write(&journal, 4, 40).await;
    drop(journal);
    assert_eq!(reopen(dir.path()).head().size, 40);
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

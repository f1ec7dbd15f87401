//! The tamper matrix: each way of changing history is found and named.

use crate::{open, record, reopen, segments, small, verified};
use journal::{CheckpointHead, FindingKind, Journal};
use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

/// A journal over three segments with a checkpoint in the middle and one at the end.
async fn written(dir: &Path) -> Vec<CheckpointHead> {
    let journal = open(dir);
    let mut checkpoints = Vec::new();
    for number in 0..20 {
        let mut payload = record(number);
        payload.resize(1 << 20, b'.');
        journal.append(payload).await.unwrap();
        if number == 5 || number == 19 {
            checkpoints.push(head(&journal));
        }
    }
    drop(journal);
    drop(reopen(dir));
    assert_eq!(segments(dir).len(), 3);
    assert!(verified(dir, &checkpoints).intact());
    checkpoints
}

fn head(journal: &Journal) -> CheckpointHead {
    let head = journal.head();
    CheckpointHead { size: head.size, root: head.root }
}

fn kinds(dir: &Path, checkpoints: &[CheckpointHead]) -> Vec<FindingKind> {
    let mut kinds: Vec<_> = verified(dir, checkpoints).findings.iter().map(|finding| finding.kind).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

fn edit(file: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(file).unwrap();
    change(&mut bytes);
    std::fs::write(file, bytes).unwrap();
}

const FRAME: usize = 56 + (1 << 20);

#[tokio::test]
async fn a_flipped_bit_in_a_record() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = written(dir.path()).await;
    edit(&segments(dir.path())[0], |bytes| bytes[4096 + 500] ^= 1);
    assert!(kinds(dir.path(), &checkpoints).contains(&FindingKind::RecordChanged));
}

#[tokio::test]
async fn a_flipped_bit_in_a_segment_header() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = written(dir.path()).await;
    edit(&segments(dir.path())[1], |bytes| bytes[20] ^= 1);
    assert!(kinds(dir.path(), &checkpoints).contains(&FindingKind::HeaderChanged));
}

#[tokio::test]
async fn a_record_taken_out() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = written(dir.path()).await;
    edit(&segments(dir.path())[0], |bytes| {
        bytes.drain(4096 + FRAME..4096 + 2 * FRAME);
        bytes.resize(8 << 20, 0);
    });
    assert!(kinds(dir.path(), &checkpoints).contains(&FindingKind::SequenceBroken));
}

#[tokio::test]
async fn two_records_exchanged() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = written(dir.path()).await;
    edit(&segments(dir.path())[0], |bytes| {
        let (left, right) = bytes.split_at_mut(4096 + FRAME);
        left[4096..].swap_with_slice(&mut right[..FRAME]);
    });
    assert!(kinds(dir.path(), &checkpoints).contains(&FindingKind::SequenceBroken));
}

/// The checksum of a frame, which guards against accidents alone.
fn checksum(frame: &mut [u8]) {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&frame[..52]);
    crc.update(&frame[56..]);
    frame[52..56].copy_from_slice(&crc.finalize().to_le_bytes());
}

#[tokio::test]
async fn a_record_changed_together_with_its_checksum() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = written(dir.path()).await;
    edit(&segments(dir.path())[1], |bytes| {
        let frame = &mut bytes[4096..4096 + FRAME];
        frame[500] ^= 1;
        checksum(frame);
    });
    assert_eq!(kinds(dir.path(), &checkpoints), [FindingKind::ChainBroken]);
}

#[tokio::test]
async fn a_record_put_in() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = written(dir.path()).await;
    for number in [1u64, 2] {
        let whole = std::fs::read(&segments(dir.path())[0]).unwrap();
        edit(&segments(dir.path())[0], |bytes| {
            let mut frame = bytes[4096..4096 + FRAME].to_vec();
            frame[4..12].copy_from_slice(&number.to_le_bytes());
            checksum(&mut frame);
            bytes.splice(4096 + FRAME..4096 + FRAME, frame);
        });
        assert!(kinds(dir.path(), &checkpoints).contains(&FindingKind::SequenceBroken), "as record {number}");
        std::fs::write(&segments(dir.path())[0], whole).unwrap();
    }
}

#[tokio::test]
async fn a_segment_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = written(dir.path()).await;
    for (segment, kind) in [
        (0, FindingKind::SequenceBroken),
        (1, FindingKind::SequenceBroken),
        // Only a checkpoint knows that there was a last one.
        (2, FindingKind::Truncated),
    ] {
        let path = &segments(dir.path())[segment];
        let bytes = std::fs::read(path).unwrap();
        std::fs::remove_file(path).unwrap();
        assert_eq!(kinds(dir.path(), &checkpoints), [kind], "segment {segment}");
        std::fs::write(path, bytes).unwrap();
    }
}

#[tokio::test]
async fn all_segments_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = written(dir.path()).await;
    segments(dir.path()).iter().for_each(|segment| std::fs::remove_file(segment).unwrap());
    assert_eq!(kinds(dir.path(), &[]), [FindingKind::SegmentsMissing]);
    assert_eq!(kinds(dir.path(), &checkpoints), [FindingKind::SegmentsMissing, FindingKind::Truncated]);
    std::fs::remove_dir_all(dir.path()).unwrap();
    assert!(journal::verify(dir.path(), &checkpoints, |_, _| ()).is_err());
}

#[tokio::test]
async fn a_segment_that_cannot_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = written(dir.path()).await;
    let last = segments(dir.path()).pop().unwrap();
    std::fs::remove_file(&last).unwrap();
    std::fs::create_dir(&last).unwrap();
    assert!(kinds(dir.path(), &checkpoints).contains(&FindingKind::Unreadable));
}

/// Only a checkpoint knows that there was more.
#[tokio::test]
async fn the_end_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = written(dir.path()).await;
    edit(&segments(dir.path()).pop().unwrap(), |bytes| bytes[4096 + 2 * FRAME..].fill(0));
    assert_eq!(kinds(dir.path(), &[]), []);
    assert_eq!(kinds(dir.path(), &checkpoints), [FindingKind::Truncated]);
    assert_eq!(verified(dir.path(), &checkpoints).records, 16);
}

#[tokio::test]
async fn only_genuine_records_are_handed_on() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = written(dir.path()).await;
    edit(&segments(dir.path())[1], |bytes| {
        let frame = &mut bytes[4096 + FRAME..4096 + 2 * FRAME];
        frame[500] ^= 1;
        checksum(frame);
    });
    let mut handed = Vec::new();
    journal::verify(dir.path(), &checkpoints, |seq, payload| {
        assert!(payload.starts_with(format!("record number {seq} ").as_bytes()));
        handed.push(seq);
    })
    .unwrap();
    assert_eq!(handed, (0..20).filter(|seq| *seq != 8).collect::<Vec<_>>());
}

/// What is appended while it is read is no damage.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_in_use_is_intact() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(dir.path(), small()).unwrap();
    let (done, folder) = (AtomicBool::new(false), dir.path().to_owned());
    std::thread::scope(|scope| {
        let verifier = scope.spawn(|| {
            let mut grown = 0;
            let mut last = 0;
            while !done.load(Ordering::SeqCst) {
                let signed = head(&journal);
                let report = verified(&folder, &[signed]);
                assert_eq!(report.findings, []);
                assert!(report.records >= signed.size);
                grown += usize::from(report.records > last);
                last = report.records;
                if grown == 20 {
                    done.store(true, Ordering::SeqCst);
                }
            }
        });
        let handle = tokio::runtime::Handle::current();
        for number in 0.. {
            if done.load(Ordering::SeqCst) || verifier.is_finished() {
                break;
            }
            let append = journal.append(record(number));
            assert_eq!(tokio::task::block_in_place(|| handle.block_on(append)), Ok(number));
        }
    });
}

/// Only a checkpoint kept elsewhere knows that it was all different once.
#[tokio::test]
async fn everything_written_again_with_new_hashes() {
    let (dir, forged) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let checkpoints = written(dir.path()).await;
    let journal = open(forged.path());
    for number in 0..20 {
        journal.append(record(number + 1)).await.unwrap();
    }
    drop(journal);
    drop(reopen(forged.path()));
    assert_eq!(kinds(forged.path(), &[]), []);
    assert_eq!(kinds(forged.path(), &checkpoints), [FindingKind::HistoryRewritten]);
}

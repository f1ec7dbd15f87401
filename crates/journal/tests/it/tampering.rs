//! The tamper matrix: each way of changing history is found and named.

use crate::{open, record, reopen, segments};
use journal::{CheckpointHead, FindingKind, Journal, verify};
use std::path::Path;

/// A journal over several segments with a checkpoint in the middle and one at the end.
async fn written(dir: &Path) -> Vec<CheckpointHead> {
    let journal = open(dir);
    let mut checkpoints = Vec::new();
    for number in 0..12 {
        let mut payload = record(number);
        payload.resize(1 << 20, b'.');
        journal.append(payload).await.unwrap();
        if number == 5 || number == 11 {
            checkpoints.push(head(&journal));
        }
    }
    drop(journal);
    drop(reopen(dir));
    assert!(verify(dir, &checkpoints).unwrap().intact());
    checkpoints
}

fn head(journal: &Journal) -> CheckpointHead {
    let head = journal.head();
    CheckpointHead { size: head.size, root: head.root }
}

fn kinds(dir: &Path, checkpoints: &[CheckpointHead]) -> Vec<FindingKind> {
    let mut kinds: Vec<_> =
        verify(dir, checkpoints).unwrap().findings.iter().map(|finding| finding.kind).collect();
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

#[tokio::test]
async fn a_segment_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = written(dir.path()).await;
    std::fs::remove_file(&segments(dir.path())[0]).unwrap();
    assert!(kinds(dir.path(), &checkpoints).contains(&FindingKind::SequenceBroken));
}

/// Only a checkpoint knows that there was more.
#[tokio::test]
async fn the_end_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = written(dir.path()).await;
    std::fs::remove_file(segments(dir.path()).pop().unwrap()).unwrap();
    edit(&segments(dir.path()).pop().unwrap(), |bytes| bytes[4096 + 2 * FRAME..].fill(0));
    assert_eq!(kinds(dir.path(), &[]), []);
    assert_eq!(kinds(dir.path(), &checkpoints), [FindingKind::Truncated]);
}

/// Only a checkpoint kept elsewhere knows that it was all different once.
#[tokio::test]
async fn everything_written_again_with_new_hashes() {
    let (dir, forged) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let checkpoints = written(dir.path()).await;
    let journal = open(forged.path());
    for number in 0..12 {
        journal.append(record(number + 1)).await.unwrap();
    }
    drop(journal);
    drop(reopen(forged.path()));
    assert_eq!(kinds(forged.path(), &[]), []);
    assert_eq!(kinds(forged.path(), &checkpoints), [FindingKind::HistoryRewritten]);
}

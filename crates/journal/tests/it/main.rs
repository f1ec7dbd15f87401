//! What the audit relies on in its journal.

mod append;
mod copy;
mod faults;
mod tampering;

use journal::{CheckpointHead, Journal, Options, Report};
use std::path::{Path, PathBuf};

pub fn open(dir: &Path) -> Journal {
    Journal::open(dir, small()).unwrap()
}

/// Small segments, so that a few megabytes cross several.
pub fn small() -> Options {
    Options { segment_bytes: 8 << 20, ..Options::default() }
}

pub async fn write(journal: &Journal, from: u64, to: u64) {
    for number in from..to {
        assert_eq!(journal.append(record(number)).await, Ok(number));
    }
}

pub fn record(number: u64) -> Vec<u8> {
    format!("record number {number} {}", "x".repeat(number as usize % 50)).into_bytes()
}

/// The folder is let go by a thread of its own; opening waits for it.
pub fn reopen(dir: &Path) -> Journal {
    loop {
        match Journal::open(dir, small()) {
            Err(journal::OpenError::Locked) => std::thread::yield_now(),
            other => return other.unwrap(),
        }
    }
}

pub fn segments(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut segments: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "segment")).collect();
    segments.sort();
    segments
}

pub fn verified(dir: &Path, checkpoints: &[CheckpointHead]) -> Report {
    journal::verify(dir, checkpoints, |_, _| ()).unwrap()
}

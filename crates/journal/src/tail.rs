use crate::{
    segment::{self, Found, Scan},
    writer::Shared,
};
use std::{
    io,
    path::PathBuf,
    sync::Arc,
};

/// Reads durable records in order and remembers where it is.
pub struct Tail {
    dir: PathBuf,
    shared: Arc<Shared>,
    /// Number of the next record.
    next: u64,
    scan: Option<Scan>,
}

impl Tail {
    pub(crate) fn new(dir: PathBuf, shared: Arc<Shared>, next: u64) -> Self {
        Self { dir, shared, next, scan: None }
    }

    /// Number of the next record.
    pub fn position(&self) -> u64 {
        self.next
    }

    /// Up to `most` records that are durable by now; none if there are no more yet.
    ///
    /// # Errors
    /// A file cannot be read, or does not hold a record that had been durable.
    pub fn read(&mut self, most: usize) -> io::Result<Vec<(u64, Vec<u8>)>> {
        let size = self.shared.head.lock().size;
        let mut records = Vec::new();
        while self.next < size && records.len() < most {
            let payload = self.record()?;
            records.push((self.next, payload));
            self.next += 1;
        }
        Ok(records)
    }

    /// The record `next`: further on in this segment, or in the one that takes over.
    fn record(&mut self) -> io::Result<Vec<u8>> {
        for _ in 0..2 {
            let scan = match &mut self.scan {
                Some(scan) => scan,
                none => none.insert(open(&self.dir, self.next)?),
            };
            loop {
                match scan.next()? {
                    Found::Frame(head, payload) if head.seq == self.next => return Ok(payload),
                    Found::Frame(head, _) if head.seq < self.next => {}
                    Found::Frame(..) | Found::End | Found::Broken => break,
                }
            }
            self.scan = None;
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "a durable record is not where it was written"))
    }
}

/// The last segment that begins at or before the record.
fn open(dir: &std::path::Path, seq: u64) -> io::Result<Scan> {
    let first = segment::list(dir)?.into_iter().rev().find(|first| *first <= seq);
    let first = first.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the segment of a record is missing"))?;
    Ok(Scan::open(&segment::path(dir, first))?.0)
}

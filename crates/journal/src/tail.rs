use crate::{
    journal::Shared,
    segment::{self, Found, Scan},
};
use std::{io, path::PathBuf, sync::Arc};

/// Reads durable records in order and remembers where it is.
pub struct Tail {
    dir: PathBuf,
    shared: Arc<Shared>,
    /// Number of the next record.
    next: u64,
    /// The segment it reads, by first sequence number.
    scan: Option<(u64, Scan)>,
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
        let size = self.shared.head().size;
        let mut records = Vec::new();
        while self.next < size && records.len() < most {
            let payload = self.record()?;
            records.push((self.next, payload));
            self.next += 1;
        }
        Ok(records)
    }

    /// The record `next`, from the segment that has it now: after a failure of the disk the segment
    /// before may hold a record of that number too, one that was never acknowledged.
    fn record(&mut self) -> io::Result<Vec<u8>> {
        let segment = self.shared.segment_of(self.next).ok_or(io::ErrorKind::NotFound)?;
        let scan = match &mut self.scan {
            Some((open, scan)) if *open == segment => scan,
            other => &mut other.insert((segment, Scan::open(&segment::path(&self.dir, segment))?.0)).1,
        };
        let mut looked_again = false;
        loop {
            match scan.next()? {
                Found::Frame(head, payload) if head.seq == self.next => return Ok(payload),
                Found::Frame(head, _) if head.seq < self.next => {}
                // What was read ahead may be older than the record.
                Found::End | Found::Broken if !looked_again => looked_again = true,
                Found::Frame(..) | Found::End | Found::Broken => break,
            }
        }
        self.scan = None;
        Err(io::Error::new(io::ErrorKind::InvalidData, "a durable record is not where it was written"))
    }
}

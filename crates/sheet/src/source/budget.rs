use std::io::{self, Read};

/// Bounds what may be read between two refills, and so how much memory one row, cell or element
/// can make a parser take.
pub(super) struct Budget<R> {
    inner: R,
    left: usize,
    per_refill: usize,
    read: u64,
}

impl<R> Budget<R> {
    pub fn new(inner: R, per_refill: usize) -> Self {
        Self { inner, left: per_refill, per_refill, read: 0 }
    }

    pub fn refill(&mut self) {
        self.left = self.per_refill;
    }

    pub fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// Bytes read so far.
    pub fn read_so_far(&self) -> u64 {
        self.read
    }
}

impl<R: Read> Read for Budget<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !buffer.is_empty() {
            return Err(io::Error::other("longer than allowed"));
        }
        let length = buffer.len().min(self.left);
        let read = self.inner.read(&mut buffer[..length])?;
        self.left -= read;
        self.read += read as u64;
        Ok(read)
    }
}

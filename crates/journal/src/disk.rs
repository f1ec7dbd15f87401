use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::unix::fs::FileExt,
    path::Path,
};

/// What the writer asks of the disk; a test can make it fail.
pub trait Disk: Send + Sync {
    /// Makes a file of `bytes` zeros, all of it allocated, so that a full disk shows here and not
    /// in the middle of a record. After an error there is no file: a disk that is full must not be
    /// filled by the attempt.
    fn allocate(&self, path: &Path, bytes: u64) -> io::Result<File>;
    fn write_at(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Returns once everything written to the file is durable.
    fn flush(&self, file: &File) -> io::Result<()>;
}

/// The machine's own disk.
#[derive(Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn allocate(&self, path: &Path, bytes: u64) -> io::Result<File> {
        fill(path, bytes).inspect_err(|_| {
            // That it cannot be removed either is no other error than the first one.
            let _left = std::fs::remove_file(path);
        })
    }

    fn write_at(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        file.write_all_at(bytes, offset)
    }

    fn flush(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }
}

fn fill(path: &Path, bytes: u64) -> io::Result<File> {
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
    let zeros = vec![0; 1 << 20];
    let mut left = bytes;
    while left > 0 {
        let now = left.min(zeros.len() as u64);
        file.write_all(&zeros[..now as usize])?;
        left -= now;
    }
    file.sync_all()?;
    Ok(file)
}

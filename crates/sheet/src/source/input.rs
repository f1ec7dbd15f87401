use super::Limits;
use crate::SheetError;
use std::{
    fs::File,
    io::{self, BufReader, Cursor, Read, Seek, SeekFrom},
    os::unix::fs::FileExt,
    path::Path,
    sync::Arc,
};

/// The bytes of a file, readable several times.
pub(super) enum Source {
    File(Arc<File>),
    Memory(Arc<[u8]>),
}

/// A reading of a file with a position of its own: rows and pictures are read side by side.
pub(super) struct Reading {
    file: Arc<File>,
    at: u64,
}

/// One reading of the source from its beginning.
pub(super) enum Input {
    File(BufReader<Reading>),
    Memory(Cursor<Arc<[u8]>>),
}

impl Source {
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, SheetError> {
        let file = File::open(path)?;
        check_size(file.metadata()?.len(), limits)?;
        Ok(Source::File(Arc::new(file)))
    }

    pub fn memory(bytes: Vec<u8>, limits: &Limits) -> Result<Self, SheetError> {
        check_size(bytes.len() as u64, limits)?;
        Ok(Source::Memory(bytes.into()))
    }

    pub fn len(&self) -> io::Result<u64> {
        match self {
            Source::File(file) => Ok(file.metadata()?.len()),
            Source::Memory(bytes) => Ok(bytes.len() as u64),
        }
    }

    pub fn input(&self) -> io::Result<Input> {
        match self {
            Source::File(file) => {
                let reading = Reading { file: file.clone(), at: 0 };
                Ok(Input::File(BufReader::with_capacity(64 * 1024, reading)))
            }
            Source::Memory(bytes) => Ok(Input::Memory(Cursor::new(bytes.clone()))),
        }
    }

    /// The first bytes, up to so many.
    pub fn head(&self, length: u64) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        self.input()?.take(length).read_to_end(&mut head)?;
        Ok(head)
    }
}

fn check_size(length: u64, limits: &Limits) -> Result<(), SheetError> {
    match length {
        0 => Err(SheetError::Empty),
        _ if length > limits.file_bytes => Err(SheetError::TooLarge { limit: limits.file_bytes }),
        _ => Ok(()),
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Input::File(file) => file.read(buffer),
            Input::Memory(bytes) => bytes.read(buffer),
        }
    }
}

impl Seek for Input {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        match self {
            Input::File(file) => file.seek(position),
            Input::Memory(bytes) => bytes.seek(position),
        }
    }
}

impl Read for Reading {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Reading {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let to = match position {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.file.metadata()?.len().checked_add_signed(by),
        };
        self.at = to.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

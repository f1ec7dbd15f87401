//! Where rejected rows are written: a file beside the roster, or memory for an upload.

use std::{
    fs::{File, OpenOptions},
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

pub(super) enum Output {
    File { file: File, target: PathBuf },
    Memory(Cursor<Vec<u8>>),
}

impl Output {
    /// The rows hold personal data: nobody but the owner may read the file.
    pub fn open(target: Option<&Path>) -> io::Result<Self> {
        let Some(target) = target else { return Ok(Output::Memory(Cursor::default())) };
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(true).mode(0o600);
        Ok(Output::File { file: options.open(unfinished(target))?, target: target.to_owned() })
    }

    /// A file appears under its name only when it is all there. Returns what is in memory.
    pub fn finish(self) -> io::Result<Option<Vec<u8>>> {
        match self {
            Output::File { file, target } => {
                file.sync_all()?;
                std::fs::rename(unfinished(&target), &target)?;
                Ok(None)
            }
            Output::Memory(bytes) => Ok(Some(bytes.into_inner())),
        }
    }
}

fn unfinished(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::File { file, .. } => file.write(bytes),
            Output::Memory(memory) => memory.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::File { file, .. } => file.flush(),
            Output::Memory(memory) => memory.flush(),
        }
    }
}

impl Read for Output {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Output::File { file, .. } => file.read(buffer),
            Output::Memory(memory) => memory.read(buffer),
        }
    }
}

impl Seek for Output {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        match self {
            Output::File { file, .. } => file.seek(position),
            Output::Memory(memory) => memory.seek(position),
        }
    }
}

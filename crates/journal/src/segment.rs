//! Segment files of a folder and the frames in them.

use crate::{
    frame::{FRAME_HEAD_BYTES, FrameHead, HEADER_BYTES, SegmentHeader},
    journal::MAX_RECORD_BYTES,
};
use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// File name of the segment whose first record has this number.
pub(crate) fn path(dir: &Path, first_seq: u64) -> PathBuf {
    dir.join(format!("{first_seq:020}.segment"))
}

/// First sequence numbers of the segments, ascending, by their file names.
pub(crate) fn list(dir: &Path) -> io::Result<Vec<u64>> {
    let mut firsts = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let name = entry?.file_name();
        let first = name
            .to_str()
            .and_then(|name| name.strip_suffix(".segment"))
            .and_then(|stem| stem.parse::<u64>().ok());
        firsts.extend(first);
    }
    firsts.sort_unstable();
    Ok(firsts)
}

/// What stands at a place of a segment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Frame(FrameHead, Vec<u8>),
    /// Zeros, or the end of the file.
    End,
    /// Bytes that are no whole frame.
    Broken,
}

/// Reads a segment from front to back.
pub(crate) struct Scan {
    file: BufReader<File>,
    offset: u64,
}

impl Scan {
    /// Opens a segment; `None` in place of its header if that is damaged.
    pub(crate) fn open(path: &Path) -> io::Result<(Self, Option<SegmentHeader>)> {
        let mut file = BufReader::with_capacity(1 << 18, File::open(path)?);
        let mut bytes = vec![0; HEADER_BYTES as usize];
        let header = match file.read_exact(&mut bytes) {
            Ok(()) => SegmentHeader::decode(&bytes),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => None,
            Err(error) => return Err(error),
        };
        file.seek(SeekFrom::Start(HEADER_BYTES))?;
        Ok((Self { file, offset: HEADER_BYTES }, header))
    }

    /// Where the next frame begins, in bytes from the start of the file.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next frame; after anything but a frame the place stays the same.
    pub(crate) fn next(&mut self) -> io::Result<Found> {
        let found = self.read_frame()?;
        match &found {
            Found::Frame(_, payload) => self.offset += (FRAME_HEAD_BYTES + payload.len()) as u64,
            Found::End | Found::Broken => {
                self.file.seek(SeekFrom::Start(self.offset))?;
            }
        }
        Ok(found)
    }

    fn read_frame(&mut self) -> io::Result<Found> {
        let mut bytes = [0; FRAME_HEAD_BYTES];
        let read = read_up_to(&mut self.file, &mut bytes)?;
        if bytes[..read].iter().all(|byte| *byte == 0) {
            return Ok(Found::End);
        }
        let Some(head) = FrameHead::decode(&bytes).filter(|_| read == FRAME_HEAD_BYTES) else {
            return Ok(Found::Broken);
        };
        if head.length == 0 || head.length as usize > MAX_RECORD_BYTES {
            return Ok(Found::Broken);
        }
        let mut payload = vec![0; head.length as usize];
        if read_up_to(&mut self.file, &mut payload)? < payload.len() || !head.is_whole(&payload) {
            return Ok(Found::Broken);
        }
        Ok(Found::Frame(head, payload))
    }

    /// All bytes from here to the end of the file.
    pub(crate) fn rest(&mut self) -> io::Result<Vec<u8>> {
        let mut rest = Vec::new();
        self.file.seek(SeekFrom::Start(self.offset))?;
        self.file.read_to_end(&mut rest)?;
        self.file.seek(SeekFrom::Start(self.offset))?;
        Ok(rest)
    }
}

/// How many of these bytes are in use: all but the zeros at the end.
pub(crate) fn used(bytes: &[u8]) -> usize {
    const FREE: [u8; 4096] = [0; 4096];
    let mut bytes = bytes;
    while let Some(shorter) = bytes.strip_suffix(&FREE) {
        bytes = shorter;
    }
    bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
}

/// Do the bytes that follow a broken place prove that record `seq` had been durable? They do if
/// there is a frame of a later batch among them. Looks at every byte, since the length of the broken
/// frame cannot be trusted.
pub(crate) fn prove_durable(rest: &[u8], seq: u64) -> bool {
    (1..used(rest)).any(|at| {
        let Some(head) = FrameHead::decode(&rest[at..]) else { return false };
        if head.batch_first <= seq || head.seq < head.batch_first {
            return false;
        }
        let from = at + FRAME_HEAD_BYTES;
        rest.get(from..from + head.length as usize).is_some_and(|payload| head.is_whole(payload))
    })
}

fn read_up_to(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

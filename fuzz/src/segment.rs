//! A genuine segment of a journal, and ways to make it foreign.

use crate::{emptied, folder};
use journal::{CheckpointHead, Disk, Journal, Options};
use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::Path,
    sync::{Arc, LazyLock},
};

/// Where the frames begin, and what stands before each payload.
const HEADER_BYTES: usize = 4096;
const FRAME_HEAD_BYTES: usize = 56;
const CRC_AT: usize = 52;

/// A journal as it was written and signed for.
pub struct Genuine {
    /// The used part of its only segment.
    pub segment: Vec<u8>,
    pub records: Vec<Vec<u8>>,
    pub checkpoint: CheckpointHead,
}

pub static GENUINE: LazyLock<Genuine> = LazyLock::new(|| {
    let dir = folder().join("genuine");
    emptied(&dir);
    let journal = Journal::open(&dir, options()).expect("an empty folder becomes a journal");
    let records: Vec<Vec<u8>> = (1..=6_usize).map(|n| vec![n as u8; n * 11]).collect();
    for record in &records {
        futures::executor::block_on(journal.append(record.clone())).expect("there is room");
    }
    let (head, name) = (journal.head(), format!("{:020}.segment", 0));
    let mut segment = std::fs::read(dir.join(name)).expect("the segment is there");
    let used = segment.iter().rposition(|byte| *byte != 0).expect("it has records") + 1;
    segment.truncate(used);
    Genuine { segment, records, checkpoint: CheckpointHead { size: head.size, root: head.root } }
});

/// A journal that does not fill the disk for every input.
pub fn options() -> Options {
    Options { disk: Arc::new(Sparse), ..Options::default() }
}

struct Sparse;

impl Disk for Sparse {
    fn allocate(&self, path: &Path, bytes: u64) -> io::Result<File> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
        file.set_len(bytes)?;
        Ok(file)
    }

    fn write_at(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        file.write_all_at(bytes, offset)
    }

    fn flush(&self, _file: &File) -> io::Result<()> {
        Ok(())
    }
}

/// The segment after edits of four bytes each: a place from the end of the header, what to do there,
/// and a value.
pub fn edited(segment: &[u8], edits: &[u8]) -> Vec<u8> {
    let mut bytes = segment.to_vec();
    for edit in edits.chunks_exact(4).take(64) {
        let place = usize::from(u16::from_le_bytes([edit[0], edit[1]]));
        let (first, last) = (HEADER_BYTES.min(bytes.len()), bytes.len());
        if last == first {
            break;
        }
        let at = first + place % (last - first);
        let (operation, value) = (edit[2] % 6, usize::from(edit[3]));
        let end = (at + value).min(last);
        match operation {
            0 => bytes[at] = edit[3],
            1 => bytes[at] ^= 1 << (value % 8),
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let piece = bytes[at..end].to_vec();
                bytes.extend(piece);
            }
            // The header too, which the other edits leave alone.
            _ => bytes[place % HEADER_BYTES] = edit[3],
        }
    }
    bytes
}

/// Makes the checksum of every frame fit again, as whoever edits a file on purpose would.
pub fn with_checksums(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut at = HEADER_BYTES;
    while let Some(head) = bytes.get(at..at + FRAME_HEAD_BYTES) {
        let length = u32::from_le_bytes(head[..4].try_into().expect("four bytes")) as usize;
        let Some(payload) = bytes.get(at + FRAME_HEAD_BYTES..at + FRAME_HEAD_BYTES + length) else { break };
        let mut crc = crc32fast::Hasher::new();
        crc.update(&head[..CRC_AT]);
        crc.update(payload);
        bytes[at + CRC_AT..at + FRAME_HEAD_BYTES].copy_from_slice(&crc.finalize().to_le_bytes());
        at += FRAME_HEAD_BYTES + length;
    }
    bytes
}

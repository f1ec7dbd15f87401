//! Bytes on disk. All integers are little-endian.
//!
//! Segment header, one block of 4,096 bytes: magic (8), first sequence number (8), chain hash before
//! it (32), number of Merkle roots (1), the roots (32 each), SHA-256 of all that (32), zeros.
//!
//! Frame: payload length (4, never 0), sequence number (8), first sequence number of its batch (8),
//! chain hash (32), CRC-32 of the rest of the frame (4), payload. Zeros follow the last frame.

use crate::merkle::{Frontier, Hash, leaf_hash};
use sha2::{Digest, Sha256};

const MAGIC: &[u8; 8] = b"ANZJRNL2";
pub(crate) const HEADER_BYTES: u64 = 4096;
pub(crate) const FRAME_HEAD_BYTES: usize = 4 + 8 + 8 + 32 + 4;

/// Chain hash before the first record.
pub(crate) const GENESIS: Hash = [0; 32];

/// Where a segment takes up the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub(crate) first_seq: u64,
    pub(crate) chain: Hash,
    pub(crate) frontier: Frontier,
}

impl SegmentHeader {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES as usize);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&self.first_seq.to_le_bytes());
        bytes.extend_from_slice(&self.chain);
        let roots = self.frontier.roots();
        bytes.push(u8::try_from(roots.len()).expect("a size has at most 64 bits"));
        bytes.extend(roots.iter().flatten());
        let digest = Sha256::digest(&bytes);
        bytes.extend_from_slice(&digest);
        bytes.resize(HEADER_BYTES as usize, 0);
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let first_seq = u64::from_le_bytes(take(&mut rest)?);
        let chain = take(&mut rest)?;
        let [count] = take(&mut rest)?;
        let roots: Vec<Hash> = (0..count).map(|_| take(&mut rest)).collect::<Option<_>>()?;
        let signed = bytes.len() - rest.len();
        let digest: Hash = take(&mut rest)?;
        let genuine =
            digest == Hash::from(Sha256::digest(&bytes[..signed])) && rest.iter().all(|byte| *byte == 0);
        let frontier = Frontier::from_parts(first_seq, roots)?;
        genuine.then_some(Self { first_seq, chain, frontier })
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*head)
}

/// A record that is going to be written. Whoever appends it hashes it, many beside each other: the one thread
/// that writes has no more to hash of each than one block.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) payload: Vec<u8>,
    leaf: Hash,
}

impl Record {
    pub(crate) fn new(payload: Vec<u8>) -> Self {
        Self { leaf: leaf_hash(&payload), payload }
    }

    /// Of the Merkle tree.
    pub(crate) fn leaf(&self) -> &Hash {
        &self.leaf
    }
}

/// The part of a frame before its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHead {
    pub(crate) length: u32,
    pub(crate) seq: u64,
    /// Everything before this was durable when the frame was written.
    pub(crate) batch_first: u64,
    pub(crate) chain: Hash,
    crc: u32,
}

impl FrameHead {
    pub(crate) fn new(seq: u64, batch_first: u64, previous: &Hash, record: &Record) -> Self {
        let length = u32::try_from(record.payload.len()).expect("records are limited to far less");
        let chain = chain(previous, seq, record.leaf());
        let mut head = Self { length, seq, batch_first, chain, crc: 0 };
        head.crc = head.checksum(&record.payload);
        head
    }

    pub(crate) fn encode(&self) -> [u8; FRAME_HEAD_BYTES] {
        let mut bytes = [0; FRAME_HEAD_BYTES];
        bytes[..4].copy_from_slice(&self.length.to_le_bytes());
        bytes[4..12].copy_from_slice(&self.seq.to_le_bytes());
        bytes[12..20].copy_from_slice(&self.batch_first.to_le_bytes());
        bytes[20..52].copy_from_slice(&self.chain);
        bytes[52..].copy_from_slice(&self.crc.to_le_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        Some(Self {
            length: u32::from_le_bytes(take(&mut rest)?),
            seq: u64::from_le_bytes(take(&mut rest)?),
            batch_first: u64::from_le_bytes(take(&mut rest)?),
            chain: take(&mut rest)?,
            crc: u32::from_le_bytes(take(&mut rest)?),
        })
    }

    /// Has the frame arrived on disk whole? Says nothing of tampering.
    pub(crate) fn is_whole(&self, payload: &[u8]) -> bool {
        self.crc == self.checksum(payload)
    }

    pub(crate) fn follows(&self, previous: &Hash, leaf: &Hash) -> bool {
        self.chain == chain(previous, self.seq, leaf)
    }

    fn checksum(&self, payload: &[u8]) -> u32 {
        let mut crc = crc32fast::Hasher::new();
        crc.update(&self.encode()[..52]);
        crc.update(payload);
        crc.finalize()
    }
}

/// SHA-256 of the previous hash, the sequence number and the hash of the record.
fn chain(previous: &Hash, seq: u64, leaf: &Hash) -> Hash {
    Sha256::new().chain_update(previous).chain_update(seq.to_le_bytes()).chain_update(leaf).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_and_frame_read_back_and_notice_a_changed_bit() {
        let mut frontier = Frontier::default();
        for leaf in 0u8..7 {
            frontier.push(&leaf_hash(&[leaf]));
        }
        let header = SegmentHeader { first_seq: 7, chain: [5; 32], frontier };
        let bytes = header.encode();
        assert_eq!(bytes.len() as u64, HEADER_BYTES);
        assert_eq!(SegmentHeader::decode(&bytes), Some(header));
        for at in (0..bytes.len()).step_by(13) {
            let mut changed = bytes.clone();
            changed[at] ^= 4;
            assert_eq!(SegmentHeader::decode(&changed), None, "byte {at}");
        }
        let record = Record::new(b"payload".to_vec());
        let head = FrameHead::new(3, 1, &[9; 32], &record);
        assert_eq!(FrameHead::decode(&head.encode()), Some(head));
        assert!(head.is_whole(b"payload") && head.follows(&[9; 32], record.leaf()));
        assert!(
            !head.is_whole(b"Payload") && !head.follows(&[9; 32], Record::new(b"Payload".to_vec()).leaf())
        );
        assert!(!head.follows(&[8; 32], record.leaf()));
    }
}

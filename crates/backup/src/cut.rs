//! Where one chunk ends and the next begins depends on each record alone, not on its neighbours:
//! a record that is added or changed moves the boundaries beside it and no others.

use sha2::{Digest, Sha256};

/// Size of a chunk on average.
const USUAL_BYTES: u64 = 1 << 20;
/// No chunk waits longer for a boundary than this.
const MOST_BYTES: usize = 8 << 20;
const LENGTH_BYTES: usize = 4;

/// The plain content of one chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub bytes: Vec<u8>,
    pub records: u64,
}

/// Gathers records into pieces.
#[derive(Debug, Default)]
pub struct Cutter {
    bytes: Vec<u8>,
    records: u64,
}

impl Cutter {
    /// Adds a record of this key; returns a piece when the record ends one.
    pub fn push(&mut self, key: &[u8], record: &[u8]) -> Option<Piece> {
        let length = u32::try_from(record.len()).expect("a record is far shorter than 4 GiB");
        self.bytes.extend_from_slice(&length.to_le_bytes());
        self.bytes.extend_from_slice(record);
        self.records += 1;
        let ends = ends_piece(key, record.len() + LENGTH_BYTES) || self.bytes.len() >= MOST_BYTES;
        if ends { self.take() } else { None }
    }

    /// What has not come to a boundary, if anything.
    pub fn finish(mut self) -> Option<Piece> {
        self.take()
    }

    fn take(&mut self) -> Option<Piece> {
        let (bytes, records) = (std::mem::take(&mut self.bytes), std::mem::take(&mut self.records));
        (records > 0).then_some(Piece { bytes, records })
    }
}

/// True for a share of all keys that is the record's share of a usual piece.
fn ends_piece(key: &[u8], bytes: usize) -> bool {
    let hash = Sha256::digest(key);
    let drawn = u64::from_be_bytes(hash[..8].try_into().expect("eight of thirty-two bytes"));
    drawn < (u64::MAX / USUAL_BYTES).saturating_mul(bytes as u64)
}

/// The records of a piece in order; `None` in the place of what is no whole record.
pub fn records(mut bytes: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let Some((length, rest)) = bytes.split_first_chunk::<LENGTH_BYTES>() else {
            bytes = &[];
            return Some(None);
        };
        let Some((record, rest)) = rest.split_at_checked(u32::from_le_bytes(*length) as usize) else {
            bytes = &[];
            return Some(None);
        };
        bytes = rest;
        Some(Some(record))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces(keys: impl Iterator<Item = u64>) -> Vec<Piece> {
        let mut cutter = Cutter::default();
        let record = [7; 2_000];
        let mut pieces: Vec<_> = keys
            .filter_map(|key| cutter.push(&key.to_be_bytes(), &[&key.to_be_bytes(), &record[..]].concat()))
            .collect();
        pieces.extend(cutter.finish());
        pieces
    }

    #[test]
    fn pieces_are_of_the_usual_size_and_give_all_records_back() {
        let pieces = pieces(0..20_000);
        assert!((20..70).contains(&pieces.len()), "{}", pieces.len());
        assert!(pieces.iter().all(|piece| piece.bytes.len() < MOST_BYTES + 3_000));
        let keys = pieces
            .iter()
            .flat_map(|piece| records(&piece.bytes))
            .map(|record| u64::from_be_bytes(record.unwrap()[..8].try_into().unwrap()));
        assert!(keys.eq(0..20_000));
        assert_eq!(pieces.iter().map(|piece| piece.records).sum::<u64>(), 20_000);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn an_added_record_changes_two_pieces_at_most(new in 0..6_000u64) {
            let even = pieces((0..6_000).map(|key| key * 2));
            let more = pieces((0..6_000).map(|key| key * 2).chain([new * 2 + 1]).collect::<std::collections::BTreeSet<_>>().into_iter());
            let changed = more.iter().filter(|piece| !even.contains(piece)).count();
            prop_assert!((1..=2).contains(&changed), "{} changed", changed);
        }
    }

    #[test]
    fn a_torn_piece_is_noticed() {
        let piece = pieces(0..3).remove(0);
        let torn = &piece.bytes[..piece.bytes.len() - 1];
        assert!(records(torn).last().unwrap().is_none());
        assert!(records(&[1, 0]).last().unwrap().is_none());
    }
}

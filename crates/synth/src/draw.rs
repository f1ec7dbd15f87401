//! Randomness that is a pure function of the registry's seed and of what is drawn for.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::ops::RangeInclusive;

/// What a random stream is for. Two purposes never share a stream, so that a change in how one thing
/// is drawn does not shift all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Purpose {
    Holder = 1,
    Organisation,
    Employment,
    Portfolio,
    Story,
    Portrait,
    CertificateId,
    HolderId,
    OrganisationId,
    EventId,
    PhotoId,
}

/// The random choices made for one object.
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    pub(crate) fn new(seed: u64, purpose: Purpose, index: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&index.to_le_bytes());
        key[16] = purpose as u8;
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A whole number of the range, each equally likely.
    pub(crate) fn within(&mut self, range: RangeInclusive<i64>) -> i64 {
        self.0.random_range(range)
    }

    /// A number from 0 to `bound` − 1.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0.random_range(0..bound)
    }

    /// True in `thousandths` of a thousand cases.
    pub(crate) fn chance(&mut self, thousandths: u64) -> bool {
        self.below(1000) < thousandths
    }

    pub(crate) fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        self.0.random()
    }
}

/// Entries of which some are drawn more often than others.
#[derive(Debug, Clone)]
pub(crate) struct Weighted<T> {
    entries: Vec<T>,
    /// Sum of the weights up to and including the entry.
    cumulative: Vec<u64>,
}

impl<T> Weighted<T> {
    /// Entries of weight 0 are never drawn; at least one must have a weight.
    pub(crate) fn new(weighted: impl IntoIterator<Item = (T, u64)>) -> Self {
        let mut total = 0;
        let (entries, cumulative): (Vec<T>, Vec<u64>) = weighted
            .into_iter()
            .map(|(entry, weight)| {
                total += weight;
                (entry, total)
            })
            .unzip();
        assert!(total > 0, "a weighted list needs an entry with a weight");
        Self { entries, cumulative }
    }

    pub(crate) fn pick(&self, draw: &mut Draw) -> &T {
        self.at(draw.below(self.total()))
    }

    /// The entry in which a point of the unit interval falls; the point is given in parts of 2^64.
    pub(crate) fn at_fraction(&self, fraction: u64) -> &T {
        self.at(((u128::from(fraction) * u128::from(self.total())) >> 64) as u64)
    }

    #[cfg(test)]
    pub(crate) fn entries(&self) -> &[T] {
        &self.entries
    }

    fn at(&self, position: u64) -> &T {
        &self.entries[self.cumulative.partition_point(|&end| end <= position)]
    }

    fn total(&self) -> u64 {
        self.cumulative.last().copied().unwrap_or_default()
    }
}

/// Points of the unit interval, in parts of 2^64, that fill it evenly from the first to the last
/// (additive recurrence by an irrational step): shares come out right in a small registry too, where
/// independent draws would leave a small province empty.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Spread {
    Province,
    Trade,
}

impl Spread {
    pub(crate) fn point(self, seed: u64, index: u64) -> u64 {
        let step: u64 = match self {
            // 2^64 / golden ratio
            Spread::Province => 0x9E37_79B9_7F4A_7C15,
            // 2^64 × (√2 − 1)
            Spread::Trade => 0x6A09_E667_F3BC_C909,
        };
        index.wrapping_mul(step).wrapping_add(seed.wrapping_mul(0xD134_2543_DE82_EF95))
    }
}

/// Maps indices below `size` one to one onto numbers below `size` in a scattered order, so that
/// numbers are unique without remembering those given out.
pub(crate) fn scattered(seed: u64, index: u64, size: u64) -> u64 {
    // A prime above every `size` used is coprime to it, which makes the map one to one.
    const PRIME: u128 = 1_000_000_000_039;
    debug_assert!(u128::from(size) < PRIME);
    let offset = seed % size;
    ((u128::from(index % size) * PRIME + u128::from(offset)) % u128::from(size)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn scattered_numbers_never_repeat() {
        for size in [7, 1000, 99_991] {
            let seen: HashSet<u64> = (0..size).map(|index| scattered(42, index, size)).collect();
            assert_eq!(seen.len() as u64, size);
        }
    }

    #[test]
    fn a_weighted_list_gives_each_entry_its_share_of_the_interval() {
        let list = Weighted::new([("a", 1), ("never", 0), ("b", 3)]);
        assert_eq!(*list.at_fraction(0), "a");
        assert_eq!(*list.at_fraction(u64::MAX / 4), "a");
        assert_eq!(*list.at_fraction(u64::MAX / 4 + 2), "b");
        assert_eq!(*list.at_fraction(u64::MAX), "b");
    }

    #[test]
    fn a_spread_visits_every_part_of_the_interval_soon() {
        let cells: HashSet<u64> = (0..1200).map(|index| Spread::Province.point(9, index) >> 55).collect();
        assert_eq!(cells.len(), 512);
    }

    #[test]
    fn purposes_and_indices_have_streams_of_their_own() {
        let first = |purpose, index| Draw::new(1, purpose, index).below(u64::MAX);
        assert_eq!(first(Purpose::Holder, 5), first(Purpose::Holder, 5));
        assert_ne!(first(Purpose::Holder, 5), first(Purpose::Holder, 6));
        assert_ne!(first(Purpose::Holder, 5), first(Purpose::Story, 5));
    }
}

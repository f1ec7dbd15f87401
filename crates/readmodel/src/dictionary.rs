//! Names of organisations and issuers, which are public and few: a substring is looked for here and
//! becomes the exact names that hold it.

use memchr::memmem;
use std::collections::{BTreeSet, HashMap};

/// Stands between names; no name holds it.
const SEPARATOR: char = '\n';

/// A pair of characters in more than one of so many names tells nothing (`公司`), unless those are few.
const COMMON: usize = 8;
const FEW: usize = 64;

/// Of longer texts only the beginning is compared: each pair is one scan.
const MOST_PAIRS: usize = 32;

/// A name that is not on disk yet came from a change that the feed has still to bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    InMemory,
    OnDisk,
}

/// A set of distinct names in their search form, with search by substring.
#[derive(Debug, Default)]
pub struct Dictionary {
    /// All names, one after the other: one scan with vector instructions beats an index of n-grams
    /// up to some hundred thousand names.
    text: String,
    /// Every name, and whether it is kept on disk.
    known: HashMap<Box<str>, Kept>,
}

impl Dictionary {
    pub fn insert(&mut self, name: &str, kept: Kept) {
        match self.known.get_mut(name) {
            Some(known) if kept == Kept::OnDisk => *known = kept,
            None if !name.is_empty() => {
                self.known.insert(name.into(), kept);
                self.text.push_str(name);
                self.text.push(SEPARATOR);
            }
            _ => {}
        }
    }

    pub fn keeps(&self, name: &str) -> bool {
        self.known.get(name) == Some(&Kept::OnDisk)
    }

    /// The names that hold the part, each once.
    pub fn containing<'a>(&'a self, part: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let finder = memmem::Finder::new(part).into_owned();
        let mut from = if part.is_empty() { self.text.len() } else { 0 };
        std::iter::from_fn(move || {
            let hit = from + finder.find(&self.text.as_bytes()[from..])?;
            let start = self.text[..hit].rfind(SEPARATOR).map_or(0, |at| at + 1);
            let end = self.text[hit..].find(SEPARATOR).map_or(self.text.len(), |at| hit + at);
            from = end;
            Some(&self.text[start..end])
        })
    }

    /// At most so many names that come near the text, those first that share more with it, in groups
    /// of the same likeness. Shared are pairs of neighbouring characters, of which the rarer says
    /// more; what fewer than a third of the text is shared with is not near.
    pub fn near(&self, text: &str, most: usize) -> Vec<Vec<&str>> {
        let mut names: HashMap<&str, f64> = HashMap::new();
        let mut whole = 0.0;
        for pair in pairs(text).take(MOST_PAIRS).collect::<BTreeSet<_>>() {
            let common = (self.known.len() / COMMON).max(FEW);
            let holding: Vec<&str> = self.containing(pair).take(common + 1).collect();
            if holding.len() > common {
                continue;
            }
            let weight = (self.known.len() as f64 / holding.len().max(1) as f64).ln();
            whole += weight;
            for name in holding {
                *names.entry(name).or_default() += weight;
            }
        }
        let mut names: Vec<(&str, f64)> =
            names.into_iter().filter(|(_, shared)| *shared * 3.0 >= whole).collect();
        names.sort_unstable_by(|(a, a_shared), (b, b_shared)| b_shared.total_cmp(a_shared).then(a.cmp(b)));
        names.truncate(most);
        let alike = names.chunk_by(|(_, one), (_, other)| one.total_cmp(other).is_eq());
        alike.map(|group| group.iter().map(|(name, _)| *name).collect()).collect()
    }
}

/// Every two neighbouring characters.
pub fn pairs(text: &str) -> impl Iterator<Item = &str> {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    text.char_indices().zip(ends.skip(1)).map(|((start, _), end)| &text[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn exactly_the_names_that_hold_the_part_are_found(
            names in prop::collection::vec("[江南化工厂ab]{1,6}", 0..30), part in "[江南化工厂ab]{1,3}",
        ) {
            let mut dictionary = Dictionary::default();
            names.iter().for_each(|name| dictionary.insert(name, Kept::InMemory));
            let mut expected: Vec<&str> = names.iter().map(String::as_str).filter(|n| n.contains(&part)).collect();
            expected.sort_unstable();
            expected.dedup();
            let mut found: Vec<&str> = dictionary.containing(&part).collect();
            found.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }
    #[test]
    fn near_names_share_what_is_rare() {
        let mut dictionary = Dictionary::default();
        let names = [
            "江南化工有限公司",
            "江南机械有限公司",
            "江北化工有限公司",
            "西湖电力有限公司",
            "西湖物流有限公司",
        ];
        names.iter().for_each(|name| dictionary.insert(name, Kept::InMemory));
        assert_eq!(dictionary.near("江南化学厂", 9), [["江南化工有限公司"]]);
        assert_eq!(dictionary.near("西湖化工有限公司", 1), [["江北化工有限公司"]]);
        assert_eq!(dictionary.near("西湖", 9), [["西湖物流有限公司", "西湖电力有限公司"]]);
        assert!(dictionary.near("甲乙有限公司", 9).is_empty());
        assert!(dictionary.near("江", 9).is_empty());
    }

    #[test]
    fn pairs_are_neighbours() {
        assert_eq!(pairs("江南化工").collect::<Vec<_>>(), ["江南", "南化", "化工"]);
        assert_eq!(pairs("江").count(), 0);
    }
}

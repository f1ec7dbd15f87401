//! Names of organisations and issuers, which are public and few: a substring is looked for here and
//! becomes the exact names that hold it.

use memchr::memmem;
use std::collections::HashMap;

/// Stands between names; no name holds it.
const SEPARATOR: char = '\n';

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
    pub fn containing(&self, part: &str) -> Vec<&str> {
        let mut names = Vec::new();
        if part.is_empty() {
            return names;
        }
        let finder = memmem::Finder::new(part);
        let mut from = 0;
        while let Some(hit) = finder.find(&self.text.as_bytes()[from..]) {
            let hit = from + hit;
            let start = self.text[..hit].rfind(SEPARATOR).map_or(0, |at| at + 1);
            let end = self.text[hit..].find(SEPARATOR).map_or(self.text.len(), |at| hit + at);
            names.push(&self.text[start..end]);
            from = end;
        }
        names
    }
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
            let mut found = dictionary.containing(&part);
            found.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }
}

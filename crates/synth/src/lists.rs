//! The word lists shipped with the generator.

use crate::draw::Weighted;
use std::collections::HashMap;

/// Weighted words by the name of their list; see the files in `data/` for the format.
#[derive(Debug, Clone)]
pub(crate) struct Lists(HashMap<&'static str, Weighted<&'static str>>);

impl Lists {
    pub(crate) fn parse(text: &'static str) -> Self {
        let mut lists: HashMap<&str, Vec<(&str, u64)>> = HashMap::new();
        let mut current = "";
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[') {
                current = name.trim_end_matches(']');
                continue;
            }
            let (weight, words) =
                line.split_once(' ').expect("a line of a shipped list is a weight and words");
            let weight = weight.parse().expect("a line of a shipped list begins with its weight");
            lists.entry(current).or_default().extend(words.split_whitespace().map(|word| (word, weight)));
        }
        Self(lists.into_iter().map(|(name, words)| (name, Weighted::new(words))).collect())
    }

    pub(crate) fn names() -> Self {
        Self::parse(include_str!("../data/names.txt"))
    }

    pub(crate) fn organisations() -> Self {
        Self::parse(include_str!("../data/organisations.txt"))
    }

    pub(crate) fn get(&self, list: &str) -> &Weighted<&'static str> {
        self.0.get(list).expect("the shipped files hold every list the generator asks for")
    }
}

use super::{CertificateType, Item};
use crate::text;
use serde::Deserialize;
use std::collections::HashMap;

/// A meaning of a name: a type, and the item where the name tells it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    #[serde(rename = "type")]
    pub type_code: String,
    pub item: Option<String>,
}

/// An entry of `aliases.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AliasEntry {
    pub names: Vec<String>,
    pub candidates: Vec<Candidate>,
}

/// Every name anything goes by, under its comparison key.
#[derive(Debug, Default)]
pub(super) struct Aliases(HashMap<String, Vec<Candidate>>);

impl Aliases {
    /// Everyday names are told first, then the names of types, then those of items and their
    /// groups: what a person decided outranks what a name happens to resemble.
    pub(super) fn new(entries: Vec<AliasEntry>, types: &[CertificateType], items: &[Item]) -> Self {
        let mut aliases = Self::default();
        for entry in entries {
            for name in &entry.names {
                aliases.add(name, &entry.candidates);
            }
        }
        for kind in types {
            let candidate = [Candidate { type_code: kind.code.clone(), item: None }];
            for name in [&kind.code, &kind.names.zh, &kind.names.en, &kind.names.ja, &kind.short_zh] {
                aliases.add(name, &candidate);
            }
        }
        for item in items {
            aliases.add_item(item, types);
        }
        aliases
    }

    pub(super) fn candidates(&self, name: &str) -> &[Candidate] {
        self.0.get(&text::comparison_key(name)).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, name: &str, candidates: &[Candidate]) {
        let known = self.0.entry(text::comparison_key(name)).or_default();
        for candidate in candidates {
            if !known.contains(candidate) {
                known.push(candidate.clone());
            }
        }
    }

    fn add_item(&mut self, item: &Item, types: &[CertificateType]) {
        let holding = types.iter().filter(|kind| kind.accepts_scheme(&item.scheme));
        for kind in holding {
            let exact = [Candidate { type_code: kind.code.clone(), item: Some(item.code.clone()) }];
            for name in [&item.code, &item.names.zh, &item.names.en, &item.names.ja] {
                self.add(name, &exact);
            }
            // Rosters leave the word "work" out: 低压电工 for 低压电工作业.
            if let Some(stem) = item.names.zh.strip_suffix("作业") {
                self.add(stem, &exact);
            }
            self.add(&item.group_names.zh, &[Candidate { type_code: kind.code.clone(), item: None }]);
        }
    }
}

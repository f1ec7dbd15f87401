//! Keyed indexes: the same text always gives the same value, and nobody without the key can tell
//! which text it was. An ID number has too little entropy for an unkeyed hash.

use crate::secrets::Secret;
use hmac::{Hmac, Mac};
use parking_lot::RwLock;
use sha2::Sha256;
use std::collections::HashMap;

type HmacSha256 = Hmac<Sha256>;

/// Where a keyed hash is kept. A column and a search field of one name have different keys, so that
/// nobody can join the tables with the search index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Purpose {
    Column(&'static str),
    SearchField(&'static str),
}

impl Purpose {
    fn label(self) -> (&'static [u8], &'static str) {
        match self {
            Purpose::Column(name) => (b"", name),
            Purpose::SearchField(name) => (b"search field\0", name),
        }
    }
}

/// HMAC states by purpose, each with a key of its own derived from the root.
pub(crate) struct KeyedIndex {
    root: HmacSha256,
    purposes: RwLock<HashMap<Purpose, HmacSha256>>,
}

impl KeyedIndex {
    pub(crate) fn new(root: &Secret) -> Self {
        Self { root: mac(&root.0), purposes: RwLock::default() }
    }

    /// The keyed hash of a text for one purpose.
    pub(crate) fn hash(&self, purpose: Purpose, text: &str) -> [u8; 32] {
        let mut state = self.state(purpose);
        state.update(text.as_bytes());
        state.finalize().into_bytes().into()
    }

    fn state(&self, purpose: Purpose) -> HmacSha256 {
        if let Some(state) = self.purposes.read().get(&purpose) {
            return state.clone();
        }
        let mut derived = self.root.clone();
        let (space, name) = purpose.label();
        derived.update(space);
        derived.update(name.as_bytes());
        let state = mac(&derived.finalize().into_bytes().into());
        self.purposes.write().entry(purpose).or_insert(state).clone()
    }
}

fn mac(key: &[u8; 32]) -> HmacSha256 {
    HmacSha256::new_from_slice(key).expect("HMAC takes a key of any length")
}

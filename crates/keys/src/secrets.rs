use crate::{NoRandomness, random};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A 256-bit secret, wiped when dropped and never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Secret(pub(crate) [u8; 32]);

impl Secret {
    pub(crate) fn generate() -> Result<Self, NoRandomness> {
        random().map(Self)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut text = String::deserialize(deserializer)?;
        let bytes = BASE64_STANDARD.decode(&text);
        text.zeroize();
        let bytes = bytes.map_err(|_| serde::de::Error::custom("a key is not base64"))?;
        bytes.try_into().map(Self).map_err(|_| serde::de::Error::custom("a key has the wrong length"))
    }
}

/// One generation of the key that seals data.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct DataKey {
    pub(crate) id: u32,
    pub(crate) key: Secret,
}

/// Everything the key ring keeps.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secrets {
    /// Oldest first; the last one seals, all of them open.
    pub(crate) data_keys: Vec<DataKey>,
    /// Root of the keyed indexes. It does not rotate with the data keys: every index value would
    /// have to be made anew.
    pub(crate) index_root: Secret,
    pub(crate) signing_seed: Secret,
}

impl Secrets {
    pub(crate) fn generate() -> Result<Self, NoRandomness> {
        Ok(Self {
            data_keys: vec![DataKey { id: 1, key: Secret::generate()? }],
            index_root: Secret::generate()?,
            signing_seed: Secret::generate()?,
        })
    }
}

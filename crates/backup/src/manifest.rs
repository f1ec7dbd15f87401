//! The signed list of what one backup consists of. It holds counts and names of tables and chunks,
//! nothing of what is in them, so that it can be read without opening a seal.

use crate::error::{Error, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use keys::KeyRing;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Version of manifests and chunks.
pub const FORMAT: u32 = 1;

/// The first line of the file: what it is, of which format, and the signature of the rest. The
/// other papers that the ring signs begin with other words.
const TITLE: &str = "anzheng backup";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Sorts by time.
    pub id: String,
    pub made_at: DateTime<Utc>,
    /// Version of the program that made it.
    pub program: String,
    /// All keys of the ring up to this one are needed.
    pub newest_key: u32,
    pub parts: Vec<Part>,
    /// What whoever made the backup says of its content.
    pub about: serde_json::Value,
}

/// Records of one kind, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub name: String,
    pub records: u64,
    pub chunks: Vec<ChunkRef>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkRef {
    pub name: String,
    pub records: u64,
    /// Size as stored.
    pub bytes: u64,
}

impl Manifest {
    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }

    pub fn chunks(&self) -> impl Iterator<Item = &ChunkRef> {
        self.parts.iter().flat_map(|part| &part.chunks)
    }

    /// Size of everything as stored.
    pub fn bytes(&self) -> u64 {
        self.chunks().map(|chunk| chunk.bytes).sum()
    }

    /// What [`Manifest::about`] holds, as whoever made it knows it.
    pub fn about<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_value(self.about.clone()).map_err(|_| Error::FormatNewer)
    }

    pub(crate) fn sign(&self, keys: &KeyRing) -> Result<Vec<u8>> {
        let body = serde_json::to_vec(self).map_err(Error::unavailable)?;
        let signature = keys.signer().sign(&signed(FORMAT, &body));
        let mut file = format!("{TITLE} {FORMAT} {}\n", BASE64_STANDARD.encode(signature)).into_bytes();
        file.extend_from_slice(&body);
        Ok(file)
    }

    /// The manifest `id` is to be, if the ring's own key signed it.
    pub(crate) fn open(id: &str, file: &[u8], keys: &KeyRing) -> Result<Self> {
        let (format, signature, body) = split(file).ok_or(Error::SignatureInvalid)?;
        if format > FORMAT {
            return Err(Error::FormatNewer);
        }
        if !keys.signer().public_key().verifies(&signed(format, body), &signature) {
            return Err(Error::SignatureInvalid);
        }
        let manifest: Self = serde_json::from_slice(body).map_err(|_| Error::FormatNewer)?;
        // Under another name, an old backup would pass for the newest.
        if manifest.id != id {
            return Err(Error::SignatureInvalid);
        }
        let (needed, newest) = (manifest.newest_key, keys.current_key_id());
        if needed > newest { Err(Error::KeyMissing { needed, newest }) } else { Ok(manifest) }
    }
}

fn signed(format: u32, body: &[u8]) -> Vec<u8> {
    [format!("{TITLE} {format}\n").as_bytes(), body].concat()
}

fn split(file: &[u8]) -> Option<(u32, [u8; 64], &[u8])> {
    let end = file.iter().position(|byte| *byte == b'\n')?;
    let line = std::str::from_utf8(&file[..end]).ok()?;
    let (format, signature) = line.strip_prefix(TITLE)?.strip_prefix(' ')?.split_once(' ')?;
    let signature = BASE64_STANDARD.decode(signature).ok()?.try_into().ok()?;
    Some((format.parse().ok()?, signature, &file[end + 1..]))
}

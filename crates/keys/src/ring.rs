use crate::{
    file::{KeyFileError, Location},
    index::{KeyedIndex, Purpose},
    secrets::{DataKey, Secret, Secrets},
    signer::Signer,
};
use arc_swap::ArcSwap;
use aws_lc_rs::aead::{AES_256_GCM, Aad as AeadAad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use parking_lot::Mutex;
use std::{cell::RefCell, path::Path, sync::Arc};

/// Names the algorithm in each sealed value, so that values sealed under another one can be told
/// apart. 2 is kept for SM4-GCM.
const ALGORITHM_AES_256_GCM: u8 = 1;
const HEADER_LEN: usize = 1 + 4;

/// What a sealed value belongs to; opening it for anything else fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aad<'a> {
    pub table: &'a str,
    pub id: [u8; 16],
    pub version: u64,
}

/// Why a sealed value cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("the key that sealed this is not in the key ring")]
    UnknownKey,
    #[error("this was altered, or belongs somewhere else")]
    Damaged,
}

/// All keys of an installation. Cheap to clone; clones share rotations.
#[derive(Clone)]
pub struct KeyRing(Arc<Inner>);

struct Inner {
    data_keys: ArcSwap<Vec<(u32, LessSafeKey)>>,
    index: KeyedIndex,
    signer: Signer,
    /// Taken while rotating; holds what is on disk.
    secrets: Mutex<Secrets>,
    location: Option<Location>,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing").field("current", &self.current_key_id()).finish_non_exhaustive()
    }
}

impl KeyRing {
    /// Opens the ring in `dir`, making ring and master key where there are none yet.
    pub fn open_or_create(dir: &Path, master: &Path) -> Result<Self, KeyFileError> {
        let location = Location { ring: dir.join("keyring"), master: master.to_owned() };
        let alone = location.lock()?;
        if !location.exists() {
            location.create_master()?;
            location.save(&Secrets::generate()?)?;
        }
        drop(alone);
        Self::load(location)
    }

    /// Opens a ring that must be there.
    pub fn open_existing(dir: &Path, master: &Path) -> Result<Self, KeyFileError> {
        Self::load(Location { ring: dir.join("keyring"), master: master.to_owned() })
    }

    /// A ring that is nowhere on disk; the same seed gives the same keys.
    pub fn in_memory(seed: [u8; 32]) -> Self {
        let derive = KeyedIndex::new(&Secret(seed));
        let secret = |name| Secret(derive.hash(Purpose::Column(name), ""));
        let secrets = Secrets {
            data_keys: vec![DataKey { id: 1, key: secret("data") }],
            index_root: secret("index"),
            signing_seed: secret("signing"),
        };
        Self::from_secrets(secrets, None)
    }

    fn load(location: Location) -> Result<Self, KeyFileError> {
        Ok(Self::from_secrets(location.load()?, Some(location)))
    }

    fn from_secrets(secrets: Secrets, location: Option<Location>) -> Self {
        Self(Arc::new(Inner {
            data_keys: ArcSwap::from_pointee(data_keys(&secrets)),
            index: KeyedIndex::new(&secrets.index_root),
            signer: Signer::new(&secrets.signing_seed),
            secrets: Mutex::new(secrets),
            location,
        }))
    }

    /// Seals under the current key: algorithm (1 byte), key id (4), nonce (12), ciphertext, tag (16).
    pub fn seal(&self, aad: Aad<'_>, plain: &[u8]) -> Vec<u8> {
        let keys = self.0.data_keys.load();
        let (id, key) = keys.last().expect("a ring has at least one key");
        let sealed = seal_with(key, &aad_bytes(aad), plain);
        let mut out = Vec::with_capacity(HEADER_LEN + sealed.len());
        out.push(ALGORITHM_AES_256_GCM);
        out.extend_from_slice(&id.to_be_bytes());
        out.extend_from_slice(&sealed);
        out
    }

    /// Opens what [`KeyRing::seal`] sealed for the same place.
    pub fn open(&self, aad: Aad<'_>, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let id = key_id(sealed).ok_or(OpenError::Damaged)?;
        let mut keys = self.0.data_keys.load();
        if !keys.iter().any(|(known, _)| *known == id) && self.refresh().is_ok_and(|renewed| renewed) {
            keys = self.0.data_keys.load();
        }
        let (_, key) = keys.iter().rfind(|(known, _)| *known == id).ok_or(OpenError::UnknownKey)?;
        unseal_with(key, &aad_bytes(aad), &sealed[HEADER_LEN..]).ok_or(OpenError::Damaged)
    }

    /// Takes in what another process has added to the ring on disk; tells whether there was
    /// anything. A ring that is nowhere on disk has nothing to take in.
    pub fn refresh(&self) -> Result<bool, KeyFileError> {
        let Some(location) = &self.0.location else { return Ok(false) };
        let mut secrets = self.0.secrets.lock();
        let on_disk = location.load()?;
        let renewed = on_disk.data_keys.len() > secrets.data_keys.len();
        if renewed {
            self.0.data_keys.store(Arc::new(data_keys(&on_disk)));
            *secrets = on_disk;
        }
        Ok(renewed)
    }

    /// Was this sealed under the current key?
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        key_id(sealed) == Some(self.current_key_id())
    }

    pub fn current_key_id(&self) -> u32 {
        self.0.data_keys.load().last().map_or(0, |(id, _)| *id)
    }

    /// Makes a new current key while the ring is in use. Older keys go on opening what they sealed.
    /// The new key is on disk before it seals anything, and joins those that another process may
    /// have added since this ring was opened.
    pub fn rotate(&self) -> Result<u32, KeyFileError> {
        let mut secrets = self.0.secrets.lock();
        let alone = self.0.location.as_ref().map(Location::lock).transpose()?;
        let mut next = match &self.0.location {
            Some(location) => location.load()?,
            None => secrets.clone(),
        };
        let id = next.data_keys.last().map_or(1, |newest| newest.id + 1);
        next.data_keys.push(DataKey { id, key: Secret::generate()? });
        if let Some(location) = &self.0.location {
            location.save(&next)?;
        }
        drop(alone);
        self.0.data_keys.store(Arc::new(data_keys(&next)));
        *secrets = next;
        Ok(id)
    }

    /// Blind index of a value in a column: equal values are found, nothing else is learnt.
    pub fn blind(&self, column: &'static str, value: &str) -> [u8; 16] {
        let hash = self.0.index.hash(Purpose::Column(column), value);
        hash[..16].try_into().expect("sixteen of thirty-two bytes")
    }

    /// Token of a text in a search index. 64 bits: a chance match among ten million is checked
    /// against the record it leads to.
    pub fn token(&self, field: &'static str, text: &str) -> u64 {
        let hash = self.0.index.hash(Purpose::SearchField(field), text);
        u64::from_be_bytes(hash[..8].try_into().expect("eight of thirty-two bytes"))
    }

    /// What kind of key store this is, for the status page.
    pub const fn describe(&self) -> &'static str {
        "software key store, not an HSM"
    }

    pub fn signer(&self) -> &Signer {
        &self.0.signer
    }
}

fn data_keys(secrets: &Secrets) -> Vec<(u32, LessSafeKey)> {
    let aead = |key: &Secret| {
        UnboundKey::new(&AES_256_GCM, &key.0).expect("the key has the length of the algorithm")
    };
    secrets.data_keys.iter().map(|data_key| (data_key.id, LessSafeKey::new(aead(&data_key.key)))).collect()
}

fn key_id(sealed: &[u8]) -> Option<u32> {
    let (algorithm, rest) = sealed.split_first()?;
    let id = rest.first_chunk::<4>()?;
    (*algorithm == ALGORITHM_AES_256_GCM).then(|| u32::from_be_bytes(*id))
}

/// Length-prefixed, so that no two places share their bytes.
fn aad_bytes(aad: Aad<'_>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(4 + aad.table.len() + 16 + 8);
    bytes.extend_from_slice(&(aad.table.len() as u32).to_be_bytes());
    bytes.extend_from_slice(aad.table.as_bytes());
    bytes.extend_from_slice(&aad.id);
    bytes.extend_from_slice(&aad.version.to_be_bytes());
    bytes
}

/// Random nonces, drawn many at a time: drawing a single one takes longer than sealing a short text.
struct Nonces {
    drawn: [u8; NONCE_LEN * NONCES_DRAWN],
    left: usize,
}

const NONCES_DRAWN: usize = 64;

thread_local! {
    static NONCES: RefCell<Nonces> = const { RefCell::new(Nonces { drawn: [0; NONCE_LEN * NONCES_DRAWN], left: 0 }) };
}

impl Nonces {
    fn next(&mut self) -> [u8; NONCE_LEN] {
        if self.left == 0 {
            self.drawn = crate::random().expect("without randomness nothing may be sealed");
            self.left = NONCES_DRAWN;
        }
        self.left -= 1;
        let (nonces, _) = self.drawn.as_chunks();
        nonces[self.left]
    }
}

/// Nonce, ciphertext and tag. Nonces are random: a key has to be rotated before 2^32 values.
pub(crate) fn seal_with(key: &LessSafeKey, aad: &[u8], plain: &[u8]) -> Vec<u8> {
    let nonce = NONCES.with_borrow_mut(Nonces::next);
    let mut out = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
    out.extend_from_slice(&nonce);
    out.extend_from_slice(plain);
    let tag = key
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            AeadAad::from(aad),
            &mut out[NONCE_LEN..],
        )
        .expect("the text is shorter than the algorithm's limit of 64 GiB");
    out.extend_from_slice(tag.as_ref());
    out
}

pub(crate) fn unseal_with(key: &LessSafeKey, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
    let mut plain = sealed.to_vec();
    let length =
        key.open_in_place(Nonce::assume_unique_for_key(*nonce), AeadAad::from(aad), &mut plain).ok()?.len();
    plain.truncate(length);
    Some(plain)
}

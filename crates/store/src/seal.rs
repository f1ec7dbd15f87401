//! Rows that cannot be edited, swapped or forged in SQL unnoticed. The seal of a row holds a
//! digest of its clear columns before its secret part, and is bound to table, id and version.

use crate::error::{Error, Result};
use keys::{Aad, KeyRing, OpenError};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

const DIGEST_LEN: usize = 32;

/// Where a seal belongs.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub table: &'static str,
    pub id: Uuid,
    pub version: i64,
}

impl Place {
    fn aad(&self) -> Aad<'static> {
        Aad { table: self.table, id: self.id.into_bytes(), version: self.version as u64 }
    }

    fn corrupt(&self) -> Error {
        Error::corrupt(self.table, self.id)
    }
}

pub(crate) fn seal(keys: &KeyRing, place: Place, clear: &impl Serialize, secret: &[u8]) -> Result<Vec<u8>> {
    let mut plain = Vec::with_capacity(DIGEST_LEN + secret.len());
    plain.extend_from_slice(&digest(clear)?);
    plain.extend_from_slice(secret);
    Ok(keys.seal(place.aad(), &plain))
}

/// The secret part, if the seal is genuine and the clear columns are those it was made for.
pub(crate) fn open(keys: &KeyRing, place: Place, clear: &impl Serialize, sealed: &[u8]) -> Result<Vec<u8>> {
    let mut plain = keys.open(place.aad(), sealed).map_err(|error| match error {
        OpenError::UnknownKey => Error::Other(Box::new(error)),
        OpenError::Damaged => place.corrupt(),
    })?;
    if plain.len() < DIGEST_LEN || plain[..DIGEST_LEN] != digest(clear)? {
        return Err(place.corrupt());
    }
    Ok(plain.split_off(DIGEST_LEN))
}

/// Serialises a secret part.
pub(crate) fn encode(secret: &impl Serialize) -> Result<Vec<u8>> {
    postcard::to_stdvec(secret).map_err(|_| Error::other("a row cannot be serialised"))
}

pub(crate) fn decode<T: serde::de::DeserializeOwned>(place: Place, secret: &[u8]) -> Result<T> {
    postcard::from_bytes(secret).map_err(|_| place.corrupt())
}

fn digest(clear: &impl Serialize) -> Result<[u8; DIGEST_LEN]> {
    Ok(Sha256::digest(encode(clear)?).into())
}

//! A chunk: packed (zstd), sealed (AES-256-GCM by the key ring), and named by a keyed digest of its
//! plain content, so that a name tells those without the keys nothing.

use crate::{
    error::{Error, Result},
    manifest::FORMAT,
};
use keys::{Aad, KeyRing, OpenError};
use sha2::{Digest, Sha256};

const PURPOSE: &str = "backup_chunk";
/// Fast; stronger levels save little of what is mostly sealed already.
const LEVEL: i32 = 1;
/// More than a piece can ever hold: a forged length must not fill the memory.
const MOST_PLAIN_BYTES: usize = 1 << 30;

/// Equal content has equal names, also after a rotation of the keys.
pub(crate) fn name(keys: &KeyRing, plain: &[u8]) -> String {
    hex::encode(keys.blind(PURPOSE, &hex::encode(Sha256::digest(plain))))
}

pub(crate) fn seal(keys: &KeyRing, name: &str, plain: &[u8]) -> Result<Vec<u8>> {
    let packed = zstd::bulk::compress(plain, LEVEL).map_err(Error::unavailable)?;
    let length = u32::try_from(plain.len()).expect("a piece is far shorter than 4 GiB");
    let content = [&length.to_le_bytes()[..], &packed].concat();
    Ok(keys.seal(aad(name).ok_or_else(|| damaged(name))?, &content))
}

/// The plain content, if it is what the name says.
pub(crate) fn open(keys: &KeyRing, chunk: &str, sealed: &[u8]) -> Result<Vec<u8>> {
    let content =
        keys.open(aad(chunk).ok_or_else(|| damaged(chunk))?, sealed).map_err(|error| match error {
            OpenError::UnknownKey => {
                let newest = keys.current_key_id();
                Error::KeyMissing { needed: newest + 1, newest }
            }
            OpenError::Damaged => damaged(chunk),
        })?;
    let (length, packed) = content.split_first_chunk::<4>().ok_or_else(|| damaged(chunk))?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > MOST_PLAIN_BYTES {
        return Err(damaged(chunk));
    }
    let plain = zstd::bulk::decompress(packed, length).map_err(|_| damaged(chunk))?;
    if name(keys, &plain) == chunk { Ok(plain) } else { Err(damaged(chunk)) }
}

fn aad(name: &str) -> Option<Aad<'static>> {
    let id = hex::decode(name).ok()?.try_into().ok()?;
    Some(Aad { table: PURPOSE, id, version: u64::from(FORMAT) })
}

fn damaged(chunk: &str) -> Error {
    Error::ChunkDamaged(chunk.to_owned())
}

//! Rows that cannot be edited, swapped or forged in SQL unnoticed. The seal of a row holds a
//! digest of its clear columns before its secret part, and is bound to table, id and version.

use crate::{
    error::{Error, Result},
    rows::{
        account, approval, attachment, attachment_part, credential, holder, organisation, photo, session,
        temporary_grant,
    },
};
use keys::{Aad, KeyRing, OpenError};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

const DIGEST_LEN: usize = 32;

/// What lies under one seal. Serialised, it is the clear columns that the seal vouches for.
pub(crate) trait SealedRow: Serialize {
    fn table(&self) -> &'static str;
    fn id(&self) -> Uuid;
    /// Tells the rows of one identifier apart.
    fn version(&self) -> i64;
    fn sealed(&self) -> &[u8];
    fn set_sealed(&mut self, sealed: Vec<u8>);
}

macro_rules! sealed_rows {
    ($($table:ident: $id:ident, $version:expr;)*) => {$(
        impl SealedRow for $table::Model {
            fn table(&self) -> &'static str {
                stringify!($table)
            }

            fn id(&self) -> Uuid {
                self.$id
            }

            fn version(&self) -> i64 {
                let version: fn(&$table::Model) -> i64 = $version;
                version(self)
            }

            fn sealed(&self) -> &[u8] {
                &self.sealed
            }

            fn set_sealed(&mut self, sealed: Vec<u8>) {
                self.sealed = sealed;
            }
        }
    )*};
}

sealed_rows! {
    holder: id, |row| row.version;
    organisation: id, |row| row.version;
    photo: id, |_| 1;
    attachment: id, |_| 1;
    attachment_part: attachment_id, |row| i64::from(row.ordinal);
    account: id, |row| row.version;
    session: id, |_| 1;
    credential: id, |row| row.version;
    temporary_grant: id, |_| 1;
    approval: id, |row| row.version;
}

/// Seals the row as it is now, with a secret part.
pub(crate) fn seal(keys: &KeyRing, row: &mut impl SealedRow, secret: &[u8]) -> Result<()> {
    let mut plain = Vec::with_capacity(DIGEST_LEN + secret.len());
    plain.extend_from_slice(&digest(row)?);
    plain.extend_from_slice(secret);
    let sealed = keys.seal(aad(row), &plain);
    row.set_sealed(sealed);
    Ok(())
}

/// The secret part, if the seal is genuine and the clear columns are those it was made for.
pub(crate) fn open(keys: &KeyRing, row: &impl SealedRow) -> Result<Vec<u8>> {
    let mut plain = keys.open(aad(row), row.sealed()).map_err(|error| match error {
        OpenError::UnknownKey => Error::Other(Box::new(error)),
        OpenError::Damaged => corrupt(row),
    })?;
    if plain.len() < DIGEST_LEN || plain[..DIGEST_LEN] != digest(row)? {
        return Err(corrupt(row));
    }
    Ok(plain.split_off(DIGEST_LEN))
}

/// Serialises a secret part.
pub(crate) fn encode(secret: &impl Serialize) -> Result<Vec<u8>> {
    postcard::to_stdvec(secret).map_err(|_| Error::other("a row cannot be serialised"))
}

pub(crate) fn decode<T: serde::de::DeserializeOwned>(row: &impl SealedRow, secret: &[u8]) -> Result<T> {
    postcard::from_bytes(secret).map_err(|_| corrupt(row))
}

fn aad(row: &impl SealedRow) -> Aad<'static> {
    Aad { table: row.table(), id: row.id().into_bytes(), version: row.version() as u64 }
}

fn corrupt(row: &impl SealedRow) -> Error {
    Error::corrupt(row.table(), row.id())
}

fn digest(clear: &impl Serialize) -> Result<[u8; DIGEST_LEN]> {
    Ok(Sha256::digest(encode(clear)?).into())
}

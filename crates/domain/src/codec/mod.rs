//! Bytes for certificates: the whole record for the read model, which seals it; nothing here is meant
//! for a wire.
//!
//! The first byte is the version of the layout. The mirror types are private, so that the only way
//! from a certificate to bytes is through this room.

mod mirror;

use crate::{access::Placement, certificate::Certificate, mask::Clues};
use mirror::CertificateV1;
use serde::{Deserialize, Serialize};

const VERSION: u8 = 1;

/// The bytes are no certificate. Never holds any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    #[error("the record is empty")]
    Empty,
    #[error("the record has the unknown layout version {0}")]
    Version(u8),
    #[error("the record is damaged")]
    Damaged,
}

pub fn encode(certificate: &Certificate) -> Vec<u8> {
    to_bytes(&CertificateV1::from(certificate))
}

pub fn decode(bytes: &[u8]) -> Result<Certificate, CodecError> {
    Certificate::try_from(from_bytes::<CertificateV1>(bytes)?)
}

/// No more of a certificate than its [`Clues`], at a third of the cost. `None` where the place that it
/// belongs to is not admitted.
pub fn decode_clues(
    bytes: &[u8],
    admits: impl FnOnce(Placement<'_>) -> bool,
) -> Result<Option<Clues>, CodecError> {
    let mirror = from_bytes::<CertificateV1>(bytes)?;
    admits(mirror.placement()).then(|| mirror.clues()).transpose()
}

fn to_bytes(value: &impl Serialize) -> Vec<u8> {
    postcard::to_extend(value, vec![VERSION]).expect("a vector takes any bytes and the types have no maps")
}

/// Strict: bytes left over are damage.
fn from_bytes<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, CodecError> {
    let (version, rest) = bytes.split_first().ok_or(CodecError::Empty)?;
    if *version != VERSION {
        return Err(CodecError::Version(*version));
    }
    match postcard::take_from_bytes(rest) {
        Ok((value, [])) => Ok(value),
        _ => Err(CodecError::Damaged),
    }
}

#[cfg(test)]
mod tests;

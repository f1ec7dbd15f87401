//! Keys and what is done with them: personal fields are sealed (AES-256-GCM), found again through
//! keyed indexes (HMAC-SHA-256), and what has to convince outsiders is signed (Ed25519).
//!
//! This is a software key store. It is not an HSM and not a certified cryptographic module.

mod file;
mod index;
mod ring;
mod secrets;
mod signer;

pub use file::{KeyFileError, write_secret};
pub use ring::{Aad, KeyRing, OpenError};
pub use signer::{PublicKey, Signer};

/// The operating system gave no randomness; nothing that needs it may go on.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no randomness")]
pub struct NoRandomness;

/// Random bytes of the operating system.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

use crate::secrets::Secret;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

/// Signs with the registry's Ed25519 key (RFC 8032).
#[derive(Clone)]
pub struct Signer(SigningKey);

// A private key must not reach a log.
impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("public", &self.public_key()).finish_non_exhaustive()
    }
}

/// What outsiders need to check a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(pub [u8; 32]);

impl Signer {
    pub(crate) fn new(seed: &Secret) -> Self {
        Self(SigningKey::from_bytes(&seed.0))
    }

    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }
}

impl PublicKey {
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
    }
}

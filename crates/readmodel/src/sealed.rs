//! How a certificate lies in the records: version (8 bytes), whether its holder's certificates are harmless
//! (1), and the certificate, sealed for just that.

use crate::{Error, error::Result};
use domain::{access::Placement, certificate::Certificate, codec, ids::CertificateId, mask::Clues};
use keys::{Aad, KeyRing};

/// A record that has not been opened.
#[derive(Clone, Copy)]
pub struct Sealed<'a> {
    pub id: CertificateId,
    stored: &'a [u8],
    keys: &'a KeyRing,
}

impl<'a> Sealed<'a> {
    pub fn new(id: CertificateId, stored: &'a [u8], keys: &'a KeyRing) -> Self {
        Self { id, stored, keys }
    }

    /// Is nothing to be feared from what this holder's certificates show together
    /// ([`domain::mask::is_harmless`])? Then this one can be shown without a look at the others. Said of one it
    /// holds of all that the holder has; where it is not said it may hold all the same. To be believed once the
    /// record has been opened.
    pub fn is_harmless(&self) -> bool {
        self.stored.get(VERSION_BYTES) == Some(&HARMLESS)
    }

    /// # Errors
    /// [`Error::Damaged`] where the record is not as it was sealed.
    pub fn open(&self) -> Result<Certificate> {
        codec::decode(&self.plain()?).map_err(|_| Error::Damaged)
    }

    /// # Errors
    /// As [`Sealed::open`].
    pub fn check(&self) -> Result<()> {
        self.plain().map(drop)
    }

    /// As [`codec::decode_clues`].
    pub fn clues(&self, admits: impl FnOnce(Placement<'_>) -> bool) -> Result<Option<Clues>> {
        codec::decode_clues(&self.plain()?, admits).map_err(|_| Error::Damaged)
    }

    /// The same record of a person whose certificates are harmless no more.
    pub fn cautious(&self) -> Result<Vec<u8>> {
        let (version, _) = self.stored.split_first_chunk().ok_or(Error::Damaged)?;
        Ok(seal(self.keys, self.id, u64::from_be_bytes(*version), false, &self.plain()?))
    }

    fn plain(&self) -> Result<Vec<u8>> {
        let (version, rest) = self.stored.split_first_chunk().ok_or(Error::Damaged)?;
        let (_, sealed) = rest.split_first().ok_or(Error::Damaged)?;
        let aad = aad(self.id, u64::from_be_bytes(*version), self.is_harmless());
        self.keys.open(aad, sealed).map_err(|_| Error::Damaged)
    }
}

/// As it is stored.
pub fn sealed(keys: &KeyRing, certificate: &Certificate, harmless: bool) -> Vec<u8> {
    seal(keys, certificate.id, certificate.version, harmless, &codec::encode(certificate))
}

const VERSION_BYTES: usize = 8;
const HARMLESS: u8 = 1;

fn seal(keys: &KeyRing, id: CertificateId, version: u64, harmless: bool, plain: &[u8]) -> Vec<u8> {
    let mut stored = version.to_be_bytes().to_vec();
    stored.push(if harmless { HARMLESS } else { 0 });
    stored.extend(keys.seal(aad(id, version, harmless), plain));
    stored
}

/// Whoever changes the byte has changed what the seal is for.
fn aad(id: CertificateId, version: u64, harmless: bool) -> Aad<'static> {
    let table = if harmless { "readmodel_harmless" } else { "readmodel" };
    Aad { table, id: *id.uuid().as_bytes(), version }
}

//! Opaque identifiers: UUIDv7 values printed with a prefix that names what they point at
//! (`cert_0192…`), so that an identifier in a log or a URL says what it is and carries no meaning.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// The text is not an identifier of the expected kind.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an identifier of the form {prefix}_…")]
pub struct ParseIdError {
    prefix: &'static str,
}

/// Length of the longest spelling, in bytes.
const LONGEST: usize = 7 + 32;

/// Every answer and every record of the audit spells several: without the formatting machinery.
fn spell<'a>(prefix: &str, id: Uuid, buffer: &'a mut [u8; LONGEST]) -> &'a str {
    let (head, tail) = buffer.split_at_mut(prefix.len());
    head.copy_from_slice(prefix.as_bytes());
    let end = prefix.len() + id.simple().encode_lower(tail).len();
    std::str::from_utf8(&buffer[..end]).expect("a prefix and hexadecimal digits")
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The printed prefix, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(spell(concat!($prefix, "_"), self.0, &mut [0; LONGEST]))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let error = ParseIdError { prefix: $prefix };
                let Some(hex) = text.strip_prefix(concat!($prefix, "_")) else {
                    return Err(error);
                };
                let uuid = Uuid::try_parse(hex).map_err(|_| ParseIdError { prefix: $prefix })?;
                let id = Self(uuid);
                // Strict: one identifier has one spelling.
                if id.to_string() == text { Ok(id) } else { Err(error) }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.serialize_str(spell(concat!($prefix, "_"), self.0, &mut [0; LONGEST]))
                } else {
                    self.0.serialize(serializer)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = String::deserialize(deserializer)?;
                    text.parse().map_err(serde::de::Error::custom)
                } else {
                    Uuid::deserialize(deserializer).map(Self)
                }
            }
        }
    };
}

identifier!(
    /// One certificate: one type, number, item and date of issue.
    CertificateId, "cert");
identifier!(
    /// One person who holds certificates.
    HolderId, "holder");
identifier!(
    /// One organisation that employs holders.
    OrganisationId, "org");
identifier!(
    /// One lifecycle event of a certificate.
    EventId, "event");
identifier!(
    /// One account that can sign in. Never reused.
    AccountId, "acct");
identifier!(
    /// One signed-in session. Not the secret token.
    SessionId, "sess");
identifier!(
    /// One thing an account proves itself with: an authenticator, a passkey, a telephone, a known device.
    CredentialId, "cred");
identifier!(
    /// One import of a roster file.
    ImportId, "import");
identifier!(
    /// One request that a second person has to decide.
    ApprovalId, "appr");
identifier!(
    /// One call, from any channel; the same in answer, audit and log.
    RequestId, "req");
identifier!(
    /// One stored photo.
    PhotoId, "photo");
identifier!(
    /// One picture or print that belongs to a certificate.
    AttachmentId, "file");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_reads_back_and_has_one_spelling() {
        let id = CertificateId::from_uuid(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.to_string().to_uppercase().parse::<CertificateId>().is_err());
        assert!(id.to_string().replace("cert", "org").parse::<CertificateId>().is_err());
        assert!(format!("cert_{}", id.uuid()).parse::<CertificateId>().is_err());
    }
}

//! The personal fields as they lie inside a seal.

use domain::{
    certificate::{Holder, IdentityDocument, IdentityKind},
    ids::HolderId,
};
use serde::{Deserialize, Serialize};

/// Name, identity document and phone of a person.
#[derive(Serialize, Deserialize)]
pub(crate) struct SealedHolder {
    name: String,
    identity: Option<(SealedKind, String)>,
    phone: Option<String>,
}

/// The personal part of a certificate: its number may hold an ID number, and its holder is
/// written as on the certificate, whatever the person is called elsewhere.
#[derive(Serialize, Deserialize)]
pub(crate) struct SealedCertificate {
    pub number: String,
    pub holder: SealedHolder,
}

/// Appended to only: the position is what is stored.
#[derive(Serialize, Deserialize)]
enum SealedKind {
    CitizenId,
    ResidencePermit,
    ForeignPermanentResident,
    Passport,
    TravelPermit,
    Other,
}

impl From<&Holder> for SealedHolder {
    fn from(holder: &Holder) -> Self {
        let identity =
            holder.identity.as_ref().map(|document| (document.kind.into(), document.number.clone()));
        Self { name: holder.name.clone(), identity, phone: holder.phone.clone() }
    }
}

impl SealedHolder {
    pub(crate) fn into_holder(self, id: HolderId) -> Holder {
        let identity = self.identity.map(|(kind, number)| IdentityDocument { kind: kind.into(), number });
        Holder { id, name: self.name, identity, phone: self.phone }
    }
}

impl From<IdentityKind> for SealedKind {
    fn from(kind: IdentityKind) -> Self {
        match kind {
            IdentityKind::CitizenId => Self::CitizenId,
            IdentityKind::ResidencePermit => Self::ResidencePermit,
            IdentityKind::ForeignPermanentResident => Self::ForeignPermanentResident,
            IdentityKind::Passport => Self::Passport,
            IdentityKind::TravelPermit => Self::TravelPermit,
            IdentityKind::Other => Self::Other,
        }
    }
}

impl From<SealedKind> for IdentityKind {
    fn from(kind: SealedKind) -> Self {
        match kind {
            SealedKind::CitizenId => Self::CitizenId,
            SealedKind::ResidencePermit => Self::ResidencePermit,
            SealedKind::ForeignPermanentResident => Self::ForeignPermanentResident,
            SealedKind::Passport => Self::Passport,
            SealedKind::TravelPermit => Self::TravelPermit,
            SealedKind::Other => Self::Other,
        }
    }
}

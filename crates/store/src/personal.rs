//! The personal fields as they lie inside a seal, and what is kept beside them there because nothing is
//! searched by it.

use crate::instants::{instant, micros};
use domain::{
    certificate::{Earlier, Holder, IdentityDocument, IdentityKind, Organisation, RosterRow},
    ids::{HolderId, ImportId, OrganisationId},
};
use sea_orm::prelude::Uuid;
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
    pub identity_as_written: Option<String>,
    pub row: Option<SealedRosterRow>,
    pub earlier: Vec<SealedEarlier>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SealedRosterRow {
    import: Uuid,
    sheet: u32,
    row: u32,
    part: u32,
    of: u32,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SealedEarlier {
    holder_id: Uuid,
    holder: SealedHolder,
    /// Identifier, name and credit code, as they were.
    organisation: Option<(Uuid, String, Option<String>)>,
    issuer: String,
    region: String,
    industry: Option<String>,
    /// Microseconds since 1970-01-01 in UTC.
    until: i64,
    replaced_by: Option<SealedRosterRow>,
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

impl From<RosterRow> for SealedRosterRow {
    fn from(RosterRow { import, sheet, row, part, of }: RosterRow) -> Self {
        Self { import: import.uuid(), sheet, row, part, of }
    }
}

impl From<SealedRosterRow> for RosterRow {
    fn from(SealedRosterRow { import, sheet, row, part, of }: SealedRosterRow) -> Self {
        Self { import: ImportId::from_uuid(import), sheet, row, part, of }
    }
}

impl From<&Earlier> for SealedEarlier {
    fn from(earlier: &Earlier) -> Self {
        let organisation = earlier.organisation.as_ref();
        Self {
            holder_id: earlier.holder.id.uuid(),
            holder: SealedHolder::from(&earlier.holder),
            organisation: organisation.map(|known| (known.id.uuid(), known.name.clone(), known.uscc.clone())),
            issuer: earlier.issuer.clone(),
            region: earlier.region.clone(),
            industry: earlier.industry.clone(),
            until: micros(earlier.until),
            replaced_by: earlier.replaced_by.map(SealedRosterRow::from),
        }
    }
}

impl SealedEarlier {
    pub(crate) fn into_earlier(self) -> Earlier {
        let organisation = self.organisation.map(|(id, name, uscc)| Organisation {
            id: OrganisationId::from_uuid(id),
            name,
            uscc,
        });
        Earlier {
            holder: self.holder.into_holder(HolderId::from_uuid(self.holder_id)),
            organisation,
            issuer: self.issuer,
            region: self.region,
            industry: self.industry,
            until: instant(self.until),
            replaced_by: self.replaced_by.map(RosterRow::from),
        }
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

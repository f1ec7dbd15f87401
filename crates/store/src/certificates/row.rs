//! A certificate as rows under one seal, and back.

use super::parts;
use crate::{
    error::Result,
    instants::{instant, micros},
    personal::{SealedCertificate, SealedEarlier, SealedHolder, SealedRosterRow},
    rows::{certificate, certificate_event, education_hours, training},
    seal::{self, SealedRow},
};
use domain::{
    certificate::{Certificate, Organisation, RosterRow, Source, Terms},
    ids::{CertificateId, HolderId, PhotoId},
};
use keys::KeyRing;
use sea_orm::prelude::Uuid;
use serde::Serialize;

/// All rows of one certificate. Serialised, they are what the seal vouches for: whoever edits a
/// date, or adds or removes an event, breaks it.
#[derive(Serialize)]
pub(crate) struct Rows {
    pub certificate: certificate::Model,
    pub events: Vec<certificate_event::Model>,
    pub training: Vec<training::Model>,
    pub education: Vec<education_hours::Model>,
}

pub(super) fn number_index(keys: &KeyRing, number: &str) -> Vec<u8> {
    keys.blind("certificate.number", number).to_vec()
}

/// NULL would escape the unique key.
pub(super) fn item_column(item: Option<&str>) -> String {
    item.unwrap_or_default().to_owned()
}

impl Rows {
    pub(super) fn of(keys: &KeyRing, certificate: &Certificate) -> Result<Self> {
        let mut rows = Self {
            certificate: clear_columns(keys, certificate),
            events: parts::event_rows(certificate),
            training: parts::training_rows(certificate),
            education: parts::education_rows(certificate),
        };
        let secret = SealedCertificate {
            number: certificate.number.clone(),
            holder: SealedHolder::from(&certificate.holder),
            identity_as_written: certificate.identity_as_written.clone(),
            row: certificate.source.row.map(SealedRosterRow::from),
            earlier: certificate.earlier.iter().map(SealedEarlier::from).collect(),
        };
        seal::seal(keys, &mut rows, &seal::encode(&secret)?)?;
        Ok(rows)
    }

    /// The certificate, if nothing was tampered with. `organisation` is the row it refers to.
    pub(super) fn into_certificate(
        self,
        keys: &KeyRing,
        organisation: Option<Organisation>,
    ) -> Result<Certificate> {
        let secret = seal::open(keys, &self)?;
        let personal: SealedCertificate = seal::decode(&self, &secret)?;
        let row = self.certificate;
        Ok(Certificate {
            id: CertificateId::from_uuid(row.id),
            version: row.version as u64,
            type_code: row.type_code,
            number: personal.number,
            item: Some(row.item).filter(|item| !item.is_empty()),
            holder: personal.holder.into_holder(HolderId::from_uuid(row.holder_id)),
            identity_as_written: personal.identity_as_written,
            organisation,
            issuer: row.issuer,
            region: row.region,
            industry: row.industry,
            terms: Terms {
                issued_on: row.issued_on,
                valid_from: row.valid_from,
                valid_until: row.valid_until,
                review_due_on: row.review_due_on,
            },
            source: Source {
                code: row.source,
                synced_at: instant(row.synced_at),
                row: personal.row.map(RosterRow::from),
            },
            events: self.events.into_iter().map(parts::event).collect::<Result<_>>()?,
            earlier: personal.earlier.into_iter().map(SealedEarlier::into_earlier).collect(),
            training: self.training.into_iter().map(parts::training).collect(),
            education: self.education.into_iter().map(parts::education).collect(),
            photo: row.photo_id.map(PhotoId::from_uuid),
            under_correction: row.under_correction,
        })
    }
}

impl SealedRow for Rows {
    fn table(&self) -> &'static str {
        "certificate"
    }

    fn id(&self) -> Uuid {
        self.certificate.id
    }

    fn version(&self) -> i64 {
        self.certificate.version
    }

    fn sealed(&self) -> &[u8] {
        &self.certificate.sealed
    }

    fn set_sealed(&mut self, sealed: Vec<u8>) {
        self.certificate.sealed = sealed;
    }
}

fn clear_columns(keys: &KeyRing, certificate: &Certificate) -> certificate::Model {
    certificate::Model {
        id: certificate.id.uuid(),
        version: certificate.version as i64,
        type_code: certificate.type_code.clone(),
        number_index: number_index(keys, &certificate.number),
        item: item_column(certificate.item.as_deref()),
        holder_id: certificate.holder.id.uuid(),
        organisation_id: certificate.organisation.as_ref().map(|organisation| organisation.id.uuid()),
        issuer: certificate.issuer.clone(),
        region: certificate.region.clone(),
        industry: certificate.industry.clone(),
        issued_on: certificate.terms.issued_on,
        valid_from: certificate.terms.valid_from,
        valid_until: certificate.terms.valid_until,
        review_due_on: certificate.terms.review_due_on,
        under_correction: certificate.under_correction,
        source: certificate.source.code.clone(),
        synced_at: micros(certificate.source.synced_at),
        photo_id: certificate.photo.map(PhotoId::uuid),
        sealed: Vec::new(),
    }
}

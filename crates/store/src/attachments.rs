//! Pictures and prints that belong to a certificate. Their bytes are cut into parts, each under a seal of
//! its own, so that whoever goes through the table never holds more than a page of small rows.

use crate::{
    error::{Error, Result},
    instants::{instant, micros},
    rows::{attachment, attachment_part},
    seal,
    store::Store,
    tx::Tx,
};
use domain::{
    Instant,
    ids::{AttachmentId, CertificateId},
};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

/// Bytes of a part, all but the last one.
const PART_BYTES: usize = 64 << 10;

/// What is known of an attachment beside its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub id: AttachmentId,
    pub certificate: CertificateId,
    /// Such as `image/jpeg`.
    pub media_type: String,
    /// In bytes.
    pub size: u64,
    pub recorded_at: Instant,
}

impl Tx {
    /// Does the certificate have an attachment made of this file? `file` are its bytes as they came.
    pub async fn has_attachment(&self, certificate: CertificateId, file: &[u8]) -> Result<bool> {
        let found = attachment::Entity::find()
            .filter(attachment::Column::CertificateId.eq(certificate.uuid()))
            .filter(attachment::Column::Digest.eq(self.digest(file)))
            .one(&self.db);
        Ok(found.await?.is_some())
    }

    /// Keeps an attachment made of a file. `bytes` are what is kept of it.
    pub async fn attach(&self, attachment: &Attachment, file: &[u8], bytes: &[u8]) -> Result<()> {
        let mut row = attachment::Model {
            id: attachment.id.uuid(),
            certificate_id: attachment.certificate.uuid(),
            digest: self.digest(file),
            media_type: attachment.media_type.clone(),
            size: attachment.size as i64,
            recorded_at: micros(attachment.recorded_at),
            sealed: Vec::new(),
        };
        seal::seal(&self.keys, &mut row, &[])?;
        attachment::Entity::insert(row.into_active_model()).exec_without_returning(&self.db).await?;
        for (ordinal, part) in (0..).zip(bytes.chunks(PART_BYTES)) {
            let attachment_id = attachment.id.uuid();
            let mut row = attachment_part::Model { attachment_id, ordinal, sealed: Vec::new() };
            seal::seal(&self.keys, &mut row, part)?;
            attachment_part::Entity::insert(row.into_active_model()).exec_without_returning(&self.db).await?;
        }
        Ok(())
    }

    /// Tells files apart without telling anything of them.
    fn digest(&self, file: &[u8]) -> Vec<u8> {
        use sha2::{Digest, Sha256};
        self.keys.blind("attachment.file", &format!("{:x}", Sha256::digest(file))).to_vec()
    }
}

impl Store {
    /// The attachments of a certificate, oldest first.
    pub async fn attachments(&self, certificate: CertificateId) -> Result<Vec<Attachment>> {
        let rows = attachment::Entity::find()
            .filter(attachment::Column::CertificateId.eq(certificate.uuid()))
            .order_by_asc(attachment::Column::RecordedAt)
            .order_by_asc(attachment::Column::Id)
            .all(&self.reads)
            .await?;
        rows.into_iter().map(|row| self.vouched_for(row)).collect()
    }

    /// An attachment of a certificate with its bytes.
    pub async fn attachment(
        &self,
        certificate: CertificateId,
        id: AttachmentId,
    ) -> Result<Option<(Attachment, Vec<u8>)>> {
        let row = attachment::Entity::find_by_id(id.uuid())
            .filter(attachment::Column::CertificateId.eq(certificate.uuid()))
            .one(&self.reads)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let attachment = self.vouched_for(row)?;
        let parts = attachment_part::Entity::find()
            .filter(attachment_part::Column::AttachmentId.eq(id.uuid()))
            .order_by_asc(attachment_part::Column::Ordinal)
            .all(&self.reads)
            .await?;
        let mut bytes = Vec::new();
        for part in &parts {
            bytes.extend(seal::open(&self.keys, part)?);
        }
        match bytes.len() as u64 == attachment.size {
            true => Ok(Some((attachment, bytes))),
            false => Err(Error::corrupt("attachment", id.uuid())),
        }
    }

    fn vouched_for(&self, row: attachment::Model) -> Result<Attachment> {
        seal::open(&self.keys, &row)?;
        Ok(Attachment {
            id: AttachmentId::from_uuid(row.id),
            certificate: CertificateId::from_uuid(row.certificate_id),
            media_type: row.media_type,
            size: row.size as u64,
            recorded_at: instant(row.recorded_at),
        })
    }
}

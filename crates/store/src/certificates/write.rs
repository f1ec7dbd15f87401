use super::row::Rows;
use crate::{
    bulk::{insert_all, inserts, rows_per_statement, write_all},
    error::{Error, Result},
    rows::{certificate, certificate_event, education_hours, training},
    tx::Tx,
};
use domain::certificate::Certificate;
use keys::KeyRing;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter,
    Statement,
};

impl Tx {
    /// Adds a certificate with its events, training and education. Its holder, organisation and
    /// photo must be there.
    ///
    /// # Errors
    /// `Conflict("uq_certificate_key")` if type, number, item and date of issue are taken.
    pub async fn insert_certificate(&self, certificate: &Certificate) -> Result<()> {
        self.insert_certificates(vec![certificate.clone()]).await
    }

    /// Adds many certificates in few statements; errors as for one.
    pub async fn insert_certificates(&self, certificates: Vec<Certificate>) -> Result<()> {
        for certificate in &certificates {
            self.touch(certificate.id, certificate.version);
        }
        let (keys, backend) = (self.keys.clone(), self.db.get_database_backend());
        let size = rows_per_statement::<certificate::Entity>(backend);
        write_all(&self.db, certificates, size, move |some| statements(&keys, backend, &some)).await
    }

    /// Writes the next version of a certificate: `certificate.version` is `expected + 1`, and its
    /// events are those stored, followed by new ones.
    ///
    /// # Errors
    /// `Conflict("certificate_version")` if the stored version is not `expected`;
    /// `Conflict("certificate_history")` if a stored event is missing or differs.
    pub async fn update_certificate(&self, certificate: &Certificate, expected: u64) -> Result<()> {
        let stored = self.certificate_unscoped(certificate.id).await?;
        let stored =
            stored.filter(|stored| stored.version == expected && certificate.version == expected + 1);
        let stored = Rows::of(&self.keys, &stored.ok_or(Error::Conflict("certificate_version"))?)?;
        let next = Rows::of(&self.keys, certificate)?;
        if !next.events.starts_with(&stored.events) {
            return Err(Error::Conflict("certificate_history"));
        }

        let of_expected = certificate::Column::Version.eq(expected as i64);
        let id = next.certificate.id;
        let updated = certificate::Entity::update_many()
            .set(next.certificate.into_active_model().reset_all())
            .filter(certificate::Column::Id.eq(id))
            .filter(of_expected)
            .exec(&self.db)
            .await?;
        if updated.rows_affected != 1 {
            return Err(Error::Conflict("certificate_version"));
        }

        let new_events = next.events[stored.events.len()..].to_vec();
        insert_all::<certificate_event::Entity, _>(&self.db, new_events).await?;
        if next.training != stored.training {
            training::Entity::delete_many()
                .filter(training::Column::CertificateId.eq(id))
                .exec(&self.db)
                .await?;
            insert_all::<training::Entity, _>(&self.db, next.training).await?;
        }
        if next.education != stored.education {
            let old = education_hours::Column::CertificateId.eq(id);
            education_hours::Entity::delete_many().filter(old).exec(&self.db).await?;
            insert_all::<education_hours::Entity, _>(&self.db, next.education).await?;
        }
        self.touch(certificate.id, certificate.version);
        Ok(())
    }
}

fn statements(keys: &KeyRing, backend: DbBackend, certificates: &[Certificate]) -> Result<Vec<Statement>> {
    let mut rows = Vec::with_capacity(certificates.len());
    let (mut events, mut training, mut education) = (Vec::new(), Vec::new(), Vec::new());
    for certificate in certificates {
        let of_this = Rows::of(keys, certificate)?;
        rows.push(of_this.certificate);
        events.extend(of_this.events);
        training.extend(of_this.training);
        education.extend(of_this.education);
    }
    let mut statements = inserts::<certificate::Entity, _>(backend, rows);
    statements.extend(inserts::<certificate_event::Entity, _>(backend, events));
    statements.extend(inserts::<training::Entity, _>(backend, training));
    statements.extend(inserts::<education_hours::Entity, _>(backend, education));
    Ok(statements)
}

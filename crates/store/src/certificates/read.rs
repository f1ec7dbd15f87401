use super::row::{Rows, item_column, number_index};
use crate::{
    bulk::KEYS_PER_QUERY,
    error::{Error, Result},
    organisations,
    rows::{certificate, certificate_event, education_hours, training},
    store::Store,
    tx::Tx,
};
use domain::{
    Date,
    access::{Rows as ScopeRows, Scope},
    certificate::Certificate,
    ids::{CertificateId, HolderId, OrganisationId},
};
use keys::KeyRing;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, IntoCondition},
};
use std::collections::HashMap;

/// What names a certificate in the real world.
#[derive(Clone, Copy)]
pub struct CertificateKey<'a> {
    pub type_code: &'a str,
    /// Normalised number.
    pub number: &'a str,
    pub item: Option<&'a str>,
    pub issued_on: Date,
}

impl Store {
    /// The certificate, if it exists inside the scope.
    pub async fn certificate(&self, scope: &Scope, id: CertificateId) -> Result<Option<Certificate>> {
        let inside = within(scope).add(certificate::Column::Id.eq(id.uuid()));
        Ok(self.load(inside).await?.pop())
    }

    pub async fn certificate_unscoped(&self, id: CertificateId) -> Result<Option<Certificate>> {
        Ok(self.load(by_ids(&[id])).await?.pop())
    }

    /// These certificates, as far as they exist, in no order. A handful of statements however
    /// many there are.
    pub async fn certificates_unscoped(&self, ids: &[CertificateId]) -> Result<Vec<Certificate>> {
        let mut certificates = Vec::with_capacity(ids.len());
        for some in ids.chunks(KEYS_PER_QUERY) {
            certificates.extend(self.load(by_ids(some)).await?);
        }
        Ok(certificates)
    }

    /// As [`Store::certificates_unscoped`], but what is damaged does not hide the rest: it is named
    /// beside it.
    pub async fn readable_certificates(
        &self,
        ids: &[CertificateId],
    ) -> Result<(Vec<Certificate>, Vec<CertificateId>)> {
        match self.certificates_unscoped(ids).await {
            Err(Error::Corrupt { .. }) => {}
            answer => return Ok((answer?, Vec::new())),
        }
        let (mut readable, mut damaged) = (Vec::with_capacity(ids.len()), Vec::new());
        for id in ids {
            match self.certificate_unscoped(*id).await {
                Ok(certificate) => readable.extend(certificate),
                Err(Error::Corrupt { .. }) => damaged.push(*id),
                Err(error) => return Err(error),
            }
        }
        Ok((readable, damaged))
    }

    pub async fn certificates_of_holder_unscoped(&self, holder: HolderId) -> Result<Vec<Certificate>> {
        self.load(certificate::Column::HolderId.eq(holder.uuid()).into_condition()).await
    }

    /// Every certificate with this number, of one type or of all.
    pub async fn find_by_number(&self, type_code: Option<&str>, number: &str) -> Result<Vec<Certificate>> {
        self.load(by_number(&self.keys, type_code, number)).await
    }

    pub async fn find_by_key(&self, key: CertificateKey<'_>) -> Result<Option<Certificate>> {
        let snapshot = self.snapshot().await?;
        let mut found = find_by_keys(&snapshot, &self.keys, &[key]).await?;
        snapshot.rollback().await?;
        Ok(found.pop().flatten())
    }

    async fn load(&self, condition: Condition) -> Result<Vec<Certificate>> {
        let snapshot = self.snapshot().await?;
        let certificates = load(&snapshot, &self.keys, condition).await?;
        snapshot.rollback().await?;
        Ok(certificates)
    }

    /// How many certificates there are.
    pub async fn count_certificates(&self) -> Result<u64> {
        use sea_orm::PaginatorTrait;
        Ok(certificate::Entity::find().count(&self.reads).await?)
    }
}

impl Tx {
    /// As this transaction sees it.
    pub async fn certificate_unscoped(&self, id: CertificateId) -> Result<Option<Certificate>> {
        Ok(load(&self.db, &self.keys, by_ids(&[id])).await?.pop())
    }

    pub async fn find_by_key(&self, key: CertificateKey<'_>) -> Result<Option<Certificate>> {
        Ok(self.find_by_keys(&[key]).await?.pop().flatten())
    }

    /// The certificates with these keys, in the same order.
    pub async fn find_by_keys(&self, keys: &[CertificateKey<'_>]) -> Result<Vec<Option<Certificate>>> {
        find_by_keys(&self.db, &self.keys, keys).await
    }

    /// Every certificate with this number, of one type or of all.
    pub async fn find_by_number(&self, type_code: Option<&str>, number: &str) -> Result<Vec<Certificate>> {
        load(&self.db, &self.keys, by_number(&self.keys, type_code, number)).await
    }
}

fn by_ids(ids: &[CertificateId]) -> Condition {
    certificate::Column::Id.is_in(ids.iter().map(|id| id.uuid())).into_condition()
}

fn by_number(keys: &KeyRing, type_code: Option<&str>, number: &str) -> Condition {
    Condition::all()
        .add(certificate::Column::NumberIndex.eq(number_index(keys, number)))
        .add_option(type_code.map(|code| certificate::Column::TypeCode.eq(code)))
}

/// The scope as SQL; what it leaves out is never even read.
fn within(scope: &Scope) -> Condition {
    let condition = Condition::all();
    match scope.rows() {
        ScopeRows::None => condition.add(Expr::val(1).eq(0)),
        ScopeRows::Holder(id) => condition.add(certificate::Column::HolderId.eq(id.uuid())),
        ScopeRows::Holders(ids) => {
            condition.add(certificate::Column::HolderId.is_in(ids.iter().map(|id| id.uuid())))
        }
        ScopeRows::Organisation(id) => condition.add(certificate::Column::OrganisationId.eq(id.uuid())),
        ScopeRows::Region { prefix } => condition.add(certificate::Column::Region.starts_with(prefix)),
        ScopeRows::All => condition,
    }
}

async fn find_by_keys(
    db: &impl ConnectionTrait,
    keys: &KeyRing,
    wanted: &[CertificateKey<'_>],
) -> Result<Vec<Option<Certificate>>> {
    let mut found = HashMap::new();
    for some in wanted.chunks(KEYS_PER_QUERY) {
        let indexes = some.iter().map(|key| number_index(keys, key.number));
        let rows = certificate::Entity::find()
            .filter(certificate::Column::NumberIndex.is_in(indexes))
            .all(db)
            .await?;
        for certificate in assemble(db, keys, rows).await? {
            let key = (
                certificate.type_code.clone(),
                certificate.number.clone(),
                item_column(certificate.item.as_deref()),
                certificate.terms.issued_on,
            );
            found.insert(key, certificate);
        }
    }
    let key = |key: &CertificateKey<'_>| {
        (key.type_code.to_owned(), key.number.to_owned(), item_column(key.item), key.issued_on)
    };
    Ok(wanted.iter().map(|wanted| found.get(&key(wanted)).cloned()).collect())
}

async fn load(db: &impl ConnectionTrait, keys: &KeyRing, condition: Condition) -> Result<Vec<Certificate>> {
    let rows =
        certificate::Entity::find().filter(condition).order_by_asc(certificate::Column::Id).all(db).await?;
    let mut certificates = Vec::with_capacity(rows.len());
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        certificates.extend(assemble(db, keys, rows.by_ref().take(KEYS_PER_QUERY).collect()).await?);
    }
    Ok(certificates)
}

/// Opens at most [`KEYS_PER_QUERY`] certificates.
async fn assemble(
    db: &impl ConnectionTrait,
    keys: &KeyRing,
    rows: Vec<certificate::Model>,
) -> Result<Vec<Certificate>> {
    let employers =
        rows.iter().filter_map(|row| row.organisation_id).map(OrganisationId::from_uuid).collect();
    let employers = organisations::by_ids(db, keys, employers).await?;
    let open = |rows: Rows| {
        let employer = rows.certificate.organisation_id.map(OrganisationId::from_uuid);
        let organisation = employer
            .map(|employer| {
                let known = employers.get(&employer).map(|known| known.organisation.clone());
                known.ok_or_else(|| Error::corrupt("certificate", rows.certificate.id))
            })
            .transpose()?;
        rows.into_certificate(keys, organisation)
    };
    rows_of(db, rows).await?.into_iter().map(open).collect()
}

/// Joins the parts of at most [`KEYS_PER_QUERY`] certificates.
pub(crate) async fn rows_of(db: &impl ConnectionTrait, rows: Vec<certificate::Model>) -> Result<Vec<Rows>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut events = grouped(events(db, &ids).await?, |row| row.certificate_id);
    let mut training = grouped(trainings(db, &ids).await?, |row| row.certificate_id);
    let mut education = grouped(educations(db, &ids).await?, |row| row.certificate_id);
    let whole = |certificate: certificate::Model| Rows {
        events: events.remove(&certificate.id).unwrap_or_default(),
        training: training.remove(&certificate.id).unwrap_or_default(),
        education: education.remove(&certificate.id).unwrap_or_default(),
        certificate,
    };
    Ok(rows.into_iter().map(whole).collect())
}

fn grouped<T>(rows: Vec<T>, id: impl Fn(&T) -> Uuid) -> HashMap<Uuid, Vec<T>> {
    let mut groups: HashMap<Uuid, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(id(&row)).or_default().push(row);
    }
    groups
}

pub(crate) async fn events(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<certificate_event::Model>> {
    let query = certificate_event::Entity::find()
        .filter(certificate_event::Column::CertificateId.is_in(ids.to_vec()))
        .order_by_asc(certificate_event::Column::Ordinal);
    Ok(query.all(db).await?)
}

async fn trainings(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<training::Model>> {
    let query = training::Entity::find()
        .filter(training::Column::CertificateId.is_in(ids.to_vec()))
        .order_by_asc(training::Column::Ordinal);
    Ok(query.all(db).await?)
}

async fn educations(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<education_hours::Model>> {
    let query = education_hours::Entity::find()
        .filter(education_hours::Column::CertificateId.is_in(ids.to_vec()))
        .order_by_asc(education_hours::Column::Ordinal);
    Ok(query.all(db).await?)
}

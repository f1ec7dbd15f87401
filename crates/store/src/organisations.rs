use crate::{
    bulk::KEYS_PER_QUERY,
    error::{Error, Result},
    rows::{certificate, organisation},
    seal,
    store::Store,
    tx::Tx,
};
use domain::{
    certificate::Organisation,
    ids::{CertificateId, OrganisationId},
    text::normalise_organisation,
};
use keys::KeyRing;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, prelude::Uuid,
};
use std::collections::{BTreeSet, HashMap};

/// An organisation with what the registry knows of it besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredOrganisation {
    pub organisation: Organisation,
    /// Where it sits, a six-digit code.
    pub region: Option<String>,
    /// Industry code of the catalogue.
    pub industry: Option<String>,
}

fn to_row(keys: &KeyRing, known: &RegisteredOrganisation, version: i64) -> Result<organisation::Model> {
    let organisation = &known.organisation;
    let mut row = organisation::Model {
        id: organisation.id.uuid(),
        version,
        name: organisation.name.clone(),
        name_key: normalise_organisation(&organisation.name),
        uscc: organisation.uscc.clone(),
        region: known.region.clone(),
        industry: known.industry.clone(),
        sealed: Vec::new(),
    };
    seal::seal(keys, &mut row, &[])?;
    Ok(row)
}

fn from_row(keys: &KeyRing, row: organisation::Model) -> Result<RegisteredOrganisation> {
    seal::open(keys, &row)?;
    let id = OrganisationId::from_uuid(row.id);
    Ok(RegisteredOrganisation {
        organisation: Organisation { id, name: row.name, uscc: row.uscc },
        region: row.region,
        industry: row.industry,
    })
}

pub(crate) async fn by_ids(
    db: &impl ConnectionTrait,
    keys: &KeyRing,
    ids: BTreeSet<OrganisationId>,
) -> Result<HashMap<OrganisationId, RegisteredOrganisation>> {
    let ids: Vec<Uuid> = ids.into_iter().map(OrganisationId::uuid).collect();
    let mut found = HashMap::with_capacity(ids.len());
    for some in ids.chunks(KEYS_PER_QUERY) {
        let rows = organisation::Entity::find()
            .filter(organisation::Column::Id.is_in(some.to_vec()))
            .all(db)
            .await?;
        for row in rows {
            let known = from_row(keys, row)?;
            found.insert(known.organisation.id, known);
        }
    }
    Ok(found)
}

impl Tx {
    /// Adds the organisation, or writes what changed of it. A new name or credit code puts all
    /// its certificates into the change feed, since they show it.
    ///
    /// # Errors
    /// `Conflict("uq_organisation_uscc")` if another one has this credit code.
    pub async fn upsert_organisation(
        &self,
        organisation: &Organisation,
        region: Option<&str>,
        industry: Option<&str>,
    ) -> Result<()> {
        let known = RegisteredOrganisation {
            organisation: organisation.clone(),
            region: region.map(str::to_owned),
            industry: industry.map(str::to_owned),
        };
        let id = organisation.id.uuid();
        let Some(stored) = organisation::Entity::find_by_id(id).one(&self.db).await? else {
            let row = to_row(&self.keys, &known, 1)?;
            organisation::Entity::insert(row.into_active_model()).exec_without_returning(&self.db).await?;
            return Ok(());
        };
        let version = stored.version;
        let before = from_row(&self.keys, stored)?;
        if before == known {
            return Ok(());
        }
        let updated = organisation::Entity::update_many()
            .set(to_row(&self.keys, &known, version + 1)?.into_active_model().reset_all())
            .filter(organisation::Column::Id.eq(id))
            .filter(organisation::Column::Version.eq(version))
            .exec(&self.db)
            .await?;
        if updated.rows_affected != 1 {
            return Err(Error::Conflict("organisation_version"));
        }
        if before.organisation != known.organisation {
            self.touch_certificates_of(organisation.id).await?;
        }
        Ok(())
    }

    /// Notes the credit code of an organisation known by its name only.
    ///
    /// # Errors
    /// As of [`Tx::upsert_organisation`].
    pub async fn set_credit_code(&self, id: OrganisationId, uscc: &str) -> Result<()> {
        let stored = organisation::Entity::find_by_id(id.uuid()).one(&self.db).await?;
        let Some(stored) = stored else { return Ok(()) };
        let known = from_row(&self.keys, stored)?;
        let coded = Organisation { uscc: Some(uscc.to_owned()), ..known.organisation };
        self.upsert_organisation(&coded, known.region.as_deref(), known.industry.as_deref()).await
    }

    async fn touch_certificates_of(&self, organisation: OrganisationId) -> Result<()> {
        let rows: Vec<(Uuid, i64)> = certificate::Entity::find()
            .select_only()
            .columns([certificate::Column::Id, certificate::Column::Version])
            .filter(certificate::Column::OrganisationId.eq(organisation.uuid()))
            .into_tuple()
            .all(&self.db)
            .await?;
        for (id, version) in rows {
            self.touch(CertificateId::from_uuid(id), version as u64);
        }
        Ok(())
    }

    /// Adds many organisations in few statements.
    ///
    /// # Errors
    /// `Conflict` if one is there already.
    pub async fn insert_organisations(&self, organisations: &[RegisteredOrganisation]) -> Result<()> {
        let rows = organisations.iter().map(|known| to_row(&self.keys, known, 1)).collect::<Result<_>>()?;
        crate::bulk::insert_all::<organisation::Entity, _>(&self.db, rows).await
    }

    pub async fn find_organisation_by_uscc(&self, uscc: &str) -> Result<Option<Organisation>> {
        Ok(self.find_organisations_by_usccs(&[uscc]).await?.pop().flatten())
    }

    /// The organisations with these credit codes, in the same order. Few statements, however many.
    pub async fn find_organisations_by_usccs(&self, usccs: &[&str]) -> Result<Vec<Option<Organisation>>> {
        let mut known = HashMap::new();
        for organisation in found_among(&self.db, &self.keys, organisation::Column::Uscc, usccs).await? {
            known.extend(organisation.uscc.clone().map(|uscc| (uscc, organisation)));
        }
        Ok(usccs.iter().map(|uscc| known.get(*uscc).cloned()).collect())
    }

    /// All organisations whose normalised name equals that of `name`.
    pub async fn find_organisations_by_name(&self, name: &str) -> Result<Vec<Organisation>> {
        Ok(self.find_organisations_by_names(&[name]).await?.pop().unwrap_or_default())
    }

    /// For each name all organisations with the same normalised name, in the same order. Few
    /// statements, however many.
    pub async fn find_organisations_by_names(&self, names: &[&str]) -> Result<Vec<Vec<Organisation>>> {
        let keys: Vec<String> = names.iter().map(|name| normalise_organisation(name)).collect();
        let wanted: Vec<&str> = keys.iter().map(String::as_str).collect();
        let mut known: HashMap<String, Vec<Organisation>> = HashMap::new();
        for organisation in found_among(&self.db, &self.keys, organisation::Column::NameKey, &wanted).await? {
            known.entry(normalise_organisation(&organisation.name)).or_default().push(organisation);
        }
        Ok(keys.iter().map(|key| known.get(key).cloned().unwrap_or_default()).collect())
    }
}

impl Store {
    pub async fn organisation(&self, id: OrganisationId) -> Result<Option<RegisteredOrganisation>> {
        let row = organisation::Entity::find_by_id(id.uuid()).one(&self.reads).await?;
        row.map(|row| from_row(&self.keys, row)).transpose()
    }

    pub async fn find_organisation_by_uscc(&self, uscc: &str) -> Result<Option<Organisation>> {
        Ok(found(&self.reads, &self.keys, organisation::Column::Uscc, uscc).await?.pop())
    }

    /// All organisations whose normalised name equals that of `name`.
    pub async fn find_organisations_by_name(&self, name: &str) -> Result<Vec<Organisation>> {
        found(&self.reads, &self.keys, organisation::Column::NameKey, &normalise_organisation(name)).await
    }

    /// A page of all organisations, ordered by identifier; the next one begins after the last.
    pub async fn organisations(
        &self,
        after: Option<OrganisationId>,
        limit: u64,
    ) -> Result<Vec<RegisteredOrganisation>> {
        let mut query = organisation::Entity::find().order_by_asc(organisation::Column::Id).limit(limit);
        if let Some(after) = after {
            query = query.filter(organisation::Column::Id.gt(after.uuid()));
        }
        let rows = query.all(&self.reads).await?;
        rows.into_iter().map(|row| from_row(&self.keys, row)).collect()
    }
}

async fn found(
    db: &impl ConnectionTrait,
    keys: &KeyRing,
    column: organisation::Column,
    value: &str,
) -> Result<Vec<Organisation>> {
    found_among(db, keys, column, &[value]).await
}

/// Those with one of these values, each organisation once.
async fn found_among(
    db: &impl ConnectionTrait,
    keys: &KeyRing,
    column: organisation::Column,
    values: &[&str],
) -> Result<Vec<Organisation>> {
    let distinct: BTreeSet<&str> = values.iter().copied().collect();
    let distinct: Vec<&str> = distinct.into_iter().collect();
    let mut found = Vec::new();
    for some in distinct.chunks(KEYS_PER_QUERY) {
        let rows = organisation::Entity::find()
            .filter(column.is_in(some.iter().copied()))
            .order_by_asc(organisation::Column::Id)
            .all(db)
            .await?;
        for row in rows {
            found.push(from_row(keys, row)?.organisation);
        }
    }
    Ok(found)
}

use crate::{
    bulk::{KEYS_PER_QUERY, insert_all},
    error::Result,
    personal::SealedHolder,
    rows::holder,
    seal,
    store::Store,
    tx::Tx,
};
use domain::{certificate::Holder, ids::HolderId};
use keys::KeyRing;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;

/// The same person is the same name with the same identity document. Without a document nobody
/// is taken for anybody else.
fn person_index(keys: &KeyRing, holder: &Holder) -> Option<Vec<u8>> {
    let document = holder.identity.as_ref()?;
    Some(keys.blind("holder.person", &format!("{}\n{}", document.number, holder.name)).to_vec())
}

fn identity_index(keys: &KeyRing, number: &str) -> Vec<u8> {
    keys.blind("holder.identity", number).to_vec()
}

fn to_row(keys: &KeyRing, holder: &Holder, version: i64) -> Result<holder::Model> {
    let mut row = holder::Model {
        id: holder.id.uuid(),
        version,
        identity_index: holder.identity.as_ref().map(|document| identity_index(keys, &document.number)),
        person_index: person_index(keys, holder),
        sealed: Vec::new(),
    };
    let secret = seal::encode(&SealedHolder::from(holder))?;
    seal::seal(keys, &mut row, &secret)?;
    Ok(row)
}

fn from_row(keys: &KeyRing, row: &holder::Model) -> Result<Holder> {
    let secret = seal::open(keys, row)?;
    Ok(seal::decode::<SealedHolder>(row, &secret)?.into_holder(HolderId::from_uuid(row.id)))
}

async fn by_column(
    db: &impl ConnectionTrait,
    column: holder::Column,
    values: Vec<Vec<u8>>,
) -> Result<Vec<holder::Model>> {
    let mut rows = Vec::new();
    for some in values.chunks(KEYS_PER_QUERY) {
        rows.extend(holder::Entity::find().filter(column.is_in(some.to_vec())).all(db).await?);
    }
    Ok(rows)
}

impl Tx {
    /// The identifier under which this person is known; the person is added when new.
    pub async fn find_or_insert_holder(&self, holder: &Holder) -> Result<HolderId> {
        let ids = self.find_or_insert_holders(std::slice::from_ref(holder)).await?;
        Ok(ids.first().copied().unwrap_or(holder.id))
    }

    /// The identifiers under which these people are known, in the same order; new people are
    /// added, those given twice once. Few statements, however many people.
    ///
    /// # Errors
    /// `Conflict("uq_holder_person")` if another transaction registers the same person at this
    /// moment; the whole transaction can be run again.
    pub async fn find_or_insert_holders(&self, holders: &[Holder]) -> Result<Vec<HolderId>> {
        let indexes: Vec<Option<Vec<u8>>> =
            holders.iter().map(|holder| person_index(&self.keys, holder)).collect();
        let wanted: Vec<Vec<u8>> = indexes.iter().flatten().cloned().collect();
        let mut known: HashMap<Vec<u8>, HolderId> = by_column(&self.db, holder::Column::PersonIndex, wanted)
            .await?
            .into_iter()
            .filter_map(|row| Some((row.person_index?, HolderId::from_uuid(row.id))))
            .collect();
        let mut ids = Vec::with_capacity(holders.len());
        let mut rows = Vec::new();
        for (holder, index) in holders.iter().zip(indexes) {
            if let Some(id) = index.as_ref().and_then(|index| known.get(index)) {
                ids.push(*id);
                continue;
            }
            rows.push(to_row(&self.keys, holder, 1)?);
            ids.push(holder.id);
            known.extend(index.map(|index| (index, holder.id)));
        }
        insert_all::<holder::Entity, _>(&self.db, rows).await?;
        Ok(ids)
    }
}

impl Store {
    pub async fn holder(&self, id: HolderId) -> Result<Option<Holder>> {
        let row = holder::Entity::find_by_id(id.uuid()).one(&self.reads).await?;
        row.map(|row| from_row(&self.keys, &row)).transpose()
    }

    /// Everybody registered with this identity number; more than one where rosters disagree
    /// about the name.
    pub async fn holders_by_identity(&self, number: &str) -> Result<Vec<Holder>> {
        let index = identity_index(&self.keys, number);
        let rows = by_column(&self.reads, holder::Column::IdentityIndex, vec![index]).await?;
        rows.iter().map(|row| from_row(&self.keys, row)).collect()
    }
}

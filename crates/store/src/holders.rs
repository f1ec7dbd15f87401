use crate::{
    bulk::{KEYS_PER_QUERY, inserts, rows_per_statement, write_all},
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

async fn by_identity(db: &impl ConnectionTrait, indexes: Vec<Vec<u8>>) -> Result<Vec<holder::Model>> {
    let mut rows = Vec::new();
    for some in indexes.chunks(KEYS_PER_QUERY) {
        let one_of_them = holder::Column::IdentityIndex.is_in(some.to_vec());
        rows.extend(holder::Entity::find().filter(one_of_them).all(db).await?);
    }
    Ok(rows)
}

impl Tx {
    /// The identifier under which this person is known; the person is added when new.
    pub async fn find_or_insert_holder(&self, holder: &Holder) -> Result<HolderId> {
        let ids = self.find_or_insert_holders(vec![holder.clone()]).await?;
        Ok(ids.first().copied().unwrap_or(holder.id))
    }

    /// The identifiers under which these people are known, in the same order; new people are
    /// added, those given twice once. Few statements, however many people.
    ///
    /// # Errors
    /// `Conflict("uq_holder_person")` if another transaction registers the same person at this
    /// moment; the whole transaction can be run again.
    pub async fn find_or_insert_holders(&self, holders: Vec<Holder>) -> Result<Vec<HolderId>> {
        let documents = holders.iter().filter_map(|holder| holder.identity.as_ref());
        let wanted = documents.map(|document| identity_index(&self.keys, &document.number)).collect();
        let mut known: HashMap<Vec<u8>, HolderId> = by_identity(&self.db, wanted)
            .await?
            .into_iter()
            .filter_map(|row| Some((row.person_index?, HolderId::from_uuid(row.id))))
            .collect();
        let mut ids = Vec::with_capacity(holders.len());
        let mut new = Vec::new();
        for holder in holders {
            let index = person_index(&self.keys, &holder);
            if let Some(id) = index.as_ref().and_then(|index| known.get(index)) {
                ids.push(*id);
                continue;
            }
            ids.push(holder.id);
            known.extend(index.map(|index| (index, holder.id)));
            new.push(holder);
        }
        let (keys, backend) = (self.keys.clone(), self.db.get_database_backend());
        let size = rows_per_statement::<holder::Entity>(backend);
        write_all(&self.db, new, size, move |some| {
            let rows = some.iter().map(|holder| to_row(&keys, holder, 1)).collect::<Result<_>>()?;
            Ok(inserts::<holder::Entity, _>(backend, rows))
        })
        .await?;
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
        let rows = by_identity(&self.reads, vec![index]).await?;
        rows.iter().map(|row| from_row(&self.keys, row)).collect()
    }
}

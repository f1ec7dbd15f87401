use crate::{
    bulk::insert_all,
    error::Result,
    instants::micros,
    rows::{account, temporary_grant},
    seal,
    store::Store,
    tx::Tx,
};
use domain::{
    Instant,
    ids::{AccountId, HolderId, OrganisationId},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, prelude::Uuid};

/// Who a grant is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grantee {
    Account(AccountId),
    /// Every account of the organisation.
    Organisation(OrganisationId),
}

/// Leave to see named people for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemporaryGrant {
    pub id: Uuid,
    pub grantee: Grantee,
    pub holders: Vec<HolderId>,
    pub from: Instant,
    /// The first instant at which it no longer holds.
    pub until: Instant,
}

impl Tx {
    pub async fn insert_temporary_grant(&self, grant: &TemporaryGrant) -> Result<()> {
        let (account_id, organisation_id) = match grant.grantee {
            Grantee::Account(id) => (Some(id.uuid()), None),
            Grantee::Organisation(id) => (None, Some(id.uuid())),
        };
        let mut rows = Vec::with_capacity(grant.holders.len());
        for holder in &grant.holders {
            let mut row = temporary_grant::Model {
                id: grant.id,
                holder_id: holder.uuid(),
                account_id,
                organisation_id,
                from_at: micros(grant.from),
                until_at: micros(grant.until),
                sealed: Vec::new(),
            };
            seal::seal(&self.keys, &mut row, &[])?;
            rows.push(row);
        }
        insert_all::<temporary_grant::Entity, _>(&self.db, rows).await
    }
}

impl Store {
    /// The people whom grants in force open to this account, or to its organisation.
    pub async fn granted_holders(&self, account: AccountId, now: Instant) -> Result<Vec<HolderId>> {
        let Some(grantee) = account::Entity::find_by_id(account.uuid()).one(&self.reads).await? else {
            return Ok(Vec::new());
        };
        let for_whom = Condition::any()
            .add(temporary_grant::Column::AccountId.eq(account.uuid()))
            .add_option(grantee.organisation_id.map(|id| temporary_grant::Column::OrganisationId.eq(id)));
        let rows = temporary_grant::Entity::find()
            .filter(for_whom)
            .filter(temporary_grant::Column::FromAt.lte(micros(now)))
            .filter(temporary_grant::Column::UntilAt.gt(micros(now)))
            .all(&self.reads)
            .await?;
        let mut holders = Vec::with_capacity(rows.len());
        for row in rows {
            seal::open(&self.keys, &row)?;
            holders.push(HolderId::from_uuid(row.holder_id));
        }
        holders.sort_unstable();
        holders.dedup();
        Ok(holders)
    }
}

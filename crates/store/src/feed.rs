//! The change feed: which certificate got which version, numbered without gaps in the order of
//! commits. The number comes from a counter row whose lock is held until the commit, not from
//! an auto-increment, which would let a lower number become visible after a higher one.

use crate::{
    bulk::insert_all,
    error::{Error, Result},
    rows::{change, counter},
    store::Store,
};
use domain::ids::CertificateId;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::ExprTrait,
};

/// One entry of the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// From 1, dense.
    pub seq: u64,
    pub certificate: CertificateId,
    pub version: u64,
}

impl Store {
    /// The entries after `seq`, oldest first. What is not yet visible has a higher number than
    /// all that is.
    pub async fn changes_after(&self, seq: u64, limit: u64) -> Result<Vec<Change>> {
        let rows = change::Entity::find()
            .filter(change::Column::Seq.gt(seq as i64))
            .order_by_asc(change::Column::Seq)
            .limit(limit)
            .all(&self.reads)
            .await?;
        Ok(rows.into_iter().map(from_row).collect())
    }

    /// The newest entry's number; 0 when there is none.
    pub async fn feed_head(&self) -> Result<u64> {
        let newest =
            change::Entity::find().order_by_desc(change::Column::Seq).limit(1).one(&self.reads).await?;
        Ok(newest.map_or(0, |row| row.seq as u64))
    }
}

fn from_row(row: change::Model) -> Change {
    Change {
        seq: row.seq as u64,
        certificate: CertificateId::from_uuid(row.certificate_id),
        version: row.version as u64,
    }
}

/// Numbers the changes and adds them to the feed; nobody else gets a number until this
/// transaction ends.
pub(crate) async fn append(
    db: &impl ConnectionTrait,
    touched: &[(CertificateId, u64)],
) -> Result<Option<Change>> {
    if touched.is_empty() {
        return Ok(None);
    }
    let first = draw(db, "change", touched.len() as u64).await? + 1;
    let rows: Vec<change::Model> = (first..)
        .zip(touched)
        .map(|(seq, (certificate, version))| change::Model {
            seq: seq as i64,
            certificate_id: certificate.uuid(),
            version: *version as i64,
        })
        .collect();
    let last = rows.last().cloned().map(from_row);
    insert_all::<change::Entity, _>(db, rows).await?;
    Ok(last)
}

/// Raises a counter and returns what it stood at. Holds the counter until the transaction ends.
pub(crate) async fn draw(db: &impl ConnectionTrait, name: &str, by: u64) -> Result<u64> {
    counter::Entity::update_many()
        .col_expr(
            counter::Column::Value,
            sea_orm::sea_query::Expr::col(counter::Column::Value).add(by as i64),
        )
        .filter(counter::Column::Name.eq(name))
        .exec(db)
        .await?;
    let row = counter::Entity::find_by_id(name).one(db).await?;
    let value = row.ok_or_else(|| Error::other("the schema has no such counter; migrate it"))?.value;
    Ok(value as u64 - by)
}

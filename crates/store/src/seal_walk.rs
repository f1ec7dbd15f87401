//! The walk over every seal of the registry: finds rows that were edited, swapped or damaged
//! (DB-30 of the security plan) and, after a rotation, seals anew what older keys sealed.

use crate::{
    certificates::rows_of,
    error::{Error, Result},
    rows::{
        account, approval, attachment, attachment_part, certificate, credential, holder, organisation, photo,
        session, temporary_grant,
    },
    seal::{self, SealedRow},
    store::Store,
};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, Iterable, ModelTrait, PrimaryKeyToColumn,
    QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait},
};
use uuid::Uuid;

/// Rows read, checked and released together.
const PAGE: u64 = 500;
/// Damaged rows named in a report; more are only counted.
const NAMED: usize = 1_000;

/// What becomes of a genuine seal made by a key that is no longer current.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldSeals {
    Keep,
    /// Sealed anew under the current key; nothing else about the row changes.
    Renew,
}

/// A row whose seal does not open for what the row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedRow {
    pub table: &'static str,
    pub id: Uuid,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SealReport {
    pub checked: u64,
    pub renewed: u64,
    pub damaged: u64,
    /// The first thousand of the damaged.
    pub rows: Vec<DamagedRow>,
}

impl SealReport {
    fn found(&mut self, row: &impl SealedRow) {
        self.damaged += 1;
        if self.rows.len() < NAMED {
            self.rows.push(DamagedRow { table: row.table(), id: row.id() });
        }
    }
}

/// A table whose rows carry seals.
trait SealedTable: EntityTrait {
    /// All that one seal vouches for.
    type Whole: SealedRow + Send;

    /// Completes rows with what else their seals vouch for, in the same order.
    fn complete(
        snapshot: &DatabaseTransaction,
        rows: Vec<Self::Model>,
    ) -> impl Future<Output = Result<Vec<Self::Whole>>> + Send;
}

macro_rules! alone_under_their_seal {
    ($($table:ident),*) => {$(
        impl SealedTable for $table::Entity {
            type Whole = $table::Model;

            async fn complete(_: &DatabaseTransaction, rows: Vec<$table::Model>) -> Result<Vec<$table::Model>> {
                Ok(rows)
            }
        }
    )*};
}

alone_under_their_seal!(
    holder,
    organisation,
    photo,
    attachment,
    attachment_part,
    account,
    session,
    credential,
    temporary_grant,
    approval
);

impl SealedTable for certificate::Entity {
    type Whole = crate::certificates::Rows;

    async fn complete(
        snapshot: &DatabaseTransaction,
        rows: Vec<certificate::Model>,
    ) -> Result<Vec<Self::Whole>> {
        rows_of(snapshot, rows).await
    }
}

impl Store {
    /// Opens every seal of the registry. Reads page by page, so that it can go on for hours beside
    /// other work; rows that change meanwhile are left to their writers.
    pub async fn walk_seals(&self, old: OldSeals) -> Result<SealReport> {
        let mut report = SealReport::default();
        self.walk::<account::Entity>(old, &mut report).await?;
        self.walk::<session::Entity>(old, &mut report).await?;
        self.walk::<credential::Entity>(old, &mut report).await?;
        self.walk::<approval::Entity>(old, &mut report).await?;
        self.walk::<temporary_grant::Entity>(old, &mut report).await?;
        self.walk::<organisation::Entity>(old, &mut report).await?;
        self.walk::<holder::Entity>(old, &mut report).await?;
        self.walk::<certificate::Entity>(old, &mut report).await?;
        self.walk::<photo::Entity>(old, &mut report).await?;
        self.walk::<attachment::Entity>(old, &mut report).await?;
        self.walk::<attachment_part::Entity>(old, &mut report).await?;
        Ok(report)
    }

    async fn walk<E: SealedTable>(&self, old: OldSeals, report: &mut SealReport) -> Result<()> {
        let mut from = Condition::all();
        loop {
            let snapshot = self.snapshot().await?;
            let rows = page::<E>(&snapshot, from).await?;
            let wholes = E::complete(&snapshot, rows.clone()).await?;
            snapshot.rollback().await?;
            let mut stale = Vec::new();
            for (row, whole) in rows.iter().zip(wholes) {
                report.checked += 1;
                match seal::open(&self.keys, &whole) {
                    Ok(_) if old == OldSeals::Keep || self.keys.is_current(whole.sealed()) => {}
                    Ok(secret) => stale.push((row, whole, secret)),
                    Err(Error::Corrupt { .. }) => report.found(&whole),
                    Err(error) => return Err(error),
                }
            }
            report.renewed += self.renew::<E>(stale).await?;
            match rows.last() {
                Some(last) => from = after::<E>(last),
                None => return Ok(()),
            }
        }
    }

    /// Seals anew, unless somebody else has written the row meanwhile.
    async fn renew<E: SealedTable>(&self, stale: Vec<(&E::Model, E::Whole, Vec<u8>)>) -> Result<u64> {
        if stale.is_empty() {
            return Ok(0);
        }
        let mut renewed = 0;
        let tx = self.begin().await?;
        for (row, mut whole, secret) in stale {
            let before = whole.sealed().to_vec();
            seal::seal(&self.keys, &mut whole, &secret)?;
            let update = E::update_many()
                .col_expr(Alias::new("sealed"), Expr::val(whole.sealed().to_vec()))
                .filter(this::<E>(row))
                .filter(Expr::col(Alias::new("sealed")).eq(before));
            renewed += update.exec(&tx.db).await?.rows_affected;
        }
        tx.commit().await?;
        Ok(renewed)
    }
}

fn key_columns<E: EntityTrait>() -> impl Iterator<Item = E::Column> {
    E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column)
}

async fn page<E: EntityTrait>(snapshot: &DatabaseTransaction, from: Condition) -> Result<Vec<E::Model>> {
    let mut query = E::find().filter(from).limit(PAGE);
    for column in key_columns::<E>() {
        query = query.order_by_asc(column);
    }
    Ok(query.all(snapshot).await?)
}

/// The rows behind this one in the order of the key.
fn after<E: EntityTrait>(row: &E::Model) -> Condition {
    let mut behind = Condition::any();
    let mut same = Condition::all();
    for column in key_columns::<E>() {
        let value = row.get(column);
        behind = behind.add(same.clone().add(column.gt(value.clone())));
        same = same.add(column.eq(value));
    }
    behind
}

fn this<E: EntityTrait>(row: &E::Model) -> Condition {
    key_columns::<E>().fold(Condition::all(), |same, column| same.add(column.eq(row.get(column))))
}

//! Jobs that were committed with the change they follow from, waiting to be done.

use crate::{
    error::Result,
    instants::{instant, micros},
    rows::outbox::{ActiveModel, Column, Entity},
    store::Store,
    tx::Tx,
};
use chrono::TimeDelta;
use domain::Instant;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, LockBehavior, LockType},
};

/// One job, claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxJob {
    pub id: u64,
    pub kind: String,
    /// Identifiers only, as JSON; never personal data.
    pub payload: String,
    /// How often it has been claimed, this time included.
    pub attempts: u32,
    /// When it is handed out again unless it is completed.
    pub claimed_until: Instant,
}

impl Tx {
    /// Adds a job, due at once.
    pub async fn enqueue(&self, kind: &str, payload: &str, now: Instant) -> Result<()> {
        let job = ActiveModel {
            id: NotSet,
            kind: Set(kind.to_owned()),
            payload: Set(payload.to_owned()),
            attempts: Set(0),
            due_at: Set(micros(now)),
            dead: Set(false),
        };
        Entity::insert(job).exec_without_returning(&self.db).await?;
        Ok(())
    }
}

impl Store {
    /// Takes up to `limit` jobs that are due. Nobody else gets them until `lease` is over; a job
    /// whose worker died is handed out again then.
    pub async fn claim_outbox(&self, limit: u64, lease: TimeDelta, now: Instant) -> Result<Vec<OutboxJob>> {
        let tx = self.begin().await?;
        let until = micros(now + lease);
        let rows = Entity::find()
            .filter(Column::Dead.eq(false))
            .filter(Column::DueAt.lte(micros(now)))
            .order_by_asc(Column::DueAt)
            .order_by_asc(Column::Id)
            .limit(limit)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .all(&tx.db)
            .await?;
        Entity::update_many()
            .col_expr(Column::DueAt, Expr::val(until))
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
            .filter(Column::Id.is_in(rows.iter().map(|row| row.id)))
            .exec(&tx.db)
            .await?;
        tx.commit().await?;
        let job = |row: crate::rows::outbox::Model| OutboxJob {
            id: row.id as u64,
            kind: row.kind,
            payload: row.payload,
            attempts: row.attempts as u32 + 1,
            claimed_until: instant(until),
        };
        Ok(rows.into_iter().map(job).collect())
    }

    /// The job is done.
    pub async fn complete_outbox(&self, id: u64) -> Result<()> {
        Entity::delete_by_id(id as i64).exec(&self.writes).await?;
        Ok(())
    }

    /// The job failed: it is due again at `retry_at`, or given up where there is none.
    pub async fn fail_outbox(&self, id: u64, retry_at: Option<Instant>) -> Result<()> {
        let failed = Entity::update_many().filter(Column::Id.eq(id as i64));
        let failed = match retry_at {
            Some(at) => failed.col_expr(Column::DueAt, Expr::val(micros(at))),
            None => failed.col_expr(Column::Dead, Expr::val(true)),
        };
        failed.exec(&self.writes).await?;
        Ok(())
    }

    /// Jobs that were given up, newest last.
    pub async fn dead_outbox(&self, limit: u64) -> Result<Vec<(u64, String)>> {
        let rows = Entity::find()
            .filter(Column::Dead.eq(true))
            .order_by_asc(Column::Id)
            .limit(limit)
            .all(&self.reads)
            .await?;
        Ok(rows.into_iter().map(|row| (row.id as u64, row.kind)).collect())
    }
}

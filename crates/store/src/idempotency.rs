//! The same request sent twice is done once (the Idempotency-Key header).

use crate::{
    error::{Error, Result},
    instants::micros,
    rows::idempotency::{ActiveModel, Column, Entity, Model},
    store::Store,
    tx::Tx,
};
use chrono::TimeDelta;
use domain::Instant;
use keys::Aad;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DeleteMany, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr,
};

/// A key and its answer are kept this long.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// Whoever has not answered by then has died: no request may take this long.
const LAPSES: TimeDelta = TimeDelta::minutes(1);

/// What to do with a request that carries a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Idempotency {
    /// First seen: do it, then finish or abandon the key.
    New,
    /// Done before; this was the answer.
    Replay(String),
    /// Being done right now.
    InProgress,
    /// The key was used for a different request.
    Mismatch,
}

impl Store {
    /// Claims a key, known by its hash, for a request, known by its own.
    pub async fn idempotency_begin(
        &self,
        key_hash: &[u8; 32],
        request_hash: &[u8; 32],
        now: Instant,
    ) -> Result<Idempotency> {
        sweep(&self.writes, now).await?;
        let row = Model {
            key_hash: key_hash.to_vec(),
            request_hash: request_hash.to_vec(),
            created_at: micros(now),
            response: None,
        };
        if self.claim(&row).await? {
            return Ok(Idempotency::New);
        }
        let lapsed = unanswered(key_hash).filter(Column::CreatedAt.lte(micros(now - LAPSES)));
        if lapsed.exec(&self.writes).await?.rows_affected == 1 && self.claim(&row).await? {
            return Ok(Idempotency::New);
        }
        let Some(known) = Entity::find_by_id(key_hash.to_vec()).one(&self.reads).await? else {
            return Ok(Idempotency::InProgress);
        };
        if known.request_hash != request_hash {
            return Ok(Idempotency::Mismatch);
        }
        known.response.map_or(Ok(Idempotency::InProgress), |sealed| {
            let plain =
                self.keys.open(aad(key_hash), &sealed).ok().and_then(|plain| String::from_utf8(plain).ok());
            plain
                .map(Idempotency::Replay)
                .ok_or_else(|| Error::corrupt("idempotency", "of a repeated request"))
        })
    }

    /// False if somebody else has the key.
    async fn claim(&self, row: &Model) -> Result<bool> {
        let row: ActiveModel = row.clone().into_active_model();
        match Entity::insert(row).exec_without_returning(&self.writes).await.map_err(Error::from) {
            Ok(_) => Ok(true),
            Err(Error::Conflict(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Gives the key back that was claimed at `claimed_at`: the request failed and may be tried
    /// again.
    pub async fn idempotency_abandon(&self, key_hash: &[u8; 32], claimed_at: Instant) -> Result<()> {
        let own = unanswered(key_hash).filter(Column::CreatedAt.eq(micros(claimed_at)));
        own.exec(&self.writes).await?;
        Ok(())
    }
}

fn unanswered(key_hash: &[u8; 32]) -> DeleteMany<Entity> {
    Entity::delete_many().filter(Column::KeyHash.eq(key_hash.to_vec())).filter(Column::Response.is_null())
}

impl Tx {
    /// Keeps the answer in the transaction of the change it tells of.
    ///
    /// # Errors
    /// `Conflict("idempotency_key")` if the claim of `claimed_at` has lapsed and somebody else may be
    /// doing the work.
    pub async fn idempotency_finish(
        &self,
        key_hash: &[u8; 32],
        claimed_at: Instant,
        response: &str,
    ) -> Result<()> {
        let sealed = self.keys.seal(aad(key_hash), response.as_bytes());
        let finished = Entity::update_many()
            .col_expr(Column::Response, Expr::val(sealed))
            .filter(Column::KeyHash.eq(key_hash.to_vec()))
            .filter(Column::CreatedAt.eq(micros(claimed_at)))
            .filter(Column::Response.is_null())
            .exec(&self.db)
            .await?;
        if finished.rows_affected == 1 { Ok(()) } else { Err(Error::Conflict("idempotency_key")) }
    }
}

/// An answer can hold what only its receiver may see, so it is sealed; the key's hash names it.
fn aad(key_hash: &[u8; 32]) -> Aad<'static> {
    let (id, _) = key_hash.split_first_chunk::<16>().expect("32 bytes hold 16");
    Aad { table: "idempotency", id: *id, version: 0 }
}

pub(crate) async fn sweep(db: &impl ConnectionTrait, now: Instant) -> Result<()> {
    Entity::delete_many().filter(Column::CreatedAt.lt(micros(now - KEPT))).exec(db).await?;
    Ok(())
}

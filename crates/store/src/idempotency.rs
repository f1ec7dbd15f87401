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
use keys::{Aad, KeyRing};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr};

/// A key and its answer are kept this long.
const KEPT: TimeDelta = TimeDelta::hours(24);

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
        let row: ActiveModel = row.into_active_model();
        match Entity::insert(row).exec_without_returning(&self.writes).await.map_err(Error::from) {
            Ok(_) => return Ok(Idempotency::New),
            Err(Error::Conflict(_)) => {}
            Err(error) => return Err(error),
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

    /// Keeps the answer for a repetition.
    pub async fn idempotency_finish(&self, key_hash: &[u8; 32], response: &str) -> Result<()> {
        finish(&self.writes, &self.keys, key_hash, response).await
    }

    /// Gives the key back: the request failed and may be tried again.
    pub async fn idempotency_abandon(&self, key_hash: &[u8; 32]) -> Result<()> {
        let unanswered = Entity::delete_many()
            .filter(Column::KeyHash.eq(key_hash.to_vec()))
            .filter(Column::Response.is_null());
        unanswered.exec(&self.writes).await?;
        Ok(())
    }
}

impl Tx {
    /// Keeps the answer in the transaction of the change it tells of.
    pub async fn idempotency_finish(&self, key_hash: &[u8; 32], response: &str) -> Result<()> {
        finish(&self.db, &self.keys, key_hash, response).await
    }
}

/// An answer can hold what only its receiver may see, so it is sealed; the key's hash names it.
fn aad(key_hash: &[u8; 32]) -> Aad<'static> {
    let (id, _) = key_hash.split_first_chunk::<16>().expect("32 bytes hold 16");
    Aad { table: "idempotency", id: *id, version: 0 }
}

async fn finish(
    db: &impl ConnectionTrait,
    keys: &KeyRing,
    key_hash: &[u8; 32],
    response: &str,
) -> Result<()> {
    let sealed = keys.seal(aad(key_hash), response.as_bytes());
    Entity::update_many()
        .col_expr(Column::Response, Expr::val(sealed))
        .filter(Column::KeyHash.eq(key_hash.to_vec()))
        .exec(db)
        .await?;
    Ok(())
}

pub(crate) async fn sweep(db: &impl ConnectionTrait, now: Instant) -> Result<()> {
    Entity::delete_many().filter(Column::CreatedAt.lt(micros(now - KEPT))).exec(db).await?;
    Ok(())
}

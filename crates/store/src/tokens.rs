//! Tokens that are good once, known by a keyed index of purpose and SHA-256 hash.

use crate::{
    error::{Error, Result},
    instants::micros,
    rows::one_use_token::{Column, Entity, Model},
    store::Store,
    tx::Tx,
};
use domain::Instant;
use keys::KeyRing;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

impl Store {
    pub async fn insert_one_use_token(
        &self,
        hash: &[u8; 32],
        purpose: &str,
        expires_at: Instant,
    ) -> Result<()> {
        insert(&self.writes, &self.keys, hash, purpose, expires_at).await
    }

    /// Would [`Store::consume_one_use_token`] be good?
    pub async fn has_one_use_token(&self, hash: &[u8; 32], purpose: &str, now: Instant) -> Result<bool> {
        let found = Entity::find_by_id(token_index(&self.keys, hash, purpose)).one(&self.reads).await?;
        Ok(found.is_some_and(|token| token.expires_at > micros(now)))
    }

    /// Uses up a token that was never inserted, since it proves by itself that it is genuine: `true` for the
    /// first caller only. It must be worthless after `expires_at`.
    pub async fn use_once(&self, hash: &[u8; 32], purpose: &str, expires_at: Instant) -> Result<bool> {
        match self.insert_one_use_token(hash, purpose, expires_at).await {
            Err(Error::Conflict(_)) => Ok(false),
            inserted => inserted.map(|()| true),
        }
    }

    /// Uses the token up. `false` if it is unknown, used, for another purpose or too old; of
    /// concurrent callers one gets `true`.
    pub async fn consume_one_use_token(&self, hash: &[u8; 32], purpose: &str, now: Instant) -> Result<bool> {
        consume(&self.writes, &self.keys, hash, purpose, now).await
    }
}

impl Tx {
    pub async fn insert_one_use_token(
        &self,
        hash: &[u8; 32],
        purpose: &str,
        expires_at: Instant,
    ) -> Result<()> {
        insert(&self.db, &self.keys, hash, purpose, expires_at).await
    }

    /// Makes every token worthless that was handed out before.
    pub async fn delete_one_use_tokens(&self) -> Result<()> {
        Entity::delete_many().exec(&self.db).await?;
        Ok(())
    }

    /// As [`Store::consume_one_use_token`]; undone, the token is good again.
    pub async fn consume_one_use_token(&self, hash: &[u8; 32], purpose: &str, now: Instant) -> Result<bool> {
        consume(&self.db, &self.keys, hash, purpose, now).await
    }
}

fn token_index(keys: &KeyRing, hash: &[u8; 32], purpose: &str) -> Vec<u8> {
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    keys.blind("one_use_token.token", &format!("{hash} {purpose}")).to_vec()
}

async fn insert(
    db: &impl ConnectionTrait,
    keys: &KeyRing,
    hash: &[u8; 32],
    purpose: &str,
    expires_at: Instant,
) -> Result<()> {
    let row = Model { token_index: token_index(keys, hash, purpose), expires_at: micros(expires_at) };
    Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

async fn consume(
    db: &impl ConnectionTrait,
    keys: &KeyRing,
    hash: &[u8; 32],
    purpose: &str,
    now: Instant,
) -> Result<bool> {
    let used = Entity::delete_many()
        .filter(Column::TokenIndex.eq(token_index(keys, hash, purpose)))
        .filter(Column::ExpiresAt.gt(micros(now)))
        .exec(db)
        .await?;
    Ok(used.rows_affected == 1)
}

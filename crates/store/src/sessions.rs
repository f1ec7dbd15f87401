use crate::{
    accounts::{self, Account},
    error::Result,
    instants::{instant, micros},
    rows::{account, session},
    seal,
    store::Store,
    tx::Tx,
};
use domain::{
    Instant,
    access::{Factor, Factors},
    ids::{AccountId, SessionId},
};
use keys::KeyRing;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr};

/// A signed-in session. Its token is known only as a SHA-256 hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub account: AccountId,
    pub created_at: Instant,
    pub last_seen_at: Instant,
    pub expires_at: Instant,
    pub stepped_up_at: Option<Instant>,
    pub device: Option<String>,
    pub source: String,
    /// What was proven in it so far.
    pub proven: Factors,
}

fn to_row(keys: &KeyRing, token_hash: &[u8], session: &Session) -> Result<session::Model> {
    let mut row = session::Model {
        token_hash: token_hash.to_vec(),
        id: session.id.uuid(),
        account_id: session.account.uuid(),
        created_at: micros(session.created_at),
        last_seen_at: micros(session.last_seen_at),
        expires_at: micros(session.expires_at),
        stepped_up_at: session.stepped_up_at.map(micros),
        device: session.device.clone(),
        source: session.source.clone(),
        sealed: Vec::new(),
    };
    seal::seal(keys, &mut row, &[session.proven.bits()])?;
    Ok(row)
}

fn from_row(keys: &KeyRing, row: session::Model) -> Result<Session> {
    let secret = seal::open(keys, &row)?;
    // One that began before there was anything else was opened by a password.
    let proven =
        secret.first().map_or(Factors::NONE.with(Factor::Password), |bits| Factors::from_bits(*bits));
    Ok(Session {
        proven,
        id: SessionId::from_uuid(row.id),
        account: AccountId::from_uuid(row.account_id),
        created_at: instant(row.created_at),
        last_seen_at: instant(row.last_seen_at),
        expires_at: instant(row.expires_at),
        stepped_up_at: row.stepped_up_at.map(instant),
        device: row.device,
        source: row.source,
    })
}

impl Store {
    pub async fn insert_session(&self, token_hash: &[u8; 32], session: &Session) -> Result<()> {
        let row = to_row(&self.keys, token_hash, session)?.into_active_model();
        session::Entity::insert(row).exec_without_returning(&self.writes).await?;
        Ok(())
    }

    /// The session with this token and its account, however old or disabled they are.
    pub async fn session(&self, token_hash: &[u8; 32]) -> Result<Option<(Session, Account)>> {
        let Some(row) = session::Entity::find_by_id(token_hash.to_vec()).one(&self.reads).await? else {
            return Ok(None);
        };
        let account = account::Entity::find_by_id(row.account_id).one(&self.reads).await?;
        account
            .map(|account| Ok((from_row(&self.keys, row)?, accounts::from_row(&self.keys, account)?)))
            .transpose()
    }

    pub async fn sessions_of(&self, account: AccountId) -> Result<Vec<Session>> {
        let of_account = session::Column::AccountId.eq(account.uuid());
        let rows = session::Entity::find().filter(of_account).all(&self.reads).await?;
        rows.into_iter().map(|row| from_row(&self.keys, row)).collect()
    }

    /// Notes that the session was active.
    pub async fn touch_session(&self, id: SessionId, now: Instant) -> Result<()> {
        session::Entity::update_many()
            .col_expr(session::Column::LastSeenAt, Expr::val(micros(now)))
            .filter(session::Column::Id.eq(id.uuid()))
            .exec(&self.writes)
            .await?;
        Ok(())
    }

    /// Notes that identity was proven by this factor; harmless when the session has ended.
    pub async fn prove_in_session(&self, id: SessionId, factor: Factor, now: Instant) -> Result<()> {
        let tx = self.begin().await?;
        tx.prove_in_session(id, factor, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ends the session if it is the account's; `false` if the account has no such session.
    pub async fn delete_session_of(&self, account: AccountId, id: SessionId) -> Result<bool> {
        let deleted = session::Entity::delete_many()
            .filter(session::Column::Id.eq(id.uuid()))
            .filter(session::Column::AccountId.eq(account.uuid()))
            .exec(&self.writes)
            .await?;
        Ok(deleted.rows_affected == 1)
    }

    /// Ends the session; harmless when it has ended.
    pub async fn delete_session(&self, id: SessionId) -> Result<()> {
        session::Entity::delete_many().filter(session::Column::Id.eq(id.uuid())).exec(&self.writes).await?;
        Ok(())
    }

    /// Ends every session of the account and returns how many there were.
    pub async fn delete_sessions_of(&self, account: AccountId) -> Result<u64> {
        end_all(&self.writes, account).await
    }
}

impl Tx {
    /// As [`Store::prove_in_session`].
    pub async fn prove_in_session(&self, id: SessionId, factor: Factor, now: Instant) -> Result<()> {
        let of_id = session::Column::Id.eq(id.uuid());
        let Some(row) = session::Entity::find().filter(of_id.clone()).one(&self.db).await? else {
            return Ok(());
        };
        let token_hash = row.token_hash.clone();
        let mut session = from_row(&self.keys, row)?;
        session.stepped_up_at = Some(now);
        session.proven = session.proven.with(factor);
        let row = to_row(&self.keys, &token_hash, &session)?;
        session::Entity::update_many()
            .col_expr(session::Column::SteppedUpAt, Expr::val(row.stepped_up_at))
            .col_expr(session::Column::Sealed, Expr::val(row.sealed))
            .filter(of_id)
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// Ends every session of the account but this one.
    pub async fn delete_other_sessions_of(&self, account: AccountId, kept: SessionId) -> Result<()> {
        session::Entity::delete_many()
            .filter(session::Column::AccountId.eq(account.uuid()))
            .filter(session::Column::Id.ne(kept.uuid()))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// As [`Store::delete_sessions_of`].
    pub async fn delete_sessions_of(&self, account: AccountId) -> Result<u64> {
        end_all(&self.db, account).await
    }
}

async fn end_all(db: &impl ConnectionTrait, account: AccountId) -> Result<u64> {
    let of_account = session::Column::AccountId.eq(account.uuid());
    Ok(session::Entity::delete_many().filter(of_account).exec(db).await?.rows_affected)
}

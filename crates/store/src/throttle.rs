//! Counters of attempts that hold across restarts and instances. A key is kept only as a blind
//! index, since it can hold a login or an address.

use crate::{
    error::Result,
    instants::{instant, micros},
    rows::throttle::{Column, Entity, Model},
    store::Store,
    tx::Tx,
};
use chrono::TimeDelta;
use domain::Instant;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{CaseStatement, Expr, ExprTrait, OnConflict},
};

/// How a counter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThrottleState {
    /// Within the present window, this one included.
    pub count: u32,
    /// How often the key has been locked since it was last cleared.
    pub strikes: u32,
    /// When the present window began.
    pub since: Instant,
}

/// How many attempts a key has, and what follows.
#[derive(Debug, Clone, Copy)]
pub struct Measure<'a> {
    pub attempts: u32,
    pub window: TimeDelta,
    /// How long the first lock holds, the second, and so on; the last one is for all that follow.
    pub locks: &'a [TimeDelta],
}

impl Store {
    fn throttle_key(&self, key: &str) -> Vec<u8> {
        self.keys.blind("throttle.key", key).to_vec()
    }

    /// Counts one failure. The window begins with the first failure and is as long as `window`.
    pub async fn throttle_failure(
        &self,
        key: &str,
        window: TimeDelta,
        now: Instant,
    ) -> Result<ThrottleState> {
        let tx = self.begin().await?;
        let row = count(&tx, self.throttle_key(key), window, now).await?;
        tx.commit().await?;
        Ok(ThrottleState {
            count: row.count as u32,
            strikes: row.strikes as u32,
            since: instant(row.window_start),
        })
    }

    /// Takes one attempt before its outcome is known, so that no number of attempts made at the
    /// same time exceeds the measure: counting takes the row's lock, and the attempt that fills the
    /// measure locks the key for those after it. Returns until when the key is locked if there is
    /// no attempt left; nothing is counted then. Success is told by [`Store::throttle_clear`].
    pub async fn throttle_attempt(
        &self,
        key: &str,
        measure: Measure<'_>,
        now: Instant,
    ) -> Result<Option<Instant>> {
        let key_index = self.throttle_key(key);
        let tx = self.begin().await?;
        let row = count(&tx, key_index.clone(), measure.window, now).await?;
        if let Some(until) = row.locked_until.map(instant).filter(|until| *until > now) {
            tx.rollback().await?;
            return Ok(Some(until));
        }
        if row.count >= i64::from(measure.attempts) {
            let strike = usize::try_from(row.strikes).unwrap_or(usize::MAX);
            let lock = measure.locks.get(strike).or(measure.locks.last()).copied().unwrap_or(measure.window);
            lock_until(&tx.db, key_index, now + lock).await?;
        }
        tx.commit().await?;
        Ok(None)
    }

    /// Counts one use and returns how many there were within the window, this one included.
    pub async fn count_in_window(&self, key: &str, window: TimeDelta, now: Instant) -> Result<u32> {
        Ok(self.throttle_failure(key, window, now).await?.count)
    }

    /// Locks the key, which must have been counted before; the count begins anew and the strikes
    /// go up.
    pub async fn throttle_lock(&self, key: &str, until: Instant) -> Result<()> {
        lock_until(&self.writes, self.throttle_key(key), until).await
    }

    /// How many were counted in the key's last window.
    pub async fn throttle_count(&self, key: &str) -> Result<u32> {
        let row = Entity::find_by_id(self.throttle_key(key)).one(&self.reads).await?;
        Ok(row.map_or(0, |row| row.count as u32))
    }

    /// Until when the key is or was locked.
    pub async fn locked_until(&self, key: &str) -> Result<Option<Instant>> {
        let row = Entity::find_by_id(self.throttle_key(key)).one(&self.reads).await?;
        Ok(row.and_then(|row| row.locked_until).map(instant))
    }

    /// Forgets count, lock and strikes.
    pub async fn throttle_clear(&self, key: &str) -> Result<()> {
        Entity::delete_by_id(self.throttle_key(key)).exec(&self.writes).await?;
        Ok(())
    }
}

/// One more within the window, in one statement; the row as it then stands, locked by `tx`.
async fn count(tx: &Tx, key_index: Vec<u8>, window: TimeDelta, now: Instant) -> Result<Model> {
    let first = Model {
        key_index: key_index.clone(),
        count: 1,
        window_start: micros(now),
        locked_until: None,
        strikes: 0,
    };
    let over = || Expr::col((Entity, Column::WindowStart)).lte(micros(now - window));
    // MySQL assigns from left to right and sees what it has just assigned: the count first.
    let count = CaseStatement::new().case(over(), 1).finally(Expr::col((Entity, Column::Count)).add(1));
    let start =
        CaseStatement::new().case(over(), micros(now)).finally(Expr::col((Entity, Column::WindowStart)));
    let again = OnConflict::column(Column::KeyIndex)
        .value(Column::Count, count)
        .value(Column::WindowStart, start)
        .to_owned();
    Entity::insert(first.clone().into_active_model())
        .on_conflict(again)
        .exec_without_returning(&tx.db)
        .await?;
    Ok(Entity::find_by_id(key_index).one(&tx.db).await?.unwrap_or(first))
}

async fn lock_until(db: &impl ConnectionTrait, key_index: Vec<u8>, until: Instant) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LockedUntil, Expr::val(micros(until)))
        .col_expr(Column::Strikes, Expr::col(Column::Strikes).add(1))
        .col_expr(Column::Count, Expr::val(0))
        .filter(Column::KeyIndex.eq(key_index))
        .exec(db)
        .await?;
    Ok(())
}

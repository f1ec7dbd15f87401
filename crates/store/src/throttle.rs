//! Counters of attempts that hold across restarts and instances. A key is kept only as a blind
//! index, since it can hold a login or an address.

use crate::{
    error::Result,
    instants::{instant, micros},
    rows::throttle::{ActiveModel, Column, Entity, Model},
    store::Store,
};
use chrono::TimeDelta;
use domain::Instant;
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{CaseStatement, Expr, ExprTrait, OnConflict},
};

/// How a counter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ThrottleState {
    /// Within the present window, this one included.
    pub count: u32,
    /// How often the key has been locked since it was last cleared.
    pub strikes: u32,
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
        let key_index = self.throttle_key(key);
        let tx = self.begin().await?;
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
        let first: ActiveModel = first.into_active_model();
        Entity::insert(first).on_conflict(again).exec_without_returning(&tx.db).await?;
        let row = Entity::find_by_id(key_index).one(&tx.db).await?;
        tx.commit().await?;
        Ok(row
            .map(|row| ThrottleState { count: row.count as u32, strikes: row.strikes as u32 })
            .unwrap_or_default())
    }

    /// Counts one use and returns how many there were within the window, this one included.
    pub async fn count_in_window(&self, key: &str, window: TimeDelta, now: Instant) -> Result<u32> {
        Ok(self.throttle_failure(key, window, now).await?.count)
    }

    /// Locks the key, which must have been counted before; the count begins anew and the strikes
    /// go up.
    pub async fn throttle_lock(&self, key: &str, until: Instant) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::LockedUntil, Expr::val(micros(until)))
            .col_expr(Column::Strikes, Expr::col(Column::Strikes).add(1))
            .col_expr(Column::Count, Expr::val(0))
            .filter(Column::KeyIndex.eq(self.throttle_key(key)))
            .exec(&self.writes)
            .await?;
        Ok(())
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

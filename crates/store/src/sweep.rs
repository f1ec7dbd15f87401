use crate::{
    error::Result,
    idempotency,
    instants::micros,
    rows::{credential, one_use_token, session, throttle},
    store::Store,
};
use chrono::TimeDelta;
use domain::Instant;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

/// Counters and locks are forgotten this long after they stopped mattering.
const STALE: TimeDelta = TimeDelta::days(7);

impl Store {
    /// Deletes what has ended: sessions, tokens, credentials, counters and kept
    /// answers. Called now and then.
    pub async fn sweep(&self, now: Instant) -> Result<()> {
        let over = session::Column::ExpiresAt.lte(micros(now));
        session::Entity::delete_many().filter(over).exec(&self.writes).await?;
        let over = one_use_token::Column::ExpiresAt.lte(micros(now));
        one_use_token::Entity::delete_many().filter(over).exec(&self.writes).await?;
        let over = credential::Column::ExpiresAt.lte(micros(now));
        credential::Entity::delete_many().filter(over).exec(&self.writes).await?;
        let stale = micros(now - STALE);
        let unlocked = Condition::any()
            .add(throttle::Column::LockedUntil.is_null())
            .add(throttle::Column::LockedUntil.lt(stale));
        let over = Condition::all().add(throttle::Column::WindowStart.lt(stale)).add(unlocked);
        throttle::Entity::delete_many().filter(over).exec(&self.writes).await?;
        idempotency::sweep(&self.writes, now).await
    }
}

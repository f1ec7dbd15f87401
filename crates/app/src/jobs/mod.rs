//! Work that goes on beside the calls: the read model follows the change feed, the audit becomes
//! searchable and is sealed with checkpoints, what has ended is swept away.

pub mod audit;
pub mod follower;
pub mod seals;

use crate::App;
use std::time::Duration;

const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// Forgets what has ended, until the task is dropped.
pub async fn sweep(app: &App) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        let now = app.clock.now();
        app.sessions.sweep(now);
        if let Err(error) = app.store.sweep(now).await {
            tracing::warn!(error = %error, "ended sessions and keys stay in the store for now");
        }
    }
}

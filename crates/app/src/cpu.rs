//! Work that would hold up the async threads: password hashing, parsing, signing.

use crate::Error;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// A bounded number of threads for work of tens of milliseconds. A caller waits for its turn
/// without blocking an async thread.
#[derive(Clone)]
pub struct CpuPool(Arc<Semaphore>);

impl CpuPool {
    pub fn new(at_once: usize) -> Self {
        Self(Arc::new(Semaphore::new(at_once)))
    }

    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let permit = self.0.clone().acquire_owned().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        })
        .await
        .map_err(Error::internal)
    }
}

//! The threads that answer.

use journal::Hurry;
use std::{io, sync::LazyLock};
use tokio::runtime::{Builder, Runtime};

/// A thread looks into the queue that all share before each task, and not before one in 61: those that the
/// journal has let go on stand there, and those for which its own queue has no room. Among thousands of busy
/// connections they would wait for seconds while a few are served again and again.
const TASKS_BETWEEN_SHARED: u32 = 1;

/// Of the process, as its threads are.
static IDLE: LazyLock<Hurry> = LazyLock::new(Hurry::default);

pub fn build() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .enable_all()
        .global_queue_interval(TASKS_BETWEEN_SHARED)
        .on_thread_park(|| IDLE.tell())
        .build()
}

/// Told whenever a thread has nothing to do.
pub fn idle() -> Hurry {
    IDLE.clone()
}

//! The threads that answer.

use journal::Appenders;
use std::{io, sync::LazyLock};
use tokio::runtime::{Builder, Runtime};

/// A thread looks into the queue that all share before each task, and not before one in 61: those that the
/// journal has let go on stand there, and those for which its own queue has no room. Among thousands of busy
/// connections they would wait for seconds while a few are served again and again.
const TASKS_BETWEEN_SHARED: u32 = 1;

/// Of the process, as its threads are.
static APPENDERS: LazyLock<Appenders> = LazyLock::new(Appenders::default);

pub fn build() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .enable_all()
        .global_queue_interval(TASKS_BETWEEN_SHARED)
        .on_thread_park(|| APPENDERS.rest())
        .on_thread_unpark(|| APPENDERS.resume())
        .build()
}

/// The threads as the journal sees them.
pub fn appenders() -> Appenders {
    APPENDERS.clone()
}

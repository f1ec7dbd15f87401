use parking_lot::{Condvar, Mutex};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

/// The threads that append. A batch waits for companions only while all of them are at work: one that rests
/// has found nothing to do, since its callers wait for the journal. Where nobody tells of any, all are taken
/// to be at work.
#[derive(Clone, Default)]
pub struct Appenders(Arc<Inner>);

#[derive(Default)]
struct Inner {
    resting: AtomicUsize,
    /// A batch waits. So that nobody takes the lock who has no need to.
    waits: AtomicBool,
    asleep: Mutex<()>,
    wake: Condvar,
}

impl Appenders {
    /// The calling thread has nothing to do. Costs next to nothing while no batch waits.
    pub fn rest(&self) {
        self.0.resting.fetch_add(1, SeqCst);
        if self.0.waits.swap(false, SeqCst) {
            // Held until the batch is asleep and can be woken.
            drop(self.0.asleep.lock());
            self.0.wake.notify_one();
        }
    }

    /// The calling thread, which has rested, has something to do again.
    pub fn resume(&self) {
        self.0.resting.fetch_sub(1, SeqCst);
    }

    /// Until one of them rests, so long at most.
    pub(crate) fn wait(&self, most: Duration) {
        let mut asleep = self.0.asleep.lock();
        // In this order, and the other way round in `rest`: one of the two sees the other.
        self.0.waits.store(true, SeqCst);
        if self.0.resting.load(SeqCst) == 0 {
            // Woken for no reason, a batch is smaller than it could be.
            let _timed_out = self.0.wake.wait_for(&mut asleep, most);
        }
        self.0.waits.store(false, SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, thread};

    const FOREVER: Duration = Duration::from_secs(3600);

    #[test]
    fn a_batch_waits_until_a_thread_rests_and_no_longer() {
        let appenders = Appenders::default();
        appenders.rest();
        appenders.wait(FOREVER);
        appenders.resume();
        let (sender, waited) = mpsc::channel();
        let waiting = appenders.clone();
        let waiter = thread::spawn(move || {
            waiting.wait(FOREVER);
            sender.send(()).expect("somebody listens");
        });
        appenders.rest();
        assert_eq!(waited.recv(), Ok(()));
        waiter.join().expect("the wait ends");
    }
}

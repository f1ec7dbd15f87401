use parking_lot::{Condvar, Mutex};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Ends the wait of a batch for companions. Whoever knows that none are on their way says so: a runtime whose
/// threads have nothing to do, since all their callers wait for the journal.
#[derive(Clone, Default)]
pub struct Hurry(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// So that nobody takes the lock who has no need to.
    waits: AtomicBool,
    asleep: Mutex<()>,
    wake: Condvar,
}

impl Hurry {
    /// Nobody is on the way. Costs next to nothing while no batch waits.
    pub fn tell(&self) {
        if self.0.waits.swap(false, Ordering::AcqRel) {
            // Held until the batch is asleep and can be woken.
            drop(self.0.asleep.lock());
            self.0.wake.notify_one();
        }
    }

    /// Until told, so long at most.
    pub(crate) fn wait(&self, most: Duration) {
        let mut asleep = self.0.asleep.lock();
        self.0.waits.store(true, Ordering::Release);
        // Woken for no reason, a batch is smaller than it could be.
        let _timed_out = self.0.wake.wait_for(&mut asleep, most);
        self.0.waits.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, thread};

    #[test]
    fn a_wait_ends_when_told() {
        let hurry = Hurry::default();
        let (sender, waited) = mpsc::channel();
        let waiting = hurry.clone();
        let waiter = thread::spawn(move || {
            waiting.wait(Duration::from_secs(3600));
            sender.send(()).expect("somebody listens");
        });
        while waited.try_recv().is_err() {
            hurry.tell();
            thread::yield_now();
        }
        waiter.join().expect("the wait ends");
    }
}

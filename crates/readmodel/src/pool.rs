//! Threads of their own for searches: a look-up takes microseconds and must not wait behind a
//! search. When searches pile up, more are refused at once instead of making everybody wait.

use futures::channel::oneshot;
use parking_lot::{Condvar, Mutex};
use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// Nobody waits longer than this for a search to begin.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Priority of searches: where processors are short, look-ups come first.
const NICE: i32 = 10;

/// Weight of the newest search in the running mean of their durations.
const NEWEST_WEIGHT: f64 = 0.1;

/// Too many searches wait already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many searches are waiting")]
pub struct Overloaded {
    /// When it is worth trying again.
    pub retry_after: Duration,
}

impl Overloaded {
    /// Whole seconds, at least one, as in the Retry-After header.
    pub fn retry_after_s(&self) -> u64 {
        self.retry_after.as_secs().max(1)
    }
}

type Job = Box<dyn FnOnce() + Send>;

/// What a search returned, or how it panicked.
type Answer<T> = oneshot::Receiver<thread::Result<T>>;

/// A fixed number of threads with a queue bounded by the expected wait.
pub struct SearchPool {
    shared: Arc<Shared>,
    threads: Vec<thread::JoinHandle<()>>,
}

struct Shared {
    queue: Mutex<Queue>,
    arrived: Condvar,
}

struct Queue {
    jobs: VecDeque<Job>,
    threads: usize,
    /// Running mean of how long a search takes.
    mean: Duration,
    closed: bool,
}

impl Queue {
    /// How long a job added now would wait for a thread.
    fn wait(&self) -> Duration {
        self.mean.mul_f64(self.jobs.len() as f64 / self.threads as f64)
    }

    fn took(&mut self, duration: Duration) {
        self.mean = self.mean.mul_f64(1.0 - NEWEST_WEIGHT) + duration.mul_f64(NEWEST_WEIGHT);
    }
}

impl SearchPool {
    /// Starts the threads; at least one.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn new(threads: usize) -> std::io::Result<Self> {
        let threads = threads.max(1);
        let queue = Queue { jobs: VecDeque::new(), threads, mean: Duration::ZERO, closed: false };
        let shared = Arc::new(Shared { queue: Mutex::new(queue), arrived: Condvar::new() });
        let start = |number| {
            let shared = shared.clone();
            thread::Builder::new().name(format!("search-{number}")).spawn(move || shared.work())
        };
        let threads = (0..threads).map(start).collect::<Result<_, _>>()?;
        Ok(Self { shared, threads })
    }

    /// Runs the search on a thread of the pool. A caller that stops waiting takes its search out of
    /// the queue. A panic of the search goes on in the caller.
    ///
    /// # Errors
    /// [`Overloaded`] at once when it would have to wait for more than a second.
    pub async fn run<T: Send + 'static>(
        &self,
        search: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Overloaded> {
        match self.submit(search)?.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(panic)) => resume_unwind(panic),
            // The pool is being closed.
            Err(oneshot::Canceled) => Err(Overloaded { retry_after: LONGEST_WAIT }),
        }
    }

    fn submit<T: Send + 'static>(
        &self,
        search: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Answer<T>, Overloaded> {
        let (answer, receiver) = oneshot::channel();
        let job = move || {
            if !answer.is_canceled() {
                let result = catch_unwind(AssertUnwindSafe(search));
                // The caller may have gone by now.
                let _ = answer.send(result);
            }
        };
        let mut queue = self.shared.queue.lock();
        let wait = queue.wait();
        if wait > LONGEST_WAIT {
            return Err(Overloaded { retry_after: wait });
        }
        queue.jobs.push_back(Box::new(job));
        drop(queue);
        self.shared.arrived.notify_one();
        Ok(receiver)
    }
}

impl Shared {
    fn work(&self) {
        // Of this thread alone, on Linux. Refused, look-ups wait longer for a processor, and nothing else.
        let _priority = rustix::process::nice(NICE);
        while let Some(job) = self.next() {
            let begun = Instant::now();
            job();
            self.queue.lock().took(begun.elapsed());
        }
    }

    fn next(&self) -> Option<Job> {
        let mut queue = self.queue.lock();
        loop {
            if queue.closed {
                return None;
            }
            if let Some(job) = queue.jobs.pop_front() {
                return Some(job);
            }
            self.arrived.wait(&mut queue);
        }
    }
}

impl Drop for SearchPool {
    fn drop(&mut self) {
        {
            let mut queue = self.shared.queue.lock();
            queue.closed = true;
            queue.jobs.clear();
        }
        self.shared.arrived.notify_all();
        for thread in self.threads.drain(..) {
            // A thread catches the panics of searches; there is nothing to learn from its end.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;
    use std::sync::mpsc;

    #[test]
    fn a_search_runs_and_answers() {
        let pool = SearchPool::new(2).unwrap();
        assert_eq!(block_on(pool.run(|| 40 + 2)), Ok(42));
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_pool_lives_on() {
        let pool = SearchPool::new(1).unwrap();
        let panicked = catch_unwind(AssertUnwindSafe(|| block_on(pool.run(|| panic!("search failed")))));
        assert!(panicked.is_err());
        assert_eq!(block_on(pool.run(|| 1)), Ok(1));
    }

    #[test]
    fn when_the_wait_would_be_too_long_searches_are_refused_and_taken_again_later() {
        let pool = SearchPool::new(1).unwrap();
        let (release, gate) = mpsc::channel::<()>();
        let (started, has_started) = mpsc::channel();
        let first = pool.submit(move || {
            started.send(()).unwrap();
            gate.recv().unwrap();
        });
        has_started.recv().unwrap();
        pool.shared.queue.lock().mean = Duration::from_millis(600);
        let waiting: Vec<_> = (0..2).map(|number| pool.submit(move || number)).collect();
        assert!(waiting.iter().all(Result::is_ok));
        let refused = pool.submit(|| 3).err().unwrap();
        assert_eq!(refused, Overloaded { retry_after: Duration::from_millis(1200) });
        assert_eq!(refused.retry_after_s(), 1);
        release.send(()).unwrap();
        block_on(first.unwrap()).unwrap().unwrap();
        for (number, search) in waiting.into_iter().enumerate() {
            assert_eq!(block_on(search.unwrap()).unwrap().unwrap(), number);
        }
        assert_eq!(block_on(pool.run(|| 5)), Ok(5));
    }

    #[test]
    fn a_search_nobody_waits_for_is_not_run() {
        let pool = SearchPool::new(1).unwrap();
        let (release, gate) = mpsc::channel::<()>();
        let first = pool.submit(move || gate.recv().unwrap());
        let (ran, has_run) = mpsc::channel::<()>();
        drop(pool.submit(move || ran.send(())));
        release.send(()).unwrap();
        block_on(first.unwrap()).unwrap().unwrap();
        block_on(pool.run(|| ())).unwrap();
        assert!(has_run.try_recv().is_err());
    }
}

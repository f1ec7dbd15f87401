//! When questions are asked, and what the answers took.

use crate::load::{Measured, WARM_UP};
use anyhow::Result;
use std::time::{Duration, Instant};

/// The time in which questions may be asked: first uncounted, then counted.
#[derive(Clone, Copy)]
pub struct Window {
    begin: Instant,
    end: Instant,
}

/// The answers to one user.
#[derive(Default)]
pub struct Tally {
    warm_up_us: Vec<u64>,
    counted_us: Vec<u64>,
    /// Given up by the peer itself.
    given_up: usize,
}

impl Window {
    pub fn open(duration: Duration) -> Self {
        let begin = Instant::now() + WARM_UP;
        Self { begin, end: begin + duration }
    }

    /// Nothing is asked any more.
    pub fn is_over(self) -> bool {
        Instant::now() >= self.end
    }

    /// Takes down an answer to what was asked at this moment.
    pub fn take(self, tally: &mut Tally, asked: Instant) -> Result<()> {
        let took = u64::try_from(asked.elapsed().as_micros())?;
        let kept = if asked < self.begin { &mut tally.warm_up_us } else { &mut tally.counted_us };
        kept.push(took);
        Ok(())
    }

    /// What all users saw together. Where no answer came in time to ask again, the first ones count: a question
    /// that takes longer than the window has no need of a warm-up.
    pub fn measured(self, tallies: Vec<Tally>) -> Measured {
        let has_counted = tallies.iter().any(|tally| !tally.counted_us.is_empty());
        let begin = if has_counted { self.begin } else { self.begin - WARM_UP };
        let loops = tallies.into_iter().map(|tally| {
            let latencies = if has_counted { tally.counted_us } else { tally.warm_up_us };
            (latencies, tally.given_up)
        });
        // The answers that came after the end were asked for before it.
        Measured::of(loops.collect(), begin.elapsed())
    }
}

impl Tally {
    pub fn give_up(&mut self) {
        self.given_up += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_answers_count_even_if_they_were_asked_for_too_early() {
        let window = Window::open(Duration::from_secs(1));
        let mut tally = Tally::default();
        window.take(&mut tally, Instant::now()).unwrap();
        assert_eq!(window.measured(vec![tally]).latencies_us.len(), 1);
    }

    #[test]
    fn the_warm_up_is_left_out_where_there_is_more() {
        let window = Window { begin: Instant::now(), end: Instant::now() };
        let mut tally = Tally { warm_up_us: vec![1, 2, 3], ..Tally::default() };
        window.take(&mut tally, Instant::now()).unwrap();
        tally.give_up();
        let measured = window.measured(vec![tally]);
        assert_eq!((measured.latencies_us.len(), measured.refused), (1, 1));
    }
}

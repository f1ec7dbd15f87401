//! A closed loop of requests over several connections.

use crate::api::{Api, Request};
use anyhow::{Context, Result, ensure};
use std::{
    thread,
    time::{Duration, Instant},
};

/// Not measured: connections are opened and caches filled.
const WARM_UP: Duration = Duration::from_millis(500);

/// What a closed loop showed.
pub struct Measured {
    /// Answers a second, refusals not counted.
    pub rate: f64,
    /// Microseconds from request to answer, ascending.
    pub latencies_us: Vec<u64>,
    /// Answers other than 200.
    pub refused: usize,
}

impl Measured {
    /// Latency that a share of the answers stayed within, in milliseconds.
    pub fn percentile_ms(&self, share: f64) -> f64 {
        let last = self.latencies_us.len().saturating_sub(1);
        let index = (last as f64 * share).round() as usize;
        self.latencies_us.get(index).map_or(f64::NAN, |latency| *latency as f64 / 1000.0)
    }
}

/// Each connection begins at another request, so that they do not all ask the same at the same time.
pub fn run(api: &Api, requests: &[Request], connections: usize, duration: Duration) -> Result<Measured> {
    ensure!(!requests.is_empty(), "there is nothing to ask");
    let begin = Instant::now() + WARM_UP;
    let end = begin + duration;
    let loops = thread::scope(|scope| {
        let started: Vec<_> = (0..connections)
            .map(|number| {
                let first = number * requests.len() / connections;
                let turns = requests.iter().cycle().skip(first);
                scope.spawn(move || one_connection(api, turns, begin, end))
            })
            .collect();
        started
            .into_iter()
            .map(|thread| thread.join().ok().context("a connection gave up")?)
            .collect::<Result<Vec<_>>>()
    })?;
    let refused = loops.iter().map(|(_, refused)| refused).sum();
    let mut latencies_us: Vec<u64> = loops.into_iter().flat_map(|(latencies, _)| latencies).collect();
    latencies_us.sort_unstable();
    Ok(Measured { rate: latencies_us.len() as f64 / duration.as_secs_f64(), latencies_us, refused })
}

fn one_connection<'a>(
    api: &Api,
    turns: impl Iterator<Item = &'a Request>,
    begin: Instant,
    end: Instant,
) -> Result<(Vec<u64>, usize)> {
    let mut connection = api.connect()?;
    let (mut latencies, mut refused) = (Vec::new(), 0);
    for request in turns {
        let sent = Instant::now();
        if sent >= end {
            break;
        }
        let answer = connection.exchange(request)?;
        if sent < begin {
            continue;
        }
        if answer.status == 200 {
            latencies.push(u64::try_from(sent.elapsed().as_micros())?);
        } else {
            refused += 1;
        }
    }
    Ok((latencies, refused))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_taken_from_the_sorted_latencies() {
        let measured =
            Measured { rate: 1.0, latencies_us: (0..=100).map(|n| n * 1000).collect(), refused: 0 };
        assert_eq!(measured.percentile_ms(0.5), 50.0);
        assert_eq!(measured.percentile_ms(0.99), 99.0);
    }

    #[test]
    fn without_an_answer_there_is_no_percentile() {
        let measured = Measured { rate: 0.0, latencies_us: Vec::new(), refused: 3 };
        assert!(measured.percentile_ms(0.5).is_nan());
    }
}

//! Requests that come when they come, whether or not earlier ones are answered. What a caller waits is
//! counted from the moment the request was due, so that a stall is felt by everyone it delays (no coordinated
//! omission).

use crate::{
    cases::Case,
    load::{Connection, Measured, open_all},
};
use anyhow::Result;
use futures::future::try_join_all;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Sends so many requests a second, spread evenly over the connections.
pub async fn open_loop(case: &Case, connections: usize, rate: u32, duration: Duration) -> Result<Measured> {
    let open = open_all(&case.address, &case.requests[0], connections).await?;
    let schedule = Schedule { begin: Instant::now(), rate, connections, end: duration };
    let loops =
        open.into_iter().enumerate().map(|(number, connection)| schedule.run(case, connection, number));
    Ok(Measured::of(try_join_all(loops).await?, duration))
}

/// When requests are due: the first of each connection after those of the connections before it.
#[derive(Clone, Copy)]
struct Schedule {
    begin: Instant,
    rate: u32,
    connections: usize,
    end: Duration,
}

impl Schedule {
    fn due(self, request: usize) -> Duration {
        Duration::from_secs_f64(request as f64 / f64::from(self.rate))
    }

    async fn run(self, case: &Case, mut connection: Connection, number: usize) -> Result<(Vec<u64>, usize)> {
        let (mut latencies, mut refused) = (Vec::new(), 0);
        for request in (number..).step_by(self.connections) {
            let due = self.due(request);
            if due >= self.end {
                break;
            }
            let due = self.begin + due;
            sleep_until(due).await;
            let answer = connection.exchange(&case.requests[request % case.requests.len()]).await?;
            if answer.status == 200 {
                latencies.push(u64::try_from(due.elapsed().as_micros())?);
            } else {
                refused += 1;
            }
        }
        Ok((latencies, refused))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_due_evenly_whatever_the_number_of_connections() {
        let schedule =
            Schedule { begin: Instant::now(), rate: 200, connections: 3, end: Duration::from_secs(1) };
        assert_eq!(schedule.due(0), Duration::ZERO);
        assert_eq!(schedule.due(1), Duration::from_millis(5));
        assert_eq!(schedule.due(200), Duration::from_secs(1));
    }
}

//! Many kept-alive connections, and a closed loop of requests over them.

use crate::{cases::Case, client::Request};
use anyhow::{Context, Result, bail, ensure};
use futures::future::try_join_all;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::Instant,
};

/// Not measured: caches are filled.
pub const WARM_UP: Duration = Duration::from_millis(500);
/// Connections opened at once, so that the listener's queue is not what is measured.
const OPENED_TOGETHER: usize = 200;

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
    /// Latencies and refusals of each connection, put together.
    pub fn of(loops: Vec<(Vec<u64>, usize)>, duration: Duration) -> Self {
        let refused = loops.iter().map(|(_, refused)| refused).sum();
        let mut latencies_us: Vec<u64> = loops.into_iter().flat_map(|(latencies, _)| latencies).collect();
        latencies_us.sort_unstable();
        Self { rate: latencies_us.len() as f64 / duration.as_secs_f64(), latencies_us, refused }
    }

    /// Latency that a share of the answers stayed within, in milliseconds.
    pub fn percentile_ms(&self, share: f64) -> f64 {
        let last = self.latencies_us.len().saturating_sub(1);
        let index = (last as f64 * share).round() as usize;
        self.latencies_us.get(index).map_or(f64::NAN, |latency| *latency as f64 / 1000.0)
    }
}

/// Every connection sends its next request when the answer to the last is there, and each begins at another
/// request, so that they do not all ask the same at the same time.
pub async fn closed_loop(case: &Case, connections: usize, duration: Duration) -> Result<Measured> {
    ensure!(!case.requests.is_empty(), "there is nothing to ask");
    let open = open_all(&case.address, &case.requests[0], connections).await?;
    let begin = Instant::now() + WARM_UP;
    let end = begin + duration;
    let loops = open.into_iter().enumerate().map(|(number, connection)| {
        let first = number * case.requests.len() / connections;
        one_connection(connection, case.requests.iter().cycle().skip(first), begin, end)
    });
    Ok(Measured::of(try_join_all(loops).await?, duration))
}

/// Connections that have been answered once: one that only waits in the queue of the listener is not kept alive
/// by anybody yet.
pub async fn open_all(address: &str, first: &Request, connections: usize) -> Result<Vec<Connection>> {
    let welcomed = async || {
        let mut connection = Connection::open(address).await?;
        connection.exchange(first).await?;
        anyhow::Ok(connection)
    };
    let mut open = Vec::with_capacity(connections);
    while open.len() < connections {
        let some = OPENED_TOGETHER.min(connections - open.len());
        open.extend(try_join_all((0..some).map(|_| welcomed())).await?);
    }
    Ok(open)
}

async fn one_connection<'a>(
    mut connection: Connection,
    turns: impl Iterator<Item = &'a Request>,
    begin: Instant,
    end: Instant,
) -> Result<(Vec<u64>, usize)> {
    let (mut latencies, mut refused) = (Vec::new(), 0);
    for request in turns {
        let sent = Instant::now();
        if sent >= end {
            break;
        }
        let answer = connection.exchange(request).await?;
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

/// One HTTP/1.1 connection that costs the client as little as it can.
pub struct Connection {
    stream: TcpStream,
    /// The answer read last.
    buffer: Vec<u8>,
    /// Length of its head.
    head: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Of the body.
    pub length: usize,
}

impl Connection {
    pub async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("connections are not accepted")?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 << 10), head: 0 })
    }

    /// Reads as far as the answer goes, so that the connection can be used again.
    pub async fn exchange(&mut self, request: &Request) -> Result<Answer> {
        self.stream.write_all(&request.0).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the connection was closed without an answer");
            }
            if let Some((answer, head)) = parse(&self.buffer)? {
                while self.buffer.len() < head + answer.length {
                    ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the answer was cut short");
                }
                self.head = head;
                return Ok(answer);
            }
        }
    }

    /// Status line and headers of the answer read last.
    pub fn head(&self) -> &[u8] {
        &self.buffer[..self.head]
    }

    /// Of the answer read last.
    pub fn body(&self) -> &[u8] {
        &self.buffer[self.head..]
    }
}

/// Status, length of the body and length of the head, once the head is whole.
fn parse(bytes: &[u8]) -> Result<Option<(Answer, usize)>> {
    let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else { return Ok(None) };
    let head = &bytes[..end];
    let status = head.get(9..12).context("the answer has no status")?;
    let status = std::str::from_utf8(status)?.parse()?;
    let mut length = 0;
    for line in head.split(|byte| *byte == b'\n') {
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        if line[..colon].eq_ignore_ascii_case(b"content-length") {
            length = std::str::from_utf8(&line[colon + 1..])?.trim().parse()?;
        } else if line[..colon].eq_ignore_ascii_case(b"transfer-encoding") {
            bail!("the answer does not say its length");
        }
    }
    Ok(Some((Answer { status, length }, end + 4)))
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

    #[test]
    fn an_answer_is_read_once_its_head_is_whole() {
        let wire = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"total\":1}";
        assert_eq!(parse(&wire[..30]).unwrap(), None);
        assert_eq!(parse(wire).unwrap(), Some((Answer { status: 200, length: 11 }, 39)));
        let refused = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\nx: y\r\n\r\n{}";
        assert_eq!(parse(refused).unwrap().unwrap().0, Answer { status: 403, length: 2 });
        assert!(parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
    }
}

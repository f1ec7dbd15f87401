use super::Fault;
use crate::world::{NATION, World};
use anyhow::{Context, Result};
use rand_chacha::ChaCha8Rng;
use reqwest::Client;
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{sync::Semaphore, task::JoinSet, time};

/// Enough clients to find out what the registry can do.
const CLOSED: usize = 48;
/// Requests under way at once at most; the client's own bound.
const OPEN: usize = 3_000;
const TICK: Duration = Duration::from_millis(5);
/// An answer that comes later is of no use.
const USEFUL_WITHIN: Duration = Duration::from_secs(10);

/// Three times as many requests as it can answer.
pub struct Overload {
    seconds: u64,
    remark: Option<String>,
}

impl Overload {
    pub fn new(seconds: u64) -> Self {
        Self { seconds, remark: None }
    }
}

impl Fault for Overload {
    fn row(&self) -> &'static str {
        "R-29"
    }

    fn name(&self) -> &'static str {
        "three times overload"
    }

    fn under_load(&self) -> bool {
        false
    }

    fn inject(&mut self, world: &World, _: &mut ChaCha8Rng) -> Result<()> {
        let crowd = Crowd::of(world)?;
        let lasting = Duration::from_secs(self.seconds);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let peak = runtime.block_on(crowd.closed_loop(lasting));
        let (goodput, shed) = runtime.block_on(crowd.open_loop(3.0 * peak, lasting));
        let begun = Instant::now();
        while runtime.block_on(crowd.ask(0)) != Some(true) {}
        self.remark = Some(format!(
            "peak {peak:.0}/s; three times that offered: {goodput:.0}/s answered ({:.0} %), {shed} shed; \
             the next request was answered {} ms after",
            100.0 * goodput / peak,
            begun.elapsed().as_millis()
        ));
        Ok(())
    }

    fn lift(&mut self, _: &World, _: &mut ChaCha8Rng) -> Result<()> {
        Ok(())
    }

    fn remark(&self) -> Option<String> {
        self.remark.clone()
    }
}

/// Many who ask at the same time. Their connections are kept, as browsers keep them.
struct Crowd {
    client: Client,
    url: String,
    token: String,
    questions: Vec<Value>,
}

impl Crowd {
    fn of(world: &World) -> Result<Arc<Self>> {
        let client = Client::builder().timeout(USEFUL_WITHIN).build().context("no HTTP client")?;
        let mut questions: Vec<Value> =
            world.subjects.read().iter().map(|subject| json!({ "number": subject.number })).collect();
        // One in five asks for more than one certificate.
        let substrings = questions.len() / 4;
        questions.extend((0..substrings).map(|_| json!({ "organisation": "有限公司", "page_size": 20 })));
        let url = format!("{}/api/v1/certificates/search", world.registry.url());
        Ok(Arc::new(Self { client, url, token: world.sign_in(NATION)?, questions }))
    }

    /// Whether there was a result; none when there was no answer.
    async fn ask(&self, turn: usize) -> Option<bool> {
        let question = &self.questions[turn % self.questions.len()];
        let request = self.client.post(&self.url).bearer_auth(&self.token).json(question);
        let answer = request.send().await.ok()?;
        let status = answer.status();
        answer.bytes().await.ok()?;
        Some(status.is_success())
    }

    /// Results a second when everybody waits for their answer before they ask again.
    async fn closed_loop(self: &Arc<Self>, lasting: Duration) -> f64 {
        let end = Instant::now() + lasting;
        let mut clients = JoinSet::new();
        for first in 0..CLOSED {
            let crowd = self.clone();
            clients.spawn(async move {
                let mut results = 0_u32;
                for turn in first.. {
                    if Instant::now() >= end {
                        break;
                    }
                    results += u32::from(crowd.ask(turn).await == Some(true));
                }
                results
            });
        }
        f64::from(clients.join_all().await.into_iter().sum::<u32>()) / lasting.as_secs_f64()
    }

    /// Results a second, and how many requests came to none, when so many ask every second,
    /// answered or not.
    async fn open_loop(self: &Arc<Self>, rate: f64, lasting: Duration) -> (f64, u64) {
        let (room, results, shed) =
            (Arc::new(Semaphore::new(OPEN)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let begun = Instant::now();
        let (mut sent, mut ticks, mut asked) = (0_usize, time::interval(TICK), JoinSet::new());
        while begun.elapsed() < lasting {
            ticks.tick().await;
            let due = (begun.elapsed().as_secs_f64() * rate) as usize;
            for turn in sent..due {
                let Ok(place) = room.clone().try_acquire_owned() else {
                    shed.fetch_add(1, Ordering::Relaxed);
                    continue;
                };
                let (crowd, results, shed) = (self.clone(), results.clone(), shed.clone());
                asked.spawn(async move {
                    let counter = if crowd.ask(turn).await == Some(true) { results } else { shed };
                    counter.fetch_add(1, Ordering::Relaxed);
                    drop(place);
                });
            }
            sent = due;
        }
        let in_time = results.load(Ordering::Relaxed);
        asked.join_all().await;
        (in_time as f64 / lasting.as_secs_f64(), shed.load(Ordering::Relaxed))
    }
}

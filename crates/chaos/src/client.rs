//! One HTTP request at a time, each over a connection of its own: a pool would hide a broken
//! connection by trying again.

use anyhow::{Context, Result};
use reqwest::{
    Method,
    blocking::{Client, Response},
};
use serde_json::Value;
use std::time::Duration;

/// Longer than the server itself lets a request take.
const PATIENCE: Duration = Duration::from_secs(40);

/// Somebody's way to the registry; cheap to clone.
#[derive(Clone)]
pub struct Http(Client);

/// What is asked.
pub struct Ask<'a> {
    pub method: Method,
    pub path: &'a str,
    pub token: Option<&'a str>,
    pub headers: &'a [(&'a str, &'a str)],
    pub body: Option<&'a Value>,
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub etag: Option<String>,
    pub body: Value,
    retry_after: bool,
}

/// What came back.
#[derive(Debug)]
pub enum Reply {
    Answer(Answer),
    /// No whole answer came; why.
    Silence(String),
}

/// What a reply means to somebody who cannot see inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Done,
    /// Said honestly that it cannot be done now: when to come again is told.
    NotNow(String),
    /// Said why it will not be done.
    Refused(String),
    Silent(String),
    /// Neither a result nor a problem that says what is the matter.
    Dishonest(String),
}

impl Http {
    pub fn new() -> Result<Self> {
        // The first one counts; the others find it done.
        let _done = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = Client::builder().pool_max_idle_per_host(0).timeout(PATIENCE).build();
        Ok(Self(client.context("no HTTP client")?))
    }

    pub fn send(&self, url: &str, ask: &Ask<'_>) -> Reply {
        // What operators ask stands beside the API.
        let beside = ask.path.starts_with("/health") || ask.path == "/metrics";
        let base = if beside { "" } else { "/api/v1" };
        let mut request = self.0.request(ask.method.clone(), format!("{url}{base}{}", ask.path));
        for (name, value) in ask.headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = ask.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = ask.body {
            request = request.json(body);
        }
        match request.send().and_then(read) {
            Ok(answer) => Reply::Answer(answer),
            Err(error) => Reply::Silence(format!("{error:?}")),
        }
    }
}

fn read(response: Response) -> reqwest::Result<Answer> {
    let status = response.status().as_u16();
    let header = |name: &str| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
    let (etag, retry_after) = (header("etag"), header("retry-after").is_some());
    let text = response.text()?;
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Ok(Answer { status, etag, body, retry_after })
}

impl Answer {
    pub fn items(&self) -> &[Value] {
        self.body["items"].as_array().map_or(&[], Vec::as_slice)
    }

    pub fn total(&self) -> Option<u64> {
        self.body["total"]["value"].as_u64()
    }

    /// Says of itself that it may be behind or incomplete.
    pub fn has_reservations(&self) -> bool {
        let reasons = self.body["reasons"].as_array().map_or(&[][..], Vec::as_slice);
        reasons.iter().any(|reason| reason == "service_degraded" || reason == "source_lagging")
    }
}

impl Reply {
    pub fn standing(&self) -> Standing {
        let answer = match self {
            Reply::Answer(answer) => answer,
            Reply::Silence(why) => return Standing::Silent(why.clone()),
        };
        let code = answer.body["code"].as_str().map(str::to_owned);
        match (answer.status, code) {
            (200..300, _) => Standing::Done,
            (429 | 503, Some(code)) if answer.retry_after => Standing::NotNow(code),
            (400..500, Some(code)) => Standing::Refused(code),
            // A record that does not match its seal is named, and is the one thing it cannot say more of.
            (500, Some(code)) if code == "record_corrupt" => Standing::Refused(code),
            (status, _) => Standing::Dishonest(format!("{status} {}", answer.body)),
        }
    }

    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Reply::Answer(answer) => Some(answer),
            Reply::Silence(_) => None,
        }
    }

    /// The answer, if what was asked for was done.
    pub fn done(&self) -> Option<&Answer> {
        self.answer().filter(|answer| (200..300).contains(&answer.status))
    }
}

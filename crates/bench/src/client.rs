//! How the bench prepares: it signs in and asks the registry for values to ask with.

use crate::load::Connection;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

pub struct Client {
    /// Host and port.
    address: String,
    token: Option<String>,
}

/// A request as the bytes that are sent, so that it can be sent many times.
#[derive(Clone)]
pub struct Request(pub Vec<u8>);

impl Client {
    /// `url` as the program printed it: `http://127.0.0.1:8080`.
    pub async fn sign_in(url: &str, login: &str, password: &str) -> Result<Self> {
        let address = url.strip_prefix("http://").context("the demo is served without TLS on loopback")?;
        let mut client = Self { address: address.trim_end_matches('/').to_owned(), token: None };
        let session =
            client.post("/api/v1/session", &json!({ "login": login, "password": password })).await?;
        client.token = Some(session["token"].as_str().context("the session has no token")?.to_owned());
        Ok(client)
    }

    /// One request on a connection of its own. Anything but a 200 is an error.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = self.send(&Sent { method: "POST", path, body: Some(body), headers: &[] }).await?;
        ensure!(answer.status == 200, "POST {path} was answered {}: {}", answer.status, answer.body);
        Ok(answer.body)
    }

    /// One request on a connection of its own.
    pub async fn send(&self, sent: &Sent<'_>) -> Result<Received> {
        let mut connection = Connection::open(&self.address).await?;
        let request = raw(&self.address, sent, self.token.as_deref());
        let status = connection.exchange(&request).await?.status;
        let body = serde_json::from_slice(connection.body());
        let body =
            body.with_context(|| format!("the answer to {} {} is not JSON", sent.method, sent.path))?;
        Ok(Received { status, head: String::from_utf8_lossy(connection.head()).into_owned(), body })
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Request {
        raw(&self.address, &Sent { method, path, body, headers: &[] }, self.token.as_deref())
    }

    /// Length of the body that answers a request.
    pub async fn size_of_answer(&self, request: &Request) -> Result<usize> {
        let mut connection = Connection::open(&self.address).await?;
        let answer = connection.exchange(request).await?;
        ensure!(answer.status == 200, "the sample was answered {}", answer.status);
        Ok(answer.length)
    }
}

/// What is asked.
pub struct Sent<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub body: Option<&'a Value>,
    /// Besides those that every request has.
    pub headers: &'a [(&'a str, &'a str)],
}

/// What is answered.
pub struct Received {
    pub status: u16,
    head: String,
    pub body: Value,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut named = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.trim())
    }
}

pub fn raw(host: &str, sent: &Sent<'_>, token: Option<&str>) -> Request {
    let Sent { method, path, headers, .. } = sent;
    let body = sent.body.map(Value::to_string).unwrap_or_default();
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n");
    if let Some(token) = token {
        text.push_str(&format!("Authorization: Bearer {token}\r\n"));
    }
    for (name, value) in *headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        text.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()));
    }
    Request(format!("{text}\r\n{body}").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_carries_the_token_and_its_length() {
        let body = json!({ "name": "张" });
        let sent = Sent { method: "POST", path: "/x", body: Some(&body), headers: &[("If-Match", "1")] };
        let request = raw("127.0.0.1:1", &sent, Some("secret"));
        let text = String::from_utf8(request.0).unwrap();
        assert!(text.starts_with("POST /x HTTP/1.1\r\nHost: 127.0.0.1:1\r\n"), "{text}");
        assert!(text.contains("Authorization: Bearer secret\r\nIf-Match: 1\r\n"), "{text}");
        assert!(text.ends_with("Content-Length: 14\r\n\r\n{\"name\":\"张\"}"), "{text}");
    }
}

//! A client for the API on this machine's loopback interface, where it is served without TLS: JSON over one
//! kept-alive HTTP/1.1 connection.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::Duration,
};

const TIMEOUT: Duration = Duration::from_secs(30);

/// Where the API is, and as whom it is asked.
#[derive(Clone)]
pub struct Api {
    /// Host and port.
    address: String,
    token: Option<String>,
}

/// A request as the bytes that are sent, so that it can be sent many times.
pub struct Request(Vec<u8>);

pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Api {
    /// `url` as the program printed it: `http://127.0.0.1:8080`, with or without a closing slash.
    pub fn new(url: &str) -> Result<Self> {
        let address = url.strip_prefix("http://").context("the demo is served without TLS on loopback")?;
        Ok(Self { address: address.trim_end_matches('/').to_owned(), token: None })
    }

    /// The same API, asked as the account that signed in.
    pub fn sign_in(&self, login: &str, password: &str) -> Result<Self> {
        let session = self.post("/api/v1/session", &json!({ "login": login, "password": password }))?;
        let token = session["token"].as_str().context("the session has no token")?;
        Ok(Self { address: self.address.clone(), token: Some(token.to_owned()) })
    }

    /// One request on a connection of its own. Anything but a 200 is an error.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = self.connect()?.exchange(&self.request("POST", path, Some(body)))?;
        if answer.status != 200 {
            bail!("POST {path} was answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        }
        serde_json::from_slice(&answer.body).with_context(|| format!("the answer to POST {path} is not JSON"))
    }

    pub fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Request {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut text =
            format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nAccept: application/json\r\n", self.address);
        if let Some(token) = &self.token {
            text.push_str(&format!("Authorization: Bearer {token}\r\n"));
        }
        if !body.is_empty() {
            text.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()));
        }
        Request(format!("{text}\r\n{body}").into_bytes())
    }

    pub fn connect(&self) -> Result<Connection> {
        let stream = TcpStream::connect(&self.address).context("the demo does not accept connections")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        Ok(Connection(BufReader::new(stream)))
    }
}

pub struct Connection(BufReader<TcpStream>);

impl Connection {
    pub fn exchange(&mut self, request: &Request) -> Result<Answer> {
        self.0.get_mut().write_all(&request.0)?;
        read_answer(&mut self.0)
    }
}

/// Reads as far as the answer goes, so that the connection can be used again.
fn read_answer(from: &mut impl BufRead) -> Result<Answer> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    let status = line.split(' ').nth(1).context("the connection was closed without an answer")?.parse()?;
    let mut length = 0;
    loop {
        line.clear();
        from.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse()?;
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            bail!("the answer does not say its length");
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    Ok(Answer { status, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_on_one_connection_are_told_apart() {
        let mut wire = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"total\":1}\
                        HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\nx: y\r\n\r\n{}HTTP/1.1 204 No Content\r\n\r\n"
            .as_bytes();
        let first = read_answer(&mut wire).unwrap();
        assert_eq!((first.status, first.body.as_slice()), (200, br#"{"total":1}"#.as_slice()));
        let second = read_answer(&mut wire).unwrap();
        assert_eq!((second.status, second.body.as_slice()), (403, b"{}".as_slice()));
        assert_eq!(read_answer(&mut wire).unwrap().status, 204);
        assert!(read_answer(&mut wire).is_err(), "a closed connection is not an answer");
    }

    #[test]
    fn a_request_carries_the_token_and_its_length() {
        let api = Api { address: "127.0.0.1:1".into(), token: Some("secret".into()) };
        let request = api.request("POST", "/x", Some(&json!({ "name": "张" })));
        let text = String::from_utf8(request.0).unwrap();
        assert!(text.starts_with("POST /x HTTP/1.1\r\nHost: 127.0.0.1:1\r\n"), "{text}");
        assert!(text.contains("Authorization: Bearer secret\r\n"), "{text}");
        assert!(text.ends_with("Content-Length: 14\r\n\r\n{\"name\":\"张\"}"), "{text}");
    }
}

//! The floor: the same HTTP stack with nothing behind it. A handler that serialises a record into an answer of
//! the size that is asked for, in a process of its own like the registry.

use crate::{
    cases::Case,
    client::{Sent, raw},
};
use anyhow::{Context, Result};
use axum::{Json, Router, routing::get};
use serde::Serialize;
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};
use tokio::net::{TcpListener, TcpSocket};

/// As many fields as a row of a search result.
#[derive(Serialize)]
struct Answer {
    id: String,
    number: String,
    r#type: &'static str,
    item: &'static str,
    holder: &'static str,
    organisation: &'static str,
    issuer: &'static str,
    region: u32,
    issued_on: &'static str,
    valid_until: &'static str,
    review_due_on: Option<&'static str>,
    status: &'static str,
    since: &'static str,
    reason: Option<&'static str>,
    rest: String,
}

fn answer(bytes: usize) -> Result<Answer> {
    let mut answer = Answer {
        id: "cert_00000000000000000000000000000000".to_owned(),
        number: "T000000000000000000".to_owned(),
        r#type: "mem_special_ops",
        item: "mem:1.1",
        holder: "某某某",
        organisation: "某某有限公司",
        issuer: "某某应急管理局",
        region: 110_105,
        issued_on: "2024-01-01",
        valid_until: "2030-01-01",
        review_due_on: Some("2027-01-01"),
        status: "valid",
        since: "2024-01-01",
        reason: None,
        rest: String::new(),
    };
    let length = serde_json::to_vec(&answer)?.len();
    answer.rest = "x".repeat(bytes.saturating_sub(length));
    Ok(answer)
}

/// Prints its address on the first line and serves until killed.
pub async fn serve(bytes: usize) -> Result<()> {
    // For as long as the process lives.
    let answer: &'static Answer = Box::leak(Box::new(answer(bytes)?));
    let router = Router::new().route("/", get(async move || Json(answer)));
    let socket = TcpSocket::new_v4()?;
    socket.bind("127.0.0.1:0".parse()?)?;
    let listener: TcpListener = socket.listen(16_384)?;
    println!("{}", listener.local_addr()?);
    let no_delay = axum::serve::ListenerExt::tap_io(listener, |stream| {
        // A socket that was closed meanwhile has no delay either.
        let _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(no_delay, router).await?)
}

/// The floor in a process of its own, ended when dropped.
pub struct Floor {
    process: Child,
    address: String,
}

impl Floor {
    pub fn start(bytes: usize) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["floor", "--bytes", &bytes.to_string()]).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().context("the floor cannot be started")?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("stdout is piped")?).read_line(&mut line)?;
        Ok(Self { process, address: line.trim().to_owned() })
    }

    pub fn case(&self) -> Case {
        Case {
            name: "floor: bare JSON handler",
            address: self.address.clone(),
            requests: vec![raw(
                &self.address,
                &Sent { method: "GET", path: "/", body: None, headers: &[] },
                None,
            )],
        }
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        // Gone already only if it failed, which its measurement has told.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_answer_has_the_size_that_was_asked_for() {
        let length = |bytes| serde_json::to_vec(&super::answer(bytes).unwrap()).unwrap().len();
        assert_eq!(length(900), 900);
        assert_eq!(length(5_000), 5_000);
    }
}

//! A demo registry served for the length of a task, in a folder that goes away with it.

use crate::{api::Api, process};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

const TIME_TO_STOP: Duration = Duration::from_secs(30);

pub struct Served {
    // Fields are dropped in this order: the program must be gone before its folder goes.
    process: Running,
    folder: Folder,
    url: String,
    accounts: Vec<Value>,
}

/// How the demo is started.
pub struct Start {
    pub certificates: u32,
    /// Making the certificates takes its time.
    pub within: Duration,
    /// Settings besides the demo's own.
    pub environment: &'static [(&'static str, &'static str)],
}

impl Served {
    /// Starts the demo on a free port and waits for the line that says it is ready.
    pub fn start(binary: &Path, start: &Start) -> Result<Self> {
        let folder = Folder::create()?;
        let mut command = Command::new(binary);
        command.args(["demo", "--json", "--listen", "127.0.0.1:0", "--certificates"]);
        command.arg(start.certificates.to_string()).arg("--data-dir").arg(&folder.0);
        command.envs(start.environment.iter().copied()).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = Running(command.spawn().context("the demo cannot be started")?);
        let ready = process.first_line(start.within)?;
        let ready: Value = serde_json::from_str(&ready).context("the ready line is not JSON")?;
        let url = ready["url"].as_str().context("the ready line has no url")?.to_owned();
        let accounts = ready["accounts"].as_array().context("the ready line lists no accounts")?.clone();
        Ok(Self { process, folder, url, accounts })
    }

    pub fn folder(&self) -> &Path {
        &self.folder.0
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Login and password of the role's account.
    pub fn account(&self, role: &str) -> Result<(&str, &str)> {
        let account = self.accounts.iter().find(|account| account["role"] == role);
        let account = account.with_context(|| format!("the demo has no account for {role}"))?;
        let text = |key: &str| account[key].as_str().with_context(|| format!("the account has no {key}"));
        Ok((text("login")?, text("password")?))
    }

    pub fn sign_in(&self, role: &str) -> Result<Api> {
        let (login, password) = self.account(role)?;
        Api::new(&self.url)?.sign_in(login, password)
    }

    /// Asks the program to stop and waits until it has. Its folder stays until the value is dropped.
    pub fn stop(&mut self) -> Result<()> {
        let child = &mut self.process.0;
        process::run(Command::new("kill").args(["-TERM", &child.id().to_string()]))?;
        let begun = Instant::now();
        while begun.elapsed() < TIME_TO_STOP {
            if let Some(status) = child.try_wait()? {
                ensure!(status.success(), "the demo ended with {status}");
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("the demo did not stop in time")
    }
}

struct Running(Child);

impl Running {
    fn first_line(&mut self, within: Duration) -> Result<String> {
        let stdout = self.0.stdout.take().context("stdout is piped")?;
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            // Read to the end, so that the program never writes into a closed pipe. Only the first line is
            // waited for.
            for line in BufReader::new(stdout).lines() {
                let _ = sender.send(line);
            }
        });
        Ok(receiver.recv_timeout(within).context("the demo did not become ready")??)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Already gone after a clean stop; on an early return it must not outlive the task.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Folder(PathBuf);

impl Folder {
    fn create() -> Result<Self> {
        let path = env::temp_dir().join(format!("anzheng-task-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

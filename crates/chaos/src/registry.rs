//! The program under test, as its operator sees it: a folder, settings, a process that is started
//! and ends, and commands beside it.

use crate::tools;
use anyhow::{Context, Result, bail, ensure};
use parking_lot::{Mutex, RwLock};
use serde_json::Value;
use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

/// A start that takes longer hangs.
const START_WITHIN: Duration = Duration::from_secs(120);
pub const PASSWORD: &str = "Anzheng-demo-2026";
/// The smallest demo there is.
const CERTIFICATES: &str = "1000";

pub struct Registry {
    binary: PathBuf,
    folder: PathBuf,
    /// What the process says of itself goes here.
    log: PathBuf,
    settings: RwLock<Vec<(String, String)>>,
    process: Mutex<Option<Child>>,
    url: RwLock<String>,
}

impl Registry {
    pub fn new(binary: &Path, folder: &Path, log: &Path) -> Self {
        // One client stands for many; nobody's rate is what is tested.
        let settings = [
            ("ANZHENG__LIMITS__ACCOUNT_RATE", "100000000"),
            ("ANZHENG__LIMITS__ANONYMOUS_RATE", "100000000"),
            ("ANZHENG__LIMITS__CHALLENGE_BITS", "1"),
            ("ANZHENG__SEARCH__WRITER_HEAP_MIB", "32"),
        ];
        let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned()));
        Self {
            binary: binary.to_owned(),
            folder: folder.to_owned(),
            log: log.to_owned(),
            settings: RwLock::new(settings.into()),
            process: Mutex::new(None),
            url: RwLock::default(),
        }
    }

    /// For this process's environment at its next start, and for commands.
    pub fn set(&self, key: &str, value: &str) {
        self.settings.write().push((key.to_owned(), value.to_owned()));
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn url(&self) -> String {
        self.url.read().clone()
    }

    pub fn pid(&self) -> Result<u32> {
        Ok(self.process.lock().as_ref().context("the registry does not run")?.id())
    }

    /// Starts the process and waits until it says that it serves.
    ///
    /// # Errors
    /// What the process said when it ended instead.
    pub fn start(&self) -> Result<()> {
        // It must not outlive this program, however that ends.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(&self.binary);
        command.args(["demo", "--json", "--certificates", CERTIFICATES, "--listen", "127.0.0.1:0"]);
        command.arg("--data-dir").arg(&self.folder).envs(self.settings.read().iter().cloned());
        let log = File::options().create(true).append(true).open(&self.log)?;
        let said_before = log.metadata()?.len();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut process = command.spawn().with_context(|| format!("cannot run {}", self.binary.display()))?;
        let first = first_line(&mut process)?;
        let Ok(Some(ready)) = first else {
            // Where nothing came in time it hangs; where its output ended, so has it.
            if first.is_err() {
                process.kill()?;
            }
            let status = process.wait()?;
            let how = if first.is_err() { "did not become ready".into() } else { format!("ended, {status}") };
            let said = fs::read(&self.log)?;
            let said = String::from_utf8_lossy(&said[said_before as usize..]).into_owned();
            bail!("the registry {how}: {}", said.lines().last().unwrap_or("without a word"));
        };
        let ready: Value = serde_json::from_str(&ready)?;
        *self.url.write() = ready["url"].as_str().context("the ready line has no url")?.to_owned();
        *self.process.lock() = Some(process);
        Ok(())
    }

    /// Ends the process as a power cut would, except that the kernel keeps what it was given.
    pub fn kill(&self) -> Result<()> {
        if let Some(mut process) = self.process.lock().take() {
            process.kill()?;
            process.wait()?;
        }
        Ok(())
    }

    /// Has the process ended by itself?
    pub fn has_ended(&self) -> Result<bool> {
        Ok(match self.process.lock().as_mut() {
            Some(process) => process.try_wait()?.is_some(),
            None => true,
        })
    }

    /// Asks the process to stop and waits until it has.
    pub fn stop(&self) -> Result<()> {
        let Some(mut process) = self.process.lock().take() else { return Ok(()) };
        tools::signal(process.id(), "TERM")?;
        let status = process.wait()?;
        ensure!(status.success(), "the registry was asked to stop and ended with {status}");
        Ok(())
    }

    /// A command on the same folder, beside the process.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).arg("--data-dir").arg(&self.folder);
        command.envs(self.settings.read().iter().cloned()).stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Result<Output> {
        Ok(self.command(arguments).output()?)
    }

    /// Resident memory in KiB and open descriptors of the process.
    pub fn footprint(&self) -> Result<Footprint> {
        let proc = PathBuf::from(format!("/proc/{}", self.pid()?));
        let status = fs::read_to_string(proc.join("status"))?;
        let kib = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        Ok(Footprint {
            resident_kib: kib("VmRSS:").context("no VmRSS")?,
            data_kib: kib("VmData:").context("no VmData")?,
            descriptors: fs::read_dir(proc.join("fd"))?.count() as u64,
        })
    }
}

#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct Footprint {
    pub resident_kib: u64,
    pub data_kib: u64,
    pub descriptors: u64,
}

impl Drop for Registry {
    fn drop(&mut self) {
        // Ended already where a fault ended it.
        let _ended = self.kill();
    }
}

/// The line that says the process is ready; none when it ended, an error when it took too long.
fn first_line(process: &mut Child) -> Result<Result<Option<String>, RecvTimeoutError>> {
    let stdout = process.stdout.take().context("stdout is piped")?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        // Read to the end, so that the process never writes into a closed pipe.
        let _nobody_waits = sender.send(lines.next());
        lines.for_each(drop);
    });
    Ok(receiver.recv_timeout(START_WITHIN))
}

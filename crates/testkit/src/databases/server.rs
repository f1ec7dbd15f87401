//! A server that ends with the test process. Static values are never dropped and a killed process
//! runs no code at all, so a small shell watches a pipe that only this process holds open: when
//! it closes, the shell ends the server and removes its folder.

use anyhow::{Context, Result, bail};
use sea_orm::Database;
use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const START_TIMEOUT: Duration = Duration::from_secs(60);

/// Arguments: folder to remove, log file, then the server's own command line. Signals meant for
/// the tests (Ctrl-C) must not end the watcher before its work is done.
const WATCHER: &str = r#"
trap '' INT TERM HUP
folder=$1; log=$2; shift 2
"$@" </dev/null >"$log" 2>&1 &
server=$!
cat >/dev/null
kill -QUIT "$server"
sleep 0.2
kill -KILL "$server" 2>/dev/null
wait "$server"
rm -rf "$folder"
"#;

pub(super) struct Server {
    log: PathBuf,
    watcher: Child,
}

impl Server {
    /// Starts `command`; `folder` is removed when it ends.
    pub(super) fn start(folder: &Path, command: &[String]) -> Result<Self> {
        let log = folder.join("server.log");
        let watcher = Command::new("sh")
            .args(["-c", WATCHER, "watcher"])
            .args([folder.as_os_str(), log.as_os_str()])
            .args(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("sh cannot be run")?;
        Ok(Self { log, watcher })
    }

    /// Waits until the server answers at `url`, and lets it run until this process ends.
    pub(super) async fn ready(self, url: &str) -> Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < START_TIMEOUT {
            if let Ok(db) = Database::connect(url).await {
                db.close().await?;
                // Its end of the pipe stays open as long as this process lives.
                std::mem::forget(self.watcher);
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        bail!("the server does not answer; its log: {log}")
    }
}

/// A folder for a server to live in, owned by the account the server runs as.
pub(super) fn folder(owner: Option<&str>) -> Result<PathBuf> {
    let folder = tempfile::Builder::new().prefix("anzheng-").tempdir()?.keep();
    if let Some(owner) = owner {
        super::run(Command::new("chown").arg(owner).arg(&folder))?;
    }
    Ok(folder)
}

/// Is this process root, which database servers refuse to run as?
pub(super) fn is_root() -> Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(std::fs::metadata("/proc/self").context("/proc is not there")?.uid() == 0)
}

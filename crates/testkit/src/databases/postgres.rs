use super::{
    Address, program, run,
    server::{Server, folder, is_root},
};
use anyhow::{Context, Result};
use std::{
    path::{Path, PathBuf},
    process::Command,
};
use tokio::sync::OnceCell;

/// The PostgreSQL server of this process.
pub(super) async fn server() -> Result<&'static Address> {
    static SERVER: OnceCell<Address> = OnceCell::const_new();
    SERVER.get_or_try_init(start).await
}

async fn start() -> Result<Address> {
    let folder = initialised()?;
    // Nothing here has to survive a power cut.
    let settings = ["fsync=off", "full_page_writes=off", "synchronous_commit=off"];
    let url = format!("postgres://anzheng@localhost/{{}}?host={}", folder.display());
    let admin_url = url.replace("{}", "postgres");
    Server::start(&folder, &command(&folder, &settings)?)?.ready(&admin_url).await?;
    Ok(Address { admin_url, url, create: "CREATE DATABASE {}" })
}

/// A PostgreSQL server of one test, which may take it away and bring it back.
pub struct OwnPostgres {
    folder: PathBuf,
    url: String,
    settings: Vec<String>,
}

impl OwnPostgres {
    /// # Panics
    /// If the server cannot be started; the message says what to install.
    pub async fn start() -> Self {
        Self::with_settings(&["fsync=off"]).await
    }

    /// As [`OwnPostgres::start`], with settings of the server in the place of those of a test.
    ///
    /// # Panics
    /// If the server cannot be started; the message says what to install.
    pub async fn with_settings(settings: &[&str]) -> Self {
        let folder = initialised().expect("PostgreSQL can be set up");
        let url = format!("postgres://anzheng@localhost/postgres?host={}", folder.display());
        let settings = settings.iter().copied().map(str::to_owned).collect();
        let own = Self { folder, url, settings };
        own.start_again().await;
        own
    }

    /// Where it keeps its data and its socket.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The URL of an empty database on it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends the server as a crash would: no session is finished, nothing is written out. What was
    /// committed is in its log.
    ///
    /// # Panics
    /// If it does not run.
    pub fn kill(&self) {
        run(Command::new("kill").args(["-QUIT", &self.postmaster()])).expect("the server runs");
        while self.lock().exists() {
            std::thread::yield_now();
        }
    }

    /// Kills the server's first process, so that nobody is left to clean up. The sessions notice and
    /// end; only then can it be started again.
    ///
    /// # Panics
    /// If it does not run.
    pub fn kill_postmaster(&self) {
        let sessions = children(&self.postmaster());
        run(Command::new("kill").args(["-KILL", &self.postmaster()])).expect("the server runs");
        while sessions.iter().any(|pid| std::fs::read_link(format!("/proc/{pid}/exe")).is_ok()) {
            std::thread::yield_now();
        }
    }

    /// Kills the process of one session. The server then ends all others, since their shared memory
    /// may be damaged, and recovers by itself.
    ///
    /// # Panics
    /// If it does not run or nobody is connected.
    pub fn kill_backend(&self) {
        let of_a_client = |pid: &String| {
            let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            line.starts_with("postgres: anzheng")
        };
        let sessions = children(&self.postmaster());
        let session = sessions.into_iter().find(of_a_client).expect("somebody is connected");
        run(Command::new("kill").args(["-KILL", &session])).expect("the session is there");
    }

    fn lock(&self) -> PathBuf {
        self.folder.join("data/postmaster.pid")
    }

    fn postmaster(&self) -> String {
        let content = std::fs::read_to_string(self.lock()).expect("the server runs");
        content.lines().next().expect("the first line is its process").to_owned()
    }

    /// # Panics
    /// If the server cannot be started.
    pub async fn start_again(&self) {
        let command = command(&self.folder, &self.settings).expect("PostgreSQL is installed");
        let server = Server::start(&self.folder, &command).expect("PostgreSQL can be started");
        server.ready(&self.url).await.expect("PostgreSQL answers");
    }
}

fn children(pid: &str) -> Vec<String> {
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
    children.expect("the server runs").split_whitespace().map(str::to_owned).collect()
}

/// A folder with an empty cluster.
fn initialised() -> Result<PathBuf> {
    let owner = is_root()?.then_some("postgres");
    let initdb = installed("initdb")?;
    let folder = folder(owner)?;
    let data = folder.join("data").display().to_string();

    let mut init = as_owner(owner);
    init.extend([initdb.display().to_string(), "-D".into(), data.clone()]);
    init.extend(["-U", "anzheng", "--auth=trust", "-N", "-E", "UTF8", "--locale=C"].map(String::from));
    run(Command::new(&init[0]).args(&init[1..]).current_dir(&folder)).context("initdb")?;
    Ok(folder)
}

/// What serves the cluster in the folder, on a Unix socket there and nowhere else.
fn command(folder: &Path, settings: &[impl AsRef<str>]) -> Result<Vec<String>> {
    let mut serve = as_owner(is_root()?.then_some("postgres"));
    serve.extend([installed("postgres")?.display().to_string()]);
    serve.extend(["-D".into(), folder.join("data").display().to_string()]);
    serve.extend(["-k".into(), folder.display().to_string()]);
    let settings = settings.iter().map(AsRef::as_ref);
    for setting in ["listen_addresses="].into_iter().chain(settings) {
        serve.extend(["-c".into(), setting.into()]);
    }
    Ok(serve)
}

/// Debian keeps the server's programs out of the path, one folder for each version.
fn installed(name: &str) -> Result<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    folders.sort();
    folders.reverse();
    program(&[name], &folders, "postgresql")
}

fn as_owner(owner: Option<&str>) -> Vec<String> {
    let Some(owner) = owner else { return vec!["env".into()] };
    ["setpriv", "--reuid", owner, "--regid", owner, "--clear-groups", "--"].map(String::from).into()
}

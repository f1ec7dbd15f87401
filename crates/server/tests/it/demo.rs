//! A running demo, and users as clients of it.

use crate::described;
use reqwest::{
    Method, StatusCode,
    blocking::{Client, ClientBuilder, RequestBuilder, Response},
};
use serde_json::{Value, json};
use std::{
    fs::OpenOptions,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
    thread,
};
use tempfile::TempDir;

pub const PASSWORD_ALONE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/access/sign_in_demo.toml");
pub const PASSWORD: &str = "Anzheng-demo-2026";
const CERTIFICATES: &str = "1200";
const DEMO: &[&str] = &["demo", "--json", "--certificates", CERTIFICATES, "--listen", "127.0.0.1:0"];

/// One registry for all tests that change nothing anybody else looks at.
static SHARED: LazyLock<(Demo, Child)> = LazyLock::new(|| {
    let demo = Demo::start();
    let watcher = demo.ended_with_this_process();
    (demo, watcher)
});

pub fn shared() -> &'static Demo {
    &SHARED.0
}

/// Settings of the process, as its environment.
type Settings<'a> = &'a [(&'a str, &'a str)];

/// A registry of its own, stopped when dropped.
pub struct Demo {
    process: Child,
    command: &'static [&'static str],
    settings: Vec<(String, String)>,
    /// Where everything that the process prints is kept, if anywhere.
    log: Option<PathBuf>,
    url: String,
    accounts: Vec<Value>,
    dir: TempDir,
    client: Client,
}

impl Demo {
    pub fn start() -> Self {
        Self::with(&[])
    }

    pub fn with(settings: Settings<'_>) -> Self {
        Self::run(DEMO, tempfile::tempdir().unwrap(), settings)
    }

    /// Everything that the process prints is kept in a file.
    pub fn logged(log: &Path, settings: Settings<'_>) -> Self {
        Self::made(DEMO, tempfile::tempdir().unwrap(), settings, Some(log.to_owned()))
    }

    /// `anzheng serve` on a folder; see [`user_add`] for accounts.
    pub fn serve(dir: TempDir, settings: Settings<'_>) -> Self {
        Self::run(&["serve", "--listen", "127.0.0.1:0"], dir, settings)
    }

    /// The command in the folder, once it says where it listens.
    pub fn run(command: &'static [&'static str], dir: TempDir, settings: Settings<'_>) -> Self {
        Self::made(command, dir, settings, None)
    }

    fn made(
        command: &'static [&'static str],
        dir: TempDir,
        settings: Settings<'_>,
        log: Option<PathBuf>,
    ) -> Self {
        let quick = [
            ("ANZHENG__LIMITS__CHALLENGE_BITS", "8"),
            ("ANZHENG__LIMITS__ANONYMOUS_RATE", "1000"),
            // As in the demo, a password is enough; tests of sign-in name another policy.
            ("ANZHENG__SIGN_IN__POLICY_FILE", PASSWORD_ALONE),
        ];
        let settings = quick.iter().chain(settings);
        let settings: Vec<_> = settings.map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let (process, ready) = spawn(command, dir.path(), &settings, log.as_deref());
        let accounts = ready["accounts"].as_array().unwrap().clone();
        let url = ready["url"].as_str().unwrap().to_owned();
        let own_certificate = dir.path().join("tls/certificate.pem");
        let client =
            if own_certificate.exists() { trusting(&own_certificate).build().unwrap() } else { client() };
        Self { process, command, settings, log, url, accounts, dir, client }
    }

    /// What is static is never dropped: a shell waits for the end of this process, which closes
    /// its standard input, and then ends the demo and clears its folder.
    fn ended_with_this_process(&self) -> Child {
        Command::new("sh")
            .args(["-c", "read _; kill -9 \"$0\"; rm -rf \"$1\"", &self.process.id().to_string()])
            .arg(self.dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn data_dir(&self) -> PathBuf {
        self.dir.path().to_owned()
    }

    pub fn roles(&self) -> Vec<&str> {
        self.accounts.iter().map(|account| account["role"].as_str().unwrap()).collect()
    }

    pub fn visitor(&self) -> User<'_> {
        User { demo: self, token: None }
    }

    /// Whoever holds the token of a session.
    pub fn with_token(&self, token: &str) -> User<'_> {
        User { demo: self, token: Some(token.to_owned()) }
    }

    /// Signed in with the demo's account of that login.
    pub fn user(&self, login: &str) -> User<'_> {
        let answer = self.visitor().post("/session", &json!({ "login": login, "password": PASSWORD }));
        assert_eq!(answer.status, StatusCode::OK, "{login}: {}", answer.body);
        User { demo: self, token: Some(answer.body["token"].as_str().unwrap().to_owned()) }
    }

    /// Asks the process to stop and waits until it has; the folder stays.
    pub fn stop(&mut self) {
        self.ask_to_stop();
        self.stopped();
    }

    /// Waits until the process has ended by itself, content.
    pub fn stopped(&mut self) {
        assert!(self.process.wait().unwrap().success());
    }

    pub fn ask_to_stop(&self) {
        assert!(Command::new("kill").args(["-TERM", &self.pid()]).status().unwrap().success());
    }

    pub fn pid(&self) -> String {
        self.process.id().to_string()
    }

    /// Ends the process as a power cut would; the folder stays.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub fn kill_and_restart(&mut self) {
        self.kill();
        self.start_again();
    }

    /// After it was stopped or killed.
    pub fn start_again(&mut self) {
        let (process, ready) = spawn(self.command, self.dir.path(), &self.settings, self.log.as_deref());
        self.process = process;
        self.url = ready["url"].as_str().unwrap().to_owned();
    }

    pub fn anzheng(&self, arguments: &[&str]) -> std::process::Output {
        let mut command = anzheng();
        command.args(arguments).arg("--data-dir").arg(self.dir.path());
        command.envs(self.settings.iter().map(|(key, value)| (key, value))).output().unwrap()
    }
}

/// Adds an account from the console, to a folder that need not be served.
pub fn user_add(dir: &Path, settings: Settings<'_>, login: &str, more: &[&str]) {
    let output = anzheng()
        .args(["user", "add", "--login", login])
        .args(more)
        .arg("--data-dir")
        .arg(dir)
        .env("ANZHENG__SIGN_IN__POLICY_FILE", PASSWORD_ALONE)
        .envs(settings.iter().copied())
        .env("ANZHENG_PASSWORD", PASSWORD)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

pub fn anzheng() -> Command {
    Command::new(env!("CARGO_BIN_EXE_anzheng"))
}

pub fn client() -> Client {
    // The first one counts; the others find it done.
    let _done = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Client::new()
}

/// By the clock of the machine, which the process goes by.
#[expect(clippy::disallowed_methods, reason = "a process of its own is asked, with a clock of its own")]
pub fn now() -> domain::Instant {
    chrono::Utc::now()
}

/// A client that trusts this certificate alone.
pub fn trusting(certificate: &Path) -> ClientBuilder {
    let _provider = client();
    let certificate = reqwest::Certificate::from_pem(&std::fs::read(certificate).unwrap()).unwrap();
    Client::builder().tls_built_in_root_certs(false).add_root_certificate(certificate)
}

fn spawn(command: &[&str], dir: &Path, settings: &[(String, String)], log: Option<&Path>) -> (Child, Value) {
    let kept = log.map(|log| OpenOptions::new().append(true).create(true).open(log).unwrap());
    let mut process = anzheng()
        .args(command)
        .arg("--data-dir")
        .arg(dir)
        .envs(settings.iter().map(|(key, value)| (key, value)))
        .stdout(Stdio::piped())
        .stderr(kept.as_ref().map_or_else(Stdio::null, |file| file.try_clone().unwrap().into()))
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
    // The demo says in one line of JSON that it is ready, the server in words.
    let ready = lines.find_map(|line| match line.strip_prefix("Serving ") {
        Some(url) => Some(json!({ "url": url, "accounts": [] })),
        None => serde_json::from_str(&line).ok(),
    });
    if let Some(mut file) = kept {
        thread::spawn(move || lines.for_each(|line| writeln!(file, "{line}").unwrap()));
    }
    (process, ready.expect("the process says that it is ready"))
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Ended already where a test stopped it.
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// Somebody who asks.
pub struct User<'a> {
    demo: &'a Demo,
    token: Option<String>,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or("")
    }

    pub fn items(&self) -> &[Value] {
        self.body["items"].as_array().map_or(&[], Vec::as_slice)
    }

    pub fn total(&self) -> u64 {
        self.body["total"]["value"].as_u64().unwrap()
    }
}

impl User<'_> {
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[], Some(body))
    }

    pub fn search(&self, query: &Value) -> Answer {
        self.post("/certificates/search", query)
    }

    pub fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let mut request = self.request(method.clone(), path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = read(request.send().unwrap());
        described::check(&method, path, &answer);
        answer
    }

    /// A request with this user's session.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        // A path that begins with the version is the API's; anything else stands beside it.
        let beside = path.starts_with("/health") || ["/", "/metrics"].contains(&path);
        let base = if beside { "" } else { "/api/v1" };
        let request = self.demo.client.request(method, format!("{}{base}{path}", self.demo.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

fn read(response: Response) -> Answer {
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer { status, headers, text, body }
}

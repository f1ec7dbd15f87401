//! A registry of its own for one fault, the people who use it, and what they write down elsewhere.

use crate::{
    client::{Answer, Ask, Http, Reply, Standing},
    journal::{Act, Intent, Journal, Outcome},
    people,
    registry::{PASSWORD, Registry},
    sql::Sql,
    tools::Volume,
    watch::{Invariant, Watch},
};
use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use parking_lot::RwLock;
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use testkit::OwnPostgres;

/// Whose sessions are used. The office's two persons come first.
pub const MAKER: &str = "regulator_county";
pub const CHECKER: &str = "regulator_county_checker";
pub const NATION: &str = "regulator_national";
pub const ENTERPRISE: &str = "enterprise_admin";
pub const OPERATOR: &str = "system_admin";
const EVERYBODY: [&str; 5] = [MAKER, CHECKER, NATION, ENTERPRISE, OPERATOR];

/// Days from today that certificates are good for at least: longer than any is called expiring.
pub const GOOD_FOR: u64 = 150;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Database {
    Sqlite,
    Postgres,
}

/// What a fault needs before the registry is made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Needs {
    /// Volumes of so many MiB: name of the folder in the data folder, empty for the whole.
    pub volumes: &'static [(&'static str, u32)],
    /// The registry sees a clock that can be set.
    pub clock: bool,
    pub postgres: bool,
}

/// How the run is made.
#[derive(Debug, Clone)]
pub struct Setting {
    pub binary: PathBuf,
    pub database: Database,
    /// Certificates that the office's two persons act on.
    pub subjects: u64,
    /// Rows of a roster.
    pub rows: u64,
}

/// A certificate that is acted on.
#[derive(Debug, Clone)]
pub struct Subject {
    pub id: String,
    pub number: String,
    pub name: String,
}

/// What stood in the database before the client's first act.
#[derive(Debug, Clone, Copy, Default)]
pub struct Baseline {
    pub certificates: i64,
    pub events: i64,
}

pub struct World {
    // Fields are dropped in this order: the process must be gone before its volumes and folders.
    pub registry: Registry,
    pub volumes: BTreeMap<&'static str, Volume>,
    pub journal: Journal,
    pub watch: Watch,
    pub sql: Sql,
    pub subjects: RwLock<Vec<Subject>>,
    pub postgres: Option<OwnPostgres>,
    pub setting: Setting,
    pub baseline: Baseline,
    pub region: String,
    pub enterprise: Value,
    pub today: NaiveDate,
    http: Http,
    sessions: RwLock<BTreeMap<String, String>>,
    outside: TempDir,
    _data: TempDir,
}

impl World {
    pub fn make(setting: &Setting, needs: Needs) -> Result<Self> {
        let (data, outside) = (tempfile::tempdir()?, tempfile::tempdir()?);
        let folder = data.path().join("registry");
        let registry = Registry::new(&setting.binary, &folder, &outside.path().join("log"));
        let postgres = match needs.postgres || setting.database == Database::Postgres {
            true => Some(tokio::runtime::Runtime::new()?.block_on(OwnPostgres::start())),
            false => None,
        };
        let url = match &postgres {
            Some(postgres) => {
                registry.set("ANZHENG__STORE__URL", postgres.url());
                postgres.url().to_owned()
            }
            None => format!("sqlite://{}?mode=rw", folder.join("registry.db").display()),
        };
        let mut world = Self {
            registry,
            volumes: BTreeMap::new(),
            journal: Journal::create(&outside.path().join("journal"))?,
            watch: Watch::default(),
            sql: Sql::new(url)?,
            subjects: RwLock::default(),
            postgres,
            setting: setting.clone(),
            baseline: Baseline::default(),
            region: String::new(),
            enterprise: Value::Null,
            today: NaiveDate::default(),
            http: Http::new()?,
            sessions: RwLock::default(),
            outside,
            _data: data,
        };
        if needs.clock {
            crate::faults::clock::give(&world)?;
        }
        world.registry.start()?;
        if !needs.volumes.is_empty() {
            world.move_in(needs.volumes)?;
        }
        world.settle_in()?;
        Ok(world)
    }

    fn move_in(&mut self, volumes: &[(&'static str, u32)]) -> Result<()> {
        self.registry.stop()?;
        for (name, mebibytes) in volumes {
            let folder = self.registry.folder();
            let folder = if name.is_empty() { folder.to_owned() } else { folder.join(name) };
            self.volumes.insert(*name, Volume::under(&folder, *mebibytes)?);
        }
        self.registry.start()
    }

    fn settle_in(&mut self) -> Result<()> {
        self.sign_in_everybody()?;
        let me = self.must(MAKER, Method::GET, "/me", None)?;
        self.region = me.body["region"].as_str().context("the office has a region")?.to_owned();
        self.enterprise = self.must(ENTERPRISE, Method::GET, "/me", None)?.body["organisation"].clone();
        let found = self.must(NATION, Method::POST, "/certificates/search", Some(&json!({})))?;
        let day = found.body["as_of"].as_str().and_then(|at| at.get(..10)).context("as of when")?;
        self.today = day.parse()?;
        self.baseline = Baseline {
            certificates: self.sql.number("SELECT count(*) FROM certificate")?,
            events: self.sql.number("SELECT count(*) FROM certificate_event")?,
        };
        for serial in 0..self.setting.subjects {
            let until = self.today + chrono::Days::new(GOOD_FOR + serial);
            self.issue_subject(serial, until)?;
        }
        Ok(())
    }

    /// Where files lie that no fault reaches.
    pub fn outside(&self) -> &Path {
        self.outside.path()
    }

    pub fn sign_in_everybody(&self) -> Result<()> {
        for login in EVERYBODY {
            let token = self.sign_in(login)?;
            self.sessions.write().insert(login.to_owned(), token);
        }
        Ok(())
    }

    pub fn sign_in(&self, login: &str) -> Result<String> {
        let body = json!({ "login": login, "password": PASSWORD });
        let ask =
            Ask { method: Method::POST, path: "/session", token: None, headers: &[], body: Some(&body) };
        let reply = self.http.send(&self.registry.url(), &ask);
        let token = reply.done().and_then(|answer| answer.body["token"].as_str());
        Ok(token.with_context(|| format!("{login} cannot sign in: {reply:?}"))?.to_owned())
    }

    /// Asks as somebody. What it means is judged and counted.
    pub fn ask(
        &self,
        act: Option<Act>,
        login: &str,
        (method, path, headers): (Method, &str, &[(&str, &str)]),
        body: Option<&Value>,
    ) -> (Reply, Standing) {
        let token = self.sessions.read().get(login).cloned();
        self.ask_with(act, token.as_deref(), (method, path, headers), body)
    }

    pub fn ask_with(
        &self,
        act: Option<Act>,
        token: Option<&str>,
        (method, path, headers): (Method, &str, &[(&str, &str)]),
        body: Option<&Value>,
    ) -> (Reply, Standing) {
        let begun = Instant::now();
        let ask = Ask { method, path, token, headers, body };
        let reply = self.http.send(&self.registry.url(), &ask);
        let standing = self.watch.judge(act, path, &reply, begun.elapsed());
        (reply, standing)
    }

    /// Asks for what has to be answered.
    pub fn must(&self, login: &str, method: Method, path: &str, body: Option<&Value>) -> Result<Answer> {
        match self.ask(None, login, (method, path, &[]), body) {
            (Reply::Answer(answer), Standing::Done) => Ok(answer),
            (reply, _) => bail!("{login} {path}: {reply:?}"),
        }
    }

    /// Two persons issue a certificate that the office goes on to act on.
    pub fn issue_subject(&self, serial: u64, until: NaiveDate) -> Result<()> {
        let subject = self.issue(serial, until)?;
        self.subjects.write().push(subject);
        Ok(())
    }

    /// Two persons issue a certificate.
    pub fn issue(&self, serial: u64, until: NaiveDate) -> Result<Subject> {
        let (number, name) = (people::issued_number(serial), people::name(serial));
        let act = self.journal.intend(&Intent::Issue { number: number.clone() })?;
        let form = people::form(serial, &self.region, self.today, until);
        let proposed = self.must(MAKER, Method::POST, "/certificates", Some(&form))?;
        let approval = proposed.body["approval"].as_str().context("two persons are needed")?;
        let path = format!("/approvals/{approval}/decision");
        self.must(CHECKER, Method::POST, &path, Some(&json!({ "approve": true })))?;
        self.journal.conclude(act, Outcome::Done)?;
        let found =
            self.must(NATION, Method::POST, "/certificates/search", Some(&json!({ "number": number })))?;
        let id = found.items().first().and_then(|row| row["id"].as_str()).context("it was just issued")?;
        Ok(Subject { id: id.to_owned(), number, name })
    }

    /// Brings the registry back to where it serves, whatever a fault did to it; how long that took.
    pub fn up(&self) -> Result<Duration> {
        let begun = Instant::now();
        if self.registry.has_ended()? {
            self.registry.kill()?;
            self.start_again()?;
        }
        while !self.is_ready() {
            if begun.elapsed() > READY_WITHIN {
                self.watch.violated(Invariant::I9, None, "readiness after the fault is over", "not ready");
                self.registry.kill()?;
                self.registry.start()?;
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(begun.elapsed())
    }

    /// A process that ended has to start at the first try. Its read model may be thrown away, which an
    /// operator would do next; the run goes on with that.
    fn start_again(&self) -> Result<()> {
        let Err(error) = self.registry.start() else { return Ok(()) };
        self.watch.violated(Invariant::I9, None, "it starts again after the fault", format!("{error:#}"));
        std::fs::remove_dir_all(self.registry.folder().join("readmodel"))?;
        self.registry.start()
    }

    /// Everything it needs is there again, the store included.
    fn is_ready(&self) -> bool {
        let ask = Ask { method: Method::GET, path: "/health/ready", token: None, headers: &[], body: None };
        let reply = self.http.send(&self.registry.url(), &ask);
        reply.done().is_some_and(|answer| answer.body["store"] == true && answer.body["lag_s"] == 0)
    }
}

/// It has to come back by itself once a fault is over.
const READY_WITHIN: Duration = Duration::from_secs(60);

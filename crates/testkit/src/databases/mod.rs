//! Fresh databases on private servers. A server is started once per test process, listens on a
//! Unix socket in a temporary folder, and ends with the process, however that ends.

mod mariadb;
mod postgres;
mod server;

pub use postgres::OwnPostgres;

use anyhow::{Context, Result, bail};
use keys::KeyRing;
use sea_orm::{ConnectionTrait, Database, Statement};
use std::{
    ops::Deref,
    sync::atomic::{AtomicU32, Ordering},
};
use store::{Options, Store};
use tempfile::TempDir;

/// The databases that everything has to work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
    /// MariaDB, for it and MySQL.
    MySql,
}

impl Kind {
    /// Should tests run on it? All do, unless `ANZHENG_TEST_DATABASES` lists others only, such
    /// as `sqlite` or `sqlite,postgres`.
    pub fn is_wanted(self) -> bool {
        let name = match self {
            Kind::Sqlite => "sqlite",
            Kind::Postgres => "postgres",
            Kind::MySql => "mysql",
        };
        match std::env::var("ANZHENG_TEST_DATABASES") {
            Ok(wanted) => wanted.split(',').any(|wanted| wanted.trim() == name),
            Err(_) => true,
        }
    }
}

/// A store with the present schema and nothing in it, on a database of its own.
pub struct TestStore {
    store: Store,
    url: String,
    _folder: Option<TempDir>,
}

impl TestStore {
    /// # Panics
    /// If the server cannot be started; the message says what to install.
    pub async fn fresh(kind: Kind) -> Self {
        let store = Self::unmigrated(kind).await;
        store.migrate().await.expect("a fresh database can be migrated");
        store
    }

    /// As [`TestStore::fresh`], without any table.
    pub async fn unmigrated(kind: Kind) -> Self {
        match Self::create(kind).await {
            Ok(store) => store,
            Err(error) => panic!("no {kind:?} database for this test: {error:#}"),
        }
    }

    async fn create(kind: Kind) -> Result<Self> {
        let (url, folder) = match kind {
            Kind::Sqlite => {
                let folder = TempDir::new()?;
                (format!("sqlite://{}", folder.path().join("registry.db").display()), Some(folder))
            }
            Kind::Postgres => (create_database(postgres::server().await?).await?, None),
            Kind::MySql => (create_database(mariadb::server().await?).await?, None),
        };
        let store = connect(&url).await?;
        Ok(Self { store, url, _folder: folder })
    }

    /// Another process's view: the same database and keys, other connections.
    pub async fn again(&self) -> Store {
        connect(&self.url).await.expect("the database answered a moment ago")
    }

    /// The URL of the database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs a statement behind the store's back; returns how many rows it touched.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn raw(&self, sql: &str) -> Result<u64, sea_orm::DbErr> {
        raw(&self.url, sql).await
    }

    /// The text column `line` of every row that a query of the test's own finds.
    ///
    /// # Panics
    /// If the database refuses the query.
    pub async fn lines(&self, sql: &str) -> Vec<String> {
        lines(&self.url, sql).await
    }
}

/// The text column `line` of every row that a query on any database finds.
///
/// # Panics
/// If the database refuses the query.
pub async fn lines(url: &str, sql: &str) -> Vec<String> {
    let db = Database::connect(url).await.expect("the database answered a moment ago");
    let query = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(query).await.expect("a valid query");
    rows.iter().map(|row| row.try_get("", "line").expect("a text column named line")).collect()
}

/// Runs a statement on a database behind its owner's back; returns how many rows it touched.
///
/// # Errors
/// What the database answers.
pub async fn raw(url: &str, sql: &str) -> Result<u64, sea_orm::DbErr> {
    let db = Database::connect(url).await?;
    let answer = db.execute_unprepared(sql).await;
    db.close().await?;
    Ok(answer?.rows_affected())
}

/// How many rows a table of a database has, asked behind its owner's back; none where the table is
/// not there yet.
pub async fn count(url: &str, table: &str) -> u64 {
    let Ok(db) = Database::connect(url).await else { return 0 };
    let query = format!("SELECT count(*) AS rows_there FROM {table}");
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), query)).await;
    let rows = row.ok().flatten().and_then(|row| row.try_get::<i64>("", "rows_there").ok());
    u64::try_from(rows.unwrap_or(0)).unwrap_or(0)
}

impl Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

async fn connect(url: &str) -> Result<Store> {
    let options = Options { url: url.to_owned(), max_connections: 8 };
    Ok(Store::connect(&options, keys()).await?)
}

/// The same keys in every test.
pub fn keys() -> KeyRing {
    KeyRing::in_memory([7; 32])
}

/// Where a server takes orders, and how a database of it is addressed.
pub(crate) struct Address {
    admin_url: String,
    /// With `{}` in the place of the database's name.
    url: String,
    create: &'static str,
}

async fn create_database(address: &Address) -> Result<String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("anzheng_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let admin = Database::connect(&address.admin_url).await?;
    admin.execute_unprepared(&address.create.replace("{}", &name)).await?;
    admin.close().await?;
    Ok(address.url.replace("{}", &name))
}

/// The first of these programs that is installed.
fn program(names: &[&str], folders: &[std::path::PathBuf], package: &str) -> Result<std::path::PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<_> = std::env::split_paths(&on_path).collect();
    for name in names {
        for folder in folders.iter().chain(&on_path) {
            let candidate = folder.join(name);
            if candidate.is_file() {
                return Ok(candidate);
            }
        }
    }
    bail!(
        "{} is not installed; on Debian or Ubuntu: apt-get install -y --no-install-recommends {package}",
        names[0]
    )
}

/// Runs a program to its end.
fn run(command: &mut std::process::Command) -> Result<()> {
    let output = command.output().with_context(|| format!("{command:?} cannot be run"))?;
    if !output.status.success() {
        bail!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

use crate::{
    dialect::Dialect,
    error::{Error, Failure, Result},
    migrations::Migrator,
    tx::Tx,
};
use keys::KeyRing;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, TransactionTrait,
    sqlx::{
        Connection,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};
use sea_orm_migration::MigratorTrait;
use std::{path::Path, time::Duration};

/// How to reach the database.
#[derive(Clone)]
pub struct Options {
    /// `sqlite:///path/registry.db`, `postgres://…` or `mysql://…`; may hold a password.
    pub url: String,
    /// Connections held at most. SQLite writes through one more.
    pub max_connections: u32,
}

// The URL may hold a password.
impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("max_connections", &self.max_connections).finish_non_exhaustive()
    }
}

/// How long a caller waits for a free connection, and SQLite for another process's write lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// The relational store: the truth of the registry. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) reads: DatabaseConnection,
    /// SQLite admits one writer at a time: its writers queue here for the one connection, in
    /// order, instead of polling for the lock of the file. Elsewhere the same pool as `reads`.
    pub(crate) writes: DatabaseConnection,
    pub(crate) keys: KeyRing,
    dialect: Dialect,
}

impl Store {
    /// Connects; creates an SQLite file that is not there. Personal fields are sealed and opened
    /// with `keys` inside the store.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when nothing answers at the address.
    pub async fn connect(options: &Options, keys: KeyRing) -> Result<Self> {
        let Some(dialect) = Dialect::of_url(&options.url) else {
            return Err(unknown_scheme());
        };
        let (reads, writes) = match dialect {
            Dialect::Sqlite => {
                // The writer comes first: it creates the file and switches it to WAL.
                let writes = sqlite(options, 1, false).await?;
                (sqlite(options, options.max_connections, true).await?, writes)
            }
            Dialect::Postgres | Dialect::MySql => {
                let pool = open(pool(&options.url, options.max_connections)).await?;
                (pool.clone(), pool)
            }
        };
        Ok(Self { reads, writes, keys, dialect })
    }

    /// Connects to look only: makes no file, changes no byte of one, and brings no schema up to
    /// date. May be used beside a process that writes.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when nothing answers at the address.
    pub async fn connect_read_only(url: &str, keys: KeyRing) -> Result<Self> {
        let Some(dialect) = Dialect::of_url(url) else { return Err(unknown_scheme()) };
        let mut pool = pool(url, 1);
        match dialect {
            Dialect::Sqlite => _ = pool.map_sqlx_sqlite_opts(looking_only),
            Dialect::Postgres => {
                _ = pool.map_sqlx_postgres_opts(|postgres| {
                    postgres.options([("default_transaction_read_only", "on")])
                });
            }
            Dialect::MySql => {}
        }
        let reads = open(pool).await?;
        if dialect == Dialect::MySql {
            reads.execute_unprepared("SET SESSION TRANSACTION READ ONLY").await?;
        }
        Ok(Self { writes: reads.clone(), reads, keys, dialect })
    }

    /// Brings the schema up to date; harmless when it is.
    pub async fn migrate(&self) -> Result<()> {
        Ok(Migrator::up(&self.writes, None).await?)
    }

    /// Does the database answer?
    pub async fn ping(&self) -> Result<()> {
        Ok(self.reads.ping().await?)
    }

    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Begins a transaction. Dropped without [`Tx::commit`], it leaves no trace. On SQLite other
    /// writers wait for its end, five seconds at most: long work belongs in several.
    pub async fn begin(&self) -> Result<Tx> {
        let db = self.writes.begin_with_options(self.dialect.transaction()).await?;
        Ok(Tx::new(db, self.keys.clone()))
    }

    /// Begins to read the rows of one moment. What is spread over several tables is read in one
    /// snapshot, since a writer between two statements would look like tampering.
    pub(crate) async fn snapshot(&self) -> Result<DatabaseTransaction> {
        Ok(self.reads.begin_with_options(self.dialect.snapshot()).await?)
    }

    /// Ends all connections; later calls fail with [`Error::Unavailable`].
    pub async fn close(&self) -> Result<()> {
        self.reads.close_by_ref().await?;
        Ok(self.writes.close_by_ref().await?)
    }
}

fn pool(url: &str, max_connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(max_connections).acquire_timeout(PATIENCE).sqlx_logging(false);
    options
}

async fn sqlite(options: &Options, max_connections: u32, read_only: bool) -> Result<DatabaseConnection> {
    let mut pool = pool(&options.url, max_connections);
    pool.map_sqlx_sqlite_opts(move |sqlite| {
        let sqlite = sqlite
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // NORMAL could lose the last acknowledged commits with the power.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE);
        if read_only { sqlite.pragma("query_only", "ON") } else { many_random_pages(sqlite) }
    });
    // After a commit that the disk did not take, SQLite and the driver disagree on whether a
    // transaction is open: later commits would say they are done and never be. The ping before this
    // question has let a rollback end that was on its way.
    pool.map_sqlx_sqlite_before_acquire(|connection, _| {
        Box::pin(async move { Ok(!connection.is_in_transaction()) })
    });
    open(pool).await
}

/// Blind indexes are random: a large transaction changes a page for nearly each of its rows and
/// indexes. Each is written once into the log if the cache holds them all, and once into the file
/// for all the transactions between two checkpoints, which therefore lie far apart.
fn many_random_pages(sqlite: SqliteConnectOptions) -> SqliteConnectOptions {
    let cache_kib = 64 << 10;
    let checkpoint_pages = 32_768;
    sqlite
        .pragma("cache_size", format!("-{cache_kib}"))
        .pragma("wal_autocheckpoint", checkpoint_pages.to_string())
}

/// Even a reader makes SQLite write: it creates the log and the index of the log where there are
/// none, and brings the index up to date. Without a log the file is all there is, and is read as
/// one that nobody changes; with one, its index is kept in memory or shared as it stands.
fn looking_only(sqlite: SqliteConnectOptions) -> SqliteConnectOptions {
    let file = sqlite.get_filename().display().to_string();
    let sqlite = sqlite.read_only(true).create_if_missing(false);
    if !Path::new(&format!("{file}-wal")).exists() {
        return sqlite.immutable(true);
    }
    let quoted = file.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    sqlite.filename(format!("file:{quoted}?readonly_shm=1"))
}

fn unknown_scheme() -> Error {
    Error::other("the database URL must begin with sqlite:, postgres: or mysql:")
}

async fn open(options: ConnectOptions) -> Result<DatabaseConnection> {
    // The driver's own message for a bad address quotes the URL, password and all.
    Database::connect(options).await.map_err(|error| match Error::from(error) {
        Error::Unavailable(cause) => Error::Unavailable(cause),
        _ => Error::Unavailable(Box::new(Failure(
            "the database URL is not understood or nothing answers there",
        ))),
    })
}

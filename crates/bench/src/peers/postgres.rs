//! PostgreSQL: a private server, tuned for one machine that has nothing else to do, with trigram indexes on the
//! texts.

use super::{
    Built,
    pace::{Tally, Window},
    rows::COLUMNS,
    sql::{self, Engine, INDEXES, PAGE, Rest},
};
use crate::{load::Measured, questions::Kind};
use anyhow::{Context, Result};
use bytes::{Bytes, BytesMut};
use futures::{SinkExt, future::try_join_all};
use std::{
    fs,
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};
use testkit::OwnPostgres;
use tokio::io::AsyncReadExt;
use tokio_postgres::{Client, Config, CopyInSink, NoTls, Row, Statement, error::SqlState, types::ToSql};

/// Nothing has to survive a power cut while it loads, and nothing is written afterwards.
const SETTINGS: [&str; 12] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=8GB",
    "shared_buffers=2GB",
    "effective_cache_size=8GB",
    "work_mem=64MB",
    "maintenance_work_mem=1GB",
    "random_page_cost=1.1",
    // Compiling a query costs more than it saves on all but the slowest of these.
    "jit=off",
];
/// A question that takes longer is given up.
const PATIENCE_MS: u32 = 120_000;
/// The database: by byte order, and with letters of all languages. Trigrams are made of letters, and in the
/// plain C locale no Chinese character is one.
const DATABASE: &str = "CREATE DATABASE peer TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'";
const BYTES_SENT_AT_ONCE: usize = 1 << 20;

pub struct Postgres {
    server: OwnPostgres,
    pub built: Built,
}

impl Postgres {
    pub async fn build(rows: &Path) -> Result<Self> {
        let server = OwnPostgres::with_settings(&SETTINGS).await;
        connect(server.folder(), "postgres").await?.batch_execute(DATABASE).await?;
        let mut client = connect(server.folder(), "peer").await?;
        let begun = Instant::now();
        load(&mut client, rows).await.context("the rows cannot be loaded into PostgreSQL")?;
        let load = begun.elapsed();
        let begun = Instant::now();
        index(&client).await.context("PostgreSQL cannot index the rows")?;
        let index = begun.elapsed();
        let version: String = client.query_one("SHOW server_version", &[]).await?.get(0);
        let trigrams = "SELECT extversion FROM pg_extension WHERE extname = 'pg_trgm'";
        let trigrams: String = client.query_one(trigrams, &[]).await?.get(0);
        let bytes: i64 = client.query_one("SELECT pg_database_size('peer')", &[]).await?.get(0);
        let version = format!("{version}, pg_trgm {trigrams}");
        let built = Built { version, load, index, bytes: u64::try_from(bytes)? };
        Ok(Self { server, built })
    }

    /// A session for each user.
    pub async fn sessions(&self, users: usize) -> Result<Vec<Client>> {
        let mut sessions = Vec::with_capacity(users);
        for _ in 0..users {
            let client = connect(self.server.folder(), "peer").await?;
            client.batch_execute(&format!("SET statement_timeout = {PATIENCE_MS}")).await?;
            sessions.push(client);
        }
        Ok(sessions)
    }

    /// Ends the server and gives its space back at once, not only when this process ends.
    pub fn end(self) -> Result<()> {
        self.server.kill();
        fs::remove_dir_all(self.server.folder().join("data")).context("PostgreSQL's data cannot be removed")
    }
}

async fn connect(folder: &Path, database: &str) -> Result<Client> {
    let mut config = Config::new();
    config.host_path(folder).user("anzheng").dbname(database);
    let (client, connection) = config.connect(NoTls).await.context("PostgreSQL does not answer")?;
    // Ends with its client, which tells what went wrong.
    tokio::spawn(connection);
    Ok(client)
}

async fn load(client: &mut Client, rows: &Path) -> Result<()> {
    let columns = COLUMNS.map(|column| match column {
        "id" => "id bigint NOT NULL".to_owned(),
        "issued_on" | "valid_until" => format!("{column} date NOT NULL"),
        _ => format!("{column} text NOT NULL"),
    });
    let transaction = client.transaction().await?;
    transaction.batch_execute(&format!("CREATE TABLE certificates ({})", columns.join(", "))).await?;
    let sink: CopyInSink<Bytes> = transaction.copy_in("COPY certificates FROM STDIN (FREEZE)").await?;
    let mut sink = std::pin::pin!(sink);
    let mut file = tokio::fs::File::open(rows).await?;
    loop {
        let mut buffer = BytesMut::with_capacity(BYTES_SENT_AT_ONCE);
        if file.read_buf(&mut buffer).await? == 0 {
            break;
        }
        sink.send(buffer.freeze()).await?;
    }
    sink.finish().await?;
    Ok(transaction.commit().await?)
}

async fn index(client: &Client) -> Result<()> {
    client.batch_execute("CREATE EXTENSION pg_trgm; CREATE EXTENSION fuzzystrmatch").await?;
    client.batch_execute("ALTER TABLE certificates ADD PRIMARY KEY (id)").await?;
    for (name, columns) in INDEXES {
        client.batch_execute(&format!("CREATE INDEX {name} ON certificates ({columns})")).await?;
    }
    for column in ["number", "name", "organisation"] {
        let index =
            format!("CREATE INDEX trigrams_of_{column} ON certificates USING gin ({column} gin_trgm_ops)");
        client.batch_execute(&index).await?;
    }
    // Also marks the pages that an index alone can answer for.
    Ok(client.batch_execute("VACUUM ANALYZE certificates").await?)
}

/// A kind of question made ready in one session.
struct Prepared {
    page: Statement,
    rest: Option<Statement>,
    groups: Option<Statement>,
}

/// Every session asks its next question when the last is answered, beginning at another value.
pub async fn measure(
    sessions: &[Client],
    kind: Kind,
    values: &[String],
    duration: Duration,
) -> Result<Option<Measured>> {
    if values.is_empty() || sql::statements(Engine::Postgres, kind).is_none() {
        return Ok(None);
    }
    let prepared = try_join_all(sessions.iter().map(|session| prepare(session, kind))).await?;
    let questions: Vec<Vec<String>> =
        values.iter().map(|value| sql::parameters(Engine::Postgres, kind, value)).collect();
    let window = Window::open(duration);
    let users = sessions.iter().zip(&prepared).enumerate().map(|(number, (session, prepared))| {
        let first = number * questions.len() / sessions.len();
        let turns = questions.iter().cycle().skip(first);
        one_user(session, prepared, turns, window)
    });
    let tallies = try_join_all(users).await?;
    Ok(Some(window.measured(tallies)))
}

async fn prepare(session: &Client, kind: Kind) -> Result<Prepared> {
    let statements = sql::statements(Engine::Postgres, kind).context("PostgreSQL is not asked this")?;
    session.batch_execute(&sql::settings(kind)).await?;
    let (rest, groups) = match &statements.rest {
        Rest::Total(text) => (Some(session.prepare(text).await?), None),
        Rest::Groups(text) => (None, Some(session.prepare(text).await?)),
    };
    Ok(Prepared { page: session.prepare(&statements.page).await?, rest, groups })
}

async fn one_user<'a>(
    session: &Client,
    prepared: &Prepared,
    turns: impl Iterator<Item = &'a Vec<String>>,
    window: Window,
) -> Result<Tally> {
    let mut tally = Tally::default();
    for question in turns {
        if window.is_over() {
            break;
        }
        let asked = Instant::now();
        match ask(session, prepared, question).await {
            Ok(total) => {
                black_box(total);
                window.take(&mut tally, asked)?;
            }
            Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => tally.give_up(),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(tally)
}

/// The exact total; the page is read on the way.
async fn ask(
    session: &Client,
    prepared: &Prepared,
    question: &[String],
) -> Result<u64, tokio_postgres::Error> {
    let parameters: Vec<&(dyn ToSql + Sync)> = question.iter().map(|text| text as _).collect();
    let page = session.query(&prepared.page, &parameters).await?;
    for row in &page {
        black_box(shown(row)?);
    }
    if let Some(groups) = &prepared.groups {
        let rows = session.query(groups, &[]).await?;
        return Ok(super::facets(rows.iter().map(|row| {
            let text = |column| row.get::<_, &str>(column);
            (text(0), text(1), text(2), row.get::<_, i64>(3))
        })));
    }
    match &prepared.rest {
        Some(total) if page.len() == PAGE => {
            Ok(session.query_one(total, &parameters).await?.get::<_, i64>(0).unsigned_abs())
        }
        _ => Ok(page.len() as u64),
    }
}

/// Reads what a page shows of a row.
fn shown(row: &Row) -> Result<usize, tokio_postgres::Error> {
    let mut length = 0;
    for column in 0..row.len() {
        length += match row.columns()[column].type_().name() {
            "text" => row.try_get::<_, &str>(column)?.len(),
            _ => 1,
        };
    }
    Ok(length)
}

#[cfg(test)]
impl Postgres {
    /// The answer to one question.
    pub async fn total(&self, kind: Kind, value: &str) -> Option<u64> {
        let question = sql::parameters(Engine::Postgres, kind, value);
        sql::statements(Engine::Postgres, kind)?;
        let session = self.sessions(1).await.unwrap().remove(0);
        let prepared = prepare(&session, kind).await.unwrap();
        Some(ask(&session, &prepared, &question).await.unwrap())
    }
}

//! SQLite in this process: the same indexes, and FTS5's trigrams over the texts.

use super::{
    Built,
    pace::{Tally, Window},
    rows::COLUMNS,
    sql::{self, Engine, INDEXES, MANY, PAGE, Rest, Statements},
};
use crate::{load::Measured, questions::Kind};
use anyhow::{Context, Result};
use rusqlite::{Connection, OpenFlags, params_from_iter, types::Value};
use std::{
    collections::VecDeque,
    fs::{self, File},
    hint::black_box,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

const WRITER: &str = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; \
                      PRAGMA threads = 2;";
const READER: &str = "PRAGMA query_only = ON; PRAGMA mmap_size = 8589934592; PRAGMA cache_size = -65536; \
                      PRAGMA case_sensitive_like = ON;";
/// The texts stay in the table; here are only their trigrams.
const TEXTS: &str = "CREATE VIRTUAL TABLE texts USING fts5(name, organisation, content = 'certificates', \
                     content_rowid = 'id', tokenize = 'trigram case_sensitive 1');
                     INSERT INTO texts(texts) VALUES ('rebuild');
                     INSERT INTO texts(texts) VALUES ('optimize');";

pub struct Sqlite {
    file: PathBuf,
    pub built: Built,
}

impl Sqlite {
    pub fn build(rows: &Path, folder: &Path) -> Result<Self> {
        let file = folder.join("peer.db");
        let mut writer = Connection::open(&file)?;
        writer.execute_batch(WRITER)?;
        let begun = Instant::now();
        load(&mut writer, rows).context("the rows cannot be loaded into SQLite")?;
        let load = begun.elapsed();
        let begun = Instant::now();
        index(&writer).context("SQLite cannot index the rows")?;
        let index = begun.elapsed();
        drop(writer);
        let bytes = fs::metadata(&file)?.len();
        let version = format!("{}, FTS5 trigram", rusqlite::version());
        Ok(Self { file, built: Built { version, load, index, bytes } })
    }

    /// More readers than processors would only wait for one another.
    pub fn readers(&self, users: usize) -> Result<Vec<Connection>> {
        let readers = thread::available_parallelism()?.get().min(users);
        (0..readers).map(|_| self.reader()).collect()
    }

    fn reader(&self) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let reader = Connection::open_with_flags(&self.file, flags)?;
        reader.execute_batch(READER)?;
        Ok(reader)
    }
}

fn load(writer: &mut Connection, rows: &Path) -> Result<()> {
    let columns = COLUMNS.map(|column| match column {
        "id" => "id INTEGER PRIMARY KEY".to_owned(),
        _ => format!("{column} TEXT NOT NULL"),
    });
    let transaction = writer.transaction()?;
    transaction.execute_batch(&format!("CREATE TABLE certificates ({})", columns.join(", ")))?;
    let places = vec!["?"; COLUMNS.len()].join(", ");
    let mut insert = transaction.prepare(&format!("INSERT INTO certificates VALUES ({places})"))?;
    let mut file = BufReader::with_capacity(1 << 20, File::open(rows)?);
    let mut line = String::new();
    while file.read_line(&mut line)? > 0 {
        insert.execute(params_from_iter(line.trim_end_matches('\n').split('\t')))?;
        line.clear();
    }
    drop(insert);
    Ok(transaction.commit()?)
}

fn index(writer: &Connection) -> Result<()> {
    // Where a text has to be looked through, an index is less to read than the rows.
    for (name, columns) in INDEXES.into_iter().chain([("by_organisation", "organisation, valid_until")]) {
        writer.execute_batch(&format!("CREATE INDEX {name} ON certificates ({columns})"))?;
    }
    writer.execute_batch(TEXTS)?;
    Ok(writer.execute_batch("ANALYZE; PRAGMA journal_mode = WAL;")?)
}

/// Whoever waits for a reader, the longest wait first: which user, and since when.
type Queue = Mutex<VecDeque<(usize, Instant)>>;

/// The users' questions come to the readers in turn. A user asks the next when the last is answered.
pub fn measure(
    readers: &mut [Connection],
    users: usize,
    kind: Kind,
    values: &[String],
    duration: Duration,
) -> Result<Option<Measured>> {
    let Some(statements) = sql::statements(Engine::Sqlite, kind).filter(|_| !values.is_empty()) else {
        return Ok(None);
    };
    let questions: Vec<Vec<String>> =
        values.iter().map(|value| sql::parameters(Engine::Sqlite, kind, value)).collect();
    let window = Window::open(duration);
    let queue: Queue = Mutex::new((0..users).map(|user| (user, Instant::now())).collect());
    let turns = Turns { questions: &questions, users, queue: &queue };
    let tallies = thread::scope(|scope| {
        let serve = |reader| scope.spawn(|| turns.serve(reader, &statements, window));
        let serving: Vec<_> = readers.iter_mut().map(serve).collect();
        serving
            .into_iter()
            .map(|thread| thread.join().ok().context("a reader ended early")?)
            .collect::<Result<Vec<Tally>>>()
    })?;
    Ok(Some(window.measured(tallies)))
}

struct Turns<'a> {
    questions: &'a [Vec<String>],
    users: usize,
    queue: &'a Queue,
}

impl Turns<'_> {
    fn serve(&self, reader: &mut Connection, statements: &Statements, window: Window) -> Result<Tally> {
        let mut tally = Tally::default();
        let mut asked_of_each = vec![0; self.users];
        while !window.is_over() {
            let next = self.queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some((user, asked)) = next else { break };
            let first = user * self.questions.len() / self.users;
            let question = (first + asked_of_each[user]) % self.questions.len();
            asked_of_each[user] += 1;
            black_box(ask(reader, statements, &self.questions[question])?);
            window.take(&mut tally, asked)?;
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.push_back((user, Instant::now()));
        }
        Ok(tally)
    }
}

/// The exact total; the page is read on the way.
fn ask(reader: &Connection, statements: &Statements, question: &[String]) -> Result<u64> {
    if let (Rest::Total(text), Some(of_many)) = (&statements.rest, &statements.page_of_many) {
        let total = total(reader, text, question)?;
        page(reader, if total > MANY { of_many } else { &statements.page }, question)?;
        return Ok(total);
    }
    let shown = page(reader, &statements.page, question)?;
    match &statements.rest {
        Rest::Groups(text) => groups(reader, text),
        Rest::Total(text) if shown == PAGE => total(reader, text, question),
        Rest::Total(_) => Ok(shown as u64),
    }
}

/// Reads all that the page shows, and returns how many rows it has.
fn page(reader: &Connection, text: &str, question: &[String]) -> Result<usize> {
    let mut page = reader.prepare_cached(text)?;
    let columns = page.column_count();
    let mut rows = page.query(params_from_iter(question))?;
    let mut shown = 0;
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            black_box(row.get::<_, Value>(column)?);
        }
        shown += 1;
    }
    Ok(shown)
}

fn total(reader: &Connection, text: &str, question: &[String]) -> Result<u64> {
    let total: i64 = reader.prepare_cached(text)?.query_row(params_from_iter(question), |row| row.get(0))?;
    Ok(total.unsigned_abs())
}

fn groups(reader: &Connection, text: &str) -> Result<u64> {
    let mut groups = reader.prepare_cached(text)?;
    let rows = groups.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let rows: Vec<(String, String, String, i64)> = rows.collect::<Result<_, _>>()?;
    Ok(super::facets(
        rows.iter().map(|(status, kind, province, count)| {
            (status.as_str(), kind.as_str(), province.as_str(), *count)
        }),
    ))
}

#[cfg(test)]
impl Sqlite {
    /// The answer to one question.
    pub fn total(&self, kind: Kind, value: &str) -> Option<u64> {
        let statements = sql::statements(Engine::Sqlite, kind)?;
        let question = sql::parameters(Engine::Sqlite, kind, value);
        Some(ask(&self.reader().unwrap(), &statements, &question).unwrap())
    }
}

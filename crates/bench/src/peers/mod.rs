//! The same questions put to others: PostgreSQL with trigram indexes, and SQLite with FTS5, over the rows of the
//! demo. Each answers as ours does, with a page in the order of the end of validity and an exact total. They are
//! asked for less than ours is: nobody signs in, nothing is scoped, masked or audited, and SQLite is asked
//! without any network.

mod pace;
mod postgres;
mod rows;
mod sql;
mod sqlite;
mod table;

use crate::{
    machine,
    questions::{Kind, Values},
    results::{self, Figures, Report, Table},
};
use anyhow::{Context, Result};
use clap::Args;
use domain::{Date, catalogue::Catalogue};
use postgres::Postgres;
use rows::Rows;
use serde::Serialize;
use sqlite::Sqlite;
use std::{
    collections::HashMap,
    hint::black_box,
    path::PathBuf,
    time::{Duration, Instant},
};

#[derive(Args)]
pub struct Peers {
    /// How many rows, of the registry that a demo of this size holds
    #[arg(long, default_value_t = 1_000_000)]
    certificates: u64,
    /// The day for which the registry is made [default: today]
    #[arg(long)]
    day: Option<Date>,
    /// Users who ask at the same time, one table each
    #[arg(long, value_delimiter = ',', default_values_t = [1, 64])]
    connections: Vec<usize>,
    /// Only the kinds of question whose names hold this
    #[arg(long, default_value = "")]
    only: String,
    /// For each kind of question; what is asked by then is answered
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Write the figures to this file too
    #[arg(long)]
    json: Option<PathBuf>,
    /// What `run --json` wrote: asks for the same values and shows its figures beside the peers'
    #[arg(long)]
    beside: Option<PathBuf>,
}

/// What a peer is and what it took to make it ready.
pub struct Built {
    version: String,
    load: Duration,
    index: Duration,
    bytes: u64,
}

#[derive(Serialize)]
struct Peer {
    name: &'static str,
    version: String,
    load_seconds: f64,
    index_seconds: f64,
    bytes: u64,
    tables: Vec<Table>,
}

#[derive(Serialize)]
struct PeersReport {
    certificates: u64,
    values: Values,
    peers: Vec<Peer>,
}

impl Peers {
    pub async fn run(&self) -> Result<()> {
        println!(
            "{}\n\n{} certificates, {} s each",
            machine::description()?,
            self.certificates,
            self.seconds
        );
        let ours = self.beside.as_deref().map(results::read::<Report>).transpose()?;
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("rows");
        let rows = Rows::new(self.certificates, self.day.unwrap_or_else(today));
        let begun = Instant::now();
        rows.write(&file)?;
        let values = ours.as_ref().map_or_else(|| Values::of(&rows.sample()), |ours| ours.values.clone());
        println!("rows: made in {:.1} s\n", begun.elapsed().as_secs_f64());

        // One after the other: neither shares memory or processors with the other.
        let postgres = Postgres::build(&file).await?;
        announce("PostgreSQL", &postgres.built);
        let tables = self.ask_postgres(&postgres, &values).await?;
        let first = Peer::new("PostgreSQL", &postgres.built, tables);
        postgres.end()?;
        let sqlite = Sqlite::build(&file, folder.path())?;
        announce("SQLite", &sqlite.built);
        let tables = self.ask_sqlite(&sqlite, &values)?;
        let second = Peer::new("SQLite FTS5", &sqlite.built, tables);

        for (one, other) in first.tables.iter().zip(&second.tables) {
            let ours = ours
                .as_ref()
                .and_then(|ours| ours.tables.iter().find(|table| table.connections == one.connections));
            println!("\n{} users\n\n{}", one.connections, table::render(one, other, ours));
        }
        match &self.json {
            Some(file) => {
                let peers = vec![first, second];
                results::write(file, &PeersReport { certificates: self.certificates, values, peers })
            }
            None => Ok(()),
        }
    }

    async fn ask_postgres(&self, postgres: &Postgres, values: &Values) -> Result<Vec<Table>> {
        let mut tables = Vec::with_capacity(self.connections.len());
        for users in &self.connections {
            let sessions = postgres.sessions(*users).await?;
            let mut rows = Vec::new();
            for kind in self.kinds() {
                let measured =
                    postgres::measure(&sessions, kind, &values.of_kind(kind), self.duration()).await;
                let measured = measured.with_context(|| format!("asking PostgreSQL: {}", kind.name()))?;
                rows.extend(measured.map(|measured| Figures::of(kind.name(), &measured)));
            }
            tables.push(Table { connections: *users, rows });
        }
        Ok(tables)
    }

    fn ask_sqlite(&self, sqlite: &Sqlite, values: &Values) -> Result<Vec<Table>> {
        let mut tables = Vec::with_capacity(self.connections.len());
        for users in &self.connections {
            let mut readers = sqlite.readers(*users)?;
            let mut rows = Vec::new();
            for kind in self.kinds() {
                let values = values.of_kind(kind);
                let measured = sqlite::measure(&mut readers, *users, kind, &values, self.duration());
                let measured = measured.with_context(|| format!("asking SQLite: {}", kind.name()))?;
                rows.extend(measured.map(|measured| Figures::of(kind.name(), &measured)));
            }
            tables.push(Table { connections: *users, rows });
        }
        Ok(tables)
    }

    fn kinds(&self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(|kind| kind.name().contains(&self.only))
    }

    fn duration(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

impl Peer {
    fn new(name: &'static str, built: &Built, tables: Vec<Table>) -> Self {
        Self {
            name,
            version: built.version.clone(),
            load_seconds: built.load.as_secs_f64(),
            index_seconds: built.index.as_secs_f64(),
            bytes: built.bytes,
            tables,
        }
    }
}

fn announce(name: &str, built: &Built) {
    println!(
        "{name} {}: loaded in {:.1} s, indexed in {:.1} s, {} MiB on disk",
        built.version,
        built.load.as_secs_f64(),
        built.index.as_secs_f64(),
        built.bytes >> 20
    );
}

/// The day a demo that is made now is made for.
#[expect(
    clippy::disallowed_methods,
    reason = "the demo beside it is made for the day of the machine's clock"
)]
fn today() -> Date {
    chrono::Utc::now().with_timezone(&Catalogue::work_safety().zone()).date_naive()
}

/// Counts by status, by type and by province out of one walk over all three. Returns the total.
fn facets<'a>(groups: impl Iterator<Item = (&'a str, &'a str, &'a str, i64)>) -> u64 {
    let mut counts: [HashMap<String, u64>; 3] = Default::default();
    let mut total = 0;
    for (status, kind, province, count) in groups {
        let count = count.unsigned_abs();
        for (facet, value) in counts.iter_mut().zip([status, kind, province]) {
            match facet.get_mut(value) {
                Some(sum) => *sum += count,
                None => {
                    facet.insert(value.to_owned(), count);
                }
            }
        }
        total += count;
    }
    black_box(counts);
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_peers_give_the_same_totals_and_find_what_is_asked_for() {
        if !testkit::Kind::Postgres.is_wanted() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rows");
        let rows = Rows::new(3_000, Date::from_ymd_opt(2026, 11, 24).unwrap());
        rows.write(&file).unwrap();
        let values = Values::of(&rows.sample());
        let postgres = Postgres::build(&file).await.unwrap();
        let sqlite = Sqlite::build(&file, folder.path()).unwrap();
        for kind in Kind::ALL {
            let found_surely = !matches!(kind, Kind::Initials | Kind::NameInProvince);
            for value in values.of_kind(kind).iter().take(20) {
                let total = postgres.total(kind, value).await;
                if kind != Kind::Typo {
                    assert_eq!(total, sqlite.total(kind, value), "{}: {value}", kind.name());
                }
                assert!(total > Some(0) || !found_surely, "{}: {value}", kind.name());
            }
        }
        postgres.end().unwrap();
    }

    #[test]
    fn facets_add_up() {
        let groups = [("valid", "a", "110000", 2), ("expiring", "a", "120000", 3)];
        assert_eq!(facets(groups.into_iter()), 5);
    }
}

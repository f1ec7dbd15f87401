use super::{
    cells,
    tables::{Table, schema},
};
use crate::{
    dialect::Dialect,
    error::{Error, Failure, Result},
    migrations::Migrator,
};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, Statement,
    TransactionTrait,
    sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use sea_orm_migration::MigratorTrait;
use std::{fs::File, path::PathBuf, str::FromStr};

/// More rows in one statement gain nothing measurable.
const ROWS_AT_ONCE: usize = 500;

/// Fills an empty database with dumped rows. Nothing may use the database before
/// [`Loader::finish`]: constraints are not in force, and on SQLite nothing is durable.
pub struct Loader {
    db: DatabaseConnection,
    url: String,
    dialect: Dialect,
    /// Taken away for the time of loading.
    later: Vec<Later>,
}

/// Something of the schema that is cheaper to make after the rows than beside them.
struct Later {
    remove: String,
    make: String,
}

impl Loader {
    /// Makes the tables as they were when the rows were dumped. `None` if the database holds any.
    ///
    /// # Errors
    /// A step of `steps` is not known to this program, among others.
    pub async fn begin(url: &str, steps: &[String]) -> Result<Option<Self>> {
        if !schema().starts_with(steps) {
            return Err(Error::other("the rows are of a newer schema"));
        }
        let dialect = Dialect::of_url(url).ok_or_else(|| Error::other("unknown kind of database"))?;
        // Not even to look: to connect is to change the way in which a file is written.
        if dialect == Dialect::Sqlite && sqlite_file(url)?.metadata().is_ok_and(|file| file.len() > 0) {
            return Ok(None);
        }
        let db = connect(url).await?;
        if number(&db, dialect.count_tables()).await? > 0 {
            db.close().await?;
            return Ok(None);
        }
        Migrator::up(&db, Some(steps.len() as u32)).await?;
        // The steps begin the counters, which come with the rows as well.
        db.execute_unprepared("DELETE FROM counter").await?;
        let later = dialect.made_later(&db).await?;
        for item in &later {
            db.execute_unprepared(&item.remove).await?;
        }
        // A connection keeps each statement with the types that were first bound to it, and the steps
        // bind others than the rows.
        db.close().await?;
        let db = connect(url).await?;
        Ok(Some(Self { db, url: url.to_owned(), dialect, later }))
    }

    /// Inserts rows in one transaction; returns how many.
    pub async fn load(&self, table: &Table, mut records: &[&[u8]]) -> Result<u64> {
        let most = (self.dialect.max_parameters() / table.columns.len().max(1)).clamp(1, ROWS_AT_ONCE);
        let tx = self.db.begin().await?;
        if self.dialect == Dialect::MySql {
            // Of the session, which may be a new one.
            tx.execute_unprepared("SET SESSION foreign_key_checks = 0, unique_checks = 0").await?;
        }
        let mut loaded = 0;
        // Few different statements, since the connection keeps each with what was bound to it.
        for at_once in [most, most / 8, most / 64, 1] {
            let sql = self.dialect.insert(table, at_once)?;
            while at_once > 0 && records.len() >= at_once {
                let (now, rest) = records.split_at(at_once);
                let mut values = Vec::with_capacity(at_once * table.columns.len());
                for record in now {
                    let row =
                        cells::decode(table, record).ok_or_else(|| Error::other("not a row of its table"))?;
                    values.extend(row);
                }
                execute(&tx, sql.clone(), values).await?;
                loaded += at_once as u64;
                records = rest;
            }
        }
        tx.commit().await?;
        Ok(loaded)
    }

    /// Puts the constraints in force, brings the schema up to date, and makes it all durable.
    pub async fn finish(self) -> Result<()> {
        for item in &self.later {
            self.db.execute_unprepared(&item.make).await?;
        }
        if self.dialect == Dialect::Postgres {
            // Rows that came with their numbers have not drawn them.
            let next = "SELECT setval(pg_get_serial_sequence('outbox', 'id'), \
                        (SELECT coalesce(max(id), 0) + 1 FROM outbox), false)";
            self.db.execute_unprepared(next).await?;
        }
        Migrator::up(&self.db, None).await?;
        self.db.close().await?;
        if self.dialect == Dialect::Sqlite {
            let file = sqlite_file(&self.url)?;
            let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
            let synced = File::open(&file)
                .and_then(|file| file.sync_all())
                .and_then(|()| folder.map_or(Ok(()), |folder| File::open(folder)?.sync_all()));
            synced.map_err(|error| Error::Unavailable(Box::new(error)))?;
        }
        Ok(())
    }
}

impl Dialect {
    fn count_tables(self) -> &'static str {
        match self {
            Dialect::Sqlite => "SELECT count(*) AS n FROM sqlite_master",
            Dialect::Postgres => {
                "SELECT count(*) AS n FROM information_schema.tables WHERE table_schema = current_schema()"
            }
            Dialect::MySql => {
                "SELECT count(*) AS n FROM information_schema.tables WHERE table_schema = database()"
            }
        }
    }

    /// Indexes, and on PostgreSQL the references that it would look up row by row. MySQL keeps its
    /// own: it needs them for its references, and fills them through a buffer.
    async fn made_later(self, db: &DatabaseConnection) -> Result<Vec<Later>> {
        match self {
            Dialect::Sqlite => {
                let indexes = "SELECT 'DROP INDEX \"' || name || '\"' AS remove, sql AS make \
                               FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";
                later(db, indexes).await
            }
            Dialect::Postgres => {
                let references = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) \
                     AS remove, format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, \
                     pg_get_constraintdef(oid)) AS make FROM pg_constraint \
                     WHERE contype = 'f' AND connamespace = current_schema()::regnamespace";
                let indexes = "SELECT format('DROP INDEX %s', indexrelid::regclass) AS remove, \
                     pg_get_indexdef(indexrelid) AS make FROM pg_index JOIN pg_class ON oid = indexrelid \
                     WHERE relnamespace = current_schema()::regnamespace \
                     AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)";
                let mut all = later(db, references).await?;
                all.extend(later(db, indexes).await?);
                // References rest on unique indexes.
                all.sort_by_key(|item| item.make.starts_with("ALTER"));
                Ok(all)
            }
            Dialect::MySql => Ok(Vec::new()),
        }
    }

    fn insert(self, table: &Table, rows: usize) -> Result<String> {
        let columns: Vec<_> =
            table.columns.iter().map(|column| self.quoted(&column.name)).collect::<Result<_>>()?;
        let mut sql = format!("INSERT INTO {} ({}) VALUES ", self.quoted(&table.name)?, columns.join(", "));
        for row in 0..rows {
            sql.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..columns.len() {
                sql.push_str(if column == 0 { "" } else { ", " });
                match self {
                    Dialect::Postgres => sql.push_str(&format!("${}", row * columns.len() + column + 1)),
                    Dialect::Sqlite | Dialect::MySql => sql.push('?'),
                }
            }
            sql.push(')');
        }
        Ok(sql)
    }

    fn quoted(self, name: &str) -> Result<String> {
        if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
            return Err(Error::other("a table or column of this name cannot be loaded"));
        }
        Ok(match self {
            Dialect::MySql => format!("`{name}`"),
            Dialect::Sqlite | Dialect::Postgres => format!("\"{name}\""),
        })
    }
}

fn sqlite_file(url: &str) -> Result<PathBuf> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|_| Error::other("the database's address names no file"))?;
    Ok(options.get_filename().to_owned())
}

async fn connect(url: &str) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|sqlite| {
        // Whatever breaks off the loading, the file is thrown away; it is made durable at the end.
        sqlite
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Off)
            .synchronous(SqliteSynchronous::Off)
            .foreign_keys(false)
            .pragma("cache_size", "-131072")
    });
    // The driver's own message for a bad address quotes the URL, password and all.
    Database::connect(options)
        .await
        .map_err(|_| Error::Unavailable(Box::new(Failure("nothing answers at the database's address"))))
}

async fn execute(tx: &DatabaseTransaction, sql: String, values: Vec<sea_orm::Value>) -> Result<()> {
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    tx.execute_raw(statement).await?;
    Ok(())
}

async fn number(db: &DatabaseConnection, sql: &str) -> Result<i64> {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    Ok(row.ok_or_else(|| Error::other("no answer to a count"))?.try_get("", "n")?)
}

async fn later(db: &DatabaseConnection, sql: &str) -> Result<Vec<Later>> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let item = |row: &sea_orm::QueryResult| {
        Ok(Later { remove: row.try_get("", "remove")?, make: row.try_get("", "make")? })
    };
    rows.iter().map(item).collect()
}

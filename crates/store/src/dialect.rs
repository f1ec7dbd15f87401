use sea_orm::{AccessMode, DbBackend, IsolationLevel, SqliteTransactionMode, TransactionOptions};

/// The family of the database behind a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
    /// MySQL 8 or MariaDB.
    MySql,
}

impl Dialect {
    /// By the scheme of a connection URL.
    pub(crate) fn of_url(url: &str) -> Option<Self> {
        match url.split(':').next()? {
            "sqlite" => Some(Dialect::Sqlite),
            "postgres" | "postgresql" => Some(Dialect::Postgres),
            "mysql" | "mariadb" => Some(Dialect::MySql),
            _ => None,
        }
    }

    pub(crate) fn of_backend(backend: DbBackend) -> Self {
        match backend {
            DbBackend::Postgres => Dialect::Postgres,
            DbBackend::MySql => Dialect::MySql,
            _ => Dialect::Sqlite,
        }
    }

    /// Parameters that one statement can carry.
    pub(crate) const fn max_parameters(self) -> usize {
        match self {
            // SQLITE_MAX_VARIABLE_NUMBER of the bundled library.
            Dialect::Sqlite => 32_766,
            // A 16-bit count in both wire protocols.
            Dialect::Postgres | Dialect::MySql => 65_535,
        }
    }

    /// How a writing transaction begins. SQLite takes its write lock at once, since a reader that
    /// turns writer can only fail; MySQL reads what others committed, as PostgreSQL does anyway.
    pub(crate) fn transaction(self) -> TransactionOptions {
        TransactionOptions {
            isolation_level: (self == Dialect::MySql).then_some(IsolationLevel::ReadCommitted),
            access_mode: None,
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        }
    }

    /// How several statements see the rows of one moment, whatever is committed between them.
    pub(crate) fn snapshot(self) -> TransactionOptions {
        let level = IsolationLevel::RepeatableRead;
        TransactionOptions {
            isolation_level: (self != Dialect::Sqlite).then_some(level),
            access_mode: (self != Dialect::Sqlite).then_some(AccessMode::ReadOnly),
            sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
        }
    }

    /// Statements after which the table refuses every change but an insert.
    pub(crate) fn append_only(self, table: &str) -> Vec<String> {
        let refusal = format!("{table} is append-only");
        match self {
            Dialect::Sqlite => ["UPDATE", "DELETE"]
                .map(|verb| {
                    format!(
                        "CREATE TRIGGER IF NOT EXISTS {table}_no_{} BEFORE {verb} ON {table} \
                         BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
                        verb.to_lowercase()
                    )
                })
                .into(),
            Dialect::MySql => ["UPDATE", "DELETE"]
                .map(|verb| {
                    format!(
                        "CREATE TRIGGER IF NOT EXISTS {table}_no_{} BEFORE {verb} ON {table} FOR EACH ROW \
                         SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{refusal}'",
                        verb.to_lowercase()
                    )
                })
                .into(),
            Dialect::Postgres => vec![
                format!(
                    "CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS \
                     $$ BEGIN RAISE EXCEPTION '{refusal}'; END $$"
                ),
                format!("DROP TRIGGER IF EXISTS {table}_no_change ON {table}"),
                format!(
                    "CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} \
                     FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
                ),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect;

    #[test]
    fn the_scheme_of_the_url_names_the_dialect() {
        assert_eq!(Dialect::of_url("sqlite:///var/lib/x.db"), Some(Dialect::Sqlite));
        assert_eq!(Dialect::of_url("postgres://host/x"), Some(Dialect::Postgres));
        assert_eq!(Dialect::of_url("mysql://host/x"), Some(Dialect::MySql));
        assert_eq!(Dialect::of_url("redis://host"), None);
        assert_eq!(Dialect::of_url(""), None);
    }
}

use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, error::ErrorKind},
};

/// What lies behind a failure. Its text names codes, tables and constraints, never values.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The change contradicts what is stored; names the rule, such as `uq_certificate_key`.
    #[error("the change conflicts with what is stored ({0})")]
    Conflict(&'static str),
    /// The database is away, full, read-only or too busy. Trying again later may succeed.
    #[error("the database cannot be reached or written")]
    Unavailable(#[source] Cause),
    /// A row was edited, swapped or damaged outside this program.
    #[error("row {id} of {table} does not match its seal")]
    Corrupt { table: &'static str, id: String },
    #[error("the database failed")]
    Other(#[source] Cause),
}

pub type Result<T> = std::result::Result<T, Error>;

/// What the database said, without the values it may have quoted.
#[derive(Debug, thiserror::Error)]
#[error("database code {code}{text}")]
struct Fault {
    code: String,
    text: String,
}

/// A failure on this side of the connection.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Failure(pub(crate) &'static str);

impl Error {
    pub(crate) fn other(what: &'static str) -> Self {
        Error::Other(Box::new(Failure(what)))
    }

    pub(crate) fn corrupt(table: &'static str, id: impl ToString) -> Self {
        Error::Corrupt { table, id: id.to_string() }
    }
}

/// Rules that the database enforces, with the columns by which SQLite names a unique one.
const RULES: [(&str, &str); 8] = [
    (
        "uq_certificate_key",
        "certificate.number_index, certificate.type_code, certificate.item, certificate.issued_on",
    ),
    ("uq_holder_person", "holder.identity_index, holder.person_index"),
    ("uq_organisation_uscc", "organisation.uscc"),
    ("uq_account_login", "account.login"),
    ("uq_session_id", "session.id"),
    ("uq_import_batch_digest", "import_batch.digest"),
    ("ck_approval_two_persons", "ck_approval_two_persons"),
    ("ck_counter_positive", "ck_counter_positive"),
];

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::Conn(RuntimeErr::SqlxError(cause))
            | DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause)) => from_driver(&cause),
            DbErr::ConnectionAcquire(_) => Error::Unavailable(Box::new(error)),
            other => Error::Other(Box::new(other)),
        }
    }
}

fn from_driver(error: &sqlx::Error) -> Error {
    match error {
        sqlx::Error::Database(fault) => from_database(fault.as_ref()),
        sqlx::Error::Io(io) => Error::Unavailable(Box::new(std::io::Error::from(io.kind()))),
        sqlx::Error::Tls(_) => Error::Unavailable(Box::new(Failure("the TLS connection failed"))),
        sqlx::Error::PoolTimedOut => Error::Unavailable(Box::new(Failure("all connections are busy"))),
        sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
            Error::Unavailable(Box::new(Failure("the connection has ended")))
        }
        sqlx::Error::Protocol(_) => Error::Unavailable(Box::new(Failure("the connection broke off"))),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
            Error::other("a column holds another type")
        }
        _ => Error::other("the driver failed"),
    }
}

fn from_database(fault: &dyn sqlx::error::DatabaseError) -> Error {
    match fault.kind() {
        ErrorKind::UniqueViolation => Error::Conflict(rule(fault).unwrap_or("primary_key")),
        ErrorKind::CheckViolation => Error::Conflict(rule(fault).unwrap_or("check")),
        ErrorKind::ForeignKeyViolation => Error::Conflict("reference"),
        _ => {
            let code = fault.code().map(|code| code.into_owned()).unwrap_or_default();
            let cause = Fault { text: quotable(fault, &code), code: code.clone() };
            if is_passing(fault, &code) {
                Error::Unavailable(Box::new(cause))
            } else {
                Error::Other(Box::new(cause))
            }
        }
    }
}

fn rule(fault: &dyn sqlx::error::DatabaseError) -> Option<&'static str> {
    let named = fault.constraint().unwrap_or_default();
    let message = fault.message();
    RULES
        .into_iter()
        .find(|(name, columns)| named == *name || message.contains(name) || message.ends_with(columns))
        .map(|(name, _)| name)
}

/// Conditions that end by themselves or by an operator's hand: connection and resource trouble,
/// shutdown, deadlock and lock time-outs, a full or read-only disk.
fn is_passing(fault: &dyn sqlx::error::DatabaseError, code: &str) -> bool {
    if let Some(mysql) = fault.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return matches!(
            mysql.number(),
            1021 | 1040 | 1041 | 1053 | 1105 | 1114 | 1205 | 1213 | 1290 | 1792 | 3024 | 3572
        );
    }
    if fault.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
        return ["08", "25006", "40", "53", "55P03", "57", "58"].iter().any(|class| code.starts_with(class));
    }
    // SQLite: the low byte of an extended code is the primary code.
    const PASSING: [u32; 7] = [5, 6, 8, 10, 13, 14, 15];
    code.parse::<u32>().is_ok_and(|code| PASSING.contains(&(code & 0xff)))
}

/// The message where it cannot quote a value: SQLite's name tables and columns only, the others'
/// quote values in every class but that of syntax and access.
fn quotable(fault: &dyn sqlx::error::DatabaseError, code: &str) -> String {
    let from_sqlite = fault.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some();
    if from_sqlite || code.starts_with("42") || code.starts_with("45") || code.starts_with("P0") {
        format!(": {}", fault.message())
    } else {
        String::new()
    }
}

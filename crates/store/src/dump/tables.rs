use crate::{
    dialect::Dialect,
    error::{Error, Result},
    migrations::Migrator,
    rows::{
        account, approval, attachment, attachment_part, audit_record, audit_shown, certificate,
        certificate_event, change, counter, credential, education_hours, holder, idempotency, import_batch,
        log_hash, organisation, outbox, photo, setting, staged_audit, temporary_grant, throttle, training,
    },
};
use sea_orm::{ColumnTrait, ColumnType, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn};
use sea_orm_migration::MigratorTrait;
use serde::{Deserialize, Serialize};

/// A table as it was dumped, so that it can be loaded by a program whose tables have moved on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    /// Columns of the primary key.
    pub key: Vec<String>,
    /// Rows are only ever added, with numbers that leave no gap; this is the first number.
    pub numbered_from: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    pub kind: ColumnKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    Boolean,
    Integer,
    BigInteger,
    Text,
    Bytes,
    Uuid,
    Date,
}

/// Tables that are not dumped. Brought back from the past, they would let somebody in again: a
/// session that has been ended, a token that has been used.
pub const NOT_DUMPED: [&str; 2] = ["session", "one_use_token"];

/// Every table that is dumped, those that others refer to first.
pub fn tables() -> Result<Vec<Table>> {
    Ok(vec![
        table::<organisation::Entity>(None)?,
        table::<holder::Entity>(None)?,
        table::<photo::Entity>(None)?,
        table::<certificate::Entity>(None)?,
        table::<attachment::Entity>(None)?,
        table::<attachment_part::Entity>(None)?,
        table::<certificate_event::Entity>(None)?,
        table::<training::Entity>(None)?,
        table::<education_hours::Entity>(None)?,
        table::<change::Entity>(Some(1))?,
        table::<counter::Entity>(None)?,
        table::<account::Entity>(None)?,
        table::<credential::Entity>(None)?,
        table::<temporary_grant::Entity>(None)?,
        table::<approval::Entity>(None)?,
        table::<throttle::Entity>(None)?,
        table::<idempotency::Entity>(None)?,
        table::<setting::Entity>(None)?,
        table::<import_batch::Entity>(None)?,
        table::<audit_record::Entity>(Some(0))?,
        table::<audit_shown::Entity>(None)?,
        table::<staged_audit::Entity>(None)?,
        table::<log_hash::Entity>(Some(0))?,
        table::<outbox::Entity>(None)?,
    ])
}

/// The schema's steps that this program knows, in order.
pub fn schema() -> Vec<String> {
    Migrator::migrations().iter().map(|step| step.name().to_owned()).collect()
}

fn table<E: EntityTrait>(numbered_from: Option<i64>) -> Result<Table> {
    let column = |column: E::Column| Ok(Column { name: column.as_str().to_owned(), kind: kind(column)? });
    Ok(Table {
        name: E::default().table_name().to_owned(),
        columns: E::Column::iter().map(column).collect::<Result<_>>()?,
        key: E::PrimaryKey::iter().map(|key| key.into_column().as_str().to_owned()).collect(),
        numbered_from,
    })
}

fn kind(column: impl ColumnTrait) -> Result<ColumnKind> {
    Ok(match column.def().get_column_type() {
        ColumnType::Boolean => ColumnKind::Boolean,
        ColumnType::Integer => ColumnKind::Integer,
        ColumnType::BigInteger => ColumnKind::BigInteger,
        ColumnType::String(_) | ColumnType::Text => ColumnKind::Text,
        ColumnType::Blob | ColumnType::Binary(_) | ColumnType::VarBinary(_) => ColumnKind::Bytes,
        ColumnType::Uuid => ColumnKind::Uuid,
        ColumnType::Date => ColumnKind::Date,
        _ => return Err(Error::other("a column of this type cannot be dumped")),
    })
}

impl Dialect {
    pub const fn name(self) -> &'static str {
        match self {
            Dialect::Sqlite => "sqlite",
            Dialect::Postgres => "postgresql",
            Dialect::MySql => "mysql",
        }
    }
}

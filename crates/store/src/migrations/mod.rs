//! The schema, one step a file. An applied step is never edited; the next step expands the schema
//! first and contracts it only when no running version needs the old form. Every step can be run
//! again after it was cut off half-way: MySQL commits each statement by itself.

mod m0001_registry;
mod m0002_access;
mod m0003_record;
mod m0004_audit_region;
mod m0005_audit_fields;
mod m0006_attachments;
mod m0007_credentials;

use crate::dialect::Dialect;
use sea_orm::ConnectionTrait;
use sea_orm_migration::prelude::*;

pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_registry::Migration),
            Box::new(m0002_access::Migration),
            Box::new(m0003_record::Migration),
            Box::new(m0004_audit_region::Migration),
            Box::new(m0005_audit_fields::Migration),
            Box::new(m0006_attachments::Migration),
            Box::new(m0007_credentials::Migration),
        ]
    }
}

/// A step is one transaction where the database can do that: all but MySQL, which ignores it.
const WHOLE_STEPS: Option<bool> = Some(true);

fn dialect(manager: &SchemaManager<'_>) -> Dialect {
    Dialect::of_backend(manager.get_database_backend())
}

/// An empty table definition. Text compares by code point: MySQL would otherwise take codes and
/// logins that differ in case or accent for the same.
fn table(manager: &SchemaManager<'_>, name: &'static str) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name).if_not_exists();
    if dialect(manager) == Dialect::MySql {
        table.engine("InnoDB").character_set("utf8mb4").collate("utf8mb4_bin");
    }
    table
}

/// A table whose rows lie in the order of their key, as MySQL keeps every table: for short rows that
/// are read by the first columns of it.
fn by_key(manager: &SchemaManager<'_>, name: &'static str) -> TableCreateStatement {
    let mut table = table(manager, name);
    if dialect(manager) == Dialect::Sqlite {
        table.extra("WITHOUT ROWID");
    }
    table
}

/// A primary key that counts. SQLite needs no index for it if it is of the type that rows are
/// numbered by there, which has 64 bits as well.
fn number(manager: &SchemaManager<'_>, name: &'static str) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    match dialect(manager) {
        Dialect::Sqlite => column.integer(),
        Dialect::Postgres | Dialect::MySql => column.big_integer(),
    };
    column.not_null().primary_key();
    column
}

/// A sealed part. MySQL's plain BLOB ends at 64 KiB.
fn sealed(manager: &SchemaManager<'_>, name: &'static str) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    match dialect(manager) {
        Dialect::MySql => column.custom("longblob"),
        Dialect::Sqlite | Dialect::Postgres => column.blob(),
    };
    column
}

async fn index(
    manager: &SchemaManager<'_>,
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
    unique: bool,
) -> Result<(), DbErr> {
    if manager.has_index(table, name).await? {
        return Ok(());
    }
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    if unique {
        index.unique();
    }
    manager.create_index(index).await
}

async fn append_only(manager: &SchemaManager<'_>, table: &'static str) -> Result<(), DbErr> {
    for statement in dialect(manager).append_only(table) {
        manager.get_connection().execute_unprepared(&statement).await?;
    }
    Ok(())
}

fn reference(
    name: &'static str,
    from: (&'static str, &'static str),
    to: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(name).from(from.0, from.1).to(to, "id").to_owned()
}

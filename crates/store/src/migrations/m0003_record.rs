//! Imports, the searchable audit, the transparency log and the outbox.

use super::{append_only, dialect, index, number, table};
use crate::dialect::Dialect;
use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, big_pk_auto, binary_len, boolean, integer, pk_uuid, string_len,
        string_len_null, text, text_null, uuid, uuid_null,
    },
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        super::WHOLE_STEPS
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        imports(manager).await?;
        audit(manager).await?;
        log_and_outbox(manager).await
    }
}

async fn imports(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let batch = table(manager, "import_batch")
        .col(pk_uuid("id"))
        .col(binary_len("digest", 32))
        .col(string_len("state", 16))
        .col(big_integer("rows"))
        .col(big_integer("accepted"))
        .col(big_integer("unchanged"))
        .col(big_integer("rejected"))
        .col(big_integer("checkpoint"))
        .col(big_integer("started_at"))
        .col(big_integer_null("finished_at"))
        .to_owned();
    manager.create_table(batch).await?;
    index(manager, "uq_import_batch_digest", "import_batch", &["digest"], true).await
}

async fn audit(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let record = table(manager, "audit_record")
        .col(number(manager, "seq"))
        .col(big_integer("at"))
        .col(uuid("request_id"))
        .col(string_len("role", 32))
        .col(uuid_null("account_id"))
        .col(uuid_null("organisation_id"))
        .col(string_len_null("region", 16))
        .col(uuid_null("session_id"))
        .col(text("source"))
        .col(text_null("device"))
        .col(string_len("action", 64))
        .col(string_len_null("object", 128))
        .col(text_null("keywords"))
        .col(text_null("purpose"))
        .col(string_len("outcome", 16))
        .col(text_null("reason"))
        .col(big_integer("count"))
        .col(string_len("version", 32))
        .to_owned();
    manager.create_table(record).await?;
    index(manager, "ix_audit_record_at", "audit_record", &["at"], false).await?;
    index(manager, "ix_audit_record_request", "audit_record", &["request_id"], false).await?;
    for (name, column) in [
        ("ix_audit_record_role", "role"),
        ("ix_audit_record_account", "account_id"),
        ("ix_audit_record_organisation", "organisation_id"),
        ("ix_audit_record_action", "action"),
        ("ix_audit_record_object", "object"),
    ] {
        index(manager, name, "audit_record", &[column, "seq"], false).await?;
    }
    append_only(manager, "audit_record").await?;

    let staged = table(manager, "staged_audit")
        .col(uuid("request_id").primary_key())
        .col(big_integer("at"))
        .col(long_text(manager, "payload"))
        .to_owned();
    manager.create_table(staged).await?;
    index(manager, "ix_staged_audit_at", "staged_audit", &["at"], false).await
}

async fn log_and_outbox(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let hashes =
        table(manager, "log_hash").col(number(manager, "position")).col(binary_len("hash", 32)).to_owned();
    manager.create_table(hashes).await?;
    append_only(manager, "log_hash").await?;

    let outbox = table(manager, "outbox")
        .col(big_pk_auto("id"))
        .col(string_len("kind", 64))
        .col(long_text(manager, "payload"))
        .col(integer("attempts"))
        .col(big_integer("due_at"))
        .col(boolean("dead"))
        .to_owned();
    manager.create_table(outbox).await?;
    index(manager, "ix_outbox_due", "outbox", &["dead", "due_at", "id"], false).await
}

/// Text beyond MySQL's 64 KiB.
fn long_text(manager: &SchemaManager<'_>, name: &'static str) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    match dialect(manager) {
        Dialect::MySql => column.custom("longtext"),
        Dialect::Sqlite | Dialect::Postgres => column.text(),
    };
    column.not_null();
    column
}

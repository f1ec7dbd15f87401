//! The certificates that an answer showed, so that their holders can ask who looked; what kept the clock;
//! and whether a change was committed with the record.

use super::{append_only, by_key, index};
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, boolean, text_null, uuid},
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const TABLE: &str = "audit_shown";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        super::WHOLE_STEPS
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let shown = by_key(manager, TABLE)
            .col(big_integer("seq"))
            .col(uuid("certificate_id"))
            .primary_key(Index::create().col("seq").col("certificate_id"))
            .to_owned();
        manager.create_table(shown).await?;
        index(manager, "ix_audit_shown_certificate", TABLE, &["certificate_id", "seq"], false).await?;
        append_only(manager, TABLE).await?;
        add(manager, text_null("clock")).await?;
        add(manager, boolean("staged").default(false).to_owned()).await
    }
}

async fn add(manager: &SchemaManager<'_>, mut column: ColumnDef) -> Result<(), DbErr> {
    const RECORD: &str = "audit_record";
    if manager.has_column(RECORD, column.get_column_name()).await? {
        return Ok(());
    }
    let mut table = Table::alter();
    table.table(RECORD).add_column(&mut column);
    manager.alter_table(table).await
}

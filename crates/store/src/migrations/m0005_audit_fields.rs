//! The certificates that an answer showed, so that their holders can ask who looked; and what kept the
//! clock.

use super::{append_only, by_key, index};
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, text_null, uuid},
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
        if manager.has_column("audit_record", "clock").await? {
            return Ok(());
        }
        let mut record = Table::alter();
        record.table("audit_record").add_column(text_null("clock"));
        manager.alter_table(record).await
    }
}

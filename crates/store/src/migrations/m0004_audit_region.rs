//! The region of what an audit record is about.

use super::index;
use sea_orm_migration::{prelude::*, schema::string_len_null};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const TABLE: &str = "audit_record";
const COLUMN: &str = "object_region";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        super::WHOLE_STEPS
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if !manager.has_column(TABLE, COLUMN).await? {
            let mut table = Table::alter();
            table.table(TABLE).add_column(string_len_null(COLUMN, 16));
            manager.alter_table(table).await?;
        }
        index(manager, "ix_audit_record_object_region", TABLE, &[COLUMN, "seq"], false).await
    }
}

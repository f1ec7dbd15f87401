//! What accounts prove themselves with, beside their passwords.

use super::{index, reference, sealed, table};
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, pk_uuid, string_len, uuid},
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        super::WHOLE_STEPS
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let credential = table(manager, "credential")
            .col(pk_uuid("id"))
            .col(big_integer("version"))
            .col(uuid("account_id"))
            .col(string_len("kind", 32))
            .col(big_integer("created_at"))
            .col(big_integer_null("expires_at"))
            .col(sealed(manager, "sealed").not_null())
            .foreign_key(&mut reference("fk_credential_account", ("credential", "account_id"), "account"))
            .to_owned();
        manager.create_table(credential).await?;
        index(manager, "ix_credential_account", "credential", &["account_id"], false).await
    }
}

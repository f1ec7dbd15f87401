//! Pictures and prints that belong to a certificate.

use super::{by_key, index, reference, sealed, table};
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, binary_len, integer, pk_uuid, string_len, uuid},
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        super::WHOLE_STEPS
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let certificate = ("attachment", "certificate_id");
        let attachment = table(manager, "attachment")
            .col(pk_uuid("id"))
            .col(uuid("certificate_id"))
            .col(binary_len("digest", 16))
            .col(string_len("media_type", 64))
            .col(big_integer("size"))
            .col(big_integer("recorded_at"))
            .col(sealed(manager, "sealed").not_null())
            .foreign_key(&mut reference("fk_attachment_certificate", certificate, "certificate"))
            .to_owned();
        manager.create_table(attachment).await?;
        let key = ["certificate_id", "digest"];
        index(manager, "uq_attachment_digest", "attachment", &key, true).await?;

        let attachment = ("attachment_part", "attachment_id");
        let part = by_key(manager, "attachment_part")
            .col(uuid("attachment_id"))
            .col(integer("ordinal"))
            .col(sealed(manager, "sealed").not_null())
            .primary_key(Index::create().col("attachment_id").col("ordinal"))
            .foreign_key(&mut reference("fk_attachment_part", attachment, "attachment"))
            .to_owned();
        manager.create_table(part).await
    }
}

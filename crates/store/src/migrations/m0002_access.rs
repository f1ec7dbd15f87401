//! Accounts, sessions, grants, approvals, counters and settings.

use super::{index, reference, sealed, table};
use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, binary_len, boolean, pk_uuid, string_len, string_len_null, text,
        text_null, uuid, uuid_null,
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
        accounts(manager).await?;
        grants_and_approvals(manager).await?;
        counters(manager).await
    }
}

async fn accounts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let account = table(manager, "account")
        .col(pk_uuid("id"))
        .col(big_integer("version"))
        .col(string_len("login", 128))
        .col(string_len("role", 32))
        .col(string_len("password_hash", 255))
        .col(string_len_null("region", 16))
        .col(uuid_null("organisation_id"))
        .col(uuid_null("holder_id"))
        .col(boolean("disabled"))
        .col(big_integer("created_at"))
        .col(sealed(manager, "sealed").not_null())
        .to_owned();
    manager.create_table(account).await?;
    index(manager, "uq_account_login", "account", &["login"], true).await?;

    let session = table(manager, "session")
        .col(binary_len("token_hash", 32).primary_key())
        .col(uuid("id"))
        .col(uuid("account_id"))
        .col(big_integer("created_at"))
        .col(big_integer("last_seen_at"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("stepped_up_at"))
        .col(text_null("device"))
        .col(text("source"))
        .col(sealed(manager, "sealed").not_null())
        .foreign_key(&mut reference("fk_session_account", ("session", "account_id"), "account"))
        .to_owned();
    manager.create_table(session).await?;
    index(manager, "uq_session_id", "session", &["id"], true).await?;
    index(manager, "ix_session_account", "session", &["account_id"], false).await
}

async fn grants_and_approvals(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let grant = table(manager, "temporary_grant")
        .col(uuid("id"))
        .col(uuid("holder_id"))
        .col(uuid_null("account_id"))
        .col(uuid_null("organisation_id"))
        .col(big_integer("from_at"))
        .col(big_integer("until_at"))
        .col(sealed(manager, "sealed").not_null())
        .primary_key(Index::create().col("id").col("holder_id"))
        .foreign_key(&mut reference("fk_temporary_grant_holder", ("temporary_grant", "holder_id"), "holder"))
        .to_owned();
    manager.create_table(grant).await?;
    index(manager, "ix_temporary_grant_account", "temporary_grant", &["account_id"], false).await?;
    index(manager, "ix_temporary_grant_organisation", "temporary_grant", &["organisation_id"], false).await?;

    let two_persons = Expr::col("checker").is_null().or(Expr::col("checker").ne(Expr::col("maker")));
    let approval = table(manager, "approval")
        .col(pk_uuid("id"))
        .col(big_integer("version"))
        .col(string_len("kind", 64))
        .col(string_len("state", 16))
        .col(uuid("maker"))
        .col(uuid_null("checker"))
        .col(big_integer("created_at"))
        .col(big_integer_null("decided_at"))
        .col(big_integer("expires_at"))
        .col(sealed(manager, "sealed").not_null())
        .check(("ck_approval_two_persons", two_persons))
        .to_owned();
    manager.create_table(approval).await?;
    index(manager, "ix_approval_state", "approval", &["state", "created_at"], false).await
}

async fn counters(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let throttle = table(manager, "throttle")
        .col(binary_len("key_index", 16).primary_key())
        .col(big_integer("count"))
        .col(big_integer("window_start"))
        .col(big_integer_null("locked_until"))
        .col(big_integer("strikes"))
        .to_owned();
    manager.create_table(throttle).await?;

    let token = table(manager, "one_use_token")
        .col(binary_len("token_index", 16).primary_key())
        .col(big_integer("expires_at"))
        .to_owned();
    manager.create_table(token).await?;

    let idempotency = table(manager, "idempotency")
        .col(binary_len("key_hash", 32).primary_key())
        .col(binary_len("request_hash", 32))
        .col(big_integer("created_at"))
        .col(sealed(manager, "response").null())
        .to_owned();
    manager.create_table(idempotency).await?;
    index(manager, "ix_idempotency_created", "idempotency", &["created_at"], false).await?;

    let setting =
        table(manager, "setting").col(string_len("key", 128).primary_key()).col(text("value")).to_owned();
    manager.create_table(setting).await
}

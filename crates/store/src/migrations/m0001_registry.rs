//! People, organisations, certificates, what happened to them, and the change feed.

use super::{append_only, by_key, index, number, reference, sealed, table};
use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, binary_len, binary_len_null, boolean, date, date_null, integer, pk_uuid, string_len,
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
        holders_and_organisations(manager).await?;
        certificates(manager).await?;
        parts_of_certificates(manager).await?;
        feed(manager).await
    }
}

async fn holders_and_organisations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let holder = table(manager, "holder")
        .col(pk_uuid("id"))
        .col(big_integer("version"))
        .col(binary_len_null("identity_index", 16))
        .col(binary_len_null("person_index", 16))
        .col(sealed(manager, "sealed").not_null())
        .to_owned();
    manager.create_table(holder).await?;
    index(manager, "uq_holder_person", "holder", &["identity_index", "person_index"], true).await?;

    let organisation = table(manager, "organisation")
        .col(pk_uuid("id"))
        .col(big_integer("version"))
        .col(text("name"))
        .col(string_len("name_key", 700))
        .col(string_len_null("uscc", 32))
        .col(string_len_null("region", 16))
        .col(string_len_null("industry", 64))
        .col(sealed(manager, "sealed").not_null())
        .to_owned();
    manager.create_table(organisation).await?;
    index(manager, "ix_organisation_name", "organisation", &["name_key"], false).await?;
    index(manager, "uq_organisation_uscc", "organisation", &["uscc"], true).await?;

    let photo = table(manager, "photo")
        .col(pk_uuid("id"))
        .col(uuid("holder_id"))
        .col(sealed(manager, "sealed").not_null())
        .foreign_key(&mut reference("fk_photo_holder", ("photo", "holder_id"), "holder"))
        .to_owned();
    manager.create_table(photo).await
}

async fn certificates(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let certificate = table(manager, "certificate")
        .col(pk_uuid("id"))
        .col(big_integer("version"))
        .col(string_len("type_code", 64))
        .col(binary_len("number_index", 16))
        .col(string_len("item", 64))
        .col(uuid("holder_id"))
        .col(uuid_null("organisation_id"))
        .col(text("issuer"))
        .col(string_len("region", 16))
        .col(string_len_null("industry", 64))
        .col(date("issued_on"))
        .col(date("valid_from"))
        .col(date_null("valid_until"))
        .col(date_null("review_due_on"))
        .col(boolean("under_correction"))
        .col(string_len("source", 64))
        .col(big_integer("synced_at"))
        .col(uuid_null("photo_id"))
        .col(sealed(manager, "sealed").not_null())
        .foreign_key(&mut reference("fk_certificate_holder", ("certificate", "holder_id"), "holder"))
        .foreign_key(&mut reference(
            "fk_certificate_organisation",
            ("certificate", "organisation_id"),
            "organisation",
        ))
        .foreign_key(&mut reference("fk_certificate_photo", ("certificate", "photo_id"), "photo"))
        .to_owned();
    manager.create_table(certificate).await?;
    // The number first: it is looked for alone as well.
    let key = ["number_index", "type_code", "item", "issued_on"];
    index(manager, "uq_certificate_key", "certificate", &key, true).await?;
    index(manager, "ix_certificate_holder", "certificate", &["holder_id"], false).await?;
    index(manager, "ix_certificate_organisation", "certificate", &["organisation_id"], false).await
}

async fn parts_of_certificates(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let event = by_key(manager, "certificate_event")
        .col(uuid("id"))
        .col(uuid("certificate_id"))
        .col(integer("ordinal"))
        .col(string_len("kind", 32))
        .col(date("effective_on"))
        .col(big_integer("recorded_at"))
        .col(text_null("reason"))
        .col(date_null("issued_on"))
        .col(date_null("valid_from"))
        .col(date_null("valid_until"))
        .col(date_null("review_due_on"))
        .primary_key(Index::create().col("certificate_id").col("ordinal"))
        .foreign_key(&mut reference(
            "fk_certificate_event",
            ("certificate_event", "certificate_id"),
            "certificate",
        ))
        .to_owned();
    manager.create_table(event).await?;
    append_only(manager, "certificate_event").await?;

    let training = by_key(manager, "training")
        .col(uuid("certificate_id"))
        .col(integer("ordinal"))
        .col(text("course"))
        .col(text("provider"))
        .col(big_integer("hours"))
        .col(date("completed_on"))
        .col(boolean("passed"))
        .primary_key(Index::create().col("certificate_id").col("ordinal"))
        .foreign_key(&mut reference("fk_training_certificate", ("training", "certificate_id"), "certificate"))
        .to_owned();
    manager.create_table(training).await?;

    let education = by_key(manager, "education_hours")
        .col(uuid("certificate_id"))
        .col(integer("ordinal"))
        .col(integer("year"))
        .col(big_integer("hours"))
        .primary_key(Index::create().col("certificate_id").col("ordinal"))
        .foreign_key(&mut reference(
            "fk_education_certificate",
            ("education_hours", "certificate_id"),
            "certificate",
        ))
        .to_owned();
    manager.create_table(education).await
}

async fn feed(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let change = table(manager, "change")
        .col(number(manager, "seq"))
        .col(uuid("certificate_id"))
        .col(big_integer("version"))
        .to_owned();
    manager.create_table(change).await?;

    let counter = table(manager, "counter")
        .col(string_len("name", 16).primary_key())
        .col(big_integer("value"))
        .check(("ck_counter_positive", Expr::col("value").gte(0)))
        .to_owned();
    manager.create_table(counter).await?;
    for name in ["change", "log"] {
        let present = Query::select()
            .expr(Expr::val(1))
            .from("counter")
            .and_where(Expr::col("name").eq(name))
            .to_owned();
        if manager.get_connection().query_one(&present).await?.is_none() {
            let row = Query::insert()
                .into_table("counter")
                .columns(["name", "value"])
                .values_panic([name.into(), 0.into()])
                .to_owned();
            manager.execute(row).await?;
        }
    }
    Ok(())
}

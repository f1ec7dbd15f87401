use std::{collections::BTreeSet, sync::Arc};
use store::Dialect;
use testkit::TestStore;

pub async fn migrating_twice_changes_nothing(db: Arc<TestStore>) {
    db.set_setting("kept", "yes").await.unwrap();
    db.migrate().await.unwrap();
    assert_eq!(db.setting("kept").await.unwrap().as_deref(), Some("yes"));
    db.ping().await.unwrap();
}

/// Every column there is, one a line; "null" where it may be missing.
const EXPECTED: &str = include_str!("schema.txt");

pub async fn every_database_has_the_same_tables_and_columns(db: Arc<TestStore>) {
    let query = match db.dialect() {
        Dialect::Sqlite => {
            "SELECT m.name || '.' || c.name || CASE WHEN c.\"notnull\" = 0 AND c.pk = 0 THEN ' null' ELSE '' END AS line \
             FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'"
        }
        Dialect::Postgres => {
            "SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'YES' THEN ' null' ELSE '' END AS line \
             FROM information_schema.columns WHERE table_schema = 'public'"
        }
        Dialect::MySql => {
            "SELECT CAST(CONCAT(table_name, '.', column_name, IF(is_nullable = 'YES', ' null', '')) AS CHAR) AS line \
             FROM information_schema.columns WHERE table_schema = DATABASE()"
        }
    };
    let found: BTreeSet<String> =
        db.lines(query).await.into_iter().filter(|line| !line.starts_with("seaql_migrations.")).collect();
    let expected: BTreeSet<String> = EXPECTED.lines().map(str::to_owned).collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    let surplus: Vec<_> = found.difference(&expected).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "missing: {missing:?}; surplus: {surplus:?}");
}

pub async fn every_rule_is_named_by_every_database(db: Arc<TestStore>) {
    let indexes = match db.dialect() {
        Dialect::Sqlite => "SELECT name AS line FROM sqlite_master WHERE type = 'index'",
        Dialect::Postgres => "SELECT indexname::text AS line FROM pg_indexes WHERE schemaname = 'public'",
        Dialect::MySql => {
            "SELECT DISTINCT CAST(index_name AS CHAR) AS line FROM information_schema.statistics WHERE table_schema = DATABASE()"
        }
    };
    let found = db.lines(indexes).await;
    for rule in [
        "uq_certificate_key",
        "uq_holder_person",
        "uq_organisation_uscc",
        "uq_account_login",
        "uq_session_id",
        "uq_import_batch_digest",
    ] {
        assert!(found.iter().any(|name| name == rule), "{rule}");
    }
}

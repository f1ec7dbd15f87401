//! Rows as bytes and back.

use crate::suite::register;
use std::{collections::BTreeSet, sync::Arc};
use store::{
    Dialect, OldSeals, Options, Store,
    dump::{DumpedRow, Loader, NOT_DUMPED, schema, tables},
};
use tempfile::TempDir;
use testkit::{Kind, TestStore, at, certificate};

/// A new table or column that nobody dumps would be missing after a restore.
pub async fn every_column_is_dumped_or_left_out_on_purpose(_: Arc<TestStore>) {
    let there: BTreeSet<_> = include_str!("schema.txt")
        .lines()
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .filter(|column| !NOT_DUMPED.contains(&column.split('.').next().unwrap()))
        .collect();
    let dumped = tables().unwrap().into_iter().flat_map(|table| {
        let name = table.name;
        table.columns.into_iter().map(move |column| format!("{name}.{}", column.name))
    });
    assert_eq!(dumped.collect::<BTreeSet<_>>(), there);
}

/// A database with nothing in it; the folder must stay as long as it is used.
async fn empty(dialect: Dialect) -> (Option<TempDir>, Option<TestStore>, String) {
    let kind = match dialect {
        Dialect::Sqlite => {
            let folder = TempDir::new().unwrap();
            let url = format!("sqlite://{}?mode=rwc", folder.path().join("loaded.db").display());
            return (Some(folder), None, url);
        }
        Dialect::Postgres => Kind::Postgres,
        Dialect::MySql => Kind::MySql,
    };
    let store = TestStore::unmigrated(kind).await;
    let url = store.url().to_owned();
    (None, Some(store), url)
}

/// All rows of all tables, by name.
async fn everything(store: &Store) -> Vec<(String, Vec<DumpedRow>)> {
    let dump = store.dump().await.unwrap();
    let mut all = Vec::new();
    for table in dump.tables().unwrap() {
        let mut rows = dump.rows(&table);
        let mut found = Vec::new();
        loop {
            let page = rows.next().await.unwrap();
            if page.is_empty() {
                break;
            }
            found.extend(page);
        }
        all.push((table.name, found));
    }
    all
}

async fn indexes(db: &TestStore, url: &str) -> BTreeSet<String> {
    let query = match db.dialect() {
        Dialect::Sqlite => "SELECT name || coalesce(sql, '') AS line FROM sqlite_master",
        Dialect::Postgres => {
            "SELECT indexdef AS line FROM pg_indexes WHERE schemaname = 'public' \
             UNION SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint \
             UNION SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal"
        }
        Dialect::MySql => {
            "SELECT DISTINCT CAST(index_name AS CHAR) AS line FROM information_schema.statistics \
             WHERE table_schema = DATABASE() UNION SELECT CAST(trigger_name AS CHAR) \
             FROM information_schema.triggers WHERE trigger_schema = DATABASE()"
        }
    };
    testkit::lines(url, query).await.into_iter().collect()
}

async fn fill(db: &TestStore) {
    let certificates: Vec<_> = (0..2_300).map(certificate).collect();
    register(db, &certificates).await;
    db.set_setting("kept", "是").await.unwrap();
    let tx = db.begin().await.unwrap();
    tx.append_log_leaves((0..77u8).map(|leaf| vec![leaf]).collect()).await.unwrap();
    tx.enqueue("later", "{}", at(2026, 1, 1)).await.unwrap();
    tx.commit().await.unwrap();
}

pub async fn rows_come_back_as_they_were(db: Arc<TestStore>) {
    fill(&db).await;
    let before = everything(&db).await;
    let log = db.dump().await.unwrap().log_head().await.unwrap();
    let (_folder, _server, url) = empty(db.dialect()).await;
    let loader = Loader::begin(&url, &schema()).await.unwrap().expect("nothing is there");
    for (table, (name, rows)) in tables().unwrap().iter().zip(&before) {
        assert_eq!(&table.name, name);
        let records: Vec<_> = rows.iter().map(|row| row.record.as_slice()).collect();
        let loaded = loader.load(table, &records).await;
        let loaded = loaded.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(loaded, rows.len() as u64, "{name}");
    }
    loader.finish().await.unwrap();

    let options = Options { url: url.clone(), max_connections: 2 };
    let loaded = Store::connect(&options, testkit::keys()).await.unwrap();
    assert!(everything(&loaded).await == before, "other rows");
    assert_eq!(loaded.walk_seals(OldSeals::Keep).await.unwrap().damaged, 0);
    assert_eq!(loaded.recompute_log().await.unwrap(), log);
    assert_eq!(indexes(&db, &url).await, indexes(&db, db.url()).await);
    let forged = testkit::raw(&url, "UPDATE certificate_event SET kind = 'issued'").await;
    assert!(forged.is_err(), "history can be rewritten");
    let tx = loaded.begin().await.unwrap();
    tx.enqueue("after", "{}", at(2026, 1, 2)).await.unwrap();
    tx.append_log_leaf(b"after").await.unwrap();
    tx.commit().await.unwrap();
    assert!(Loader::begin(&url, &schema()).await.unwrap().is_none(), "it holds something");
}

pub async fn a_dump_shows_one_moment(db: Arc<TestStore>) {
    register(&db, &[certificate(1)]).await;
    let dump = db.dump().await.unwrap();
    register(&db, &[certificate(2)]).await;
    let tables = dump.tables().unwrap();
    let certificates = tables.iter().find(|table| table.name == "certificate").unwrap();
    assert_eq!(dump.rows(certificates).next().await.unwrap().len(), 1);
    assert_eq!((dump.feed_head().await.unwrap(), db.feed_head().await.unwrap()), (1, 2));
}

pub async fn a_changed_hash_of_the_log_is_found_by_computing_it_anew(db: Arc<TestStore>) {
    fill(&db).await;
    let (dump, head) = (db.dump().await.unwrap(), db.recompute_log().await.unwrap());
    assert_eq!((head.0, head), (77, dump.log_head().await.unwrap()));
    drop(dump);
    for trigger in ["log_hash_no_update", "log_hash_no_change ON log_hash"] {
        // One of them, by dialect.
        let _other_dialect = db.raw(&format!("DROP TRIGGER {trigger}")).await;
    }
    let copied = "UPDATE log_hash SET hash = (SELECT hash FROM (SELECT hash FROM log_hash WHERE position = 0) AS one) WHERE position = 5";
    assert_eq!(db.raw(copied).await.unwrap(), 1);
    assert_eq!(crate::suite::corrupt(db.recompute_log().await), "log_hash");
}

use std::sync::Arc;
use store::Dialect;
use store::{Error, Options, Store};
use testkit::{TestStore, certificate};

pub async fn a_lost_database_is_unavailable_and_not_an_answer(db: Arc<TestStore>) {
    let lost = db.again().await;
    lost.close().await.unwrap();
    let unavailable = |error: &Error| matches!(error, Error::Unavailable(_));
    assert!(lost.certificate_unscoped(certificate(1).id).await.is_err_and(|error| unavailable(&error)));
    assert!(lost.begin().await.is_err_and(|error| unavailable(&error)));
    assert!(lost.ping().await.is_err_and(|error| unavailable(&error)));
    assert!(lost.account_by_login("clerk").await.is_err_and(|error| unavailable(&error)));

    for url in [
        "postgres://clerk:secret@127.0.0.1:1/x",
        "mysql://clerk:secret@127.0.0.1:1/x",
        "sqlite:///nowhere/x.db",
    ] {
        let options = Options { url: url.into(), max_connections: 1 };
        assert!(!format!("{options:?}").contains("secret"));
        let error = Store::connect(&options, testkit::keys()).await.expect_err(url);
        assert!(unavailable(&error), "{url}: {error:?}");
        assert!(!format!("{error:?}").contains("secret"));
    }
}

/// The server ends every connection, as when it restarts.
pub async fn broken_connections_are_replaced(db: Arc<TestStore>) {
    db.set_setting("kept", "yes").await.unwrap();
    match db.dialect() {
        Dialect::Sqlite => return,
        Dialect::Postgres => {
            let all_others = "SELECT pg_terminate_backend(pid)::text AS line FROM pg_stat_activity \
                              WHERE datname = current_database() AND pid <> pg_backend_pid()";
            assert!(!db.lines(all_others).await.is_empty());
        }
        Dialect::MySql => {
            let all_others = "SELECT CAST(id AS CHAR) AS line FROM information_schema.processlist \
                              WHERE db = DATABASE() AND id <> CONNECTION_ID()";
            for connection in db.lines(all_others).await {
                db.raw(&format!("KILL {connection}")).await.unwrap();
            }
        }
    }
    assert_eq!(db.setting("kept").await.unwrap().as_deref(), Some("yes"));
    db.set_setting("kept", "still").await.unwrap();
}

/// Another process keeps the file locked for longer than anybody should wait.
pub async fn a_locked_database_is_unavailable_and_comes_back(db: Arc<TestStore>) {
    if db.dialect() != Dialect::Sqlite {
        return;
    }
    let intruder = db.again().await.begin().await.unwrap();
    let refused = db.set_setting("kept", "no").await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    assert_eq!(db.setting("kept").await.unwrap(), None, "reading goes on");
    intruder.rollback().await.unwrap();
    db.set_setting("kept", "yes").await.unwrap();
}

use domain::certificate::Certificate;
use futures::future::BoxFuture;
use std::sync::Arc;
use store::{Error, RegisteredOrganisation, Store};
use testkit::{Kind, TestStore};

/// One promise of the store, kept on an empty database.
pub struct Case {
    pub name: &'static str,
    pub keep: fn(Arc<TestStore>) -> BoxFuture<'static, ()>,
}

macro_rules! cases {
    ($($case:path),* $(,)?) => {
        vec![$(Case { name: stringify!($case), keep: |db| Box::pin($case(db)) }),*]
    };
}
pub(crate) use cases;

/// Runs every case and then names those that failed.
pub async fn run(kind: Kind, cases: Vec<Case>) {
    if !kind.is_wanted() {
        eprintln!("{kind:?} is left out by ANZHENG_TEST_DATABASES");
        return;
    }
    let mut failed = Vec::new();
    for case in cases {
        let db = Arc::new(TestStore::fresh(kind).await);
        if tokio::spawn((case.keep)(db)).await.is_err() {
            failed.push(case.name);
        }
    }
    assert!(failed.is_empty(), "on {kind:?}: {failed:?}");
}

/// Registers certificates with their people and organisations.
pub async fn register(store: &Store, certificates: &[Certificate]) {
    let mut organisations: Vec<_> =
        certificates.iter().filter_map(|certificate| certificate.organisation.clone()).collect();
    organisations.dedup();
    let holders: Vec<_> = certificates.iter().map(|certificate| certificate.holder.clone()).collect();
    let tx = store.begin().await.unwrap();
    for organisation in &organisations {
        tx.upsert_organisation(organisation, Some("110105"), None).await.unwrap();
    }
    tx.find_or_insert_holders(holders).await.unwrap();
    tx.insert_certificates(certificates.to_vec()).await.unwrap();
    tx.commit().await.unwrap();
}

/// Which rule a refused change broke.
pub fn conflict<T: std::fmt::Debug>(answer: Result<T, Error>) -> &'static str {
    match answer {
        Err(Error::Conflict(rule)) => rule,
        other => panic!("no conflict: {other:?}"),
    }
}

/// Which table and row a refused read found damaged.
pub fn corrupt<T: std::fmt::Debug>(answer: Result<T, Error>) -> &'static str {
    match answer {
        Err(Error::Corrupt { table, .. }) => table,
        other => panic!("not noticed: {other:?}"),
    }
}

/// A further organisation, registered in bulk.
pub fn registered(n: u32) -> RegisteredOrganisation {
    RegisteredOrganisation { organisation: testkit::organisation(n), region: None, industry: None }
}

use crate::suite::register;
use domain::{certificate::Certificate, lifecycle::log_leaf};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{LogFault, LogReport};
use testkit::TestStore;
use tlog::{Hash, HashReader, tree_hash};

/// The store's hashes, fetched beforehand.
struct Hashes(Vec<Hash>);

impl HashReader for Hashes {
    fn read_hashes(&self, positions: &[u64]) -> Result<Vec<Hash>, tlog::Error> {
        Ok(positions.iter().map(|position| self.0[*position as usize]).collect())
    }
}

async fn hashes(db: &TestStore, size: u64) -> Hashes {
    let positions: Vec<u64> = (0..tlog::stored_hash_count(size)).collect();
    Hashes(db.log_hashes(&positions).await.unwrap())
}

fn leaf(n: u64) -> Vec<u8> {
    format!("event {n}").into_bytes()
}

/// The root by the definition in RFC 6962 section 2.1.
fn naive_root(leaves: &[Vec<u8>]) -> Hash {
    match leaves {
        [one] => tlog::leaf_hash(one),
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            let (left, right) = (naive_root(&leaves[..split]), naive_root(&leaves[split..]));
            let node = Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0);
            Hash(node.finalize().into())
        }
    }
}

pub async fn leaves_and_proofs(db: Arc<TestStore>) {
    assert_eq!(db.log_size().await.unwrap(), 0);
    let mut appended = Vec::new();
    // One at a time and in batches, over several powers of two.
    for batch in [1, 1, 3, 1, 10, 2, 40, 7] {
        let leaves: Vec<_> = (0..batch).map(|n| leaf(appended.len() as u64 + n)).collect();
        let tx = db.begin().await.unwrap();
        let first = match &leaves[..] {
            [one] => tx.append_log_leaf(one).await.unwrap(),
            many => tx.append_log_leaves(many.to_vec()).await.unwrap(),
        };
        tx.commit().await.unwrap();
        assert_eq!(first, appended.len() as u64);
        appended.extend(leaves);
    }
    let size = db.log_size().await.unwrap();
    assert_eq!(size, appended.len() as u64);
    let hashes = hashes(&db, size).await;
    let root = tree_hash(size, &hashes).unwrap();
    assert!(root == naive_root(&appended));
    let proof = tlog::prove_inclusion(size, 17, &hashes).unwrap();
    tlog::check_inclusion(&proof, size, root, 17, tlog::leaf_hash(&leaf(17))).unwrap();

    // More than one statement carries.
    let many: Vec<_> = (0..2_500).map(|n| leaf(appended.len() as u64 + n)).collect();
    let tx = db.begin().await.unwrap();
    tx.append_log_leaves(many.clone()).await.unwrap();
    tx.commit().await.unwrap();
    appended.extend(many);
    let size = appended.len() as u64;
    let hashes = self::hashes(&db, size).await;
    assert!(tree_hash(size, &hashes).unwrap() == naive_root(&appended));

    let absent = db.log_hashes(&[10_000]).await;
    assert_eq!(crate::suite::corrupt(absent), "log_hash");
    assert!(db.raw("DELETE FROM log_hash WHERE position = 0").await.is_err(), "the log is append-only");
}

pub async fn concurrent_appends_take_turns(db: Arc<TestStore>) {
    let appends: Vec<_> = (0..12u64)
        .map(|n| {
            let db = db.clone();
            tokio::spawn(async move {
                let tx = db.begin().await.unwrap();
                let index = tx.append_log_leaf(&leaf(n)).await.unwrap();
                // Every third change is undone, and its leaf with it.
                if n % 3 == 0 {
                    tx.rollback().await.unwrap();
                    return None;
                }
                tx.commit().await.unwrap();
                Some((index, n))
            })
        })
        .collect();
    let mut kept = Vec::new();
    for append in appends {
        kept.extend(append.await.unwrap());
    }
    kept.sort_unstable();
    assert_eq!(kept.iter().map(|(index, _)| *index).collect::<Vec<_>>(), (0..8).collect::<Vec<_>>());
    let leaves: Vec<_> = kept.iter().map(|(_, n)| leaf(*n)).collect();
    assert!(tree_hash(8, &hashes(&db, 8).await).unwrap() == naive_root(&leaves));
}

/// A certificate with a leaf for each of its events.
async fn register_with_leaves(db: &TestStore, certificate: &Certificate) {
    register(db, std::slice::from_ref(certificate)).await;
    let leaf = |event| log_leaf(certificate.id, certificate.version, event);
    let tx = db.begin().await.unwrap();
    tx.append_log_leaves(certificate.events.iter().map(leaf).collect()).await.unwrap();
    tx.commit().await.unwrap();
}

pub async fn the_log_and_the_records_it_tells_of_are_compared(db: Arc<TestStore>) {
    assert_eq!(db.check_log(&BTreeMap::new()).await.unwrap(), LogReport::default());
    let one = testkit::certificate(1);
    register_with_leaves(&db, &one).await;
    let (size, root) = db.log_head().await.unwrap();
    let leaves = one.events.len() as u64;
    assert_eq!((size, root), (leaves, db.recompute_log().await.unwrap().1));
    register_with_leaves(&db, &testkit::certificate(2)).await;
    let heads = BTreeMap::from([(size, vec![root])]);
    let sound = LogReport { leaves: 2 * leaves, records: 2, faults: Vec::new() };
    assert_eq!(db.check_log(&heads).await.unwrap(), sound);

    let wrong = BTreeMap::from([(size, vec![root, tlog::EMPTY_HASH]), (50, vec![root])]);
    let faults = db.check_log(&wrong).await.unwrap().faults;
    assert_eq!(faults, [LogFault::Rewritten { size }, LogFault::Truncated { size: 50 }]);

    let tx = db.begin().await.unwrap();
    assert_eq!(tx.append_log_leaf(b"of nothing").await.unwrap(), 2 * leaves);
    tx.commit().await.unwrap();
    let unlogged = testkit::certificate(3);
    register(&db, std::slice::from_ref(&unlogged)).await;
    let faults = db.check_log(&heads).await.unwrap().faults;
    let certificate = unlogged.id;
    assert_eq!(faults, [LogFault::NotLogged { certificate }, LogFault::Unexplained { leaf: 2 * leaves }]);

    assert_eq!(db.raw("UPDATE certificate SET version = 0").await.unwrap(), 3);
    let faults = db.check_log(&heads).await.unwrap().faults;
    let older = faults.iter().filter(|fault| matches!(fault, LogFault::RolledBack { newer: 1, .. }));
    assert_eq!(older.count(), 3);
}
